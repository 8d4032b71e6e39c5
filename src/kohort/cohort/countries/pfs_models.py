"""Progression-free survival ratio from the likelihood of the two times together, so that censoring does not bias it.

The ratio is right-censored at c / PFS1, which depends on PFS1 and so on the ratio. Models of the pair do not suffer:

* ``log-normal``: (log PFS1, log PFS2) bivariate normal; the log ratio is normal with mean d and standard deviation s,
  and P(ratio > t) = Phi((d - log t) / s);
* ``weibull-frailty``: PFS1 and PFS2 Weibull of a common shape k, with rates w a1 and w a2 for a patient of frailty w,
  w gamma-distributed with mean 1 and variance v. The frailty cancels in the ratio, which is log-logistic:
  P(ratio > t) = a1 / (a1 + a2 t^k). With A = a1 PFS1^k + a2 PFS2^k a pair of events has density
  (1 + v)(1 + v A)^(-1/v - 2) times both hazards, one event (1 + v A)^(-1/v - 1) times its hazard, none
  (1 + v A)^(-1/v).

Maximum likelihood; intervals from the profile likelihood, which falls by z^2 / 2 at their ends, P(ratio > t) being a
parameter itself, on its probit or logit. Large-sample theory: with a dozen patients a guide, not more.

References:
    Kovalchik S, Mietlowski W. Contemp Clin Trials 2011;32:99-107.
    Clayton DG. Biometrika 1978;65:141-151 (gamma frailty of pairs).
    Venzon DJ, Moolgavkar SH. J R Stat Soc C 1988;37:87-94 (profile likelihood intervals).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.optimize import minimize, root_scalar
from scipy.special import expit, log_ndtr, logsumexp, ndtr, ndtri

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.borrowing.quadrature_cells import gauss_legendre
from kohort.cohort.countries.pfs_ratio import GAIN, PairedTimes
from kohort.errors import StatisticsError, UnknownNameError
from kohort.evidence.distributions import normal_quantile

__all__ = ["PfsModel", "PfsModelFit", "fit_pfs_ratio"]

PfsModel = Literal["log-normal", "weibull-frailty"]
LEAST_EVENTS = 3
NODES = 40
STEP, MOST_STEPS = 0.5, 60
BOUND = 12.0
"""Logarithms of scales, shapes and variances are kept within it; beyond it nothing changes any more."""

NARROWEST = 4.6
"""A spread of log times below exp(-4.6), 1 %, (or a shape above 100) means that times are all but equal."""

MinusLogLikelihood = Callable[[float, FloatArray], float]


@dataclass(frozen=True, slots=True)
class PfsModelFit:
    """A fitted model of paired times.

    Attributes:
        model: which one.
        threshold: ratio that is a gain.
        share: P(ratio > threshold).
        interval: its profile likelihood interval; 0 or 1 where the likelihood does not close it.
        median_ratio: median of the ratio.
        correlation: log-normal: of the two log times; Weibull: Kendall's tau, v / (v + 2).
        log_likelihood: at the maximum.
        level: of the interval.
    """

    model: PfsModel
    threshold: float
    share: float
    interval: tuple[float, float]
    median_ratio: float
    correlation: float
    log_likelihood: float
    level: float


def fit_pfs_ratio(
    times: PairedTimes, model: PfsModel = "log-normal", threshold: float = GAIN, *, level: float = 0.95
) -> PfsModelFit:
    """Share of patients with a gain by maximum likelihood.

    Args:
        times: the paired times.
        model: ``log-normal`` or ``weibull-frailty``.
        threshold: ratio that is a gain.
        level: of the interval.

    Raises:
        UnknownNameError: another model.
        StatisticsError: too few events to fit it, or a threshold or level that cannot be.
    """
    if model not in get_args(PfsModel):
        raise UnknownNameError("model of the ratio", model, get_args(PfsModel))
    if not 0 < threshold < np.inf:
        raise StatisticsError(f"A threshold of {threshold} is impossible.", remedy="Give a ratio such as 1.3.")
    z = normal_quantile(level)
    if min(int(times.event1.sum()), int(times.event2.sum())) < LEAST_EVENTS:
        raise StatisticsError(
            f"Fewer than {LEAST_EVENTS} progressions on one of the treatments: no model can be fitted.",
            remedy="Report the bounds of pfs_ratio, or wait for more follow-up.",
        )
    law = _LogNormal(times, threshold) if model == "log-normal" else _WeibullFrailty(times, threshold)
    best = _maximum(law.minus_log_likelihood, law.start())
    psi, rest = float(best[0]), best[1:]
    if law.is_degenerate(rest):
        raise StatisticsError(
            "The ratios of all patients are nearly the same: the likelihood has no maximum.",
            remedy="Check the times; report the counts and bounds of pfs_ratio.",
        )
    lowest = law.minus_log_likelihood(psi, rest)
    ends = [_profile_end(law.minus_log_likelihood, best, lowest + z * z / 2, sign) for sign in (-1, 1)]
    median_ratio, correlation = law.describe(psi, rest)
    low, high = (law.share(end) for end in ends)
    return PfsModelFit(model, threshold, law.share(psi), (low, high), median_ratio, correlation, -lowest, level)


class _LogNormal:
    """Parameters: psi = (d - log t) / s; then mean and log SD of log PFS1, slope and log SD of the log ratio on it."""

    def __init__(self, times: PairedTimes, threshold: float) -> None:
        self.first, self.second = np.log(times.pfs1), np.log(times.pfs2)
        self.event1, self.event2 = times.event1, times.event2
        self.at = float(np.log(threshold))

    def start(self) -> FloatArray:
        ratio = self.second - self.first
        spread = max(float(ratio.std()), 0.1)
        middle = (float(ratio.mean()) - self.at) / spread
        return np.array([middle, self.first.mean(), np.log(max(self.first.std(), 0.1)), -0.5, np.log(spread)])

    def share(self, psi: float) -> float:
        return float(ndtr(psi))

    def describe(self, psi: float, rest: FloatArray) -> tuple[float, float]:
        _, sd, slope, residual, mean_ratio = self._read(psi, rest)
        second = np.sqrt((1 + slope) ** 2 * sd**2 + residual**2)
        return float(np.exp(mean_ratio)), float((1 + slope) * sd / second)

    def is_degenerate(self, rest: FloatArray) -> bool:
        return bool(rest[3] <= -NARROWEST)

    def _read(self, psi: float, rest: FloatArray) -> tuple[float, float, float, float, float]:
        log_sd, log_residual = np.clip(rest[[1, 3]], -NARROWEST, BOUND)
        mean, sd, slope, residual = rest[0], np.exp(log_sd), rest[2], np.exp(log_residual)
        return mean, sd, slope, residual, self.at + psi * float(np.hypot(slope * sd, residual))

    def minus_log_likelihood(self, psi: float, rest: FloatArray) -> float:
        mean, sd, slope, residual, mean_ratio = self._read(psi, rest)

        def second_given(first: FloatArray, second: FloatArray, seen: np.ndarray) -> FloatArray:
            z = (second - first - mean_ratio - slope * (first - mean)) / residual
            return np.where(seen, _log_normal_density(z) - np.log(residual), log_ndtr(-z))

        z = (self.first - mean) / sd
        known = _log_normal_density(z) - np.log(sd) + second_given(self.first, self.second, self.event2)
        total = float(known[self.event1].sum())
        if not self.event1.all():
            late = ~self.event1
            at, weight = gauss_legendre(NODES)
            tail = ndtr(-z[late])
            later = mean - sd * ndtri(np.clip(tail[:, None] * (1 - at), 1e-300, 1))
            inside = second_given(later, self.second[late][:, None], self.event2[late][:, None])
            total += float((logsumexp(inside, b=weight, axis=1) + log_ndtr(-z[late])).sum())
        # densities of log times to densities of times, so that the two models can be compared
        return -total + float(self.first[self.event1].sum() + self.second[self.event2].sum())


class _WeibullFrailty:
    """Parameters: psi = logit P(ratio > t); then log rate of PFS1, log shape, log frailty variance."""

    def __init__(self, times: PairedTimes, threshold: float) -> None:
        self.scale = float(np.log(np.median(times.pfs1)))  # in units of the median the rates are near 1
        self.first, self.second = np.log(times.pfs1) - self.scale, np.log(times.pfs2) - self.scale
        self.event1, self.event2 = times.event1.astype(np.float64), times.event2.astype(np.float64)
        self.at = float(np.log(threshold))

    def start(self) -> FloatArray:
        above = float((self.second - self.first > self.at).mean())
        above = min(max(above, 0.05), 0.95)
        return np.array([np.log(above / (1 - above)), 0.0, 0.2, -0.5])

    def share(self, psi: float) -> float:
        return float(expit(psi))

    def describe(self, psi: float, rest: FloatArray) -> tuple[float, float]:
        variance = float(np.exp(np.clip(rest[2], -BOUND, BOUND)))
        return float(np.exp(self.at + psi / np.exp(rest[1]))), variance / (variance + 2)

    def is_degenerate(self, rest: FloatArray) -> bool:
        return bool(rest[1] >= NARROWEST)

    def minus_log_likelihood(self, psi: float, rest: FloatArray) -> float:
        log_shape, log_variance = np.clip(rest[1], -BOUND, NARROWEST), np.clip(rest[2], -BOUND, BOUND)
        rate1, shape, variance = rest[0], np.exp(log_shape), np.exp(log_variance)
        rate2 = rate1 - psi - shape * self.at
        log_hazard1 = rate1 + log_shape + (shape - 1) * self.first - self.scale
        log_hazard2 = rate2 + log_shape + (shape - 1) * self.second - self.scale
        load = np.exp(np.minimum(rate1 + shape * self.first, 600)) + np.exp(
            np.minimum(rate2 + shape * self.second, 600)
        )
        events = self.event1 + self.event2
        frailty = -(1 / variance + events) * np.log1p(variance * load) + (events == 2) * np.log1p(variance)
        return -float((self.event1 * log_hazard1 + self.event2 * log_hazard2 + frailty).sum())


def _log_normal_density(z: FloatArray) -> FloatArray:
    return -(z**2) / 2 - np.log(2 * np.pi) / 2


def _maximum(loss: MinusLogLikelihood, start: FloatArray) -> FloatArray:
    """All parameters at the maximum: simplex steps to come near, then quasi-Newton."""
    near = minimize(lambda at: loss(float(at[0]), at[1:]), start, method="Nelder-Mead", options={"maxiter": 2000}).x
    return _polished(lambda at: loss(float(at[0]), at[1:]), near)


def _polished(loss: Callable[[FloatArray], float], start: FloatArray) -> FloatArray:
    box = [(-max(BOUND, abs(at) + BOUND), max(BOUND, abs(at) + BOUND)) for at in start.tolist()]
    found = minimize(loss, start, method="L-BFGS-B", bounds=box, options={"ftol": 1e-14, "gtol": 1e-9})
    return found.x if found.fun <= loss(start) else start


def _profile_end(loss: MinusLogLikelihood, best: FloatArray, limit: float, sign: int) -> float:
    """Psi at which the profile falls to the limit; infinite where it never does."""
    rest = best[1:]

    def excess(psi: float) -> float:
        nonlocal rest
        rest = _polished(lambda at: loss(psi, at), rest)
        return loss(psi, rest) - limit

    inside = float(best[0])
    for step in range(1, MOST_STEPS):
        outside = float(best[0]) + sign * STEP * step
        if excess(outside) > 0:
            ends = (min(inside, outside), max(inside, outside))
            return float(root_scalar(excess, bracket=ends, method="brentq", xtol=1e-8).root)
        inside = outside
    return sign * np.inf
