"""The course of the disease: lines of treatment, responses, progression, death; all in days from diagnosis.

Two kinds of patients. An *ordinary* patient first gets a time of death; advanced disease begins at diagnosis or on the
way to a death of the cancer, and then follow up to three lines. A *referred* patient first gets one to three earlier
lines and then the treatment of the cohort; the time of death is counted from advanced disease, at the pace of distant
stage, and drawn given that the patient lived to start in the cohort: nobody is treated after death.

A response is a standard normal score above the regimen's thresholds. The score shares the patient's vigour (the
quantity behind the survival time) with correlation `RESPONSE_VIGOUR`, so responders live longer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.synthetic.alterations import Alterations
from kohort.synthetic.lifetimes import cancer_death_days, other_death_days
from kohort.synthetic.population import DISTANT, ORDINARY, UNTESTED, People
from kohort.synthetic.regimens import ADJUVANT, regimens

__all__ = ["NO_RESPONSE", "OPERATION", "RADIOTHERAPY", "Course", "Lives", "Treatments", "draw_course"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_REGIMEN, OPERATION, RADIOTHERAPY = -1, -2, -3
NO_RESPONSE = -1
COMPLETE, PARTIAL, STABLE, PROGRESSIVE = 0, 1, 2, 3
RESPONSE_VIGOUR = 0.6
LONGEST_BEFORE_COHORT = 1_500.0
LIVES_AFTER_START = 45.0  # a patient who starts in a cohort lives to the first evaluation, about six weeks
MEDIAN_DAYS = np.array([420.0, 260.0, 150.0, 60.0])  # on treatment, by best response
ADVANCED_LINES = 3
ADJUVANT_SHARE, OPERATED_SHARE, RADIATED_SHARE = 0.55, 0.85, 0.22
CONDITIONAL_REASON = 0.85
CATCH_SHARE = 0.25  # ordinary patients who have a cohort's biomarker and enter it at their second line or later
NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Lives:
    """How long each patient of a block lives, and since when the disease is advanced.

    Attributes:
        death: (n,) days from diagnosis to death.
        advanced: (n,) days from diagnosis to advanced disease; infinite: never.
        alive_until: (n,) days that the patient is sure to live, for the choice of a diagnosis date.
    """

    death: Floats
    advanced: Floats
    alive_until: Floats


@dataclass(frozen=True, slots=True)
class Treatments:
    """Treatments of a block, one place each, in no order; those after death are still among them.

    Attributes:
        patient: place in the block.
        regimen: place in `regimens`, or `OPERATION` or `RADIOTHERAPY`.
        line: `ADJUVANT` or the line of advanced disease, from 1.
        start: days from diagnosis.
        stop: days from diagnosis.
        response: 0 CR, 1 PR, 2 SD, 3 PD, or `NO_RESPONSE` where none can be judged.
        in_cohort: given in a treatment cohort.
    """

    patient: Ints
    regimen: Ints
    line: Ints
    start: Floats
    stop: Floats
    response: Ints
    in_cohort: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Course:
    """Lives and treatments of a block."""

    lives: Lives
    treatments: Treatments


def _score(rng: np.random.Generator, vigour: Floats, share: float) -> Floats:
    return share * vigour + np.sqrt(1 - share**2) * rng.standard_normal(len(vigour))


def _respond(rng: np.random.Generator, regimen: Ints, vigour: Floats, share: float) -> Ints:
    """Best response of each patient to the regimen."""
    score = _score(rng, vigour, share)
    return (score[:, None] <= regimens().threshold[regimen]).sum(axis=1)


def _time_on(rng: np.random.Generator, response: Ints) -> Floats:
    return MEDIAN_DAYS[response] * np.exp(0.4 * rng.standard_normal(len(response)))


def _choose(rng: np.random.Generator, people: People, alterations: Alterations, line: int) -> Ints:
    """A standard regimen for everybody in this line, or `NO_REGIMEN`; a fitting biomarker comes first."""
    treatments = regimens()
    chosen = np.full(len(people), NO_REGIMEN)
    for tumour in np.unique(people.tumour):
        members = np.flatnonzero(people.tumour == tumour)
        if (int(tumour), line) in treatments.unconditional:
            places, running = treatments.unconditional[int(tumour), line]
            chosen[members] = places[np.searchsorted(running, rng.random(len(members)), side="right")]
    for place in treatments.conditional:
        regimen = treatments.all[place]
        if regimen.line == line:
            fits = np.isin(people.tumour, regimen.tumours) & (people.panel != UNTESTED)
            fits &= np.logical_or.reduce([alterations.has(biomarker) for biomarker in regimen.biomarkers])
            chosen[fits & (rng.random(len(people)) < regimen.share * CONDITIONAL_REASON)] = place
    return chosen


@dataclass
class _Lines:
    """Lines of advanced disease while they are drawn: parallel lists of arrays over all patients of the block."""

    regimen: list[Ints]
    start: list[Floats]
    stop: list[Floats]
    response: list[Ints]
    in_cohort: list[NDArray[np.bool_]]

    def add(
        self, rng: np.random.Generator, after: Floats, regimen: Ints, response: Ints, *, in_cohort: NDArray[np.bool_]
    ) -> Floats:
        """Adds a line that begins two to ten weeks after a day; returns its last day."""
        start = after + rng.uniform(14, 70, len(after))
        stop = start + _time_on(rng, response)
        self.regimen.append(regimen)
        self.start.append(start)
        self.stop.append(stop)
        self.response.append(response)
        self.in_cohort.append(in_cohort)
        return stop


def _cohort_for(rng: np.random.Generator, people: People, alterations: Alterations) -> Ints:
    """For each ordinary patient a treatment cohort that fits and takes them, or `ORDINARY`."""
    treatments = regimens()
    found = np.full(len(people), ORDINARY)
    for number, place in enumerate(treatments.cohorts):
        regimen = treatments.all[place]
        fits = np.isin(people.tumour, regimen.tumours) & (people.panel != UNTESTED)
        fits &= np.logical_or.reduce([alterations.has(biomarker) for biomarker in regimen.biomarkers])
        found[fits] = number
    return np.where(rng.random(len(people)) < CATCH_SHARE, found, ORDINARY)


def _before_cohort(rng: np.random.Generator, people: People, alterations: Alterations) -> tuple[_Lines, Floats, Floats]:
    """Advanced disease and one to three earlier lines as if all were referred; last, the day they end."""
    count = len(people)
    later = np.minimum(400 * np.exp(0.6 * rng.standard_normal(count)), LONGEST_BEFORE_COHORT)
    advanced = np.where(people.stage == DISTANT, 0.0, later)
    earlier = rng.choice([1, 2, 3], size=count, p=[0.4, 0.4, 0.2])
    lines, end, none = _Lines([], [], [], [], []), advanced, np.zeros(count, dtype=bool)
    for line in range(1, ADVANCED_LINES + 1):
        regimen = _choose(rng, people, alterations, line)
        regimen = np.where((line <= earlier) & (end < LONGEST_BEFORE_COHORT), regimen, NO_REGIMEN)
        response = _respond(rng, np.maximum(regimen, 0), np.zeros(count), 0.0)
        stop = lines.add(rng, end, regimen, response, in_cohort=none)
        end = np.where(regimen == NO_REGIMEN, end, stop)
    return lines, advanced, end


def _ordinary(
    rng: np.random.Generator, people: People, alterations: Alterations, vigour: Floats, advanced: Floats
) -> _Lines:
    """Up to three lines from the day of advanced disease, as if nobody was referred."""
    count = len(people)
    cohort = _cohort_for(rng, people, alterations)
    enters = rng.integers(2, ADVANCED_LINES + 1, size=count)
    lines, end = _Lines([], [], [], [], []), advanced
    for line in range(1, ADVANCED_LINES + 1):
        regimen = _choose(rng, people, alterations, line)
        in_cohort = (cohort != ORDINARY) & (enters == line)
        regimen = np.where(in_cohort, regimens().cohorts[cohort], regimen)
        regimen = np.where(np.isfinite(end), regimen, NO_REGIMEN)
        response = _respond(rng, np.maximum(regimen, 0), vigour, RESPONSE_VIGOUR)
        stop = lines.add(rng, end, regimen, response, in_cohort=in_cohort)
        end = np.where(regimen == NO_REGIMEN, NEVER, stop)
    return lines


def _gather(lines: _Lines, who: NDArray[np.bool_]) -> list[Treatments]:
    """The lines of these patients, one `Treatments` a line."""
    gathered = []
    for number, regimen in enumerate(lines.regimen):
        patient = np.flatnonzero(who & (regimen != NO_REGIMEN))
        gathered.append(
            Treatments(
                patient=patient,
                regimen=regimen[patient],
                line=np.full(len(patient), number + 1),
                start=lines.start[number][patient],
                stop=lines.stop[number][patient],
                response=lines.response[number][patient],
                in_cohort=lines.in_cohort[number][patient],
            )
        )
    return gathered


def _early(rng: np.random.Generator, people: People, alterations: Alterations) -> list[Treatments]:
    """Operations, radiotherapy and adjuvant treatment of patients without distant disease at diagnosis."""
    count = len(people)
    curable = people.stage != DISTANT
    drugs = _choose(rng, people, alterations, ADJUVANT)
    plans = (
        (np.full(count, OPERATION), OPERATED_SHARE, (7, 60), (0, 1)),
        (np.full(count, RADIOTHERAPY), RADIATED_SHARE, (60, 120), (20, 45)),
        (drugs, ADJUVANT_SHARE, (60, 120), (80, 200)),
    )
    early = []
    for regimen, share, begins, lasts in plans:
        start = rng.uniform(*begins, count)
        stop = start + rng.uniform(*lasts, count)
        patient = np.flatnonzero(curable & (rng.random(count) < share) & (regimen != NO_REGIMEN))
        size = len(patient)
        early.append(
            Treatments(
                patient=patient,
                regimen=regimen[patient],
                line=np.full(size, ADJUVANT),
                start=start[patient],
                stop=stop[patient],
                response=np.full(size, NO_RESPONSE),
                in_cohort=np.zeros(size, dtype=bool),
            )
        )
    return early


def _join(parts: list[Treatments]) -> Treatments:
    return Treatments(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Treatments.__dataclass_fields__)
    )


def draw_course(rng: np.random.Generator, people: People, alterations: Alterations) -> Course:
    """Lives and treatments of a block of patients."""
    count = len(people)
    referred = people.cohort != ORDINARY
    lines, advanced, end = _before_cohort(rng, people, alterations)
    alive_until = np.where(referred, end + 70 + LIVES_AFTER_START, 0.0)
    vigour = rng.standard_normal(count)
    # A referred patient's clock starts anew with advanced disease, at the pace of distant stage.
    onset = np.where(referred, advanced, 0.0)
    pace = np.where(referred, DISTANT, people.stage)
    cancer = onset + cancer_death_days(vigour, people.tumour, pace, np.maximum(alive_until - onset, 0.0))
    other = other_death_days(rng, people.age, people.female, alive_until)
    regimen = np.where(referred, regimens().cohorts[people.cohort], NO_REGIMEN)
    response = _respond(rng, np.maximum(regimen, 0), vigour, RESPONSE_VIGOUR)
    lines.add(rng, end, regimen, response, in_cohort=referred)
    relapse = np.where(cancer < other, cancer * rng.uniform(0.3, 0.75, count), NEVER)
    own = np.where(people.stage == DISTANT, 0.0, relapse)
    advanced = np.where(referred, advanced, own)
    ordinary = _ordinary(rng, people, alterations, vigour, own)
    treatments = _join(_gather(lines, referred) + _gather(ordinary, ~referred) + _early(rng, people, alterations))
    return Course(Lives(np.minimum(cancer, other), advanced, alive_until), treatments)
