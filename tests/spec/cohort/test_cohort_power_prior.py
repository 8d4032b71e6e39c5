"""Power priors between cohorts: the others' patients count by a share that depends on similarity.

p_i | r ~ Beta(s1 + sum w_ij r_j, s2 + sum w_ij (n_j - r_j)), w_ii = 1; the prior counts once. Weights: CPP (Pan H
et al. J R Stat Soc C 2017;66:979-996), JSD (Fujikawa K et al. Biom J 2020;62:330-338), MML (Gravestock I, Held L.
Pharm Stat 2017;16:349-360). Baumann L et al. Stat Biopharm Res 2024; R packages baskexact and basksim.
"""

from __future__ import annotations

import itertools
import math
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate
from scipy.special import betaln, xlogy
from scipy.stats import beta

from kohort.cohort.borrowing.local_mem import LocalMEM
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.monotonicity import monotonicity_violations
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.power_prior import GlobalWeight, PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.borrowing.similarity import CPP, JSD, MML, Similarity
from kohort.errors import StatisticsError

RESPONDERS, PATIENTS = [8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7]
"""The vemurafenib basket trial: Hyman DM et al. N Engl J Med 2015;373:726-736."""


def weight(measure: Similarity, one: tuple[int, int], other: tuple[int, int]) -> float:
    """The weight of two cohorts, each (responders, patients)."""
    found = PowerPrior(p0=0.2, weights=measure).fit([one[0], other[0]], [one[1], other[1]]).weights
    assert found is not None
    assert found[0, 1] == found[1, 0]
    return float(found[0, 1])


def rejections(
    model: BorrowingModel, n: int, cutoff: float, rates: list[float]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Every outcome's decisions at P >= cut-off (as in baskexact), and its probability under these rates."""
    outcomes = np.array(list(itertools.product(range(n + 1), repeat=len(rates))))
    probability = np.ones(len(outcomes))
    for cohort, p in enumerate(rates):
        probability *= np.array([comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)])[outcomes[:, cohort]]
    return model.exceeds(outcomes, [n] * len(rates), cutoff, strict=False), probability


def test_the_calibrated_power_prior_falls_with_the_scaled_difference_of_the_rates():
    """w = 1 / (1 + exp(a + b log S)), S = max(n)^(1/4) |difference|, natural log; equal rates count in full."""
    scaled = 24**0.25 * abs(6 / 24 - 2 / 10)
    assert weight(CPP(a=2, b=3), (6, 24), (2, 10)) == pytest.approx(1 / (1 + math.exp(2 + 3 * math.log(scaled))))
    assert weight(CPP(), (5, 20), (2, 8)) == 1
    assert weight(CPP(), (1, 3), (2, 6)) == 1
    assert weight(CPP(), (0, 24), (24, 24)) == pytest.approx(1 / (1 + math.e * 24**0.25))


@pytest.mark.parametrize("base", [2.0, math.e])
def test_the_divergence_weight_is_one_minus_the_divergence_to_a_power(base: float):
    """JSD = KL(f, m) / 2 + KL(g, m) / 2 with m = (f + g) / 2, divided by log(base); against adaptive quadrature."""

    def half(p: float) -> float:
        x, y = (float(beta.pdf(p, a, b)) for a, b in ((1 + 6, 1 + 18), (1 + 5, 1 + 5)))
        return float(xlogy(x, 2 * x / (x + y)) + xlogy(y, 2 * y / (x + y))) / 2

    divergence = integrate.quad(half, 1e-12, 1 - 1e-12, epsabs=1e-12, limit=400)[0] / math.log(base)
    assert weight(JSD(epsilon=1.25, tau=0, base=base), (6, 24), (5, 10)) == pytest.approx(
        (1 - divergence) ** 1.25, abs=1e-10
    )


def test_a_divergence_weight_at_or_below_the_threshold_is_nothing():
    """<= tau is 0; with base 2 and tau .5 cohorts must be rather alike to count for each other."""
    seen = weight(JSD(epsilon=1, tau=0), (6, 24), (5, 10))
    assert weight(JSD(epsilon=1, tau=seen - 1e-9), (6, 24), (5, 10)) == pytest.approx(seen)
    assert weight(JSD(epsilon=1, tau=seen), (6, 24), (5, 10)) == 0
    assert weight(JSD(), (0, 24), (24, 24)) == 0
    assert weight(JSD(epsilon=1, tau=0, base=math.e), (0, 99), (99, 99)) == pytest.approx(1 - math.log(2), abs=1e-9)


