"""The Bayesian hierarchical model (BHM): cohorts share a mean and a spread, and the data say how alike they are.

r_j ~ Binomial(n_j, p_j), logit p_j = theta_j + logit target_j, theta_j ~ N(mu, tau^2), mu ~ N(m, s^2),
tau ~ HalfNormal(scale). Thall PF et al. Stat Med 2003;22:763-780; Berry SM et al. Clin Trials 2013;10:720-734.

Sums over fixed nodes, no simulation: mu and tau take equal steps on stretched scales, which converges
exponentially (Trefethen LN, Weideman JAC. SIAM Review 2014;56:385-458), and the error is stated with the answer.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import expit, logit, ndtri

from kohort.cohort import BHM
from kohort.cohort.borrowing.hierarchical_priors import sd_worth
from kohort.errors import StatisticsError
from tests.cohort_hierarchical_reference import by_panels, pooled_logit_normal, separate_logit_normal

RESPONDERS, PATIENTS = [1, 5, 2, 9], [24, 19, 8, 24]
VAGUE = [0, 10, 0, 10], [10, 10, 10, 10]


def test_cohorts_are_drawn_towards_each_other_by_as_much_as_they_are_alike():
    """Four cohorts of 4, 26, 25 and 38 percent: the lowest is raised, the highest lowered."""
    posterior = BHM(p0=0.1).fit(RESPONDERS, PATIENTS)
    raw = np.array(RESPONDERS) / np.array(PATIENTS)
    assert posterior.mean[0] > raw[0]
    assert posterior.mean[3] < raw[3]
    alike = BHM(p0=0.1).fit([4, 5, 2, 5], PATIENTS)
    assert (alike.effective_sample_size > np.array(PATIENTS) + 9).all()
    assert posterior.weights is None
    assert posterior.exchangeability is None


@pytest.mark.parametrize(
    "model",
    [
        BHM(0.1),
        BHM((0.05, 0.1, 0.2, 0.15), mu_sd=1.0, tau_scale=0.5),
        BHM(0.1, target=0.3, mu_mean=-0.4, mu_sd=2.0),
        BHM(0.1, target=(0.3, 0.3, 0.2, 0.4), tau_scale=2.0),
    ],
    ids=str,
)
def test_it_is_what_plain_quadrature_gives(model: BHM):
    """Against Gauss-Legendre panels that break at every asked rate, with nodes of their own. Slow and readable."""
    p0 = np.broadcast_to(model.p0, 4)
    expected = by_panels(model, RESPONDERS, PATIENTS, p0)
    posterior = model.fit(RESPONDERS, PATIENTS)
    assert posterior.prob_greater() == pytest.approx(expected.above, abs=2e-6)
    assert posterior.mean == pytest.approx(expected.mean, abs=2e-6)
    assert posterior.standard_deviation == pytest.approx(expected.standard_deviation, abs=2e-6)
    other = by_panels(model, RESPONDERS, PATIENTS, np.full(4, 0.25))
    assert posterior.prob_greater(0.25) == pytest.approx(other.above, abs=2e-6)


@pytest.mark.parametrize(("accuracy", "error"), [("fast", 1e-3), ("standard", 1.5e-4), ("fine", 5e-7)])
def test_the_accuracy_is_chosen_and_the_error_is_stated(accuracy, error: float):
    """fit takes 1.5 times as many nodes in each direction as prob_greater, and states by how much they differ."""
    exact = BHM(0.1, accuracy="fine").fit(RESPONDERS, PATIENTS)
    posterior = BHM(0.1, accuracy=accuracy).fit(RESPONDERS, PATIENTS)
    many = BHM(0.1, accuracy=accuracy).prob_greater([RESPONDERS], PATIENTS)[0]
    assert np.abs(many - exact.prob_greater()).max() <= posterior.numeric_error + 1e-7
    assert np.abs(posterior.prob_greater() - exact.prob_greater()).max() <= posterior.numeric_error + 1e-7
    assert posterior.numeric_error <= error


def test_where_the_data_contradict_the_prior_the_error_is_stated_too():
    """Half of the cohorts without, half with responders only, and a prior that expects cohorts to be alike."""
    responders, n = VAGUE
    model = BHM(0.1, mu_sd=0.3, tau_scale=0.25)
    posterior = model.fit(responders, n)
    expected = by_panels(model, responders, n, np.full(4, 0.1), widest=12.0)
    assert np.abs(posterior.prob_greater() - expected.above).max() <= max(posterior.numeric_error, 1e-7)
    assert np.abs(posterior.mean - expected.mean).max() <= max(posterior.numeric_error, 1e-6)
    assert posterior.numeric_error < 5e-3


def test_without_spread_all_cohorts_have_one_rate():
    """tau_scale near 0 is Pooled, with a prior that is normal on the scale of log odds."""
    above, mean = pooled_logit_normal(RESPONDERS, PATIENTS, logit(0.1), 2.0, 0.1)
    for tau_scale in (1e-3, 1e-6):
        posterior = BHM(0.1, mu_sd=2.0, tau_scale=tau_scale).fit(RESPONDERS, PATIENTS)
        assert posterior.prob_greater() == pytest.approx(above, abs=1e-5)
        assert posterior.mean == pytest.approx(mean, abs=1e-5)


def test_one_cohort_alone_learns_from_its_prior_only():
    """theta ~ N(m, s^2 + tau^2), averaged over tau: against one integral for each of many tau."""
    spreads = ndtri((1 + (np.arange(2000) + 0.5) / 2000) / 2)
    each = [separate_logit_normal(3, 24, logit(0.1), math.hypot(2.0, tau), 0.1) for tau in spreads.tolist()]
    evidence, above, mean = (np.array(column) for column in zip(*each, strict=True))
    posterior = BHM(0.1, mu_sd=2.0).fit([3], [24])
    assert posterior.prob_greater()[0] == pytest.approx(evidence @ above / evidence.sum(), abs=1e-5)
    assert posterior.mean[0] == pytest.approx(evidence @ mean / evidence.sum(), abs=1e-5)


def test_targets_make_different_diseases_comparable():
    """With the targets as offsets, cohorts at their targets are alike whatever their rates."""
    at_target = BHM(0.1, target=(0.2, 0.5), mu_sd=3.0).fit([8, 20], [40, 40])
    plain = BHM(0.1, mu_sd=3.0).fit([8, 20], [40, 40])
    assert np.abs(at_target.mean - [0.2, 0.5]).max() < np.abs(plain.mean - [0.2, 0.5]).max()


def test_a_prior_is_worth_so_many_patients():
    """One patient at 10 percent, with tau ~ HalfNormal(1): mu_sd = 3.18; at 30 percent 1.94; without tau at .2: 2.5."""
    assert BHM(0.1).mu_sd == pytest.approx(3.18, abs=5e-4)
    assert sd_worth(1, 0.3, 1.0) == pytest.approx(1.94, abs=5e-3)
    assert sd_worth(1, 0.2) == pytest.approx(2.5)
    with pytest.raises(StatisticsError, match="worth less"):
        sd_worth(5, 0.5, 1.0)


def test_an_empty_cohort_is_predicted_from_the_others():
    """Before its first patient a cohort already has a posterior, wider than that of any other."""
    posterior = BHM(0.1).fit([4, 6, 0], [24, 24, 0])
    assert 0.15 < posterior.mean[2] < 0.35
    assert posterior.standard_deviation[2] > posterior.standard_deviation[:2].max()


def test_quantiles_and_probabilities_are_one_distribution():
    """The median is exceeded with probability one half; an interval holds its level."""
    posterior = BHM(0.1).fit(RESPONDERS, PATIENTS)
    for j, (low, high) in enumerate(posterior.interval(0.9).tolist()):
        assert posterior.rates[j].below(high) - posterior.rates[j].below(low) == pytest.approx(0.9, abs=1e-9)
        assert posterior.rates[j].below(float(posterior.quantile(0.5)[j])) == pytest.approx(0.5, abs=1e-9)
    assert (posterior.quantile(0) == 0).all()
    assert (posterior.quantile(1) == 1).all()
    assert [posterior.rates[0].below(p) for p in (0, 1)] == [0, 1]


def test_the_tables_give_the_probability_of_every_outcome():
    """Unequal sizes and p0, and a cohort that may have stopped at 0 of 8: all outcomes together have probability 1."""
    model = BHM((0.1, 0.2, 0.1))
    responders, n = [[0, *range(1, 13)], range(6), range(4)], [[8, *[12] * 12], [5] * 6, [3] * 4]
    tables = model.tables(responders, n)
    total = 0.0
    for states in itertools.product(*(range(len(each)) for each in responders)):
        logs = sum((table[s] for table, s in zip(tables.log_likelihood, states, strict=True)), tables.log_weights)
        x = list(responders[0])[states[0]]
        # of the ways to x of 12, those without any among the first 8 have stopped at 0 of 8
        went_on = 1 - math.comb(4, x) / math.comb(12, x) if states[0] else 1.0
        total += went_on * float(np.exp(logs).sum())
    assert total == pytest.approx(1, abs=1e-10)
    place = [3, 2, 1]
    weights = np.exp(sum((table[s] for table, s in zip(tables.log_likelihood, place, strict=True)), tables.log_weights))
    expected = model.prob_greater([[3, 2, 1]], [12, 5, 3])[0]
    found = [table[s] @ weights / weights.sum() for table, s in zip(tables.above, place, strict=True)]
    assert found == pytest.approx(expected, abs=1e-12)


def test_many_and_mixed_data_sets_at_once_are_as_one_by_one():
    """Two-stage data have 8 or 24 patients; twenty sizes are more outcomes than are worth a matrix."""
    random = np.random.default_rng(5)
    for n in (random.choice([8, 24], (60, 5)), random.integers(0, 25, (60, 5))):
        responders = random.binomial(n, 0.2)
        model = BHM((0.1, 0.1, 0.2, 0.2, 0.15), accuracy="fine")
        many, means = model.prob_greater(responders, n), model.mean(responders, n)
        for row in range(0, 60, 20):
            alone = model.fit(responders[row], n[row])
            assert many[row] == pytest.approx(alone.prob_greater(), abs=1e-6)
            assert means[row] == pytest.approx(alone.mean, abs=1e-6)


def test_large_trials_are_no_exception():
    """Twenty cohorts of 200 patients: the posterior is narrow, and the nodes follow."""
    responders = np.random.default_rng(8).binomial(200, expit(logit(0.2) + 0.3 * ndtri((np.arange(20) + 0.5) / 20)))
    posterior = BHM(0.1).fit(responders, [200] * 20)
    assert posterior.numeric_error < 2e-4
    finer = BHM(0.1, accuracy="fine").fit(responders, [200] * 20)
    assert posterior.prob_greater(0.2) == pytest.approx(finer.prob_greater(0.2), abs=1e-6)
    assert np.abs(posterior.mean - responders / 200).max() < 0.03


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: BHM(0.0), "no response rate"),
        (lambda: BHM(0.1, target=1.2), "no response rate"),
        (lambda: BHM(0.1, mu_sd=0.0), "impossible"),
        (lambda: BHM(0.1, tau_scale=-1.0, mu_sd=1.0), "impossible"),
        (lambda: BHM(0.1, mu_mean=math.nan), "no number"),
        (lambda: BHM(0.1, tau_scale=4.0), "worth less"),
        (lambda: BHM(0.1, accuracy="perfect"), "unknown"),  # type: ignore[arg-type]
        (lambda: BHM((0.1, 0.2)).fit([1, 2, 3], [9, 9, 9]), "3 cohorts"),
        (lambda: BHM(0.1, target=(0.1, 0.2)).fit([1, 2, 3], [9, 9, 9]), "3 cohorts"),
        (lambda: sd_worth(0, 0.1), "No prior"),
    ],
)
def test_impossible_settings_are_told(wrong, message: str):
    """Each with what was wrong and what to do."""
    with pytest.raises(StatisticsError, match=message):
        wrong()
