"""The calibrated hierarchical model: the spread between cohorts follows from how different they look.

    logit p_j = theta_j,   theta_j ~ N(mu, tau^2),   mu ~ N(m, s^2),   tau^2 = exp(a + b log T)
    T = sum_j (r_j - E_j)^2 / E_j + ((n_j - r_j) - (n_j - E_j))^2 / (n_j - E_j),   E_j = n_j sum r / sum n

T is the chi-square statistic of homogeneity. a and b are calibrated before the trial, for its planned sizes:
H is the median of T if all cohorts have the rate p1, and H' the least of the medians if the first 1, 2, ... J - 1
cohorts have p1 and the others p0; tau^2 is a small number (1) at T = H and a large one (80) at T = H'.

The medians are of simulated trials with a stated seed; give ``coefficients`` to fix a and b. If H' is not above
H, cohorts that differ cannot be told from cohorts that do not, and the model refuses the plan.

References:
    Chu Y, Yuan Y. A Bayesian basket trial design using a calibrated Bayesian hierarchical model. Clin Trials
    2018;15:149-158.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray, Rates, checked_rates, per_cohort
from kohort.cohort.borrowing.hierarchical import Accuracy, HierarchicalModel, check_accuracy
from kohort.cohort.borrowing.hierarchical_priors import mean_p0, offsets, sd_worth
from kohort.cohort.borrowing.hierarchical_sums import averages
from kohort.cohort.borrowing.hierarchical_tables import (
    CohortSettings,
    HierarchicalTables,
    Hyper,
    cell_tables,
    list_cells,
)
from kohort.cohort.borrowing.quadrature import FixedSpread, HyperPrior
from kohort.errors import StatisticsError

__all__ = ["CalibratedBHM", "calibrated_coefficients", "homogeneity"]

LEAST_SPREAD, GREATEST_SPREAD = 0.001, 50.0
LADDER = 0.125
"""Many data sets are computed at spreads exp(k / 8) and interpolated in between, by cubics in log tau."""


@dataclass(frozen=True)
class CalibratedBHM(HierarchicalModel):
    """A hierarchical model whose spread is a function of the data.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        p1: rates of interest, one for all or one a cohort.
        n: (J,) planned numbers of patients, for which a and b are calibrated.
        spreads: tau^2 where all cohorts are alike, and where they differ.
        mu_mean: prior mean of mu; None: log odds of the mean p0.
        mu_sd: prior standard deviation of mu; None: worth one patient at the mean p0.
        coefficients: (a, b); None: calibrated by simulation.
        seed: of the simulation.
        trials: simulated trials for each median.
        accuracy: "fast", "standard" or "fine".

    tau is kept within .001 and 50: nearly one rate for all, nearly separate cohorts.
    """

    is_monotone: ClassVar[bool] = False
    p0: Rates
    p1: Rates
    n: tuple[int, ...]
    spreads: tuple[float, float] = (1.0, 80.0)
    mu_mean: float | None = None
    mu_sd: float | None = None
    coefficients: tuple[float, float] | None = None
    seed: int = 1
    trials: int = 10_000
    accuracy: Accuracy = "standard"

    def __post_init__(self) -> None:
        """Refuse what is no model, and calibrate."""
        check_accuracy(self.accuracy)
        object.__setattr__(self, "p0", checked_rates("p0", self.p0))
        object.__setattr__(self, "p1", checked_rates("p1", self.p1))
        sizes = Counts.of(np.zeros(np.shape(self.n)), self.n).n[0]
        object.__setattr__(self, "n", tuple(sizes.tolist()))
        low, high = self.spreads
        if not 0 < low < high < math.inf:
            raise StatisticsError(
                f"Spreads of {low} and {high} are impossible.", remedy="Give a small tau^2 above 0 and a greater one."
            )
        prior = self._prior(len(sizes))
        object.__setattr__(self, "mu_mean", prior.mean)
        object.__setattr__(self, "mu_sd", prior.sd)
        if self.coefficients is None:
            object.__setattr__(self, "coefficients", calibrated_coefficients(self))

    def spread(self, responders: object, n: object) -> FloatArray:
        """(N,) tau for many data sets."""
        return self._spread(Counts.of(responders, n))

    def tables(
        self,
        responders: Sequence[Sequence[int] | IntArray],
        n: Sequence[Sequence[int] | IntArray],
        p: float | Sequence[float] | FloatArray | None = None,
    ) -> HierarchicalTables:
        """No tables: the nodes depend on the outcome."""
        raise StatisticsError("Each outcome has a spread of its own.", remedy="Use prob_greater and mean.")

    def _spread(self, data: Counts) -> FloatArray:
        a, b = self.coefficients or (0.0, 0.0)
        with np.errstate(divide="ignore"):
            log_tau = (a + b * np.log(homogeneity(data))) / 2
        return np.exp(np.clip(log_tau, math.log(LEAST_SPREAD), math.log(GREATEST_SPREAD)))

    def _prior(self, cohorts: int) -> HyperPrior:
        centre = mean_p0(self.p0)
        mean = math.log(centre / (1 - centre)) if self.mu_mean is None else float(self.mu_mean)
        return HyperPrior(mean, sd_worth(1, centre) if self.mu_sd is None else float(self.mu_sd), 1.0)

    def _cohort_settings(self, cohorts: int) -> CohortSettings:
        return CohortSettings(offsets(None, cohorts), np.ones(cohorts), np.zeros(cohorts), np.ones(cohorts))

    def _settings(self, cohorts: int) -> FloatArray:
        # Planned sizes and p1 entered the calibration only; in the posterior all cohorts are alike.
        return per_cohort("p0", self.p0, cohorts)[:, None]

    def _hyper(self, data: Counts, finer: float) -> Hyper:
        """Nodes for one data set."""
        return self._at(super()._hyper(data, finer), float(self._spread(data)[0]))

    def _at(self, hyper: Hyper, tau: float) -> Hyper:
        prior = hyper.prior
        return replace(hyper, prior=FixedSpread(prior.mean, prior.sd, tau))

    def _prob_greater(self, data: Counts, p: FloatArray) -> FloatArray:
        return self._interpolated(data, p, "above")

    def _mean(self, data: Counts) -> FloatArray:
        return self._interpolated(data, per_cohort("p0", self.p0, data.cohorts), "mean")

    def _interpolated(self, data: Counts, p: FloatArray, name: Literal["above", "mean"]) -> FloatArray:
        """Answers at the four rungs of a ladder of spreads around each data set's own, and a cubic through them."""
        if len(data.n) == 1:
            listing, cells, hyper = self._tables(data, p, 1.0)
            return averages(listing.index, hyper.nodes().log_weights, cells.log_likelihood, getattr(cells, name))
        place = np.log(self._spread(data)) / LADDER
        rung = np.floor(place).astype(np.int64)
        factors = _cubic(place - rung)
        found = np.zeros(data.n.shape)
        for at in range(int(rung.min()) - 1, int(rung.max()) + 3):
            rows = np.flatnonzero((at >= rung - 1) & (at <= rung + 2))
            if len(rows) == 0:
                continue
            part = Counts(data.responders[rows], data.n[rows])
            hyper = self._at(super()._hyper(data, 1.0), math.exp(LADDER * at))
            listing = list_cells(part, self._cohort_settings(data.cohorts), p)
            cells = cell_tables(listing, hyper)
            values = averages(listing.index, hyper.nodes().log_weights, cells.log_likelihood, getattr(cells, name))
            found[rows] += factors[at - rung[rows] + 1, rows][:, None] * values
        return np.clip(found, 0.0, 1.0)


