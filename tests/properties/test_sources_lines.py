"""Blocks of lines: whatever the line ends, sizes and packing, no byte of a line is lost and the count is right."""

from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kohort.sources.lines import LineBlocks, count_lines

TEXT = st.lists(st.sampled_from(["a", "bc", "\t", "ø", " ", "\n", "\r", "\r\n", '"', "#"]), max_size=60).map("".join)


def lines_of(text: str) -> list[str]:
    """Lines by the plain rule: LF, CRLF and lone CR each end one."""
    parts = re.split(r"\r\n|\r|\n", text)
    return parts[:-1] if parts[-1] == "" else parts


def written(data: bytes) -> Path:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    return Path(file.name)


@given(TEXT, st.integers(1, 40), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gzip"]))
def test_blocks_hold_every_line_once_and_the_count_agrees(text: str, size: int, form: str) -> None:
    """Whole lines, in order, ended by LF, at any block size; `count_lines` says how many."""
    data = gzip.compress(text.encode(), mtime=0) if form == "gzip" else text.encode(form)
    path = written(data)
    try:
        blocks = list(LineBlocks(path, block_bytes=size + (size % 2 if form == "utf-16" else 0)))
        assert all(block.endswith(b"\n") for block in blocks)
        assert b"".join(blocks).decode().split("\n")[:-1] == lines_of(text)
        assert count_lines(path) == len(lines_of(text))
    finally:
        path.unlink()
