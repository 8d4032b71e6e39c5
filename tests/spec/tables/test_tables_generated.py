"""One declaration of a table gives its Arrow schema, its SQL in two engines, its JSON Schema and its page.

The engines themselves are asked: DuckDB and PostgreSQL run the SQL, a JSON Schema validator reads the schema,
and all three must judge the same rows alike.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any, LiteralString, cast

import duckdb
import jsonschema
import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kohort.tables import TABLES, Check, Column, Table, table
from kohort.tables.generate import arrow_schema, duckdb_ddl, json_schema, markdown, postgres_ddl
from tests.postgres import needs_postgres, temporary_cluster

Row = dict[str, Any]
ALL = pytest.mark.parametrize("declared", TABLES.values(), ids=TABLES)

GOOD: dict[str, object] = {
    "text": "x",
    "int64": 7,
    "int32": 7,
    "int8": 2,
    "float64": 0.5,
    "float32": 0.5,
    "bool": True,
    "date": "2021-05-17",
}


def good_value(column: Column) -> object:
    if column.values:
        return column.values[0]
    if column.minimum is not None and column.type != "date":
        return type(GOOD[column.type])(max(column.minimum, 0))  # type: ignore[call-arg]
    return GOOD[column.type]


def good_row(declared: Table) -> Row:
    return {c.name: good_value(c) for c in declared.columns}


def variations(declared: Table) -> Iterator[tuple[str, Row, bool]]:
    """Rows that are right or wrong in one column only: (what was done, row, is it right)."""
    full = good_row(declared)
    yield "full row", full, True
    yield "required columns only", {n: v for n, v in full.items() if declared[n].required}, True
    for c in declared.columns:
        yield f"{c.name} null", {**full, c.name: None}, not c.required
        for value in c.values:
            yield f"{c.name} = {value}", {**full, c.name: value}, True
        if c.values:
            yield f"{c.name} = an unknown word", {**full, c.name: "a word nobody declared"}, False
        if c.minimum is not None:
            yield f"{c.name} at its least", {**full, c.name: c.minimum}, True
            yield f"{c.name} below its least", {**full, c.name: c.minimum - 1}, False
        if c.maximum is not None:
            yield f"{c.name} at its greatest", {**full, c.name: c.maximum}, True
            yield f"{c.name} above its greatest", {**full, c.name: c.maximum + 1}, False
        if c.type == "date":
            yield f"{c.name} on a day that does not exist", {**full, c.name: "2021-02-30"}, False
        if c.type == "int8":
            yield f"{c.name} wider than a byte", {**full, c.name: 128}, False


def without_checks(declared: Table) -> Table:
    """Rules over several columns are judged by the engines only: JSON Schema cannot say them."""
    return dataclasses.replace(declared, checks=())


class Duck:
    """DuckDB with the generated tables; says whether it takes a row."""

    def __init__(self, *tables: Table) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(duckdb_ddl(tables))

    def takes(self, declared: Table, row: Row) -> bool:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        self.connection.execute("BEGIN")
        try:
            self.connection.execute(
                f'INSERT INTO "{declared.name}" ({names}) VALUES ({marks})',  # noqa: S608 - declared names
                list(row.values()),
            )
        except (duckdb.ConstraintException, duckdb.ConversionException):
            return False
        finally:
            self.connection.execute("ROLLBACK")
        return True


class Postgres:
    """PostgreSQL with the generated tables; says whether it takes a row."""

    def __init__(self, connection: psycopg.Connection, *tables: Table) -> None:
        self.connection = connection
        connection.execute(cast("LiteralString", postgres_ddl(tables)))

    def takes(self, declared: Table, row: Row) -> bool:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("%s" for _ in row)
        statement = f'INSERT INTO "{declared.name}" ({names}) VALUES ({marks})'  # noqa: S608 - declared names
        try:
            with self.connection.transaction(force_rollback=True):
                self.connection.execute(cast("LiteralString", statement), list(row.values()))
        except (psycopg.errors.IntegrityError, psycopg.errors.DataError):
            return False
        return True


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with temporary_cluster() as where:
        yield where


@pytest.fixture
def postgres(cluster: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(cluster) as connection:
        yield connection
        connection.rollback()


@ALL
def test_the_arrow_schema_has_the_types_of_the_frames_and_no_null_where_a_value_is_required(
    declared: Table,
) -> None:
    """A column has the same type in an Arrow file as in a Polars frame, and is not nullable if required."""
    schema = arrow_schema(declared)
    frame = cast("pl.DataFrame", pl.from_arrow(schema.empty_table()))
    assert dict(frame.schema) == declared.polars_schema
    assert {f.name for f in schema if not f.nullable} == {c.name for c in declared.columns if c.required}


def test_a_parquet_file_carries_the_words_of_its_columns(tmp_path) -> None:
    """A file written with the Arrow schema explains itself: words, units and references are inside it."""
    target = tmp_path / "variant.parquet"
    pq.write_table(arrow_schema(table("variant")).empty_table(), target)
    read: pa.Schema = pq.read_schema(target)
    assert read.metadata[b"words"].decode() == table("variant").words
    assert read.field("vaf").metadata[b"words"] == b"Share of reads with the variant."
    assert read.field("test").metadata[b"references"] == b"test"


@ALL
def test_duckdb_and_a_json_schema_validator_judge_rows_as_declared(declared: Table) -> None:
    """DuckDB runs the SQL, the validator accepts the schema, and both take the right rows and no others."""
    schema = json_schema(declared)
    assert json.loads(json.dumps(schema)) == schema
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    duck = Duck(without_checks(declared))
    wrong = [
        (said, judges)
        for said, row, right in variations(declared)
        if (judges := (duck.takes(declared, row), judge.is_valid(row))) != (right, right)
    ]
    assert wrong == []


def test_json_with_a_column_nobody_declared_is_refused() -> None:
    """A misspelt column is an error, not a value that is silently dropped."""
    row = {**good_row(table("response")), "categorie": "CR"}
    with pytest.raises(jsonschema.ValidationError, match="categorie"):
        jsonschema.validate(row, json_schema(table("response")))


@needs_postgres
@pytest.mark.postgres
def test_postgresql_judges_rows_as_declared(postgres: psycopg.Connection) -> None:
    """PostgreSQL runs the generated SQL and holds every rule of every column of all tables."""
    server = Postgres(postgres, *(without_checks(declared) for declared in TABLES.values()))
    wrong = [
        f"{declared.name}: {said}"
        for declared in TABLES.values()
        for said, row, right in variations(declared)
        if server.takes(declared, row) is not right
    ]
    assert wrong == []


PERIODS: list[tuple[Row, bool]] = [
    ({"start": "2020-01-01", "stop": "2020-01-01"}, True),
    ({"start": "2020-01-02", "stop": "2020-01-01"}, False),
    ({"start": "2020-01-02", "stop": None}, True),
    ({"start_day": 4, "stop_day": 5}, True),
    ({"start_day": 5, "stop_day": 4}, False),
    ({"start": "2020-01-01", "stop_day": -4}, True),
]


def course(given: Row) -> Row:
    therapy = table("therapy")
    return {c.name: good_value(c) for c in therapy.columns if c.required} | given


@pytest.mark.parametrize(("given", "right"), PERIODS)
def test_a_rule_over_two_columns_holds_in_duckdb_and_null_breaks_no_rule(given: Row, right: bool) -> None:
    """A course cannot stop before it starts; where a day is not known, nothing is wrong."""
    assert Duck(table("therapy")).takes(table("therapy"), course(given)) is right


@needs_postgres
@pytest.mark.postgres
def test_rules_over_two_columns_hold_in_postgresql(postgres: psycopg.Connection) -> None:
    """PostgreSQL judges periods as DuckDB does."""
    server = Postgres(postgres, *TABLES.values())
    assert [server.takes(table("therapy"), course(given)) for given, _ in PERIODS] == [r for _, r in PERIODS]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    """NaN and the infinities are no measurements: a column without limits refuses them too."""
    finding = table("finding")
    assert not Duck(finding).takes(finding, {**good_row(finding), "value_number": value})


@needs_postgres
@pytest.mark.postgres
def test_postgresql_refuses_numbers_that_are_not_finite(postgres: psycopg.Connection) -> None:
    """NaN and the infinities are refused by PostgreSQL as by DuckDB."""
    finding = table("finding")
    server = Postgres(postgres, finding)
    for value in ("NaN", "Infinity", "-Infinity"):
        assert not server.takes(finding, {**good_row(finding), "value_number": value})


def test_two_versions_of_a_row_live_beside_each_other_but_not_twice_in_one_batch() -> None:
    """The key is id and batch: a new batch may bring a new version of a row, one batch brings it once."""
    duck = Duck(table("response"))
    row = good_row(table("response"))
    insert = f'INSERT INTO "response" VALUES ({", ".join("?" for _ in row)})'  # noqa: S608 - marks only
    duck.connection.execute(insert, list(row.values()))
    duck.connection.execute(insert, list({**row, "batch": 8}.values()))
    with pytest.raises(duckdb.ConstraintException):
        duck.connection.execute(insert, list(row.values()))


def test_the_words_of_a_column_are_comments_in_the_database() -> None:
    """Whoever opens the database reads what a column means, and what it refers to, apostrophes and all."""
    duck = Duck(table("test"))
    said = dict(
        duck.connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'test'"
        ).fetchall()
    )
    assert said["specimen"] == "The specimen that was tested. Holds the id of a row of specimen."
    assert said["ordered_day"].startswith("Order. Days from the person's time origin")


@needs_postgres
@pytest.mark.postgres
def test_postgresql_has_the_words_and_an_index_for_each_reference(postgres: psycopg.Connection) -> None:
    """In PostgreSQL each referring column has an index, and each column its comment."""
    Postgres(postgres, *TABLES.values())
    found = postgres.execute("SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public'")
    indexes = set(found.fetchall())
    for declared in TABLES.values():
        for column in declared.columns:
            if column.references:
                assert (declared.name, f"{declared.name}_{column.name}_index") in indexes
    said = postgres.execute("SELECT col_description('variant'::regclass, 9)").fetchone()
    assert said == ("The test that found it. Holds the id of a row of test.",)


@ALL
def test_the_page_of_a_table_shows_each_column_once_with_its_words(declared: Table) -> None:
    """The manual's page names every column, its type and its words, and every rule over several columns."""
    page = markdown(declared)
    for column in declared.columns:
        assert page.count(f"| `{column.name}`{{ #{column.name} }}") == 1
        assert f"| {column.words} |" in page
    for check in declared.checks:
        assert f"`{check.sql}`" in page


def test_limits_and_values_stand_on_the_page_as_people_write_them() -> None:
    """Limits read `0 to 1` or `0 or more`; a list of values is spelt out; a reference is a link."""
    declared = Table(
        "sample",
        "One sample.",
        (
            Column("share", "float64", "Share.", minimum=0, maximum=1),
            Column("dose", "float64", "Dose.", minimum=0, unit="mg"),
            Column("left", "int32", "What is left.", maximum=60_000),
            Column("kind", "text", "Kind.", values=("a", "b")),
            Column("tumour", "int64", "The tumour.", references="tumour"),
        ),
        "share",
        (Check("share_and_dose", "share IS NULL OR dose IS NULL", "both are given"),),
    )
    page = markdown(declared)
    assert "| float64 | Share. | 0 to 1 |" in page
    assert "| float64, mg | Dose. | 0 or more |" in page
    assert "| int32 | What is left. | 60,000 or less |" in page
    assert "| text | Kind. | `a`, `b` |" in page
    assert "| id of a [tumour](tumour.md) |" in page
    assert "- **share_and_dose**: `share IS NULL OR dose IS NULL`" in page
    assert "Header of every row" not in page
