"""When the numbers do not come out as planned: thresholds for the actual sizes, with the promise kept.

Four rules, all exact. The first three need the sizes to be independent of the responses (accrual, evaluability);
the last allows any change after stage 1 has been seen.

* ``redesign(..., keep="alpha")``: the smallest r whose exact alpha is within the plan's.
* ``redesign(..., keep="spending")``: the same with less alpha if fewer patients came,
  min(alpha, 2 - 2 Phi(z_{1 - alpha / 2} / sqrt(n* / n))), the rule ATS of the R package UnplanSimon.
* ``redesign_second_stage``: r1, r and n chosen anew for the actual n1, least EN(p0) with alpha and power met
  (rule ATSS of UnplanSimon).
* ``redesign(..., keep="conditional_error")``: for each count x1 of stage 1 the smallest r with
  P_p0(Bin(n2, p0) >= r + 1 - x1) <= D(x1), where D(x1), the conditional error, is the chance that the *planned*
  cohort ends positive given x1 at p0. Since the mean of D over x1 is the plan's alpha, alpha holds whatever made
  n2 (or even x1) lead to the change.

If stage 1 was looked at with another number m than n1, D(x; m) is the chance given x responders of those m. For
m > n1 it averages over which n1 of them the plan would have looked at: their order is uninformative.

References:
    Liu Y, Pan H. UnplanSimon 0.1.0, 2024, doi:10.32614/CRAN.package.UnplanSimon (ATS, ATSS).
    Lan KKG, DeMets DL. Biometrika 1983;70:659-663 (the spending function of ATS).
    Mueller HH, Schaefer H. Biometrics 2001;57:886-891 (conditional error).
    Englert S, Kieser M. Biometrics 2012;68:886-892 (conditional error in single-arm two-stage designs).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, overload

from scipy.special import ndtr, ndtri

from kohort.cohort.course.prediction import conditional_power
from kohort.cohort.designs.two_stage import ROUNDING, OperatingCharacteristics, TwoStageDesign, hold_alpha
from kohort.cohort.maths.binomial import Rate, choose_row, least_count, tail, ways_after_stage_two, weigh, weighed_tail
from kohort.errors import StatisticsError

__all__ = [
    "AdaptedDesign",
    "Keep",
    "SecondStage",
    "conditional_error",
    "redesign",
    "redesign_second_stage",
    "second_stage_size",
    "second_stage_threshold",
    "spent_alpha",
]

Keep = Literal["alpha", "spending", "conditional_error"]
LookRule = Literal["planned", "nearest early stop"]


@dataclass(frozen=True, slots=True)
class SecondStage:
    """What follows one count of stage 1.

    Attributes:
        n2: evaluable patients still to come.
        r: last count of both stages that is not enough.
    """

    n2: int
    r: int


@dataclass(frozen=True, slots=True)
class AdaptedDesign:
    """A two-stage design whose second stage depends on what stage 1 gave.

    Attributes:
        planned: the plan whose conditional error it keeps.
        n1: evaluable patients at the look.
        second: (n1 + 1) second stage for each count of stage 1; None: stop.

    Raises:
        StatisticsError: another number of second stages than counts, or one that exceeds the conditional error.
    """

    planned: TwoStageDesign
    n1: int
    second: tuple[SecondStage | None, ...]

    def __post_init__(self) -> None:
        """Refuse a second stage that would break the promise."""
        if len(self.second) != self.n1 + 1:
            raise StatisticsError(
                f"{len(self.second)} second stages do not fit {self.n1 + 1} counts of stage 1.",
                remedy="Give one for each count, None where the cohort stops.",
            )
        for x1, stage in enumerate(self.second):
            if stage is None:
                continue
            error = tail(stage.r + 1 - x1, stage.n2, float(self.planned.p0))
            if error > (limit := conditional_error(self.planned, x1, self.n1)) + ROUNDING:
                raise StatisticsError(
                    f"After {x1} of {self.n1}, more than {stage.r} with {stage.n2} more patients has conditional "
                    f"error {error:.4g}; the plan leaves {limit:.4g}.",
                    remedy="Ask second_stage_threshold for the least threshold.",
                )

    @property
    def n(self) -> int:
        """The largest number of evaluable patients of both stages."""
        return self.n1 + max((stage.n2 for stage in self.second if stage), default=0)

    def operating_characteristics(self, p: Rate) -> OperatingCharacteristics[Rate]:
        """Exact probabilities at the true response rate ``p``; exact fractions if ``p`` is a Fraction.

        Raises:
            StatisticsError: ``p`` is not in 0 ... 1.
        """
        if not 0 <= p <= 1:
            raise StatisticsError(f"A response rate of {p} is impossible.", remedy="Give a rate from 0 to 1.")
        success, early_stop, expected_n = p * 0, p * 0, p * 0 + self.n1
        for x1, stage in enumerate(self.second):
            chance = weigh(choose_row(self.n1)[x1], x1, self.n1 - x1, p)
            if stage is None:
                early_stop += chance
            else:
                success += chance * tail(stage.r + 1 - x1, stage.n2, p)
                expected_n += chance * stage.n2
        return OperatingCharacteristics(p, success, early_stop, expected_n)

    @property
    def alpha(self) -> float:
        """Probability of a positive cohort at p0; never above the plan's."""
        return self.operating_characteristics(float(self.planned.p0)).success

    @property
    def power(self) -> float:
        """Probability of a positive cohort at p1."""
        return self.operating_characteristics(float(self.planned.p1)).success


