"""Tail of chi-square and quantile of the normal, without SciPy: the core stays light to import."""

from __future__ import annotations

import math
from statistics import NormalDist

from kohort.errors import StatisticsError

__all__ = ["chi_square_tail", "normal_quantile"]


def chi_square_tail(statistic: float, degrees: int) -> float:
    """P(X >= statistic) for X chi-square with a whole number of degrees of freedom.

    The regularised upper incomplete gamma Q(degrees/2, statistic/2), by its exact recurrence
    Q(a + 1, x) = Q(a, x) + x^a e^-x / Gamma(a + 1) from Q(1/2, x) = erfc(sqrt x) or Q(1, x) = e^-x
    (Abramowitz and Stegun 6.5.21). All terms are positive, so nothing cancels.
    """
    if degrees < 1 or statistic < 0 or math.isnan(statistic):
        raise StatisticsError("Chi-square needs a statistic of at least 0 and one degree of freedom or more.")
    x = statistic / 2
    if x == 0:
        return 1.0
    a, tail = (0.5, math.erfc(math.sqrt(x))) if degrees % 2 else (1.0, math.exp(-x))
    while a < degrees / 2:
        tail += math.exp(a * math.log(x) - x - math.lgamma(a + 1))
        a += 1
    return min(tail, 1.0)


def normal_quantile(confidence: float) -> float:
    """The z for which the standard normal lies within -z and z with that probability (0 to 1)."""
    if not 0 < confidence < 1:
        raise StatisticsError(f"A confidence of {confidence} is not between 0 and 1.", remedy="Give e.g. 0.95.")
    return NormalDist().inv_cdf((1 + confidence) / 2)
