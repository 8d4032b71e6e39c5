"""What every borrowing model answers: a posterior of one data set, probabilities of many at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.data import BoolArray, Counts, FloatArray, IntArray, per_cohort
from kohort.cohort.borrowing.posterior import Posterior
from kohort.errors import StatisticsError

__all__ = ["BorrowingModel"]


class BorrowingModel(ABC):
    """A model of the response rates of several cohorts. Models are frozen dataclasses with field terms.

    Numbers of patients and p0 may differ between cohorts in every model. Settings that may differ are one
    number for all cohorts or a tuple with one for each.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        is_monotone: True if one more responder in a cohort never lowers that cohort's own posterior,
            whatever the counts. Where it is False, it may or may not hold for given counts.
    """

    is_monotone: ClassVar[bool]
    p0: float | tuple[float, ...]

    def fit(self, responders: Sequence[int] | IntArray, n: Sequence[int] | IntArray) -> Posterior:
        """The posterior of every cohort.

        Args:
            responders: (J,) evaluable patients who responded.
            n: (J,) evaluable patients.

        Raises:
            StatisticsError: impossible counts, or settings for another number of cohorts.
        """
        data = Counts.of(responders, n)
        if len(data.responders) != 1:
            raise StatisticsError("fit takes one data set.", remedy="Use prob_greater or mean for many at once.")
        return self._fit(data.responders[0], data.n[0])

    def prob_greater(
        self,
        responders: object,
        n: object,
        p: float | Sequence[float] | FloatArray | None = None,
    ) -> FloatArray:
        """(N, J) posterior probabilities that the rate is greater than ``p``, for many data sets at once.

        Args:
            responders: (N, J) evaluable patients who responded.
            n: (J,) or (N, J) evaluable patients.
            p: one rate for all cohorts or one for each; None: p0.

        Raises:
            StatisticsError: impossible counts, or settings for another number of cohorts.
        """
        data = Counts.of(responders, n)
        return self._prob_greater(data, per_cohort("p", self.p0 if p is None else p, data.cohorts))

    def exceeds(
        self,
        responders: object,
        n: object,
        cutoff: float | Sequence[float] | FloatArray,
        p: float | Sequence[float] | FloatArray | None = None,
        *,
        strict: bool = True,
    ) -> BoolArray:
        """(N, J) where the posterior probability of a rate greater than ``p`` is above a cut-off.

        The same as comparing ``prob_greater``; models whose decisions are cheaper than their probabilities
        answer faster.

        Args:
            responders: (N, J) evaluable patients who responded.
            n: (J,) or (N, J) evaluable patients.
            cutoff: one cut-off for all cohorts or one for each.
            p: one rate for all cohorts or one for each; None: p0.
            strict: P > cut-off; False: P >= cut-off, as in the R package baskexact.

        Raises:
            StatisticsError: impossible counts, or settings for another number of cohorts.
        """
        data = Counts.of(responders, n)
        rates = per_cohort("p", self.p0 if p is None else p, data.cohorts)
        return self._exceeds(data, rates, per_cohort("cutoff", cutoff, data.cohorts), strict=strict)

    def mean(self, responders: object, n: object) -> FloatArray:
        """(N, J) posterior mean response rates, for many data sets at once."""
        return self._mean(Counts.of(responders, n))

    def kinds(self, cohorts: int) -> tuple[int, ...]:
        """A label for each of J cohorts; those with the same label have the same settings.

        Exchanging two cohorts of the same label, with their counts, exchanges their answers.
        """
        settings = self._settings(cohorts)
        found: dict[tuple[float, ...], int] = {}
        return tuple(found.setdefault(tuple(row), len(found)) for row in np.asarray(settings).tolist())

    def _exceeds(self, data: Counts, p: FloatArray, cutoff: FloatArray, *, strict: bool) -> BoolArray:
        """(N, J) decisions; counts are checked, ``p`` and ``cutoff`` are (J,)."""
        probability = self._prob_greater(data, p)
        return probability > cutoff if strict else probability >= cutoff

    @abstractmethod
    def _fit(self, responders: IntArray, n: IntArray) -> Posterior:
        """The posterior; counts are checked."""

    @abstractmethod
    def _prob_greater(self, data: Counts, p: FloatArray) -> FloatArray:
        """(N, J) probabilities; counts are checked, ``p`` is (J,)."""

    @abstractmethod
    def _mean(self, data: Counts) -> FloatArray:
        """(N, J) means; counts are checked."""

    @abstractmethod
    def _settings(self, cohorts: int) -> FloatArray:
        """(J, anything) all settings that may differ between cohorts, p0 among them."""
