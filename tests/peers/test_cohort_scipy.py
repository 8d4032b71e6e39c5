"""Own exact sums, intervals and waiting times beside SciPy's distributions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.special import betaln

from kohort.cohort.course.delay import Accrual, pending_at_look
from kohort.cohort.course.evaluability import enrolment_for
from kohort.cohort.course.prediction import predictive_probability
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.inference.two_stage import two_stage_inference
from kohort.cohort.maths.beta import Beta

DESIGNS = [
    EIGHT_PLUS_SIXTEEN,
    TwoStageDesign(1, 14, 4, 23, 0.1, 0.3),
    TwoStageDesign(17, 40, 60, 120, 0.4, 0.5),
]


@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("p", [0.01, 0.1, 0.37, 0.5, 0.93])
def test_operating_characteristics_equal_sums_of_scipys_binomial(design: TwoStageDesign, p: float):
    """Positive, early stop and expected size to 1e-12."""
    seen = design.operating_characteristics(p)
    positive = sum(
        stats.binom.pmf(x, design.n1, p) * stats.binom.sf(design.r - x, design.n2, p)
        for x in range(design.r1 + 1, design.n1 + 1)
    )
    early_stop = stats.binom.cdf(design.r1, design.n1, p)
    assert seen.success == pytest.approx(positive, abs=1e-12)
    assert seen.early_stop == pytest.approx(early_stop, abs=1e-12)
    assert seen.expected_n == pytest.approx(design.n1 + (1 - early_stop) * design.n2, abs=1e-10)


@pytest.mark.parametrize(("a", "b"), list(itertools.product([0.1, 0.5, 1, 4, 33.5, 2_000], [0.2, 1, 8, 60.25, 5_000])))
def test_the_beta_distribution_equals_scipys(a: float, b: float):
    """Both tails and quantiles, from sharp to flat."""
    for p in (1e-6, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999):
        assert Beta(a, b).below(p) == pytest.approx(stats.beta.cdf(p, a, b), rel=1e-9, abs=1e-13)
        assert Beta(a, b).above(p) == pytest.approx(stats.beta.sf(p, a, b), rel=1e-9, abs=1e-13)
    for probability in (0.05, 0.5, 0.95):
        assert Beta(a, b).quantile(probability) == pytest.approx(stats.beta.ppf(probability, a, b), rel=1e-9, abs=1e-15)


def test_the_beta_distribution_gives_the_predictive_probability_of_lee_and_liu():
    """N = 40, 16 of 23, Beta(.6, .4), p0 = .6, threshold .9: .5655589."""
    known = Beta(0.6, 0.4).updated(16, 23)
    predictive = 0.0
    for more in range(18):
        weight = math.comb(17, more) * math.exp(betaln(known.a + more, known.b + 17 - more) - betaln(known.a, known.b))
        predictive += weight * (known.updated(more, 17).above(0.6) > 0.9)
    assert predictive == pytest.approx(0.5655589, abs=5e-8)


@pytest.mark.parametrize(("responders", "evaluable"), [(1, 8), (2, 11), (4, 20)])
def test_predictive_probability_is_scipys_beta_binomial(responders: int, evaluable: int):
    """After the look only the total counts: the tail of a beta-binomial."""
    known = Beta(1, 1).updated(responders, evaluable)
    tail = stats.betabinom.sf(4 - responders, 24 - evaluable, known.a, known.b)
    seen = predictive_probability(EIGHT_PLUS_SIXTEEN, responders, evaluable)
    assert seen == pytest.approx(tail, abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_plain_binomial_limits_equal_scipys_exact_interval(level: float):
    """Clopper-Pearson of x of the patients that were evaluated."""
    for x in range(25):
        ours = two_stage_inference(x, EIGHT_PLUS_SIXTEEN, "clopper-pearson", level)
        theirs = stats.binomtest(x, 8 if x == 0 else 24).proportion_ci(level, method="exact")
        assert ours.ci == pytest.approx((theirs.low, theirs.high), abs=1e-10)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_limits_on_the_order_equal_roots_of_scipys_binomial(design: TwoStageDesign):
    """Brent's method on sums of SciPy's probabilities finds the same limits and medians, to 1e-10."""

    def q(x: int, p: float) -> float:
        if x <= design.r1:
            return float(stats.binom.sf(x - 1, design.n1, p))
        first = np.arange(design.r1 + 1, design.n1 + 1)
        return float(np.sum(stats.binom.pmf(first, design.n1, p) * stats.binom.sf(x - first - 1, design.n2, p)))

    def root(x: int, target: float) -> float:
        found = optimize.root_scalar(lambda p: q(x, p) - target, bracket=(1e-12, 1 - 1e-12), xtol=1e-13)
        return float(found.root)

    for x in range(1, design.n, max(design.n // 8, 1)):
        seen = two_stage_inference(x, design)
        assert seen.ci == pytest.approx((root(x, 0.05), root(x + 1, 0.95)), abs=1e-10)
        assert two_stage_inference(x, design, "koyama-chen").ci.upper == pytest.approx(root(x, 0.95), abs=1e-10)
        assert seen.median_unbiased == pytest.approx(root(x, 0.5), abs=1e-10)


@pytest.mark.parametrize("per_week", [0.05, 0.25, 2.0])
def test_waiting_times_are_scipys_poisson_and_gamma(per_week: float):
    """Patients who come within one delay, and the weeks that a look is awaited."""
    accrual = Accrual(per_week)
    pending = pending_at_look(EIGHT_PLUS_SIXTEEN, accrual)
    assert pending[:16] == pytest.approx(stats.poisson.pmf(np.arange(16), 16 * per_week), abs=1e-14)
    assert pending[16] == pytest.approx(stats.poisson.sf(15, 16 * per_week), abs=1e-14)
    for later in (1, 3, 7):
        gap = stats.gamma(later, scale=1 / per_week)
        assert accrual.pause(later) == pytest.approx(gap.expect(lambda g: 16 - g, lb=0, ub=16), abs=1e-7)
        assert accrual.pause_above(later, 5) == pytest.approx(gap.cdf(11), abs=1e-13)


def test_the_number_to_enrol_is_a_quantile_of_scipys_negative_binomial():
    """24 evaluable patients at four rates of evaluability."""
    for evaluability in (0.5, 0.8, 0.9, 0.97):
        assert enrolment_for(24, evaluability, 0.9) == 24 + int(stats.nbinom.ppf(0.9, 24, evaluability))


def test_the_moments_of_the_beta_distribution_are_scipys():
    """Mean and variance."""
    for a, b in ((0.5, 0.5), (1, 8), (33.5, 60.25)):
        assert (Beta(a, b).mean, Beta(a, b).variance) == pytest.approx(stats.beta.stats(a, b, moments="mv"))
