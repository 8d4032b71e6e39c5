"""Confidence intervals of the response rate, and what they really cover.

With q(k, p) the chance of outcome k or a higher one, at nominal level 1 - 2a:

* ``jung-kim`` (default): lower q(k, p) = a, upper q(k + 1, p) = 1 - a, the Clopper-Pearson way on the
  stagewise order. Never covers less than its level.
* ``mid-p``: the same with half the chance of the outcome itself: (q(k, p) + q(k + 1, p)) / 2 = a and 1 - a.
  Shorter; its coverage is about the level, at some rates below it.
* ``koyama-chen``: lower q(k, p) = a, upper q(k, p) = 1 - a, both limits from the same tail, as the R packages
  clinfun and OneArmPhaseTwoStudy compute it. For 8 + 16 at 90 % and p from .02 to .70 its least coverage is .844
  (.845 on a grid of .001).
* ``clopper-pearson``: x of the patients evaluated as if no look had been made. For reference only: it ignores
  that cohorts with few early responders never reached stage 2.

``coverage`` gives the exact coverage of each at any rate, ``least_coverage`` its least over a range. All limits
are found by bisection until float64 cannot be halved.

References:
    Jung SH, Kim KM. Stat Med 2004;23:881-896 (exact limits on the order of the UMVUE, which is stagewise).
    Koyama T, Chen H. Stat Med 2008;27:3145-3154.
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    Lancaster HO. J Am Stat Assoc 1961;56:223-234 (mid-p).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.inference.outcomes import Outcomes, after_two_stages
from kohort.errors import StatisticsError

__all__ = [
    "DEFAULT_METHOD",
    "Interval",
    "IntervalMethod",
    "LeastCoverage",
    "coverage",
    "interval",
    "least_coverage",
    "limits",
    "median_unbiased",
]

FloatArray = NDArray[np.float64]
IntervalMethod = Literal["jung-kim", "koyama-chen", "clopper-pearson", "mid-p"]
DEFAULT_METHOD: IntervalMethod = "jung-kim"

MOST_TABULATED = 256
"""Designs with more outcomes than this are solved outcome by outcome."""

STEPS_BETWEEN_LIMITS = 32
"""Points between neighbouring limits at which coverage, smooth there, is tried."""


@dataclass(frozen=True, slots=True)
class Interval(Sequence[float]):
    """A two-sided confidence interval of the response rate; unpacks as ``lower, upper``.

    Attributes:
        lower: lower limit, 0 ... 1.
        upper: upper limit, 0 ... 1.
        level: nominal level, e.g. 0.9.
        method: how the limits were found.
    """

    lower: float
    upper: float
    level: float
    method: IntervalMethod

    def __iter__(self) -> Iterator[float]:
        """Lower limit, then upper limit."""
        return iter((self.lower, self.upper))

    def __len__(self) -> int:
        """Two limits."""
        return 2

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[float]: ...
    def __getitem__(self, place: int | slice) -> float | Sequence[float]:
        """Limit 0 (lower) or 1 (upper)."""
        return (self.lower, self.upper)[place]

    def __contains__(self, p: object) -> bool:
        """Whether a rate lies between the limits, which belong to the interval."""
        return isinstance(p, int | float) and self.lower <= p <= self.upper


class LeastCoverage(NamedTuple):
    """Where an interval covers least.

    Attributes:
        p: the true rate (coverage jumps at limits; then the rate that it is approached at).
        coverage: the least coverage.
    """

    p: float
    coverage: float


def interval(outcomes: Outcomes, place: int, method: IntervalMethod, level: float) -> Interval:
    """The interval of one outcome.

    Raises:
        StatisticsError: an impossible level or method.
    """
    _check(method, level)
    rows = _rows(outcomes, place)
    lower, upper = _limits(outcomes, method, level, rows)
    return Interval(float(lower[place - rows[0]]), float(upper[place - rows[0]]), level, method)


def limits(outcomes: Outcomes, method: IntervalMethod, level: float) -> tuple[FloatArray, FloatArray]:
    """Lower and upper limits of all outcomes, each (K,) and read-only.

    Raises:
        StatisticsError: an impossible level or method.
    """
    _check(method, level)
    return _limits(outcomes, method, level, (0, len(outcomes)))


def median_unbiased(outcomes: Outcomes, place: int) -> float:
    """The rate at which q(place, p) = 1/2; 0 for the lowest outcome, for which q is always 1."""
    rows = _rows(outcomes, place)
    return float(_medians(outcomes, rows)[place - rows[0]])


def _check(method: str, level: float) -> None:
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.9.")
    if method not in get_args(IntervalMethod):
        raise StatisticsError(
            f"There is no interval {method!r}.", remedy=f"Give {', '.join(map(repr, get_args(IntervalMethod)))}."
        )


def _rows(outcomes: Outcomes, place: int) -> tuple[int, int]:
    """First and last + 1 of the outcomes that are solved with this one: all of a usual design, kept for next time."""
    return (0, len(outcomes)) if len(outcomes) <= MOST_TABULATED else (place, place + 1)


@functools.lru_cache(maxsize=256)
def _limits(
    outcomes: Outcomes, method: IntervalMethod, level: float, rows: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    error = (1 - level) / 2
    at_least, above = _from(outcomes, rows, 0), _from(outcomes, rows, 1)
    match method:
        case "jung-kim":
            lower, upper = _roots(outcomes, at_least, error), _roots(outcomes, above, 1 - error)
        case "mid-p":
            half = (at_least + above) / 2
            lower, upper = _roots(outcomes, half, error), _roots(outcomes, half, 1 - error)
        case "koyama-chen":
            lower, upper = _roots(outcomes, at_least, error), _roots(outcomes, at_least, 1 - error)
            if rows[0] == 0:  # the lowest outcome or a higher one is certain at every rate: take its limit from above
                upper[0] = _roots(outcomes, above[:1], 1 - error)[0]
        case _:
            lower, upper = (limit[slice(*rows)] for limit in _binomial(outcomes, error))
    lower.flags.writeable = upper.flags.writeable = False
    return lower, upper


@functools.lru_cache(maxsize=256)
def _medians(outcomes: Outcomes, rows: tuple[int, int]) -> FloatArray:
    found = _roots(outcomes, _from(outcomes, rows, 0), 0.5)
    found.flags.writeable = False
    return found


def _from(outcomes: Outcomes, rows: tuple[int, int], beyond: int) -> FloatArray:
    """(R, K) 1 for the outcomes at least ``beyond`` places above each of the rows."""
    count = len(outcomes)
    return (np.arange(count) >= np.arange(*rows)[:, None] + beyond).astype(np.float64)


def _roots(outcomes: Outcomes, weights: FloatArray, target: float) -> FloatArray:
    """(R,) where sum_i weights[k, i] P(i | p) reaches ``target``, for each row k, by bisection.

    The sums rise with p. One that is at the target everywhere gives 0, one that never reaches it 1.
    """
    total = weights @ outcomes.probabilities(np.array([0.0, 1.0])).T
    low = np.where(total[:, 1] < target, 1.0, 0.0)
    high = np.where(total[:, 0] >= target, 0.0, 1.0)
    while np.any(open_still := (low < (middle := (low + high) / 2)) & (middle < high)):
        reached = (weights * outcomes.probabilities(middle)).sum(axis=1) >= target
        high = np.where(open_still & reached, middle, high)
        low = np.where(open_still & ~reached, middle, low)
    return high


def _binomial(outcomes: Outcomes, error: float) -> tuple[FloatArray, FloatArray]:
    """Clopper-Pearson limits of x of n, from the Beta quantiles that solve the binomial tails."""
    x = np.array([float(outcome.responders) for outcome in outcomes.ordered])
    n = np.array([float(outcome.evaluable) for outcome in outcomes.ordered])
    lower = np.where(x > 0, betaincinv(np.maximum(x, 1), n - x + 1, error), 0.0)
    upper = np.where(x < n, betaincinv(x + 1, np.maximum(n - x, 1), 1 - error), 1.0)
    return lower, upper


def coverage(design: TwoStageDesign, method: IntervalMethod, level: float, p: ArrayLike) -> FloatArray:
    """Exact chance that the interval contains the true rate.

    Args:
        design: the sizes as enrolled, with the rule.
        method: kind of interval.
        level: nominal level.
        p: true rates, 0 ... 1, of any shape.

    Returns:
        Coverages of the same shape.

    Raises:
        StatisticsError: an impossible level or method.
    """
    outcomes = after_two_stages(design)
    lower, upper = limits(outcomes, method, level)
    rate = np.asarray(p, dtype=np.float64)[..., None]
    inside = (lower <= rate) & (rate <= upper)
    return np.minimum(np.where(inside, outcomes.probabilities(p), 0.0).sum(axis=-1), 1.0)


def least_coverage(
    design: TwoStageDesign, method: IntervalMethod, level: float = 0.90, within: tuple[float, float] = (0.0, 1.0)
) -> LeastCoverage:
    """The least coverage over a range of true rates.

    Between neighbouring limits the outcomes whose interval contains p stay the same, so coverage is a polynomial
    there; each piece is tried at both ends (as approached from inside) and at 31 points between.

    Raises:
        StatisticsError: an impossible level, method or range.
    """
    low, high = within
    if not 0 <= low < high <= 1:
        raise StatisticsError(f"From {low} to {high} is no range of rates.", remedy="Give 0 <= low < high <= 1.")
    outcomes = after_two_stages(design)
    lower, upper = limits(outcomes, method, level)
    ends = np.concatenate([lower, upper, [low, high]])
    ends = np.unique(ends[(low <= ends) & (ends <= high)])
    middle = (ends[:-1] + ends[1:]) / 2
    inside = (lower <= middle[:, None]) & (middle[:, None] <= upper)
    steps = np.linspace(0.0, 1.0, STEPS_BETWEEN_LIMITS + 1)
    rates = ends[:-1, None] * (1 - steps) + ends[1:, None] * steps
    covered = np.where(inside[:, None, :], outcomes.probabilities(rates), 0.0).sum(axis=-1)
    place = np.unravel_index(covered.argmin(), covered.shape)
    return LeastCoverage(float(rates[place]), float(covered[place]))
