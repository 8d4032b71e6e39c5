"""Replay: every decision of a programme again from its log, and what later corrections would have changed.

A log, the cohorts and their rules give the same bytes each time. A correction is a further event: it rewrites no
decision, and shows which ones would have been others had it been known from the start.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, CohortEvent, EventKind, TwoStageDesign
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.conduct.answers import Answer, Look
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.programme import Cohort, Programme
from kohort.cohort.conduct.replay import corrections, replay
from kohort.cohort.rules.conditions import Boundary, Probability
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import InputError

RULE = DecisionRule("8 + 16", EIGHT_PLUS_SIXTEEN)
ONE = Programme((Cohort("a", "8 + 16"),), (RULE,))


def enrolled(people: range, cohort: str = "a") -> list[CohortEvent]:
    return [CohortEvent(cohort, person, EventKind.ENROLLED) for person in people]


def evaluated(responses: str, cohort: str = "a", first: int = 1) -> list[CohortEvent]:
    return [
        CohortEvent(cohort, person, EventKind.EVALUATED, response=sign == "+")
        for person, sign in enumerate(responses, start=first)
    ]


def one(kind: EventKind, person: int, cohort: str = "a", *, response: bool | None = None) -> CohortEvent:
    return CohortEvent(cohort, person, kind, response=response)


STORY = [
    *enrolled(range(1, 25)),
    *evaluated("-------+"),
    CohortEvent("a", None, EventKind.LOOKED, decision=Answer.GO_ON),
    *evaluated("++++" + "-" * 12, first=9),
    CohortEvent("a", None, EventKind.CLOSED, decision=Answer.GO),
]


def test_decisions_come_in_the_order_of_the_log():
    """Each with its line, the counts it was made on, the rule's hash, and whether it was written down."""
    made = replay(STORY, ONE).decisions
    assert [
        (each.line, each.look, each.answer, each.responders, each.evaluable, each.is_recorded) for each in made
    ] == [
        (32, Look.INTERIM, Answer.GO_ON, 1, 8, False),
        (33, Look.INTERIM, Answer.GO_ON, 1, 8, True),
        (37, Look.FINAL, Answer.GO, 5, 12, False),
        (50, Look.FINAL, Answer.GO, 5, 24, True),
    ]
    assert {each.rule for each in made} == {RULE.hash}
    assert made[0].sentence == "Line 32, cohort a, interim look, 1 of 8: go on, by the rule."
    assert made[3].sentence == "Line 50, cohort a, final look, 5 of 24: go, decided."


def test_a_decision_has_the_day_on_which_it_was_made():
    """The day of the event that led to it, or else that of writing it down."""
    day, moment = dt.date(2026, 3, 1), dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
    start = enrolled(range(1, 2))
    for event, on in (
        (CohortEvent("a", 1, EventKind.EVALUATED, response=True, on=day, at=moment), day),
        (CohortEvent("a", 1, EventKind.EVALUATED, response=True, at=moment), moment.date()),
        (CohortEvent("a", 1, EventKind.EVALUATED, response=True), None),
    ):
        (made,) = replay([*start, event], ONE).decisions
        assert made.on == on


def test_a_replay_gives_the_same_bytes():
    """From events, from a log, from a log that was stored and read."""
    log = CohortLog.of(STORY)
    texts = {replay(each, ONE).to_json() for each in (STORY, log, CohortLog.from_bytes(log.to_bytes()))}
    assert len(texts) == 1
    content = json.loads(texts.pop())
    assert content["log"] == {"lines": 50, "head": log.head.hash}
    assert content["rules"] == {"8 + 16": RULE.hash}
    assert [each["line"] for each in content["decisions"]] == [32, 33, 37, 50]


def test_a_replay_can_stop_at_any_line():
    """What was decided by then, whatever came later."""
    assert replay(STORY, ONE, as_of=36).decisions == replay(STORY, ONE).decisions[:2]
    assert replay(STORY, ONE, as_of=31).decisions == ()
    with pytest.raises(InputError, match="has 50 lines, and 51 were asked for"):
        replay(STORY, ONE, as_of=51)


def test_a_corrected_response_changes_the_answer_from_then_on():
    """Without a look that was written down, the rule is read on what is known now; the earlier answer stays told."""
    log = [*enrolled(range(1, 9)), *evaluated("-------+"), one(EventKind.EVALUATED, 8, response=False)]
    assert [(each.line, each.answer) for each in replay(log, ONE).decisions] == [
        (16, Answer.GO_ON),
        (17, Answer.NO_GO),
    ]


