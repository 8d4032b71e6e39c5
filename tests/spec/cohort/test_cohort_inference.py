"""Estimates after two stages.

Cohorts with few early responders never reach stage 2, so the raw rate x / n is biased. Outcomes are ordered by stage,
then by responders; q(x, p) is the chance of outcome x or a higher one. Then

    p value          q(x, p0)                                                  Koyama & Chen, Stat Med 2008;27:3145
    median-unbiased  the p with q(x, p) = 1/2                                  the same
    UMVUE            x / n1 after a stop, else the share of orders that lead to x and begin with a responder:
                     sum_j C(n1-1, j-1) C(n2, x-j) / sum_j C(n1, j) C(n2, x-j) Jung & Kim, Stat Med 2004;23:881
    jung-kim         lower q(x, p) = a, upper q(x+1, p) = 1 - a (default)      the same
    mid-p            (q(x, p) + q(x+1, p)) / 2 = a and 1 - a                   Lancaster, JASA 1961;56:223
    koyama-chen      lower q(x, p) = a, upper q(x, p) = 1 - a
    clopper-pearson  x of n as if no look had been made                        Biometrika 1934;26:404
"""

from __future__ import annotations

import numpy as np
import pytest

from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.inference.accuracy import estimator_accuracy
from kohort.cohort.inference.intervals import IntervalMethod, coverage, least_coverage
from kohort.cohort.inference.two_stage import outcome_tail, two_stage_inference, umvue
from kohort.errors import StatisticsError

TABLE = [
    (1, 0.1250, 0.56953279, 0.0064, 0.3123),
    (3, 0.17281421, 0.34500502, 0.0395, 0.3190),
    (5, 0.23219530, 0.07775522, 0.0882, 0.3654),
    (6, 0.26581509, 0.02623914, 0.1164, 0.4013),
    (8, 0.33927022, 0.00165771, 0.1785, 0.4815),
    (12, 0.50033675, 8.489e-07, 0.3195, 0.6425),
]


@pytest.mark.parametrize(("responders", "estimate", "p_value", "lower", "upper"), TABLE)
def test_estimates_after_eight_plus_sixteen(
    responders: int, estimate: float, p_value: float, lower: float, upper: float
):
    """UMVUE, p value and the same-tail interval that R packages print (on a grid of 1e-4)."""
    seen = two_stage_inference(responders, EIGHT_PLUS_SIXTEEN, "koyama-chen", 0.90)
    assert seen.umvue == pytest.approx(estimate, abs=5e-9)
    assert seen.p_value == pytest.approx(p_value, abs=5e-9)
    assert seen.ci == pytest.approx((lower, upper), abs=1.2e-4)


def test_the_default_interval_takes_its_limits_from_both_tails():
    """Five of 24: .0881289 to .4013; the same-tail upper limit would be .3654320."""
    default = two_stage_inference(5, EIGHT_PLUS_SIXTEEN).ci
    same_tail = two_stage_inference(5, EIGHT_PLUS_SIXTEEN, "koyama-chen").ci
    assert (default.method, default.level) == ("jung-kim", 0.9)
    assert default.lower == same_tail.lower == pytest.approx(0.0881289, abs=5e-8)
    assert default.upper == pytest.approx(0.4013, abs=5e-5)
    assert same_tail.upper == pytest.approx(0.3654320, abs=5e-8)


def test_an_interval_unpacks_into_its_limits():
    """``lower, upper = seen.ci``, and a rate is in it or not."""
    lower, upper = interval = two_stage_inference(5, EIGHT_PLUS_SIXTEEN).ci
    assert (lower, upper) == (interval.lower, interval.upper) == (interval[0], interval[1])
    assert 0.1 in interval
    assert 0.05 not in interval


