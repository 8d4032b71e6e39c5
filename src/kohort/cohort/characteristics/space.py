"""All outcomes of the cohorts: who is interchangeable, how each can end, how likely each outcome is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.characteristics.multisets import Block, Halves, Kind, halve
from kohort.cohort.characteristics.plans import Plan, States, end_states
from kohort.cohort.characteristics.readings import Reading
from kohort.cohort.characteristics.sums import Batch

__all__ = ["Space", "interchangeable", "own_stops"]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """All outcomes of J cohorts.

    Attributes:
        states: end states of each kind.
        halves: the sorted outcomes.
        ways: (outcomes,) in how many orders of responders and others each sorted outcome is reached, where
            that is no product over cohorts; None: it is, and the states hold it.
    """

    states: tuple[States, ...]
    halves: Halves
    ways: FloatArray | None = None

    @property
    def cohorts(self) -> int:
        """Number of cohorts, J."""
        return sum(len(kind.cohorts) for kind in self.halves.kinds)

    def batches(self, size: int) -> Iterator[Batch]:
        """All outcomes, about ``size`` at a time."""
        for blocks in self.halves.batches(size):
            yield self.batch(blocks)

    def batch(self, blocks: tuple[Block, ...]) -> Batch:
        """The data sets of these blocks."""
        at = self.halves.states(blocks, self.cohorts)
        counts = np.empty((2, *at.shape[::-1]), dtype=np.int64)
        status = np.empty(at.shape[::-1], dtype=np.int8)  # compared often: small
        for kind, states in zip(self.halves.kinds, self.states, strict=True):
            table = np.stack([states.responders, states.n])
            for cohort in kind.cohorts:
                counts[:, cohort] = table[:, at[:, cohort]]
                status[cohort] = states.status[at[:, cohort]]
        weight = np.concatenate([self._weight(block).ravel() for block in blocks])
        return Batch(blocks, counts[0].T, counts[1].T, status.T, weight)

    def _weight(self, block: Block) -> FloatArray:
        crossing = self.halves.crossing(block)
        if self.ways is None:
            return crossing
        left, right = self.halves.left, self.halves.right
        return crossing * self.ways[left.rank[block.left, None] + right.rank[None, block.right]]


def interchangeable(
    model: BorrowingModel, plans: Sequence[Plan], readings: Sequence[Reading]
) -> tuple[tuple[int, ...], ...]:
    """Cohorts with the same settings of the model, the same sizes and the same boundaries, group by group."""
    settings = model.kinds(len(plans))
    found: dict[object, list[int]] = {}
    for cohort, plan in enumerate(plans):
        boundaries = tuple((each.final[cohort], each.interim[cohort]) for each in readings)
        found.setdefault((settings[cohort], plan, boundaries), []).append(cohort)
    return tuple(tuple(cohorts) for cohorts in found.values())


def own_stops(groups: Sequence[tuple[int, ...]], plans: Sequence[Plan]) -> Space:
    """The outcomes where every cohort stops by its own r1, so that cohorts end independently."""
    states = tuple(end_states(plans[cohorts[0]]) for cohorts in groups)
    kinds = [Kind(cohorts, len(each)) for cohorts, each in zip(groups, states, strict=True)]
    return Space(states, halve(kinds))


def sizes_of(plans: Sequence[Plan], *, look: bool) -> IntArray:
    """(J,) evaluable patients at the look (0 for cohorts without one), or at the end."""
    return np.array([plan.n1 if look else plan.n for plan in plans])
