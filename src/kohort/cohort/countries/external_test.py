"""Exact test of a cohort against an external control: two binomials, no prior, the control's rate unknown.

H0: the cohort's rate is at most the control's. Tables at least as extreme as the one seen, by Fisher's one-sided p
value (Boschloo) or by the pooled z statistic (Suissa and Shuster), have a probability under a common rate pi; the p
value is the greatest of it over pi: over all pi (gamma = 0), or over a 1 - gamma interval of pi plus gamma, which is as
valid and often smaller (Berger and Boos). The greatest value is searched on a grid and refined around its peaks.

References:
    Boschloo RD. Statistica Neerlandica 1970;24:1-35.
    Suissa S, Shuster JJ. J R Stat Soc A 1985;148:317-327.
    Berger RL, Boos DD. J Am Stat Assoc 1994;89:1012-1016.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from kohort.cohort.borrowing.data import BoolArray, FloatArray
from kohort.cohort.countries.counts import exact_interval
from kohort.cohort.countries.external_controls import ExternalControl
from kohort.errors import StatisticsError, UnknownNameError

__all__ = ["ControlTest", "TableOrder", "exact_control_test"]

TableOrder = Literal["boschloo", "z-pooled"]
GRID = 2001
PEAKS = 5
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class ControlTest:
    """Result of the exact test.

    Attributes:
        p_value: one-sided; small: the cohort responds more often than the control.
        common_rate: the common rate at which it is attained.
        fisher_p: Fisher's one-sided p value given the margins, for comparison: never below Boschloo's without gamma.
        difference: cohort's rate less the control's.
        statistic: how tables were ordered.
        gamma: what was paid for searching part of the rates only.
    """

    p_value: float
    common_rate: float
    fisher_p: float
    difference: float
    statistic: TableOrder
    gamma: float


def exact_control_test(
    responders: int,
    evaluable: int,
    control: ExternalControl,
    *,
    statistic: TableOrder = "boschloo",
    gamma: float = 0.0,
) -> ControlTest:
    """Whether a cohort responds more often than its control.

    Args:
        responders: the cohort's responders.
        evaluable: its evaluable patients.
        control: the control's counts.
        statistic: ``boschloo`` or ``z-pooled``.
        gamma: 0 searches all common rates, else those of a 1 - gamma interval, e.g. 1e-4.

    Raises:
        UnknownNameError: another statistic.
        StatisticsError: a group without patients, impossible counts or gamma.
    """
    if statistic not in get_args(TableOrder):
        raise UnknownNameError("statistic", statistic, get_args(TableOrder))
    if not 0 <= responders <= evaluable or min(evaluable, control.evaluable) == 0 or not 0 <= gamma < 1:
        raise StatisticsError(
            f"{responders} of {evaluable} against {control.responders} of {control.evaluable} cannot be tested.",
            remedy="Give patients in both groups, 0 <= responders <= evaluable and 0 <= gamma < 1.",
        )
    n, m = evaluable, control.evaluable
    fisher = _fisher(n, m)
    order = fisher if statistic == "boschloo" else -_z_pooled(n, m)
    seen = order[responders, control.responders]
    region = order <= seen + TIE * max(1.0, abs(seen))
    common, p = _greatest(region, _range(responders + control.responders, n + m, gamma))
    return ControlTest(
        p_value=min(1.0, p + gamma),
        common_rate=common,
        fisher_p=float(fisher[responders, control.responders]),
        difference=responders / n - control.responders / m,
        statistic=statistic,
        gamma=gamma,
    )


def _range(responders: int, patients: int, gamma: float) -> tuple[float, float]:
    if gamma == 0:
        return 0.0, 1.0
    found = exact_interval(responders, patients, 1 - gamma)
    return found.lower, found.upper


def _log_choose(n: int) -> FloatArray:
    k = np.arange(n + 1)
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _fisher(n: int, m: int) -> FloatArray:
    """(n + 1, m + 1) chance, given the margins, of at least as many of the responders in the cohort."""
    total = np.arange(n + 1)[:, None] + np.arange(m + 1)
    chance = np.exp(_log_choose(n)[:, None] + _log_choose(m) - _log_choose(n + m)[total])
    tail = np.zeros((n + 2, m + 2))
    for x in range(n, -1, -1):  # the table with one more responder in the cohort has one less in the control
        tail[x, 0] = chance[x, 0]
        tail[x, 1 : m + 1] = chance[x, 1:] + tail[x + 1, :m]
    return np.minimum(tail[: n + 1, : m + 1], 1.0)


def _z_pooled(n: int, m: int) -> FloatArray:
    """(n + 1, m + 1) difference over its standard error at the common rate; 0 where nobody or everybody responded."""
    x, y = np.arange(n + 1)[:, None], np.arange(m + 1)
    common = (x + y) / (n + m)
    error = np.sqrt(common * (1 - common) * (1 / n + 1 / m))
    return np.divide(x / n - y / m, error, out=np.zeros_like(error), where=error > 0)


def _greatest(region: BoolArray, within: tuple[float, float]) -> tuple[float, float]:
    """The common rate at which the region is most probable, and that probability."""
    inside = region.astype(np.float64)

    def chance(rates: FloatArray) -> FloatArray:
        return ((_binomials(region.shape[0] - 1, rates) @ inside) * _binomials(region.shape[1] - 1, rates)).sum(axis=1)

    grid = np.linspace(*within, GRID)
    height = chance(grid)
    best = (float(grid[height.argmax()]), float(height.max()))
    peaks = np.flatnonzero((height[1:-1] >= height[:-2]) & (height[1:-1] >= height[2:])) + 1
    for peak in sorted(peaks.tolist(), key=lambda at: -height[at])[:PEAKS]:
        ends = (float(grid[peak - 1]), float(grid[peak + 1]))
        rate = _turning_point(lambda rate: -float(chance(np.array([rate]))[0]), ends)
        best = max(best, (rate, float(chance(np.array([rate]))[0])), key=lambda found: found[1])
    return best


def _turning_point(falling: Callable[[float], float], ends: tuple[float, float]) -> float:
    found = minimize_scalar(falling, bounds=ends, method="bounded", options={"xatol": 1e-10})
    return float(found.x)  # type: ignore[attr-defined]  # scipy's stubs leave its result untyped


def _binomials(n: int, rates: FloatArray) -> FloatArray:
    """(G, n + 1) binomial probabilities at each rate."""
    k = np.arange(n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_chance = _log_choose(n) + np.where(k, k * np.log(rates[:, None]), 0.0)
        log_chance = log_chance + np.where(n - k, (n - k) * np.log1p(-rates[:, None]), 0.0)
    return np.exp(log_chance)
