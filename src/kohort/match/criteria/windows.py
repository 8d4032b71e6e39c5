"""Criteria on time: how many days lie between two events of a patient's course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self, get_args

from kohort.errors import UserError
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.treatment import MODALITIES, Modality
from kohort.match.criteria.vocabulary import drug_name, is_known_drug_class

__all__ = ["EVENTS", "Event", "EventKind", "Window"]

EventKind = Literal[
    "diagnosis",
    "staging",
    "metastasis",
    "progression",
    "recurrence",
    "specimen",
    "test report",
    "therapy start",
    "therapy stop",
    "surgery",
]
EVENTS: tuple[str, ...] = get_args(EventKind)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens on a day.

    Attributes:
        kind: one of `EVENTS`.
        drug: for the start and stop of a therapy: only with this drug (INN or any synonym).
        drug_class: only with a drug of this class.
        modality: only of this modality.
    """

    kind: EventKind
    drug: str | None = None
    drug_class: str | None = None
    modality: Modality | None = None

    def __post_init__(self) -> None:
        """Bring the names into normal form; UserError for what no event is."""
        object.__setattr__(self, "kind", " ".join(self.kind.casefold().replace("_", " ").split()))
        if self.kind not in EVENTS:
            raise UserError(f"{self.kind!r} is no event.", remedy=f"Use {', '.join(EVENTS)}.")
        given = (self.drug, self.drug_class, self.modality)
        if given.count(None) < 2:
            raise UserError("An event is one of a drug, a class or a modality.", remedy="Give one of them.")
        if given != (None,) * 3 and self.kind not in ("therapy start", "therapy stop"):
            raise UserError(f"A {self.kind} has no drug.", remedy="Use therapy start or therapy stop.")
        if self.modality is not None and self.modality not in MODALITIES:
            raise UserError(f"{self.modality!r} is no modality.", remedy=f"Use {', '.join(MODALITIES)}.")
        if self.drug is not None:
            object.__setattr__(self, "drug", drug_name(self.drug))
        if self.drug_class is not None:
            object.__setattr__(self, "drug_class", " ".join(self.drug_class.split()).casefold())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From words: ``diagnosis``, ``therapy start of imatinib``, ``therapy stop of radiotherapy``.

        What stands after *of* is a modality, else a class of the drug table, else a drug.

        Raises:
            UserError: the text names no event.
        """
        kind, _, what = (part.strip() for part in text.partition(" of "))
        if not what:
            return cls(kind)  # type: ignore[arg-type]
        word = what.casefold()
        field = "modality" if word in MODALITIES else "drug_class" if is_known_drug_class(word) else "drug"
        return cls(kind, **{field: word})  # type: ignore[arg-type]

    @property
    def words(self) -> str:
        """In the notation that `parse` reads."""
        what = self.drug or self.drug_class or self.modality
        return f"{self.kind} of {what}" if what else self.kind


@dataclass(frozen=True, slots=True)
class Window(Leaf):
    """Days from one event to another within a range; true if some pair of events lies within it.

    False if each of both events is recorded and every pair is known to lie outside. Dates known to the month or
    year are intervals; two events that the source counts in days from the same origin are compared in these days.
    Without one of the events it is unknown: an event that is not recorded may have happened.

    Attributes:
        first: the event that days are counted from.
        then: the event they are counted to; a negative number of days is before ``first``.
        days: the range.
    """

    first: Event
    then: Event
    days: Range

    @property
    def words(self) -> str:
        """Both events and the range."""
        return f"days from {self.first.words} to {self.then.words} {self.days}"

    @property
    def fact(self) -> Fact:
        """The dates of both events."""
        between = f"{self.first.words} and {self.then.words}"
        return Fact("dates", between, "The dates of both events are not recorded closely enough.")
