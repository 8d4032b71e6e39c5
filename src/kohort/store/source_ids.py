"""The ids at the source of patients and specimens: the one map back from pseudonyms, kept beside the key.

Each batch leaves the ids of its own patients and specimens in ``keys/source_ids/<batch>.parquet`` (folder 0700, files
0600), written before the batch is committed and read only if it was. No other file of a site holds such an id.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, get_args

import polars as pl

from kohort.errors import AccessError, SiteError, UnknownNameError
from kohort.store.manifest import BatchEntry, fsync_folder

__all__ = ["SOURCE_TABLES", "SourceIdWriter", "SourceTable", "known_ids", "remove_source_ids", "unmapped_files"]

SourceTable = Literal["person", "specimen"]
SOURCE_TABLES: Final[tuple[str, ...]] = get_args(SourceTable)
"""Tables whose rows have an id at the source; it is their natural key."""

_SCHEMA: Final = {"table": pl.String, "id": pl.Int64, "source_id": pl.String}
_ASIDE = ".tmp"


def _folder(root: Path) -> Path:
    return root / "keys" / "source_ids"


def _file(root: Path, batch: int) -> Path:
    return _folder(root) / f"{batch:06d}.parquet"


class SourceIdWriter:
    """The ids at the source that one batch brings.

    Args:
        root: the site's folder.
        batch: number of the batch.
    """

    def __init__(self, root: Path, batch: int) -> None:
        self._target = _file(root, batch)
        self._root = root
        self._parts: list[pl.DataFrame] = []

    def add(self, table: str, ids: pl.Series, source_ids: pl.Series) -> None:
        """Remember rows of a table by id and id at the source."""
        if ids.len():
            named = pl.Series("table", [table]).new_from_index(0, ids.len())
            self._parts.append(pl.DataFrame({"table": named, "id": ids, "source_id": source_ids}))

    def write_aside(self, before: Sequence[BatchEntry]) -> tuple[Path, Path]:
        """Write what the batches ``before`` do not have; give the file and the place it must be moved to.

        A batch without any still leaves a file: a batch that has none is of a time when ids were not kept.
        """
        told = pl.concat([pl.DataFrame(schema=_SCHEMA), *self._parts])
        whole = told.unique(["table", "id"], keep="first", maintain_order=True)
        earlier = _read(self._root, before).select("table", "id")
        fresh = whole.join(earlier, on=["table", "id"], how="anti", maintain_order="left")
        if not self._target.parent.exists():
            self._target.parent.mkdir(mode=0o700)
            fsync_folder(self._target.parent.parent)
        aside = self._target.with_suffix(_ASIDE)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            fresh.write_parquet(file, statistics=False)
        return aside, self._target


def remove_source_ids(root: Path, last: int) -> None:
    """Remove what a broken ingest left behind: files of batches after ``last``, the last committed one."""
    for path in _folder(root).glob("*"):
        if path.suffix == _ASIDE or int(path.stem) > last:
            path.unlink()


def unmapped_files(root: Path, entries: Sequence[BatchEntry]) -> frozenset[int]:
    """Numbers of files that were read when ids at the source were not kept, or whose ids were lost."""
    every = {number for entry in entries for number in entry.files.values()}
    kept = {number for entry in entries if _file(root, entry.batch).exists() for number in entry.files.values()}
    return frozenset(every - kept)


def known_ids(root: Path, entries: Sequence[BatchEntry], table: str, ids: pl.Series) -> pl.DataFrame:
    """The ids at the source of some rows.

    Args:
        root: the site's folder.
        entries: its committed batches.
        table: ``person`` or ``specimen``.
        ids: the rows' ids, each once.

    Returns:
        ``id`` and ``source_id``, in the order of ``ids``.

    Raises:
        UnknownNameError: the table has no ids at the source.
        AccessError: this account does not own the site.
        SiteError: others can read the ids, or the site was filled before they were kept.
    """
    if table not in SOURCE_TABLES:
        raise UnknownNameError("table with ids at the source", table, SOURCE_TABLES)
    _check_owner(root, entries)
    known = _read(root, entries).filter(pl.col("table") == table).drop("table")
    known = known.unique("id", keep="first")
    found = pl.DataFrame({"id": ids}).join(known, on="id", how="left", maintain_order="left")
    if missing := found["source_id"].null_count():
        raise SiteError(
            f"For {missing} of {found.height} rows of table {table} the site keeps no id at the source: "
            "their files were read before such ids were kept, or keys/source_ids was lost.",
            remedy="Ingest the same files again (kohort ingest): only the missing ids are taken from them.",
        )
    return found


def _check_owner(root: Path, entries: Sequence[BatchEntry]) -> None:
    """Refuse anybody but the owner of the files, and files that others could read."""
    refused = AccessError(
        "The ids at the source are for the owner of the site alone (keys/source_ids, mode 0600).",
        remedy="Ask on your own site, from the account that ingests into it.",
    )
    try:
        files = [path for entry in entries if (path := _file(root, entry.batch)).exists()]
        marks = [path.stat() for path in (_folder(root), *files) if path.exists()]
    except PermissionError:
        raise refused from None
    if any(mark.st_uid != os.geteuid() for mark in marks):
        raise refused
    if any(stat.S_IMODE(mark.st_mode) & 0o077 for mark in marks):
        raise SiteError(
            "The ids at the source can be read by others.",
            remedy="Run chmod 700 on keys/source_ids and chmod 600 on the files in it.",
        )


def _read(root: Path, entries: Iterable[BatchEntry]) -> pl.DataFrame:
    """The ids of committed batches; a file without its line in the manifest is none."""
    files = [path for entry in entries if (path := _file(root, entry.batch)).exists()]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *(pl.read_parquet(file) for file in files)])
