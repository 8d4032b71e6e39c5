"""Lee and Liu's design: a cohort stops when it is no longer likely to end positive.

At the end (N patients, X responders) the cohort is positive if P(p > p0 | X, N) > theta_T. Before, after x of
n, the predictive probability of that end is

    PP = sum_y BetaBin(y; N - n, a + x, b + n - x) * [ P(p > p0 | x + y, N) > theta_T ]

and the cohort stops for futility if PP < theta_L, or ends as positive if PP > theta_U (1: never).

References:
    Lee JJ, Liu DD. A predictive probability design for phase II cancer clinical trials. Clin Trials
    2008;5:93-106.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.designs.checks import check_errors, check_looks, check_rates
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.cohort.designs.paths import Look
from kohort.cohort.designs.posteriors import posterior_above, predictive_tails, worth_one_patient
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

__all__ = [
    "PredictiveDesign",
    "PredictiveRule",
    "place_looks",
    "predictive_probability_design",
    "predictive_probability_of_success",
]


@dataclass(frozen=True, slots=True)
class PredictiveRule:
    """The cut-offs of Lee and Liu's design.

    Attributes:
        theta_l: stop for futility if the predictive probability is below; 0: never.
        theta_t: positive at the end if P(p > p0) is greater.
        theta_u: end as positive if the predictive probability is greater; 1: never.
        prior: of the response rate; None: Beta(p0, 1 - p0), worth one patient.

    Raises:
        StatisticsError: cut-offs out of order or out of range.
    """

    theta_l: float
    theta_t: float
    theta_u: float = 1.0
    prior: Beta | None = None

    def __post_init__(self) -> None:
        """Refuse cut-offs that cannot be."""
        check_errors(theta_t=self.theta_t)
        if not 0 <= self.theta_l <= self.theta_u <= 1:
            raise StatisticsError(
                f"Cut-offs theta_l = {self.theta_l} and theta_u = {self.theta_u} are out of order.",
                remedy="Give 0 <= theta_l <= theta_u <= 1.",
            )

    def critical(self, p0: float, n: int) -> int:
        """The last count of n that is not positive at the end; -1: every count is positive."""
        posterior = posterior_above(self.prior or worth_one_patient(p0), n, p0)
        return int((posterior <= self.theta_t).sum()) - 1


def predictive_probability_of_success(
    responders: int, evaluable: int, n_max: int, p0: float, rule: PredictiveRule
) -> float:
    """Probability that the cohort is positive after ``n_max`` patients, from the counts so far.

    It looks at the end only: stops on the way there are not counted.

    Args:
        responders: evaluable patients who responded.
        evaluable: patients whose response is known.
        n_max: patients at the end.
        p0: response rate of no interest.
        rule: prior and theta_T; its other cut-offs play no part.

    Raises:
        StatisticsError: impossible counts.
    """
    if not 0 <= responders <= evaluable <= n_max:
        raise StatisticsError(
            f"{responders} responders of {evaluable} evaluable patients do not fit a cohort of {n_max}.",
            remedy="Give 0 <= responders <= evaluable <= n_max.",
        )
    prior = rule.prior or worth_one_patient(p0)
    return float(predictive_tails(prior, n_max, rule.critical(p0, n_max))[evaluable][responders])


@dataclass(frozen=True, slots=True)
class PredictiveDesign:
    """Lee and Liu's design: the cut-offs and the boundaries that they give.

    Attributes:
        rule: the cut-offs.
        design: the looks, with the counts that stop.
    """

    rule: PredictiveRule
    design: MultiStageDesign

    def __str__(self) -> str:
        """The boundaries in both conventions, and the cut-offs."""
        upper = f", theta_U {self.rule.theta_u:g}" if self.rule.theta_u < 1 else ""
        return f"{self.design}; theta_L {self.rule.theta_l:g}, theta_T {self.rule.theta_t:g}{upper}"


def predictive_probability_design(p0: float, p1: float, looks: Iterable[int], rule: PredictiveRule) -> PredictiveDesign:
    """The boundaries of Lee and Liu's design for given cut-offs.

    Args:
        p0: response rate of no interest.
        p1: response rate of interest; it moves no boundary, only the power that the design reports.
        looks: evaluable patients at each look; the last is the end.
        rule: cut-offs and prior.

    Raises:
        StatisticsError: impossible rates or looks, or a theta_T that every or no count meets at the end.
    """
    check_rates(p0, p1)
    sizes = check_looks(looks)
    r = rule.critical(p0, sizes[-1])
    if not 0 <= r < sizes[-1]:
        raise StatisticsError(
            f"With {sizes[-1]} patients {'every' if r < 0 else 'no'} count has P(p > p0) above {rule.theta_t}.",
            remedy="Change theta_t, the prior or the number of patients.",
        )
    tails = predictive_tails(rule.prior or worth_one_patient(p0), sizes[-1], r)
    placed = place_looks(tails, sizes, r, rule.theta_l, rule.theta_u)
    limits = [look.at_most for look in placed], [look.at_least for look in placed]
    return PredictiveDesign(rule, MultiStageDesign(sizes, tuple(limits[0]), tuple(limits[1]), p0, p1))


def place_looks(
    tails: Sequence[NDArray[np.float64]], sizes: Sequence[int], r: int, theta_l: float, theta_u: float
) -> list[Look]:
    """The looks with the counts whose predictive probability is below theta_l, and above theta_u."""
    inner = [
        Look(n, int(np.searchsorted(tails[n], theta_l, "left")) - 1, int(np.searchsorted(tails[n], theta_u, "right")))
        for n in sizes[:-1]
    ]
    return [*inner, Look(sizes[-1], r, r + 1)]
