"""No borrowing: every cohort is judged by its own patients.

p_j | r_j ~ Beta(a + r_j, b + n_j - r_j): the conjugate analysis that all borrowing is compared with.

References:
    Thall PF, Simon R. Biometrics 1994;50:337-349 (Beta posteriors of one response rate).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, Rates, Shape, shapes
from kohort.cohort.borrowing.one_beta import OneBeta

__all__ = ["Separate"]


@dataclass(frozen=True)
class Separate(OneBeta):
    """No borrowing between cohorts.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
    """

    is_monotone: ClassVar[bool] = True
    p0: Rates
    shape: Shape = (1.0, 1.0)

    def _parameters(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        a, b = shapes(self.shape, data.cohorts).T
        return a + data.responders, b + (data.n - data.responders)

    def _weights(self, data: Counts) -> FloatArray:
        return np.broadcast_to(np.eye(data.cohorts), (*data.n.shape, data.cohorts))
