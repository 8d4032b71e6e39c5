"""What a borrowing model says about the response rate of every cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray, per_cohort
from kohort.cohort.borrowing.shortest_interval import shortest_interval, size_of_width
from kohort.errors import StatisticsError

__all__ = ["Posterior", "RateDistribution"]


class RateDistribution(Protocol):
    """The distribution of one cohort's response rate."""

    @property
    def mean(self) -> float:
        """Mean response rate."""
        ...

    @property
    def variance(self) -> float:
        """Variance of the response rate."""
        ...

    def below(self, p: float) -> float:
        """Probability that the rate is at most ``p``."""
        ...

    def quantile(self, probability: float) -> float:
        """The rate that is not exceeded with ``probability``."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Response rates of J cohorts given the counts of all.

    Attributes:
        model: the model in words, with its settings.
        responders: (J,) responders seen.
        n: (J,) evaluable patients.
        p0: (J,) rates of no interest, the default of ``prob_greater``.
        rates: distribution of each cohort's rate.
        effective_sample_size: (J,) how many patients the posterior is worth. For mixtures of Beta
            distributions the mean of a + b; for models on the logit scale the a + b of the Beta with the
            same mean and variance.
        numeric_error: greatest absolute error of the probabilities by the numerical method; 0 where the
            model is summed exactly (float64 rounding aside).
        weights: (J, J) share of cohort j's data that counts for cohort i, 1 on the diagonal; None for models
            in which borrowing is no weight.
        exchangeability: (J,) posterior probability that a cohort is exchangeable with the others (EXNEX),
            or (J, J) that a pair is (MEM, LocalMEM); None for other models.
    """

    model: str
    responders: IntArray
    n: IntArray
    p0: FloatArray
    rates: tuple[RateDistribution, ...]
    effective_sample_size: FloatArray
    numeric_error: float
    weights: FloatArray | None = None
    exchangeability: FloatArray | None = None

    @property
    def mean(self) -> FloatArray:
        """(J,) posterior mean response rates."""
        return np.array([rate.mean for rate in self.rates])

    @property
    def standard_deviation(self) -> FloatArray:
        """(J,) posterior standard deviations."""
        return np.sqrt(np.array([rate.variance for rate in self.rates]))

    def prob_greater(self, p: float | Sequence[float] | FloatArray | None = None) -> FloatArray:
        """(J,) posterior probabilities that the rate is greater than ``p``; None: than each cohort's p0."""
        thresholds = self.p0 if p is None else per_cohort("p", p, len(self.rates))
        below = [rate.below(float(at)) for rate, at in zip(self.rates, thresholds, strict=True)]
        return np.clip(1 - np.array(below), 0.0, 1.0)

    def quantile(self, probability: float) -> FloatArray:
        """(J,) rates that are not exceeded with ``probability``.

        Raises:
            StatisticsError: ``probability`` is not in 0 ... 1.
        """
        if not 0 <= probability <= 1:
            raise StatisticsError(
                f"A probability of {probability} is impossible.", remedy="Give a probability from 0 to 1."
            )
        return np.array([rate.quantile(probability) for rate in self.rates])

    def interval(self, level: float = 0.95) -> FloatArray:
        """(J, 2) equal-tailed credible intervals.

        Raises:
            StatisticsError: ``level`` is not between 0 and 1.
        """
        _check_level(level)
        tail = (1 - level) / 2
        return np.stack([self.quantile(tail), self.quantile(1 - tail)], axis=1)

    def shortest_interval(self, level: float = 0.95) -> FloatArray:
        """(J, 2) shortest credible intervals: of highest posterior density where the density has one peak.

        Raises:
            StatisticsError: ``level`` is not between 0 and 1.
        """
        _check_level(level)
        return np.array([shortest_interval(rate.quantile, level) for rate in self.rates])

    def effective_sample_size_by_width(self, level: float = 0.95) -> FloatArray:
        """(J,) the a + b of the Beta distribution with the same mean and an equally wide shortest interval.

        The second meaning of effective sample size in use (R package basket). Not a number for a cohort whose
        interval no Beta distribution of its mean has.

        Raises:
            StatisticsError: ``level`` is not between 0 and 1.
        """
        widths = np.diff(self.shortest_interval(level), axis=1)[:, 0]
        means = self.mean
        guesses = means * (1 - means) / self.standard_deviation**2 - 1
        matched = zip(means.tolist(), widths.tolist(), guesses.tolist(), strict=True)
        return np.array([size_of_width(mean, width, guess, level) for mean, width, guess in matched])


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
