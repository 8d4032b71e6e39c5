"""Where a cohort stands, and what many cohorts cost together."""

from __future__ import annotations

import pytest

from kohort.cohort import (
    EIGHT_PLUS_SIXTEEN,
    Beta,
    CohortCounts,
    CohortState,
    Stage,
    Verdict,
    multiplicity,
    simon_two_stage,
    state,
)
from kohort.errors import StatisticsError


def at(responders: int, evaluable: int, pending: int = 0) -> CohortState:
    return state(CohortCounts("c", enrolled=evaluable + pending, evaluable=evaluable, responders=responders))


@pytest.mark.parametrize(
    ("counts", "stage", "verdict", "slots"),
    [
        ((0, 0, 0), Stage.ONE, Verdict.TOO_EARLY, (8, 24, 8)),
        ((0, 3, 2), Stage.ONE, Verdict.TOO_EARLY, (3, 19, 3)),
        ((0, 5, 3), Stage.ONE_FULL, Verdict.TOO_EARLY, (0, 16, 0)),
        ((0, 8, 0), Stage.ENDED, Verdict.STOP, (0, 16, 0)),
        ((0, 10, 1), Stage.ENDED, Verdict.STOP, (0, 13, 0)),
        ((1, 4, 0), Stage.TWO, Verdict.GO_ON, (4, 20, 20)),
        ((1, 8, 0), Stage.TWO, Verdict.TOO_EARLY, (0, 16, 16)),
        ((3, 20, 4), Stage.TWO_FULL, Verdict.TOO_EARLY, (0, 0, 0)),
        ((5, 12, 0), Stage.TWO, Verdict.POSITIVE, (0, 12, 12)),
        ((5, 5, 0), Stage.TWO, Verdict.POSITIVE, (3, 19, 19)),
        ((1, 21, 0), Stage.ENDED, Verdict.NEGATIVE, (0, 3, 0)),
        ((4, 24, 0), Stage.ENDED, Verdict.NEGATIVE, (0, 0, 0)),
        ((5, 24, 0), Stage.ENDED, Verdict.POSITIVE, (0, 0, 0)),
    ],
)
def test_a_state_tells_stage_decision_and_places(
    counts: tuple[int, int, int], stage: Stage, verdict: Verdict, slots: tuple[int, int, int]
):
    """8 + 16: places to 8, to 24, and those that may be filled now; pending patients hold places."""
    seen = at(*counts)
    assert (seen.stage, seen.decision.verdict) == (stage, verdict)
    assert (seen.slots_stage_1, seen.slots_total, seen.slots_open) == slots


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((1, 8, 0), Verdict.GO_ON),
        ((1, 8, 2), Verdict.GO_ON),
        ((3, 20, 4), Verdict.TOO_EARLY),
        ((0, 3, 2), Verdict.TOO_EARLY),
        ((0, 8, 0), Verdict.STOP),
        ((5, 24, 0), Verdict.POSITIVE),
    ],
)
def test_one_responder_of_eight_goes_on(counts: tuple[int, int, int], verdict: Verdict):
    """What to do now: go on while stage 2 has places; wait once it is full."""
    assert at(*counts).verdict is verdict


def test_the_unknowns_of_a_state_are_the_patients_not_yet_evaluable():
    """They stand in the state and in its sentence, with what they could change."""
    seen = at(0, 5, 3)
    assert seen.unknown == 3
    assert seen.sentence == (
        "Stage 1 full, waiting for evaluations. 0 of 5 evaluable patients responded (at least 1 of 8 needed "
        "to go on): too early, 3 more to evaluate. 3 patients are not yet evaluable: go on if all respond, "
        "stop for futility if none does."
    )


def test_patients_who_can_never_be_evaluated_free_their_place():
    """Ten enrolled, three of them never evaluable: one place left to eight."""
    seen = state(CohortCounts("c", enrolled=10, evaluable=7, not_evaluable=3))
    assert (seen.slots_stage_1, seen.slots_open) == (1, 1)
    assert "Never evaluable: 3." in seen.sentence
    assert "Places open now: 1 (to 24: 17)." in seen.sentence


def test_a_state_says_what_it_left_out_and_what_it_does_not_know():
    """Disease treated around surgery is told apart; so are evaluations in an unknown setting."""
    seen = state(
        CohortCounts(
            "c",
            enrolled=9,
            evaluable=4,
            responders=2,
            without_measurable_disease=5,
            responses_without_measurable_disease=3,
            evaluable_setting_unknown=3,
            responders_setting_unknown=1,
        )
    )
    assert "without measurable disease, and not counted: 5 (3 with a recorded response)" in seen.sentence
    assert "Setting not recorded: 3 evaluable (1 responders)" in seen.sentence


