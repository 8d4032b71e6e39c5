"""Reading standard tables as Polars frames, from a site or from memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import polars as pl

from kohort.tables.model import Table
from kohort.tables.registry import table

__all__ = ["HasTables", "MemoryTables", "TableSet", "empty", "frame_of", "tables_of"]


@runtime_checkable
class TableSet(Protocol):
    """Anything that gives the current rows of standard tables: a site, or a set of frames in a test."""

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Current rows of table ``name``, only ``columns`` if given; UnknownNameError if undeclared."""
        ...


@runtime_checkable
class HasTables(Protocol):
    """A site: something with ``.tables``."""

    @property
    def tables(self) -> TableSet:
        """The site's tables."""
        ...


def tables_of(data: TableSet | HasTables) -> TableSet:
    """The table set of a site, or the table set itself."""
    return data if isinstance(data, TableSet) else data.tables


def empty(declared: Table) -> pl.DataFrame:
    """A frame of that table without rows."""
    return pl.DataFrame(schema=declared.polars_schema)


def frame_of(declared: Table, rows: Iterable[Mapping[str, object]] | pl.DataFrame) -> pl.DataFrame:
    """A frame with all columns of the table: missing columns null, types as declared."""
    given = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), infer_schema_length=None)
    if not given.height:
        return empty(declared)
    return given.select(
        (pl.col(name).cast(kind) if name in given.columns else pl.lit(None, dtype=kind)).alias(name)
        for name, kind in declared.polars_schema.items()
    )


class MemoryTables:
    """Standard tables held in memory, for tests and for data that never was a site.

    Args:
        rows: table name to rows (dicts or a frame); columns and tables left out are null or empty.
    """

    def __init__(self, rows: Mapping[str, Iterable[Mapping[str, object]] | pl.DataFrame]) -> None:
        self._frames = {name: frame_of(table(name), given) for name, given in rows.items()}

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows of table ``name``, only ``columns`` if given."""
        found = self._frames.get(name)
        if found is None:
            found = empty(table(name))
        return found if columns is None else found.select(columns)
