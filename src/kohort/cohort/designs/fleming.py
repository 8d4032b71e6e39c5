"""Fleming's design: K looks that stop for futility or efficacy, with the size of the single-stage test.

With N patients in all, n_k at look k and z the 1 - alpha quantile of the normal distribution,

    positive if x >= r_k,  r_k = [n_k p0 + z sqrt(N p0 (1 - p0))] + 1
    stop if     x <= a_k,  a_k = [n_k p' - z sqrt(N p' (1 - p'))],   a_K = r_K - 1
    p' = (sqrt(N p0) + z sqrt(1 - p0))^2 / (N + z^2)

where [ ] is the nearest whole number, and p' is the rate that the single-stage test of N patients tells from
p0 with power 1 - alpha. The limits rest on the normal distribution, so alpha is met nearly, not surely: the
design's ``alpha`` is the exact one.

References:
    Fleming TR. One-sample multiple testing procedure for phase II clinical trials. Biometrics
    1982;38:143-151.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from scipy import special

from kohort.cohort.designs.checks import check_errors, check_looks, check_rates
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.errors import StatisticsError

__all__ = ["fleming"]


def fleming(p0: float, p1: float, alpha: float, looks: Iterable[int]) -> MultiStageDesign:
    """Fleming's boundaries for futility and efficacy.

    Args:
        p0: response rate of no interest.
        p1: response rate of interest; it moves no boundary, only the power that the design reports.
        alpha: nominal probability of a positive cohort at p0.
        looks: evaluable patients at each look, all stages so far: (15, 30, 40).

    Raises:
        StatisticsError: impossible rates or looks, or too few patients for a boundary.
    """
    check_rates(p0, p1)
    check_errors(alpha=alpha)
    if alpha >= 0.5:
        raise StatisticsError(f"alpha = {alpha} tests nothing.", remedy="Give an alpha below 0.5.")
    sizes = check_looks(looks)
    n = sizes[-1]
    z = float(special.ndtri(1 - alpha))
    told = (math.sqrt(n * p0) + z * math.sqrt(1 - p0)) ** 2 / (n + z * z)
    rejected = z * math.sqrt(n * p0 * (1 - p0))
    accepted = z * math.sqrt(n * told * (1 - told))
    high = [_nearest(size * p0 + rejected) + 1 for size in sizes]
    if high[-1] > n:
        raise StatisticsError(
            f"{n} patients are too few for Fleming's boundaries at p0 = {p0} and alpha = {alpha}.",
            remedy="Enrol more patients or allow a larger alpha.",
        )
    low = [_nearest(size * told - accepted) for size in sizes[:-1]] + [high[-1] - 1]
    return MultiStageDesign(sizes, tuple(low), tuple(high), p0, p1)


def _nearest(value: float) -> int:
    return math.floor(value + 0.5)
