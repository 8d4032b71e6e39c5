"""Integrals over one cohort's response rate, given the mean and spread that it shares with others.

A cell is one cohort's outcome: r responders of n. Given a node (mu, tau) the log odds of response are
x ~ N(mu + offset, tau^2), and a cell needs

    L = integral of  C(n, r) s(x)^r (1 - s(x))^(n - r) N(x; mu + offset, tau^2)  dx,   s = logistic function
    P(rate > p | node, cell) = part of the integral with x > logit p, divided by L
    E(rate | node, cell)     = integral of s(x) times it, divided by L, and E(rate^2 | node, cell) in the same way

The integrand is log-concave, so the interval on which it exceeds exp(-CUT) of its greatest value is found by
Newton steps that cannot miss; it is split at the greatest value, at logit p and at even odds, and each part
takes Gauss-Legendre nodes. That is as precise for narrow
as for wide spreads.

References:
    Golub GH, Welsch JH. Calculation of Gauss quadrature rules. Math Comp 1969;23:221-230.
    Berry SM et al. Bayesian hierarchical modeling of patient subpopulations. Clin Trials 2013;10:720-734.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, gammaln, log_expit

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.borrowing.quadrature import Nodes

__all__ = ["CellIntegrals", "Cells", "cell_integrals", "gauss_legendre", "node_integrals"]

CUT = 34.0
"""The integrand is left out where it is below exp(-34), 2e-15, of its greatest value."""

MODE_STEPS = 60
CLOSE = 0.1
"""The split at the greatest value may miss it by a tenth of its width."""

END_STEPS = 8
PART_NODES = 20
RUNGS = (1, 2, 3, 4)
BLOCK = 200_000
"""Values of the integrand computed at a time (1.6 MB each array)."""


@functools.lru_cache(maxsize=32)
def gauss_legendre(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre quadrature on (0, 1)."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return (at + 1) / 2, weight / 2


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Outcomes of single cohorts, all arrays of shape (C,).

    Attributes:
        responders: responders seen.
        n: evaluable patients.
        offset: what is added to theta to give the log odds of response.
        threshold: log odds of the rate that P(rate > p) asks about; -inf for p = 0, inf for p = 1.
    """

    responders: FloatArray
    n: FloatArray
    offset: FloatArray
    threshold: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CellIntegrals:
    """What every cell says at every node, arrays of shape (C, G).

    Attributes:
        log_likelihood: log L, with the binomial coefficient.
        above: P(rate > p | node, cell).
        mean: E(rate | node, cell).
        square: E(rate^2 | node, cell).
    """

    log_likelihood: FloatArray
    above: FloatArray
    mean: FloatArray
    square: FloatArray


