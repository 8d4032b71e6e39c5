"""Nodes for the mean and spread that exchangeable cohorts share.

Given mu and tau the cohorts are independent, so a posterior is a weighted sum over one set of nodes (mu, tau).
Both integrals take equal steps on a stretched scale, which converges exponentially, and no node depends on the
rates that are asked about:

- After mu is integrated out, everything is an even analytic function of tau. The midpoint rule in v(tau),
  dv / dtau = sqrt(1 / (h^2 (a^2 + tau^2)) + 1 / (1.3 scale)^2), needs few nodes, and none at tau = 0, where
  P(rate > p | mu, tau) is a step. a = 1.7 / sqrt(largest n), h = .38 or less.
- At each tau, mu takes equal steps of v, dv / dmu = sqrt(information about mu), which is

      sum_j 1 / (tau^2 + 1 / (n_j q_j (1 - q_j))) + .65 / tau^2 + 1 / s^2 + 1 / (2^2 + (.55 x)^2),

  q_j = the rate at mu, x = its log odds: how narrow the likelihood, the step of P(rate > p | mu, tau), the prior
  N(m, s^2) and a logistic curve are. The standard steps are 1.5 of these standard deviations; twice as many
  nodes in each direction square the error.

References:
    Trefethen LN, Weideman JAC. The exponentially convergent trapezoidal rule. SIAM Review 2014;56:385-458.
    Gelman A. Prior distributions for variance parameters in hierarchical models. Bayesian Anal 2006;1:515-534
    (the half-normal prior of tau).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.errors import StatisticsError

__all__ = ["FixedSpread", "HyperPrior", "Information", "Nodes", "mean_nodes", "nodes"]

MEAN_STEP = 1.5
"""Steps of mu in its standard deviations."""

STEP_SHARE = 0.65
ASKED = 5.2
"""How sharp P(rate > p | mu, tau) may be, for rates p between about .005 and .995 (log odds -5.2 and 5.2)."""

FAR = 5.0
"""Means so many spreads beyond these rates are still followed, where cohorts without and with responders only meet."""

CURVE_WIDTH, CURVE_GROWTH = 1.7, 0.45
"""Steps are bounded by the width of a logistic curve near even odds, and grow far away where all is flat."""

SPREAD_STEP, SPREAD_STEP_MANY = 0.38, 0.92
"""h: for J cohorts at most .92 / sqrt(J), as sharp as they can tell log tau."""

SHARPEST, SHARPEST_SHARE = 0.02, 0.18
"""Spreads below both, the second in least standard deviations of mu, need no finer steps: see ``node_integrals``."""

TAIL_STEP = 1.0
"""Steps of tau are at most 1.3 scales of its half-normal prior, where data contradict it."""

KNEE = 1.7
"""a = 1.7 / sqrt(largest n): the standard deviation of what the largest cohort tells is 2 / sqrt(n) or more."""

REACH = 4.7
"""Standard deviations of the priors that are covered, 3e-6 is left out; more where data may contradict them."""

BEYOND = 2.5
BASE_WIDTH = 3.0
MESH = 4_000
NEGLIGIBLE = 40.0


@dataclass(frozen=True, slots=True)
class HyperPrior:
    """mu ~ N(mean, sd^2) and tau ~ HalfNormal(tau_scale), on the scale of log odds.

    Attributes:
        mean: prior mean of mu.
        sd: prior standard deviation of mu, above 0.
        tau_scale: scale of the half-normal prior of tau, above 0.
    """

    mean: float
    sd: float
    tau_scale: float

    def __post_init__(self) -> None:
        """Refuse numbers that make no distributions."""
        if not math.isfinite(self.mean):
            raise StatisticsError(f"A prior mean of {self.mean} is no number.", remedy="Give log odds.")
        for name, value in (("standard deviation of mu", self.sd), ("scale of tau", self.tau_scale)):
            if not 0 < value < math.inf:
                raise StatisticsError(f"A {name} of {value} is impossible.", remedy="Give a number above 0.")


@dataclass(frozen=True, slots=True)
class FixedSpread:
    """mu ~ N(mean, sd^2) and a known tau.

    Attributes:
        mean: prior mean of mu.
        sd: prior standard deviation of mu, above 0.
        tau: standard deviation of theta between cohorts, above 0.
    """

    mean: float
    sd: float
    tau: float


@dataclass(frozen=True, slots=True)
class Information:
    """How much the data can at most tell about mu and tau.

    Attributes:
        groups: (offset, patients, number of cohorts) of cohorts that are alike.
        exchangeable: expected number of exchangeable cohorts that have patients.
    """

    groups: tuple[tuple[float, int, int], ...]
    exchangeable: float

    @classmethod
    def of(cls, offset: FloatArray, n: IntArray, weight: FloatArray) -> Information:
        """From each cohort's offset, greatest number of patients, and prior weight of exchangeability.

        Numbers of patients are rounded up, so that few sets of nodes exist and are found again.
        """
        found: dict[tuple[float, int], int] = {}
        for each, patients in zip(offset.tolist(), n.tolist(), strict=True):
            key = (each, _rounded_up(int(patients)))
            found[key] = found.get(key, 0) + 1
        exchangeable = round(float(np.sort(weight[n > 0]).sum()), 6)
        return cls(tuple(sorted((*key, cohorts) for key, cohorts in found.items())), exchangeable)

    @property
    def patients(self) -> int:
        """Number of patients of all cohorts, at least 1."""
        return max(1, sum(patients * cohorts for _, patients, cohorts in self.groups))

    @property
    def largest(self) -> int:
        """Number of patients of the largest cohort, at least 1."""
        return max(1, *(patients for _, patients, _ in self.groups))


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """G points (mu, tau) and the logarithm of the prior mass that each stands for.

    Attributes:
        mu: (G,) means of theta.
        tau: (G,) standard deviations of theta.
        log_weights: (G,) logarithms of prior masses; the masses sum to 1.
        sharpest: (G,) the least spread for whose steps of P(rate > p | mu, tau) the nodes are dense enough.
    """

    mu: FloatArray
    tau: FloatArray
    log_weights: FloatArray
    sharpest: FloatArray


@functools.lru_cache(maxsize=256)
def nodes(prior: HyperPrior | FixedSpread, information: Information, resolution: float = 1.0) -> Nodes:
    """Nodes for both mu and tau.

    Args:
        prior: of mu and tau.
        information: how sharp the posterior can become.
        resolution: how many times as many nodes, in each direction, as the standard.
    """
    if isinstance(prior, FixedSpread):
        return _whole(mean_nodes(prior.mean, prior.sd, prior.tau, information, resolution))
    tau, log_tau_weights = _spreads(prior, information, resolution)
    rows = [mean_nodes(prior.mean, prior.sd, each, information, resolution) for each in tau.tolist()]
    mu = np.concatenate([row.mu for row in rows])
    taus = np.concatenate([row.tau for row in rows])
    sharpest = np.concatenate([row.sharpest for row in rows])
    weights = [row.log_weights + each for row, each in zip(rows, log_tau_weights.tolist(), strict=True)]
    log_weights = np.concatenate(weights)
    kept = log_weights > log_weights.max() - NEGLIGIBLE - information.patients * math.log(2)
    return _whole(Nodes(mu[kept], taus[kept], log_weights[kept], sharpest[kept]))


def _whole(part: Nodes) -> Nodes:
    """The same nodes with masses that sum to 1."""
    total = np.log(np.exp(part.log_weights).sum())
    return Nodes(part.mu, part.tau, part.log_weights - total, part.sharpest)


def _spreads(prior: HyperPrior, information: Information, resolution: float) -> tuple[FloatArray, FloatArray]:
    """(T,) nodes of tau and the logarithms of their prior masses."""
    scale = prior.tau_scale
    knee = min(KNEE / math.sqrt(information.largest), scale)
    step = min(SPREAD_STEP, SPREAD_STEP_MANY / math.sqrt(max(1, information.exchangeable)))
    reach = REACH * math.sqrt(resolution)
    against_prior = scale * math.sqrt(reach**2 + 2 * math.log(2) * information.patients)
    greatest = max(reach * scale, min(against_prior, 2 * math.log(information.largest + 1) + BEYOND * scale))

    def density(tau: FloatArray) -> FloatArray:
        return resolution * np.sqrt(1 / (step**2 * (knee**2 + tau**2)) + 1 / (TAIL_STEP * scale) ** 2)

    tau, width = _equal_steps(density, 0.0, greatest, 0.0, knee)
    return tau, np.log(width) + 0.5 * math.log(2 / math.pi) - math.log(scale) - (tau / scale) ** 2 / 2


@functools.lru_cache(maxsize=512)
def mean_nodes(mean: float, sd: float, tau: float, information: Information, resolution: float = 1.0) -> Nodes:
    """Nodes of mu ~ N(mean, sd^2) for one tau."""
    low, high = _range(mean, sd, information, resolution)
    sharpest = min(SHARPEST, SHARPEST_SHARE / math.sqrt(information.patients / 4 + 1 / sd**2)) / resolution

    def density(mu: FloatArray) -> FloatArray:
        return resolution / MEAN_STEP * np.sqrt(_information(mu, sd, tau, max(tau, sharpest), information))

    mu, width = _equal_steps(density, low, high, mean, BASE_WIDTH)
    log_weights = np.log(width) - ((mu - mean) / sd) ** 2 / 2 - math.log(sd) - 0.5 * math.log(2 * math.pi)
    return Nodes(mu, np.full(mu.shape, tau), log_weights, np.full(mu.shape, sharpest))


def _range(mean: float, sd: float, information: Information, resolution: float) -> tuple[float, float]:
    """Values of mu beyond which neither the prior nor any data that contradict it put mass."""
    pull = sd**2 * information.patients
    flat = math.log(information.patients + 1) + 2
    offsets = [offset for offset, _, _ in information.groups]
    reach = REACH * math.sqrt(resolution) * sd
    low, high = mean - reach, mean + reach
    return min(low, max(low - pull, -flat - max(offsets))), max(high, min(high + pull, flat - min(offsets)))


def _information(mu: FloatArray, sd: float, tau: float, step: float, information: Information) -> FloatArray:
    """The squared density of nodes at mu."""
    total = np.full(mu.shape, 1 / sd**2)
    for offset, patients, cohorts in information.groups:
        rate = expit(mu + offset)
        own = patients * rate * (1 - rate)
        total += cohorts * own / (1 + tau**2 * own)
    offsets = [offset for offset, _, _ in information.groups]
    x = mu + (max(offsets) + min(offsets)) / 2
    widest = ASKED + (max(offsets) - min(offsets)) / 2
    asked, far = 1 / (1 + (x / widest) ** 8), 1 / (1 + (x / (widest + FAR * tau)) ** 8)
    steps = STEP_SHARE * (asked / step**2 + (1 - asked) * far / (1 + tau**2))
    return total + steps + 1 / (CURVE_WIDTH**2 + (CURVE_GROWTH * x) ** 2)


def _equal_steps(
    density: Callable[[FloatArray], FloatArray], low: float, high: float, centre: float, base: float
) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the midpoint rule that takes steps of one over ``density``, a smooth function.

    The density is integrated on a mesh that is even near ``centre``, within ``base``, and grows far away.
    """
    y = np.linspace(math.asinh((low - centre) / base), math.asinh((high - centre) / base), MESH)
    slope = density(centre + base * np.sinh(y)) * base * np.cosh(y)
    v = _cumulative(slope, y[1] - y[0])
    steps = max(2, math.ceil(v[-1]))
    nodes_at = centre + base * np.sinh(_inverse((np.arange(steps) + 0.5) * (v[-1] / steps), y, v, slope))
    return nodes_at, v[-1] / steps / density(nodes_at)


