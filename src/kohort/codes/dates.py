"""Dates as records hold them: known to the day, the month or the year, written in several ways.

A date carries its precision (3 day, 2 month, 1 year); the first day of the period stands for it. A form that
two countries read differently (``03/04/2020``) is refused, not guessed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

__all__ = ["DAY", "MONTH", "YEAR", "PartialDate", "parse", "parse_series"]

YEAR, MONTH, DAY = 1, 2, 3
EARLIEST_YEAR, LATEST_YEAR = 1800, 2199


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date and how exactly it is known.

    Attributes:
        value: the day, or the first day of the month or year.
        precision: 3 known to the day, 2 to the month, 1 to the year.
    """

    value: date
    precision: int

    def __post_init__(self) -> None:
        """Refuse a value that is not the first day of its period."""
        if self.precision not in (YEAR, MONTH, DAY):
            raise ValueError(f"date precision must be 1, 2 or 3, not {self.precision}")
        if self.precision < DAY and self.value.day != 1:
            raise ValueError("a date known to the month or year stands on the first day of it")
        if self.precision == YEAR and self.value.month != 1:
            raise ValueError("a date known to the year stands on 1 January")

    @property
    def last(self) -> date:
        """The last day that the date can mean."""
        if self.precision == DAY:
            return self.value
        if self.precision == YEAR:
            return date(self.value.year, 12, 31)
        return self.value.replace(day=calendar.monthrange(self.value.year, self.value.month)[1])

    @property
    def days(self) -> int:
        """How many days the date can mean: 1, 28 to 31, or 365 to 366."""
        return (self.last - self.value + timedelta(days=1)).days

    def __str__(self) -> str:
        """ISO 8601 with the parts that are known: ``2021``, ``2021-03`` or ``2021-03-09``."""
        return self.value.isoformat()[: {YEAR: 4, MONTH: 7, DAY: 10}[self.precision]]


def _from_parts(year: int, month: int | None = None, day: int | None = None) -> PartialDate:
    """A date from its numbers; ValueError says which of them cannot be, and never what they were."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"the year is outside {EARLIEST_YEAR}-{LATEST_YEAR}")
    if month is None:
        return PartialDate(date(year, 1, 1), YEAR)
    if not 1 <= month <= 12:
        raise ValueError("there is no such month; months go from 1 to 12")
    if day is None:
        return PartialDate(date(year, month, 1), MONTH)
    length = calendar.monthrange(year, month)[1]
    if not 1 <= day <= length:
        raise ValueError(f"there is no such day; that month has {length} days")
    return PartialDate(date(year, month, day), DAY)


def _year_first(groups: tuple[str | None, ...]) -> PartialDate:
    return _from_parts(*(int(part) for part in groups if part))


def _day_first(groups: tuple[str | None, ...]) -> PartialDate:
    day, month, year = (int(part or 0) for part in groups)
    return _from_parts(year, month, day)


def _slashed(groups: tuple[str | None, ...]) -> PartialDate:
    """Day and month divided by a slash: only if one of them can only be a day, or both are equal."""
    first, second, year = (int(part or 0) for part in groups)
    if first == second or first > 12:
        return _from_parts(year, second, first)
    if second > 12:
        return _from_parts(year, first, second)
    raise ValueError("day and month cannot be told apart; write the date as yyyy-mm-dd or dd.mm.yyyy")


Reader = Callable[[tuple[str | None, ...]], PartialDate]

_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        # A time of day may follow; of a date only the date is kept.
        (
            r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}(?::?\d{2}){0,2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?",
            _year_first,
        ),
        (r"(\d{4})-(\d{1,2})", _year_first),
        (r"(\d{4})", _year_first),
        (r"(\d{4})(\d{2})(\d{2})", _year_first),
        (r"(\d{4})/(\d{1,2})/(\d{1,2})", _year_first),
        (r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", _day_first),
        (r"(\d{1,2})/(\d{1,2})/(\d{4})", _slashed),
    )
)


def parse(text: str) -> PartialDate:
    """Read a date.

    Args:
        text: ``yyyy-mm-dd`` (a time of day may follow), ``yyyy-mm``, ``yyyy``, ``yyyymmdd``, ``yyyy/mm/dd``,
            ``dd.mm.yyyy``, or ``dd/mm/yyyy`` and ``mm/dd/yyyy`` where only one reading is possible.

    Raises:
        ValueError: it is in none of these forms, or no such day exists; the message says which.
    """
    stripped = text.strip()
    for form, reader in _FORMS:
        found = form.fullmatch(stripped)
        if found:
            return reader(found.groups())
    raise ValueError("not a date; write it as yyyy-mm-dd, yyyy-mm or yyyy")


def parse_series(texts: pl.Series) -> pl.DataFrame:
    """Read a whole column; each distinct text is read once.

    Args:
        texts: text, nulls allowed, n rows. Null and blank mean no date.

    Returns:
        n rows in the same order: ``date`` (first day of the period), ``precision`` (int8: 3, 2, 1; 0 where
        there is no date) and ``bad`` (what is wrong with the text; null where nothing is).
    """
    distinct = texts.drop_nulls().unique().to_list()
    read = [_read(text) for text in distinct]
    found = pl.DataFrame(
        [distinct, *map(list, zip(*read, strict=True))] if read else None,
        schema={"text": pl.String, "date": pl.Date, "precision": pl.Int8, "bad": pl.String},
        orient="col" if read else None,
    )
    asked = texts.cast(pl.String).alias("text").to_frame()
    joined = asked.join(found, on="text", how="left", maintain_order="left")
    return joined.select("date", pl.col("precision").fill_null(0), "bad")


def _read(text: str) -> tuple[date | None, int, str | None]:
    if not text.strip():
        return None, 0, None
    try:
        parsed = parse(text)
    except ValueError as error:
        return None, 0, str(error)
    return parsed.value, parsed.precision, None
