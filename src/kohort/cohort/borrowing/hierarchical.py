"""Models in which cohorts share a mean and a spread on the scale of log odds, summed over fixed nodes.

The error falls exponentially with the number of nodes, so it is stated by doing it again: ``fit`` takes 1.5
times as many nodes in each direction as the model's accuracy asks for, and states the difference between both.

References:
    Berry SM et al. Bayesian hierarchical modeling of patient subpopulations. Clin Trials 2013;10:720-734.
    Neuenschwander B et al. Robust exchangeability designs. Pharm Stat 2016;15:123-134.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Literal

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray, per_cohort
from kohort.cohort.borrowing.hierarchical_rates import HierarchicalRate, with_own_prior
from kohort.cohort.borrowing.hierarchical_sums import averages, node_weights
from kohort.cohort.borrowing.hierarchical_tables import (
    CellTables,
    CohortSettings,
    HierarchicalTables,
    Hyper,
    Listing,
    cell_tables,
    list_cells,
)
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.posterior import Posterior
from kohort.cohort.borrowing.quadrature import HyperPrior, Information
from kohort.errors import StatisticsError

__all__ = ["FINER", "Accuracy", "HierarchicalModel", "check_accuracy"]

Accuracy = Literal["fast", "standard", "fine"]

RESOLUTION: dict[Accuracy, float] = {"fast": 0.8, "standard": 1.0, "fine": 1.5}
FINER = 1.5


class HierarchicalModel(BorrowingModel):
    """A model with one exchangeable component. Subclasses are frozen dataclasses.

    Attributes:
        accuracy: "fast", "standard" or "fine": greatest errors of probabilities are about 1e-3, 1e-4 and 1e-7.
            ``fit`` is finer and states the error.
    """

    accuracy: Accuracy

    def tables(
        self,
        responders: Sequence[Sequence[int] | IntArray],
        n: Sequence[Sequence[int] | IntArray],
        p: float | Sequence[float] | FloatArray | None = None,
    ) -> HierarchicalTables:
        """Tables of the possible outcomes of each cohort, for sums over all outcomes.

        Args:
            responders: for each of J cohorts its (S_j,) numbers of responders.
            n: for each cohort the (S_j,) numbers of evaluable patients (8 where it stopped, else 24).
            p: one rate for all cohorts or one for each; None: p0.

        Raises:
            StatisticsError: impossible counts, or settings for another number of cohorts.
        """
        cohorts = len(responders)
        rates = per_cohort("p", self.p0 if p is None else p, cohorts)
        most = max(len(each) for each in responders)
        padded = [np.resize(np.asarray(each), (most,)) for each in (*responders, *n)]
        data = Counts.of(np.column_stack(padded[:cohorts]), np.column_stack(padded[cohorts:]))
        listing, cells, hyper = self._tables(data, rates, 1.0)
        places = [listing.index[: len(each), j] for j, each in enumerate(responders)]
        return HierarchicalTables(
            hyper.nodes().log_weights,
            *(tuple(each[place] for place in places) for each in (cells.log_likelihood, cells.above, cells.mean)),
        )

    @abstractmethod
    def _prior(self, cohorts: int) -> HyperPrior:
        """Priors of mu and tau."""

    @abstractmethod
    def _cohort_settings(self, cohorts: int) -> CohortSettings:
        """Settings of each of J cohorts."""

    def _hyper(self, data: Counts, finer: float) -> Hyper:
        """The nodes that these data sets need."""
        settings = self._cohort_settings(data.cohorts)
        information = Information.of(settings.offset, data.n.max(axis=0), settings.weight)
        return Hyper(self._prior(data.cohorts), information, RESOLUTION[self.accuracy] * finer)

    def _tables(self, data: Counts, p: FloatArray, finer: float) -> tuple[Listing, CellTables, Hyper]:
        hyper = self._hyper(data, finer)
        listing = list_cells(data, self._cohort_settings(data.cohorts), p)
        return listing, cell_tables(listing, hyper), hyper

    def _prob_greater(self, data: Counts, p: FloatArray) -> FloatArray:
        listing, cells, hyper = self._tables(data, p, 1.0)
        return averages(listing.index, hyper.nodes().log_weights, cells.log_likelihood, cells.above)

    def _mean(self, data: Counts) -> FloatArray:
        listing, cells, hyper = self._tables(data, per_cohort("p0", self.p0, data.cohorts), 1.0)
        return averages(listing.index, hyper.nodes().log_weights, cells.log_likelihood, cells.mean)

    def _settings(self, cohorts: int) -> FloatArray:
        settings = self._cohort_settings(cohorts)
        return np.column_stack([per_cohort("p0", self.p0, cohorts), settings.columns])

    def _fit(self, responders: IntArray, n: IntArray) -> Posterior:
        data = Counts(responders[None], n[None])
        p0 = per_cohort("p0", self.p0, data.cohorts)
        listing, cells, hyper = self._tables(data, p0, FINER)
        index = listing.index[0]
        weights = node_weights(listing.index, hyper.nodes().log_weights, cells.log_likelihood)[0]
        rates = self._rates(data, hyper, weights, cells.share[index])
        mean, square = cells.mean[index] @ weights, cells.square[index] @ weights
        return Posterior(
            model=str(self),
            responders=responders,
            n=n,
            p0=p0,
            rates=rates,
            effective_sample_size=mean * (1 - mean) / (square - mean**2) - 1,
            numeric_error=self._error(data, p0, cells.above[index] @ weights, mean),
            exchangeability=self._exchangeability(cells.share[index] @ weights),
        )

    def _rates(
        self, data: Counts, hyper: Hyper, weights: FloatArray, share: FloatArray
    ) -> tuple[HierarchicalRate, ...]:
        """Each cohort's rate: the nodes by their weight and, with the rest, its own prior; alike cohorts share one."""
        settings, at = self._cohort_settings(data.cohorts).columns, hyper.nodes()
        made: dict[tuple[float, ...], HierarchicalRate] = {}
        rates = []
        for j, (offset, weight, nex_mean, nex_sd) in enumerate(settings.tolist()):
            r, n = int(data.responders[0, j]), int(data.n[0, j])
            key = (r, n, offset, weight, nex_mean, nex_sd)
            if key not in made:
                made[key] = HierarchicalRate(r, n, offset, with_own_prior(at, weights * share[j], nex_mean, nex_sd))
            rates.append(made[key])
        return tuple(rates)

    def _error(self, data: Counts, p0: FloatArray, above: FloatArray, mean: FloatArray) -> float:
        """Greatest difference of P(rate > p0) and of the mean between the coarser and the finer nodes."""
        listing, cells, hyper = self._tables(data, p0, 1.0)
        coarse = node_weights(listing.index, hyper.nodes().log_weights, cells.log_likelihood)[0]
        index = listing.index[0]
        differences = np.stack([cells.above[index] @ coarse - above, cells.mean[index] @ coarse - mean])
        return float(np.abs(differences).max())

    def _exchangeability(self, share: FloatArray) -> FloatArray | None:
        """(J,) posterior probabilities of being exchangeable, or None if that is no question."""
        return share


def check_accuracy(accuracy: str) -> None:
    """Refuse an unknown accuracy.

    Raises:
        StatisticsError: neither fast, standard nor fine.
    """
    if accuracy not in RESOLUTION:
        raise StatisticsError(f"Accuracy {accuracy!r} is unknown.", remedy='Give "fast", "standard" or "fine".')
