"""What every design asks of its numbers, refused in the same words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction

from kohort.errors import StatisticsError

__all__ = ["check_errors", "check_looks", "check_n_max", "check_rate", "check_rates", "evenly_spaced"]

LARGEST_SEARCH = 1000


def check_rate(p: float | Fraction) -> None:
    """Refuses what is no rate.

    Raises:
        StatisticsError: ``p`` is not in 0 ... 1.
    """
    if not 0 <= p <= 1:
        raise StatisticsError(f"A response rate of {p} is impossible.", remedy="Give a rate from 0 to 1.")


def check_rates(p0: float, p1: float) -> None:
    """Refuses two rates that leave nothing to test.

    Raises:
        StatisticsError: not 0 < p0 < p1 < 1.
    """
    if not 0 < p0 < p1 < 1:
        raise StatisticsError(
            f"Response rates p0 = {p0} and p1 = {p1} leave nothing to test.", remedy="Give 0 < p0 < p1 < 1."
        )


def check_errors(**limits: float) -> None:
    """Refuses error rates and cut-offs that are not between 0 and 1; the keyword is their name.

    Raises:
        StatisticsError: a limit is not strictly between 0 and 1.
    """
    if not all(0 < limit < 1 for limit in limits.values()):
        named = " and ".join(f"{name} = {limit}" for name, limit in limits.items())
        verb = "is" if len(limits) == 1 else "are"
        raise StatisticsError(f"{named} {verb} impossible.", remedy="Give numbers between 0 and 1.")


def check_n_max(n_max: int, largest: int = LARGEST_SEARCH) -> None:
    """Refuses a largest size that leaves nothing to search, or takes too long.

    Raises:
        StatisticsError: ``n_max`` is not in 2 ... ``largest``.
    """
    if not 2 <= n_max <= largest:
        raise StatisticsError(f"n_max = {n_max} cannot be searched.", remedy=f"Give 2 to {largest}.")


def check_looks(looks: Iterable[int]) -> tuple[int, ...]:
    """The sizes at which a cohort is looked at, checked.

    Args:
        looks: evaluable patients at each look, all stages so far: (15, 30, 40), not (15, 15, 10).

    Raises:
        StatisticsError: no look, or sizes that do not rise.
    """
    sizes = tuple(int(n) for n in looks)
    if not sizes or sizes[0] < 1 or any(after <= before for before, after in itertools.pairwise(sizes)):
        raise StatisticsError(
            f"Looks after {sizes} patients are no sequence.",
            remedy="Give the evaluable patients at each look, all stages so far and rising, e.g. (15, 30, 40).",
        )
    return sizes


def evenly_spaced(first: int, last: int, every: int = 1) -> tuple[int, ...]:
    """Looks after ``first`` patients, then after each ``every``, and at ``last``.

    Raises:
        StatisticsError: sizes that make no sequence.
    """
    if every < 1 or not 1 <= first <= last:
        raise StatisticsError(
            f"Looks from {first} to {last} in steps of {every} are no sequence.",
            remedy="Give 1 <= first <= last and a step of at least 1.",
        )
    return (*range(first, last, every), last)
