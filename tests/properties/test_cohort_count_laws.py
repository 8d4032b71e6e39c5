"""Laws of counts: sites add up to one site, order does not matter, records equal a slow reference."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort import (
    CohortCounts,
    CohortEvent,
    EventKind,
    combine,
    enrolments_from_records,
    state,
    summarise,
)
from kohort.cohort.conduct.lives import summarise_by_country
from kohort.tables import MemoryTables

COHORTS = ("a", "b", "c")
SETTINGS = (None, "advanced", "adjuvant", "neoadjuvant", "unknown")


@st.composite
def logs(draw: st.DrawFn) -> list[CohortEvent]:
    """A log of patients in cohorts: enrolled, then perhaps evaluated, corrected, or voided."""
    events: list[CohortEvent] = []
    for person in range(draw(st.integers(0, 12))):
        cohort = draw(st.sampled_from(COHORTS))
        setting = draw(st.sampled_from(SETTINGS))
        events.append(
            CohortEvent(cohort, person, EventKind.ENROLLED, setting=setting, is_retrospective=draw(st.booleans()))
        )
        for response in draw(st.lists(st.sampled_from([True, False, None]), max_size=2)):
            kind = EventKind.NOT_EVALUABLE if response is None else EventKind.EVALUATED
            events.append(CohortEvent(cohort, person, kind, response=response))
        if draw(st.integers(0, 5)) == 0:
            events.append(CohortEvent(cohort, person, EventKind.VOIDED))
    return events


@settings(max_examples=80, deadline=None)
@given(logs(), st.integers(1, 4))
def test_counts_pooled_over_sites_equal_one_site(log: list[CohortEvent], sites: int):
    """Each patient at one site, split in any way: the sum of the sites is the whole."""
    parts = [[event for event in log if (event.person or 0) % sites == site] for site in range(sites)]
    pooled = combine(summarise(part) for part in parts)
    whole = summarise(log)
    assert pooled == whole
    assert {cohort: state(c).decision for cohort, c in pooled.items()} == {
        cohort: state(c).decision for cohort, c in whole.items()
    }


@settings(max_examples=80, deadline=None)
@given(logs(), st.lists(st.sampled_from(["NO", "DK", ""]), min_size=12, max_size=12))
def test_counts_of_countries_add_up_to_the_whole(log: list[CohortEvent], countries: list[str]):
    """The country of the enrolment is the patient's, whatever later events say."""
    placed = [
        dataclasses.replace(event, country=countries[event.person or 0]) if event.kind == EventKind.ENROLLED else event
        for event in log
    ]
    found = summarise_by_country(placed)
    whole = {cohort: counts for cohort, counts in summarise(placed).items() if counts.enrolled}
    assert combine(found.values()) == whole
    for country, counts in found.items():
        own = [event for event in placed if countries[event.person or 0] == country]
        assert counts == {name: each for name, each in summarise(own).items() if each.enrolled}


@settings(max_examples=80, deadline=None)
@given(logs(), logs(), logs())
def test_adding_counts_is_associative_and_commutative(
    first: list[CohortEvent], second: list[CohortEvent], third: list[CohortEvent]
):
    """The order in which countries report does not matter."""
    a, b, c = (summarise(log).get("a", CohortCounts("a")) for log in (first, second, third))
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + CohortCounts("a") == a


@settings(max_examples=80, deadline=None)
@given(logs())
def test_every_enrolled_patient_is_counted_once(log: list[CohortEvent]):
    """Evaluable, pending, not evaluable or without measurable disease: they add up to the enrolled."""
    for counts in summarise(log).values():
        parts = (counts.evaluable, counts.pending, counts.not_evaluable, counts.without_measurable_disease)
        assert min(parts) >= 0
        assert sum(parts) == counts.enrolled
        everyone = summarise(log, count_without_measurable_disease=True)[counts.cohort]
        assert everyone.enrolled == counts.enrolled
        assert everyone.evaluable >= counts.evaluable


