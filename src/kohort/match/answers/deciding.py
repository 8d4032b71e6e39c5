"""Which sets of missing facts decide, whatever they turn out to be: by following up what they can turn out to be.

Facts that different parts of a tree do not share are free of each other, and the values their parts can have are
combined by counting; only a fact that several parts share is followed up answer by answer.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

from kohort.match.answers.bundles import bundled
from kohort.match.answers.outcomes import Answer
from kohort.match.answers.residuals import Value, needed_parts, residual
from kohort.match.criteria.logic import Criterion, Leaf, Not, leaves

__all__ = ["MOST_FACTS", "MOST_STEPS", "Deciding"]

MOST_FACTS = 16
"""Facts of which every combination is tried; with more, the answer says that it is not complete."""

MOST_STEPS = 20_000
"""Answers of facts shared by several parts that are followed up; with more, the answer says that it is not complete."""


class Deciding:
    """Sets of facts that decide whatever they turn out to be.

    Args:
        rest: a tree of unknown leaves.
        known: further leaves that are known, with their values, by the words of their fact.

    Attributes:
        is_complete: False if a limit was reached: sets may then be missing, or be larger than needed.
    """

    def __init__(self, rest: Criterion, known: Mapping[str, tuple[Answer, ...]]) -> None:
        self._bundled = bundled(rest, [leaf for answers in known.values() for leaf, _ in answers])
        self._names = tuple(dict.fromkeys(leaf.fact.words for leaf in leaves(rest)))
        self._answers = {name: self._bundled.answers(name, known.get(name, ())) for name in self._names}
        self._memo: dict[tuple[Criterion, frozenset[str]], frozenset[Value]] = {}
        self._facts: dict[Criterion, frozenset[str]] = {}
        self._steps = 0
        self.is_complete = all(answers is not None for answers in self._answers.values())

    def sets(self) -> list[frozenset[str]]:
        """The minimal sets, smallest first."""
        every = frozenset(self._names)
        if not self._decides(every):
            # Only where a fact has too many answers to be tried: all facts together do decide.
            return [every]
        needed = frozenset(name for name in self._names if not self._decides(every - {name}))
        spare = [name for name in self._names if name not in needed]
        if len(spare) > MOST_FACTS:
            self.is_complete = False
            return [every]
        found: list[frozenset[str]] = []
        for size in range(len(spare) + 1):
            for chosen in itertools.combinations(spare, size):
                candidate = needed | frozenset(chosen)
                if not any(smaller <= candidate for smaller in found) and self._decides(candidate):
                    found.append(candidate)
        return found

    def _decides(self, names: frozenset[str]) -> bool:
        return None not in self._attainable(self._bundled.tree, names)

    def _attainable(self, node: Criterion | bool, names: frozenset[str]) -> frozenset[Value]:
        """The values that a part can have when some facts are known and no other."""
        if isinstance(node, bool):
            return frozenset({node})
        asked = names & self._facts_of(node)
        if not asked:
            return frozenset({None})
        key = (node, asked)
        if key not in self._memo:
            self._memo[key] = self._tried(node, asked)
        return self._memo[key]

    def _tried(self, node: Criterion, asked: frozenset[str]) -> frozenset[Value]:
        if isinstance(node, Leaf) or node in self._bundled.bundles:
            (name,) = asked
            answers = self._answers[name]
            return frozenset({True, False} if answers is None else (answer[node] for answer in answers))
        if isinstance(node, Not):
            return frozenset(None if value is None else not value for value in self._attainable(node.parts[0], asked))
        needed, parts = needed_parts(node), len(node.parts)
        counts = self._counts(node.parts, asked)
        return frozenset(True if t >= needed else False if f > parts - needed else None for t, f in counts)

    def _counts(self, parts: Sequence[Criterion | bool], asked: frozenset[str]) -> frozenset[tuple[int, int]]:
        """How many of some parts can be true, and how many false, together."""
        found = frozenset({(0, 0)})
        for linked in self._linked(parts, asked):
            each = self._counts_of_linked(linked, asked)
            found = frozenset((t + more_t, f + more_f) for t, f in found for more_t, more_f in each)
        return found

    def _counts_of_linked(self, parts: list[Criterion | bool], asked: frozenset[str]) -> frozenset[tuple[int, int]]:
        if len(parts) == 1:
            return frozenset((int(value is True), int(value is False)) for value in self._attainable(parts[0], asked))
        times = Counter(name for part in parts for name in self._facts_of(part) & asked)
        name = min(times, key=lambda name: (-times[name], name))
        answers, fewer = self._answers[name], asked - {name}
        self._steps += 1
        if answers is None or self._steps > MOST_STEPS:
            # As if the parts were free of each other: more can then happen, never less.
            self.is_complete = False
            return frozenset((t, f) for t in range(len(parts) + 1) for f in range(len(parts) + 1 - t))
        left = {tuple(self._left(part, answer) for part in parts) for answer in answers}
        return frozenset(counts for row in left for counts in self._counts(row, fewer))

    def _left(self, part: Criterion | bool, answer: dict[Criterion, bool]) -> Criterion | bool:
        return part if isinstance(part, bool) else residual(part, answer.get, self._bundled.bundles)

    def _linked(self, parts: Sequence[Criterion | bool], asked: frozenset[str]) -> list[list[Criterion | bool]]:
        """Parts that have a fact in common, directly or through others, brought together."""
        groups: list[tuple[frozenset[str], list[Criterion | bool]]] = []
        for part in parts:
            facts, together = self._facts_of(part) & asked, [part]
            apart = []
            for known, members in groups:
                if known & facts:
                    facts, together = facts | known, members + together
                else:
                    apart.append((known, members))
            groups = [*apart, (facts, together)]
        return [members for _, members in groups]

    def _facts_of(self, node: Criterion | bool) -> frozenset[str]:
        if isinstance(node, bool):
            return frozenset()
        if node not in self._facts:
            self._facts[node] = frozenset(leaf.fact.words for leaf in leaves(node))
        return self._facts[node]
