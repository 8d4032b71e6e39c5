"""Treatments: modality and setting, lines with a drug, time since the last, windows between events."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kohort.errors import UserError
from kohort.match import Population, evaluate
from kohort.match.criteria import Event, Not, PriorTherapy, Range, SystemicLines, TherapySince, Window
from tests.spec.match.match_people import TODAY, People


@pytest.fixture
def people() -> People:
    return People()


def therapy(people: People, person: int, *drugs: str | None, modality: str = "systemic", **columns: Any) -> None:
    course = people.add("therapy", person, modality=modality, **columns)
    for drug in drugs:
        people.add("therapy_item", person, therapy=course, item_code=drug)


def test_a_treatment_may_be_asked_by_modality_and_setting(people: People) -> None:
    """All must hold of one course: an adjuvant radiotherapy and a systemic therapy are no adjuvant systemic one."""
    therapy(people, 1, modality="radiotherapy", setting="adjuvant")
    therapy(people, 1, "paclitaxel", setting="advanced")
    asked = [
        PriorTherapy(modality="radiotherapy"),
        PriorTherapy(modality="surgery"),
        PriorTherapy(modality="systemic", setting="adjuvant"),
        PriorTherapy("paclitaxel", setting="advanced"),
        PriorTherapy("paclitaxel", setting="adjuvant"),
    ]
    assert [people.value(one) for one in asked] == [True, False, False, True, False]


def test_an_unknown_modality_or_setting_leaves_it_open(people: People) -> None:
    """A course of another sort may be what is asked, and a setting that was not recorded as well."""
    therapy(people, 1, "paclitaxel", modality="other")
    assert people.value(PriorTherapy(modality="systemic")) is None
    assert people.value(PriorTherapy("paclitaxel", setting="adjuvant")) is None
    assert people.value(PriorTherapy("imatinib", setting="adjuvant")) is False
    with pytest.raises(UserError, match="at least one"):
        PriorTherapy()


def test_lines_may_be_counted_of_one_drug_or_class(people: People) -> None:
    """Two of three lines held a PD-1 inhibitor; line 0 is before the first."""
    for line, drug in ((1, "pembrolizumab"), (2, "docetaxel"), (3, "nivolumab"), (0, "cemiplimab")):
        therapy(people, 1, drug, line=line)
    counts = [SystemicLines(Range.parse(text), drug_class="PD-1 inhibitor") for text in ("==2", "<=1", ">=2")]
    assert [people.value(one) for one in counts] == [True, False, True]
    assert people.value(SystemicLines(Range.parse("==1"), drug="docetaxel")) is True
    assert people.value(SystemicLines(Range.parse("==0"), drug="imatinib")) is True


def test_courses_of_a_drug_without_a_line_may_be_parts_of_one(people: People) -> None:
    """Two courses are one line or two; a course with a drug that was not recognised may be another."""
    therapy(people, 1, "pembrolizumab")
    therapy(people, 1, "pembrolizumab")
    therapy(people, 2, "pembrolizumab", line=1)
    therapy(people, 2, None, line=2)
    people.add("person", 3)
    at_most_one = SystemicLines(Range.parse("<=1"), drug="pembrolizumab")
    assert [people.value(at_most_one, person) for person in (1, 2, 3)] == [None, None, None]
    assert people.value(SystemicLines(Range.parse("<=2"), drug="pembrolizumab"), 1) is True


WASHOUT = TherapySince(Range.parse(">=28"), drug="imatinib")


def test_a_washout_is_counted_from_the_end_of_the_last_treatment(people: People) -> None:
    """The last of several counts, on the day of matching."""
    therapy(people, 1, "imatinib", start=date(2026, 1, 1), stop=date(2026, 10, 4))
    therapy(people, 1, "imatinib", start=date(2025, 1, 1), stop=date(2025, 6, 1))
    assert people.value(WASHOUT) is True
    assert evaluate(WASHOUT, people.population, date(2026, 10, 31)).value(0) is False
    assert people.value(TherapySince(Range.parse("==28"), drug="imatinib")) is True


def test_what_was_never_given_is_infinitely_long_ago(people: People) -> None:
    """In a recorded history the washout holds; without one nobody knows."""
    therapy(people, 1, "paclitaxel", stop=date(2026, 10, 30))
    people.add("person", 2)
    assert [people.value(WASHOUT, person) for person in (1, 2)] == [True, None]
    assert people.value(TherapySince(Range.parse("<=90"), drug="imatinib"), 1) is False


def test_a_treatment_that_goes_on_is_no_days_ago(people: People) -> None:
    """Whatever its start."""
    therapy(people, 1, "imatinib", start=date(2025, 1, 1), ongoing=True)
    assert people.value(WASHOUT) is False
    assert people.value(TherapySince(Range.parse("==0"), drug_class="kinase inhibitor")) is True


def test_without_an_end_a_treatment_may_have_gone_on_until_today(people: People) -> None:
    """Begun 100 days ago, it ended between then and now; an operation ended on its day."""
    therapy(people, 1, "imatinib", start=date(2026, 7, 24))
    therapy(people, 2, modality="surgery", start=date(2026, 7, 24))
    assert people.value(WASHOUT, 1) is None
    assert people.value(TherapySince(Range.parse("<=100"), drug="imatinib"), 1) is True
    assert people.value(TherapySince(Range.parse(">=100"), modality="surgery"), 2) is True


def test_an_end_known_to_the_month_is_an_interval(people: People) -> None:
    """Ended in September: 32 to 61 days before 1 November."""
    therapy(people, 1, "imatinib", stop=date(2026, 9, 1), stop_precision=2)
    answers = [people.value(TherapySince(Range.parse(text), drug="imatinib")) for text in (">=28", ">=50", ">=62")]
    assert answers == [True, None, False]


def test_a_drug_that_was_not_recognised_may_have_been_the_last(people: People) -> None:
    """An illegible drug a week ago leaves it open, one a year ago does not."""
    therapy(people, 1, None, stop=date(2026, 10, 25))
    therapy(people, 2, None, stop=date(2025, 10, 25))
    assert [people.value(WASHOUT, person) for person in (1, 2)] == [None, True]


def test_a_treatment_that_begins_later_lies_not_behind(people: People) -> None:
    """Planned for December, it is not yet given on 1 November."""
    therapy(people, 1, "imatinib", start=date(2026, 12, 1), ongoing=True)
    assert people.value(WASHOUT) is True


def test_the_time_since_a_treatment_asks_for_one_kind_of_treatment() -> None:
    """One drug, class or modality, and no days ahead."""
    with pytest.raises(UserError, match="exactly one"):
        TherapySince(Range.parse(">=28"), drug="imatinib", modality="systemic")
    with pytest.raises(UserError, match="ahead"):
        TherapySince(Range.parse("<0"), drug="imatinib")
    assert (TherapySince.uses_as_of, TherapySince.recoverable) == (True, True)


def test_a_window_holds_if_some_pair_of_events_lies_within_it(people: People) -> None:
    """Treatment within 90 days of diagnosis: the second course is."""
    people.add("tumour", 1, kind="primary", diagnosed_day=0)
    therapy(people, 1, "imatinib", start_day=400)
    therapy(people, 1, "imatinib", start_day=60)
    start = Event("therapy start", drug="imatinib")
    assert people.value(Window(Event("diagnosis"), start, Range.parse("<=90"))) is True
    assert people.value(Window(Event("diagnosis"), start, Range.parse("<=30"))) is False


def test_a_window_is_unknown_without_one_of_its_events(people: People) -> None:
    """A metastasis that is not recorded may have happened; an event without a day may lie anywhere."""
    people.add("tumour", 1, kind="primary", diagnosed_day=0)
    people.add("tumour", 2, kind="primary", diagnosed_day=0)
    people.add("tumour", 2, kind="metastasis")
    late = Window(Event("diagnosis"), Event("metastasis"), Range.parse(">=365"))
    assert [people.value(late, person) for person in (1, 2)] == [None, None]
    assert people.value(Not(late), 1) is None


def test_dates_known_to_the_month_or_year_are_intervals(people: People) -> None:
    """From March to July 2024 there are 92 to 152 days."""
    people.add("tumour", 1, kind="primary", diagnosed=date(2024, 3, 1), diagnosed_precision=2)
    therapy(people, 1, modality="surgery", start=date(2024, 7, 1), start_precision=2)
    answers = [
        people.value(Window(Event("diagnosis"), Event("surgery"), Range.parse(t))) for t in ("<=152", "<=100", "<=91")
    ]
    assert answers == [True, None, False]


def test_counted_days_are_compared_where_both_events_have_them(people: People) -> None:
    """Known to the year by the calendar, to the day by counting."""
    people.add("tumour", 1, kind="primary", diagnosed=date(2024, 1, 1), diagnosed_precision=1, diagnosed_day=0)
    people.add("tumour", 1, kind="recurrence", diagnosed=date(2024, 1, 1), diagnosed_precision=1, diagnosed_day=200)
    assert people.value(Window(Event("diagnosis"), Event("recurrence"), Range.parse("==200"))) is True


def test_events_come_from_words_and_answers_to_treatment_too(people: People) -> None:
    """Progression is a status or progressive disease as an answer; a window may look back."""
    people.add("finding", 1, kind="status", code_text="Progression of Disease", found_day=300)
    people.add("response", 2, category="PD", assessed_day=300)
    for person in (1, 2):
        therapy(people, person, "imatinib", start_day=100, stop_day=290)
        stopped = Window(Event("progression"), Event("therapy stop", drug="imatinib"), Range.parse(">=-14, <=14"))
        assert people.value(stopped, person) is True


def test_what_may_be_the_event_leaves_a_window_open(people: People) -> None:
    """An illegible drug within the window may be the one; outside of it it does not matter."""
    people.add("tumour", 1, kind="primary", diagnosed_day=0)
    therapy(people, 1, None, start_day=60)
    start = Event("therapy start", drug="imatinib")
    assert people.value(Window(Event("diagnosis"), start, Range.parse("<=90"))) is None
    assert people.value(Window(Event("diagnosis"), start, Range.parse("<=30"))) is False


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("diagnosis", Event("diagnosis")),
        ("Therapy start of Glivec", Event("therapy start", drug="imatinib")),
        ("therapy stop of radiotherapy", Event("therapy stop", modality="radiotherapy")),
        ("therapy_stop of PD-1 inhibitor", Event("therapy stop", drug_class="pd-1 inhibitor")),
    ],
)
def test_events_are_written_in_words(text: str, event: Event) -> None:
    """What is said is read again."""
    assert Event.parse(text) == event
    assert Event.parse(event.words) == event


def test_what_is_no_event_is_refused() -> None:
    """With the events that there are."""
    with pytest.raises(UserError, match="test report"):
        Event.parse("birthday")
    with pytest.raises(UserError, match="has no drug"):
        Event.parse("diagnosis of imatinib")
    with pytest.raises(UserError, match="is one of"):
        Event("therapy start", drug="imatinib", modality="systemic")
    with pytest.raises(UserError, match="radiotherapy"):
        Event("therapy start", modality="herbs")  # type: ignore[arg-type]


def test_the_staging_and_the_specimen_are_events_too(people: People) -> None:
    """As is the report of a test; a row is not compared with itself."""
    people.add("stage", 1, stage_group="II", assessed_day=10)
    people.add("specimen", 1, kind="primary", collected_day=3)
    people.add("test", 1, specimen=1, assay="mutation", reported_day=24)
    asked = [("staging", "test report", "==14"), ("specimen", "test report", "==21"), ("staging", "staging", "==0")]
    answers = [people.value(Window(Event.parse(a), Event.parse(b), Range.parse(days))) for a, b, days in asked]
    assert answers == [True, True, None]


def test_treatments_count_for_every_sample_of_a_patient(people: People) -> None:
    """They are not about one specimen."""
    for _ in range(2):
        people.add("specimen", 1, kind="primary")
    therapy(people, 1, "imatinib", line=1, stop=date(2026, 10, 31))
    samples = Population.of(people.tables, unit="sample")
    asked = (PriorTherapy("imatinib"), SystemicLines(Range.parse("==1"), drug="imatinib"), Not(WASHOUT))
    assert [evaluate(one, samples, TODAY).counts for one in asked] == [(2, 0, 0)] * 3
