"""Where a borrowing model says less of a cohort although it has more responders.

Models on the logit scale (BHM, EXNEX) are monotone. Weights by similarity and exchangeability are not: one more
responder can make a cohort look less like others, so that it loses borrowed responders. Two kinds are found:

- between: one more responder in a cohort, all else equal, lowers that cohort's own P(p > p0);
- within: in one trial, of two cohorts of the same size and settings, the one with more responders has the
  lower P(p > p0).

With a cut-off only those are reported that turn a rejection of p <= p0 into none.

References:
    Baumann L, Krisam J, Kieser M. Monotonicity conditions for avoiding counterintuitive decisions in basket
    trials. Biom J 2022;64:934-947.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kohort.cohort.borrowing.data import BoolArray, Counts, FloatArray, IntArray, per_cohort
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.errors import StatisticsError

__all__ = ["MonotonicityViolation", "monotonicity_violations"]

ROUNDING = 1e-12
MOST_OUTCOMES = 2_000_000


@dataclass(frozen=True, slots=True)
class MonotonicityViolation:
    """More responders, lower posterior probability.

    Attributes:
        kind: "between" two trials that differ by one responder, or "within" one trial.
        responders: responders of every cohort; "between": of the trial with one responder fewer.
        fewer: place of the cohort with fewer responders.
        more: place of the cohort with more; "between": the same cohort, with one more.
        probability_fewer: P(p > p0) with fewer responders.
        probability_more: P(p > p0) with more, lower.
    """

    kind: Literal["between", "within"]
    responders: tuple[int, ...]
    fewer: int
    more: int
    probability_fewer: float
    probability_more: float


def monotonicity_violations(
    model: BorrowingModel, n: Sequence[int], cutoff: float | None = None
) -> tuple[MonotonicityViolation, ...]:
    """All violations over all outcomes of cohorts of these sizes, the greatest loss first.

    Args:
        model: any borrowing model.
        n: (J,) evaluable patients.
        cutoff: report only where P(p > p0) falls from above the cut-off to the cut-off or below; None: every
            loss above rounding (1e-12).

    Raises:
        StatisticsError: impossible sizes, or more than two million outcomes.
    """
    sizes = Counts.of(np.zeros(len(n)), np.asarray(n)).n[0]
    states = [size + 1 for size in sizes.tolist()]
    if float(np.prod([float(each) for each in states])) > MOST_OUTCOMES:
        raise StatisticsError(
            f"Cohorts of {sizes.tolist()} patients have more than {MOST_OUTCOMES:,} outcomes.",
            remedy="Look at fewer or smaller cohorts.",
        )
    outcomes = np.indices(states).reshape(len(states), -1).T
    probability = model.prob_greater(outcomes, sizes)
    limit = None if cutoff is None else per_cohort("cutoff", cutoff, len(states))
    found = [
        *_between(outcomes, probability, states, limit),
        *_within(outcomes, probability, _alike(model, sizes), limit),
    ]
    return tuple(sorted(found, key=lambda each: each.probability_more - each.probability_fewer))


def _alike(model: BorrowingModel, sizes: IntArray) -> list[tuple[int, int]]:
    """Ordered pairs of cohorts with the same size and settings."""
    kinds = list(zip(model.kinds(len(sizes)), sizes.tolist(), strict=True))
    return [(i, j) for i, j in itertools.permutations(range(len(sizes)), 2) if kinds[i] == kinds[j]]


def _between(
    outcomes: IntArray, probability: FloatArray, states: list[int], limit: FloatArray | None
) -> Iterator[MonotonicityViolation]:
    for cohort in range(len(states)):
        step = int(np.prod(states[cohort + 1 :]))  # outcomes are listed with the last cohort fastest
        places = np.flatnonzero(outcomes[:, cohort] < states[cohort] - 1)
        before, after = probability[places, cohort], probability[places + step, cohort]
        for hit in np.flatnonzero(_lost(before, after, None if limit is None else limit[cohort])):
            trial = tuple(outcomes[places[hit]].tolist())
            yield MonotonicityViolation("between", trial, cohort, cohort, float(before[hit]), float(after[hit]))


def _within(
    outcomes: IntArray, probability: FloatArray, pairs: list[tuple[int, int]], limit: FloatArray | None
) -> Iterator[MonotonicityViolation]:
    for fewer, more in pairs:
        places = np.flatnonzero(outcomes[:, fewer] < outcomes[:, more])
        before, after = probability[places, fewer], probability[places, more]
        for hit in np.flatnonzero(_lost(before, after, None if limit is None else limit[fewer])):
            trial = tuple(outcomes[places[hit]].tolist())
            yield MonotonicityViolation("within", trial, fewer, more, float(before[hit]), float(after[hit]))


def _lost(before: FloatArray, after: FloatArray, limit: float | None) -> BoolArray:
    return after < before - ROUNDING if limit is None else (before > limit) & (after <= limit)
