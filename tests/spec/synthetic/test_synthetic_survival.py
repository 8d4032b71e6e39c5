"""Survival, treatments and responses: as published, and consistent with each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from kohort.synthetic import DEFAULT_HOSPITALS, Mess, WrittenStudy, write_hospitals
from kohort.synthetic.alterations import draw_alterations
from kohort.synthetic.block import LAST_FOLLOW_UP
from kohort.synthetic.course import Course, draw_course
from kohort.synthetic.frequencies import STAGES, survival, tumours
from kohort.synthetic.lifetimes import DAYS_A_YEAR, cancer_death_days, normal_cdf, other_death_days
from kohort.synthetic.population import draw_people
from kohort.synthetic.regimens import regimens
from tests.spec.synthetic.raw_study import RawFile, kaplan_meier
from tests.support import SHARED, needs_shared

MANY = 40_000
FIVE_YEARS = 5 * DAYS_A_YEAR


@pytest.fixture(scope="module")
def referred() -> Course:
    """Many patients who were all treated in a cohort."""
    rng = np.random.default_rng(6)
    people = draw_people(rng, MANY, replace(DEFAULT_HOSPITALS[0], referred=1.0))
    return draw_course(rng, people, draw_alterations(rng, people))


@pytest.mark.parametrize("code", ["COAD", "LUAD", "PAAD", "IDC", "GB", "HGSOC"])
def test_five_year_survival_from_the_cancer_is_the_cited_one(code: str) -> None:
    """Of many drawn times, the share beyond five years is the relative survival of the table, at each stage."""
    rng, tumour = np.random.default_rng(2), tumours().index[code]
    for stage in range(len(STAGES)):
        days = cancer_death_days(rng.standard_normal(MANY), np.full(MANY, tumour), np.full(MANY, stage), np.zeros(MANY))
        assert (days > FIVE_YEARS).mean() == pytest.approx(survival().five_year[tumour, stage], abs=0.015)


def test_survival_is_drawn_given_the_days_already_lived() -> None:
    """Conditioned times are all later than the condition, and follow S(t) / S(condition)."""
    rng, tumour, given = np.random.default_rng(2), tumours().index["COAD"], 800.0
    all_same = (np.full(MANY, tumour), np.full(MANY, 2))
    free = cancer_death_days(rng.standard_normal(MANY), *all_same, np.zeros(MANY))
    conditioned = cancer_death_days(rng.standard_normal(MANY), *all_same, np.full(MANY, given))
    assert conditioned.min() >= given
    assert (conditioned > FIVE_YEARS).mean() == pytest.approx((free[free > given] > FIVE_YEARS).mean(), abs=0.02)


def test_normal_distribution_function_is_accurate() -> None:
    """The series agrees with the standard library to 1e-7."""
    z = np.linspace(-6, 6, 241)
    exact = np.array([NormalDist().cdf(value) for value in z])
    assert np.abs(normal_cdf(z) - exact).max() < 1e-7


@pytest.mark.realdata
@needs_shared
def test_other_causes_follow_norwegian_death_rates() -> None:
    """Deaths within a year of drawn people agree with the mortality of 2014-2023, within a fifth, at 50 to 85 years."""
    table = pl.read_csv(SHARED / "norway/mortality_2014_2023.csv", schema_overrides={"Age": pl.String})
    rng, size = np.random.default_rng(1), 400_000
    for female, sex in ((True, "Female"), (False, "Male")):
        for age in (50, 60, 70, 80, 85):
            days = other_death_days(rng, np.full(size, float(age)), np.full(size, female), np.zeros(size))
            rate = table.filter((pl.col("Sex") == sex) & (pl.col("Age") == str(age)))["MortalityRate"].mean()
            assert isinstance(rate, float)
            assert (days < DAYS_A_YEAR).mean() == pytest.approx(1 - np.exp(-rate), rel=0.2)


def test_survival_in_the_files_is_as_published(tmp_path: Path) -> None:
    """Kaplan-Meier of the written months: five-year survival near the table's, other causes taken off."""
    hospital = replace(DEFAULT_HOSPITALS[0], referred=0.0, share=1.0)
    [study] = write_hospitals(tmp_path, patients=9_000, seed=2, hospitals=[hospital], mess=Mess.none())
    people = RawFile.read(study.path / "data_clinical_patient.txt").rows()
    for icd, stage, code, place in (
        ("C25.9", "Stage IV", "PAAD", 2),
        ("C18.9", "Stage IV", "COAD", 2),
        ("C71.9", "", "GB", 0),
    ):
        rows = [row for row in people if row["ICD_10"] == icd and row["AJCC_STAGE"] == stage]
        rows = [row for row in rows if code != "GB" or row["ICD_O_3_HISTOLOGY"] == "9440/3"]
        months = np.array([float(row["OS_MONTHS"]) for row in rows])
        died = np.array([row["OS_STATUS"] == "1:DECEASED" for row in rows])
        expected = survival().five_year[tumours().index[code], place]
        assert len(rows) > 200
        assert kaplan_meier(months, died, 60.0) == pytest.approx(expected, abs=0.06)