@pytest.mark.parametrize(
    ("method", "on_grid", "least"),
    [
        ("jung-kim", 0.9021, 0.9003),
        ("koyama-chen", 0.8452, 0.8443),
        ("clopper-pearson", 0.8856, 0.8855),
        ("mid-p", 0.8405, 0.8404),
    ],
)
def test_only_the_default_interval_holds_its_level(method: IntervalMethod, on_grid: float, least: float):
    """Coverage of nominal 90 percent in 8 + 16, p from .02 to .70: on a grid of .001, and the least of all p."""
    grid = coverage(EIGHT_PLUS_SIXTEEN, method, 0.9, np.linspace(0.02, 0.70, 681))
    assert grid.min() == pytest.approx(on_grid, abs=5e-4)
    assert least_coverage(EIGHT_PLUS_SIXTEEN, method, 0.9, (0.02, 0.70)).coverage == pytest.approx(least, abs=5e-5)


def test_coverage_is_the_chance_of_the_outcomes_whose_interval_contains_the_rate():
    """At p = .2, one outcome after the other."""
    design, p = EIGHT_PLUS_SIXTEEN, 0.2
    tails = [outcome_tail(x, design, p) for x in range(25)] + [0.0]
    inside = [x for x in range(25) if p in two_stage_inference(x, design).ci]
    assert coverage(design, "jung-kim", 0.9, p) == pytest.approx(
        sum(tails[x] - tails[x + 1] for x in inside), abs=1e-13
    )


@pytest.mark.parametrize("responders", range(1, 24))
@pytest.mark.parametrize(("method", "beyond"), [("jung-kim", 1), ("koyama-chen", 0)])
def test_limits_are_roots_to_ten_digits(responders: int, method: IntervalMethod, beyond: int):
    """Putting a limit back into the tail gives the nominal error."""
    lower, upper = two_stage_inference(responders, EIGHT_PLUS_SIXTEEN, method, 0.9).ci
    assert outcome_tail(responders, EIGHT_PLUS_SIXTEEN, lower) == pytest.approx(0.05, abs=1e-10)
    assert outcome_tail(responders + beyond, EIGHT_PLUS_SIXTEEN, upper) == pytest.approx(0.95, abs=1e-10)


def test_mid_p_limits_count_the_outcome_itself_by_half():
    """Five of 24: .0989 to .3866, inside the exact limits."""
    lower, upper = two_stage_inference(5, EIGHT_PLUS_SIXTEEN, "mid-p").ci
    assert (lower, upper) == pytest.approx((0.0989, 0.3866), abs=5e-5)
    for limit, error in ((lower, 0.05), (upper, 0.95)):
        halves = [outcome_tail(x, EIGHT_PLUS_SIXTEEN, limit) / 2 for x in (5, 6)]
        assert sum(halves) == pytest.approx(error, abs=1e-10)


def test_plain_binomial_limits_are_there_for_reference():
    """Five of 24 by Clopper and Pearson: .0859 to .3891; after a stop with 0 of 8, 0 to .3123."""
    assert two_stage_inference(5, EIGHT_PLUS_SIXTEEN, "clopper-pearson").ci == pytest.approx((0.0859, 0.3891), abs=5e-5)
    stopped = two_stage_inference(0, EIGHT_PLUS_SIXTEEN, "clopper-pearson").ci
    assert stopped == pytest.approx((0, 1 - 0.05 ** (1 / 8)), abs=1e-12)


def test_the_median_unbiased_estimate_puts_the_outcome_in_the_middle():
    """Five of 24: .19868, while the raw rate is .2083."""
    seen = two_stage_inference(5, EIGHT_PLUS_SIXTEEN)
    assert seen.median_unbiased == pytest.approx(0.19868, abs=5e-6)
    assert outcome_tail(5, EIGHT_PLUS_SIXTEEN, seen.median_unbiased) == pytest.approx(0.5, abs=1e-12)
    assert seen.mle == 5 / 24


@pytest.mark.parametrize("method", ["jung-kim", "koyama-chen"])
def test_a_cohort_without_responders_has_estimate_zero_and_p_value_one(method: IntervalMethod):
    """0 of 8, stopped: the upper limit is that of the next outcome, whichever interval is asked for."""
    seen = two_stage_inference(0, EIGHT_PLUS_SIXTEEN, method)
    assert (seen.umvue, seen.mle, seen.median_unbiased, seen.p_value) == (0, 0, 0, 1)
    assert seen.ci == pytest.approx((0, 1 - 0.05 ** (1 / 8)), abs=1e-12)


