"""Kaplan-Meier by hand: what the curve, its band, its median and its numbers at risk are."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from kohort.errors import StatisticsError, UnknownNameError
from kohort.evidence import (
    GroupSums,
    KaplanMeierSums,
    NoEventsWarning,
    coarsen,
    kaplan_meier,
    survival_sums,
)

#            day     5  8  8  12  20  20+ 30+
TIMES = [5, 8, 8, 12, 20, 20, 30]
EVENTS = [1, 1, 1, 0, 1, 0, 0]


def curve(time, event, **options):
    return kaplan_meier(survival_sums(time, event, entry=options.pop("entry", None)), **options).curve


def test_survival_falls_by_the_share_of_those_at_risk_who_have_the_event() -> None:
    """S = 6/7, then 6/7 * 4/6 with two events at one time, then * 2/3 after a censoring."""
    km = curve(TIMES, EVENTS)
    assert km.times.tolist() == [5, 8, 12, 20, 30]
    assert km.at_risk.tolist() == [7, 6, 4, 3, 1]
    assert km.events.tolist() == [1, 2, 0, 1, 0]
    assert km.censored.tolist() == [0, 0, 1, 1, 1]
    np.testing.assert_allclose(km.survival, [6 / 7, 4 / 7, 4 / 7, 8 / 21, 8 / 21], rtol=1e-15)


def test_the_variance_is_greenwoods() -> None:
    """S^2 times the sum of d / (n (n - d))."""
    km = curve(TIMES, EVENTS)
    total = 1 / 42 + 2 / 24 + 1 / 6
    assert km.variance[-1] == pytest.approx((8 / 21) ** 2 * total, rel=1e-14)


def test_someone_censored_on_the_day_of_an_event_was_at_risk_for_it() -> None:
    """Events come before censorings of the same time."""
    assert curve([10, 10], [1, 0]).survival.tolist() == [0.5]


def test_an_event_on_day_zero_counts() -> None:
    """Everybody is at risk on day 0."""
    assert curve([0, 5], [1, 1]).survival.tolist() == [0.5, 0.0]


def test_the_band_is_log_log_unless_another_is_asked_for() -> None:
    """S^exp(+-z se / log S); S exp(+-z se) for log; S +- z se for plain; all within 0 and 1."""
    s, se, z = 6 / 7, math.sqrt(1 / 42), 1.959963984540054
    km = curve(TIMES, EVENTS)
    assert km.lower[0] == pytest.approx(s ** math.exp(z * se / -math.log(s)), rel=1e-13)
    assert km.upper[0] == pytest.approx(s ** math.exp(-z * se / -math.log(s)), rel=1e-13)
    log = curve(TIMES, EVENTS, band="log")
    assert (log.lower[0], log.upper[0]) == (pytest.approx(s * math.exp(-z * se), rel=1e-13), 1.0)
    plain = curve(TIMES, EVENTS, band="plain")
    assert (plain.lower[0], plain.upper[0]) == (pytest.approx(s - z * s * se, rel=1e-13), 1.0)
    with pytest.raises(UnknownNameError, match="log-log"):
        curve(TIMES, EVENTS, band="loglog")


def test_where_nobody_is_left_the_variance_is_not_a_number() -> None:
    """The band collapses on 0, and the variance says that its width means nothing."""
    km = curve([1, 2], [1, 1])
    assert (km.lower[-1], km.upper[-1]) == (0.0, 0.0)
    assert math.isnan(km.variance[-1])


def test_the_median_is_the_first_time_at_which_survival_is_at_most_one_half() -> None:
    """Exactly one half counts, whatever the rounding of the product."""
    assert curve(TIMES, EVENTS).median == 20
    assert curve([1, 2, 3, 4], [1, 1, 0, 0]).median == 2
    assert curve([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0]).median == 3


def test_a_median_that_is_not_reached_is_none() -> None:
    """It is not the last time, and not infinity."""
    assert curve([1, 2, 3], [1, 0, 0]).median is None
    assert "not reached" in curve([1, 2, 3], [1, 0, 0]).sentence


def test_the_death_of_the_last_at_risk_gives_the_median_no_upper_limit() -> None:
    """A band that collapses on 0 knows nothing."""
    assert curve([1, 2], [1, 1]).median_interval == (1.0, None)


def test_numbers_at_risk_are_of_those_who_leave_then_or_later() -> None:
    """At 0 everybody; at a time of leaving those who leave are still at risk."""
    assert curve(TIMES, EVENTS).at_risk_at([0, 5, 6, 20, 30, 31]).tolist() == [7, 7, 6, 3, 1, 0]


def test_survival_after_the_last_follow_up_is_not_known() -> None:
    """It is 1 before the first event, NaN after follow-up, and 0 for ever once it is 0."""
    asked = curve(TIMES, EVENTS).survival_at([0, 5, 29, 31])
    np.testing.assert_allclose(asked, [1, 6 / 7, 8 / 21, np.nan])
    assert curve([1, 2], [1, 1]).survival_at([9]).tolist() == [0.0]


def test_the_restricted_mean_is_the_area_under_the_curve() -> None:
    """1 until 5, 6/7 until 8, 4/7 until 20."""
    mean = curve(TIMES, EVENTS).restricted_mean(20)
    assert mean.mean == pytest.approx(5 + 3 * 6 / 7 + 12 * 4 / 7, rel=1e-14)
    area5, area8 = 3 * 6 / 7 + 12 * 4 / 7, 12 * 4 / 7
    assert mean.standard_error == pytest.approx(math.sqrt(area5**2 / 42 + area8**2 * 2 / 24), rel=1e-14)


@pytest.mark.parametrize("horizon", [0, -1, 31, math.nan])
def test_a_restricted_mean_beyond_the_follow_up_is_refused(horizon) -> None:
    """Nothing is said about times at which nobody was observed."""
    with pytest.raises(StatisticsError, match="follow-up"):
        curve(TIMES, EVENTS).restricted_mean(horizon)


def test_a_restricted_mean_may_go_on_where_nobody_is_left() -> None:
    """Once survival is 0 no area is added."""
    assert curve([2, 4], [1, 1]).restricted_mean(100).mean == 3.0


def test_those_who_enter_late_are_at_risk_only_after_their_entry() -> None:
    """At day 5 two of three are under observation."""
    km = curve([5, 10, 12], [1, 1, 0], entry=[0, 0, 6])
    assert km.at_risk.tolist() == [2, 1, 2, 1]
    assert km.times.tolist() == [5, 6, 10, 12]
    np.testing.assert_allclose(km.survival, [0.5, 0.5, 0.25, 0.25])
    assert km.at_risk_at([6, 7]).tolist() == [1, 2]


def test_entering_at_zero_is_entering_at_the_start() -> None:
    """Truncation at 0 equals none."""
    assert survival_sums(TIMES, EVENTS, entry=[0] * 7) == survival_sums(TIMES, EVENTS)


def test_groups_have_curves_of_their_own_and_an_unknown_group_is_one() -> None:
    """Labels are sorted; null is `unknown`."""
    km = kaplan_meier(survival_sums([1, 2, 3], [1, 1, 1], group=["b", None, "a"]))
    assert [c.label for c in km.curves] == ["a", "b", "unknown"]
    assert km["b"].n == 1
    with pytest.raises(UnknownNameError):
        km["c"]
    with pytest.raises(StatisticsError, match="several"):
        _ = km.curve


def test_sums_of_two_sites_give_the_curve_of_all_their_patients() -> None:
    """Times need no shared grid: the sums hold the exact ones."""
    both = survival_sums(TIMES[:3], EVENTS[:3]) + survival_sums(TIMES[3:], EVENTS[3:])
    assert both == survival_sums(TIMES, EVENTS)
    assert hash(both) == hash(survival_sums(TIMES, EVENTS))


def test_frames_are_taken_as_they_are_one_or_one_a_site() -> None:
    """Polars or pandas, columns by name."""
    frame = pl.DataFrame({"days": TIMES, "died": EVENTS, "arm": list("aabbaab")})
    pooled = kaplan_meier(frame, "days", "died", by="arm")
    sites = kaplan_meier([frame[:4], frame[4:].to_pandas()], "days", "died", by="arm")
    assert pooled.sums == sites.sums
    with pytest.raises(UnknownNameError, match="days"):
        kaplan_meier(frame, "day", "died")
    with pytest.raises(StatisticsError, match="time= and event="):
        kaplan_meier(frame)


def test_a_site_without_patients_adds_nothing() -> None:
    """Its sums are empty, with and without groups."""
    sums = survival_sums(TIMES, EVENTS, group=["a"] * 7)
    assert sums + survival_sums([], [], group=[]) == sums
    assert survival_sums([], []).n == 0


def test_nobody_at_all_is_refused() -> None:
    """There is no curve of nobody."""
    with pytest.raises(StatisticsError, match="nobody"):
        kaplan_meier(survival_sums([], []))


def test_a_curve_without_events_is_given_with_a_warning() -> None:
    """Survival is 1 throughout, which is an answer but not much of one."""
    with pytest.warns(NoEventsWarning):
        km = kaplan_meier(survival_sums([3, 4], [0, 0]))
    assert km.curve.survival.tolist() == [1.0, 1.0]
    assert (km.curve.lower.tolist(), km.curve.median) == ([1.0, 1.0], None)


def test_one_patient_is_a_curve() -> None:
    """She is alive until she is not."""
    km = curve([7], [1])
    assert (km.survival.tolist(), km.median) == ([0.0], 7.0)
    assert km.sentence == "all: 1 person, 1 event; median 7 (95% interval 7 to not reached)."


def test_the_frame_has_one_row_a_time() -> None:
    """Group, time, at_risk, events, censored, survival, variance, lower, upper."""
    frame = kaplan_meier(survival_sums(TIMES, EVENTS)).to_frame()
    assert frame.columns == [
        *("group", "time", "at_risk", "events", "censored", "survival", "variance", "lower", "upper")
    ]
    assert frame.height == 5


@pytest.mark.parametrize(
    ("time", "event", "words"),
    [
        ([1, None], [1, 0], "1 of 2 values of time are missing"),
        ([1, math.nan], [1, 0], "missing"),
        ([1, -2], [1, 0], "negative"),
        ([1, math.inf], [1, 0], "infinite"),
        (["1", "2"], [1, 0], "not numbers"),
        ([1, 2], [1, None], "1 of 2 values of event are missing"),
        ([1, 2], [1, 2], "true or false"),
        ([1, 2], ["yes", "no"], "true or false"),
        ([1, 2, 3], [1, 0], "differ in length"),
        (5, [1], "not a column"),
        ("12", [1, 0], "not a column"),
        ([1, object()], [1, 0], "time"),
    ],
)
def test_bad_input_is_named(time, event, words) -> None:
    """The message says which column, how many values and why, never which patient."""
    with pytest.raises(StatisticsError, match=words):
        survival_sums(time, event)


def test_leaving_before_entering_is_refused() -> None:
    """Such a person was never observed."""
    with pytest.raises(StatisticsError, match="1 of 2 people leave"):
        survival_sums([5, 5], [1, 1], entry=[0, 5])


def test_groups_in_decimals_are_refused() -> None:
    """A curve for each age would be a curve for each patient."""
    with pytest.raises(StatisticsError, match="bands"):
        survival_sums([1, 2], [1, 1], group=[0.5, 1.5])


def test_groups_that_mix_kinds_of_values_are_refused() -> None:
    """Lists and objects are no labels."""
    with pytest.raises(StatisticsError, match="mixes kinds"):
        survival_sums([1, 2], [1, 1], group=[1, [2]])


def test_only_sums_are_added_to_sums() -> None:
    """Anything else is a programmer's mistake, not a patient's."""
    with pytest.raises(TypeError):
        _ = survival_sums([1], [1]) + 1  # type: ignore[operator]


def test_all_curves_have_a_sentence() -> None:
    """One after the other."""
    both = kaplan_meier(survival_sums([1, 2], [1, 1], group=["b", "a"])).sentence
    assert both.index("a: 1 person") < both.index("b: 1 person")


def test_a_confidence_is_between_zero_and_one() -> None:
    """95 is not 0.95."""
    with pytest.raises(StatisticsError, match="between 0 and 1"):
        kaplan_meier(survival_sums(TIMES, EVENTS), confidence=95)


def test_on_a_public_grid_what_happened_in_a_step_is_told_at_its_end() -> None:
    """(0, 10], (10, 20], (20, 30]."""
    km = kaplan_meier(survival_sums(TIMES, EVENTS, grid_days=[10, 20, 30])).curve
    assert km.times.tolist() == [10, 20, 30]
    assert km.events.tolist() == [3, 1, 0]
    assert km.at_risk.tolist() == [7, 4, 1]


def test_follow_up_ends_with_the_grid() -> None:
    """Who leaves later is censored at its last time."""
    km = kaplan_meier(coarsen(survival_sums(TIMES, EVENTS), [10])).curve
    assert (km.events.tolist(), km.censored.tolist()) == ([3], [4])


def test_late_entries_move_back_to_the_step_they_fall_in() -> None:
    """So nobody enters and leaves at one time; who enters at the grid's end is not counted."""
    sums = survival_sums([5, 19, 29, 50], [1, 1, 1, 1], entry=[0, 12, 0, 30])
    km = kaplan_meier(coarsen(sums, [10, 20, 30])).curve
    assert km.at_risk.tolist() == [2, 2, 1]
    assert km.events.tolist() == [1, 1, 1]
    at_zero = coarsen(survival_sums([5, 19], [1, 1], entry=[2, 0]), [0, 10, 20])["all"]
    assert at_zero.n_start == 2


