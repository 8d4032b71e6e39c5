"""Ranges of numbers as states: one for each limit, one for each gap between limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise
from typing import Any

from kohort.codes import units
from kohort.match.criteria.clinical import Age
from kohort.match.criteria.measurements import Laboratory
from kohort.match.criteria.ranges import Range
from kohort.match.linter.states import Manifold, Space

__all__ = ["age_interval", "laboratory_range", "laboratory_scale", "ranged"]


def ranged(
    of: Callable[[Any], Range],
    *,
    least: float = 0,
    most: float = 1e6,
    whole: bool = False,
    never: bool = False,
    manifold: Manifold = "one",
) -> Callable[[Collection[Any]], Space]:
    """How leaves with a range become states.

    Args:
        of: the range of a leaf.
        least: least number that the quantity can have.
        most: greatest number that it can have.
        whole: True if it is always a whole number.
        never: True if it can be infinite: the time since something that never happened.
        manifold: how many values a patient has.
    """

    def space(leaves: Collection[Any]) -> Space:
        numbers = _points(map(of, leaves), least, most, whole=whole)
        return Space([*numbers, math.inf] if never else numbers, lambda leaf, state: _holds(of(leaf), state), manifold)

    return space


def _holds(interval: Range, number: float) -> bool:
    above = number >= interval.low if interval.with_low else number > interval.low
    return above and (number <= interval.high if interval.with_high else number < interval.high)


def _points(ranges: Iterable[Range], least: float, most: float, *, whole: bool) -> list[float]:
    """Numbers that stand for all that the ranges can tell apart."""
    limits = {limit for one in ranges for limit in (one.low, one.high) if math.isfinite(limit)}
    if whole:
        near = {math.floor(limit) + step for limit in limits for step in (-1, 0, 1)}
        return sorted({least, most, *(number for number in near if least <= number <= most)})
    ordered = sorted({least, most, *limits})
    gaps = {(low + high) / 2 for low, high in pairwise(ordered)}
    return sorted(number for number in {*ordered, *gaps} if least <= number <= most)


def age_interval(age: Age) -> Range:
    """The exact ages, in years since birth, that meet a criterion on age.

    Completed years end a birthday later than they say: ``<=75`` is every age under 76.
    """
    asked = age.years
    if age.reading == "exact":
        return asked
    low = asked.low if asked.with_low or math.isinf(asked.low) else asked.low + 1
    high = asked.high + 1 if asked.with_high and math.isfinite(asked.high) else asked.high
    return Range(low, high, with_low=True, with_high=False)


def laboratory_scale(leaf: Laboratory) -> str | None:
    """The unit that ranges of a test are compared in: the table's, else the one that is written."""
    return leaf.unit if _to_table(leaf) is None or leaf.known is None else leaf.known.unit


def laboratory_range(leaf: Laboratory) -> Range:
    """The range of a laboratory criterion in that unit."""
    factor, asked = _to_table(leaf) or 1.0, leaf.range
    low, high = units.rounded(asked.low * factor), units.rounded(asked.high * factor)
    return Range(low, high, asked.with_low, asked.with_high)


def _to_table(leaf: Laboratory) -> float | None:
    known = leaf.known
    if known is None or leaf.unit is None or leaf.of != "value":
        return None
    return units.factor(leaf.unit, known.unit, known.substance)
