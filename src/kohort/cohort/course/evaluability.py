"""Partial evaluability: each enrolled patient becomes evaluable with some probability.

* Replaced: enrolment goes on until n1 and n patients are evaluable. Error rates are those of the plan; the number
  enrolled for k evaluable patients is k plus a negative binomial, with mean k / e.
* Not replaced: n1 and n patients are enrolled, so that M1 ~ Bin(n1, e) and M2 ~ Bin(n - n1, e) are evaluable. With
  the planned thresholds that is the plan at rate p e, whatever the sizes become. With ``strict`` thresholds r
  follows the actual (M1, M), so that alpha stays within the plan's and power is won back; r1 is kept.

Evaluability must not depend on response; patients lost because they progressed are non-responders, not unevaluable.

References:
    Green SJ, Dahlberg S. Stat Med 1992;11:853-862 (planned and attained sizes).
    Chen TT, Ng TH. Stat Med 1998;17:2301-2312 (designs over a range of sizes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal

from scipy.special import betainc

from kohort.cohort.designs.two_stage import ROUNDING, TwoStageDesign
from kohort.cohort.maths.binomial import Rate, choose_row, least_count, tail, ways_after_stage_two, weigh, weighed_tail
from kohort.errors import StatisticsError

__all__ = ["EvaluabilityCharacteristics", "Lost", "enrolment_for", "with_evaluability"]

Lost = Literal["replaced", "kept thresholds", "strict thresholds"]

MOST_ENROLLED = 100_000


@dataclass(frozen=True, slots=True)
class EvaluabilityCharacteristics(Generic[Rate]):
    """What a design does at one true response rate if not everybody becomes evaluable.

    Attributes:
        p: true response rate of evaluable patients.
        evaluability: chance of a patient to become evaluable.
        success: probability that the cohort ends positive.
        early_stop: probability to stop after stage 1.
        expected_enrolled: expected number of patients enrolled.
        expected_evaluable: expected number of evaluable patients.
    """

    p: Rate
    evaluability: Rate
    success: Rate
    early_stop: Rate
    expected_enrolled: Rate
    expected_evaluable: Rate


def with_evaluability(
    design: TwoStageDesign, p: Rate, evaluability: Rate, lost: Lost = "strict thresholds"
) -> EvaluabilityCharacteristics[Rate]:
    """Exact characteristics; exact fractions if both rates are Fractions.

    Args:
        design: the plan.
        p: true response rate of evaluable patients, 0 ... 1.
        evaluability: chance of a patient to become evaluable, above 0.
        lost: what happens with patients who do not: they are "replaced", or not, with "kept thresholds" or with
            "strict thresholds" for the patients that are left.

    Raises:
        StatisticsError: impossible rates or an unknown rule.
    """
    if not (0 <= p <= 1 and 0 < evaluability <= 1):
        raise StatisticsError(
            f"A response rate of {p} with evaluability {evaluability} is impossible.",
            remedy="Give 0 <= p <= 1 and 0 < evaluability <= 1.",
        )
    if lost not in ("replaced", "kept thresholds", "strict thresholds"):
        raise StatisticsError(
            f"There is no rule {lost!r}.", remedy="Give 'replaced', 'kept thresholds' or 'strict thresholds'."
        )
    shown = p if lost == "replaced" else p * evaluability
    early_stop = 1 - tail(design.r1 + 1, design.n1, shown)
    expected = design.n1 + (1 - early_stop) * design.n2
    if lost == "strict thresholds":
        success = _strict_success(design, p, evaluability)
    else:
        success = weighed_tail(ways_after_stage_two(design.r1, design.n1, design.n), design.r + 1, shown)
    return EvaluabilityCharacteristics(
        p=p,
        evaluability=evaluability,
        success=success,
        early_stop=early_stop,
        expected_enrolled=expected / evaluability if lost == "replaced" else expected,
        expected_evaluable=expected if lost == "replaced" else expected * evaluability,
    )


def _strict_success(design: TwoStageDesign, p: Rate, evaluability: Rate) -> Rate:
    """P(positive) where r is the smallest that holds the plan's alpha for the evaluable patients there are."""
    p0, limit = float(design.p0), design.alpha + ROUNDING
    first, second = choose_row(design.n1), choose_row(design.n2)
    success = p * 0
    for m1 in range(design.r1 + 1, design.n1 + 1):
        at_look = weigh(first[m1], m1, design.n1 - m1, evaluability)
        for m2 in range(design.n2 + 1):
            ways = ways_after_stage_two(design.r1, m1, m1 + m2)
            needed = least_count(ways, p0, limit)
            chance = at_look * weigh(second[m2], m2, design.n2 - m2, evaluability)
            success += chance * weighed_tail(ways, needed, p)
    return success


def enrolment_for(evaluable: int, evaluability: float, confidence: float = 0.9) -> int:
    """Fewest patients to enrol for ``evaluable`` evaluable ones with probability ``confidence``.

    Args:
        evaluable: evaluable patients wanted.
        evaluability: chance of a patient to become evaluable, above 0.
        confidence: probability to reach the number, below 1.

    Raises:
        StatisticsError: impossible numbers.
    """
    if evaluable < 0 or not 0 < evaluability <= 1 or not 0 < confidence < 1:
        raise StatisticsError(
            f"{evaluable} patients with evaluability {evaluability} and confidence {confidence} are impossible.",
            remedy="Give evaluable >= 0, 0 < evaluability <= 1 and 0 < confidence < 1.",
        )
    for enrolled in range(evaluable, MOST_ENROLLED):
        # P(Bin(enrolled, e) >= evaluable) as an incomplete beta function
        if evaluable == 0 or betainc(evaluable, enrolled - evaluable + 1, evaluability) >= confidence:
            return enrolled
    raise StatisticsError(
        f"More than {MOST_ENROLLED} patients would be needed.", remedy="Ask for less confidence or fewer patients."
    )
