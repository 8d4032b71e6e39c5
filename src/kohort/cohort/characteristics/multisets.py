"""All outcomes of interchangeable cohorts, each once: multisets of their states, in two halves.

Cohorts with the same design, rule and prior are interchangeable: exchanging them exchanges their posteriors.
So posteriors are needed for sorted outcomes only: 118,755 for five cohorts with 25 states instead of
25^5 = 9.8 million. The sorted positions of all cohorts are cut in two; the outcomes are then pairs (left
part, right part), and everything that is a product over cohorts becomes a product of two small tables.

Multisets are numbered by the combinatorial number system (colexicographic order), in which the number of
s_1 <= ... <= s_k is a sum over its positions, sum_i C(s_i + i - 1, i).

References:
    Knuth DE. The Art of Computer Programming 4A, 7.2.1.3 (combinations, combinatorial number system).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray

__all__ = ["Block", "Halves", "Kind", "Side", "halve", "multisets", "number_of_multisets"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Interchangeable cohorts.

    Attributes:
        cohorts: their places among all cohorts, ascending.
        states: number of states in which each can end.
    """

    cohorts: tuple[int, ...]
    states: int


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """All left or all right parts of the sorted outcomes; R parts, P positions.

    Attributes:
        columns: the cohort whose column each position fills.
        kinds: the kind of each position.
        states: (R, P) state at each position.
        edge: (R,) state next to the cut, of the kind that is cut in two; 0 if none is.
        run: (R,) how many positions next to the cut are in that state; 0 if no kind is cut.
        repeats: (R,) product of the factorials of the lengths of runs of equal states.
        rank: (R,) what the part adds to the number of the outcome.
    """

    columns: tuple[int, ...]
    kinds: tuple[int, ...]
    states: IntArray
    edge: IntArray
    run: IntArray
    repeats: FloatArray
    rank: IntArray


