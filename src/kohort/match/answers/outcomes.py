"""Which answers a missing fact can have, where several criteria stand on it.

A test of BRAF that finds p.V600E has also found a substitution at codon 600, and the gene is then not wild type;
a burden is not both below 10 and at least 10. `answers` lists the joint answers of such criteria. Two tumours of
one patient may differ, so two diagnoses do not exclude each other. Criteria of a kind that is not named here are
taken as free of each other: there are then more answers than can happen, never fewer.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from kohort.match.criteria import (
    Age,
    CopyNumber,
    Diagnosis,
    Fact,
    Leaf,
    Mmr,
    Msi,
    Mutation,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Receptor,
    Sex,
    Signature,
    Stage,
    SystemicLines,
    WildType,
)
from kohort.match.criteria.vocabulary import CODING_SILENT, drug_classes, protein_change

__all__ = [
    "MOST_ANSWERS",
    "Answer",
    "Relations",
    "answers",
    "can_be",
    "free_of_others",
    "is_for_people",
    "limits_of",
    "relations",
]

Answer = tuple[Leaf, bool]
"""A leaf and its value."""

MOST_ANSWERS = 256
"""A fact with more joint answers than this is not spelled out."""

_FOR_PEOPLE = frozenset({"judgement by a person", "correction of the trial"})
_WHOLE_NUMBERS = (Age, PerformanceStatus, SystemicLines)
_IF, _NOT_BOTH, _NEITHER = (True, False), (True, True), (False, False)


def is_for_people(fact: Fact) -> bool:
    """True if no test and no entry in a register gives the fact: a person has to judge, or to correct the trial."""
    return fact.kind in _FOR_PEOPLE


def limits_of(leaf: Leaf) -> Range | None:
    """The range of numbers that a leaf asks for, None if it asks for none."""
    ranges = [value for value in _fields(leaf).values() if isinstance(value, Range)]
    return ranges[0] if len(ranges) == 1 else None


class Relations:
    """What the answers of leaves say about each other. An answer is a bit, a set of answers a number.

    Args:
        every: the leaves.

    Attributes:
        free: the leaves whose answers say nothing about those of the others.
    """

    def __init__(self, every: tuple[Leaf, ...]) -> None:
        self._bits: dict[Answer, int] = {}
        for i, leaf in enumerate(every):
            self._bits[leaf, True], self._bits[leaf, False] = 1 << 2 * i, 2 << 2 * i
        self._clashes = {bit: self._bits[leaf, not value] for (leaf, value), bit in self._bits.items()}
        bound: set[Leaf] = set()
        for several in _by_fact(every):
            for one, other in combinations(several, 2):
                for first, second in _impossible(one, other):
                    bound |= {one, other}
                    self._clashes[self._bits[one, first]] |= self._bits[other, second]
                    self._clashes[self._bits[other, second]] |= self._bits[one, first]
        self.free = frozenset(every) - bound
        self._families = [self._family(family) for family in _families(every) if len(family) > 2]

    def can_be(self, given: Iterable[Answer], known: Iterable[Answer] = ()) -> bool:
        """True if these answers can occur together, and beside those that are known."""
        bits = [self._bits[answer] for answer in given]
        held = _joined(bits) | _joined(self._bits[answer] for answer in known)
        return not any(self._clashes[bit] & held for bit in bits) and self._has_number(held)

    def answers(self, asked: tuple[Leaf, ...], known: Iterable[Answer], most: int) -> list[tuple[bool, ...]] | None:
        """The joint answers of some of the leaves, as `answers` gives them."""
        found: list[tuple[bool, ...]] = []
        for row, held in self._rows(asked, (), _joined(self._bits[answer] for answer in known)):
            if self._has_number(held):
                found.append(row)
            if len(found) > most:
                return None
        return found

    def _rows(
        self, asked: tuple[Leaf, ...], row: tuple[bool, ...], held: int
    ) -> Iterator[tuple[tuple[bool, ...], int]]:
        if len(row) == len(asked):
            yield row, held
            return
        for value in (True, False):
            bit = self._bits[asked[len(row)], value]
            if not self._clashes[bit] & held:
                yield from self._rows(asked, (*row, value), held | bit)

    def _family(self, family: list[Leaf]) -> tuple[int, list[int]]:
        """The bits of limits to one number, and the answers that some number gives."""
        every = _joined(self._bits[leaf, value] for leaf in family for value in (True, False))
        each = [_joined(self._bits[answer] for answer in zip(family, row, strict=True)) for row in _attained(family)]
        return every, each

    def _has_number(self, held: int) -> bool:
        return all(any(not held & every & ~one for one in each) for every, each in self._families)


def _by_fact(every: Iterable[Leaf]) -> Iterable[list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for leaf in every:
        found.setdefault(leaf.fact.words, []).append(leaf)
    return found.values()


def _joined(bits: Iterable[int]) -> int:
    return functools.reduce(int.__or__, bits, 0)


@functools.lru_cache(maxsize=4096)
def relations(every: tuple[Leaf, ...]) -> Relations:
    """The relations of some leaves, kept."""
    return Relations(every)


def free_of_others(every: Iterable[Leaf]) -> frozenset[Leaf]:
    """Those of some leaves whose answers say nothing about the answers of the others."""
    return relations(tuple(dict.fromkeys(every))).free


def answers(
    asked: tuple[Leaf, ...], known: tuple[Answer, ...] = (), most: int = MOST_ANSWERS
) -> list[tuple[bool, ...]] | None:
    """The joint answers that leaves of one fact can have.

    Args:
        asked: different leaves.
        known: further leaves of the fact and their values, which the answers must agree with.
        most: how many answers are listed at most.

    Returns:
        One tuple an answer, in the order of ``asked``; None if there are more than ``most``.
    """
    return relations((*(leaf for leaf, _ in known), *asked)).answers(asked, known, most)


def can_be(answered: Iterable[Answer]) -> bool:
    """True if leaves can have these values together."""
    given = tuple(answered)
    return relations(tuple(dict.fromkeys(leaf for leaf, _ in given))).can_be(given)


def _fields(leaf: Leaf) -> dict[str, object]:
    return {field.name: getattr(leaf, field.name) for field in dataclasses.fields(leaf)}


def _measured(leaf: Leaf) -> tuple[object, ...] | None:
    """What a leaf with limits measures: its kind and everything it asks but the limits."""
    if limits_of(leaf) is None:
        return None
    others = ((name, value) for name, value in _fields(leaf).items() if not isinstance(value, Range))
    return (type(leaf), *others)


def _families(every: tuple[Leaf, ...]) -> list[list[Leaf]]:
    """Leaves that set limits to the same number."""
    found: dict[tuple[object, ...], list[Leaf]] = {}
    for leaf in every:
        measured = _measured(leaf)
        if measured is not None:
            found.setdefault(measured, []).append(leaf)
    return list(found.values())


def _attained(family: list[Leaf]) -> frozenset[tuple[bool, ...]]:
    """The answers that some number gives to limits of it."""
    ranges = [limits for leaf in family if (limits := limits_of(leaf)) is not None]
    edges = sorted({edge for limits in ranges for edge in (limits.low, limits.high) if math.isfinite(edge)})
    numbers = {*edges, edges[0] - 1, edges[-1] + 1, *((low + high) / 2 for low, high in pairwise(edges))}
    if isinstance(family[0], _WHOLE_NUMBERS) and getattr(family[0], "reading", "completed") == "completed":
        numbers = {float(n) for edge in edges for n in (math.floor(edge) - 1, math.floor(edge), math.ceil(edge))}
        numbers |= {float(math.ceil(edge) + 1) for edge in edges}
    least = min(0.0, edges[0])
    return frozenset(tuple(_holds(limits, n) for limits in ranges) for n in numbers if n >= least)


def _holds(limits: Range, number: float) -> bool:
    above = number >= limits.low if limits.with_low else number > limits.low
    return above and (number <= limits.high if limits.with_high else number < limits.high)


@functools.lru_cache(maxsize=65_536)
def _impossible(one: Leaf, other: Leaf) -> frozenset[tuple[bool, bool]]:
    """Pairs of answers that cannot occur together."""
    if _measured(one) is not None and _measured(one) == _measured(other):
        attained = _attained([one, other])
        return frozenset((a, b) for a in (True, False) for b in (True, False) if (a, b) not in attained)
    found = set(_excluding(one, other))
    if _implies(one, other):
        found.add(_IF)
    if _implies(other, one):
        found.add((_IF[1], _IF[0]))
    return frozenset(found)


def _excluding(one: Leaf, other: Leaf) -> tuple[tuple[bool, bool], ...]:
    match one, other:
        case (WildType(gene=gene), Mutation() as change) | (Mutation() as change, WildType(gene=gene)):
            if change.gene != gene or CODING_SILENT.intersection(change.classes):
                return ()
            return (_NOT_BOTH, _NEITHER) if change == Mutation(gene) else (_NOT_BOTH,)
        case (Sex(), Sex()) | (Mmr(), Mmr()) | (Signature(), Signature()) | (Receptor(), Receptor()):
            return (_NOT_BOTH, _NEITHER) if _alike(one, other, "code", "status", "present") else ()
        case (Msi(), Msi()) | (CopyNumber(call=str()), CopyNumber(call=str())):
            return (_NOT_BOTH,) if _alike(one, other, "status", "call") else ()
        case _:
            return ()


def _implies(one: Leaf, other: Leaf) -> bool:
    match one, other:
        case Mutation(), Mutation():
            apart = ("protein_change", "codon", "exon", "classes", "function")
            return _is_kind_of(one, other) and _alike(one, other, *apart)
        case CopyNumber(call=str()), CopyNumber(call=None):
            return _alike(one, other, "call")
        case Diagnosis(), Diagnosis():
            return one.codes <= other.codes and _alike(one, other, "code", "main_type", "tissue", "lineage")
        case Stage(), Stage():
            return _alike(one, other, "groups") and all(
                any(_is_stage_within(group, wider) for wider in other.groups) for group in one.groups
            )
        case PriorTherapy(drug=str(drug)), PriorTherapy(drug_class=str(wanted)):
            return wanted in (drug_classes(drug) or ()) and _alike(one, other, "drug", "drug_class")
        case _:
            return False


def _alike(one: Leaf, other: Leaf, *apart: str) -> bool:
    """True if the leaves ask the same but for some fields."""
    first, second = _fields(one), _fields(other)
    return all(first[name] == second[name] for name in first if name not in apart)


def _is_stage_within(stage: str, group: str) -> bool:
    return stage.startswith(group) and stage.rstrip("ABCDE0123456789") == group.rstrip("ABCDE0123456789")


def _is_kind_of(one: Mutation, other: Mutation) -> bool:
    """True if every mutation that the first asks for is one that the second asks for."""
    change = None if one.protein_change is None else protein_change(one.protein_change, one.gene)
    codon = change.position if change is not None and change.kind == "missense" else one.codon
    if other.classes:
        of_class = bool(one.classes) and set(one.classes) <= set(other.classes)
    else:
        of_class = not CODING_SILENT.intersection(one.classes)
    does = other.function in {None, one.function} or (other.function == "pathogenic" and one.function is not None)
    return (
        one.gene == other.gene
        and other.protein_change in {None, one.protein_change}
        and other.codon in {None, codon}
        and other.exon in {None, one.exon}
        and of_class
        and does
    )
