"""Progression-free survival ratio: PFS2 / PFS1 above 1.3, with censoring on either side.

Von Hoff, Clin Cancer Res 1998;4:1079; Mick et al., Control Clin Trials 2000;21:343; models of the pair of times by
Kovalchik & Mietlowski, Contemp Clin Trials 2011;32:99.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from kohort.cohort.countries.counts import exact_interval
from kohort.cohort.countries.pfs_models import _LogNormal, _WeibullFrailty, fit_pfs_ratio
from kohort.cohort.countries.pfs_ratio import PairedTimes, pfs_ratio
from kohort.errors import StatisticsError, UnknownNameError


def test_a_ratio_is_known_unknown_or_known_not_to_be_a_gain():
    """PFS1 10: progression at 14 is a gain, at 13 none (not above 1.3); last seen at 13 a gain, at 12 unknown."""
    found = pfs_ratio([10, 10, 10, 10], [14, 13, 13, 12], [True, True, False, False])
    assert (found.yes, found.no, found.unknown) == (2, 1, 1)
    assert found.bounds == (0.5, 0.75)
    assert found.share_of_known == pytest.approx(2 / 3)
    assert "2 of 4 patients (1 not, 1 not known): 50% to 75%" in found.sentence


def test_an_earlier_treatment_that_was_changed_before_progression_bounds_the_ratio_from_above():
    """PFS1 censored at 10: progression at 12 is at most 1.2, no gain; at 20 it may be or not."""
    found = pfs_ratio([10, 10, 10], [12, 20, 20], [True, True, False], event1=[False, False, False])
    assert (found.yes, found.no, found.unknown) == (0, 1, 2)
    assert found.curve is None
    assert found.kaplan_meier is None
    assert found.median_interval == (None, None)


def test_the_interval_holds_whatever_the_unknown_answers_are():
    """Lower limit as if all unknown were no, upper limit as if all were yes."""
    found = pfs_ratio([10] * 10, [20, 20, 20, 5, 5, 5, 5, 11, 11, 11], [True] * 7 + [False] * 3)
    assert (found.yes, found.no, found.unknown) == (3, 4, 3)
    assert found.interval.lower == exact_interval(3, 10).lower
    assert found.interval.upper == exact_interval(6, 10).upper
    assert list(found.known_interval) == list(exact_interval(3, 7))
    best, worst = found.p_value(0.15)
    assert worst == pytest.approx(stats.binomtest(3, 10, 0.15, alternative="greater").pvalue)
    assert best == pytest.approx(stats.binomtest(6, 10, 0.15, alternative="greater").pvalue)


def test_without_censoring_the_median_has_the_interval_of_the_sign_test():
    """Eleven ratios: the second smallest and the second largest hold the median with 98.8 %, at 95 % asked for."""
    ratios = np.array([0.3, 0.5, 0.8, 0.9, 1.0, 1.1, 1.4, 1.7, 2.0, 2.6, 4.0])
    found = pfs_ratio(np.full(11, 10.0), 10 * ratios, np.ones(11, bool))
    assert found.median == pytest.approx(1.1)
    assert found.median_interval == (pytest.approx(0.5), pytest.approx(2.6))
    assert found.kaplan_meier == pytest.approx(5 / 11)
    assert found.unknown == 0
    assert "5 of 11 patients (6 not): 45%" in found.sentence


def test_censored_ratios_open_the_interval_of_the_median_on_their_side():
    """With three last seen without progression the upper end moves up, and opens if too many are."""
    second = np.array([3.0, 5, 8, 9, 10, 11, 14, 17, 20, 26, 40])
    event = np.array([True] * 8 + [False] * 3)
    assert pfs_ratio(np.full(11, 10.0), second, event).median_interval == (pytest.approx(0.5), None)
    one = pfs_ratio(np.full(11, 10.0), second, second != 9)
    assert one.median_interval == (pytest.approx(0.5), pytest.approx(4.0))


def pairs(n: int = 60, seed: int = 7) -> PairedTimes:
    """Pairs of correlated log-normal times with censoring of both."""
    rng = np.random.default_rng(seed)
    first = rng.normal(1.5, 0.6, n)
    second = 1.6 + 0.5 * (first - 1.5) + rng.normal(0, 0.7, n)
    ends, changes = np.log(rng.uniform(3, 25, n)), np.log(rng.uniform(4, 60, n))
    return PairedTimes.of(
        np.exp(np.minimum(first, changes)), np.exp(np.minimum(second, ends)), second <= ends, first <= changes
    )


def test_the_log_normal_model_without_censoring_has_its_closed_form():
    """Share = Phi((d - log 1.3) / s) with the mean and the standard deviation (n) of the log ratios."""
    rng = np.random.default_rng(3)
    first, second = np.exp(rng.normal(1, 0.5, 40)), np.exp(rng.normal(1.2, 0.8, 40))
    found = fit_pfs_ratio(PairedTimes.of(first, second, np.ones(40, bool)))
    ratio = np.log(second / first)
    assert found.share == pytest.approx(stats.norm.cdf((ratio.mean() - math.log(1.3)) / ratio.std()), abs=1e-5)
    assert found.median_ratio == pytest.approx(math.exp(ratio.mean()), abs=1e-4)
    assert found.correlation == pytest.approx(np.corrcoef(np.log(first), np.log(second))[0, 1], abs=1e-4)


def test_the_log_normal_likelihood_is_that_of_the_bivariate_normal():
    """Densities, tails and corners of the two-dimensional normal distribution, censoring of both times included."""
    times = pairs(12)
    law = _LogNormal(times, 1.3)
    psi, rest = 0.2, np.array([1.4, math.log(0.7), -0.4, math.log(0.6)])
    sd, slope, residual = 0.7, -0.4, 0.6
    ratio = math.log(1.3) + psi * math.hypot(slope * sd, residual)
    mean = np.array([1.4, 1.4 + ratio])
    covariance = sd**2 * (1 + slope)
    spread = np.array([[sd**2, covariance], [covariance, (1 + slope) ** 2 * sd**2 + residual**2]])

    def density(u: float, v: float) -> float:
        z = np.linalg.solve(spread, np.array([u, v]) - mean)
        height = math.exp(-float((np.array([u, v]) - mean) @ z) / 2)
        return height / (2 * math.pi * math.sqrt(float(np.linalg.det(spread))))

    def likelihood(t1: float, t2: float, event1: bool, event2: bool) -> float:
        u, v = math.log(t1), math.log(t2)
        if event1 and event2:
            return density(u, v) / t1 / t2
        if event1:
            return integrate.quad(lambda w: density(u, w), v, 12)[0] / t1
        if event2:
            return integrate.quad(lambda w: density(w, v), u, 12)[0] / t2
        return integrate.dblquad(density, v, 12, u, 12, epsabs=1e-9)[0]

    each = [likelihood(*row) for row in zip(times.pfs1, times.pfs2, times.event1, times.event2, strict=True)]
    assert not times.event1.all()
    assert law.minus_log_likelihood(psi, rest) == pytest.approx(-sum(map(math.log, each)), abs=1e-5)


def test_the_frailty_likelihood_is_the_mean_over_the_frailty():
    """Weibull times given a gamma frailty, integrated over it numerically; the frailty cancels in the ratio."""
    times = pairs(12)
    law = _WeibullFrailty(times, 1.3)
    psi, rate1, shape, variance = 0.3, -0.4, 1.3, 0.6
    scale = float(np.median(times.pfs1))
    a1 = math.exp(rate1) / scale**shape
    a2 = a1 * math.exp(-psi) / 1.3**shape

    def given(w: float, t1: float, t2: float, event1: bool, event2: bool) -> float:
        hazards = (w * a1 * shape * t1 ** (shape - 1)) ** event1 * (w * a2 * shape * t2 ** (shape - 1)) ** event2
        return hazards * math.exp(-w * (a1 * t1**shape + a2 * t2**shape))

    each = [
        integrate.quad(
            lambda w, row=row: given(w, *row) * float(stats.gamma.pdf(w, 1 / variance, scale=variance)),
            0,
            40,
            limit=200,
        )[0]
        for row in zip(times.pfs1, times.pfs2, times.event1, times.event2, strict=True)
    ]
    rest = np.array([rate1, math.log(shape), math.log(variance)])
    assert law.minus_log_likelihood(psi, rest) == pytest.approx(-sum(map(math.log, each)), abs=1e-6)
    assert law.share(psi) == pytest.approx(a1 / (a1 + a2 * 1.3**shape))


def test_models_of_the_pair_are_not_biased_by_censoring_where_the_curve_of_the_ratio_is():
    """2,000 Weibull pairs, short follow-up: the model finds the true .46, the curve of the ratio says over .54."""
    rng = np.random.default_rng(11)
    n, shape, a1, a2 = 2000, 1.4, 0.1, 0.08
    frailty = rng.gamma(1, 1, n)
    first, second = ((rng.exponential(size=n) / (frailty * a)) ** (1 / shape) for a in (a1, a2))
    end = rng.uniform(1, 8, n)
    times = PairedTimes.of(first, np.minimum(second, end), second <= end)
    true = a1 / (a1 + a2 * 1.3**shape)
    found = fit_pfs_ratio(times, "weibull-frailty")
    assert found.interval[0] < true < found.interval[1]
    assert found.share == pytest.approx(true, abs=0.03)
    described = pfs_ratio(times.pfs1, times.pfs2, times.event2)
    assert described.kaplan_meier is not None
    assert described.kaplan_meier - true > 0.08
    assert described.bounds[0] < true < described.bounds[1]


def test_zero_and_negative_times_are_refused_with_what_to_do():
    """A ratio of 0 or over 0 says nothing; the message says how many and what to give instead."""
    with pytest.raises(StatisticsError, match=r"1 of 2 values of pfs1 are 0.*give 1"):
        pfs_ratio([0, 10], [5, 5], [True, True])
    with pytest.raises(StatisticsError, match="negative"):
        pfs_ratio([10, 10], [5, -5], [True, True])
    with pytest.raises(StatisticsError, match="nobody"):
        pfs_ratio([], [], [])
    with pytest.raises(StatisticsError, match="threshold"):
        pfs_ratio([10], [5], [True], threshold=0)
    with pytest.raises(StatisticsError, match="share"):
        pfs_ratio([10], [5], [True]).p_value(0)


def test_a_model_needs_progressions():
    """Two progressions fit no model; an unknown model is named; a model's threshold is above 0."""
    few = PairedTimes.of([10, 10, 10], [5, 5, 5], [True, True, False])
    with pytest.raises(StatisticsError, match="Fewer than 3"):
        fit_pfs_ratio(few)
    with pytest.raises(UnknownNameError, match="cox"):
        fit_pfs_ratio(pairs(), "cox")  # type: ignore[arg-type]
    with pytest.raises(StatisticsError, match="threshold"):
        fit_pfs_ratio(pairs(), threshold=-1)


@pytest.mark.parametrize("model", ["log-normal", "weibull-frailty"])
def test_ratios_that_are_all_the_same_fit_no_model(model: str):
    """Every PFS2 twice the PFS1: the likelihood grows without end, and the message says so."""
    first = np.array([2.0, 3, 4, 5, 6, 7, 8, 9])
    with pytest.raises(StatisticsError, match="nearly the same"):
        fit_pfs_ratio(PairedTimes.of(first, 2 * first, np.ones(8, bool)), model)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["log-normal", "weibull-frailty"])
def test_where_every_ratio_is_a_gain_the_share_is_near_one(model: str):
    """All of eight ratios far above 1.3, hardly any spread among them: the interval ends at 1."""
    first, ratio = np.array([2.0, 3, 4, 5, 6, 7, 8, 9]), np.array([30, 45, 38, 52, 33, 41, 60, 36])
    found = fit_pfs_ratio(PairedTimes.of(first, ratio * first, np.ones(8, bool)), model)  # type: ignore[arg-type]
    assert found.share > 0.99
    assert found.interval[1] == pytest.approx(1, abs=1e-6)
    assert 0.8 < found.interval[0] <= found.share
