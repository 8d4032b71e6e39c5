"""The Bayesian hierarchical model: all cohorts are exchangeable, and the data say how alike they are.

    r_j ~ Binomial(n_j, p_j),   logit p_j = theta_j + logit target_j,   theta_j ~ N(mu, tau^2)
    mu ~ N(m, s^2),   tau ~ HalfNormal(scale)

With tau_scale near 0 this is one rate for all (relative to the targets), with a large one each cohort is on its
own. Since all are taken for alike, one active cohort among inactive ones is pulled towards them, and the other
way round: ``EXNEX`` lets a cohort leave.

References:
    Thall PF et al. Hierarchical Bayesian approaches to phase II trials in diseases with multiple subtypes. Stat
    Med 2003;22:763-780. Berry SM et al. Bayesian hierarchical modeling of patient subpopulations. Clin Trials
    2013;10:720-734 (targets as offsets).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, Rates, checked_rates
from kohort.cohort.borrowing.hierarchical import Accuracy, HierarchicalModel, check_accuracy
from kohort.cohort.borrowing.hierarchical_priors import mean_p0, offsets, sd_worth
from kohort.cohort.borrowing.hierarchical_tables import CohortSettings
from kohort.cohort.borrowing.quadrature import HyperPrior

__all__ = ["BHM"]


@dataclass(frozen=True)
class BHM(HierarchicalModel):
    """All cohorts share a mean and a spread.

    Attributes:
        p0: rates of no interest, one for all or one a cohort.
        target: rates at which theta is 0, one for all or one a cohort; None: p0. The R package bhmbasket takes
            the rate of interest.
        mu_mean: prior mean of mu; 0 is a mean rate at the target.
        mu_sd: prior standard deviation of mu (not a variance); None: with tau worth one patient at the mean p0.
        tau_scale: scale of the half-normal prior of tau, the spread between cohorts in log odds.
        accuracy: "fast", "standard" or "fine".
    """

    is_monotone: ClassVar[bool] = True
    p0: Rates
    target: Rates | None = None
    mu_mean: float = 0.0
    mu_sd: float | None = None
    tau_scale: float = 1.0
    accuracy: Accuracy = "standard"

    def __post_init__(self) -> None:
        """Refuse rates and priors that are none; the default of mu_sd is worth one patient."""
        object.__setattr__(self, "p0", checked_rates("p0", self.p0))
        if self.target is not None:
            object.__setattr__(self, "target", checked_rates("target", self.target))
        check_accuracy(self.accuracy)
        object.__setattr__(self, "mu_sd", self._prior(1).sd)

    def _prior(self, cohorts: int) -> HyperPrior:
        sd = sd_worth(1, mean_p0(self.p0), self.tau_scale) if self.mu_sd is None else float(self.mu_sd)
        return HyperPrior(float(self.mu_mean), sd, float(self.tau_scale))

    def _cohort_settings(self, cohorts: int) -> CohortSettings:
        offset = offsets(self.p0 if self.target is None else self.target, cohorts)
        return CohortSettings(offset, np.ones(cohorts), np.zeros(cohorts), np.ones(cohorts))

    def _exchangeability(self, share: FloatArray) -> None:
        """All cohorts are exchangeable by definition."""
