"""Tab-separated files without quoting: each physical line is one record, whatever its values hold.

Readers that honour quotes lose whole stretches of good lines after one stray quote and report a single bad one.
Here a line ends where its line end stands; a line with an odd number of quotes is set aside, alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from kohort.sources.lines import BLOCK_BYTES, LineBlocks
from kohort.sources.model import LINE, LineFinding

__all__ = ["DelimitedFile", "RawChunk", "read_lines"]

_PADDED = (b" \t", b"\t ", b" \n", b"\n ")

_NOT_UTF8 = (
    "The line holds bytes that are not UTF-8. Save the file as UTF-8, or name its encoding "
    "(for instance --encoding cp1252)."
)


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Lines of a file as text columns.

    Attributes:
        header: column names in upper case, in the file's order.
        frame: one row a good line: the columns as text, without outer blanks, null where empty, and ``_line``. A
            column with a declared type has it, unless a value of the chunk is not of that type: then it is text.
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
        types: types of columns that hold numbers, by name in upper case.
    """

    path: Path
    encoding: str = "utf-8"
    block_bytes: int = BLOCK_BYTES
    types: Mapping[str, pl.DataType] = field(default_factory=dict)
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
            inside = body.count(b"\n")
            frame, bad = _records(body, self._schema(), line + skipped, inside)
            yield RawChunk(self._header, frame, found + bad, skipped + inside)
            line += skipped + inside
        if closing := blocks.closing_findings(line - 1):
            yield RawChunk(self._header, _frame(b"", self._schema(), np.empty(0, np.int64)), closing, 0)

    def header(self) -> tuple[str, ...]:
        """Column names in upper case; empty for a file without a header."""
        return next(iter(self.chunks())).header if self.path.stat().st_size else ()

    def _schema(self) -> dict[str, pl.DataType]:
        return {name: self.types.get(name, pl.String()) for name in self._header}

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
            name = cell.strip().strip('"').upper()
            if name in ("", "*") or name.startswith("^"):  # no name, or one that would mean several columns
                name = f"_EMPTY_{number}"
            if name in names:
                message = f"Column {number} has the name of an earlier column; it was left out. Name it otherwise."
                self._pending.append(LineFinding(line, "warning", "double_column", message, name))
                name = f"_DOUBLE_{number}_{name}"
            names.append(name)
        self._header = tuple(names)


def read_lines(lines: Sequence[str], types: Mapping[str, pl.DataType] | None = None) -> RawChunk:
    """A file whose physical lines are at hand, in one piece.

    Args:
        lines: the lines without their ends.
        types: types of columns that hold numbers, by name in upper case.
    """
    file = DelimitedFile(Path(), types=types or {})
    body, skipped = file._take_header("".join(f"{line}\n" for line in lines).encode(), 1)
    frame, bad = _records(body, file._schema(), skipped + 1, len(lines) - skipped)
    return RawChunk(file._header, frame, [*file._pending, *bad], len(lines))


def _frame(body: bytes, schema: Mapping[str, pl.DataType], lines: np.ndarray) -> pl.DataFrame:
    if not len(lines):
        return pl.DataFrame(schema={**schema, LINE: pl.Int64()})
    try:
        frame = _read(body, schema)
    except pl.exceptions.PolarsError:  # a value that is not of its column's type: give all as text
        frame = _read(body, dict.fromkeys(schema, pl.String()))
    if frame.height != len(lines):  # one line, one row: the promise that all counting stands on
        raise pl.exceptions.ComputeError("the reader gave another number of rows than there are lines")
    if b" " in body and any(padding in body for padding in _PADDED):  # the one-byte search is much the quicker
        bare = pl.col(pl.String).str.strip_chars()
        frame = frame.with_columns(pl.when(bare != "").then(bare).name.keep())
    return frame.with_columns(pl.Series(LINE, lines))


def _read(body: bytes, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.read_csv(
        body,
        separator="\t",
        has_header=False,
        schema=schema,
        quote_char=None,
        null_values={name: "NA" for name, kind in schema.items() if kind != pl.String},
        truncate_ragged_lines=False,
    )


def _records(
    body: bytes, schema: Mapping[str, pl.DataType], first_line: int, count: int
) -> tuple[pl.DataFrame, list[LineFinding]]:
    """Rows of a block of ``count`` lines, and findings for its lines that are no records."""
    lines = np.arange(first_line, first_line + count)
    if _looks_whole(body, len(schema), count):
        try:
            return _frame(body, schema, lines), []
        except pl.exceptions.PolarsError:  # one line too short and another too long: look at each
            pass
    return _careful(body, schema, first_line)


def _looks_whole(body: bytes, columns: int, count: int) -> bool:
    return (
        columns > 1
        and body.count(b"\t") == count * (columns - 1)
        and body.isascii()
        and b'"' not in body
        and b"\0" not in body
    )


def _careful(body: bytes, schema: Mapping[str, pl.DataType], first_line: int) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The slow way, line by line, for blocks in which something is amiss."""
    good: list[bytes] = []
    numbers: list[int] = []
    findings: list[LineFinding] = []
    offset = 0
    for number, text in enumerate(body.split(b"\n")[:-1], start=first_line):
        fault = _fault(text, len(schema))
        if fault is not None:
            rule, message = fault
            findings.append(LineFinding(number, "quarantined", rule, message, offset=offset))
        elif text.strip():
            good.append(_unquoted(text) if b'"' in text else text)
            numbers.append(number)
        offset += len(text) + 1
    return _frame(b"\n".join(good) + b"\n", schema, np.array(numbers, dtype=np.int64)), findings


def _fault(text: bytes, columns: int) -> tuple[str, str] | None:  # noqa: PLR0911 - one return a fault
    """Rule and message if the line is no record; None for a record or a blank line."""
    if not text.strip():
        return None
    cells = text.count(b"\t") + 1
    if b"\0" in text:
        return "null_byte", "The line holds a NUL byte. Export the file again as plain text."
    if not _is_utf8(text):
        return "not_utf8", _NOT_UTF8
    if cells < columns:
        return "too_few_columns", f"The line has {cells} columns, the header {columns}: it may be cut. Send it whole."
    if cells > columns:
        return "too_many_columns", f"The line has {cells} columns, the header {columns}: remove the stray tab."
    if text.count(b'"') % 2:
        return "unbalanced_quote", "The line holds a quote without its partner. Remove the quote or close it."
    return None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unquoted(text: bytes) -> bytes:
    """Cells that a spreadsheet wrapped in quotes, without them."""
    cells = (
        cell[1:-1].replace(b'""', b'"') if len(cell) > 1 and cell[:1] == cell[-1:] == b'"' else cell
        for cell in text.split(b"\t")
    )
    return b"\t".join(cells)
