"""The one form of every analysis: rows -> sums at each site, sums + sums, sums -> result.

A ``Sums`` holds no patient's row, is frozen, and adds with ``+``; addition is associative and commutative
to the last bit because everything inside is a whole number on exact keys. One site, several sites in one
process and several sites over a network therefore run the same two functions and get the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Protocol, Self, TypeVar

from kohort.errors import StatisticsError

__all__ = ["Sums", "pooled"]


class Sums(Protocol):
    """What one site contributes to an analysis."""

    def __add__(self, other: Self, /) -> Self:
        """The sums of both sites together; StatisticsError if they answer different questions."""
        ...


S = TypeVar("S", bound=Sums)


def pooled(sums: Iterable[S]) -> S:
    """All sums added up; StatisticsError if there are none."""
    given = list(sums)
    if not given:
        raise StatisticsError("There are no sums to add.", remedy="Give the sums of at least one site.")
    return reduce(add, given)
