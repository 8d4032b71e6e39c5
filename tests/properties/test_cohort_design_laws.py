"""Laws of two-stage designs, against exact fractions and slow readable references."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort import TwoStageDesign, Verdict, simon_two_stage
from kohort.errors import StatisticsError
from tests.properties.cohort_strategies import designs, rates

RANK = {Verdict.STOP: 0, Verdict.NEGATIVE: 0, Verdict.TOO_EARLY: 1, Verdict.GO_ON: 2, Verdict.POSITIVE: 2}


def by_paths(design: TwoStageDesign, p: Fraction) -> Fraction:
    """P(positive) straight from the definition: stage 1 count, then stage 2 count."""
    return sum(
        (
            comb(design.n1, x1) * comb(design.n2, x2) * p ** (x1 + x2) * (1 - p) ** (design.n - x1 - x2)
            for x1 in range(design.r1 + 1, design.n1 + 1)
            for x2 in range(design.n2 + 1)
            if x1 + x2 > design.r
        ),
        start=Fraction(0),
    )


@settings(max_examples=40, deadline=None)
@given(designs(largest=20), rates)
def test_error_rates_are_the_sum_over_all_paths(design: TwoStageDesign, p: Fraction):
    """Exact fractions equal the definition, floats equal the fractions."""
    exact = by_paths(design, p)
    assert design.operating_characteristics(p).success == exact
    assert design.operating_characteristics(float(p)).success == pytest.approx(float(exact), abs=1e-13)


@settings(max_examples=200, deadline=None)
@given(designs(), st.data())
def test_decisions_are_monotone_in_the_responders(design: TwoStageDesign, data: st.DataObject):
    """One more responder never makes a decision worse; the worst case never beats the best."""
    evaluable = data.draw(st.integers(1, design.n + 5))
    responders = data.draw(st.integers(0, evaluable - 1))
    pending = data.draw(st.integers(0, 4))
    decide = design.decide_final if evaluable >= design.n else design.decide_interim
    try:
        fewer, more = (decide(responders + extra, evaluable, pending) for extra in (0, 1))
    except StatisticsError:  # no threshold holds alpha for sizes that small
        return
    assert RANK[fewer.verdict] <= RANK[more.verdict]
    assert RANK[fewer.worst] <= RANK[fewer.best]
    if pending == 0:
        assert fewer.is_certain


@settings(max_examples=200, deadline=None)
@given(designs(), st.data())
def test_an_early_answer_is_never_contradicted(design: TwoStageDesign, data: st.DataObject):
    """What is positive or negative before n stays so, whoever follows."""
    evaluable = data.draw(st.integers(0, design.n))
    responders = data.draw(st.integers(0, evaluable))
    verdict = design.decide_final(responders, evaluable).verdict
    ends = {design.decide_final(responders + more, design.n).verdict for more in range(design.n - evaluable + 1)}
    if verdict == Verdict.TOO_EARLY:
        assert ends == {Verdict.POSITIVE, Verdict.NEGATIVE}
    else:
        assert ends == {verdict}


def every_design(p0: float, p1: float, alpha: float, beta: float, n_max: int) -> list[TwoStageDesign]:
    """All designs that meet both error rates, one by one: slow and plain."""
    met = []
    for n in range(2, n_max + 1):
        for n1 in range(1, n):
            for r1 in range(n1):
                for r in range(n - 1, r1 - 1, -1):
                    design = TwoStageDesign(r1, n1, r, n, p0, p1)
                    if design.alpha > alpha + 1e-12:
                        break
                    if design.power >= 1 - beta - 1e-12:
                        met.append(design)
    return met


@pytest.mark.parametrize(
    "question",
    [
        (0.1, 0.3, 0.078, 0.15, 32),
        (0.1, 0.5, 0.1, 0.1, 16),
        (0.05, 0.4, 0.05, 0.2, 14),
        (0.3, 0.8, 0.05, 0.1, 14),
        (0.5, 0.9, 0.1, 0.2, 14),
        (0.02, 0.4, 0.2, 0.2, 8),
        (0.6, 0.95, 0.3, 0.3, 8),
    ],
)
def test_the_search_finds_what_trying_everything_finds(
    question: tuple[float, float, float, float, int],
):
    """Minimax, optimal, and the best design for every weight on a fine grid."""
    p0, n_max = question[0], question[4]
    everything = every_design(*question)
    found = simon_two_stage(*question[:4], n_max=n_max)
    assert set(found) <= set(everything)
    assert found[0].n == min(design.n for design in everything)
    assert found[-1].expected_n(p0) == pytest.approx(min(d.expected_n(p0) for d in everything), abs=1e-12)
    for step in range(1, 400):
        q = step / 400
        cost = {design: q * design.n + (1 - q) * design.expected_n(p0) for design in everything}
        mine = next(d for d in found if d.q_range is not None and d.q_range[0] <= q <= d.q_range[1])
        assert cost[mine] == pytest.approx(min(cost.values()), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.6), st.floats(0.1, 0.35), st.floats(0.02, 0.3), st.floats(0.05, 0.3))
def test_found_designs_meet_their_limits_and_their_weights_fill_zero_to_one(
    p0: float, gain: float, alpha: float, beta: float
):
    """For any question: limits met, n rising, EN falling, q-ranges side by side."""
    try:
        found = simon_two_stage(p0, p0 + gain, alpha, beta, n_max=120)
    except StatisticsError:
        return
    assert all(d.alpha <= alpha + 1e-11 and d.power >= 1 - beta - 1e-11 for d in found)
    ranges = [d.q_range for d in found if d.q_range is not None]
    assert (ranges[0][1], ranges[-1][0]) == (1, 0)
    for (left, right), (wide, narrow) in zip(itertools.pairwise(found), itertools.pairwise(ranges), strict=True):
        assert left.n < right.n
        assert left.expected_n(p0) > right.expected_n(p0)
        assert wide[0] == narrow[1]
