"""Writing a file whole or not at all, with an error that a person can act on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kohort.errors import UserError

__all__ = ["write_whole"]


def write_whole(target: Path, content: bytes, what: str) -> Path:
    """Write a file; one that stands there is replaced in one step, and folders above it are made.

    Args:
        target: the file.
        content: its bytes.
        what: what is written, as the subject of the error, e.g. ``The report``.

    Returns:
        The file's path.

    Raises:
        UserError: the file cannot be written there.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except OSError as error:
        raise UserError(
            f"{what} cannot be written to {target}: {error.strerror}.",
            remedy="Choose a file in a folder that you may write to.",
        ) from error
    return target


def _replace(target: Path, content: bytes) -> None:
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).chmod(0o644)
        Path(aside).replace(target)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise
