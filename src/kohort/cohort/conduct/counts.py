"""How many patients a cohort has: what a site may send, and what decisions on pooled counts are read from.

The counts of sites add up, so a cohort that several countries share is summarised at each site and combined by
``+``: no patient's row travels, and the sum equals one site that holds all events (if no patient is in two
sites).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kohort.errors import StatisticsError

__all__ = ["CohortCounts", "combine"]


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


def combine(summaries: Iterable[Mapping[str, CohortCounts]]) -> dict[str, CohortCounts]:
    """The counts of each cohort over all sites, cohorts in the order of first mention."""
    together: dict[str, CohortCounts] = {}
    for summary in summaries:
        for cohort, counts in summary.items():
            together[cohort] = together[cohort] + counts if cohort in together else counts
    return together
