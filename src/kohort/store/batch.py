"""Writing one batch: aside, whole, then renamed, then one line in the manifest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kohort.store import manifest
from kohort.store.manifest import BatchEntry, fsync_folder
from kohort.tables import Table, table
from kohort.tables.generate import arrow_schema

__all__ = ["BatchWriter", "remove_leftovers", "table_file"]

_REPLACED = "replaced"


def table_file(root: Path, name: str, batch: int) -> Path:
    """Where the rows of a table that came with a batch lie."""
    return root / "tables" / name / f"{batch:06d}.parquet"


def replaced_file(root: Path, name: str, batch: int) -> Path:
    """Where the ids of earlier rows that a batch replaces lie."""
    return root / _REPLACED / name / f"{batch:06d}.parquet"


class BatchWriter:
    """One batch being written. Nothing is seen by readers before `commit` returns.

    Args:
        root: the site's folder.
        batch: number of the batch.
    """

    def __init__(self, root: Path, batch: int) -> None:
        self.root = root
        self.batch = batch
        self.rows: dict[str, int] = {}
        self._aside = root / "batch.tmp"
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._replaced: dict[str, list[pl.DataFrame]] = {}
        remove_leftovers(root, batch - 1)
        self._aside.mkdir()

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows of a table; columns left out are null."""
        if not frame.height:
            return
        declared = table(name)
        schema = arrow_schema(declared)
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(
                self._aside / f"{name}.parquet",
                schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=_worth_a_dictionary(declared),
                write_statistics=["id", "batch", "person"] if "person" in declared else ["id", "batch"],
            )
        self._writers[name].write_table(_arrow(frame, schema))
        self.rows[name] = self.rows.get(name, 0) + frame.height

    def replace(self, name: str, rows: pl.DataFrame) -> None:
        """Say that earlier rows (``id``, ``batch`` of the earlier version) are replaced by rows of this batch."""
        if rows.height:
            self._replaced.setdefault(name, []).append(rows)

    def commit(self, committed: str, version: str, files: dict[str, int]) -> BatchEntry:
        """Make the batch part of the site."""
        targets: list[tuple[Path, Path]] = []
        for name, writer in self._writers.items():
            writer.close()
            targets.append((self._aside / f"{name}.parquet", table_file(self.root, name, self.batch)))
        replaced: dict[str, int] = {}
        for name, parts in self._replaced.items():
            source = self._aside / f"{name}.replaced"
            whole = pl.concat(parts).with_columns(pl.lit(self.batch, dtype=pl.Int32).alias("valid_to"))
            whole.write_parquet(source)
            replaced[name] = whole.height
            targets.append((source, replaced_file(self.root, name, self.batch)))
        for source, target in targets:
            with source.open("rb") as file:
                os.fsync(file.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
            fsync_folder(target.parent)
        entry = BatchEntry(self.batch, committed, version, dict(sorted(self.rows.items())), replaced, files)
        manifest.append(self.root / "manifest.jsonl", entry)
        shutil.rmtree(self._aside)
        return entry

    def discard(self) -> None:
        """Throw the batch away."""
        for writer in self._writers.values():
            writer.close()
        remove_leftovers(self.root, self.batch - 1)


def _worth_a_dictionary(declared: Table) -> list[str]:
    """Columns whose values repeat: texts but for the ones that are nearly unique, small numbers, and the person."""
    unique = {"hgvs_c", "evidence_ids", "message", "value"}
    return [
        c.name
        for c in declared.columns
        if (c.type == "text" and c.name not in unique)
        or c.type in ("int32", "int8", "float32", "date")
        or c.name == "person"
    ]


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    given = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    names = set(given.column_names)
    columns = [
        given.column(f.name).cast(f.type) if f.name in names else pa.nulls(given.num_rows, f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def remove_leftovers(root: Path, last: int) -> None:
    """Remove what a broken ingest left behind: files of batches after ``last``, the last committed one."""
    aside = root / "batch.tmp"
    if aside.exists():
        shutil.rmtree(aside)
    for folder in ("tables", _REPLACED):
        for path in (root / folder).glob("*/*.parquet"):
            if int(path.stem) > last:
                path.unlink()
