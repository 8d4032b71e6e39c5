"""The response is known weeks after enrolment: what waiting costs, in patients or in weeks.

Patients are enrolled one by one at a steady rate (a Poisson process, or evenly spaced), and each response is known
``delay`` weeks later. When stage 1 is full its look is not yet known. Either the cohort is *held*: nobody is
enrolled until the look is read; or it *goes on*, and a stop finds patients enrolled who should not have been
(over-running). The verdict is the same; patients and weeks are not.

The look can be read when all n1 responses are known, or when it is *certain* (deterministic curtailment): with the
(r1 + 1)-th responder, or the (n1 - r1)-th non-responder. Call that patient's number J; J is negative binomial.
Responses do not depend on accrual, so with rate l, delay d and G the time from enrolling patient J to patient n1

    G ~ Gamma(n1 - J, l),  pause = max(0, d - G),  E = d P(k, l d) - (k / l) P(k + 1, l d) for k = n1 - J,
    over-run = min(max(0, N - (n1 - J)), n2),  N ~ Poisson(l d),

with P the regularised incomplete gamma function. Evenly spaced: G = (n1 - J) / l, and N is the number of patients
enrolled strictly less than d after patient J. Stage 1 is always enrolled in full. All sums are exact.

References:
    Mukherjee A, Wason JMS, Grayling MJ. Eur J Cancer 2022;166:270-278 (what delay costs two-stage trials).
    Herndon JE. Control Clin Trials 1998;19:440-450 (accrual going on while the look is awaited).
    Cox DR, Miller HD. The Theory of Stochastic Processes. Chapman & Hall 1965 (Poisson process).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln, xlogy

from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.errors import StatisticsError

__all__ = ["Accrual", "DelayCharacteristics", "Policy", "ReadWhen", "delay_characteristics", "pending_at_look"]

FloatArray = NDArray[np.float64]
Policy = Literal["hold", "go on"]
ReadWhen = Literal["all known", "certain"]

SIXTEEN_WEEKS = 16.0
"""Disease control or response at 16 weeks, the endpoint of the DRUP-like trials."""

SAME_MOMENT = 1e-9
"""Shares of an interval that two moments may differ by and still be the same."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """How patients come, and when their response is known.

    Attributes:
        per_week: patients enrolled a week while the cohort is open.
        delay: weeks from enrolment to the known response.
        spacing: "poisson" or "fixed" (one patient every 1 / per_week weeks, the first after that time).

    Raises:
        StatisticsError: no accrual, a negative delay, or an unknown spacing.
    """

    per_week: float
    delay: float = SIXTEEN_WEEKS
    spacing: Literal["poisson", "fixed"] = "poisson"

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not (0 < self.per_week < math.inf and 0 <= self.delay < math.inf):
            raise StatisticsError(
                f"{self.per_week} patients a week with a delay of {self.delay} weeks are impossible.",
                remedy="Give per_week above 0 and delay 0 or more.",
            )
        if self.spacing not in ("poisson", "fixed"):
            raise StatisticsError(f"There is no spacing {self.spacing!r}.", remedy="Give 'poisson' or 'fixed'.")

    def enrolled_while_waiting(self, most: int) -> FloatArray:
        """(most + 1) chance that 0 ... ``most`` patients come within one delay; the last: ``most`` or more."""
        expected = self.per_week * self.delay
        chances = np.zeros(most + 1)
        if self.spacing == "fixed":
            chances[min(max(math.ceil(expected - SAME_MOMENT) - 1, 0), most)] = 1.0
            return chances
        counts = np.arange(most)
        chances[:most] = np.exp(xlogy(counts, expected) - expected - gammaln(counts + 1))
        chances[most] = gammainc(most, expected) if most else 1.0
        return chances

    def pause(self, later: int) -> float:
        """Expected weeks from the last place of stage 1 to the response of a patient ``later`` places before."""
        if later == 0:
            return self.delay
        if self.spacing == "fixed":
            return max(0.0, self.delay - later / self.per_week)
        expected = self.per_week * self.delay
        return float(self.delay * gammainc(later, expected) - later / self.per_week * gammainc(later + 1, expected))

    def pause_above(self, later: int, weeks: float) -> float:
        """Probability that this pause is longer than ``weeks``."""
        left = self.delay - weeks
        if weeks < 0 or left <= 0:
            return float(weeks < 0)
        if later == 0:
            return 1.0
        if self.spacing == "fixed":
            return float(later / self.per_week < left)
        return float(gammainc(later, self.per_week * left))


@dataclass(frozen=True, slots=True, eq=False)
class DelayCharacteristics:
    """What a design does at one true rate when responses come late.

    Attributes:
        p: true response rate.
        policy: what happens while the look is awaited.
        success: probability that the cohort ends positive; the delay does not change it.
        early_stop: probability to stop after stage 1.
        expected_n: expected number of patients enrolled, over-running included.
        expected_pause: expected weeks in which a full stage 1 waits for its look, whether held or not.
        overrun: (n2 + 1) probability, given a stop, that 0 ... n2 patients were enrolled too many.
        expected_weeks: expected weeks from opening to the look that stops, or to the last response of stage 2.
        pauses: chance of each number of places between the deciding patient and the last of stage 1, stops first.
        accrual: how patients come.
    """

    p: float
    policy: Policy
    success: float
    early_stop: float
    expected_n: float
    expected_pause: float
    overrun: FloatArray
    expected_weeks: float
    pauses: FloatArray
    accrual: Accrual

    def overrun_at_least(self, patients: int) -> float:
        """Probability, given a stop, that at least so many patients were enrolled too many."""
        return float(min(self.overrun[max(patients, 0) :].sum(), 1.0))

    def pause_above(self, weeks: float) -> float:
        """Probability that a full stage 1 waits longer than ``weeks`` for its look."""
        chances = self.pauses.sum(axis=0)
        return float(sum(chance * self.accrual.pause_above(later, weeks) for later, chance in enumerate(chances)))


def pending_at_look(design: TwoStageDesign, accrual: Accrual) -> FloatArray:
    """Patients enrolled and not yet evaluable when all of stage 1 are, if accrual goes on to n.

    Returns:
        (n2 + 1) probabilities of 0 ... n2 pending patients; the last: stage 2 is full.
    """
    return accrual.enrolled_while_waiting(design.n2)


def delay_characteristics(
    design: TwoStageDesign,
    accrual: Accrual,
    p: float,
    policy: Policy = "hold",
    read_when: ReadWhen = "certain",
) -> DelayCharacteristics:
    """Exact characteristics of a design whose responses come late.

    Args:
        design: the plan.
        accrual: rate, spacing and delay, in weeks.
        p: true response rate, 0 ... 1.
        policy: "hold" enrolment while the look is awaited, or "go on".
        read_when: the look is read when "all known", or as soon as it is "certain".

    Raises:
        StatisticsError: an impossible rate or an unknown rule.
    """
    _check(policy, read_when)
    plain = design.operating_characteristics(float(p))
    deciding = _deciding(design, float(p), read_when)
    pauses = np.array([accrual.pause(later) for later in range(design.n1)])
    overrun = _overrun(design, accrual, deciding[0]) if policy == "go on" else np.eye(1, design.n2 + 1)[0]
    pause_stopped, pause_going_on = (deciding @ pauses).tolist()
    full, filled = design.n1 / accrual.per_week, design.n2 / accrual.per_week + accrual.delay
    waited = pause_going_on if policy == "hold" else 0.0
    return DelayCharacteristics(
        p=float(p),
        policy=policy,
        success=plain.success,
        early_stop=plain.early_stop,
        expected_n=plain.expected_n + plain.early_stop * float(overrun @ np.arange(design.n2 + 1)),
        expected_pause=pause_stopped + pause_going_on,
        overrun=overrun,
        expected_weeks=full + pause_stopped + (1 - plain.early_stop) * filled + waited,
        pauses=deciding,
        accrual=accrual,
    )


def _check(policy: str, read_when: str) -> None:
    if policy not in ("hold", "go on") or read_when not in ("all known", "certain"):
        raise StatisticsError(
            f"There is no policy {policy!r} read when {read_when!r}.",
            remedy="Give 'hold' or 'go on', and 'all known' or 'certain'.",
        )


def _deciding(design: TwoStageDesign, p: float, read_when: ReadWhen) -> FloatArray:
    """(2, n1) chance that the look stops (row 0) or goes on (row 1) with the patient ``column`` places before n1."""
    n1, r1 = design.n1, design.r1
    chances = np.zeros((2, n1))
    if read_when == "all known":
        stop = design.operating_characteristics(p).early_stop
        chances[:, 0] = stop, 1 - stop
        return chances
    for patient in range(1, n1 + 1):
        before, later = patient - 1, n1 - patient
        if (failures := n1 - r1) <= patient:
            chances[0, later] = comb(before, failures - 1) * (1 - p) ** failures * p ** (patient - failures)
        if r1 < patient:
            chances[1, later] = comb(before, r1) * p ** (r1 + 1) * (1 - p) ** (before - r1)
    return chances


def _overrun(design: TwoStageDesign, accrual: Accrual, stopping: FloatArray) -> FloatArray:
    """(n2 + 1) chance, given a stop, of each number of patients enrolled too many; none at all without stops."""
    overrun = np.zeros(design.n2 + 1)
    for later, chance in enumerate(stopping):
        enrolled = accrual.enrolled_while_waiting(later + design.n2)
        overrun[0] += chance * enrolled[: later + 1].sum()
        overrun[1:] += chance * enrolled[later + 1 :]
    total = stopping.sum()
    return overrun / total if total > 0 else np.eye(1, design.n2 + 1)[0]
