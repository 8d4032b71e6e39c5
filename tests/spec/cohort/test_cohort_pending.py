"""Patients who are not evaluable yet, or never, or too late.

Pending at a look: k of m respond with chance Bin(m, p), or beta-binomial under the posterior of the others
(Spiegelhalter et al., Control Clin Trials 1986;7:8); the counts are read again for each k.

Over-running: m patients enrolled before a stop was known, y respond. In stage order (default) the p value is
P(X1 > r1) + P(X1 <= r1, X1 + Y >= x1 + y) at p0. Deletion reads n1 + m as one stage (Whitehead, Control Clin
Trials 1992;13:106; compared in Biometrics 2003;59:701).

Never evaluable, with chance 1 - e each, not replaced: with kept thresholds the design at rate p e; with strict
thresholds r follows the sizes attained (Green & Dahlberg, Stat Med 1992;11:853).
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from kohort.cohort.course.evaluability import enrolment_for, with_evaluability
from kohort.cohort.course.pending import pending_outlook
from kohort.cohort.designs.decisions import Observed, Verdict
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.inference.overrun import Overrun, deletion_error, overrun_inference
from kohort.cohort.inference.two_stage import two_stage_inference
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

TAPUR = TwoStageDesign(1, 10, 6, 28, 0.15, 0.35)


def test_a_look_with_pending_patients_says_what_each_number_of_responses_would_mean():
    """0 of 6 and two pending: stop if none responds (49 percent at p = .3), else go on; stage 2 may not open yet."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(0, 6, 2), "interim")
    assert seen.decision.verdict == Verdict.TOO_EARLY
    assert not seen.stage_2_may_open
    assert seen.verdicts == (Verdict.STOP, Verdict.GO_ON, Verdict.GO_ON)
    assert seen.responders_needed == 1
    assert seen.probabilities(0.3) == pytest.approx({Verdict.STOP: 0.49, Verdict.GO_ON: 0.51})
    assert seen.probabilities(Fraction(1, 10))[Verdict.STOP] == Fraction(81, 100)


def test_the_posterior_of_the_evaluable_patients_says_how_likely_each_verdict_is():
    """0 of 6, flat prior: two more fail with chance 7/8 x 8/9 = 7/9."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(0, 6, 2), "interim")
    assert seen.posterior == Beta(1, 7)
    assert seen.predictive() == pytest.approx({Verdict.STOP: 7 / 9, Verdict.GO_ON: 2 / 9})


def test_stage_2_opens_with_the_first_responder_who_is_enough():
    """1 of 3 and five pending: nobody can take the responder away."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(1, 3, 5), "interim")
    assert seen.stage_2_may_open
    assert seen.is_certain
    assert seen.predictive() == pytest.approx({Verdict.GO_ON: 1.0})


def test_patients_enrolled_while_the_look_was_awaited_may_still_turn_a_stop():
    """0 of 8 stops; three more are pending, and a look on all 11 would go on with one of them."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(0, 8, 3), "interim")
    assert (seen.decision.verdict, seen.is_certain) == (Verdict.STOP, False)
    assert seen.probabilities(0.3)[Verdict.GO_ON] == pytest.approx(1 - 0.7**3)


def test_a_stage_2_that_filled_while_the_look_was_awaited_still_has_its_look():
    """0 of 8 and 16 pending: 24 are enrolled, and all of them are looked at."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(0, 8, 16), "interim")
    assert seen.verdicts == (Verdict.STOP, *[Verdict.GO_ON] * 16)


def test_the_end_is_read_in_the_same_way():
    """4 of 21 and three pending: positive with one of them, .657 at p = .3."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(4, 21, 3), "final")
    assert seen.responders_needed == 1
    assert seen.probabilities(0.3)[Verdict.POSITIVE] == pytest.approx(1 - 0.7**3)
    assert seen.predictive()[Verdict.NEGATIVE] == pytest.approx(18 * 19 * 20 / (23 * 24 * 25))


def test_pending_patients_beyond_the_plan_move_the_threshold():
    """5 of 23 and three pending make 26 patients, where more than 5 are needed."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(4, 23, 3), "final")
    assert seen.verdicts == (Verdict.NEGATIVE, Verdict.NEGATIVE, Verdict.POSITIVE, Verdict.POSITIVE)
    assert seen.responders_needed == 2


def test_too_few_pending_patients_cannot_help():
    """1 of 22 and two pending end negative."""
    seen = pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(1, 22, 2), "final")
    assert seen.responders_needed is None
    assert seen.probabilities(0.9) == pytest.approx({Verdict.NEGATIVE: 1.0})


def test_late_responders_do_not_turn_a_stop_into_a_success():
    """0 of 8 stopped, two of three later responded: p = .5695 + P(0 of 8, 2 or 3 of 3) = .5816, estimate 2/11."""
    seen = overrun_inference(EIGHT_PLUS_SIXTEEN, Overrun(at_stop=0, later_responders=2, later=3))
    assert seen.p_value == pytest.approx(1 - 0.9**8 + 0.9**8 * 0.028, abs=1e-12)
    assert (seen.responders, seen.evaluable) == (2, 11)
    assert seen.umvue == seen.mle == pytest.approx(2 / 11)
    assert seen.ci.lower < seen.median_unbiased < seen.ci.upper


def test_without_later_patients_over_running_is_the_stop_itself():
    """Nothing is added."""
    stopped = overrun_inference(TAPUR, Overrun(1, 0, 0))
    plain = two_stage_inference(1, TAPUR)
    assert (stopped.p_value, stopped.umvue, tuple(stopped.ci)) == (plain.p_value, plain.umvue, tuple(plain.ci))


