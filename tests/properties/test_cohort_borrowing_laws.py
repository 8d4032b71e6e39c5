"""Laws of borrowing by counts: order does not matter, equal cohorts get equal numbers, limits are the two ends."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from kohort.cohort.borrowing import exchangeability, local_mem, mem, pairs
from kohort.cohort.borrowing.beta_tail import tail_exceeds, upper_tail
from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.local_mem import LocalMEM
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.mixture import BetaMixture
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.monotonicity import monotonicity_violations
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.power_prior import GlobalWeight, PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.borrowing.similarity import CPP, JSD, MML, Cells, Similarity

Data = tuple[list[int], list[int]]

MODELS: tuple[BorrowingModel, ...] = (
    Separate(p0=0.15),
    Pooled(p0=0.15),
    MEM(p0=0.15),
    MEM(p0=0.15, prior=0.1, shape=(1, 2)),
    LocalMEM(p0=0.15),
    LocalMEM(p0=0.15, shape=(1, 1), delta=0),
    PowerPrior(p0=0.15),
    PowerPrior(p0=0.15, weights=JSD(epsilon=2, tau=0.2), prune=0.9),
    PowerPrior(p0=0.15, weights=MML(), global_weight=GlobalWeight(epsilon=1.5)),
    Fujikawa(p0=0.15, epsilon=2, tau=0),
)
EACH = pytest.mark.parametrize("model", MODELS, ids=str)


@dataclass(frozen=True)
class Constant(Similarity):
    """The same weight for every pair."""

    value: float

    def between(self, cells: Cells, first: IntArray, second: IntArray) -> FloatArray:
        return np.full(len(first), self.value)


@st.composite
def trials(draw: st.DrawFn, most: int = 5) -> Data:
    """Responders and patients of one to five cohorts, some of them empty."""
    n = draw(st.lists(st.integers(0, 30), min_size=1, max_size=most))
    return [draw(st.integers(0, size)) for size in n], n


@EACH
@settings(max_examples=25, deadline=None)
@given(data=trials(), seed=st.integers(0, 9999))
def test_permuting_cohorts_permutes_results(model: BorrowingModel, data: Data, seed: int):
    """The order in which cohorts are written down is no information."""
    order = np.random.default_rng(seed).permutation(len(data[0]))
    r, n = np.array(data[0]), np.array(data[1])
    plain, permuted = model.fit(r, n), model.fit(r[order], n[order])
    assert permuted.prob_greater() == pytest.approx(plain.prob_greater()[order], abs=1e-12)
    assert permuted.mean == pytest.approx(plain.mean[order], abs=1e-12)
    if plain.weights is not None and permuted.weights is not None:
        assert permuted.weights == pytest.approx(plain.weights[np.ix_(order, order)], abs=1e-12)


@EACH
@settings(max_examples=25, deadline=None)
@given(data=trials(most=4), copied=st.integers(0, 3))
def test_equal_cohorts_get_equal_numbers(model: BorrowingModel, data: Data, copied: int):
    """Two cohorts with the same counts and settings have the same posterior."""
    place = copied % len(data[0])
    posterior = model.fit([*data[0], data[0][place]], [*data[1], data[1][place]])
    assert posterior.prob_greater()[-1] == pytest.approx(posterior.prob_greater()[place], abs=1e-12)
    assert posterior.mean[-1] == pytest.approx(posterior.mean[place], abs=1e-12)
    assert posterior.effective_sample_size[-1] == pytest.approx(posterior.effective_sample_size[place], rel=1e-12)


@EACH
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_many_data_sets_at_once_are_as_one_by_one(model: BorrowingModel, data: st.DataObject):
    """prob_greater, mean and exceeds of a batch, with sizes of their own, against fit."""
    cohorts = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(st.integers(0, 24), min_size=cohorts, max_size=cohorts), min_size=1, max_size=4))
    n = np.array(rows)
    r = np.array([[data.draw(st.integers(0, size)) for size in row] for row in rows])
    fits = [model.fit(row, sizes) for row, sizes in zip(r, n, strict=True)]
    for p in (None, 0.4):
        alone = np.array([fit.prob_greater(p) for fit in fits])
        assert model.prob_greater(r, n, p) == pytest.approx(alone, abs=1e-12)
    assert model.mean(r, n) == pytest.approx(np.array([fit.mean for fit in fits]), abs=1e-12)
    assert (model.exceeds(r, n, 0.9123) == (model.prob_greater(r, n) > 0.9123)).all()


@EACH
@settings(max_examples=15, deadline=None)
@given(data=trials(), probability=st.floats(0.001, 0.999))
def test_quantiles_invert_probabilities(model: BorrowingModel, data: Data, probability: float):
    """The probability below a quantile is the one asked for; tails sum to 1; weights are shares, 1 for oneself."""
    posterior = model.fit(*data)
    quantiles = posterior.quantile(probability)
    for rate, quantile in zip(posterior.rates, quantiles, strict=True):
        assert rate.below(quantile) == pytest.approx(probability, abs=1e-9)
        assert (rate.below(0), rate.below(1)) == (0, 1)
    assert posterior.weights is not None
    assert (np.diag(posterior.weights) == 1).all()
    assert ((posterior.weights >= 0) & (posterior.weights <= 1 + 1e-12)).all()


@settings(max_examples=40, deadline=None)
@given(data=trials())
def test_weights_of_nothing_and_everything_are_the_two_ends(data: Data):
    """Power prior: weight 0 is Separate, weight 1 Pooled. MEM: prior 0 and prior 1, with its shape."""
    ends: tuple[tuple[BorrowingModel, BorrowingModel], ...] = (
        (PowerPrior(p0=0.15, weights=Constant(0.0)), Separate(p0=0.15)),
        (PowerPrior(p0=0.15, weights=Constant(1.0)), Pooled(p0=0.15)),
        (PowerPrior(p0=0.15, global_weight=GlobalWeight(0, 0)), Separate(p0=0.15)),
        (Fujikawa(p0=0.15, tau=1), Separate(p0=0.15)),
        (MEM(p0=0.15, prior=0.0), Separate(p0=0.15, shape=(0.5, 0.5))),
        (MEM(p0=0.15, prior=1.0), Pooled(p0=0.15, shape=(0.5, 0.5))),
        (LocalMEM(p0=0.15, delta=300.0), Separate(p0=0.15, shape=(0.5, 0.5))),
    )
    for model, end in ends[:-1] if len(data[0]) == 1 else ends:
        assert model.fit(*data).prob_greater() == pytest.approx(end.fit(*data).prob_greater(), abs=1e-12)
        assert model.fit(*data).mean == pytest.approx(end.fit(*data).mean, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(data=trials(most=4), prior=st.lists(st.floats(0, 1), min_size=6, max_size=6), shape=st.floats(0.2, 3))
def test_mem_equals_the_list_of_all_its_models(data: Data, prior: list[float], shape: float):
    """Marginals by messages along the rows, against every matrix by the definition."""
    r, n = np.array(data[0]), np.array(data[1])
    places = list(itertools.combinations(range(len(r)), 2))
    matrix = np.eye(len(r))
    for (i, j), p in zip(places, prior, strict=False):
        matrix[i, j] = matrix[j, i] = p
    alone = betaln(shape + r, 1 + n - r) - betaln(shape, 1)
    total, shared = -np.inf, np.full((len(r), len(r)), -np.inf)
    for bits in itertools.product((0, 1), repeat=len(places)):
        model = np.eye(len(r))
        for (i, j), bit in zip(places, bits, strict=True):
            model[i, j] = model[j, i] = bit
        chance = np.prod([matrix[i, j] if bit else 1 - matrix[i, j] for (i, j), bit in zip(places, bits, strict=True)])
        rows = betaln(shape + model @ r, 1 + model @ (n - r)) - betaln(shape, 1) + (1 - model) @ alone
        weight = rows.sum() + (np.log(chance) if chance > 0 else -np.inf)
        total = np.logaddexp(total, weight)
        shared = np.where(model == 1, np.logaddexp(shared, weight), shared)
    found = MEM(p0=0.2, prior=tuple(map(tuple, matrix.tolist())), shape=(shape, 1)).fit(r, n)
    assert found.exchangeability == pytest.approx(np.exp(shared - total), abs=1e-11)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.02, 0.95), st.floats(0.01, 0.9999), st.booleans())
def test_decisions_by_monotonicity_are_those_of_every_probability(seed: int, p: float, cutoff: float, strict: bool):
    """10,000 Beta distributions, whole and broken shapes, also many alike."""
    chance = np.random.default_rng(seed)
    size = chance.uniform(0.1, 120)
    a, b = 0.05 + chance.uniform(0, size, 10_000), 0.05 + chance.uniform(0, size * chance.uniform(0, 3), 10_000)
    a[:3000], b[:5000] = np.round(a[:3000]) + 1, np.round(b[:5000]) + 1
    expected = upper_tail(a, b, p) > cutoff if strict else upper_tail(a, b, p) >= cutoff
    assert (tail_exceeds(a, b, p, cutoff, strict=strict) == expected).all()


@pytest.mark.parametrize("measure", [CPP(), JSD(tau=0.1), MML()], ids=str)
def test_looking_weights_up_is_as_computing_them_pair_by_pair(measure: Similarity, monkeypatch: pytest.MonkeyPatch):
    """With too many distinct results for a table only the pairs that occur are computed."""
    chance = np.random.default_rng(1)
    n = chance.integers(0, 40, (60, 4))
    r = chance.integers(0, n + 1)
    model = PowerPrior(p0=0.2, weights=measure, prune=0.8)
    expected = model.mean(r, n)
    monkeypatch.setattr(pairs, "LARGEST_TABLE", 0)
    assert model.mean(r, n) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("model", [MEM(p0=0.2), LocalMEM(p0=0.2)], ids=str)
def test_data_sets_are_the_same_in_pieces(model: BorrowingModel, monkeypatch: pytest.MonkeyPatch):
    """What does not fit in memory at once is computed in pieces."""
    r = np.random.default_rng(2).integers(0, 11, (50, 4))
    expected = model.prob_greater(r, [10] * 4)
    monkeypatch.setattr(mem, "VALUES_AT_ONCE", 7 * exchangeability.largest_table(4))
    monkeypatch.setattr(local_mem, "VALUES_AT_ONCE", 7 * 15)
    assert model.prob_greater(r, [10] * 4) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("model", [each for each in MODELS if each.is_monotone], ids=str)
def test_models_that_say_they_are_monotone_are(model: BorrowingModel):
    """No violation over all outcomes of unequal cohorts."""
    assert not monotonicity_violations(model, [7, 5, 7])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.05, 60), st.floats(0.05, 60)), min_size=1, max_size=5),
    st.floats(0, 1),
)
def test_a_mixture_has_the_moments_and_quantiles_of_its_components(
    components: list[tuple[float, float, float]], probability: float
):
    """Mean and variance by the law of total variance; quantiles by their definition, to 1e-12 in the rate."""
    weights, a, b = np.array(components).T
    mixture = BetaMixture(weights / weights.sum(), a, b)
    weights = weights / weights.sum()
    first, second = a / (a + b), a * (a + 1) / ((a + b) * (a + b + 1))
    assert mixture.mean == pytest.approx(weights @ first, abs=1e-14)
    assert mixture.variance == pytest.approx(weights @ second - (weights @ first) ** 2, abs=1e-13)
    quantile = mixture.quantile(probability)
    assert mixture.below(quantile - 1e-12) <= probability + 1e-9
    assert mixture.below(quantile + 1e-12) >= probability - 1e-9
