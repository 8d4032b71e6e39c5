"""From the standard tables to overall survival: who is in, with which time, and who is not, and why."""

from __future__ import annotations

from datetime import date

from kohort.evidence import overall_survival
from kohort.tables import MemoryTables


def outcome(person: dict, *tumours: dict):
    rows = [{"person": 1, "id": 1, **person}]
    return overall_survival(MemoryTables({"person": rows, "tumour": [{"person": 1, **t} for t in tumours]}))


def row(person: dict, *tumours: dict) -> tuple:
    found = outcome(person, *tumours)
    assert found.left_out == ()
    return found.rows.row(0)


def reason(person: dict, *tumours: dict) -> str:
    found = outcome(person, *tumours)
    assert found.rows.is_empty()
    return found.left_out[0][0]


DAY_ZERO = {"kind": "primary", "diagnosed_day": 0}


def test_a_death_counted_in_days_from_diagnosis_is_an_event() -> None:
    """Day 0 is the diagnosis."""
    assert row({"origin": "diagnosis", "deceased": True, "death_day": 400}) == (1, 400, True)


def test_the_last_sign_of_life_is_a_censoring() -> None:
    """The person was alive then."""
    person = {"origin": "diagnosis", "deceased": False, "last_alive_day": 90}
    assert row(person, DAY_ZERO) == (1, 90, False)


def test_time_runs_from_the_earliest_primary_tumour() -> None:
    """Not from a later one, and not from a metastasis."""
    tumours = (
        {"kind": "primary", "diagnosed_day": 40},
        {"kind": "primary", "diagnosed_day": 10},
        {"kind": "metastasis", "diagnosed_day": 2},
    )
    assert row({"origin": "birth", "death_day": 100}, *tumours) == (1, 90, True)


def test_calendar_dates_known_to_the_day_are_used() -> None:
    """Where no day numbers are given."""
    person = {"death": date(2020, 3, 1), "death_precision": 3, "deceased": True}
    tumour = {"kind": "primary", "diagnosed": date(2020, 1, 1), "diagnosed_precision": 3}
    assert row(person, tumour) == (1, 60, True)


def test_a_death_on_the_day_of_diagnosis_is_kept() -> None:
    """Zero is a time."""
    assert row({"origin": "diagnosis", "death_day": 0})[1:] == (0, True)


def test_a_date_known_to_the_month_is_not_made_a_day() -> None:
    """No date is invented."""
    person = {"death": date(2020, 3, 1), "death_precision": 2}
    tumour = {"kind": "primary", "diagnosed": date(2020, 1, 1), "diagnosed_precision": 3}
    assert "not known to the day" in reason(person, tumour)


def test_a_day_number_and_a_calendar_date_are_not_mixed() -> None:
    """They have no common origin."""
    tumour = {"kind": "primary", "diagnosed": date(2020, 1, 1), "diagnosed_precision": 3}
    assert "another time scale" in reason({"origin": "birth", "death_day": 9}, tumour)


def test_dead_without_a_date_is_not_censored() -> None:
    """She did not live on after the last time she was seen."""
    person = {"origin": "diagnosis", "deceased": True, "last_alive_day": 50}
    assert reason(person) == "dead, but no date of death"


def test_contradictions_are_not_resolved_by_guessing() -> None:
    """Alive with a date of death; seen alive after death."""
    words = "statements about death contradict each other"
    assert reason({"origin": "diagnosis", "deceased": False, "death_day": 50}) == words
    assert reason({"origin": "diagnosis", "death_day": 50, "last_alive_day": 51}) == words


def test_seen_alive_on_the_day_of_death_is_no_contradiction() -> None:
    """Both may be recorded on one day."""
    assert row({"origin": "diagnosis", "death_day": 50, "last_alive_day": 50}) == (1, 50, True)


def test_nothing_known_is_said() -> None:
    """Neither a death nor a sign of life."""
    assert reason({"origin": "diagnosis"}, DAY_ZERO) == "no death and no last sign of life"


def test_no_diagnosis_is_said() -> None:
    """There is no time zero."""
    assert reason({"origin": "birth", "death_day": 50}) == "no date of diagnosis known to the day"


def test_an_end_before_the_diagnosis_is_left_out() -> None:
    """Diagnosed after death, e.g. at autopsy, or a mistake."""
    assert reason({"origin": "diagnosis", "death_day": -3}) == "the end is before the diagnosis"


def test_everybody_is_either_in_or_counted_under_a_reason() -> None:
    """The sentence adds up."""
    people = [
        {"person": 1, "id": 1, "origin": "diagnosis", "death_day": 10},
        {"person": 2, "id": 2, "origin": "diagnosis"},
        {"person": 3, "id": 3, "origin": "diagnosis"},
    ]
    found = overall_survival(MemoryTables({"person": people}))
    assert found.sentence == ("1 of 3 people are included; left out 2: no death and no last sign of life.")
    assert overall_survival(MemoryTables({})).sentence == "All 0 people are included."
