"""The log of a treatment cohort, and the counts that a site may send.

Decisions are events: a log is only ever added to, and counts are its replay. The counts of sites add up,
so a cohort that several countries share is summarised at each site and combined by ``+``: no patient's
row travels, and the sum equals one site that holds all events (if no patient is in two sites).

Corrections are further events: a later evaluation of a patient replaces the earlier one, and ``voided``
takes back an enrolment that was entered by mistake.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kohort.errors import InputError, StatisticsError
from kohort.tables import table

__all__ = ["CohortCounts", "CohortEvent", "EventKind", "combine", "summarise"]

SETTINGS = frozenset(table("therapy")["setting"].values)
WITHOUT_MEASURABLE_DISEASE = frozenset({"adjuvant", "neoadjuvant"})
"""Settings around surgery: there a complete response is no RECIST response of advanced disease."""
SETTING_NOT_KNOWN = frozenset({None, "unknown"})


class EventKind(StrEnum):
    """What happened to a patient in a cohort."""

    ENROLLED = "enrolled"
    EVALUATED = "evaluated"
    NOT_EVALUABLE = "not evaluable"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class CohortEvent:
    """One line of a cohort's log.

    Attributes:
        cohort: identifier of the cohort.
        person: keyed pseudonym of the patient at the site.
        kind: what happened.
        response: for an evaluation, whether the tumour responded; None for every other kind.
        setting: for an enrolment, the setting of the treatment (values of ``therapy.setting``), None if not
            recorded.
        day: days from the patient's time origin, None if not recorded.
        is_retrospective: True if read from recorded treatments rather than enrolled into a cohort.

    Raises:
        InputError: an evaluation without a response, a response without an evaluation, an unknown setting.
    """

    cohort: str
    person: int
    kind: EventKind
    response: bool | None = None
    setting: str | None = None
    day: int | None = None
    is_retrospective: bool = False

    def __post_init__(self) -> None:
        """Refuse an event that cannot be meant."""
        if (self.response is not None) != (self.kind == EventKind.EVALUATED):
            raise InputError(
                f"Cohort {self.cohort}: event {self.kind.value!r} with response {self.response}.",
                remedy="Give a response with evaluations, and only with them.",
            )
        if self.setting is not None and self.setting not in SETTINGS:
            raise InputError(
                f"Cohort {self.cohort}: there is no setting {self.setting!r}.",
                remedy=f"Give one of {', '.join(sorted(SETTINGS))}, or none.",
            )


@dataclass(frozen=True, slots=True)
class CohortCounts:
    """How many patients a cohort has, at one site or over several.

    Every enrolled patient is exactly one of evaluable, pending, not evaluable, or without measurable
    disease.

    Attributes:
        cohort: identifier of the cohort.
        enrolled: patients enrolled.
        evaluable: patients whose response is known and counts.
        responders: evaluable patients who responded.
        not_evaluable: patients who can never be evaluated; they do not use a place.
        without_measurable_disease: patients treated around surgery (adjuvant, neoadjuvant), counted apart.
        responses_without_measurable_disease: recorded responses among these, which are not counted.
        evaluable_setting_unknown: evaluable patients whose setting is not recorded.
        responders_setting_unknown: responders among these; some may have had no measurable disease.
        retrospective: enrolled patients read from recorded treatments.
    """

    cohort: str
    enrolled: int = 0
    evaluable: int = 0
    responders: int = 0
    not_evaluable: int = 0
    without_measurable_disease: int = 0
    responses_without_measurable_disease: int = 0
    evaluable_setting_unknown: int = 0
    responders_setting_unknown: int = 0
    retrospective: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that contradict each other."""
        parts = (
            (self.responders, self.evaluable),
            (self.responses_without_measurable_disease, self.without_measurable_disease),
            (self.responders_setting_unknown, self.evaluable_setting_unknown),
            (self.evaluable_setting_unknown, self.evaluable),
            (self.responders_setting_unknown, self.responders),
            (self.retrospective, self.enrolled),
            (self.evaluable + self.not_evaluable + self.without_measurable_disease, self.enrolled),
        )
        if self.not_evaluable < 0 or any(not 0 <= part <= whole for part, whole in parts):
            raise StatisticsError(
                f"Cohort {self.cohort}: the counts contradict each other.",
                remedy="Summarise the events again; a part cannot exceed its whole.",
            )

    @property
    def pending(self) -> int:
        """Patients enrolled and not yet evaluable: the unknowns of every decision."""
        return self.enrolled - self.evaluable - self.not_evaluable - self.without_measurable_disease

    def __add__(self, other: CohortCounts) -> CohortCounts:
        """The counts of two sites together.

        Raises:
            StatisticsError: they are counts of different cohorts.
        """
        if self.cohort != other.cohort:
            raise StatisticsError(
                f"Counts of cohorts {self.cohort!r} and {other.cohort!r} cannot be added.",
                remedy="Add counts of the same cohort.",
            )
        numbers = [field.name for field in dataclasses.fields(self) if field.name != "cohort"]
        return CohortCounts(self.cohort, **{name: getattr(self, name) + getattr(other, name) for name in numbers})


