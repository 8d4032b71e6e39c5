"""Laws of the estimates after two stages, against exact fractions and the definitions."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.inference.accuracy import estimator_accuracy
from kohort.cohort.inference.intervals import IntervalMethod, coverage, least_coverage, limits
from kohort.cohort.inference.outcomes import after_overrun, after_two_stages
from kohort.cohort.inference.two_stage import outcome_tail, two_stage_inference, umvue
from tests.properties.cohort_strategies import designs, rates

ORDERED: tuple[IntervalMethod, ...] = ("jung-kim", "mid-p", "koyama-chen")


def by_definition(design: TwoStageDesign, p: Fraction) -> dict[tuple[bool, int], Fraction]:
    """Chance of (went on, responders) straight from the course of a cohort: stage 1, then stage 2."""
    found: dict[tuple[bool, int], Fraction] = {}
    for x1 in range(design.n1 + 1):
        chance = comb(design.n1, x1) * p**x1 * (1 - p) ** (design.n1 - x1)
        if x1 <= design.r1:
            found[False, x1] = chance
            continue
        for x2 in range(design.n2 + 1):
            both = chance * comb(design.n2, x2) * p**x2 * (1 - p) ** (design.n2 - x2)
            found[True, x1 + x2] = found.get((True, x1 + x2), Fraction(0)) + both
    return found


@settings(max_examples=40, deadline=None)
@given(designs(largest=20), rates)
def test_outcomes_have_the_chances_of_their_definition(design: TwoStageDesign, p: Fraction):
    """Exact for fractions, equal in floats, and 1 in all."""
    outcomes = after_two_stages(design)
    exact = by_definition(design, p)
    assert {
        (outcome.went_on, outcome.responders): outcomes.probability(place, p)
        for place, outcome in enumerate(outcomes.ordered)
    } == exact
    assert sum(exact.values()) == 1
    floats = outcomes.probabilities(float(p))
    assert floats == pytest.approx([float(chance) for chance in exact.values()], abs=1e-14)


@settings(max_examples=40, deadline=None)
@given(designs(), rates)
def test_the_mean_of_the_unbiased_estimate_is_the_rate(design: TwoStageDesign, p: Fraction):
    """Exactly, for every design and rate."""
    tails = [outcome_tail(x, design, p) for x in range(design.n + 1)] + [Fraction(0)]
    assert tails[0] == 1
    mean = sum((tails[x] - tails[x + 1]) * umvue(x, design) for x in range(design.n + 1))
    assert mean == p


@settings(max_examples=40, deadline=None)
@given(designs(), rates, st.data())
def test_the_unbiased_estimate_with_over_running_patients_is_unbiased(
    design: TwoStageDesign, p: Fraction, data: st.DataObject
):
    """The chances of all ends sum to 1 and the mean estimate is p, however many patients were on their way."""
    outcomes = after_overrun(design, data.draw(st.integers(0, design.n2)))
    chances = [outcomes.probability(place, p) for place in range(len(outcomes))]
    assert sum(chances) == 1
    assert sum(c * outcome.unbiased for c, outcome in zip(chances, outcomes.ordered, strict=True)) == p


@settings(max_examples=40, deadline=None)
@given(designs(largest=20), st.data())
def test_estimates_and_p_values_equal_exact_fractions_to_ten_digits(design: TwoStageDesign, data: st.DataObject):
    """UMVUE as the share of orders that begin with a responder, p value as a sum of chances."""
    x = data.draw(st.integers(0, design.n))
    seen = two_stage_inference(x, design)
    exact = by_definition(design, Fraction(design.p0))
    order = sorted(exact)
    p_value = sum(exact[outcome] for outcome in order[x:])
    assert seen.p_value == pytest.approx(float(p_value), abs=1e-10)
    if x > design.r1:
        stage_1 = [j for j in range(design.r1 + 1, design.n1 + 1) if 0 <= x - j <= design.n2]
        begins = sum(comb(design.n1 - 1, j - 1) * comb(design.n2, x - j) for j in stage_1)
        every = sum(comb(design.n1, j) * comb(design.n2, x - j) for j in stage_1)
        assert umvue(x, design) == Fraction(begins, every)
    else:
        assert umvue(x, design) == Fraction(x, design.n1)


@settings(max_examples=40, deadline=None)
@given(designs(), rates)
def test_the_p_value_of_the_least_positive_outcome_is_alpha(design: TwoStageDesign, p: Fraction):
    """x = r + 1 is exactly as unlikely as a positive cohort."""
    assert outcome_tail(design.r + 1, design, p) == design.operating_characteristics(p).success


@settings(max_examples=60, deadline=None)
@given(designs(), st.data(), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_lower_limit_is_above_p0_exactly_when_the_p_value_is_small(
    design: TwoStageDesign, data: st.DataObject, level: float
):
    """Interval and test agree; limits lie in order around the median-unbiased estimate."""
    responders = data.draw(st.integers(0, design.n))
    seen = two_stage_inference(responders, design, level=level)
    error = (1 - level) / 2
    if abs(seen.p_value - error) > 1e-9:
        assert (seen.ci.lower > design.p0) == (seen.p_value < error)
    assert 0 <= seen.ci.lower <= seen.median_unbiased <= seen.ci.upper <= 1


@settings(max_examples=40, deadline=None)
@given(designs())
def test_more_responders_never_make_estimates_smaller(design: TwoStageDesign):
    """The unbiased estimate never falls, so its order is the stagewise one; p values fall, limits rise.

    It ties only where stage 1 had to respond to the last patient, and then tells nothing.
    """
    seen = [two_stage_inference(x, design) for x in range(design.n + 1)]
    for lower, higher in itertools.pairwise(seen):
        assert higher.umvue > lower.umvue or (higher.umvue == lower.umvue == 1 and design.r1 + 1 == design.n1)
        assert higher.p_value <= lower.p_value
        assert higher.median_unbiased > lower.median_unbiased
        assert all(above >= below for above, below in zip(higher.ci, lower.ci, strict=True))


@settings(max_examples=30, deadline=None)
@given(designs(largest=20), st.sampled_from(ORDERED), st.sampled_from([0.8, 0.95]))
def test_every_limit_is_a_root_to_ten_digits(design: TwoStageDesign, method: IntervalMethod, level: float):
    """A limit put back into exact tails gives the nominal error, and its neighbours lie on either side of it."""
    error = (1 - level) / 2
    lower, upper = limits(after_two_stages(design), method, level)
    for x in range(1, design.n):
        sums = {
            "jung-kim": ((x,), (x + 1,)),
            "koyama-chen": ((x,), (x,)),
            "mid-p": ((x, x + 1), (x, x + 1)),
        }[method]
        for limit, places, target in zip((lower[x], upper[x]), sums, (error, 1 - error), strict=True):
            q = sum(outcome_tail(place, design, Fraction(float(limit))) for place in places) / len(places)
            assert float(q) == pytest.approx(target, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(designs(largest=20), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_default_interval_never_covers_less_than_its_level(design: TwoStageDesign, level: float):
    """For every design and every rate, limits included; a fine grid finds nothing lower."""
    least = least_coverage(design, "jung-kim", level)
    assert least.coverage >= level - 1e-12
    grid = coverage(design, "jung-kim", level, np.linspace(0.001, 0.999, 999))
    assert grid.min() >= least.coverage - 1e-12


@settings(max_examples=30, deadline=None)
@given(designs(largest=20), st.floats(0.05, 0.95))
def test_estimates_of_stopped_and_of_other_cohorts_average_to_those_of_all(design: TwoStageDesign, p: float):
    """Bias and mean squared error, weighed by how often a cohort stops or goes on."""
    every, stopped, went_on = (estimator_accuracy(design, p, given) for given in ("all", "stopped", "went on"))
    assert stopped.probability == pytest.approx(design.pet(p), abs=1e-12)
    assert every.umvue.bias == pytest.approx(0, abs=1e-12)
    for name in ("umvue", "mle", "median_unbiased"):
        for measure in ("bias", "mse"):
            parts = [group.probability * getattr(getattr(group, name), measure) for group in (stopped, went_on)]
            assert sum(parts) == pytest.approx(getattr(getattr(every, name), measure), abs=1e-12)


def test_the_designs_of_real_trials_have_an_estimate_above_their_raw_rate():
    """A cohort that reached stage 2 with few responders was lucky early; the unbiased estimate is higher."""
    for x in range(1, 12):
        assert umvue(x, EIGHT_PLUS_SIXTEEN) > Fraction(x, 24)