@overload
def redesign(
    design: TwoStageDesign,
    n1_actual: int,
    n_actual: int,
    keep: Literal["alpha", "spending"] = "alpha",
    *,
    alpha: float | None = None,
    look: LookRule = "planned",
) -> TwoStageDesign: ...
@overload
def redesign(
    design: TwoStageDesign,
    n1_actual: int,
    n_actual: int,
    keep: Literal["conditional_error"],
    *,
    look: LookRule = "planned",
) -> AdaptedDesign: ...
def redesign(
    design: TwoStageDesign,
    n1_actual: int,
    n_actual: int,
    keep: Keep = "alpha",
    *,
    alpha: float | None = None,
    look: LookRule = "planned",
) -> TwoStageDesign | AdaptedDesign:
    """The design for sizes that did not come out as planned.

    Args:
        design: the plan.
        n1_actual: evaluable patients at the look.
        n_actual: evaluable patients at the end.
        keep: what is kept: "alpha", "spending" or "conditional_error", see the module.
        alpha: limit of the error rate at p0; None: the exact alpha of the plan. Not for "conditional_error",
            whose limit is the plan's for each count of stage 1.
        look: r1 as planned, or the r1 whose chance to stop at p0 is nearest the planned one.

    Raises:
        StatisticsError: the sizes leave no two stages, no threshold holds the limit, or an unknown rule.
    """
    if look not in ("planned", "nearest early stop"):
        raise StatisticsError(f"There is no rule {look!r} for r1.", remedy="Give 'planned' or 'nearest early stop'.")
    base = design if look == "planned" else _nearest_early_stop(design, n1_actual, n_actual)
    limit = design.alpha if alpha is None else alpha
    match keep:
        case "alpha":
            return hold_alpha(base, n1_actual, n_actual, alpha=limit)
        case "spending":
            return hold_alpha(base, n1_actual, n_actual, alpha=spent_alpha(limit, n_actual / design.n))
        case "conditional_error":
            if alpha is not None:
                raise StatisticsError(
                    "The conditional error of the plan is its own limit.", remedy="Leave alpha out, or keep alpha."
                )
            return _keep_conditional_error(design, n1_actual, n_actual, base.r1)
    raise StatisticsError(f"There is no rule {keep!r}.", remedy="Give 'alpha', 'spending' or 'conditional_error'.")


def spent_alpha(alpha: float, share: float) -> float:
    """Alpha that a share of the planned patients may spend: min(alpha, 2 - 2 Phi(z_{1 - alpha / 2} / sqrt(share)))."""
    if share >= 1:
        return alpha
    return float(2 * ndtr(ndtri(alpha / 2) / math.sqrt(share)))


def redesign_second_stage(
    design: TwoStageDesign,
    n1_actual: int,
    *,
    alpha: float | None = None,
    beta: float | None = None,
    n_max: int = 100,
) -> TwoStageDesign:
    """r1, r and n anew for the actual n1: least EN(p0) with alpha and power met (ATSS); of equals the least n.

    Args:
        design: the plan.
        n1_actual: evaluable patients of stage 1.
        alpha: limit of the error rate at p0; None: the exact alpha of the plan.
        beta: limit of the error rate at p1; None: that of the plan.
        n_max: largest number of patients to consider.

    Raises:
        StatisticsError: nothing up to ``n_max`` meets both limits.
    """
    level = design.alpha if alpha is None else alpha
    miss = 1 - design.power if beta is None else beta
    found = [
        shortest
        for r1 in range(n1_actual)
        if (shortest := _shortest(replace(design, r1=r1, n1=n1_actual, r=n_max - 1, n=n_max), level, miss))
    ]
    if not found:
        raise StatisticsError(
            f"No second stage of up to {n_max} patients after {n1_actual} holds alpha {level:.4g} and beta {miss:.4g}.",
            remedy="Allow larger error rates or a larger n_max (after a short stage 1 even r1 = 0 may lose too much).",
        )
    return min(found, key=lambda candidate: (candidate.expected_n(float(design.p0)), candidate.n))


