"""The posterior of one cohort's rate under a hierarchical model: a mixture of normal priors, each updated.

theta ~ sum_k weight_k N(mu_k, tau_k^2) stands for everything that the other cohorts say; a cohort's own counts
update each part. The weights given are those after all data.

References:
    Berry SM et al. Clin Trials 2013;10:720-734. Neuenschwander B et al. Pharm Stat 2016;15:123-134.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.borrowing.hierarchical_priors import log_odds
from kohort.cohort.borrowing.quadrature import Nodes
from kohort.cohort.borrowing.quadrature_cells import CellIntegrals, Cells, node_integrals

__all__ = ["HierarchicalRate", "with_own_prior"]

NEGLIGIBLE = 36.0
GRID = 600
WIDEST = 36.0
"""Rates beyond these log odds are 0 or 1 in float64."""

POLISH = 60
CLOSE = 1e-12


@dataclass(frozen=True, eq=False)
class HierarchicalRate:
    """One cohort's rate.

    Attributes:
        responders: responders seen.
        n: evaluable patients.
        offset: what is added to theta to give the log odds of response.
        parts: means and standard deviations of the parts, and logarithms of their posterior weights.
    """

    responders: int
    n: int
    offset: float
    parts: Nodes

    @property
    def mean(self) -> float:
        """Mean response rate."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance of the response rate."""
        mean, square = self._moments
        return square - mean**2

    def below(self, p: float) -> float:
        """Probability that the rate is at most ``p``."""
        if p <= 0 or p >= 1:
            return float(p >= 1)
        return self._below_log_odds(log_odds(p))

    def quantile(self, probability: float) -> float:
        """The rate that is not exceeded with ``probability``: interpolated, then Newton steps in a bracket."""
        if probability <= 0 or probability >= 1:
            return float(probability >= 1)
        grid, cumulative = self._grid
        x = float(np.interp(probability, cumulative, grid))
        low, high = -WIDEST, WIDEST
        for _ in range(POLISH):
            missing = probability - self._below_log_odds(x)
            low, high = (x, high) if missing > 0 else (low, x)
            if abs(missing) <= CLOSE:
                break
            density = float(self._density(np.array([x]))[0])
            newton = x + missing / density if density > 0 else math.inf
            x = newton if low < newton < high else (low + high) / 2
        return float(expit(x))

    @functools.cached_property
    def _seen(self) -> Nodes:
        """Parts whose weight can be seen."""
        kept = self.parts.log_weights > self.parts.log_weights.max() - NEGLIGIBLE
        each = (self.parts.mu, self.parts.tau, self.parts.log_weights, self.parts.sharpest)
        return Nodes(*(array[kept] for array in each))

    @functools.cached_property
    def _weights(self) -> FloatArray:
        weights = np.exp(self._seen.log_weights)
        return weights / weights.sum()

    def _integrals(self, threshold: float) -> CellIntegrals:
        one = np.ones(1)
        cell = Cells(self.responders * one, self.n * one, self.offset * one, threshold * one)
        return node_integrals(cell, self._seen)

    def _below_log_odds(self, x: float) -> float:
        return float(min(1.0, max(0.0, 1 - self._integrals(x).above[0] @ self._weights)))

    @functools.cached_property
    def _even(self) -> CellIntegrals:
        return self._integrals(0.0)

    @functools.cached_property
    def _moments(self) -> tuple[float, float]:
        return float(self._even.mean[0] @ self._weights), float(self._even.square[0] @ self._weights)

    def _density(self, x: FloatArray) -> FloatArray:
        """Density of the log odds; a little blurred where tau is small."""
        mu, tau = self._seen.mu, np.maximum(self._seen.tau, self._seen.sharpest)
        ways = math.lgamma(self.n + 1) - math.lgamma(self.responders + 1) - math.lgamma(self.n - self.responders + 1)
        likelihood = ways + self.responders * x + self.n * log_expit(-x)
        prior = -(((x[:, None] - self.offset - mu) / tau) ** 2) / 2 - np.log(tau) - 0.5 * math.log(2 * math.pi)
        return np.exp(likelihood[:, None] + prior - self._even.log_likelihood[0]) @ self._weights

    @functools.cached_property
    def _grid(self) -> tuple[FloatArray, FloatArray]:
        """Log odds and their cumulative probabilities, coarse: where the search for a quantile starts."""
        wide = np.linspace(-WIDEST, WIDEST, GRID)
        seen = np.flatnonzero(np.cumsum(self._density(wide)) * (wide[1] - wide[0]) > 1e-9)
        last = np.flatnonzero(np.cumsum(self._density(wide)[::-1]) * (wide[1] - wide[0]) > 1e-9)
        low = wide[max(0, int(seen[0]) - 1)] if len(seen) else -WIDEST
        high = wide[min(GRID - 1, GRID - int(last[0]))] if len(last) else WIDEST
        grid = np.linspace(low, high, GRID)
        density = self._density(grid)
        cumulative = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
        return grid, cumulative / cumulative[-1]


def with_own_prior(at: Nodes, weights: FloatArray, mean: float, sd: float) -> Nodes:
    """The nodes with their posterior weights and, with the rest of the weight, a cohort's own prior."""
    every = np.append(weights, max(0.0, 1 - float(weights.sum())))
    with np.errstate(divide="ignore"):
        log_weights = np.log(every)
    return Nodes(np.append(at.mu, mean), np.append(at.tau, sd), log_weights, np.append(at.sharpest, 0.0))
