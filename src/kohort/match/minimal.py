"""Minimal sets of missing facts: what has to be found out about one person before one arm can be decided.

Three questions, for a verdict that is unknown:

* *decide*: which facts, whatever they turn out to be, make the verdict known, none of them to spare;
* *open*: which findings would make the person eligible, none of them to spare;
* *close*: which findings would exclude the person, none of them to spare.

The tree is first reduced to its unknown leaves. The findings that open and close are the prime implicants of what
is left and of its opposite, in Kleene's logic, as the engine evaluates: a criterion that stands beside its own
opposite is unknown until its fact is. Answers that cannot occur together (`outcomes`) are left out, and so is a
finding that another one implies.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from kohort.match.evaluation import leaf_truth
from kohort.match.logic import And, AtLeast, Compound, Criterion, Fact, Leaf, Not, Or, leaves
from kohort.match.outcomes import bundled, can_be, free_of_others, is_for_people
from kohort.match.population import Population

__all__ = ["MOST_FACTS", "MOST_SETS", "Finding", "MinimalFacts", "minimal_facts", "residual"]

MOST_FACTS = 16
"""Facts of which every combination is tried; with more, the answer says that it is not complete."""

MOST_SETS = 256
"""Sets of findings that are kept at any step; with more, the answer says that it is not complete."""

Value = bool | None
Literal = tuple[Leaf, bool]
Known = dict[str, tuple[Literal, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact with the answers that are wished or feared.

    Attributes:
        fact: the fact.
        answers: leaves that stand on it, and their values.
    """

    fact: Fact
    answers: tuple[Literal, ...]

    @property
    def words(self) -> str:
        """The fact and its answers."""
        told = " and ".join(leaf.words if value else f"not {leaf.words}" for leaf, value in self.answers)
        return f"{self.fact.words}: {told}"

    @property
    def for_people(self) -> bool:
        """True if no test gives it: a person has to judge, or to correct the trial."""
        return is_for_people(self.fact)


@dataclass(frozen=True, slots=True)
class MinimalFacts:
    """What has to be found out. For a verdict that is known, all three are empty.

    Attributes:
        verdict: the verdict now; None for unknown.
        decide: minimal sets of facts that make the verdict known whatever they turn out to be.
        open: minimal sets of findings that make the person eligible.
        close: minimal sets of findings that exclude the person.
        is_complete: False if a limit was reached; then sets may be missing, or be larger than needed.
    """

    verdict: Value
    decide: tuple[tuple[Fact, ...], ...] = ()
    open: tuple[tuple[Finding, ...], ...] = ()
    close: tuple[tuple[Finding, ...], ...] = ()
    is_complete: bool = True

    @property
    def fewest(self) -> int:
        """Facts of the smallest set that opens; 0 if the verdict is known, or nothing can open it."""
        return min((len(findings) for findings in self.open), default=0)

    def lines(self) -> Iterator[str]:
        """The sets for people, one a line; facts that no test gives are marked."""
        for facts in self.decide:
            yield "Decided by: " + "; ".join(_marked(fact.words, fact) for fact in facts) + "."
        for heading, sets in (("Eligible with", self.open), ("Excluded by", self.close)):
            for findings in sets:
                yield f"{heading}: " + "; ".join(_marked(f.words, f.fact) for f in findings) + "."
        if not self.is_complete:
            yield "There are more sets than are listed here."


def _marked(words: str, fact: Fact) -> str:
    return f"{words} (a person has to say)" if is_for_people(fact) else words


