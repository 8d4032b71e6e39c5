"""The recursion under every design with looks: responders counted from look to look, some counts end the cohort.

Two forms of it. ``arrivals`` counts orders of responders in whole numbers and serves the characteristics
that a design reports: exact, and in fractions where the rate is one. ``sweep`` carries probabilities in
float64 and serves searches, which ask thousands of times; it agrees with the other to about 1e-14.

References:
    Schultz JR, Nichol FR, Elfring GL, Weed SD. Multiple-stage procedures for drug screening.
    Biometrics 1973;29:293-300 (the recursion).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.maths.binomial import choose_row

__all__ = ["Look", "arrivals", "loosest", "sweep"]

Array = NDArray[np.float64]
Rule = TypeVar("Rule")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a cohort.

    Attributes:
        size: evaluable patients, all stages so far.
        at_most: last count that stops for futility; -1: none does.
        at_least: first count that ends the cohort as positive; size + 1: none does.
    """

    size: int
    at_most: int
    at_least: int


@functools.lru_cache(maxsize=256)
def arrivals(looks: tuple[Look, ...]) -> tuple[tuple[int, ...], ...]:
    """In how many orders a cohort reaches each look with s responders without having been stopped before.

    Returns:
        For each look, size + 1 whole numbers, for s = 0 ... size.
    """
    reached: list[tuple[int, ...]] = []
    running, size = (1,), 0
    for look in looks:
        step = choose_row(look.size - size)
        ways = [0] * (look.size + 1)
        for responders, orders in enumerate(running):
            if orders:
                for more, count in enumerate(step):
                    ways[responders + more] += orders * count
        reached.append(tuple(ways))
        running = tuple(count if look.at_most < s < look.at_least else 0 for s, count in enumerate(ways))
        size = look.size
    return tuple(reached)


def sweep(looks: Sequence[Look], rates: Sequence[float]) -> tuple[Array, Array]:
    """Probability to end positive and expected number of patients at each of ``rates``, in float64.

    Returns:
        Two arrays of the shape of ``rates``.
    """
    rate = np.asarray(rates, dtype=np.float64)[:, None]
    running = np.zeros((len(rates), looks[-1].size + 1))
    running[:, 0] = 1
    success, expected, size = np.zeros(len(rates)), np.zeros(len(rates)), 0
    for look in looks:
        expected += (look.size - size) * running.sum(axis=1)
        for n in range(size, look.size):
            responded = running[:, : n + 1] * rate
            running[:, : n + 1] -= responded
            running[:, 1 : n + 2] += responded
        success += running[:, look.at_least :].sum(axis=1)
        running[:, look.at_least :] = 0
        running[:, : look.at_most + 1] = 0
        size = look.size
    return success, expected


def loosest(rules: Sequence[Rule], holds: Callable[[Rule], bool]) -> Rule | None:
    """The first rule that holds, by halving: every rule after one that holds does too. None if none does."""
    low, high = 0, len(rules)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(rules[middle]) else (middle + 1, high)
    return rules[low] if low < len(rules) else None
