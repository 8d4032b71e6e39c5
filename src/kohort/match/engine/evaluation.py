"""The meaning of criteria: from a tree and a population to three values, each leaf evaluated once."""

from __future__ import annotations

from datetime import date

from kohort.errors import IntegrityError
from kohort.match.criteria.logic import Compound, Criterion, Leaf
from kohort.match.engine.truth import Truth
from kohort.match.people.population import Population
from kohort.match.rules import clinical, course, measurements, molecular, treatment, windows
from kohort.match.rules.rows import Evidence

__all__ = ["evaluate", "evidence", "leaf_truth"]

_RULES = clinical.RULES | course.RULES | measurements.RULES | molecular.RULES | treatment.RULES | windows.RULES


def evidence(leaf: Leaf, population: Population, as_of: date) -> Evidence:
    """What bears on a leaf, over a population.

    Args:
        leaf: the criterion.
        population: the persons.
        as_of: the day of matching; only leaves that say so (``uses_as_of``) use it.
    """
    rule = _RULES.get(type(leaf))
    if rule is None:
        raise IntegrityError(f"No rule decides criteria of kind {type(leaf).__name__}.", remedy="Please report it.")
    return rule(leaf, population, as_of)


def leaf_truth(leaf: Leaf, population: Population, as_of: date) -> Truth:
    """The values of one leaf, kept in the population: equal leaves of any trial are evaluated once."""
    key = (leaf, as_of if leaf.uses_as_of else None)
    if key not in population.truths:
        population.truths[key] = evidence(leaf, population, as_of).truth(population.size)
    return population.truths[key]


def evaluate(criterion: Criterion, population: Population, as_of: date, *, closed_world: bool = False) -> Truth:
    """Who meets a criterion, who does not, and about whom it is unknown.

    Args:
        criterion: the tree.
        population: the persons, n of them.
        as_of: the day of matching; never taken from the clock.
        closed_world: read every unknown leaf as false, before NOT is applied: what engines without a third
            value do. A patient who was never tested then *meets* "not mutated".

    Returns:
        Three values for n persons.
    """

    def of(part: Criterion) -> Truth:
        if isinstance(part, Compound):
            return part.join(map(of, part.parts), population.size)
        truth = leaf_truth(part, population, as_of)
        return truth.closed() if closed_world else truth

    return of(criterion)
