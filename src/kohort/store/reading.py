"""The current rows of a site's tables, as Polars frames and as Ibis tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.store import manifest
from kohort.store.batch import replaced_file, table_files
from kohort.tables import TABLES, empty, table

if TYPE_CHECKING:
    import ibis

__all__ = ["SiteTables"]


class SiteTables:
    """The tables of a site: ``tables.variant`` is an Ibis table, ``tables.frame("variant")`` a Polars frame.

    Both show the rows that are current: a row that a later batch replaced is left out.

    Args:
        root: the site's folder.
        as_of: show the tables as they were after this batch; None for now.
    """

    def __init__(self, root: Path, as_of: int | None = None) -> None:
        self._root = root
        self._as_of = as_of
        self._connection: ibis.BaseBackend | None = None
        self._shown: dict[str, tuple[list[Path], ibis.Table]] = {}

    def as_of(self, batch: int) -> SiteTables:
        """The tables as they were after ``batch``."""
        return SiteTables(self._root, batch)

    def __dir__(self) -> list[str]:
        """The tables, for completion."""
        return [*super().__dir__(), *TABLES]

    def __getattr__(self, name: str) -> ibis.Table:
        """The Ibis table ``name``; UnknownNameError (an AttributeError for private names) if there is none."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ibis(name)

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Current rows of table ``name`` in the order in which they came, only ``columns`` if given."""
        declared = table(name)
        wanted = list(columns) if columns is not None else list(declared.names)
        return self._current(name).select(wanted).collect()

    def rows_with_ids(self, name: str, ids: pl.Series) -> pl.DataFrame:
        """Current rows of table ``name`` that have one of these ids."""
        return self._current(name).filter(pl.col("id").is_in(ids.implode())).collect()

    def _current(self, name: str) -> pl.LazyFrame:
        files, replaced = self.files(name)
        if not files:
            return empty(table(name)).lazy()
        # a batch that was written before the table gained a column has nulls there
        rows = pl.scan_parquet(files, schema=table(name).polars_schema, missing_columns="insert")
        if not replaced:
            return rows
        gone = pl.scan_parquet(replaced).select("id", "batch")
        return rows.join(gone, on=["id", "batch"], how="anti", maintain_order="left")

    def history(self, name: str) -> pl.DataFrame:
        """All versions of all rows of table ``name``, with ``valid_to`` filled where a later batch replaced them."""
        files, replaced = self.files(name)
        if not files:
            return empty(table(name))
        rows = pl.scan_parquet(files).drop("valid_to", strict=False)
        ends = (
            pl.scan_parquet(replaced)
            if replaced
            else pl.LazyFrame(schema={"id": pl.Int64, "batch": pl.Int32, "valid_to": pl.Int32})
        )
        joined = rows.join(ends, on=["id", "batch"], how="left", maintain_order="left")
        return joined.select(n for n in table(name).names if n != "valid_to" or "valid_to" in table(name)).collect()

    @property
    def snapshot(self) -> tuple[str, int]:
        """Which rows are shown: a name for the site (its first batch, hashed) and the number of the last batch."""
        entries = manifest.read(self._root / "manifest.jsonl")
        shown = [e.batch for e in entries if self._as_of is None or e.batch <= self._as_of]
        first = json.dumps(asdict(entries[0]), sort_keys=True) if entries else ""
        return hashlib.sha256(first.encode()).hexdigest()[:12], max(shown, default=0)

    def files(self, name: str) -> tuple[list[Path], list[Path]]:
        """The Parquet files of table ``name``, and those that name the rows (``id``, ``batch``) no longer current."""
        entries = manifest.read(self._root / "manifest.jsonl")
        shown = [e for e in entries if self._as_of is None or e.batch <= self._as_of]
        rows = [f for e in shown for f in table_files(self._root, name, e.batch, e.parts.get(name, 0))]
        gone = [replaced_file(self._root, name, e.batch) for e in shown if name in e.replaced]
        return rows, gone

    def _ibis(self, name: str) -> ibis.Table:
        """The table as one and the same expression until a batch is added, so that its columns fit its filters."""
        files, replaced = self.files(name)
        known = self._shown.get(name)
        if known is None or known[0] != files:
            known = self._shown[name] = (files, self._expression(name, files, replaced))
        return known[1]

    def _expression(self, name: str, files: Sequence[Path], replaced: Sequence[Path]) -> ibis.Table:
        import ibis  # noqa: PLC0415 - takes a second, and only this way of reading needs it

        declared = table(name)
        if self._connection is None:
            self._connection = ibis.duckdb.connect()
        if not files:
            return ibis.memtable(empty(declared))
        rows = self._parquet(files)
        known = empty(declared).to_arrow().schema
        later = {n: ibis.null(known.field(n).type) for n in declared.names if n not in rows.columns}
        rows = rows.mutate(**later)[list(declared.names)] if later else rows
        return rows.anti_join(self._parquet(replaced).select("id", "batch"), ["id", "batch"]) if replaced else rows

    def _parquet(self, files: Sequence[Path]) -> ibis.Table:
        backend: Any = self._connection
        return backend.read_parquet([str(file) for file in files], union_by_name=True)
