"""A value of a YAML or JSON document that knows where it stands, so that a mistake is named there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kohort.errors import InputError

__all__ = ["Located", "Scalar"]

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a document and its place.

    Attributes:
        value: a scalar, a list, or a mapping from text.
        path: the file.
        line: 1-based line in it.
        key: the way to the value, e.g. ``cohorts[3].criteria[0].mutation``; empty for the whole document.
        written: a scalar as the file spells it, else empty.
    """

    value: Scalar | list[Located] | dict[str, Located]
    path: Path
    line: int
    key: str
    written: str = ""

    def error(self, what: str, remedy: str = "") -> InputError:
        """An error at this place."""
        return InputError(what, path=self.path, line=self.line, column=self.key or None, remedy=remedy)

    def mapping(self) -> dict[str, Located]:
        """The value as a mapping; InputError if it is something else."""
        if not isinstance(self.value, dict):
            raise self.error(f"this is {self._sort}, not keys with values.", "Write 'key: value' lines.")
        return self.value

    def items(self) -> list[Located]:
        """The value as a list; InputError if it is something else."""
        if not isinstance(self.value, list):
            raise self.error(f"this is {self._sort}, not a list.", "Begin each item with a dash.")
        return self.value

    @property
    def _sort(self) -> str:
        if self.value is None:
            return "empty"
        names = {dict: "keys with values", list: "a list", str: "a text", bool: "a truth"}
        return names.get(type(self.value), "a number")
