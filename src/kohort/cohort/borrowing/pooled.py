"""Full borrowing: all patients are taken for one cohort.

p | r ~ Beta(a + sum r_j, b + sum (n_j - r_j)). With shapes that differ, each cohort keeps its own prior.

References:
    Hyman DM et al. N Engl J Med 2015;373:726-736 (a basket trial for which both extremes are in use);
    Berry SM et al. Clin Trials 2013;10:720-734 (pooled and separate analyses as the two ends of borrowing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, Rates, Shape, shapes
from kohort.cohort.borrowing.one_beta import OneBeta

__all__ = ["Pooled"]


@dataclass(frozen=True)
class Pooled(OneBeta):
    """All cohorts as one.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
    """

    is_monotone: ClassVar[bool] = True
    p0: Rates
    shape: Shape = (1.0, 1.0)

    def _parameters(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        a, b = shapes(self.shape, data.cohorts).T
        responders = data.responders.sum(axis=1, keepdims=True)
        return a + responders, b + (data.n.sum(axis=1, keepdims=True) - responders)

    def _weights(self, data: Counts) -> FloatArray:
        return np.ones((*data.n.shape, data.cohorts))
