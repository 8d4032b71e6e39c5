"""Reading the columns of one document: text, numbers, dates, words of a list; what is odd is noted and left out."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate

from kohort.codes import dates
from kohort.sources.matchminer.documents import Document

__all__ = ["Fields", "Note", "Reading", "RefusedError", "Row", "day_columns"]


@dataclass(frozen=True, slots=True)
class Note:
    """What is odd about a document: a rule, words for people, and the column with its value."""

    rule: str
    message: str
    column: str | None = None
    value: str | None = None


class RefusedError(Exception):
    """The document cannot be used; its note says why. It never leaves this package."""

    def __init__(self, rule: str, message: str, column: str | None = None, value: str | None = None) -> None:
        super().__init__(rule)
        self.note = Note(rule, message, column, value)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a standard table that a document gives.

    Attributes:
        table: the table.
        person: the patient's id at the source; None for control tables.
        key: natural key within the table.
        values: columns of the table.
        implied: True if other documents may state the same row.
    """

    table: str
    person: str | None
    key: str
    values: Mapping[str, object]
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says: rows, and what is odd about it."""

    rows: tuple[Row, ...]
    notes: tuple[Note, ...] = ()


@dataclass
class Fields:
    """The columns of one document.

    Attributes:
        document: the document.
        notes: what was odd about the columns read so far.
    """

    document: Document
    notes: list[Note] = field(default_factory=list)

    def note(self, rule: str, message: str, column: str | None = None) -> None:
        """Note something odd about the document, with the value of a column."""
        note = Note(rule, message, column, None if column is None else self.document.values.get(column))
        if note not in self.notes:  # a column may be read more than once
            self.notes.append(note)

    def text(self, *names: str) -> str | None:
        """The first of these columns that says something."""
        values = self.document.values
        for name in names:
            if name in values:
                return values[name]
        return None

    def word(self, name: str, words: Mapping[str, str], rule: str, wanted: str) -> str | None:
        """The code of a column that holds one of a few words, any case; another word is noted."""
        text = self.text(name)
        if text is None:
            return None
        found = words.get(text.casefold())
        if found is None:
            self.note(
                rule, f"{name} is none of {wanted}; it was kept as text where there is a place. Correct it.", name
            )
        return found

    def truth(self, name: str) -> bool | None:
        """A column that says true or false."""
        found = self.word(name, _TRUTHS, "not_a_truth", "true, false")
        return None if found is None else found == "true"

    def number(self, name: str, low: float, high: float) -> float | None:
        """A column that holds a number within ``low`` and ``high``, inclusive; text of a number is one."""
        text = self.text(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            self.note("not_a_number", f"{name} is not a number; it was left out. Correct it.", name)
            return None
        if not (math.isfinite(value) and low <= value <= high):
            self.note("out_of_range", f"{name} is outside {low:g} to {high:g}; it was left out. Correct it.", name)
            return None
        return value

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A column that holds a whole number within ``low`` and ``high`` (5.0 is one)."""
        value = self.number(name, low, high)
        if value is None or value == int(value):
            return None if value is None else int(value)
        self.note("not_a_whole_number", f"{name} is not a whole number; it was left out. Correct it.", name)
        return None

    def date(self, name: str) -> dates.PartialDate | None:
        """A column that holds a date."""
        text = self.text(name)
        if text is None:
            return None
        found = _date(text)
        if found is None:
            self.note("impossible_date", f"{name} is no date that exists; it was left out. Write yyyy-mm-dd.", name)
        return found


_TRUTHS = {"true": "true", "false": "false", "yes": "true", "no": "false", "1": "true", "0": "false"}


def day_columns(name: str, when: dates.PartialDate | None) -> dict[str, object]:
    """The columns of a point in time; empty if it is not known."""
    return {} if when is None else {name: when.value, f"{name}_precision": when.precision}


@functools.lru_cache(maxsize=1 << 16)
def _date(text: str) -> dates.PartialDate | None:
    """A date in the forms of `dates.parse`, of an internet message, or as yyyymmdd with 00 for what is not known."""
    whole = text.removesuffix(".0") if text[:8].isdecimal() else text
    if len(whole) == 8 and whole.isdecimal():
        whole = whole.removesuffix("00").removesuffix("00") if whole.endswith("00") else whole
        whole = f"{whole[:4]}-{whole[4:6]}" if len(whole) == 6 else whole
    elif text[:1].isalpha() and (parts := parsedate(text)) is not None:
        whole = f"{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}"
    try:
        return dates.parse(whole)
    except ValueError:
        return None