def minimal_facts(
    criteria: Criterion, population: Population, person: int, as_of: date, *, sample: int | None = None
) -> MinimalFacts:
    """The minimal sets of missing facts for one person.

    Args:
        criteria: everything that an arm asks.
        population: the persons.
        person: pseudonym of one of them.
        as_of: the day of matching.
        sample: the specimen, where samples are matched.

    Raises:
        InputError: the person is not in the population.
    """
    at = population.index_of(person) if sample is None else population.index_of(person, sample)
    values = {leaf: leaf_truth(leaf, population, as_of).value(at) for leaf in leaves(criteria)}
    rest = residual(criteria, lambda node: values.get(node) if isinstance(node, Leaf) else None)
    if isinstance(rest, bool):
        return MinimalFacts(rest)
    known: Known = {}
    for leaf, value in values.items():
        if value is not None:
            known[leaf.fact.words] = (*known.get(leaf.fact.words, ()), (leaf, value))
    facts = {leaf.fact.words: leaf.fact for leaf in leaves(rest)}
    deciding = _Deciding(rest, known)
    search = _Implicants(rest, known)
    sets = tuple(_findings(search.of(rest, wanted), facts) for wanted in (True, False))
    decide = tuple(tuple(facts[name] for name in facts if name in one) for one in deciding.sets())
    return MinimalFacts(None, decide, *sets, is_complete=deciding.is_complete and search.is_complete)


def residual(
    node: Criterion, value_of: Callable[[Criterion], Value], atoms: Iterable[Criterion] = ()
) -> Criterion | bool:
    """What is left of a tree when some of its parts are known; True or False if nothing is.

    Args:
        node: the tree.
        value_of: the value of a part, None if it is not known.
        atoms: compounds that are known as a whole or not at all.
    """
    known = value_of(node)
    if known is not None or isinstance(node, Leaf) or node in (whole := frozenset(atoms)):
        return node if known is None else known
    parts = [residual(part, value_of, whole) for part in node.parts]
    if isinstance(node, Not):
        return not parts[0] if isinstance(parts[0], bool) else Not(parts[0])
    still = [part for part in parts if not isinstance(part, bool)]
    needed = _needed(node) - sum(part is True for part in parts)
    if needed <= 0 or needed > len(still):
        return needed <= 0
    return still[0] if len(still) == 1 else _joined(needed, still)


def _joined(needed: int, parts: list[Criterion]) -> Criterion:
    """At least some of two or more parts, in the simplest form."""
    if needed == len(parts):
        return And(*parts)
    return Or(*parts) if needed == 1 else AtLeast(needed, *parts)


def _needed(node: Compound) -> int:
    """How many parts of an AND, OR or at-least-n have to be true."""
    if isinstance(node, AtLeast):
        return node.n
    return 1 if isinstance(node, Or) else len(node.parts)


class _Deciding:
    """Sets of facts that decide whatever they turn out to be."""

    def __init__(self, rest: Criterion, known: Known) -> None:
        self._bundled = bundled(rest, [leaf for literals in known.values() for leaf, _ in literals])
        self._names = tuple(dict.fromkeys(leaf.fact.words for leaf in leaves(rest)))
        self._answers = {name: self._bundled.answers(name, known.get(name, ())) for name in self._names}
        self._memo: dict[tuple[Criterion, frozenset[str]], frozenset[Value]] = {}
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
        shared = [name for name in sorted(asked) if sum(name in self._facts_of(part) for part in node.parts) > 1]
        if not shared:
            return _counted(node, [self._attainable(part, asked) for part in node.parts])
        answers, fewer = self._answers[shared[0]], asked - {shared[0]}
        if answers is None:
            return frozenset({True, False, None})
        left = {residual(node, answer.get, self._bundled.bundles) for answer in answers}
        return frozenset(value for part in left for value in self._attainable(part, fewer))

    def _facts_of(self, node: Criterion) -> frozenset[str]:
        return frozenset(leaf.fact.words for leaf in leaves(node))


def _counted(node: Compound, each: list[frozenset[Value]]) -> frozenset[Value]:
    """The values of an AND, OR or at-least-n whose parts have these values, free of each other."""
    counts = {(0, 0)}
    for values in each:
        counts = {(true + (v is True), false + (v is False)) for true, false in counts for v in values}
    needed, parts = _needed(node), len(node.parts)
    return frozenset(True if true >= needed else False if false > parts - needed else None for true, false in counts)


