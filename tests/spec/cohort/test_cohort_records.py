"""Filling cohorts from recorded treatments and responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from kohort.cohort import CohortEvent, EventKind, enrolments_from_records, summarise
from kohort.errors import InputError, UnknownNameError
from kohort.tables import MemoryTables

COHORT = "braf"
DRUGS = {COHORT: ("vemurafenib", "dabrafenib")}
Row = Mapping[str, object]


def eligible(*persons: int, cohort: str = COHORT) -> pl.DataFrame:
    return pl.DataFrame({"cohort": [cohort] * len(persons), "person": list(persons)})


def course(id: int, person: int = 1, **columns: object) -> Row:  # noqa: A002
    return {"id": id, "person": person, "modality": "systemic", **columns}


def item(therapy: int, person: int = 1, drug: str | None = "vemurafenib") -> Row:
    return {"person": person, "therapy": therapy, "item_system": "kohort-drug", "item_code": drug}


def answer(therapy: int, category: str | None, person: int = 1, **columns: object) -> Row:
    return {"person": person, "therapy": therapy, "category": category, **columns}


def events(courses: Sequence[Row], items: Sequence[Row], answers: Sequence[Row] = ()) -> list[CohortEvent]:
    tables = MemoryTables({"therapy": courses, "therapy_item": items, "response": answers})
    return enrolments_from_records(eligible(1), tables, DRUGS)


def test_an_eligible_person_who_was_given_a_drug_of_the_cohort_is_enrolled():
    """With setting and day of the course, and marked as read from records."""
    assert events([course(10, setting="advanced", start_day=40)], [item(10)]) == [
        CohortEvent(COHORT, 1, EventKind.ENROLLED, setting="advanced", day=40, is_retrospective=True)
    ]


def test_other_drugs_other_modalities_and_other_persons_enrol_nobody():
    """The drug must be of the cohort, recognised, systemic, and given to an eligible person."""
    surgery = {"id": 11, "person": 1, "modality": "other"}
    assert events([course(10)], [item(10, drug="paclitaxel"), item(10, drug=None)]) == []
    assert events([surgery], [item(11)]) == []
    assert events([course(10, person=2)], [item(10, person=2)]) == []
    assert events([course(10)], [{"person": 1, "therapy": 10, "item_code": "vemurafenib"}]) == []


@pytest.mark.parametrize("category", ["CR", "PR"])
def test_a_complete_or_partial_response_is_a_responder(category: str):
    """The evaluation follows the enrolment, with the day of the assessment."""
    seen = events([course(10)], [item(10)], [answer(10, category, assessed_day=90)])
    assert seen[1] == CohortEvent(COHORT, 1, EventKind.EVALUATED, response=True, day=90, is_retrospective=True)


@pytest.mark.parametrize("category", ["SD", "PD", "NE"])
def test_every_other_recorded_response_is_a_non_responder(category: str):
    """Stable, progressive, and recorded as not evaluable."""
    assert events([course(10)], [item(10)], [answer(10, category)])[1].response is False


@pytest.mark.parametrize("answers", [[], [answer(10, None)], [answer(99, "PR")]])
def test_a_course_without_a_recorded_response_is_pending(answers: list[Row]):
    """No row, a row without a category, or a row of another course say nothing."""
    seen = summarise(events([course(10)], [item(10)], answers))[COHORT]
    assert (seen.enrolled, seen.evaluable, seen.pending, seen.retrospective) == (1, 0, 1, 1)


def test_the_best_of_several_responses_counts():
    """Stable, then partial: a responder, on the first day it was seen."""
    answers = [
        answer(10, "SD", assessed_day=30),
        answer(10, "PR", assessed_day=120),
        answer(10, "PR", assessed_day=60),
        answer(10, "PD", assessed_day=200),
    ]
    evaluated = events([course(10)], [item(10)], answers)[1]
    assert (evaluated.response, evaluated.day) == (True, 60)


def test_what_the_source_calls_the_best_response_stands_before_other_rows():
    """An unconfirmed partial response beside a best response of stable disease is stable disease."""
    answers = [answer(10, "PR"), answer(10, "SD", is_best=True)]
    assert events([course(10)], [item(10)], answers)[1].response is False


def test_the_first_course_counts_and_courses_without_a_day_come_last():
    """One enrolment per person and cohort, whatever the order of the rows."""
    courses = [course(12), course(11, start_day=90), course(10, start_day=200)]
    items = [item(12), item(11, drug="dabrafenib"), item(10)]
    answers = [answer(10, "PR"), answer(11, "PD"), answer(12, "CR")]
    for turn in range(3):
        seen = events(courses[turn:] + courses[:turn], items[turn:] + items[:turn], answers)
        assert [(event.day, event.response) for event in seen] == [(90, None), (None, False)]


def test_a_course_of_two_drugs_of_the_cohort_enrols_once():
    """A combination is one course."""
    seen = events([course(10)], [item(10), item(10, drug="dabrafenib")])
    assert len(seen) == 1


def test_a_person_may_be_in_several_cohorts():
    """Each cohort has its own enrolment; cohorts come in the order of their names."""
    both = pl.concat([eligible(1, cohort="b"), eligible(1, cohort="a"), eligible(1, cohort="a")])
    tables = MemoryTables({"therapy": [course(10)], "therapy_item": [item(10)]})
    seen = enrolments_from_records(both, tables, {"a": ("Vemurafenib",), "b": ("vemurafenib",)})
    assert [(event.cohort, event.person) for event in seen] == [("a", 1), ("b", 1)]


def test_adjuvant_treatment_is_enrolled_with_its_setting_and_counted_apart():
    """A complete response after surgery is no RECIST response."""
    log = events([course(10, setting="adjuvant")], [item(10)], [answer(10, "CR")])
    seen = summarise(log)[COHORT]
    assert (seen.responders, seen.responses_without_measurable_disease) == (0, 1)


def test_without_tables_nobody_is_enrolled():
    """Empty tables and an empty list of persons give an empty log."""
    assert enrolments_from_records(eligible(1), MemoryTables({}), DRUGS) == []
    none = pl.DataFrame(schema={"cohort": pl.String, "person": pl.Int64})
    assert enrolments_from_records(none, MemoryTables({}), {}) == []


def test_a_list_of_persons_without_its_columns_is_refused():
    """The message names the column."""
    with pytest.raises(InputError, match="column person"):
        enrolments_from_records(pl.DataFrame({"cohort": ["a"]}), MemoryTables({}), DRUGS)


def test_a_cohort_without_drugs_is_refused_by_name():
    """Eligible persons of a cohort nobody described are a mistake, not an empty cohort."""
    with pytest.raises(UnknownNameError, match="Did you mean 'braf'"):
        enrolments_from_records(eligible(1, cohort="brav"), MemoryTables({}), DRUGS)
