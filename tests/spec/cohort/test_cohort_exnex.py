"""EXNEX: a cohort is exchangeable with the others, or on its own; the data decide which.

With prior probability w_c the log odds theta_j ~ N(mu_c, tau_c^2), mu_c ~ N(m_c, s_c^2), tau_c ~ HalfNormal; with the
rest theta_j ~ N(nex_mean_j, nex_sd_j^2), of its own. Neuenschwander B, Wandel S, Roychoudhury S, Bailey S. Robust
exchangeability designs for early phase clinical trials with multiple strata. Pharm Stat 2016;15:123-134.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from kohort.cohort import BHM, EXNEX, Exchangeable
from kohort.cohort.borrowing.hierarchical_priors import log_odds
from kohort.errors import StatisticsError
from tests.cohort_hierarchical_reference import by_panels, separate_logit_normal

IMATINIB = [2, 0, 1, 6, 7, 3, 5, 1, 0, 3], [15, 13, 12, 28, 29, 29, 26, 5, 2, 20]
"""Imatinib in ten subtypes of sarcoma: Chugh R et al. J Clin Oncol 2009;27:3148-3153."""

TWO = EXNEX(
    p0=0.1,
    weight=0.25,
    mu_mean=log_odds(0.1),
    mu_sd=3.18,
    nex_mean=log_odds(0.2),
    nex_sd=2.5,
    further=(Exchangeable(weight=0.25, mu_mean=log_odds(0.3), mu_sd=1.94),),
)
"""The worked design of the paper, section 4: two exchangeable components and one of a cohort's own."""


def test_ten_subtypes_of_sarcoma():
    """Means and probabilities of being exchangeable of the first three subtypes."""
    model = EXNEX(p0=0.1, mu_mean=-1.735, mu_sd=0.146**-0.5, nex_mean=-1.734, nex_sd=0.128**-0.5)
    posterior = model.fit(*IMATINIB)
    assert posterior.mean[:3] == pytest.approx([0.15062, 0.05315, 0.12753], abs=6e-6)
    assert posterior.exchangeability is not None
    assert posterior.exchangeability[:3] == pytest.approx([0.7395, 0.2876, 0.6547], abs=1e-4)
    assert posterior.numeric_error < 2e-6


def test_p0_alone_gives_priors_that_are_worth_one_patient():
    """At 10 percent: mu around 10 percent with standard deviation 3.18, a cohort's own prior 3.33, weight 1/2."""
    model = EXNEX(p0=0.1)
    assert (model.weight, model.tau_scale) == (0.5, 1.0)
    assert (model.mu_mean, model.mu_sd) == pytest.approx((log_odds(0.1), 3.18), abs=5e-4)
    assert (model.nex_mean, model.nex_sd) == pytest.approx((log_odds(0.1), 10 / 3))
    mixed = EXNEX(p0=(0.1, 0.3), target=(0.1, 0.3))
    assert mixed.nex_mean == pytest.approx((0.0, 0.0))
    assert mixed.mu_mean == pytest.approx(0.0)


@pytest.mark.parametrize(
    "model",
    [
        EXNEX(0.1),
        EXNEX((0.05, 0.1, 0.2, 0.15), weight=(0.2, 0.5, 0.9, 1.0), nex_mean=(-2.0, -1.0, -1.5, 0.0), nex_sd=2.0),
        EXNEX(0.1, target=(0.3, 0.3, 0.2, 0.4), mu_sd=2.0, tau_scale=0.5),
    ],
    ids=str,
)
def test_it_is_what_plain_quadrature_gives(model: EXNEX):
    """Against Gauss-Legendre panels that break at every asked rate. Slow and readable."""
    responders, n = [1, 5, 2, 9], [24, 19, 8, 24]
    expected = by_panels(model, responders, n, np.broadcast_to(model.p0, 4))
    posterior = model.fit(responders, n)
    assert posterior.prob_greater() == pytest.approx(expected.above, abs=2e-6)
    assert posterior.mean == pytest.approx(expected.mean, abs=2e-6)
    assert posterior.standard_deviation == pytest.approx(expected.standard_deviation, abs=2e-6)
    assert posterior.exchangeability == pytest.approx(expected.exchangeability, abs=2e-6)


