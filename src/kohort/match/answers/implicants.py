"""The minimal sets of answers that make a tree of criteria true, or false: prime implicants in Kleene's logic."""

from __future__ import annotations

from collections.abc import Iterable

from kohort.match.answers.outcomes import Answer, Relations
from kohort.match.answers.residuals import needed_parts
from kohort.match.criteria.logic import Criterion, Leaf, Not

__all__ = ["MOST_SETS", "Implicants", "answer_words"]

MOST_SETS = 256
"""Sets of answers that are kept at any step; with more, the answer says that it is not complete."""


class Implicants:
    """Minimal sets of answers that make a tree of unknown leaves true, or false.

    Args:
        relations: what the leaves say about each other.
        known: leaves that are known, with their values.

    Attributes:
        is_complete: False if a limit was reached: sets may then be missing.
    """

    def __init__(self, relations: Relations, known: Iterable[Answer]) -> None:
        self.is_complete = True
        self._relations = relations
        self._known = tuple(known)

    def of(self, node: Criterion, wanted: bool) -> list[frozenset[Answer]]:
        """The prime implicants, without answers that others of them imply."""
        found = sorted({self._without_implied(one) for one in self._raw(node, wanted)}, key=_size)
        facts = [_facts_of(one) for one in found]

        def is_special(i: int, j: int) -> bool:
            if i == j or not facts[j] <= facts[i] or not self._implies(found[i], found[j]):
                return False
            return i > j or facts[i] != facts[j] or not self._implies(found[j], found[i])

        return [one for i, one in enumerate(found) if not any(is_special(i, j) for j in range(len(found)))]

    def _raw(self, node: Criterion, wanted: bool) -> list[frozenset[Answer]]:
        if isinstance(node, Leaf):
            one = frozenset({(node, wanted)})
            return [one] if self._can_be(one) else []
        if isinstance(node, Not):
            return self._raw(node.parts[0], not wanted)
        needed = needed_parts(node) if wanted else len(node.parts) - needed_parts(node) + 1
        ways: list[set[frozenset[Answer]]] = [{frozenset()}, *(set() for _ in range(needed))]
        for done, part in enumerate(node.parts):
            each = self._raw(part, wanted)
            # What could not reach the number any more with the parts that are left is let go.
            least = needed - (len(node.parts) - done - 1)
            for reached in range(needed, 0, -1):
                joined = {way | one for way in ways[reached - 1] for one in each} if reached >= least else set()
                kept = ways[reached] if reached >= least else set()
                ways[reached] = self._least(kept | {way for way in joined if self._can_be(way)})
        return list(ways[needed])

    def _least(self, sets: set[frozenset[Answer]]) -> set[frozenset[Answer]]:
        """Only the sets that hold no other; no more than the limit."""
        kept: list[frozenset[Answer]] = []
        for one in sorted(sets, key=len):
            if not any(len(smaller) < len(one) and smaller < one for smaller in kept):
                kept.append(one)
            if len(kept) > MOST_SETS:
                self.is_complete = False
                return set(kept[:MOST_SETS])
        return set(kept)

    def _can_be(self, answers: Iterable[Answer]) -> bool:
        return self._relations.can_be(answers, self._known)

    def _without_implied(self, answers: frozenset[Answer]) -> frozenset[Answer]:
        for answer in sorted(answers, key=answer_words):
            others = answers - {answer}
            fact = answer[0].fact.words
            # The fact itself must stay among those that are to be found out.
            if answer[0] not in self._relations.free and fact in _facts_of(others) and self._says(others, answer):
                answers = others
        return answers

    def _implies(self, one: frozenset[Answer], other: frozenset[Answer]) -> bool:
        """True if whoever has the first answers has the second."""
        return all(self._says(one, answer) for answer in other)

    def _says(self, answers: frozenset[Answer], answer: Answer) -> bool:
        leaf, value = answer
        return answer in answers or not self._can_be(answers | {(leaf, not value)})


def _size(answers: frozenset[Answer]) -> tuple[int, int, list[str]]:
    return len(_facts_of(answers)), len(answers), sorted(map(answer_words, answers))


def _facts_of(answers: frozenset[Answer]) -> frozenset[str]:
    return frozenset(leaf.fact.words for leaf, _ in answers)


def answer_words(answer: Answer) -> str:
    """What answers are ordered by."""
    return f"{answer[0].words} {answer[1]}"
