"""Local multisource exchangeability (local MEM): cohorts fall into blocks, and borrow inside their block only.

A model is a partition of the cohorts into K blocks of equal response rate. With a Beta(a, b) prior for the rate
of each block, the posterior probability of a partition is

    P(partition | r) ~ K^delta * prod_blocks B(a + sum r_j, b + sum (n_j - r_j)) / B(a, b)

From it come the similarity s_ij = P(i and j are in one block | r), and the best partition, the one of greatest
posterior probability. The posterior of a rate borrows from the best block, by similarity:

    p_i | r ~ Beta(a + sum_{j in block of i} s_ij r_j, b + sum_{j in block of i} s_ij (n_j - r_j)),   s_ii = 1

Each cohort's data enters the probability of a partition once; in ``MEM`` it enters once in every row. delta > 0
favours many blocks, so less borrowing; delta = 0 gives every partition the same prior probability.
Where several partitions are best (equal cohorts make ties), a cohort borrows by s_ij times the share of them
that has both in one block, so that equal cohorts get equal numbers. With a shape for each cohort, the rate
of a block has the mean shape of its cohorts, and cohort i keeps its own. Ties, shapes by cohort and the default
delta are choices made here; the paper's printed numbers were not at hand to compare with.

References:
    Liu Y, Kane M, Esserman D, Blaha O, Zelterman D, Wei W. Bayesian local exchangeability design for phase II
    basket trials. Stat Med 2022;41:4367-4384 (partitions, prior, similarity, borrowing in the best block);
    Psioda MA, Xu J, Jiang Q, et al. Biostatistics 2021;22:19-34 (averaging over the same partitions).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from scipy import special

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray, Rates, Shape, shapes
from kohort.cohort.borrowing.one_beta import OneBeta
from kohort.cohort.borrowing.posterior import Posterior
from kohort.errors import StatisticsError

__all__ = ["LocalMEM", "partitions"]

MOST_COHORTS = 10
"""115,975 partitions; each cohort more multiplies them by six and more."""

TIE = 1e-9
"""Difference in log probability below which two partitions are equally good."""

VALUES_AT_ONCE = 2_000_000


@functools.lru_cache(maxsize=MOST_COHORTS)
def partitions(cohorts: int) -> IntArray:
    """(P, J) all partitions of J cohorts: the block of each cohort, blocks numbered as they appear."""
    found = np.zeros((1, 1), dtype=np.int64)
    for _ in range(cohorts - 1):
        blocks = found.max(axis=1) + 1
        repeated = np.repeat(found, blocks + 1, axis=0)
        starts = np.repeat(np.cumsum(blocks + 1) - (blocks + 1), blocks + 1)
        found = np.column_stack([repeated, np.arange(len(repeated)) - starts])
    found.setflags(write=False)
    return found


@dataclass(frozen=True)
class LocalMEM(OneBeta):
    """Cohorts borrow inside the block that the best partition puts them in.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
        delta: power of the number of blocks in the prior of a partition; the greater, the less is borrowed.
    """

    is_monotone: ClassVar[bool] = False
    p0: Rates
    shape: Shape = (0.5, 0.5)
    delta: float = 2.0

    def __post_init__(self) -> None:
        """Refuse settings that make no model."""
        super().__post_init__()
        if not np.isfinite(self.delta):
            raise StatisticsError(f"delta = {self.delta} is no power.", remedy="Give a number such as 0 or 2.")

    def partition_probabilities(self, responders: object, n: object) -> FloatArray:
        """(N, P) posterior probabilities of ``partitions(J)`` in many data sets."""
        return special.softmax(self._log_weights(Counts.of(responders, n)), axis=1)

    def _fit(self, responders: IntArray, n: IntArray) -> Posterior:
        found = super()._fit(responders, n)
        return replace(found, exchangeability=self._similarity(Counts(responders[None], n[None]))[0][0])

    def _parameters(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        a, b = shapes(self.shape, data.cohorts).T
        weights = self._weights(data)
        responders = np.einsum("nij,nj->ni", weights, data.responders)
        return a + responders, b + np.einsum("nij,nj->ni", weights, data.n - data.responders)

    def _weights(self, data: Counts) -> FloatArray:
        similarity, best = self._similarity(data)
        return similarity * best

    def _similarity(self, data: Counts) -> tuple[FloatArray, FloatArray]:
        """(N, J, J) probabilities that pairs share a block, and share of the best partitions in which they do."""
        cohorts = data.cohorts
        blocks = partitions(_few(cohorts))
        together = (blocks[:, :, None] == blocks[:, None, :]).reshape(len(blocks), -1).astype(np.float64)
        similarity, best = np.empty((2, len(data.n), cohorts * cohorts))
        at_once = max(VALUES_AT_ONCE // len(blocks), 1)
        for start in range(0, len(data.n), at_once):
            part = slice(start, start + at_once)
            logs = self._log_weights(Counts(data.responders[part], data.n[part]))
            ties = logs >= logs.max(axis=1, keepdims=True) - TIE
            similarity[part] = special.softmax(logs, axis=1) @ together
            best[part] = ties @ together / ties.sum(axis=1, keepdims=True)
        own = np.eye(cohorts, dtype=bool)
        square = (len(data.n), cohorts, cohorts)
        return np.where(own, 1.0, similarity.reshape(square)), np.where(own, 1.0, best.reshape(square))

    def _log_weights(self, data: Counts) -> FloatArray:
        """(N, P) log posterior weights of the partitions."""
        blocks = partitions(_few(data.cohorts))
        bits = 2 ** np.arange(data.cohorts)
        found = self.delta * np.log(blocks.max(axis=1) + 1) + np.zeros((len(data.n), 1))
        by_set = self._log_marginals(data)
        for block in range(data.cohorts):
            found += by_set[:, (blocks == block) @ bits]
        return found

    def _log_marginals(self, data: Counts) -> FloatArray:
        """(N, 2^J) log marginal likelihoods of one rate for each set of cohorts; 0 for the empty set."""
        sets = np.arange(2**data.cohorts)[:, None] >> np.arange(data.cohorts) & 1
        a, b = (sets @ shapes(self.shape, data.cohorts) / np.maximum(sets.sum(axis=1, keepdims=True), 1)).T
        a[0] = b[0] = 1.0
        responders, failures = data.responders @ sets.T, (data.n - data.responders) @ sets.T
        return special.betaln(a + responders, b + failures) - special.betaln(a, b)


def _few(cohorts: int) -> int:
    if cohorts > MOST_COHORTS:
        raise StatisticsError(
            f"LocalMEM of {cohorts} cohorts is a sum over more than 678,000 partitions.",
            remedy=f"Give up to {MOST_COHORTS} cohorts, or use EXNEX or a power prior.",
        )
    return cohorts