def test_the_worked_design_of_the_paper():
    """All 53,361 outcomes at 10 percent: go 4.805 and 8.054 percent, bias .0077 and .0162, and mean squared errors."""
    n = (20, 20, 10, 10)
    outcomes = np.indices([size + 1 for size in n]).reshape(4, -1).T
    rows = {size: np.array([math.comb(size, r) * 0.1**r * 0.9 ** (size - r) for r in range(size + 1)]) for size in n}
    chance = np.prod([rows[size][outcomes[:, j]] for j, size in enumerate(n)], axis=0)
    mean = TWO.mean(outcomes, n)
    go = (TWO.prob_greater(outcomes, n) > [0.9, 0.9, 0.8, 0.8]) & (mean > 0.2)
    assert chance @ go == pytest.approx([0.04805, 0.04805, 0.08054, 0.08054], abs=6e-6)
    assert chance @ mean - 0.1 == pytest.approx([0.00771, 0.00771, 0.01620, 0.01620], abs=6e-6)
    assert chance @ (mean - 0.1) ** 2 == pytest.approx([0.003396, 0.003396, 0.005651, 0.005651], abs=6e-7)
    assert go[:, 0].tolist() == go[np.ravel_multi_index(outcomes[:, [1, 0, 2, 3]].T, (21, 21, 11, 11)), 1].tolist()


def test_two_components_are_a_sum_over_all_assignments():
    """Each assignment of three cohorts to components: products of the probabilities of smaller models."""
    responders, n = [2, 5, 1], [12, 12, 6]
    components = [(0.25, log_odds(0.1), 3.18), (0.25, log_odds(0.3), 1.94)]
    total, shared = 0.0, np.zeros(3)
    for assignment in itertools.product(range(3), repeat=3):
        weight = 1.0
        for place, (share, mean, sd) in enumerate(components):
            members = [j for j in range(3) if assignment[j] == place]
            if members:
                model = EXNEX(0.1, 1.0, mean, sd, accuracy="fine")
                tables = model.tables([[responders[j]] for j in members], [[n[j]] for j in members])
                logs = sum((row[0] for row in tables.log_likelihood), tables.log_weights)
                weight *= share ** len(members) * float(np.exp(logs).sum())
        for j in range(3):
            if assignment[j] == 2:
                weight *= 0.5 * separate_logit_normal(responders[j], n[j], log_odds(0.2), 2.5, 0.1)[0]
        total += weight
        shared += weight * (np.array(assignment) < 2)
    posterior = TWO.fit(responders, n)
    assert posterior.exchangeability == pytest.approx(shared / total, abs=1e-6)


def test_components_that_are_the_same_are_one_if_only_one_cohort_is_seen():
    """Weight 1/4 twice is weight 1/2 once; a component of weight 0 changes nothing for any number of cohorts."""
    twice = EXNEX(0.1, 0.25, further=(Exchangeable.at_rate(0.1, 0.25),)).fit([3], [24])
    once = EXNEX(0.1, 0.5).fit([3], [24])
    assert twice.prob_greater() == pytest.approx(once.prob_greater(), abs=1e-6)
    assert twice.mean == pytest.approx(once.mean, abs=1e-6)
    nothing = EXNEX(0.1, 0.5, further=(Exchangeable(0.0, 1.0, 1.0),))
    data = [1, 4, 2, 6], [24, 19, 8, 24]
    for seen, expected in ((nothing.fit(*data), EXNEX(0.1).fit(*data)),):
        assert seen.prob_greater() == pytest.approx(expected.prob_greater(), abs=1e-6)
        assert seen.exchangeability == pytest.approx(expected.exchangeability, abs=1e-6)
        assert seen.quantile(0.5) == pytest.approx(expected.quantile(0.5), abs=1e-6)


def test_a_cohort_that_differs_keeps_its_own_answer():
    """Four cohorts without effect and one with 10 of 24: a hierarchical model pulls it down further than EXNEX."""
    responders, n = [1, 2, 2, 1, 10], [24] * 5
    hierarchical, exnex = BHM(0.1, target=0.1).fit(responders, n), EXNEX(0.1).fit(responders, n)
    assert hierarchical.mean[4] < exnex.mean[4] < 10 / 24
    assert exnex.exchangeability is not None
    assert exnex.exchangeability[4] < exnex.exchangeability[:4].min()


