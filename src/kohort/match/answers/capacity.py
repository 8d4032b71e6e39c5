"""The small interface through which matching learns whether an arm has a place: `cohort` implements it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args, runtime_checkable

from kohort.errors import UserError

__all__ = ["Availability", "Capacity", "CapacityState"]

CapacityState = Literal["open", "stage 1", "stage 2", "waiting for the interim", "full", "stopped"]
"""In this order: places now, places perhaps later, no places."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether one arm takes patients now.

    Attributes:
        state: ``stage 1`` and ``stage 2`` of a two-stage cohort with places, ``waiting for the interim`` (stage 1 is
            full and not evaluated), ``full``, ``stopped`` (ended, for whatever reason), ``open`` for an arm
            without stages.
        places: places that may be filled now; None if there is no limit.
        sentence: the same for people, without the eligibility: ``no place until the interim``.
    """

    state: CapacityState
    places: int | None
    sentence: str

    def __post_init__(self) -> None:
        """Refuse an unknown state, places below zero, and places where there can be none."""
        if self.state not in get_args(CapacityState):
            raise UserError(f"{self.state!r} is no state.", remedy=f"Use {', '.join(get_args(CapacityState))}.")
        takes = self.state in {"open", "stage 1", "stage 2"}
        if (self.places is not None and self.places < 0) or (not takes and self.places != 0):
            raise UserError(f"{self.places} places do not go with {self.state!r}.", remedy="Give 0 where none is free.")

    @property
    def has_place(self) -> bool:
        """True if a patient can be enrolled now."""
        return self.places is None or self.places > 0


@runtime_checkable
class Capacity(Protocol):
    """Anything that knows how many places arms have."""

    def availability(self, trial_id: str, arm_id: str) -> Availability | None:
        """Whether the arm takes patients now; None if nothing is known of it."""
        ...
