"""A programme of cohorts, live: who stands where, who may be allocated now, what pending patients can still change.

The look after stage 1 is made on the first n1 evaluable patients in the order of the log, so alpha and power are
exactly those of the design. A look that was written down fixes size and decision, also against the rule. Answers are
too early, go on, go, consider and no-go, each with the conditions that held.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

import polars as pl
import pytest

from kohort.cohort import (
    EIGHT_PLUS_SIXTEEN,
    CohortEvent,
    EventKind,
    Stage,
    TwoStageDesign,
    conditional_power,
    predictive_probability,
    two_stage_inference,
)
from kohort.cohort.borrowing.exnex import EXNEX
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.conduct.answers import Answer, Look
from kohort.cohort.conduct.capacity import CohortCapacity, availability_of
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.programme import Accrual, Cohort, Programme
from kohort.cohort.conduct.status import CohortStatus
from kohort.cohort.rules.conditions import Boundary, MeanAbove, Probability, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import InputError, StatisticsError, UnknownNameError

PLAIN = DecisionRule("8 + 16", EIGHT_PLUS_SIXTEEN)


def patients(responses: str, cohort: str = "a", first: int = 1) -> list[CohortEvent]:
    """Enrolled in this order, then evaluated in this order: + responds, - does not, . is not evaluated yet."""
    numbered = list(enumerate(responses, start=first))
    return [CohortEvent(cohort, person, EventKind.ENROLLED) for person, _ in numbered] + [
        CohortEvent(cohort, person, EventKind.EVALUATED, response=sign == "+")
        for person, sign in numbered
        if sign != "."
    ]


def happens(kind: EventKind, cohort: str = "a", **entries) -> CohortEvent:
    return CohortEvent(cohort, None, kind, **entries)


def looked(decision: Answer, looked_at: int | None = None) -> CohortEvent:
    return happens(EventKind.LOOKED, decision=decision, looked_at=looked_at)


def status(events: Iterable[CohortEvent], rule: DecisionRule = PLAIN, **entries) -> CohortStatus:
    return Programme((Cohort("a", rule.name, **entries),), (rule,)).state(events)["a"]


@pytest.mark.parametrize(
    ("responses", "stage", "answer", "places"),
    [
        (".", Stage.ONE, Answer.TOO_EARLY, 7),
        ("---..", Stage.ONE, Answer.TOO_EARLY, 3),
        ("-----...", Stage.ONE_FULL, Answer.TOO_EARLY, 0),
        ("--------", Stage.ENDED, Answer.NO_GO, 0),
        ("---+", Stage.TWO, Answer.GO_ON, 20),
        ("-------+", Stage.TWO, Answer.GO_ON, 16),
        ("+" * 5, Stage.TWO, Answer.GO, 19),
        ("+" + "-" * 20, Stage.ENDED, Answer.NO_GO, 0),
        ("+++" + "-" * 17 + "....", Stage.TWO_FULL, Answer.GO_ON, 0),
        ("+" * 4 + "-" * 20, Stage.ENDED, Answer.NO_GO, 0),
        ("+" * 5 + "-" * 19, Stage.ENDED, Answer.GO, 0),
    ],
)
def test_a_cohort_is_told_with_its_stage_answer_and_places(responses: str, stage: Stage, answer: Answer, places: int):
    """8 + 16 by its own thresholds; what no further patient can change is answered at once."""
    seen = status(patients(responses))
    assert (seen.stage, seen.answer, seen.places.open) == (stage, answer, places)


def test_the_look_is_made_on_the_first_eight_in_the_order_of_evaluation():
    """Nine were evaluated, and only the ninth responded: the cohort stops, with the alpha of the plan."""
    seen = status(patients("--------+"))
    assert (seen.stage, seen.answer, seen.look) == (Stage.ENDED, Answer.NO_GO, Look.INTERIM)
    assert seen.alpha == EIGHT_PLUS_SIXTEEN.alpha
    assert seen.decision is not None
    assert (seen.decision.responders, seen.decision.evaluable, seen.decision.line) == (0, 8, 17)
    in_time = patients("---------")[:-2] + patients("+", first=8)[1:]
    assert status(in_time).answer == Answer.GO_ON


def test_a_patient_who_drops_out_of_stage_1_makes_room_for_the_next():
    """The ninth then belongs to the first eight."""
    log = [*patients("--------+"), CohortEvent("a", 3, EventKind.NOT_EVALUABLE)]
    assert status(log).answer == Answer.GO_ON


def test_a_look_that_was_written_down_fixes_its_size():
    """Made on nine, one of whom responded: it goes on, and the end holds the promised alpha with more than 5."""
    late = [*patients("--------+"), looked(Answer.GO_ON, looked_at=9)]
    seen = status(late)
    assert (seen.answer, seen.places.open) == (Answer.GO_ON, 15)
    assert (seen.alpha, seen.power) == pytest.approx((0.0268, 0.7600), abs=5e-5)
    ended = status([*late, *patients("++++" + "-" * 11, first=10)])
    assert (ended.stage, ended.answer) == (Stage.ENDED, Answer.NO_GO)
    assert "the planned alpha is held by more than 5" in ended.sentence


def test_a_look_on_fewer_than_planned_decides_on_these():
    """Seven of seven without response: stopped, though an eighth is evaluated later."""
    seen = status([*patients("-------"), looked(Answer.NO_GO), *patients("+", first=8)])
    assert (seen.stage, seen.answer) == (Stage.ENDED, Answer.NO_GO)
    assert seen.decision is not None
    assert (seen.decision.by_rule, seen.decision.evaluable) == (Answer.NO_GO, 7)


def test_a_decision_against_the_rule_stands_and_is_told():
    """Nobody of eight responded, and the committee went on: alpha is that of one stage."""
    seen = status([*patients("--------"), looked(Answer.GO_ON)])
    assert (seen.stage, seen.answer, seen.places.open) == (Stage.TWO, Answer.GO_ON, 16)
    assert seen.decision is not None
    assert (seen.decision.is_recorded, seen.decision.by_rule) == (True, Answer.NO_GO)
    assert "decided against the rule, which says no-go" in seen.sentence
    assert "against the rule (no-go)" in seen.decision.sentence
    assert seen.alpha == EIGHT_PLUS_SIXTEEN.alpha_without_look
    assert seen.outlook.conditional_power == pytest.approx(0.5501, abs=5e-5)
    assert status([*patients("+-------"), looked(Answer.NO_GO)]).stage is Stage.ENDED


def test_a_look_that_was_written_down_is_told_as_it_was_known():
    """One of eight responded, and it went on; the response is corrected later. The look was within the rule."""
    seen = status(
        [*patients("-------+"), looked(Answer.GO_ON), CohortEvent("a", 8, EventKind.EVALUATED, response=False)]
    )
    assert seen.decision is not None
    assert (seen.answer, seen.decision.by_rule, seen.alpha) == (Answer.GO_ON, Answer.GO_ON, EIGHT_PLUS_SIXTEEN.alpha)


def test_the_end_is_read_after_the_look():
    """More than 20 of 24 is out of reach after 13 patients, but two responders pass the look, which comes first."""
    rule = DecisionRule("strict", TwoStageDesign(1, 14, 20, 24, 0.5, 0.9))
    assert status(patients("++" + "-" * 11), rule).answer == Answer.GO_ON
    assert status(patients("++" + "-" * 12), rule).answer == Answer.NO_GO


def test_a_look_on_too_few_patients_can_only_be_passed_against_the_rule():
    """Design 1/14, 4/23: nobody can have more than one responder of one."""
    rule = DecisionRule("minimax", TwoStageDesign(1, 14, 4, 23, 0.1, 0.3))
    seen = status([*patients("+"), looked(Answer.GO_ON)], rule)
    assert seen.decision is not None
    assert (seen.answer, seen.decision.by_rule) == (Answer.GO_ON, Answer.NO_GO)


def test_stage_2_may_fill_while_the_look_is_awaited():
    """With ``hold`` nobody is enrolled between the eighth patient and the look; with ``go on`` places stay open."""
    waiting = patients("-----...")
    assert status(waiting, accrual=Accrual.HOLD).places.open == 0
    going_on = status(waiting, accrual=Accrual.GO_ON)
    assert (going_on.stage, going_on.places.open) == (Stage.ONE_FULL, 16)
    assert status(patients("--------"), accrual=Accrual.GO_ON).places.open == 0


def test_places_are_open_where_the_cohort_is_open():
    """Opened by site, paused, closed: a place is somewhere."""
    opened = [happens(EventKind.OPENED, site=site) for site in ("Oslo", "Bergen")]
    assert status([]).places.open == 0
    assert status(opened).places.sites == ("Bergen", "Oslo")
    assert "Places open now: 8 at Bergen, Oslo (to 24: 24)." in status(opened).sentence
    paused = [*opened, happens(EventKind.PAUSED, site="Oslo")]
    assert (status(paused).places.open, status(paused).places.sites) == (8, ("Bergen",))
    assert status([*opened, happens(EventKind.PAUSED)]).places.open == 0
    assert status([happens(EventKind.OPENED)]).sentence.endswith("Places open now: 8 (to 24: 24).")


def test_matching_learns_of_places_from_a_programme():
    """The same small interface as for pooled counts."""
    opened = happens(EventKind.OPENED)
    programme = Programme((Cohort("a", "8 + 16"), Cohort("b", "8 + 16")), (PLAIN,))
    state = programme.state([opened, *patients("-----...")])
    capacity = CohortCapacity.of_trial("T", state.cohorts)
    waiting = capacity.availability("T", "a")
    assert waiting is not None
    assert waiting.state == "waiting for the interim"
    assert [each.cohort.id for each in state.open_now] == []
    assert availability_of(state["b"]).sentence == "no place: the cohort is not open now"
    assert availability_of(status(patients("+"))).places == 23
    assert availability_of(status(patients("--------"))).sentence.endswith("has ended (no-go)")
    going_on = availability_of(status(patients("-----..."), accrual=Accrual.GO_ON))
    assert (going_on.state, going_on.places) == ("stage 1", 16)


@pytest.mark.parametrize(
    ("responses", "best", "worst", "decisive"),
    [
        ("------...", Answer.GO_ON, Answer.NO_GO, [True, True, False]),
        ("-----.", Answer.GO_ON, Answer.TOO_EARLY, [True]),
        ("+---....", Answer.GO, Answer.GO_ON, [True] * 4),
        ("+--.", Answer.GO_ON, Answer.GO_ON, [False]),
        ("++++" + "-" * 18 + "..", Answer.GO, Answer.NO_GO, [True, True]),
        ("+++" + "-" * 20 + ".", Answer.NO_GO, Answer.NO_GO, [False]),
        ("+++++...", Answer.GO, Answer.GO, [False] * 3),
        ("--------..", Answer.NO_GO, Answer.NO_GO, [False, False]),
    ],
)
def test_what_pending_patients_can_change(responses: str, best: Answer, worst: Answer, decisive: list[bool]):
    """Decisive: with some responses of the others, this one changes the answer; evaluated in the order of enrolment."""
    seen = status(patients(responses))
    assert (seen.outlook.best, seen.outlook.worst) == (best, worst)
    assert [patient.is_decisive for patient in seen.pending] == decisive


def test_pending_patients_are_told_by_their_line_of_the_log():
    """Line, site, day and place in the order; no pseudonym."""
    log = [
        *patients("------"),
        CohortEvent("a", 4711, EventKind.ENROLLED, site="Oslo", on=dt.date(2026, 3, 1)),
        CohortEvent("a", 4711, EventKind.EVALUABLE, site="Oslo"),
    ]
    (patient,) = status(log).pending
    assert (patient.line, patient.site, patient.on, patient.place) == (13, "Oslo", dt.date(2026, 3, 1), 7)
    assert patient.is_confirmed
    assert status(log).decisive == (patient,)
    assert "Not yet evaluable: 1 (go on if all respond, too early if none does; decisive: those of lines 13)." in (
        status(log).sentence
    )


@pytest.mark.parametrize(
    "responses", ["", "-", "--+", "-------+", "+-------", "+++" + "-" * 13, "++" + "-" * 20, "--------"]
)
def test_powers_are_those_of_the_design(responses: str):
    """Conditional at 30 percent, predictive under a flat prior; see the chapter on unplanned sizes."""
    x, n = responses.count("+"), len(responses)
    outlook = status(patients(responses)).outlook
    assert outlook.conditional_power == pytest.approx(conditional_power(EIGHT_PLUS_SIXTEEN, x, n, 0.3), abs=1e-12)
    assert outlook.predictive_power == pytest.approx(predictive_probability(EIGHT_PLUS_SIXTEEN, x, n), abs=1e-12)


def test_a_decided_cohort_is_certain():
    """Five of twelve: positive, whatever follows. Stopped or written down: as it was decided."""
    assert status(patients("+" * 5 + "-" * 7)).outlook.predictive_power == pytest.approx(1)
    for decision, power in ((Answer.GO, 1), (Answer.CONSIDER, 0), (Answer.NO_GO, 0)):
        seen = status([*patients("+---"), happens(EventKind.CLOSED, decision=decision)])
        assert (seen.stage, seen.answer, seen.outlook.predictive_power) == (Stage.ENDED, decision, power)
    assert status([*patients("--.."), looked(Answer.GO)]).outlook.conditional_power == 1


def test_a_closed_cohort_is_read_on_the_patients_it_has():
    """Closed at 22: more than 4 of 22 keeps alpha. Closed in stage 1 it has no final decision."""
    log = patients("++++" + "-" * 16 + "..")
    closed = status([*log, happens(EventKind.CLOSED)])
    assert (closed.stage, closed.answer, closed.outlook.best, closed.outlook.worst) == (
        Stage.TWO_FULL,
        Answer.GO_ON,
        Answer.GO,
        Answer.NO_GO,
    )
    assert closed.alpha == pytest.approx(0.0582, abs=5e-5)
    ended = status([*log, happens(EventKind.CLOSED), *patients("+-", first=21)[2:]])
    assert (ended.stage, ended.answer, ended.places.open) == (Stage.ENDED, Answer.GO, 0)
    early = status([*patients("---"), happens(EventKind.CLOSED)])
    assert (early.stage, early.answer, early.outlook.conditional_power) == (Stage.ENDED, Answer.TOO_EARLY, 0)
    assert status([*patients("---.."), happens(EventKind.CLOSED)]).stage is Stage.ONE_FULL
    reopened = [*patients("+---"), happens(EventKind.CLOSED, decision=Answer.NO_GO), happens(EventKind.REOPENED)]
    assert status(reopened).answer == Answer.GO_ON


BOUNDED = DecisionRule(
    "bounded",
    EIGHT_PLUS_SIXTEEN,
    final=Boundary(go=(Probability(above=0.95), MeanAbove(0.2)), no_go=(Probability(below=0.8),)),
    interim=Boundary(go=(ResponderCount(at_least=6),), no_go=(Probability(below=0.5),)),
)


@pytest.mark.parametrize(
    ("responses", "stage", "answer"),
    [
        ("-------", Stage.ONE, Answer.TOO_EARLY),
        ("--------", Stage.ENDED, Answer.NO_GO),
        ("++++++--", Stage.ENDED, Answer.GO),
        ("+-------", Stage.TWO, Answer.GO_ON),
        ("+" * 5 + "-" * 3, Stage.TWO, Answer.GO_ON),
        ("+" * 5 + "-" * 18, Stage.TWO, Answer.GO_ON),
        ("+" * 5 + "-" * 19, Stage.ENDED, Answer.GO),
        ("+" * 4 + "-" * 20, Stage.ENDED, Answer.CONSIDER),
        ("+" * 2 + "-" * 22, Stage.ENDED, Answer.NO_GO),
    ],
)
def test_a_rule_with_boundaries_is_read_when_the_data_are_there(responses: str, stage: Stage, answer: Answer):
    """At eight: go ends early, no-go stops, neither goes on. At 24: go, consider or no-go."""
    seen = status(patients(responses), BOUNDED)
    assert (seen.stage, seen.answer) == (stage, answer)


def test_reasons_are_the_conditions_with_what_was_seen():
    """Four of 24 under a flat prior: P(p > .1) = 0.9020 and mean 5/26 are between go and no-go."""
    seen = status(patients("+" * 4 + "-" * 20), BOUNDED)
    assert seen.now.reasons == (
        "go if P(p > p0) > 0.95: does not hold (0.9020).",
        "go if mean > 0.2: does not hold (0.1923).",
        "no-go if P(p > p0) < 0.8: does not hold (0.9020).",
    )
    running = status(patients("++--......"), BOUNDED)
    assert running.next_look is Look.INTERIM
    assert running.now.reasons[0] == "go if >= 6 responders: does not hold (2)."
    assert "Today: go if >= 6 responders: does not hold (2)." in running.sentence


def test_powers_of_a_rule_with_boundaries_count_every_way_to_go():
    """By brute force over the responses of those to come, at p1 and over the Beta posterior."""
    small = DecisionRule("small", TwoStageDesign(0, 3, 1, 6, 0.1, 0.3), BOUNDED.final, BOUNDED.interim)
    for responses in ("", "+", "-+", "-+-", "+++-"):
        expected = {0.3: 0.0, None: 0.0}
        x, n = responses.count("+"), len(responses)
        for future in range(2 ** (6 - n)):
            rest = "".join("+" if future >> place & 1 else "-" for place in range(6 - n))
            y = rest.count("+")
            # probability of this sequence at p1, and averaged over Beta(1 + x, 1 + n - x)
            averaged = 1.0
            for place, sign in enumerate(rest):
                seen = x + rest[:place].count("+")
                responds = (1 + seen) / (2 + n + place)
                averaged *= responds if sign == "+" else 1 - responds
            ended = status(patients(responses + rest), small)
            expected[0.3] += 0.3**y * 0.7 ** (6 - n - y) * (ended.answer == Answer.GO)
            expected[None] += averaged * (ended.answer == Answer.GO)
        outlook = status(patients(responses), small).outlook
        assert (outlook.conditional_power, outlook.predictive_power) == pytest.approx((expected[0.3], expected[None]))


def test_error_rates_of_a_rule_with_boundaries_are_exact_where_each_cohort_stands_alone():
    """A final boundary that says what 8 + 16 says has the alpha and power of 8 + 16."""
    same = DecisionRule("same", EIGHT_PLUS_SIXTEEN, final=Boundary(go=(ResponderCount(at_least=5),)))
    seen = status([], same)
    assert (seen.alpha, seen.power) == pytest.approx((EIGHT_PLUS_SIXTEEN.alpha, EIGHT_PLUS_SIXTEEN.power), abs=1e-12)


def two_cohorts(rule: DecisionRule, **given) -> Programme:
    cohorts = (
        Cohort("a", rule.name, drug="x", **given),
        Cohort("b", rule.name, drug="x"),
        Cohort("c", rule.name, drug="y"),
    )
    return Programme(cohorts, (rule,))


def test_cohorts_borrow_within_their_group():
    """Pooled by drug: a and b have one posterior, c has its own. Without a model each stands alone."""
    log = patients("+++-") + patients("----", "b") + patients("-", "c")
    state = two_cohorts(DecisionRule("r", EIGHT_PLUS_SIXTEEN, model=Pooled(0.1), group="drug")).state(log)
    assert [each.mean for each in state.cohorts] == pytest.approx([4 / 10, 4 / 10, 1 / 3])
    alone = two_cohorts(PLAIN).state(log)
    assert [each.mean for each in alone.cohorts] == pytest.approx([4 / 6, 1 / 6, 1 / 3])
    assert alone["c"].prob_greater == pytest.approx(0.81)


def test_borrowed_posteriors_are_those_of_the_model():
    """The same numbers as the model gives when it is asked directly."""
    model = EXNEX(0.1)
    log = patients("+++-") + patients("----", "b") + patients("-", "c")
    state = two_cohorts(DecisionRule("r", EIGHT_PLUS_SIXTEEN, model=model)).state(log)
    assert [each.prob_greater for each in state.cohorts] == pytest.approx(
        model.prob_greater([3, 0, 0], [4, 4, 1])[0].tolist(), abs=2e-4
    )


BORROWS = DecisionRule(
    "borrows", EIGHT_PLUS_SIXTEEN, final=Boundary(go=(Probability(above=0.95),)), model=Pooled(0.1), group="drug"
)


def test_a_decision_is_made_once_on_what_was_known_of_the_others():
    """Responders of cohort b, evaluated later, raise the posterior of a, not the decision that was made."""
    first = patients("+++" + "-" * 21)
    assert two_cohorts(BORROWS).state(first)["a"].answer == Answer.NO_GO
    later = two_cohorts(BORROWS).state([*first, *patients("+" * 8, "b")])
    assert later["a"].answer == Answer.NO_GO
    assert later["a"].prob_greater > 0.95
    closed = two_cohorts(BORROWS).state([*first, *patients("+" * 8, "b"), happens(EventKind.CLOSED)])
    assert closed["a"].answer == Answer.NO_GO
    earlier = two_cohorts(BORROWS).state([*patients("+" * 8, "b"), *first])
    assert earlier["a"].answer == Answer.GO


def test_a_look_is_made_once_too():
    """One of eight goes on; the failures of b, known later, do not stop a when its ninth patient is evaluated."""
    rule = DecisionRule("r", EIGHT_PLUS_SIXTEEN, interim=Boundary(no_go=(Probability(below=0.6),)), model=Pooled(0.1))
    first, others, ninth = patients("+-------"), patients("--------", "b"), patients("-", first=9)
    assert two_cohorts(rule).state([*first, *others, *ninth])["a"].answer == Answer.GO_ON
    assert two_cohorts(rule).state([*others, *first, *ninth])["a"].answer == Answer.NO_GO


def test_error_rates_of_rules_that_borrow_are_given_from_their_operating_characteristics():
    """Without them the multiplicity takes those of the design."""
    programme = two_cohorts(BORROWS)
    assert programme.state([]).multiplicity.expected_false_positives == pytest.approx(3 * EIGHT_PLUS_SIXTEEN.alpha)
    given = programme.state([], error_rates={"borrows": (0.05, 0.9)})
    assert given.multiplicity.expected_false_positives == pytest.approx(0.15)
    assert given["a"].power == 0.9


@pytest.mark.parametrize(
    ("log", "p_value"),
    [
        (patients("+" * 5 + "-" * 19), two_stage_inference(5, EIGHT_PLUS_SIXTEEN).p_value),
        (patients("--------"), 1.0),
        ([*patients("+-------"), looked(Answer.NO_GO)], two_stage_inference(1, EIGHT_PLUS_SIXTEEN).p_value),
        (patients("+-------"), None),
        ([*patients("-"), happens(EventKind.CLOSED)], 1.0),
        ([happens(EventKind.CLOSED)], None),
        ([*patients("--------"), looked(Answer.GO_ON), *patients("+" * 5 + "-" * 11, first=9)], 0.0851),
    ],
)
def test_a_finished_cohort_has_its_two_stage_p_value(log: list[CohortEvent], p_value: float | None):
    """In the order of stage, then count; a look passed against the rule earns no credit."""
    seen = status(log).p_value
    assert seen == (None if p_value is None else pytest.approx(p_value, abs=5e-4 if p_value == 0.0851 else 1e-12))


def test_a_state_is_a_table_and_a_text_without_pseudonyms():
    """One row a cohort; the text has versions, the hash of each rule, and the head of the log."""
    log = CohortLog.of([*patients("+++-..", first=471100), *patients("+" * 5 + "-" * 19, "b", first=471200)])
    state = two_cohorts(PLAIN).state(log)
    table = state.table()
    assert table["cohort"].to_list() == ["a", "b", "c"]
    assert table["answer"].to_list() == ["go on", "go", "too early"]
    assert table.schema["predictive_power"] == pl.Float64
    content = json.loads(state.to_json())
    assert content["format"] == "kohort-programme-state/1"
    assert content["log"] == {"lines": len(log), "head": log.head.hash}
    assert content["rules"] == {"8 + 16": PLAIN.hash}
    assert set(content["versions"]) == {"kohort", "numpy", "scipy"}
    assert [each["rule"] for each in content["cohorts"]] == [PLAIN.hash] * 3
    assert content["multiplicity"]["q_values"] == {"b": pytest.approx(0.0777552, abs=1e-7)}
    assert "4711" not in state.to_json()
    assert "4712" not in "".join(each.sentence for each in state.cohorts)


def test_a_programme_can_be_asked_how_it_stood():
    """After some lines of the log."""
    log = patients("--------+")
    programme = two_cohorts(PLAIN)
    assert programme.state(log, as_of=16)["a"].answer == Answer.TOO_EARLY
    assert programme.state(log, as_of=17)["a"].answer == Answer.NO_GO
    assert programme.state(CohortLog.of(log), as_of=17) == programme.state(log[:17])


def test_a_log_of_another_programme_is_refused_with_its_line():
    """An unknown cohort, another rule, a look on more patients than there may be."""
    opened = happens(EventKind.OPENED, rule=PLAIN.hash)
    assert status([opened]).rule == PLAIN.hash
    for log, words in (
        ([opened, happens(EventKind.OPENED, "z")], "'z' is not of this programme"),
        (
            [patients("-")[0], happens(EventKind.OPENED, rule="f00d")],
            "was opened under the rule f00d, and the programme",
        ),
        ([*patients("-"), looked(Answer.GO_ON, looked_at=24)], "fill both stages"),
        (patients("-")[1:], "never enrolled"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            status(log)
        assert caught.value.line == len(log)


def test_a_programme_that_cannot_be_is_refused():
    """Cohorts and rules once each; every rule there; groups by something that cohorts have."""
    with pytest.raises(StatisticsError, match="The cohort 'a' is given twice"):
        Programme((Cohort("a", "8 + 16"), Cohort("a", "8 + 16")), (PLAIN,))
    with pytest.raises(StatisticsError, match=r"The rule '8 \+ 16' is given twice"):
        Programme((), (PLAIN, PLAIN))
    with pytest.raises(UnknownNameError, match="no rule '8 plus 16'"):
        Programme((Cohort("a", "8 plus 16"),), (PLAIN,))
    with pytest.raises(StatisticsError, match="groups cohorts by 'colour'"):
        Programme((), (DecisionRule("r", EIGHT_PLUS_SIXTEEN, group="colour"),))
    with pytest.raises(UnknownNameError, match="no cohort 'z'"):
        two_cohorts(PLAIN).state([])["z"]
