"""The calibrated hierarchical model: the spread between cohorts follows from a test of homogeneity.

tau^2 = exp(a + b log T), T = the chi-square statistic of equal response rates; a and b are calibrated before
the trial so that tau^2 is 1 where T is typical of cohorts that are alike, 80 where it is of cohorts that differ.
Chu Y, Yuan Y. A Bayesian basket trial design using a calibrated Bayesian hierarchical model. Clin Trials
2018;15:149-158.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import logit

from kohort.cohort import CalibratedBHM
from kohort.cohort.borrowing.calibrated import homogeneity
from kohort.cohort.borrowing.data import Counts
from kohort.errors import StatisticsError
from tests.cohort_hierarchical_reference import separate_logit_normal

SIX = CalibratedBHM(p0=0.1, p1=0.3, n=(24,) * 6)


def test_the_statistic_is_that_of_the_chi_square_test():
    """Against scipy's test of a table of responders and non-responders."""
    for r, n in (([2, 9, 4], [24, 20, 11]), ([1, 1, 7, 0], [8, 24, 24, 5])):
        table = np.array([r, np.subtract(n, r)])
        expected, *_ = stats.chi2_contingency(table, correction=False)
        assert homogeneity(Counts.of(r, n))[0] == pytest.approx(expected, rel=1e-12)
    assert homogeneity(Counts.of([[0, 0], [5, 7], [0, 0]], [[5, 7], [5, 7], [0, 0]])).tolist() == [0, 0, 0]


def test_the_spread_is_small_where_cohorts_are_alike_and_large_where_they_differ():
    """tau^2 = 1 at the typical T of six active cohorts, 80 at that of cohorts of which some are active."""
    a, b = SIX.coefficients or (0, 0)
    random = np.random.default_rng(99)  # another seed than the calibration's
    alike = np.median(homogeneity(Counts.of(random.binomial(24, 0.3, (40_000, 6)), [24] * 6)))
    differ = min(
        np.median(homogeneity(Counts.of(random.binomial(24, [0.3] * k + [0.1] * (6 - k), (40_000, 6)), [24] * 6)))
        for k in range(1, 6)
    )
    assert math.exp(a + b * math.log(alike)) == pytest.approx(1, rel=0.15)
    assert math.exp(a + b * math.log(differ)) == pytest.approx(80, rel=0.35)
    tau = SIX.spread([[7, 7, 7, 7, 7, 7], [1, 2, 2, 9, 8, 2]], [24] * 6)
    assert tau[0] == pytest.approx(0.001)
    assert tau[1] > 5


def test_cohorts_that_look_alike_are_pooled_and_cohorts_that_differ_are_not():
    """The two ends, each against one integral."""
    alike = SIX.fit([7] * 6, [24] * 6)
    _, above, mean = separate_logit_normal(42, 144, logit(0.1), 10 / 3, 0.1)
    assert alike.mean == pytest.approx(np.full(6, mean), abs=1e-4)
    assert alike.prob_greater() == pytest.approx(np.full(6, above), abs=1e-4)
    responders = [0, 1, 12, 13, 0, 14]
    different = SIX.fit(responders, [24] * 6)
    assert different.mean[2:4] == pytest.approx(np.array([12, 13]) / 24, abs=0.01)


def test_the_calibration_is_repeatable_and_can_be_given():
    """The same seed gives the same coefficients; given coefficients are taken as they are."""
    assert CalibratedBHM(p0=0.1, p1=0.3, n=(24,) * 6) == SIX
    assert CalibratedBHM(p0=0.1, p1=0.3, n=(24,) * 6, seed=2).coefficients == pytest.approx(SIX.coefficients, rel=0.15)
    given = CalibratedBHM(p0=0.1, p1=0.3, n=(24,) * 6, coefficients=(-10.0, 6.0))
    assert given.spread([[1, 2, 4, 6, 8, 2]], [24] * 6)[0] == pytest.approx(
        math.exp((-10 + 6 * math.log(homogeneity(Counts.of([1, 2, 4, 6, 8, 2], [24] * 6))[0])) / 2)
    )


def test_many_data_sets_are_interpolated_between_spreads():
    """prob_greater and mean of 200 trials against the exact spread of each, to 2e-4."""
    random = np.random.default_rng(4)
    responders = np.concatenate(
        [random.binomial(24, 0.2, (100, 6)), random.binomial(24, [0.1] * 4 + [0.4] * 2, (100, 6))]
    )
    many, means = SIX.prob_greater(responders, [24] * 6), SIX.mean(responders, [24] * 6)
    fine = dataclasses.replace(SIX, accuracy="fine")
    for row in range(0, 200, 10):
        one = responders[row : row + 1]
        assert many[row] == pytest.approx(fine.prob_greater(one, [24] * 6)[0], abs=2e-4)
        assert means[row] == pytest.approx(fine.mean(one, [24] * 6)[0], abs=2e-4)


def test_it_may_say_less_of_a_cohort_with_more_responders():
    """One responder more can make the cohorts look different, so that the cohort loses its neighbours."""
    assert not SIX.is_monotone
    fewer, more = SIX.prob_greater([[1, 8, 8, 8, 8, 8], [2, 8, 8, 8, 8, 8]], [24] * 6)[:, 1]
    assert fewer != pytest.approx(more, abs=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: CalibratedBHM(0.1, 0.3, (24,)), "median of the test"),
        (lambda: CalibratedBHM(0.1, 0.1001, (2, 2)), "median of the test"),
        (lambda: CalibratedBHM(0.1, 0.3, (24, 24), spreads=(80.0, 1.0)), "Spreads"),
        (lambda: CalibratedBHM(0.1, 1.3, (24, 24)), "no response rate"),
        (lambda: CalibratedBHM(0.1, 0.3, (24.5, 24)), "whole numbers"),  # type: ignore[arg-type]
        (lambda: SIX.tables([[0, 1]], [[1, 1]]), "spread of its own"),
    ],
)
def test_impossible_settings_are_told(wrong: Any, message: str):
    """Each with what was wrong and what to do."""
    with pytest.raises(StatisticsError, match=message):
        wrong()
