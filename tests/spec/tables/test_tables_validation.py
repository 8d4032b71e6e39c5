"""Validation of rows: what a table refuses, and that DuckDB refuses the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import polars as pl
import pytest

from kohort.tables import TABLES, MemoryTables, frame_of, table, tables_of, violations
from kohort.tables.generate import duckdb_ddl

HEADER = {
    "person": 1, "id": 2, "source_file": 1, "source_line": 3, "batch": 1, "confidence": 1.0, "valid_from": 1,
}  # fmt: skip


def broken(name: str, row: Mapping[str, object]) -> list[tuple[str, str]]:
    """Rules and columns that one row breaks, given its own columns only."""
    declared = table(name)
    frame = pl.DataFrame([{**HEADER, **row}])
    typed = frame.select(pl.col(n).cast(declared[n].polars) for n in frame.columns)
    return [(v.rule.name, v.rule.column) for v in violations(declared, typed)]


def refused_by_duckdb(name: str, row: Mapping[str, object]) -> bool:
    """True if DuckDB, with the generated DDL, takes the row not."""
    rows = frame_of(table(name), [{**HEADER, **row}])  # noqa: F841 - DuckDB reads it by its name
    with duckdb.connect() as connection:
        connection.execute(duckdb_ddl([table(name)]))
        try:
            connection.execute(f"insert into {name} by name select * from rows")  # noqa: S608 - a name of ours
        except duckdb.ConstraintException:
            return True
    return False


GOOD = [
    ("person", {"sex_code": "female", "birth": date(1960, 1, 1), "birth_precision": 3, "death_day": 10}),
    ("therapy", {"modality": "systemic", "start_day": 5, "stop_day": 5}),
    ("variant", {"test": 9, "class": "snv", "vaf": 1.0, "position": 7, "end_position": 7}),
    ("finding", {"kind": "ecog", "value_number": 1.0}),
]
BAD = [
    ("required", "test", "variant", {"class": "snv"}),
    ("required", "class", "variant", {"test": 9, "class": None}),
    ("not_in_list", "class", "variant", {"test": 9, "class": "SNP"}),
    ("out_of_range", "vaf", "variant", {"test": 9, "class": "snv", "vaf": 1.2}),
    ("out_of_range", "vaf", "variant", {"test": 9, "class": "snv", "vaf": -0.1}),
    ("not_finite", "depth", "variant", {"test": 9, "class": "snv", "depth": float("inf")}),
    ("not_finite", "depth", "variant", {"test": 9, "class": "snv", "depth": float("nan")}),
    ("out_of_range", "birth_precision", "person", {"birth_precision": 4}),
    (
        "position_before_end_position",
        "position",
        "variant",
        {"test": 9, "class": "snv", "position": 8, "end_position": 7},
    ),
    ("start_before_stop", "start", "therapy", {"modality": "systemic", "start_day": 6, "stop_day": 5}),
    ("birth_before_death", "birth", "person", {"birth": date(2000, 1, 2), "death": date(2000, 1, 1)}),
]


@pytest.mark.parametrize(("name", "row"), GOOD)
def test_a_row_as_declared_is_taken(name: str, row: dict[str, object]) -> None:
    """No rule is broken, and DuckDB takes the row."""
    assert broken(name, row) == []
    assert not refused_by_duckdb(name, row)


@pytest.mark.parametrize(("rule", "column", "name", "row"), BAD)
def test_a_row_that_breaks_a_rule_is_named_with_rule_and_column(
    rule: str, column: str, name: str, row: dict[str, object]
) -> None:
    """The rule and the column are named, and DuckDB refuses the row too."""
    assert (rule, column) in broken(name, row)
    assert refused_by_duckdb(name, row)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_empty_row_breaks_exactly_the_required_columns(name: str) -> None:
    """Null breaks no rule but `required`."""
    declared = table(name)
    nothing = pl.DataFrame(schema=declared.polars_schema).clear(1)
    found = {(v.rule.name, v.rule.column) for v in violations(declared, nothing)}
    assert found == {("required", column.name) for column in declared.columns if column.required}


def test_only_the_rows_that_break_a_rule_are_named() -> None:
    """Positions count from 0."""
    declared = table("finding")
    frame = frame_of(declared, [{**HEADER, "kind": kind} for kind in ("ecog", "eKog", "weight", None)])
    found = {v.rule.name: v.rows.to_list() for v in violations(declared, frame)}
    assert found == {"not_in_list": [1], "required": [3]}


def test_a_table_set_that_happens_to_have_tables_is_itself_the_table_set() -> None:
    """What gives frames is asked for them, whatever else it holds: a view of one patient must not be passed by."""

    class OnePatient:
        """A view of other tables."""

        def __init__(self, tables: MemoryTables) -> None:
            self.tables = tables

        def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
            """Nobody."""
            return self.tables.frame(name, columns).clear()

    view = OnePatient(MemoryTables({"person": [{"person": 1, "id": 1}]}))
    assert tables_of(view) is view
    assert tables_of(view).frame("person").height == 0
