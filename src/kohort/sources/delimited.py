"""Tab-separated files without quoting: each physical line is one record, whatever its values hold.

Readers that honour quotes lose whole stretches of good lines after one stray quote and report a single bad one.
Here a line ends where its line end stands; a line with an odd number of quotes is set aside, alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from kohort.sources.lines import BLOCK_BYTES, LineBlocks
from kohort.sources.model import LINE, LineFinding

__all__ = ["DelimitedFile", "RawChunk"]

_NOT_UTF8 = (
    "The line holds bytes that are not UTF-8. Save the file as UTF-8, or name its encoding "
    "(for instance --encoding cp1252)."
)


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Lines of a file as text columns.

    Attributes:
        header: column names in upper case, in the file's order.
        frame: one row a good line: the columns as text (empty is null) and ``_line``.
        findings: lines that are no records, and why.
        lines: physical lines in this piece, with comments, header and blank lines.
    """

    header: tuple[str, ...]
    frame: pl.DataFrame
    findings: Sequence[LineFinding]
    lines: int


@dataclass
class DelimitedFile:
    """A tab-separated file with an optional block of ``#`` lines before its header.

    Attributes:
        path: the file, plain or gzip.
        encoding: encoding where the file has no byte-order mark.
        block_bytes: bytes read at a time.
        damaged: True if the file ended before it should; known after reading.
    """

    path: Path
    encoding: str = "utf-8"
    block_bytes: int = BLOCK_BYTES
    damaged: bool = False
    _header: tuple[str, ...] = ()
    _pending: list[LineFinding] = field(default_factory=list)

    def chunks(self) -> Iterator[RawChunk]:
        """The file in pieces, in order; a file without any line gives none."""
        blocks = LineBlocks(self.path, self.encoding, self.block_bytes)
        self._header = ()
        line = 1
        for block in blocks:
            body, skipped = (block, 0) if self._header else self._take_header(block, line)
            found = list(self._pending)
            self._pending = []
            frame, bad = _records(body, self._header, line + skipped)
            count = block.count(b"\n")
            yield RawChunk(self._header, frame, found + bad, count)
            line += count
        self.damaged = blocks.damaged
        if blocks.findings:
            yield RawChunk(self._header, _frame(b"", self._header, np.empty(0, np.int64)), blocks.findings, 0)

    def header(self) -> tuple[str, ...]:
        """Column names in upper case; empty for a file without a header."""
        return next(iter(self.chunks())).header if self.path.stat().st_size else ()

    def _take_header(self, block: bytes, first_line: int) -> tuple[bytes, int]:
        position = skipped = 0
        while position < len(block):
            end = block.index(b"\n", position)
            text = block[position:end]
            position, skipped = end + 1, skipped + 1
            if text.strip() and not text.startswith(b"#"):
                self._name_columns(text.decode("utf-8", "replace"), first_line + skipped - 1)
                break
        return block[position:], skipped

    def _name_columns(self, text: str, line: int) -> None:
        names: list[str] = []
        for number, cell in enumerate(text.split("\t"), start=1):
            name = cell.strip().strip('"').upper() or f"_EMPTY_{number}"
            if name in names:
                message = f"Column {number} has the name of an earlier column; it was left out. Name it otherwise."
                self._pending.append(LineFinding(line, "warning", "double_column", message, name))
                name = f"_DOUBLE_{number}_{name}"
            names.append(name)
        self._header = tuple(names)


def _frame(body: bytes, header: tuple[str, ...], lines: np.ndarray) -> pl.DataFrame:
    schema = dict.fromkeys(header, pl.String)
    if not len(lines):
        return pl.DataFrame(schema={**schema, LINE: pl.Int64})
    frame = pl.read_csv(
        body, separator="\t", has_header=False, schema=schema, quote_char=None, truncate_ragged_lines=False
    )
    if frame.height != len(lines):  # one line, one row: the promise that all counting stands on
        raise pl.exceptions.ComputeError("the reader gave another number of rows than there are lines")
    return frame.with_columns(pl.Series(LINE, lines))


def _records(body: bytes, header: tuple[str, ...], first_line: int) -> tuple[pl.DataFrame, list[LineFinding]]:
    """Rows of a block, and findings for its lines that are no records."""
    count = body.count(b"\n")
    lines = np.arange(first_line, first_line + count)
    if _looks_whole(body, header, count):
        try:
            return _frame(body, header, lines), []
        except pl.exceptions.ComputeError:  # one line too short and another too long: look at each
            pass
    return _careful(body, header, first_line)


def _looks_whole(body: bytes, header: tuple[str, ...], count: int) -> bool:
    return (
        len(header) > 1
        and body.count(b"\t") == count * (len(header) - 1)
        and body.isascii()
        and b'"' not in body
        and b"\0" not in body
        and b"\n\n" not in body
        and not body.startswith(b"\n")
    )


def _careful(body: bytes, header: tuple[str, ...], first_line: int) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The slow way, line by line, for blocks in which something is amiss."""
    good: list[bytes] = []
    numbers: list[int] = []
    findings: list[LineFinding] = []
    offset = 0
    for number, text in enumerate(body.split(b"\n")[:-1], start=first_line):
        fault = _fault(text, len(header))
        if fault is not None:
            rule, message = fault
            findings.append(LineFinding(number, "quarantined", rule, message, offset=offset))
        elif text.strip() or len(header) == 1:
            good.append(_unquoted(text) if b'"' in text else text)
            numbers.append(number)
        offset += len(text) + 1
    clean = b"\n".join(good) + b"\n" if good else b""
    if len(header) == 1:  # the reader would skip an empty line
        frame = pl.DataFrame({header[0]: [g.decode() or None for g in good]}, schema={header[0]: pl.String})
        return frame.with_columns(pl.Series(LINE, numbers, dtype=pl.Int64)), findings
    return _frame(clean, header, np.array(numbers, dtype=np.int64)), findings


def _fault(text: bytes, columns: int) -> tuple[str, str] | None:
    """Rule and message if the line is no record; None for a record or a blank line."""
    if not text.strip():
        return None
    if b"\0" in text:
        return "null_byte", "The line holds a NUL byte. Export the file again as plain text."
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            return "not_utf8", _NOT_UTF8
    cells = text.count(b"\t") + 1
    if cells < columns:
        return "too_few_columns", f"The line has {cells} columns, the header {columns}: it may be cut. Send it whole."
    if cells > columns:
        return "too_many_columns", f"The line has {cells} columns, the header {columns}: remove the stray tab."
    if text.count(b'"') % 2:
        return "unbalanced_quote", "The line holds a quote without its partner. Remove the quote or close it."
    return None


def _unquoted(text: bytes) -> bytes:
    """Cells that a spreadsheet wrapped in quotes, without them."""
    cells = (
        cell[1:-1].replace(b'""', b'"') if len(cell) > 1 and cell[:1] == cell[-1:] == b'"' else cell
        for cell in text.split(b"\t")
    )
    return b"\t".join(cells)
