"""The shortest interval that holds a given probability, and the Beta distribution that is as wide.

For a density with one peak this is the highest posterior density (HPD) interval. A mixture may have several
peaks; then it is still the shortest interval, while the HPD region would be several pieces.

References:
    Chen M-H, Shao Q-M. J Comput Graph Stat 1999;8:69-92 (HPD intervals);
    Morita S, Thall PF, Müller P. Biometrics 2008;64:595-602 (effective sample size);
    Kane MJ et al. R Journal 2020;12(2) (effective sample size by matching the width of the HPD interval).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special

__all__ = ["shortest_interval", "size_of_width"]

PLACES = 33
TOLERANCE = 1e-10
FEWEST, MOST = 1e-2, 1e12
"""Patients between which the Beta of a given width is sought."""


def shortest_interval(quantile: Callable[[float], float], level: float) -> tuple[float, float]:
    """The shortest interval between two quantiles that holds probability ``level``.

    Args:
        quantile: the quantile function of the distribution.
        level: the probability inside, between 0 and 1.
    """
    spare = 1 - level

    def width(below: float) -> float:
        return quantile(min(below + level, 1.0)) - quantile(below)

    places = np.linspace(0, spare, PLACES)
    widths = [width(float(below)) for below in places]
    best = int(np.argmin(widths))
    around = (float(places[max(best - 1, 0)]), float(places[min(best + 1, PLACES - 1)]))
    found = optimize.minimize_scalar(width, bounds=around, method="bounded", options={"xatol": TOLERANCE * spare})
    below = float(found.x) if found.fun < widths[best] else float(places[best])
    return quantile(below), quantile(min(below + level, 1.0))


def size_of_width(mean: float, width: float, start: float, level: float) -> float:
    """The a + b of the Beta distribution with this mean whose shortest interval is as wide.

    Args:
        mean: between 0 and 1.
        width: of the interval that holds ``level``.
        start: a guess of a + b.
        level: between 0 and 1.

    Returns:
        a + b; not a number if no Beta distribution of this mean is as wide.
    """

    def excess(log_size: float) -> float:
        a, b = mean * math.exp(log_size), (1 - mean) * math.exp(log_size)
        low, high = shortest_interval(lambda q: float(special.betaincinv(a, b, q)), level)
        return high - low - width

    low = high = math.log(min(max(start, FEWEST), MOST))
    while excess(low) < 0:
        low -= 0.5
        if low < math.log(FEWEST):
            return math.nan
    while excess(high) > 0:
        high += 0.5
        if high > math.log(MOST):
            return math.nan
    if low == high:
        return math.exp(low)
    return math.exp(float(optimize.root_scalar(excess, bracket=(low, high), method="brentq", xtol=1e-9).root))
