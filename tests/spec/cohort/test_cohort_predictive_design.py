"""Lee and Liu's design: a cohort stops when it is no longer likely to end positive.

PP = sum over y of BetaBin(y; N - n, a + x, b + n - x) [P(p > p0 | x + y, N) > theta_T]; stop for futility if
PP < theta_L, end as positive if PP > theta_U. Lee JJ, Liu DD. Clin Trials 2008;5:93-106.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from kohort.cohort.designs.predictive import (
    PredictiveRule,
    predictive_probability_design,
    predictive_probability_of_success,
)
from kohort.cohort.designs.predictive_search import PredictiveSearch, predictive_probability_search
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

PAPER = PredictiveRule(theta_l=0.001, theta_t=0.9)


def rising(a: Fraction, k: int) -> Fraction:
    """a (a + 1) ... (a + k - 1)."""
    product = Fraction(1)
    for step in range(k):
        product *= a + step
    return product


def by_the_sum(x: int, n: int, n_max: int, r: int, prior: tuple[Fraction, Fraction]) -> Fraction:
    """The formula above in exact fractions, with "positive" written as more than r of N."""
    a, b, left = prior[0] + x, prior[1] + n - x, n_max - n
    return sum(
        (
            comb(left, y) * rising(a, y) * rising(b, left - y) / rising(a + b, left)
            for y in range(left + 1)
            if x + y > r
        ),
        start=Fraction(0),
    )


def test_the_example_of_the_paper():
    """N = 40, 16 of 23 responders so far, Beta(.6, .4), p0 = .6, theta_T = .9: PP is .5655589."""
    rule = PredictiveRule(0.05, 0.9, prior=Beta(0.6, 0.4))
    assert predictive_probability_of_success(16, 23, 40, 0.6, rule) == pytest.approx(0.5655589, abs=5e-8)
    assert rule.critical(0.6, 40) == 27
    exact = by_the_sum(16, 23, 40, 27, (Fraction(3, 5), Fraction(2, 5)))
    assert predictive_probability_of_success(16, 23, 40, 0.6, rule) == pytest.approx(float(exact), abs=1e-13)


def test_the_design_of_the_paper():
    """20 against 40 percent, N = 36, a look after each patient from the 10th: stop at 0/10, 1/17, 2/21, 3/24 ..."""
    found = predictive_probability_design(0.2, 0.4, range(10, 37), PAPER)
    assert str(found).startswith("0/10, 1/17, 2/21, 3/24, 4/27, 5/29, 6/31, 7/33, 8/34, 9/35, 10/36 (go on with >= 1")
    assert "positive with >= 11 of 36; each until the next is named); theta_L 0.001, theta_T 0.9" in str(found)
    assert found.design.alpha == pytest.approx(0.0878, abs=5e-5)
    assert found.design.power == pytest.approx(0.9062, abs=5e-5)
    assert found.design.expected_n(0.2) == pytest.approx(27.67, abs=5e-3)


def test_the_search_over_all_cut_offs_finds_the_design_of_the_paper():
    """With alpha and beta .10 no N below 36 will do; theta_L and theta_T come out as .001 and .9."""
    found = predictive_probability_search(0.2, 0.4, 0.1, 0.1)
    assert found == predictive_probability_design(0.2, 0.4, range(10, 37), PAPER)


def test_of_the_designs_of_least_n_that_of_least_expected_number_can_be_asked():
    """A larger theta_L stops earlier and still keeps both error rates: 24.7 instead of 27.7 patients at p0."""
    thrifty = predictive_probability_search(0.2, 0.4, 0.1, 0.1, options=PredictiveSearch(prefer="expected_n"))
    assert thrifty.design.n == 36
    assert thrifty.rule.theta_l > 0.001
    assert thrifty.design.alpha <= 0.1
    assert thrifty.design.power >= 0.9
    assert thrifty.design.expected_n(0.2) == pytest.approx(24.72, abs=5e-3)


def test_the_search_is_as_good_as_a_fine_grid():
    """10 against 30 percent, looks at 8, 12, ...: no theta_L of a fine grid and no theta_T does with fewer."""
    options = PredictiveSearch(first_look=8, every=4, prefer="expected_n")
    found = predictive_probability_search(0.1, 0.3, 0.078, 0.15, options=options)
    assert found.design.alpha <= 0.078
    assert found.design.power >= 0.85
    best = found.design.expected_n(0.1)
    for n in range(15, found.design.n + 1):
        finals = {PredictiveRule(0, t / 100).critical(0.1, n): t / 100 for t in range(50, 100)}
        for theta_t in finals.values():
            for theta_l in (0.001 + 0.004 * step for step in range(75)):
                rule = PredictiveRule(theta_l, theta_t)
                tried = predictive_probability_design(0.1, 0.3, options.looks(n), rule).design
                if tried.alpha <= 0.078 and tried.power >= 0.85:
                    assert (n, tried.expected_n(0.1)) >= (found.design.n, best - 1e-9)


def test_an_upper_cut_off_ends_a_cohort_as_positive():
    """With theta_U = .95 a cohort with many early responders does not wait for N."""
    rule = PredictiveRule(0.001, 0.9, theta_u=0.95)
    found = predictive_probability_design(0.2, 0.4, (10, 20, 36), rule)
    first = found.design.stop_at_least[0]
    assert first is not None
    assert predictive_probability_of_success(first, 10, 36, 0.2, rule) > 0.95
    assert predictive_probability_of_success(first - 1, 10, 36, 0.2, rule) <= 0.95
    assert str(found).endswith("theta_U 0.95")


def test_without_theta_l_no_look_stops_for_futility():
    """theta_L = 0 leaves the single-stage test."""
    found = predictive_probability_design(0.2, 0.4, (10, 20, 36), PredictiveRule(0, 0.9))
    assert found.design.stop_at_most == (None, None, 10)


def test_a_question_without_an_answer_says_why():
    """Cut-offs out of order, impossible counts, a theta_T that no count meets, too few patients."""
    with pytest.raises(StatisticsError, match="out of order"):
        PredictiveRule(0.5, 0.9, theta_u=0.4)
    with pytest.raises(StatisticsError, match="do not fit a cohort"):
        predictive_probability_of_success(5, 4, 40, 0.2, PAPER)
    with pytest.raises(StatisticsError, match="no count has"):
        predictive_probability_design(0.9, 0.95, (2, 3), PredictiveRule(0.01, 0.999))
    with pytest.raises(StatisticsError, match="every count has"):
        predictive_probability_design(0.1, 0.3, (2, 3), PredictiveRule(0.01, 0.01, prior=Beta(5, 1)))
    with pytest.raises(StatisticsError, match="No predictive-probability design of up to 20"):
        predictive_probability_search(0.2, 0.4, 0.1, 0.1, n_max=20)