def summarise(
    events: Iterable[CohortEvent], *, count_without_measurable_disease: bool = False
) -> dict[str, CohortCounts]:
    """The counts of each cohort in a log, in the order of first mention.

    Args:
        events: the log, oldest first.
        count_without_measurable_disease: True counts adjuvant and neoadjuvant treatment like any other.

    Raises:
        InputError: a patient is enrolled twice, or something happens to a patient who is not enrolled; with
            the line of the log.
    """
    enrolments: dict[tuple[str, int], CohortEvent] = {}
    outcomes: dict[tuple[str, int], CohortEvent] = {}
    cohorts: dict[str, None] = {}
    for line, event in enumerate(events, start=1):
        key = (event.cohort, event.person)
        cohorts[event.cohort] = None
        if (key in enrolments) == (event.kind == EventKind.ENROLLED):
            fault = "enrols a patient twice" if key in enrolments else "is about a patient never enrolled"
            raise InputError(
                f"The event {fault} in cohort {event.cohort}.",
                line=line,
                remedy="Void the earlier enrolment, or add the missing one.",
            )
        if event.kind == EventKind.ENROLLED:
            enrolments[key] = event
        elif event.kind == EventKind.VOIDED:
            del enrolments[key]
            outcomes.pop(key, None)
        else:
            outcomes[key] = event
    tallies: dict[str, dict[str, int]] = {cohort: {} for cohort in cohorts}
    for key, enrolment in enrolments.items():
        tally = tallies[key[0]]
        for name in _counted_as(enrolment, outcomes.get(key), count_without_measurable_disease):
            tally[name] = tally.get(name, 0) + 1
    return {cohort: CohortCounts(cohort, **tally) for cohort, tally in tallies.items()}


def _counted_as(enrolment: CohortEvent, outcome: CohortEvent | None, count_all: bool) -> list[str]:
    """The counts of ``CohortCounts`` that one enrolled patient adds 1 to."""
    names = ["enrolled"]
    if enrolment.is_retrospective:
        names.append("retrospective")
    responded = outcome is not None and outcome.response is True
    if enrolment.setting in WITHOUT_MEASURABLE_DISEASE and not count_all:
        names.append("without_measurable_disease")
        return [*names, "responses_without_measurable_disease"] if responded else names
    if outcome is None:
        return names
    if outcome.kind == EventKind.NOT_EVALUABLE:
        return [*names, "not_evaluable"]
    unknown = enrolment.setting in SETTING_NOT_KNOWN
    names += ["evaluable"] + ["evaluable_setting_unknown"] * unknown
    return names + (["responders"] + ["responders_setting_unknown"] * unknown) * responded


def combine(summaries: Iterable[Mapping[str, CohortCounts]]) -> dict[str, CohortCounts]:
    """The counts of each cohort over all sites, cohorts in the order of first mention."""
    together: dict[str, CohortCounts] = {}
    for summary in summaries:
        for cohort, counts in summary.items():
            together[cohort] = together[cohort] + counts if cohort in together else counts
    return together
