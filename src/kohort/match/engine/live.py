"""Matching that stays up to date: a patient or a trial changes, and only what hangs on it is done again.

The values of all leaves and arms lie in two blocks of bitmaps (one row a leaf or arm, one bit a person). A patient who
changed is one bit of each row: the patient's leaves are evaluated alone, all trees are run over them at once, and one
word of each row is rewritten. A trial that changed is a few rows. Whoever comes new is appended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.errors import InputError
from kohort.match.criteria.logic import And, Compound, Criterion, Leaf
from kohort.match.engine.blocks import Block
from kohort.match.engine.costs import ArmCosts, joined
from kohort.match.engine.evaluation import evidence, leaf_truth
from kohort.match.engine.program import Program
from kohort.match.engine.single import PatientLeaves
from kohort.match.engine.truth import Truth, unpack
from kohort.match.people.one import OnePatient, PatientRows, together
from kohort.match.people.population import Population
from kohort.match.trials.protocol import Trial
from kohort.tables import HasTables, TableSet

__all__ = ["Live"]

_WORDS = {1: "eligible", 0: "unknown", -1: "ineligible"}
_VERDICT = pl.Enum(["ineligible", "unknown", "eligible"])
_CHANGES: dict[str, pl.DataType] = {
    "person": pl.Int64(), "trial": pl.String(), "arm": pl.String(), "before": _VERDICT, "after": _VERDICT
}  # fmt: skip
_FEW = 32
"""Up to so many changed patients, one after the other is quicker than an index of all of them."""
Key = tuple[str, str]


class Live:
    """Trials and a population, matched and kept matched.

    Args:
        trials: what to match.
        data: a site or tables.
        as_of: the day of matching.
        closed_world: as in `kohort.match.match`.
    """

    def __init__(
        self, trials: Iterable[Trial], data: TableSet | HasTables, as_of: date, closed_world: bool = False
    ) -> None:
        self.as_of = as_of
        self.closed_world = closed_world
        self.trials: dict[str, Trial] = {}
        self._population = Population.of(data, known_by=as_of)
        self._persons = self._population.persons
        self._places = {person: at for at, person in enumerate(self._population.persons.tolist())}
        self._changed: dict[int, OnePatient] = {}
        self._fresh: Population | None = None
        self._leaves, self._arms = Block(self.size), Block(self.size)
        self._leaf_rows: dict[Leaf, int] = {}
        self._arm_rows: dict[Key, int] = {}
        self._criteria: dict[Key, And] = {}
        self._compiled: _Compiled | None = None
        for trial in trials:
            self.put_trial(trial)

    @property
    def size(self) -> int:
        """Number of persons."""
        return len(self._places)

    @property
    def persons(self) -> NDArray[np.int64]:
        """Pseudonyms in the order of the bitmaps: those of the beginning ascending, then the new ones."""
        if len(self._persons) < self.size:
            self._persons = np.array(list(self._places), dtype=np.int64)
        return self._persons

    @property
    def arms(self) -> tuple[Key, ...]:
        """Trial and arm of everything that is matched."""
        return tuple(self._criteria)

    def truth(self, trial: str, arm: str) -> Truth:
        """Who is eligible, ineligible, unknown for an arm, in the order of `persons`."""
        return self._arms.truth(self._arm_rows[trial, arm], self.size)

    def costs(self, trial: str, arm: str) -> ArmCosts:
        """Counts of an arm, and how they would change without each of its requirements."""
        return joined([self._evaluate(part) for part in self._criteria[trial, arm].parts], self.size)[1]

    def counts(self) -> pl.DataFrame:
        """One row an arm: ``trial``, ``arm`` and persons ``eligible``, ``unknown``, ``ineligible``."""
        rows = []
        for trial, arm in self._criteria:
            true, false, unknown = self.truth(trial, arm).counts
            rows.append({"trial": trial, "arm": arm, "eligible": true, "unknown": unknown, "ineligible": false})
        return pl.DataFrame(rows)

    def patient(self, rows: PatientRows) -> dict[Key, str]:
        """The verdict of every arm for one patient, by trial and arm; nothing is kept.

        Args:
            rows: all current rows of one person by table, as dicts with the columns of the standard tables.
        """
        now = self._compiled or self._compile()
        verdicts = now.program.run(now.patient_leaves.values(self._patient(rows)))
        return {key: _WORDS[value] for key, value in zip(self._criteria, verdicts.tolist(), strict=True)}

    def put(self, rows: PatientRows) -> pl.DataFrame:
        """Replace all that is known of one person, or add the person.

        Args:
            rows: as in `patient`.

        Returns:
            Verdicts that are others than before: ``person``, ``trial``, ``arm``, ``before`` (null for a new person
            or arm) and ``after`` (null for an arm that is gone).
        """
        now, patient = self._compiled or self._compile(), self._patient(rows)
        person = int(patient.persons[0])
        values = now.patient_leaves.values(patient)
        arms = now.program.run(values)
        is_new = person not in self._places
        at = self._places.setdefault(person, self.size)
        self._changed[person], self._fresh = patient, None
        self._leaves.put(now.leaf_rows, at, values)
        before = arms if is_new else self._arms.values(now.arm_rows, at)
        self._arms.put(now.arm_rows, at, arms)
        differ = np.arange(len(arms)) if is_new else np.flatnonzero(before != arms)
        every = list(self._criteria)
        keys = [every[i] for i in differ.tolist()]
        return pl.DataFrame(
            {
                "person": [person] * len(keys),
                "trial": [trial for trial, _ in keys],
                "arm": [arm for _, arm in keys],
                "before": [None if is_new else _WORDS[value] for value in before[differ].tolist()],
                "after": [_WORDS[value] for value in arms[differ].tolist()],
            },
            schema=_CHANGES,
        )

    def put_trial(self, trial: Trial) -> pl.DataFrame:
        """Replace a trial, or add it; arms that stayed the same cost nothing. Returns what changed, as `put` does."""
        old = self.trials.get(trial.id)
        self.trials[trial.id] = trial
        kept = {arm.id for arm in trial.arms}
        changes = [self._dropped((trial.id, arm.id)) for arm in (old.arms if old else ()) if arm.id not in kept]
        for arm in trial.arms:
            if old is not None and old.arm(arm.id) is arm and old.criteria is trial.criteria:
                continue
            key = (trial.id, arm.id)
            criteria = trial.criteria_of(arm, closed_world=self.closed_world)
            if self._criteria.get(key) != criteria:
                self._criteria[key] = criteria
                self._compiled = None
                changes.append(self._written(key, self._evaluate(criteria), tell=old is not None))
        return pl.concat([pl.DataFrame(schema=_CHANGES), *changes])

    def _written(self, key: Key, truth: Truth, *, tell: bool) -> pl.DataFrame:
        """Keep the truth of an arm; what it changes is told unless the whole trial is new."""
        row = self._arm_rows.get(key)
        if row is None:
            self._arm_rows[key] = self._arms.add(truth)
            return self._differences(key, None, truth if tell else None)
        changes = self._differences(key, self._arms.truth(row, self.size), truth)
        self._arms.replace(row, truth)
        return changes

    def _dropped(self, key: Key) -> pl.DataFrame:
        changes = self._differences(key, self.truth(*key), None)
        self._arms.free(self._arm_rows.pop(key))
        del self._criteria[key]
        self._compiled = None
        return changes

    def _differences(self, key: Key, before: Truth | None, after: Truth | None) -> pl.DataFrame:
        """Who has another verdict; of a new arm or one that is gone, whoever is eligible or unknown."""
        one = before or after
        if one is None:
            return pl.DataFrame(schema=_CHANGES)
        if before is None or after is None:
            changed = np.flatnonzero(~one.is_false)
        else:
            changed = np.flatnonzero(unpack((before.true ^ after.true) | (before.false ^ after.false), self.size))
        said = {name: None if t is None else _said(t, changed) for name, t in (("before", before), ("after", after))}
        return pl.DataFrame(
            {"person": self.persons[changed], "trial": key[0], "arm": key[1]} | said,
            schema=_CHANGES,
        )

    def _evaluate(self, criterion: Criterion) -> Truth:
        if isinstance(criterion, Compound):
            return criterion.join(map(self._evaluate, criterion.parts), self.size)
        truth = self._leaves.truth(self._leaf_row(criterion), self.size)
        return truth.closed() if self.closed_world else truth

    def _leaf_row(self, leaf: Leaf) -> int:
        """The row of a leaf, evaluated now if no arm asked for it before."""
        row = self._leaf_rows.get(leaf)
        if row is None:
            key = (leaf, self.as_of if leaf.uses_as_of else None)
            truth = leaf_truth(leaf, self._population, self.as_of)
            del self._population.truths[key]  # the block keeps it
            row = self._leaf_rows[leaf] = self._leaves.add(truth)
            self._patch(leaf, row)
        return row

    def _patch(self, leaf: Leaf, row: int) -> None:
        """Bring a leaf that was evaluated over the population as it was at the beginning up to date."""
        if len(self._changed) <= _FEW:
            for person, patient in self._changed.items():
                alone = evidence(leaf, patient, self.as_of).truth(1)
                self._leaves.set(row, self._places[person], _number(alone.value(0)))
            return
        if self._fresh is None:
            self._fresh = Population.of(together(self._changed.values()), known_by=self.as_of)
        truth = leaf_truth(leaf, self._fresh, self.as_of)
        values = truth.is_true.astype(np.int8) - truth.is_false.astype(np.int8)
        for person, value in zip(self._fresh.persons.tolist(), values.tolist(), strict=True):
            self._leaves.set(row, self._places[person], value)

    def _patient(self, rows: PatientRows) -> OnePatient:
        if len({row["person"] for row in rows.get("person", ())}) != 1:
            raise InputError("the rows are not those of one person.", remedy="Give the person's row, and its own rows.")
        return OnePatient(rows, self._population.coverage.genes, self.as_of)

    def _compile(self) -> _Compiled:
        """The trees of all arms as they are now, ready for single patients; leaves of no arm are let go."""
        program = Program(list(self._criteria.values()), closed_world=self.closed_world)
        for leaf in self._leaf_rows.keys() - set(program.leaves):
            self._leaves.free(self._leaf_rows.pop(leaf))
        self._compiled = _Compiled(
            program,
            PatientLeaves(program.leaves, self.as_of),
            np.array([self._leaf_row(leaf) for leaf in program.leaves], dtype=np.intp),
            np.array([self._arm_rows[key] for key in self._criteria], dtype=np.intp),
        )
        return self._compiled


@dataclass(frozen=True, slots=True)
class _Compiled:
    program: Program
    patient_leaves: PatientLeaves
    leaf_rows: NDArray[np.intp]
    arm_rows: NDArray[np.intp]


def _said(truth: Truth, places: NDArray[np.intp]) -> pl.Series:
    """The verdicts of some persons in words."""
    codes = 1 + truth.is_true[places].astype(np.uint8) - truth.is_false[places].astype(np.uint8)
    return pl.Series(codes).cat.to(_VERDICT)


def _number(value: bool | None) -> int:
    return 0 if value is None else 1 if value else -1
