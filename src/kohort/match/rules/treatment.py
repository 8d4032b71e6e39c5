"""How criteria on earlier treatment are decided: any recorded treatment is a treatment history."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.treatment import PriorTherapy, SystemicLines, TherapySince, Treated
from kohort.match.criteria.vocabulary import drug_classes, drug_name
from kohort.match.engine.truth import Mask
from kohort.match.people.columns import Coded, floats
from kohort.match.people.moments import Moments, day_number
from kohort.match.people.population import Population
from kohort.match.rules.rows import Evidence, Rows

__all__ = ["RULES", "Given", "given"]

_WITHOUT_DRUGS = ("surgery", "radiotherapy", "rehabilitation")


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Treatments judged: items where a drug is asked, with the courses that have none; else courses.

    Attributes:
        table: ``therapy_item`` or ``therapy``.
        frame: the rows.
        true: it is what is asked.
        false: it is not; a row that is neither may be.
    """

    table: Literal["therapy_item", "therapy"]
    frame: pl.DataFrame
    true: Mask
    false: Mask

    @property
    def at(self) -> NDArray[np.integer]:
        """The place of each row's person."""
        return self.frame["at"].to_numpy()

    def limited(self, true: Mask, false: Mask) -> Given:
        """The same rows where something else has to hold as well (Kleene's AND)."""
        return Given(self.table, self.frame, self.true & true, self.false | false)

    def rows(self) -> Rows:
        """As evidence: a row that may be what is asked leaves it open."""
        return Rows.statements(self.table, self.frame, self.true, self.false)

    def ends(self, population: Population, as_of: date) -> Moments:
        """The end of each row on a day: its stop, else between its start and that day."""
        today = float(day_number(as_of))
        starts, stops = self.moments("start", population), self.moments("stop", population)
        is_surgery = self._is(("surgery",))
        first = np.where(np.isfinite(stops.first), stops.first, starts.first)
        last = np.where(np.isfinite(stops.last), stops.last, np.where(is_surgery, starts.last, today))
        ongoing = self.frame["ongoing"].fill_null(value=False).to_numpy()
        first, last = np.minimum(first, today), np.minimum(last, today)
        return Moments(np.where(ongoing, today, first), np.where(ongoing, today, last), np.full(len(first), math.nan))

    def moments(self, column: str, population: Population) -> Moments:
        """Start or stop of each row: the item's own, else the course's."""
        own = Moments.of(self.frame, column, population.origins)
        if self.table == "therapy":
            return own
        theirs = pl.col(f"^course_{column}.*$").name.map(lambda name: name.removeprefix("course_"))
        of_course = self.frame.select("at", theirs)
        return own.or_else(Moments.of(of_course, column, population.origins))

    def _is(self, modalities: tuple[str, ...]) -> Mask:
        return Coded.of(self.frame["modality"]).among(modalities)


def given(asked: Treated, population: Population) -> tuple[Given, ...]:
    """All treatments of a population, judged by drug or class; without one asked every course is it."""
    items, courses = population.therapy_items, population.therapies
    if asked.drug is None and asked.drug_class is None:
        everything = np.ones(courses.height, dtype=np.bool_)
        return (Given("therapy", courses, everything, ~everything),)

    def judge(code: str) -> bool | None:
        if asked.drug is not None:
            return drug_name(code) == asked.drug
        classes = drug_classes(code)
        return None if classes is None else asked.drug_class in classes

    true, false = population.coded(items, "item_code").judged(judge)
    without_drug = population.coded(items, "modality").among(_WITHOUT_DRUGS)
    of_items = Given("therapy_item", items, true, false | (without_drug & ~true))
    # A course without items: an operation says no; a systemic one may have been any drug.
    bare = courses.join(items, left_on=["at", "id"], right_on=["at", "therapy"], how="anti", maintain_order="left")
    no = Coded.of(bare["modality"]).among(_WITHOUT_DRUGS)
    return (of_items, Given("therapy", bare, np.zeros_like(no), no))


def of_modality(part: Given, modality: str | None) -> Given:
    """Only a modality; a course of none or of another sort may be it."""
    if modality is None:
        return part
    return part.limited(*_either(part.frame["modality"], modality, ("other",)))


def _either(column: pl.Series, wanted: str, unclear: tuple[str, ...]) -> tuple[Mask, Mask]:
    """Rows that hold a word and rows that hold another; unclear words and null are neither."""
    words = Coded.of(column)
    true = words.among((wanted,))
    return true, ~true & ~words.among(unclear) & ~words.is_null


