"""Matching trials with a population: a verdict for each cohort and person, with counts, gaps and reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import polars as pl

from kohort.errors import InputError, UnknownNameError
from kohort.match.answers.explanation import Reason, explain
from kohort.match.answers.missing import missing_by_arm
from kohort.match.answers.reasons import reasons
from kohort.match.criteria.logic import And
from kohort.match.engine.costs import ArmCosts, joined
from kohort.match.engine.evaluation import evaluate
from kohort.match.engine.truth import Truth
from kohort.match.people.population import Population
from kohort.match.people.units import Unit
from kohort.match.trials.protocol import Arm, Trial
from kohort.tables import HasTables, TableSet

__all__ = ["Matches", "Verdict", "match"]

Verdict = Literal["eligible", "ineligible", "unknown"]

_VERDICTS = pl.Enum(get_args(Verdict))
_MASKS: dict[Verdict, str] = {"eligible": "is_true", "ineligible": "is_false", "unknown": "is_unknown"}
_KEYS: dict[str, pl.DataType] = {"trial": pl.String(), "arm": pl.String()}


@dataclass(frozen=True, slots=True, eq=False)
class ArmMatch:
    """One arm against the population.

    Attributes:
        trial: its trial.
        arm: the arm or treatment cohort.
        criteria: everything it asks, each single requirement a part.
        truth: who is eligible (true), ineligible (false), unknown.
        costs: the counts, and how they would change without each requirement.
    """

    trial: Trial
    arm: Arm
    criteria: And
    truth: Truth
    costs: ArmCosts


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What came out of matching trials with a population on one day. Nothing in it changes later.

    Attributes:
        population: the persons.
        as_of: the day of matching.
        closed_world: True if unknown was read as false.
        arms: each arm with its verdicts, in the order of the trials.
    """

    population: Population
    as_of: date
    closed_world: bool
    arms: tuple[ArmMatch, ...]

    def verdicts(self, *only: Verdict) -> pl.DataFrame:
        """One row an arm and person: ``trial``, ``arm``, ``person``, ``verdict`` (and ``sample``, if matched).

        Args:
            only: the verdicts wanted; none given means all, which is persons times arms rows.
        """
        found = [
            (place, verdict, np.flatnonzero(getattr(one.truth, mask)))
            for place, one in enumerate(self.arms)
            for verdict, mask in _MASKS.items()
            if not only or verdict in only
        ]
        each = pl.DataFrame(
            {
                "trial": [self.arms[place].trial.id for place, _, _ in found],
                "arm": [self.arms[place].arm.id for place, _, _ in found],
                "verdict": [verdict for _, verdict, _ in found],
            },
            schema=_KEYS | {"verdict": _VERDICTS},
        )
        repeated = each[np.repeat(np.arange(len(found)), [len(at) for _, _, at in found])]
        at = np.concatenate([np.zeros(0, dtype=np.int64), *(at for _, _, at in found)])
        units = {"person": self.population.persons, "sample": self.population.samples}
        named = ("person", "sample") if self.population.unit == "sample" else ("person",)
        placed = repeated.with_columns(pl.Series(name, units[name][at], dtype=pl.Int64) for name in named)
        return placed.select("trial", "arm", *named, "verdict")

    def eligible(self) -> pl.DataFrame:
        """The eligible: ``trial``, ``arm`` and ``person``, in the order of arms and persons."""
        return self.verdicts("eligible").drop("verdict")

    def counts(self) -> pl.DataFrame:
        """One row an arm: persons ``eligible``, ``unknown``, ``ineligible`` and ``near_misses``.

        A near miss fails exactly one requirement; the others hold or are unknown.
        """
        rows = []
        for found in self.arms:
            costs = found.costs
            rows.append(
                {
                    "trial": found.trial.id,
                    "arm": found.arm.id,
                    "level": found.arm.level,
                    "code": found.arm.code,
                    "title": found.arm.title,
                    "status": found.arm.status,
                    "eligible": costs.eligible,
                    "unknown": costs.unknown,
                    "ineligible": costs.ineligible,
                    "near_misses": costs.near_misses,
                }
            )
        return pl.DataFrame(rows)

    def costs(self) -> pl.DataFrame:
        """What each requirement costs: one row an arm and requirement, in the order written.

        Columns ``trial``, ``arm``, ``requirement`` (its words), ``gained`` (how many more would be eligible without it)
        and ``freed`` (how many would no longer be ineligible: those who fail it alone).
        """
        rows = [
            (found.trial.id, found.arm.id, requirement.words, gained, freed)
            for found in self.arms
            for requirement, gained, freed in zip(
                found.criteria.parts, found.costs.gained, found.costs.freed, strict=True
            )
        ]
        schema = _KEYS | {"requirement": pl.String(), "gained": pl.Int64(), "freed": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def reasons(self, *only: Verdict) -> pl.DataFrame:
        """Why: one row for each person, arm, leaf that decides and row of the tables that it stands on.

        Columns ``trial``, ``arm``, ``person`` (and ``sample``), ``verdict``, ``criterion`` (the leaf's words),
        ``value`` (null for unknown), ``missing`` (of an unknown leaf: the fact to find out), ``table`` and ``row``
        (null where nothing is recorded).

        Args:
            only: the verdicts wanted; none given means the eligible.
        """
        return reasons(self, only or ("eligible",))

    def missing(self) -> pl.DataFrame:
        """Which missing fact would decide: one row an arm and fact, the most decisive first within an arm.

        Columns ``trial``, ``arm``, ``fact`` (what to find out), ``unknown`` (persons of unknown verdict who lack
        it), ``would_settle`` (whose verdict would be known, whatever comes out) and ``could_open`` (whom one of
        its outcomes would make eligible). Without unknowns (a closed world) there are no rows.
        """
        return missing_by_arm(self)

    def explain(self, person: int, arm: str, *, trial: str | None = None) -> Reason:
        """Why a person has the verdict for an arm.

        Args:
            person: pseudonym.
            arm: the arm's id.
            trial: the trial's id, needed where two trials have an arm of that id.

        Raises:
            UnknownNameError: there is no such arm.
            InputError: several trials have one, or the person is not in the population.
        """
        found = [f for f in self.arms if f.arm.id == arm and trial in {None, f.trial.id}]
        if not found:
            raise UnknownNameError("arm", arm, (f.arm.id for f in self.arms))
        if len(found) > 1:
            raise InputError(f"several trials have an arm {arm!r}.", remedy="Name the trial too.")
        criteria = found[0].criteria
        return explain(criteria, self.population, person, self.as_of, closed_world=self.closed_world)


def match(
    trials: Trial | Iterable[Trial],
    data: TableSet | HasTables | Population,
    as_of: date,
    closed_world: bool = False,
    unit: Unit = "person",
) -> Matches:
    """Match trials with all persons of a site, in three values: eligible, ineligible, unknown.

    Args:
        trials: what to match; suspended and closed arms too.
        data: a site, tables, or a population that was indexed before (its ``known_by`` and unit then hold).
        as_of: the day of matching, never taken from the clock: ages are taken on it, and rows that carry a later
            calendar date are left out.
        closed_world: read what is not known to be true as false, leaf by leaf, before NOT: what engines without
            a third value do. Arms of CTML are then read as matchengine-V2 reads them.
        unit: match persons, or each of their samples by itself (as matchengine-V2 does).
    """
    chosen = [trials] if isinstance(trials, Trial) else list(trials)
    population = data if isinstance(data, Population) else Population.of(data, known_by=as_of, unit=unit)
    found = []
    for trial in chosen:
        for arm in trial.arms:
            criteria = trial.criteria_of(arm, closed_world=closed_world)
            parts = [evaluate(part, population, as_of, closed_world=closed_world) for part in criteria.parts]
            found.append(ArmMatch(trial, arm, criteria, *joined(parts, population.size)))
    return Matches(population, as_of, closed_world, tuple(found))
