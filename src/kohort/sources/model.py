"""What a reader of a format gives to a site: rows of standard tables, and every line it could not use.

A reader is a set of pure functions from bytes to rows. It knows no key and no pseudonym: a row names its patient
by the id that the source uses (``_person``) and itself by its natural key (``_key``); columns that refer to other
rows hold the natural key of that row. The site turns all of these into keyed hashes before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

__all__ = ["KEY", "LINE", "PERSON", "Chunk", "LineFinding", "Rows", "Severity", "Source", "SourceFile"]

Severity = Literal["quarantined", "warning"]

PERSON = "_person"
"""Column with the patient's id as the source writes it."""
KEY = "_key"
"""Column with the natural key of the row, unique within its table."""
LINE = "_line"
"""Column with the physical line, from 1."""


@dataclass(frozen=True, slots=True)
class LineFinding:
    """Something wrong with one line (line 0: with the file as a whole).

    Attributes:
        line: physical line, from 1.
        severity: ``quarantined`` sets the line aside; ``warning`` keeps it.
        rule: name of the rule, e.g. ``too_few_columns``.
        message: what is wrong and what to do, without any value.
        column: the column's name in the file.
        value: the value as written; the site masks it where it may name a patient.
        offset: byte offset of the line, where the reader knows it.
    """

    line: int
    severity: Severity
    rule: str
    message: str
    column: str | None = None
    value: str | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one standard table.

    Attributes:
        table: name of the table.
        frame: ``_person``, ``_key``, ``_line`` and any columns of the table; those left out are null.
        implied: True if several lines may state the same row (a tumour named by each of its samples); the first
            counts. False if each row is the meaning of its own line, so that a second one is a duplicate line.
        mention: True if the rows only say that a thing is there (the patient of a laboratory's sample), so that a
            row of it which the site has from another format, and which may say more, is not replaced.
    """

    table: str
    frame: pl.DataFrame
    implied: bool = False
    mention: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a file: ``lines`` physical lines, each accepted or quarantined.

    Attributes:
        rows: rows of standard tables that the accepted lines give.
        findings: what is wrong with lines of this piece.
        lines: physical lines in this piece.
        quarantined: those of them set aside, in order, without repeats.
    """

    rows: Sequence[Rows]
    findings: Sequence[LineFinding]
    lines: int
    quarantined: Sequence[int]


class SourceFile(Protocol):
    """One file of a source."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def adapter(self) -> str:
        """Format and version of the reader, e.g. ``cbioportal.mutations/1``."""
        ...

    @property
    def reading(self) -> str:
        """All that decides how the file is read, beside its bytes: reader, encoding, files it is read together with.

        The same bytes are read again when this changes: a line that was set aside because another file was wrong
        arrives when that file is corrected.
        """
        ...

    @property
    def private_columns(self) -> frozenset[str]:
        """Columns whose values may name a patient and must be masked in messages."""
        ...

    def chunks(self) -> Iterator[Chunk]:
        """The file in pieces, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one delivery, in the order in which they must be read.

    Attributes:
        files: the files.
        findings: what is wrong with the delivery as a whole, by file.
        beside: True if the files only mention patients, whom another source may describe: they are read after it.
    """

    files: Sequence[SourceFile]
    findings: Mapping[Path, Sequence[LineFinding]] = field(default_factory=dict)
    beside: bool = False
