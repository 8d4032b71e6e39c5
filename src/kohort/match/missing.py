"""Which missing fact would decide, for how many, and in which order to find facts out.

For one fact (a test of a gene, a receptor's status ...) a person is *settled* by it if the verdict, now unknown,
would be known whatever the fact turns out to be; the fact *could open* the place if one of its outcomes, by itself,
would make the person eligible. The same is asked of several facts together. The answers are exact: every joint
outcome that the criteria allow (`outcomes`) is tried on bitmaps, and those that contradict what is known of a
person are left out for that person. Only where facts have more than 256 joint outcomes in one arm are they taken
as free of each other: then no place too many is called settled, and perhaps one too many is called openable.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kohort.match.evaluation import leaf_truth
from kohort.match.logic import And, Criterion, Fact, Leaf, Not, leaves, requirements
from kohort.match.outcomes import MOST_ANSWERS, Bundled, bundled, is_for_people
from kohort.match.truth import Bits, Truth, count

if TYPE_CHECKING:
    from kohort.match.matches import Matches

__all__ = ["ArmGaps", "Effect", "Settling", "facts", "plan_of_tests", "ranking_of_facts", "settling"]

TruthOf = Callable[[Leaf], Truth]
"""The values of a leaf over a population."""


@dataclass(frozen=True, slots=True)
class Settling:
    """What finding out one fact would do for one criterion.

    Attributes:
        fact: the fact.
        unknown: persons with an unknown verdict for whom this fact is missing.
        would_settle: those whose verdict would be known, whatever the fact turns out to be.
        could_open: those whom one of its outcomes would make eligible.
    """

    fact: Fact
    unknown: int
    would_settle: int
    could_open: int


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What finding out some facts would do, as bitmaps over the words of an `ArmGaps`.

    Attributes:
        settled: whose verdict would be known, whatever the facts turn out to be.
        opened: whom one of their outcomes would make eligible.
    """

    settled: Bits
    opened: Bits


def facts(criterion: Criterion) -> tuple[Fact, ...]:
    """The facts that a criterion stands on, each once, in order."""
    return tuple({leaf.fact.words: leaf.fact for leaf in leaves(criterion)}.values())


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


def settling(criterion: Criterion, fact: Fact, truth_of: TruthOf, size: int) -> Settling:
    """What one fact would do for a criterion.

    Args:
        criterion: the tree.
        fact: one of `facts` of it.
        truth_of: the values of a leaf over the population.
        size: number of persons.
    """
    gaps = ArmGaps(criterion, truth_of, size)
    effect = gaps.effect([fact.words])
    lacking = gaps.lacking.get(fact.words, np.zeros_like(gaps.unknown))
    return Settling(fact, count(lacking), count(effect.settled), count(effect.opened))


def ranking_of_facts(matches: Matches, *, only_open: bool = False, people_judge: bool = False) -> pl.DataFrame:
    """Which single test or registration would decide most, over all arms.

    Args:
        matches: the matches.
        only_open: look only at arms that take patients.
        people_judge: count as if people had judged all that only they can judge (criteria in words);
            they are then not listed, and what a test settles or opens is meant subject to their judgement.

    Returns:
        One row a fact, the most decisive first: ``fact`` (its words), ``kind``, ``subject``, ``for_people``
        (no test gives it), ``arms`` (with somebody who lacks it), ``lacking`` (persons of some unknown verdict who
        lack it), ``unknown`` (places, that is pairs of person and arm, of unknown verdict where it is lacking),
        ``would_settle`` (places whose verdict would be known, whatever it turns out to be), ``persons_settled``
        (persons with such a place), ``could_open`` (places that one of its outcomes would open) and
        ``persons_opened``.
    """
    tallies: dict[str, _Tally] = {}
    for gaps, base in _gaps_of(matches, only_open=only_open, people_judge=people_judge):
        before = gaps.effect(base)
        for name, fact in gaps.facts.items():
            if name in base:
                continue
            effect = gaps.effect({*base, name})
            tally = tallies.setdefault(name, _Tally(fact, matches.population.size))
            found = (gaps.lacking[name], effect.settled & ~before.settled, effect.opened & ~before.opened)
            tally.add(gaps.words, *found)
    rows = sorted((tally.row for tally in tallies.values()), key=_most_first)
    return pl.DataFrame(rows, schema=_RANKING)


