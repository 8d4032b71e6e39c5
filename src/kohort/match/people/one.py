"""One patient as a population of one, made from plain rows in microseconds.

The rules that decide criteria are those of every population; only what they read is built here without the cost of
frames, which is a few milliseconds however few rows there are: alterations by gene, coverage and birth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from kohort.match.criteria.vocabulary import approved_gene_or_none
from kohort.match.engine.truth import Bits, Truth
from kohort.match.people.births import Births, narrowest_birth
from kohort.match.people.columns import Coded, GeneRows
from kohort.match.people.population import Population
from kohort.match.rules.rows import Rows
from kohort.tables import MemoryTables

__all__ = ["OnePatient", "Panels", "PatientRows", "Row", "together"]

Row = Mapping[str, Any]
PatientRows = Mapping[str, Sequence[Row]]
"""All current rows of one person, by table."""

Panels = Mapping[str, frozenset[str]]
"""Panel to its approved gene symbols."""

SMALL = ("snv", "indel")
REARRANGED = ("sv", "fusion")

_WHEN = {"tumour": "diagnosed", "test": "reported"}
"""Tables that are read here without the frames of a population, and the day on which their rows became known."""


class OnePatient(Population):
    """A population of one person.

    Args:
        rows: all current rows of the person.
        panels: genes of each panel.
        known_by: rows that carry a later calendar date are left out; None: none are.
    """

    def __init__(self, rows: PatientRows, panels: Panels, known_by: date | None) -> None:
        self.rows = {table: [row for row in found if _is_known(table, row, known_by)] for table, found in rows.items()}
        (person,) = {row["person"] for row in self.rows["person"]}
        self.known_by = known_by
        self.unit = "person"
        self.persons = np.array([person], dtype=np.int64)
        self.samples = np.zeros(1, dtype=np.int64)
        self.truths = {}
        self._coded = {}
        self._intervals = {}
        self.panels = panels
        tests = {row["id"] for row in self.rows.get("test", ())}
        self.variants = [row for row in self.rows.get("variant", ()) if known_by is None or row.get("test") in tests]

    @cached_property
    def _tables(self) -> MemoryTables:
        given = {table: found for table, found in self.rows.items() if found}
        return MemoryTables(given | {"variant": self.variants, "code": _listed(self.panels)})

    @cached_property
    def _places(self) -> pl.DataFrame:
        return pl.DataFrame(
            {"person": self.persons, "sample": [0], "tumour": [0], "at": [0]},
            schema={"person": pl.Int64, "sample": pl.Int64, "tumour": pl.Int64, "at": pl.Int32},
        )

    @cached_property
    def mutations(self) -> GeneRows:  # type: ignore[override] - kept, where the population makes all at once
        """Small variants by gene."""
        return self._by_gene(SMALL, ("hgvs_p", "classification"), ("exon",))

    @cached_property
    def copy_numbers(self) -> GeneRows:  # type: ignore[override]
        """Copy-number calls by gene."""
        return self._by_gene(("cnv",), (), ("copies",))

    @cached_property
    def coverage(self) -> _Coverage:  # type: ignore[override] - the same two questions, answered without arrays
        """Which genes were looked at."""
        return _Coverage(self.rows.get("test", ()), self.variants, self.panels)

    @cached_property
    def births(self) -> Births:
        """What is known of the birth date."""
        return narrowest_birth(self.rows["person"][0], self.rows.get("tumour", ()))

    @cached_property
    def rearrangements(self) -> pl.DataFrame:  # type: ignore[override]
        """Structural variants and fusions."""
        rows = [row for row in self.variants if row.get("class") in REARRANGED]
        named = ("id", "class", "gene", "partner")
        schema = {"id": pl.Int64, "class": pl.String, "gene": pl.String, "partner": pl.String}
        frame = pl.DataFrame({name: [row.get(name) for row in rows] for name in named}, schema=schema)
        return frame.with_columns(at=pl.lit(0, pl.Int32))

    @property
    def has_unnamed_rearrangement(self) -> bool:
        """True if a rearrangement names no gene: it bears on all genes."""
        return any(
            row.get("class") in REARRANGED and row.get("gene") is None and row.get("partner") is None
            for row in self.variants
        )

    def genes_of(self, classes: tuple[str, ...]) -> dict[str, list[Row]]:
        """Rows of some classes by approved gene; a rearrangement stands under each gene, with all of them."""
        rows = [row for row in self.variants if row.get("class") in classes]
        found: dict[str, list[Row]] = {}
        for row in rows:
            if gene := approved_gene_or_none(row.get("gene")):
                found.setdefault(gene, []).append(row)
            if classes == REARRANGED and (partner := approved_gene_or_none(row.get("partner"))):
                found.setdefault(partner, []).append(row)
        return dict.fromkeys(found, rows) if classes == REARRANGED else found

    def _by_gene(self, classes: tuple[str, ...], texts: Sequence[str], numbers: Sequence[str]) -> GeneRows:
        by_gene = self.genes_of(classes)
        rows = [row for found in by_gene.values() for row in found]
        places, at = {}, 0
        for gene, found in by_gene.items():
            places[gene] = slice(at, at + len(found))
            at += len(found)
        return GeneRows(
            places,
            np.zeros(len(rows), dtype=np.int32),
            np.array([row["id"] for row in rows], dtype=np.int64),
            {name: _coded([row.get(name) for row in rows]) for name in texts},
            {name: np.array([_number(row.get(name)) for row in rows]) for name in numbers},
        )


def together(patients: Iterable[OnePatient]) -> MemoryTables:
    """The tables of several patients."""
    found: dict[str, list[Row]] = {}
    panels: Panels = {}
    for patient in patients:
        panels = patient.panels
        for table, rows in (patient.rows | {"variant": patient.variants}).items():
            found.setdefault(table, []).extend(rows)
    return MemoryTables({name: rows for name, rows in found.items() if rows} | {"code": _listed(panels)})


def _listed(panels: Panels) -> list[Row]:
    return [{"system": f"panel/{name}", "code": gene} for name, genes in panels.items() for gene in genes]


class _Coverage:
    """As `kohort.match.people.coverage.Coverage`, for one person."""

    def __init__(self, tests: Sequence[Row], variants: Sequence[Row], panels: Panels) -> None:
        self._tests = [test for test in tests if test.get("quality") != "failed"]
        self._panels = panels
        self._gaps: dict[str, set[int]] = {}
        for row in variants:
            if row.get("class") == "not_assessed" and (gene := approved_gene_or_none(row.get("gene"))):
                self._gaps.setdefault(gene, set()).add(row["test"])

    def covered(self, gene: str, assay: str) -> Bits:
        """A bitmap of one person: whether the gene was looked at by this assay."""
        return Truth.constant(bool(self._covering(gene, assay)), 1).true

    def grounds(self, gene: str, assay: str) -> Rows:
        """The tests that looked at the gene."""
        found = np.array([test["id"] for test in self._covering(gene, assay)], dtype=np.int64)
        every, none = np.ones(len(found), dtype=np.bool_), np.zeros(len(found), dtype=np.bool_)
        return Rows("test", np.zeros(len(found), dtype=np.int32), found, none, every, none)

    def _covering(self, gene: str, assay: str) -> list[Row]:
        gaps = self._gaps.get(gene, ())
        return [
            test
            for test in self._tests
            if test.get("assay") == assay
            and test["id"] not in gaps
            and (test.get("coverage") in ("exome", "genome") or gene in self._panels.get(test.get("panel") or "", ()))
        ]


def _is_known(table: str, row: Row, known_by: date | None) -> bool:
    when = _WHEN.get(table)
    day = None if when is None else row.get(when)
    return day is None or known_by is None or day <= known_by


def _coded(texts: Sequence[str | None]) -> Coded:
    values = sorted({text for text in texts if text is not None})
    places = {text: place for place, text in enumerate(values)}
    return Coded(np.array([-1 if text is None else places[text] for text in texts], dtype=np.int32), tuple(values))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