@pytest.mark.parametrize(
    ("one", "other"), [((6, 24), (5, 10)), ((1, 15), (7, 15)), ((3, 10), (3, 10)), ((0, 9), (9, 9))]
)
def test_the_likelihood_weight_makes_ones_own_data_most_probable(one: tuple[int, int], other: tuple[int, int]):
    """argmax over delta of BetaBin(r_i; n_i, s1 + delta r_j, s2 + delta f_j), mean of both directions."""
    delta = np.linspace(0, 1, 100_001)

    def best(own: tuple[int, int], lent: tuple[int, int]) -> float:
        a, b = 1 + delta * lent[0], 1 + delta * (lent[1] - lent[0])
        return float(delta[np.argmax(betaln(a + own[0], b + own[1] - own[0]) - betaln(a, b))])

    expected = (best(one, other) + best(other, one)) / 2
    assert weight(MML(), one, other) == pytest.approx(expected, abs=2e-5)


def test_the_prior_counts_once_and_the_others_by_their_weights():
    """The posterior by hand; the effective sample size is a + b."""
    posterior = PowerPrior(p0=0.15, shape=(0.5, 1.5)).fit(RESPONDERS, PATIENTS)
    assert posterior.weights is not None
    a = 0.5 + posterior.weights @ RESPONDERS
    b = 1.5 + posterior.weights @ (np.array(PATIENTS) - RESPONDERS)
    assert posterior.mean == pytest.approx(a / (a + b), abs=1e-12)
    assert posterior.prob_greater() == pytest.approx(beta(a, b).sf(0.15), abs=1e-12)
    assert posterior.effective_sample_size == pytest.approx(a + b, abs=1e-10)


def test_weights_may_be_named():
    """ "cpp", "jsd" and "mml" are the weights with their usual settings."""
    assert PowerPrior(p0=0.1) == PowerPrior(p0=0.1, weights="cpp") == PowerPrior(p0=0.1, weights=CPP(a=1, b=1))
    assert PowerPrior(p0=0.1, weights="JSD").weights == JSD(epsilon=1.25, tau=0.5, base=2)
    with pytest.raises(StatisticsError, match="no weights 'app'"):
        PowerPrior(p0=0.1, weights="app")


@pytest.mark.parametrize(
    ("cutoff", "rates", "each", "any_"),
    [(0.99, [0.2] * 3, 0.01401415784883, 0.02676826392207), (0.9942, [0.5] * 3, 0.9095849739523, 0.9763719702794)],
)
def test_three_cohorts_of_fifteen_reject_as_often_as_in_baskexact(
    cutoff: float, rates: list[float], each: float, any_: float
):
    """CPP a = b = 2, p0 = .2: rejection rates of each cohort and of any (family-wise error, or power)."""
    rejected, probability = rejections(PowerPrior(p0=0.2, weights=CPP(a=2, b=2)), 15, cutoff, rates)
    assert probability.sum() == pytest.approx(1, abs=1e-12)
    assert probability @ rejected == pytest.approx(3 * [each], abs=1e-8)
    assert probability @ rejected.any(axis=1) == pytest.approx(any_, abs=1e-8)


def test_four_cohorts_of_twenty_four_reject_as_often_as_in_baskexact():
    """CPP a = b = 1, p0 = .1: two null and two active cohorts, all 390,625 outcomes."""
    rejected, probability = rejections(PowerPrior(p0=0.1), 24, 0.95, [0.1, 0.1, 0.3, 0.3])
    expected = 2 * [0.5178618599653] + 2 * [0.9204056950028]
    assert probability @ rejected == pytest.approx(expected, abs=1e-8)
    assert probability @ rejected[:, 2:].any(axis=1) == pytest.approx(0.9631582539845, abs=1e-8)


def test_five_cohorts_of_twenty_have_the_family_wise_error_of_baskexact():
    """CPP a = b = 1, p0 = .15; equal cohorts, so 53,130 multisets stand for 4,084,101 outcomes."""
    multisets = np.array(list(itertools.combinations_with_replacement(range(21), 5)))
    counts = (multisets[:, :, None] == np.arange(21)).sum(axis=1)
    orders = math.factorial(5) / np.prod(np.array([math.factorial(k) for k in range(6)])[counts], axis=1)
    binomial = np.array([comb(20, x) * 0.15**x * 0.85 ** (20 - x) for x in range(21)])
    probability = orders * binomial[multisets].prod(axis=1)
    rejected = PowerPrior(p0=0.15).exceeds(multisets, [20] * 5, 0.95, strict=False)
    assert probability @ rejected.any(axis=1) == pytest.approx(0.1144650214181, abs=1e-8)


def test_decisions_are_those_of_comparing_every_probability():
    """Most are settled by monotonicity, without the incomplete beta function; none differs."""
    outcomes = np.array(list(itertools.product(range(25), repeat=3)))
    for model in (PowerPrior(p0=0.1), PowerPrior(p0=(0.1, 0.3, 0.1), weights="mml", shape=(0.2, 0.7))):
        probability = model.prob_greater(outcomes, [24, 25, 24])
        for cutoff in (0.5, 0.95, 0.9999999, 1 - 1e-12):
            assert (model.exceeds(outcomes, [24, 25, 24], cutoff) == (probability > cutoff)).all()