def cell_integrals(cells: Cells, mu: FloatArray, tau: FloatArray) -> CellIntegrals:
    """Integrals of C cells at G nodes.

    Args:
        cells: the outcomes.
        mu: (C, G) or (G,) means of theta.
        tau: (C, G) or (G,) standard deviations of theta, above 0.
    """
    shape = (len(cells.n), np.shape(mu)[-1])
    columns = [np.broadcast_to(each[:, None], shape).ravel() for each in (cells.responders, cells.n, cells.threshold)]
    centre = (mu + cells.offset[:, None]).ravel()
    spread = np.broadcast_to(tau, shape).ravel()
    out = np.empty((4, centre.size))
    step = max(1, BLOCK // (4 * PART_NODES))
    for start in range(0, centre.size, step):
        part = slice(start, start + step)
        r, n, threshold = (each[part] for each in columns)
        out[:, part] = _integrals(r, n, threshold, centre[part], spread[part])
    out[0] += gammaln(columns[1] + 1) - gammaln(columns[0] + 1) - gammaln(columns[1] - columns[0] + 1)
    return CellIntegrals(*(each.reshape(shape) for each in out))


def node_integrals(cells: Cells, at: Nodes) -> CellIntegrals:
    """Integrals of C cells at G nodes, for sums over the nodes.

    As tau falls, P(rate > p | mu, tau) becomes a step in mu that no fixed nodes can follow. U(mu, tau^2), its
    product with L, obeys the heat equation, so that a sum of it over mu is a smooth function of tau^2: below the
    sharpest step that the nodes can follow, s, U is extrapolated by the cubic in tau^2 through s^2, 2 s^2, 3 s^2
    and 4 s^2. At single nodes the result is no probability; in sums over all nodes it is right.
    """
    found = cell_integrals(cells, at.mu, at.tau)
    small = np.flatnonzero(at.tau < at.sharpest)
    if len(small) == 0:
        return found
    above = found.above.copy()
    above[:, small] = 0.0
    sharpest = at.sharpest[small]
    place = (at.tau[small] / sharpest) ** 2
    for rung in RUNGS:
        others = [other for other in RUNGS if other != rung]
        factor = np.prod([(place - other) / (rung - other) for other in others], axis=0)
        wide = cell_integrals(cells, at.mu[small], math.sqrt(rung) * sharpest)
        ratio = np.exp(wide.log_likelihood - found.log_likelihood[:, small])
        above[:, small] += factor * ratio * wide.above
    return CellIntegrals(found.log_likelihood, above, found.mean, found.square)


def _integrals(
    r: FloatArray, n: FloatArray, threshold: FloatArray, centre: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log L but for the binomial coefficient, P(rate > p), E(rate) and E(rate^2), everything of shape (M,)."""
    cell = _Integrand(r, n, centre, spread)
    mode = _mode(cell)
    top = cell.log(mode)
    reach = np.sqrt(2 * CUT) * spread
    low, high = (_end(cell, mode + sign * reach, top - CUT) for sign in (-1, 1))
    split = np.clip(threshold - centre, low, high)
    edges = np.sort(np.stack([low, mode, split, np.clip(-centre, low, high), high]), axis=0)
    at, weight = gauss_legendre(PART_NODES)
    width = np.diff(edges, axis=0)[:, :, None]
    d = edges[:-1, :, None] + width * at
    columns = _Integrand(r[:, None], n[:, None], centre[:, None], spread[:, None])
    mass = np.exp(columns.log(d) - top[:, None]) * (width * weight)
    parts = mass.sum(axis=2)
    total = parts.sum(axis=0)
    above = np.where(edges[:-1] >= split, parts, 0.0).sum(axis=0) / total
    rate = expit(columns.centre + d)
    mass *= rate
    mean = mass.sum(axis=(0, 2)) / total
    square = (mass * rate).sum(axis=(0, 2)) / total
    return top + np.log(total / spread) - np.log(2 * np.pi) / 2, above, mean, square


class _Integrand(NamedTuple):
    """The integrand over d = x - centre, the distance from the prior mean (precise when tau is small)."""

    r: FloatArray
    n: FloatArray
    centre: FloatArray
    spread: FloatArray

    def log(self, d: FloatArray) -> FloatArray:
        x = self.centre + d
        return self.r * x + self.n * log_expit(-x) - (d / self.spread) ** 2 / 2

    def slope(self, d: FloatArray) -> FloatArray:
        return self.r - self.n * expit(self.centre + d) - d / self.spread**2

    def curvature(self, d: FloatArray) -> FloatArray:
        rate = expit(self.centre + d)
        return self.n * rate * (1 - rate) + 1 / self.spread**2


def _mode(cell: _Integrand) -> FloatArray:
    """Where the integrand is greatest: Newton steps in a bracket, every third step halves it."""
    low, high = _bracket(cell)
    d = np.clip(0.0, low, high)
    for turn in range(1, MODE_STEPS):
        slope, curvature = cell.slope(d), cell.curvature(d)
        if np.all(np.abs(slope) <= CLOSE * np.sqrt(curvature)):
            break
        low, high = np.where(slope > 0, d, low), np.where(slope > 0, high, d)
        newton = d + slope / curvature
        halve = (newton <= low) | (newton >= high) | (turn % 3 == 0)
        d = np.where(halve, (low + high) / 2, newton)
    return d


def _bracket(cell: _Integrand) -> tuple[FloatArray, FloatArray]:
    """Two points between which the slope of the log integrand changes its sign.

    The slope at the prior mean, times its variance, reaches too far. Beyond log odds of -log n or log n the
    likelihood is so flat that its slope is at most 1, which a distance of one variance outweighs.
    """
    variance, flat = cell.spread**2, np.log(np.maximum(cell.n, 1))
    pull = variance * cell.slope(np.zeros_like(variance))
    low = np.maximum(np.minimum(0, -flat - cell.centre) - variance, np.minimum(pull, 0))
    high = np.minimum(np.maximum(0, flat - cell.centre) + variance, np.maximum(pull, 0))
    return low, high


def _end(cell: _Integrand, d: FloatArray, level: FloatArray) -> FloatArray:
    """Where the integrand has fallen to ``level``: from outside, Newton steps on a concave function stay outside."""
    for _ in range(END_STEPS):
        d = d - np.minimum(cell.log(d) - level, 0) / cell.slope(d)
    return d
