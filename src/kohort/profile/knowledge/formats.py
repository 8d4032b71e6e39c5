"""The forms in which knowledge comes, one reader each; a pack's manifest names its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kohort.profile.knowledge.pack import Finding

__all__ = ["Content", "Format"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader found in the data of a pack.

    Attributes:
        rows: evidence; columns of ``EVIDENCE_SCHEMA`` without ``pack`` and ``pack_version``, missing keys are null; or
            a frame of exactly these columns, which is faster.
        findings: what could not be read, of rows that were kept and of rows that were left out.
        lines: records of the data, read or not.
        version: the version that the data themselves name; None if they name none.
        date: the day that the data themselves name, ISO.
        approvals: decisions of authorities; columns of ``APPROVAL_SCHEMA`` without ``pack`` and ``pack_version``.
    """

    rows: Sequence[Mapping[str, object]] | pl.DataFrame
    findings: Sequence[Finding]
    lines: int
    version: str | None = None
    date: str | None = None
    approvals: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One form.

    Attributes:
        name: as the manifest names it, e.g. ``civic``.
        title: for people.
        recognises: True for the name of a file and the first kilobytes of its text.
        read: the data's bytes and the file's path (for error messages) to what they hold; raises InputError where the
            file as a whole cannot be read.
        source: where such data come from.
        licence: licence of such data; empty where the user must name it.
        cite: how to cite it.
        jurisdiction: where the statements hold unless a row says otherwise.
        may_ship: False where the licence of such data forbids to pass them on, whatever a manifest says.
    """

    name: str
    title: str
    recognises: Callable[[str, str], bool]
    read: Callable[[bytes, Path], Content]
    source: str
    licence: str
    cite: str = ""
    jurisdiction: tuple[str, ...] = field(default=("international",))
    may_ship: bool = True
