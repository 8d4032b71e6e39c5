"""What each requirement of an arm costs: counts without it, one left out at a time, all in one pass.

For requirements ``r1 ... rk`` joined by AND, leaving out ``ri`` makes eligible whoever is true for all others, and
makes no longer ineligible whoever failed ``ri`` alone. Both are read off two bitmaps: who is *not true* for exactly
one requirement, and who is *false* for exactly one (the near misses). They are built requirement by requirement from
"all true so far" and "none false so far", so that k requirements take one pass and not k times k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kohort.match.engine.truth import Bits, Truth, count

__all__ = ["ArmCosts", "exactly_one_false", "joined"]


@dataclass(frozen=True, slots=True)
class ArmCosts:
    """Counts of one arm, and how they would change without each of its requirements.

    Attributes:
        eligible: persons who meet all requirements.
        ineligible: persons who fail one or more.
        unknown: all others.
        near_misses: persons who fail exactly one; the others hold or are unknown.
        gained: for each requirement, how many more would be eligible without it.
        freed: for each requirement, how many would no longer be ineligible without it: its near misses.
    """

    eligible: int
    ineligible: int
    unknown: int
    near_misses: int
    gained: tuple[int, ...]
    freed: tuple[int, ...]


def joined(requirements: Sequence[Truth], size: int) -> tuple[Truth, ArmCosts]:
    """The truth of an arm whose requirements have these values over ``size`` persons, and what each of them costs."""
    all_true, one_open = _exactly_one_missing([truth.true for truth in requirements], size)
    none_false, one_false = _exactly_one_set([truth.false for truth in requirements], size)
    eligible, passed, open_places = count(all_true), count(none_false), count(one_open)
    spare = np.empty_like(all_true)
    gained = tuple(open_places - count(np.bitwise_and(one_open, truth.true, out=spare)) for truth in requirements)
    freed = tuple(count(np.bitwise_and(one_false, truth.false, out=spare)) for truth in requirements)
    some_false = np.bitwise_xor(none_false, Truth.constant(True, size).true)
    costs = ArmCosts(eligible, size - passed, passed - eligible, sum(freed), gained, freed)
    return Truth(all_true, some_false, size), costs


def exactly_one_false(requirements: Sequence[Truth], size: int) -> Bits:
    """Persons who fail exactly one requirement; the others hold or are unknown."""
    return _exactly_one_set([truth.false for truth in requirements], size)[1]


def _exactly_one_missing(bitmaps: Sequence[Bits], size: int) -> tuple[Bits, Bits]:
    """Where all bitmaps are set, and where all but one are."""
    every, one = Truth.constant(True, size).true.copy(), Truth.unknown(size).true.copy()
    kept = np.empty_like(every)
    for bits in bitmaps:
        np.bitwise_and(one, bits, out=one)
        np.bitwise_and(every, bits, out=kept)
        np.bitwise_xor(every, kept, out=every)  # those who are missed here for the first time
        np.bitwise_or(one, every, out=one)
        every, kept = kept, every
    return every, one


def _exactly_one_set(bitmaps: Sequence[Bits], size: int) -> tuple[Bits, Bits]:
    """Where no bitmap is set, and where exactly one is."""
    none, one = Truth.constant(True, size).true.copy(), Truth.unknown(size).true.copy()
    spare = np.empty_like(none)
    for bits in bitmaps:
        np.bitwise_and(one, bits, out=spare)
        np.bitwise_xor(one, spare, out=one)  # set a second time
        np.bitwise_and(none, bits, out=spare)
        np.bitwise_or(one, spare, out=one)
        np.bitwise_xor(none, spare, out=none)
    return none, one
