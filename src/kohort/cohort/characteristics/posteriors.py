"""Posterior probabilities and means of many outcomes, asked of any borrowing model once each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from kohort.cohort.borrowing.data import BoolArray, FloatArray
from kohort.cohort.borrowing.hierarchical import HierarchicalModel
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.characteristics.plans import Plan
from kohort.cohort.characteristics.readings import Reading
from kohort.cohort.characteristics.space import Space
from kohort.cohort.characteristics.sums import Batch
from kohort.cohort.characteristics.tabled import TabledPosteriors
from kohort.cohort.rules.conditions import Evidence, Probability

__all__ = [
    "ModelPosteriors",
    "Posteriors",
    "Remembered",
    "evidence_of",
    "is_tabled",
    "numeric_error",
    "posteriors_of",
    "wants_decisions_only",
]

REMEMBERED = 100_000_000
"""Probabilities kept at most (800 MB)."""


class Posteriors(Protocol):
    """What is asked of a model about a batch of outcomes.

    Attributes:
        numeric_error: greatest error of its probabilities and means.
    """

    numeric_error: float

    def prob_greater(self, batch: Batch, rate: float | None) -> FloatArray:
        """(N, J) posterior probabilities of a rate greater than ``rate``; None: than p0."""
        ...

    def mean(self, batch: Batch) -> FloatArray:
        """(N, J) posterior mean rates."""
        ...

    def exceeds(self, batch: Batch, rate: float | None, cut_off: float) -> BoolArray:
        """(N, J) where the posterior probability of a rate greater than ``rate`` is above a cut-off."""
        ...


class ModelPosteriors:
    """Posteriors by the model's own functions for many data sets."""

    def __init__(self, model: BorrowingModel, numeric_error: float) -> None:
        self.model = model
        self.numeric_error = numeric_error

    def prob_greater(self, batch: Batch, rate: float | None) -> FloatArray:
        """See ``Posteriors``."""
        return np.asfortranarray(self.model.prob_greater(batch.responders, batch.n, rate))

    def mean(self, batch: Batch) -> FloatArray:
        """See ``Posteriors``."""
        return np.asfortranarray(self.model.mean(batch.responders, batch.n))

    def exceeds(self, batch: Batch, rate: float | None, cut_off: float) -> BoolArray:
        """See ``Posteriors``."""
        return np.asfortranarray(self.model.exceeds(batch.responders, batch.n, cut_off, rate))


class Remembered:
    """Posteriors that are asked for again and again: probabilities are kept while they fit into memory."""

    def __init__(self, posteriors: Posteriors, room: int = REMEMBERED) -> None:
        self.posteriors = posteriors
        self.numeric_error = posteriors.numeric_error
        self._kept: dict[tuple[int, int, float | None], FloatArray] = {}
        self._room = room

    def prob_greater(self, batch: Batch, rate: float | None) -> FloatArray:
        """See ``Posteriors``."""
        first = batch.blocks[0]
        key = (first.left.start, first.right.start, rate)
        if key in self._kept:
            return self._kept[key]
        found = self.posteriors.prob_greater(batch, rate)
        if found.size <= self._room:
            self._kept[key] = found
            self._room -= found.size
        return found

    def mean(self, batch: Batch) -> FloatArray:
        """See ``Posteriors``."""
        return self.posteriors.mean(batch)

    def exceeds(self, batch: Batch, rate: float | None, cut_off: float) -> BoolArray:
        """See ``Posteriors``."""
        return self.prob_greater(batch, rate) > cut_off


def is_tabled(model: BorrowingModel) -> bool:
    """Whether the model has one set of nodes, so that all outcomes are products of small tables."""
    return isinstance(model, HierarchicalModel) and not getattr(model, "further", ())


def numeric_error(model: BorrowingModel, plans: Sequence[Plan]) -> float:
    """Greatest error that the model states of itself for few, some and many responders."""
    n = np.array([plan.n for plan in plans])
    mixed = np.where(np.arange(len(n)) % 2 == 0, n // 10, n // 3)
    return max(model.fit(responders, n).numeric_error for responders in (n // 10, mixed, n // 3))


def posteriors_of(model: BorrowingModel, space: Space, error: float) -> Posteriors:
    """The fastest way to ask this model about all outcomes of a space."""
    if isinstance(model, HierarchicalModel) and is_tabled(model):
        return TabledPosteriors(model, space, error)
    return ModelPosteriors(model, error)


def evidence_of(posteriors: Posteriors, batch: Batch, *, decisions_only: bool = False) -> Evidence:
    """What boundaries read of a batch; each probability and the mean are computed once, when first asked."""
    probabilities: dict[float | None, FloatArray] = {}
    means: list[FloatArray] = []

    def prob_greater(rate: float | None) -> FloatArray:
        if rate not in probabilities:
            probabilities[rate] = posteriors.prob_greater(batch, rate)
        return probabilities[rate]

    def mean() -> FloatArray:
        if not means:
            means.append(posteriors.mean(batch))
        return means[0]

    def exceeds(rate: float | None, cut_off: float) -> BoolArray:
        return posteriors.exceeds(batch, rate, cut_off)

    return Evidence(batch.responders, batch.n, prob_greater, mean, exceeds if decisions_only else None)


def wants_decisions_only(readings: Sequence[Reading]) -> bool:
    """Whether so few cut-offs are asked that deciding by each is cheaper than probabilities for all."""
    conditions = [
        each
        for reading in readings
        for boundary in dict.fromkeys(reading.final)
        for each in (*boundary.go, *(boundary.no_go or ()))
        if isinstance(each, Probability)
    ]
    return len(conditions) <= 1 and all(each.above is not None for each in conditions)
