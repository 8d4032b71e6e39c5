"""The ways a cohort can end, in order, with their exact probabilities.

Stagewise order: a cohort that stopped lies below one that went on, and within a stage more responders lie
higher. On that order

    q(k, p) = P(outcome k or a higher one | p)

rises with p, so it makes p values, limits and median-unbiased estimates. An outcome's probability is a whole
number of orders of responders and non-responders, times p^responders (1 - p)^non-responders. The whole numbers
are exact; for a Fraction so is everything else.

The patients of stage 1 are evaluated however the cohort ends, so their mean response, averaged over the orders
that lead to an outcome, is an unbiased estimate (Rao-Blackwell). After two stages it is the only one that depends
on the outcome alone, and so the one of least variance (UMVUE): n + 1 outcomes, n + 1 powers of p. After an
over-run there are more outcomes than powers, so that others exist; the first n1 + m patients are averaged.

References:
    Armitage P. Biometrika 1958;45:1-15 (stagewise order).
    Jung SH, Kim KM. Stat Med 2004;23:881-896 (UMVUE, and that it orders outcomes in the same way).
    Whitehead J. Control Clin Trials 1992;13:106-121 (over-running).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlog1py, xlogy

from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.binomial import Rate, choose_row, ways_after_stage_two, weigh
from kohort.errors import StatisticsError

__all__ = ["Outcome", "Outcomes", "after_one_stage", "after_overrun", "after_two_stages"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a cohort can end.

    Attributes:
        responders: evaluable patients who responded.
        evaluable: patients whose response is known.
        went_on: whether stage 2 was reached.
        ways: in how many orders the responses can have come.
        unbiased: unbiased estimate of the rate: the mean response, given this outcome, of those patients who
            are evaluated however the cohort ends.
    """

    responders: int
    evaluable: int
    went_on: bool
    ways: int
    unbiased: Fraction

    @property
    def mle(self) -> Fraction:
        """Maximum likelihood estimate: responders of evaluable patients; biased after two stages."""
        return Fraction(self.responders, self.evaluable)


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """All possible outcomes of a cohort, from the least to the most favourable.

    Made once for each design and then kept, so that what is computed from them is kept by identity.

    Attributes:
        ordered: the outcomes in rising order; their probabilities sum to 1 at every rate.
    """

    ordered: tuple[Outcome, ...]

    def __len__(self) -> int:
        """Number of outcomes, K."""
        return len(self.ordered)

    def place(self, responders: int, *, went_on: bool) -> int:
        """Where an outcome stands in the order, 0 ... K - 1.

        Raises:
            StatisticsError: a cohort cannot end so.
        """
        for place, outcome in enumerate(self.ordered):
            if (outcome.responders, outcome.went_on) == (responders, went_on):
                return place
        raise StatisticsError(
            f"A cohort cannot end {'after stage 2' if went_on else 'after stage 1'} with {responders} responders.",
            remedy="Give counts that the design can lead to.",
        )

    def probability(self, place: int, p: Rate) -> Rate:
        """P(outcome | p); exact for a Fraction."""
        outcome = self.ordered[place]
        return weigh(outcome.ways, outcome.responders, outcome.evaluable - outcome.responders, p)

    def tail(self, place: int, p: Rate) -> Rate:
        """q(place, p): P(this outcome or a higher one | p); exact for a Fraction."""
        if place <= 0:
            return p * 0 + 1
        total = p * 0
        for higher in range(len(self.ordered) - 1, place - 1, -1):
            total += self.probability(higher, p)
        return total if total < 1 else p * 0 + 1  # float64 may round a sure event to just above 1

    def probabilities(self, p: ArrayLike) -> FloatArray:
        """P(outcome | p) of all outcomes.

        Args:
            p: true rates, 0 ... 1, of any shape.

        Returns:
            An array of that shape and one more axis of length K.
        """
        log_ways, responders, others = _as_arrays(self)
        rate = np.asarray(p, dtype=np.float64)[..., None]
        return np.exp(log_ways + xlogy(responders, rate) + xlog1py(others, -rate))

    @property
    def went_on(self) -> NDArray[np.bool_]:
        """(K,) which outcomes reached stage 2."""
        return np.array([outcome.went_on for outcome in self.ordered])


@functools.lru_cache(maxsize=128)
def _as_arrays(outcomes: Outcomes) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log ways, responders and non-responders, each (K,)."""
    ordered = outcomes.ordered
    responders = np.array([float(outcome.responders) for outcome in ordered])
    evaluable = np.array([float(outcome.evaluable) for outcome in ordered])
    return np.array([math.log(outcome.ways) for outcome in ordered]), responders, evaluable - responders


@functools.lru_cache(maxsize=128)
def after_two_stages(design: TwoStageDesign) -> Outcomes:
    """0 ... r1 responders of n1, then r1 + 1 ... n of n: outcome x is the one with x responders in all."""
    stopped = _stopped(design.r1, design.n1, 0)
    return Outcomes(stopped + _went_on(design.r1, design.n1, design.n))


@functools.lru_cache(maxsize=128)
def after_one_stage(n: int) -> Outcomes:
    """0 ... n responders of n patients on whom no look was made: the binomial distribution."""
    return Outcomes(_went_on(-1, 1, n))


@functools.lru_cache(maxsize=128)
def after_overrun(design: TwoStageDesign, later: int) -> Outcomes:
    """Outcomes where ``later`` patients were enrolled before the look after stage 1 was read.

    A stop stays a stop, and lies below every cohort that went on; among stops, more responders of all
    n1 + ``later`` patients lie higher. A cohort that goes on counts them among its stage 2.

    Raises:
        StatisticsError: more later patients than stage 2 has places.
    """
    if not 0 <= later <= design.n2:
        raise StatisticsError(
            f"{later} patients enrolled before the look was read do not fit into stage 2 ({design.n2}).",
            remedy=f"Give 0 to {design.n2}, or the design as enrolled (resized).",
        )
    stopped = _stopped(design.r1, design.n1, later)
    return Outcomes(stopped + _went_on(design.r1, design.n1, design.n, later))


def _stopped(r1: int, n1: int, later: int) -> tuple[Outcome, ...]:
    """Outcomes with r1 or fewer responders among the first n1 of n1 + ``later`` patients."""
    ways = [0] * (r1 + later + 1)
    for x1 in range(r1 + 1):
        for y, count in enumerate(choose_row(later)):
            ways[x1 + y] += choose_row(n1)[x1] * count
    patients = n1 + later
    return tuple(Outcome(s, patients, False, ways[s], Fraction(s, patients)) for s in range(r1 + later + 1))


def _went_on(r1: int, n1: int, n: int, later: int = 0) -> tuple[Outcome, ...]:
    """Outcomes with more than r1 responders among the first n1 of n patients.

    The unbiased estimate is the mean response of the first n1 + ``later`` patients, given the outcome.
    """
    ways = ways_after_stage_two(r1, n1, n)
    # given that a patient of stage 1 responded, n1 - 1 others must give more than r1 - 1
    of_stage_1 = ways_after_stage_two(r1 - 1, n1 - 1, n - 1)
    of_stage_2 = ways_after_stage_two(r1, n1, n - 1) if later else of_stage_1
    return tuple(
        Outcome(
            s,
            n,
            True,
            ways[s],
            Fraction(n1 * of_stage_1[s - 1] + later * of_stage_2[s - 1], (n1 + later) * ways[s]) if s else Fraction(0),
        )
        for s in range(r1 + 1, n + 1)
    )
