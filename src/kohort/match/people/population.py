"""A population: the persons of a site (or of tables in memory), indexed once for matching.

The unit of matching is the **person**: a person with several tumours meets a criterion if any of them does; an
alteration counts whichever specimen it was found in. With the unit **sample** each specimen is matched by itself:
only its own tests, alterations, findings and tumour count, beside all that is known of the person apart from
specimens; a person without a specimen is matched once. Each group of columns is read when the first criterion
asks for it and kept; a population describes the tables as they stood when it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.errors import InputError
from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.measurements import laboratory_test, marker_name
from kohort.match.criteria.ranges import Floats
from kohort.match.engine.truth import Truth
from kohort.match.people.births import Births, ages_at_diagnosis
from kohort.match.people.columns import Coded, GeneRows
from kohort.match.people.coverage import Coverage
from kohort.match.people.moments import Origins
from kohort.match.people.units import Unit, link_of, place_by_person, place_by_sample, units
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["Population"]

_VARIANT = ["test", "class", "gene", "partner", "hgvs_p", "classification", "exon", "copies"]


@dataclass(frozen=True, slots=True, eq=False)
class _Alterations:
    mutations: GeneRows
    copy_numbers: GeneRows
    rearrangements: pl.DataFrame
    not_assessed: pl.DataFrame


class Population:
    """Persons and what the tables say about them, as arrays. Make one with `Population.of`.

    Attributes:
        known_by: only rows that were known on this day are used; None: all rows.
        unit: what is matched: ``person`` or ``sample``.
        persons: pseudonyms in ascending order (repeated for the unit sample); a place here is the index
            everywhere else.
        samples: the specimen of each place, 0 for a person without one and for the unit person.
        truths: leaves already evaluated, by leaf and, where it matters, day of matching.
    """

    def __init__(self, tables: TableSet, known_by: date | None, unit: Unit = "person") -> None:
        self._tables = tables
        self.known_by = known_by
        self.unit: Unit = unit
        self._places = units(tables, unit)
        self.persons: NDArray[np.int64] = self._places["person"].to_numpy()
        self.samples: NDArray[np.int64] = self._places["sample"].to_numpy()
        self.truths: dict[tuple[Leaf, date | None], Truth] = {}
        self._intervals: dict[date, tuple[Floats, Floats]] = {}
        self._coded: dict[tuple[int, str], tuple[pl.DataFrame, Coded]] = {}

    @classmethod
    def of(cls, data: TableSet | HasTables, known_by: date | None = None, unit: Unit = "person") -> Population:
        """The persons of a site or table set.

        Args:
            data: a site, or tables.
            known_by: leave out rows that carry a calendar date after this day (diagnosis, staging, finding,
                report of a test, start of a treatment). Rows without a calendar date are taken as known.
            unit: match persons, or each of their samples by itself.
        """
        return cls(tables_of(data), known_by, unit)

    @property
    def size(self) -> int:
        """Number of persons, or of samples where these are matched."""
        return len(self.persons)

    def index_of(self, person: int, sample: int | None = None) -> int:
        """The place of a person (or of one of its samples; the first, if none is named).

        Raises:
            InputError: the population does not hold that pseudonym or sample.
        """
        first, last = (int(np.searchsorted(self.persons, person, side)) for side in ("left", "right"))
        places = [at for at in range(first, last) if sample in {None, int(self.samples[at])}]
        if not places:
            raise InputError(
                "that person is not in this population." if first == last else "that person has no such sample.",
                remedy="Give a pseudonym of the person table of the same site (and an id of its specimen table).",
            )
        return places[0]

    def frame(self, table: str, columns: Sequence[str], *, when: str | None = None) -> pl.DataFrame:
        """Rows of a table that were known, with ``id`` and ``at`` (the person's place).

        Args:
            table: name of the table.
            columns: columns to read besides these.
            when: the date column that says when the row became known.
        """
        dated = [] if when is None or when in columns else [when]
        link = link_of(table) if self.unit == "sample" else None
        linked = [] if link is None or link in {"id", *columns} else [link]
        frame = self._tables.frame(table, ["person", "id", *columns, *dated, *linked])
        if when is not None and self.known_by is not None:
            frame = frame.filter(pl.col(when).is_null() | (pl.col(when) <= self.known_by))
        if self.unit == "sample":
            return place_by_sample(frame, table, self._places, self._tables).drop(*dated, *linked)
        return place_by_person(frame.drop(*dated), self._places)

    @cached_property
    def everybody(self) -> NDArray[np.int32]:
        """All places."""
        return np.arange(self.size, dtype=np.int32)

    def birth_interval(self, day: date) -> tuple[Floats, Floats]:
        """Earliest and latest possible birth of each person, as far as known on a day; worked out once a day."""
        if day not in self._intervals:
            self._intervals = {day: self.births.interval(day)}
        return self._intervals[day]

    def coded(self, frame: pl.DataFrame, column: str) -> Coded:
        """A text column of a frame of this population, encoded once however many criteria ask for it."""
        key = (id(frame), column)
        if key not in self._coded:  # the frame is kept, so that its id stays its own
            self._coded[key] = (frame, Coded.of(frame[column]))
        return self._coded[key][1]

    @cached_property
    def tests(self) -> pl.DataFrame:
        """Tests with assay, panel, coverage, quality and the summary results that stand in the test table."""
        columns = ["assay", "panel", "coverage", "quality", "tmb", "msi"]
        return self.frame("test", columns, when="reported")

    @cached_property
    def people(self) -> pl.DataFrame:
        """Sex and birth."""
        return self.frame("person", ["sex_code", "birth", "birth_precision", "birth_day"])

    @cached_property
    def tumours(self) -> pl.DataFrame:
        """Tumours with their diagnosis and its date."""
        columns = [
            "kind",
            "oncotree_code",
            "age_at_diagnosis",
            "diagnosed",
            "diagnosed_precision",
            "diagnosed_day",
        ]
        return self.frame("tumour", columns, when="diagnosed")

    @cached_property
    def findings(self) -> dict[str, pl.DataFrame]:
        """Findings that criteria ask for, by kind."""
        columns = ["kind", "code_code", "value_code", "value_number", "comparator", *_when("found")]
        found = self.frame("finding", columns, when="found")
        return {kind: found.filter(pl.col("kind") == kind) for kind in ("ihc", "msi", "tmb", "ecog")}

    @cached_property
    def births(self) -> Births:
        """What is known of each person's birth date."""
        return Births.of(self.people, self.tumours, self.size)

    @cached_property
    def diagnosis_ages(self) -> pl.DataFrame:
        """Completed years at each diagnosis, as an interval: ``at``, ``id``, ``low``, ``high``."""
        return ages_at_diagnosis(self.people, self.tumours)

    @cached_property
    def stages(self) -> pl.DataFrame:
        """Stage groups, N and M categories."""
        return self.frame("stage", ["stage_group", "n", "m", *_when("assessed")], when="assessed")

    @cached_property
    def specimens(self) -> pl.DataFrame:
        """What each specimen shows."""
        return self.frame("specimen", ["kind"], when="collected")

    @cached_property
    def therapies(self) -> pl.DataFrame:
        """Courses of treatment."""
        columns = ["modality", "setting", "line", "ongoing", *_when("start"), *_when("stop")]
        return self.frame("therapy", columns, when="start")

    @cached_property
    def therapy_items(self) -> pl.DataFrame:
        """Drugs and operations of known courses; the course's columns follow, ``course_`` before its dates."""
        courses = self.therapies.rename({"id": "therapy"}).rename(_of_course)
        items = self.frame("therapy_item", ["therapy", "item_code", *_when("start"), *_when("stop")])
        return items.join(courses, on=["at", "therapy"], how="inner")

    @cached_property
    def _alterations(self) -> _Alterations:
        # All kinds at once, so that the rows as read, by far the largest thing here, can be let go.
        variants = self.frame("variant", _VARIANT)
        if self.known_by is not None:
            variants = variants.join(self.tests.select("id"), left_on="test", right_on="id", how="semi")
        small = _of_classes(variants, ("snv", "indel"), "hgvs_p", "classification", "exon")
        copies = _of_classes(variants, ("cnv",), "copies")
        rearranged = _of_classes(variants, ("sv", "fusion"), "class", "partner")
        not_assessed = _of_classes(variants, ("not_assessed",), "test")
        del variants
        return _Alterations(
            GeneRows.of(small, texts=("hgvs_p", "classification"), numbers=("exon",)),
            GeneRows.of(copies, numbers=("copies",)),
            rearranged,
            not_assessed,
        )

    @property
    def mutations(self) -> GeneRows:
        """Small variants by gene."""
        return self._alterations.mutations

    @property
    def copy_numbers(self) -> GeneRows:
        """Copy-number calls by gene."""
        return self._alterations.copy_numbers

    @property
    def rearrangements(self) -> pl.DataFrame:
        """Structural variants and fusions."""
        return self._alterations.rearrangements

    @cached_property
    def coverage(self) -> Coverage:
        """Which genes were looked at, in whom."""
        listed = self._tables.frame("code", ["system", "code"])
        panels = listed.filter(pl.col("system").str.starts_with("panel/"))
        return Coverage.of(self.tests, panels, self._alterations.not_assessed, self.size)

    @cached_property
    def described(self) -> dict[str, pl.DataFrame]:
        """Findings with code, value, unit and the laboratory's limits, by kind."""
        columns = ["kind", "code_code", "code_text", "value_code", "value_text", "value_number", "comparator", "unit"]
        columns += ["reference_low", "reference_high", *_when("found")]
        found = self.frame("finding", columns, when="found")
        kinds = ("laboratory", "marker", "ihc", "comorbidity", "status")
        return {kind: found.filter(pl.col("kind") == kind) for kind in kinds}

    @cached_property
    def signatures(self) -> pl.DataFrame:
        """What was reported on mutational signatures."""
        found = self.frame("finding", ["kind", "code_system", "code_code", "value_code"], when="found")
        return found.filter((pl.col("kind") == "marker") & (pl.col("code_system") == "signature"))

    @cached_property
    def laboratory(self) -> dict[str, pl.DataFrame]:
        """Laboratory values by test."""
        return _by_name(self.described["laboratory"], laboratory_test)

    @cached_property
    def markers(self) -> dict[str, pl.DataFrame]:
        """Results of markers by name, from immunohistochemistry and other tests."""
        return _by_name(pl.concat([self.described["ihc"], self.described["marker"]]), marker_name)

    @cached_property
    def histologies(self) -> pl.DataFrame:
        """Where tumours are, what they look like and how they behave."""
        columns = ["kind", "topography_system", "topography_code", "topography_text", "morphology_code", "behaviour"]
        return self.frame("tumour", columns, when="diagnosed")

    @cached_property
    def sampled_sites(self) -> pl.DataFrame:
        """Where specimens were taken."""
        return self.frame("specimen", ["kind", "site_code", "site_text"], when="collected")

    @cached_property
    def dated(self) -> dict[str, pl.DataFrame]:
        """Rows of other tables with the day that events are counted from, by table."""
        asked = {"response": ("category", "assessed"), "specimen": ("kind", "collected"), "test": ("assay", "reported")}
        return {table: self.frame(table, [what, *_when(day)], when=day) for table, (what, day) in asked.items()}

    @cached_property
    def consents(self) -> pl.DataFrame:
        """Consents that were asked, given, refused or withdrawn."""
        decisions = self.frame("decision", ["kind", "drug_or_trial", "status", *_when("decided")], when="decided")
        return decisions.filter(pl.col("kind") == "consent")

    @cached_property
    def origins(self) -> Origins:
        """The calendar day of each person's day 0."""
        return Origins.of(self.tumours, self.size)


def _of_classes(variants: pl.DataFrame, classes: tuple[str, ...], *columns: str) -> pl.DataFrame:
    """Rows of some classes with only the columns that matter for them."""
    rows = variants.lazy().filter(pl.col("class").is_in(classes))
    return rows.select("at", "id", "gene", *columns).collect()


def _when(column: str) -> tuple[str, str, str]:
    """The columns of a point in time."""
    return column, f"{column}_precision", f"{column}_day"


def _of_course(name: str) -> str:
    return f"course_{name}" if name.startswith(("start", "stop")) else name


def _by_name(found: pl.DataFrame, name: Callable[[str], str]) -> dict[str, pl.DataFrame]:
    """Findings by the one name of what was looked at: by code, or by text where there is no code."""
    written = found.select(pl.coalesce("code_code", "code_text").alias("written"))["written"]
    names = {text: name(text) for text in written.drop_nulls().unique().to_list()}
    named = found.with_columns(_name=written.replace_strict(names, default=None, return_dtype=pl.String))
    parts = named.filter(pl.col("_name").is_not_null()).partition_by("_name", as_dict=True, include_key=False)
    return {str(key): part for (key,), part in parts.items()}
