"""Rows as a reader gives them -> rows as a table declares them: hashed, typed, checked."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from kohort.errors import IntegrityError
from kohort.sources.model import KEY, LINE, PERSON, LineFinding, Rows
from kohort.store.keys import Keys
from kohort.store.source_ids import SOURCE_TABLES
from kohort.tables import Table, table, violations

__all__ = ["keyed", "linked", "masked"]

_MASK = "***"
_LONG = 60
_LIKE_AN_ID = re.compile(r"\d{6}[\s\-+A-Z]?\d{3,5}")


def linked(rows: Rows, keys: Keys) -> Rows:
    """The rows with patients and references hashed: ``person`` and the referring columns are int64."""
    declared = table(rows.table)
    frame = rows.frame
    unknown = set(frame.columns) - set(declared.names) - {PERSON, KEY, LINE}
    if unknown:
        raise IntegrityError(f"A reader gave columns that table {rows.table} has not: {sorted(unknown)}.")
    hashed = [
        keys.shared_hashes(target, frame[column].cast(pl.String)).alias(column)
        for column, target in declared.references.items()
        if column in frame.columns
    ]
    if "person" in declared:
        hashed.append(keys.shared_hashes("person", frame[PERSON]).alias("person"))
    return replace(rows, frame=frame.with_columns(hashed))


def keyed(rows: Rows, keys: Keys, *, file: int, batch: int) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The rows with header and id, and all columns of their declared type.

    Args:
        rows: what `linked` gave.
        keys: the site's keys.
        file: number of the file.
        batch: number of the batch.

    Returns:
        Rows that keep to the declaration (with ``_line``, and with ``_key`` where that is an id at the source), and a
        finding for each line of the others.
    """
    declared = table(rows.table)
    made = rows.frame.with_columns(keys.hashes(rows.table, rows.frame[KEY]).alias("id"))
    made = made.with_columns(_header(declared, file, batch))
    kept = [n for n in declared.names if n in made.columns]
    beside = [LINE, KEY] if rows.table in SOURCE_TABLES else [LINE]
    typed = made.select(*(pl.col(n).cast(declared[n].polars) for n in kept), *beside)
    return _checked(declared, typed)


def _header(declared: Table, file: int, batch: int) -> list[pl.Expr]:
    given = {
        "source_file": pl.lit(file, dtype=pl.Int32),
        "source_line": pl.col(LINE),
        "batch": pl.lit(batch, dtype=pl.Int32),
        "confidence": pl.lit(1.0, dtype=pl.Float32),
        "valid_from": pl.lit(batch, dtype=pl.Int32),
    }
    return [value.alias(name) for name, value in given.items() if name in declared]


def _checked(declared: Table, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[LineFinding]]:
    found = violations(declared, frame)
    if not found:
        return frame, []
    findings = [
        LineFinding(
            line,
            "quarantined",
            v.rule.name,
            f"{v.rule.words} (table {declared.name}). Correct it.",
            v.rule.column,
        )
        for v in found
        for line in frame[LINE].gather(v.rows)
    ]
    aside = pl.Series([f.line for f in findings], dtype=pl.Int64)
    return frame.filter(~pl.col(LINE).is_in(aside.implode())), findings


def masked(finding: LineFinding, private: frozenset[str]) -> str | None:
    """The value of a finding as it may be shown: nothing that may name a patient, and not at length."""
    if finding.value is None:
        return None
    if finding.column is None or finding.column in private or _LIKE_AN_ID.search(finding.value):
        return _MASK
    return finding.value if len(finding.value) <= _LONG else finding.value[:_LONG] + "..."
