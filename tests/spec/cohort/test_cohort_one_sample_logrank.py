"""One-sample log-rank test: events seen in a cohort against events expected under a reference survival.

Breslow, Biometrics 1975;31:107; Finkelstein, Muzikansky & Schoenfeld, J Natl Cancer Inst 2003;95:1434; variance and
sample size of Wu, J Biom Biostat 2014;5:210 and Pharm Stat 2015;14:26.
"""

from __future__ import annotations

import math

import lifelines
import numpy as np
import pytest
from scipy import integrate, stats

from kohort.cohort.countries.log_rank_size import Accrual, events_needed, patients_needed
from kohort.cohort.countries.one_sample_log_rank import one_sample_log_rank
from kohort.cohort.countries.reference_survival import ReferenceSurvival
from kohort.errors import StatisticsError, UnknownNameError
from kohort.evidence import kaplan_meier, survival_sums

SIX_MONTHS = ReferenceSurvival.exponential(median=6)


def cohort(n: int = 40, median: float = 9.0, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    death, end = rng.exponential(median / math.log(2), n), rng.uniform(3, 24, n)
    return np.minimum(death, end), death <= end


def test_expected_events_are_the_cumulative_hazards_of_the_reference():
    """Two patients followed for 6 and 12 months, median 6: log 2 and 2 log 2 events expected."""
    found = one_sample_log_rank([6, 12], [True, False], SIX_MONTHS)
    assert found.expected == pytest.approx(3 * math.log(2))
    assert found.smr == pytest.approx(1 / (3 * math.log(2)))
    assert found.z == pytest.approx((1 - found.expected) / math.sqrt(found.expected))
    assert found.z_wu == pytest.approx((1 - found.expected) / math.sqrt((1 + found.expected) / 2))


def test_against_an_exponential_reference_the_ratio_is_that_of_two_rates():
    """O / E = (events / time at risk) / rate: the exponential model of lifelines, over the reference's rate."""
    time, event = cohort()
    found = one_sample_log_rank(time, event, SIX_MONTHS)
    fitted = lifelines.ExponentialFitter().fit(time, event)
    assert found.smr == pytest.approx(1 / float(fitted.lambda_) / (math.log(2) / 6), rel=1e-5)


def test_expected_events_under_a_fitted_hazard_of_lifelines():
    """A piecewise exponential reference as lifelines has it: its cumulative hazard summed over the patients."""
    old, died = cohort(400, 6, seed=5)
    fitted = lifelines.PiecewiseExponentialFitter([4, 9]).fit(old, died)
    rates = [1 / float(getattr(fitted, f"lambda_{piece}_")) for piece in range(3)]
    time, event = cohort()
    found = one_sample_log_rank(time, event, ReferenceSurvival.piecewise([0, 4, 9], rates))
    assert found.expected == pytest.approx(float(fitted.cumulative_hazard_at_times(time).sum()), rel=1e-6)


def test_a_published_curve_is_a_reference_with_its_steps_or_as_a_life_table():
    """Steps: -log S of the last step; life table: the cumulative hazard rises evenly between the times."""
    steps = ReferenceSurvival.curve([1, 2, 5], [0.9, 0.7, 0.5])
    table = ReferenceSurvival.curve([1, 2, 5], [0.9, 0.7, 0.5], steps=False)
    at = np.array([0, 0.5, 1, 1.5, 5])
    assert steps.survival(at) == pytest.approx([1, 1, 0.9, 0.9, 0.5])
    assert table.survival(at) == pytest.approx([1, math.sqrt(0.9), 0.9, math.sqrt(0.63), 0.5])
    with pytest.raises(StatisticsError, match="beyond the end of the reference"):
        one_sample_log_rank([6], [True], steps)


def test_a_cohort_against_its_own_curve_expects_about_what_it_saw():
    """Kaplan-Meier of the cohort as its own reference; events of the last step are left out, S would be 0."""
    time, event = cohort(200)
    curve = kaplan_meier(survival_sums(time, event)).curve
    alive = curve.survival > 0
    reference = ReferenceSurvival.curve(curve.times[alive], curve.survival[alive])
    inside = time <= reference.end
    found = one_sample_log_rank(time[inside], event[inside], reference)
    assert found.smr == pytest.approx(1, abs=0.02)


def test_late_entry_counts_the_time_under_observation_only():
    """Entered at 6, died at 12: one median's time, log 2 expected."""
    found = one_sample_log_rank([12], [True], SIX_MONTHS, entry=[6])
    assert found.expected == pytest.approx(math.log(2))


def test_small_cohorts_have_an_exact_p_value_and_interval():
    """Poisson: P(as few events or fewer | E), and Garwood's interval by chi-square quantiles."""
    time, event = cohort(15)
    found = one_sample_log_rank(time, event, SIX_MONTHS)
    o, e = found.observed, found.expected
    assert found.p_value_exact == pytest.approx(stats.poisson.cdf(o, e))
    low, high = stats.chi2.ppf(0.025, 2 * o) / 2 / e, stats.chi2.ppf(0.975, 2 * o + 2) / 2 / e
    assert found.smr_interval == pytest.approx((low, high))
    none = one_sample_log_rank([6, 12], [False, False], SIX_MONTHS)
    assert none.smr_interval[0] == 0
    assert none.p_value_exact == pytest.approx(math.exp(-none.expected))
    assert none.p_value_exact_two_sided == pytest.approx(2 * none.p_value_exact)


def test_wu_s_statistic_keeps_its_level_where_breslow_s_is_too_careful():
    """20,000 null cohorts of 20: one-sided 5 % rejects .049 to .061 of them with Wu's, below .046 with Breslow's."""
    rng = np.random.default_rng(1)
    rate = math.log(2) / 6
    death, end = rng.exponential(1 / rate, (20_000, 20)), rng.uniform(6, 18, (20_000, 20))
    seen, due = (death <= end).sum(axis=1), rate * np.minimum(death, end).sum(axis=1)
    wu = float(((seen - due) / np.sqrt((seen + due) / 2) < -1.6449).mean())
    breslow = float(((seen - due) / np.sqrt(due) < -1.6449).mean())
    assert breslow < 0.046
    assert 0.049 < wu < 0.061


def test_events_needed_for_a_hazard_ratio_of_one_half():
    """((1.645 + .8416 sqrt .5) / .5)^2 = 20.1 expected; exact Poisson: reject at 12 or fewer of 19.44."""
    found = events_needed(0.5)
    assert found.expected == pytest.approx(((1.6448536 + 0.8416212 * math.sqrt(0.5)) / 0.5) ** 2, abs=1e-4)
    assert found.exact_critical == 12
    assert stats.poisson.cdf(12, found.exact_expected) == pytest.approx(0.05)
    assert found.exact_power == pytest.approx(stats.poisson.cdf(12, found.exact_expected / 2))
    assert found.exact_power >= 0.8
    fewer = stats.gamma.isf(0.05, 12)  # the least expectation at which 11 or fewer has 5 %
    assert stats.poisson.cdf(11, fewer / 2) < 0.8


@pytest.mark.parametrize("variance", ["breslow", "wu"])
def test_patients_needed_have_the_power_that_was_asked_for(variance: str):
    """Hazard ratio .6, median 6, 12 months of accrual and 6 of follow-up: simulated power is .80 to .83."""
    plan = patients_needed(SIX_MONTHS, 0.6, Accrual(12, 6), variance=variance)  # type: ignore[arg-type]
    rng = np.random.default_rng(4)
    rate = math.log(2) / 6
    death, end = rng.exponential(1 / (0.6 * rate), (10_000, plan.n)), rng.uniform(6, 18, (10_000, plan.n))
    seen, due = (death <= end).sum(axis=1), rate * np.minimum(death, end).sum(axis=1)
    z = (seen - due) / np.sqrt(due if variance == "breslow" else (seen + due) / 2)
    assert 0.785 < float((z < -1.6449).mean()) < 0.84
    assert plan.observed == pytest.approx(float(seen.mean()), rel=0.02)
    assert plan.expected == pytest.approx(float(due.mean()), rel=0.02)


def test_the_chance_to_see_an_event_is_an_integral_over_accrual():
    """Piecewise reference, all patients' ends between follow-up and the study's end."""
    reference = ReferenceSurvival.piecewise([0, 3], [0.05, 0.2])
    plan = patients_needed(reference, 0.5, Accrual(10, 2), variance="breslow")

    def died_by(end: float) -> float:
        return 1 - math.exp(-0.5 * (0.05 * min(end, 3) + 0.2 * max(end - 3, 0)))

    assert plan.event_chance == pytest.approx(integrate.quad(died_by, 2, 12, points=[3])[0] / 10, abs=1e-9)
    at_once = patients_needed(reference, 0.5, Accrual(0, 12))
    assert at_once.event_chance == pytest.approx(died_by(12), abs=1e-9)


def test_what_cannot_be_is_refused():
    """References, follow-up and plans that make no sense, with what to give instead."""
    for wrong in (
        ReferenceSurvival.exponential,
        lambda: ReferenceSurvival.exponential(median=-1),
        lambda: ReferenceSurvival.piecewise([1, 2], [0.1, 0.2]),
        lambda: ReferenceSurvival.curve([1, 2], [0.5, 0.0]),
        lambda: one_sample_log_rank([5], [True], SIX_MONTHS, entry=[6]),
        lambda: one_sample_log_rank([5], [True], SIX_MONTHS, level=1),
        lambda: events_needed(1.2),
        lambda: Accrual(0, 0),
    ):
        with pytest.raises(StatisticsError, match="Give"):
            wrong()
    with pytest.raises(StatisticsError, match="No events are expected"):
        one_sample_log_rank([0], [False], SIX_MONTHS)
    with pytest.raises(StatisticsError, match="further from 1"):
        events_needed(0.999)
    with pytest.raises(StatisticsError, match="exponential or piecewise"):
        patients_needed(ReferenceSurvival.curve([1], [0.5]), 0.5, Accrual(1, 1))
    with pytest.raises(UnknownNameError, match="sandwich"):
        patients_needed(SIX_MONTHS, 0.5, Accrual(1, 1), variance="sandwich")  # type: ignore[arg-type]


def test_the_result_is_said_in_words():
    """Events, expectation, ratio, both p values; one-sided p of each statistic is that of the normal distribution."""
    time, event = cohort()
    found = one_sample_log_rank(time, event, SIX_MONTHS)
    assert found.p_value == pytest.approx(stats.norm.cdf(found.z))
    assert found.p_value_wu == pytest.approx(stats.norm.cdf(found.z_wu))
    assert found.sentence.startswith(f"{found.observed} events in 40 patients, {found.expected:.1f} expected")
    assert f"exact {found.p_value_exact:.4f}" in found.sentence
