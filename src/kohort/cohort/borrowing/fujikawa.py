"""The design of Fujikawa et al.: posteriors of the cohorts are mixed by similarity, their priors with them.

    p_i | r ~ Beta(sum_j w_ij (s1 + r_j), sum_j w_ij (s2 + n_j - r_j)),   w_ii = 1
    w_ij = (1 - JSD(post_i, post_j))^epsilon, 0 if <= tau

Each cohort that lends patients lends its prior too; ``PowerPrior`` counts the prior once.

References:
    Fujikawa K, Teramukai S, Yokota I, Daimon T. A Bayesian basket trial design that borrows information
    across strata based on the similarity between the posterior distributions of the response probability.
    Biom J 2020;62:330-338.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, Rates, Shape, shapes
from kohort.cohort.borrowing.one_beta import OneBeta
from kohort.cohort.borrowing.pairs import PairWeights
from kohort.cohort.borrowing.similarity import JSD

__all__ = ["Fujikawa"]


@dataclass(frozen=True)
class Fujikawa(OneBeta):
    """Weights by Jensen-Shannon divergence; the prior is borrowed too.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
        epsilon: power of the similarity, above 0; the greater, the less is borrowed.
        tau: weights of at most this much are 0: 0.5 is usual for one stage, 0 for two.
        base: base of the logarithm in the divergence, from 2 up. The paper's is e.
    """

    is_monotone: ClassVar[bool] = False
    p0: Rates
    shape: Shape = (1.0, 1.0)
    epsilon: float = 1.25
    tau: float = 0.5
    base: float = 2.0

    def __post_init__(self) -> None:
        """Refuse settings that make no model."""
        super().__post_init__()
        self._measure()

    def _measure(self) -> JSD:
        return JSD(self.epsilon, self.tau, self.base)

    def _pairs(self, data: Counts) -> PairWeights:
        return PairWeights.of(data, shapes(self.shape, data.cohorts), self._measure())

    def _parameters(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        pairs = self._pairs(data)
        cells = pairs.cells
        responders, failures = pairs.borrowed(
            cells.a + cells.responders, cells.b + (cells.n - cells.responders), np.ones(data.n.shape)
        )
        a, b = shapes(self.shape, data.cohorts).T
        return a + data.responders + responders, b + (data.n - data.responders) + failures

    def _weights(self, data: Counts) -> FloatArray:
        return self._pairs(data).matrix()
