"""Tables of one finding a line, read line by line: cells by name, notes, and lines that are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kohort.sources.laboratory.cells import cell, number, whole
from kohort.sources.laboratory.headed import HeadedTable, read_table
from kohort.sources.model import LINE, LineFinding

__all__ = ["Line", "RefusedError", "Variant", "collect"]

Variant = Mapping[str, object]
"""Columns of table ``variant``, and ``_sample``."""


class RefusedError(Exception):
    """A line that cannot be used.

    Args:
        rule: name of the rule that it breaks.
        message: what is wrong and what to do.
        column: the column.
    """

    def __init__(self, rule: str, message: str, column: str | None = None) -> None:
        super().__init__(message)
        self.rule, self.message, self.column = rule, message, column


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    Attributes:
        number: physical line.
        cells: text by the name of its column in upper case.
        notes: findings of the line; it is kept.
    """

    number: int
    cells: Mapping[str, str]
    notes: list[LineFinding] = field(default_factory=list)

    def text(self, *names: str) -> str | None:
        """The first of these cells in which something is recorded."""
        return next((found for name in names if (found := cell(self.cells, name)) is not None), None)

    def note(self, rule: str, message: str, column: str) -> None:
        """Warn of the line."""
        self.notes.append(LineFinding(self.number, "warning", rule, message, column, self.cells.get(column)))

    def share(self, *names: str) -> float | None:
        """A number between 0 and 1; another is left out with a note."""
        return self.amount(*names, lowest=0, highest=1)

    def amount(self, *names: str, lowest: float = 0, highest: float = float("inf")) -> float | None:
        """The first of these cells that is filled, as a number in a range; another is left out with a note."""
        column = next((name for name in names if cell(self.cells, name) is not None), None)
        if column is None:
            return None
        found = number(self.cells[column])
        if found is None or not lowest <= found <= highest:
            message = f"{column} is not a number that is possible here; the line was kept without it. Correct it."
            self.note("not_a_number", message, column)
            return None
        return found

    def place(self, name: str) -> int:
        """A whole number of at least 0.

        Raises:
            RefusedError: it is none.
        """
        found = whole(cell(self.cells, name))
        if found is None or found < 0:
            raise RefusedError("not_a_whole_number", f"{name} is not a whole number. Correct it.", name)
        return found

    def needed(self, rule: str, what: str, *names: str) -> str:
        """The first of these cells that is filled.

        Raises:
            RefusedError: none is.
        """
        found = self.text(*names)
        if found is None:
            raise RefusedError(rule, f"The line names no {what}. Fill {names[0]}.", names[0])
        return found


def collect(
    lines: Sequence[str], read: Callable[[Line], Iterable[Variant]]
) -> tuple[list[Variant], HeadedTable, list[LineFinding], list[int]]:
    """What the lines of a table say.

    Args:
        lines: physical lines of the file.
        read: a line to its variants; it raises `RefusedError` for one that cannot be used.

    Returns:
        the variants with ``_line``; the table; findings; lines set aside.
    """
    table = read_table(lines)
    variants: list[Variant] = []
    findings, aside = list(table.findings), list(table.quarantined)
    for number_, row in table.rows:
        line = Line(number_, {name.upper(): text for name, text in row.items()})
        try:
            variants += [{**variant, LINE: number_} for variant in read(line)]
        except RefusedError as refused:
            value = line.cells.get(refused.column or "")
            findings.append(LineFinding(number_, "quarantined", refused.rule, refused.message, refused.column, value))
            aside.append(number_)
        else:
            findings += line.notes
    return variants, table, findings, aside