class _Implicants:
    """Minimal sets of answers that make a tree true, or false."""

    def __init__(self, rest: Criterion, known: Known) -> None:
        self.is_complete = True
        self._known = known
        self._free = free_of_others((*leaves(rest), *(leaf for literals in known.values() for leaf, _ in literals)))
        self._possible: dict[frozenset[Literal], bool] = {}

    def of(self, node: Criterion, wanted: bool) -> list[frozenset[Literal]]:
        """The prime implicants, without answers that others of them imply."""
        found = sorted({self._without_implied(one) for one in self._raw(node, wanted)}, key=_size)
        facts = [_facts_of(one) for one in found]

        def is_special(i: int, j: int) -> bool:
            if i == j or not facts[j] <= facts[i] or not self._implies(found[i], found[j]):
                return False
            return i > j or facts[i] != facts[j] or not self._implies(found[j], found[i])

        return [one for i, one in enumerate(found) if not any(is_special(i, j) for j in range(len(found)))]

    def _raw(self, node: Criterion, wanted: bool) -> list[frozenset[Literal]]:
        if isinstance(node, Leaf):
            one = frozenset({(node, wanted)})
            return [one] if self._can_be(one) else []
        if isinstance(node, Not):
            return self._raw(node.parts[0], not wanted)
        needed = _needed(node) if wanted else len(node.parts) - _needed(node) + 1
        ways: list[set[frozenset[Literal]]] = [{frozenset()}, *(set() for _ in range(needed))]
        for done, part in enumerate(node.parts):
            each = self._raw(part, wanted)
            # What could not reach the number any more with the parts that are left is let go.
            least = needed - (len(node.parts) - done - 1)
            for reached in range(needed, 0, -1):
                joined = {way | one for way in ways[reached - 1] for one in each} if reached >= least else set()
                kept = ways[reached] if reached >= least else set()
                ways[reached] = self._least(kept | {way for way in joined if self._can_be(way)})
        return list(ways[needed])

    def _least(self, sets: set[frozenset[Literal]]) -> set[frozenset[Literal]]:
        """Only the sets that hold no other; no more than the limit."""
        kept: list[frozenset[Literal]] = []
        for one in sorted(sets, key=len):
            if not any(len(smaller) < len(one) and smaller < one for smaller in kept):
                kept.append(one)
            if len(kept) > MOST_SETS:
                self.is_complete = False
                return set(kept[:MOST_SETS])
        return set(kept)

    def _can_be(self, literals: frozenset[Literal]) -> bool:
        if len({leaf for leaf, _ in literals}) < len(literals):
            return False
        bound = frozenset(literal for literal in literals if literal[0] not in self._free)
        if bound not in self._possible:
            by_fact: dict[str, list[Literal]] = {}
            for literal in bound:
                by_fact.setdefault(literal[0].fact.words, []).append(literal)
            self._possible[bound] = all(can_be((*self._known.get(n, ()), *given)) for n, given in by_fact.items())
        return self._possible[bound]

    def _without_implied(self, literals: frozenset[Literal]) -> frozenset[Literal]:
        for literal in sorted(literals, key=_literal_words):
            others = literals - {literal}
            if any(other[0].fact.words == literal[0].fact.words for other in others) and self._says(others, literal):
                literals = others
        return literals

    def _implies(self, one: frozenset[Literal], other: frozenset[Literal]) -> bool:
        """True if whoever has the first answers has the second."""
        return all(self._says(one, literal) for literal in other)

    def _says(self, literals: frozenset[Literal], literal: Literal) -> bool:
        leaf, value = literal
        return literal in literals or not self._can_be(literals | {(leaf, not value)})


def _size(literals: frozenset[Literal]) -> tuple[int, int, list[str]]:
    return len(_facts_of(literals)), len(literals), sorted(map(_literal_words, literals))


def _facts_of(literals: frozenset[Literal]) -> frozenset[str]:
    return frozenset(leaf.fact.words for leaf, _ in literals)


def _literal_words(literal: Literal) -> str:
    return f"{literal[0].words} {literal[1]}"


def _findings(sets: list[frozenset[Literal]], facts: dict[str, Fact]) -> tuple[tuple[Finding, ...], ...]:
    """Sets of answers as findings, facts in the order of the criteria."""
    found = []
    for literals in sets:
        answered: dict[str, list[Literal]] = {}
        for literal in sorted(literals, key=_literal_words):
            answered.setdefault(literal[0].fact.words, []).append(literal)
        found.append(tuple(Finding(facts[n], tuple(answered[n])) for n in facts if n in answered))
    return tuple(found)
