"""Multisource exchangeability (MEM): every way in which pairs of cohorts may be exchangeable, weighed by the data.

A model is a symmetric 0/1 matrix M with unit diagonal. Its weight is
prod_i { B(a + M_i r, b + M_i (n - r)) / B(a, b) prod_j m_j^(1 - M_ij) } times the prior of the pairs, with
m_j = B(a + r_j, b + n_j - r_j) / B(a, b). Hobbs BP, Landin R. Stat Med 2018;37:3557-3572; R package basket.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import betaln, gammaln

from kohort.cohort.borrowing import exchangeability
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.separate import Separate
from kohort.errors import StatisticsError

RESPONDERS, PATIENTS = [8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7]
"""The vemurafenib basket trial: Hyman DM et al. N Engl J Med 2015;373:726-736."""

Array = NDArray[np.float64]


def all_models(responders: list[int], n: list[int], prior: Array, shape: Array) -> tuple[Array, Array]:
    """Every matrix (K, J, J) with its posterior probability (K,), by the definition. Slow."""
    r, size = np.array(responders), np.array(n)
    a, b = shape.T
    pairs = list(itertools.combinations(range(len(r)), 2))
    shared = np.array(list(itertools.product((0, 1), repeat=len(pairs)))).reshape(2 ** len(pairs), len(pairs))
    models = np.tile(np.eye(len(r)), (len(shared), 1, 1))
    logs = np.zeros(len(shared))
    for place, (i, j) in enumerate(pairs):
        models[:, i, j] = models[:, j, i] = shared[:, place]
        with np.errstate(divide="ignore"):
            logs += np.where(shared[:, place] == 1, np.log(prior[i, j]), np.log(1 - prior[i, j]))
    alone = betaln(a + r, b + size - r) - betaln(a, b)
    for i in range(len(r)):
        row = models[:, i]
        logs += betaln(a[i] + row @ r, b[i] + row @ (size - r)) - betaln(a[i], b[i]) + (1 - row) @ alone
    weights = np.exp(logs - logs.max())
    return models, weights / weights.sum()


def test_the_vemurafenib_trial_has_the_known_answers():
    """P(p > .15) of the first two cohorts, and the probability that pairs are exchangeable."""
    posterior = MEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.prob_greater()[:2] == pytest.approx([0.99972196, 0.02740205], abs=5e-9)
    assert posterior.exchangeability is not None
    pairs = [posterior.exchangeability[place] for place in ((0, 1), (0, 4), (1, 2))]
    assert pairs == pytest.approx([0.00122743, 0.92918414, 0.91959283], abs=5e-9)
    assert posterior.numeric_error == 0


def test_the_sum_over_rows_equals_the_sum_over_all_32768_models():
    """Six cohorts: pair probabilities and means equal those of the list of all matrices to 1e-12."""
    models, weights = all_models(RESPONDERS, PATIENTS, np.full((6, 6), 0.5), np.full((6, 2), 0.5))
    assert len(models) == 32_768
    posterior = MEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.exchangeability == pytest.approx(np.tensordot(weights, models, 1), abs=1e-12)
    means = (0.5 + models @ RESPONDERS) / (1 + models @ PATIENTS)
    assert posterior.mean == pytest.approx(weights @ means, abs=1e-12)


@pytest.mark.parametrize("cohorts", [1, 2, 3, 4, 5])
def test_priors_may_differ_between_pairs_and_shapes_between_cohorts(cohorts: int):
    """A matrix of pair priors, also with impossible and certain pairs, and a Beta prior for each cohort."""
    prior = np.array(
        [
            [1.0, 0.2, 0.9, 0.5, 0.0],
            [0.2, 1.0, 0.5, 1.0, 0.3],
            [0.9, 0.5, 1.0, 0.4, 0.6],
            [0.5, 1.0, 0.4, 1.0, 0.1],
            [0.0, 0.3, 0.6, 0.1, 1.0],
        ]
    )[:cohorts, :cohorts]
    shape = np.array([(0.5, 0.5), (1, 1), (0.3, 2), (2, 5), (1, 3)])[:cohorts]
    r, n = [8, 0, 1, 3, 6][:cohorts], [19, 10, 26, 8, 14][:cohorts]
    model = MEM(p0=0.15, prior=tuple(map(tuple, prior.tolist())), shape=tuple((a, b) for a, b in shape.tolist()))
    models, weights = all_models(r, n, prior, shape)
    posterior = model.fit(r, n)
    assert posterior.exchangeability == pytest.approx(np.tensordot(weights, models, 1), abs=1e-12)
    a, b = shape.T
    means = (a + models @ r) / (a + b + models @ n)
    assert posterior.mean == pytest.approx(weights @ means, abs=1e-12)


def test_equal_rates_are_not_counted_once_but_in_every_row():
    """The definition is no partition model: two equal cohorts have the odds (m12 / m1 m2)^2, not m12 / m1 m2."""
    posterior = MEM(p0=0.15, shape=(1, 1)).fit([3, 3], [10, 10])
    ratio = np.exp(betaln(7, 15) - 2 * betaln(4, 8))
    assert posterior.exchangeability is not None
    assert posterior.exchangeability[0, 1] == pytest.approx(ratio**2 / (1 + ratio**2), abs=1e-12)


@pytest.mark.parametrize(("prior", "limit"), [(0.0, Separate), (1.0, Pooled)])
def test_without_doubt_there_is_no_borrowing_or_full_borrowing(prior: float, limit: type[Separate] | type[Pooled]):
    """A prior of 0 is Separate, a prior of 1 Pooled, with the same shape."""
    posterior = MEM(p0=0.15, prior=prior).fit(RESPONDERS, PATIENTS)
    expected = limit(p0=0.15, shape=(0.5, 0.5)).fit(RESPONDERS, PATIENTS)
    assert posterior.prob_greater() == pytest.approx(expected.prob_greater(), abs=1e-12)
    assert posterior.mean == pytest.approx(expected.mean, abs=1e-12)


def test_the_effective_sample_size_is_the_mean_of_a_plus_b():
    """The first vemurafenib cohort has 19 patients, is worth 40.8, prior included."""
    posterior = MEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.effective_sample_size[0] == pytest.approx(40.8, abs=0.05)
    assert posterior.exchangeability is not None
    assert posterior.effective_sample_size == pytest.approx(1 + posterior.exchangeability @ PATIENTS, abs=1e-10)


def test_the_effective_sample_size_by_width_is_that_of_the_exact_interval():
    """The Beta with the mean and the interval width of the first vemurafenib cohort has a + b = 36.7.

    The package basket gives 34.9: it takes the width from a simulated sample of the posterior.
    """
    posterior = MEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.effective_sample_size_by_width()[0] == pytest.approx(36.66, abs=0.01)


def test_seven_cohorts_of_two_million_models_need_no_list():
    """2^21 models; the largest table has 4,096 entries. Two equal cohorts have equal numbers."""
    assert exchangeability.largest_table(7) == 4096
    posterior = MEM(p0=0.15).fit([*RESPONDERS, 8], [*PATIENTS, 19])
    assert posterior.prob_greater()[0] == pytest.approx(posterior.prob_greater()[6], abs=1e-12)


def test_large_cohorts_neither_overflow_nor_underflow():
    """1,000 patients a cohort, rates far apart: pairs that cannot be exchangeable, and one that is."""
    posterior = MEM(p0=0.15).fit([10, 500, 990, 505], [1000] * 4)
    assert posterior.exchangeability is not None
    assert posterior.exchangeability[0, 2] == pytest.approx(0, abs=1e-300)
    assert posterior.exchangeability[1, 3] > 0.9
    assert np.isfinite(posterior.mean).all()
    assert gammaln(1000) > 700  # B(a, b) itself is no float64


def test_sums_that_would_underflow_are_added_in_logarithms(monkeypatch: pytest.MonkeyPatch):
    """The same answer if every entry is treated as an underflow."""
    expected = MEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    monkeypatch.setattr(exchangeability, "UNDERFLOW", np.inf)
    found = MEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert found.exchangeability == pytest.approx(expected.exchangeability, abs=1e-13)


def test_too_many_cohorts_are_refused_with_the_reason():
    """Ten cohorts are 2^45 models; the message says what the sum would need."""
    with pytest.raises(StatisticsError, match=r"2\^45 models that needs about 2 GB"):
        MEM(p0=0.15).fit([1] * 10, [8] * 10)


@pytest.mark.parametrize(
    ("prior", "words"),
    [(1.5, "no probability"), (((1, 0.2), (0.3, 1)), "no symmetric"), (((1, 0.2, 0.1),), "no symmetric")],
)
def test_a_prior_that_is_none_is_refused(prior: float, words: str):
    """Probabilities, and the same for (i, j) as for (j, i)."""
    with pytest.raises(StatisticsError, match=words):
        MEM(p0=0.15, prior=prior)


def test_pair_priors_are_part_of_what_makes_cohorts_alike():
    """Cohorts of one kind may be exchanged; with a matrix of different pair priors none may."""
    assert MEM(p0=0.15).kinds(3) == (0, 0, 0)
    assert MEM(p0=(0.1, 0.2, 0.1)).kinds(3) == (0, 1, 0)
    assert MEM(p0=0.15, prior=((1, 0.2, 0.3), (0.2, 1, 0.4), (0.3, 0.4, 1))).kinds(3) == (0, 1, 2)
