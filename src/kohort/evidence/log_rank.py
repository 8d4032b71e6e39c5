"""Log-rank test from the sums of Kaplan-Meier: do the groups differ in when the event comes?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from kohort.errors import StatisticsError
from kohort.evidence.arrays import FloatArray
from kohort.evidence.distributions import chi_square_tail
from kohort.evidence.forms import pooled
from kohort.evidence.survival_sums import KaplanMeierSums

__all__ = ["LogRank", "log_rank"]


@dataclass(frozen=True, slots=True)
class LogRank:
    """Result of a log-rank test.

    Attributes:
        statistic: chi-square.
        degrees: degrees of freedom, groups that could be compared less one.
        p_value: chance of a statistic at least so large if the groups do not differ.
        labels: the groups.
        n: people in each group.
        observed: events in each group.
        expected: events expected in each group if they do not differ.
    """

    statistic: float
    degrees: int
    p_value: float
    labels: tuple[str, ...]
    n: tuple[int, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]

    @property
    def sentence(self) -> str:
        """The result in plain words, with the number of people and events in each group."""
        groups = ", ".join(
            f"{label} {seen} of {people} ({due:.1f} expected)"
            for label, people, seen, due in zip(self.labels, self.n, self.observed, self.expected, strict=True)
        )
        p = "p < 0.0001" if self.p_value < 1e-4 else f"p = {self.p_value:.4f}"
        return f"Events: {groups}. Log-rank chi-square {self.statistic:.2f}, {self.degrees} df, {p}."

    def to_frame(self) -> pl.DataFrame:
        """One row a group: group, n, observed, expected."""
        return pl.DataFrame({"group": self.labels, "n": self.n, "observed": self.observed, "expected": self.expected})


def log_rank(sums: KaplanMeierSums | Iterable[KaplanMeierSums]) -> LogRank:
    """(O - E)' V^-1 (O - E) with the hypergeometric variance V at each event time.

    Mantel, Cancer Chemother Rep 1966;50:163; the same figures as R's ``survdiff(rho = 0)``.

    Args:
        sums: survival sums by group, of one site or a list with one a site.

    Raises:
        StatisticsError: fewer than two groups, or no event while two groups are at risk.
    """
    whole = sums if isinstance(sums, KaplanMeierSums) else pooled(sums)
    groups = [group for _, group in whole.groups]
    if len(groups) < 2:
        raise StatisticsError("A log-rank test compares at least two groups.", remedy="Give a group column.")
    times = np.unique(np.concatenate([group.times[group.events > 0] for group in groups]))
    at_risk = np.stack([group.at_risk_at(times) for group in groups]).astype(np.float64)
    events = np.stack([_events_at(group.times, group.events, times) for group in groups])
    expected, variance = _moments(at_risk, events.sum(axis=0))
    seen = events.sum(axis=1)
    # a group never at risk beside another when an event happens carries no information
    informed = np.flatnonzero(np.diag(variance) > 0)
    if len(informed) < 2:
        raise StatisticsError(
            "No event happened while two groups were at risk, so they cannot be compared.",
            remedy="Use longer follow-up or larger groups.",
        )
    statistic, degrees = _chi_square((seen - expected)[informed], variance[np.ix_(informed, informed)])
    return LogRank(
        statistic=statistic,
        degrees=degrees,
        p_value=chi_square_tail(statistic, degrees),
        labels=whole.labels,
        n=tuple(group.n for group in groups),
        observed=tuple(int(count) for count in seen),
        expected=tuple(float(count) for count in expected),
    )


def _chi_square(difference: FloatArray, variance: FloatArray) -> tuple[float, int]:
    """The statistic, at least 0, and its degrees of freedom."""
    # the differences add to 0, so the last group follows from the others; least squares, because groups that
    # are never at risk together make the matrix singular
    solved, _, rank, _ = np.linalg.lstsq(variance[:-1, :-1], difference[:-1], rcond=1e-10)
    return max(float(difference[:-1] @ solved), 0.0), int(rank)


def _events_at(times: FloatArray, events: np.ndarray, asked: FloatArray) -> FloatArray:
    place = np.searchsorted(times, asked)
    place[place == len(times)] = 0
    hit = times[place] == asked if len(times) else np.zeros(len(asked), dtype=bool)
    return np.where(hit, events[place] if len(times) else 0, 0).astype(np.float64)


def _moments(at_risk: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected events (groups,) and their covariance (groups, groups), summed over event times."""
    n = at_risk.sum(axis=0)
    share = at_risk / n
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(n > 1, d * (n - d) / (n - 1), 0.0)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    # groups never at risk together leave rounding, not information
    covariance[np.abs(covariance) < 1e-12] = 0.0
    return (share * d).sum(axis=1), covariance
