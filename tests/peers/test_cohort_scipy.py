"""Own exact sums and the own Beta distribution beside SciPy's."""

from __future__ import annotations

import itertools
import math

import pytest
from scipy import stats

from kohort.cohort import EIGHT_PLUS_SIXTEEN, Beta, TwoStageDesign, predictive_probability
from kohort.cohort.maths.beta import log_beta

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
        weight = math.comb(17, more) * math.exp(
            log_beta(known.a + more, known.b + 17 - more) - log_beta(known.a, known.b)
        )
        predictive += weight * (known.updated(more, 17).above(0.6) > 0.9)
    assert predictive == pytest.approx(0.5655589, abs=5e-8)


@pytest.mark.parametrize(("responders", "evaluable"), [(1, 8), (2, 11), (4, 20)])
def test_predictive_probability_is_scipys_beta_binomial(responders: int, evaluable: int):
    """After the look only the total counts: the tail of a beta-binomial."""
    known = Beta(1, 1).updated(responders, evaluable)
    tail = stats.betabinom.sf(4 - responders, 24 - evaluable, known.a, known.b)
    seen = predictive_probability(EIGHT_PLUS_SIXTEEN, responders, evaluable)
    assert seen == pytest.approx(tail, abs=1e-12)
