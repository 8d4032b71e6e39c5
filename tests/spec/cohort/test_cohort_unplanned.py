"""When the sizes do not come out as planned.

Four rules, all exact:

    alpha              r1 kept, smallest r with P(positive | p0) <= alpha of the plan
    spending           the same within min(alpha, 2 - 2 Phi(z_{1 - alpha/2} / sqrt(n* / n)))
                       Liu & Pan, UnplanSimon 2024 (ATS); Lan & DeMets, Biometrika 1983;70:659
    new second stage   (r1, r, n) for the actual n1: least EN(p0) with alpha and power met      UnplanSimon (ATSS)
    conditional error  after x1, any n2 and r with P(Bin(n2, p0) >= r + 1 - x1) <= D(x1), where D(x1) is the chance
                       at p0 that the planned cohort would end positive
                       Mueller & Schaefer, Biometrics 2001;57:886; Englert & Kieser, Biometrics 2012;68:886
"""

from __future__ import annotations

import pytest

from kohort.cohort.course.sizes import (
    AdaptedDesign,
    SecondStage,
    conditional_error,
    redesign,
    redesign_second_stage,
    second_stage_size,
    second_stage_threshold,
    spent_alpha,
)
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.errors import StatisticsError


@pytest.mark.parametrize(
    ("n1", "n", "alpha", "power", "strict_r", "strict_alpha", "strict_power"),
    [
        (7, 23, 0.0650, 0.8191, 4, 0.0650, 0.8191),
        (8, 22, 0.0582, 0.8115, 4, 0.0582, 0.8115),
        (9, 24, 0.0801, 0.8694, 5, 0.0268, 0.7600),
        (8, 26, 0.0997, 0.8882, 5, 0.0371, 0.8106),
        (8, 24, 0.0778, 0.8572, 4, 0.0778, 0.8572),
    ],
)
def test_other_sizes_have_these_error_rates(
    n1: int, n: int, alpha: float, power: float, strict_r: int, strict_alpha: float, strict_power: float
):
    """Both rules are shown: the threshold kept, and the threshold that holds the promised alpha."""
    rules = EIGHT_PLUS_SIXTEEN.for_sizes(n1, n)
    assert (rules.kept.alpha, rules.kept.power) == pytest.approx((alpha, power), abs=5e-5)
    assert rules.strict.r == strict_r
    assert (rules.strict.alpha, rules.strict.power) == pytest.approx((strict_alpha, strict_power), abs=6e-5)
    assert redesign(EIGHT_PLUS_SIXTEEN, n1, n) == rules.strict


def test_a_redesign_holds_the_limit_it_is_given():
    """With alpha .10 allowed, nine and 24 may keep more than 4."""
    assert redesign(EIGHT_PLUS_SIXTEEN, 9, 24, alpha=0.10).r == 4
    assert redesign(EIGHT_PLUS_SIXTEEN, 9, 24, alpha=0.01).r == 6


def test_a_redesign_never_needs_fewer_than_stage_1_does():
    """With alpha 1 every cohort that goes on is positive: r falls to r1 and no further."""
    assert redesign(EIGHT_PLUS_SIXTEEN, 8, 24, alpha=0.999).r == 0


def test_sizes_that_cannot_hold_the_limit_are_refused():
    """Two patients at 10 percent both respond in one of a hundred cohorts."""
    with pytest.raises(StatisticsError, match="no threshold holds alpha"):
        redesign(EIGHT_PLUS_SIXTEEN, 1, 2, alpha=0.001)


def test_r1_may_follow_the_chance_to_stop():
    """3/14 of a plan stops 52 percent of cohorts at p0; with 11 patients 2/11 (46 percent) is nearer than 3/11 (71)."""
    plan = TwoStageDesign(r1=3, n1=14, r=14, n=44, p0=0.25, p1=0.45)
    kept = redesign(plan, 11, 41, alpha=0.1)
    near = redesign(plan, 11, 41, alpha=0.1, look="nearest early stop")
    assert (kept.r1, near.r1) == (3, 2)
    assert (plan.pet(0.25), kept.pet(0.25), near.pet(0.25)) == pytest.approx((0.521, 0.713, 0.455), abs=5e-4)


@pytest.mark.parametrize(("n", "limit"), [(22, 0.065), (23, 0.072), (24, 0.0778), (26, 0.0778)])
def test_fewer_patients_may_spend_less_alpha(n: int, limit: float):
    """The limit of ATS: .065 at 22 and .072 at 23 of 24 patients; never more than the plan's."""
    assert spent_alpha(EIGHT_PLUS_SIXTEEN.alpha, n / 24) == pytest.approx(limit, abs=5e-4)
    assert redesign(EIGHT_PLUS_SIXTEEN, 8, n, "spending").alpha <= limit + 5e-4


def test_a_new_second_stage_has_the_least_expected_size_for_the_actual_look():
    """After 10 or 12 instead of 8, alpha .0778 and beta .15: 4/23 (EN 18.47) or 1/12 5/29 (EN 17.80)."""
    ten = redesign_second_stage(EIGHT_PLUS_SIXTEEN, 10, beta=0.15)
    twelve = redesign_second_stage(EIGHT_PLUS_SIXTEEN, 12, beta=0.15)
    assert (ten.r1, ten.n1, ten.r, ten.n) == (0, 10, 4, 23)
    assert (twelve.r1, twelve.n1, twelve.r, twelve.n) == (1, 12, 5, 29)
    assert [d.expected_n(0.1) for d in (ten, twelve)] == pytest.approx([18.467, 17.797], abs=5e-4)


