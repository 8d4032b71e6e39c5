"""Over-running: patients enrolled before a stop was known, whose responses come later.

A cohort stopped after x1 of n1 (x1 <= r1). Meanwhile m more patients were enrolled, y of whom respond. Two rules:

* ``stage order`` (default): the stop stands. The later patients are added within their stage: outcomes that
  stopped are ordered by x1 + y and lie below all that went on. The p value,

      P(X1 > r1) + P(X1 <= r1, X1 + Y >= x1 + y)   at p0,

  is exact given m (which depends on accrual, not on responses), and never below P(X1 > r1): late responders do
  not turn a stop into a success. The estimate (x1 + y) / (n1 + m) is unbiased together with that of cohorts that
  went on (see ``outcomes``).
* ``deletion`` (Whitehead): the look that stopped the cohort is taken as not made; n1 + m patients are one stage.
  Simple and usual in sequential trials, but as a second way to a positive cohort it costs alpha: ``deletion_error``
  says how much.

Over-running at the end needs no rule of its own: give ``two_stage_inference`` the design as enrolled,
``design.resized(n1, n + m)``.

References:
    Whitehead J. Control Clin Trials 1992;13:106-121 (deletion).
    Sooriyarachchi MR et al. Biometrics 2003;59:701-709 (deletion and combination compared).
    Hall WJ, Ding K. IMS Collections 2008;3:33-45 (orders for over-running data).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kohort.cohort.designs.two_stage import ROUNDING, TwoStageDesign
from kohort.cohort.inference.intervals import DEFAULT_METHOD, IntervalMethod
from kohort.cohort.inference.outcomes import after_one_stage, after_overrun
from kohort.cohort.inference.two_stage import TwoStageInference
from kohort.cohort.maths.binomial import choose_row, least_count, tail, weigh
from kohort.errors import StatisticsError

__all__ = ["Overrun", "OverrunRule", "deletion_error", "overrun_inference"]

OverrunRule = Literal["stage order", "deletion"]


@dataclass(frozen=True, slots=True)
class Overrun:
    """A stopped cohort and the patients who were known later.

    Attributes:
        at_stop: responders of the n1 patients who made the cohort stop.
        later_responders: responders of the later patients.
        later: later patients, all evaluable by now.

    Raises:
        StatisticsError: impossible counts.
    """

    at_stop: int
    later_responders: int
    later: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if self.at_stop < 0 or not 0 <= self.later_responders <= self.later:
            raise StatisticsError(
                f"{self.at_stop} responders at the stop and {self.later_responders} of {self.later} later are "
                "impossible.",
                remedy="Give at_stop >= 0 and 0 <= later_responders <= later.",
            )

    @property
    def responders(self) -> int:
        """All responders."""
        return self.at_stop + self.later_responders


def overrun_inference(
    design: TwoStageDesign,
    overrun: Overrun,
    rule: OverrunRule = "stage order",
    method: IntervalMethod = DEFAULT_METHOD,
    level: float = 0.90,
) -> TwoStageInference:
    """Estimates for a stopped cohort with its over-running patients; see the module for both rules.

    Args:
        design: the plan, with n1 as looked at.
        overrun: the counts at the stop and later.
        rule: how the later patients count.
        method: kind of interval.
        level: two-sided level of the interval.

    Raises:
        StatisticsError: counts that did not stop, too many later patients, an impossible rule, level or method.
    """
    if overrun.at_stop > design.r1:
        raise StatisticsError(
            f"A cohort with {overrun.at_stop} of {design.n1} responders goes on (more than {design.r1}).",
            remedy="Ask two_stage_inference when stage 2 has ended.",
        )
    if rule == "deletion":
        outcomes = after_one_stage(design.n1 + overrun.later)
        return TwoStageInference.of(design, outcomes, overrun.responders, method, level)
    if rule != "stage order":
        raise StatisticsError(f"There is no rule {rule!r}.", remedy="Give 'stage order' or 'deletion'.")
    outcomes = after_overrun(design, overrun.later)
    return TwoStageInference.of(design, outcomes, overrun.responders, method, level)


def deletion_error(design: TwoStageDesign, later: int, p: float | None = None) -> float:
    """P(positive | p) if a stopped cohort with a deletion p value of at most alpha is called positive as well.

    Args:
        design: the plan.
        later: patients enrolled before a stop is known.
        p: true rate; None: p0, where the plan promises alpha.

    Raises:
        StatisticsError: a negative number of patients, or an impossible rate.
    """
    if later < 0:
        raise StatisticsError(f"{later} later patients are impossible.", remedy="Give 0 or more.")
    rate = float(design.p0) if p is None else p
    needed = least_count(choose_row(design.n1 + later), float(design.p0), design.alpha + ROUNDING)
    turned = sum(
        weigh(choose_row(design.n1)[x1], x1, design.n1 - x1, rate) * tail(needed - x1, later, rate)
        for x1 in range(design.r1 + 1)
    )
    return design.operating_characteristics(rate).success + turned
