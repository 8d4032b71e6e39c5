"""Files divided into ``[Sections]``, as Illumina's TSO500 writes them: a section is a table or key/value lines.

A section ends at the next title; blank lines, and tabs that pad a line to the widest section, mean nothing. A line with
``NA`` alone says that a section was worked on and holds nothing, which is another thing than a section that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kohort.sources.laboratory.cells import cell, cells, row_of

__all__ = ["Section", "read_sections"]

_NONE = "NA"


@dataclass(slots=True)
class Section:
    """One section.

    Attributes:
        name: title without brackets.
        line: physical line of the title, from 1.
        lines: physical line and cells of each line that is neither blank nor ``NA`` alone.
        nothing: physical line of ``NA`` alone; 0 if there is none.
    """

    name: str
    line: int
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    nothing: int = 0

    @property
    def header(self) -> Sequence[str]:
        """Column names of a table."""
        return self.lines[0][1] if self.lines else ()

    def values(self) -> dict[str, str | None]:
        """Key/value lines; None for a value that is not recorded."""
        return {line[0]: cell({"": line[1]}, "") if len(line) > 1 else None for _, line in self.lines}

    def rows(self) -> Iterator[tuple[int, Mapping[str, str], bool]]:
        """Lines of a table below its header: physical line, cells by column, and whether the line has a cell too many.

        A line whose first cell is all it has (``BRCA1`` with ``NA`` behind it) says that nothing was found there.
        """
        for number, line in self.lines[1:]:
            yield number, row_of(self.header, line), len(line) > len(self.header)


def read_sections(lines: Sequence[str]) -> tuple[dict[str, Section], list[int]]:
    """Sections by title, and the physical lines of sections whose title stood before."""
    found: dict[str, Section] = {}
    again: list[int] = []
    current: Section | None = None
    repeated = False
    for number, text in enumerate(lines, start=1):
        line = _trimmed(cells(text))
        if not line:
            continue
        if line[0].startswith("[") and line[0].endswith("]"):
            name = line[0][1:-1].strip()
            repeated = name in found
            current = found.setdefault(name, Section(name, number))
        if repeated:
            again.append(number)
        elif current is not None and number != current.line:
            if line == [_NONE]:
                current.nothing = number
            else:
                current.lines.append((number, line))
    return found, again


def _trimmed(line: list[str]) -> list[str]:
    while line and not line[-1]:
        line.pop()
    return line