def _cumulative(slope: FloatArray, step: float) -> FloatArray:
    """Integral of a smooth function from its first point to each, by cubics through four neighbours."""
    inner = (-slope[:-3] + 13 * slope[1:-2] + 13 * slope[2:-1] - slope[3:]) / 24
    first = (9 * slope[0] + 19 * slope[1] - 5 * slope[2] + slope[3]) / 24
    last = (9 * slope[-1] + 19 * slope[-2] - 5 * slope[-3] + slope[-4]) / 24
    return np.concatenate([[0.0], np.cumsum(np.concatenate([[first], inner, [last]]))]) * step


def _inverse(at: FloatArray, y: FloatArray, v: FloatArray, slope: FloatArray) -> FloatArray:
    """The y of given values of v(y), by cubics that meet value and slope on both sides."""
    place = np.clip(np.searchsorted(v, at) - 1, 0, len(v) - 2)
    width = v[place + 1] - v[place]
    t = (at - v[place]) / width
    rise, left, right = y[place + 1] - y[place], width / slope[place], width / slope[place + 1]
    curve = t * (t - 1) * ((left - rise) * (t - 1) + (right - rise) * t)
    return y[place] + rise * t + curve


def _rounded_up(patients: int) -> int:
    """The next of 0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, ..."""
    if patients < 3:
        return patients
    power = 2 ** (patients - 1).bit_length()
    return 3 * power // 4 if patients <= 3 * power // 4 else power
