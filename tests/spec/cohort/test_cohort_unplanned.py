"""When the numbers do not come out as planned, and how a running cohort is likely to end."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kohort.cohort import (
    EIGHT_PLUS_SIXTEEN,
    Beta,
    TwoStageDesign,
    conditional_power,
    predictive_probability,
    redesign,
)
from kohort.errors import StatisticsError


@pytest.mark.parametrize(
    ("n1", "n", "alpha", "power", "strict_r", "strict_alpha", "strict_power"),
    [
        (7, 23, 0.0650, 0.8191, 4, 0.0650, 0.8191),
        (8, 22, 0.0582, 0.8115, 4, 0.0582, 0.8115),
        (9, 24, 0.0801, 0.8694, 5, 0.0268, 0.7600),
        (8, 26, 0.0997, 0.8882, 5, 0.0371, 0.8106),
        (8, 24, 0.0778, 0.8572, 4, 0.0778, 0.8572),
    ],
)
def test_other_sizes_have_these_error_rates(
    n1: int, n: int, alpha: float, power: float, strict_r: int, strict_alpha: float, strict_power: float
):
    """Both rules are shown: the threshold kept, and the threshold that holds the promised alpha."""
    rules = EIGHT_PLUS_SIXTEEN.for_sizes(n1, n)
    assert (rules.kept.alpha, rules.kept.power) == pytest.approx((alpha, power), abs=5e-5)
    assert rules.strict.r == strict_r
    assert (rules.strict.alpha, rules.strict.power) == pytest.approx((strict_alpha, strict_power), abs=6e-5)


def test_a_redesign_holds_the_limit_it_is_given():
    """With alpha .10 allowed, nine and 24 may keep more than 4."""
    assert redesign(EIGHT_PLUS_SIXTEEN, 9, 24, alpha=0.10).r == 4
    assert redesign(EIGHT_PLUS_SIXTEEN, 9, 24, alpha=0.01).r == 6


def test_a_redesign_never_needs_fewer_than_stage_1_does():
    """With alpha 1 every cohort that goes on is positive: r falls to r1 and no further."""
    assert redesign(EIGHT_PLUS_SIXTEEN, 8, 24, alpha=0.999).r == 0


def test_sizes_that_cannot_hold_the_limit_are_refused():
    """Two patients at 10 percent both respond in one of a hundred cohorts."""
    with pytest.raises(StatisticsError, match="no threshold holds alpha"):
        redesign(EIGHT_PLUS_SIXTEEN, 1, 2, alpha=0.001)


def test_a_resized_design_is_a_statement_not_a_search_result():
    """Type and weights of a search do not carry over to other sizes."""
    found = TwoStageDesign(0, 8, 4, 24, 0.1, 0.3, type="admissible", q_range=(0.0, 0.4))
    assert (found.resized(8, 22).type, found.resized(8, 22).q_range) == ("stated", None)


@pytest.mark.parametrize(("evaluable", "powers"), [(8, (0.754, 0.901, 0.974)), (16, (0.194, 0.448, 0.745))])
def test_conditional_power_is_the_chance_to_end_positive_from_here(evaluable: int, powers: tuple[float, float, float]):
    """8 + 16 at a true rate of 30 percent with one, two or three responders so far."""
    seen = [conditional_power(EIGHT_PLUS_SIXTEEN, x, evaluable, 0.3) for x in (1, 2, 3)]
    assert seen == pytest.approx(powers, abs=5e-4)


@pytest.mark.parametrize(("responders", "error"), [(1, 0.0684), (2, 0.2108)])
def test_conditional_error_is_the_conditional_power_at_p0(responders: int, error: float):
    """D(x1): later changes may not exceed it."""
    assert conditional_power(EIGHT_PLUS_SIXTEEN, responders, 8, 0.1) == pytest.approx(error, abs=5e-5)


def test_before_the_first_patient_conditional_power_is_alpha():
    """Nothing is known yet; a fraction stays exact."""
    start = conditional_power(EIGHT_PLUS_SIXTEEN, 0, 0, Fraction(1, 10))
    assert start == Fraction(1555104443622944599991, 2 * 10**22)


def test_a_stopped_cohort_has_no_power_left():
    """0 of 8: it cannot end positive."""
    assert conditional_power(EIGHT_PLUS_SIXTEEN, 0, 8, 0.3) == 0
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 0, 8) == 0


def test_a_finished_cohort_is_certain():
    """At 24 the answer is there."""
    assert [conditional_power(EIGHT_PLUS_SIXTEEN, x, 24, 0.3) for x in (4, 5)] == [0, 1]
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 5, 24) == pytest.approx(1, abs=1e-12)


def test_predictive_probability_averages_over_what_is_known_of_the_rate():
    """One responder of eight and a flat prior: .3905."""
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8) == pytest.approx(0.3905, abs=5e-5)
    sceptical = predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8, prior=Beta(1, 9))
    assert sceptical < predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8)


def test_counts_beyond_the_design_are_refused():
    """25 evaluable patients need the design as enrolled."""
    with pytest.raises(StatisticsError, match="exceed the design"):
        conditional_power(EIGHT_PLUS_SIXTEEN, 5, 25, 0.3)
    with pytest.raises(StatisticsError, match="impossible"):
        conditional_power(EIGHT_PLUS_SIXTEEN, 1, 8, 1.3)
