"""A population: the persons of a site (or of tables in memory), indexed once for matching.

The unit of matching is the **person**. A person with several tumours meets a criterion if any of them does;
an alteration counts whichever specimen it was found in. Each group of columns is read when the first
criterion asks for it and kept; a population describes the tables as they stood when it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.errors import InputError
from kohort.match.births import Births, ages_at_diagnosis
from kohort.match.columns import GeneRows
from kohort.match.coverage import Coverage
from kohort.match.logic import Leaf
from kohort.match.truth import Truth
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
        persons: pseudonyms in ascending order; a person's place here is its index everywhere else.
        truths: leaves already evaluated, by leaf and, where it matters, day of matching.
    """

    def __init__(self, tables: TableSet, known_by: date | None) -> None:
        self._tables = tables
        self.known_by = known_by
        self.persons: NDArray[np.int64] = tables.frame("person", ["person"])["person"].unique().sort().to_numpy()
        self._places = pl.DataFrame(
            {"person": self.persons, "at": np.arange(len(self.persons), dtype=np.int32)},
            schema={"person": pl.Int64, "at": pl.Int32},
        )
        self.truths: dict[tuple[Leaf, date | None], Truth] = {}

    @classmethod
    def of(cls, data: TableSet | HasTables, known_by: date | None = None) -> Population:
        """The persons of a site or table set.

        Args:
            data: a site, or tables.
            known_by: leave out rows that carry a calendar date after this day (diagnosis, staging, finding,
                report of a test, start of a treatment). Rows without a calendar date are taken as known.
        """
        return cls(tables_of(data), known_by)

    @property
    def size(self) -> int:
        """Number of persons."""
        return len(self.persons)

    def index_of(self, person: int) -> int:
        """The place of a person; InputError if the population does not hold that pseudonym."""
        at = int(np.searchsorted(self.persons, person))
        if at == self.size or self.persons[at] != person:
            raise InputError(
                "that person is not in this population.",
                remedy="Give a pseudonym of the person table of the same site.",
            )
        return at

    def frame(self, table: str, columns: Sequence[str], *, when: str | None = None) -> pl.DataFrame:
        """Rows of a table that were known, with ``id`` and ``at`` (the person's place).

        Args:
            table: name of the table.
            columns: columns to read besides these.
            when: the date column that says when the row became known.
        """
        dated = [] if when is None or when in columns else [when]
        frame = self._tables.frame(table, ["person", "id", *columns, *dated])
        if when is not None and self.known_by is not None:
            frame = frame.filter(pl.col(when).is_null() | (pl.col(when) <= self.known_by))
        # Only the person column is joined: the others, often long texts, are not copied for it.
        at = frame.select("person").join(self._places, on="person", how="left", maintain_order="left")["at"]
        placed = frame.drop("person", *dated).with_columns(at)
        return placed.filter(at.is_not_null()) if at.null_count() else placed

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
        columns = ["kind", "code_code", "value_code", "value_number", "comparator", "found_day", "found"]
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
        """Stage groups and M categories."""
        return self.frame("stage", ["stage_group", "m"], when="assessed")

    @cached_property
    def specimens(self) -> pl.DataFrame:
        """What each specimen shows."""
        return self.frame("specimen", ["kind"], when="collected")

    @cached_property
    def therapies(self) -> pl.DataFrame:
        """Courses of treatment."""
        return self.frame("therapy", ["modality", "line"], when="start")

    @cached_property
    def therapy_items(self) -> pl.DataFrame:
        """Drugs and operations of known courses, with the course's modality."""
        courses = self.therapies.select(pl.col("id").alias("therapy"), "modality")
        return self.frame("therapy_item", ["therapy", "item_code"]).join(courses, on="therapy", how="inner")

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


def _of_classes(variants: pl.DataFrame, classes: tuple[str, ...], *columns: str) -> pl.DataFrame:
    """Rows of some classes with only the columns that matter for them."""
    rows = variants.lazy().filter(pl.col("class").is_in(classes))
    return rows.select("at", "id", "gene", *columns).collect()
