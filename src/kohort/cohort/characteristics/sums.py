"""Sums over all outcomes of what a rule says, weighed by the probability of each outcome in every scenario.

Values of outcomes (a decision of a cohort, a posterior mean) do not depend on the scenario. So for each value
one product of matrices, (values of pairs) @ (right parts of all scenarios), serves all scenarios at once;
the left parts close the sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.borrowing.data import BoolArray, FloatArray, IntArray
from kohort.cohort.characteristics.multisets import Block, Halves
from kohort.cohort.characteristics.programs import Allowed, Group, Program

__all__ = ["Batch", "Sums"]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some outcomes: N data sets of J cohorts, which are blocks of sorted outcomes.

    Attributes:
        blocks: the blocks.
        responders: (N, J) responders.
        n: (N, J) evaluable patients.
        status: (N, J) how each cohort ended.
        weight: (N,) what each outcome's probability is multiplied by.
    """

    blocks: tuple[Block, ...]
    responders: IntArray
    n: IntArray
    status: NDArray[np.int8]
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """F pairs of a left and a right column, whose products over all pairs of parts are summed.

    Attributes:
        left: (left parts, F).
        right: (right parts, F); or (right parts, fewer) if ``of_right`` says which column each pair takes.
        of_right: (F,) column of ``right``; None: each pair its own.
        scenario: (F,) the scenario that each pair belongs to.
        group: (F,) the group that each pair belongs to.
    """

    left: FloatArray
    right: FloatArray
    of_right: IntArray | None
    scenario: IntArray
    group: IntArray


