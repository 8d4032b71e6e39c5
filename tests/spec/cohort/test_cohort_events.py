"""The log of a cohort and the counts that a site may send."""

from __future__ import annotations

import pytest

from kohort.cohort import CohortCounts, CohortEvent, EventKind, combine, summarise
from kohort.errors import InputError, StatisticsError

COHORT = "braf-v600e"


def enrolled(person: int, setting: str | None = "advanced") -> CohortEvent:
    return CohortEvent(COHORT, person, EventKind.ENROLLED, setting=setting)


def evaluated(person: int, *, response: bool) -> CohortEvent:
    return CohortEvent(COHORT, person, EventKind.EVALUATED, response=response)


def not_evaluable(person: int) -> CohortEvent:
    return CohortEvent(COHORT, person, EventKind.NOT_EVALUABLE)


def voided(person: int) -> CohortEvent:
    return CohortEvent(COHORT, person, EventKind.VOIDED)


def counts(*events: CohortEvent, count_all: bool = False) -> CohortCounts:
    return summarise(events, count_without_measurable_disease=count_all)[COHORT]


def test_counts_are_a_replay_of_the_log():
    """Every enrolled patient is evaluable, pending, or never evaluable."""
    seen = counts(
        enrolled(1),
        enrolled(2),
        evaluated(1, response=True),
        enrolled(3),
        evaluated(2, response=False),
        enrolled(4),
        not_evaluable(3),
    )
    assert seen == CohortCounts(COHORT, enrolled=4, evaluable=2, responders=1, not_evaluable=1)
    assert seen.pending == 1


def test_a_later_evaluation_replaces_an_earlier_one():
    """A correction is a further event, nothing is rewritten."""
    assert counts(enrolled(1), evaluated(1, response=True), evaluated(1, response=False)).responders == 0
    assert counts(enrolled(1), not_evaluable(1), evaluated(1, response=True)).responders == 1


def test_a_voided_enrolment_does_not_count_and_may_be_entered_again():
    """Voiding takes back the evaluation with the enrolment."""
    mistaken = (enrolled(1), evaluated(1, response=True), voided(1))
    assert counts(*mistaken) == CohortCounts(COHORT)
    assert counts(*mistaken, enrolled(1)) == CohortCounts(COHORT, enrolled=1)


@pytest.mark.parametrize("setting", ["adjuvant", "neoadjuvant"])
def test_a_patient_treated_around_surgery_is_counted_apart(setting: str):
    """Without measurable disease a complete response is no responder, unless the caller wants it so."""
    log = (enrolled(1, setting), evaluated(1, response=True), enrolled(2, setting), enrolled(3))
    seen = counts(*log)
    assert seen == CohortCounts(
        COHORT, enrolled=3, without_measurable_disease=2, responses_without_measurable_disease=1
    )
    assert seen.pending == 1
    assert counts(*log, count_all=True) == CohortCounts(COHORT, enrolled=3, evaluable=1, responders=1)


@pytest.mark.parametrize("setting", [None, "unknown"])
def test_evaluations_in_an_unknown_setting_count_and_are_shown(setting: str | None):
    """Nobody knows if these patients had measurable disease, so the share is told."""
    seen = counts(
        enrolled(1, setting),
        evaluated(1, response=True),
        enrolled(2, setting),
        evaluated(2, response=False),
        enrolled(3),
        evaluated(3, response=True),
    )
    assert (seen.evaluable, seen.responders) == (3, 2)
    assert (seen.evaluable_setting_unknown, seen.responders_setting_unknown) == (2, 1)


def test_counts_of_sites_add_up_cohort_by_cohort():
    """Each cohort is added with itself; a cohort of one site only stays as it is."""
    north = summarise([enrolled(1), evaluated(1, response=True)])
    south = summarise([enrolled(1), CohortEvent("other", 7, EventKind.ENROLLED)])
    assert combine([north, south]) == {
        COHORT: CohortCounts(COHORT, enrolled=2, evaluable=1, responders=1),
        "other": CohortCounts("other", enrolled=1),
    }


def test_counts_of_different_cohorts_do_not_add():
    """A sum over cohorts would be a pooled analysis nobody asked for."""
    with pytest.raises(StatisticsError, match="cannot be added"):
        _ = CohortCounts("a") + CohortCounts("b")


@pytest.mark.parametrize(
    ("log", "line", "words"),
    [
        ((enrolled(1), enrolled(1)), 2, "enrols a patient twice"),
        ((evaluated(1, response=True),), 1, "never enrolled"),
        ((enrolled(1), voided(1), voided(1)), 3, "never enrolled"),
    ],
)
def test_a_log_that_cannot_be_is_refused_with_its_line(log: tuple[CohortEvent, ...], line: int, words: str):
    """The message names line and cohort, never the patient."""
    with pytest.raises(InputError, match=words) as caught:
        summarise(log)
    assert caught.value.line == line


def test_a_response_belongs_to_an_evaluation_only():
    """An evaluation without a response, and a response without an evaluation, cannot be made."""
    with pytest.raises(InputError, match="with response None"):
        CohortEvent(COHORT, 1, EventKind.EVALUATED)
    with pytest.raises(InputError, match="with response True"):
        CohortEvent(COHORT, 1, EventKind.ENROLLED, response=True)


def test_a_setting_is_one_of_the_words_of_the_therapy_table():
    """Settings are declared once, in the standard tables."""
    with pytest.raises(InputError, match="no setting 'palliative'"):
        enrolled(1, "palliative")


@pytest.mark.parametrize(
    "contradiction",
    [
        {"enrolled": 1, "evaluable": 2},
        {"enrolled": 2, "evaluable": 1, "responders": 2},
        {"enrolled": 2, "evaluable": 1, "not_evaluable": 2},
        {"enrolled": 1, "retrospective": 2},
        {"enrolled": -1},
        {"not_evaluable": -1},
    ],
)
def test_counts_that_contradict_each_other_are_refused(contradiction: dict[str, int]):
    """A part cannot exceed its whole."""
    with pytest.raises(StatisticsError, match="contradict"):
        CohortCounts(COHORT, **contradiction)
