"""No borrowing and full borrowing: the two ends between which every other model lies.

Separate: p_j | r ~ Beta(a + r_j, b + n_j - r_j). Pooled: p | r ~ Beta(a + sum r_j, b + sum (n_j - r_j)).
Berry SM et al. Clin Trials 2013;10:720-734.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.separate import Separate
from kohort.errors import StatisticsError

RESPONDERS, PATIENTS = [8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7]
"""The vemurafenib basket trial: Hyman DM et al. N Engl J Med 2015;373:726-736."""


def exact_tail(a: int, b: int, p: Fraction) -> float:
    """P(rate > p) under Beta(a, b) with whole a and b: P(Bin(a + b - 1, p) < a), in exact fractions."""
    n = a + b - 1
    return float(sum(comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(a)))


def test_separate_judges_each_cohort_by_its_own_patients():
    """With a flat prior, 8 of 19 are Beta(9, 12), whatever the other cohorts show."""
    posterior = Separate(p0=0.15).fit(RESPONDERS, PATIENTS)
    expected = [exact_tail(1 + r, 1 + n - r, Fraction(3, 20)) for r, n in zip(RESPONDERS, PATIENTS, strict=True)]
    assert posterior.prob_greater() == pytest.approx(expected, abs=1e-14)
    assert posterior.mean == pytest.approx([(1 + r) / (2 + n) for r, n in zip(RESPONDERS, PATIENTS, strict=True)])
    assert posterior.weights == pytest.approx(np.eye(6))


def test_pooled_judges_all_cohorts_by_all_patients():
    """18 of 84 in all: Beta(19, 67) for every cohort."""
    posterior = Pooled(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.prob_greater() == pytest.approx(6 * [exact_tail(19, 67, Fraction(3, 20))], abs=1e-14)
    assert posterior.weights == pytest.approx(np.ones((6, 6)))


@pytest.mark.parametrize("model", [Separate(p0=(0.1, 0.3)), Pooled(p0=(0.1, 0.3))])
def test_each_cohort_may_have_its_own_rate_of_no_interest(model: BorrowingModel):
    """p0 is one number or one for each cohort; another number of them is refused."""
    posterior = model.fit([3, 3], [10, 10])
    assert posterior.prob_greater()[0] > posterior.prob_greater()[1]
    assert posterior.prob_greater(0.2)[0] == pytest.approx(posterior.prob_greater(0.2)[1])
    with pytest.raises(StatisticsError, match="2 values for 3 cohorts"):
        model.fit([1, 2, 3], [9, 9, 9])


def test_each_cohort_may_have_its_own_prior():
    """(a, b) for all, or a pair for each."""
    posterior = Separate(p0=0.2, shape=((1, 1), (2, 8))).fit([3, 3], [10, 10])
    assert posterior.mean == pytest.approx([4 / 12, 5 / 20])
    assert posterior.effective_sample_size == pytest.approx([12, 20])


def test_a_cohort_without_patients_keeps_its_prior():
    """0 of 0: nobody is in yet."""
    posterior = Separate(p0=0.2, shape=(1, 3)).fit([0, 4], [0, 8])
    assert posterior.mean[0] == pytest.approx(1 / 4)
    assert posterior.prob_greater()[0] == pytest.approx(0.8**3)


def test_quantiles_and_intervals_are_those_of_the_beta_distribution():
    """Root-found to 1e-12: the probability below a quantile is what was asked for."""
    posterior = Separate(p0=0.15).fit(RESPONDERS, PATIENTS)
    for probability in (0.025, 0.5, 0.975):
        found = [rate.below(q) for rate, q in zip(posterior.rates, posterior.quantile(probability), strict=True)]
        assert found == pytest.approx(6 * [probability], abs=1e-12)
    assert (posterior.quantile(0) == 0).all()
    assert (posterior.quantile(1) == 1).all()
    assert posterior.interval(0.9)[:, 0] == pytest.approx(posterior.quantile(0.05))


def test_the_shortest_interval_starts_at_zero_where_nobody_responded():
    """Highest posterior density: Beta(1, 11) falls from 0, so the interval is 0 to its 95 % quantile."""
    (low, high) = Separate(p0=0.15).fit([0], [10]).shortest_interval(0.95)[0]
    assert low == 0
    assert high == pytest.approx(1 - 0.05 ** (1 / 11), abs=1e-12)


def test_the_shortest_interval_is_no_wider_than_the_one_with_equal_tails():
    """Both hold 95 %; they agree for a symmetric distribution."""
    posterior = Separate(p0=0.15).fit([*RESPONDERS, 5], [*PATIENTS, 10])
    shortest, equal = posterior.shortest_interval(), posterior.interval()
    assert (np.diff(shortest) <= np.diff(equal) + 1e-9).all()
    assert shortest[-1] == pytest.approx(equal[-1], abs=1e-5)
    inside = [rate.below(high) - rate.below(low) for rate, (low, high) in zip(posterior.rates, shortest, strict=True)]
    assert inside == pytest.approx(7 * [0.95], abs=1e-10)


def test_both_meanings_of_effective_sample_size_agree_for_one_beta_distribution():
    """a + b of the posterior, and a + b of the Beta with the same mean and interval width."""
    posterior = Separate(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.effective_sample_size == pytest.approx(np.array(PATIENTS) + 2)
    assert posterior.effective_sample_size_by_width() == pytest.approx(np.array(PATIENTS) + 2, rel=1e-6)


@pytest.mark.parametrize("strict", [True, False])
def test_a_cut_off_may_count_as_exceeded_when_it_is_met(strict: bool):
    """P > c by default; P >= c is the rule of the R package baskexact. Beta(1, 1) has P(p > .5) = .5."""
    model = Separate(p0=0.5)
    assert model.exceeds([0, 1], [0, 1], 0.5, strict=strict).tolist() == [[not strict, True]]
    assert model.exceeds([[0, 1], [0, 0]], [0, 1], [0.4, 0.8], p=0.5).tolist() == [[True, False], [True, False]]


@pytest.mark.parametrize(
    ("responders", "n", "words"),
    [
        ([3, 9], [8, 8], "Cohort 2 has 9 responders of 8"),
        ([3], [8, 8], "not of the same cohorts"),
        ([1.5, 2], [8, 8], "whole numbers"),
        ([[1, 2], [3]], [8, 8], "different lengths"),
        ([[1, 2], [3, 4]], [8, 8], "one data set"),
    ],
)
def test_impossible_counts_are_refused(responders: list[int], n: list[int], words: str):
    """The message names the cohort."""
    with pytest.raises(StatisticsError, match=words):
        Separate(p0=0.1).fit(responders, n)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"p0": 1.2}, "no response rate"),
        ({"p0": "high"}, "not numeric"),
        ({"p0": 0.1, "shape": (0, 1)}, "no Beta distribution"),
        ({"p0": 0.1, "shape": 3}, "no Beta distribution"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, object], words: str):
    """Rates lie between 0 and 1, shapes are above 0."""
    with pytest.raises(StatisticsError, match=words):
        Separate(**settings)  # pyright: ignore[reportArgumentType]
