"""A cohort against an external control whose rate is only estimated.

Priors from controls: power prior (Ibrahim & Chen, Stat Sci 2000;15:46), meta-analytic-predictive and robust mixtures
(Schmidli et al., Biometrics 2014;70:1023), prior-data conflict (Box, J R Stat Soc A 1980;143:383); without a prior the
exact unconditional tests of Boschloo (1970) and of Suissa & Shuster (J R Stat Soc A 1985;148:317).
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from kohort.cohort import EIGHT_PLUS_SIXTEEN, Beta
from kohort.cohort.borrowing.mixture import BetaMixture
from kohort.cohort.countries.external_controls import (
    ExternalControl,
    compare_with_control,
    error_at_control,
    map_prior,
    power_prior,
    prior_data_conflict,
    robust,
    updated,
)
from kohort.cohort.countries.external_test import exact_control_test
from kohort.errors import StatisticsError, UnknownNameError

CONTROLS = [ExternalControl(4, 50, "register"), ExternalControl(9, 60), ExternalControl(2, 33)]


def test_a_power_prior_counts_the_controls_in_part():
    """Beta(1 + delta 15, 1 + delta 128); the prior counts once."""
    half = power_prior(CONTROLS, 0.5)
    assert (half.a.tolist(), half.b.tolist()) == ([8.5], [65.0])
    none = power_prior(CONTROLS, 0)
    assert (none.a.tolist(), none.b.tolist()) == ([1.0], [1.0])


def test_controls_that_differ_say_less_about_the_next_one():
    """MAP: 2 of 40 and 12 of 40 leave a wider prior than 7 of 40 twice, at about the same mean."""
    unlike = map_prior([ExternalControl(2, 40), ExternalControl(12, 40)])
    alike = map_prior([ExternalControl(7, 40), ExternalControl(7, 40)])
    assert unlike.variance > 1.3 * alike.variance
    assert unlike.mean == pytest.approx(alike.mean, abs=0.03)


def test_a_robust_prior_lets_contradicting_data_leave_it():
    """Weight .8 on the controls' rate of 12 %: 12 of 24 leave it less than 2 %, 3 of 24 keep more than .8."""
    prior = robust(power_prior(CONTROLS[:2]), 0.8)
    assert updated(prior, 12, 24).weights[0] < 0.02
    assert updated(prior, 3, 24).weights[0] > 0.8
    assert robust(prior, 1.0).weights.tolist() == prior.weights.tolist()


def test_weights_after_the_data_are_those_of_bayes():
    """Weight times beta-binomial chance of the counts, scaled to 1."""
    prior = BetaMixture(np.array([0.7, 0.3]), np.array([4.0, 1.0]), np.array([20.0, 1.0]))
    chances = [w * stats.betabinom.pmf(4, 10, a, b) for w, a, b in zip(prior.weights, prior.a, prior.b, strict=True)]
    found = updated(prior, 4, 10)
    assert found.weights.tolist() == pytest.approx([each / sum(chances) for each in chances], abs=1e-12)
    assert found.a.tolist() == [8.0, 5.0]


def test_prior_data_conflict_is_the_chance_of_counts_no_more_probable():
    """Box's p value, summed from the beta-binomial chances."""
    prior = power_prior(CONTROLS)
    chances = stats.betabinom.pmf(np.arange(25), 24, prior.a[0], prior.b[0])
    assert prior_data_conflict(prior, 9, 24) == pytest.approx(chances[chances <= chances[9] * (1 + 1e-9)].sum())
    assert prior_data_conflict(prior, 9, 24) < 0.01 < prior_data_conflict(prior, 3, 24)


def test_the_probability_to_be_better_equals_its_closed_form():
    """P(T > C) of two Betas with whole shapes is a finite sum over the cohort's shape."""

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    a, b, c, d = 8, 18, 16, 129  # cohort Beta(8, 18), control Beta(16, 129)
    better = sum(
        math.exp(log_beta(c + i, b + d) - math.log(b + i) - log_beta(1 + i, b) - log_beta(c, d)) for i in range(a)
    )
    found = compare_with_control(7, 24, power_prior(CONTROLS))
    assert found.prob_better == pytest.approx(better, abs=1e-10)
    assert found.mean_difference == pytest.approx(8 / 26 - 16 / 145)


