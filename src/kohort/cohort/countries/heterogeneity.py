"""Do the trials of one cohort differ by more than chance? Q, I2 and exact p values that small counts allow.

With x_i of n_i responders in trial i of K, X of N in all and P = X / N:

    Q  = sum_i n_i (x_i / n_i - P)^2 / (P (1 - P))                     K - 1 degrees of freedom
    I2 = max(0, (Q - (K - 1)) / Q),   H = max(1, sqrt(Q / (K - 1))),   I2 = 1 - 1 / H^2

The chi-square p value of Q and the interval of I2 hold for large counts only; the least expected count says how
far that is. Two p values hold for any counts, given the margins (the chance of x_i is multivariate hypergeometric):
that of Q, and that of Fisher, Freeman and Halton, which counts tables no more probable than the one seen. They are
summed exactly where the tables can be enumerated, else drawn, with a standard error.

Interval of I2: ln H +- z s with s = (ln Q - ln(K - 1)) / (2 (sqrt(2 Q) - sqrt(2 K - 3))) for Q > K and
s^2 = (1 - 1 / (3 (K - 2)^2)) / (2 (K - 2)) otherwise. Two trials with Q <= 2 say nothing: the interval is 0 to 1.

References:
    Cochran WG. Biometrics 1954;10:417-451 (Q, and how large expected counts must be).
    Freeman GH, Halton JH. Biometrika 1951;38:141-149 (exact test).
    Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558 (I2, H and their test-based interval).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import chdtrc, gammaln

from kohort.cohort.borrowing.data import FloatArray
from kohort.errors import StatisticsError

__all__ = ["ExactP", "Heterogeneity", "heterogeneity"]

MOST_TABLES = 1_000_000
"""Tables, those that are one counted once, that are enumerated a trial; above it tables are drawn."""

DRAWS = 200_000
SEED = 1951
TIE = 1e-7
"""Statistics that differ by less are tied, as in R's ``fisher.test``."""


