"""Cohorts filled from recorded treatments of real patients, recounted line by line from the raw file."""

from __future__ import annotations

import csv
from collections import defaultdict

import polars as pl
import pytest

from kohort.cohort import Stage, enrolments_from_records, multiplicity, state, summarise
from kohort.tables import MemoryTables
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

DRUGS = {
    "temozolomide": ("temozolomide",),
    "platinum": ("cisplatin", "carboplatin", "oxaliplatin"),
    "bevacizumab": ("bevacizumab",),
    "never given": ("sotorasib",),
}
CATEGORIES = {
    "complete response": "CR",
    "partial response": "PR",
    "stable disease": "SD",
    "clinical progressive disease": "PD",
}
SETTINGS = {"adjuvant": "adjuvant", "recurrence": "recurrence"}


def treatments() -> list[dict[str, str]]:
    """Drug rows of the study, in the order of the file."""
    path = SHARED / "tcga" / "data_timeline_treatment.txt"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [row for row in rows if row["TREATMENT_TYPE"] != "radiation"]


def tables_of_study(rows: list[dict[str, str]], numbers: dict[str, int]) -> MemoryTables:
    """One course, one item and at most one response for each row; drugs spelled as INN only."""
    links = [{"person": numbers[row["PATIENT_ID"]], "therapy": place} for place, row in enumerate(rows)]
    paired = list(zip(links, rows, strict=True))
    courses = [
        {
            "id": link["therapy"],
            "person": link["person"],
            "modality": "systemic",
            "setting": SETTINGS.get(row["INDICATION"]),
            "start_day": int(float(row["START_DATE"])) if row["START_DATE"] else None,
        }
        for link, row in paired
    ]
    items = [{**link, "item_system": "kohort-drug", "item_code": row["AGENT"]} for link, row in paired]
    answers = [
        {**link, "category": CATEGORIES.get(row["MEASURE_OF_RESPONSE"])}
        for link, row in paired
        if row["MEASURE_OF_RESPONSE"]
    ]
    return MemoryTables({"therapy": courses, "therapy_item": items, "response": answers})


def recounted(rows: list[dict[str, str]], drugs: tuple[str, ...]) -> dict[str, int]:
    """Counts of one cohort by a loop over patients."""
    courses: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row["AGENT"] in drugs:
            day = float(row["START_DATE"]) if row["START_DATE"] else float("inf")
            courses[row["PATIENT_ID"]].append((day, place))
    counts: dict[str, int] = defaultdict(int)
    for given in courses.values():
        row = rows[min(given)[1]]
        counts["enrolled"] += 1
        answer = CATEGORIES.get(row["MEASURE_OF_RESPONSE"])
        if row["INDICATION"] == "adjuvant":
            counts["without_measurable_disease"] += 1
        elif answer:
            counts["evaluable"] += 1
            counts["responders"] += answer in ("CR", "PR")
    return counts


def test_cohorts_of_real_patients_equal_a_recount_of_the_file():
    """Everyone is eligible for every cohort here: the rules of filling are under test, not eligibility."""
    rows = treatments()
    numbers = {name: place for place, name in enumerate(sorted({row["PATIENT_ID"] for row in rows}))}
    everyone = pl.DataFrame({"cohort": list(DRUGS)}).join(pl.DataFrame({"person": list(numbers.values())}), how="cross")
    seen = summarise(enrolments_from_records(everyone, tables_of_study(rows, numbers), DRUGS))
    assert set(seen) == {"temozolomide", "platinum", "bevacizumab"}
    for cohort, counts in seen.items():
        expected = recounted(rows, DRUGS[cohort])
        assert {name: getattr(counts, name) for name in expected} == expected
        assert counts.enrolled == counts.retrospective > 50
        assert counts.responses_without_measurable_disease == 0
    states = [state(counts) for counts in seen.values()]
    assert {each.stage for each in states} == {Stage.ENDED}
    assert multiplicity(states).expected_false_positives == pytest.approx(3 * 0.0777552, abs=1e-6)