def test_response_rates_are_the_cited_ones(referred: Course) -> None:
    """In each cohort the drawn best responses have the shares of its row, within five standard errors."""
    given = referred.treatments
    for place in regimens().cohorts:
        response = given.response[given.in_cohort & (given.regimen == place)]
        for category, share in enumerate(regimens().all[place].response):
            tolerance = 5 * np.sqrt(max(share, 0.001) / len(response))
            assert (response == category).mean() == pytest.approx(share, abs=tolerance)


def test_responders_live_longer(referred: Course) -> None:
    """After the start in a cohort, patients with a response live longer than those with progression."""
    given = referred.treatments
    after = referred.lives.death[given.patient] - given.start
    responded, progressed = given.in_cohort & (given.response <= 1), given.in_cohort & (given.response == 3)
    assert np.median(after[responded]) > 1.5 * np.median(after[progressed])


def test_responders_stay_on_treatment_longer(referred: Course) -> None:
    """Time on treatment follows the response."""
    given = referred.treatments
    days = given.stop - given.start
    medians = [np.median(days[given.in_cohort & (given.response == category)]) for category in range(4)]
    assert medians == sorted(medians, reverse=True)


def test_nobody_referred_dies_before_the_cohort(referred: Course) -> None:
    """A patient who enters a cohort lives to the first evaluation, unless something else kills first; never before."""
    given = referred.treatments
    entered = given.in_cohort
    assert (referred.lives.death[given.patient[entered]] >= given.start[entered]).all()


def test_no_treatment_in_the_files_begins_after_death(tmp_path: Path) -> None:
    """START_DATE, STOP_DATE and status days stay within OS_MONTHS."""
    for study in write_hospitals(tmp_path, patients=900, seed=7, mess=Mess.none()):
        last = {
            row["PATIENT_ID"]: float(row["OS_MONTHS"]) * 30.4375 + 1
            for row in RawFile.read(study.path / "data_clinical_patient.txt").rows()
        }
        for file in ("data_timeline_treatment.txt", "data_timeline_status.txt"):
            for row in RawFile.read(study.path / file).rows():
                assert 0 <= int(row["START_DATE"]) <= last[row["PATIENT_ID"]]
                assert (
                    not row["STOP_DATE"] or int(row["START_DATE"]) <= int(row["STOP_DATE"]) <= last[row["PATIENT_ID"]]
                )


def test_nobody_is_followed_into_the_future(studies: list[WrittenStudy]) -> None:
    """Diagnosis plus months of follow-up never passes the last day of follow-up."""
    end = date.fromisoformat(str(LAST_FOLLOW_UP))
    for study in studies:
        for row in RawFile.read(study.path / "data_clinical_patient.txt").rows():
            if not row["DATE_OF_DIAGNOSIS"].startswith(row["YEAR_OF_DIAGNOSIS"]):
                continue  # an impossible date was planted
            try:
                diagnosed = date.fromisoformat(row["DATE_OF_DIAGNOSIS"])
            except ValueError:
                continue
            assert (end - diagnosed).days >= float(row["OS_MONTHS"]) * 30.4375 - 1


def test_cohorts_fill_across_the_hospitals(studies: list[WrittenStudy]) -> None:
    """Of the demo's 900 patients more than 200 have an evaluated treatment in a cohort, some in every hospital."""
    evaluated = {
        study.hospital.code: sum(
            row["INDICATION"] == "IMPRESS-like cohort" and row["MEASURE_OF_RESPONSE"] != ""
            for row in RawFile.read(study.path / "data_timeline_treatment.txt").rows()
        )
        for study in studies
    }
    assert sum(evaluated.values()) > 200
    assert min(evaluated.values()) > 40


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_some_cohorts_reach_both_stages(seed: int) -> None:
    """Of 900 patients: two cohorts or more reach 24, eight or more reach 8, and one of these has no responder."""
    number = len(regimens().cohorts)
    evaluable, responded = np.zeros(number, dtype=int), np.zeros(number, dtype=int)
    for place, hospital in enumerate(DEFAULT_HOSPITALS):
        rng = np.random.default_rng([seed, place])
        people = draw_people(rng, round(900 * hospital.share), hospital)
        given = draw_course(rng, people, draw_alterations(rng, people)).treatments
        for cohort, regimen in enumerate(regimens().cohorts):
            response = given.response[given.in_cohort & (given.regimen == regimen)]
            evaluable[cohort] += len(response)
            responded[cohort] += (response <= 1).sum()
    assert (evaluable >= 24).sum() >= 2
    assert (evaluable >= 8).sum() >= 8
    assert ((evaluable >= 8) & (responded == 0)).any()
