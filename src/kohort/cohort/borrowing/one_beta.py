"""Models in which the posterior of every cohort is one Beta distribution.

Such a model only says how many responders and non-responders, its own and others', count for each cohort.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from kohort.cohort.borrowing.beta_tail import tail_exceeds, upper_tail
from kohort.cohort.borrowing.data import (
    BoolArray,
    Counts,
    FloatArray,
    IntArray,
    Shape,
    checked_rates,
    checked_shape,
    per_cohort,
    shapes,
)
from kohort.cohort.borrowing.mixture import BetaMixture
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.posterior import Posterior

__all__ = ["OneBeta"]


class OneBeta(BorrowingModel):
    """A model whose posterior is Beta(a, b) for every cohort. Subclasses are frozen dataclasses.

    Attributes:
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
    """

    shape: Shape

    def __post_init__(self) -> None:
        """Refuse rates and shapes that are none."""
        object.__setattr__(self, "p0", checked_rates("p0", self.p0))
        object.__setattr__(self, "shape", checked_shape(self.shape))

    @abstractmethod
    def _parameters(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        """(N, J) a and (N, J) b of the posteriors."""

    @abstractmethod
    def _weights(self, data: Counts) -> FloatArray:
        """(N, J, J) share of cohort j's data that counts for cohort i."""

    def _fit(self, responders: IntArray, n: IntArray) -> Posterior:
        data = Counts(responders[None], n[None])
        (a,), (b,) = self._parameters(data)
        one = np.ones(1)
        return Posterior(
            model=str(self),
            responders=responders,
            n=n,
            p0=per_cohort("p0", self.p0, data.cohorts),
            rates=tuple(BetaMixture(one, a[j : j + 1], b[j : j + 1]) for j in range(data.cohorts)),
            effective_sample_size=a + b,
            numeric_error=0.0,
            weights=self._weights(data)[0],
        )

    def _prob_greater(self, data: Counts, p: FloatArray) -> FloatArray:
        return upper_tail(*self._parameters(data), p)

    def _exceeds(self, data: Counts, p: FloatArray, cutoff: FloatArray, *, strict: bool) -> BoolArray:
        a, b = self._parameters(data)
        found = np.empty(a.shape, dtype=np.bool_)
        questions = np.stack([p, cutoff], axis=1)
        for rate, limit in np.unique(questions, axis=0).tolist():
            alike = (questions == (rate, limit)).all(axis=1)
            found[:, alike] = tail_exceeds(a[:, alike], b[:, alike], rate, limit, strict=strict)
        return found

    def _mean(self, data: Counts) -> FloatArray:
        a, b = self._parameters(data)
        return a / (a + b)

    def _settings(self, cohorts: int) -> FloatArray:
        return np.column_stack([per_cohort("p0", self.p0, cohorts), shapes(self.shape, cohorts)])
