"""How a running cohort is likely to end.

With x responders of m evaluable patients and s the chance that the next one responds,

    P(m, x) = s P(m + 1, x + 1) + (1 - s) P(m + 1, x),   P(n, x) = [x > r],   P(m, x) = 0 if m >= n1 and x <= r1

is conditional power if s = p (Lachin, Stat Med 2005;24:2747), and predictive power if s = (a + x) / (a + b + m)
(Spiegelhalter, Freedman & Blackburn, Control Clin Trials 1986;7:8).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kohort.cohort.course.prediction import (
    Course,
    conditional_power,
    conditional_powers,
    power_table,
    predictive_probabilities,
    predictive_probability,
    predictive_table,
)
from kohort.cohort.designs.decisions import Observed
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError


@pytest.mark.parametrize(("evaluable", "powers"), [(8, (0.754, 0.901, 0.974)), (16, (0.194, 0.448, 0.745))])
def test_conditional_power_is_the_chance_to_end_positive_from_here(evaluable: int, powers: tuple[float, float, float]):
    """8 + 16 at a true rate of 30 percent with one, two or three responders so far."""
    seen = [conditional_power(EIGHT_PLUS_SIXTEEN, x, evaluable, 0.3) for x in (1, 2, 3)]
    assert seen == pytest.approx(powers, abs=5e-4)


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
    assert [predictive_probability(EIGHT_PLUS_SIXTEEN, x, 24) for x in (4, 5)] == [0, 1]


def test_predictive_power_averages_over_what_is_known_of_the_rate():
    """One responder of eight and a flat prior: .3905."""
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8) == pytest.approx(0.3905, abs=5e-5)
    sceptical = predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8, prior=Beta(1, 9))
    assert sceptical < predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8)


def test_pending_patients_that_fit_the_plan_change_nothing():
    """Three of the 16 to come are enrolled already; their responses are as open as the others'."""
    assert conditional_power(EIGHT_PLUS_SIXTEEN, 1, 8, 0.3, pending=3) == conditional_power(
        EIGHT_PLUS_SIXTEEN, 1, 8, 0.3
    )
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8, pending=16) == predictive_probability(
        EIGHT_PLUS_SIXTEEN, 1, 8
    )


def test_pending_patients_beyond_the_plan_are_judged_with_the_threshold_for_so_many():
    """Four of 22 and four pending make 26, where more than 5 are needed: two of the four, .3483 at 30 percent."""
    over = conditional_power(EIGHT_PLUS_SIXTEEN, 4, 22, 0.3, pending=4)
    assert over == pytest.approx(1 - 0.7**4 - 4 * 0.3 * 0.7**3, abs=1e-12)
    assert over < conditional_power(EIGHT_PLUS_SIXTEEN, 4, 22, 0.3)


def test_a_cohort_closed_early_has_only_its_pending_patients_left():
    """Four of 18, two pending, nobody else: one of the two must respond; closed at the look, nothing is left."""
    assert conditional_power(EIGHT_PLUS_SIXTEEN, 4, 18, 0.3, pending=2, closed=True) == pytest.approx(0.51)
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 4, 18, pending=2, closed=True) == pytest.approx(
        1 - 15 * 16 / (20 * 21), abs=1e-12
    )
    assert conditional_power(EIGHT_PLUS_SIXTEEN, 1, 6, 0.3, pending=2, closed=True) == 0
    assert predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 6, pending=2, closed=True) == 0


def test_all_states_of_a_cohort_are_one_table():
    """Row m, column x; states that cannot be are NaN, and the table cannot be changed."""
    table = power_table(EIGHT_PLUS_SIXTEEN, 0.3)
    assert table[8, 1:4] == pytest.approx((0.754, 0.901, 0.974), abs=5e-4)
    assert table[0, 0] == pytest.approx(EIGHT_PLUS_SIXTEEN.power, abs=1e-13)
    assert np.isnan(table[3, 4])
    assert predictive_table(EIGHT_PLUS_SIXTEEN)[8, 1] == predictive_probability(EIGHT_PLUS_SIXTEEN, 1, 8)
    with pytest.raises(ValueError, match="read-only"):
        table[8, 1] = 1


def test_many_cohorts_are_asked_at_once():
    """Each with its own design, counts and end."""
    tapur = TwoStageDesign(1, 10, 6, 28, 0.15, 0.35)
    course = Course(
        [EIGHT_PLUS_SIXTEEN, tapur, EIGHT_PLUS_SIXTEEN],
        [Observed(1, 8), Observed(2, 10, 1), Observed(4, 18, 2)],
        closed=[False, False, True],
    )
    assert conditional_powers(course) == pytest.approx([0.754, 0.8114, 0.51], abs=5e-4)
    assert predictive_probabilities(course)[0] == pytest.approx(0.3905, abs=5e-5)
    with pytest.raises(StatisticsError, match="not of the same cohorts"):
        Course([tapur], [])


def test_counts_beyond_the_design_are_refused():
    """25 evaluable patients need the design as enrolled."""
    with pytest.raises(StatisticsError, match="exceed the design"):
        conditional_power(EIGHT_PLUS_SIXTEEN, 5, 25, 0.3)
    with pytest.raises(StatisticsError, match="impossible"):
        conditional_power(EIGHT_PLUS_SIXTEEN, 1, 8, 1.3)
