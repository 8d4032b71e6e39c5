"""EXNEX: a cohort is exchangeable with the others, or on its own.

    r_j ~ Binomial(n_j, p_j),   logit p_j = theta_j (+ logit target_j, if targets are given)
    with probability w_c:           theta_j ~ N(mu_c, tau_c^2),  mu_c ~ N(m_c, s_c^2),  tau_c ~ HalfNormal(scale_c)
    with probability 1 - sum w_c:   theta_j ~ N(nex_mean_j, nex_sd_j^2), of its own

The weights are prior probabilities and are fixed; each cohort draws its own component. The posterior
probability of being exchangeable says what the data made of them.

``EXNEX(p0)`` alone gives one exchangeable component of weight 1/2 whose prior, mu and tau together, is worth one
patient at p0 (for 10 percent mu_sd = 3.18), and a prior of a cohort's own that is worth one patient too.

References:
    Neuenschwander B, Wandel S, Roychoudhury S, Bailey S. Robust exchangeability designs for early phase clinical
    trials with multiple strata. Pharm Stat 2016;15:123-134. With targets: ExNexAdj of the R package bhmbasket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray, Rates, checked_rates, per_cohort
from kohort.cohort.borrowing.exnex_components import Components, several_averages, several_posterior
from kohort.cohort.borrowing.hierarchical import FINER, Accuracy, HierarchicalModel, check_accuracy
from kohort.cohort.borrowing.hierarchical_priors import checked_numbers, log_odds, mean_p0, offsets, sd_worth
from kohort.cohort.borrowing.hierarchical_tables import CohortSettings, HierarchicalTables, Hyper
from kohort.cohort.borrowing.posterior import Posterior
from kohort.cohort.borrowing.quadrature import HyperPrior, Information
from kohort.errors import StatisticsError

__all__ = ["EXNEX", "Exchangeable"]

Numbers = float | tuple[float, ...]
LARGEST = 1e6


@dataclass(frozen=True)
class Exchangeable:
    """One more exchangeable component.

    Attributes:
        weight: prior probability that a cohort belongs to it, one for all or one a cohort.
        mu_mean: prior mean of its mu.
        mu_sd: prior standard deviation of its mu.
        tau_scale: scale of the half-normal prior of its tau.
    """

    weight: Numbers
    mu_mean: float
    mu_sd: float
    tau_scale: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no component."""
        object.__setattr__(self, "weight", checked_numbers("weight", self.weight, 0, 1))
        HyperPrior(float(self.mu_mean), float(self.mu_sd), float(self.tau_scale))

    @classmethod
    def at_rate(cls, p: float, weight: Numbers, patients: float = 1.0, tau_scale: float = 1.0) -> Exchangeable:
        """A component around the rate ``p`` whose prior is worth so many patients.

        Raises:
            StatisticsError: tau alone is worth fewer.
        """
        sd = sd_worth(patients, p, tau_scale)
        return cls(weight, log_odds(p), sd, tau_scale)


