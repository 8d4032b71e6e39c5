"""Laws of hierarchical models: order does not matter, more responders never say less, all outcomes sum to 1."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, gammaln, log_expit

from kohort.cohort import BHM, EXNEX, CalibratedBHM, Exchangeable
from kohort.cohort.borrowing.hierarchical import HierarchicalModel
from kohort.cohort.borrowing.hierarchical_sums import averages, node_weights
from kohort.cohort.borrowing.quadrature import FixedSpread, HyperPrior, Information, nodes
from kohort.cohort.borrowing.quadrature_cells import Cells, cell_integrals

Data = tuple[list[int], list[int]]

MODELS: tuple[HierarchicalModel, ...] = (
    BHM(0.1),
    BHM(0.2, target=0.4, mu_sd=1.0, tau_scale=0.25),
    EXNEX(0.1),
    EXNEX(0.2, weight=0.8, tau_scale=0.5, target=0.3),
    EXNEX(0.1, 0.25, further=(Exchangeable.at_rate(0.3, 0.25),)),
    CalibratedBHM(0.1, 0.3, (24,) * 5, trials=2000),
)
EACH = pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model)[:60])
MONOTONE = pytest.mark.parametrize("model", MODELS[:-1], ids=lambda model: str(model)[:60])


@st.composite
def trials(draw: st.DrawFn, least: int = 1, most: int = 4) -> Data:
    """Responders and patients of some cohorts, sizes unequal, some of them empty."""
    n = draw(st.lists(st.integers(0, 30), min_size=least, max_size=most))
    return [draw(st.integers(0, size)) for size in n], n


@EACH
@settings(max_examples=12, deadline=None)
@given(data=trials(), seed=st.integers(0, 9999))
def test_permuting_cohorts_permutes_results(model: HierarchicalModel, data: Data, seed: int):
    """The order in which cohorts are written down is no information."""
    order = np.random.default_rng(seed).permutation(len(data[0]))
    r, n = np.array(data[0]), np.array(data[1])
    plain, permuted = model.fit(r, n), model.fit(r[order], n[order])
    assert permuted.prob_greater() == pytest.approx(plain.prob_greater()[order], abs=1e-12)
    assert permuted.mean == pytest.approx(plain.mean[order], abs=1e-12)
    assert model.prob_greater(r[order], n[order]) == pytest.approx(model.prob_greater(r, n)[:, order], abs=1e-12)
    if plain.exchangeability is not None and permuted.exchangeability is not None:
        assert permuted.exchangeability == pytest.approx(plain.exchangeability[order], abs=1e-12)


@EACH
@settings(max_examples=12, deadline=None)
@given(data=trials(most=3), copied=st.integers(0, 2))
def test_equal_cohorts_get_equal_numbers(model: HierarchicalModel, data: Data, copied: int):
    """Two cohorts with the same counts and settings have the same posterior."""
    place = copied % len(data[0])
    r, n = [*data[0], data[0][place]], [*data[1], data[1][place]]
    posterior = model.fit(r, n)
    assert posterior.prob_greater()[-1] == pytest.approx(posterior.prob_greater()[place], abs=1e-12)
    assert posterior.mean[-1] == pytest.approx(posterior.mean[place], abs=1e-12)
    many = model.prob_greater([r, r], n)
    assert many[:, -1] == pytest.approx(many[:, place], abs=1e-12)


@MONOTONE
@settings(max_examples=12, deadline=None)
@given(data=trials(), chosen=st.integers(0, 3), p=st.sampled_from([0.02, 0.1, 0.3, 0.6]))
def test_more_responders_never_lower_a_cohorts_own_posterior(
    model: HierarchicalModel, data: Data, chosen: int, p: float
):
    """Monotone likelihood ratio: P(rate > p) and the mean rise with the cohort's own responders, all else equal."""
    place = chosen % len(data[0])
    rows = np.tile(data[0], (data[1][place] + 1, 1))
    rows[:, place] = np.arange(data[1][place] + 1)
    assert model.is_monotone
    assert (np.diff(model.prob_greater(rows, data[1], p)[:, place]) >= -1e-10).all()
    assert (np.diff(model.mean(rows, data[1])[:, place]) >= -1e-10).all()


@EACH
@settings(max_examples=10, deadline=None)
@given(data=trials(), probability=st.floats(0.001, 0.999))
def test_quantiles_invert_probabilities(model: HierarchicalModel, data: Data, probability: float):
    """The probability below a quantile is the one asked for."""
    posterior = model.fit(*data)
    for rate, quantile in zip(posterior.rates, posterior.quantile(probability), strict=True):
        assert rate.below(quantile) == pytest.approx(probability, abs=1e-9)
        assert rate.below(0.3) <= rate.below(0.31)
        assert 0 < rate.mean < 1
        assert 0 < rate.variance < 0.25