def test_the_interval_of_the_difference_holds_its_tails():
    """Equal tails on a mixture, and a margin shifts the question."""
    found = compare_with_control(7, 24, robust(map_prior(CONTROLS[:2]), 0.9), prior=Beta(0.5, 0.5), margin=0.05)
    low, high = found.interval(0.9)
    assert found.difference_below(low) == pytest.approx(0.05, abs=1e-8)
    assert found.difference_below(high) == pytest.approx(0.95, abs=1e-8)
    assert found.prob_better == pytest.approx(1 - found.difference_below(0.05))
    assert found.difference_below(-1) == 0
    assert found.difference_below(1) == pytest.approx(1, abs=1e-14)


def test_a_fixed_p0_is_wrong_when_the_control_is_itself_estimated():
    """8 + 16 against a control of 3 of 30: alpha .078 at p0, but .13 averaged over what 30 patients leave open."""
    control = power_prior([ExternalControl(3, 30)], start=Beta(0.5, 0.5))
    found = error_at_control(EIGHT_PLUS_SIXTEEN, control)
    rates = [control.quantile((k + 0.5) / 4000) for k in range(4000)]
    averaged = sum(EIGHT_PLUS_SIXTEEN.operating_characteristics(rate).success for rate in rates) / 4000
    assert found.expected == pytest.approx(averaged, abs=2e-5)
    assert found.expected > 1.5 * found.planned
    assert found.at_upper == EIGHT_PLUS_SIXTEEN.operating_characteristics(found.upper).success
    assert "0.0778 at p0" in found.sentence
    sure = error_at_control(EIGHT_PLUS_SIXTEEN, power_prior([ExternalControl(10**6, 10**7)]))
    assert sure.expected == pytest.approx(EIGHT_PLUS_SIXTEEN.alpha, abs=1e-4)


@pytest.mark.parametrize(("x", "n", "y", "m"), [(7, 24, 4, 50), (3, 8, 1, 12), (5, 10, 2, 10), (0, 8, 2, 20)])
def test_exact_unconditional_tests_equal_those_of_scipy(x: int, n: int, y: int, m: int):
    """Boschloo and pooled z, one-sided, the common rate searched over all of 0 to 1."""
    table = [[x, y], [n - x, m - y]]
    ours = exact_control_test(x, n, ExternalControl(y, m))
    assert ours.p_value == pytest.approx(stats.boschloo_exact(table, alternative="greater", n=128).pvalue, abs=1e-6)
    z = exact_control_test(x, n, ExternalControl(y, m), statistic="z-pooled")
    assert z.p_value == pytest.approx(stats.barnard_exact(table, alternative="greater", n=128).pvalue, abs=1e-6)
    assert ours.fisher_p == pytest.approx(stats.hypergeom.sf(x - 1, n + m, n, x + y))
    assert ours.p_value <= ours.fisher_p + 1e-12


@pytest.mark.parametrize("gamma", [0.0, 1e-3])
def test_the_exact_test_never_exceeds_its_level(gamma: float):
    """At every common rate the chance of p <= .05 is at most .05, over all tables of 8 against 12."""
    tables = list(itertools.product(range(9), range(13)))
    p_values = {(x, y): exact_control_test(x, 8, ExternalControl(y, 12), gamma=gamma).p_value for x, y in tables}
    for rate in (0.05, 0.2, 0.35, 0.5, 0.7):
        chance = sum(
            stats.binom.pmf(x, 8, rate) * stats.binom.pmf(y, 12, rate) for x, y in tables if p_values[x, y] <= 0.05
        )
        assert chance <= 0.05 + 1e-12


def test_what_cannot_be_is_refused():
    """Powers, weights, margins, counts and names outside their range, with what to give instead."""
    for wrong in (
        lambda: ExternalControl(3, 2),
        lambda: power_prior(CONTROLS, 1.5),
        lambda: robust(power_prior(CONTROLS), -0.1),
        lambda: map_prior([]),
        lambda: compare_with_control(1, 2, power_prior(CONTROLS), margin=2),
        lambda: compare_with_control(1, 2, power_prior(CONTROLS)).interval(1),
        lambda: error_at_control(EIGHT_PLUS_SIXTEEN, power_prior(CONTROLS), level=0),
        lambda: exact_control_test(1, 2, ExternalControl(0, 0)),
    ):
        with pytest.raises(StatisticsError, match="Give"):
            wrong()
    with pytest.raises(UnknownNameError, match="barnard"):
        exact_control_test(1, 2, CONTROLS[0], statistic="barnard")  # type: ignore[arg-type]