def plan_of_tests(matches: Matches, n: int, *, only_open: bool = False, people_judge: bool = False) -> pl.DataFrame:
    """Which facts to find out first, second, third: the best next one, given that the earlier ones are known.

    The best is the one that settles most places more, then the one that could open most, then the one that is
    lacking at most places still unknown. The choice is greedy: a later pair may beat two single bests.

    Args:
        matches: the matches.
        n: number of facts to choose, at least 1.
        only_open: as in `ranking_of_facts`.
        people_judge: as in `ranking_of_facts`.

    Returns:
        One row a step: ``step`` from 1, ``fact``, ``for_people``, ``would_settle`` and ``could_open`` (places more
        than with the earlier facts), ``settled_so_far``, ``openable_so_far``, ``still_unknown`` (places).
    """
    arms = _gaps_of(matches, only_open=only_open, people_judge=people_judge)
    known = [set(base) for _, base in arms]
    chosen: list[dict[str, object]] = []
    start = [gaps.effect(base) for gaps, base in arms]
    total = sum(count(gaps.unknown & ~effect.settled) for (gaps, _), effect in zip(arms, start, strict=True))
    settled = openable = 0
    for step in range(1, n + 1):
        best = _best_next([gaps for gaps, _ in arms], known)
        if best is None:
            break
        fact, more_settled, more_openable = best
        for names in known:
            names.add(fact.words)
        settled, openable = settled + more_settled, openable + more_openable
        row = (step, fact.words, is_for_people(fact), more_settled, more_openable, settled, openable, total - settled)
        chosen.append(dict(zip(_PLAN, row, strict=True)))
    return pl.DataFrame(chosen, schema=_PLAN)


def _best_next(arms: list[ArmGaps], known: list[set[str]]) -> tuple[Fact, int, int] | None:
    gains: dict[str, list[int]] = {}
    listed: dict[str, Fact] = {}
    for gaps, names in zip(arms, known, strict=True):
        before = gaps.effect(names)
        for name in gaps.facts.keys() - names:
            after = gaps.effect({*names, name})
            gain = gains.setdefault(name, [0, 0, 0])
            gain[0] += count(after.settled & ~before.settled)
            gain[1] += count(after.opened & ~before.opened)
            gain[2] += count(gaps.lacking[name] & ~before.settled)
            listed[name] = gaps.facts[name]
    if not gains:
        return None
    name = min(gains, key=lambda name: ([-number for number in gains[name]], name))
    return listed[name], gains[name][0], gains[name][1]


def _gaps_of(matches: Matches, *, only_open: bool, people_judge: bool) -> list[tuple[ArmGaps, frozenset[str]]]:
    """The gaps of each arm that has some, with the facts that are taken as known."""

    def truth_of(leaf: Leaf) -> Truth:
        return leaf_truth(leaf, matches.population, matches.as_of)

    found = []
    for arm in () if matches.closed_world else matches.arms:
        if (only_open and not arm.trial.is_open(arm.arm)) or arm.truth.counts[2] == 0:
            continue
        gaps = ArmGaps(arm.criteria, truth_of, matches.population.size)
        judged = {name for name, fact in gaps.facts.items() if is_for_people(fact)} if people_judge else ()
        found.append((gaps, frozenset(judged)))
    return found


_RANKING = {
    "fact": pl.String(),
    "kind": pl.String(),
    "subject": pl.String(),
    "for_people": pl.Boolean(),
    "arms": pl.Int64(),
    "lacking": pl.Int64(),
    "unknown": pl.Int64(),
    "would_settle": pl.Int64(),
    "persons_settled": pl.Int64(),
    "could_open": pl.Int64(),
    "persons_opened": pl.Int64(),
}
_PLAN = {
    "step": pl.Int64(),
    "fact": pl.String(),
    "for_people": pl.Boolean(),
    "would_settle": pl.Int64(),
    "could_open": pl.Int64(),
    "settled_so_far": pl.Int64(),
    "openable_so_far": pl.Int64(),
    "still_unknown": pl.Int64(),
}


def _most_first(row: dict[str, object]) -> tuple[object, ...]:
    numbers = [-int(str(row[name])) for name in ("would_settle", "could_open", "unknown")]
    return (*numbers, row["fact"])


class _Tally:
    """What one fact does, added up over arms."""

    def __init__(self, fact: Fact, size: int) -> None:
        self._fact = fact
        self._arms = 0
        self._places = [0, 0, 0]
        self._persons = [np.zeros(-(-size // 64), dtype=np.uint64) for _ in range(3)]

    def add(self, words: np.ndarray, *found: Bits) -> None:
        """One arm: who lacks the fact, whom it settles, whom it could open."""
        self._arms += 1
        for i, bits in enumerate(found):
            self._places[i] += count(bits)
            self._persons[i][words] |= bits

    @property
    def row(self) -> dict[str, object]:
        """The row of the ranking."""
        lacking, settled, opened = (count(bits) for bits in self._persons)
        unknown, would_settle, could_open = self._places
        fact = self._fact
        named = (fact.words, fact.kind, fact.subject, is_for_people(fact), self._arms)
        numbers = (lacking, unknown, would_settle, settled, could_open, opened)
        return dict(zip(_RANKING, named + numbers, strict=True))
