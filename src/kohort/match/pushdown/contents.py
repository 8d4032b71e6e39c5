"""What the engine is asked about a relation: which contents there are, then who has a row of which class."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.pushdown.relations import CONTENT, Relation
from kohort.match.pushdown.source import Asked, Source

if TYPE_CHECKING:
    import ibis

__all__ = ["CLASS", "Contents"]

CLASS = "class_number"
"""Column with the number of a class of contents."""

_CUT = "cut_number"

Places = NDArray[np.int64]


class Contents:
    """The contents of a relation's rows, numbered.

    Args:
        relation: the rows and what is read of them.
        source: the engine's tables.
        asked: what the batch of leaves is about.
        first: the first number to give.

    Attributes:
        frame: a row a content: its number, what was read, and for a numeric column one of the values that the
            batch cannot tell from each other.
    """

    def __init__(self, relation: Relation, source: Source, asked: Asked, first: int) -> None:
        self._relation, self._source, self._asked = relation, source, asked
        keys = relation.keys(source, asked)
        rows = relation.rows(source, asked)
        if relation.number is None:
            self._rows, self._keys = rows.select("person", *keys), keys
            found = source.engine.read(self._rows.select(*keys).distinct())
        else:
            self._rows = rows.select("person", *keys, relation.number, **{_CUT: _cut(rows[relation.number], asked)})
            self._keys = (*keys, _CUT)
            one = {relation.number: self._rows[relation.number].min()}
            found = source.engine.read(self._rows.group_by(*self._keys).agg(**one))
        self.frame = found.with_columns(pl.Series(CONTENT, np.arange(first, first + found.height)))

    def standard_rows(self) -> Mapping[str, pl.DataFrame]:
        """The contents as rows of standard tables."""
        frame = self.frame.drop(_CUT, strict=False)
        return self._relation.standard_rows(frame, self._source, self._asked)

    def classified(self, class_of: Places, held: ExitStack) -> ibis.Table | None:
        """The rows with the class of their content: ``person`` and ``class_number``; None if no content matters.

        Args:
            class_of: class of each content by its number, -1 for one that does not matter.
            held: keeps what the engine is given for as long as the expression is used.
        """
        classes = pl.Series(CLASS, class_of[self.frame[CONTENT].to_numpy()])
        dictionary = self.frame.select(*self._keys, classes).filter(pl.col(CLASS) >= 0)
        if dictionary.is_empty():
            return None
        fillers = {key: _filler(self.frame[key]) for key in self._keys if self.frame[key].null_count()}
        rows = self._rows.mutate(**{key: self._rows[key].fill_null(filler) for key, filler in fillers.items()})
        filled = dictionary.with_columns(pl.col(key).fill_null(filler) for key, filler in fillers.items())
        given = held.enter_context(self._source.engine.holding(filled))
        return rows.inner_join(given, self._keys).select("person", CLASS)


def _cut(value: ibis.ir.NumericColumn, asked: Asked) -> ibis.ir.IntegerColumn:
    """Number of cuts at or below a value, -1 for null."""
    import ibis  # noqa: PLC0415 - takes a second

    below = [(value < cut, number) for number, cut in enumerate(asked.cuts)]
    return ibis.cases((value.isnull(), -1), *below, else_=len(asked.cuts))


def _filler(column: pl.Series) -> str | int:
    """Something that no row of the column holds, to stand for null: engines join no null with another."""
    present = column.drop_nulls()
    if column.dtype.is_integer():
        return 0 if present.is_empty() else int(present.min()) - 1  # type: ignore[arg-type]
    held, filler = set(present.to_list()), "?"
    while filler in held:
        filler += "?"
    return filler