def test_pruned_cohorts_lend_nothing():
    """The critical count is the least c with which all cohorts pass if each has c; here 3 of 10."""
    model = PowerPrior(p0=0.2, prune=0.9)
    sizes = np.array([[10, 10, 10]])
    assert model.critical_counts(sizes).tolist() == [[3, 3, 3]]
    assert model.prob_greater([2, 2, 2], [10] * 3) == pytest.approx(Separate(p0=0.2).prob_greater([2, 2, 2], [10] * 3))
    assert model.prob_greater([3, 3, 3], [10] * 3) == pytest.approx(Pooled(p0=0.2).prob_greater([3, 3, 3], [10] * 3))
    weights = model.fit([2, 3, 4], [10] * 3).weights
    assert weights is not None
    assert weights[:, 0].tolist() == [1, 0, 0]
    assert (weights[:, 1:] > 0).all()


def test_the_pooled_critical_count_is_the_least_that_rejects_everywhere():
    """Against the definition: pooled posterior at c responders in every cohort; unequal n: at the rate c / n_j."""
    model = PowerPrior(p0=(0.2, 0.1), prune=0.95, shape=(0.5, 1))
    critical = model.critical_counts(np.array([[10, 24]]))[0]
    for n, p0, found in zip((10, 24), (0.2, 0.1), critical, strict=True):
        tails = [float(beta(0.5 + 34 * c / n, 1 + 34 * (1 - c / n)).sf(p0)) for c in range(n + 1)]
        assert found == next(c for c, tail in enumerate(tails) if tail > 0.95)


def test_pruning_needs_the_cut_off_of_the_rule():
    """prune=True says not enough; None and False prune nothing."""
    assert PowerPrior(p0=0.2, prune=False) == PowerPrior(p0=0.2)
    with pytest.raises(StatisticsError, match="no cut-off"):
        PowerPrior(p0=0.2, prune=True)


def test_a_global_weight_shrinks_all_borrowing_with_the_range_of_the_rates():
    """(1 - range)^epsilon times the weights between different cohorts."""
    plain = PowerPrior(p0=0.2).fit([2, 3, 7], [10] * 3).weights
    shrunk = PowerPrior(p0=0.2, global_weight=GlobalWeight(epsilon=2, weight=0.8)).fit([2, 3, 7], [10] * 3).weights
    assert plain is not None
    assert shrunk == pytest.approx(np.where(np.eye(3) == 1, 1, plain * 0.8 * 0.5**2), abs=1e-14)


def test_a_cohort_without_patients_has_no_rate_to_compare():
    """It lends nothing, and CPP and MML let it borrow nothing; the divergence compares its prior."""
    assert weight(CPP(), (0, 0), (3, 10)) == 0
    assert weight(MML(), (0, 0), (3, 10)) == 0
    assert 0 < weight(JSD(tau=0), (0, 0), (3, 10)) < 1


def test_one_more_responder_may_lower_a_posterior_and_that_is_reported():
    """5, 4 and 4 of 10: the cohort with 5 looks less like the others, and loses their responders."""
    model = PowerPrior(p0=0.1)
    assert not model.is_monotone
    found = monotonicity_violations(model, [10] * 3)
    assert {each.kind for each in found} == {"within", "between"}
    for each in found:
        assert each.probability_more < each.probability_fewer
    worst = next(each for each in found if each.kind == "between")
    more = list(worst.responders)
    more[worst.more] += 1
    asked = model.prob_greater([worst.responders, more], [10] * 3)[:, worst.more]
    assert asked == pytest.approx([worst.probability_fewer, worst.probability_more])
    assert asked[1] < asked[0]


def test_violations_that_change_no_decision_are_left_out_on_request():
    """With the cut-off of the rule; models without borrowing have no violation at all."""
    found = monotonicity_violations(LocalMEM(p0=0.2), [20] * 3, cutoff=0.999)
    assert [each.responders for each in found] == [(9, 8, 8), (8, 9, 8), (8, 8, 9)]
    assert all(each.probability_fewer > 0.999 >= each.probability_more for each in found)
    assert not monotonicity_violations(PowerPrior(p0=0.1), [10] * 3, cutoff=0.9)
    assert not monotonicity_violations(Separate(p0=0.1), [10, 8, 10])
    with pytest.raises(StatisticsError, match="more than 2,000,000 outcomes"):
        monotonicity_violations(PowerPrior(p0=0.1), [24] * 6)


def test_settings_that_make_no_weights_are_refused():
    """A curve that does not fall, a power of 0, a factor above 1."""
    for settings in ({"b": 0}, {"a": math.inf}):
        with pytest.raises(StatisticsError, match="no falling curve"):
            CPP(**settings)
    with pytest.raises(StatisticsError, match="gives no weights"):
        JSD(epsilon=0)
    with pytest.raises(StatisticsError, match="is no factor"):
        GlobalWeight(weight=2)
