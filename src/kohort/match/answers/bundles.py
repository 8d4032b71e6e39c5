"""Alternatives of one fact that have nothing to do with each other, joined into one part of a tree.

Most criteria of one fact are a list (of protein changes, say) of which any is enough. Joined, the list is true or
false as a whole: twenty changes have two answers instead of a million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kohort.match.answers.outcomes import MOST_ANSWERS, Answer, answers, free_of_others
from kohort.match.criteria.logic import And, AtLeast, Compound, Criterion, Leaf, Or, leaves

__all__ = ["Bundled", "bundled"]


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
        self, fact: str, known: tuple[Answer, ...] = (), most: int = MOST_ANSWERS
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
        bundle = _rebuilt(node, several)
        bundles[bundle] = fact
        parts.append(bundle)
    return _rebuilt(node, parts)


def _only_fact(node: Criterion, free: set[Leaf]) -> str | None:
    """The one fact that a node stands on, if all its leaves are free; None otherwise."""
    found = {leaf.fact.words if leaf in free else None for leaf in leaves(node)}
    return found.pop() if len(found) == 1 else None


def _rebuilt(node: Compound, parts: Iterable[Criterion]) -> Compound:
    """A compound of the same kind with other parts."""
    return AtLeast(node.n, *parts) if isinstance(node, AtLeast) else type(node)(*parts)
