"""Laws of cohorts that do not go as planned: the promise is kept, and every shortcut equals its definition."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kohort.cohort.course.delay import Accrual, Policy, ReadWhen, delay_characteristics
from kohort.cohort.course.evaluability import with_evaluability
from kohort.cohort.course.pending import pending_outlook
from kohort.cohort.course.prediction import (
    Course,
    conditional_power,
    conditional_powers,
    power_table,
    predictive_probabilities,
    predictive_probability,
)
from kohort.cohort.course.sizes import (
    conditional_error,
    redesign,
    redesign_second_stage,
    second_stage_size,
    second_stage_threshold,
)
from kohort.cohort.designs.decisions import Observed, Verdict
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.cohort.maths.binomial import tail
from kohort.errors import StatisticsError
from tests.properties.cohort_strategies import designs, rates

PLANS = [
    EIGHT_PLUS_SIXTEEN,
    TwoStageDesign(1, 10, 6, 28, 0.15, 0.35),
    TwoStageDesign(1, 14, 4, 23, 0.1, 0.3),
]


@pytest.mark.parametrize("design", PLANS, ids=str)
@pytest.mark.parametrize("keep", ["alpha", "spending", "conditional_error"])
def test_unplanned_sizes_never_exceed_the_promised_alpha(design: TwoStageDesign, keep: str):
    """Looks at 5 to 12 and ends at 18 to 30, whichever rule is kept."""
    for n1, n in itertools.product(range(5, 13), range(18, 31)):
        changed = redesign(design, n1, n, keep)  # type: ignore[call-overload]
        assert changed.alpha <= design.alpha + 1e-12


def test_the_kept_threshold_is_the_smallest_that_keeps_the_promise():
    """One less would break it."""
    limit = EIGHT_PLUS_SIXTEEN.alpha + 1e-12
    for n1, n in itertools.product(range(5, 13), range(18, 31)):
        strict = redesign(EIGHT_PLUS_SIXTEEN, n1, n)
        assert TwoStageDesign(0, n1, strict.r - 1, n, 0.1, 0.3).alpha > limit


@settings(max_examples=50, deadline=None)
@given(designs(largest=24), st.data())
def test_sizes_that_accrual_alone_decides_keep_the_promise_on_average(design: TwoStageDesign, data: st.DataObject):
    """Any mixture of looks and ends that does not look at responses."""
    drawn = []
    for _ in range(4):
        n1 = data.draw(st.integers(design.r1 + 1, design.r1 + 12))
        drawn.append((n1, n1 + data.draw(st.integers(1, 20)), data.draw(st.floats(0.1, 1))))
    total = sum(weight for *_, weight in drawn)
    try:
        alpha = sum(weight / total * redesign(design, n1, n).alpha for n1, n, weight in drawn)
    except StatisticsError:  # so few patients that no threshold holds alpha
        return
    assert alpha <= design.alpha + 1e-12


@settings(max_examples=60, deadline=None)
@given(designs(largest=20), st.data())
def test_the_mean_conditional_error_is_alpha_wherever_one_looks(design: TwoStageDesign, data: st.DataObject):
    """Before, at and after the planned look: what may be spent later is what was promised."""
    look = data.draw(st.integers(0, design.n - 1))
    p0 = design.p0
    chances = [comb(look, x) * p0**x * (1 - p0) ** (look - x) for x in range(look + 1)]
    mean = sum(chance * conditional_error(design, x, look) for x, chance in enumerate(chances))
    assert mean == pytest.approx(design.alpha, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(designs(largest=20), st.data())
def test_any_second_stage_chosen_after_the_look_keeps_the_promise(design: TwoStageDesign, data: st.DataObject):
    """A different n2 after each x1, chosen at will: alpha stays, and one responder less would break D(x1)."""
    look = data.draw(st.integers(1, design.n - 1))
    p0, alpha = design.p0, 0.0
    for x1 in range(look + 1):
        n2 = data.draw(st.integers(0, 25))
        r = second_stage_threshold(design, x1, n2, look)
        spent, limit = tail(r + 1 - x1, n2, p0), conditional_error(design, x1, look)
        assert spent <= limit + 2e-12
        assert r < x1 or tail(r - x1, n2, p0) > limit
        alpha += comb(look, x1) * p0**x1 * (1 - p0) ** (look - x1) * spent
    assert alpha <= design.alpha + 1e-11


@pytest.mark.parametrize("design", PLANS, ids=str)
def test_the_second_stage_found_is_the_shortest_with_its_power(design: TwoStageDesign):
    """No smaller n2 has the conditional power."""
    for x1 in range(design.r1 + 1, design.r + 1):
        found = second_stage_size(design, x1, 0.8)
        powers = [tail(second_stage_threshold(design, x1, n2) + 1 - x1, n2, design.p1) for n2 in range(found.n2 + 1)]
        assert powers[-1] >= 0.8
        assert all(power < 0.8 for power in powers[:-1])


@pytest.mark.parametrize("n1", range(6, 13))
def test_a_new_second_stage_is_the_best_of_all(n1: int):
    """Every (r1, r, n) with the actual n1 that meets both limits: none has a smaller EN."""
    found = redesign_second_stage(EIGHT_PLUS_SIXTEEN, n1, alpha=0.08, beta=0.15, n_max=34)
    best = min(
        TwoStageDesign(r1, n1, r, n, 0.1, 0.3).expected_n(0.1)
        for n in range(n1 + 1, 35)
        for r1 in range(n1)
        for r in range(r1, n)
        if (d := TwoStageDesign(r1, n1, r, n, 0.1, 0.3)).alpha <= 0.08 and d.power >= 0.85
    )
    assert found.alpha <= 0.08
    assert found.power >= 0.85
    assert found.expected_n(0.1) == pytest.approx(best, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(designs(largest=20), rates, st.data())
def test_conditional_power_is_a_martingale(design: TwoStageDesign, p: Fraction, data: st.DataObject):
    """Before each patient it is the mean of what it will be after him, from alpha to the answer."""
    evaluable = data.draw(st.integers(0, design.n - 1))
    responders = data.draw(st.integers(0, evaluable))
    assume(evaluable < design.n1 or responders > design.r1)  # the others had stopped
    now = conditional_power(design, responders, evaluable, p)
    after = [conditional_power(design, responders + more, evaluable + 1, p) for more in (0, 1)]
    assert now == (1 - p) * after[0] + p * after[1]


@settings(max_examples=30, deadline=None)
@given(designs(largest=20), rates)
def test_the_table_of_conditional_power_equals_the_exact_sum(design: TwoStageDesign, p: Fraction):
    """Every state of the cohort, to 1e-13."""
    table = power_table(design, float(p))
    for m in range(design.n + 1):
        exact = [float(conditional_power(design, x, m, p)) for x in range(m + 1)]
        assert table[m, : m + 1] == pytest.approx(exact, abs=1e-13)
        assert np.isnan(table[m, m + 1 :]).all()


@settings(max_examples=40, deadline=None)
@given(designs(largest=20), st.data(), st.integers(1, 5), st.integers(1, 9))
def test_predictive_power_is_conditional_power_averaged_over_the_posterior(
    design: TwoStageDesign, data: st.DataObject, a: int, b: int
):
    """Course by course, with the integral of p^k (1 - p)^l over a Beta of whole numbers in exact fractions."""
    evaluable = data.draw(st.integers(0, design.n))
    responders = data.draw(st.integers(0, evaluable))
    a_now, b_now = a + responders, b + evaluable - responders
    to_look, to_go = max(design.n1 - evaluable, 0), design.n - evaluable

    def integral(k: int) -> Fraction:
        rising = math.prod(range(a_now, a_now + k)) * math.prod(range(b_now, b_now + to_go - k))
        return Fraction(rising, math.prod(range(a_now + b_now, a_now + b_now + to_go)))

    averaged = sum(
        (
            comb(to_look, k1) * comb(to_go - to_look, k2) * integral(k1 + k2)
            for k1 in range(to_look + 1)
            for k2 in range(to_go - to_look + 1)
            if responders + k1 > design.r1 and responders + k1 + k2 > design.r
        ),
        start=Fraction(0),
    )
    if evaluable >= design.n1 and responders <= design.r1:
        averaged = Fraction(0)  # the cohort had stopped
    seen = predictive_probability(design, responders, evaluable, Beta(a, b))
    assert seen == pytest.approx(float(averaged), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(designs(largest=16), st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=8))
def test_many_cohorts_at_once_equal_one_after_the_other(drawn: list[tuple[TwoStageDesign, int, int]]):
    """Looking up tables is asking each cohort."""
    plans = [design for design, *_ in drawn]
    seen = [Observed(min(x, m, design.n), min(m, design.n)) for design, m, x in drawn]
    course = Course(plans, seen)
    assert conditional_powers(course) == pytest.approx(
        [conditional_power(d, at.responders, at.evaluable, d.p1) for d, at in zip(plans, seen, strict=True)], abs=1e-13
    )
    assert predictive_probabilities(course).tolist() == [
        predictive_probability(d, at.responders, at.evaluable) for d, at in zip(plans, seen, strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(designs(largest=16), st.data(), rates)
def test_what_pending_patients_may_change_is_every_way_they_can_respond(
    design: TwoStageDesign, data: st.DataObject, p: Fraction
):
    """Each of 2^k courses, one by one; chances sum to 1; best and worst are those of the decision."""
    evaluable = data.draw(st.integers(design.n1, design.n - 1))
    pending = data.draw(st.integers(0, min(4, design.n - evaluable)))
    responders = data.draw(st.integers(0, evaluable))
    outlook = pending_outlook(design, Observed(responders, evaluable, pending), "final")
    slow: dict[Verdict, Fraction] = {}
    for course in itertools.product((0, 1), repeat=pending):
        verdict = design.decide_final(responders + sum(course), evaluable + pending).verdict
        slow[verdict] = slow.get(verdict, Fraction(0)) + p ** sum(course) * (1 - p) ** (pending - sum(course))
    assert outlook.probabilities(p) == slow
    assert sum(outlook.predictive().values()) == pytest.approx(1, abs=1e-12)
    assert (outlook.verdicts[0], outlook.verdicts[-1]) == (outlook.decision.worst, outlook.decision.best)
    assert outlook.is_certain == outlook.decision.is_certain


@settings(max_examples=30, deadline=None)
@given(designs(largest=10), rates, st.fractions(Fraction(1, 20), 1, max_denominator=20))
def test_partial_evaluability_is_the_sum_over_who_is_evaluable(
    design: TwoStageDesign, p: Fraction, evaluability: Fraction
):
    """Patient by patient: with kept thresholds it is the plan at p e; strict thresholds never break alpha."""
    success = Fraction(0)
    for m1 in range(design.n1 + 1):
        for m2 in range(design.n2 + 1):
            here = (
                comb(design.n1, m1) * evaluability**m1 * (1 - evaluability) ** (design.n1 - m1)
                * comb(design.n2, m2) * evaluability**m2 * (1 - evaluability) ** (design.n2 - m2)
            )  # fmt: skip
            positive = sum(
                comb(m1, x1) * comb(m2, x2) * p ** (x1 + x2) * (1 - p) ** (m1 + m2 - x1 - x2)
                for x1 in range(design.r1 + 1, m1 + 1)
                for x2 in range(m2 + 1)
                if x1 + x2 > design.r
            )
            success += here * positive
    assert with_evaluability(design, p, evaluability, "kept thresholds").success == success
    strict = with_evaluability(design, float(design.p0), float(evaluability), "strict thresholds")
    assert strict.success <= design.alpha + 1e-12


@pytest.mark.parametrize("policy", ["hold", "go on"])
@pytest.mark.parametrize("read_when", ["all known", "certain"])
@pytest.mark.parametrize(
    ("design", "p", "per_week"), [(PLANS[0], 0.12, 0.25), (PLANS[1], 0.2, 0.5), (PLANS[2], 0.1, 0.12)]
)
def test_the_cost_of_delay_is_what_simulated_cohorts_pay(
    design: TwoStageDesign, p: float, per_week: float, policy: Policy, read_when: ReadWhen
):
    """Patients, pauses and weeks of 20,000 cohorts with Poisson accrual, within 4 standard errors."""
    accrual = Accrual(per_week)
    exact = delay_characteristics(design, accrual, p, policy, read_when)
    rng, many, n1, n = np.random.default_rng(20260101), 20_000, design.n1, design.n
    times = np.cumsum(rng.exponential(1 / per_week, (many, n)), axis=1)
    responds = rng.random((many, n1)) < p
    goes_on = responds.sum(axis=1) > design.r1
    settled = np.where(
        goes_on[:, None], responds.cumsum(axis=1) > design.r1, (~responds).cumsum(axis=1) >= n1 - design.r1
    )
    deciding = settled.argmax(axis=1) if read_when == "certain" else np.full(many, n1 - 1)
    full = times[:, n1 - 1]
    look = np.maximum(times[np.arange(many), deciding] + accrual.delay, full)
    over = (times[:, n1:] < look[:, None]).sum(axis=1) * (policy == "go on")
    held = (look - full) * (policy == "hold")
    for simulated, expected in (
        (np.where(goes_on, n, n1 + over), exact.expected_n),
        (look - full, exact.expected_pause),
        (np.where(goes_on, times[:, -1] + held + accrual.delay, look), exact.expected_weeks),
        (1.0 * ((look - full) > 6), exact.pause_above(6)),
        (1.0 * (over[~goes_on] >= 2), exact.overrun_at_least(2)),
    ):
        spread = max(simulated.std(), 0.005)  # a share near 0 or 1 that was never missed has a spread as well
        assert abs(simulated.mean() - expected) <= 4 * spread / np.sqrt(len(simulated)) + 1e-9


@settings(max_examples=30, deadline=None)
@given(
    designs(largest=12),
    st.fractions(Fraction(1, 10), 2, max_denominator=12),
    st.integers(1, 20),
    st.sampled_from(["hold", "go on"]),
    st.sampled_from(["all known", "certain"]),
    st.floats(0.05, 0.9),
)
def test_evenly_spaced_cohorts_cost_what_each_course_of_stage_1_costs(
    design: TwoStageDesign, per_week: Fraction, delay: int, policy: Policy, read_when: ReadWhen, p: float
):
    """All 2^n1 courses one by one, with a clock in exact fractions."""
    n1, n = design.n1, design.n
    exact = delay_characteristics(design, Accrual(float(per_week), delay, "fixed"), p, policy, read_when)
    patients = pause = weeks = 0.0
    for course in itertools.product((0, 1), repeat=n1):
        chance = p ** sum(course) * (1 - p) ** (n1 - sum(course))
        goes_on = sum(course) > design.r1
        settled = n1
        if read_when == "certain":
            enough = [k for k in range(n1 + 1) if sum(course[:k]) > design.r1 or k - sum(course[:k]) >= n1 - design.r1]
            settled = enough[0]
        full = n1 / per_week
        look = max(settled / per_week + delay, full)
        over = sum(k / per_week < look for k in range(n1 + 1, n + 1)) if policy == "go on" else 0
        patients += chance * (n if goes_on else n1 + over)
        pause += chance * float(look - full)
        held = look - full if policy == "hold" else 0
        weeks += chance * float(n / per_week + held + delay if goes_on else look)
    assert (exact.expected_n, exact.expected_pause, exact.expected_weeks) == pytest.approx((patients, pause, weeks))