def test_a_cohort_read_from_records_says_that_nobody_looked():
    """Then alpha is that of one stage."""
    seen = state(CohortCounts("c", enrolled=24, evaluable=24, responders=5, retrospective=20))
    assert seen.sentence.endswith(
        "Read from recorded treatments: 20 of 24. Nobody looked after stage 1, so more than 4 of 24 has "
        "alpha 0.0851 instead of 0.0778."
    )


def test_a_look_made_at_another_size_is_respected():
    """Looked at nine: five of 24 are not enough. Looked at seven without a responder: stopped."""
    after_nine = state(CohortCounts("c", enrolled=24, evaluable=24, responders=5), n1_actual=9)
    assert after_nine.decision.verdict == Verdict.NEGATIVE
    at_seven = state(CohortCounts("c", enrolled=7, evaluable=7), n1_actual=7)
    assert at_seven.decision.verdict == Verdict.STOP


def test_a_prior_gives_a_posterior_of_the_response_rate():
    """Beta(1, 1) and 3 of 10 give Beta(4, 8)."""
    seen = state(CohortCounts("c", enrolled=10, evaluable=10, responders=3), prior=Beta(1, 1))
    posterior = seen.posterior
    assert posterior == Beta(4, 8)
    assert posterior is not None
    assert posterior.mean == pytest.approx(1 / 3)
    assert posterior.above(0.1) + posterior.below(0.1) == pytest.approx(1, abs=1e-14)
    assert posterior.below(posterior.quantile(0.05)) == pytest.approx(0.05, abs=1e-12)
    assert (posterior.below(0), posterior.below(1)) == (0, 1)
    assert at(3, 10).posterior is None


def test_a_prior_that_is_no_distribution_is_refused():
    """Both parameters are above zero, and probabilities lie in zero to one."""
    with pytest.raises(StatisticsError, match="no distribution"):
        Beta(0, 1)
    with pytest.raises(StatisticsError, match="impossible"):
        Beta(1, 1).quantile(1.5)


def test_a_prior_of_great_weight_is_still_exact():
    """A prior worth two million patients, centred at one half: half of it lies below."""
    assert Beta(1e6, 1e6).below(0.5) == pytest.approx(0.5, abs=1e-12)


def test_any_design_can_be_followed():
    """A design from a search is read like 8 + 16."""
    minimax = simon_two_stage(0.1, 0.3, 0.078, 0.15)[0]
    seen = state(CohortCounts("c", enrolled=14, evaluable=14, responders=1), minimax)
    assert (seen.stage, seen.decision.verdict) == (Stage.ENDED, Verdict.STOP)


@pytest.mark.parametrize(("cohorts", "expected", "any_one"), [(10, 0.778, 0.555), (300, 23.3, 1.0)])
def test_many_cohorts_give_false_positives(cohorts: int, expected: float, any_one: float):
    """Alpha .0778 a cohort: ten give 55.5 percent for at least one, 300 give 23.3 expected."""
    seen = multiplicity(state(CohortCounts(str(place))) for place in range(cohorts))
    assert seen.expected_false_positives == pytest.approx(expected, rel=2e-3)
    assert seen.any_false_positive == pytest.approx(any_one, abs=5e-4)
    assert seen.expected_false_positives == pytest.approx(cohorts * EIGHT_PLUS_SIXTEEN.alpha)


def test_multiplicity_tells_how_many_are_positive_beside_how_many_chance_would_give():
    """One sentence for the report."""
    seen = multiplicity([state(CohortCounts("a", enrolled=24, evaluable=24, responders=6)), state(CohortCounts("b"))])
    assert seen.positive == 1
    assert seen.sentence == (
        "If no drug worked in any of these 2 cohorts, 0.2 would still be expected to end positive, and the "
        "chance of at least one is 14.9%. Positive now: 1."
    )


def test_multiplicity_of_no_cohorts_is_zero():
    """An empty programme makes no errors."""
    assert multiplicity([]).any_false_positive == 0


def test_multiplicity_refuses_the_states_of_single_sites():
    """One cohort at two sites is one cohort: combine the counts first."""
    with pytest.raises(StatisticsError, match="given twice"):
        multiplicity([state(CohortCounts("a")), state(CohortCounts("a"))])
