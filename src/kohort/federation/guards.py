"""What each kind of summary is turned into before it may be shown. One function a kind; k people is the unit.

Survival follows the "guard as built" of the leak study: at least k people leave between two published
times, and at least k are still there after the last. Published times lie on the public grid of the policy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kohort.errors import IntegrityError, StatisticsError
from kohort.evidence import (
    CountSums,
    GroupSums,
    KaplanMeier,
    KaplanMeierSums,
    SuppressedTable,
    SurvivalCurve,
    coarsen,
    count_table,
    estimate,
    suppress,
)
from kohort.federation.in_process import CohortSums, Pooled

__all__ = [
    "GuardedSurvival",
    "PrivacyCost",
    "ShownCohort",
    "WithheldError",
    "guard_cohort",
    "guard_counts",
    "guard_survival",
    "published_times",
]


class WithheldError(Exception):
    """A guard found nothing that could be shown; caught by the gate, which refuses.

    Args:
        rule: name of the rule.
        why: in words, without any number of people.
    """

    def __init__(self, rule: str, why: str) -> None:
        self.rule = rule
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class PrivacyCost:
    """How far the guard moved a survival curve, as differences of probabilities, rounded up to 0.001.

    Rounded because an exact difference would be one more equation about exact times.

    Attributes:
        anywhere: greatest distance from the exact curve between time 0 and the last published time.
        at_published: greatest distance at a published time.
    """

    anywhere: float
    at_published: float


@dataclass(frozen=True, slots=True)
class GuardedSurvival:
    """Survival curves that may be shown.

    Attributes:
        result: the curves on published times; everything in it, sums too, is guarded.
        costs: how far each curve was moved, by group.
        withheld: groups for which no curve can be shown.
    """

    result: KaplanMeier
    costs: tuple[tuple[str, PrivacyCost], ...]
    withheld: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """JSON values of everything that is shown."""
        return {
            "curves": self.result.to_frame().fill_nan(None).to_dicts(),
            "moved_by": {label: cost.anywhere for label, cost in self.costs},
            "withheld": list(self.withheld),
        }


@dataclass(frozen=True, slots=True)
class ShownCohort:
    """Counts of a treatment cohort that may be shown; None is hidden.

    Attributes:
        enrolled: patients at all sites.
        evaluable: patients whose response is known.
        responders: evaluable patients who responded.
        by_site: each site's own counts, or None where they are hidden. Empty if one site alone answered.
    """

    enrolled: int
    evaluable: int | None
    responders: int | None
    by_site: tuple[tuple[str, CohortSums | None], ...]

    def to_record(self) -> dict[str, Any]:
        """JSON values of everything that is shown."""
        return {
            "enrolled": self.enrolled,
            "evaluable": self.evaluable,
            "responders": self.responders,
            "by_site": {
                site: None if part is None else [part.enrolled, part.evaluable, part.responders]
                for site, part in self.by_site
            },
        }


def guard_counts(sums: CountSums, k: int) -> SuppressedTable:
    """The table with its totals, small cells hidden so that they cannot be rebuilt."""
    try:
        return suppress(count_table(sums), k)
    except StatisticsError as error:
        raise WithheldError("small_cells_cannot_be_rebuilt", error.what) from error


def guard_cohort(pooled: Pooled, k: int) -> ShownCohort:
    """Pooled counts once k patients are behind them; a site's own only if none of them is small.

    A site is shown whole or not at all. If any is hidden, at least two are, with k patients or more
    between them, because the pooled counts less the shown ones give the sum of the hidden.
    """
    total = pooled.summary
    assert isinstance(total, CohortSums)  # noqa: S101
    answered = total.evaluable == 0 or total.evaluable >= k
    parts = {site: part for site, part in pooled.parts if isinstance(part, CohortSums)}
    hidden = {site for site, part in parts.items() if any(0 < n < k for n in _numbers(part))}
    if not answered:
        hidden = set(parts)
    spare = sorted(set(parts) - hidden, key=lambda site: (parts[site].enrolled == 0, parts[site].enrolled))
    while hidden and spare and (len(hidden) < 2 or sum(parts[site].enrolled for site in hidden) < k):
        hidden.add(spare.pop(0))
    return ShownCohort(
        enrolled=total.enrolled,
        evaluable=total.evaluable if answered else None,
        responders=total.responders if answered else None,
        by_site=tuple((site, None if site in hidden else part) for site, part in parts.items())
        if len(parts) > 1
        else (),
    )


def _numbers(part: CohortSums) -> tuple[int, int, int]:
    return part.enrolled, part.evaluable, part.responders


def guard_survival(sums: KaplanMeierSums, k: int, step_days: int) -> GuardedSurvival:
    """Curves on public times between which at least k people leave; the tail below k is cut."""
    guarded: list[tuple[str, GroupSums]] = []
    withheld: list[str] = []
    for label, group in sums.groups:
        times = published_times(group, k, step_days)
        if times:
            guarded += coarsen(KaplanMeierSums(((label, group),)), times).groups
        else:
            withheld.append(label)
    if not guarded:
        raise WithheldError(
            "enough_people_leave_between_published_times",
            "Too few people leave, or remain, for any survival curve to be shown.",
        )
    if any((group.leavers < k).any() for _, group in guarded):
        # held by the property tests; looked at once more because what has left cannot be called back
        raise IntegrityError("The survival guard let a step of too few people pass.")  # pragma: no cover
    result = estimate(KaplanMeierSums(tuple(guarded)))
    exact = estimate(sums)
    costs = tuple((curve.label, _cost(curve, exact[curve.label])) for curve in result.curves)
    return GuardedSurvival(result, costs, tuple(withheld))


def published_times(group: GroupSums, k: int, step_days: int) -> list[float]:
    """Multiples of ``step_days`` at which a step of the curve may be told; empty if there is none.

    A step ends as soon as at least k people have left in it, the people who came under observation in it
    are none or at least k, and at least k remain.
    """
    # the grid is searched, not divided, so that rounding puts nobody elsewhere than coarsen() does
    grid = np.arange(1, math.ceil(group.times.max(initial=0.0) / step_days) + 2) * float(step_days)
    # somebody who leaves at t is told at the end of the cell that holds t; cells are (0, 1], (1, 2] ... steps
    leaves_in = np.searchsorted(grid, group.times, side="left") + 1
    # somebody who enters at t joins the risk set of the cell that begins at or before t
    enters_in = np.searchsorted(grid, group.times, side="right") + 1
    size = len(grid) + 2
    left = np.bincount(leaves_in, weights=group.leavers, minlength=size)
    entered = np.bincount(enters_in, weights=group.entries, minlength=size)
    remain = group.n_start + np.cumsum(entered - left)
    published: list[float] = []
    leaving = entering = 0
    for cell in np.flatnonzero(left + entered):
        leaving += int(left[cell])
        entering += int(entered[cell])
        # those who enter in the first step count as observed from the start, which shows no number of them
        if leaving >= k and (entering == 0 or entering >= k or not published) and remain[cell] >= k:
            published.append(float(cell * step_days))
            leaving = entering = 0
    return published


def _cost(guarded: SurvivalCurve, exact: SurvivalCurve) -> PrivacyCost:
    last = guarded.times[-1]
    # both are steps, constant from one of these times to the next
    times = np.union1d(guarded.times, exact.times[exact.times <= last])
    gap = np.abs(guarded.survival_at(times) - exact.survival_at(times))
    published = np.isin(times, guarded.times)
    return PrivacyCost(_rounded_up(gap.max()), _rounded_up(gap[published].max()))


def _rounded_up(difference: float) -> float:
    # a hair less, so that rounding of the last digit does not count as a move
    return math.ceil(max(difference - 1e-12, 0.0) * 1000) / 1000
