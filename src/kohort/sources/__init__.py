"""What hospitals and registries send, one module a format: bytes to rows and rejected lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kohort.errors import InputError, UnknownNameError
from kohort.sources import cbioportal, laboratory, matchminer
from kohort.sources.model import Source

__all__ = ["FORMATS", "open_source"]

FORMATS = ("cbioportal", "matchminer", "laboratory")
"""Formats that can be named; ``auto`` finds the one that recognises a path."""


def open_source(path: Path, format: str = "auto", encoding: str = "utf-8") -> Source:  # noqa: A002
    """The files of a folder or file, in reading order.

    Args:
        path: folder or file.
        format: one of `FORMATS`, or ``auto``.
        encoding: encoding of files that have no byte-order mark.

    Raises:
        InputError: the path does not exist, or no format recognises it.
        UnknownNameError: there is no such format.
    """
    if format not in ("auto", *FORMATS):
        raise UnknownNameError("format", format, FORMATS)
    if not path.exists():
        raise InputError("there is no such file or folder.", path=path, remedy="Check the path.")
    if format == "cbioportal" or (format == "auto" and cbioportal.recognises(path)):
        return cbioportal.open_study(path, encoding)
    if format == "matchminer" or (format == "auto" and matchminer.recognises(path)):
        return matchminer.open_delivery(path, encoding)
    if format == "laboratory" or laboratory.recognises(path):
        return laboratory.open_delivery(path, encoding)
    raise InputError("no format recognises it.", path=path, remedy=f"Name the format: --format {' | '.join(_names())}.")


def _names() -> Sequence[str]:
    return FORMATS
