"""What testing many cohorts costs: false positives of a whole programme, and how to count them in.

A cohort whose drug does not work ends positive with probability alpha, so a programme of many makes false
positives whatever each cohort promises. With cohorts of different patients (independent outcomes) and V false and
S true positives:

    E[V] = sum alpha_j,   FWER = P(V >= 1) = 1 - prod (1 - alpha_j),   P(V >= k): Poisson-binomial tail,

all at the worst, that no drug works. If each cohort is truly active with probability w, it is a false positive with
f_j = (1 - w) alpha_j and a true one with w power_j; with q_j the sum of both, the false discovery rate is

    E[V / max(V + S, 1)] = sum_j f_j  integral over u in 0..1 of  prod_{i != j} (1 - q_i + q_i u).

The integrand is a polynomial, so Gauss-Legendre nodes give the integral exactly.

References:
    Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300 (false discovery rate, step-up procedure).
    Storey JD. J R Stat Soc B 2002;64:479-498 (the share of false among all positives).
    Hong Y. Comput Stat Data Anal 2013;59:41-51 (Poisson-binomial distribution).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.conduct.states import CohortState
from kohort.cohort.designs.decisions import Verdict
from kohort.errors import StatisticsError

__all__ = ["CohortTest", "FalseDiscovery", "Multiplicity", "multiplicity", "multiplicity_of", "q_values"]


@dataclass(frozen=True, slots=True)
class CohortTest:
    """A cohort as a test of one hypothesis.

    Attributes:
        id: identifier.
        alpha: probability to end positive at p0.
        power: probability to end positive at p1.
        is_positive: True if it is positive now.
        p_value: two-stage p value at p0, once it is finished; else None.
    """

    id: str
    alpha: float
    power: float
    is_positive: bool
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class FalseDiscovery:
    """What is to be expected of the positives if some drugs work.

    Attributes:
        active: share of cohorts in which the drug works (rate p1); the others have rate p0.
        expected_true: expected true positives.
        expected_false: expected false positives.
        expected_proportion: expected share of false among the positives, 0 where there is none (the false
            discovery rate).
    """

    active: float
    expected_true: float
    expected_false: float
    expected_proportion: float

    @property
    def share_of_expected(self) -> float:
        """Expected false over expected positives: the chance that a positive, taken at random, is false."""
        both = self.expected_true + self.expected_false
        return self.expected_false / both if both else 0.0

    @property
    def sentence(self) -> str:
        """The same in plain words."""
        return (
            f"If the drug works in {self.active:.0%} of the cohorts, {self.expected_true:.1f} true and "
            f"{self.expected_false:.1f} false positives are expected; on average {self.expected_proportion:.1%} of "
            "the positives are false."
        )


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """What testing many cohorts costs if no drug works in any of them.

    Attributes:
        tests: the cohorts.
    """

    tests: tuple[CohortTest, ...]

    def __post_init__(self) -> None:
        """Refuse a cohort that is given twice, and error rates that are no probabilities."""
        if len({test.id for test in self.tests}) < len(self.tests):
            raise StatisticsError(
                "A cohort is given twice.", remedy="Combine the counts of sites before making states."
            )
        if any(not 0 <= rate <= 1 for test in self.tests for rate in (test.alpha, test.power)):
            raise StatisticsError("An error rate is no probability.", remedy="Give alpha and power from 0 to 1.")

    @property
    def cohorts(self) -> int:
        """Number of cohorts."""
        return len(self.tests)

    @property
    def positive(self) -> int:
        """Cohorts that are positive now."""
        return sum(test.is_positive for test in self.tests)

    @property
    def expected_false_positives(self) -> float:
        """Sum of the cohorts' alpha."""
        return math.fsum(test.alpha for test in self.tests)

    @property
    def any_false_positive(self) -> float:
        """Probability of at least one (the family-wise error rate), for cohorts of different patients."""
        if any(test.alpha == 1 for test in self.tests):
            return 1.0
        return -math.expm1(math.fsum(math.log1p(-test.alpha) for test in self.tests))

    def at_least(self, k: int) -> float:
        """Probability of k or more false positives, for cohorts of different patients."""
        return float(_poisson_binomial(tuple(test.alpha for test in self.tests))[max(k, 0) :].sum())

    def false_discovery(self, active: float) -> FalseDiscovery:
        """What is to be expected if each cohort's drug works with probability ``active``.

        Raises:
            StatisticsError: ``active`` is not in 0 ... 1.
        """
        if not 0 <= active <= 1:
            raise StatisticsError(f"A share of {active} is impossible.", remedy="Give a share from 0 to 1.")
        false = np.array([(1 - active) * test.alpha for test in self.tests])
        true = np.array([active * test.power for test in self.tests])
        return FalseDiscovery(active, float(true.sum()), float(false.sum()), _expected_proportion(false, false + true))

    def q_values(self) -> dict[str, float]:
        """Benjamini-Hochberg q values of the cohorts that are finished, by identifier."""
        return q_values({test.id: test.p_value for test in self.tests if test.p_value is not None})

    @property
    def sentence(self) -> str:
        """The same in plain words."""
        if self.cohorts == 1:
            chance = f"{self.any_false_positive:.1%}"
            return f"If the drug does not work, the cohort still ends positive with probability {chance}."
        return (
            f"If no drug worked in any of these {self.cohorts} cohorts, {self.expected_false_positives:.1f} "
            f"would still be expected to end positive, and the chance of at least one is "
            f"{self.any_false_positive:.1%}. Positive now: {self.positive}."
        )