def homogeneity(data: Counts) -> FloatArray:
    """(N,) chi-square statistics of homogeneity of the response rates; 0 if nobody or everybody responded."""
    patients = np.maximum(data.n.sum(axis=1, keepdims=True), 1)
    rate = data.responders.sum(axis=1, keepdims=True) / patients
    expected = data.n * rate
    spread = expected * (1 - rate)
    terms = np.divide((data.responders - expected) ** 2, spread, out=np.zeros(data.n.shape), where=spread > 0)
    return terms.sum(axis=1)


def calibrated_coefficients(model: CalibratedBHM) -> tuple[float, float]:
    """(a, b) for the planned sizes and rates of a model.

    Raises:
        StatisticsError: one cohort only, or cohorts that differ look no more different than cohorts that do not.
    """
    sizes = np.asarray(model.n)
    p0 = per_cohort("p0", model.p0, len(sizes))
    p1 = per_cohort("p1", model.p1, len(sizes))
    medians = _medians(tuple(model.n), tuple(p0.tolist()), tuple(p1.tolist()), model.seed, model.trials)
    alike, differ = medians[-1], min(medians[:-1], default=0.0)
    if not 0 < alike < differ:
        raise StatisticsError(
            f"The median of the test of homogeneity is {differ:.4g} if cohorts differ and {alike:.4g} if not.",
            remedy="Plan more patients or cohorts, or rates that differ more, or give coefficients.",
        )
    low, high = (math.log(each) for each in model.spreads)
    b = (high - low) / (math.log(differ) - math.log(alike))
    return low - b * math.log(alike), b


@functools.lru_cache(maxsize=32)
def _medians(
    n: tuple[int, ...], p0: tuple[float, ...], p1: tuple[float, ...], seed: int, trials: int
) -> tuple[float, ...]:
    """Medians of T if the first 1, 2, ... J cohorts have the rate p1 and the others p0."""
    random = np.random.default_rng(seed)
    sizes = np.broadcast_to(np.asarray(n), (trials, len(n)))
    found = []
    for active in range(1, len(n) + 1):
        rates = np.array([*p1[:active], *p0[active:]])
        found.append(float(np.median(homogeneity(Counts(random.binomial(sizes, rates), sizes)))))
    return tuple(found)


def _cubic(t: FloatArray) -> FloatArray:
    """(4, N) factors of values at -1, 0, 1, 2 in the cubic through them, at t in 0 ... 1."""
    return np.stack(
        [
            -t * (t - 1) * (t - 2) / 6,
            (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6,
        ]
    )
