"""Who the patients are: tumour, sex, age, stage, whether they were referred for a treatment cohort, which test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.synthetic.frequencies import survival, tumours
from kohort.synthetic.model import Hospital
from kohort.synthetic.regimens import regimens

__all__ = ["ORDINARY", "UNTESTED", "People", "draw_people", "pick"]

Ints = NDArray[np.int64]

ORDINARY = -1
UNTESTED = -1
DISTANT = 2
YOUNGEST, OLDEST = 18.0, 95.0
REFERRED_OLDEST = 80.0  # a trial's patients are younger than a registry's
REFERRED_UNTESTED = 0.03


@dataclass(frozen=True, slots=True)
class People:
    """A block of patients, one place each.

    Attributes:
        tumour: places in `Tumours`.
        female: sex.
        age: years at diagnosis.
        stage: places in `STAGES`.
        cohort: place among the treatment cohorts that the patient was referred for, or `ORDINARY`.
        alternative: which of the cohort's biomarkers the patient has.
        panel: place in the hospital's panels, or `UNTESTED`.
    """

    tumour: Ints
    female: NDArray[np.bool_]
    age: NDArray[np.float64]
    stage: Ints
    cohort: Ints
    alternative: Ints
    panel: Ints

    def __len__(self) -> int:
        """Number of patients."""
        return len(self.tumour)


def pick(rng: np.random.Generator, running: NDArray[np.float64], count: int) -> Ints:
    """Places drawn with the given running sum of shares (its last element is 1)."""
    return np.minimum(np.searchsorted(running, rng.random(count), side="right"), len(running) - 1)


def _draw_cohorts(rng: np.random.Generator, count: int, referred: float) -> Ints:
    """Treatment cohorts by weight, `ORDINARY` for the rest.

    Stratified: the n chances are one in each n-th of the unit interval, in random order. Shares stay as given, and
    small hospitals do not lack a cohort by bad luck.
    """
    treatments = regimens()
    weights = np.array([treatments.all[place].share for place in treatments.cohorts])
    running = np.r_[1 - referred, 1 - referred + referred * weights.cumsum() / weights.sum()]
    chance = (rng.permutation(count) + rng.random(count)) / count
    return np.searchsorted(running[:-1], chance, side="right") + ORDINARY


def _draw_tumours(rng: np.random.Generator, cohort: Ints, country: str) -> Ints:
    """Tumours by the country's mix; a referred patient has one of the cohort's tumours."""
    known, treatments = tumours(), regimens()
    mix = known.weight * known.country[country]
    drawn = pick(rng, mix.cumsum() / mix.sum(), len(cohort))
    for number, place in enumerate(treatments.cohorts):
        members = np.flatnonzero(cohort == number)
        drawn[members] = rng.choice(treatments.all[place].tumours, size=len(members))
    return drawn


def _draw_stages(rng: np.random.Generator, tumour: Ints, referred: NDArray[np.bool_]) -> Ints:
    """Stages by tumour; of the referred more were distant from the start."""
    shares = survival().stage[tumour]
    drawn = (rng.random(len(tumour))[:, None] > shares.cumsum(axis=1)[:, :-1]).sum(axis=1)
    upgrade = referred & (rng.random(len(tumour)) < 0.6) & (shares[:, DISTANT] > 0)
    return np.where(upgrade, DISTANT, drawn)


def _draw_panels(rng: np.random.Generator, hospital: Hospital, referred: NDArray[np.bool_]) -> Ints:
    """Panels by share; the referred are tested, with a panel that reads copy number."""
    count = len(referred)
    shares = np.array([use.share for use in hospital.panels])
    drawn = pick(rng, shares.cumsum() / shares.sum(), count)
    wide = [place for place, use in enumerate(hospital.panels) if use.copy_number]
    if wide:
        drawn[referred] = rng.choice(wide, size=int(referred.sum()))
    missing = rng.random(count) < np.where(referred, REFERRED_UNTESTED, hospital.untested)
    return np.where(missing, UNTESTED, drawn)


def draw_people(rng: np.random.Generator, count: int, hospital: Hospital) -> People:
    """A block of ``count`` patients of a hospital."""
    known, treatments = tumours(), regimens()
    cohort = _draw_cohorts(rng, count, hospital.referred)
    referred = cohort != ORDINARY
    alternatives = np.array([len(treatments.all[place].biomarkers) for place in treatments.cohorts])
    alternative = np.floor(rng.random(count) * alternatives[cohort]).astype(np.int64)
    tumour = _draw_tumours(rng, cohort, hospital.country)
    female = rng.random(count) < known.female[tumour]
    age = known.age[tumour] + known.age_sd[tumour] * rng.standard_normal(count)
    age = np.clip(age, YOUNGEST, np.where(referred, REFERRED_OLDEST, OLDEST))
    return People(
        tumour=tumour,
        female=female,
        age=age,
        stage=_draw_stages(rng, tumour, referred),
        cohort=cohort,
        alternative=alternative,
        panel=_draw_panels(rng, hospital, referred),
    )
