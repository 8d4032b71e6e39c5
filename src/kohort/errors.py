"""Every error that Kohort raises on purpose, as one tree.

::

    KohortError
    ├── UserError            the caller can mend it; the command line prints it and exits with 2
    │   ├── InputError       a file or a value in it: has path, line, column
    │   ├── UnknownNameError a table, column, gene, trial ... that does not exist; suggests near names
    │   ├── SiteError        a site folder that is missing, locked, damaged or made by a newer version
    │   └── AccessError      no permit or role allows it
    ├── StatisticsError      a model or design that cannot be computed, and why
    └── IntegrityError       an invariant of Kohort itself failed: nothing was written, please report

Messages name the place and the remedy. They never hold a national id, a key or a patient's value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "AccessError",
    "InputError",
    "IntegrityError",
    "KohortError",
    "SiteError",
    "StatisticsError",
    "UnknownNameError",
    "UserError",
]


class KohortError(Exception):
    """Base of all errors raised on purpose.

    Args:
        what: what is wrong, in one sentence.
        remedy: what to do about it, in one sentence.
    """

    def __init__(self, what: str, *, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what if not remedy else f"{what} {remedy}")


class UserError(KohortError):
    """Something the caller can mend. The command line prints it without a traceback and exits with 2."""


class InputError(UserError):
    """A file, or a value in a file, that cannot be used.

    Args:
        what: what is wrong.
        path: the file.
        line: 1-based physical line in the file.
        column: the column's name.
        remedy: what to do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        path: str | Path | None = None,
        line: int | None = None,
        column: str | None = None,
        remedy: str = "",
    ) -> None:
        self.path = None if path is None else Path(path)
        self.line = line
        self.column = column
        self.reason = what  # without the place
        place = [str(path)] if path is not None else []
        place += [f"line {line}"] if line is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__(f"{', '.join(place)}: {what}" if place else what, remedy=remedy)


class UnknownNameError(UserError):
    """A name that does not exist; the message suggests the nearest that do.

    Args:
        kind: what the name should name, e.g. ``"table"``.
        name: the name that was asked for.
        known: the names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
        remedy = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        super().__init__(f"There is no {kind} {name!r}.", remedy=remedy)


class SiteError(UserError):
    """A site folder that is missing, locked, damaged, or made by a newer version."""


class AccessError(UserError):
    """No permit or role allows what was asked."""


class StatisticsError(KohortError, ValueError):
    """A model or design that cannot be computed; the message says why (no events, impossible rates ...)."""


class IntegrityError(KohortError):
    """An invariant of Kohort itself failed. Nothing was written; please report it."""
