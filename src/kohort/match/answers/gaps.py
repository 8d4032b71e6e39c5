"""What finding out facts would do for the unknown verdicts of one arm, on bitmaps.

Every joint outcome of the facts that the criteria allow (`outcomes`) is tried, and outcomes that contradict what is
known of a person are left out for that person; so the answers are exact. Only where facts have more than 256 joint
outcomes in one arm are they taken as free of each other: then no place too many is called settled, and perhaps one
too many is called openable.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kohort.match.answers.bundles import Bundled, bundled
from kohort.match.answers.outcomes import MOST_ANSWERS
from kohort.match.criteria.logic import And, Criterion, Fact, Leaf, Not, leaves, requirements
from kohort.match.engine.truth import Bits, Truth

__all__ = ["ArmGaps", "Effect", "TruthOf"]

TruthOf = Callable[[Leaf], Truth]
"""The values of a leaf over a population."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What finding out some facts would do, as bitmaps over the words of an `ArmGaps`.

    Attributes:
        settled: whose verdict would be known, whatever the facts turn out to be.
        opened: whom one of their outcomes would make eligible.
    """

    settled: Bits
    opened: Bits


class ArmGaps:
    """The unknown verdicts of one arm, cut out of the population: only the 64-person words that hold one.

    Args:
        criteria: everything the arm asks.
        truth_of: the values of a leaf over the population.
        size: number of persons.

    Attributes:
        facts: the facts that somebody of unknown verdict lacks, by their words.
        lacking: who lacks each.
        words: the words of the population's bitmaps that are looked at here.
        unknown: who has an unknown verdict.
    """

    def __init__(self, criteria: Criterion, truth_of: TruthOf, size: int) -> None:
        self._parts = requirements(criteria)
        members = Truth.constant(True, size).true
        verdict = _value(And(*self._parts), truth_of, size)
        unknown = members & ~(verdict.true | verdict.false)
        self.words = np.flatnonzero(unknown)
        self.unknown: Bits = unknown[self.words]
        self._truths: dict[Leaf, Truth] = {}
        self._truth_of = truth_of
        self._effects: dict[frozenset[str], Effect] = {}
        self.facts: dict[str, Fact] = {}
        self.lacking: dict[str, Bits] = {}
        for leaf in dict.fromkeys(leaves(criteria)) if len(self.words) else ():
            truth = self._leaf(leaf)
            lacks = self.unknown & ~(truth.true | truth.false)
            if lacks.any():
                name = leaf.fact.words
                self.facts.setdefault(name, leaf.fact)
                self.lacking[name] = self.lacking.get(name, np.zeros_like(lacks)) | lacks

    @property
    def size(self) -> int:
        """Number of bits looked at; those beyond the population are unknown to every leaf, and masked."""
        return 64 * len(self.words)

    @cached_property
    def nobody(self) -> Effect:
        """The effect of finding out nothing."""
        return Effect(np.zeros_like(self.unknown), np.zeros_like(self.unknown))

    def effect(self, found_out: Iterable[str]) -> Effect:
        """What it would do to find out some facts, by their words; facts that nobody here lacks do nothing."""
        names = frozenset(name for name in found_out if name in self.facts)
        if not names:
            return self.nobody
        if names not in self._effects:
            self._effects[names] = self._tried(names)
        return self._effects[names]

    def _tried(self, names: frozenset[str]) -> Effect:
        involved = [part for part in self._parts if any(leaf.fact.words in names for leaf in leaves(part))]
        others = [self._of(part).true for part in self._parts if part not in involved]
        rest = np.bitwise_and.reduce([self.unknown, *others])
        asked = bundled(And(*involved))
        outcomes = _joint(asked, names)
        if outcomes is None:
            return self._as_if_free(And(*involved), names, rest)
        settled, opened, some = self.unknown.copy(), np.zeros_like(self.unknown), np.zeros_like(self.unknown)
        for outcome in outcomes:
            possible, truth = self.unknown.copy(), self._assuming(asked.tree, outcome)
            for atom, value in outcome.items():
                known = self._of(atom)
                possible &= ~known.false if value else ~known.true
            eligible = truth.true & rest
            settled &= ~possible | truth.false | eligible
            opened |= possible & eligible
            some |= possible
        return Effect(settled & some, opened & self.unknown)

    def _assuming(self, node: Criterion, outcome: dict[Criterion, bool]) -> Truth:
        """The values if the unknown atoms had turned out like this."""
        if node in outcome:
            known = self._of(node)
            if outcome[node]:
                return Truth(~known.false, known.false, self.size)
            return Truth(known.true, ~known.true, self.size)
        if isinstance(node, Leaf):
            return self._leaf(node)
        return node.join([self._assuming(part, outcome) for part in node.parts], self.size)

    def _as_if_free(self, asked: Criterion, names: frozenset[str], rest: Bits) -> Effect:
        truth, knowable = self._prospect(asked, names)
        best = self._at_best(asked, names, wanted=True)
        # Where another requirement is open too, only a "no" of this one would settle.
        settled = self.unknown & knowable & (rest | truth.false)
        return Effect(settled, self.unknown & best.true & rest)

    def _prospect(self, node: Criterion, names: frozenset[str]) -> tuple[Truth, Bits]:
        """The values, and who would have a known one if the facts were known."""
        if isinstance(node, Leaf):
            truth, everybody = self._leaf(node), ~np.zeros_like(self.unknown)
            return truth, everybody if node.fact.words in names else truth.true | truth.false
        parts = [self._prospect(part, names) for part in node.parts]
        truth = node.join([part for part, _ in parts], self.size)
        knowable = np.bitwise_and.reduce([~np.zeros_like(self.unknown), *(bits for _, bits in parts)])
        return truth, knowable | truth.true | truth.false

    def _at_best(self, node: Criterion, names: frozenset[str], *, wanted: bool) -> Truth:
        """The values if the facts turned out as wanted (negation turns the wish round)."""
        if isinstance(node, Leaf):
            truth = self._leaf(node)
            if node.fact.words not in names:
                return truth
            return Truth(~truth.false, truth.false, self.size) if wanted else Truth(truth.true, ~truth.true, self.size)
        wish = wanted != isinstance(node, Not)
        return node.join([self._at_best(part, names, wanted=wish) for part in node.parts], self.size)

    def _of(self, node: Criterion) -> Truth:
        return _value(node, self._leaf, self.size)

    def _leaf(self, leaf: Leaf) -> Truth:
        if leaf not in self._truths:
            whole = self._truth_of(leaf)
            self._truths[leaf] = Truth(whole.true[self.words], whole.false[self.words], self.size)
        return self._truths[leaf]


def _value(node: Criterion, truth_of: TruthOf, size: int) -> Truth:
    if isinstance(node, Leaf):
        return truth_of(node)
    return node.join([_value(part, truth_of, size) for part in node.parts], size)


def _joint(asked: Bundled, names: Iterable[str]) -> list[dict[Criterion, bool]] | None:
    """All joint outcomes of several facts; None if there are too many."""
    each = [asked.answers(name) for name in sorted(names)]
    if any(one is None for one in each):
        return None
    listed = [one for one in each if one]
    if np.prod([float(len(one)) for one in listed]) > MOST_ANSWERS:
        return None
    return [{k: v for part in combined for k, v in part.items()} for combined in itertools.product(*listed)]
