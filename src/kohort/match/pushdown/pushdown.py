"""The engine behind a population: its bitmaps come from where the tables lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kohort.match.criteria.logic import Leaf, leaves
from kohort.match.engine.evaluation import leaf_truth
from kohort.match.engine.truth import Truth
from kohort.match.matches import Matches, match
from kohort.match.people.population import Population
from kohort.match.pushdown.contents import Contents, ask, who
from kohort.match.pushdown.judging import judge
from kohort.match.pushdown.plans import PLANS
from kohort.match.pushdown.relations import Relation
from kohort.match.pushdown.source import Asked, Source
from kohort.match.trials.protocol import Trial
from kohort.store.engines import Engine

__all__ = ["Pushdown"]


class Pushdown:
    """Leaves evaluated by an engine over the persons of its tables (samples by themselves are matched in memory).

    Args:
        engine: the engine; it stays open.
        known_by: leave out rows that carry a calendar date after this day; None: no row.

    Attributes:
        pushed: the kinds of leaves that the engine decides; all others are pulled.
        population: the persons. Its ``truths`` hold what was evaluated, and it reads through the engine whatever
            else is asked of it (a pulled leaf, the rows behind a verdict).
    """

    pushed: ClassVar[frozenset[type[Leaf]]] = frozenset(PLANS)

    def __init__(self, engine: Engine, known_by: date | None = None) -> None:
        self.population = Population.of(engine, known_by)
        self._source = Source(engine, known_by)

    def truth(self, leaf: Leaf, as_of: date) -> Truth:
        """The values of one leaf, for the population's persons in order."""
        return self.truths([leaf], as_of)[leaf]

    def truths(self, asked: Iterable[Leaf], as_of: date) -> dict[Leaf, Truth]:
        """The values of many leaves; the engine is asked the same few questions, however many leaves there are.

        Args:
            asked: the leaves; those evaluated before are not evaluated again.
            as_of: the day of matching.
        """
        wanted = list(dict.fromkeys(asked))
        new = [leaf for leaf in wanted if type(leaf) in PLANS and (leaf, None) not in self.population.truths]
        if new:
            self.population.truths |= {(leaf, None): truth for leaf, truth in self._pushed(new, as_of)}
        return {leaf: leaf_truth(leaf, self.population, as_of) for leaf in wanted}

    def match(self, trials: Trial | Iterable[Trial], as_of: date, closed_world: bool = False) -> Matches:
        """Match trials with the population, as `kohort.match.match` does; arguments as there."""
        chosen = [trials] if isinstance(trials, Trial) else list(trials)
        criteria = (trial.criteria_of(arm, closed_world=closed_world) for trial in chosen for arm in trial.arms)
        self.truths((leaf for one in criteria for leaf in leaves(one)), as_of)
        return match(chosen, self.population, as_of, closed_world)

    def _pushed(self, asked: Sequence[Leaf], as_of: date) -> Iterator[tuple[Leaf, Truth]]:
        """The values of leaves that can be pushed down."""
        parts = [Contents(relation, self._source, Asked.by(group)) for relation, group in _relations(asked)]
        number = ask(parts, self._source)
        judged = judge(asked, [part.standard_rows() for part in parts], number, as_of)
        person, class_number = who(parts, judged.class_of, self._source)
        at, is_known = self._places(person)
        return judged.truths(class_number[is_known], at[is_known], self.population.size)

    def _places(self, person: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Place of each person in the population, and whether it is there; a row may be about somebody unknown."""
        persons = self.population.persons
        at = np.minimum(np.searchsorted(persons, person), max(len(persons) - 1, 0))
        return at, persons[at] == person if len(persons) else np.zeros(len(person), dtype=np.bool_)


def _relations(asked: Sequence[Leaf]) -> list[tuple[Relation, list[Leaf]]]:
    """The relations that leaves need, each once, with the leaves that need it."""
    relations: dict[tuple[object, ...], Relation] = {}
    groups: dict[tuple[object, ...], list[Leaf]] = {}
    for leaf in asked:
        for relation in PLANS[type(leaf)]:
            key = relation.key
            relations[key] = relations.get(key, relation).joined(relation)
            groups.setdefault(key, []).append(leaf)
    return [(relation, groups[key]) for key, relation in relations.items()]
