"""BOP2 for a binary endpoint: a posterior cut-off that rises with the patients seen, optimised exactly.

After x responders of n the cohort stops as not promising if

    P(p > p0 | x, n) < C(n),    C(n) = lambda (n / N)^gamma

and is positive if no look, the last at n = N included, has stopped it. (The paper writes the same as
P(p <= p0) > 1 - C(n).) lambda and gamma are chosen to give the most power within the limit of the type I error.

For each gamma the search over lambda is exact: a count is stopped if lambda exceeds P(p > p0 | x, n) / (n/N)^gamma,
so alpha and power are step functions of lambda that fall at those values only, and the smallest lambda that holds
alpha has the most power. The lambda returned lies in the middle of the interval that gives its boundaries. gamma
runs over a grid of its own.

References:
    Zhou H, Lee JJ, Yuan Y. BOP2: Bayesian optimal design for phase II clinical trials with simple and complex
    endpoints. Stat Med 2017;36:3302-3314.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.designs.checks import check_errors, check_looks, check_rates
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.cohort.designs.paths import Look, loosest, sweep
from kohort.cohort.designs.posteriors import posterior_above, worth_one_patient
from kohort.cohort.designs.two_stage import ROUNDING
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

__all__ = ["GAMMAS", "Bop2Design", "Bop2Rule", "bop2", "bop2_design", "lambda_steps", "no_cutoff"]

Array = NDArray[np.float64]

TOO_NARROW = 1e-12
"""Two values of lambda closer than this are one value, rounded twice."""
GAMMAS: tuple[float, ...] = tuple(step / 50 for step in range(51))
"""gamma from 0 to 1 in steps of .02."""


@dataclass(frozen=True, slots=True)
class Bop2Rule:
    """The two numbers of the cut-off C(n) = lambda (n / N)^gamma.

    Attributes:
        lam: lambda, the cut-off at the end, in 0 ... 1.
        gamma: how late the cut-off rises, 0 or more; 0: it is lambda at every look.

    Raises:
        StatisticsError: numbers that make no cut-off.
    """

    lam: float
    gamma: float

    def __post_init__(self) -> None:
        """Refuse what makes no cut-off."""
        check_errors(lam=self.lam)
        if self.gamma < 0:
            raise StatisticsError(f"gamma = {self.gamma} is impossible.", remedy="Give a gamma of 0 or more.")

    def cutoff(self, n: int, n_max: int) -> float:
        """C(n)."""
        return self.lam * (n / n_max) ** self.gamma

    def __str__(self) -> str:
        """In words."""
        return f"C(n) = {self.lam:.4f} (n/N)^{self.gamma:g}"


@dataclass(frozen=True, slots=True)
class Bop2Design:
    """A BOP2 design: the cut-off and the boundaries that it gives.

    Attributes:
        rule: lambda and gamma.
        design: the looks, with the counts that stop.
    """

    rule: Bop2Rule
    design: MultiStageDesign

    def __str__(self) -> str:
        """The boundaries in both conventions, and the cut-off."""
        return f"{self.design}; {self.rule}"


def bop2_design(p0: float, p1: float, looks: Iterable[int], rule: Bop2Rule, prior: Beta | None = None) -> Bop2Design:
    """The boundaries for a given lambda and gamma.

    Args:
        p0: response rate of no interest.
        p1: response rate of interest; it moves no boundary, only the power that the design reports.
        looks: evaluable patients at each look; the last is the end.
        rule: lambda and gamma.
        prior: of the response rate; None: Beta(p0, 1 - p0), worth one patient.

    Raises:
        StatisticsError: impossible rates or looks, or a rule that no count passes at some look.
    """
    check_rates(p0, p1)
    sizes = check_looks(looks)
    posteriors = [posterior_above(prior or worth_one_patient(p0), n, p0) for n in sizes]
    placed = _place(posteriors, sizes, rule)
    if any(look.at_most >= look.size for look in placed):
        raise StatisticsError(f"With {rule} no count goes on at some look.", remedy="Give a smaller lambda.")
    low = tuple(look.at_most for look in placed)
    high = (*(None for _ in sizes[:-1]), low[-1] + 1)
    return Bop2Design(rule, MultiStageDesign(sizes, low, high, p0, p1))


def bop2(
    p0: float,
    p1: float,
    alpha: float,
    looks: Iterable[int],
    prior: Beta | None = None,
    gammas: Iterable[float] = GAMMAS,
) -> Bop2Design:
    """The BOP2 design of most power whose type I error is within ``alpha``; of equals, that of least EN at p0.

    Args:
        p0: response rate of no interest.
        p1: response rate of interest.
        alpha: largest probability of a positive cohort at p0.
        looks: evaluable patients at each look; the last is the end.
        prior: of the response rate; None: Beta(p0, 1 - p0), worth one patient.
        gammas: values of gamma to consider.

    Raises:
        StatisticsError: impossible rates or looks, or no lambda that holds alpha.
    """
    check_rates(p0, p1)
    check_errors(alpha=alpha)
    sizes = check_looks(looks)
    posteriors = [posterior_above(prior or worth_one_patient(p0), n, p0) for n in sizes]
    best: tuple[float, float, Bop2Rule] | None = None
    for gamma in gammas:
        steps = lambda_steps(posteriors, sizes, gamma)
        rules = [Bop2Rule(float(lam), gamma) for lam in steps]

        def rates(rule: Bop2Rule) -> tuple[Array, Array]:
            return sweep(_place(posteriors, sizes, rule), [p0, p1])

        rule = loosest(rules, lambda each: rates(each)[0][0] <= alpha + ROUNDING)
        if rule is None:
            continue
        success, expected = rates(rule)
        found = (round(float(success[1]), 12), -round(float(expected[0]), 9), rule)
        if best is None or found[:2] > best[:2]:
            best = found
    if best is None:
        raise no_cutoff(sizes[-1], alpha)
    return bop2_design(p0, p1, sizes, best[2], prior)


def lambda_steps(posteriors: Sequence[Array], sizes: Sequence[int], gamma: float) -> list[float]:
    """One lambda from each interval in which no boundary moves, rising, as far as some count goes on at the end.

    A count is stopped at look n by every lambda above its posterior probability over (n/N)^gamma.
    """
    scale = [(n / sizes[-1]) ** gamma for n in sizes]
    moves = np.unique(np.concatenate([each / by for each, by in zip(posteriors, scale, strict=True)]))
    passable = min(float(each[-1]) / by for each, by in zip(posteriors, scale, strict=True))
    edges = np.concatenate([[0.0], moves[moves < min(passable, 1.0)], [min(passable, 1.0)]])
    middle = (edges[1:] + edges[:-1]) / 2
    return [float(lam) for lam, width in zip(middle, np.diff(edges), strict=True) if width > TOO_NARROW]


def _place(posteriors: Sequence[Array], sizes: Sequence[int], rule: Bop2Rule) -> list[Look]:
    """The looks with the counts whose posterior probability is below the cut-off."""
    low = [
        int(np.searchsorted(each, rule.cutoff(n, sizes[-1]), "left")) - 1
        for each, n in zip(posteriors, sizes, strict=True)
    ]
    inner = [Look(n, at_most, n + 1) for n, at_most in zip(sizes[:-1], low[:-1], strict=True)]
    return [*inner, Look(sizes[-1], low[-1], low[-1] + 1)]


def no_cutoff(n: int, alpha: float) -> StatisticsError:
    """What is said where no lambda holds alpha."""
    return StatisticsError(
        f"With {n} patients no cut-off holds alpha within {alpha:.4g}.",
        remedy="Enrol more patients or allow a larger alpha.",
    )
