"""Posteriors of all outcomes at once for hierarchical models, by products of matrices.

Given a node g = (mu, tau) cohorts are independent, so an outcome's weight of the node is a product over cohorts,
hence of its left and its right part:

    marginal(a, b) = sum_g W_g A[a, g] B[b, g],   A = product of L over the left positions, B over the right ones,

and P(rate_j > p | a, b) is the same with A (or B) times P(rate_j > p | g, outcome), divided by the marginal. Each
of these is one matrix product for all outcomes.

References:
    Berry SM et al. Clin Trials 2013;10:720-734; Neuenschwander B et al. Pharm Stat 2016;15:123-134 (the models).
"""

from __future__ import annotations

import numpy as np

from kohort.cohort.borrowing.data import BoolArray, FloatArray
from kohort.cohort.borrowing.hierarchical import HierarchicalModel
from kohort.cohort.borrowing.hierarchical_tables import HierarchicalTables
from kohort.cohort.characteristics.multisets import Block, Side
from kohort.cohort.characteristics.space import Space
from kohort.cohort.characteristics.sums import Batch

__all__ = ["TabledPosteriors"]


class TabledPosteriors:
    """Posteriors of a model with one set of nodes, for the outcomes of a space.

    Args:
        model: the model.
        space: all outcomes.
        numeric_error: greatest error of its probabilities and means.
    """

    def __init__(self, model: HierarchicalModel, space: Space, numeric_error: float) -> None:
        self.model = model
        self.space = space
        self.numeric_error = numeric_error
        self._of_rate: dict[float | None, HierarchicalTables] = {}
        tables = self._tables(None)
        self._left = self._products(space.halves.left, tables) * np.exp(tables.log_weights)
        self._right = self._products(space.halves.right, tables)
        self._marginal: tuple[Batch, FloatArray] | None = None

    def prob_greater(self, batch: Batch, rate: float | None) -> FloatArray:
        """See ``Posteriors``."""
        return self._averages(batch, self._tables(rate).above)

    def mean(self, batch: Batch) -> FloatArray:
        """See ``Posteriors``."""
        return self._averages(batch, self._tables(None).mean)

    def exceeds(self, batch: Batch, rate: float | None, cut_off: float) -> BoolArray:
        """See ``Posteriors``."""
        return self.prob_greater(batch, rate) > cut_off

    def _tables(self, rate: float | None) -> HierarchicalTables:
        if rate not in self._of_rate:
            states = dict(zip(self.space.halves.kinds, self.space.states, strict=True))
            own = {cohort: each for kind, each in states.items() for cohort in kind.cohorts}
            ordered = [own[cohort] for cohort in range(self.space.cohorts)]
            self._of_rate[rate] = self.model.tables(
                [each.responders for each in ordered], [each.n for each in ordered], rate
            )
        return self._of_rate[rate]

    def _products(self, side: Side, tables: HierarchicalTables) -> FloatArray:
        """(R, G) products of L over the positions of a side; each row of L is divided by its greatest value."""
        product = np.ones((len(side.states), len(tables.log_weights)))
        for position, column in enumerate(side.columns):
            log_likelihood = tables.log_likelihood[column]
            product *= np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))[side.states[:, position]]
        return product

    def _averages(self, batch: Batch, values: tuple[FloatArray, ...]) -> FloatArray:
        """(N, J) averages of each cohort's table over the nodes, each column contiguous."""
        out = np.empty((self.space.cohorts, len(batch.weight)))
        for block in batch.blocks:
            self._fill(out[:, block.rows], block, values)
        out /= self._marginals(batch)
        return np.clip(out, 0.0, 1.0, out=out).T

    def _fill(self, out: FloatArray, block: Block, values: tuple[FloatArray, ...]) -> None:
        """Numerators of one block; ``out`` is (J, outcomes of the block)."""
        halves = self.space.halves
        a, b = self._left[block.left], self._right[block.right]
        for position, column in enumerate(halves.left.columns):
            with_value = a * values[column][halves.left.states[block.left, position]]
            out[column] = (with_value @ b.T).ravel()
        for position, column in enumerate(halves.right.columns):
            with_value = b * values[column][halves.right.states[block.right, position]]
            out[column] = (a @ with_value.T).ravel()

    def _marginals(self, batch: Batch) -> FloatArray:
        """(N,) marginals of a batch; those of the last batch are kept."""
        if self._marginal is None or self._marginal[0] is not batch:
            parts = [(self._left[block.left] @ self._right[block.right].T).ravel() for block in batch.blocks]
            self._marginal = (batch, np.concatenate(parts))
        return self._marginal[1]
