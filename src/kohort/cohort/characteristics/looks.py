"""Outcomes where the look after stage 1 borrows: who goes on depends on all cohorts' stage 1 responders.

Cohorts then no longer end independently. But the true rates enter an outcome's probability only through
p^responders (1 - p)^others, cohort by cohort (the counts are sufficient); what is left is in how many orders
the outcome is reached:  sum over stage 1 counts that lead to these calls of prod_j C(n1, x1_j) C(n2, x_j - x1_j).
That number is the same for every scenario and for every exchange of interchangeable cohorts. It is summed
cohort by cohort: one cohort's stage 1 count at a time is replaced by the state in which it ends, so that only
sorted halves of the way are held.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.characteristics.multisets import Kind, halve, multisets, number_of_multisets
from kohort.cohort.characteristics.plans import EARLY_GO, ENDED, STOPPED, Plan, States
from kohort.cohort.characteristics.readings import Interim, boundary_calls
from kohort.cohort.characteristics.space import Space, sizes_of
from kohort.cohort.maths.binomial import choose_row
from kohort.cohort.rules.conditions import Evidence
from kohort.errors import StatisticsError

__all__ = ["borrowed_looks", "look_calls"]

MOST_LOOKS = 2_000_000
"""Sorted stage 1 outcomes whose posteriors are computed at most."""

MOST_HELD = 30_000_000
"""Numbers held at most on the way (240 MB)."""


def look_calls(model: BorrowingModel, interim: Interim, plans: Sequence[Plan], responders: IntArray) -> IntArray:
    """(N, J) STOPPED, ENDED (goes on) or EARLY_GO at the look, for (N, J) responders of stage 1."""
    sizes = sizes_of(plans, look=True)
    n = np.broadcast_to(sizes, responders.shape)
    seen = Evidence(
        responders,
        n,
        lambda rate: model.prob_greater(responders, n, rate),
        lambda: model.mean(responders, n),
    )
    found = boundary_calls(interim, seen)
    own = np.array([plan.r1 if boundary is None else -1 for plan, boundary in zip(plans, interim, strict=True)])
    stops = found.no_go | (responders <= own)
    return np.where(stops, STOPPED, np.where(found.go, EARLY_GO, ENDED))


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """What interchangeable cohorts can do at the look, and how they end from there.

    Attributes:
        pairs: (P, 2) call and responders at the look.
        states: E end states.
        ways: (P, E) orders of the patients from the start, through the pair, to the end state.
    """

    pairs: IntArray
    states: States
    ways: FloatArray


def borrowed_looks(
    model: BorrowingModel, interim: Interim, groups: Sequence[tuple[int, ...]], plans: Sequence[Plan]
) -> Space:
    """All outcomes, with the number of orders in which each is reached.

    Args:
        model: the model whose posteriors the boundaries read.
        interim: (J,) boundaries at the look.
        groups: interchangeable cohorts.
        plans: (J,) sizes.

    Raises:
        StatisticsError: too many outcomes.
    """
    looked = _sorted_looks(groups, plans)
    called = look_calls(model, interim, plans, looked)
    for cohorts in groups:  # equal cohorts get the same call, whatever rounding says at a tie
        for before, cohort in itertools.pairwise(cohorts):
            same = looked[:, cohort] == looked[:, before]
            called[same, cohort] = called[same, before]
    coded = [called[:, list(c)] * (int(looked.max()) + 1) + looked[:, list(c)] for c in groups]
    steps = [_steps(np.unique(code), int(looked.max()) + 1, plans[c[0]]) for code, c in zip(coded, groups, strict=True)]
    _refuse_too_many(steps, groups)
    ways = np.zeros([number_of_multisets(len(s.pairs), len(c)) for s, c in zip(steps, groups, strict=True)])
    ways[tuple(_ranks(code) for code in coded)] = 1
    for axis, (step, cohorts) in enumerate(zip(steps, groups, strict=True)):
        ways = _ended(ways, axis, step, len(cohorts))
    kinds = [Kind(cohorts, len(step.states)) for step, cohorts in zip(steps, groups, strict=True)]
    return Space(tuple(step.states for step in steps), halve(kinds), ways.ravel())


def _sorted_looks(groups: Sequence[tuple[int, ...]], plans: Sequence[Plan]) -> IntArray:
    """(N, J) stage 1 responders, ascending among interchangeable cohorts."""
    counts = [number_of_multisets(plans[cohorts[0]].n1 + 1, len(cohorts)) for cohorts in groups]
    if math.prod(counts) > MOST_LOOKS:
        raise StatisticsError(
            f"The look has {math.prod(counts):,} outcomes, more than the {MOST_LOOKS:,} that are enumerated.",
            remedy="Use method='simulate', or fewer kinds of cohorts.",
        )
    index = np.indices(counts).reshape(len(counts), -1)
    looked = np.empty((index.shape[1], len(plans)), dtype=np.int64)
    for rows, cohorts in zip(index, groups, strict=True):
        looked[:, list(cohorts)] = multisets(plans[cohorts[0]].n1 + 1, len(cohorts))[rows]
    return looked


def _steps(codes: IntArray, base: int, plan: Plan) -> _Steps:
    pairs = np.stack([codes // base, codes % base], axis=1)
    on = pairs[pairs[:, 0] == ENDED, 1]
    last = range(int(on.min()), int(on.max()) + plan.n - plan.n1 + 1) if len(on) else range(0)
    ends = [(STOPPED, int(x)) for call, x in pairs if call == STOPPED]
    ends += [(ENDED, x) for x in last]
    ends += [(EARLY_GO, int(x)) for call, x in pairs if call == EARLY_GO]
    first, second = choose_row(plan.n1), choose_row(plan.n - plan.n1)
    ways = np.zeros((len(pairs), len(ends)))
    for at, (call, x1) in enumerate(pairs.tolist()):
        for to, (status, x) in enumerate(ends):
            if status != call or (status != ENDED and x != x1):
                continue
            more = x - x1 if status == ENDED else 0
            if 0 <= more < len(second):
                ways[at, to] = float(first[x1] * (second[more] if status == ENDED else 1))
    states = States(
        responders=np.array([x for _, x in ends]),
        n=np.array([plan.n if status == ENDED else plan.n1 for status, _ in ends]),
        status=np.array([status for status, _ in ends]),
        ways=(1,) * len(ends),
    )
    return _Steps(pairs, states, ways)


def _refuse_too_many(steps: Sequence[_Steps], groups: Sequence[tuple[int, ...]]) -> None:
    held = 1
    for step, cohorts in zip(steps, groups, strict=True):
        size = len(cohorts)
        held *= max(
            number_of_multisets(len(step.states), done) * number_of_multisets(len(step.pairs), size - done)
            for done in range(size + 1)
        )
    if held > MOST_HELD:
        raise StatisticsError(
            f"A look that borrows makes about {held:,} outcomes here, more than the {MOST_HELD:,} that are enumerated.",
            remedy="Use method='simulate', or a look by each cohort's own r1.",
        )


def _ranks(coded: IntArray) -> IntArray:
    """(N,) number of each row, as a multiset of the codes that occur; rows need not be sorted."""
    codes, places = np.unique(coded, return_inverse=True)
    rows = np.sort(places.reshape(coded.shape), axis=1)
    return _rank(rows, len(codes))


def _rank(rows: IntArray, states: int) -> IntArray:
    rank = np.zeros(len(rows), dtype=np.int64)
    for place in range(rows.shape[1]):
        rank += np.array([math.comb(state + place, place + 1) for state in range(states)])[rows[:, place]]
    return rank


def _ended(ways: FloatArray, axis: int, step: _Steps, size: int) -> FloatArray:
    """Replaces what ``size`` cohorts did at the look, on one axis, by the states in which they end."""
    shape = ways.shape
    pairs, ends = step.ways.shape
    held = ways.reshape(math.prod(shape[:axis]), 1, shape[axis], -1)
    for done in range(size):
        rest = multisets(pairs, size - done - 1)
        with_one = np.stack(
            [_rank(np.sort(np.column_stack([rest, np.full(len(rest), at)]), axis=1), pairs) for at in range(pairs)]
        )
        count = number_of_multisets(ends, done + 1)
        after = np.zeros((len(held), count, len(rest), held.shape[3]))
        for end in range(ends):
            fewer = number_of_multisets(end + 1, done)
            start = math.comb(end + done, done + 1)
            for at in np.flatnonzero(step.ways[:, end]):
                after[:, start : start + fewer] += step.ways[at, end] * held[:, :fewer, with_one[at]]
        held = after
    return held.reshape(*shape[:axis], -1, *shape[axis + 1 :])
