"""The design of Fujikawa: posteriors are mixed by their similarity, and their priors with them.

p_i | r ~ Beta(sum w_ij (s1 + r_j), sum w_ij (s2 + n_j - r_j)) with w_ij = (1 - JSD(post_i, post_j))^epsilon, 0 if
<= tau. Fujikawa K, Teramukai S, Yokota I, Daimon T. Biom J 2020;62:330-338; R package baskexact.
"""

from __future__ import annotations

import itertools
import math
from math import comb

import numpy as np
import pytest
from scipy.stats import beta

from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.borrowing.similarity import JSD
from kohort.errors import StatisticsError

STRICT = Fujikawa(p0=0.2, epsilon=2, tau=0.5, base=math.e)


def test_the_published_weights_and_probabilities_come_out():
    """1, 5 and 7 of 15, epsilon 2, tau .5, natural log: the last two borrow from each other."""
    posterior = STRICT.fit([1, 5, 7], [15] * 3)
    expected = [[1, 0, 0], [0, 1, 0.7832585060804], [0, 0.7832585060804, 1]]
    assert posterior.weights == pytest.approx(np.array(expected), abs=1e-10)
    assert posterior.prob_greater() == pytest.approx([0.1407374883553, 0.994279469012, 0.9965257796967], abs=1e-10)


def test_three_null_cohorts_of_twenty_four_reject_as_often_as_in_baskexact():
    """Cut-off .99, p = .2 in all: rejections of each, and the family-wise error."""
    outcomes = np.array(list(itertools.product(range(25), repeat=3)))
    binomial = np.array([comb(24, x) * 0.2**x * 0.8 ** (24 - x) for x in range(25)])
    probability = binomial[outcomes].prod(axis=1)
    rejected = STRICT.exceeds(outcomes, [24] * 3, 0.99, strict=False)
    assert probability @ rejected == pytest.approx(3 * [0.03239555174131], abs=1e-8)
    assert probability @ rejected.any(axis=1) == pytest.approx(0.06315307547386, abs=1e-8)


def test_the_prior_is_borrowed_too():
    """The same weights as the power prior, but every cohort lends its a and b with its patients."""
    shape = ((1, 1), (0.5, 2), (2, 6))
    posterior = Fujikawa(p0=0.2, shape=shape, tau=0).fit([2, 5, 7], [15, 20, 24])
    assert posterior.weights is not None
    a = posterior.weights @ [1 + 2, 0.5 + 5, 2 + 7]
    b = posterior.weights @ [1 + 13, 2 + 15, 6 + 17]
    assert posterior.prob_greater() == pytest.approx(beta(a, b).sf(0.2), abs=1e-12)
    assert posterior.effective_sample_size == pytest.approx(a + b)
    once = PowerPrior(p0=0.2, shape=shape, weights=JSD(tau=0)).fit([2, 5, 7], [15, 20, 24])
    assert once.weights == pytest.approx(posterior.weights, abs=1e-14)
    assert (once.effective_sample_size < posterior.effective_sample_size).all()


def test_the_usual_settings_are_those_of_one_stage():
    """epsilon 1.25, tau .5, logarithm to base 2."""
    assert Fujikawa(p0=0.2) == Fujikawa(p0=0.2, shape=(1, 1), epsilon=1.25, tau=0.5, base=2)


def test_with_the_natural_logarithm_no_cohorts_are_wholly_apart():
    """The divergence is at most log 2, so that without a threshold every cohort lends (1 - log 2)^epsilon or more."""
    posterior = Fujikawa(p0=0.2, epsilon=1, tau=0, base=math.e).fit([0, 99], [99, 99])
    assert posterior.weights is not None
    assert posterior.weights[0, 1] == pytest.approx(1 - math.log(2), abs=1e-10)


def test_priors_below_one_and_large_cohorts_keep_their_precision():
    """Densities that are infinite at 0 and 1, and peaks of 200 patients; the weight of equal results is 1."""
    model = Fujikawa(p0=0.2, shape=(0.01, 0.02), epsilon=1, tau=0, base=math.e)
    weights = model.fit([0, 0, 200, 100], [200, 200, 200, 200]).weights
    assert weights is not None
    assert weights[0, 1] == pytest.approx(1, abs=1e-12)
    assert weights[0, [2, 3]] == pytest.approx(2 * [1 - math.log(2)], abs=1e-10)


@pytest.mark.parametrize(("epsilon", "tau", "base"), [(0, 0, 2), (1, -0.1, 2), (1, 0, 1)])
def test_settings_that_give_no_weights_are_refused(epsilon: float, tau: float, base: float):
    """epsilon above 0, tau from 0 to 1, base from 2 up."""
    with pytest.raises(StatisticsError, match="gives no weights"):
        Fujikawa(p0=0.2, epsilon=epsilon, tau=tau, base=base)
