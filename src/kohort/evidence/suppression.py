"""Small cells of a table are hidden, and enough others with them that no total gives them back.

Primary: a number from 1 to k - 1 is shown as ``<k``. Secondary: others are shown as ``*`` until every
hidden number has at least two values that agree with all that is shown. This holds even against a reader
who knows the rule, i.e. that ``<5`` is 1 to 4 and ``*`` at least 5 (or at least 1, where a small total had to
be shown as ``*`` because its smallness would give its cells away). Zeros are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from kohort.errors import IntegrityError, StatisticsError
from kohort.evidence.circulation import Arc, Circulation
from kohort.evidence.counts import CountTable, Key

__all__ = ["SMALLEST_COUNT", "TOTAL", "SuppressedTable", "suppress"]

SMALLEST_COUNT: Final = 5
"""Default k: OHDSI's minCellCount."""

TOTAL: Final = "total"
"""Stands in a key for "all values of this column". A value of that name is refused."""

Mark = Literal["small", "other"]


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """A table that may be shown.

    Attributes:
        columns: the counted columns.
        k: numbers from 1 to k - 1 were hidden.
        cells: every combination and total (key with ``total``) with its number, or why it is hidden:
            ``small`` (1 to k - 1) or ``other`` (so that a small one cannot be rebuilt).
    """

    columns: tuple[str, ...]
    k: int
    cells: Mapping[Key, int | Mark]

    def shown(self, key: str | Key) -> str:
        """The cell as it is printed: its number, ``<k`` or ``*``."""
        value = self.cells[(key,) if isinstance(key, str) else key]
        return f"<{self.k}" if value == "small" else "*" if value == "other" else str(value)

    @property
    def total(self) -> str:
        """The grand total as it is printed."""
        return self.shown((TOTAL,) * max(len(self.columns), 1))

    @property
    def n_hidden(self) -> int:
        """Cells and totals that are not shown."""
        return sum(isinstance(value, str) for value in self.cells.values())

    def to_frame(self) -> pl.DataFrame:
        """One row a cell or total: the columns, ``n`` (null where hidden) and ``shown`` (text)."""
        names = self.columns or ("count",)
        return pl.DataFrame(
            [(*key, None if isinstance(value, str) else value, self.shown(key)) for key, value in self.cells.items()],
            schema={**dict.fromkeys(names, pl.String), "n": pl.Int64, "shown": pl.String},
            orient="row",
        )


def suppress(table: CountTable, k: int = SMALLEST_COUNT) -> SuppressedTable:
    """Hide small cells and what would give them back.

    Two columns are shown with row and column totals and the grand total; one column, or three and more,
    with the grand total only.

    Args:
        table: the exact counts.
        k: smallest number other than 0 that may be shown; at least 3, because ``<2`` would name the number.

    Raises:
        StatisticsError: k is below 3, or a value is called ``total``.
    """
    if k < 3:
        raise StatisticsError(f"A smallest count of {k} hides nothing.", remedy="Use 3 or more; 5 is usual.")
    if any(TOTAL in values for values in table.levels):
        raise StatisticsError("A value of the table is called 'total'.", remedy="Rename it before counting.")
    network = Circulation(_arcs(table), k)
    small = [arc for arc in network.arcs if network.is_small(arc)]
    if not _protect(network, small):
        # e.g. four cells of 1 with a total below 5: that the total is small gives the cells away
        totals = {arc.name for arc in small if TOTAL in arc.name}
        network = Circulation(network.arcs, k, veiled=totals)
        if not _protect(network, small):
            # no table is known for which this happens: all small ones were tried, and random larger ones
            raise IntegrityError("A table could not be protected.")  # pragma: no cover
    return SuppressedTable(table.columns, k, {arc.name: _shown(network, arc) for arc in network.arcs})


def _shown(network: Circulation, arc: Arc) -> int | Mark:
    if arc.name not in network.hidden:
        return arc.value
    return "small" if network.is_small(arc) and arc.name not in network.veiled else "other"


def _protect(network: Circulation, small: list[Arc]) -> bool:
    """Hide the small arcs, and others until all of these are ambiguous; False if that cannot be done."""
    network.hidden.update(arc.name for arc in small)
    # greatest first: what protects them often protects the rest
    return all(
        network.is_ambiguous(arc) or network.protect(arc)
        for arc in sorted(small, key=lambda arc: (-arc.value, arc.name))
    )


def _arcs(table: CountTable) -> tuple[Arc, ...]:
    """The table as a circulation: the grand total goes out, and comes back through rows and cells."""
    if not table.columns:
        # nothing is shown beside it: it may change freely, as an arc from a node to itself
        return (Arc((TOTAL,), "in", "in", table.total),)
    grand = Arc((TOTAL,) * len(table.columns), "out", "in", table.total)
    if len(table.columns) != 2:
        return (*(Arc(key, "in", "out", count) for key, count in table.cells.items()), grand)
    first, second = table.columns
    cells = (Arc(key, ("row", key[0]), ("column", key[1]), count) for key, count in table.cells.items())
    rows = (Arc((level, TOTAL), "in", ("row", level), n) for level, n in table.margin(first).items())
    columns = (Arc((TOTAL, level), ("column", level), "out", n) for level, n in table.margin(second).items())
    return (*cells, *rows, *columns, grand)
