"""Thall and Simon's design: posterior bounds against what is known of a standard treatment.

The standard's rate p_S has an informative Beta prior that no data change, the experimental rate p_E a vague
one. With x responders of n, and

    L(x, n; d) = P(p_E > p_S + d | x, n)
               = integral over p of  f_S(p) * P(Beta(a_E + x, b_E + n - x) > p + d)

the cohort ends as promising at the smallest x with L(x, n; 0) >= p_U, and as not promising at the largest x
below it with L(x, n; delta) <= p_L. It is looked at from n_min patients on, as often as wanted; what neither
bound has ended by n_max is inconclusive.

The integral runs over the log odds of p, where the density of p_S is smooth and log-concave: Gauss-Legendre
panels between quantiles of p_S, cut where p + d reaches 1. Its absolute error is below 1e-10 for the priors
of practice (weights of 1 to 1,000 patients).

References:
    Thall PF, Simon R. Practical Bayesian guidelines for phase IIB clinical trials. Biometrics
    1994;50:337-349.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from kohort.cohort.designs.checks import check_errors, check_looks
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

__all__ = ["ThallSimonRule", "probability_better", "thall_simon"]

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
Truths = NDArray[np.bool_]

EDGES = (1e-15, 1e-10, 1e-6, 1e-3, 0.02, 0.1, 0.3, 0.5)
"""Lower quantiles of p_S between which the panels lie; the upper ones mirror them."""
NEAR_CUT = np.array([1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 0.0])
"""Narrower panels where p + d reaches 1: there P(p_E > p + d) falls to 0 like a power below 1 of the distance."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True, slots=True)
class ThallSimonRule:
    """Priors and cut-offs of Thall and Simon's design.

    Attributes:
        standard: what is known of the standard treatment's response rate.
        delta: improvement that the experimental treatment is hoped to bring.
        lower: p_L, not promising if P(p_E > p_S + delta) is at most this; None: never.
        upper: p_U, promising if P(p_E > p_S) is at least this; None: never.
        prior: of the experimental rate; None: the mean of the standard with the weight of two patients.

    Raises:
        StatisticsError: cut-offs that cannot be.
    """

    standard: Beta
    delta: float
    lower: float | None = 0.05
    upper: float | None = 0.95
    prior: Beta | None = None

    def __post_init__(self) -> None:
        """Refuse cut-offs that cannot be."""
        if not 0 < self.delta < 1 - self.standard.mean:
            raise StatisticsError(
                f"An improvement of {self.delta} on a mean rate of {self.standard.mean:.4g} is impossible.",
                remedy="Give a delta above 0 that keeps the rate below 1.",
            )
        if self.lower is None and self.upper is None:
            raise StatisticsError("A rule without cut-offs decides nothing.", remedy="Give lower or upper.")
        check_errors(**{n: c for n, c in (("lower", self.lower), ("upper", self.upper)) if c is not None})

    @property
    def experimental(self) -> Beta:
        """The prior of the experimental rate."""
        mean = self.standard.mean
        return self.prior or Beta(2 * mean, 2 * (1 - mean))


def probability_better(experimental: Beta, standard: Beta, delta: float = 0.0) -> float:
    """P(p_E > p_S + delta) for two independent Beta distributions.

    Args:
        experimental: distribution of the rate that should be greater.
        standard: distribution of the rate to exceed.
        delta: by how much, 0 or more.

    Raises:
        StatisticsError: ``delta`` is not in 0 ... 1.
    """
    if not 0 <= delta < 1:
        raise StatisticsError(f"A difference of {delta} is impossible.", remedy="Give 0 <= delta < 1.")
    points, weights = _grid(standard, delta)
    return min(1.0, float(special.betainc(experimental.b, experimental.a, 1 - delta - points) @ weights))


def thall_simon(rule: ThallSimonRule, looks: Iterable[int]) -> MultiStageDesign:
    """The boundaries of Thall and Simon's design.

    Args:
        rule: priors and cut-offs.
        looks: evaluable patients at each look, e.g. range(10, 41) for a look after each from the 10th on.

    Returns:
        Looks with bounds; p0 is the standard's mean and p1 the mean plus delta. The design's characteristics
        say how likely it ends promising, not promising or inconclusive.

    Raises:
        StatisticsError: impossible looks.
    """
    sizes = check_looks(looks)
    sized = np.array(sizes)
    high, low = sized + 1, np.full_like(sized, -1)
    if (upper := rule.upper) is not None:
        high = _smallest(rule, 0.0, sized, lambda better: better >= upper)
    if (lower := rule.lower) is not None:
        low = np.minimum(_smallest(rule, rule.delta, sized, lambda better: better > lower), high) - 1
    p0 = rule.standard.mean
    return MultiStageDesign(sizes, tuple(low.tolist()), tuple(high.tolist()), p0, p0 + rule.delta)


def _smallest(rule: ThallSimonRule, delta: float, sizes: Counts, holds: Callable[[Array], Truths]) -> Counts:
    """For each size the smallest count whose P(p_E > p_S + delta) holds; size + 1 if none does.

    The probability rises with the count, so halving finds it for all sizes at once.
    """
    points, weights = _grid(rule.standard, delta)
    low, high = np.full_like(sizes, -1), sizes + 1  # low does not hold, high does
    while (open_ := high - low > 1).any():
        middle = np.where(open_, (low + high) // 2, 0)
        a = rule.experimental.a + middle
        b = rule.experimental.b + sizes - middle
        better = special.betainc(b[:, None], a[:, None], 1 - delta - points) @ weights
        enough = holds(better)
        high, low = np.where(open_ & enough, middle, high), np.where(open_ & ~enough, middle, low)
    return high


def _grid(standard: Beta, delta: float) -> tuple[Array, Array]:
    """Points below 1 - delta and weights that integrate a smooth function over the distribution of p_S."""
    below = special.betaincinv(standard.a, standard.b, np.array(EDGES))
    above = special.betaincinv(standard.b, standard.a, np.array(EDGES[-2::-1]))
    edges = np.concatenate([special.logit(below), -special.logit(above)])
    edges = edges[np.isfinite(edges)]
    if delta > 0:
        cut = float(special.logit(1 - delta))
        edges = np.sort(np.append(edges[edges < cut], cut - NEAR_CUT)) if cut < edges[-1] else edges
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    odds = (middle[:, None] + half[:, None] * NODES).ravel()
    # the density of log odds: p^a (1 - p)^b / B(a, b)
    log_density = standard.a * special.log_expit(odds) + standard.b * special.log_expit(-odds)
    weights = np.exp(log_density - special.betaln(standard.a, standard.b)) * (half[:, None] * WEIGHTS).ravel()
    return special.expit(odds), weights