def test_a_look_too_early_for_the_power_is_refused():
    """0 of 5 happens in 17 percent of cohorts at p1: no second stage brings the power back."""
    with pytest.raises(StatisticsError, match="after 5"):
        redesign_second_stage(EIGHT_PLUS_SIXTEEN, 5)


@pytest.mark.parametrize(("responders", "error"), [(0, 0), (1, 0.0684), (2, 0.2108), (5, 1)])
def test_conditional_error_is_what_the_plan_leaves_after_the_look(responders: int, error: float):
    """D(1) = .0684, D(2) = .2108; nothing after a stop, everything when the cohort is positive already."""
    assert conditional_error(EIGHT_PLUS_SIXTEEN, responders) == pytest.approx(error, abs=5e-5)


def test_conditional_error_of_a_late_look_averages_over_the_order_of_patients():
    """One of nine: he is among the first eight in 8 of 9 orders, and then four of 15 more must respond."""
    four_of_fifteen = 1 - sum([0.2058911321, 0.3431518868, 0.2668959120, 0.1285054391])
    assert conditional_error(EIGHT_PLUS_SIXTEEN, 1, 9) == pytest.approx(8 / 9 * four_of_fifteen, abs=1e-9)


def test_after_the_look_the_second_stage_may_be_chosen_freely():
    """One of eight: with 16 more, five in all as planned; with 21 more or 12 more, six and four in all."""
    needed = {n2: second_stage_threshold(EIGHT_PLUS_SIXTEEN, 1, n2) + 1 for n2 in (12, 16, 21)}
    assert needed == {12: 5, 16: 5, 21: 6}


def test_the_second_stage_may_be_as_long_as_the_cohort_still_needs():
    """80 percent conditional power at p1: 21 more after one responder, 14 after two, 5 after three, 0 after five."""
    found = [second_stage_size(EIGHT_PLUS_SIXTEEN, x1, 0.8) for x1 in (1, 2, 3, 5)]
    assert found == [SecondStage(21, 5), SecondStage(14, 4), SecondStage(5, 3), SecondStage(0, 4)]


def test_conditional_error_wins_back_power_that_one_threshold_for_all_gives_away():
    """9 + 15: r = 5 for all has power .7600; r = 5 after one responder and 4 after more has .8353, alpha .0636."""
    strict = redesign(EIGHT_PLUS_SIXTEEN, 9, 24)
    adapted = redesign(EIGHT_PLUS_SIXTEEN, 9, 24, keep="conditional_error")
    assert adapted.second[:3] == (None, SecondStage(15, 5), SecondStage(15, 4))
    assert (strict.power, adapted.power) == pytest.approx((0.7600, 0.8353), abs=5e-5)
    assert adapted.alpha == pytest.approx(0.0636, abs=5e-5)
    assert (adapted.n1, adapted.n) == (9, 24)
    assert adapted.operating_characteristics(0.1).early_stop == pytest.approx(0.9**9, abs=1e-12)


def test_with_the_planned_sizes_conditional_error_is_the_plan():
    """Nothing changed, nothing lost."""
    same = redesign(EIGHT_PLUS_SIXTEEN, 8, 24, keep="conditional_error")
    for p in (0.1, 0.2, 0.3):
        ours, plan = same.operating_characteristics(p), EIGHT_PLUS_SIXTEEN.operating_characteristics(p)
        assert (ours.success, ours.early_stop, ours.expected_n) == pytest.approx(
            (plan.success, plan.early_stop, plan.expected_n), abs=1e-12
        )


def test_a_second_stage_that_breaks_the_promise_is_refused():
    """After one of eight, two more of 16 are not enough."""
    with pytest.raises(StatisticsError, match="the plan leaves"):
        AdaptedDesign(EIGHT_PLUS_SIXTEEN, 8, (None, SecondStage(16, 2), *[None] * 7))


def test_impossible_changes_are_refused():
    """Unknown rules, counts that cannot be, a second stage longer than any cohort."""
    with pytest.raises(StatisticsError, match="no rule"):
        redesign(EIGHT_PLUS_SIXTEEN, 9, 24, keep="hope")  # type: ignore[call-overload]
    with pytest.raises(StatisticsError, match="is its own limit"):
        redesign(EIGHT_PLUS_SIXTEEN, 9, 24, keep="conditional_error", alpha=0.2)  # type: ignore[call-overload]
    with pytest.raises(StatisticsError, match="no first stage"):
        conditional_error(EIGHT_PLUS_SIXTEEN, 9, 8)
    with pytest.raises(StatisticsError, match="no second stage"):
        second_stage_size(EIGHT_PLUS_SIXTEEN, 0, 0.8)


def test_a_resized_design_is_a_statement_not_a_search_result():
    """Type and weights of a search do not carry over to other sizes."""
    found = TwoStageDesign(0, 8, 4, 24, 0.1, 0.3, type="admissible", q_range=(0.0, 0.4))
    assert (found.resized(8, 22).type, found.resized(8, 22).q_range) == ("stated", None)
