"""Designs with many looks, and Fleming's boundaries for them.

At look k, after n_k patients: stop for futility with at most a_k responders, positive with at least r_k. Fleming's
limits are r_k = [n_k p0 + z sqrt(N p0 q0)] + 1 and a_k = [n_k p' - z sqrt(N p' q')], [ ] the nearest whole number.
Fleming TR. Biometrics 1982;38:143-151. Probabilities are exact sums over all paths (Schultz JR et al. Biometrics
1973;29:293-300).
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from kohort.cohort.designs.decisions import Verdict
from kohort.cohort.designs.fleming import fleming
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.cohort.designs.single_stage import SingleStageDesign
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN
from kohort.errors import StatisticsError

TWO_LOOKS = fleming(p0=0.2, p1=0.4, alpha=0.05, looks=(15, 25))


def test_flemings_boundaries_come_out_as_published():
    """20 percent, alpha .05, 15 and 25 patients: stop with <= 3, positive with >= 7; at the end >= 9."""
    assert TWO_LOOKS.stop_at_most == (3, 8)
    assert TWO_LOOKS.stop_at_least == (7, 9)
    assert str(TWO_LOOKS) == "3/15, 8/25 (go on with >= 4 of 15; positive with >= 7 of 15, >= 9 of 25)"


def test_three_looks_at_5_percent():
    """15, 30 and 40 patients: no count of the first look stops for futility."""
    design = fleming(0.05, 0.2, 0.05, (15, 30, 40))
    assert design.stop_at_most == (None, 2, 4)
    assert design.stop_at_least == (4, 5, 5)
    assert str(design) == "2/30, 4/40 (go on with >= 3 of 30; positive with >= 4 of 15, >= 5 of 30, >= 5 of 40)"


def test_flemings_alpha_is_met_nearly_and_the_exact_one_is_told():
    """The limits rest on the normal distribution: here the exact alpha is .0505."""
    assert TWO_LOOKS.alpha == pytest.approx(0.0505, abs=5e-5)


def test_every_end_of_every_look_has_its_exact_probability():
    """All 2^10 orders of ten patients, one by one, give the same fractions; together the ends are sure."""
    design = MultiStageDesign((4, 7, 10), (0, 2, 3), (4, 5, 6), 0.3, 0.6)
    p = Fraction(3, 10)

    def end(order: tuple[int, ...]) -> tuple[str, int]:
        for place, look in enumerate(design.looks):
            if (x := sum(order[: look.size])) <= look.at_most:
                return "futility", place
            if x >= look.at_least:
                return "efficacy", place
        return "none", 2

    ends: dict[tuple[str, int], Fraction] = {}
    size = Fraction(0)
    for order in itertools.product((0, 1), repeat=10):
        chance = p ** sum(order) * (1 - p) ** (10 - sum(order))
        ends[end(order)] = ends.get(end(order), Fraction(0)) + chance
        size += design.sizes[end(order)[1]] * chance
    seen = design.operating_characteristics(p)
    assert seen.futility == tuple(ends[("futility", place)] for place in range(3))
    assert seen.efficacy == tuple(ends[("efficacy", place)] for place in range(3))
    assert seen.inconclusive == ends["none", 2]
    assert seen.expected_n == size
    assert sum(seen.futility) + seen.success + seen.inconclusive == 1
    assert seen.early_stop == sum(seen.futility[:2]) + sum(seen.efficacy[:2])


def test_designs_of_one_and_two_stages_are_designs_of_looks():
    """8 + 16 in this form has the same exact alpha, early stop and expected number."""
    looks, p = MultiStageDesign.of(EIGHT_PLUS_SIXTEEN), Fraction(1, 10)
    mine, other = looks.operating_characteristics(p), EIGHT_PLUS_SIXTEEN.operating_characteristics(p)
    assert (mine.success, mine.early_stop, mine.expected_n) == (other.success, other.early_stop, other.expected_n)
    assert mine.success == Fraction(1555104443622944599991, 2 * 10**22)
    assert str(looks) == "0/8, 4/24 (go on with >= 1 of 8; positive with >= 5 of 24)"
    one = SingleStageDesign(4, 31, 0.05, 0.25)
    assert MultiStageDesign.of(one).power == pytest.approx(one.power, abs=1e-14)


def test_a_look_decides_and_between_looks_it_is_too_early():
    """The counts of a look are read as they are; a gap between the limits of the last look is no answer."""
    assert TWO_LOOKS.decide(3, 15) is Verdict.STOP
    assert TWO_LOOKS.decide(4, 15) is Verdict.GO_ON
    assert TWO_LOOKS.decide(7, 15) is Verdict.POSITIVE
    assert TWO_LOOKS.decide(7, 16) is Verdict.TOO_EARLY
    assert TWO_LOOKS.decide(8, 25) is Verdict.NEGATIVE
    gap = MultiStageDesign((10, 20), (1, 4), (None, 8), 0.2, 0.4)
    assert gap.decide(6, 20) is None
    assert "inconclusive with 5 to 7 of 20" in str(gap)
    with pytest.raises(StatisticsError, match="exceed the design"):
        TWO_LOOKS.decide(8, 26)


def test_a_limit_that_no_count_can_meet_is_no_limit():
    """-1 responders or fewer, or 11 or more of 10, are written as None."""
    design = MultiStageDesign((10, 20), (-1, 4), (11, 5), 0.2, 0.4)
    assert (design.stop_at_most, design.stop_at_least) == ((None, 4), (None, 5))
    assert str(design) == "4/20 (positive with >= 5 of 20)"


@pytest.mark.parametrize(
    ("sizes", "low", "high", "words"),
    [
        ((), (), (), "no sequence"),
        ((15, 15), (1, 2), (None, 3), "no sequence"),
        ((0, 15), (1, 2), (None, 3), "no sequence"),
        ((10, 20), (1,), (None, 3), "do not fit 2 looks"),
        ((10, 20), (1, 3), (None, 3), "are impossible"),
        ((10, 20), (11, 3), (None, 4), "are impossible"),
    ],
)
def test_looks_and_limits_that_make_no_design_are_refused(
    sizes: tuple[int, ...], low: tuple[int | None, ...], high: tuple[int | None, ...], words: str
):
    """A design checks itself when it is made; sizes are those of all stages so far."""
    with pytest.raises(StatisticsError, match=words):
        MultiStageDesign(sizes, low, high, 0.2, 0.4)


def test_fleming_refuses_what_his_limits_cannot_do():
    """Too few patients for any positive count, and an alpha of a half or more."""
    with pytest.raises(StatisticsError, match="too few"):
        fleming(0.6, 0.9, 0.01, (2, 4))
    with pytest.raises(StatisticsError, match="tests nothing"):
        fleming(0.2, 0.4, 0.5, (15, 25))
    with pytest.raises(StatisticsError, match="impossible"):
        TWO_LOOKS.operating_characteristics(-0.1)
