"""A second, plain reading of written files: bytes, lines, cells. It shares no code with the writer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RawFile:
    """The data lines of a file, still bytes, and its column names in upper case."""

    columns: list[str]
    lines: list[bytes]

    @classmethod
    def read(cls, path: Path) -> RawFile:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        assert content.endswith(b"\n")
        lines = [line for line in content[:-1].split(b"\n") if not line.startswith(b"#")]
        return cls(lines[0].decode().upper().split("\t"), lines[1:])

    def cells(self, column: str) -> list[str]:
        """One cell of each line with the right number of columns, as text (Latin-1 never fails)."""
        place = self.columns.index(column.upper())
        return [cells[place] for cells in self.whole()]

    def whole(self) -> list[list[str]]:
        """The lines with the right number of columns."""
        split = [line.decode("latin-1").split("\t") for line in self.lines]
        return [cells for cells in split if len(cells) == len(self.columns)]

    def rows(self) -> list[dict[str, str]]:
        """The lines with the right number of columns, by column name."""
        return [dict(zip(self.columns, cells, strict=True)) for cells in self.whole()]

    def copies(self) -> int:
        """How many lines repeat an earlier line exactly."""
        return sum(count - 1 for count in Counter(self.lines).values())

    def tabs(self) -> list[int]:
        """Columns in each line, minus those of the header."""
        return [line.count(b"\t") + 1 - len(self.columns) for line in self.lines]


def kaplan_meier(days: NDArray[np.float64], died: NDArray[np.bool_], at: float) -> float:
    """The product-limit estimate of survival at a day, one death day after the other."""
    alive = 1.0
    for day in np.unique(days[died & (days <= at)]):
        alive *= 1 - ((days == day) & died).sum() / (days >= day).sum()
    return alive