@dataclass(frozen=True, slots=True)
class ExactP:
    """A p value given the margins.

    Attributes:
        p: the p value.
        standard_error: of drawing tables; 0 where all were enumerated.
    """

    p: float
    standard_error: float = 0.0


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How much the trials of one cohort differ.

    Attributes:
        trials: trials with evaluable patients, K.
        q: Cochran's Q.
        chi_square_p: p value of Q for large counts.
        exact: p value of Q given the margins.
        fisher: p value of Fisher, Freeman and Halton.
        i2: share of the differences that is beyond chance.
        i2_interval: its test-based interval.
        level: of the interval.
        least_expected: smallest expected number of responders or non-responders in a trial.
    """

    trials: int
    q: float
    chi_square_p: float
    exact: ExactP
    fisher: ExactP
    i2: float
    i2_interval: tuple[float, float]
    level: float
    least_expected: float

    @property
    def degrees(self) -> int:
        """Degrees of freedom of Q."""
        return self.trials - 1

    @property
    def is_large(self) -> bool:
        """True if chi-square and the interval of I2 can be trusted: 5 or more expected everywhere (Cochran)."""
        return self.least_expected >= 5

    @property
    def sentence(self) -> str:
        """In plain words."""
        low, high = self.i2_interval
        words = (
            f"Between {self.trials} trials: exact p = {self.fisher.p:.3f}; Q = {self.q:.2f} on {self.degrees}, "
            f"I2 = {self.i2:.0%} ({low:.0%} to {high:.0%})."
        )
        if self.is_large:
            return words
        return (
            f"{words} As few as {self.least_expected:.1f} expected in a trial: I2 is a rough guide, the exact p holds."
        )


def heterogeneity(responders: Sequence[int], evaluable: Sequence[int], level: float = 0.95) -> Heterogeneity | None:
    """How much trials differ; None with fewer than two trials that have evaluable patients.

    Args:
        responders: (K,) responders, one number a trial.
        evaluable: (K,) evaluable patients.
        level: of the interval of I2.

    Raises:
        StatisticsError: impossible counts or level.
    """
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
    if len(responders) != len(evaluable) or any(not 0 <= x <= n for x, n in zip(responders, evaluable, strict=True)):
        raise StatisticsError("Counts of trials are impossible.", remedy="Give 0 <= responders <= evaluable a trial.")
    x = np.array([x for x, n in zip(responders, evaluable, strict=True) if n], dtype=np.int64)
    n = np.array([n for n in evaluable if n], dtype=np.int64)
    if len(n) < 2:
        return None
    rate = x.sum() / n.sum()
    variance = rate * (1 - rate)
    q = float((n * (x / n - rate) ** 2).sum() / variance) if variance else 0.0
    return Heterogeneity(
        trials=len(n),
        q=q,
        chi_square_p=float(chdtrc(len(n) - 1, q)),
        exact=_exact_p(x, n, [np.arange(size + 1) ** 2 / size for size in n.tolist()]),
        fisher=_exact_p(x, n, [-_log_ways(size) for size in n.tolist()]),
        i2=max(0.0, (q - (len(n) - 1)) / q) if q else 0.0,
        i2_interval=_i2_interval(q, len(n), level),
        level=level,
        least_expected=float(n.min() * min(rate, 1 - rate)),
    )


def _i2_interval(q: float, trials: int, level: float) -> tuple[float, float]:
    degrees = trials - 1
    if q > trials:
        spread = (math.log(q) - math.log(degrees)) / (2 * (math.sqrt(2 * q) - math.sqrt(2 * trials - 3)))
    elif trials == 2:
        return 0.0, 1.0
    else:
        spread = math.sqrt((1 - 1 / (3 * (trials - 2) ** 2)) / (2 * (trials - 2)))
    centre = max(0.0, math.log(q / degrees) / 2) if q else 0.0
    reach = NormalDist().inv_cdf((1 + level) / 2) * spread
    low, high = (-math.expm1(-2 * max(0.0, end)) for end in (centre - reach, centre + reach))
    return low, high


def _log_ways(n: int) -> FloatArray:
    k = np.arange(n + 1)
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _exact_p(x: np.ndarray, n: np.ndarray, scores: Sequence[FloatArray]) -> ExactP:
    """Chance, given the margins, of a sum of scores at least as large as the one seen."""
    seen = sum(float(score[count]) for score, count in zip(scores, x.tolist(), strict=True))
    total = int(x.sum())
    limit = seen - TIE * max(1.0, abs(seen))
    enumerated = _enumerated(n, total, scores)
    if enumerated is not None:
        sums, log_ways = enumerated
        weight = np.exp(log_ways - log_ways.max())
        return ExactP(min(1.0, float(weight[sums >= limit].sum() / weight.sum())))
    draws = np.random.default_rng(SEED).multivariate_hypergeometric(n, total, size=DRAWS, method="marginals")
    sums = sum(score[draws[:, trial]] for trial, score in enumerate(scores))
    p = float((np.asarray(sums) >= limit).mean())
    return ExactP(p, math.sqrt(max(p * (1 - p), 1 / DRAWS) / DRAWS))


def _enumerated(n: np.ndarray, total: int, scores: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray] | None:
    """Distinct sums of scores of all tables with ``total`` responders, and the log of their orders.

    Trial by trial; tables with the same responders so far and the same sum are one. None if there are too many.
    """
    so_far, sums, log_ways = np.zeros(1, np.int64), np.zeros(1), np.zeros(1)
    resolution = 2.0**-40 * max(1.0, sum(float(np.ptp(score)) for score in scores))
    left = int(n.sum())
    for size, score in zip(n.tolist(), scores, strict=True):
        left -= size
        if len(so_far) * (size + 1) > MOST_TABLES:
            return None
        reached = (so_far[:, None] + np.arange(size + 1)).ravel()
        possible = (reached <= total) & (reached + left >= total)
        reached = reached[possible]
        added = (sums[:, None] + score).ravel()[possible]
        keys = (reached << 42) + np.round((added - added.min()) / resolution).astype(np.int64)
        _, first, place = np.unique(keys, return_index=True, return_inverse=True)
        so_far, sums = reached[first], added[first]
        log_ways = _log_sums((log_ways[:, None] + _log_ways(size)).ravel()[possible], place, len(first))
    return sums, log_ways


def _log_sums(values: FloatArray, place: np.ndarray, size: int) -> FloatArray:
    """Log sum exp of the values that share a place."""
    top = np.full(size, -np.inf)
    np.maximum.at(top, place, values)
    return top + np.log(np.bincount(place, np.exp(values - top[place]), size))
