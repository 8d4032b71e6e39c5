"""The probability that cohorts with any true rates produce a sorted outcome, without going through all orders.

Cohorts of one kind with the same true rate are a group. The probability of a sorted outcome s_1 <= ... <= s_k
is a permanent: the sum over all ways to give its positions to the cohorts, divided by the factorials of
repeated states. A program over the positions sums it, whose state is how many cohorts of each group are used
up:  F(u + e_g) += F(u) f_g(s_i), at most prod_g (size_g + 1) states (32 for five different rates).
With some groups barred from some positions, the same program gives the probability that none of their
cohorts stands there: for the family-wise error, null cohorts are barred from the positions that are a go.

References:
    Minc H. Permanents. Addison-Wesley 1978 (expansion by rows).
    Bellman R. Dynamic Programming. Princeton 1957.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.characteristics.multisets import Halves, Kind, Side
from kohort.cohort.characteristics.plans import States

__all__ = ["Allowed", "Group", "Program", "groups_of"]

Uses: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Cohorts of one kind that have the same true rate.

    Attributes:
        kind: number of the kind.
        rate: their true response rate.
        is_active: whether they are active.
        cohorts: their places among all cohorts.
    """

    kind: int
    rate: float
    is_active: bool
    cohorts: tuple[int, ...]


Allowed: TypeAlias = Callable[[int, Group], bool]
"""Whether a cohort of the group may fill the column of this cohort."""


def groups_of(kinds: Sequence[Kind], rates: Sequence[float], active: Sequence[bool]) -> tuple[Group, ...]:
    """Groups of all kinds, by kind, then by their first cohort."""
    found: dict[tuple[int, float, bool], list[int]] = {}
    for number, kind in enumerate(kinds):
        for cohort in kind.cohorts:
            found.setdefault((number, rates[cohort], active[cohort]), []).append(cohort)
    return tuple(Group(*key, tuple(cohorts)) for key, cohorts in found.items())


@dataclass(frozen=True, slots=True)
class Program:
    """The program of one scenario over both sides of the sorted outcomes.

    The probability of the outcome (a, b) is  crossing(a, b) * sum_u left(a, u) right(b, u).

    Attributes:
        halves: the outcomes.
        groups: the groups of the scenario.
        probabilities: (E,) probability of each state, a group.
    """

    halves: Halves
    groups: tuple[Group, ...]
    probabilities: tuple[FloatArray, ...]

    @classmethod
    def of(cls, halves: Halves, groups: tuple[Group, ...], states: Sequence[States]) -> Program:
        """The program for the groups, with the states of each kind."""
        return cls(halves, groups, tuple(states[group.kind].probabilities(group.rate) for group in groups))

    @property
    def uses(self) -> tuple[Uses, ...]:
        """How many cohorts of each group of the cut kind the left side may use up: U ways."""
        cut = self.halves.cut
        if cut is None:
            return ((),)
        sizes = self._sizes(cut)
        left = self.halves.left.kinds.count(cut)
        return tuple(u for u in itertools.product(*(range(size + 1) for size in sizes)) if sum(u) == left)

    def left(self, allowed: Allowed | None = None) -> FloatArray:
        """(left parts, U) sums over the groups at the left positions."""
        return self._values(self.halves.left, self.uses, allowed)

    def right(self, allowed: Allowed | None = None) -> FloatArray:
        """(right parts, U) sums over the groups at the right positions, which use up what the left leaves."""
        cut = self.halves.cut
        sizes = self._sizes(cut) if cut is not None else ()
        rest = tuple(tuple(size - used for size, used in zip(sizes, uses, strict=True)) for uses in self.uses)
        return self._values(self.halves.right, rest, allowed)

    def _sizes(self, kind: int) -> Uses:
        return tuple(len(group.cohorts) for group in self.groups if group.kind == kind)

    def _values(self, side: Side, uses: tuple[Uses, ...], allowed: Allowed | None) -> FloatArray:
        values = np.ones((len(side.states), len(uses)))
        values /= side.repeats[:, None]
        for kind in dict.fromkeys(side.kinds):
            table = self._used_up(side, kind, allowed)
            sizes = self._sizes(kind)
            nothing = np.zeros(len(values))
            wanted = uses if kind == self.halves.cut else (sizes,) * len(uses)
            columns = {use: table.get(use, nothing) for use in set(wanted)}
            values *= np.stack([columns[use] for use in wanted], axis=1)
            if kind != self.halves.cut or side is self.halves.left:
                values *= math.prod(math.factorial(size) for size in sizes)
        return values

    def _used_up(self, side: Side, kind: int, allowed: Allowed | None) -> dict[Uses, FloatArray]:
        """The program over the positions of one kind: a value a part for each way to use up the groups."""
        groups = [(group, f) for group, f in zip(self.groups, self.probabilities, strict=True) if group.kind == kind]
        table: dict[Uses, FloatArray] = {(0,) * len(groups): np.ones(len(side.states))}
        for position, column in enumerate(side.columns):
            if side.kinds[position] != kind:
                continue
            states = side.states[:, position]
            after: dict[Uses, FloatArray] = {}
            for number, (group, probability) in enumerate(groups):
                if allowed is not None and not allowed(column, group):
                    continue
                here = probability[states]
                for used, value in table.items():
                    if used[number] == len(group.cohorts):
                        continue
                    then = (*used[:number], used[number] + 1, *used[number + 1 :])
                    after[then] = after[then] + value * here if then in after else value * here
            table = after
        return table
