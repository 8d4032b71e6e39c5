"""Laws of the families of designs: one recursion under all, limits held, more patients or responders never worse."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort.designs.bop2 import bop2
from kohort.cohort.designs.bop2_toxicity import EfficacyToxicityDesign, JointRates
from kohort.cohort.designs.decisions import Verdict
from kohort.cohort.designs.fleming import fleming
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.cohort.designs.paths import sweep
from kohort.cohort.designs.posteriors import posterior_above, predictive_tails
from kohort.cohort.designs.predictive import PredictiveRule, predictive_probability_design
from kohort.cohort.designs.predictive_search import PredictiveSearch, predictive_probability_search
from kohort.cohort.designs.single_stage import SingleStageDesign, single_stage
from kohort.cohort.designs.thall_simon import ThallSimonRule, probability_better, thall_simon
from kohort.cohort.designs.toxicity import bayesian_toxicity_boundary, toxicity_boundary
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

RANK = {Verdict.STOP: 0, Verdict.NEGATIVE: 0, None: 1, Verdict.GO_ON: 1, Verdict.POSITIVE: 2}
rates = st.fractions(0, 1, max_denominator=100)
few = settings(max_examples=30, deadline=None)


@st.composite
def looks(draw: st.DrawFn, largest: int = 40) -> tuple[int, ...]:
    return tuple(sorted(draw(st.sets(st.integers(1, largest), min_size=1, max_size=6))))


@st.composite
def multi_stage(draw: st.DrawFn, largest: int = 30) -> MultiStageDesign:
    sizes = draw(looks(largest))
    low = [draw(st.integers(-1, n - 1)) for n in sizes]
    high = [draw(st.integers(a + 1, n + 1)) for a, n in zip(low, sizes, strict=True)]
    return MultiStageDesign(sizes, tuple(low), tuple(high), 0.2, 0.4)


@st.composite
def two_stage(draw: st.DrawFn, largest: int = 40) -> TwoStageDesign:
    n1 = draw(st.integers(1, largest - 1))
    n = draw(st.integers(n1 + 1, largest))
    r1 = draw(st.integers(0, n1 - 1))
    return TwoStageDesign(r1, n1, draw(st.integers(r1, n - 1)), n, 0.2, 0.4)


@few
@given(two_stage(), rates)
def test_a_two_stage_design_is_a_design_of_two_looks(design: TwoStageDesign, p: Fraction):
    """The very same fractions, and floats to 1e-12."""
    looked = MultiStageDesign.of(design)
    exact, same = design.operating_characteristics(p), looked.operating_characteristics(p)
    assert (exact.success, exact.early_stop, exact.expected_n) == (same.success, same.early_stop, same.expected_n)
    rounded, close = design.operating_characteristics(float(p)), looked.operating_characteristics(float(p))
    assert (rounded.success, rounded.early_stop, rounded.expected_n) == pytest.approx(
        (close.success, close.early_stop, close.expected_n), abs=1e-12
    )


@few
@given(multi_stage(), rates)
def test_all_ends_together_are_sure_and_the_expected_number_is_their_mean(design: MultiStageDesign, p: Fraction):
    """Exactly, for every design of looks and every rate."""
    seen = design.operating_characteristics(p)
    ends = [low + high for low, high in zip(seen.futility, seen.efficacy, strict=True)]
    assert sum(ends) + seen.inconclusive == 1
    mean = sum(n * end for n, end in zip(design.sizes, ends, strict=True)) + design.n * seen.inconclusive
    assert seen.expected_n == mean


@few
@given(multi_stage(), rates)
def test_the_quick_recursion_of_searches_agrees_with_the_exact_one(design: MultiStageDesign, p: Fraction):
    """Success and expected number to 1e-12."""
    exact = design.operating_characteristics(p)
    success, expected = sweep(design.looks, [float(p)])
    assert success[0] == pytest.approx(float(exact.success), abs=1e-12)
    assert expected[0] == pytest.approx(float(exact.expected_n), abs=1e-11)


@few
@given(multi_stage(), st.data())
def test_one_responder_more_never_makes_the_answer_of_a_look_worse(design: MultiStageDesign, data: st.DataObject):
    """Stop, go on or no answer, positive: in this order."""
    n = data.draw(st.sampled_from(design.sizes))
    answers = [RANK[design.decide(x, n)] for x in range(n + 1)]
    assert answers == sorted(answers)


@few
@given(st.integers(5, 95), st.integers(5, 35), st.floats(0.02, 0.3), st.floats(0.05, 0.3))
def test_single_stage_designs_hold_their_limits_and_are_least(p0: int, gain: int, alpha: float, beta: float):
    """No smaller size has a threshold that meets both; from the steady size on, every size has one."""
    if p0 + gain >= 98:
        return

    def is_enough(n: int) -> bool:
        designs = (SingleStageDesign(r, n, p0 / 100, (p0 + gain) / 100) for r in range(n))
        return any(each.alpha <= alpha and each.power >= 1 - beta for each in designs)

    try:
        found = single_stage(p0 / 100, (p0 + gain) / 100, alpha, beta, n_max=50)
    except StatisticsError:
        assert not any(is_enough(n) for n in (10, 25, 40, 50))
        return
    assert found.alpha <= alpha + 1e-12
    assert found.power >= 1 - beta - 1e-12
    assert not any(is_enough(n) for n in range(1, found.n))
    steady = single_stage(p0 / 100, (p0 + gain) / 100, alpha, beta, n_max=500, steady=True)
    assert steady.n >= found.n
    assert all(is_enough(n) for n in range(steady.n, steady.n + 12))
    assert steady.n == 1 or not is_enough(steady.n - 1)


@few
@given(st.floats(0.05, 0.8), st.floats(0.01, 0.2), looks(60))
def test_flemings_boundaries_close_at_the_end_and_nearly_hold_alpha(p0: float, alpha: float, sizes: tuple[int, ...]):
    """The last look always answers; the exact alpha of the last look alone is near the nominal one."""
    try:
        design = fleming(p0, (1 + p0) / 2, alpha, sizes)
    except StatisticsError:
        return
    low, high = design.stop_at_most[-1], design.stop_at_least[-1]
    assert high is not None
    assert (low, high) == (high - 1 if high else None, high)
    assert design.operating_characteristics(Fraction(1, 2)).inconclusive == 0
    assert design.alpha < 3 * alpha + 0.05


@few
@given(st.integers(2, 30), st.data(), st.floats(0.2, 4), st.floats(0.2, 4))
def test_predictive_probability_is_a_martingale_and_rises_with_responders(
    n_max: int, data: st.DataObject, a: float, b: float
):
    """Before each patient it is the mean of what it will be after him."""
    r = data.draw(st.integers(0, n_max - 1))
    tails = predictive_tails(Beta(a, b), n_max, r)
    for n, (now, after) in enumerate(itertools.pairwise(tails)):
        for x in range(n + 1):
            chance = Beta(a, b).updated(x, n).mean
            assert now[x] == pytest.approx((1 - chance) * after[x] + chance * after[x + 1], abs=1e-14)
        assert (now[1:] >= now[:-1] - 1e-15).all()


@few
@given(st.integers(1, 40), st.floats(0.2, 4), st.floats(0.2, 4), st.floats(0.05, 0.95))
def test_posterior_probabilities_agree_with_the_beta_distribution(n: int, a: float, b: float, p0: float):
    """Two ways to the incomplete beta function: 1e-11."""
    for x, above in enumerate(posterior_above(Beta(a, b), n, p0)):
        assert above == pytest.approx(Beta(a, b).updated(x, n).above(p0), abs=1e-11)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.5]), st.sampled_from([0.25, 0.3]), st.floats(0.03, 0.2), st.data())
def test_the_predictive_search_holds_its_limits_and_gives_its_own_boundaries(
    p0: float, gain: float, alpha: float, data: st.DataObject
):
    """The rounded cut-offs that it returns lead to the same design; the thrifty design expects no more patients."""
    first, every = data.draw(st.integers(4, 12)), data.draw(st.integers(1, 6))
    wanted = [PredictiveSearch(first, every), PredictiveSearch(first, every, prefer="expected_n")]
    found = [predictive_probability_search(p0, p0 + gain, alpha, 0.2, options=each) for each in wanted]
    for each, options in zip(found, wanted, strict=True):
        assert each.design.alpha <= alpha + 1e-11
        assert each.design.power >= 0.8 - 1e-11
        again = predictive_probability_design(p0, p0 + gain, options.looks(each.design.n), each.rule)
        assert again == each
    assert found[0].design.n == found[1].design.n
    assert found[0].design.power >= found[1].design.power - 1e-12
    assert found[0].design.expected_n(p0) >= found[1].design.expected_n(p0) - 1e-9


@few
@given(looks(25), st.floats(0, 0.3), st.floats(0, 0.4), st.floats(0.5, 0.99))
def test_a_larger_theta_l_stops_more(sizes: tuple[int, ...], less: float, more: float, theta_t: float):
    """alpha, power and the expected number all fall."""
    try:
        mild, strict = (
            predictive_probability_design(0.2, 0.4, sizes, PredictiveRule(theta, theta_t)).design
            for theta in (less, less + more)
        )
    except StatisticsError:
        return
    for p in (0.2, 0.4):
        before, after = mild.operating_characteristics(p), strict.operating_characteristics(p)
        assert after.success <= before.success + 1e-12
        assert after.expected_n <= before.expected_n + 1e-9


@few
@given(st.floats(0.5, 30), st.floats(0.5, 30), st.floats(0.5, 60), st.floats(0.5, 60), st.floats(0, 0.5))
def test_the_chance_to_be_better_has_its_complement_and_falls_with_the_improvement(
    a: float, b: float, c: float, d: float, delta: float
):
    """P(E > S) + P(S > E) = 1; asking for more is less likely; P(E > S + d) = P(1 - S > 1 - E + d)."""
    left, right = Beta(a, b), Beta(c, d)
    assert probability_better(left, right) + probability_better(right, left) == pytest.approx(1, abs=1e-9)
    better = probability_better(left, right, delta)
    assert better <= probability_better(left, right) + 1e-9
    assert better == pytest.approx(probability_better(Beta(d, c), Beta(b, a), delta), abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.floats(2, 40), st.floats(5, 60), st.floats(0.01, 0.2), st.floats(0.8, 0.99), looks(40))
def test_bounds_of_thall_and_simon_never_cross(a: float, b: float, lower: float, upper: float, sizes: tuple[int, ...]):
    """At each look the lower bound is below the upper one; between looks neither falls."""
    design = thall_simon(ThallSimonRule(Beta(a, b), 0.1, lower, upper), sizes)
    for look in design.looks:
        assert -1 <= look.at_most < look.at_least <= look.size + 1
    for before, after in itertools.pairwise(design.looks):
        assert after.at_most >= before.at_most


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 0.6), st.floats(0.1, 0.35), st.floats(0.03, 0.3), looks(40))
def test_bop2_holds_alpha_and_never_loses_to_a_constant_cut_off(
    p0: float, gain: float, alpha: float, sizes: tuple[int, ...]
):
    """gamma = 0 is one of the values considered."""
    try:
        flat = bop2(p0, p0 + gain, alpha, sizes, gammas=[0.0])
    except StatisticsError:
        return
    best = bop2(p0, p0 + gain, alpha, sizes, gammas=[0.0, 0.25, 0.5, 1.0])
    assert best.design.alpha <= alpha + 1e-11
    assert best.design.power >= flat.design.power - 1e-11


@few
@given(multi_stage(20), st.floats(0, 1), st.floats(0, 1))
def test_without_a_toxicity_limit_both_endpoints_are_one(design: MultiStageDesign, p: float, toxicity: float):
    """If every count of toxicity is tolerated, efficacy and toxicity give the design of efficacy alone."""
    low = tuple(look.at_most for look in design.looks)
    alone = MultiStageDesign(design.sizes, low, (*(None for _ in low[:-1]), low[-1] + 1), 0.2, 0.4)
    null, good = JointRates(0.2, 0.3), JointRates(0.4, 0.2)
    both = EfficacyToxicityDesign(design.sizes, low, design.sizes, null, good)
    seen, one = both.operating_characteristics(JointRates(p, toxicity)), alone.operating_characteristics(p)
    assert (seen.success, seen.early_stop) == pytest.approx((one.success, one.early_stop), abs=1e-12)
    assert seen.expected_n == pytest.approx(one.expected_n, abs=1e-10)


@few
@given(st.floats(0.05, 0.6), st.floats(0.01, 0.3), looks(40), st.floats(0, 0.5))
def test_toxicity_boundaries_hold_their_limit_and_tolerate_no_less_later(
    p0: float, alpha: float, sizes: tuple[int, ...], shape: float
):
    """Crossing at p0 within alpha, rising with the rate; Pocock's tolerated counts never fall."""
    try:
        boundary = toxicity_boundary(p0, alpha, sizes, shape)
    except StatisticsError:
        return
    stops = [boundary.operating_characteristics(p).stop for p in (p0 / 2, p0, (1 + p0) / 2)]
    assert stops == sorted(stops)
    assert stops[1] <= alpha + 1e-11
    flat = toxicity_boundary(p0, alpha, sizes)
    assert list(flat.tolerated) == sorted(flat.tolerated)


@few
@given(st.floats(0.05, 0.6), st.floats(0.5, 0.99), looks(40), st.floats(0.5, 4))
def test_a_larger_cut_off_tolerates_more(p0: float, cutoff: float, sizes: tuple[int, ...], weight: float):
    """Bayesian boundaries move one way only."""
    prior = Beta(weight * p0, weight * (1 - p0))
    try:
        early, late = (bayesian_toxicity_boundary(p0, sizes, prior, cutoff=each) for each in (cutoff, (1 + cutoff) / 2))
    except StatisticsError:
        return
    assert all(less <= more for less, more in zip(early.tolerated, late.tolerated, strict=True))
    assert late.operating_characteristics(p0).stop <= early.operating_characteristics(p0).stop + 1e-12
