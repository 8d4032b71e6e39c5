"""Single-stage designs: one look after n patients.

The cohort is positive with more than r responders of n: alpha = P(Bin(n, p0) > r), power = P(Bin(n, p1) > r).
A'Hern RP. Stat Med 2001;20:859-866.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from kohort.cohort.designs.decisions import Verdict
from kohort.cohort.designs.single_stage import SingleStageDesign, single_stage
from kohort.errors import StatisticsError

NCI_MATCH = SingleStageDesign(r=4, n=31, p0=0.05, p1=0.25)


def meets(r: int, n: int, question: tuple[Fraction, Fraction, Fraction, Fraction]) -> bool:
    """Whether more than r of n holds alpha and has the power, in exact fractions."""
    p0, p1, alpha, beta = question
    error, power = (sum(comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(r + 1, n + 1)) for p in (p0, p1))
    return error <= alpha and power >= 1 - beta


def is_enough(n: int, question: tuple[Fraction, Fraction, Fraction, Fraction]) -> bool:
    return any(meets(r, n, question) for r in range(n))


def test_a_design_prints_the_last_count_that_is_not_enough_and_the_first_that_is():
    """r is stored; the protocol's "at least" is printed beside it."""
    assert str(NCI_MATCH) == "4/31 (positive with >= 5 of 31)"


@pytest.mark.parametrize(("n", "alpha", "power"), [(31, 0.0179, 0.9172), (35, 0.0290, 0.9590)])
def test_five_of_31_as_in_nci_match_has_these_error_rates(n: int, alpha: float, power: float):
    """5 against 25 percent; four patients more with the same threshold raise both."""
    design = SingleStageDesign(4, n, 0.05, 0.25)
    assert (design.alpha, design.power) == pytest.approx((alpha, power), abs=5e-5)


def test_a_rate_given_as_a_fraction_gives_exact_fractions():
    """At p = 1/20 the chance of 0 to 4 responders of 31 is a sum of five terms."""
    seen = NCI_MATCH.operating_characteristics(Fraction(1, 20))
    few = sum(Fraction(comb(31, x) * 19 ** (31 - x), 20**31) for x in range(5))
    assert (seen.success, seen.early_stop, seen.expected_n) == (1 - few, 0, 31)
    assert isinstance(NCI_MATCH.operating_characteristics(0.05).success, float)


def test_the_search_finds_the_least_n():
    """10 against 30 percent at .05 / .10: 7 of 33, and no smaller cohort will do."""
    found = single_stage(0.1, 0.3, 0.05, 0.1)
    assert str(found) == "6/33 (positive with >= 7 of 33)"
    question = Fraction(1, 10), Fraction(3, 10), Fraction(1, 20), Fraction(1, 10)
    assert meets(found.r, found.n, question)
    assert not any(is_enough(n, question) for n in range(1, 33))


def test_power_is_a_sawtooth_so_one_patient_more_can_break_a_design():
    """33 and 34 patients are enough, 35 and 36 are not: r steps up and power falls. From 37 on, all sizes are."""
    question = Fraction(1, 10), Fraction(3, 10), Fraction(1, 20), Fraction(1, 10)
    assert [n for n in range(31, 70) if not is_enough(n, question)] == [31, 32, 35, 36]
    steady = single_stage(0.1, 0.3, 0.05, 0.1, steady=True)
    assert (steady.r, steady.n) == (7, 37)


def test_the_smallest_threshold_that_holds_alpha_is_taken():
    """At the n found, one less would break alpha."""
    found = single_stage(0.2, 0.4, 0.05, 0.2)
    assert found.alpha <= 0.05 < SingleStageDesign(found.r - 1, found.n, 0.2, 0.4).alpha


def test_an_error_limit_met_exactly_is_met():
    """The alpha of a design, given back as the limit, finds the design again."""
    assert single_stage(0.05, 0.25, NCI_MATCH.alpha, 1 - NCI_MATCH.power) == NCI_MATCH


def test_the_decision_is_given_as_soon_as_no_patient_can_change_it():
    """Five responders are positive whoever follows; four missing patients cannot turn 0 of 27 into five."""
    assert NCI_MATCH.decide(5, 20) is Verdict.POSITIVE
    assert NCI_MATCH.decide(0, 26) is Verdict.TOO_EARLY
    assert NCI_MATCH.decide(0, 27) is Verdict.NEGATIVE
    assert NCI_MATCH.decide(4, 31) is Verdict.NEGATIVE
    with pytest.raises(StatisticsError, match="exceed the design"):
        NCI_MATCH.decide(4, 32)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ((0.3, 0.1, 0.1, 0.1, 100), "nothing to test"),
        ((0.1, 0.3, 0.0, 0.1, 100), "impossible"),
        ((0.1, 0.3, 0.1, 0.1, 1), "cannot be searched"),
        ((0.1, 0.3, 0.05, 0.1, 32), "No single-stage design of up to 32"),
    ],
)
def test_a_question_without_an_answer_says_why(question: tuple[float, float, float, float, int], words: str):
    """Impossible rates and too few patients are told apart."""
    with pytest.raises(StatisticsError, match=words):
        single_stage(*question)


def test_steady_designs_are_refused_where_they_lie_beyond_n_max():
    """33 patients are enough, but not 35: with n_max 36 no size is steady."""
    with pytest.raises(StatisticsError, match="at every larger size"):
        single_stage(0.1, 0.3, 0.05, 0.1, n_max=36, steady=True)
    with pytest.raises(StatisticsError, match="too close"):
        single_stage(0.1, 0.101, 0.05, 0.1, steady=True)


@pytest.mark.parametrize(("r", "n"), [(-1, 31), (31, 31), (0, 0)])
def test_a_threshold_outside_the_patients_is_refused(r: int, n: int):
    """A design checks itself when it is made."""
    with pytest.raises(StatisticsError, match="is impossible"):
        SingleStageDesign(r, n, 0.05, 0.25)
