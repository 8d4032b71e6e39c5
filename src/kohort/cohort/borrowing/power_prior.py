"""Power priors between cohorts: each counts the others' patients by a share that depends on similarity.

    p_i | r ~ Beta(s1 + sum_j w_ij r_j, s2 + sum_j w_ij (n_j - r_j)),   w_ii = 1

The prior Beta(s1, s2) counts once (``Fujikawa`` borrows it too). Weights are CPP, JSD or MML (``similarity``).
Two options act on the weights between different cohorts:

- prune: a cohort with fewer responders than the pooled critical count lends nothing. That count is the least
  c with which all cohorts would pass the cut-off if every one had c responders (of unequal n: the rate c / n_j).
- global weight: all weights times w (1 - (greatest - least rate of the trial))^epsilon.

References:
    Ibrahim JG, Chen M-H. Stat Sci 2000;15:46-60 (power priors);
    Baumann L, Sauer LD, Kieser M. A basket trial design based on power priors. Stat Biopharm Res 2024
    (arXiv 2309.06988; weights, global weights; packages baskexact and basksim).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.beta_tail import upper_tail
from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray, Rates, Shape, per_cohort, shapes
from kohort.cohort.borrowing.one_beta import OneBeta
from kohort.cohort.borrowing.pairs import PairWeights
from kohort.cohort.borrowing.similarity import CPP, Similarity, similarity
from kohort.errors import StatisticsError

__all__ = ["GlobalWeight", "PowerPrior"]


@dataclass(frozen=True)
class GlobalWeight:
    """One factor for all borrowing in a trial: weight * (1 - range of the rates)^epsilon.

    Attributes:
        epsilon: power, 0 or more; 0 is a fixed factor.
        weight: the factor when all rates are equal, from 0 to 1.
    """

    epsilon: float = 1.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what gives no factor from 0 to 1."""
        if not (0 <= self.epsilon < float("inf") and 0 <= self.weight <= 1):
            raise StatisticsError(f"{self} is no factor.", remedy="Give epsilon of 0 or more and a weight from 0 to 1.")

    def of(self, data: Counts) -> FloatArray:
        """(N,) the factor in each data set; cohorts without patients have no rate and are left out."""
        seen = data.n > 0
        rates = data.responders / np.maximum(data.n, 1)
        greatest = np.where(seen, rates, -np.inf).max(axis=1)
        least = np.where(seen, rates, np.inf).min(axis=1)
        return self.weight * (1 - np.maximum(greatest - least, 0.0)) ** self.epsilon


@dataclass(frozen=True)
class PowerPrior(OneBeta):
    """Others' patients count by a share that depends on how alike the cohorts look.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
        weights: CPP(...), JSD(...) or MML(); also "cpp", "jsd", "mml" for their usual settings.
        prune: cut-off of P(p > p0) with which the pooled critical count is found; None or False: no cohort
            is pruned.
        global_weight: a factor for all borrowing by the range of rates in the trial; None: none.
    """

    is_monotone: ClassVar[bool] = False
    p0: Rates
    shape: Shape = (1.0, 1.0)
    weights: Similarity | str = field(default_factory=CPP)
    prune: float | None = None
    global_weight: GlobalWeight | None = None

    def __post_init__(self) -> None:
        """Refuse settings that make no model."""
        super().__post_init__()
        object.__setattr__(self, "weights", similarity(self.weights))
        if self.prune is False:
            object.__setattr__(self, "prune", None)
        if self.prune is True or not (self.prune is None or 0 < self.prune < 1):
            raise StatisticsError(
                f"prune = {self.prune} is no cut-off.",
                remedy="Give the cut-off of P(p > p0) for which the pooled critical count is found, such as 0.95.",
            )
        if not (self.global_weight is None or isinstance(self.global_weight, GlobalWeight)):
            raise StatisticsError("global_weight is no GlobalWeight.", remedy="Give GlobalWeight(epsilon, weight).")

    def critical_counts(self, n: IntArray) -> IntArray:
        """(N, J) least responders with which a cohort is not pruned, for (N, J) evaluable patients.

        n_j + 1 where no count is enough; 0 for all if nothing is pruned.
        """
        rows, cohorts = n.shape
        critical = np.zeros((rows, cohorts), dtype=np.int64)
        if self.prune is None:
            return critical
        a, b = shapes(self.shape, cohorts).T
        p0 = per_cohort("p0", self.p0, cohorts)
        sizes, row = np.unique(n, axis=0, return_inverse=True)
        total = sizes.sum(axis=1, keepdims=True)
        least = np.zeros(sizes.shape, dtype=np.int64)
        for count in range(int(n.max(initial=0)) + 1):
            rate = np.minimum(count / np.maximum(sizes, 1), 1.0)
            passes = (upper_tail(a + rate * total, b + (1 - rate) * total, p0) > self.prune) & (count <= sizes)
            least += ~passes & (least == count)
        return np.minimum(least, sizes + 1)[row.reshape(-1)]

    def _pairs(self, data: Counts) -> PairWeights:
        return PairWeights.of(data, shapes(self.shape, data.cohorts), similarity(self.weights))

    def _lends(self, data: Counts) -> FloatArray:
        """(N, J) factor of what each cohort lends."""
        factor = np.ones(len(data.n)) if self.global_weight is None else self.global_weight.of(data)
        return factor[:, None] * (data.responders >= self.critical_counts(data.n))

    def _parameters(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        pairs = self._pairs(data)
        cells = pairs.cells
        responders, failures = pairs.borrowed(
            cells.responders.astype(np.float64), (cells.n - cells.responders).astype(np.float64), self._lends(data)
        )
        a, b = shapes(self.shape, data.cohorts).T
        return a + data.responders + responders, b + (data.n - data.responders) + failures

    def _weights(self, data: Counts) -> FloatArray:
        own = np.eye(data.cohorts)
        return np.where(own == 1, own, self._pairs(data).matrix() * self._lends(data)[:, None, :])
