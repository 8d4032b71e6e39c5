"""Single-stage designs: n patients, one look, exact error rates.

With x responders of n the cohort is positive if x > r. Error rates are binomial tails,

    alpha = P(Bin(n, p0) > r),    power = P(Bin(n, p1) > r).

**The sawtooth.** Counts are whole numbers, so power does not rise steadily with n. While r stays, one
more patient raises power and alpha; when alpha would exceed its limit r steps up by one, and power falls.
The smallest n that meets both limits can therefore be followed by larger ones that do not: a cohort that
takes one patient too many then has less power, not more. ``steady=True`` asks for the smallest n from which
on *every* size meets both limits. That is no search up to some large n: by Chernoff's bound every n of at
least max(log(1/alpha) / K(c, p0), log(1/beta) / K(c, p1)) meets both for any c in p0 ... p1, where
K(c, p) = c log(c/p) + (1 - c) log((1 - c)/(1 - p)), so only the finitely many sizes below it are looked at.

References:
    A'Hern RP. Sample size tables for exact single-stage phase II designs. Stat Med 2001;20:859-866.
    Chernoff H. Ann Math Stat 1952;23:493-507 (the bound).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

import numpy as np
from numpy.typing import NDArray
from scipy import special

from kohort.cohort.designs.checks import check_errors, check_n_max, check_rate, check_rates
from kohort.cohort.designs.decisions import Observed, Verdict
from kohort.cohort.designs.two_stage import ROUNDING, OperatingCharacteristics
from kohort.cohort.maths.binomial import tail
from kohort.errors import StatisticsError

__all__ = ["SingleStageDesign", "single_stage"]

LARGEST_SEARCH = 200_000


@dataclass(frozen=True, slots=True)
class SingleStageDesign:
    """Positive with more than r responders of n.

    Attributes:
        r: last count that is not enough.
        n: evaluable patients.
        p0: response rate that is of no interest.
        p1: response rate that would be of interest.

    Raises:
        StatisticsError: a size, threshold or rates that make no design.
    """

    r: int
    n: int
    p0: float
    p1: float

    def __post_init__(self) -> None:
        """Refuse sizes and rates that make no design."""
        if not 0 <= self.r < self.n:
            raise StatisticsError(
                f"r = {self.r} is impossible with n = {self.n}.",
                remedy="Give 0 <= r < n, where r is the last count that is not enough.",
            )
        check_rates(self.p0, self.p1)

    def __str__(self) -> str:
        """Both conventions, e.g. ``4/31 (positive with >= 5 of 31)``."""
        return f"{self.r}/{self.n} (positive with >= {self.r + 1} of {self.n})"

    @overload
    def operating_characteristics(self, p: Fraction) -> OperatingCharacteristics[Fraction]: ...
    @overload
    def operating_characteristics(self, p: float) -> OperatingCharacteristics[float]: ...
    def operating_characteristics(
        self, p: float | Fraction
    ) -> OperatingCharacteristics[float] | OperatingCharacteristics[Fraction]:
        """Exact probabilities at the true response rate ``p``; exact fractions if ``p`` is a Fraction.

        Raises:
            StatisticsError: ``p`` is not in 0 ... 1.
        """
        check_rate(p)
        if isinstance(p, Fraction):
            return OperatingCharacteristics(p, tail(self.r + 1, self.n, p), Fraction(0), Fraction(self.n))
        return OperatingCharacteristics(float(p), tail(self.r + 1, self.n, float(p)), 0.0, float(self.n))

    @property
    def alpha(self) -> float:
        """Probability of a positive cohort at p0 (one-sided)."""
        return self.operating_characteristics(self.p0).success

    @property
    def power(self) -> float:
        """Probability of a positive cohort at p1."""
        return self.operating_characteristics(self.p1).success

    def decide(self, responders: int, evaluable: int) -> Verdict:
        """Positive, negative, or too early; what no further patient can change is said at once.

        Raises:
            StatisticsError: impossible counts, or more patients than the design has.
        """
        seen = Observed(responders, evaluable)
        if seen.evaluable > self.n:
            raise StatisticsError(
                f"{seen.evaluable} evaluable patients exceed the design ({self.n}).",
                remedy="Give the counts of the first n evaluable patients.",
            )
        if seen.responders > self.r:
            return Verdict.POSITIVE
        return Verdict.NEGATIVE if seen.responders + self.n - seen.evaluable <= self.r else Verdict.TOO_EARLY


def single_stage(
    p0: float, p1: float, alpha: float, beta: float, n_max: int = 1000, *, steady: bool = False
) -> SingleStageDesign:
    """The exact single-stage design of least n.

    Args:
        p0: response rate of no interest.
        p1: response rate of interest.
        alpha: largest probability of a positive cohort at p0.
        beta: largest probability of a negative cohort at p1.
        n_max: largest number of patients to consider.
        steady: ask that all larger n meet both limits too (see the sawtooth in the module's text).

    Returns:
        The design of least n; at that n, the smallest r that holds alpha.

    Raises:
        StatisticsError: impossible rates, or no design with up to ``n_max`` patients.
    """
    check_rates(p0, p1)
    check_errors(alpha=alpha, beta=beta)
    check_n_max(n_max, LARGEST_SEARCH)
    sure = _always_enough(p0, p1, alpha, beta)
    if steady and sure > LARGEST_SEARCH:
        raise StatisticsError(
            f"Rates {p0} and {p1} are too close to tell from which n on every size is enough.",
            remedy="Ask with steady=False, or for rates further apart.",
        )
    sizes = np.arange(1, (sure if steady else min(sure, n_max)) + 1)
    r = _smallest_r(sizes, p0, alpha)
    met = _above(r, sizes, p1) >= 1 - beta - ROUNDING
    # the place of the first size that is met, or of the one after the last that is not
    place = len(met) - int((~met)[::-1].argmax()) if steady and not met.all() else int(met.argmax())
    if place == len(met) or not met[place] or sizes[place] > n_max:
        raise StatisticsError(
            f"No single-stage design of up to {n_max} patients tells {p0} from {p1} with alpha {alpha} "
            f"and beta {beta}{' at every larger size' if steady else ''}.",
            remedy="Allow a larger n_max or larger error rates.",
        )
    return SingleStageDesign(int(r[place]), int(sizes[place]), p0, p1)


def _above(r: NDArray[np.int64], n: NDArray[np.int64], p: float) -> NDArray[np.float64]:
    """P(Bin(n, p) > r), for r up to n."""
    inside = special.betainc(np.minimum(r, n - 1) + 1.0, np.maximum(n - r, 1.0), p)
    return np.where(r < n, inside, 0.0)


def _smallest_r(n: NDArray[np.int64], p0: float, alpha: float) -> NDArray[np.int64]:
    """Smallest r with P(Bin(n, p0) > r) within alpha, for each n; n if there is no test."""
    low, high = np.full_like(n, -1), n.copy()  # low is too small, high is enough
    while (high - low > 1).any():
        middle = np.where(high - low > 1, (low + high) // 2, high)
        enough = _above(middle, n, p0) <= alpha + ROUNDING
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    return high


def _always_enough(p0: float, p1: float, alpha: float, beta: float) -> int:
    """A size from which on every n meets both limits (Chernoff's bound at the best cut c)."""

    def needed(c: float, p: float, limit: float) -> float:
        distance = c * math.log(c / p) + (1 - c) * math.log((1 - c) / (1 - p))
        return math.inf if distance <= 0 else -math.log(limit) / distance

    low, high = p0, p1
    for _ in range(60):
        c = (low + high) / 2
        low, high = (c, high) if needed(c, p0, alpha) > needed(c, p1, beta) else (low, c)
    worst = max(needed(high, p0, alpha), needed(high, p1, beta))
    return LARGEST_SEARCH + 1 if worst > LARGEST_SEARCH else math.ceil(worst)