def _shortest(longest: TwoStageDesign, alpha: float, beta: float) -> TwoStageDesign | None:
    """The least n, up to that of ``longest``, with its look and both limits met: EN rises with n, so it is the best."""
    if tail(longest.r1 + 1, longest.n1, float(longest.p1)) < 1 - beta - ROUNDING:
        return None  # stage 1 alone loses more than the limit
    for n in range(longest.n1 + 1, longest.n + 1):
        ways = ways_after_stage_two(longest.r1, longest.n1, n)
        needed = max(least_count(ways, float(longest.p0), alpha + ROUNDING), longest.r1 + 1)
        if needed <= n and weighed_tail(ways, needed, float(longest.p1)) >= 1 - beta - ROUNDING:
            return replace(longest, r=needed - 1, n=n, type="stated", q_range=None)
    return None


def conditional_error(design: TwoStageDesign, responders: int, n1_actual: int | None = None) -> float:
    """D: probability at p0 that the planned cohort ends positive, given the responders of stage 1.

    Args:
        design: the plan.
        responders: evaluable patients of stage 1 who responded.
        n1_actual: evaluable patients at the look; None: as planned. Fewer than n.

    Raises:
        StatisticsError: impossible counts.
    """
    seen = design.n1 if n1_actual is None else n1_actual
    if not 0 <= responders <= seen < design.n:
        raise StatisticsError(
            f"{responders} responders of {seen} patients are no first stage of {design.n} patients.",
            remedy=f"Give 0 <= responders <= n1_actual < {design.n}.",
        )
    p0 = float(design.p0)
    if seen <= design.n1:
        return conditional_power(design, responders, seen, p0)
    first, over = choose_row(design.n1), choose_row(seen - design.n1)
    going_on = sum(
        first[x1] * over[responders - x1]
        for x1 in range(design.r1 + 1, min(design.n1, responders) + 1)
        if responders - x1 < len(over)
    )
    share = going_on / choose_row(seen)[responders]
    return share * tail(design.r + 1 - responders, design.n - seen, p0)


def second_stage_threshold(design: TwoStageDesign, x1: int, n2: int, n1_actual: int | None = None) -> int:
    """The smallest r (of both stages) that keeps the conditional error with ``n2`` more patients.

    x1 + n2 means that no outcome is enough any more; x1 - 1 that the cohort is positive already.

    Args:
        design: the plan.
        x1: responders of stage 1.
        n2: evaluable patients still to come, for whatever reason that many.
        n1_actual: evaluable patients at the look; None: as planned.

    Raises:
        StatisticsError: impossible counts.
    """
    limit = conditional_error(design, x1, n1_actual) + ROUNDING
    if n2 < 0:
        raise StatisticsError(f"{n2} more patients are impossible.", remedy="Give 0 or more.")
    return x1 + least_count(choose_row(n2), float(design.p0), limit) - 1


def second_stage_size(
    design: TwoStageDesign,
    x1: int,
    power: float,
    *,
    p: float | None = None,
    n1_actual: int | None = None,
    n2_max: int = 200,
) -> SecondStage:
    """The least second stage with a conditional power, chosen after stage 1 was seen.

    Args:
        design: the plan.
        x1: responders of stage 1.
        power: conditional power wanted at ``p``.
        p: true rate; None: p1.
        n1_actual: evaluable patients at the look; None: as planned.
        n2_max: largest second stage to consider.

    Raises:
        StatisticsError: impossible counts, or no second stage of up to ``n2_max`` has that power.
    """
    rate = float(design.p1 if p is None else p)
    for n2 in range(n2_max + 1):
        r = second_stage_threshold(design, x1, n2, n1_actual)
        if tail(r + 1 - x1, n2, rate) >= power - ROUNDING:
            return SecondStage(n2, r)
    raise StatisticsError(
        f"After {x1} responders no second stage of up to {n2_max} patients has conditional power {power:.4g}.",
        remedy="Stop, or ask for less power.",
    )


def _nearest_early_stop(design: TwoStageDesign, n1: int, n: int) -> TwoStageDesign:
    """The plan with the r1 whose chance to stop at p0 after n1 is nearest the planned; of equals the smaller."""
    planned = design.pet(float(design.p0))
    p0 = float(design.p0)
    r1 = min(range(n1), key=lambda r1: (abs(1 - tail(r1 + 1, n1, p0) - planned), r1), default=0)
    return replace(design, r1=r1, n1=n1, r=n - 1, n=n, type="stated", q_range=None)


def _keep_conditional_error(design: TwoStageDesign, n1: int, n: int, r1: int) -> AdaptedDesign:
    design.resized(n1, n)  # refuses sizes without two stages
    second: list[SecondStage | None] = []
    for x1 in range(n1 + 1):
        r = second_stage_threshold(design, x1, n - n1, n1)
        hopeless = x1 <= r1 or r >= x1 + n - n1
        second.append(None if hopeless else SecondStage(n - n1, r))
    return AdaptedDesign(design, n1, tuple(second))
