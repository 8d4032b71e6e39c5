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

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kohort.match.answers.deciding import Deciding
from kohort.match.answers.implicants import Implicants, answer_words
from kohort.match.answers.outcomes import Answer, Relations, is_for_people, relations
from kohort.match.answers.residuals import Value, residual
from kohort.match.criteria.logic import Criterion, Fact, Leaf, leaves
from kohort.match.engine.evaluation import leaf_truth
from kohort.match.people.population import Population

__all__ = ["Finding", "MinimalFacts", "minimal_facts", "openings"]

Known = dict[str, tuple[Answer, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact with the answers that are wished or feared.

    Attributes:
        fact: the fact.
        answers: leaves that stand on it, and their values.
    """

    fact: Fact
    answers: tuple[Answer, ...]

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
    gap = _Gap.of(criteria, population, at, as_of)
    if isinstance(gap.rest, bool):
        return MinimalFacts(gap.rest)
    deciding, search = Deciding(gap.rest, gap.known), Implicants(gap.relations, gap.answers)
    sets = tuple(_findings(search.of(gap.rest, wanted), gap.facts) for wanted in (True, False))
    decide = tuple(tuple(gap.facts[name] for name in gap.facts if name in one) for one in deciding.sets())
    return MinimalFacts(None, decide, *sets, is_complete=deciding.is_complete and search.is_complete)


def openings(criteria: Criterion, population: Population, at: int, as_of: date) -> tuple[tuple[Finding, ...], ...]:
    """Only the findings that would make a person eligible, as `MinimalFacts.open`, the fewest first.

    Args:
        criteria: everything that an arm asks.
        population: the persons.
        at: the person's place.
        as_of: the day of matching.
    """
    gap = _Gap.of(criteria, population, at, as_of)
    if isinstance(gap.rest, bool):
        return ()
    return _findings(Implicants(gap.relations, gap.answers).of(gap.rest, True), gap.facts)


@dataclass(frozen=True, slots=True)
class _Gap:
    """What is left open for one person.

    Attributes:
        rest: the tree of the unknown leaves; the verdict, if it is known.
        known: the leaves that are known, by the words of their fact.
        facts: the facts that are missing, by their words.
        relations: what the leaves say about each other.
    """

    rest: Criterion | bool
    known: Known
    facts: dict[str, Fact]
    relations: Relations

    @property
    def answers(self) -> list[Answer]:
        """The leaves that are known, with their values."""
        return [answer for answers in self.known.values() for answer in answers]

    @classmethod
    def of(cls, criteria: Criterion, population: Population, at: int, as_of: date) -> _Gap:
        """Read it off the population."""
        values = {leaf: leaf_truth(leaf, population, as_of).value(at) for leaf in leaves(criteria)}
        rest = residual(criteria, lambda node: values.get(node) if isinstance(node, Leaf) else None)
        known: Known = {}
        for leaf, value in values.items():
            if value is not None:
                known[leaf.fact.words] = (*known.get(leaf.fact.words, ()), (leaf, value))
        missing = () if isinstance(rest, bool) else leaves(rest)
        return cls(rest, known, {leaf.fact.words: leaf.fact for leaf in missing}, relations(tuple(values)))


def _findings(sets: list[frozenset[Answer]], facts: dict[str, Fact]) -> tuple[tuple[Finding, ...], ...]:
    """Sets of answers as findings, facts in the order of the criteria."""
    found = []
    for answers in sets:
        answered: dict[str, list[Answer]] = {}
        for answer in sorted(answers, key=answer_words):
            answered.setdefault(answer[0].fact.words, []).append(answer)
        found.append(tuple(Finding(facts[n], tuple(answered[n])) for n in facts if n in answered))
    return tuple(found)
