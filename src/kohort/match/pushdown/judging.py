"""Contents judged once: by the rules of the in-memory index, over a population of one person a content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.logic import Leaf
from kohort.match.engine.evaluation import evidence
from kohort.match.engine.truth import Truth, pack, unpack
from kohort.match.people.population import Population
from kohort.match.rules.rows import Evidence, Rows
from kohort.tables import MemoryTables

__all__ = ["Judgement", "Judgements", "judge"]

_TRUE, _FALSE, _OPEN, _LOOKED = 1, 2, 4, 8
_BLOCK = 64

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What one leaf makes of contents.

    Attributes:
        of: numbers of those that say something, at first of contents, then of classes of contents.
        says: what each says, as bits: yes, no, open, someone looked.
        every: as in `Evidence`.
        negated: as in `Evidence`.
    """

    of: Places
    says: NDArray[np.uint8]
    every: bool
    negated: bool

    @classmethod
    def over(cls, leaf: Leaf, contents: Population, as_of: date) -> Judgement:
        """By the leaf's rule. A content's number is its place in the population."""
        found = evidence(leaf, contents, as_of)
        says = np.zeros(contents.size, dtype=np.uint8)
        for rows in found.rows:
            for mask, bit in ((rows.true, _TRUE), (rows.false, _FALSE), (rows.open, _OPEN)):
                says[rows.at[mask]] |= bit
        if found.absent is not None:
            says[unpack(found.absent, contents.size)] |= _LOOKED
        of = np.flatnonzero(says)
        return cls(of, says[of], found.every, found.negated)

    def classed(self, class_of: Places) -> Judgement:
        """The same about classes of contents that it does not tell apart."""
        of, first = np.unique(class_of[self.of], return_index=True)
        return Judgement(of, self.says[first], self.every, self.negated)

    def truth(self, members: Sequence[Places], size: int) -> Truth:
        """Who meets the leaf, by the persons who have a row of each class."""
        some = [members[number] for number in self.of.tolist()]
        at = np.concatenate([np.zeros(0, dtype=np.int64), *some])
        says = np.repeat(self.says, [len(one) for one in some])
        true, false, unclear = (says & bit > 0 for bit in (_TRUE, _FALSE, _OPEN))
        looked = np.zeros(size, dtype=np.bool_)
        looked[at[says & _LOOKED > 0]] = True
        rows = Rows("", at, at, true, false, unclear)
        return Evidence((rows,), pack(looked), self.every, self.negated).truth(size)


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """What leaves make of contents, with contents that none of them tells apart joined into classes.

    Attributes:
        class_of: class of each content, -1 for one that no leaf cares for.
        classes: number of classes.
        of: for each leaf, what it makes of the classes.
    """

    class_of: Places
    classes: int
    of: Mapping[Leaf, Judgement]

    def truths(self, class_number: Places, at: Places, size: int) -> Iterator[tuple[Leaf, Truth]]:
        """The values of all leaves.

        Args:
            class_number: class of a row, pair by pair with ``at``.
            at: place of its person in the population.
            size: number of persons.
        """
        order = np.argsort(class_number, kind="stable")
        edges = np.searchsorted(class_number[order], np.arange(1, self.classes))
        members = np.split(at[order], edges)
        for leaf, judgement in self.of.items():
            yield leaf, judgement.truth(members, size)


def judge(leaves: Sequence[Leaf], tables: Sequence[Mapping[str, pl.DataFrame]], number: int, as_of: date) -> Judgements:
    """Judge contents 0 to ``number`` - 1.

    Args:
        leaves: the leaves.
        tables: the contents as rows of standard tables, with the content's number as person and id.
        number: how many there are.
        as_of: the day of matching.
    """
    everybody = pl.DataFrame({"person": np.arange(number), "id": np.arange(number)})
    parts: dict[str, list[pl.DataFrame]] = {"person": [everybody]}
    for one in tables:
        for name, frame in one.items():
            parts.setdefault(name, []).append(frame)
    contents = Population.of(MemoryTables({name: pl.concat(some, how="diagonal") for name, some in parts.items()}))
    found = {leaf: Judgement.over(leaf, contents, as_of) for leaf in leaves}
    class_of, classes = _classes(list(found.values()), number)
    return Judgements(class_of, classes, {leaf: one.classed(class_of) for leaf, one in found.items()})


def _classes(judgements: Sequence[Judgement], number: int) -> tuple[Places, int]:
    """Contents of which all leaves say the same, block of leaves by block; -1 where they say nothing."""
    class_of = np.zeros(number, dtype=np.int64)
    told = np.zeros(number, dtype=np.bool_)
    for start in range(0, len(judgements), _BLOCK):
        block = np.zeros((number, 8 + _BLOCK), dtype=np.uint8)
        block[:, :8] = class_of[:, None].view(np.uint8)
        for place, one in enumerate(judgements[start : start + _BLOCK], start=8):
            block[one.of, place] = one.says
            told[one.of] = True
        _, class_of = np.unique(block.view(f"V{8 + _BLOCK}").ravel(), return_inverse=True)
    kept, renumbered = np.unique(class_of[told], return_inverse=True)
    found = np.full(number, -1, dtype=np.int64)
    found[told] = renumbered
    return found, len(kept)