def multiplicity_of(tests: Iterable[CohortTest]) -> Multiplicity:
    """What a programme of tests costs.

    Raises:
        StatisticsError: a cohort is given twice, or an error rate is no probability.
    """
    return Multiplicity(tuple(tests))


def multiplicity(states: Iterable[CohortState]) -> Multiplicity:
    """What a programme costs, from pooled counts, at the alpha and power that each design promises.

    Raises:
        StatisticsError: a cohort is given twice.
    """
    return multiplicity_of(
        CohortTest(
            id=each.cohort,
            alpha=each.design.alpha,
            power=each.design.power,
            is_positive=each.decision.verdict == Verdict.POSITIVE,
        )
        for each in states
    )


def q_values(p_values: Mapping[str, float]) -> dict[str, float]:
    """Benjamini-Hochberg: the smallest false discovery rate at which each hypothesis would be rejected.

    q_(i) = min over j >= i of m p_(j) / j, at most 1, with p_(1) <= ... <= p_(m). Rejecting q <= level keeps the
    false discovery rate at the level for independent cohorts; two-stage p values are discrete, so it is lower.

    Raises:
        StatisticsError: a p value is not in 0 ... 1.
    """
    if any(not 0 <= p <= 1 for p in p_values.values()):
        raise StatisticsError("A p value is no probability.", remedy="Give p values from 0 to 1.")
    found: dict[str, float] = {}
    least = 1.0
    ranked = sorted(p_values, key=lambda name: p_values[name], reverse=True)
    for rank, name in zip(range(len(ranked), 0, -1), ranked, strict=True):
        least = min(least, p_values[name] * len(ranked) / rank)
        found[name] = least
    return {name: found[name] for name in p_values}


@functools.lru_cache(maxsize=64)
def _poisson_binomial(rates: tuple[float, ...]) -> FloatArray:
    """P(0), P(1), ... of the number of independent events with these probabilities."""
    found = np.ones(1)
    for rate in rates:
        found = np.convolve(found, (1 - rate, rate))
    return found


def _expected_proportion(false: FloatArray, positive: FloatArray) -> float:
    """E[V / max(V + S, 1)], by the integral of the module; exact."""
    if not len(false):
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(len(false) // 2 + 1)
    u = (nodes + 1) / 2
    factors = 1 - positive[:, None] * (1 - u)
    others = np.exp(np.log(factors).sum(axis=0)) / factors
    return float(false @ others @ weights / 2)