@st.composite
def hospitals(draw: st.DrawFn) -> tuple[list[dict[str, object]], ...]:
    """Courses, items and responses of a few persons, messy in every way the tables allow."""
    days = st.none() | st.integers(-5, 5)
    courses: list[dict[str, object]] = [
        {
            "id": place,
            "person": draw(st.integers(0, 3)),
            "modality": draw(st.sampled_from(["systemic", "systemic", "surgery", None])),
            "setting": draw(st.sampled_from(SETTINGS)),
            "start_day": draw(days),
        }
        for place in range(draw(st.integers(0, 8)))
    ]
    items: list[dict[str, object]] = []
    answers: list[dict[str, object]] = []
    for course in courses:
        link = {"person": course["person"], "therapy": course["id"]}
        for drug in draw(st.lists(st.sampled_from(["x", "y", "z", None]), max_size=3)):
            items.append({**link, "item_system": "kohort-drug", "item_code": drug})
        for category in draw(st.lists(st.sampled_from(["CR", "PR", "SD", "PD", "NE", None]), max_size=3)):
            answers.append({**link, "category": category, "is_best": draw(st.none() | st.booleans())})
    return courses, items, answers


def slowly(
    eligible: set[tuple[str, int]], drugs: dict[str, tuple[str, ...]], hospital: tuple[list[dict], ...]
) -> dict[tuple[str, int], tuple[str | None, int | None, bool | None]]:
    """The rules of ``records`` in plain Python, one person at a time."""
    courses, items, answers = hospital
    given_drugs: dict[int, set[str]] = defaultdict(set)
    for item in items:
        given_drugs[item["therapy"]].add(item["item_code"])
    enrolled = {}
    for cohort, person in eligible:
        fitting = [
            course
            for course in courses
            if course["person"] == person
            and course["modality"] == "systemic"
            and given_drugs[course["id"]] & set(drugs[cohort])
        ]
        if not fitting:
            continue
        first = min(fitting, key=lambda c: (c["start_day"] is None, c["start_day"] or 0, c["id"]))
        rows = [a for a in answers if a["therapy"] == first["id"] and a["category"]]
        rows = [a for a in rows if a["is_best"]] or rows
        responded = any(a["category"] in ("CR", "PR") for a in rows) if rows else None
        enrolled[cohort, person] = (first["setting"], first["start_day"], responded)
    return enrolled


@settings(max_examples=120, deadline=None)
@given(
    hospitals(),
    st.sets(st.tuples(st.sampled_from(COHORTS), st.integers(0, 3))),
    st.fixed_dictionaries(
        {cohort: st.lists(st.sampled_from(["x", "y", "z"]), max_size=2).map(tuple) for cohort in COHORTS}
    ),
)
def test_enrolments_from_records_equal_a_slow_reference(
    hospital: tuple[list[dict[str, object]], ...],
    eligible: set[tuple[str, int]],
    drugs: dict[str, tuple[str, ...]],
):
    """The frame expressions and a loop over persons enrol the same patients with the same answers."""
    frame = pl.DataFrame(sorted(eligible), schema={"cohort": pl.String, "person": pl.Int64}, orient="row")
    tables = MemoryTables(dict(zip(("therapy", "therapy_item", "response"), hospital, strict=True)))
    log = enrolments_from_records(frame, tables, drugs)
    seen: dict[tuple[str, int], tuple[str | None, int | None, bool | None]] = {}
    for event in log:
        assert event.person is not None
        key = (event.cohort, event.person)
        if event.kind == EventKind.ENROLLED:
            assert key not in seen
            seen[key] = (event.setting, event.day, None)
        else:
            seen[key] = (*seen[key][:2], event.response)
    assert seen == slowly(eligible, drugs, hospital)
    assert sum(counts.enrolled for counts in summarise(log).values()) == len(seen)
