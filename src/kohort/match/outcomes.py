"""Which answers a missing fact can have, where several criteria stand on it.

A test of BRAF that finds p.V600E has also found a substitution at codon 600, and the gene is then not wild type;
a burden is not both below 10 and at least 10. `answers` lists the joint answers of such criteria. Two tumours of
one patient may differ, so two diagnoses do not exclude each other. Criteria of a kind that is not named here are
taken as free of each other: there are then more answers than can happen, never fewer.

Most criteria of one fact are alternatives that have nothing to do with each other (a list of protein changes).
`bundled` joins them into one part that is true or false as a whole, so that a list of twenty has two answers
instead of a million.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Diagnosis,
    Fact,
    Leaf,
    Mmr,
    Msi,
    Mutation,
    Or,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Receptor,
    Sex,
    Signature,
    Stage,
    SystemicLines,
    WildType,
    leaves,
)
from kohort.match.logic import Compound
from kohort.match.vocabulary import CODING_SILENT, drug_classes, protein_change

__all__ = [
    "MOST_ANSWERS",
    "Bundled",
    "answers",
    "are_related",
    "bundled",
    "can_be",
    "free_of_others",
    "is_for_people",
    "limits_of",
    "rebuilt",
]

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


def are_related(one: Leaf, other: Leaf) -> bool:
    """True if the answer to one says something about the answer to the other."""
    return one.fact.words == other.fact.words and bool(_impossible(one, other))


def answers(
    asked: tuple[Leaf, ...], known: tuple[tuple[Leaf, bool], ...] = (), most: int = MOST_ANSWERS
) -> tuple[tuple[bool, ...], ...] | None:
    """The joint answers that leaves of one fact can have.

    Args:
        asked: different leaves.
        known: further leaves of the fact and their values, which the answers must agree with.
        most: how many answers are listed at most.

    Returns:
        One tuple an answer, in the order of ``asked``; None if there are more than ``most``.
    """
    every = (*(leaf for leaf, _ in known), *asked)
    fixed = tuple(value for _, value in known)
    families = [(places, _attained([every[i] for i in places])) for places in _families(every)]
    found: list[tuple[bool, ...]] = []
    for row in _assignments(every, fixed, ()):
        if all(tuple(row[i] for i in places) in attained for places, attained in families):
            found.append(row[len(fixed) :])
        if len(found) > most:
            return None
    return tuple(found)


def can_be(answered: Iterable[tuple[Leaf, bool]]) -> bool:
    """True if these leaves of one fact can have these values together."""
    given = tuple(dict.fromkeys(answered))
    return len({leaf for leaf, _ in given}) == len(given) and bool(answers((), given))


def _assignments(
    every: tuple[Leaf, ...], fixed: tuple[bool, ...], values: tuple[bool, ...]
) -> Iterator[tuple[bool, ...]]:
    """All rows that begin with ``values``, agree with ``fixed`` and hold no impossible pair."""
    place = len(values)
    if place == len(every):
        yield values
        return
    for value in fixed[place : place + 1] or (True, False):
        if all((old, value) not in _impossible(every[i], every[place]) for i, old in enumerate(values)):
            yield from _assignments(every, fixed, (*values, value))


def _fields(leaf: Leaf) -> dict[str, object]:
    return {field.name: getattr(leaf, field.name) for field in dataclasses.fields(leaf)}


def _measured(leaf: Leaf) -> tuple[object, ...] | None:
    """What a leaf with limits measures: its kind and everything it asks but the limits."""
    if limits_of(leaf) is None:
        return None
    others = ((name, value) for name, value in _fields(leaf).items() if not isinstance(value, Range))
    return (type(leaf), *others)


def _families(every: tuple[Leaf, ...]) -> list[list[int]]:
    """Places of leaves that set limits to the same number."""
    found: dict[tuple[object, ...], list[int]] = {}
    for i, leaf in enumerate(every):
        measured = _measured(leaf)
        if measured is not None:
            found.setdefault(measured, []).append(i)
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


@dataclass(frozen=True, slots=True)
class Bundled:
    """A tree in which free alternatives of one fact are joined.

    Attributes:
        tree: the tree; it has the same value as the one it was made from.
        bundles: its parts that are true or false as a whole, besides single leaves, with their fact's words.
    """

    tree: Criterion
    bundles: dict[Criterion, str]

    def atoms(self, fact: str) -> tuple[Criterion, ...]:
        """The bundles and single leaves of a fact, each once."""
        return tuple(dict.fromkeys(self._atoms(self.tree, fact)))

    def _atoms(self, node: Criterion, fact: str) -> Iterator[Criterion]:
        if node in self.bundles:
            if self.bundles[node] == fact:
                yield node
        elif isinstance(node, Leaf):
            if node.fact.words == fact:
                yield node
        else:
            for part in node.parts:
                yield from self._atoms(part, fact)

    def answers(
        self, fact: str, known: tuple[tuple[Leaf, bool], ...] = (), most: int = MOST_ANSWERS
    ) -> list[dict[Criterion, bool]] | None:
        """The joint answers of a fact's atoms; None if there are more than ``most``."""
        atoms = self.atoms(fact)
        single = tuple(atom for atom in atoms if isinstance(atom, Leaf) and atom not in self.bundles)
        free = [atom for atom in atoms if atom not in single]
        rows = answers(single, known, most)
        if rows is None or len(rows) << len(free) > most:
            return None
        found: list[dict[Criterion, bool]] = [dict(zip(single, row, strict=True)) for row in rows]
        for atom in free:
            found = [row | {atom: value} for row in found for value in (True, False)]
        return found


