"""The manifest: one line a batch. A batch is there if, and only if, its line is there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kohort.errors import SiteError

__all__ = ["BatchEntry", "append", "fsync_folder", "read"]


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One committed batch.

    Attributes:
        batch: its number, from 1.
        committed: when (UTC, ISO 8601).
        version: version of Kohort that wrote it.
        tables: table name to number of rows in the batch.
        parts: table name to number of files that hold these rows.
        replaced: table name to number of earlier rows that this batch replaces.
        files: number within the site of each file read, by the sum of its bytes and of how it was read.
    """

    batch: int
    committed: str
    version: str
    tables: Mapping[str, int]
    parts: Mapping[str, int]
    replaced: Mapping[str, int]
    files: Mapping[str, int]


def read(path: Path) -> list[BatchEntry]:
    """The committed batches in order. A last line without its end is a batch that never was, and is left out.

    Raises:
        SiteError: a line is damaged.
    """
    if not path.exists():
        return []
    whole = path.read_bytes().split(b"\n")[:-1]
    try:
        return [BatchEntry(**json.loads(line)) for line in whole]
    except (ValueError, TypeError):
        raise SiteError(
            "The manifest of the site is damaged.", remedy="Restore manifest.jsonl from a backup."
        ) from None


def append(path: Path, entry: BatchEntry) -> None:
    """Add a batch; when this returns the batch is there, whatever happens to the machine."""
    line = json.dumps(asdict(entry), sort_keys=True).encode() + b"\n"
    kept = _whole_bytes(path)
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(kept)
        file.seek(kept)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    fsync_folder(path.parent)


def _whole_bytes(path: Path) -> int:
    """Bytes up to the end of the last whole line: what a broken append left behind is dropped."""
    return path.read_bytes().rfind(b"\n") + 1 if path.exists() else 0


def fsync_folder(folder: Path) -> None:
    """Make renames within ``folder`` outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def known_files(entries: Sequence[BatchEntry]) -> dict[str, int]:
    """File number of each file that was ever read, by the sum of its bytes and of how it was read."""
    return {key: number for entry in entries for key, number in entry.files.items()}
