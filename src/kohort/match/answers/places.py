"""Where rows came from: the file and physical line that a reason stands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from kohort.match.rules.rows import RowRef
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["Place", "locate", "located"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row came from.

    Attributes:
        file: name of the file; ``file 3`` if the ingest table does not name it, empty if the row has none.
        line: physical line in it, from 1; 0 if it is not known.
    """

    file: str
    line: int

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.file}:{self.line}" if self.file else "no file"


def locate(rows: Iterable[RowRef], data: TableSet | HasTables) -> dict[RowRef, Place]:
    """The file and line of each row.

    Args:
        rows: rows of the standard tables.
        data: the site or tables that hold them.
    """
    wanted = list(dict.fromkeys(rows))
    schema = {"table": pl.String(), "row": pl.Int64()}
    frame = pl.DataFrame([(ref.table, ref.id) for ref in wanted], schema=schema, orient="row")
    found = located(frame, data)
    return {
        RowRef(table, row): Place(file or "", line or 0)
        for table, row, file, line in found.select("table", "row", "file", "line").iter_rows()
    }


def located(frame: pl.DataFrame, data: TableSet | HasTables) -> pl.DataFrame:
    """A frame with ``table`` and ``row`` (null where there is none), with ``file`` and ``line`` beside them."""
    tables = tables_of(data)
    files = tables.frame("ingest", ["file", "name"]).unique("file", keep="last")
    parts = [
        tables.frame(name, ["id", "source_file", "source_line"]).select(
            pl.lit(name).alias("table"), pl.col("id").alias("row"), "source_file", pl.col("source_line").alias("line")
        )
        for name in frame["table"].cast(pl.String).drop_nulls().unique().sort()
    ]
    empty = {"table": pl.String(), "row": pl.Int64(), "source_file": pl.Int32(), "line": pl.Int64()}
    known = pl.concat([pl.DataFrame(schema=empty), *parts]).join(
        files, left_on="source_file", right_on="file", how="left"
    )
    named = pl.coalesce("name", pl.format("file {}", "source_file"))
    known = known.select("table", "row", named.alias("file"), "line").unique(["table", "row"], keep="last")
    given = frame.with_columns(pl.col("table").cast(pl.String))
    return given.join(known, on=["table", "row"], how="left", maintain_order="left")
