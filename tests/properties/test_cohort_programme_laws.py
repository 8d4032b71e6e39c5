"""Laws of a programme: prefixes replay alike, pooled counts agree, corrections and decisive patients by brute force."""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort import CohortEvent, EventKind, Stage, TwoStageDesign, Verdict, combine, state, summarise
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.conduct.answers import Answer, Look, answer_of_verdict
from kohort.cohort.conduct.lives import Lives
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.multiplicity import CohortTest, multiplicity_of
from kohort.cohort.conduct.programme import Accrual, Cohort, Programme
from kohort.cohort.conduct.replay import corrections, replay
from kohort.cohort.rules.conditions import Boundary, Probability
from kohort.cohort.rules.rule import DecisionRule

SMALL = TwoStageDesign(0, 3, 1, 6, 0.1, 0.4)
OWN = DecisionRule("own", SMALL)
OTHER = DecisionRule("other", TwoStageDesign(1, 4, 2, 7, 0.1, 0.4))
POOLED = DecisionRule(
    "pooled",
    SMALL,
    final=Boundary(go=(Probability(above=0.9),), no_go=(Probability(below=0.7),)),
    interim=Boundary(no_go=(Probability(below=0.6),)),
    model=Pooled(0.1),
    group="drug",
)
PROGRAMME = Programme(
    (
        Cohort("a", "own"),
        Cohort("b", "other", accrual=Accrual.GO_ON),
        Cohort("c", "pooled", drug="x"),
        Cohort("d", "pooled", drug="x"),
    ),
    (OWN, OTHER, POOLED),
)
OUTCOMES = (EventKind.EVALUATED, EventKind.NOT_EVALUABLE, EventKind.EVALUABLE, EventKind.WITHDRAWN)


@st.composite
def logs(draw: st.DrawFn, cohorts: tuple[str, ...] = ("a", "b", "c", "d"), longest: int = 45) -> list[CohortEvent]:
    """Anything that can happen, in any order that a log takes."""
    events: list[CohortEvent] = []
    enrolled: dict[str, list[int]] = defaultdict(list)
    evaluable: dict[str, set[int]] = defaultdict(set)
    for person in range(draw(st.integers(0, longest))):
        cohort = draw(st.sampled_from(cohorts))
        dice = draw(st.integers(0, 19))
        if dice < 7 or not enrolled[cohort]:
            enrolled[cohort].append(person)
            setting = draw(st.sampled_from(["advanced"] * 9 + ["adjuvant"]))
            events.append(CohortEvent(cohort, person, EventKind.ENROLLED, setting=setting))
            if setting == "adjuvant":
                continue
        elif dice < 18:
            who = draw(st.sampled_from(enrolled[cohort]))
            kind = draw(st.sampled_from((EventKind.EVALUATED,) * 6 + OUTCOMES))
            response = draw(st.booleans()) if kind == EventKind.EVALUATED else None
            events.append(CohortEvent(cohort, who, kind, response=response))
        elif dice == 18:
            who = draw(st.sampled_from(enrolled[cohort]))
            enrolled[cohort].remove(who)
            evaluable[cohort].discard(who)
            events.append(CohortEvent(cohort, who, EventKind.VOIDED))
        else:
            kind = draw(st.sampled_from([EventKind.PAUSED, EventKind.CLOSED, EventKind.REOPENED, EventKind.LOOKED]))
            decision = draw(st.sampled_from([Answer.GO_ON, Answer.NO_GO])) if kind == EventKind.LOOKED else None
            if kind == EventKind.LOOKED and not summarise(events)[cohort].evaluable:
                continue
            events.append(CohortEvent(cohort, None, kind, decision=decision))
    return events


@settings(max_examples=60, deadline=None)
@given(logs(), st.data())
def test_every_prefix_of_a_log_replays_to_the_decisions_made_by_then(log: list[CohortEvent], data: st.DataObject):
    """Bit-identical: the whole log asked as it was, and the log as it was, give the same bytes."""
    lines = data.draw(st.integers(0, len(log)))
    whole = CohortLog.of(log)
    assert replay(whole, PROGRAMME, as_of=lines).to_json() == replay(log[:lines], PROGRAMME).to_json()
    assert PROGRAMME.state(whole, as_of=lines).to_json() == PROGRAMME.state(log[:lines]).to_json()
    by_then = tuple(made for made in replay(log, PROGRAMME).decisions if made.line <= lines)
    assert replay(log[:lines], PROGRAMME).decisions == by_then
    assert CohortLog.from_bytes(whole.to_bytes()).as_of(lines) == CohortLog.of(log[:lines])


