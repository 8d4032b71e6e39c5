"""What matching may ask of cohorts: whether an arm has a place now (implements `kohort.match.answers.capacity`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from kohort.cohort.conduct.states import CohortState, Stage
from kohort.cohort.conduct.status import CohortStatus
from kohort.errors import StatisticsError
from kohort.match.answers.capacity import Availability

__all__ = ["CohortCapacity", "availability_of"]


def availability_of(state: CohortState | CohortStatus) -> Availability:
    """Whether a cohort takes patients now, from where it stands by its counts or by its log."""
    has_status = isinstance(state, CohortStatus)
    places = state.places.open if has_status else state.slots_open
    match state.stage:
        case Stage.ENDED:
            ended = state.answer.value if has_status else state.verdict.value
            return Availability("stopped", 0, f"no place: the cohort has ended ({ended})")
        case Stage.ONE | Stage.ONE_FULL if places:
            return Availability("stage 1", places, f"{_places(places)} left in stage 1")
        case Stage.ONE_FULL:
            return Availability("waiting for the interim", 0, "no place until the interim")
        case Stage.TWO if places:
            return Availability("stage 2", places, f"{_places(places)} left in stage 2")
        case Stage.TWO_FULL:
            return Availability("full", 0, "no place: the cohort is full")
        case _:
            return Availability("full", 0, "no place: the cohort is not open now")


def _places(number: int) -> str:
    return "1 place" if number == 1 else f"{number} places"


@dataclass(frozen=True, slots=True)
class CohortCapacity:
    """The places of treatment cohorts, over all sites that enrol into them.

    Attributes:
        states: where each cohort stands, by trial and arm.
    """

    states: Mapping[tuple[str, str], CohortState | CohortStatus]

    @classmethod
    def of_trial(cls, trial: str, states: Iterable[CohortState | CohortStatus]) -> Self:
        """The cohorts of one trial, each under its identifier as arm.

        Raises:
            StatisticsError: a cohort is given twice.
        """
        given = [(each.cohort.id if isinstance(each, CohortStatus) else each.cohort, each) for each in states]
        if len(dict(given)) < len(given):
            raise StatisticsError("A cohort is given twice.", remedy="Combine the counts of sites first.")
        return cls({(trial, cohort): each for cohort, each in given})

    def __or__(self, other: CohortCapacity) -> CohortCapacity:
        """The cohorts of both; where both have one, that of the second."""
        return CohortCapacity({**self.states, **other.states})

    def availability(self, trial_id: str, arm_id: str) -> Availability | None:
        """Whether the arm takes patients now; None if it is none of these cohorts."""
        state = self.states.get((trial_id, arm_id))
        return None if state is None else availability_of(state)
