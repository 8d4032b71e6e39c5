"""Estimates after a two-stage cohort: unbiased rate, p value, interval.

The raw rate is biased, because cohorts with few early responders never reached stage 2. Outcomes are ordered by
stage, then by count (``outcomes``): x <= r1 ended in stage 1, x > r1 in stage 2. With

    q(x, p) = P(an outcome of x or more | p)

the p value is q(x, p0), the median-unbiased estimate is the p with q(x, p) = 1/2, the unbiased estimate is

    x / n1 for a cohort that stopped, else
    sum_j C(n1 - 1, j - 1) C(n2, x - j) / sum_j C(n1, j) C(n2, x - j),  j = max(r1 + 1, x - n2) ... min(x, n1),

and the intervals are those of ``intervals``.

References:
    Jung SH, Kim KM. Stat Med 2004;23:881-896 (UMVUE, exact interval).
    Koyama T, Chen H. Stat Med 2008;27:3145-3154 (p value, same-tail interval, median-unbiased estimate).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.inference.intervals import DEFAULT_METHOD, Interval, IntervalMethod, interval, median_unbiased
from kohort.cohort.inference.outcomes import Outcomes, after_two_stages
from kohort.cohort.maths.binomial import Rate
from kohort.errors import StatisticsError

__all__ = ["TwoStageInference", "outcome_tail", "two_stage_inference", "umvue"]


@dataclass(frozen=True, slots=True)
class TwoStageInference:
    """What a finished cohort says about the response rate.

    Attributes:
        responders: all responders.
        evaluable: all evaluable patients: n1 if the cohort stopped after stage 1.
        design: the sizes that were enrolled, with the rule.
        umvue: uniformly minimum variance unbiased estimate.
        mle: responders over evaluable patients; biased.
        median_unbiased: the rate at which the outcome is the median, q(x, p) = 1/2; 0 without responders.
        p_value: q(x, p0), one-sided.
        ci: confidence interval.
    """

    responders: int
    evaluable: int
    design: TwoStageDesign
    umvue: float
    mle: float
    median_unbiased: float
    p_value: float
    ci: Interval

    @classmethod
    def of(
        cls, design: TwoStageDesign, outcomes: Outcomes, place: int, method: IntervalMethod, level: float
    ) -> TwoStageInference:
        """Reads one outcome of an order of outcomes."""
        outcome = outcomes.ordered[place]
        return cls(
            responders=outcome.responders,
            evaluable=outcome.evaluable,
            design=design,
            umvue=float(outcome.unbiased),
            mle=float(outcome.mle),
            median_unbiased=median_unbiased(outcomes, place),
            p_value=outcomes.tail(place, float(design.p0)),
            ci=interval(outcomes, place, method, level),
        )


def two_stage_inference(
    x: int,
    design: TwoStageDesign,
    method: IntervalMethod = DEFAULT_METHOD,
    level: float = 0.90,
) -> TwoStageInference:
    """Estimates for a cohort that ended with ``x`` responders.

    Args:
        x: all responders; up to r1 means the cohort ended after n1 patients, more that n were evaluated.
        design: the sizes as enrolled; for unplanned sizes give ``design.resized(n1, n)``.
        method: kind of interval: "jung-kim", "mid-p", "koyama-chen" or "clopper-pearson", see ``intervals``.
        level: two-sided level of the interval.

    Raises:
        StatisticsError: an impossible count, level or method.
    """
    _check(x, design)
    return TwoStageInference.of(design, after_two_stages(design), x, method, level)


def umvue(x: int, design: TwoStageDesign) -> Fraction:
    """Unbiased estimate of the response rate (Jung & Kim), exact; its mean over all outcomes is p.

    Raises:
        StatisticsError: an impossible count.
    """
    _check(x, design)
    return after_two_stages(design).ordered[x].unbiased


def outcome_tail(x: int, design: TwoStageDesign, p: Rate) -> Rate:
    """q(x, p): probability of this outcome or a higher one at the true rate ``p``; the p value at p0."""
    return after_two_stages(design).tail(x, p)


def _check(x: int, design: TwoStageDesign) -> None:
    if not 0 <= x <= design.n:
        raise StatisticsError(
            f"{x} responders are impossible in a design of {design.n} patients.",
            remedy=f"Give 0 to {design.n}, or the design as enrolled (resized).",
        )
