"""Laws of operating characteristics, against sums over every path of every cohort and against simulation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.exnex import EXNEX
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.characteristics import exact
from kohort.cohort.characteristics.multisets import Kind, halve, multisets, number_of_multisets
from kohort.cohort.characteristics.operating import operating_characteristics, setting_of
from kohort.cohort.characteristics.plans import Plan, plans_of
from kohort.cohort.characteristics.posteriors import ModelPosteriors, Remembered
from kohort.cohort.characteristics.readings import cut_off
from kohort.cohort.characteristics.result import Characteristics
from kohort.cohort.characteristics.space import Space
from kohort.cohort.characteristics.tabled import TabledPosteriors
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.rules.conditions import Boundary, Evidence, MeanAbove, Probability
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import IntegrityError

SMALL = (TwoStageDesign(0, 3, 2, 6, 0.2, 0.4), TwoStageDesign(0, 2, 1, 4, 0.2, 0.4))
FINAL = Boundary(go=(Probability(above=0.8), MeanAbove(0.25)), no_go=(Probability(below=0.5),))
LOOK = Boundary(go=(Probability(above=0.95),), no_go=(Probability(below=0.35),))
MODELS: tuple[BorrowingModel, ...] = (PowerPrior(0.2), MEM(0.2), EXNEX(0.2))

rates = st.lists(st.sampled_from((0.1, 0.2, 0.35, 0.6)), min_size=3, max_size=3)
mixed_designs = st.lists(st.sampled_from((*SMALL, 3)), min_size=3, max_size=3)


def pmf(count: int, n: int, p: float) -> float:
    return math.comb(n, count) * p**count * (1 - p) ** (n - count)


def evidence(model: BorrowingModel, responders: np.ndarray, n: np.ndarray) -> Evidence:
    return Evidence(
        responders, n, lambda rate: model.prob_greater(responders, n, rate), lambda: model.mean(responders, n)
    )


def by_paths(
    model: BorrowingModel, plans: Sequence[Plan], look: Boundary | None, truth: Sequence[float]
) -> dict[str, np.ndarray | float]:
    """The definition: every stage 1 count of every cohort, the look, every stage 2 count, the end."""
    n1, n = (np.array([getattr(plan, name) for plan in plans]) for name in ("n1", "n"))
    paths: list[tuple[float, tuple[int, ...], np.ndarray, np.ndarray, np.ndarray]] = []
    firsts = np.array(list(itertools.product(*(range(size + 1) for size in n1))))
    seen = evidence(model, firsts, np.broadcast_to(n1, firsts.shape))
    stops = firsts <= np.array([plan.r1 for plan in plans])
    goes = np.zeros_like(stops)
    if look is not None:
        two_stages = n1 > 0
        goes, stops = look.goes(seen) & two_stages, look.stops(seen) & two_stages
    for first, go, stop in zip(firsts, goes, stops, strict=True):
        on = ~(go | stop)
        start = math.prod(pmf(x, size, p) for x, size, p in zip(first.tolist(), n1.tolist(), truth, strict=True))
        for more in itertools.product(*(range((b - a) * int(c) + 1) for a, b, c in zip(n1, n, on, strict=True))):
            rest = (pmf(x, (b - a) * c, p) for x, a, b, c, p in zip(more, n1, n, on.astype(int), truth, strict=True))
            paths.append((start * math.prod(rest), tuple(first + np.array(more)), np.where(on, n, n1), go, stop))
    chance = np.array([path[0] for path in paths])
    size = np.array([path[2] for path in paths])
    end = evidence(model, np.array([path[1] for path in paths]), size)
    early_go, early_stop = (np.array([path[at] for path in paths]) for at in (3, 4))
    ended = ~(early_go | early_stop)
    go = early_go | (ended & FINAL.goes(end))
    no_go = early_stop | (ended & FINAL.stops(end))
    active = np.array(truth) > 0.2
    inside = np.stack([model.prob_greater(end.responders, size, p)[:, j] for j, p in enumerate(truth)], axis=1)
    return {
        "go": chance @ go,
        "no_go": chance @ no_go,
        "consider": chance @ ~(go | no_go),
        "early_stop": chance @ early_stop,
        "early_go": chance @ early_go,
        "expected_n": chance @ size,
        "bias": chance @ end.mean() - truth,
        "mse": chance @ (end.mean() - truth) ** 2,
        "coverage": chance @ ((inside >= 0.1) & (inside <= 0.9)),
        "fwer": float(chance @ (go & ~active).any(axis=1)),
        "ewp": float(chance @ (go & active).any(axis=1)),
        "ecd": float(chance @ (go == active).sum(axis=1)),
        "expected_total_n": float((chance @ size).sum()),
    }


def agrees(found: Characteristics, expected: dict[str, np.ndarray | float], within: float) -> None:
    for name, value in expected.items():
        np.testing.assert_allclose(found.measure(name).value[0, 0], value, atol=within, err_msg=name)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(MODELS), mixed_designs, rates)
def test_multisets_give_what_the_sum_over_all_paths_gives(
    model: BorrowingModel, designs: list[TwoStageDesign | int], truth: list[float]
):
    """Cohorts stop by their own r1; any mixture of designs and rates, monotone models and others."""
    found = operating_characteristics(model, designs, FINAL, truth, "exact", level=0.8)
    agrees(found, by_paths(model, plans_of(designs, 3), None, truth), 1e-9)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(MODELS), st.lists(st.sampled_from(SMALL), min_size=3, max_size=3), rates)
def test_a_look_that_borrows_gives_what_the_sum_over_all_paths_gives(
    model: BorrowingModel, designs: list[TwoStageDesign | int], truth: list[float]
):
    """Stops and early goes depend on the stage 1 data of all cohorts."""
    rule = {"look": DecisionRule("look", SMALL[0], FINAL, LOOK, model)}
    found = operating_characteristics(model, designs, rule, truth, "exact", level=0.8)
    agrees(found, by_paths(model, plans_of(designs, 3), LOOK, truth), 1e-9)


@pytest.mark.parametrize("model", [PowerPrior(0.2), EXNEX(0.2)], ids=["power prior", "EXNEX"])
@pytest.mark.parametrize("look", [None, LOOK], ids=["own stop", "borrowed look"])
def test_simulation_lies_within_four_standard_errors_of_the_exact_numbers(model: BorrowingModel, look: Boundary | None):
    """All measures, interchangeable cohorts with equal and unequal rates."""
    rule = {"rule": DecisionRule("rule", SMALL[0], FINAL, look, model), "other": cut_off(0.9)}
    truths = [[0.2, 0.2, 0.2, 0.2], [0.1, 0.2, 0.4, 0.6]]
    exact = operating_characteristics(model, SMALL[0], rule, truths, "exact")
    drawn = operating_characteristics(model, SMALL[0], rule, truths, "simulate", trials=4000, seed=5)
    assert (exact.method, drawn.method) == ("exact", "simulate")
    for name in (*exact.by_cohort, *exact.family):
        known, seen = exact.measure(name).value, drawn.measure(name)
        assert np.all(np.abs(seen.value - known) <= 4 * seen.error + 1e-12), name


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(MODELS), mixed_designs, rates, st.permutations(range(3)))
def test_permuting_cohorts_permutes_results(
    model: BorrowingModel, designs: list[TwoStageDesign | int], truth: list[float], order: list[int]
):
    """No cohort has a place of its own."""
    found = operating_characteristics(model, designs, 0.8, truth)
    moved = operating_characteristics(model, [designs[j] for j in order], 0.8, [truth[j] for j in order])
    for name in found.by_cohort:
        np.testing.assert_allclose(
            moved.measure(name).value[..., :], found.measure(name).value[..., order], atol=1e-12, err_msg=name
        )
    for name in found.family:
        np.testing.assert_allclose(moved.measure(name).value, found.measure(name).value, atol=1e-12, err_msg=name)


@settings(max_examples=20, deadline=None)
@given(rates, st.lists(st.floats(0.05, 0.99), min_size=2, max_size=5, unique=True))
def test_a_higher_cut_off_is_never_easier(truth: list[float], cutoffs: list[float]):
    """P(go), the family-wise error and the power of any cohort fall as the cut-off rises."""
    found = operating_characteristics(PowerPrior(0.2), 6, sorted(cutoffs), truth, level=None)
    for values in (found.go, found.fwer, found.ewp):
        assert np.all(np.diff(values, axis=1) <= 1e-14)


@settings(max_examples=15, deadline=None)
@given(rates)
def test_equal_cohorts_get_equal_numbers(truth: list[float]):
    """To 1e-12: same design, same rate."""
    found = operating_characteristics(EXNEX(0.2), 6, 0.8, truth)
    for first, second in itertools.combinations(range(3), 2):
        if truth[first] == truth[second]:
            for measure in found.by_cohort.values():
                assert measure.value[0, 0, first] == pytest.approx(measure.value[0, 0, second], abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 4))
def test_multisets_are_all_rows_that_ascend(states: int, size: int):
    """In colexicographic order: the last element decides first."""
    rows = [tuple(row) for row in multisets(states, size).tolist()]
    wanted = itertools.combinations_with_replacement(range(states), size)
    assert rows == sorted(wanted, key=lambda row: row[::-1])
    assert len(rows) == number_of_multisets(states, size)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=3), st.integers(1, 50))
def test_blocks_hold_every_sorted_outcome_once(kinds: list[tuple[int, int]], size: int):
    """However the positions are cut in two and the blocks are batched; ranks number them without gaps."""
    first = np.cumsum([0, *(count for count, _ in kinds)])
    made = [
        Kind(tuple(range(start, start + count)), states)
        for start, (count, states) in zip(first.tolist(), kinds, strict=False)
    ]
    halves = halve(made)
    rows, ranks = [], []
    for batch in halves.batches(size):
        rows += [tuple(row) for row in halves.states(batch, int(first[-1])).tolist()]
        for block in batch:
            ranks += (halves.left.rank[block.left, None] + halves.right.rank[None, block.right]).ravel().tolist()
    assert len(set(rows)) == len(rows) == halves.outcomes
    assert sorted(ranks) == list(range(halves.outcomes))
    for kind in made:
        assert all(row[a] <= row[b] for row in rows for a, b in itertools.pairwise(kind.cohorts))


@pytest.mark.parametrize("model", [BHM(0.1), EXNEX(0.1, weight=(0.5, 0.5, 0.5, 0.8))], ids=["BHM", "EXNEX"])
def test_tables_give_what_the_model_gives_data_set_by_data_set(model: BHM | EXNEX):
    """P(p > p0), P(p > another rate) and means of all outcomes by matrix products; two kinds of cohorts."""
    setting = setting_of(model, EIGHT_PLUS_SIXTEEN, 0.9, [0.1] * 4)
    space = setting.space([0])
    tabled, plain = TabledPosteriors(model, space, 0.0), ModelPosteriors(model, 0.0)
    batch = next(iter(space.batches(5000)))
    for rate in (None, 0.25):
        np.testing.assert_allclose(tabled.prob_greater(batch, rate), plain.prob_greater(batch, rate), atol=1e-11)
    np.testing.assert_allclose(tabled.mean(batch), plain.mean(batch), atol=1e-11)
    assert (tabled.exceeds(batch, None, 0.9) == (tabled.prob_greater(batch, None) > 0.9)).all()


def test_the_size_of_batches_does_not_matter(monkeypatch: pytest.MonkeyPatch):
    """Outcomes are looked at in batches; what is prepared for one is found again in the next."""
    truths = [[0.1, 0.1, 0.3, 0.3], [0.2] * 4]
    whole = operating_characteristics(EXNEX(0.2), 6, [0.8, 0.9], truths)
    monkeypatch.setattr(exact, "BATCH", 40)
    parts = operating_characteristics(EXNEX(0.2), 6, [0.8, 0.9], truths)
    for name in (*whole.by_cohort, *whole.family):
        np.testing.assert_allclose(parts.measure(name).value, whole.measure(name).value, atol=1e-12, err_msg=name)


def test_probabilities_that_find_no_room_are_computed_again():
    """Remembered or not, the same numbers; what a model lost of the outcomes' probability is noticed."""
    setting = setting_of(PowerPrior(0.2), 5, 0.9, [0.2] * 3)
    space = setting.space([0])
    batch = next(iter(space.batches(100)))
    plain = ModelPosteriors(setting.model, 0.0)
    for room in (0, 1000):
        remembered = Remembered(plain, room)
        first, again = (remembered.prob_greater(batch, None) for _ in range(2))
        assert (first is again) == (room > 0)
        assert (first == again).all()
    lost = Space(space.states, space.halves, np.full(space.halves.outcomes, 0.5))
    with pytest.raises(IntegrityError, match="The outcomes have probability"):
        exact.enumerated(setting.question([0], None), lost, plain)


def test_marginals_of_all_outcomes_sum_to_one():
    """The tables of a hierarchical model hold the probability of every outcome."""
    counts = list(range(13))
    tables = EXNEX(0.1).tables([counts] * 3, [[12] * 13] * 3)
    product = np.exp(tables.log_weights)
    for log_likelihood in tables.log_likelihood:
        product = product * np.exp(log_likelihood).sum(axis=0)
    assert product.sum() == pytest.approx(1, abs=1e-6)
