"""A response rate whose logit has a density that is known on panels, as integrals over a grid give it.

References:
    Golub GH, Welsch JH. Math Comp 1969;23:221-230 (Gauss-Legendre quadrature).
    NIST Digital Library of Mathematical Functions, 18.9 (integrals of Legendre polynomials).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import root_scalar
from scipy.special import eval_legendre, expit, logit

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.borrowing.quadrature_cells import gauss_legendre
from kohort.errors import StatisticsError

__all__ = ["PANEL_NODES", "PanelRate", "at_panels", "panel_nodes"]

PANEL_NODES = 8


def panel_nodes(edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(P, 8) Gauss-Legendre nodes of the panels between (P + 1,) edges, and their weights."""
    at, weight = gauss_legendre(PANEL_NODES)
    widths = np.diff(edges)[:, None]
    return edges[:-1, None] + widths * at, widths * weight


def at_panels(edges: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    """The piecewise polynomials through values at the nodes of panels, at any places; 0 outside the panels.

    Args:
        edges: (P + 1,) edges, evenly spaced.
        values: (P, 8) values at the nodes.
        at: places, any shape.
    """
    width = edges[1] - edges[0]
    place = (at - edges[0]) / width
    panel = np.clip(place.astype(np.int64), 0, len(edges) - 2)
    inside = 2 * (place - panel) - 1
    coefficients = (values @ _to_legendre().T)[panel]
    # Clenshaw's recurrence would save little: eight polynomials by their three-term recurrence
    before, now = np.ones_like(inside), inside
    total = coefficients[..., 0] + coefficients[..., 1] * inside
    for degree in range(2, PANEL_NODES):
        before, now = now, ((2 * degree - 1) * inside * now - (degree - 1) * before) / degree
        total = total + coefficients[..., degree] * now
    return np.where((place < 0) | (place > len(edges) - 1), 0.0, total)


@functools.lru_cache(maxsize=1)
def _to_legendre() -> FloatArray:
    """(8, 8) from values at the nodes to coefficients in Legendre polynomials on (-1, 1)."""
    at, weight = gauss_legendre(PANEL_NODES)
    degree = np.arange(PANEL_NODES)[:, None]
    return (2 * degree + 1) * eval_legendre(degree, 2 * at - 1) * weight


def _antiderivatives(at: float) -> FloatArray:
    """Integrals from -1 to ``at`` of the first Legendre polynomials: (P_(k+1) - P_(k-1)) / (2 k + 1)."""
    degree = np.arange(1, PANEL_NODES)
    rest = (eval_legendre(degree + 1, at) - eval_legendre(degree - 1, at)) / (2 * degree + 1)
    return np.concatenate(([at + 1], rest))


@dataclass(frozen=True, slots=True, eq=False)
class PanelRate:
    """A response rate whose logit has a polynomial density in each panel.

    Attributes:
        edges: (P + 1,) edges of the panels, logits, rising.
        density: (P, 8) density of the logit at the nodes of each panel; it integrates to 1.
    """

    edges: FloatArray
    density: FloatArray

    @classmethod
    def scaled(cls, edges: FloatArray, density: FloatArray) -> PanelRate:
        """The same with the density divided by its integral."""
        return cls(edges, density / float((density * panel_nodes(edges)[1]).sum()))

    @property
    def mean(self) -> float:
        """Mean rate."""
        return self._moment(1)

    @property
    def variance(self) -> float:
        """Variance of the rate."""
        at, weight = panel_nodes(self.edges)
        return float(((expit(at) - self.mean) ** 2 * self.density * weight).sum())

    def below(self, p: float) -> float:
        """Probability that the rate is at most ``p``."""
        return self._below_logit(float(logit(min(max(p, 0.0), 1.0))))

    def quantile(self, probability: float) -> float:
        """The rate that is not exceeded with ``probability``, root-found to 1e-12 of its logit.

        Raises:
            StatisticsError: ``probability`` is not in 0 ... 1.
        """
        if not 0 <= probability <= 1:
            raise StatisticsError(
                f"A probability of {probability} is impossible.", remedy="Give a probability from 0 to 1."
            )
        if probability in (0, 1):
            return float(probability)
        low, high = float(self.edges[0]), float(self.edges[-1])
        found = root_scalar(
            lambda at: self._below_logit(at) - probability, bracket=(low, high), method="brentq", xtol=1e-12
        )
        return float(expit(found.root))

    def _below_logit(self, at: float) -> float:
        if at <= self.edges[0] or at >= self.edges[-1]:
            return float(at >= self.edges[-1])
        weight = gauss_legendre(PANEL_NODES)[1]
        widths = np.diff(self.edges)
        panel = int(np.searchsorted(self.edges, at, side="right")) - 1
        whole = float(widths[:panel] @ (self.density[:panel] @ weight))
        inside = 2 * (at - self.edges[panel]) / widths[panel] - 1
        part = float(_antiderivatives(inside) @ (_to_legendre() @ self.density[panel]))
        return min(max(whole + part * float(widths[panel]) / 2, 0.0), 1.0)

    def _moment(self, power: int) -> float:
        at, weight = panel_nodes(self.edges)
        return float((expit(at) ** power * self.density * weight).sum())
