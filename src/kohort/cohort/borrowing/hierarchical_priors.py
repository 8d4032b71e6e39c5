"""Settings of hierarchical models: log odds, priors that are worth so many patients, numbers checked at birth.

On the log odds scale n patients at rate p tell a variance of 1 / (n p (1 - p)). A prior of that variance is
therefore worth n patients; of an exchangeable component the prior of tau takes its part of it.

References:
    Neuenschwander B et al. Robust exchangeability designs for early phase clinical trials with multiple strata.
    Pharm Stat 2016;15:123-134.
"""

from __future__ import annotations

import math

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, Rates, per_cohort
from kohort.errors import StatisticsError

__all__ = ["checked_numbers", "log_odds", "mean_p0", "offsets", "sd_worth"]


def log_odds(p: float) -> float:
    """log(p / (1 - p)) of a rate between 0 and 1."""
    return math.log(p) - math.log1p(-p)


def sd_worth(patients: float, p: float, tau_scale: float = 0.0) -> float:
    """The standard deviation of a prior of log odds that is worth so many patients at rate p.

    sqrt(1 / (patients p (1 - p)) - tau_scale^2): with tau_scale, of mu of an exchangeable component whose tau is
    half-normal with that scale; without, of a cohort on its own.

    Raises:
        StatisticsError: the spread between cohorts alone is already worth less.
    """
    if not (patients > 0 and 0 < p < 1 and tau_scale >= 0):
        raise StatisticsError(
            f"No prior is worth {patients} patients at a rate of {p} with tau_scale {tau_scale}.",
            remedy="Give patients above 0, a rate between 0 and 1, and tau_scale from 0.",
        )
    variance = 1 / (patients * p * (1 - p)) - tau_scale**2
    if variance <= 0:
        raise StatisticsError(
            f"A spread of scale {tau_scale} between cohorts alone is worth less than {patients} patients at {p}.",
            remedy="Give a smaller tau_scale or a prior worth fewer patients.",
        )
    return math.sqrt(variance)


def mean_p0(p0: Rates) -> float:
    """The rate at the mean log odds of all p0."""
    return 1 / (1 + math.exp(-float(np.mean([log_odds(each) for each in np.atleast_1d(p0).tolist()]))))


def offsets(target: Rates | None, cohorts: int) -> FloatArray:
    """(J,) log odds of the target rates; 0 without targets."""
    if target is None:
        return np.zeros(cohorts)
    rates = per_cohort("target", target, cohorts)
    return np.log(rates) - np.log1p(-rates)


def checked_numbers(name: str, given: object, low: float, high: float) -> float | tuple[float, ...]:
    """One number for all cohorts or a tuple with one for each, from low (not above high).

    Raises:
        StatisticsError: not finite numbers in this range.
    """
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as wrong:
        raise StatisticsError(f"{name} = {given!r} is not numeric.", remedy="Give numbers.") from wrong
    if array.ndim > 1 or array.size == 0 or not np.all(np.isfinite(array) & (array >= low) & (array <= high)):
        raise StatisticsError(
            f"{name} = {given} is impossible.",
            remedy=f"Give numbers from {low:g} to {high:g}, one for all cohorts or one for each.",
        )
    return float(array) if array.ndim == 0 else tuple(array.tolist())
