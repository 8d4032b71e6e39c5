"""What a file of documents is made of, whatever its notation: documents, and stretches that are none."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kohort.sources.model import LineFinding

__all__ = ["Document", "Piece", "SetAside", "document_of", "scalar"]

MISSING = frozenset({"", "NA", "N/A", "nan", "NaN", "null", "Null", "NULL", "None", "none"})
"""Spellings of "nothing is recorded" that MongoDB exports and data frames write."""

TWICE = "\0twice"
"""Key under which the notation's reader notes that an object names a key twice; no file can hold it as a name."""

_NUMBERS = frozenset({"$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"})
_MILLISECONDS = re.compile(r"-?\d+")
_TWICE_WORDS = (
    "The document names a key twice: two documents may have run into each other. It was set aside; send it whole."
)
_NOT_TEXT = "The document holds bytes or escapes that are no text. Save the file as UTF-8, or name its encoding."
_NUL = "The document holds a NUL byte. Export the file again as plain text."


@dataclass(frozen=True, slots=True)
class Document:
    """One document (one line of a CSV file).

    Attributes:
        first: its first physical line, from 1.
        last: its last physical line.
        values: what it says, by column in upper case; columns that say nothing are left out.
        columns: all its columns, in upper case.
        collection: name of the list that holds it, where the file names its lists.
        odd: columns that hold a list or an object, which no column of MatchMiner does.
    """

    first: int
    last: int
    values: Mapping[str, str]
    columns: tuple[str, ...]
    collection: str = ""
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Lines ``first`` to ``last`` hold something that cannot be used, and why."""

    first: int
    last: int
    rule: str
    message: str
    column: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a file: no document begins in one piece and ends in another.

    Attributes:
        items: documents and what is none, in order.
        lines: number of physical lines.
        findings: warnings about lines, or (line 0) about the file.
    """

    items: Sequence[Document | SetAside]
    lines: int
    findings: Sequence[LineFinding] = ()


def document_of(pairs: Iterable[tuple[str, Any]], first: int, last: int, collection: str = "") -> Document | SetAside:
    """A document from its keys and values; set aside if it names a key twice or holds what is no text."""
    values: dict[str, str] = {}
    columns: list[str] = []
    odd: list[str] = []
    for key, value in pairs:
        name = _upper(key)
        columns.append(name)
        try:
            text = scalar(value)
        except TypeError:
            odd.append(name)
            text = None
        if not (_is_text(name) and (text is None or _is_text(text))):
            return SetAside(first, last, "not_utf8", _NOT_TEXT)
        if text is None:
            continue
        if "\0" in text and key != TWICE:
            return SetAside(first, last, "null_byte", _NUL, name)
        values[name] = text
    if TWICE.upper() in values or len(set(columns)) < len(columns):
        return SetAside(first, last, "double_key", _TWICE_WORDS)
    return Document(first, last, values, tuple(columns), collection, tuple(odd))


def scalar(value: Any) -> str | None:
    """A JSON value as text, None if it says nothing; MongoDB's extended JSON is resolved.

    Raises:
        TypeError: the value is a list, or an object that is no extended JSON.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        stripped = value.strip()
        return None if stripped in MISSING else stripped
    if isinstance(value, dict) and len(value) == 1:
        ((sort, inside),) = value.items()
        if sort == "$date":
            return _date(scalar(inside))
        if sort == "$oid" or sort in _NUMBERS:
            return scalar(inside)
    raise TypeError("neither text, number, truth nor extended JSON")


def _date(text: str | None) -> str | None:
    """The date of a ``$date``: ISO 8601 as it stands, milliseconds since 1970 as ISO 8601."""
    if text is None or not _MILLISECONDS.fullmatch(text):
        return text
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))
    except (OverflowError, ValueError):  # a number that no calendar reaches: the date's own rule will say so
        return text
    return moment.date().isoformat()


@functools.lru_cache(maxsize=1 << 12)
def _upper(key: str) -> str:
    return key.strip().upper()


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