@pytest.mark.parametrize("model", MODELS[:5], ids=lambda model: str(model)[:60])
@settings(max_examples=8, deadline=None)
@given(data=trials(), p=st.floats(0.02, 0.9))
def test_the_stated_error_holds(model: BHM | EXNEX, data: Data, p: float):
    """At the asked rates and elsewhere, against nodes more than twice as dense in each direction."""
    posterior = model.fit(*data)
    best = dataclasses.replace(model, accuracy="fine").fit(*data)
    assert np.abs(posterior.prob_greater() - best.prob_greater()).max() <= posterior.numeric_error + 1e-7
    assert np.abs(posterior.mean - best.mean).max() <= posterior.numeric_error + 1e-7
    assert np.abs(posterior.prob_greater(p) - best.prob_greater(p)).max() <= 3 * posterior.numeric_error + 1e-6


@pytest.mark.parametrize("model", MODELS[:4], ids=lambda model: str(model)[:60])
@settings(max_examples=8, deadline=None)
@given(n=st.lists(st.integers(0, 5), min_size=1, max_size=3))
def test_all_outcomes_together_have_probability_one(model: HierarchicalModel, n: list[int]):
    """The tables hold probabilities of outcomes, binomial coefficients included."""
    tables = model.tables([range(size + 1) for size in n], [[size] * (size + 1) for size in n])
    states = itertools.product(*(range(size + 1) for size in n))
    logs = [
        sum((row[s] for row, s in zip(tables.log_likelihood, each, strict=True)), tables.log_weights) for each in states
    ]
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-9)
    assert all(((table > -1e-9) & (table < 1 + 1e-9)).all() for table in tables.mean)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 200),
    share=st.floats(0, 1),
    mu=st.floats(-8, 6),
    tau=st.floats(0.002, 6),
    asked=st.floats(-6, 4),
)
def test_integrals_of_a_cell_are_those_of_a_dense_grid(n: int, share: float, mu: float, tau: float, asked: float):
    """Slow reference: half a million points of equal distance, over all log odds that matter."""
    r = round(n * share)
    widest = 9 * tau + min(n * tau**2, abs(mu) + 8)
    x = np.linspace(mu - widest, mu + widest, 500_001)
    log_mass = r * x + n * log_expit(-x) - ((x - mu) / tau) ** 2 / 2
    mass = np.exp(log_mass - log_mass.max())
    log_total = np.log(mass.sum() * (x[1] - x[0])) + log_mass.max() - np.log(np.sqrt(2 * np.pi) * tau)
    ways = gammaln(n + 1) - gammaln(r + 1) - gammaln(n - r + 1)
    found = cell_integrals(
        Cells(*(np.array([float(each)]) for each in (r, n, 0.0, asked))), np.array([mu]), np.array([tau])
    )
    assert found.log_likelihood[0, 0] == pytest.approx(log_total + ways, abs=2e-6)
    assert found.above[0, 0] == pytest.approx(mass[x > asked].sum() / mass.sum(), abs=1e-3)
    assert found.mean[0, 0] == pytest.approx((mass * expit(x)).sum() / mass.sum(), abs=2e-6)
    assert found.square[0, 0] == pytest.approx((mass * expit(x) ** 2).sum() / mass.sum(), abs=2e-6)


@settings(max_examples=20, deadline=None)
@given(
    mean=st.floats(-4, 3),
    sd=st.floats(0.05, 100),
    scale=st.floats(0.01, 3),
    n=st.lists(st.integers(0, 200), min_size=1, max_size=12),
)
def test_nodes_are_the_priors_when_nothing_is_seen(mean: float, sd: float, scale: float, n: list[int]):
    """Masses sum to 1; mean, variance and the mean of tau^2 are those of the priors."""
    information = Information.of(np.zeros(len(n)), np.array(n), np.ones(len(n)))
    at = nodes(HyperPrior(mean, sd, scale), information)
    mass = np.exp(at.log_weights)
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    assert mass @ at.mu == pytest.approx(mean, abs=2e-3 * sd)
    assert mass @ (at.mu - mean) ** 2 == pytest.approx(sd**2, rel=2e-3)
    assert mass @ at.tau**2 == pytest.approx(scale**2, rel=2e-3)
    fixed = nodes(FixedSpread(mean, sd, scale), information)
    assert np.exp(fixed.log_weights).sum() == pytest.approx(1, abs=1e-12)
    assert (fixed.tau == scale).all()


def test_sums_by_matrices_by_rows_and_in_blocks_are_the_same():
    """Few and many distinct cells, one and several blocks, and data sets whose weights underflow."""
    random = np.random.default_rng(3)
    for cells, sets in ((20, 3000), (400, 600), (4, 5)):
        log_likelihood, values = -random.exponential(300, (cells, 90)), random.random((cells, 90))
        log_weights = np.log(random.dirichlet(np.ones(90)))
        index = random.integers(0, cells, (sets, 4))
        found = averages(index, log_weights, log_likelihood, values)
        weights = node_weights(index, log_weights, log_likelihood)
        for row in range(0, sets, max(1, sets // 20)):
            logs = log_weights + log_likelihood[index[row]].sum(axis=0)
            alone = np.exp(logs - logs.max())
            assert weights[row] == pytest.approx(alone / alone.sum(), abs=1e-12)
            assert found[row] == pytest.approx(values[index[row]] @ alone / alone.sum(), abs=1e-12)
