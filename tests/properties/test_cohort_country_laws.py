"""Laws of pooling over countries: order and splitting do not matter, sets of counts hold the truth, bounds hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.cohort import EIGHT_PLUS_SIXTEEN, Verdict
from kohort.cohort.countries.between import BetaBinomial
from kohort.cohort.countries.counts import CohortCount, exact_interval, verdict_now
from kohort.cohort.countries.external_controls import (
    ExternalControl,
    compare_with_control,
    power_prior,
    prior_data_conflict,
    updated,
)
from kohort.cohort.countries.heterogeneity import heterogeneity
from kohort.cohort.countries.merged_looks import merged_course, merged_look
from kohort.cohort.countries.one_sample_log_rank import one_sample_log_rank
from kohort.cohort.countries.pfs_ratio import pfs_ratio
from kohort.cohort.countries.pooling import pool_counts
from kohort.cohort.countries.reference_survival import ReferenceSurvival
from kohort.cohort.countries.small_counts import WithheldCount, pool_with_withheld, withheld

PLAN = EIGHT_PLUS_SIXTEEN

Pair = tuple[int, int]


def pairs(most: int = 9, *, at_least: int = 1, up_to: int = 5) -> st.SearchStrategy[list[Pair]]:
    """Responders and patients of a few trials."""
    one = st.integers(0, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.lists(one, min_size=at_least, max_size=up_to)


def counts(given_pairs: list[Pair]) -> list[CohortCount]:
    return [CohortCount(f"t{k}", f"c{k}", "a", x, n, PLAN) for k, (x, n) in enumerate(given_pairs)]


@settings(max_examples=60, deadline=None)
@given(pairs(), st.randoms())
def test_the_order_of_countries_does_not_matter(given_pairs: list[Pair], shuffle: object):
    """Pooled counts, verdict and all p values are the same in any order."""
    other = list(given_pairs)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    one, two = (pool_counts(counts(each))["a"] for each in (given_pairs, other))
    assert (one.responders, one.evaluable, one.verdict) == (two.responders, two.evaluable, two.verdict)
    if one.heterogeneity is not None and two.heterogeneity is not None:
        assert one.heterogeneity.q == pytest.approx(two.heterogeneity.q, abs=1e-12)
        assert one.heterogeneity.fisher.p == pytest.approx(two.heterogeneity.fisher.p, abs=1e-9)
        assert one.heterogeneity.exact.p == pytest.approx(two.heterogeneity.exact.p, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(pairs(at_least=2))
def test_differences_are_symmetric_in_response_and_no_response(given_pairs: list[Pair]):
    """Counting those who did not respond gives the same Q, p values and I2."""
    x, n = zip(*given_pairs, strict=True)
    one, two = heterogeneity(x, n), heterogeneity([b - a for a, b in given_pairs], n)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one.q == pytest.approx(two.q, abs=1e-9)
        assert one.exact.p == pytest.approx(two.exact.p, abs=1e-9)
        assert one.i2 <= one.i2_interval[1] + 1e-12
        assert 0 <= one.i2_interval[0] <= one.i2_interval[1] <= 1


@settings(max_examples=25, deadline=None)
@given(pairs(up_to=4), st.integers(0, 3))
def test_one_more_responder_raises_the_overall_rate(given_pairs: list[Pair], place: int):
    """Beta-binomial between trials: the overall rate, that of a new trial and that of the trial itself rise."""
    x, n = [list(each) for each in zip(*given_pairs, strict=True)]
    place %= len(n)
    n[place] += 1
    before = BetaBinomial().fit(x, n)
    x[place] += 1
    after = BetaBinomial().fit(x, n)
    assert after.overall.mean > before.overall.mean
    assert after.new_trial.mean > before.new_trial.mean
    assert after.trials[place].mean > before.trials[place].mean


@settings(max_examples=60, deadline=None)
@given(pairs(7, up_to=3), st.integers(2, 6), st.booleans())
def test_what_countries_withhold_never_excludes_the_truth(given_pairs: list[Pair], k: int, tells: bool):
    """The true pooled counts and their reading are among the possible ones, and the interval holds the exact one."""
    own = counts(given_pairs)
    sent = [withheld(each, PLAN, k, tells_evaluable=tells) for each in own]
    hidden = [each for each in sent if isinstance(each, WithheldCount)]
    known = [each for each in sent if isinstance(each, CohortCount)]
    if not hidden:
        return
    pooled = pool_with_withheld(known, hidden, PLAN)
    x, n = sum(each.responders for each in own), sum(each.evaluable for each in own)
    assert (x, n) in pooled.possible
    assert verdict_now(x, n, PLAN) in pooled.verdicts
    true = exact_interval(x, n)
    found = pooled.interval()
    assert found.lower <= true.lower
    assert true.upper <= found.upper


@settings(max_examples=60, deadline=None)
@given(pairs(5, up_to=4).filter(lambda each: sum(n for _, n in each) < PLAN.n))
def test_the_first_patients_decide_as_a_random_order_would(given_pairs: list[Pair]):
    """The chance to go on by order equals drawing the first n1 of m patients."""
    look = merged_look(counts(given_pairs))
    m, x = (sum(each[place] for each in given_pairs) for place in (1, 0))
    if look.go_by_order is None:
        assert m < PLAN.n1
        assert x <= PLAN.r1
        return
    if m > PLAN.n1:
        draws = np.random.default_rng(0).hypergeometric(x, m - x, PLAN.n1, 4000)
        assert look.go_by_order == pytest.approx(float((draws > PLAN.r1).mean()), abs=0.05)
    low, high = look.among_first
    assert low <= high
    assert look.is_order_free == (m <= PLAN.n1 or (low > PLAN.r1) == (high > PLAN.r1))
    assert look.decision.verdict in (Verdict.GO_ON, Verdict.STOP)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=6).filter(
        lambda reports: PLAN.n1 <= sum(map(sum, reports)) <= 50
    ),
    st.floats(0.02, 0.6),
)
def test_merged_looks_hold_the_promised_alpha_with_the_strict_threshold(reports: list[list[int]], p: float):
    """Whatever the reports, the strict threshold keeps alpha; a late look passes at least as often."""
    course = merged_course(reports)
    assert course.chances(PLAN.p0).positive_strict <= PLAN.alpha + 1e-12
    chances = course.chances(p)
    assert chances.passes >= chances.passes_by_order - 1e-12
    assert chances.passes_only_merged <= chances.passes + 1e-12
    none_alone = 1.0
    for each in chances.alone:
        none_alone *= 1 - each
    assert chances.passes_only_merged <= none_alone + 1e-12
    assert chances.passes - chances.passes_only_merged == pytest.approx(1 - none_alone, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.data(), st.integers(0, 40), st.floats(0, 1))
def test_better_than_the_control_or_worse_or_neither(n: int, data: st.DataObject, m: int, delta: float):
    """P(T > C) and P(C > T) sum to 1, one more responder raises the first, conflict is a probability."""
    x, y = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, m))
    control = power_prior([ExternalControl(y, m)], delta)
    found = compare_with_control(x, n, control)
    turned = type(found)(cohort=control, control=found.cohort, margin=0.0, conflict=1.0)
    assert found.prob_better + turned.prob_better == pytest.approx(1, abs=1e-8)
    assert compare_with_control(x + 1, n, control).prob_better >= found.prob_better
    assert 0 < prior_data_conflict(control, x, n) <= 1
    assert updated(updated(control, x, n), 1, 3).mean == pytest.approx(updated(control, x + 1, n + 3).mean)


times = st.floats(0.25, 40, allow_nan=False)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(times, times, st.booleans(), st.booleans(), times), min_size=1, max_size=15),
    st.floats(0.4, 3),
)
def test_censoring_never_contradicts_what_would_have_been_seen(
    patients: list[tuple[float, float, bool, bool, float]], threshold: float
):
    """Cutting follow-up short makes answers unknown, never others; the full share stays within the bounds."""
    first, second, event1, event2, cut = (np.array(column) for column in zip(*patients, strict=True))
    full = pfs_ratio(first, second, event2, threshold, event1)
    short = pfs_ratio(first, np.minimum(second, cut), event2 & (second <= cut), threshold, event1)
    assert full.yes + full.no + full.unknown == len(patients)
    assert short.yes <= full.yes
    assert short.no <= full.no
    assert short.bounds[0] <= full.bounds[0]
    assert full.bounds[1] <= short.bounds[1]
    assert short.interval.lower <= full.interval.lower
    assert full.interval.upper <= short.interval.upper


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(times, st.booleans()), min_size=1, max_size=20), st.floats(0.5, 3), st.floats(1, 30))
def test_observed_and_expected_scale_with_the_unit_of_time(
    patients: list[tuple[float, bool]], factor: float, median: float
):
    """Days or months, the same expected events; a reference with half the hazard expects half as many."""
    time, event = (np.array(column) for column in zip(*patients, strict=True))
    one = one_sample_log_rank(time, event, ReferenceSurvival.exponential(median=median))
    other = one_sample_log_rank(time * factor, event, ReferenceSurvival.exponential(median=median * factor))
    assert one.expected == pytest.approx(other.expected)
    slower = one_sample_log_rank(time, event, ReferenceSurvival.exponential(median=2 * median))
    assert slower.expected == pytest.approx(one.expected / 2)
    assert one.smr_interval[0] <= one.smr <= one.smr_interval[1]
