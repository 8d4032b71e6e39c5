"""A value of a leaf as CTML writes it: a word, perhaps negated by an exclamation mark."""

from __future__ import annotations

from dataclasses import dataclass

from kohort.match.criteria.judged import Unread
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.located import Located

__all__ = ["Word", "shown", "unread"]


@dataclass(frozen=True, slots=True)
class Word:
    """One value.

    Attributes:
        place: where it stands.
        text: the value as text, without ``!`` and outer blanks.
        negated: True if ``!`` stood before it.
    """

    place: Located
    text: str
    negated: bool

    @classmethod
    def of(cls, place: Located) -> Word:
        """From a scalar."""
        written = place.written.strip()
        negated = isinstance(place.value, str) and written.startswith("!")
        return cls(place, written.removeprefix("!").strip() if negated else written, negated)

    @property
    def is_text(self) -> bool:
        """True if the file holds a text here, not a number or a truth."""
        return isinstance(self.place.value, str)

    @property
    def as_compared(self) -> str:
        """What the engine compares: the text with all its blanks, without ``!``."""
        return str(self.place.value)[1:] if self.negated else str(self.place.value)


def shown(place: Located) -> str:
    """A value as one line, for people."""
    if isinstance(place.value, dict):
        return "{" + ", ".join(f"{name}: {shown(value)}" for name, value in place.value.items()) + "}"
    if isinstance(place.value, list):
        return "[" + ", ".join(map(shown, place.value)) + "]"
    return place.written if place.value is not None else "null"


def unread(name: str, place: Located, why: str, *, rule: str, findings: Findings, remedy: str = "") -> Unread:
    """A part that was not understood, with the problem that says so."""
    findings.add("error", rule, place, why, remedy)
    return Unread(f"{name}: {shown(place)}", why)