@dataclass(frozen=True, slots=True)
class Block:
    """Some left parts, each with some right parts: a rectangle of outcomes, row by row from ``start``.

    Attributes:
        left: rows of the left side.
        right: rows of the right side.
        start: place of the first outcome in its batch.
    """

    left: slice
    right: slice
    start: int

    @property
    def shape(self) -> tuple[int, int]:
        """Left parts and right parts."""
        return self.left.stop - self.left.start, self.right.stop - self.right.start

    @property
    def rows(self) -> slice:
        """Places of its outcomes in the batch."""
        return slice(self.start, self.start + math.prod(self.shape))


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Sorted outcomes of all cohorts as pairs of a left and a right part.

    Attributes:
        kinds: the kinds of cohorts.
        left: left parts, sorted by their edge.
        right: right parts, sorted by their edge.
        cut: the kind that is cut in two; None if the cut is between two kinds.
        outcomes: number of sorted outcomes.
    """

    kinds: tuple[Kind, ...]
    left: Side
    right: Side
    cut: int | None
    outcomes: int

    def batches(self, size: int) -> Iterator[tuple[Block, ...]]:
        """Blocks that together hold all outcomes once, in batches of about ``size`` outcomes."""
        batch: list[Block] = []
        start = 0
        for edge in np.unique(self.left.edge):
            first, last = np.searchsorted(self.left.edge, [edge, edge + 1])
            begin = int(np.searchsorted(self.right.edge, edge)) if self.cut is not None else 0
            width = len(self.right.edge) - begin
            step = max(1, size // max(width, 1))
            for row in range(int(first), int(last) if width else int(first), step):
                block = Block(slice(row, min(row + step, int(last))), slice(begin, begin + width), start)
                if batch and start + math.prod(block.shape) > size:
                    yield tuple(batch)
                    batch, block = [], Block(block.left, block.right, 0)
                batch.append(block)
                start = block.rows.stop
        yield tuple(batch)

    def crossing(self, block: Block) -> FloatArray:
        """(left parts, right parts) what ``repeats`` misses where a run of equal states crosses the cut."""
        before, after = self.left.run[block.left], self.right.run[block.right]
        ratio = _crossing_ratio(len(self.left.columns), len(self.right.columns))
        same = self.right.edge[block.right] == self.left.edge[block.left.start]
        return ratio[before[:, None], np.where(same, after, 0)]

    def states(self, blocks: Sequence[Block], cohorts: int) -> IntArray:
        """(N, J) state of every cohort in the outcomes of a batch; sorted cohorts of a kind stand ascending."""
        out = np.empty((blocks[-1].rows.stop, cohorts), dtype=np.int64)
        for block in blocks:
            view = out[block.rows].reshape(*block.shape, cohorts)
            view[:, :, list(self.left.columns)] = self.left.states[block.left, None, :]
            view[:, :, list(self.right.columns)] = self.right.states[None, block.right, :]
        return out


def _crossing_ratio(left: int, right: int) -> FloatArray:
    return np.array(
        [[math.factorial(a) * math.factorial(b) / math.factorial(a + b) for b in range(right + 1)]
         for a in range(left + 1)]
    )  # fmt: skip


def number_of_multisets(states: int, size: int) -> int:
    """How many multisets of ``size`` there are of so many states."""
    return math.comb(states + size - 1, size)


def multisets(states: int, size: int) -> IntArray:
    """All multisets, one ascending row each, numbered by their row (colexicographic order)."""
    rows = np.zeros((1, 0), dtype=np.int64)
    for length in range(1, size + 1):
        counts = [number_of_multisets(last + 1, length - 1) for last in range(states)]
        shorter = np.concatenate([rows[:count] for count in counts])
        rows = np.column_stack([shorter, np.repeat(np.arange(states), counts)])
    return rows


def halve(kinds: Sequence[Kind]) -> Halves:
    """Cuts the sorted positions of all cohorts where the two sides are smallest together."""
    positions = [(number, place) for number, kind in enumerate(kinds) for place in range(len(kind.cohorts))]
    sizes = [_parts(kinds, positions[:at]) + _parts(kinds, positions[at:]) for at in range(len(positions) + 1)]
    at = int(np.argmin(sizes))
    cut = positions[at][0] if 0 < at < len(positions) and positions[at][1] > 0 else None
    return Halves(
        kinds=tuple(kinds),
        left=_side(kinds, positions[:at], cut, is_left=True),
        right=_side(kinds, positions[at:], cut, is_left=False),
        cut=cut,
        outcomes=math.prod(number_of_multisets(kind.states, len(kind.cohorts)) for kind in kinds),
    )


def _parts(kinds: Sequence[Kind], positions: Sequence[tuple[int, int]]) -> int:
    held = [number for number, _ in positions]
    return math.prod(number_of_multisets(kinds[each].states, held.count(each)) for each in set(held))


def _side(kinds: Sequence[Kind], positions: Sequence[tuple[int, int]], cut: int | None, *, is_left: bool) -> Side:
    held = sorted({number for number, _ in positions})
    places = {number: [place for each, place in positions if each == number] for number in held}
    parts = [multisets(kinds[number].states, len(places[number])) for number in held]
    rows = math.prod(len(part) for part in parts)
    index = np.indices([len(part) for part in parts]).reshape(len(parts), rows)
    states = np.concatenate(
        [np.zeros((rows, 0), dtype=np.int64)] + [p[i] for p, i in zip(parts, index, strict=True)], 1
    )
    edge, run = np.zeros((2, rows), dtype=np.int64)
    if cut is not None:
        # the cut kind is the last of the left and the first of the right side
        near = states[:, ::-1] if is_left else states
        near = near[:, : len(places[cut])]
        edge = near[:, 0]
        run = np.logical_and.accumulate(near == edge[:, None], axis=1).sum(axis=1)
    order = np.argsort(edge, kind="stable")
    repeats = [_repeats(part)[i] for part, i in zip(parts, index, strict=True)]
    return Side(
        columns=tuple(kinds[number].cohorts[place] for number, place in positions),
        kinds=tuple(number for number, _ in positions),
        states=states[order],
        edge=edge[order],
        run=run[order],
        repeats=np.prod([np.ones(rows), *repeats], axis=0)[order],
        rank=_rank(kinds, positions, states)[order],
    )


def _repeats(rows: IntArray) -> FloatArray:
    """Product of the factorials of run lengths in ascending rows: each position multiplies by its place in its run."""
    product = np.ones(len(rows))
    place = np.ones(len(rows))
    for at in range(1, rows.shape[1]):
        place = np.where(rows[:, at] == rows[:, at - 1], place + 1, 1.0)
        product *= place
    return product


def _rank(kinds: Sequence[Kind], positions: Sequence[tuple[int, int]], states: IntArray) -> IntArray:
    rank = np.zeros(len(states), dtype=np.int64)
    strides = [
        math.prod(number_of_multisets(kind.states, len(kind.cohorts)) for kind in kinds[number + 1 :])
        for number in range(len(kinds))
    ]
    for at, (number, place) in enumerate(positions):
        table = np.array([math.comb(state + place, place + 1) for state in range(kinds[number].states)])
        rank += table[states[:, at]] * strides[number]
    return rank
