"""Boundaries that stop a cohort for toxicity.

Pocock-type: stop if P(Bin(n, p0) >= x) <= a at any look, with the largest a whose chance to cross at the tolerated
rate p0 is within its limit (Ivanova A, Qaqish BF, Schell MJ. Biometrics 2005;61:540-545). Bayesian: stop if
P(p > p0 | x, n) > cutoff (Geller NL et al. 2003).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import comb

import pytest

from kohort.cohort.designs.toxicity import ToxicityBoundary, bayesian_toxicity_boundary, toxicity_boundary
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

TWENTY = toxicity_boundary(p0=0.2, alpha=0.05, looks=range(1, 21))


def tail(x: int, n: int, p: Fraction) -> Fraction:
    return sum((comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(x, n + 1)), start=Fraction(0))


def crossing(stops: Sequence[int], p: Fraction) -> Fraction:
    """Chance that the events among n = 1, 2, ... patients ever reach ``stops``, patient by patient."""
    running, crossed = {0: Fraction(1)}, Fraction(0)
    for limit in stops:
        after: dict[int, Fraction] = {}
        for x, chance in running.items():
            for more, weight in ((0, 1 - p), (1, p)):
                after[x + more] = after.get(x + more, Fraction(0)) + chance * weight
        crossed += sum(chance for x, chance in after.items() if x >= limit)
        running = {x: chance for x, chance in after.items() if x < limit}
    return crossed


def test_the_boundary_for_20_patients_at_20_percent():
    """Stop with 3 of 3, 4 of 6, 5 of 9, 6 of 12, 7 of 15, 8 of 18, 9 of 20; the last tolerated count is stored."""
    assert str(TWENTY) == (
        "2/3, 3/4-6, 4/7-9, 5/10-12, 6/13-15, 7/16-18, 8/19-20 (stop with >= 3 of 3, >= 4 of 4-6, >= 5 of 7-9, "
        ">= 6 of 10-12, >= 7 of 13-15, >= 8 of 16-18, >= 9 of 19-20)"
    )
    assert TWENTY.tolerated[:4] == (1, 2, 2, 3)  # nobody is stopped after one or two patients


def test_the_chance_to_cross_is_exact_at_every_rate():
    """Patient by patient in fractions: .0484 at 20 percent, .5517 at 40."""
    stops = [count + 1 for count in TWENTY.tolerated]
    for p in (Fraction(1, 5), Fraction(2, 5)):
        assert TWENTY.operating_characteristics(p).stop == crossing(stops, p)
    assert TWENTY.operating_characteristics(0.2).stop == pytest.approx(0.0484, abs=5e-5)
    assert TWENTY.operating_characteristics(0.4).stop == pytest.approx(0.5517, abs=5e-5)


def test_where_and_how_early_it_stops():
    """All orders of eight patients, one by one: first crossings, early stop and expected number."""
    boundary = toxicity_boundary(0.25, 0.2, (3, 5, 8))
    p = Fraction(2, 5)
    first, size = [Fraction(0)] * 3, Fraction(0)
    for order in itertools.product((0, 1), repeat=8):
        chance = p ** sum(order) * (1 - p) ** (8 - sum(order))
        at = [sum(order[:n]) > count for n, count in zip(boundary.sizes, boundary.tolerated, strict=True)]
        if any(at):
            first[at.index(True)] += chance
        size += chance * (boundary.sizes[at.index(True)] if any(at) else 8)
    seen = boundary.operating_characteristics(p)
    assert seen.stop_at == tuple(first)
    assert (seen.stop, seen.early_stop, seen.expected_n) == (sum(first), sum(first[:2]), size)


def test_the_level_is_the_largest_that_holds_the_limit():
    """In exact fractions: the next larger level, which stops one more count, crosses too often."""
    p0 = Fraction(1, 5)
    tails = {(n, x): tail(x, n, p0) for n in range(1, 21) for x in range(1, n + 1)}

    def stops(level: Fraction) -> list[int]:
        return [min([x for x in range(1, n + 1) if tails[n, x] <= level], default=n + 1) for n in range(1, 21)]

    levels = sorted(set(tails.values()))
    held = [level for level in levels if level <= Fraction(1, 10) and crossing(stops(level), p0) <= Fraction(1, 20)]
    assert [count + 1 for count in TWENTY.tolerated] == stops(max(held))
    above = levels[levels.index(max(held)) + 1]
    assert crossing(stops(above), p0) > Fraction(1, 20)


def test_a_shape_above_0_asks_for_more_at_early_looks():
    """O'Brien and Fleming's shape tolerates more after 20 of 75 patients and less at the end."""
    flat, steep = (toxicity_boundary(0.2, 0.1, range(20, 76, 5), shape) for shape in (0, 0.5))
    assert (flat.tolerated[0], steep.tolerated[0]) == (7, 9)
    assert (flat.tolerated[-1], steep.tolerated[-1]) == (21, 20)
    assert all(each.operating_characteristics(0.2).stop <= 0.1 for each in (flat, steep))


def test_a_bayesian_boundary_stops_where_the_posterior_exceeds_the_cut_off():
    """With Beta(.6, 2.4), three patients' worth of 20 percent, and .95."""
    boundary = bayesian_toxicity_boundary(0.2, range(1, 31), Beta(0.6, 2.4), cutoff=0.95)
    for n, count in zip(boundary.sizes, boundary.tolerated, strict=True):
        posterior = [Beta(0.6, 2.4).updated(x, n).above(0.2) > 0.95 for x in range(n + 1)]
        assert count == posterior.index(True) - 1 if any(posterior) else count == n
    assert boundary.operating_characteristics(0.2).stop == pytest.approx(0.1253, abs=5e-5)