@settings(max_examples=60, deadline=None)
@given(logs(("a", "b")), st.randoms(use_true_random=False))
def test_the_order_of_independent_cohorts_does_not_matter(log: list[CohortEvent], random):
    """Cohorts that do not borrow: any interleaving that keeps the order within each gives the same statuses."""
    by_cohort = {cohort: [event for event in log if event.cohort == cohort] for cohort in "ab"}
    mixed: list[CohortEvent] = []
    while any(by_cohort.values()):
        cohort = random.choice([name for name, events in by_cohort.items() if events])
        mixed.append(by_cohort[cohort].pop(0))

    def seen(events: list[CohortEvent]):
        statuses = PROGRAMME.state(events).cohorts[:2]
        decisions = [each.decision and dataclasses.replace(each.decision, line=0) for each in statuses]
        pending = [[dataclasses.replace(patient, line=0) for patient in each.pending] for each in statuses]
        return [dataclasses.replace(each, decision=None, pending=()) for each in statuses], decisions, pending

    assert seen(mixed) == seen(log)


@settings(max_examples=80, deadline=None)
@given(logs())
def test_counts_of_sites_add_up_to_those_of_the_programme(log: list[CohortEvent]):
    """Each patient at one site; the site is part of who it is."""
    sites = [
        [dataclasses.replace(e, site=f"s{e.person % 3}") for e in log if e.person is not None and e.person % 3 == site]
        for site in range(3)
    ]
    pooled = combine(summarise(each) for each in sites)
    located = [e if e.person is None else dataclasses.replace(e, site=f"s{e.person % 3}") for e in log]
    whole = PROGRAMME.state(located)
    assert {c.cohort.id: c.counts for c in whole.cohorts if c.counts.enrolled} == {
        name: counts for name, counts in pooled.items() if counts.enrolled
    }
    plain = PROGRAMME.state(log)
    for one, other in zip(whole.cohorts, plain.cohorts, strict=True):
        assert (one.answer, one.stage, one.outlook, one.mean) == (other.answer, other.stage, other.outlook, other.mean)


@settings(max_examples=150, deadline=None)
@given(logs(("a", "b"), longest=60).map(lambda log: [event for event in log if event.person is not None]))
def test_pooled_counts_and_the_log_agree_unless_the_look_had_failed(log: list[CohortEvent]):
    """Verdict, stage and places; where the first n1 had r1 responders or fewer, the log stops."""
    for status in PROGRAMME.state(log).cohorts[:2]:
        rule = PROGRAMME.rules_by_name[status.cohort.rule]
        responses = in_order(log, status.cohort.id)
        pooled = state(status.counts, rule.design)
        failed = len(responses) >= rule.design.n1 and sum(responses[: rule.design.n1]) <= rule.design.r1
        if failed:
            assert (status.answer, status.look, status.stage) == (Answer.NO_GO, Look.INTERIM, Stage.ENDED)
        else:
            # of a full stage 2 pooled counts say that the end is too early; in the log the look's answer stands
            waits = pooled.stage is Stage.TWO_FULL and pooled.verdict is Verdict.TOO_EARLY
            assert status.answer == (Answer.GO_ON if waits else answer_of_verdict(pooled.verdict))
            assert status.stage == pooled.stage
            assert (status.places.stage_1, status.places.total) == (pooled.slots_stage_1, pooled.slots_total)


@settings(max_examples=150, deadline=None)
@given(logs(("a", "b")))
def test_the_order_of_evaluation_equals_a_slow_reference(log: list[CohortEvent]):
    """Corrected responses keep their places, those that were taken back lose them."""
    lives = Lives()
    for line, event in enumerate(log, start=1):
        lives.take(event, line)
    for cohort, life in lives.cohorts.items():
        assert list(life.responses) == in_order(log, cohort)


def in_order(log: list[CohortEvent], cohort: str) -> list[bool]:
    """Responses in the order of evaluation, slowly: who is evaluated now, by the line since which without a break."""
    since: dict[int | None, tuple[int, bool]] = {}
    left_out = set()
    for line, event in enumerate(log):
        if event.cohort != cohort:
            continue
        if event.kind == EventKind.ENROLLED and event.setting == "adjuvant":
            left_out.add(event.person)
        if event.kind == EventKind.EVALUATED:
            since[event.person] = (since.get(event.person, (line, False))[0], bool(event.response))
        elif event.kind in (EventKind.VOIDED, EventKind.NOT_EVALUABLE, EventKind.EVALUABLE):
            since.pop(event.person, None)
    return [response for person, (_, response) in sorted(since.items(), key=lambda e: e[1]) if person not in left_out]


