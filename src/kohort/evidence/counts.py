"""Counts and cross-tables, by summing over sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from kohort.errors import StatisticsError, UnknownNameError
from kohort.evidence.arrays import UNKNOWN
from kohort.evidence.forms import pooled

__all__ = ["CountSums", "CountTable", "Key", "count_by", "count_table"]

Key = tuple[str, ...]
"""One value for each counted column, as text; null is ``unknown``."""


@dataclass(frozen=True, slots=True)
class CountSums:
    """How many rows have each combination of values, at one site; adds with ``+``.

    Attributes:
        columns: the counted columns; none of them: the whole is counted.
        cells: combination and count, sorted; combinations that do not occur are absent.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[Key, int], ...]

    def __post_init__(self) -> None:
        """Refuse cells that cannot be counts of these columns."""
        keys = [key for key, _ in self.cells]
        if keys != sorted(set(keys)) or any(len(key) != len(self.columns) for key in keys):
            raise StatisticsError("Cells of a count must be sorted, named once, and name every column.")
        if any(count < 1 for _, count in self.cells):
            raise StatisticsError("A count is at least 1 where it is listed.")

    @property
    def n(self) -> int:
        """Rows counted."""
        return sum(count for _, count in self.cells)

    def __add__(self, other: CountSums) -> CountSums:
        """Both sites together; StatisticsError if they counted other columns."""
        if not isinstance(other, CountSums):
            return NotImplemented
        if self.columns != other.columns:
            raise StatisticsError(
                f"Counts by {list(self.columns)} and by {list(other.columns)} cannot be added.",
                remedy="Ask every site the same question.",
            )
        total = dict(self.cells)
        for key, count in other.cells:
            total[key] = total.get(key, 0) + count
        return CountSums(self.columns, tuple(sorted(total.items())))


@dataclass(frozen=True, slots=True)
class CountTable:
    """A cross-table with its totals.

    Attributes:
        columns: the counted columns.
        levels: the values of each column, sorted; a declared value may have no row.
        cells: count of every combination of levels, zeros included.
    """

    columns: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    cells: Mapping[Key, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.cells.values())

    def __getitem__(self, key: str | Key) -> int:
        """Count of one combination; a single value may be given as text. UnknownNameError if not there."""
        full = (key,) if isinstance(key, str) else key
        if full not in self.cells:
            raise UnknownNameError("combination", " / ".join(full), [" / ".join(k) for k in self.cells])
        return self.cells[full]

    def margin(self, column: str) -> dict[str, int]:
        """Totals of one column's values over all others."""
        if column not in self.columns:
            raise UnknownNameError("column", column, self.columns)
        place = self.columns.index(column)
        totals = dict.fromkeys(self.levels[place], 0)
        for key, count in self.cells.items():
            totals[key[place]] += count
        return totals

    def to_frame(self) -> pl.DataFrame:
        """One row a combination: the columns, then ``n``."""
        return pl.DataFrame(
            [(*key, count) for key, count in self.cells.items()],
            schema={**dict.fromkeys(self.columns, pl.String), "n": pl.Int64},
            orient="row",
        )


def count_by(frame: pl.DataFrame, columns: Sequence[str], unit: str | None = None) -> CountSums:
    """Count rows by the values of columns; null counts as the value ``unknown``.

    Args:
        frame: one row a person (or whatever is counted).
        columns: what to count by; texts, truths, whole numbers or dates.
        unit: column that names what is counted, e.g. ``person``, where it may have several rows; each is
            counted once.

    Raises:
        UnknownNameError: a column that the frame does not have.
        StatisticsError: a column with decimals, or one unit in several cells (totals
            would count it twice).
    """
    wanted = [*columns, *([] if unit is None else [unit])]
    for name in wanted:
        if name not in frame.columns:
            raise UnknownNameError("column", name, frame.columns)
        if frame.schema[name].is_float():
            raise StatisticsError(
                f"Column {name} holds numbers with decimals.", remedy="Cut it into bands before counting."
            )
    if not columns:
        n = frame.height if unit is None else frame[unit].n_unique()
        return CountSums((), (((), n),) if n else ())
    texts = frame.select(pl.col(name).cast(pl.String).fill_null(UNKNOWN) for name in columns)
    if unit is not None:
        texts = texts.with_columns(frame[unit]).unique()
        if doubled := texts.height - texts[unit].n_unique():
            raise StatisticsError(
                f"{doubled} units ({unit}) stand in more than one cell.",
                remedy="Choose one value a unit first, or count each column on its own.",
            )
    counted = texts.group_by(list(columns)).len().rows()
    return CountSums(tuple(columns), tuple(sorted((tuple(row[:-1]), int(row[-1])) for row in counted)))


def count_table(sums: CountSums | Iterable[CountSums], levels: Mapping[str, Sequence[str]] | None = None) -> CountTable:
    """The cross-table of one site's sums, or of a list with one a site.

    Args:
        sums: what :func:`count_by` gave.
        levels: values to show for a column even where nobody has them, e.g. ``{"sex": ["female", "male"]}``.
    """
    whole = sums if isinstance(sums, CountSums) else pooled(sums)
    declared = levels or {}
    for name in declared:
        if name not in whole.columns:
            raise UnknownNameError("column", name, whole.columns)
    shown = tuple(
        tuple(sorted({key[place] for key, _ in whole.cells} | set(declared.get(name, ()))))
        for place, name in enumerate(whole.columns)
    )
    counted = dict(whole.cells)
    return CountTable(whole.columns, shown, {key: counted.get(key, 0) for key in product(*shown)})
