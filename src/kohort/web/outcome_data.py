"""What the report shows of cohorts and of survival, as plain values (see ``report_data``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from kohort.web.cells import Count, check_count, check_parts

__all__ = ["CohortRow", "Curve", "CurveSet", "ErrorRates", "Outcome", "RateRow"]

Outcome = Literal["recruiting", "continue", "stopped", "positive", "negative"]


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One treatment cohort: its state over all sites, and who could come in.

    Attributes:
        id: short id; unique in a report.
        title: name for people.
        tumour: tumour type, in words.
        alteration: alteration, in words.
        drug: drug or combination.
        by_site: patients enrolled, by the site's name.
        enrolled: patients enrolled.
        evaluable: enrolled whose response counts.
        responders: evaluable with a response.
        pending: enrolled, not yet evaluable.
        stage: 1 or 2.
        decision: the state of the cohort.
        decision_label: the same in one or two words.
        decision_sentence: why, in one sentence.
        r1: stop after stage 1 with this many responders or fewer.
        n1: patients of stage 1.
        r: negative after stage 2 with this many responders or fewer.
        n: patients of both stages.
        eligible: patients who fit every criterion.
        unknown: patients in whom at least one criterion is unknown and none fails.
        near_miss: patients who fail one criterion only.
        missing_fact: the fact that would settle most unknowns; empty if there is none.
    """

    id: str
    title: str
    tumour: str
    alteration: str
    drug: str
    by_site: Mapping[str, Count]
    enrolled: Count
    evaluable: Count
    responders: Count
    pending: Count
    stage: int
    decision: Outcome
    decision_label: str
    decision_sentence: str
    r1: int
    n1: int
    r: int
    n: int
    eligible: Count
    unknown: Count
    near_miss: Count
    missing_fact: str = ""

    def __post_init__(self) -> None:
        """Refuse designs and counts that cannot be, and sums that give a hidden number away."""
        if not (0 <= self.r1 < self.n1 < self.n and self.r1 <= self.r < self.n):
            raise ValueError(f"cohort {self.id}: not a two-stage design")
        if self.stage not in (1, 2):
            raise ValueError(f"cohort {self.id}: the stage is 1 or 2")
        for name in ("enrolled", "evaluable", "responders", "pending", "eligible", "unknown", "near_miss"):
            check_count(getattr(self, name), f"cohort {self.id}: {name}")
        check_parts(self.by_site.values(), self.enrolled, f"Cohort {self.id}: patients by site")
        check_parts((self.evaluable, self.pending), self.enrolled, f"Cohort {self.id}: evaluable and pending")


@dataclass(frozen=True, slots=True)
class RateRow:
    """What a design does if the drug helps a share ``p`` of patients.

    Attributes:
        p: true response rate.
        positive: probability of a positive result.
        early_stop: probability to stop after stage 1 (PET).
        expected_n: expected number of patients (EN).
    """

    p: float
    positive: float
    early_stop: float
    expected_n: float


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """What the design of the cohorts promises.

    Attributes:
        design: the design's name, e.g. ``"8 + 16"``.
        sentence: its rule in words.
        alpha: probability of a positive result at the uninteresting rate.
        power: probability of a positive result at the interesting rate.
        rows: the same at chosen rates.
    """

    design: str
    sentence: str
    alpha: float
    power: float
    rows: tuple[RateRow, ...]

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        rates = [self.alpha, self.power]
        rates += [value for row in self.rows for value in (row.p, row.positive, row.early_stop)]
        if not all(0 <= rate <= 1 for rate in rates):
            raise ValueError("error rates: a probability lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve: from each time on, the share given beside it.

    Attributes:
        label: name of the group; unique in its picture.
        times_days: days from the origin at which the curve steps, rising.
        survival: share alive from that day on, falling, 0 to 1.
        lower: lower confidence limit; None where there is none.
        upper: upper confidence limit; None where there is none.
        at_risk_times: days at which numbers at risk stand under the picture, rising, from 0.
        at_risk_numbers: patients at risk just before each.
        events: events over the whole time.
        n: patients.
        median_text: median in words, with its limits: ``"20.0 months (18.1 to 22.3)"``, ``"not reached"``.
        censored_days: days to mark with a tick; empty where the privacy grid takes their meaning away.
    """

    label: str
    times_days: tuple[float, ...]
    survival: tuple[float, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    at_risk_times: tuple[float, ...]
    at_risk_numbers: tuple[Count, ...]
    events: Count
    n: Count
    median_text: str
    censored_days: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no survival curve."""
        name = f"curve {self.label!r}"
        if len({len(self.times_days), len(self.survival), len(self.lower), len(self.upper)}) != 1:
            raise ValueError(f"{name}: times, survival and limits have the same length")
        if not self.at_risk_times or len(self.at_risk_times) != len(self.at_risk_numbers):
            raise ValueError(f"{name}: a number at risk for each time, and at least one")
        for times in (self.times_days, self.at_risk_times, self.censored_days):
            if times and (times[0] < 0 or not _rises(times)):
                raise ValueError(f"{name}: times rise, from 0")
        if self.at_risk_times[-1] <= 0:
            raise ValueError(f"{name}: the last time with a number at risk is later than day 0")
        shares = [*self.survival, *(limit for limit in (*self.lower, *self.upper) if limit is not None)]
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError(f"{name}: shares lie between 0 and 1; a limit that does not exist is None")
        if not _rises(tuple(reversed(self.survival))):
            raise ValueError(f"{name}: survival never rises")
        for count in (*self.at_risk_numbers, self.events, self.n):
            check_count(count, name)

    def at(self, day: float) -> tuple[float, float | None, float | None]:
        """Survival with its limits on a day (1 before the first step)."""
        last = sum(time <= day for time in self.times_days) - 1
        return (1.0, None, None) if last < 0 else (self.survival[last], self.lower[last], self.upper[last])


@dataclass(frozen=True, slots=True)
class CurveSet:
    """Survival curves drawn in one picture.

    Attributes:
        title: what is compared, from which day to which event.
        groups: one curve each, five at most.
        note: the time grid of the sites and what it costs.
        confidence: level of the bands, between 0 and 1.
    """

    title: str
    groups: tuple[Curve, ...]
    note: str = ""
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Refuse more curves than can be told apart, labels used twice, and different times of numbers at risk."""
        labels = {curve.label for curve in self.groups}
        if not 1 <= len(self.groups) <= 5 or len(labels) < len(self.groups):
            raise ValueError(f"picture {self.title!r}: one to five curves, each with its own label")
        if not 0 < self.confidence < 1:
            raise ValueError(f"picture {self.title!r}: a level of confidence lies between 0 and 1")
        if len({curve.at_risk_times for curve in self.groups}) > 1:
            raise ValueError(f"picture {self.title!r}: numbers at risk stand at the same times for all curves")


def _rises(values: Sequence[float]) -> bool:
    return all(earlier <= later for earlier, later in pairwise(values))
