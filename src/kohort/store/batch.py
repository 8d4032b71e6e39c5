"""Writing one batch: aside, whole, then renamed, then one line in the manifest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import polars as pl

from kohort.store import manifest
from kohort.store.manifest import BatchEntry, fsync_folder
from kohort.store.source_ids import SourceIdWriter, remove_source_ids
from kohort.tables import table

__all__ = ["BatchWriter", "remove_leftovers", "replaced_file", "table_files"]

ROWS_PER_PART = 1_000_000
"""Rows held in memory before a part of a table is written; nearly all batches have one part."""

_REPLACED = "replaced"


def table_files(root: Path, name: str, batch: int, parts: int) -> list[Path]:
    """Where the rows of a table that came with a batch lie: ``000001.parquet``, ``000001-2.parquet`` ..."""
    return [root / "tables" / name / _part(batch, number) for number in range(1, parts + 1)]


def replaced_file(root: Path, name: str, batch: int) -> Path:
    """Where the ids of earlier rows that a batch replaces lie."""
    return root / _REPLACED / name / _part(batch, 1)


def _part(batch: int, number: int) -> str:
    return f"{batch:06d}.parquet" if number == 1 else f"{batch:06d}-{number}.parquet"


class BatchWriter:
    """One batch being written. Nothing is seen by readers before `commit` returns.

    Args:
        root: the site's folder.
        batch: number of the batch.

    Attributes:
        rows: rows written so far, by table.
        source_ids: the ids at the source of the batch's patients and specimens, committed with it.
    """

    def __init__(self, root: Path, batch: int) -> None:
        self.root = root
        self.batch = batch
        self.rows: dict[str, int] = {}
        self.source_ids = SourceIdWriter(root, batch)
        self._aside = root / "batch.tmp"
        self._parts: dict[str, int] = {}
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._replaced: dict[str, list[pl.DataFrame]] = {}
        self._pool = ThreadPoolExecutor(1)  # a part is written while the next is read
        self._writing: Future[None] | None = None
        remove_leftovers(root, batch - 1)
        self._aside.mkdir()

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows of a table; columns left out are null."""
        if not frame.height:
            return
        self.rows[name] = self.rows.get(name, 0) + frame.height
        waiting = self._waiting.setdefault(name, [])
        waiting.append(frame)
        if sum(part.height for part in waiting) >= ROWS_PER_PART:
            self._flush(name)

    def replace(self, name: str, rows: pl.DataFrame) -> None:
        """Say that earlier rows (``id``, ``batch`` of the earlier version) are replaced by rows of this batch."""
        if rows.height:
            self._replaced.setdefault(name, []).append(rows)

    def _flush(self, name: str) -> None:
        waiting = self._waiting.pop(name, [])
        if not waiting:
            return
        self._parts[name] = self._parts.get(name, 0) + 1
        self._wait()
        self._writing = self._pool.submit(_write_part, name, waiting, self._aside / f"{name}.{self._parts[name]}")

    def _wait(self) -> None:
        """Wait for the part that is being written, so that at most one waits in memory; its failure is raised here."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def commit(self, committed: str, version: str, files: Mapping[str, int]) -> BatchEntry:
        """Make the batch part of the site."""
        for name in list(self._waiting):
            self._flush(name)
        self._wait()
        self._pool.shutdown()
        moves = [
            (self._aside / f"{name}.{number}", target)
            for name, parts in self._parts.items()
            for number, target in enumerate(table_files(self.root, name, self.batch, parts), start=1)
        ]
        replaced: dict[str, int] = {}
        for name, gone in self._replaced.items():
            whole = pl.concat(gone).with_columns(pl.lit(self.batch, dtype=pl.Int32).alias("valid_to"))
            replaced[name] = whole.height
            moves.append((self._aside / f"{name}.replaced", replaced_file(self.root, name, self.batch)))
            whole.write_parquet(moves[-1][0])
        moves.append(self.source_ids.write_aside(manifest.read(self.root / "manifest.jsonl")))
        for source, target in moves:
            with source.open("rb") as file:
                os.fsync(file.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        for folder in {target.parent for _, target in moves}:
            fsync_folder(folder)
        rows = dict(sorted(self.rows.items()))
        entry = BatchEntry(self.batch, committed, version, rows, self._parts, replaced, dict(files))
        manifest.append(self.root / "manifest.jsonl", entry)
        shutil.rmtree(self._aside)
        return entry

    def discard(self) -> None:
        """Throw the batch away."""
        self._pool.shutdown()
        remove_leftovers(self.root, self.batch - 1)


def _write_part(name: str, parts: list[pl.DataFrame], target: Path) -> None:
    whole = pl.concat(parts, how="diagonal", rechunk=False)
    complete = whole.select(
        pl.col(column) if column in whole.columns else pl.lit(None, dtype=kind).alias(column)
        for column, kind in table(name).polars_schema.items()
    )
    complete.write_parquet(target, compression="zstd", compression_level=1, statistics=False)


def remove_leftovers(root: Path, last: int) -> None:
    """Remove what a broken ingest left behind: files of batches after ``last``, the last committed one."""
    aside = root / "batch.tmp"
    if aside.exists():
        shutil.rmtree(aside)
    for folder in ("tables", _REPLACED):
        for path in (root / folder).glob("*/*.parquet"):
            if int(path.stem.partition("-")[0]) > last:
                path.unlink()
    remove_source_ids(root, last)
