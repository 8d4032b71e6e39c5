"""Criteria that no machine decides: conditions in words, and parts of a trial that were not understood."""

from __future__ import annotations

from dataclasses import dataclass

from kohort.errors import UserError
from kohort.match.criteria.logic import Fact, Leaf

__all__ = ["FreeText", "Unread"]


@dataclass(frozen=True, slots=True)
class FreeText(Leaf):
    """A condition in words, shown to people and never decided by machine."""

    text: str

    def __post_init__(self) -> None:
        """Refuse an empty text."""
        if not self.text.strip():
            raise UserError("A condition in words is empty.", remedy="Write the words, or leave it out.")

    @property
    def words(self) -> str:
        """The text, in quotation marks."""
        return f"“{self.text.strip()}”"

    @property
    def fact(self) -> Fact:
        """A person's judgement."""
        return Fact("judgement by a person", self.text.strip(), "A person has to judge this.")


@dataclass(frozen=True, slots=True)
class Unread(Leaf):
    """A part of a trial that cannot be read as a criterion: unknown for everybody, and shown as it stands.

    Attributes:
        text: what is written.
        why: what is wrong with it, in a sentence.
    """

    text: str
    why: str

    @property
    def words(self) -> str:
        """The text, in quotation marks, and that it was not understood."""
        return f"“{self.text}” (not understood)"

    @property
    def fact(self) -> Fact:
        """A correction of the trial."""
        return Fact("correction of the trial", self.text, self.why)
