"""Sizes of the cohorts, and the states in which a cohort can end.

The look after stage 1 is made once, when every cohort with two stages has its n1 evaluable patients, and
reads those of all cohorts; a cohort of a single stage has no data at the look. A cohort that stops (or is a
go) at the look keeps the data that it had, and these count for the others at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.binomial import choose_row, ways_after_stage_two, weigh
from kohort.errors import StatisticsError

__all__ = ["EARLY_GO", "ENDED", "STOPPED", "DesignLike", "Plan", "States", "end_states", "plans_of"]

STOPPED, ENDED, EARLY_GO = 0, 1, 2
"""How a cohort ended: no-go at the look; with all its patients; go at the look."""

DesignLike: TypeAlias = TwoStageDesign | int | Sequence[TwoStageDesign | int]
"""One design or one number of patients for all cohorts, or one for each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one cohort is planned to do.

    Attributes:
        n: evaluable patients at most.
        n1: evaluable patients at the look; 0: no look.
        r1: last count of responders that stops at the look.
        r: last count that is not enough at the end; None: not stated.
    """

    n: int
    n1: int = 0
    r1: int = -1
    r: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The E states in which a cohort can end, in the order: stopped, ended with all patients, early go.

    Attributes:
        responders: (E,) responders.
        n: (E,) evaluable patients.
        status: (E,) STOPPED, ENDED or EARLY_GO.
        ways: in how many orders of responders and others each state is reached.
    """

    responders: IntArray
    n: IntArray
    status: IntArray
    ways: tuple[int, ...]

    def __len__(self) -> int:
        """Number of states."""
        return len(self.ways)

    def probabilities(self, rate: float) -> FloatArray:
        """(E,) probability of each state at the true rate."""
        counts = zip(self.ways, self.responders.tolist(), self.n.tolist(), strict=True)
        return np.array([float(weigh(ways, x, n - x, rate)) for ways, x, n in counts])


def plans_of(design: DesignLike, cohorts: int) -> tuple[Plan, ...]:
    """One plan a cohort.

    Raises:
        StatisticsError: another number of designs than cohorts, or no patients.
    """
    each = [design] * cohorts if isinstance(design, TwoStageDesign | int | np.integer) else list(design)
    if len(each) != cohorts:
        raise StatisticsError(
            f"There are {len(each)} designs for {cohorts} cohorts.", remedy="Give one for all or one for each."
        )
    return tuple(_plan(one) for one in each)


def _plan(design: TwoStageDesign | int) -> Plan:
    if isinstance(design, TwoStageDesign):
        return Plan(design.n, design.n1, design.r1, design.r)
    if int(design) != design or design < 1:
        raise StatisticsError(
            f"A cohort of {design} patients is no design.", remedy="Give 1 or more patients, or a TwoStageDesign."
        )
    return Plan(int(design))


def end_states(plan: Plan) -> States:
    """End states of a cohort that stops by its own r1, whatever the others do."""
    stopped, ended = range(plan.r1 + 1), range(max(plan.r1 + 1, 0), plan.n + 1)
    orders = ways_after_stage_two(plan.r1, plan.n1, plan.n)
    return States(
        responders=np.array([*stopped, *ended]),
        n=np.array([plan.n1] * len(stopped) + [plan.n] * len(ended)),
        status=np.array([STOPPED] * len(stopped) + [ENDED] * len(ended)),
        ways=tuple(choose_row(plan.n1)[x] for x in stopped) + tuple(orders[x] for x in ended),
    )
