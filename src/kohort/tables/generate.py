"""What is generated from the table declarations: Arrow schema, SQL DDL, JSON Schema and a page for people.

Nothing here is written by hand a second time. A change of a declaration changes all five at once, and the
tests let DuckDB, PostgreSQL and a JSON Schema validator read the results and judge the same rows alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import pyarrow as pa

from kohort.tables.clinical import HEADER
from kohort.tables.model import Column, ColumnType, Table
from kohort.tables.registry import TABLES

__all__ = ["arrow_schema", "duckdb_ddl", "json_schema", "markdown", "postgres_ddl"]

Dialect = Literal["duckdb", "postgres"]

_ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "int8": pa.int8(),
    "float64": pa.float64(),
    "float32": pa.float32(),
    "bool": pa.bool_(),
    "date": pa.date32(),
}

_SQL_TYPES: dict[Dialect, dict[ColumnType, str]] = {
    "duckdb": {
        "text": "VARCHAR",
        "int64": "BIGINT",
        "int32": "INTEGER",
        "int8": "TINYINT",
        "float64": "DOUBLE",
        "float32": "REAL",
        "bool": "BOOLEAN",
        "date": "DATE",
    },
    "postgres": {
        "text": "TEXT",
        "int64": "BIGINT",
        "int32": "INTEGER",
        "int8": "SMALLINT",
        "float64": "DOUBLE PRECISION",
        "float32": "REAL",
        "bool": "BOOLEAN",
        "date": "DATE",
    },
}

_INTEGER_BITS: dict[ColumnType, int] = {"int64": 64, "int32": 32, "int8": 8}
_FLOATS: frozenset[ColumnType] = frozenset({"float64", "float32"})

_JSON_TYPES: dict[ColumnType, str] = {
    "text": "string",
    "int64": "integer",
    "int32": "integer",
    "int8": "integer",
    "float64": "number",
    "float32": "number",
    "bool": "boolean",
    "date": "string",
}


def arrow_schema(declared: Table) -> pa.Schema:
    """The Arrow schema of a table; words, units and references stand in the metadata.

    A required column is not nullable. The metadata travel into Parquet files written with this schema, so
    that a file explains itself to whoever opens it without Kohort.
    """
    fields = [
        pa.field(c.name, _ARROW_TYPES[c.type], nullable=not c.required, metadata=_metadata(c)) for c in declared.columns
    ]
    about = {"table": declared.name, "words": declared.words, "natural_key": declared.natural_key}
    return pa.schema(fields, metadata=about)


def _metadata(column: Column) -> dict[str, str]:
    said = {"words": column.words, "unit": column.unit, "references": column.references}
    return {key: value for key, value in said.items() if value}


def duckdb_ddl(tables: Iterable[Table] = tuple(TABLES.values())) -> str:
    """A SQL script that makes the tables in DuckDB, with every declared rule as a constraint.

    The key is ``(id, batch)``, since a table keeps the versions of a row. For the same reason a reference
    is a comment and not a foreign key: it means the current version of the row, which no engine's foreign
    key can say.
    """
    return _ddl(tables, "duckdb")


def postgres_ddl(tables: Iterable[Table] = tuple(TABLES.values())) -> str:
    """As :func:`duckdb_ddl` for PostgreSQL, with an index on each referring column.

    DuckDB gets no such indexes: it scans columns, and an index would only slow the loading of a batch.
    """
    return _ddl(tables, "postgres")


def _ddl(tables: Iterable[Table], dialect: Dialect) -> str:
    return "\n".join(statement for declared in tables for statement in _statements(declared, dialect))


def _statements(declared: Table, dialect: Dialect) -> Iterator[str]:
    name = _quoted(declared.name)
    lines = [f"{_quoted(c.name)} {_SQL_TYPES[dialect][c.type]}{_not_null(c)}" for c in declared.columns]
    lines.append('PRIMARY KEY ("id", "batch")')
    lines += [f"CONSTRAINT {_quoted(f'{declared.name}_{rule}')} CHECK ({sql})" for rule, sql in _rules(declared)]
    yield f"CREATE TABLE {name} (\n  " + ",\n  ".join(lines) + "\n);"
    if dialect == "postgres":
        for column in declared.columns:
            if column.references:
                index = _quoted(f"{declared.name}_{column.name}_index")
                yield f"CREATE INDEX {index} ON {name} ({_quoted(column.name)});"
    yield f"COMMENT ON TABLE {name} IS {_literal(declared.words)};"
    for column in declared.columns:
        comment = _literal(column.words + _reference_words(column))
        yield f"COMMENT ON COLUMN {name}.{_quoted(column.name)} IS {comment};"


def _not_null(column: Column) -> str:
    return " NOT NULL" if column.required else ""


def _reference_words(column: Column) -> str:
    return f" Holds the id of a row of {column.references}." if column.references else ""


def _rules(declared: Table) -> Iterator[tuple[str, str]]:
    """Name and SQL of every rule of a table, true or null where a row is right."""
    for column in declared.columns:
        if column.values:
            allowed = ", ".join(_literal(value) for value in column.values)
            yield f"{column.name}_values", f"{_quoted(column.name)} IN ({allowed})"
        limits = " AND ".join(_limits(column))
        if limits:
            yield f"{column.name}_range", limits
    for check in declared.checks:
        yield check.name, check.sql


def _limits(column: Column) -> Iterator[str]:
    name = _quoted(column.name)
    low, high = _bounds(column)
    if column.type in _FLOATS:
        # Both engines order NaN above infinity, so this refuses NaN as well as the infinities.
        yield f"{name} >= {low}" if low is not None else f"{name} > '-Infinity'"
        yield f"{name} <= {high}" if high is not None else f"{name} < 'Infinity'"
    elif column.minimum is not None or column.maximum is not None or column.type == "int8":
        # PostgreSQL has no type of one byte: its limits must be written out.
        yield f"{name} BETWEEN {low} AND {high}"


def _bounds(column: Column) -> tuple[float | None, float | None]:
    """Least and greatest number allowed: as declared, else what a whole number of that width can hold."""
    bits = _INTEGER_BITS.get(column.type)
    if bits is None:
        return column.minimum, column.maximum
    low = -(2 ** (bits - 1)) if column.minimum is None else int(column.minimum)
    high = 2 ** (bits - 1) - 1 if column.maximum is None else int(column.maximum)
    return low, high


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def json_schema(declared: Table) -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of one row, for those who exchange rows as JSON.

    Rules over several columns cannot be said in JSON Schema; they stand in ``$comment`` and are judged when
    the row arrives.
    """
    schema: dict[str, object] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kohort:table:{declared.name}",
        "title": declared.name,
        "description": declared.words,
        "type": "object",
        "properties": {c.name: _json_property(c) for c in declared.columns},
        "required": [c.name for c in declared.columns if c.required],
        "additionalProperties": False,
    }
    if declared.checks:
        schema["$comment"] = "Also held: " + "; ".join(check.sql for check in declared.checks)
    return schema


