"""Documents written as CSV with a header: one record a line, or several where a quoted cell holds line ends.

A reader that trusts quotes loses whole stretches after a stray one. Here a record goes on to the next line only if that
makes it whole and no line in between is a record of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kohort.sources.lines import BLOCK_BYTES, LineBlocks
from kohort.sources.matchminer.documents import Document, Piece, SetAside, document_of
from kohort.sources.model import LineFinding

__all__ = ["CsvFile", "header_of"]

_LONGEST = 200
"""Lines of one record at most; a free text of more is no comment on a variant."""

_DOUBLE = "The header names a column twice; no line of the file can be read. Name it otherwise."


def header_of(line: str) -> tuple[tuple[str, ...], str]:
    """Column names in upper case, and the sign that separates them: comma, semicolon or tab."""
    sign = max(",;\t", key=line.count)
    cells = _cells(line, sign) or line.split(sign)
    return tuple(cell.strip().strip('"').upper() for cell in cells), sign


def _cells(text: str, sign: str) -> list[str] | None:
    """Cells of a record in one line; None if its quotes are not those of CSV."""
    if '"' not in text:
        return text.split(sign)
    if text.count('"') % 2:
        return None
    try:
        read = list(csv.reader([text], delimiter=sign, strict=True))
    except csv.Error:
        return None
    return read[0] if len(read) == 1 else None


@dataclass
class CsvFile:
    """A CSV file with a header.

    Attributes:
        path: the file, plain or gzip.
        encoding: encoding where the file has no byte-order mark.
        block_bytes: bytes read at a time.
    """

    path: Path
    encoding: str = "utf-8"
    block_bytes: int = BLOCK_BYTES
    _header: tuple[str, ...] = ()
    _sign: str = ","
    _line: int = 1
    _rest: list[str] = field(default_factory=list)

    def pieces(self) -> Iterator[Piece]:
        """The file in pieces, in order; iterate once."""
        blocks = LineBlocks(self.path, self.encoding, self.block_bytes)
        for block in blocks:
            lines = self._rest + block.decode("utf-8", "surrogateescape").split("\n")[:-1]
            yield self._piece(lines, complete=False)
        last = self._piece(self._rest, complete=True)
        yield Piece(last.items, last.lines, [*last.findings, *blocks.closing_findings(self._line - 1)])

    def _piece(self, lines: list[str], *, complete: bool) -> Piece:
        items: list[Document | SetAside] = []
        findings: list[LineFinding] = []
        place = 0
        if not self._header:
            place = next((n for n, line in enumerate(lines, 1) if line.strip()), len(lines))
            self._name_columns(lines[place - 1] if place else "")
            if len(set(self._header)) < len(self._header):
                findings.append(LineFinding(self._line + place - 1, "warning", "double_column", _DOUBLE))
        while place < len(lines):
            if not lines[place].strip():
                place += 1
                continue
            found = self._record(lines, place, complete=complete)
            if found is None:
                break
            items.append(found)
            place += found.last - found.first + 1
        self._line += place
        self._rest = lines[place:]
        return Piece(items, place, findings)

    def _name_columns(self, line: str) -> None:
        if line.strip():
            self._header, self._sign = header_of(line)

    def _record(self, lines: list[str], place: int, *, complete: bool) -> Document | SetAside | None:
        """The record that begins at ``place`` of ``lines``; None if the lines end before it does."""
        first = self._line + place
        cells = _cells(lines[place], self._sign)
        if cells is not None and len(cells) == len(self._header):
            return document_of(zip(self._header, cells, strict=True), first, first)
        if cells is None and lines[place].count('"') % 2:
            for end in range(place + 1, min(len(lines), place + _LONGEST)):
                if self._is_record(lines[end]):
                    break
                cells = _cells_of_lines(lines[place : end + 1], self._sign)
                if cells is not None and len(cells) == len(self._header):
                    return document_of(zip(self._header, cells, strict=True), first, self._line + end)
            else:
                if not complete and len(lines) < place + _LONGEST:
                    return None
            cells = None
        return SetAside(first, first, *self._fault(cells))

    def _is_record(self, line: str) -> bool:
        cells = _cells(line, self._sign)
        return cells is not None and len(cells) == len(self._header) > 1

    def _fault(self, cells: list[str] | None) -> tuple[str, str]:
        wanted = len(self._header)
        if cells is None:
            return "unbalanced_quote", "The line holds a quote without its partner. Remove the quote or close it."
        words = f"The line has {len(cells)} columns, the header {wanted}"
        if len(cells) < wanted:
            return "too_few_columns", f"{words}: it may be cut. Send it whole."
        return "too_many_columns", f"{words}: remove the stray separator, or quote the cell that holds it."


def _cells_of_lines(lines: list[str], sign: str) -> list[str] | None:
    text = "\n".join(lines)
    if text.count('"') % 2:
        return None
    try:
        read = list(csv.reader([f"{line}\n" for line in lines], delimiter=sign, strict=True))
    except csv.Error:
        return None
    return read[0] if len(read) == 1 else None
