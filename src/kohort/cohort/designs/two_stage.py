"""Two-stage designs of a treatment cohort: the rule, its exact error rates, other sizes than planned.

Simon's convention is stored: r1 and r are the last counts that are *not* enough. Protocols write the first
count that *is* enough; printing a design gives both.

References:
    Simon R. Optimal two-stage designs for phase II clinical trials. Control Clin Trials 1989;10:1-10.
    8 + 16 in DRUP: van der Velden DL et al. Nature 2019;574:127-131.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, Literal, overload

from kohort.cohort.designs import decisions
from kohort.cohort.maths.binomial import (
    Rate,
    choose_row,
    least_count,
    tail,
    ways_after_stage_two,
    weigh,
    weighed_tail,
)
from kohort.errors import StatisticsError

__all__ = [
    "EIGHT_PLUS_SIXTEEN",
    "ROUNDING",
    "DesignType",
    "OperatingCharacteristics",
    "SizeRules",
    "TwoStageDesign",
    "hold_alpha",
]

DesignType = Literal["stated", "minimax", "admissible", "optimal", "minimax and optimal"]

ROUNDING = 1e-12
"""An error rate above its limit by no more than this is above it by rounding only, and meets it."""


@dataclass(frozen=True, slots=True)
class OperatingCharacteristics(Generic[Rate]):
    """What a design does at one true response rate.

    Attributes:
        p: the true response rate.
        success: probability that the cohort ends positive (alpha at p0, power at p1).
        early_stop: probability to stop after stage 1 (PET).
        expected_n: expected number of evaluable patients (EN).
    """

    p: Rate
    success: Rate
    early_stop: Rate
    expected_n: Rate


@dataclass(frozen=True, slots=True)
class TwoStageDesign:
    """Stop after n1 patients with r1 responders or fewer; positive with more than r responders of n.

    Attributes:
        r1: last count of stage 1 that is not enough to go on.
        n1: evaluable patients of stage 1.
        r: last count of both stages that is not enough.
        n: evaluable patients of both stages.
        p0: response rate that is of no interest.
        p1: response rate that would be of interest.
        type: how a search found it; "stated" if it was written down. Not part of equality.
        q_range: weights q for which it minimises q n + (1 - q) EN(p0), from a search. Not part of equality.

    Raises:
        StatisticsError: sizes or rates that make no two-stage design.
    """

    r1: int
    n1: int
    r: int
    n: int
    p0: float
    p1: float
    type: DesignType = field(default="stated", compare=False)
    q_range: tuple[float, float] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse sizes and rates that make no design."""
        if not 0 <= self.r1 < self.n1 < self.n:
            raise StatisticsError(
                f"A design with r1 = {self.r1}, n1 = {self.n1}, n = {self.n} has no two stages.",
                remedy="Give 0 <= r1 < n1 < n, where r1 is the last count that stops.",
            )
        if not self.r1 <= self.r < self.n:
            raise StatisticsError(
                f"r = {self.r} is impossible with r1 = {self.r1} and n = {self.n}.",
                remedy="Give r1 <= r < n, where r is the last count that is not enough.",
            )
        if not 0 < self.p0 < self.p1 < 1:
            raise StatisticsError(
                f"Response rates p0 = {self.p0} and p1 = {self.p1} leave nothing to test.",
                remedy="Give 0 < p0 < p1 < 1.",
            )

    def __str__(self) -> str:
        """Both conventions, e.g. ``0/8, 4/24 (go on with >= 1 of 8, positive with >= 5 of 24)``."""
        return (
            f"{self.r1}/{self.n1}, {self.r}/{self.n} "
            f"(go on with >= {self.r1 + 1} of {self.n1}, positive with >= {self.r + 1} of {self.n})"
        )

    @property
    def n2(self) -> int:
        """Evaluable patients of stage 2 alone."""
        return self.n - self.n1

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
        if not 0 <= p <= 1:
            raise StatisticsError(f"A response rate of {p} is impossible.", remedy="Give a rate from 0 to 1.")
        if isinstance(p, Fraction):
            return _characteristics(self.r1, self.n1, self.r, self.n, p)
        return _characteristics(self.r1, self.n1, self.r, self.n, float(p))

    @overload
    def pet(self, p: Fraction) -> Fraction: ...
    @overload
    def pet(self, p: float) -> float: ...
    def pet(self, p: float | Fraction) -> float | Fraction:
        """Probability of early termination: to stop after stage 1 at the true rate ``p``."""
        return self.operating_characteristics(p).early_stop

    @overload
    def expected_n(self, p: Fraction) -> Fraction: ...
    @overload
    def expected_n(self, p: float) -> float: ...
    def expected_n(self, p: float | Fraction) -> float | Fraction:
        """Expected number of evaluable patients at the true rate ``p``."""
        return self.operating_characteristics(p).expected_n

    @property
    def alpha(self) -> float:
        """Probability of a positive cohort at p0 (one-sided)."""
        return self.operating_characteristics(self.p0).success

    @property
    def power(self) -> float:
        """Probability of a positive cohort at p1."""
        return self.operating_characteristics(self.p1).success

    @property
    def alpha_without_look(self) -> float:
        """Probability of more than r of n responders at p0 if no look was made after stage 1."""
        return tail(self.r + 1, self.n, float(self.p0))

    def resized(self, n1: int, n: int) -> TwoStageDesign:
        """The same thresholds with other sizes: what was done where the numbers came out differently.

        Raises:
            StatisticsError: the sizes leave no two stages.
        """
        return dataclasses.replace(self, n1=n1, n=n, type="stated", q_range=None)

    def for_sizes(self, n1: int, n: int) -> SizeRules:
        """Both rules for sizes that differ from the plan, with their exact error rates.

        Ask before the data are seen: one patient too many can break the promised alpha.

        Raises:
            StatisticsError: the sizes leave no two stages, or no threshold.
        """
        if (n1, n) == (self.n1, self.n):
            return SizeRules(self, self, self)
        return SizeRules(self, self.resized(n1, n), hold_alpha(self, n1, n))

    def decide_interim(
        self, responders: int, evaluable: int, pending: int = 0, *, closed: bool = False
    ) -> decisions.Decision:
        """Whether to go on to stage 2, stop for futility, or wait.

        Args:
            responders: evaluable patients who responded.
            evaluable: patients whose response is known.
            pending: patients enrolled and not yet evaluable.
            closed: stage 1 takes no more patients than these; the look is made on them.

        Raises:
            StatisticsError: impossible counts, or n or more evaluable patients (ask ``decide_final``).
        """
        return decisions.interim(self, decisions.Observed(responders, evaluable, pending), closed=closed)

    def decide_final(
        self,
        responders: int,
        evaluable: int,
        pending: int = 0,
        *,
        closed: bool = False,
        n1_actual: int | None = None,
    ) -> decisions.Decision:
        """Whether the cohort is positive, negative, or still open.

        Args:
            responders: evaluable patients of both stages who responded.
            evaluable: patients of both stages whose response is known.
            pending: patients enrolled and not yet evaluable.
            closed: the cohort takes no more patients than these.
            n1_actual: evaluable patients when the look after stage 1 was made; None: as planned.

        Raises:
            StatisticsError: impossible counts, or a cohort closed before stage 2.
        """
        seen = decisions.Observed(responders, evaluable, pending)
        return decisions.final(self, seen, closed=closed, n1_actual=n1_actual)


