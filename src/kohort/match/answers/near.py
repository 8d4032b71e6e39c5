"""Near misses: who fails exactly one requirement of an arm, what was found instead, and by how much.

The other requirements hold or are unknown. What was found is read from the rows that the answer stands on; where a
criterion sets limits to a number, the distance to the nearest limit is given in its unit. A near miss is
*recoverable* if it would no longer fail once everything that changes by itself or can be treated (performance
status, laboratory values, a washout, an age still too low) had changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kohort.match.answers.outcomes import limits_of
from kohort.match.answers.readings import Readings
from kohort.match.criteria import Age, Laboratory, Marker, PerformanceStatus, TherapySince, Tmb
from kohort.match.criteria.logic import Criterion, Leaf, Not
from kohort.match.criteria.ranges import Range
from kohort.match.engine.costs import exactly_one_false
from kohort.match.engine.evaluation import evaluate
from kohort.match.engine.truth import Bits, Truth, pack, unpack

if TYPE_CHECKING:
    from kohort.match.matches import ArmMatch, Matches

__all__ = ["near_misses"]

_ROW = pl.Struct({"table": pl.String(), "id": pl.Int64()})
_COLUMNS: dict[str, pl.DataType] = {
    "requirement": pl.String(),
    "found": pl.String(),
    "short_by": pl.Float64(),
    "unit": pl.String(),
    "recoverable": pl.Boolean(),
    "sentence": pl.String(),
    "rows": pl.List(_ROW),
}
_WITH_TIME = (Age, TherapySince)


def near_misses(
    matches: Matches, *, trial: str | None = None, arm: str | None = None, person: int | None = None
) -> pl.DataFrame:
    """Everybody who fails exactly one requirement of an arm.

    Args:
        matches: the matches.
        trial: only arms of this trial.
        arm: only arms of this id.
        person: only this person.

    Returns:
        One row an arm and person, in the order of arms, requirements and persons: ``trial``, ``arm``, ``person``
        (and ``sample``, where samples are matched), ``requirement`` (its words), ``found`` (what the rows say;
        null if nothing is recorded, as in a closed world), ``short_by`` (distance to the nearest limit that would
        have to be reached; null if the requirement sets none, or several in different units), its ``unit``,
        ``recoverable``, ``sentence``, and ``rows`` (``table`` and ``id``) that the failure stands on.

    Raises:
        InputError: the person is not in the population.
    """
    population = matches.population
    who = np.ones(population.size, dtype=np.bool_)
    if person is not None:
        population.index_of(person)
        who = population.persons == person
    search = _Search(matches)
    schema = {"trial": pl.String(), "arm": pl.String(), "at": pl.Int32(), **_COLUMNS}
    parts = [pl.DataFrame(schema=schema)]
    for found in matches.arms:
        if trial in {None, found.trial.id} and arm in {None, found.arm.id}:
            parts += [part.select(*schema) for part in search.of(found, pack(who))]
    whole = pl.concat(parts)
    return whole.select("trial", "arm", *_who(matches, whole["at"]), *_COLUMNS)


def _who(matches: Matches, at: pl.Series) -> list[pl.Series]:
    """The persons (and samples) at places."""
    population, places = matches.population, at.to_numpy()
    columns = [pl.Series("person", population.persons[places], dtype=pl.Int64)]
    if population.unit == "sample":
        columns.append(pl.Series("sample", population.samples[places], dtype=pl.Int64))
    return columns


class _Search:
    """Near misses of many arms over one population."""

    def __init__(self, matches: Matches) -> None:
        self._population = matches.population
        self._as_of = matches.as_of
        self._closed = matches.closed_world
        self._readings = Readings(matches.population, matches.as_of)

    def of(self, found: ArmMatch, who: Bits) -> Iterator[pl.DataFrame]:
        """The near misses of an arm, requirement by requirement."""
        parts = found.criteria.parts
        truths = [self._truth(part) for part in parts]
        one = exactly_one_false(truths, self._population.size) & who
        for part, truth in zip(parts, truths, strict=True):
            failing = one & truth.false
            if failing.any():
                frame = self._described(part, failing)
                yield frame.with_columns(trial=pl.lit(found.trial.id), arm=pl.lit(found.arm.id))

    def _described(self, requirement: Criterion, failing: Bits) -> pl.DataFrame:
        places = np.flatnonzero(unpack(failing, self._population.size)).astype(np.int32)
        blamed = list(self._blamed(requirement, False, failing))
        rows = [
            self._readings.of(leaf, value, unpack(bits, self._population.size)).with_columns(leaf=pl.lit(i))
            for i, (leaf, value, bits) in enumerate(blamed)
        ]
        told = pl.concat(rows).sort("at", "leaf", "short_by", nulls_last=True, maintain_order=True)
        # Distances in several units cannot be compared.
        units = {_unit(leaf) for leaf, _, _ in blamed if limits_of(leaf) is not None}
        unit, nearest = ("", pl.lit(None, pl.Float64)) if len(units) != 1 else (units.pop(), pl.col("short_by").min())
        summary = told.group_by("at", maintain_order=True).agg(
            pl.col("said").drop_nulls().unique(maintain_order=True).str.join("; ").alias("found"),
            nearest.alias("short_by"),
            rows=pl.struct("table", "id").unique(maintain_order=True),
        )
        summary = summary.with_columns(found=pl.when(pl.col("found") != "").then("found"))
        recoverable = unpack(failing & ~self._turned(requirement, wished=True).false, self._population.size)
        near = pl.DataFrame({"at": places, "recoverable": recoverable[places]})
        near = near.join(summary, on="at", how="left", maintain_order="left")
        asked = _asked(requirement)
        sentences = [_sentence(asked, found, by, unit) for found, by in near.select("found", "short_by").iter_rows()]
        return near.with_columns(
            requirement=pl.lit(requirement.words),
            unit=pl.when(pl.col("short_by").is_not_null()).then(pl.lit(unit)),
            sentence=pl.Series(sentences, dtype=pl.String),
        )

    def _blamed(self, node: Criterion, value: bool, who: Bits) -> Iterator[tuple[Leaf, bool, Bits]]:
        """The leaves that a known value rests on: in each part, those that have the value themselves."""
        if isinstance(node, Leaf):
            yield node, value, who
        elif isinstance(node, Not):
            yield from self._blamed(node.parts[0], not value, who)
        else:
            for part in node.parts:
                truth = self._truth(part)
                here = who & (truth.true if value else truth.false)
                if here.any():
                    yield from self._blamed(part, value, here)

    def _turned(self, node: Criterion, *, wished: bool) -> Truth:
        """The values if all that can change had changed as wished."""
        if isinstance(node, Leaf):
            truth = self._truth(node)
            if not node.recoverable:
                return truth
            turned = self._changeable(node, value=not wished)
            if wished:
                return Truth(truth.true | turned, truth.false & ~turned, truth.size)
            return Truth(truth.true & ~turned, truth.false | turned, truth.size)
        wish = wished != isinstance(node, Not)
        return node.join([self._turned(part, wished=wish) for part in node.parts], self._population.size)

    def _changeable(self, leaf: Leaf, *, value: bool) -> Bits:
        """Who has a value of a recoverable leaf that can become the other one."""
        truth = self._truth(leaf)
        limits = limits_of(leaf)
        if not isinstance(leaf, _WITH_TIME) or limits is None:
            return truth.true if value else truth.false
        # Years and days only grow: whoever is below the range gets into it, whoever is in it gets out above.
        if getattr(leaf, "at", "as_of") == "diagnosis":
            return np.zeros_like(truth.true)
        if value:
            return truth.true if np.isfinite(limits.high) else np.zeros_like(truth.true)
        if not np.isfinite(limits.low):
            return np.zeros_like(truth.true)
        reached = dataclasses.replace(leaf, **{_limited(leaf): Range(limits.low, with_low=limits.with_low)})
        return self._truth(reached).false

    def _truth(self, node: Criterion) -> Truth:
        return evaluate(node, self._population, self._as_of, closed_world=self._closed)


def _limited(leaf: Leaf) -> str:
    """The name of the field that holds a leaf's range."""
    return next(f.name for f in dataclasses.fields(leaf) if isinstance(getattr(leaf, f.name), Range))


def _unit(leaf: Leaf) -> str:
    """What the distance to a limit of a leaf is counted in; empty for a plain number."""
    if isinstance(leaf, Laboratory | Marker):
        limit = {"upper_limit": "x upper limit of normal", "lower_limit": "x lower limit of normal"}
        unit = limit.get(getattr(leaf, "of", ""), leaf.unit)
        return "" if unit in {None, "1"} else str(unit)
    return {Age: "years", Tmb: "per Mb", PerformanceStatus: "ECOG"}.get(type(leaf), "")


def _asked(requirement: Criterion) -> str:
    """What was asked, as it stands in a sentence."""
    words = requirement.words
    return words[:1].upper() + words[1:] if words[1:2].islower() else words


def _sentence(asked: str, found: str | None, short_by: float | None, unit: str) -> str:
    told = f"{asked}: {found or 'nothing is recorded'}"
    if short_by is None:
        return f"{told}."
    return f"{told}, {f'{short_by:.2g} {unit}'.strip()} from the limit."
