"""How alike two cohorts look: the weights with which power priors let one cohort's data count for another.

Each measure gives a weight from 0 to 1 to a pair of cohorts from their counts (r_i of n_i, r_j of n_j) and
Beta priors. The weight is symmetric.

    CPP   1 / (1 + exp(a + b log S)),  S = max(n_i, n_j)^(1/4) |r_i / n_i - r_j / n_j|;  equal rates: 1
    JSD   (1 - JSD(Beta(s1 + r_i, s2 + n_i - r_i), Beta(s1 + r_j, s2 + n_j - r_j)))^epsilon, 0 if <= tau;
          logarithms to ``base``
    MML   argmax over delta in [0, 1] of BetaBin(r_i; n_i, s1 + delta r_j, s2 + delta (n_j - r_j)), the mean
          of both directions; 0 if <= 6.5e-9

The logarithm in CPP is natural. A cohort without patients has no rate: CPP and MML give it the weight 0.

References:
    Pan H, Yuan Y, Xia J. J R Stat Soc C 2017;66:979-996 (calibrated power prior: CPP);
    Fujikawa K, Teramukai S, Yokota I, Daimon T. Biom J 2020;62:330-338 (JSD weights);
    Gravestock I, Held L. Pharm Stat 2017;16:349-360 (maximum marginal likelihood: MML);
    Baumann L, Sauer LD, Kieser M. A basket trial design based on power priors. Stat Biopharm Res 2024
    (arXiv 2309.06988; these weights between baskets; package baskexact).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy import special

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.borrowing.divergence import jensen_shannon
from kohort.errors import StatisticsError

__all__ = ["CPP", "JSD", "MML", "Cells", "Similarity", "similarity"]

NEGLIGIBLE = 6.5e-9
"""MML weights of at most this much are 0, as in baskexact."""

GRID, HALVINGS = 33, 50
"""Places where the likelihood of MML is compared, and halvings of the interval around the best of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Distinct results of single cohorts, each (K,) arrays.

    Attributes:
        responders: evaluable patients who responded.
        n: evaluable patients.
        a: prior shape of responders.
        b: prior shape of non-responders.
    """

    responders: IntArray
    n: IntArray
    a: FloatArray
    b: FloatArray

    def take(self, places: IntArray) -> Cells:
        """The results at these places."""
        return Cells(self.responders[places], self.n[places], self.a[places], self.b[places])


class Similarity(ABC):
    """A measure of how alike two results are."""

    @abstractmethod
    def between(self, cells: Cells, first: IntArray, second: IntArray) -> FloatArray:
        """(P,) weights of the pairs of results ``first[p]`` and ``second[p]``."""


@dataclass(frozen=True)
class CPP(Similarity):
    """Calibrated power prior: a logistic curve in the scaled difference of the rates.

    Attributes:
        a: the greater, the less is borrowed.
        b: how steeply the weight falls with the difference, above 0.
    """

    a: float = 1.0
    b: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a curve that does not fall."""
        if not (math.isfinite(self.a) and 0 < self.b < math.inf):
            raise StatisticsError(f"{self} is no falling curve.", remedy="Give a number for a, and b above 0.")

    def between(self, cells: Cells, first: IntArray, second: IntArray) -> FloatArray:
        """(P,) weights of pairs."""
        one, other = cells.take(first), cells.take(second)
        n1, n2 = np.maximum(one.n, 1), np.maximum(other.n, 1)
        apart = one.responders * n2 != other.responders * n1
        difference = np.abs(one.responders / n1 - other.responders / n2)
        scaled = np.maximum(n1, n2) ** 0.25 * np.where(apart, difference, 1.0)
        weights = np.where(apart, special.expit(-(self.a + self.b * np.log(scaled))), 1.0)
        return np.where((one.n > 0) & (other.n > 0), weights, 0.0)


@dataclass(frozen=True)
class JSD(Similarity):
    """One minus the Jensen-Shannon divergence of the two cohorts' own posteriors, to a power.

    Attributes:
        epsilon: power, above 0; the greater, the less is borrowed.
        tau: weights of at most this much are 0. The usual 0.5 is for one stage; 0 is usual for two stages.
        base: base of the logarithm, above 1; with 2 the weight of posteriors far apart is 0, with e it is
            (1 - log 2)^epsilon.
    """

    epsilon: float = 1.25
    tau: float = 0.5
    base: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what gives no weight from 0 to 1."""
        if not (0 < self.epsilon < math.inf and 0 <= self.tau <= 1 and 2 <= self.base < math.inf):
            raise StatisticsError(
                f"{self} gives no weights.", remedy="Give epsilon above 0, tau from 0 to 1, and a base from 2 up."
            )

    def between(self, cells: Cells, first: IntArray, second: IntArray) -> FloatArray:
        """(P,) weights of pairs."""
        posteriors = np.column_stack([cells.a + cells.responders, cells.b + (cells.n - cells.responders)])
        divergence = jensen_shannon(posteriors, first, second) / math.log(self.base)
        weights = np.maximum(1 - divergence, 0.0) ** self.epsilon
        return np.where(weights <= self.tau, 0.0, weights)


@dataclass(frozen=True)
class MML(Similarity):
    """Maximum marginal likelihood: the share of the other's data under which one's own are most probable."""

    def between(self, cells: Cells, first: IntArray, second: IntArray) -> FloatArray:
        """(P,) weights of pairs."""
        one, other = cells.take(first), cells.take(second)
        return (self._directed(one, other) + self._directed(other, one)) / 2

    def _directed(self, own: Cells, lent: Cells) -> FloatArray:
        """(P,) shares of the lent data under which the own data are most probable."""
        grid = np.linspace(0, 1, GRID)
        likelihood = np.stack([_log_beta_binomial(own, lent, share) for share in grid])
        best = likelihood.argmax(axis=0)
        low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, GRID - 1)]
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            rises = _slope(own, lent, middle) > 0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        share = (low + high) / 2
        share = np.where(share > 1 - 2.0**-HALVINGS, 1.0, share)
        return np.where((share <= NEGLIGIBLE) | (own.n == 0) | (lent.n == 0), 0.0, share)


def _log_beta_binomial(own: Cells, lent: Cells, share: float) -> FloatArray:
    """Log of the Beta-binomial probability of the own data, without its binomial coefficient."""
    a, b = own.a + share * lent.responders, own.b + share * (lent.n - lent.responders)
    return special.betaln(a + own.responders, b + (own.n - own.responders)) - special.betaln(a, b)


def _slope(own: Cells, lent: Cells, share: FloatArray) -> FloatArray:
    """Derivative of ``_log_beta_binomial`` by the share."""
    failures, lent_failures = own.n - own.responders, lent.n - lent.responders
    a, b = own.a + share * lent.responders, own.b + share * lent_failures
    psi = special.digamma
    return (
        lent.responders * (psi(a + own.responders) - psi(a))
        + lent_failures * (psi(b + failures) - psi(b))
        - lent.n * (psi(a + b + own.n) - psi(a + b))
    )


NAMED: dict[str, type[Similarity]] = {"cpp": CPP, "jsd": JSD, "mml": MML}


def similarity(given: Similarity | str) -> Similarity:
    """A measure, or the one of this name ("cpp", "jsd", "mml") with its usual settings.

    Raises:
        StatisticsError: no such measure.
    """
    if isinstance(given, Similarity):
        return given
    if isinstance(given, str) and given.lower() in NAMED:
        return NAMED[given.lower()]()
    raise StatisticsError(f"There are no weights {given!r}.", remedy="Give CPP(...), JSD(...) or MML().")