def test_a_cohort_of_responders_only_has_upper_limit_one():
    """24 of 24: nothing lies above."""
    assert two_stage_inference(24, EIGHT_PLUS_SIXTEEN).ci.upper == 1


def test_a_cohort_that_stopped_is_judged_by_its_first_stage():
    """1/14 stopped with one responder: the rate is 1 of 14, whichever estimate."""
    design = TwoStageDesign(r1=1, n1=14, r=4, n=23, p0=0.1, p1=0.3)
    seen = two_stage_inference(1, design)
    assert seen.evaluable == 14
    assert seen.umvue == seen.mle == pytest.approx(1 / 14)
    assert seen.p_value == pytest.approx(1 - 0.9**14, abs=1e-14)


def test_the_raw_rate_is_biased_and_the_unbiased_estimate_is_not():
    """Mean of the raw rate: .0713 at p = .1 and .2885 at p = .3."""
    for p, mean in ((0.1, 0.0713), (0.3, 0.2885)):
        seen = estimator_accuracy(EIGHT_PLUS_SIXTEEN, p)
        assert seen.mle.mean == pytest.approx(mean, abs=5e-5)
        assert seen.umvue.bias == pytest.approx(0, abs=1e-12)


def test_unbiased_over_all_cohorts_is_not_unbiased_over_those_that_went_on():
    """At p = .1 cohorts with 1 or more of 8 have mean UMVUE .1756 and mean raw rate .1252; stopped ones have 0."""
    went_on = estimator_accuracy(EIGHT_PLUS_SIXTEEN, 0.1, "went on")
    assert went_on.probability == pytest.approx(1 - 0.9**8, abs=1e-12)
    assert went_on.umvue.mean == pytest.approx(0.1 / (1 - 0.9**8), abs=1e-12)
    assert went_on.umvue.mean == pytest.approx(0.1756, abs=5e-5)
    assert went_on.mle.mean == pytest.approx(0.1252, abs=5e-5)
    assert estimator_accuracy(EIGHT_PLUS_SIXTEEN, 0.1, "stopped").mle.mean == 0


def test_the_unbiased_estimate_pays_with_variance_where_cohorts_stop():
    """Mean squared error at p = .1: UMVUE .0084, raw rate .0065; at p = .3 the raw rate is worse, .0130 to .0117."""
    low, high = (estimator_accuracy(EIGHT_PLUS_SIXTEEN, p) for p in (0.1, 0.3))
    assert (low.umvue.mse, low.mle.mse) == pytest.approx((0.0084, 0.0065), abs=5e-5)
    assert (high.umvue.mse, high.mle.mse) == pytest.approx((0.0117, 0.0130), abs=5e-5)


def test_the_unbiased_estimate_is_exact():
    """Five of 24 after 8 + 16: a fraction of whole numbers of orders."""
    estimate = umvue(5, EIGHT_PLUS_SIXTEEN)
    assert float(estimate) == pytest.approx(0.2321953010279, abs=1e-13)


@pytest.mark.parametrize(
    ("responders", "level", "method", "words"),
    [
        (25, 0.9, "jung-kim", "impossible in a design of 24"),
        (-1, 0.9, "jung-kim", "impossible in a design of 24"),
        (5, 1.0, "jung-kim", "level"),
        (5, 0.9, "wald", "no interval 'wald'"),
    ],
)
def test_impossible_questions_are_refused(responders: int, level: float, method: IntervalMethod, words: str):
    """Counts, levels and methods are checked."""
    with pytest.raises(StatisticsError, match=words):
        two_stage_inference(responders, EIGHT_PLUS_SIXTEEN, method, level)


def test_accuracy_needs_a_rate_that_leaves_the_outcome_open():
    """At p = 0 no cohort goes on, so there is no mean of those that do."""
    with pytest.raises(StatisticsError, match="leaves no outcome open"):
        estimator_accuracy(EIGHT_PLUS_SIXTEEN, 0.0, "went on")
    with pytest.raises(StatisticsError, match="is no range"):
        least_coverage(EIGHT_PLUS_SIXTEEN, "jung-kim", 0.9, (0.5, 0.2))
