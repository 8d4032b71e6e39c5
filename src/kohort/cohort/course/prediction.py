"""How likely a running cohort is to end positive: at a given rate, or averaged over what is known of it.

Both satisfy one recursion over the patients still to come. With x responders of m evaluable patients

    P(m, x) = s P(m + 1, x + 1) + (1 - s) P(m + 1, x),    P(n, x) = [x > r],    P(m, x) = 0 if m >= n1 and x <= r1,

where s, the chance that the next patient responds, is p for conditional power and (a + x) / (a + b + m) for
predictive power under Beta(a, b). All states (m, x) of a design are one table, so hundreds of cohorts are
looked up rather than summed. For one cohort ``conditional_power`` sums whole numbers and is exact for fractions.

Patients who are enrolled and not yet evaluable (``pending``) are among those still to come, and change nothing
as long as they fit the plan. If they exceed it, or if nobody else will be enrolled (``closed``), the cohort ends
with another size than planned; then the threshold counts that holds the promised alpha for that size, as in
``decide_final``.

References:
    Lachin JM. Stat Med 2005;24:2747-2764 (conditional power and futility).
    Spiegelhalter DJ, Freedman LS, Blackburn PR. Control Clin Trials 1986;7:8-17 (predictive power).
    Mueller HH, Schaefer H. Biometrics 2001;57:886-891 (at p0: the conditional error).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.designs.decisions import Observed
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.cohort.maths.binomial import Rate, ways_after_stage_two, weighed_tail
from kohort.errors import StatisticsError

__all__ = [
    "UNIFORM",
    "Course",
    "conditional_power",
    "conditional_powers",
    "power_table",
    "predictive_probabilities",
    "predictive_probability",
    "predictive_table",
]

FloatArray = NDArray[np.float64]

UNIFORM = Beta(1.0, 1.0)
"""The flat prior of a response rate."""


def conditional_power(
    design: TwoStageDesign, responders: int, evaluable: int, p: Rate, pending: int = 0, *, closed: bool = False
) -> Rate:
    """Probability to end positive given the counts so far and a true rate ``p``.

    At p0 after stage 1 this is the conditional error D(x1) of the design. Exact for a Fraction.

    Args:
        design: the plan; for another look than planned give ``design.resized(n1, n)``.
        responders: evaluable patients who responded.
        evaluable: patients whose response is known.
        p: true response rate, 0 ... 1.
        pending: patients enrolled and not yet evaluable.
        closed: nobody else will be enrolled.

    Raises:
        StatisticsError: counts that are impossible or exceed the design.
    """
    _check_rate(p)
    seen = Observed(responders, evaluable, pending)
    if (end := _as_enrolled(design, seen, closed=closed)) is None or _is_stopped(end, seen):
        return p * 0
    ahead = max(end.n1 - evaluable, 0)
    passed = -1 if ahead == 0 else end.r1 - responders
    return weighed_tail(ways_after_stage_two(passed, ahead, end.n - evaluable), end.r + 1 - responders, p)


def predictive_probability(
    design: TwoStageDesign,
    responders: int,
    evaluable: int,
    prior: Beta = UNIFORM,
    pending: int = 0,
    *,
    closed: bool = False,
) -> float:
    """Probability to end positive given the counts so far, averaged over the posterior of the rate.

    Args:
        design: the plan; for another look than planned give ``design.resized(n1, n)``.
        responders: evaluable patients who responded.
        evaluable: patients whose response is known.
        prior: what was known of the rate before the first patient.
        pending: patients enrolled and not yet evaluable.
        closed: nobody else will be enrolled.

    Raises:
        StatisticsError: counts that are impossible or exceed the design.
    """
    seen = Observed(responders, evaluable, pending)
    end = _as_enrolled(design, seen, closed=closed)
    return 0.0 if end is None else float(predictive_table(end, prior)[evaluable, responders])


def power_table(design: TwoStageDesign, p: float) -> FloatArray:
    """Conditional power in every state of a cohort.

    Returns:
        (n + 1, n + 1) read-only; row m, column x: x responders of m evaluable patients; NaN where x > m.

    Raises:
        StatisticsError: ``p`` is not in 0 ... 1.
    """
    _check_rate(p)
    return _power_table(design, float(p))


@functools.lru_cache(maxsize=128)
def _power_table(design: TwoStageDesign, p: float) -> FloatArray:
    return _backwards(design, lambda m: np.full(m + 1, p))


@functools.lru_cache(maxsize=128)
def predictive_table(design: TwoStageDesign, prior: Beta = UNIFORM) -> FloatArray:
    """Predictive power in every state of a cohort, laid out as in ``power_table``."""
    return _backwards(design, lambda m: (prior.a + np.arange(m + 1.0)) / (prior.a + prior.b + m))


def _backwards(design: TwoStageDesign, next_responds: Callable[[int], FloatArray]) -> FloatArray:
    """The recursion of the module, from the last patient to the first."""
    n = design.n
    table = np.full((n + 1, n + 1), np.nan)
    table[n] = np.arange(n + 1) > design.r
    for m in range(n - 1, -1, -1):
        step = next_responds(m)
        table[m, : m + 1] = step * table[m + 1, 1 : m + 2] + (1 - step) * table[m + 1, : m + 1]
        if m >= design.n1:
            table[m, : design.r1 + 1] = 0.0
    table.flags.writeable = False
    return table


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Where J cohorts stand.

    Attributes:
        designs: the plan of each cohort.
        seen: the counts of each cohort.
        closed: which cohorts enrol nobody else; None: all go on.

    Raises:
        StatisticsError: not one plan, one set of counts and one ``closed`` a cohort.
    """

    designs: Sequence[TwoStageDesign]
    seen: Sequence[Observed]
    closed: Sequence[bool] | None = None

    def __post_init__(self) -> None:
        """Refuse lists of different lengths."""
        if len({len(self.designs), len(self.seen), len(self.seen if self.closed is None else self.closed)}) > 1:
            raise StatisticsError(
                f"{len(self.designs)} designs and {len(self.seen)} counts are not of the same cohorts.",
                remedy="Give one of each a cohort.",
            )

    def look_up(self, table: Callable[[TwoStageDesign], FloatArray]) -> FloatArray:
        """(J,) entries of each cohort's table at its counts; 0 for a cohort closed before stage 2."""
        closed = [False] * len(self.seen) if self.closed is None else self.closed
        found = np.zeros(len(self.seen))
        for place, (design, seen, ends) in enumerate(zip(self.designs, self.seen, closed, strict=True)):
            if (end := _as_enrolled(design, seen, closed=ends)) is not None:
                found[place] = table(end)[seen.evaluable, seen.responders]
        return found