def free_of_others(every: Iterable[Leaf]) -> frozenset[Leaf]:
    """Those of some leaves whose answers say nothing about the answers of the others."""
    of_fact: dict[str, list[Leaf]] = {}
    for leaf in dict.fromkeys(every):
        of_fact.setdefault(leaf.fact.words, []).append(leaf)
    return frozenset(
        leaf
        for several in of_fact.values()
        for leaf in several
        if not any(_impossible(leaf, other) for other in several if other is not leaf)
    )


def bundled(tree: Criterion, also: Iterable[Leaf] = ()) -> Bundled:
    """Join the parts of a tree that stand on one fact and whose leaves are free of each other.

    Args:
        tree: the tree.
        also: further leaves that must be free of those that are joined.
    """
    times = Counter(leaves(tree))
    free = {leaf for leaf in free_of_others((*times, *also)) if times[leaf] == 1}
    bundles: dict[Criterion, str] = {}
    return Bundled(_joined(tree, free, bundles), bundles)


def _joined(node: Criterion, free: set[Leaf], bundles: dict[Criterion, str]) -> Criterion:
    fact = _only_fact(node, free)
    if fact is not None and not (isinstance(node, Leaf)):
        bundles[node] = fact
        return node
    if isinstance(node, Leaf):
        return node
    groups: dict[str, list[Criterion]] = {}
    if isinstance(node, And | Or):
        for part in node.parts:
            groups.setdefault(_only_fact(part, free) or "", []).append(part)
    joint = {fact: parts for fact, parts in groups.items() if fact and len(parts) > 1}
    together = {part for parts in joint.values() for part in parts}
    parts = [_joined(part, free, bundles) for part in node.parts if part not in together]
    for fact, several in joint.items():
        bundle = rebuilt(node, several)
        bundles[bundle] = fact
        parts.append(bundle)
    return rebuilt(node, parts)


def _only_fact(node: Criterion, free: set[Leaf]) -> str | None:
    """The one fact that a node stands on, if all its leaves are free; None otherwise."""
    found = {leaf.fact.words if leaf in free else None for leaf in leaves(node)}
    return found.pop() if len(found) == 1 else None


def rebuilt(node: Compound, parts: Iterable[Criterion]) -> Compound:
    """A compound of the same kind with other parts."""
    return AtLeast(node.n, *parts) if isinstance(node, AtLeast) else type(node)(*parts)