def test_weights_of_nothing_and_everything_are_the_two_ends():
    """Weight 0: each cohort with its own prior. Weight 1: the hierarchical model."""
    responders, n = [1, 5, 2, 9], [24, 19, 8, 24]
    alone = EXNEX(0.1, weight=0.0, nex_mean=log_odds(0.2), nex_sd=2.5).fit(responders, n)
    each = [separate_logit_normal(r, size, logit(0.2), 2.5, 0.1) for r, size in zip(responders, n, strict=True)]
    assert alone.prob_greater() == pytest.approx([above for _, above, _ in each], abs=1e-9)
    assert alone.mean == pytest.approx([mean for _, _, mean in each], abs=1e-8)
    assert alone.exchangeability == pytest.approx(np.zeros(4))
    together = EXNEX(0.1, weight=1.0).fit(responders, n)
    hierarchical = BHM(0.1, mu_sd=EXNEX(0.1).mu_sd).fit(responders, n)
    assert together.prob_greater() == pytest.approx(hierarchical.prob_greater(), abs=1e-7)
    assert together.exchangeability == pytest.approx(np.ones(4))


def test_what_borrowing_costs_in_one_cohort():
    """8 + 16 cohorts end at 0 of 8 or x of 24; four active neighbours raise what 4 of 24 means in the fifth."""
    model = EXNEX(0.1, 0.5, log_odds(0.2), 2.0, 1.0, log_odds(0.2), 2.5)
    responders = [[0, 0, 0, 0, 4], [8, 7, 6, 8, 4]]
    sizes = [[8, 8, 8, 8, 24], [24] * 5]
    seen = model.prob_greater(responders, sizes)[:, 4]
    assert seen[0] < 0.9 < seen[1]


@pytest.mark.parametrize("cohorts", [1, 6])
def test_many_data_sets_in_several_components_are_as_one_by_one(cohorts: int):
    """prob_greater and mean of a batch against fit, within what "standard" accuracy promises."""
    random = np.random.default_rng(2)
    n = random.integers(0, 13, (5, cohorts))
    responders = random.binomial(n, 0.25)
    many, means = TWO.prob_greater(responders, n), TWO.mean(responders, n)
    for row in range(5):
        alone = TWO.fit(responders[row], n[row])
        assert many[row] == pytest.approx(alone.prob_greater(), abs=2e-4)
        assert means[row] == pytest.approx(alone.mean, abs=2e-4)
        assert alone.numeric_error < 2e-4


def test_kinds_tell_which_cohorts_may_be_exchanged():
    """Cohorts with the same p0, weights and own priors have one label."""
    model = EXNEX((0.1, 0.1, 0.2), weight=0.5)
    assert model.kinds(3) == (0, 0, 1)
    further = (Exchangeable((0.1, 0.2, 0.1), 0.0, 1.0),)
    assert EXNEX(0.1, weight=(0.5, 0.5, 0.5), further=further).kinds(3) == (0, 1, 0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: EXNEX(0.1, weight=1.5), "impossible"),
        (lambda: EXNEX(0.1, weight=0.8, further=(Exchangeable(0.3, 0.0, 1.0),)), "more than 1"),
        (
            lambda: EXNEX(0.1, weight=(0.5, 0.5), further=(Exchangeable((0.1, 0.1, 0.1), 0.0, 1.0),)),
            "different numbers",
        ),
        (lambda: EXNEX(0.1, weight="half"), "not numeric"),  # type: ignore[arg-type]
        (lambda: EXNEX(0.1, nex_sd=0.0), "impossible"),
        (lambda: EXNEX(0.1, tau_scale=4.0), "worth less"),
        (lambda: Exchangeable(0.5, 0.0, -1.0), "impossible"),
        (lambda: EXNEX(0.1, weight=(0.5, 0.4)).fit([1, 2, 3], [9, 9, 9]), "3 cohorts"),
        (lambda: TWO.tables([[0, 1]], [[1, 1]]), "no single set of nodes"),
        (lambda: TWO.prob_greater([[1] * 20], [9] * 20), "assignments"),
    ],
)
def test_impossible_settings_are_told(wrong: Any, message: str):
    """Each with what was wrong and what to do."""
    with pytest.raises(StatisticsError, match=message):
        wrong()
