"""What is wrong with a trial file: found while reading it, or by the linter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kohort.errors import InputError

__all__ = ["Problem", "Severity"]

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, or odd, about a trial file.

    Attributes:
        severity: ``error`` if the trial (or a part of it) was left out or cannot mean what it says, ``warning`` if
            it was read and probably means something else than intended, ``note`` for what a reader should know.
        error: what, where and what to do: has ``path``, ``line``, ``column`` (the key) and ``remedy``.
        rule: short name of the rule, e.g. ``unknown-gene``; the same in every format.
    """

    severity: Severity
    error: InputError
    rule: str = "unreadable"

    def __str__(self) -> str:
        """The message, with its place."""
        return str(self.error)
