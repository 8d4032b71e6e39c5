"""A piece of a file of documents -> rows of the standard tables, and each of its lines accepted or set aside.

Lines belong to documents. A line is set aside if a document that could not be used stands on it and no other; where
several documents share a line (an array on one line), the line is accepted for those that were read, and a warning
names what was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kohort.sources.matchminer.clinical import read_clinical
from kohort.sources.matchminer.columns import KNOWN, PRIVATE, Kind, kind_of
from kohort.sources.matchminer.context import Delivery
from kohort.sources.matchminer.documents import Document, Piece, SetAside
from kohort.sources.matchminer.fields import Note, Reading, RefusedError, Row
from kohort.sources.matchminer.genomic import read_genomic
from kohort.sources.matchminer.separated import CsvFile
from kohort.sources.matchminer.structured import JsonFile
from kohort.sources.matchminer.treatments import read_treatment
from kohort.sources.model import KEY, LINE, PERSON, Chunk, LineFinding, Rows
from kohort.tables import table

__all__ = ["ADAPTER", "DocumentFile"]

ADAPTER = "matchminer.documents/1"

_READERS: dict[Kind, Callable[[Document, Delivery], Reading]] = {
    "clinical": read_clinical,
    "genomic": read_genomic,
    "prior_treatments": read_treatment,
}
_TWICE = (
    "The document states again what an earlier one of the file states. The first one counts; remove the copy, or "
    "correct the one that is wrong."
)
_SHARED = " The other documents of the line were read."
_STRANGE = "The document is none of clinical, genomic, prior treatment. Send only these, or name the file after one."
_NESTED = (
    "The column holds a list or an object, which MatchMiner's columns do not; it was left out. Send a plain value."
)


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """One file of documents, read in the context of its delivery.

    Attributes:
        path: the file.
        json: True for JSON, False for CSV.
        hint: what documents are that do not say it themselves.
        delivery: what the other documents tell.
        encoding: encoding of a file without a byte-order mark.
    """

    path: Path
    json: bool
    hint: Kind | None
    delivery: Delivery
    encoding: str = "utf-8"

    @property
    def adapter(self) -> str:
        """Format and version of the reader."""
        return ADAPTER

    @property
    def reading(self) -> str:
        """Reader, notation, encoding, what the name says, and the state of the delivery."""
        return f"{ADAPTER}|{'json' if self.json else 'csv'}|{self.encoding}|{self.hint}|{self.delivery.digest}"

    @property
    def private_columns(self) -> frozenset[str]:
        """Columns whose values may name a patient."""
        return PRIVATE

    def pieces(self) -> Iterator[Piece]:
        """The documents of the file."""
        return (JsonFile if self.json else CsvFile)(self.path, self.encoding).pieces()

    def chunks(self) -> Iterator[Chunk]:
        """The file in pieces, in order."""
        work = _Work(self)
        lines = 0
        for piece in self.pieces():
            yield work.chunk(piece)
            lines += piece.lines
        closing = work.closing()
        if not lines:
            closing.append(LineFinding(0, "warning", "empty_file", "The file is empty. Send it again."))
        yield Chunk((), closing, 0, ())


@dataclass
class _Work:
    """What is remembered from one piece of a file to the next."""

    file: DocumentFile
    stated: set[int] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)

    def chunk(self, piece: Piece) -> Chunk:
        """Rows, findings and lines of a piece."""
        kept: set[int] = set()
        refused: list[SetAside] = []
        findings = list(piece.findings)
        rows: dict[tuple[str, bool], list[dict[str, object]]] = {}
        for item in piece.items:
            if isinstance(item, SetAside):
                refused.append(item)
                continue
            read = self._read(item)
            if isinstance(read, SetAside):
                refused.append(read)
                continue
            kept |= {item.first, item.last}
            findings += self._warnings(item, read)
            for row in read.rows:
                line = {PERSON: row.person, KEY: row.key, LINE: item.first, **row.values}
                rows.setdefault((row.table, row.implied), []).append(line)
        aside = list(_aside(refused, kept))
        made = [Rows(name, _frame(name, lines), implied) for (name, implied), lines in rows.items()]
        own = sorted({f.line for f in aside if f.severity == "quarantined"})
        return Chunk(made, findings + aside, piece.lines, own)

    def closing(self) -> list[LineFinding]:
        """What is to be said of the file as a whole."""
        if not self.strangers:
            return []
        names = sorted(self.strangers)
        message = f"{len(names)} columns have no place in the standard tables and were not kept: {', '.join(names)}."
        return [LineFinding(0, "warning", "unknown_column", message, names[0])]

    def _read(self, document: Document) -> Reading | SetAside:
        kind = kind_of(document.columns, document.collection, self.file.hint)
        if kind is None:
            return SetAside(document.first, document.last, "unknown_document", _STRANGE)
        try:
            read = _READERS[kind](document, self.file.delivery)
        except RefusedError as refused:
            note = refused.note
            return SetAside(document.first, document.last, note.rule, note.message, note.column, note.value)
        if self._repeats(read.rows):
            return SetAside(document.first, document.last, "duplicate_document", _TWICE)
        self.strangers |= document.values.keys() - KNOWN[kind]
        return read

    def _repeats(self, rows: Iterable[Row]) -> bool:
        """True if all that the document itself states was stated before in this file."""
        own = {hash((row.table, row.key)) for row in rows if not row.implied}
        repeats = bool(own) and own <= self.stated
        self.stated |= own
        return repeats

    def _warnings(self, document: Document, read: Reading) -> Iterator[LineFinding]:
        nested = [Note("nested_value", _NESTED, column) for column in document.odd]
        for note in (*read.notes, *nested):
            yield LineFinding(document.first, "warning", note.rule, note.message, note.column, note.value)


def _aside(refused: Iterable[SetAside], kept: set[int]) -> Iterator[LineFinding]:
    """A finding for each line that goes; one warning where a document shares all its lines with others."""
    for item in refused:
        own = [line for line in range(item.first, item.last + 1) if line not in kept]
        for line in own:
            yield LineFinding(line, "quarantined", item.rule, item.message, item.column, item.value)
        if not own:
            yield LineFinding(item.first, "warning", item.rule, item.message + _SHARED, item.column, item.value)


def _frame(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as a frame with the types that the table declares; references hold natural keys, so they are text."""
    declared = table(name)
    types: Mapping[str, pl.DataType] = {
        PERSON: pl.String(), KEY: pl.String(), LINE: pl.Int64(), **declared.polars_schema,
        **dict.fromkeys(declared.references, pl.String()),
    }  # fmt: skip
    used = list(dict.fromkeys(column for row in rows for column in row))
    return pl.DataFrame(rows, schema={column: types[column] for column in used})