@dataclass(frozen=True, slots=True)
class SizeRules:
    """What may be done where n1 or n came out differently.

    Attributes:
        planned: the plan.
        kept: the thresholds of the plan with the actual sizes; alpha is no longer the promised one.
        strict: the smallest threshold for the actual sizes that holds the promised alpha.
    """

    planned: TwoStageDesign
    kept: TwoStageDesign
    strict: TwoStageDesign

    @property
    def is_as_planned(self) -> bool:
        """True if the sizes are those of the plan."""
        return (self.kept.n1, self.kept.n) == (self.planned.n1, self.planned.n)


@functools.lru_cache(maxsize=4096, typed=True)
def _characteristics(r1: int, n1: int, r: int, n: int, p: Rate) -> OperatingCharacteristics[Rate]:
    first = choose_row(n1)
    early_stop = sum((weigh(first[x], x, n1 - x, p) for x in range(r1 + 1)), start=p * 0)
    return OperatingCharacteristics(
        p=p,
        success=weighed_tail(ways_after_stage_two(r1, n1, n), r + 1, p),
        early_stop=early_stop,
        expected_n=n1 + (1 - early_stop) * (n - n1),
    )


def hold_alpha(design: TwoStageDesign, n1_actual: int, n_actual: int, *, alpha: float | None = None) -> TwoStageDesign:
    """The design for sizes that did not come out as planned, with the promised alpha held.

    Keeps r1 and takes the smallest r whose exact alpha is within the limit (the rule of UnplanSimon).

    Args:
        design: the plan.
        n1_actual: evaluable patients at the look.
        n_actual: evaluable patients at the end.
        alpha: limit of the error rate at p0; None: the exact alpha of the plan.

    Raises:
        StatisticsError: the sizes leave no two stages, or no threshold holds the limit.
    """
    limit = design.alpha if alpha is None else alpha
    resized = dataclasses.replace(
        design,
        n1=n1_actual,
        n=n_actual,
        r=max(design.r1, min(design.r, n_actual - 1)),
        type="stated",
        q_range=None,
    )
    return dataclasses.replace(resized, r=_smallest_r(resized, limit))


@functools.lru_cache(maxsize=4096)
def _smallest_r(design: TwoStageDesign, limit: float) -> int:
    """Smallest r with alpha within ``limit``, in one pass from the largest count downwards."""
    ways = ways_after_stage_two(design.r1, design.n1, design.n)
    count = least_count(ways, float(design.p0), limit + ROUNDING)
    if count > design.n:
        raise StatisticsError(
            f"With {design.n} patients no threshold holds alpha within {limit:.4g}.",
            remedy="Enrol more patients or allow a larger alpha.",
        )
    return max(count - 1, design.r1)


EIGHT_PLUS_SIXTEEN = TwoStageDesign(r1=0, n1=8, r=4, n=24, p0=0.1, p1=0.3)
"""DRUP, IMPRESS-Norway and the trials like them: 8, go on with >= 1; 24, positive with >= 5."""