def prior_therapy(leaf: PriorTherapy, population: Population, as_of: date) -> Evidence:
    """A drug or class, a modality, a setting: all of one course."""
    parts = [of_modality(part, leaf.modality) for part in given(leaf, population)]
    if leaf.setting is not None:
        parts = [part.limited(*_either(part.frame["setting"], leaf.setting, ("unknown",))) for part in parts]
    return Evidence(tuple(part.rows() for part in parts))


def systemic_lines(leaf: SystemicLines, population: Population, as_of: date) -> Evidence:
    """Number of lines, as an interval where it is not stated."""
    courses = population.therapies
    if leaf.drug is None and leaf.drug_class is None:
        lines = _all_lines(courses)
    else:
        lines = _lines_with([of_modality(part, "systemic") for part in given(leaf, population)])
    placed = courses.join(lines, on="at", how="left", maintain_order="left")
    decided = leaf.lines.decide(*(floats(placed[name].fill_null(0)) for name in ("least", "most")))
    return Evidence((Rows.statements("therapy", placed, *decided),), every=True)


def _all_lines(courses: pl.DataFrame) -> pl.DataFrame:
    """Of all systemic courses: the highest stated line, else one to their number."""
    systemic = pl.col("modality") == "systemic"
    unclear = pl.col("modality").is_null() | (pl.col("modality") == "other")
    stated = pl.col("line").filter(systemic).max()
    return courses.group_by("at").agg(
        least=pl.coalesce(stated, systemic.any().cast(pl.Int32)),
        most=pl.coalesce(stated, (systemic | unclear).sum().cast(pl.Int32)),
    )


def _lines_with(parts: list[Given]) -> pl.DataFrame:
    """Of courses with a drug: each stated line is one; those without may all be one of these, or each its own."""
    courses = pl.concat(
        part.frame.select(
            "at",
            "line",
            course=pl.col("therapy" if part.table == "therapy_item" else "id"),
            true=pl.Series(part.true),
            maybe=pl.Series(~part.false),
        )
        for part in parts
    )
    each = courses.group_by("at", "course").agg(pl.col("line").first(), pl.col("true", "maybe").any())
    # Line 0 is a treatment before the first line: adjuvant, say.
    each = each.filter(pl.col("line").fill_null(1) > 0)
    stated, true, maybe = pl.col("line").is_not_null(), pl.col("true"), pl.col("maybe")
    numbered = pl.col("line").filter(stated & true).n_unique()
    alone = (~stated & true).any().cast(pl.UInt32)
    return each.group_by("at").agg(
        least=pl.max_horizontal(numbered, alone).cast(pl.Int32),
        most=(pl.col("line").filter(stated & maybe).n_unique() + (~stated & maybe).sum()).cast(pl.Int32),
    )


def therapy_since(leaf: TherapySince, population: Population, as_of: date) -> Evidence:
    """Days since the last treatment of a kind; infinitely many where it does not stand in a history."""
    today = day_number(as_of)
    parts = [_begun(of_modality(part, leaf.modality), population, today) for part in given(leaf, population)]
    ends = [part.ends(population, as_of) for part in parts]
    least, most = np.full(population.size, math.inf), np.full(population.size, math.inf)
    for part, end in zip(parts, ends, strict=True):
        np.minimum.at(least, part.at[~part.false], today - end.last[~part.false])
        np.minimum.at(most, part.at[part.true], today - end.first[part.true])
    true, false = leaf.days.decide(least, most)
    return Evidence(tuple(_cited(part, true, false, np.isfinite(least)) for part in parts), every=True)


def _begun(part: Given, population: Population, today: int) -> Given:
    """Only what had begun; what may have begun may be it."""
    starts = part.moments("start", population)
    later = np.isfinite(starts.first) & (starts.first > today)
    return part.limited(~np.isfinite(starts.first) | (starts.last <= today), later)


def _cited(part: Given, true: Mask, false: Mask, is_given: Mask) -> Rows:
    """The rows that a person's value stands on: those that may be the treatment, of who never had it all."""
    at = part.at
    rows = Rows.statements(part.table, part.frame, true[at], false[at])
    return rows.kept(~part.false | ~is_given[at])


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {
    PriorTherapy: prior_therapy,
    SystemicLines: systemic_lines,
    TherapySince: therapy_since,
}
"""The rule for each kind of leaf of this module."""
