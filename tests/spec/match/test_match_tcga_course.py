"""The course of real, de-identified patients: counts against what the timelines say, read line by line."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest

from kohort.match import Population, evaluate
from kohort.match.criteria import Criterion, DiseaseStatus, Event, MetastasisSite, PriorTherapy, Range, Window
from kohort.store import Site
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Population:
    made = Site.create(tmp_path_factory.mktemp("tcga") / "site", name="TCGA", country="NO")
    made.ingest([SHARED / "tcga"])
    return Population.of(made)


def lines(name: str) -> Iterator[dict[str, str]]:
    with (SHARED / "tcga" / f"data_timeline_{name}.txt").open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t")


def met(criterion: Criterion, population: Population) -> int:
    return evaluate(criterion, population, date(2017, 1, 1)).counts[0]


def test_metastases_to_the_lung_are_the_patients_whose_timeline_names_them(population: Population) -> None:
    """A distant metastasis at a site whose text names the lung."""
    named = {
        line["PATIENT_ID"]
        for line in lines("status")
        if ("metast" in line["STATUS"].lower() or "regional lymph node" in line["STATUS"].lower())
        and ("lung" in line["SITE"].lower() or "pulmonary" in line["SITE"].lower())
    }
    assert met(MetastasisSite("lung"), population) == len(named) > 100


def test_recurrent_disease_is_the_patients_with_a_recorded_recurrence(population: Population) -> None:
    """Whatever sort of recurrence: local, of the liver or elsewhere."""
    named = {line["PATIENT_ID"] for line in lines("status") if "recurrence" in line["STATUS"].lower()}
    assert met(DiseaseStatus(("recurrent",)), population) == len(named) > 500


def test_radiotherapy_is_the_patients_with_a_course_of_it(population: Population) -> None:
    """By the type of treatment."""
    named = {line["PATIENT_ID"] for line in lines("treatment") if "radiation" in line["TREATMENT_TYPE"].lower()}
    assert met(PriorTherapy(modality="radiotherapy"), population) == len(named) > 1000


def test_treatment_within_90_days_of_a_diagnosis_is_counted_in_days(population: Population) -> None:
    """Days of a timeline count from the first diagnosis; a new primary is another one."""
    diagnosed: dict[str, list[float]] = defaultdict(lambda: [0.0])
    for line in lines("status"):
        if "new primary" in line["STATUS"].lower():
            diagnosed[line["PATIENT_ID"]].append(_day(line["START_DATE"]))
    early = {
        line["PATIENT_ID"]
        for line in lines("treatment")
        if any(0 <= _day(line["START_DATE"]) - day <= 90 for day in diagnosed[line["PATIENT_ID"]])
    }
    within = Window(Event("diagnosis"), Event("therapy start"), Range.parse(">=0, <=90"))
    assert met(within, population) == len(early) > 1000


def _day(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
