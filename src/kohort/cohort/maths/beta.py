"""The Beta distribution of a response rate, without a heavy statistics library.

The regularised incomplete beta function is a continued fraction (modified Lentz), as in
DiDonato AR, Morris AH. ACM Trans Math Softw 1992;18:360-373 and NIST DLMF 8.17.22. Absolute error is about
1e-12 for weights a + b up to 10,000 patients and grows with the weight (cancellation in the log gammas).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kohort.errors import StatisticsError

__all__ = ["Beta", "log_beta"]

SMALLEST = 1e-300
PRECISION = 1e-15
MOST_TERMS = 10_000


def log_beta(a: float, b: float) -> float:
    """Logarithm of the Beta function B(a, b)."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta(a, b): a prior or posterior of a response rate.

    Attributes:
        a: prior responders plus responders seen, above 0.
        b: prior non-responders plus non-responders seen, above 0.
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

    def updated(self, responders: int, evaluable: int) -> Beta:
        """The posterior after ``responders`` of ``evaluable`` patients."""
        return Beta(self.a + responders, self.b + evaluable - responders)

    def below(self, p: float) -> float:
        """Probability that the response rate is at most ``p``."""
        if p <= 0 or p >= 1:
            return float(p >= 1)
        front = math.exp(self.a * math.log(p) + self.b * math.log1p(-p) - log_beta(self.a, self.b))
        if p < (self.a + 1) / (self.a + self.b + 2):
            return front * _fraction(self.a, self.b, p) / self.a
        return 1 - front * _fraction(self.b, self.a, 1 - p) / self.b

    def above(self, p: float) -> float:
        """Probability that the response rate is greater than ``p``."""
        return Beta(self.b, self.a).below(1 - p)

    def quantile(self, probability: float) -> float:
        """The rate that is not exceeded with ``probability``; bisection to neighbouring floats.

        Raises:
            StatisticsError: ``probability`` is not in 0 ... 1.
        """
        if not 0 <= probability <= 1:
            raise StatisticsError(
                f"A probability of {probability} is impossible.", remedy="Give a probability from 0 to 1."
            )
        low, high = 0.0, 1.0
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if self.below(middle) < probability else (low, middle)
        return high


def _fraction(a: float, b: float, x: float) -> float:
    """Continued fraction of the incomplete beta function (DLMF 8.17.22), for x below its turning point."""
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _off_zero(1 + term * d)
            c = _off_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) <= PRECISION:
            return value
    raise StatisticsError(
        f"The Beta distribution with a = {a:.4g} and b = {b:.4g} did not converge.",
        remedy="Use a prior of less weight.",
    )


def _off_zero(value: float) -> float:
    return value if abs(value) > SMALLEST else SMALLEST