def test_the_bayesian_cut_off_can_be_calibrated():
    """The least cut-off that crosses in at most 5 percent; the next smaller one crosses more often."""
    prior = Beta(0.6, 2.4)
    boundary = bayesian_toxicity_boundary(0.2, range(1, 31), prior, alpha=0.05)
    assert boundary.operating_characteristics(0.2).stop <= 0.05
    highest = max(
        prior.updated(count, n).above(0.2) for n, count in zip(boundary.sizes, boundary.tolerated, strict=True)
    )
    same = bayesian_toxicity_boundary(0.2, range(1, 31), prior, cutoff=highest + 1e-9)
    assert same == boundary
    looser = bayesian_toxicity_boundary(0.2, range(1, 31), prior, cutoff=highest - 1e-9)
    assert looser.operating_characteristics(0.2).stop > 0.05


def test_counts_are_read_at_looks():
    """Four events in six patients cross; between looks no count does."""
    assert TWENTY.is_crossed(4, 6)
    assert not TWENTY.is_crossed(3, 6)
    assert not ToxicityBoundary((5, 10), (1, 2), 0.2).is_crossed(6, 6)
    with pytest.raises(StatisticsError, match="do not fit a boundary"):
        TWENTY.is_crossed(4, 21)


def test_a_boundary_without_a_stop_says_so():
    """A tolerated count of n or more never stops."""
    assert str(ToxicityBoundary((2, 3), (2, 5), 0.2)) == "no count stops"
    assert ToxicityBoundary((2, 3), (2, 5), 0.2).operating_characteristics(0.5).stop == 0


def test_a_question_without_an_answer_says_why():
    """Too few patients, a shape out of range, both limits or none, a prior that stops without an event."""
    with pytest.raises(StatisticsError, match="no count of 2 patients"):
        toxicity_boundary(0.5, 0.01, (1, 2))
    with pytest.raises(StatisticsError, match="shape"):
        toxicity_boundary(0.2, 0.05, (5, 10), shape=0.6)
    with pytest.raises(StatisticsError, match="one limit"):
        bayesian_toxicity_boundary(0.2, (5, 10), Beta(1, 4))
    with pytest.raises(StatisticsError, match="without any event"):
        bayesian_toxicity_boundary(0.1, (5, 10), Beta(50, 50), cutoff=0.9)
    with pytest.raises(StatisticsError, match="do not fit 2 looks"):
        ToxicityBoundary((5, 10), (1,), 0.2)
