"""Sums over other cohorts, each weighed by its similarity, for many data sets at once.

Few results of single cohorts occur in many data sets (25 of 24 patients), so weights are computed once for
each pair of results and looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray
from kohort.cohort.borrowing.similarity import Cells, Similarity

__all__ = ["PairWeights"]

LARGEST_TABLE = 4_000_000
"""Pairs of results; beyond, only pairs that occur together are computed."""


@dataclass(frozen=True, slots=True, eq=False)
class PairWeights:
    """Similarity of every two cohorts in many data sets.

    Attributes:
        cells: the K distinct results of single cohorts.
        places: (N, J) which of them each cohort has.
        weights: weights of pairs of results, those of (k, l) at ``where(k, l)``.
        codes: sorted codes k K + l of the pairs in ``weights``; None: all K * K of them, in order.
    """

    cells: Cells
    places: IntArray
    weights: FloatArray
    codes: IntArray | None

    @classmethod
    def of(cls, data: Counts, shapes: FloatArray, measure: Similarity) -> PairWeights:
        """Weights by ``measure``, for cohorts with (J, 2) prior ``shapes``."""
        cells, places = _distinct(data, shapes)
        size = len(cells.n)
        if size * size <= LARGEST_TABLE:
            first, second = np.triu_indices(size)
            table = np.empty((size, size))
            table[first, second] = table[second, first] = measure.between(cells, first, second)
            return cls(cells, places, table.ravel(), None)
        codes = np.unique(places[:, :, None] * size + places[:, None, :])
        return cls(cells, places, measure.between(cells, codes // size, codes % size), codes)

    def where(self, cohort: int, other: int) -> IntArray:
        """(N,) places of the weights of two cohorts."""
        codes = self.places[:, cohort] * len(self.cells.n) + self.places[:, other]
        return codes if self.codes is None else np.searchsorted(self.codes, codes)

    def matrix(self) -> FloatArray:
        """(N, J, J) weights, 1 on the diagonal."""
        rows, cohorts = self.places.shape
        found = np.ones((rows, cohorts, cohorts))
        for i in range(cohorts):
            for j in range(cohorts):
                if i != j:
                    found[:, i, j] = self.weights[self.where(i, j)]
        return found

    def borrowed(
        self, responders: FloatArray, failures: FloatArray, lends: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """(N, J) responders and (N, J) non-responders that the other cohorts lend to each.

        Args:
            responders: (K,) what a cohort with each result lends, at weight 1.
            failures: (K,) the same of non-responders.
            lends: (N, J) further factor of what a cohort lends.
        """
        size = len(self.cells.n)
        other = np.arange(size * size) % size if self.codes is None else self.codes % size
        lent = self.weights * (responders + 1j * failures)[other]  # one look-up fetches both counts
        rows, cohorts = self.places.shape
        total = np.zeros((cohorts, rows), dtype=np.complex128)
        for j in range(cohorts):
            share = lends[:, j]
            for i in range(cohorts):
                if i != j:
                    total[i] += share * lent[self.where(i, j)]
        return total.real.T.copy(), total.imag.T.copy()


def _distinct(data: Counts, shapes: FloatArray) -> tuple[Cells, IntArray]:
    """The distinct (shape, n, responders), and which of them each cohort has in each data set."""
    kinds, kind = np.unique(shapes, axis=0, return_inverse=True)
    most = int(data.n.max(initial=0)) + 1
    codes = (kind[None, :] * most + data.n) * most + data.responders
    found, places = np.unique(codes, return_inverse=True)
    a, b = kinds[found // (most * most)].T
    return Cells(found % most, found // most % most, a, b), places.reshape(codes.shape)