class Sums:
    """Sums over outcomes in S scenarios; what the scenarios share is prepared once.

    Args:
        halves: all outcomes.
        programs: one a scenario.
    """

    def __init__(self, halves: Halves, programs: Sequence[Program]) -> None:
        self.halves = halves
        self.programs = tuple(programs)
        left = [each.left() for each in programs]
        scenario = np.repeat(np.arange(len(left)), [each.shape[1] for each in left])
        right = np.concatenate([each.right() for each in programs], axis=1)
        self._plain = _Pairs(np.concatenate(left, axis=1), right, None, scenario, np.zeros_like(scenario))
        self._forced: dict[int, _Pairs] = {}
        self._barred: dict[tuple[int, bool], _Pairs] = {}

    def total(self, values: FloatArray | BoolArray, batch: Batch, scenarios: Sequence[int]) -> FloatArray:
        """(K, S) sums of ``values`` (K, N) in these scenarios; 0 in others."""
        return self._summed(_chosen(self._plain, scenarios), values, batch)[:, 0]

    def by_group(
        self, column: int, values: FloatArray | BoolArray | IntArray, batch: Batch, scenarios: Sequence[int]
    ) -> FloatArray:
        """(K, G, S) sums of ``values`` (K, N) where a cohort of each group fills the column; 0 in other scenarios.

        G is the greatest number of groups that the column's kind has in a scenario.
        """
        return self._summed(_chosen(self._forced_at(column), scenarios), values, batch)

    def none_of(self, go: IntArray, batch: Batch, scenarios: Sequence[int], *, active: bool) -> FloatArray:
        """(K, S) probability that no active (or no null) cohort is a go, in these scenarios; 0 in others.

        Args:
            go: (K, N) the columns that are a go, as bits.
            batch: the outcomes.
            scenarios: which scenarios.
            active: ask for active cohorts; False: for null cohorts.
        """
        out = np.zeros((len(go), len(self.programs)))
        for mask in np.flatnonzero(np.bincount(go.ravel())).tolist():
            pairs = _chosen(self._barred_from(mask, active=active), scenarios)
            if len(pairs.scenario):
                out += self._summed(pairs, go == mask, batch)[:, 0]
        return out

    def _summed(self, pairs: _Pairs, values: FloatArray | BoolArray | IntArray, batch: Batch) -> FloatArray:
        """(K, G, S) sums of ``values`` (K, N), weighed, over the pairs of each group and scenario."""
        sums = np.zeros((len(values), len(pairs.scenario)))
        for block, rows, part in _parts(values, batch):
            inner = part @ pairs.right[block.right]
            if pairs.of_right is not None:
                inner = inner[:, pairs.of_right]
            inner *= pairs.left[block.left][rows % block.shape[0]]
            rules = rows // block.shape[0]
            starts = np.flatnonzero(np.r_[True, rules[1:] != rules[:-1]])
            sums[rules[starts]] += np.add.reduceat(inner, starts, axis=0)
        out = np.zeros((len(values), int(pairs.group.max(initial=0)) + 1, len(self.programs)))
        for pair, (group, scenario) in enumerate(zip(pairs.group.tolist(), pairs.scenario.tolist(), strict=True)):
            out[:, group, scenario] += sums[:, pair]
        return out

    def _forced_at(self, column: int) -> _Pairs:
        """Pairs with one group alone allowed in the column."""
        if column not in self._forced:
            is_left = column in self.halves.left.columns
            side = self.halves.left if is_left else self.halves.right
            kind = side.kinds[side.columns.index(column)]
            parts: list[FloatArray] = []
            of: list[tuple[int, int, int]] = []
            first = 0
            for number, program in enumerate(self.programs):
                for place, group in enumerate(each for each in program.groups if each.kind == kind):
                    only = _only(column, group)
                    part = program.left(only) if is_left else program.right(only)
                    kept = np.flatnonzero(part.any(axis=0))
                    parts.append(part[:, kept])
                    of += [(first + use, place, number) for use in kept.tolist()]
                first += len(program.uses)
            forced = np.concatenate(parts, axis=1)
            plain, group, scenario = np.array(of, dtype=np.int64).T
            self._forced[column] = (
                _Pairs(forced, self._plain.right, plain, scenario, group)
                if is_left
                else _Pairs(self._plain.left[:, plain], forced, None, scenario, group)
            )
        return self._forced[column]

    def _barred_from(self, mask: int, *, active: bool) -> _Pairs:
        """Pairs with active (or null) cohorts barred from the columns in ``mask``.

        Scenarios in which the others are too few to fill those columns are left out: they add nothing.
        """
        if (mask, active) not in self._barred:
            columns = self.halves.left.columns + self.halves.right.columns
            bar = _barring({column for column in columns if mask >> column & 1}, active=active)
            left, right = [np.zeros((len(self.halves.left.states), 0))], [np.zeros((len(self.halves.right.states), 0))]
            scenario: list[int] = []
            for number, program in enumerate(self.programs):
                a, b = program.left(bar), program.right(bar)
                kept = np.flatnonzero(a.any(axis=0) & b.any(axis=0))
                left.append(a[:, kept])
                right.append(b[:, kept])
                scenario += [number] * len(kept)
            of = np.array(scenario, dtype=np.int64)
            self._barred[mask, active] = _Pairs(
                np.concatenate(left, axis=1), np.concatenate(right, axis=1), None, of, np.zeros_like(of)
            )
        return self._barred[mask, active]


def _chosen(pairs: _Pairs, scenarios: Sequence[int]) -> _Pairs:
    """The pairs of these scenarios."""
    wanted = np.isin(pairs.scenario, list(scenarios))
    if wanted.all():
        return pairs
    right, of_right = pairs.right, pairs.of_right
    if of_right is None:
        right = right[:, wanted]
    else:
        places, of_right = np.unique(of_right[wanted], return_inverse=True)
        right = right[:, places]
    return _Pairs(pairs.left[:, wanted], right, of_right, pairs.scenario[wanted], pairs.group[wanted])


def _only(column: int, wanted: Group) -> Allowed:
    """The column is filled from one group alone."""
    return lambda at, group: at != column or group is wanted


def _barring(held: set[int], *, active: bool) -> Allowed:
    """The columns in ``held`` are filled with no active (or no null) cohorts."""
    return lambda at, group: at not in held or group.is_active != active


def _parts(values: FloatArray | BoolArray | IntArray, batch: Batch) -> Iterator[tuple[Block, IntArray, FloatArray]]:
    """Each block with its part of ``values``, weighed: rows are (rule, left part), columns right parts.

    Rows without any value are left out; the middle array numbers those that are there.
    """
    for block in batch.blocks:
        part = (values[:, block.rows] * batch.weight[block.rows]).reshape(-1, block.shape[1])
        rows = np.flatnonzero(part.any(axis=1))
        if len(rows):
            yield block, rows, part if len(rows) == len(part) else part[rows]
