"""The log-rank test."""

from __future__ import annotations

import pytest

from kohort.errors import StatisticsError
from kohort.evidence import chi_square_tail, log_rank, survival_sums

TIME = [1, 2, 3, 4, 5, 6]
EVENT = [1, 1, 1, 1, 0, 1]
GROUP = ["a", "a", "b", "a", "b", "b"]


def test_observed_and_expected_events_add_to_the_same_number() -> None:
    """Expected events are those of the pooled rate."""
    test = log_rank(survival_sums(TIME, EVENT, GROUP))
    assert test.observed == (3, 2)
    assert sum(test.expected) == pytest.approx(5)
    assert (test.degrees, test.n) == (1, (3, 3))


def test_groups_that_do_not_differ_have_a_statistic_of_zero() -> None:
    """The same times in both groups."""
    test = log_rank(survival_sums([1, 2, 1, 2], [1, 1, 1, 1], ["a", "a", "b", "b"]))
    assert test.statistic == pytest.approx(0, abs=1e-12)
    assert test.p_value == pytest.approx(1)


def test_sites_may_be_given_as_a_list() -> None:
    """One sums a site."""
    sites = [survival_sums(TIME[i::2], EVENT[i::2], GROUP[i::2]) for i in (0, 1)]
    assert log_rank(sites) == log_rank(survival_sums(TIME, EVENT, GROUP))


def test_the_sentence_has_the_numbers_behind_the_p_value() -> None:
    """Never a bare p."""
    sentence = log_rank(survival_sums(TIME, EVENT, GROUP)).sentence
    assert sentence.startswith("Events: a 3 of 3 (")
    assert "1 df, p = " in sentence
    strong = survival_sums([*range(1, 41), *range(101, 141)], [1] * 80, ["a"] * 40 + ["b"] * 40)
    assert "p < 0.0001" in log_rank(strong).sentence
    assert log_rank(strong).to_frame()["n"].to_list() == [40, 40]


def test_one_group_cannot_be_compared() -> None:
    """At least two."""
    with pytest.raises(StatisticsError, match="two groups"):
        log_rank(survival_sums(TIME, EVENT))


def test_groups_never_at_risk_together_at_an_event_cannot_be_compared() -> None:
    """No event, or one group gone before the other's first event."""
    with pytest.raises(StatisticsError, match="cannot be compared"):
        log_rank(survival_sums(TIME, [0] * 6, GROUP))
    with pytest.raises(StatisticsError, match="cannot be compared"):
        log_rank(survival_sums([1, 2, 8, 9], [0, 0, 1, 1], ["a", "a", "b", "b"]))


def test_pairs_of_groups_that_never_meet_lose_a_degree_of_freedom() -> None:
    """a meets b and c meets d, but no one else: two comparisons, not three."""
    time = [1, 2, 3, 4, 11, 12, 13, 14]
    entry = [0, 0, 0, 0, 10, 10, 10, 10]
    test = log_rank(survival_sums(time, [1] * 8, list("ababcdcd"), entry))
    assert test.degrees == 2


@pytest.mark.parametrize(("statistic", "degrees"), [(-1, 1), (1, 0), (float("nan"), 1)])
def test_chi_square_asks_for_what_it_needs(statistic, degrees) -> None:
    """A statistic of at least 0 and at least one degree of freedom."""
    with pytest.raises(StatisticsError):
        chi_square_tail(statistic, degrees)
