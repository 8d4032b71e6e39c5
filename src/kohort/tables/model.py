"""What a table declaration is made of: columns, references, checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

__all__ = ["Check", "Column", "Table", "code", "day", "integer", "number", "reference", "text", "truth"]

ColumnType = Literal["text", "int64", "int32", "int8", "float64", "float32", "bool", "date"]

POLARS_TYPES: dict[ColumnType, pl.DataType] = {
    "text": pl.String(),
    "int64": pl.Int64(),
    "int32": pl.Int32(),
    "int8": pl.Int8(),
    "float64": pl.Float64(),
    "float32": pl.Float32(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: lower-case name.
        type: logical type, the same in every engine.
        words: one sentence for people; it is printed in the manual.
        required: a row without it is refused.
        values: the only texts allowed (empty: any).
        minimum: least number allowed, inclusive.
        maximum: greatest number allowed, inclusive.
        unit: unit of a number.
        references: table whose ``id`` this column holds.
    """

    name: str
    type: ColumnType
    words: str
    required: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    references: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that cannot be meant."""
        if not self.name.isidentifier() or self.name != self.name.lower():
            raise ValueError(f"column name {self.name!r} is not a lower-case identifier")
        if not self.words.endswith("."):
            raise ValueError(f"column {self.name}: its words must be a sentence")
        if self.values and self.type != "text":
            raise ValueError(f"column {self.name}: only text can have a list of values")
        if self.references and self.type != "int64":
            raise ValueError(f"column {self.name}: a reference is an int64 id")

    @property
    def polars(self) -> pl.DataType:
        """The Polars type of this column."""
        return POLARS_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over several columns of one row; null means the rule holds.

    Attributes:
        name: rule name, shown in the quarantine.
        sql: expression over the table's columns, true where the row is right. The subset that DuckDB,
            PostgreSQL and Polars read alike: comparisons, AND, OR, NOT, IS NULL, BETWEEN, IN.
        words: what a person reads when it fails.
    """

    name: str
    sql: str
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    """A standard table, declared once; everything else about it is generated from this.

    Attributes:
        name: singular noun.
        words: what one row is.
        columns: all columns in order, the row header first.
        natural_key: in words, what makes a row the same row when it is read again.
        checks: rules over several columns.
        control: True for the four tables that describe the data rather than patients.
    """

    name: str
    words: str
    columns: tuple[Column, ...]
    natural_key: str
    checks: tuple[Check, ...] = ()
    control: bool = False
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse double columns."""
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.name}: a column is declared twice")
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def __getitem__(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """True if the table has a column of that name."""
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(self._by_name)

    @property
    def references(self) -> dict[str, str]:
        """Referring columns and the tables they point to, without ``person``."""
        return {c.name: c.references for c in self.columns if c.references and c.name != "person"}

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, in order."""
        return {column.name: column.polars for column in self.columns}


def text(name: str, words: str, *values: str, required: bool = False) -> tuple[Column, ...]:
    """A text column, free or one of ``values``."""
    return (Column(name, "text", words, required=required, values=values),)


def number(
    name: str, words: str, *, unit: str = "", minimum: float | None = None, maximum: float | None = None
) -> tuple[Column, ...]:
    """A float64 column."""
    return (Column(name, "float64", words, unit=unit, minimum=minimum, maximum=maximum),)


def integer(
    name: str,
    words: str,
    *,
    type: Literal["int64", "int32", "int8"] = "int32",  # noqa: A002
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    required: bool = False,
) -> tuple[Column, ...]:
    """A whole-number column."""
    return (Column(name, type, words, unit=unit, minimum=minimum, maximum=maximum, required=required),)


def truth(name: str, words: str) -> tuple[Column, ...]:
    """A column that is true, false or null for unknown."""
    return (Column(name, "bool", words),)


def reference(name: str, table: str, words: str, *, required: bool = False) -> tuple[Column, ...]:
    """A column that holds the ``id`` of a row of ``table``."""
    return (Column(name, "int64", words, required=required, references=table),)


def code(name: str, words: str) -> tuple[Column, ...]:
    """A code: four columns for system, code, the text as written, and a concept to be joined later."""
    return (
        Column(f"{name}_system", "text", f"{words} Its code system; null if the text was not recognised."),
        Column(f"{name}_code", "text", f"{words} The code within its system."),
        Column(f"{name}_text", "text", f"{words} As the source wrote it."),
        Column(f"{name}_concept", "int32", f"{words} OMOP concept, filled by a vocabulary join."),
    )


def day(name: str, words: str) -> tuple[Column, ...]:
    """A point in time: calendar date with a precision, and days from the person's time origin.

    A source with a calendar fills ``name`` and ``name_precision``; one that counts days (cBioPortal) fills
    ``name_day``. Neither is made up from the other.
    """
    return (
        Column(name, "date", f"{words} Calendar date, first day of the period if not known to the day."),
        Column(
            f"{name}_precision",
            "int8",
            f"{words} 3 known to the day, 2 month, 1 year, 0 no calendar date.",
            minimum=0,
            maximum=3,
        ),
        Column(
            f"{name}_day",
            "int32",
            f"{words} Days from the person's time origin, where the source counts so.",
            unit="days",
            minimum=-60_000,
            maximum=60_000,
        ),
    )
