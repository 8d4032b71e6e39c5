"""What happens in a cohort, and the counts that a site may send.

A log is only ever added to. Counts are its replay: enrolled = evaluable + pending + not evaluable + without
measurable disease. Corrections are further events.
"""

from __future__ import annotations

import datetime as dt

import pytest

from kohort.cohort import CohortCounts, CohortEvent, EventKind, combine, summarise
from kohort.cohort.conduct.answers import Answer
from kohort.cohort.conduct.lives import Lives
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


def test_who_withdraws_before_the_evaluation_is_never_evaluable():
    """An evaluation that was made before stands; one made afterwards counts."""
    withdrawn = CohortEvent(COHORT, 1, EventKind.WITHDRAWN)
    assert counts(enrolled(1), withdrawn) == CohortCounts(COHORT, enrolled=1, not_evaluable=1)
    assert counts(enrolled(1), evaluated(1, response=True), withdrawn).responders == 1
    assert counts(enrolled(1), withdrawn, evaluated(1, response=True)).responders == 1


def test_evaluable_without_a_response_is_pending():
    """It also takes back an evaluation that was entered too early."""
    confirmed = CohortEvent(COHORT, 1, EventKind.EVALUABLE)
    assert counts(enrolled(1), confirmed).pending == 1
    assert counts(enrolled(1), evaluated(1, response=True), confirmed) == CohortCounts(COHORT, enrolled=1)
    assert counts(enrolled(1), not_evaluable(1), confirmed).pending == 1


def replayed(*events: CohortEvent):
    lives = Lives()
    for line, event in enumerate(events, start=1):
        lives.take(event, line)
    return lives.cohorts[COHORT]


def test_the_log_carries_the_order_of_evaluation():
    """A corrected response keeps its place; one that was taken back goes to the end."""
    both = (enrolled(1), enrolled(2), evaluated(2, response=True), evaluated(1, response=False))
    assert replayed(*both).responses == (True, False)
    third = (enrolled(3), evaluated(3, response=True))
    assert replayed(*both, *third, evaluated(2, response=False)).responses == (False, False, True)
    taken_back = (CohortEvent(COHORT, 2, EventKind.EVALUABLE), evaluated(2, response=True))
    assert replayed(*both, *taken_back).responses == (False, True)


def test_the_same_pseudonym_at_two_sites_is_two_patients():
    """Pseudonyms are made at each site with its own key."""
    north, south = (CohortEvent(COHORT, 1, EventKind.ENROLLED, site=site) for site in ("Tromsø", "Oslo"))
    assert counts(north, south).enrolled == 2
    with pytest.raises(InputError, match="enrols a patient twice"):
        summarise([north, north])


def of_cohort(kind: EventKind, site: str = "", **entries) -> CohortEvent:
    return CohortEvent(COHORT, None, kind, site=site, **entries)


def test_sites_open_pause_and_close_by_name_or_all_at_once():
    """Where nothing was opened by name, patients show that the cohort takes them."""
    opened = [of_cohort(EventKind.OPENED, site) for site in ("Oslo", "Bergen")]
    assert replayed(*opened).sites == ("Bergen", "Oslo")
    paused = (*opened, of_cohort(EventKind.PAUSED, "Oslo"))
    assert replayed(*paused).sites == ("Bergen",)
    assert replayed(*paused, of_cohort(EventKind.REOPENED, "Oslo")).sites == ("Bergen", "Oslo")
    assert not replayed(*opened, of_cohort(EventKind.PAUSED)).is_open
    for closing in ([of_cohort(EventKind.CLOSED)], [of_cohort(EventKind.CLOSED, site) for site in ("Oslo", "Bergen")]):
        closed = replayed(*opened, *closing)
        assert (closed.is_closed, closed.is_open) == (True, False)
        assert replayed(*opened, *closing, of_cohort(EventKind.REOPENED)).is_open
    assert replayed(enrolled(1)).is_open
    assert not replayed(enrolled(1), of_cohort(EventKind.PAUSED)).is_open


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ((of_cohort(EventKind.OPENED), of_cohort(EventKind.OPENED)), "opens again what is open"),
        (
            (of_cohort(EventKind.OPENED, "Oslo", rule="a"), of_cohort(EventKind.OPENED, "Bergen", rule="b")),
            "opens a site under another rule",
        ),
        ((of_cohort(EventKind.LOOKED, decision=Answer.GO_ON),), "a look at 1 evaluable patients where there are 0"),
        (
            (enrolled(1), evaluated(1, response=True), of_cohort(EventKind.LOOKED, decision=Answer.GO_ON, looked_at=2)),
            "a look at 2 evaluable patients where there are 1",
        ),
    ],
)
def test_what_happens_to_a_cohort_must_follow_what_happened_before(log: tuple[CohortEvent, ...], words: str):
    """The last line is refused, and named."""
    with pytest.raises(InputError, match=words) as caught:
        summarise(log)
    assert caught.value.line == len(log)


@pytest.mark.parametrize(
    ("kind", "entries", "words"),
    [
        (EventKind.OPENED, {"person": 1}, "'opened' with a patient"),
        (EventKind.ENROLLED, {}, "'enrolled' without a patient"),
        (EventKind.ENROLLED, {"person": 1, "country": "no"}, "not two capital letters"),
        (EventKind.ENROLLED, {"person": 1, "at": dt.datetime(2026, 1, 1)}, "without time zone"),  # noqa: DTZ001
        (EventKind.CLOSED, {"rule": "a"}, "'closed' with a rule"),
        (EventKind.LOOKED, {}, "with no decision"),
        (EventKind.LOOKED, {"decision": Answer.CONSIDER}, "with the decision 'consider'"),
        (EventKind.CLOSED, {"decision": Answer.GO_ON}, "with the decision 'go on'"),
        (EventKind.PAUSED, {"decision": Answer.GO}, "with the decision 'go'"),
        (EventKind.ENROLLED, {"person": 1, "decision": Answer.GO}, "with the decision 'go'"),
        (EventKind.CLOSED, {"decision": Answer.GO, "site": "Oslo"}, "with a decision at one site"),
        (EventKind.LOOKED, {"decision": Answer.GO_ON, "looked_at": 0}, "made on 0 patients"),
        (EventKind.CLOSED, {"looked_at": 8}, "made on 8 patients"),
    ],
)
def test_an_event_has_the_entries_of_its_kind_only(kind: EventKind, entries: dict, words: str):
    """What cannot be meant cannot be made."""
    with pytest.raises(InputError, match=words):
        CohortEvent(**{"cohort": COHORT, "person": None, "kind": kind, **entries})


def test_an_event_names_its_cohort():
    """The empty name is none."""
    with pytest.raises(InputError, match="names its cohort"):
        CohortEvent("", 1, EventKind.ENROLLED)