@pytest.mark.parametrize("grid", [[], [10, 10], [20, 10], [-10, 10]])
def test_a_grid_must_rise(grid) -> None:
    """Double, falling and negative times are refused."""
    with pytest.raises(StatisticsError):
        coarsen(survival_sums(TIMES, EVENTS), grid)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("times", "events", "censored", "entries"),
    [
        ([1, 2], [1], [0], [0]),
        ([2, 1], [1, 1], [0, 0], [0, 0]),
        ([-1], [1], [0], [0]),
        ([np.nan], [1], [0], [0]),
        ([1], [-1], [2], [0]),
        ([1], [1], [0], [1]),
        ([1], [1], [0], [5]),
    ],
)
def test_sums_that_no_patients_can_give_are_not_made(times, events, censored, entries) -> None:
    """What arrives from a site is checked when it arrives."""
    with pytest.raises(StatisticsError):
        GroupSums(np.array(times, float), ints(*events), ints(*censored), ints(*entries))


def test_sums_by_group_and_sums_without_are_not_added() -> None:
    """They answer different questions."""
    with pytest.raises(StatisticsError, match="same question"):
        _ = survival_sums([1], [1]) + survival_sums([1], [1], group=["a"])
    group = survival_sums([1], [1])["all"]
    with pytest.raises(StatisticsError, match="sorted"):
        KaplanMeierSums((("b", group), ("a", group)))


def test_sums_cannot_be_changed() -> None:
    """The arrays inside are read-only."""
    with pytest.raises(ValueError, match="read-only"):
        survival_sums(TIMES, EVENTS)["all"].events[0] = 9