def test_a_correction_shows_which_decision_it_would_have_changed():
    """The one responder of the first eight was none: the look would have stopped the cohort, and it went on."""
    log = [*STORY, one(EventKind.EVALUATED, 8, response=False)]
    (found,) = corrections(log, ONE)
    assert (found.line, found.corrects, found.cohort, found.kind) == (51, 32, "a", EventKind.EVALUATED)
    assert [(each.decision.line, each.decision.by_rule, each.would_be) for each in found.changed] == [
        (32, Answer.GO_ON, Answer.NO_GO),
        (33, Answer.GO_ON, Answer.NO_GO),
        (37, Answer.GO, Answer.GO_ON),
        (50, Answer.GO, Answer.NO_GO),
    ]
    assert found.sentence.startswith(
        "Line 51 corrects line 32 in cohort a: interim look of a at line 32: no-go instead of go on; "
    )
    assert replay(log, ONE).decisions == replay(STORY, ONE).decisions


def test_a_correction_that_changes_no_decision_says_so():
    """Two responders of eight instead of one: the look goes on either way, and the end is the same go."""
    log = [*STORY, one(EventKind.EVALUATED, 7, response=True)]
    (found,) = corrections(log, ONE)
    assert [each.decision.line for each in found.changed] == []
    assert found.sentence == "Line 51 corrects line 31 in cohort a: no decision would have been another."


@pytest.mark.parametrize(
    ("correction", "corrects", "would_be"),
    [
        (one(EventKind.VOIDED, 8), 8, [(32, Answer.TOO_EARLY), (33, Answer.NO_GO)]),
        (one(EventKind.NOT_EVALUABLE, 8), 32, [(32, Answer.TOO_EARLY), (33, Answer.NO_GO)]),
        (one(EventKind.EVALUABLE, 8), 32, [(32, Answer.TOO_EARLY), (33, Answer.NO_GO)]),
    ],
)
def test_a_patient_taken_out_makes_room_for_the_next(
    correction: CohortEvent, corrects: int, would_be: list[tuple[int, Answer]]
):
    """At line 32 it was too early; the look held at line 33 would have been one on seven without a responder."""
    (found,) = corrections([*STORY, correction], ONE)
    assert (found.line, found.corrects) == (51, corrects)
    assert [(each.decision.line, each.would_be) for each in found.changed][:2] == would_be


def test_what_only_becomes_known_is_no_correction():
    """A first evaluation, a withdrawal, the same response once more."""
    log = [
        *enrolled(range(1, 4)),
        one(EventKind.EVALUABLE, 1),
        *evaluated("-+"),
        one(EventKind.EVALUATED, 1, response=False),
        one(EventKind.WITHDRAWN, 2),
        one(EventKind.WITHDRAWN, 3),
    ]
    assert corrections(log, ONE) == ()


def test_an_evaluation_of_who_was_said_to_be_never_evaluable_is_a_correction():
    """It takes the place of the line that it corrects."""
    log = [*enrolled(range(1, 10)), one(EventKind.NOT_EVALUABLE, 9), *evaluated("--------")]
    (found,) = corrections([*log, one(EventKind.EVALUATED, 9, response=True)], ONE)
    assert (found.line, found.corrects) == (19, 10)
    assert [(each.decision.line, each.decision.by_rule, each.would_be) for each in found.changed] == [
        (18, Answer.NO_GO, Answer.GO_ON)
    ]


def test_corrections_of_corrections_are_each_asked_on_their_own():
    """The second undoes the first: at the time of the look it would have changed what stood by then."""
    log = [
        *enrolled(range(1, 9)),
        *evaluated("-------+"),
        one(EventKind.EVALUATED, 8, response=False),
        one(EventKind.EVALUATED, 8, response=True),
    ]
    first, second = corrections(log, ONE)
    assert [(each.decision.line, each.would_be) for each in first.changed] == [(16, Answer.NO_GO)]
    assert [(each.decision.line, each.would_be) for each in second.changed] == [(17, Answer.GO_ON)]
    assert second.corrects == 16


def test_a_correction_also_asks_the_decisions_that_borrowed_from_the_cohort():
    """Cohort b ended with go on the strength of a; without the responders of a it would have been no-go."""
    rule = DecisionRule(
        "pooled",
        TwoStageDesign(0, 2, 1, 4, 0.1, 0.3),
        final=Boundary(go=(Probability(above=0.99),)),
        model=Pooled(0.1),
    )
    programme = Programme((Cohort("a", "pooled"), Cohort("b", "pooled")), (rule,))
    log = [
        *enrolled(range(1, 3)),
        *evaluated("++"),
        *enrolled(range(1, 5), "b"),
        *evaluated("+---", "b"),
        one(EventKind.EVALUATED, 1, response=False),
    ]
    made = replay(log, programme).decisions
    assert [(each.cohort, each.line, each.answer) for each in made][-1] == ("b", 12, Answer.GO)
    (found,) = corrections(log, programme)
    assert [(each.decision.cohort, each.decision.line, each.would_be) for each in found.changed] == [
        ("a", 3, Answer.TOO_EARLY),
        ("b", 12, Answer.NO_GO),
    ]
