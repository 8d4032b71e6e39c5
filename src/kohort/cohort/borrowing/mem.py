"""Multisource exchangeability models (MEM): which pairs of cohorts are exchangeable is summed over, exactly.

A model is a symmetric 0/1 matrix M with unit diagonal; row i says whose data cohort i shares. Its weight is

    prod_i { B(a + sum_j M_ij r_j, b + sum_j M_ij (n_j - r_j)) / B(a, b) * prod_j m_j^(1 - M_ij) }
    * prod_{i<j} pi_ij^M_ij (1 - pi_ij)^(1 - M_ij),        m_j = B(a + r_j, b + n_j - r_j) / B(a, b)

with the prior pi_ij that a pair is exchangeable. Given M, p_i ~ Beta(a + sum_j M_ij r_j, b + sum_j M_ij (n_j - r_j)),
so the posterior of p_i is a mixture of 2^(J-1) Beta distributions.

This is the definition of the paper and of the R package basket. The product over rows counts each cohort's data
once in every row; it is not the likelihood of a partition into groups of equal rates (see ``LocalMEM``).
With a shape for each cohort, row i and m_j use that of cohort i and j.

References:
    Hobbs BP, Landin R. Bayesian basket trial design with exchangeability monitoring. Stat Med 2018;37:3557-3572;
    Kaizer AM, Koopmeiners JS, Hobbs BP. Biostatistics 2018;19:169-184;
    Kane MJ, Chen N, Kaizer AM, et al. Analyzing basket trials under multisource exchangeability assumptions.
    R Journal 2020;12(2) (arXiv 1908.00618; package basket).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from kohort.cohort.borrowing.beta_tail import upper_tail
from kohort.cohort.borrowing.data import (
    Counts,
    FloatArray,
    IntArray,
    Rates,
    Shape,
    as_numbers,
    checked_rates,
    checked_shape,
    per_cohort,
    shapes,
)
from kohort.cohort.borrowing.exchangeability import largest_table, row_posteriors, subsets
from kohort.cohort.borrowing.mixture import BetaMixture
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.posterior import Posterior
from kohort.errors import StatisticsError

__all__ = ["MEM"]

MOST_COHORTS = 9
COPIES = 6
"""Tables of the largest size that are held at once."""

VALUES_AT_ONCE = 100_000


@dataclass(frozen=True)
class MEM(BorrowingModel):
    """Pairs of cohorts are exchangeable or not; all ways are weighed by the data.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        prior: prior probability that a pair is exchangeable: one number, or a symmetric J x J matrix.
        shape: (a, b) of the Beta prior of all cohorts, or one pair for each.
    """

    is_monotone: ClassVar[bool] = False
    p0: Rates
    prior: float | tuple[tuple[float, ...], ...] = 0.5
    shape: Shape = (0.5, 0.5)

    def __post_init__(self) -> None:
        """Refuse rates, priors and shapes that are none."""
        object.__setattr__(self, "p0", checked_rates("p0", self.p0))
        object.__setattr__(self, "shape", checked_shape(self.shape))
        object.__setattr__(self, "prior", _checked_prior(self.prior))

    def _fit(self, responders: IntArray, n: IntArray) -> Posterior:
        data = Counts(responders[None], n[None])
        cohorts = data.cohorts
        weights = [each[0] for each in self._row_posteriors(data)]
        rates: list[BetaMixture] = []
        pairs = np.eye(cohorts)
        for i, probability in enumerate(weights):
            (a,), (b,) = self._components(data, i)
            rates.append(BetaMixture(probability, a, b))
            pairs[i] = probability @ subsets(cohorts, i)
        pairs = (pairs + pairs.T) / 2  # equal but for rounding
        np.fill_diagonal(pairs, 1.0)
        return Posterior(
            model=str(self),
            responders=responders,
            n=n,
            p0=per_cohort("p0", self.p0, cohorts),
            rates=tuple(rates),
            effective_sample_size=np.array([rate.size for rate in rates]),
            numeric_error=0.0,
            weights=pairs,
            exchangeability=pairs.copy(),
        )

    def _prob_greater(self, data: Counts, p: FloatArray) -> FloatArray:
        def tails(i: int, a: FloatArray, b: FloatArray) -> FloatArray:
            pairs, places = np.unique((a + 1j * b).ravel(), return_inverse=True)
            return upper_tail(pairs.real, pairs.imag, float(p[i]))[places].reshape(a.shape)

        return np.minimum(self._averages(data, tails), 1.0)

    def _mean(self, data: Counts) -> FloatArray:
        return self._averages(data, lambda _, a, b: a / (a + b))

    def _averages(self, data: Counts, value: Callable[[int, FloatArray, FloatArray], FloatArray]) -> FloatArray:
        """(N, J) averages of ``value(cohort, a, b)`` over the mixtures."""
        found = np.empty(data.n.shape)
        at_once = max(VALUES_AT_ONCE // largest_table(data.cohorts), 1)
        for start in range(0, len(found), at_once):
            part = Counts(data.responders[start : start + at_once], data.n[start : start + at_once])
            for i, weights in enumerate(self._row_posteriors(part)):
                found[start : start + at_once, i] = (weights * value(i, *self._components(part, i))).sum(axis=1)
        return found

    def _components(self, data: Counts, cohort: int) -> tuple[FloatArray, FloatArray]:
        """(N, 2^(J-1)) a and b of a cohort's rate, for each set whose data it may share."""
        a, b = shapes(self.shape, data.cohorts)[cohort]
        shared = subsets(data.cohorts, cohort).T
        return a + data.responders @ shared, b + (data.n - data.responders) @ shared

    def _row_posteriors(self, data: Counts) -> list[FloatArray]:
        """For each cohort the (N, 2^(J-1)) posterior probabilities of the sets whose data it may share."""
        cohorts = data.cohorts
        _refuse_many(cohorts)
        shape = shapes(self.shape, cohorts)
        alone = special.betaln(shape[:, 0] + data.responders, shape[:, 1] + data.n - data.responders)
        alone -= special.betaln(*shape.T)
        with np.errstate(divide="ignore"):  # a prior of 0 or 1 is a log of minus infinity
            log_pair, log_apart = np.log(self._pairs(cohorts)), np.log1p(-self._pairs(cohorts))
        rows: list[FloatArray] = []
        for i in range(cohorts):
            shared = subsets(cohorts, i)
            weight = special.betaln(*self._components(data, i)) - special.betaln(*shape[i])
            weight += alone @ (1 - shared).T
            later = slice(i + 1, cohorts)  # each pair's prior counts once
            weight += np.where(shared[:, later] == 1, log_pair[i, later], log_apart[i, later]).sum(axis=1)
            rows.append(weight)
        return row_posteriors(rows)

    def _pairs(self, cohorts: int) -> FloatArray:
        """(J, J) prior probabilities that pairs are exchangeable."""
        prior = np.asarray(self.prior, dtype=np.float64)
        if prior.ndim == 2 and len(prior) != cohorts:
            raise StatisticsError(
                f"prior is of {len(prior)} cohorts, the counts are of {cohorts}.", remedy="Give a J x J matrix."
            )
        return np.broadcast_to(prior, (cohorts, cohorts))

    def _settings(self, cohorts: int) -> FloatArray:
        pairs = self._pairs(cohorts)[~np.eye(cohorts, dtype=bool)]
        alike = np.zeros(cohorts) if np.all(pairs == pairs[:1]) else np.arange(cohorts, dtype=np.float64)
        return np.column_stack([per_cohort("p0", self.p0, cohorts), shapes(self.shape, cohorts), alike])


def _checked_prior(given: object) -> float | tuple[tuple[float, ...], ...]:
    array = as_numbers("prior", given)
    if array.ndim not in (0, 2) or not np.all((array >= 0) & (array <= 1)):
        raise StatisticsError("prior is no probability.", remedy="Give one number from 0 to 1, or a J x J matrix.")
    if array.ndim == 0:
        return float(array)
    if array.shape[0] != array.shape[1] or not np.array_equal(array, array.T):
        raise StatisticsError("prior is no symmetric matrix.", remedy="Give the same number for (i, j) and (j, i).")
    return tuple(tuple(row) for row in array.tolist())


def _refuse_many(cohorts: int) -> None:
    if cohorts > MOST_COHORTS:
        gigabytes = COPIES * 8 * largest_table(cohorts) / 1e9
        raise StatisticsError(
            f"MEM of {cohorts} cohorts is a sum over 2^{cohorts * (cohorts - 1) // 2} models that needs about "
            f"{gigabytes:,.0f} GB; {MOST_COHORTS} cohorts take less than a second, each further one some 30 times "
            "as long.",
            remedy="Give fewer cohorts, or use LocalMEM, EXNEX or a power prior.",
        )
