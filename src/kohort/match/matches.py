"""Matching trials with a population: a verdict for each cohort and person, with counts, gaps and reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import polars as pl

from kohort.errors import InputError, UnknownNameError
from kohort.match.evaluation import evaluate, leaf_truth
from kohort.match.explanation import Reason, explain
from kohort.match.logic import And, Criterion, Leaf
from kohort.match.missing import facts, settling
from kohort.match.population import Population
from kohort.match.protocol import Arm, Trial
from kohort.match.truth import Bits, Truth, count, unpack
from kohort.tables import HasTables, TableSet

__all__ = ["Matches", "Verdict", "match"]

Verdict = Literal["eligible", "ineligible", "unknown"]

_VERDICTS = pl.Enum(get_args(Verdict))


@dataclass(frozen=True, slots=True, eq=False)
class ArmMatch:
    """One arm against the population.

    Attributes:
        trial: its trial.
        arm: the arm or treatment cohort.
        criteria: everything it asks, each single requirement a part.
        truth: who is eligible (true), ineligible (false), unknown.
    """

    trial: Trial
    arm: Arm
    criteria: And
    truth: Truth


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
        """One row an arm and person: ``trial``, ``arm``, ``person``, ``verdict``.

        Args:
            only: the verdicts wanted; none given means all, which is persons times arms rows.
        """
        wanted = only or get_args(Verdict)
        parts = [
            self._rows(found, verdict, mask)
            for found in self.arms
            for verdict, mask in (
                ("eligible", found.truth.is_true),
                ("ineligible", found.truth.is_false),
                ("unknown", found.truth.is_unknown),
            )
            if verdict in wanted
        ]
        schema = {"trial": pl.String(), "arm": pl.String(), "person": pl.Int64(), "verdict": _VERDICTS}
        return pl.concat([pl.DataFrame(schema=schema), *parts])

    def eligible(self) -> pl.DataFrame:
        """The eligible: ``trial``, ``arm`` and ``person``, in the order of arms and persons."""
        return self.verdicts("eligible").drop("verdict")

    def counts(self) -> pl.DataFrame:
        """One row an arm: persons ``eligible``, ``unknown``, ``ineligible`` and ``near_misses``.

        A near miss fails exactly one requirement; the others hold or are unknown.
        """
        rows = []
        for found in self.arms:
            eligible, ineligible, unknown = found.truth.counts
            rows.append(
                {
                    "trial": found.trial.id,
                    "arm": found.arm.id,
                    "level": found.arm.level,
                    "code": found.arm.code,
                    "title": found.arm.title,
                    "status": found.arm.status,
                    "eligible": eligible,
                    "unknown": unknown,
                    "ineligible": ineligible,
                    "near_misses": count(self._one_failing(found)),
                }
            )
        return pl.DataFrame(rows)

    def near_misses(self) -> pl.DataFrame:
        """One row an arm and person that fails exactly one requirement: with ``requirement``, its words."""
        schema = {name: pl.String() for name in ("trial", "arm")} | {"person": pl.Int64()}
        parts = [pl.DataFrame(schema=schema | {"requirement": pl.String()})]
        for found in self.arms:
            one = self._one_failing(found)
            for requirement in found.criteria.parts:
                failing = unpack(self._truth(requirement).false & one, self.population.size)
                row = self._rows(found, "ineligible", failing).drop("verdict")
                parts.append(row.with_columns(requirement=pl.lit(requirement.words)))
        return pl.concat(parts)

    def missing(self) -> pl.DataFrame:
        """Which missing fact would decide: one row an arm and fact, the most decisive first within an arm.

        Columns ``trial``, ``arm``, ``fact`` (what to find out), ``unknown`` (persons of unknown verdict who lack
        it), ``would_settle`` (whose verdict would be known, whatever comes out) and ``could_open`` (whom one of
        its outcomes would make eligible). Without unknowns (a closed world) there are no rows.
        """
        texts, numbers = ("trial", "arm", "fact"), ("unknown", "would_settle", "could_open")
        rows = []
        for found in () if self.closed_world else self.arms:
            if found.truth.counts[2] == 0:
                continue
            for fact in facts(found.criteria):
                gap = settling(found.criteria, fact, self._leaf, self.population.size)
                key = (found.trial.id, found.arm.id, fact.words)
                rows.append((*key, gap.unknown, gap.would_settle, gap.could_open))
        schema = dict.fromkeys(texts, pl.String()) | dict.fromkeys(numbers, pl.Int64())
        frame = pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("unknown") > 0)
        place = {(found.trial.id, found.arm.id): i for i, found in enumerate(self.arms)}
        order = pl.Series([place[key] for key in frame.select("trial", "arm").iter_rows()], dtype=pl.Int64)
        return (
            frame.with_columns(order=order)
            .sort("order", "would_settle", "unknown", descending=[False, True, True], maintain_order=True)
            .drop("order")
        )

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

    def _leaf(self, leaf: Leaf) -> Truth:
        return leaf_truth(leaf, self.population, self.as_of)

    def _truth(self, requirement: Criterion) -> Truth:
        return evaluate(requirement, self.population, self.as_of, closed_world=self.closed_world)

    def _one_failing(self, found: ArmMatch) -> Bits:
        """Who fails exactly one requirement, in one pass: ``one`` so far, ``some`` at least one so far."""
        one = np.zeros_like(found.truth.false)
        some = np.zeros_like(found.truth.false)
        for requirement in found.criteria.parts:
            false = self._truth(requirement).false
            one = (one & ~false) | (false & ~some)
            some |= false
        return one

    def _rows(self, found: ArmMatch, verdict: str, mask: np.ndarray) -> pl.DataFrame:
        return pl.DataFrame({"person": self.population.persons[mask]}).select(
            trial=pl.lit(found.trial.id),
            arm=pl.lit(found.arm.id),
            person=pl.col("person").cast(pl.Int64),
            verdict=pl.lit(verdict, dtype=_VERDICTS),
        )


def match(
    trials: Trial | Iterable[Trial],
    data: TableSet | HasTables | Population,
    as_of: date,
    closed_world: bool = False,
) -> Matches:
    """Match trials with all persons of a site, in three values: eligible, ineligible, unknown.

    Args:
        trials: what to match; suspended and closed arms too.
        data: a site, tables, or a population that was indexed before (its ``known_by`` then holds).
        as_of: the day of matching, never taken from the clock: ages are taken on it, and rows that carry a later
            calendar date are left out.
        closed_world: read what is not known to be true as false, leaf by leaf, before NOT: what engines without
            a third value do.
    """
    chosen = [trials] if isinstance(trials, Trial) else list(trials)
    population = data if isinstance(data, Population) else Population.of(data, known_by=as_of)
    found = []
    for trial in chosen:
        for arm in trial.arms:
            criteria = trial.criteria_of(arm, closed_world=closed_world)
            truth = evaluate(criteria, population, as_of, closed_world=closed_world)
            found.append(ArmMatch(trial, arm, criteria, truth))
    return Matches(population, as_of, closed_world, tuple(found))
