"""Exact sums over binomial outcomes, in float64 or, for rational rates, in fractions.

Everything about a two-stage design is a polynomial in the response rate p whose coefficients are whole
numbers: how many orders of responders and non-responders lead to an outcome. The coefficients are exact
here; only the last step, weighing them with p, rounds (not at all if p is a Fraction).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

__all__ = ["Rate", "choose_row", "least_count", "tail", "ways_after_stage_two", "weigh", "weighed_tail"]

Rate = TypeVar("Rate", float, Fraction)

LARGEST_FLOAT_BITS = 1000
"""Coefficients of more bits than this do not fit a float64 and are weighed through logarithms."""


@functools.lru_cache(maxsize=64)
def choose_row(n: int) -> tuple[int, ...]:
    """C(n, 0) ... C(n, n), exact; each from the one before, because that is fast for large n."""
    row = [1]
    for k in range(n):
        row.append(row[-1] * (n - k) // (k + 1))
    return tuple(row)


@functools.lru_cache(maxsize=64)
def ways_after_stage_two(r1: int, n1: int, n: int) -> tuple[int, ...]:
    """In how many orders n patients give s responders, more than r1 of them among the first n1.

    Args:
        r1: last stage 1 count that stops; negative: no count stops.
        n1: patients of stage 1 (0 allowed).
        n: patients of both stages.

    Returns:
        n + 1 whole numbers, for s = 0 ... n: sum over x1 > r1 of C(n1, x1) C(n - n1, s - x1).
    """
    first, second = choose_row(n1), choose_row(n - n1)
    ways = [0] * (n + 1)
    for x1 in range(max(r1 + 1, 0), n1 + 1):
        for x2, count in enumerate(second):
            ways[x1 + x2] += first[x1] * count
    return tuple(ways)


def weigh(ways: int, successes: int, failures: int, p: Rate) -> Rate:
    """``ways`` times p^successes times (1 - p)^failures, also where ``ways`` exceeds a float64."""
    if isinstance(p, Fraction):
        return ways * p**successes * (1 - p) ** failures
    if ways.bit_length() <= LARGEST_FLOAT_BITS:
        return ways * p**successes * (1 - p) ** failures
    if p <= 0 or p >= 1:
        return float(successes == 0 if p <= 0 else failures == 0)
    return math.exp(math.log(ways) + successes * math.log(p) + failures * math.log1p(-p))


def weighed_tail(ways: Sequence[int], least: int, p: Rate) -> Rate:
    """Probability of ``least`` or more responders, where ``ways[s]`` orders give s of len(ways) - 1."""
    size = len(ways) - 1
    total = p * 0
    for s in range(size, max(least, 0) - 1, -1):
        total += weigh(ways[s], s, size - s, p)
    return total if total < 1 else p * 0 + 1  # float64 may round a sure event to just above 1


def tail(least: int, n: int, p: Rate) -> Rate:
    """P(Bin(n, p) >= least)."""
    return weighed_tail(choose_row(n), least, p)


def least_count(ways: Sequence[int], p: Rate, limit: float) -> int:
    """The least k with P(k or more responders) <= ``limit``, where ``ways[s]`` orders give s of len(ways) - 1.

    Returns:
        0 ... len(ways); len(ways), more responders than patients, if no count is that rare.
    """
    size = len(ways) - 1
    error = p * 0
    for count in range(size, -1, -1):
        error += weigh(ways[count], count, size - count, p)
        if min(error, 1) > limit:
            return count + 1
    return 0