def conditional_powers(course: Course, p: float | None = None) -> FloatArray:
    """(J,) conditional power of many cohorts at ``p``; None: at each cohort's own p1.

    Raises:
        StatisticsError: counts that exceed a design, or an impossible rate.
    """
    return course.look_up(lambda design: power_table(design, design.p1 if p is None else p))


def predictive_probabilities(course: Course, prior: Beta = UNIFORM) -> FloatArray:
    """(J,) predictive power of many cohorts under one prior.

    Raises:
        StatisticsError: counts that exceed a design.
    """
    return course.look_up(lambda design: predictive_table(design, prior))


def _as_enrolled(design: TwoStageDesign, seen: Observed, *, closed: bool) -> TwoStageDesign | None:
    """The design with the number of patients that there will be; None if stage 2 is never reached."""
    if seen.evaluable > design.n:
        raise StatisticsError(
            f"{seen.evaluable} evaluable patients exceed the design ({design.n}).",
            remedy="Give the design as enrolled (resized).",
        )
    enrolled = seen.evaluable + seen.pending
    size = enrolled if closed else max(enrolled, design.n)
    if size == design.n:
        return design
    return None if size <= design.n1 else design.for_sizes(design.n1, size).strict


def _is_stopped(design: TwoStageDesign, seen: Observed) -> bool:
    return seen.evaluable >= design.n1 and seen.responders <= design.r1


def _check_rate(p: Rate) -> None:
    if not 0 <= p <= 1:
        raise StatisticsError(f"A response rate of {p} is impossible.", remedy="Give a rate from 0 to 1.")
