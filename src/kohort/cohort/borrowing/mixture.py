"""Mixtures of Beta distributions: the posterior of a response rate in every model that borrows by counts.

References:
    Diaconis P, Ylvisaker D. In: Bayesian Statistics 2. North-Holland; 1985: 133-156 (mixtures of conjugate priors).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from kohort.cohort.borrowing.data import FloatArray
from kohort.errors import StatisticsError

__all__ = ["BetaMixture"]

SUM_TOLERANCE = 1e-9
QUANTILE_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class BetaMixture:
    """A response rate that follows Beta(a[k], b[k]) with probability weights[k].

    Attributes:
        weights: (K,) probabilities of the components, summing to 1.
        a: (K,) shapes of responders, above 0.
        b: (K,) shapes of non-responders, above 0.
    """

    weights: FloatArray
    a: FloatArray
    b: FloatArray

    def __post_init__(self) -> None:
        """Refuse what is no mixture; components that never happen are left out."""
        weights, a, b = (np.array(each, dtype=np.float64, ndmin=1) for each in (self.weights, self.a, self.b))
        if not (weights.shape == a.shape == b.shape) or weights.ndim != 1:
            raise StatisticsError(
                "A mixture needs one weight, a and b for each component.", remedy="Give lists of one length."
            )
        if not (np.all(weights >= 0) and abs(weights.sum() - 1) <= SUM_TOLERANCE):
            raise StatisticsError(
                "The weights of a mixture are no probabilities.", remedy="Give weights that sum to 1."
            )
        if not (np.all((a > 0) & np.isfinite(a)) and np.all((b > 0) & np.isfinite(b))):
            raise StatisticsError("A component of a mixture is no distribution.", remedy="Give a and b above 0.")
        happens = weights > 0
        for name, values in (("weights", weights / weights.sum()), ("a", a), ("b", b)):
            object.__setattr__(self, name, values[happens])

    @property
    def mean(self) -> float:
        """Mean response rate."""
        return float(self.weights @ (self.a / (self.a + self.b)))

    @property
    def variance(self) -> float:
        """Variance of the response rate."""
        size = self.a + self.b
        means = self.a / size
        within = self.weights @ (means * (1 - means) / (size + 1))
        return float(within + self.weights @ (means - self.mean) ** 2)

    @property
    def size(self) -> float:
        """Mean of a + b: how many patients, those of the prior included, the distribution is worth."""
        return float(self.weights @ (self.a + self.b))

    def below(self, p: float) -> float:
        """Probability that the rate is at most ``p``."""
        if p <= 0 or p >= 1:
            return float(p >= 1)
        return min(float(self.weights @ special.betainc(self.a, self.b, p)), 1.0)

    def quantile(self, probability: float) -> float:
        """The rate that is not exceeded with ``probability``, root-found to 1e-12.

        Raises:
            StatisticsError: ``probability`` is not in 0 ... 1.
        """
        if not 0 <= probability <= 1:
            raise StatisticsError(
                f"A probability of {probability} is impossible.", remedy="Give a probability from 0 to 1."
            )
        # No component has passed `probability` below the least of their quantiles, and all have above the greatest.
        quantiles = special.betaincinv(self.a, self.b, probability)
        low, high = float(quantiles.min()), float(quantiles.max())
        if math.isnan(low):  # scipy finds no quantile of probabilities next to 0
            low, high = 0.0, 1.0
        if high - low <= QUANTILE_TOLERANCE:
            return (low + high) / 2
        at_low, at_high = self.below(low) - probability, self.below(high) - probability
        if at_low >= 0 or at_high <= 0:  # the ends are the answer but for rounding
            return low if at_low >= 0 else high
        found = optimize.root_scalar(
            lambda p: self.below(p) - probability, bracket=(low, high), method="brentq", xtol=QUANTILE_TOLERANCE
        )
        return float(found.root)
