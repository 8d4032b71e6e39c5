"""Decisions of a two-stage cohort, with pending patients and with other sizes than planned."""

from __future__ import annotations

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, TwoStageDesign, Verdict
from kohort.errors import StatisticsError

SLOW_START = TwoStageDesign(r1=1, n1=14, r=4, n=23, p0=0.1, p1=0.3)


@pytest.mark.parametrize(
    ("responders", "evaluable", "verdict"),
    [
        (0, 0, Verdict.TOO_EARLY),
        (0, 7, Verdict.TOO_EARLY),
        (0, 8, Verdict.STOP),
        (1, 3, Verdict.GO_ON),
        (1, 8, Verdict.GO_ON),
        (8, 8, Verdict.GO_ON),
    ],
)
def test_after_stage_1_a_cohort_goes_on_stops_or_waits(responders: int, evaluable: int, verdict: Verdict):
    """8 + 16: one responder among eight is enough, and enough at once."""
    decision = EIGHT_PLUS_SIXTEEN.decide_interim(responders, evaluable)
    assert decision.verdict == verdict
    assert decision.is_certain
    assert decision.rules.is_as_planned


@pytest.mark.parametrize(
    ("responders", "evaluable", "verdict"),
    [
        (3, 15, Verdict.TOO_EARLY),
        (5, 15, Verdict.POSITIVE),
        (4, 24, Verdict.NEGATIVE),
        (5, 24, Verdict.POSITIVE),
        (1, 21, Verdict.NEGATIVE),
        (1, 20, Verdict.TOO_EARLY),
    ],
)
def test_at_the_end_a_cohort_is_positive_negative_or_open(responders: int, evaluable: int, verdict: Verdict):
    """8 + 16: five of 24; an answer that no further patient can change is given at once."""
    assert EIGHT_PLUS_SIXTEEN.decide_final(responders, evaluable).verdict == verdict


def test_a_stage_that_can_no_longer_succeed_stops_before_it_is_full():
    """1/14: without a responder among 13, two of 14 are out of reach."""
    decision = SLOW_START.decide_interim(0, 13)
    assert decision.verdict == Verdict.STOP
    assert "can no longer be reached" in decision.sentence


def test_pending_patients_give_a_best_and_a_worst_case():
    """Seven without a response and one pending: everything hangs on that one."""
    decision = EIGHT_PLUS_SIXTEEN.decide_interim(0, 7, pending=1)
    assert (decision.verdict, decision.best, decision.worst) == (
        Verdict.TOO_EARLY,
        Verdict.GO_ON,
        Verdict.STOP,
    )
    assert not decision.is_certain
    assert decision.sentence == (
        "0 of 7 evaluable patients responded (at least 1 of 8 needed to go on): too early, 1 more to "
        "evaluate. 1 patient is not yet evaluable: go on if all respond, stop for futility if none does."
    )


def test_stage_2_may_open_while_stage_1_is_pending_if_enough_responded():
    """One responder of five and three pending: nothing the three do can stop the cohort."""
    decision = EIGHT_PLUS_SIXTEEN.decide_interim(1, 5, pending=3)
    assert decision.verdict == Verdict.GO_ON
    assert decision.is_certain
    assert "go on in either case" in decision.sentence


def test_pending_patients_at_the_end_give_a_best_and_a_worst_case():
    """Four of 22 and two pending: positive if one responds."""
    decision = EIGHT_PLUS_SIXTEEN.decide_final(4, 22, pending=2)
    assert (decision.verdict, decision.best, decision.worst) == (
        Verdict.TOO_EARLY,
        Verdict.POSITIVE,
        Verdict.NEGATIVE,
    )


def test_an_over_run_stage_1_is_looked_at_as_it_is_and_says_what_that_costs():
    """Nine instead of eight: alpha .0801 with the planned threshold, 11 points of power with the strict."""
    decision = EIGHT_PLUS_SIXTEEN.decide_interim(0, 9)
    assert decision.verdict == Verdict.STOP
    assert decision.sentence == (
        "0 of 9 evaluable patients responded (at least 1 of 9 needed to go on): stop for futility. "
        "The sizes differ from the plan (9 and 24 instead of 8 and 24): more than 4 of 24 has alpha 0.0801 "
        "and power 0.8694 (planned 0.0778 and 0.8572); the planned alpha is held by more than 5 "
        "(alpha 0.0268, power 0.7600)."
    )


