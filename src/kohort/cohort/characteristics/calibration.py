"""The least cut-off with which a rule keeps an error rate, and what that costs in power.

A smaller cut-off makes more cohorts a go, so both error rates fall as the cut-off rises, in steps at the
posterior probabilities that occur. The least cut-off is found among those, and rounded up to as many decimals
as a protocol writes.

References:
    Baumann L et al. (arXiv 2309.06988) and the R package baskexact (adjust_lambda): a cut-off found on the
    family-wise error when all cohorts are null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, per_cohort
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.characteristics.exact import BATCH, Question, enumerated
from kohort.cohort.characteristics.operating import Setting, operating_characteristics, setting_of
from kohort.cohort.characteristics.plans import ENDED, DesignLike
from kohort.cohort.characteristics.posteriors import Remembered, posteriors_of
from kohort.cohort.characteristics.readings import RuleLike, cut_off, readings_of
from kohort.cohort.characteristics.result import Characteristics
from kohort.cohort.characteristics.scenarios import Scenario, ScenariosLike, scenarios_of
from kohort.cohort.characteristics.space import Space
from kohort.cohort.maths.threads import one_thread
from kohort.cohort.rules.conditions import Boundary, Probability
from kohort.errors import StatisticsError

__all__ = ["Calibration", "calibrate"]

ErrorMeasure: TypeAlias = Literal["fwer", "toer"]

AT_ONCE = 32
"""Cut-offs tried in one pass over the outcomes."""

SCALE = 10_000
"""A protocol's cut-off has four decimals."""

SAME = 1e-11
"""Posterior probabilities that differ by less differ by rounding only."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A cut-off and what it does.

    Attributes:
        cutoff: the least cut-off with four decimals that keeps the target; go if P > cutoff.
        least: the least cut-off at all that keeps it: a posterior probability that occurs.
        target: the limit of the error.
        measure: which error: "fwer", or "toer", the greatest of all null cohorts.
        attained: the error at ``cutoff``, the greatest of all scenarios that were to be kept.
        attained_at_least: the error at ``least``.
        characteristics: everything that the cut-off does in all scenarios; the second rule, if there, is the
            planned cut-off.
    """

    cutoff: float
    least: float
    target: float
    measure: ErrorMeasure
    attained: float
    attained_at_least: float
    characteristics: Characteristics

    @property
    def power_paid(self) -> FloatArray:
        """(S, J) power with the planned cut-off less power with this one; NaN for null cohorts.

        Raises:
            StatisticsError: no planned cut-off was given.
        """
        power = self.characteristics.power
        if power.shape[1] < 2:
            raise StatisticsError("There is no planned cut-off to compare with.", remedy="Give planned=.")
        return power[:, 1] - power[:, 0]


@one_thread()
def calibrate(
    model: BorrowingModel,
    design: DesignLike,
    target: float,
    *,
    measure: ErrorMeasure = "fwer",
    scenarios: ScenariosLike | int | None = None,
    power_scenarios: ScenariosLike | None = None,
    planned: float | None = None,
    rule: Callable[[float], RuleLike] = cut_off,
) -> Calibration:
    """The least cut-off with which the error is at most ``target`` in every scenario; exact.

    Args:
        model: how cohorts borrow.
        design: one TwoStageDesign or number of patients for all cohorts, or one for each.
        target: limit of the error.
        measure: "fwer", the family-wise error, or "toer", the type I error of the worst null cohort.
        scenarios: where the limit must hold; a number of cohorts, or None where the design or the model says
            it: where every cohort has its p0.
        power_scenarios: scenarios whose characteristics are reported as well.
        planned: a cut-off to compare the power with.
        rule: the rule with a given cut-off, increasing in strictness; by default go if P(p > p0) > cut-off.

    Raises:
        StatisticsError: no cut-off below 1 keeps the target, or too many outcomes to enumerate.
    """
    if measure not in ("fwer", "toer") or not 0 < target < 1:
        raise StatisticsError(
            f"An error '{measure}' of {target} cannot be kept.",
            remedy="Use 'fwer' or 'toer', and a target between 0 and 1.",
        )
    kept = (
        (_all_null(model, design, scenarios),)
        if scenarios is None or isinstance(scenarios, int)
        else scenarios_of(scenarios)
    )
    more = scenarios_of(power_scenarios) if power_scenarios is not None else ()
    errors = _Errors(setting_of(model, design, rule(0.5), kept), rule, measure)
    step = _first_kept(lambda at: errors.at(at / SCALE), SCALE, target)
    if step == SCALE:
        raise StatisticsError(
            f"No cut-off below 1 keeps the {measure} within {target}.", remedy="Allow more, or enrol more patients."
        )
    cutoff = step / SCALE
    occur = errors.attained(max(step - 1, 0) / SCALE, cutoff) if step else np.zeros(1)
    least = float(occur[min(_first_kept(lambda at: errors.at(occur[at]), len(occur) - 1, target), len(occur) - 1)])
    rules = {f"{cutoff:.4f}": rule(cutoff)} | ({f"{planned:g} (planned)": rule(planned)} if planned else {})
    found = operating_characteristics(model, design, rules, (*kept, *more), "exact")
    attained, at_least = (float(errors.at(np.array([each]))[0]) for each in (cutoff, least))
    return Calibration(cutoff, least, target, measure, attained, at_least, found)