def test_deletion_reads_all_patients_as_one_stage():
    """2 of 11 in one stage: p = .3026."""
    seen = overrun_inference(EIGHT_PLUS_SIXTEEN, Overrun(0, 2, 3), rule="deletion")
    assert seen.p_value == pytest.approx(1 - 0.9**11 - 11 * 0.1 * 0.9**10, abs=1e-12)


def test_deletion_is_a_second_way_to_a_positive_cohort_and_costs_alpha():
    """TAPUR promises .0984; up to three over-running patients turn no stop, six make it .1005."""
    assert [deletion_error(TAPUR, m) for m in (0, 3)] == pytest.approx([TAPUR.alpha] * 2, abs=1e-12)
    by_hand = TAPUR.alpha + sum(
        (0.85**10, 10 * 0.15 * 0.85**9)[x1]
        * sum(c * 0.15**y * 0.85 ** (6 - y) for y, c in enumerate((1, 6, 15, 20, 15, 6, 1)) if x1 + y >= 5)
        for x1 in (0, 1)
    )
    assert deletion_error(TAPUR, 6) == pytest.approx(by_hand, abs=1e-12)
    assert by_hand == pytest.approx(0.1005, abs=5e-5)


def test_over_running_at_the_end_is_the_design_as_enrolled():
    """Six of 26 after 8 + 18: the p value of the larger cohort."""
    seen = two_stage_inference(6, EIGHT_PLUS_SIXTEEN.resized(8, 26))
    assert seen.p_value == pytest.approx(EIGHT_PLUS_SIXTEEN.for_sizes(8, 26).strict.alpha, abs=1e-12)


def test_replaced_patients_cost_enrolment_and_nothing_else():
    """90 percent evaluable: error rates of the plan, EN / .9 enrolled."""
    seen = with_evaluability(EIGHT_PLUS_SIXTEEN, 0.3, 0.9, "replaced")
    assert seen.success == pytest.approx(EIGHT_PLUS_SIXTEEN.power, abs=1e-12)
    assert seen.expected_enrolled == pytest.approx(23.07763184 / 0.9)
    assert seen.expected_evaluable == pytest.approx(23.07763184)


def test_unreplaced_patients_with_the_planned_thresholds_cost_power():
    """90 percent evaluable: the plan at .9 p, alpha .0539, power .7813."""
    seen = [with_evaluability(EIGHT_PLUS_SIXTEEN, p, 0.9, "kept thresholds").success for p in (0.1, 0.3)]
    assert seen == pytest.approx([0.0539, 0.7813], abs=5e-5)
    assert seen[1] == pytest.approx(EIGHT_PLUS_SIXTEEN.operating_characteristics(0.27).success, abs=1e-12)


def test_thresholds_for_the_patients_that_are_left_win_power_back():
    """70 percent evaluable: power .6617 instead of .5528, and alpha stays within the plan's."""
    kept = with_evaluability(EIGHT_PLUS_SIXTEEN, 0.3, 0.7, "kept thresholds")
    strict = with_evaluability(EIGHT_PLUS_SIXTEEN, 0.3, 0.7, "strict thresholds")
    assert (kept.success, strict.success) == pytest.approx((0.5528, 0.6617), abs=5e-5)
    assert strict.early_stop == kept.early_stop == pytest.approx((1 - 0.3 * 0.7) ** 8)
    assert with_evaluability(EIGHT_PLUS_SIXTEEN, 0.1, 0.7).success <= EIGHT_PLUS_SIXTEEN.alpha


def test_if_everybody_is_evaluable_all_rules_are_the_plan():
    """Exactly, in fractions."""
    p = Fraction(3, 10)
    plan = EIGHT_PLUS_SIXTEEN.operating_characteristics(p)
    for lost in ("replaced", "kept thresholds", "strict thresholds"):
        seen = with_evaluability(EIGHT_PLUS_SIXTEEN, p, Fraction(1), lost)
        assert (seen.success, seen.early_stop, seen.expected_enrolled) == (
            plan.success, plan.early_stop, plan.expected_n
        )  # fmt: skip


def test_how_many_to_enrol_for_so_many_evaluable_patients():
    """24 evaluable at 90 percent with confidence .9: 29; with everybody evaluable: 24."""
    assert enrolment_for(24, 0.9, 0.9) == 29
    assert enrolment_for(24, 1.0) == 24
    assert enrolment_for(0, 0.5) == 0


def test_impossible_counts_are_refused():
    """A cohort that goes on has no over-running; nobody responds who was not enrolled."""
    with pytest.raises(StatisticsError, match="goes on"):
        overrun_inference(EIGHT_PLUS_SIXTEEN, Overrun(1, 0, 2))
    with pytest.raises(StatisticsError, match="do not fit into stage 2"):
        overrun_inference(EIGHT_PLUS_SIXTEEN, Overrun(0, 0, 17))
    with pytest.raises(StatisticsError, match="impossible"):
        Overrun(0, 3, 2)
    with pytest.raises(StatisticsError, match="impossible"):
        with_evaluability(EIGHT_PLUS_SIXTEEN, 0.3, 0.0)
    with pytest.raises(StatisticsError, match="no look"):
        pending_outlook(EIGHT_PLUS_SIXTEEN, Observed(0, 1), "weekly")  # type: ignore[arg-type]
