"""The biomarker table of a tumour board's slide, filled: one row an alteration, every cell with source and date.

The columns are those of the Biomarkers table of InPreD's slide, which hospitals fill in by hand: gene, variant, type,
share of reads or copy number, gain or loss of function, pathway, what the tumour is sensitive and resistant to, and the
level of evidence in the patient's own tumour type and in others.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from kohort.profile.alterations.function import effect
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.own_data import own_table
from kohort.profile.summary import biomarker_table
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["BOARD_SCHEMA", "board_table", "pathway_of"]

BOARD_SCHEMA: dict[str, pl.DataType] = {
    "gene": pl.String(),
    "alteration": pl.String(),
    "kind": pl.String(),
    "origin": pl.String(),
    "vaf": pl.Float64(),
    "depth": pl.Float64(),
    "amount": pl.Float64(),
    "function": pl.String(),
    "pathway": pl.String(),
    "sensitive": pl.String(),
    "resistant": pl.String(),
    "tier": pl.String(),
    "tier_rule": pl.String(),
    "level_patient_tumour": pl.String(),
    "level_other_tumour": pl.String(),
    "other_evidence": pl.String(),
    "remark": pl.String(),
}
"""Columns of ``board_table``; cells with several statements join them by ``; ``, each with source and date."""

_MEASURED = ("vaf", "depth", "amount")
_HERE = frozenset({"exact", "descendant", "any"})
_FUNCTIONS = {"activating": "gain of function", "inactivating": "loss of function", "neutral": "neutral"}
_MOST = 6

_Row = Mapping[str, object]


def board_table(
    data: TableSet | HasTables, biomarkers: pl.DataFrame, person: int, *, inherited: bool = False
) -> pl.DataFrame:
    """One patient's biomarkers as a board reads them.

    Args:
        data: the site or table set that was annotated.
        biomarkers: what ``annotate`` gave.
        person: pseudonym of the patient; the caller enters the reading in the ledger.
        inherited: the table of germline variants, which never stand among the others.

    Returns:
        columns of ``BOARD_SCHEMA``, one row an alteration for which there is evidence beyond the whole gene, those of
        the best tier first.
    """
    rows = biomarker_table(biomarkers, person).filter(
        (pl.col("match_level") != "gene") & (pl.col("origin").eq_missing("germline") == inherited)
    )
    measured = _measured(tables_of(data), rows)
    keys = ("variant", "gene", "kind", "alteration", "origin")
    groups: dict[tuple[object, ...], list[_Row]] = {}
    for row in rows.iter_rows(named=True):
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    made = [
        dict(zip(keys, key, strict=True)) | _cells(found) | measured.get(key[0], {}) for key, found in groups.items()
    ]
    frame = pl.DataFrame([{name: row.get(name) for name in BOARD_SCHEMA} for row in made], schema=BOARD_SCHEMA)
    return frame.sort("tier", "gene", "alteration", nulls_last=True, maintain_order=True)


@functools.cache
def _pathways() -> dict[str, str]:
    return dict(own_table("pathways.tsv"))  # type: ignore[arg-type]


def pathway_of(gene: str | None) -> str | None:
    """Pathway or function of a gene, by its approved symbol; None if the table does not hold it."""
    return _pathways().get(gene or "")


def _measured(tables: TableSet, rows: pl.DataFrame) -> dict[object, dict[str, object]]:
    """Share of reads, depth and amount of the variants in question."""
    ids = rows["variant"].drop_nulls().unique()
    found = tables.frame("variant", ["id", *_MEASURED]).filter(pl.col("id").is_in(ids.implode()))
    return {row["id"]: {name: row[name] for name in _MEASURED} for row in found.iter_rows(named=True)}


def _cells(rows: Sequence[_Row]) -> dict[str, object]:
    """What the rows of one alteration say; they come best first."""
    predictive = [row for row in rows if row["evidence_type"] == "predictive"]
    best = min(rows, key=lambda row: str(row["tier"] or "~"))
    read = normalise(str(rows[0]["alteration"]), rows[0]["gene"] if isinstance(rows[0]["gene"], str) else None)
    return {
        "function": _FUNCTIONS.get(effect(read) or "") if read.gene else None,
        "pathway": pathway_of(read.gene),
        "sensitive": _said(row for row in predictive if row["direction"] == "sensitive"),
        "resistant": _said(row for row in predictive if row["direction"] == "resistant"),
        "tier": best["tier"],
        "tier_rule": best["tier_rule"],
        "level_patient_tumour": _levels(row for row in rows if row["tumour_relation"] in _HERE),
        "level_other_tumour": _levels(row for row in rows if row["tumour_relation"] not in _HERE),
        "other_evidence": _said(row for row in rows if row["evidence_type"] != "predictive"),
        "remark": " ".join(dict.fromkeys(str(row["remark"]) for row in rows if row["remark"])) or None,
    }


def _said(rows: Iterable[_Row]) -> str | None:
    """Drugs (or what else is said), each once with the best of its rows, and how many rows there are more."""
    best: dict[object, _Row] = {}
    counts: dict[object, int] = {}
    for row in rows:
        what = row["drugs"] or row["direction"]
        best.setdefault(what, row)
        counts[what] = counts.get(what, 0) + 1
    told = [f"{what} ({_citation(row, counts[what])})" for what, row in list(best.items())[:_MOST]]
    rest = len(best) - _MOST
    return "; ".join([*told, *([f"and {rest} more"] if rest > 0 else [])]) or None


def _citation(row: _Row, rows: int) -> str:
    level = f"{row['level_system']} {row['level']}"
    count = f", {row['responders']} of {row['patients']}" if row["patients"] is not None else ""
    open_one = f"; open: {row['open_condition']}" if row["open_condition"] else ""
    more = f"; {rows - 1} more" if rows > 1 else ""
    return f"{row['tier'] or 'no tier'}, {level}{count}{open_one}; {row['source_id']}, {row['source_date']}{more}"


def _levels(rows: Iterable[_Row]) -> str | None:
    """The levels, best first, each once."""
    return "; ".join(list(dict.fromkeys(f"{row['level_system']} {row['level']}" for row in rows))[:3]) or None
