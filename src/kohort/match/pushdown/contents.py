"""What the engine is asked about relations: first which contents there are, then who has a row of which class.

Each of the two is one question for all relations of a batch, a union of as many parts: an engine that has to plan,
compile or send out its work does so once, and may work on the parts at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.pushdown.relations import CONTENT, Relation
from kohort.match.pushdown.source import Asked, Expression, Source

__all__ = ["CLASS", "Contents", "ask", "who"]

CLASS = "class_number"
"""Column with the number of a class of contents."""

_CUT = "cut_number"
_PART = "part_number"
_NUMBER = "number"

Places = NDArray[np.int64]


class Contents:
    """The contents of a relation's rows: what is read of them, each combination once.

    Args:
        relation: the rows and what is read of them.
        source: the engine's tables.
        asked: what the batch of leaves is about.
    """

    def __init__(self, relation: Relation, source: Source, asked: Asked) -> None:
        self._relation, self._source, self._asked = relation, source, asked
        rows, keys = relation.rows(source, asked), relation.keys(source, asked)
        if relation.number is None:
            self._keys = keys
            self._rows = rows.select("person", *keys)
        else:
            cut = _cut(rows[relation.number], asked)
            self._keys = (*keys, _CUT)
            self._rows = rows.select("person", *keys, **{_NUMBER: rows[relation.number], _CUT: cut})
        self._frame = pl.DataFrame()

    @property
    def width(self) -> int:
        """Number of columns that make a content."""
        return len(self._keys)

    def question(self, part: int, width: int) -> Expression:
        """Which contents there are, in columns that fit those of other relations: texts, and a number.

        The number is one of the values that the batch cannot tell from each other.
        """
        import ibis  # noqa: PLC0415 - takes a second

        rows = self._rows
        if self._relation.number is None:
            found = rows.select(*self._keys).distinct().mutate(**{_NUMBER: ibis.null("float64")})
        else:
            found = rows.group_by(*self._keys).agg(**{_NUMBER: rows[_NUMBER].min()})
        texts = {_text(place): found[key].cast("string") for place, key in enumerate(self._keys)}
        blank = {_text(place): ibis.null("string") for place in range(self.width, width)}
        return found.select(**{_PART: ibis.literal(part, "int32")}, **texts, **blank, **{_NUMBER: found[_NUMBER]})

    def take(self, answer: pl.DataFrame, first: int) -> int:
        """Keep the answer and number the contents from ``first``; returns the next number."""
        schema = self._rows.schema()
        columns = {key: answer[_text(place)] for place, key in enumerate(self._keys)}
        typed = {key: text if schema[key].is_string() else text.cast(pl.Int64) for key, text in columns.items()}
        number = {} if self._relation.number is None else {self._relation.number: answer[_NUMBER]}
        last = first + answer.height
        self._frame = pl.DataFrame({**typed, **number, CONTENT: np.arange(first, last)})
        return last

    def standard_rows(self) -> Mapping[str, pl.DataFrame]:
        """The contents as rows of standard tables."""
        return self._relation.standard_rows(self._frame.drop(_CUT, strict=False), self._source, self._asked)

    def classified(self, class_of: Places, held: ExitStack) -> Expression | None:
        """The rows with the class of their content: ``person`` and ``class_number``; None if no content matters.

        Args:
            class_of: class of each content by its number, -1 for one that does not matter.
            held: keeps what the engine is given for as long as the expression is used.
        """
        classes = pl.Series(CLASS, class_of[self._frame[CONTENT].to_numpy()])
        dictionary = self._frame.select(*self._keys, classes).filter(pl.col(CLASS) >= 0)
        if dictionary.is_empty():
            return None
        fillers = {key: _filler(self._frame[key]) for key in self._keys if self._frame[key].null_count()}
        rows = self._rows.mutate(**{key: self._rows[key].fill_null(filler) for key, filler in fillers.items()})
        filled = dictionary.with_columns(pl.col(key).fill_null(filler) for key, filler in fillers.items())
        given = held.enter_context(self._source.engine.holding(filled))
        return rows.inner_join(given, self._keys).select("person", CLASS)


def ask(parts: Sequence[Contents], source: Source) -> int:
    """Ask the engine for the contents of all relations; returns how many there are."""
    width = max(part.width for part in parts)
    first, *others = (part.question(place, width) for place, part in enumerate(parts))
    answers = source.engine.read(first.union(*others) if others else first)
    number = 0
    for place, part in enumerate(parts):
        number = part.take(answers.filter(pl.col(_PART) == place), number)
    return number


def who(parts: Sequence[Contents], class_of: Places, source: Source) -> tuple[Places, Places]:
    """Ask the engine who has a row of which class: pseudonym and class, each pair once."""
    with ExitStack() as held:
        some = [rows for part in parts if (rows := part.classified(class_of, held)) is not None]
        if not some:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        first, *others = some
        found = source.engine.read((first.union(*others) if others else first).distinct())
    return found["person"].to_numpy(), found[CLASS].to_numpy()


def _text(place: int) -> str:
    return f"text{place}"


def _cut(value: Expression, asked: Asked) -> Expression:
    """Number of cuts at or below a value, -1 for null."""
    import ibis  # noqa: PLC0415 - takes a second

    below = [(value < cut, number) for number, cut in enumerate(asked.cuts)]
    return ibis.cases((value.isnull(), -1), *below, else_=len(asked.cuts))


def _filler(column: pl.Series) -> str | int:
    """Something that no row of the column holds, to stand for null: engines join no null with another."""
    present = column.drop_nulls()
    if column.dtype.is_integer():
        return 0 if present.is_empty() else int(present.to_numpy().min()) - 1
    held, filler = set(present.to_list()), "?"
    while filler in held:
        filler += "?"
    return filler
