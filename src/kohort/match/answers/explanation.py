"""Why a person meets a criterion, does not, or why it is unknown: part by part, with the rows for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kohort.match.criteria.logic import And, AtLeast, Compound, Criterion, Fact, Leaf, Or
from kohort.match.criteria.molecular import Mutation, WildType
from kohort.match.engine.evaluation import evaluate, evidence
from kohort.match.people.population import Population
from kohort.match.rules.rows import RowRef

__all__ = ["Reason", "explain"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion of a tree, for one person.

    Attributes:
        criterion: the criterion.
        value: True met, False not met, None unknown.
        sentence: for people: what was asked and what the answer is.
        rows: rows of the tables that the answer stands on; for an unknown, those that leave it open.
        missing: for an unknown leaf, the fact that would settle it.
        parts: the reasons of the parts.
    """

    criterion: Criterion
    value: bool | None
    sentence: str
    rows: tuple[RowRef, ...] = ()
    missing: Fact | None = None
    parts: tuple[Reason, ...] = ()

    def leaves(self) -> Iterator[Reason]:
        """The reasons of the leaves, from left to right."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def lines(self, indent: int = 0) -> Iterator[str]:
        """The tree as indented lines of text."""
        yield f"{'  ' * indent}{self.sentence}"
        for part in self.parts:
            yield from part.lines(indent + 1)


def explain(
    criterion: Criterion, population: Population, person: int, as_of: date, *, closed_world: bool = False
) -> Reason:
    """Why a criterion has the value it has for one person.

    Args:
        criterion: the tree.
        population: the persons.
        person: pseudonym of one of them.
        as_of: the day of matching.
        closed_world: as in `evaluate`; a leaf that is false only for want of a fact says so.

    Raises:
        InputError: the person is not in the population.
    """
    at = population.index_of(person)

    def of(part: Criterion) -> Reason:
        value = evaluate(part, population, as_of, closed_world=closed_world).value(at)
        if isinstance(part, Leaf):
            return _leaf(part, value, population, at, as_of)
        inner = part.parts if isinstance(part, Compound) else ()
        return Reason(part, value, f"{_verdict(value)}: {_heading(part)}.", parts=tuple(map(of, inner)))

    return of(criterion)


def _verdict(value: bool | None) -> str:
    return {True: "Met", False: "Not met", None: "Unknown"}[value]


def _heading(part: Criterion) -> str:
    match part:
        case And():
            return "all of these hold"
        case Or():
            return "at least one of these holds"
        case AtLeast(n=n):
            return f"at least {n} of these hold"
        case _:
            return "the following does not hold"


def _leaf(leaf: Leaf, value: bool | None, population: Population, at: int, as_of: date) -> Reason:
    found = evidence(leaf, population, as_of)
    known = evaluate(leaf, population, as_of).value(at)
    rows = found.cited(at, known)
    sentence = f"{_verdict(value)}: {leaf.words}."
    if known is None:
        sentence = f"{sentence} {_gap(leaf, rows)}"
        if value is False:
            sentence += " The closed world takes this as no."
        return Reason(leaf, value, sentence, rows, leaf.fact)
    return Reason(leaf, value, f"{sentence}{_basis(leaf, known, rows)}", rows)


def _gap(leaf: Leaf, rows: tuple[RowRef, ...]) -> str:
    if not rows:
        return leaf.fact.missing
    tables = " and ".join(sorted({row.table.replace("_", " ") for row in rows}))
    return f"What is recorded ({tables}) does not tell. {leaf.fact.missing}"


def _basis(leaf: Leaf, value: bool, rows: tuple[RowRef, ...]) -> str:
    """What kind of record the answer stands on, where the answer does not say it by itself."""
    tables = {row.table for row in rows}
    if isinstance(leaf, (Mutation, WildType)) and tables == {"test"}:
        return " The gene was tested and nothing of this kind was found."
    if tables == {"test"} and not value:
        return " It was looked for and not found."
    if leaf.uses_as_of and tables == {"tumour"}:
        return " The birth date is not recorded; this stands on the age at diagnosis."
    return ""