def test_the_threshold_that_holds_the_promised_alpha_decides_and_the_planned_one_stands_beside_it():
    """Five of 24 after a look at nine: negative at the promised alpha, positive with the threshold kept."""
    decision = EIGHT_PLUS_SIXTEEN.decide_final(5, 24, n1_actual=9)
    assert decision.verdict == Verdict.NEGATIVE
    assert decision.with_planned_thresholds == Verdict.POSITIVE
    assert "With the planned threshold (at least 5) it would be positive." in decision.sentence
    assert EIGHT_PLUS_SIXTEEN.decide_final(6, 24, n1_actual=9).verdict == Verdict.POSITIVE


def test_an_over_run_end_is_read_at_its_own_size():
    """Five of 26 is no longer positive: it would be with alpha .0997."""
    decision = EIGHT_PLUS_SIXTEEN.decide_final(5, 26)
    assert (decision.verdict, decision.with_planned_thresholds) == (Verdict.NEGATIVE, Verdict.POSITIVE)
    assert decision.rules.kept.alpha == pytest.approx(0.0997, abs=5e-5)
    assert decision.rules.strict.r == 5


def test_a_cohort_closed_early_is_read_at_the_size_it_reached():
    """Closed at 22: five are still positive, at alpha .0582 and power .8115; open, it would go on."""
    closed = EIGHT_PLUS_SIXTEEN.decide_final(4, 22, closed=True)
    assert closed.verdict == Verdict.NEGATIVE
    assert "more than 4 of 22 has alpha 0.0582 and power 0.8115" in closed.sentence
    assert EIGHT_PLUS_SIXTEEN.decide_final(5, 22, closed=True).verdict == Verdict.POSITIVE
    assert EIGHT_PLUS_SIXTEEN.decide_final(4, 22).verdict == Verdict.TOO_EARLY


def test_a_closed_cohort_waits_for_its_pending_patients():
    """Closed with 20 evaluable and two pending: the size will be 22."""
    decision = EIGHT_PLUS_SIXTEEN.decide_final(3, 20, pending=2, closed=True)
    assert decision.rules.kept.n == 22
    assert (decision.verdict, decision.best, decision.worst) == (
        Verdict.TOO_EARLY,
        Verdict.POSITIVE,
        Verdict.NEGATIVE,
    )


def test_a_stage_1_closed_early_is_looked_at_as_it_is():
    """Closed at seven without a response: stop; the rates are those of a look at seven."""
    decision = EIGHT_PLUS_SIXTEEN.decide_interim(0, 7, closed=True)
    assert decision.verdict == Verdict.STOP
    assert (decision.rules.kept.n1, decision.rules.strict.n1) == (7, 7)


def test_a_cohort_closed_in_stage_1_has_no_final_decision():
    """It never reached stage 2, so it is told to ask for the interim decision."""
    with pytest.raises(StatisticsError, match="never reached stage 2"):
        EIGHT_PLUS_SIXTEEN.decide_final(1, 8, closed=True)


def test_a_look_too_small_to_go_on_is_refused():
    """1/14: a stage 1 of one patient cannot have two responders."""
    with pytest.raises(StatisticsError, match="cannot have more than 1"):
        SLOW_START.decide_interim(1, 1, closed=True)


def test_an_interim_decision_on_a_full_cohort_is_refused():
    """With 24 evaluable patients the final decision is due."""
    with pytest.raises(StatisticsError, match="decide_final"):
        EIGHT_PLUS_SIXTEEN.decide_interim(3, 24)


@pytest.mark.parametrize("counts", [(3, 2, 0), (-1, 2, 0), (0, 2, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]):
    """There are no more responders than evaluable patients, and no negative counts."""
    with pytest.raises(StatisticsError, match="impossible"):
        EIGHT_PLUS_SIXTEEN.decide_interim(*counts)
    with pytest.raises(StatisticsError, match="impossible"):
        EIGHT_PLUS_SIXTEEN.decide_final(*counts)
