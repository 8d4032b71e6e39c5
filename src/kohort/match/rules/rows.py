"""What a criterion stands on: rows that say yes, no or leave it open, and what their absence means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.engine.truth import Bits, Mask, Truth, pack

__all__ = ["Evidence", "RowRef", "Rows"]


@dataclass(frozen=True, slots=True)
class RowRef:
    """One row of a standard table.

    Attributes:
        table: name of the table.
        id: the row's id in it.
    """

    table: str
    id: int


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one table, judged. A row that is neither true, false nor open is void: it decides nothing.

    Attributes:
        table: name of the table.
        at: position of each row's person in the population.
        id: id of each row.
        true: the row says yes.
        false: the row says no.
        open: the row is about this question, but what it says cannot be told.
        one_each: True if row i is about person i, for every person.
    """

    table: str
    at: NDArray[np.integer]
    id: NDArray[np.int64]
    true: Mask
    false: Mask
    open: Mask
    one_each: bool = False

    @classmethod
    def judged(cls, table: str, at: NDArray[np.integer], row_id: NDArray[np.int64], true: Mask, false: Mask) -> Rows:
        """Rows that say yes or no; every other row is open."""
        return cls(table, at, row_id, true, false, ~(true | false))

    @classmethod
    def statements(cls, table: str, frame: pl.DataFrame, true: Mask, false: Mask) -> Rows:
        """Rows of a frame with ``at`` and ``id``; a row that says neither yes nor no leaves it open."""
        return cls.judged(table, frame["at"].to_numpy(), frame["id"].to_numpy(), true, false)

    @classmethod
    def results(cls, table: str, frame: pl.DataFrame, true: Mask, false: Mask) -> Rows:
        """Results of tests: one that says neither yes nor no is void, as if the test had not been made."""
        none = np.zeros(len(true), dtype=np.bool_)
        return cls(table, frame["at"].to_numpy(), frame["id"].to_numpy(), true, false, none)

    def kept(self, rows: Mask) -> Rows:
        """Only some of the rows."""
        if rows.all():
            return self
        masks = (self.true[rows], self.false[rows], self.open[rows])
        return Rows(self.table, self.at[rows], self.id[rows], *masks)


def _no_rows() -> tuple[Rows, ...]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that bears on one leaf, over a population.

    Unless ``every`` is set, one row that says yes makes a person true (any tumour, any test); a person is
    false if no row says yes or is open, and a row says no or ``absent`` counts as no. With ``every``, all
    rows of a person must agree.

    Attributes:
        rows: judged rows, table by table.
        absent: persons (bitmap) for whom the lack of a row means no, because someone looked; None: for nobody.
        every: True if all rows of a person must agree.
        negated: True if the leaf asks for the opposite of what the rows say.
        grounds: the rows that say that someone looked, for persons who are false by absence.
    """

    rows: tuple[Rows, ...] = ()
    absent: Bits | None = None
    every: bool = False
    negated: bool = False
    grounds: Callable[[], tuple[Rows, ...]] = _no_rows

    def truth(self, size: int) -> Truth:
        """Who of ``size`` persons meets the leaf, who does not."""
        true, false, unclear = (self._persons(name, size) for name in ("true", "false", "open"))
        no = false if self.absent is None else false | self.absent
        if self.every:
            truth = Truth(true & ~(false | unclear), no & ~(true | unclear), size)
        else:
            truth = Truth(true, no & ~(true | unclear), size)
        return ~truth if self.negated else truth

    def _persons(self, column: str, size: int) -> Bits:
        """Persons with a row of that value."""
        found: Mask | None = None
        for rows in self.rows:
            chosen = getattr(rows, column)
            if not chosen.any():
                continue
            found = np.zeros(size, dtype=np.bool_) if found is None else found
            if rows.one_each:
                found |= chosen
            else:
                found[rows.at[chosen]] = True
        return Truth.unknown(size).true if found is None else pack(found)

    def cited(self, at: int, value: bool | None) -> tuple[RowRef, ...]:
        """The rows that a person's value stands on; for an unknown, those that leave it open."""
        said = value if value is None or not self.negated else not value
        column = "open" if said is None else "true" if said else "false"
        listed = (*self.rows, *self.grounds()) if said is False else self.rows
        cited = (
            RowRef(rows.table, int(row_id))
            for rows in listed
            for row_id in rows.id[(rows.at == at) & getattr(rows, column)].tolist()
        )
        return tuple(dict.fromkeys(cited))
