"""Estimates after two stages, against published tables and the definitions."""

from __future__ import annotations

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, TwoStageDesign, outcome_tail, two_stage_inference, umvue
from kohort.cohort.inference.two_stage import IntervalMethod
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
    seen = two_stage_inference(responders, EIGHT_PLUS_SIXTEEN, level=0.9, method="koyama-chen")
    assert seen.umvue == pytest.approx(estimate, abs=5e-9)
    assert seen.p_value == pytest.approx(p_value, abs=5e-9)
    assert (seen.interval.lower, seen.interval.upper) == pytest.approx((lower, upper), abs=1.2e-4)


def test_the_default_interval_takes_its_limits_from_both_tails():
    """Five of 24: .0881289 to .4013; the same-tail upper limit would be .3654320."""
    default = two_stage_inference(5, EIGHT_PLUS_SIXTEEN).interval
    same_tail = two_stage_inference(5, EIGHT_PLUS_SIXTEEN, method="koyama-chen").interval
    assert default.method == "clopper-pearson"
    assert default.lower == same_tail.lower == pytest.approx(0.0881289, abs=5e-8)
    assert default.upper == pytest.approx(0.4013, abs=5e-5)
    assert same_tail.upper == pytest.approx(0.3654320, abs=5e-8)


@pytest.mark.parametrize(("method", "least"), [("clopper-pearson", 0.902), ("koyama-chen", 0.845)])
def test_the_default_interval_holds_its_level_and_the_same_tail_interval_does_not(method: IntervalMethod, least: float):
    """Coverage of nominal 90 percent for p from .02 to .70."""
    design = EIGHT_PLUS_SIXTEEN
    intervals = [two_stage_inference(x, design, method=method).interval for x in range(25)]
    coverage = []
    for p in (step / 1000 for step in range(20, 701)):
        tails = [outcome_tail(x, design, p) for x in range(25)] + [0.0]
        coverage.append(
            sum(
                tails[x] - tails[x + 1] for x, interval in enumerate(intervals) if interval.lower <= p <= interval.upper
            )
        )
    assert min(coverage) == pytest.approx(least, abs=1e-3)


@pytest.mark.parametrize("responders", range(1, 24))
@pytest.mark.parametrize("method", ["clopper-pearson", "koyama-chen"])
def test_limits_are_roots_to_ten_digits(responders: int, method: IntervalMethod):
    """Putting a limit back into the tail gives the nominal error."""
    interval = two_stage_inference(responders, EIGHT_PLUS_SIXTEEN, 0.9, method).interval
    upper_outcome = responders + (method == "clopper-pearson")
    assert outcome_tail(responders, EIGHT_PLUS_SIXTEEN, interval.lower) == pytest.approx(0.05, abs=1e-10)
    assert outcome_tail(upper_outcome, EIGHT_PLUS_SIXTEEN, interval.upper) == pytest.approx(0.95, abs=1e-10)


def test_the_median_unbiased_estimate_puts_the_outcome_in_the_middle():
    """Five of 24: .19868, while the raw rate is .2083."""
    seen = two_stage_inference(5, EIGHT_PLUS_SIXTEEN)
    assert seen.median_unbiased == pytest.approx(0.19868, abs=5e-6)
    assert outcome_tail(5, EIGHT_PLUS_SIXTEEN, seen.median_unbiased) == pytest.approx(0.5, abs=1e-12)
    assert seen.mle == 5 / 24


def test_a_cohort_without_responders_has_estimate_zero_and_p_value_one():
    """0 of 8, stopped: the upper limit is that of the next outcome, whichever interval is asked for."""
    for method in ("clopper-pearson", "koyama-chen"):
        seen = two_stage_inference(0, EIGHT_PLUS_SIXTEEN, method=method)
        assert (seen.umvue, seen.mle, seen.median_unbiased, seen.p_value) == (0, 0, 0, 1)
        assert seen.interval.lower == 0
        assert seen.interval.upper == pytest.approx(1 - 0.05 ** (1 / 8), abs=1e-12)


def test_a_cohort_of_responders_only_has_upper_limit_one():
    """24 of 24: nothing lies above."""
    assert two_stage_inference(24, EIGHT_PLUS_SIXTEEN).interval.upper == 1


def test_a_cohort_that_stopped_is_judged_by_its_first_stage():
    """1/14 stopped with one responder: the rate is 1 of 14, whichever estimate."""
    design = TwoStageDesign(r1=1, n1=14, r=4, n=23, p0=0.1, p1=0.3)
    seen = two_stage_inference(1, design)
    assert seen.umvue == seen.mle == pytest.approx(1 / 14)
    assert seen.p_value == pytest.approx(1 - 0.9**14, abs=1e-14)


def test_the_raw_rate_is_biased_and_the_unbiased_estimate_is_not():
    """Mean of the raw rate: .0713 at p = .1 and .2885 at p = .3."""
    design = EIGHT_PLUS_SIXTEEN
    for p, mean in ((0.1, 0.0713), (0.3, 0.2885)):
        tails = [outcome_tail(x, design, p) for x in range(25)] + [0.0]
        weights = [tails[x] - tails[x + 1] for x in range(25)]
        raw = sum(w * (x / 24 if x > 0 else 0) for x, w in enumerate(weights))
        assert raw == pytest.approx(mean, abs=5e-5)
        assert sum(w * umvue(x, design) for x, w in enumerate(weights)) == pytest.approx(p, abs=1e-12)


@pytest.mark.parametrize(
    ("responders", "level", "method", "words"),
    [
        (25, 0.9, "clopper-pearson", "impossible in a design of 24"),
        (-1, 0.9, "clopper-pearson", "impossible in a design of 24"),
        (5, 1.0, "clopper-pearson", "level"),
        (5, 0.9, "wald", "no interval 'wald'"),
    ],
)
def test_impossible_questions_are_refused(responders: int, level: float, method: IntervalMethod, words: str):
    """Counts, levels and methods are checked."""
    with pytest.raises(StatisticsError, match=words):
        two_stage_inference(responders, EIGHT_PLUS_SIXTEEN, level, method)
