"""The response is known 16 weeks after enrolment.

Accrual at rate l (Poisson or evenly spaced), delay d. The look is read when all n1 responses are known, or as soon
as it is certain: with patient J, who is the (r1 + 1)-th responder or the (n1 - r1)-th non-responder. Then

    pause = max(0, d - G),  G ~ Gamma(n1 - J, l),  E = d P(k, l d) - (k / l) P(k + 1, l d),  k = n1 - J,
    over-run after a stop = min(max(0, N - (n1 - J)), n2),  N ~ Poisson(l d).

Mukherjee, Wason & Grayling, Eur J Cancer 2022;166:270 (what delay costs); Herndon, Control Clin Trials 1998;19:440
(accrual going on).
"""

from __future__ import annotations

import math

import pytest

from kohort.cohort.course.delay import Accrual, delay_characteristics, pending_at_look
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.errors import StatisticsError

ONE_A_MONTH = Accrual(per_week=0.25)
"""A patient every four weeks on average, known after 16 weeks: four are expected while one is awaited."""


def test_as_many_patients_are_pending_at_the_look_as_come_in_one_delay():
    """One a month for 16 weeks: Poisson with mean 4, cut at the 16 places of stage 2."""
    pending = pending_at_look(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH)
    assert pending[:3] == pytest.approx([math.exp(-4), 4 * math.exp(-4), 8 * math.exp(-4)], abs=1e-14)
    assert len(pending) == 17
    assert pending.sum() == pytest.approx(1, abs=1e-14)
    assert pending_at_look(EIGHT_PLUS_SIXTEEN, Accrual(per_week=5))[16] == pytest.approx(1, abs=1e-12)


def test_evenly_spaced_patients_are_counted_up_to_the_moment_of_the_response():
    """Every fourth week: those of weeks 4, 8 and 12; in week 16 the look is read before anybody is enrolled."""
    pending = pending_at_look(EIGHT_PLUS_SIXTEEN, Accrual(0.25, spacing="fixed"))
    assert pending.tolist() == [0, 0, 0, 1] + [0] * 13


def test_a_held_cohort_waits_and_enrols_nobody_too_many():
    """All eight known: 16 weeks of pause in every cohort, EN as planned, no over-run."""
    held = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 0.1, "hold", "all known")
    assert held.expected_n == pytest.approx(17.11252464)
    assert held.expected_pause == 16
    assert held.overrun_at_least(1) == 0
    assert held.expected_weeks == pytest.approx(8 * 4 + 16 + (1 - 0.9**8) * (16 * 4 + 16))


def test_a_cohort_that_goes_on_saves_weeks_and_pays_with_patients():
    """At p0, 1.72 patients more on average, 9.11 weeks less; 98.2 percent of stops find somebody enrolled too many."""
    held = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 0.1, "hold", "all known")
    on = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 0.1, "go on", "all known")
    assert on.expected_n - held.expected_n == pytest.approx(0.9**8 * 4, abs=1e-3)
    assert held.expected_weeks - on.expected_weeks == pytest.approx((1 - 0.9**8) * 16)
    assert on.overrun_at_least(1) == pytest.approx(1 - math.exp(-4), abs=1e-12)
    assert on.success == held.success == EIGHT_PLUS_SIXTEEN.alpha


def test_reading_the_look_when_it_is_certain_shortens_the_pause():
    """At p = .3 the first responder is often early: 3.4 weeks of pause instead of 16, none in 59 percent."""
    early = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 0.3, "hold", "certain")
    late = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 0.3, "hold", "all known")
    assert (early.expected_pause, late.expected_pause) == pytest.approx((3.386, 16), abs=5e-4)
    assert (early.pause_above(0), late.pause_above(0)) == pytest.approx((0.4089, 1), abs=5e-5)
    assert early.expected_n == late.expected_n


def test_a_stop_of_eight_is_never_certain_before_all_are_known():
    """r1 = 0: the last patient could always respond, so a stop waits for him; with 1/10 it need not."""
    for p in (0.1, 0.3):
        on = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, p, "go on", "certain")
        assert on.overrun_at_least(1) == pytest.approx(1 - math.exp(-4), abs=1e-12)
    tapur = TwoStageDesign(1, 10, 6, 28, 0.15, 0.35)
    certain, known = (
        delay_characteristics(tapur, ONE_A_MONTH, 0.15, "go on", when) for when in ("certain", "all known")
    )
    assert certain.overrun_at_least(3) < known.overrun_at_least(3)


def test_the_expected_pause_is_an_incomplete_gamma_function():
    """A patient two places before the last: the integral of (16 - g) times the Gamma(2, 1/4) density to 16 weeks."""
    steps = 40_000
    width = 16 / steps
    gamma = sum((16 - g) * g * math.exp(-g / 4) for g in (width * (k + 0.5) for k in range(steps))) * width / 16
    assert ONE_A_MONTH.pause(2) == pytest.approx(gamma, abs=1e-8)
    assert ONE_A_MONTH.pause_above(2, 6) == pytest.approx(1 - math.exp(-2.5) * (1 + 2.5), abs=1e-12)


def test_without_delay_nothing_is_lost():
    """Known at once: the plan, whatever the policy."""
    for policy in ("hold", "go on"):
        seen = delay_characteristics(EIGHT_PLUS_SIXTEEN, Accrual(0.25, delay=0), 0.1, policy)
        assert (seen.expected_n, seen.expected_pause) == pytest.approx((17.11252464, 0))
        assert seen.overrun[0] == pytest.approx(1)


def test_a_cohort_that_cannot_stop_has_no_over_run():
    """p = 1: the first patient opens stage 2."""
    seen = delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 1.0, "go on")
    assert (seen.early_stop, seen.expected_n, seen.overrun[0]) == (0, 24, 1)


def test_impossible_accrual_is_refused():
    """Rates, delays and rules are checked."""
    with pytest.raises(StatisticsError, match="impossible"):
        Accrual(0)
    with pytest.raises(StatisticsError, match="impossible"):
        Accrual(1, delay=-1)
    with pytest.raises(StatisticsError, match="no spacing"):
        Accrual(1, spacing="weekly")  # type: ignore[arg-type]
    with pytest.raises(StatisticsError, match="no policy"):
        delay_characteristics(EIGHT_PLUS_SIXTEEN, ONE_A_MONTH, 0.1, "wait")  # type: ignore[arg-type]
