"""Bytes of a file -> blocks of whole lines in UTF-8 with LF ends, whatever the file's own habits are."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from kohort.errors import InputError
from kohort.sources.model import LineFinding

__all__ = ["BLOCK_BYTES", "LineBlocks", "count_lines", "encoding_of"]

BLOCK_BYTES = 24 << 20
GZIP_MAGIC = b"\x1f\x8b"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TRUNCATED = (
    "The compressed file ends too early or is damaged; the lines before the damage were read. "
    "Ask for the file again and ingest it: lines already read are not stored twice."
)


@dataclass
class LineBlocks:
    """The lines of a file in blocks; iterate once.

    Attributes:
        path: file, plain or gzip (known by its first bytes, not its name).
        encoding: encoding of the text where the file has no byte-order mark.
        block_bytes: bytes read at a time.
        findings: what is wrong with the file as a whole; complete after the iteration.
        damaged: True if the file ended before it should; known after the iteration.
        unended: True if the last line has no line end; known after the iteration.
    """

    path: Path
    encoding: str = "utf-8"
    block_bytes: int = BLOCK_BYTES
    findings: list[LineFinding] = field(default_factory=list)
    damaged: bool = False
    unended: bool = False

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of whole lines, each line ended by LF; only the last line may lack its end in the file."""
        rest = b""
        for raw in self._decoded():
            block = rest + raw
            held = b""
            if block.endswith(b"\r"):  # its LF may stand at the start of the next block
                block, held = block[:-1], b"\r"
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            cut = block.rfind(b"\n") + 1
            if cut:
                yield block[:cut]
            rest = block[cut:] + held
        if rest:
            rest = rest.replace(b"\r", b"\n")
            self.unended = not rest.endswith(b"\n")
            yield rest + b"\n" if self.unended else rest

    def closing_findings(self, lines: int) -> list[LineFinding]:
        """What is wrong with the file as a whole, when all of its ``lines`` lines were read."""
        message = "The last line has no line end: the file may be cut there. The line was kept; compare it."
        last = [LineFinding(lines, "warning", "no_line_end", message)] if self.unended else []
        return [*self.findings, *last]

    def _decoded(self) -> Iterator[bytes]:
        decoder = None
        first = True
        for raw in self._unpacked():
            block = raw
            if first:
                first = False
                encoding, mark = encoding_of(block, self.encoding)
                block = block[len(mark) :]
                if encoding not in ("utf-8", "ascii"):
                    decoder = codecs.getincrementaldecoder(encoding)("replace")
                    self._note_encoding(encoding)
            yield block if decoder is None else decoder.decode(block).encode()
        if decoder is not None and (tail := decoder.decode(b"", final=True)):
            yield tail.encode()

    def _note_encoding(self, encoding: str) -> None:
        self.findings.append(
            LineFinding(0, "warning", "not_utf8_file", f"The file is {encoding}; it was read as such. Send UTF-8.")
        )

    def _unpacked(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            head = file.read(2)
            file.seek(0)
            if head != GZIP_MAGIC:
                yield from self._whole_lines(file)
                return
            yield from self._gunzipped(iter(lambda: file.read(1 << 20), b""))

    def _whole_lines(self, file: BinaryIO) -> Iterator[bytes]:
        """The file in blocks that end with a line, through one buffer: a block is then copied once, not thrice."""
        buffer = bytearray(self.block_bytes)
        rest = 0
        while got := file.readinto(memoryview(buffer)[rest:]):  # type: ignore[attr-defined]
            filled = rest + got
            cut = buffer.rfind(b"\n", 0, filled) + 1
            if cut:
                yield bytes(memoryview(buffer)[:cut])
                buffer[: filled - cut] = buffer[cut:filled]
            elif filled == len(buffer):  # a line longer than the buffer
                buffer.extend(bytes(len(buffer)))
            rest = filled - cut
        if rest:
            yield bytes(memoryview(buffer)[:rest])

    def _gunzipped(self, packed: Iterator[bytes]) -> Iterator[bytes]:
        unpack = zlib.decompressobj(wbits=31)
        parts: list[bytes] = []
        size = 0
        whole = False
        try:
            for piece in packed:
                data = piece
                while data:
                    if unpack.eof:  # gzip files may be several members after each other
                        unpack = zlib.decompressobj(wbits=31)
                    parts.append(unpack.decompress(data))
                    size += len(parts[-1])
                    data = unpack.unused_data
                if size >= self.block_bytes:
                    yield b"".join(parts)
                    parts, size = [], 0
            whole = unpack.eof
        except zlib.error:
            whole = False
        if not whole:
            self.damaged = True
            self.findings.append(LineFinding(0, "warning", "truncated_gzip", _TRUNCATED))
            parts.append(unpack.flush() if not unpack.eof else b"")
        if parts:
            yield b"".join(parts)


def encoding_of(start: bytes, default: str) -> tuple[str, bytes]:
    """Encoding and byte-order mark of a file that begins with ``start``."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding, mark
    try:
        return codecs.lookup(default).name, b""
    except LookupError:
        raise InputError(f"There is no encoding {default!r}.", remedy="Try utf-8 or cp1252.") from None


def count_lines(path: Path, encoding: str = "utf-8") -> int:
    """Physical lines of a file, counted from its characters alone: LF, CRLF and lone CR each end a line.

    It shares only unpacking and decoding with the readers, so that it can stand as a check of what they say.
    """
    ends = 0
    last = b""
    for block in LineBlocks(path, encoding, block_bytes=1 << 18)._decoded():
        ends += block.count(b"\n")
        if b"\r" in block or last == b"\r":
            ends += block.count(b"\r") - block.count(b"\r\n") - (last == b"\r" and block.startswith(b"\n"))
        last = block[-1:] or last
    return ends + (last not in (b"", b"\n", b"\r"))
