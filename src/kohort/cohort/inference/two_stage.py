"""Estimates after a two-stage cohort: unbiased rate, p value, intervals.

The raw rate is biased, because cohorts with few early responders never reached stage 2. Outcomes are
ordered by stage, then by count: x <= r1 ended in stage 1, x > r1 in stage 2. With that order

    q(x, p) = P(an outcome of x or more | p)

is the p value at p0, and all limits are roots of q in p (bisection until float64 cannot be halved).

Two kinds of interval, both at nominal level 1 - 2a:

* ``clopper-pearson`` (default): lower q(x, p) = a, upper 1 - q(x + 1, p) = a. Holds its level.
* ``koyama-chen``: lower q(x, p) = a, upper q(x, p) = 1 - a, both limits from the same tail, as the R
  packages clinfun and OneArmPhaseTwoStudy compute it. For 8 + 16 at 90 % its coverage falls to 0.845.

References:
    Jung SH, Kim KM. Stat Med 2004;23:881-896 (UMVUE).
    Koyama T, Chen H. Stat Med 2008;27:3145-3154 (p value, interval, median-unbiased estimate).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import Literal

from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.binomial import Rate, choose_row, ways_after_stage_two, weighed_tail
from kohort.errors import StatisticsError

__all__ = [
    "Interval",
    "IntervalMethod",
    "TwoStageInference",
    "outcome_tail",
    "two_stage_inference",
    "umvue",
]

IntervalMethod = Literal["clopper-pearson", "koyama-chen"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval of the response rate.

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


@dataclass(frozen=True, slots=True)
class TwoStageInference:
    """What a finished cohort says about the response rate.

    Attributes:
        responders: all responders; r1 or fewer: the cohort ended in stage 1.
        design: the sizes that were enrolled, with the rule.
        umvue: uniformly minimum variance unbiased estimate.
        mle: responders over evaluable patients; biased.
        median_unbiased: the rate at which the outcome is the median, q(x, p) = 1/2; 0 without responders.
        p_value: q(x, p0), one-sided.
        interval: confidence interval.
    """

    responders: int
    design: TwoStageDesign
    umvue: float
    mle: float
    median_unbiased: float
    p_value: float
    interval: Interval


def two_stage_inference(
    responders: int,
    design: TwoStageDesign,
    level: float = 0.9,
    method: IntervalMethod = "clopper-pearson",
) -> TwoStageInference:
    """Estimates for a cohort that ended with ``responders`` responders.

    Args:
        responders: all responders; up to r1 means it ended after n1 patients, more that n were evaluated.
        design: the sizes as enrolled; for unplanned sizes give ``design.resized(n1, n)``.
        level: two-sided level of the interval.
        method: kind of interval, see the module.

    Raises:
        StatisticsError: an impossible count, level or method.
    """
    _check(responders, design, level, method)
    return TwoStageInference(
        responders=responders,
        design=design,
        umvue=float(umvue(responders, design)),
        mle=responders / (design.n1 if responders <= design.r1 else design.n),
        median_unbiased=_rate_where(responders, design, 0.5),
        p_value=outcome_tail(responders, design, float(design.p0)),
        interval=_interval(responders, design, level, method),
    )


def umvue(responders: int, design: TwoStageDesign) -> Fraction:
    """Unbiased estimate of the response rate (Jung & Kim), exact.

    The chance that the first patient responded, given the outcome: its mean over all outcomes is p.
    """
    x, n1, n2 = responders, design.n1, design.n2
    if x <= design.r1:
        return Fraction(x, n1)
    first = range(max(design.r1 + 1, x - n2), min(x, n1) + 1)
    with_first = sum(comb(n1 - 1, j - 1) * comb(n2, x - j) for j in first)
    return Fraction(with_first, sum(comb(n1, j) * comb(n2, x - j) for j in first))


def outcome_tail(responders: int, design: TwoStageDesign, p: Rate) -> Rate:
    """q(x, p): probability of this outcome or a higher one at the true rate ``p``; the p value at p0."""
    return weighed_tail(_ways(responders, design), responders, p)


def _ways(responders: int, design: TwoStageDesign) -> Sequence[int]:
    """Orders of responses leading to each count of the stage in which the outcome ended.

    Outcomes of stage 1 and above are those with that many of the first n1, whatever follows.
    """
    if responders <= design.r1:
        return choose_row(design.n1)
    return ways_after_stage_two(design.r1, design.n1, design.n)


def _check(responders: int, design: TwoStageDesign, level: float, method: str) -> None:
    if not 0 <= responders <= design.n:
        raise StatisticsError(
            f"{responders} responders are impossible in a design of {design.n} patients.",
            remedy=f"Give 0 to {design.n}, or the design as enrolled (resized).",
        )
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.9.")
    if method not in ("clopper-pearson", "koyama-chen"):
        raise StatisticsError(f"There is no interval {method!r}.", remedy="Give 'clopper-pearson' or 'koyama-chen'.")


def _interval(responders: int, design: TwoStageDesign, level: float, method: IntervalMethod) -> Interval:
    error = (1 - level) / 2
    lower = _rate_where(responders, design, error)
    # without responders q is 1 at every rate, so the same-tail upper limit does not exist: take the default
    same_tail = method == "koyama-chen" and responders > 0
    next_outcome = responders if same_tail else responders + 1
    upper = 1.0 if next_outcome > design.n else _rate_where(next_outcome, design, 1 - error)
    return Interval(lower, upper, level, method)


def _rate_where(responders: int, design: TwoStageDesign, probability: float) -> float:
    """The rate p with q(responders, p) = ``probability``; 0 for no responders, where q is always 1."""
    if responders == 0:
        return 0.0
    ways = _ways(responders, design)
    return _root(lambda p: weighed_tail(ways, responders, p) - probability)


def _root(rising: Callable[[float], float]) -> float:
    """The zero of a rising function on 0 ... 1, by bisection until neighbouring floats are reached."""
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return high
