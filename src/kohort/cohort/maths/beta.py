"""The Beta distribution of a response rate.

Prior and posterior of a rate from counts: Beta(a, b) before, Beta(a + responders, b + non-responders) after.
The regularised incomplete beta function and its inverse are those of SciPy (Boost).

References:
    NIST Digital Library of Mathematical Functions, 8.17 (incomplete beta function).
    DiDonato AR, Morris AH. ACM Trans Math Softw 1992;18:360-373 (its computation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betainc, betaincc, betaincinv

from kohort.errors import StatisticsError

__all__ = ["Beta"]


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta(a, b): a prior or posterior of a response rate.

    Attributes:
        a: prior responders plus responders seen, above 0.
        b: prior non-responders plus non-responders seen, above 0.

    Raises:
        StatisticsError: parameters that make no distribution.
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        """Refuse parameters that make no distribution."""
        if not (0 < self.a < math.inf and 0 < self.b < math.inf):
            raise StatisticsError(f"Beta({self.a}, {self.b}) is no distribution.", remedy="Give a and b above 0.")

    @property
    def mean(self) -> float:
        """Mean response rate."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> float:
        """Variance of the response rate."""
        return self.mean * (self.b / (self.a + self.b)) / (self.a + self.b + 1)

    def updated(self, responders: int, evaluable: int) -> Beta:
        """The posterior after ``responders`` of ``evaluable`` patients."""
        return Beta(self.a + responders, self.b + evaluable - responders)

    def below(self, p: float) -> float:
        """Probability that the response rate is at most ``p``."""
        return float(betainc(self.a, self.b, min(max(p, 0.0), 1.0)))

    def above(self, p: float) -> float:
        """Probability that the response rate is greater than ``p``."""
        return float(betaincc(self.a, self.b, min(max(p, 0.0), 1.0)))

    def quantile(self, probability: float) -> float:
        """The rate that is not exceeded with ``probability``.

        Raises:
            StatisticsError: ``probability`` is not in 0 ... 1.
        """
        if not 0 <= probability <= 1:
            raise StatisticsError(
                f"A probability of {probability} is impossible.", remedy="Give a probability from 0 to 1."
            )
        return float(betaincinv(self.a, self.b, probability))
