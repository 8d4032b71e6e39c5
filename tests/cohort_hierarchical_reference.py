"""Hierarchical models by plain quadrature, slow and readable: a second opinion on the fast sums.

tau by Gauss-Legendre panels, mu by panels that break at every asked rate, theta by
Gauss-Legendre on both sides of the asked rate. Nothing of the package's integration is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from kohort.cohort import BHM, EXNEX

Array = NDArray[np.float64]
AT, WEIGHT = np.polynomial.legendre.leggauss(12)
EDGES = (0, 0.15, 0.4, 0.8, 1.3, 2, 3, 4, 5.5, 7.5, 10, 14, 20)


@dataclass(frozen=True)
class Plain:
    """Answers for J cohorts."""

    above: Array
    mean: Array
    standard_deviation: Array
    exchangeability: Array


def panels(edges: Array) -> tuple[Array, Array]:
    """Nodes and weights of Gauss-Legendre on every panel between neighbouring edges."""
    width = np.diff(edges)[:, None]
    return ((edges[:-1, None] + edges[1:, None] + width * AT) / 2).ravel(), (width * WEIGHT / 2).ravel()


def separate_logit_normal(r: int, n: int, mean: float, sd: float, p: float) -> tuple[float, float, float]:
    """Probability of the data, P(rate > p) and mean rate, if the log odds are N(mean, sd^2)."""
    split = logit(p)
    edges = np.unique([split, *(mean + sd * np.linspace(-9, 9, 37)), *np.linspace(-8, 6, 29)])
    x, weight = panels(edges)
    mass = np.exp(r * x + n * log_expit(-x) - ((x - mean) / sd) ** 2 / 2) * weight
    mass *= math.comb(n, r) / (sd * math.sqrt(2 * math.pi))
    total = mass.sum()
    return float(total), float(mass[x > split].sum() / total), float(mass @ expit(x) / total)


def pooled_logit_normal(r: list[int], n: list[int], mean: float, sd: float, p: float) -> tuple[float, float]:
    """P(rate > p) and mean rate of all cohorts as one."""
    _, above, average = separate_logit_normal(sum(r), sum(n), mean, sd, p)
    return above, average


def by_panels(model: BHM | EXNEX, responders: list[int], n: list[int], p: Array, widest: float = 5.5) -> Plain:
    """P(rate > p_j), means, standard deviations and probabilities of being exchangeable, one component."""
    cohorts = len(n)
    settings = model._cohort_settings(cohorts)
    prior = model._prior(cohorts)
    asked = logit(p) - settings.offset
    corners = [place + sign * edge for place in asked for edge in EDGES for sign in (-1, 1)]
    low, high = prior.mean - 6.5 * prior.sd, prior.mean + 6.5 * prior.sd
    mu, mu_weight = panels(np.unique(np.round([low, high, *(each for each in corners if low < each < high)], 9)))
    mu_weight = mu_weight * np.exp(-(((mu - prior.mean) / prior.sd) ** 2) / 2)
    u, u_weight = panels(np.linspace(0, 1, 5))  # tau from 0 to the widest, small ones closer
    tau = widest * prior.tau_scale * u**2
    tau_weight = u_weight * 2 * u * np.exp(-((tau / prior.tau_scale) ** 2) / 2)
    total = np.zeros((len(tau), len(mu)))
    tables = [_cohort(responders[j], n[j], settings, j, float(asked[j]), mu, tau) for j in range(cohorts)]
    for likelihood, *_ in tables:
        total += np.log(likelihood)
    weights = np.exp(total - total.max()) * tau_weight[:, None] * mu_weight
    weights /= weights.sum()
    above, mean, square, share = ([float((weights * each[k]).sum()) for each in tables] for k in (1, 2, 3, 4))
    spread = np.sqrt(np.array(square) - np.array(mean) ** 2)
    return Plain(np.array(above), np.array(mean), spread, np.array(share))


def _cohort(r: int, n: int, settings, j: int, asked: float, mu: Array, tau: Array) -> tuple[Array, ...]:
    """L, and P(rate > p), E(rate), E(rate^2) and the exchangeable share given mu and tau: (T, M) each."""
    offset, w = float(settings.offset[j]), float(settings.weight[j])
    theta_parts = [_theta(r, n, offset, asked, mu, each) for each in tau]
    joint = [np.array([part[k] for part in theta_parts]) for k in range(4)]
    own = _theta(r, n, offset, asked, np.array([settings.nex_mean[j]]), float(settings.nex_sd[j]), parts=40)
    likelihood, upper, first, second = (w * joint[k] + (1 - w) * own[k] for k in range(4))
    return likelihood, upper / likelihood, first / likelihood, second / likelihood, w * joint[0] / likelihood


def _theta(r: int, n: int, offset: float, asked: float, mu: Array, tau: float, parts: int = 6) -> tuple[Array, ...]:
    """Integrals over theta ~ N(mu, tau^2) of the likelihood, its part above, and with rate and rate^2."""
    found = np.zeros((4, len(mu)))
    split = np.clip((asked - mu) / tau, -9, 9)
    for low, high, is_above in ((np.full(len(mu), -9.0), split, False), (split, np.full(len(mu), 9.0), True)):
        for part in range(parts):
            a, b = low + (high - low) * part / parts, low + (high - low) * (part + 1) / parts
            z = (a + b)[:, None] / 2 + (b - a)[:, None] / 2 * AT
            x = mu[:, None] + tau * z + offset
            mass = np.exp(r * x + n * log_expit(-x) - z**2 / 2) * WEIGHT * (b - a)[:, None] / 2
            found[0] += mass.sum(axis=1)
            found[1] += mass.sum(axis=1) * is_above
            found[2] += (mass * expit(x)).sum(axis=1)
            found[3] += (mass * expit(x) ** 2).sum(axis=1)
    return tuple(found / math.sqrt(2 * math.pi))
