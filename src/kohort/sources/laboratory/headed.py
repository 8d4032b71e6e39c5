"""Tables with ``#`` lines before their header, as TSOPPI and InPreD write them, and as a spreadsheet saves them again.

A spreadsheet pads the ``#`` lines with tabs and doubles their quotes; both are taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kohort.sources.laboratory.cells import cells, row_of
from kohort.sources.model import LineFinding

__all__ = ["HeadedTable", "header_in", "read_table", "unplaced_columns"]


@dataclass(frozen=True, slots=True)
class HeadedTable:
    """A table.

    Attributes:
        remarks: physical line and text of the ``#`` lines, without ``#``, tabs and doubled quotes.
        header: column names as written.
        rows: physical line and cells by column of each whole line.
        findings: lines that are too short, too long or repeat the header.
        quarantined: those lines.
    """

    remarks: Sequence[tuple[int, str]]
    header: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, str]]]
    findings: list[LineFinding] = field(default_factory=list)
    quarantined: list[int] = field(default_factory=list)

    def remark(self, words: str) -> str | None:
        """What stands behind the colon of the first ``#`` line that holds these words."""
        found = next((text for _, text in self.remarks if words in text), None)
        return None if found is None else found.partition(words)[2].partition(":")[2].strip() or None


def header_in(start: str) -> list[str]:
    """Column names of a table by its first lines: the first line that is neither blank nor begins with ``#``."""
    return next((cells(line) for line in start.splitlines() if line.strip() and not _is_remark(line)), [])


def _is_remark(line: str) -> bool:
    return line.lstrip('" ').startswith("#")


def read_table(lines: Sequence[str]) -> HeadedTable:
    """A table from the lines of its file."""
    remarks: list[tuple[int, str]] = []
    header: list[str] = []
    rows: list[tuple[int, Mapping[str, str]]] = []
    findings: list[LineFinding] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if not header and _is_remark(line):
            remarks.append((number, line.replace('""', '"').strip('"\t ').lstrip("# ")))
        elif not header:
            header = _without_padding(cells(line))
        elif (fault := _fault(texts := cells(line), header)) is not None:
            findings.append(LineFinding(number, "quarantined", *fault))
        else:
            rows.append((number, row_of(header, texts)))
    return HeadedTable(remarks, header, rows, findings, [finding.line for finding in findings])


def _without_padding(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _fault(texts: Sequence[str], header: Sequence[str]) -> tuple[str, str] | None:
    """Rule and message if a line is no row of the table."""
    if len(texts) < len(header):
        message = f"The line has {len(texts)} columns, the header {len(header)}: it may be cut. Send it whole."
        return "too_few_columns", message
    if any(texts[len(header) :]):
        message = f"The line has {len(texts)} columns, the header {len(header)}: remove the stray tab."
        return "too_many_columns", message
    if list(texts[: len(header)]) == list(header):
        return "double_header", "The line repeats the header. Remove it."
    return None


def unplaced_columns(header: Sequence[str], known: frozenset[str]) -> Iterator[LineFinding]:
    """A finding for the columns that have no place in the standard tables."""
    extra = [name for name in header if name and name not in known]
    if extra:
        message = f"{len(extra)} columns have no place in the standard tables and were not kept: {', '.join(extra)}."
        yield LineFinding(0, "warning", "unknown_column", message, extra[0])