def _json_property(column: Column) -> dict[str, object]:
    kind = _JSON_TYPES[column.type]
    told: dict[str, object] = {
        "description": column.words + _reference_words(column),
        "type": kind if column.required else [kind, "null"],
    }
    if column.values:
        told["enum"] = [*column.values] if column.required else [*column.values, None]
    if column.type == "date":
        # `format` is only a remark to most validators; the pattern is what they hold.
        told |= {"format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    low, high = _bounds(column)
    if low is not None:
        told["minimum"] = low
    if high is not None:
        told["maximum"] = high
    if column.unit:
        told["$comment"] = f"unit: {column.unit}"
    return told


def markdown(declared: Table) -> str:
    """The page of the manual about a table: what a row is, its key, its columns and its rules."""
    own = [c for c in declared.columns if c not in HEADER]
    header = [c for c in declared.columns if c in HEADER]
    lines = [f"# {declared.name}", "", declared.words, ""]
    lines += [f"What makes it the same row when it is read again: {declared.natural_key}.", ""]
    lines += ["## Columns", "", *_markdown_columns(own)]
    if declared.checks:
        lines += ["", "## Rules over several columns", ""]
        lines += [f"- **{check.name}**: `{check.sql}`" for check in declared.checks]
    if header:
        lines += ["", "## Header of every row", "", *_markdown_columns(header)]
    return "\n".join(lines) + "\n"


def _markdown_columns(columns: list[Column]) -> Iterator[str]:
    yield "| column | type | meaning | allowed |"
    yield "|---|---|---|---|"
    for column in columns:
        name = f"`{column.name}`{{ #{column.name} }}" + (" *required*" if column.required else "")
        unit = f", {column.unit}" if column.unit else ""
        yield f"| {name} | {column.type}{unit} | {column.words} | {_markdown_allowed(column)} |"


def _markdown_allowed(column: Column) -> str:
    if column.references:
        return f"id of a [{column.references}]({column.references}.md)"
    if column.values:
        return ", ".join(f"`{value}`" for value in column.values)
    low = "" if column.minimum is None else f"{column.minimum:,g}"
    high = "" if column.maximum is None else f"{column.maximum:,g}"
    if low and high:
        return f"{low} to {high}"
    return (low and f"{low} or more") or (high and f"{high} or less")
