"""The log of a programme as a file: read with its chain checked, added to under a lock, on disk when it returns.

Beside ``cohorts.jsonl`` lies ``cohorts.jsonl.head`` with number and hash of the last line that was confirmed, so
that lines cut off at the end are found too. Both are readable by their owner only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kohort.access.entries import Head
from kohort.cohort.conduct.events import CohortEvent
from kohort.cohort.conduct.lives import Lives
from kohort.cohort.conduct.log import CohortLog
from kohort.errors import InputError
from kohort.store.manifest import fsync_folder

__all__ = ["append_events", "read_log"]


def read_log(path: Path, *, known: Head | None = None, key: bytes | None = None) -> CohortLog:
    """The log in a file; no file is an empty log, unless lines were confirmed before.

    Args:
        path: the file.
        known: a head noted elsewhere, which the log must still have.
        key: the key that the log was made with.

    Raises:
        InputError: the file cannot be read, or a line was changed, removed, added or moved; with its line.
    """
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return _checked(file.read(), path, known, key)
    except FileNotFoundError:
        return _checked(b"", path, known, key)
    except OSError as error:
        raise _unusable(path, "read", error) from error


def append_events(
    path: Path,
    events: Iterable[CohortEvent],
    *,
    key: bytes | None = None,
    clock: Callable[[], dt.datetime] | None = None,
) -> CohortLog:
    """Add events to a log; when this returns they are on disk. Several processes may do so at once.

    All of them are added or none. Events that do not say when they are written down get the present moment.

    Args:
        path: the file; made if it is missing.
        events: what happened, oldest first.
        key: the key that the log was made with.
        clock: the present moment, with time zone; None: that of the machine, in UTC.

    Returns:
        The whole log.

    Raises:
        InputError: the file cannot be written, the log in it is damaged, or an event cannot follow those
            before it; then nothing was added.
    """
    now = clock() if clock else dt.datetime.now(dt.UTC)
    new = [event if event.at else dataclasses.replace(event, at=now) for event in events]
    try:
        with _locked(path) as file:
            before = _checked(file.read(), path, None, key)
            after = before.added(new)
            _check_course(after, path)
            file.seek(0, os.SEEK_END)
            file.write(after.to_bytes(after=len(before)))
            file.flush()
            os.fsync(file.fileno())
            _note_head(path, after.head)
    except OSError as error:
        raise _unusable(path, "written", error) from error
    return after


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file, opened and made if missing, and nobody else writing to it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _checked(data: bytes, path: Path, known: Head | None, key: bytes | None) -> CohortLog:
    log = CohortLog.from_bytes(data, path=path, known=known, key=key)
    log.check(_noted_head(path), path)
    return log


def _check_course(log: CohortLog, path: Path) -> None:
    lives = Lives()
    for line, event in enumerate(log, start=1):
        try:
            lives.take(event, line)
        except InputError as error:
            raise InputError(error.reason, path=path, line=line, remedy=error.remedy) from None


def _head_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.head")


def _noted_head(path: Path) -> Head | None:
    noted = _head_path(path)
    try:
        content = json.loads(noted.read_bytes())
        return Head(int(content["n"]), str(content["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise InputError(
            "The note of the last confirmed line is damaged.",
            path=noted,
            remedy="Check the log against a backup; if it is whole, remove this file.",
        ) from None


def _note_head(path: Path, head: Head) -> None:
    noted = _head_path(path)
    aside = noted.with_name(f"{noted.name}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"n": head.sequence, "hash": head.hash}, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(noted)
    fsync_folder(path.parent)


def _unusable(path: Path, verb: str, error: OSError) -> InputError:
    return InputError(
        f"The log cannot be {verb}: {error.strerror}.", path=path, remedy="Check its path, permissions and the disk."
    )
