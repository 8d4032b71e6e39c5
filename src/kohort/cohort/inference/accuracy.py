"""How far the estimates after two stages are off: bias and mean squared error at a true rate.

All are exact sums over the outcomes. They may be asked for all cohorts, or only for those that stopped or went on:
the unbiased estimate is unbiased over all cohorts, not within those that went on, which are the ones that are read.

References:
    Jung SH, Kim KM. Stat Med 2004;23:881-896 (bias and variance over all cohorts).
    Porcher R, Desseaux K. Contemp Clin Trials 2012;33:1088-1097 (conditional and unconditional, compared).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.inference.intervals import median_unbiased
from kohort.cohort.inference.outcomes import FloatArray, after_two_stages
from kohort.errors import StatisticsError

__all__ = ["Accuracy", "EstimatorAccuracy", "Given", "estimator_accuracy"]

Given = Literal["all", "stopped", "went on"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One estimate over repeated cohorts.

    Attributes:
        mean: its mean.
        bias: mean minus true rate.
        mse: mean squared distance from the true rate.
    """

    mean: float
    bias: float
    mse: float


@dataclass(frozen=True, slots=True)
class EstimatorAccuracy:
    """The three estimates at one true rate.

    Attributes:
        p: the true rate.
        given: which cohorts are looked at.
        probability: chance of such a cohort.
        umvue: unbiased over all cohorts.
        mle: responders of evaluable patients.
        median_unbiased: rate at which the outcome is the median.
    """

    p: float
    given: Given
    probability: float
    umvue: Accuracy
    mle: Accuracy
    median_unbiased: Accuracy


def estimator_accuracy(design: TwoStageDesign, p: float, given: Given = "all") -> EstimatorAccuracy:
    """Mean, bias and mean squared error of each estimate.

    Args:
        design: the sizes as enrolled, with the rule.
        p: true rate, above 0 and below 1.
        given: all cohorts, or those that "stopped" after stage 1, or "went on".

    Raises:
        StatisticsError: an impossible rate or group of cohorts.
    """
    if not 0 < p < 1:
        raise StatisticsError(f"A response rate of {p} leaves no outcome open.", remedy="Give 0 < p < 1.")
    outcomes = after_two_stages(design)
    groups = {"all": np.ones(len(outcomes), bool), "stopped": ~outcomes.went_on, "went on": outcomes.went_on}
    if given not in groups:
        raise StatisticsError(f"There are no cohorts {given!r}.", remedy="Give 'all', 'stopped' or 'went on'.")
    weights = np.where(groups[given], outcomes.probabilities(p), 0.0)
    probability = float(weights.sum())
    weights = weights / probability

    def accuracy(estimates: FloatArray) -> Accuracy:
        mean = float(weights @ estimates)
        return Accuracy(mean, mean - p, float(weights @ (estimates - p) ** 2))

    places = range(len(outcomes))
    return EstimatorAccuracy(
        p=p,
        given=given,
        probability=min(probability, 1.0),
        umvue=accuracy(np.array([float(outcome.unbiased) for outcome in outcomes.ordered])),
        mle=accuracy(np.array([float(outcome.mle) for outcome in outcomes.ordered])),
        median_unbiased=accuracy(np.array([median_unbiased(outcomes, place) for place in places])),
    )
