"""Upper tails of many Beta distributions at once, and whether they exceed a cut-off.

P(rate > p) under Beta(a, b) is the regularised incomplete beta function I_{1-p}(b, a). It grows with a and
falls with b, so that the a at which it meets a cut-off grows with b. Decisions need the function only for the
few distributions between two neighbouring points of that curve; all others are settled by comparison. The
answers are those of comparing every probability.

References:
    NIST Digital Library of Mathematical Functions, 8.17 (incomplete beta functions).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import special

from kohort.cohort.borrowing.data import BoolArray, FloatArray

__all__ = ["tail_exceeds", "upper_tail"]

WORTH_A_THREAD = 8_192
"""Fewer distributions than this are settled before a second thread has started."""

CURVE_POINTS = 129
HALVINGS = 32
MARGIN = 1e-9
"""Widening of the undecided band in a, far above the rounding of the incomplete beta function."""


def upper_tail(a: FloatArray, b: FloatArray, p: FloatArray | float) -> FloatArray:
    """P(rate > p) under Beta(a, b), element by element; the arguments broadcast."""
    return _in_threads(lambda x, y, at: special.betainc(y, x, 1 - at), a, b, p)


def tail_exceeds(a: FloatArray, b: FloatArray, p: float, cutoff: float, *, strict: bool = True) -> BoolArray:
    """Where P(rate > p) under Beta(a, b) is above ``cutoff``, for arrays of one shape.

    Args:
        a: shape of responders.
        b: shape of non-responders.
        p: the rate to exceed.
        cutoff: the probability to exceed.
        strict: P > cut-off; False: P >= cut-off.
    """
    if a.size < 8 * CURVE_POINTS or not (0 < p < 1 and MARGIN < cutoff < 1 - MARGIN):
        return _compare(upper_tail(a, b, p), cutoff, strict=strict)
    low, high, first, step = _curve(a, b, p, cutoff)
    place = np.clip(((b - first) / step).astype(np.int64), 0, CURVE_POINTS - 2)
    decided = a >= high[place + 1]
    open_ = ~decided & (a > low[place])
    decided[open_] = _compare(upper_tail(a[open_], b[open_], p), cutoff, strict=strict)
    return decided


def _curve(a: FloatArray, b: FloatArray, p: float, cutoff: float) -> tuple[FloatArray, FloatArray, float, float]:
    """Bounds of the a that meets the cut-off, at evenly spaced b.

    Returns:
        The a from which down it is surely not exceeded, the a from which up it surely is, the first b, and
        the step from one b to the next.
    """
    first, last = float(b.min()), float(b.max())
    step = max((last - first) / (CURVE_POINTS - 1), 1e-12 * max(last, 1.0))
    points = np.linspace(first, first + step * (CURVE_POINTS - 1), CURVE_POINTS)
    low = np.full(CURVE_POINTS, float(a.min()))
    high = np.full(CURVE_POINTS, float(a.max()))
    never = upper_tail(high, points, p) <= cutoff
    always = upper_tail(low, points, p) > cutoff
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = upper_tail(middle, points, p) > cutoff
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    spread = MARGIN * (1 + high)
    return np.where(always, -np.inf, low - spread), np.where(never, np.inf, high + spread), first, step


def _compare(probability: FloatArray, cutoff: float, *, strict: bool) -> BoolArray:
    return probability > cutoff if strict else probability >= cutoff


def _in_threads(function: Callable[..., FloatArray], *arguments: FloatArray | float) -> FloatArray:
    """``function`` of broadcast arrays, in as many threads as there are cores (scipy releases the lock)."""
    arrays = np.broadcast_arrays(*arguments)
    cores = min(os.cpu_count() or 1, arrays[0].size // WORTH_A_THREAD)
    if cores < 2:
        return function(*arrays)
    parts = list(zip(*(np.array_split(each.ravel(), cores) for each in arrays), strict=True))
    with ThreadPoolExecutor(cores) as pool:
        found = list(pool.map(lambda part: function(*part), parts))
    return np.concatenate(found).reshape(arrays[0].shape)