@dataclass(frozen=True)
class EXNEX(HierarchicalModel):
    """Exchangeable or not.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        weight: prior probability of the exchangeable component, one for all or one a cohort.
        mu_mean: prior mean of mu; None: at the mean p0.
        mu_sd: prior standard deviation of mu; None: with tau worth one patient at the mean p0.
        tau_scale: scale of the half-normal prior of tau.
        nex_mean: prior mean of theta of a cohort on its own, one for all or one a cohort; None: at its p0.
        nex_sd: its standard deviation; None: worth one patient at its p0.
        target: rates at which theta is 0, one for all or one a cohort; None: no offset, theta is the log odds.
        further: more exchangeable components; with ``weight`` their weights sum to at most 1.
        accuracy: "fast", "standard" or "fine".
    """

    is_monotone: ClassVar[bool] = True
    p0: Rates
    weight: Numbers = 0.5
    mu_mean: float | None = None
    mu_sd: float | None = None
    tau_scale: float = 1.0
    nex_mean: Numbers | None = None
    nex_sd: Numbers | None = None
    target: Rates | None = None
    further: tuple[Exchangeable, ...] = ()
    accuracy: Accuracy = "standard"

    def __post_init__(self) -> None:
        """Refuse what is no model; priors that are not given are worth one patient."""
        check_accuracy(self.accuracy)
        self._set("p0", checked_rates("p0", self.p0))
        if self.target is not None:
            self._set("target", checked_rates("target", self.target))
        self._set("further", tuple(self.further))
        self._set("weight", checked_numbers("weight", self.weight, 0, 1))
        self._set_priors()
        if np.any(self._not_exchangeable() < -1e-12):
            raise StatisticsError(
                "Weights of exchangeability sum to more than 1.", remedy="Leave a rest for cohorts on their own."
            )

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _set_priors(self) -> None:
        prior, (mean, sd) = self._prior(1), self._own_priors()
        self._set("mu_mean", prior.mean)
        self._set("mu_sd", prior.sd)
        self._set("nex_mean", checked_numbers("nex_mean", mean, -LARGEST, LARGEST))
        self._set("nex_sd", checked_numbers("nex_sd", sd, 1 / LARGEST, LARGEST))

    def _shift(self) -> FloatArray:
        """Log odds of the targets, one for all or one a cohort."""
        return np.zeros(()) if self.target is None else np.log(self.target) - np.log1p(-np.asarray(self.target))

    def _own_priors(self) -> tuple[Numbers | FloatArray, Numbers | FloatArray]:
        """Mean and standard deviation of theta of a cohort on its own, one for all or one a cohort."""
        rates = np.asarray(self.p0, dtype=np.float64)
        mean = np.log(rates) - np.log1p(-rates) - self._shift() if self.nex_mean is None else self.nex_mean
        sd = 1 / np.sqrt(rates * (1 - rates)) if self.nex_sd is None else self.nex_sd
        return mean, sd

    def tables(
        self,
        responders: Sequence[Sequence[int] | IntArray],
        n: Sequence[Sequence[int] | IntArray],
        p: float | Sequence[float] | FloatArray | None = None,
    ) -> HierarchicalTables:
        """See ``HierarchicalModel``; with one exchangeable component only."""
        if self.further:
            raise StatisticsError(
                "Several exchangeable components have no single set of nodes.", remedy="Use prob_greater and mean."
            )
        return super().tables(responders, n, p)

    def _prior(self, cohorts: int) -> HyperPrior:
        centre = mean_p0(self.p0)
        mean = log_odds(centre) - float(np.mean(self._shift())) if self.mu_mean is None else float(self.mu_mean)
        sd = sd_worth(1, centre, self.tau_scale) if self.mu_sd is None else float(self.mu_sd)
        return HyperPrior(mean, sd, float(self.tau_scale))

    def _cohort_settings(self, cohorts: int) -> CohortSettings:
        mean, sd = self._own_priors()
        return CohortSettings(
            offsets(self.target, cohorts),
            per_cohort("weight", self.weight, cohorts),
            per_cohort("nex_mean", mean, cohorts),
            per_cohort("nex_sd", sd, cohorts),
        )

    def _settings(self, cohorts: int) -> FloatArray:
        more = [per_cohort("weight", each.weight, cohorts) for each in self.further]
        return np.column_stack([super()._settings(cohorts), *more])

    def _not_exchangeable(self) -> FloatArray:
        """Prior weight of a cohort on its own."""
        try:
            return 1 - sum((np.asarray(each.weight) for each in self.further), start=np.asarray(self.weight))
        except ValueError as wrong:
            raise StatisticsError(
                "The components have weights for different numbers of cohorts.",
                remedy="Give one weight for all cohorts or one for each, alike in all components.",
            ) from wrong

    def _components(self, data: Counts, finer: float) -> Components:
        """All components with their nodes; each sees the cohorts as if it alone were exchangeable."""
        first = self._hyper(data, finer)
        weights = [per_cohort("weight", self.weight, data.cohorts)]
        hypers = [first]
        for each in self.further:
            weights.append(per_cohort("weight", each.weight, data.cohorts))
            information = Information(first.information.groups, round(float(np.sort(weights[-1]).sum()), 6))
            prior = HyperPrior(float(each.mu_mean), float(each.mu_sd), float(each.tau_scale))
            hypers.append(Hyper(prior, information, first.resolution))
        return Components(tuple(hypers), np.array(weights), self._cohort_settings(data.cohorts))

    def _prob_greater(self, data: Counts, p: FloatArray) -> FloatArray:
        if not self.further:
            return super()._prob_greater(data, p)
        return several_averages(data, self._components(data, 1.0), p, "above")

    def _mean(self, data: Counts) -> FloatArray:
        if not self.further:
            return super()._mean(data)
        p0 = per_cohort("p0", self.p0, data.cohorts)
        return several_averages(data, self._components(data, 1.0), p0, "mean")

    def _fit(self, responders: IntArray, n: IntArray) -> Posterior:
        if not self.further:
            return super()._fit(responders, n)
        data = Counts(responders[None], n[None])
        p0 = per_cohort("p0", self.p0, data.cohorts)
        rates, exchangeability = several_posterior(data, self._components(data, FINER))
        mean = np.array([rate.mean for rate in rates])
        variance = np.array([rate.variance for rate in rates])
        above = 1 - np.array([rate.below(at) for rate, at in zip(rates, p0.tolist(), strict=True)])
        errors = [self._prob_greater(data, p0)[0] - above, self._mean(data)[0] - mean]
        return Posterior(
            model=str(self),
            responders=responders,
            n=n,
            p0=p0,
            rates=rates,
            effective_sample_size=mean * (1 - mean) / variance - 1,
            numeric_error=float(np.abs(errors).max()),
            exchangeability=exchangeability,
        )
