"""A cohort against an external control whose rate is itself only estimated: Bayesian, deterministic.

A fixed p0 takes the control's rate as known. If it came from y of m patients, a design's alpha holds at y / m only:
``error_at_control`` averages the chance of a positive cohort over what the control leaves open.

What is known of a rate is a mixture of Beta distributions:

* power prior: Beta(a + delta y, b + delta (m - y)); delta 1 takes the control's patients as the cohort's own, 0 none;
* meta-analytic-predictive (MAP): the rate of a new trial in the beta-binomial model of several controls, so that what
  they differ by widens it;
* robust: weight w on one of these, 1 - w on a vague prior. Data that contradict it move the weight to the vague part.

With T the cohort's rate and C the control's, P(T > C + margin) = E_C[P(T > C + margin | C)], by Gauss-Legendre nodes on
the logit of C. Prior-data conflict is Box's p value: the prior predictive chance of a count no more probable than the
one seen.

References:
    Thall PF, Simon R. Biometrics 1990;46:963-979 (what an estimated historical rate does to a single-arm trial).
    Ibrahim JG, Chen MH. Stat Sci 2000;15:46-60 (power prior).
    Neuenschwander B, Capkun-Niggli G, Branson M, Spiegelhalter DJ. Clin Trials 2010;7:5-18 (MAP).
    Schmidli H et al. Biometrics 2014;70:1023-1032 (robust MAP mixture).
    Box GEP. J R Stat Soc A 1980;143:383-430 (prior predictive p value).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import root_scalar
from scipy.special import betainc, betaln, expit, gammaln, log_expit, logit

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.borrowing.mixture import BetaMixture
from kohort.cohort.countries.between import BetaBinomial
from kohort.cohort.countries.rates import panel_nodes
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.cohort.maths.binomial import ways_after_stage_two
from kohort.errors import StatisticsError

__all__ = [
    "ControlComparison",
    "ErrorAtControl",
    "ExternalControl",
    "compare_with_control",
    "error_at_control",
    "map_prior",
    "power_prior",
    "prior_data_conflict",
    "robust",
    "updated",
]

VAGUE = Beta(1.0, 1.0)
PANELS = 60
TAIL = 1e-14


@dataclass(frozen=True, slots=True)
class ExternalControl:
    """Responders of patients treated otherwise, from a register or an earlier trial.

    Attributes:
        responders: responders.
        evaluable: patients whose response is known.
        name: where they come from.

    Raises:
        StatisticsError: counts that cannot be.
    """

    responders: int
    evaluable: int
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        _check(self.responders, self.evaluable)


def _check(responders: int, evaluable: int) -> None:
    if not 0 <= responders <= evaluable:
        raise StatisticsError(
            f"{responders} responders of {evaluable} patients are impossible.",
            remedy="Give 0 <= responders <= evaluable.",
        )


def power_prior(controls: Sequence[ExternalControl], delta: float = 1.0, start: Beta = VAGUE) -> BetaMixture:
    """Beta(a + delta y, b + delta (m - y)) of all controls together; the starting prior counts once.

    Args:
        controls: the controls.
        delta: power of their likelihood, 0 (not used) to 1 (as the cohort's own patients).
        start: prior before the controls.

    Raises:
        StatisticsError: ``delta`` is not in 0 ... 1.
    """
    if not 0 <= delta <= 1:
        raise StatisticsError(f"A power of {delta} is impossible.", remedy="Give a power from 0 to 1.")
    y, m = sum(each.responders for each in controls), sum(each.evaluable for each in controls)
    return BetaMixture(np.ones(1), np.array([start.a + delta * y]), np.array([start.b + delta * (m - y)]))


def map_prior(controls: Sequence[ExternalControl], law: BetaBinomial | None = None) -> BetaMixture:
    """The rate of a new group of patients like those of several controls, with what these differ by.

    Args:
        controls: the controls, two or more to say anything about their differences.
        law: how rates of controls are distributed; None: ``BetaBinomial()``.

    Raises:
        StatisticsError: no controls.
    """
    if not controls:
        raise StatisticsError("There are no controls.", remedy="Give one or more ExternalControl.")
    y, m = [each.responders for each in controls], [each.evaluable for each in controls]
    return (law or BetaBinomial()).new_trial(y, m)


def robust(prior: BetaMixture, weight: float, vague: Beta = VAGUE) -> BetaMixture:
    """``weight`` on the prior, the rest on a vague one, so that contradicting data can leave it.

    Raises:
        StatisticsError: ``weight`` is not in 0 ... 1.
    """
    if not 0 <= weight <= 1:
        raise StatisticsError(f"A weight of {weight} is impossible.", remedy="Give a weight from 0 to 1.")
    return BetaMixture(
        np.append(weight * prior.weights, 1 - weight), np.append(prior.a, vague.a), np.append(prior.b, vague.b)
    )


def updated(prior: BetaMixture, responders: int, evaluable: int) -> BetaMixture:
    """The posterior after patients: each component takes them, and is weighed by how well it foretold them.

    Raises:
        StatisticsError: counts that cannot be.
    """
    _check(responders, evaluable)
    a, b = prior.a + responders, prior.b + evaluable - responders
    log_weight = np.log(prior.weights) + betaln(a, b) - betaln(prior.a, prior.b)
    weight = np.exp(log_weight - log_weight.max())
    return BetaMixture(weight / weight.sum(), a, b)


def prior_data_conflict(prior: BetaMixture, responders: int, evaluable: int) -> float:
    """Box's p value: prior predictive chance of counts no more probable than ``responders`` of ``evaluable``.

    Small values mean that the data are not what the prior led one to expect.

    Raises:
        StatisticsError: counts that cannot be.
    """
    _check(responders, evaluable)
    chance = _predictive(prior, evaluable)
    return min(1.0, float(chance[chance <= chance[responders] * (1 + 1e-9)].sum()))


def _predictive(prior: BetaMixture, n: int) -> FloatArray:
    """(n + 1,) beta-binomial probabilities of each count, averaged over the components."""
    x = np.arange(n + 1.0)
    ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    inside = betaln(prior.a[:, None] + x, prior.b[:, None] + n - x) - betaln(prior.a, prior.b)[:, None]
    return prior.weights @ np.exp(ways + inside)


@dataclass(frozen=True, eq=False)
class ControlComparison:
    """A cohort's response rate against that of its control.

    Attributes:
        cohort: posterior of the cohort's rate.
        control: what is known of the control's rate.
        margin: by how much the cohort must be better.
        conflict: Box's p value of the cohort's counts under its own prior.
    """

    cohort: BetaMixture
    control: BetaMixture
    margin: float
    conflict: float

    @property
    def prob_better(self) -> float:
        """P(cohort's rate > control's rate + margin)."""
        return 1 - self.difference_below(self.margin)

    @property
    def mean_difference(self) -> float:
        """Mean of the cohort's rate less the control's."""
        return self.cohort.mean - self.control.mean

    def difference_below(self, difference: float) -> float:
        """P(cohort's rate - control's rate <= difference)."""
        at, weight = self._nodes
        limit = np.clip(at + difference, 0, 1)
        below = sum(
            w * betainc(a, b, limit) for w, a, b in zip(self.cohort.weights, self.cohort.a, self.cohort.b, strict=True)
        )
        return min(max(float(weight @ np.asarray(below)), 0.0), 1.0)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Equal-tailed credible interval of the difference, to 1e-10.

        Raises:
            StatisticsError: ``level`` is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
        low, high = (self._difference_at(tail) for tail in ((1 - level) / 2, (1 + level) / 2))
        return low, high

    def _difference_at(self, probability: float) -> float:
        found = root_scalar(
            lambda difference: self.difference_below(difference) - probability,
            bracket=(-1.0, 1.0),
            method="brentq",
            xtol=1e-10,
        )
        return float(found.root)

    @cached_property
    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        """Rates of the control and their probabilities: Gauss-Legendre on the logit."""
        ends = [float(logit(min(max(self.control.quantile(q), 1e-300), 1 - 1e-16))) for q in (TAIL, 1 - TAIL)]
        nodes, widths = panel_nodes(np.linspace(ends[0], max(ends[1], ends[0] + 1e-9), PANELS + 1))
        logits = nodes.ravel()
        density = np.zeros_like(logits)
        for w, a, b in zip(self.control.weights, self.control.a, self.control.b, strict=True):
            density += w * np.exp(a * log_expit(logits) + b * log_expit(-logits) - betaln(a, b))
        mass = density * widths.ravel()
        return expit(logits), mass / mass.sum()


def compare_with_control(
    responders: int,
    evaluable: int,
    control: BetaMixture,
    *,
    prior: BetaMixture | Beta = VAGUE,
    margin: float = 0.0,
) -> ControlComparison:
    """How probably a cohort's response rate is better than its control's.

    Args:
        responders: the cohort's responders.
        evaluable: its evaluable patients.
        control: what is known of the control's rate, from ``power_prior``, ``map_prior`` or ``robust``.
        prior: of the cohort's own rate, before its patients.
        margin: by how much the cohort must be better.

    Raises:
        StatisticsError: counts or a margin that cannot be.
    """
    if not -1 < margin < 1:
        raise StatisticsError(f"A margin of {margin} is impossible.", remedy="Give a difference of rates, e.g. 0.1.")
    own = BetaMixture(np.ones(1), np.array([prior.a]), np.array([prior.b])) if isinstance(prior, Beta) else prior
    return ControlComparison(
        cohort=updated(own, responders, evaluable),
        control=control,
        margin=margin,
        conflict=prior_data_conflict(own, responders, evaluable),
    )


@dataclass(frozen=True, slots=True)
class ErrorAtControl:
    """What a design's alpha is worth where p0 is a control's estimated rate.

    Attributes:
        planned: alpha at p0.
        expected: chance that a drug no better than the control ends positive, averaged over the control's rate.
        at_upper: the same at the upper limit of the control's rate.
        upper: that limit.
        prob_above_p0: probability that the control's rate is above p0, where alpha is no longer held.
    """

    planned: float
    expected: float
    at_upper: float
    upper: float
    prob_above_p0: float

    @property
    def sentence(self) -> str:
        """In plain words."""
        return (
            f"Alpha is {self.planned:.4f} at p0. If the drug is as good as the control, whose rate is above p0 with "
            f"probability {self.prob_above_p0:.2f}, the cohort ends positive with probability {self.expected:.4f}, and "
            f"{self.at_upper:.4f} at the control's upper limit ({self.upper:.3f})."
        )


def error_at_control(design: TwoStageDesign, control: BetaMixture, level: float = 0.95) -> ErrorAtControl:
    """Chance of a false positive where the control's rate is estimated; exact sums.

    Args:
        design: the two-stage design, its p0 taken from the control.
        control: what is known of the control's rate.
        level: of the interval whose upper limit is used.

    Raises:
        StatisticsError: ``level`` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
    counts = np.arange(design.r + 1, design.n + 1)
    ways = ways_after_stage_two(design.r1, design.n1, design.n)
    log_ways = np.array([float(np.log(float(ways[count]))) if ways[count] else -np.inf for count in counts.tolist()])
    inside = betaln(control.a[:, None] + counts, control.b[:, None] + design.n - counts)
    expected = control.weights @ np.exp(log_ways + inside - betaln(control.a, control.b)[:, None]).sum(axis=1)
    upper = control.quantile((1 + level) / 2)
    return ErrorAtControl(
        planned=design.alpha,
        expected=float(expected),
        at_upper=design.operating_characteristics(upper).success,
        upper=upper,
        prob_above_p0=1 - control.below(design.p0),
    )
