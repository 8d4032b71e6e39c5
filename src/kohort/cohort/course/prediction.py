"""How likely a running cohort is to end positive: at a given rate, or averaged over what is known of it."""

from __future__ import annotations

import math

from kohort.cohort.designs.decisions import Observed
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.beta import Beta, log_beta
from kohort.cohort.maths.binomial import Rate, ways_after_stage_two, weighed_tail
from kohort.errors import StatisticsError

__all__ = ["UNIFORM", "conditional_power", "predictive_probability"]

UNIFORM = Beta(1.0, 1.0)
"""The flat prior of a response rate."""


def conditional_power(design: TwoStageDesign, responders: int, evaluable: int, p: Rate) -> Rate:
    """Probability to end positive given the counts so far and a true rate ``p``.

    At p0 after stage 1 this is the conditional error D(x1) of the design: whatever is changed then keeps
    alpha, if its own conditional error is no larger (Mueller HH, Schaefer H. Biometrics 2001;57:886-891).
    Exact for a Fraction.

    Raises:
        StatisticsError: counts that are impossible or exceed the design.
    """
    if (ways := _ways_to_go(design, responders, evaluable)) is None:
        return p * 0
    if not 0 <= p <= 1:
        raise StatisticsError(f"A response rate of {p} is impossible.", remedy="Give a rate from 0 to 1.")
    return weighed_tail(ways, design.r + 1 - responders, p)


def predictive_probability(design: TwoStageDesign, responders: int, evaluable: int, prior: Beta = UNIFORM) -> float:
    """Probability to end positive given the counts so far, averaged over the posterior of the rate.

    Raises:
        StatisticsError: counts that are impossible or exceed the design.
    """
    if (ways := _ways_to_go(design, responders, evaluable)) is None:
        return 0.0
    known = prior.updated(responders, evaluable)
    to_go = design.n - evaluable
    return math.fsum(
        math.exp(math.log(ways[more]) + log_beta(known.a + more, known.b + to_go - more) - scale)
        for scale in (log_beta(known.a, known.b),)
        for more in range(max(design.r + 1 - responders, 0), to_go + 1)
        if ways[more]
    )


def _ways_to_go(design: TwoStageDesign, responders: int, evaluable: int) -> tuple[int, ...] | None:
    """Orders in which the rest passes the look (if it lies ahead), per number of more responders.

    None if the cohort was stopped at the look.
    """
    seen = Observed(responders, evaluable)
    if seen.evaluable > design.n:
        raise StatisticsError(
            f"{seen.evaluable} evaluable patients exceed the design ({design.n}).",
            remedy="Give the design as enrolled (resized).",
        )
    if evaluable >= design.n1 and responders <= design.r1:
        return None
    ahead = max(design.n1 - evaluable, 0)
    passed = -1 if ahead == 0 else design.r1 - responders
    return ways_after_stage_two(passed, ahead, design.n - evaluable)
