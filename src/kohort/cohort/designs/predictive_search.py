"""Search for Lee and Liu's design of least n, over all cut-offs and without a grid.

theta_T matters only through r, the largest final count that is not positive. With r fixed, raising theta_L
only moves paths from "goes on" to "stopped": alpha, power and the expected number all fall. So the largest
theta_L that keeps the power, or the smallest that holds alpha, is found by halving the list of values that
the predictive probability takes at the looks. The cut-offs returned are the shortest decimals inside the
ranges that give the same boundaries.

References:
    Lee JJ, Liu DD. A predictive probability design for phase II cancer clinical trials. Clin Trials
    2008;5:93-106.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.designs.checks import check_errors, check_n_max, check_rates, evenly_spaced
from kohort.cohort.designs.paths import Look, loosest, sweep
from kohort.cohort.designs.posteriors import posterior_above, predictive_tails, worth_one_patient
from kohort.cohort.designs.predictive import (
    PredictiveDesign,
    PredictiveRule,
    place_looks,
    predictive_probability_design,
)
from kohort.cohort.designs.search import BinomialTables, first_possible_n
from kohort.cohort.designs.two_stage import ROUNDING
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

__all__ = ["PredictiveSearch", "predictive_probability_search"]

LARGEST = 300


@dataclass(frozen=True, slots=True)
class PredictiveSearch:
    """What the search for Lee and Liu's design holds fixed, and what it prefers.

    Attributes:
        first_look: evaluable patients at the first look.
        every: patients from look to look.
        lowest_theta_l: smallest theta_L to consider (the paper's tables start at .001).
        theta_u: the upper cut-off, held fixed.
        prior: of the response rate; None: Beta(p0, 1 - p0).
        prefer: which of the designs of least n: that of most "power" (as in the paper), or of least
            "expected_n" at p0.
    """

    first_look: int = 10
    every: int = 1
    lowest_theta_l: float = 0.001
    theta_u: float = 1.0
    prior: Beta | None = None
    prefer: Literal["power", "expected_n"] = "power"

    def looks(self, n: int) -> tuple[int, ...]:
        """The looks of a cohort of n patients."""
        return evenly_spaced(min(self.first_look, n), n, self.every)


def predictive_probability_search(
    p0: float, p1: float, alpha: float, beta: float, n_max: int = 100, options: PredictiveSearch | None = None
) -> PredictiveDesign:
    """The design of Lee and Liu with least n among all theta_L and theta_T that meet both error rates.

    Args:
        p0: response rate of no interest.
        p1: response rate of interest.
        alpha: largest probability of a positive cohort at p0.
        beta: largest probability of a cohort that is not positive at p1.
        n_max: largest number of patients to consider.
        options: looks, prior and preference; None: a look after each patient from the 10th on, most power.

    Raises:
        StatisticsError: impossible rates, or no design with up to ``n_max`` patients.
    """
    check_rates(p0, p1)
    check_errors(alpha=alpha, beta=beta)
    check_n_max(n_max, LARGEST)
    options = options or PredictiveSearch()
    for n in range(first_possible_n(BinomialTables(p0, p1, n_max), alpha, beta), n_max + 1):
        found = list(_found(_Question(p0, p1, alpha, beta, n), options))
        if found:
            best = max(found, key=lambda each: each.worth[options.prefer])
            return predictive_probability_design(p0, p1, options.looks(n), best.rule)
    raise StatisticsError(
        f"No predictive-probability design of up to {n_max} patients tells {p0} from {p1} with alpha {alpha} "
        f"and beta {beta}.",
        remedy="Allow a larger n_max or larger error rates.",
    )


@dataclass(frozen=True, slots=True)
class _Question:
    p0: float
    p1: float
    alpha: float
    beta: float
    n: int


@dataclass(frozen=True, slots=True)
class _Found:
    rule: PredictiveRule
    worth: dict[str, float]


def _found(asked: _Question, options: PredictiveSearch) -> Iterator[_Found]:
    """For each r the best theta_L, if any meets both error rates."""
    posterior = posterior_above(options.prior or worth_one_patient(asked.p0), asked.n, asked.p0)
    for r in range(asked.n - 1, -1, -1):
        last = [Look(asked.n, r, r + 1)]
        if options.theta_u == 1 and sweep(last, [asked.p1])[0][0] < 1 - asked.beta - ROUNDING:
            continue  # a look for futility only takes power away
        if not posterior[r] < posterior[r + 1]:
            continue  # both are 1 in float64: no theta_T tells them apart
        if (best := _best(r, asked, options)) is not None:
            theta_l, worth = best
            theta_t = _round_inside(posterior[r], math.nextafter(posterior[r + 1], 0))
            yield _Found(PredictiveRule(theta_l, theta_t, options.theta_u, options.prior), worth)


def _best(r: int, asked: _Question, options: PredictiveSearch) -> tuple[float, dict[str, float]] | None:
    """The theta_L that meets both error rates with this r and is preferred; both fall as theta_L rises."""
    sizes = options.looks(asked.n)
    tails = predictive_tails(options.prior or worth_one_patient(asked.p0), asked.n, r)
    steps = _steps(tails, sizes, options)

    def rates(step: int) -> tuple[float, float, float]:
        placed = place_looks(tails, sizes, r, steps[step], options.theta_u)
        success, expected = sweep(placed, [asked.p0, asked.p1])
        return float(success[0]), float(success[1]), float(expected[0])

    def holds_alpha(step: int) -> bool:
        return rates(step)[0] <= asked.alpha + ROUNDING

    def has_power(step: int) -> bool:
        return rates(step)[1] >= 1 - asked.beta - ROUNDING

    places = range(len(steps))
    step = loosest(places, holds_alpha) if options.prefer == "power" else loosest(places[::-1], has_power)
    if step is None or not (holds_alpha(step) and has_power(step)):
        return None
    theta_l = _round_inside(steps[step - 1], steps[step]) if step else steps[0]
    return theta_l, {"power": rates(step)[1], "expected_n": -rates(step)[2]}


def _steps(tails: Sequence[NDArray[np.float64]], sizes: Sequence[int], options: PredictiveSearch) -> list[float]:
    """The values of theta_L at which a boundary moves, rising; a value stops all counts below it."""
    seen = np.unique(np.concatenate([tails[n] for n in sizes[:-1]])) if len(sizes) > 1 else np.zeros(0)
    lowest = options.lowest_theta_l
    return [lowest, *(float(value) for value in seen[(seen > lowest) & (seen <= options.theta_u)])]


def _round_inside(above: float, up_to: float) -> float:
    """The shortest decimal greater than ``above`` and not greater than ``up_to``."""
    for digits in range(1, 16):
        value = round(math.floor(up_to * 10**digits) / 10**digits, digits)
        if above < value <= up_to:
            return value
    return up_to