def _all_null(model: BorrowingModel, design: DesignLike, cohorts: int | None) -> Scenario:
    said = [cohorts or 0, *(len(each) for each in (design, model.p0) if isinstance(each, Sequence))]
    number = next((each for each in said if each > 0), 0)
    if not number:
        raise StatisticsError("The number of cohorts is not known.", remedy="Give it as scenarios=.")
    return Scenario("all null", tuple(per_cohort("p0", model.p0, number).tolist()), (False,) * number)


def _first_kept(errors: Callable[[np.ndarray], FloatArray], last: int, target: float) -> int:
    """The first of 0 ... last - 1 whose error is within the target, else ``last``; errors fall."""
    low, high = 0, last  # all below low break the target; high keeps it, or is the end
    while low < high:
        tried = np.unique(np.linspace(low, high - 1, min(AT_ONCE, high - low)).astype(np.int64))
        kept = np.flatnonzero(errors(tried) <= target)
        if len(kept):
            high = int(tried[kept[0]])
            low = int(tried[kept[0] - 1]) + 1 if kept[0] else low
        else:
            low = int(tried[-1]) + 1
    return high


class _Errors:
    """The error at any cut-offs; posteriors are remembered from one pass to the next."""

    def __init__(self, setting: Setting, rule: Callable[[float], RuleLike], measure: ErrorMeasure) -> None:
        self.setting = setting
        self.rule = rule
        self.measure = measure
        self.space: Space = setting.space(range(len(setting.readings)))
        self.question: Question = setting.question(range(len(setting.readings)), None)
        self.posteriors = Remembered(posteriors_of(setting.model, self.space, 0.0))

    def at(self, cut_offs: FloatArray) -> FloatArray:
        """(K,) errors, the greatest of all scenarios."""
        rules = {repr(float(each)): self.rule(float(each)) for each in cut_offs}
        readings = readings_of(rules, self.setting.plans)
        if any(each.interim != self.setting.readings[0].interim for each in readings):
            raise StatisticsError("The look depends on the cut-off.", remedy="Calibrate the final boundary alone.")
        question = Question(self.question.scenarios, self.question.active, readings, None, 0.0)
        by_cohort, family = enumerated(question, self.space, self.posteriors)
        if self.measure == "fwer":
            return family["fwer"].value.max(axis=0)
        null = ~question.active[:, None, :]
        return np.where(null, by_cohort["go"].value, 0.0).max(axis=(0, 2))

    def attained(self, above: float, cut_off: float) -> FloatArray:
        """Posterior probabilities in (above, cut-off] that the rule compares with its cut-off, and the cut-off."""
        (reading,) = readings_of({"": self.rule(cut_off)}, self.setting.plans)
        rates = {
            each.rate
            for boundary in reading.final
            for each in (boundary.go if isinstance(boundary, Boundary) else ())
            if isinstance(each, Probability) and each.above == cut_off
        }
        found: list[FloatArray] = [np.array([above, cut_off])]
        for batch in self.space.batches(BATCH):
            for rate in rates:
                values = self.posteriors.prob_greater(batch, rate)[batch.status == ENDED]
                found.append(np.unique(np.ceil(values[(values > above) & (values <= cut_off)] / SAME) * SAME))
        return np.minimum(np.unique(np.concatenate(found)), cut_off)
