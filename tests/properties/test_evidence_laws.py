"""Laws of sums: any split into sites, in any order, gives the result of the pooled rows to the last bit."""

from __future__ import annotations

import warnings
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from kohort.errors import StatisticsError
from kohort.evidence import (
    NoEventsWarning,
    chi_square_tail,
    coarsen,
    count_by,
    estimate,
    kaplan_meier,
    log_rank,
    survival_sums,
)
from kohort.evidence.survival_sums import KaplanMeierSums

day = st.one_of(st.integers(0, 12), st.integers(0, 3000), st.floats(0, 50, allow_nan=False))
person = st.tuples(day, st.booleans(), st.sampled_from(["a", "b", None]), st.integers(0, 3), st.floats(0, 1))
people = st.lists(person, min_size=1, max_size=40)


def sums_of(rows) -> KaplanMeierSums:
    """Sums of some people; the last number is the share of a person's time that passed before entry."""
    time = [float(row[0]) for row in rows]
    entry = [t * row[4] / 2 if t > 1 and row[3] == 0 else 0.0 for t, row in zip(time, rows, strict=True)]
    return survival_sums(time, [row[1] for row in rows], [row[2] for row in rows], entry)


@given(people, st.randoms(use_true_random=False))
def test_any_split_over_sites_in_any_order_gives_the_pooled_sums(rows, random) -> None:
    """Federated equals pooled exactly, whichever row lies where and whichever site answers first."""
    whole = sums_of(rows)
    sites: list[list] = [[] for _ in range(4)]
    for row in rows:
        sites[row[3]].append(row)
    parts = [sums_of(site) for site in sites]
    random.shuffle(parts)
    assert reduce(add, parts) == whole
    assert (parts[0] + parts[1]) + (parts[2] + parts[3]) == parts[3] + (parts[2] + (parts[1] + parts[0]))
    federated, pooled = estimate(reduce(add, parts)), estimate(whole)
    for ours, theirs in zip(federated.curves, pooled.curves, strict=True):
        np.testing.assert_array_equal(ours.survival, theirs.survival)
        np.testing.assert_array_equal(ours.lower, theirs.lower)


@given(people)
def test_survival_falls_from_one_and_stays_within_its_band(rows) -> None:
    """1 >= S, never rising, at least 0; lower <= S <= upper; at risk covers those who leave."""
    for curve in estimate(sums_of(rows)).curves:
        steps = np.concatenate(([1.0], curve.survival))
        assert (np.diff(steps) <= 0).all()
        assert steps[-1] >= 0
        assert (curve.lower <= curve.survival + 1e-15).all()
        assert (curve.survival <= curve.upper + 1e-15).all()
        assert (curve.at_risk >= curve.events + curve.censored).all()


@given(people, st.sampled_from([2.0, 0.5, 1024.0]))
def test_another_unit_of_time_moves_times_and_nothing_else(rows, factor) -> None:
    """Survival, bands and log-rank do not know days from half days."""
    time, event, group = ([row[i] for row in rows] for i in range(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoEventsWarning)
        one = kaplan_meier(survival_sums([float(t) for t in time], event, group))
        other = kaplan_meier(survival_sums([t * factor for t in time], event, group))
    for ours, theirs in zip(one.curves, other.curves, strict=True):
        np.testing.assert_array_equal(ours.times * factor, theirs.times)
        np.testing.assert_array_equal(ours.survival, theirs.survival)
    try:
        expected = log_rank(one.sums)
    except StatisticsError:
        return
    assert log_rank(other.sums) == expected


@given(people, st.lists(st.integers(1, 4000), min_size=1, max_size=8, unique=True))
def test_a_coarser_grid_keeps_people_and_commutes_with_adding(rows, grid) -> None:
    """Coarsening at each site and adding is adding and coarsening; without late entry nobody is lost."""
    grid = sorted(grid)
    half = len(rows) // 2
    apart = coarsen(sums_of(rows[:half]), grid) + coarsen(sums_of(rows[half:]), grid)
    assert apart == coarsen(sums_of(rows), grid)
    time, event = [float(row[0]) for row in rows], [row[1] for row in rows]
    exact = survival_sums(time, event)
    assert coarsen(exact, grid).n == exact.n
    assert coarsen(coarsen(exact, grid), grid) == coarsen(exact, grid)
    assert survival_sums(time, event, grid_days=grid) == coarsen(exact, grid)


@given(people)
def test_coarse_survival_agrees_at_the_last_time_where_nobody_is_censored(rows) -> None:
    """Without censoring survival at the end of a step is the share that is left, on any grid."""
    time = [float(row[0]) for row in rows]
    exact = survival_sums(time, [True] * len(rows))
    top = float(np.ceil(max(time))) + 1
    coarse = estimate(coarsen(exact, [top / 2, top])).curve
    np.testing.assert_allclose(coarse.survival, estimate(exact).curve.survival_at(coarse.times), rtol=0, atol=1e-12)


@given(people)
def test_adding_a_censored_person_at_the_end_never_lowers_survival(rows) -> None:
    """One more who is still alive after everybody else."""
    time, event = [float(row[0]) for row in rows], [row[1] for row in rows]
    before = estimate(survival_sums(time, event)).curve
    after = estimate(survival_sums([*time, max(time) + 1], [*event, False])).curve
    assert (after.survival_at(before.times) >= before.survival - 1e-15).all()


@given(people)
def test_the_restricted_mean_grows_with_its_horizon_and_never_exceeds_it(rows) -> None:
    """An area under a curve that is at most 1."""
    curve = estimate(survival_sums([float(row[0]) + 1 for row in rows], [row[1] for row in rows])).curve
    means = [curve.restricted_mean(float(t)).mean for t in curve.times]
    assert all(mean <= t + 1e-9 for mean, t in zip(means, curve.times, strict=True))
    assert all(a <= b + 1e-12 for a, b in pairwise(means))


@given(people)
def test_log_rank_does_not_know_the_names_of_the_groups(rows) -> None:
    """Exchanging labels keeps statistic and p value."""
    time, event = [float(row[0]) for row in rows], [row[1] for row in rows]
    group = ["x" if row[2] == "a" else "y" for row in rows]
    try:
        test = log_rank(survival_sums(time, event, group))
    except StatisticsError:
        assume(False)
        return
    swapped = log_rank(survival_sums(time, event, ["y" if g == "x" else "x" for g in group]))
    np.testing.assert_allclose(swapped.statistic, test.statistic, rtol=1e-9, atol=1e-12)
    assert 0 <= test.p_value <= 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", None])), max_size=30), st.integers(0, 30))
def test_counts_of_any_split_add_to_the_counts_of_all(rows, cut) -> None:
    """Also where a site has nobody."""
    frame = pl.DataFrame(rows, schema={"g": pl.String, "h": pl.String}, orient="row")
    cut = min(cut, len(rows))
    parts = count_by(frame[cut:], ["g", "h"]) + count_by(frame[:cut], ["g", "h"])
    assert parts == count_by(frame, ["g", "h"])
    assert parts.n == len(rows)


@settings(max_examples=300)
@given(st.floats(0, 700), st.integers(1, 60))
def test_the_chi_square_tail_is_scipys(statistic, degrees) -> None:
    """To twelve digits, far into the tail."""
    np.testing.assert_allclose(
        chi_square_tail(statistic, degrees), stats.chi2.sf(statistic, degrees), rtol=1e-11, atol=1e-300
    )