@settings(max_examples=60, deadline=None)
@given(logs(longest=35))
def test_pending_patients_by_brute_force(log: list[CohortEvent]):
    """Every response of every pending patient is appended in the order of enrolment, and the log read again."""
    now = PROGRAMME.state(log)
    for cohort in now.cohorts:
        pending = cohort.pending
        if not 0 < len(pending) <= 4:
            continue
        answers = {}
        for responses in itertools.product((False, True), repeat=len(pending)):
            more = [
                dataclasses.replace(log[patient.line - 1], kind=EventKind.EVALUATED, setting=None, response=response)
                for patient, response in zip(pending, responses, strict=True)
            ]
            answers[responses] = PROGRAMME.state([*log, *more])[cohort.cohort.id].answer
        assert cohort.outlook.worst == answers[(False,) * len(pending)]
        assert cohort.outlook.best == answers[(True,) * len(pending)]
        for place, patient in enumerate(pending):
            changes = any(
                answers[responses] != answers[(*responses[:place], True, *responses[place + 1 :])]
                for responses in answers
                if not responses[place]
            )
            assert patient.is_decisive == changes


def amended_by_hand(log: list[CohortEvent], line: int) -> list[tuple[int, CohortEvent]] | None:
    """The lines before a correction as they would have been, from its definition; None if it corrects nothing."""
    event = log[line - 1]
    if event.person is None or event.kind in (EventKind.ENROLLED, EventKind.WITHDRAWN):
        return None
    before = list(enumerate(log[: line - 1], start=1))
    own = [(n, e) for n, e in before if (e.cohort, e.person) == (event.cohort, event.person)]
    start = max(n for n, e in own if e.kind == EventKind.ENROLLED)
    if event.kind == EventKind.VOIDED:
        return [(n, e) for n, e in before if not (n >= start and (n, e) in own)]
    stands: tuple[EventKind, bool | None, int] | None = None
    for n, e in own:
        if n <= start or e.kind == EventKind.EVALUABLE:
            stands = None
        elif e.kind == EventKind.WITHDRAWN:
            stands = stands or (EventKind.NOT_EVALUABLE, None, n)
        else:
            stands = (e.kind, e.response, stands[2] if stands and stands[0] == e.kind else n)
    if stands is None or stands[:2] == (event.kind, event.response):
        return None
    return [(n, event if n == stands[2] else e) for n, e in before if n <= stands[2] or (n, e) not in own]


@settings(max_examples=80, deadline=None)
@given(logs(("a", "b", "c", "d")).map(lambda log: [event for event in log if event.kind != EventKind.LOOKED]))
def test_corrections_by_brute_force(log: list[CohortEvent]):
    """Each past decision is read again from the amended log, cut off at its line."""
    found = {correction.line: correction for correction in corrections(log, PROGRAMME)}
    decisions = replay(log, PROGRAMME).decisions
    for line in range(1, len(log) + 1):
        amended = amended_by_hand(log, line)
        assert (amended is None) == (line not in found)
        if amended is None:
            continue
        expected = []
        for made in decisions:
            if made.line < line:
                prefix = [event for number, event in amended if number <= made.line]
                answer = PROGRAMME.state(prefix)[made.cohort].answer
                if answer != made.by_rule:
                    expected.append((made.line, made.cohort, answer))
        assert [(c.decision.line, c.decision.cohort, c.would_be) for c in found[line].changed] == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(0.5, 1)), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_multiplicity_holds_together(rates: list[tuple[float, float]], active: float):
    """Markov's bound, tails that fall, expectations from tails, and a rate of false discoveries within its bounds."""
    seen = multiplicity_of(CohortTest(str(place), *both, is_positive=False) for place, both in enumerate(rates))
    tails = [seen.at_least(k) for k in range(len(rates) + 1)]
    assert tails[0] == pytest.approx(1)
    assert all(high >= low - 1e-12 for high, low in itertools.pairwise(tails))
    assert sum(tails[1:]) == pytest.approx(seen.expected_false_positives, abs=1e-9)
    assert seen.any_false_positive == pytest.approx(tails[1], abs=1e-12)
    found = seen.false_discovery(active)
    assert -1e-12 <= found.expected_proportion <= min(1.0, found.expected_false) + 1e-12
    assert found.expected_false == pytest.approx((1 - active) * seen.expected_false_positives)


def test_the_look_on_the_first_n1_has_the_alpha_of_the_design():
    """Responses drawn at p0, with over-running patients at the look: the log's rule keeps alpha, within 4 s.e."""
    rng = np.random.default_rng(1)
    programme = Programme((Cohort("a", "own", accrual=Accrual.GO_ON),), (OWN,))
    trials, positive = 1500, 0
    for _ in range(trials):
        log = [CohortEvent("a", person, EventKind.ENROLLED) for person in range(SMALL.n)]
        log += [
            CohortEvent("a", person, EventKind.EVALUATED, response=bool(rng.random() < 0.1))
            for person in rng.permutation(SMALL.n).tolist()
        ]
        positive += replay(log, programme).decisions[-1].answer == Answer.GO
    error = (SMALL.alpha * (1 - SMALL.alpha) / trials) ** 0.5
    assert abs(positive / trials - SMALL.alpha) < 4 * error
