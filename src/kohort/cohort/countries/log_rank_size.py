"""How many events and patients a one-sample log-rank test needs.

With hazard ratio d = cohort / reference below 1:

* events, normal: reject where O < E - z_a sqrt(E), and O ~ Poisson(d E), so E = ((z_a + z_b sqrt(d)) / (1 - d))^2;
* events, exact: reject at O <= c where P(Poisson(E) <= c) <= alpha. For each c the least such E is E_c, and the power
  P(Poisson(d E) <= c) is greatest there; the answer is the smallest c whose power suffices, with its E_c;
* patients: uniform accrual over a, then follow-up f, no loss. Per patient N - H0(X) has mean w = v1 - v0 and, under the
  hazard ratio, variance s^2 = v1 - v1^2 + 2 v00 - v0^2 - 2 v01 + 2 v0 v1, where v1 = int G dF1, v0 = int G S1 dH0,
  v00 = int G S1 H0 dH0, v01 = int G H0 dF1, G the chance of being under observation so long. The test's own variance is
  s0^2 = v0 (Breslow) or (v0 + v1) / 2 (Wu); n = ((z_a s0 + z_b s) / w)^2.

References:
    Finkelstein DM, Muzikansky A, Schoenfeld DA. J Natl Cancer Inst 2003;95:1434-1439.
    Wu J. Pharm Stat 2015;14:26-33 (sample size with the exact variance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
from scipy.special import gammainccinv, pdtr

from kohort.cohort.borrowing.quadrature_cells import gauss_legendre
from kohort.cohort.countries.reference_survival import ReferenceSurvival
from kohort.errors import StatisticsError, UnknownNameError

__all__ = ["Accrual", "EventsNeeded", "PatientsNeeded", "events_needed", "patients_needed"]

MOST_EVENTS = 100_000
NODES = 64

Variance = Literal["breslow", "wu"]


@dataclass(frozen=True, slots=True)
class EventsNeeded:
    """Events that a test needs.

    Attributes:
        expected: events expected under the reference, normal approximation.
        observed: events then seen under the hazard ratio.
        exact_expected: the same by exact Poisson sums.
        exact_critical: the test rejects with this many events or fewer.
        exact_power: its exact power.
    """

    expected: float
    observed: float
    exact_expected: float
    exact_critical: int
    exact_power: float


@dataclass(frozen=True, slots=True)
class Accrual:
    """How patients come in and are followed, in the reference's unit.

    Attributes:
        duration: time over which patients come in evenly, 0 for all at once.
        follow_up: time that the last of them is followed.
    """

    duration: float
    follow_up: float

    def __post_init__(self) -> None:
        """Refuse a study without time."""
        if not (
            0 <= self.duration < math.inf and 0 <= self.follow_up < math.inf and self.duration + self.follow_up > 0
        ):
            raise StatisticsError(f"{self} is no study.", remedy="Give times of at least 0, one of them above 0.")


@dataclass(frozen=True, slots=True)
class PatientsNeeded:
    """Patients that a test needs.

    Attributes:
        n: patients.
        observed: events then expected under the hazard ratio.
        expected: events then expected under the reference.
        event_chance: chance that a patient's event is seen, under the hazard ratio.
    """

    n: int
    observed: float
    expected: float
    event_chance: float


def events_needed(hazard_ratio: float, alpha: float = 0.05, power: float = 0.8) -> EventsNeeded:
    """Events for a one-sided test of fewer events than the reference.

    Args:
        hazard_ratio: cohort's hazard over the reference's, between 0 and 1.
        alpha: one-sided error.
        power: chance to reject at the hazard ratio.

    Raises:
        StatisticsError: numbers that cannot be, or more than 100,000 events.
    """
    za, zb = _quantiles(hazard_ratio, alpha, power)
    expected = ((za + zb * math.sqrt(hazard_ratio)) / (1 - hazard_ratio)) ** 2
    critical = np.arange(MOST_EVENTS)
    least = gammainccinv(critical + 1.0, alpha)
    reached = np.flatnonzero(pdtr(critical, hazard_ratio * least) >= power)
    if not len(reached):
        raise StatisticsError(
            f"More than {MOST_EVENTS} events are needed.", remedy="Plan for a hazard ratio further from 1."
        )
    c = int(reached[0])
    return EventsNeeded(expected, hazard_ratio * expected, float(least[c]), c, float(pdtr(c, hazard_ratio * least[c])))


def patients_needed(
    reference: ReferenceSurvival,
    hazard_ratio: float,
    accrual: Accrual,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    variance: Variance = "wu",
) -> PatientsNeeded:
    """Patients for a one-sided test of fewer events than the reference.

    Args:
        reference: exponential or piecewise.
        hazard_ratio: cohort's hazard over the reference's, between 0 and 1.
        accrual: how patients come in and are followed.
        alpha: one-sided error.
        power: chance to reject at the hazard ratio.
        variance: the statistic that will be used, ``breslow`` or ``wu``.

    Raises:
        UnknownNameError: another statistic.
        StatisticsError: numbers that cannot be, or a reference that does not go on.
    """
    if variance not in get_args(Variance):
        raise UnknownNameError("variance", variance, get_args(Variance))
    za, zb = _quantiles(hazard_ratio, alpha, power)
    v1, v0, v00, v01 = _moments(reference, hazard_ratio, accrual)
    spread = math.sqrt(v1 - v1**2 + 2 * v00 - v0**2 - 2 * v01 + 2 * v0 * v1)
    own = math.sqrt(v0 if variance == "breslow" else (v0 + v1) / 2)
    n = math.ceil(((za * own + zb * spread) / (v1 - v0)) ** 2 - 1e-9)
    return PatientsNeeded(n, n * v1, n * v0, v1)


def _quantiles(hazard_ratio: float, alpha: float, power: float) -> tuple[float, float]:
    if not (0 < hazard_ratio < 1 and 0 < alpha < power < 1):
        raise StatisticsError(
            f"A hazard ratio of {hazard_ratio} with alpha {alpha} and power {power} cannot be planned.",
            remedy="Give 0 < hazard_ratio < 1 and 0 < alpha < power < 1.",
        )
    normal = NormalDist()
    return normal.inv_cdf(1 - alpha), normal.inv_cdf(power)


def _moments(reference: ReferenceSurvival, ratio: float, accrual: Accrual) -> tuple[float, float, float, float]:
    """v1, v0, v00 and v01, piece by piece: within a piece all integrands are smooth."""
    starts, rates = reference.rates()
    study = accrual.duration + accrual.follow_up
    edges = np.unique(np.concatenate((starts[starts < study], [accrual.follow_up, study])))
    at, weight = gauss_legendre(NODES)
    time = edges[:-1, None] + np.diff(edges)[:, None] * at
    rate = rates[np.searchsorted(starts, time, side="right") - 1]
    hazard = reference.cumulative_hazard(time.ravel()).reshape(time.shape)
    under_observation = np.clip((study - time) / accrual.duration, 0, 1) if accrual.duration else np.ones_like(time)
    mass = under_observation * np.exp(-ratio * hazard) * rate * np.diff(edges)[:, None] * weight
    v0, v00 = float(mass.sum()), float((mass * hazard).sum())
    return ratio * v0, v0, v00, ratio * v00
