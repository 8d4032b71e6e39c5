"""The response rates of sister trials as draws from one distribution: the overall rate, and that of a new trial.

Two models of trials i with x_i responders of n_i patients:

* ``LogitNormal``: logit p_i = theta_i ~ N(mu, tau^2), mu ~ N(logit centre, spread^2), tau half-normal(tau_scale);
  the overall rate is that of the middle trial, logistic(mu). The hierarchical model of Berry without an offset.
* ``BetaBinomial``: p_i ~ Beta(m s, (1 - m) s), m ~ Beta(shape), and the intraclass correlation
  rho = 1 / (1 + s) ~ Beta(intraclass); the overall rate is the mean m.

The rate of a trial not yet seen is p_new ~ the same distribution, averaged over the posterior of its parameters: wider
than the overall rate, because a new trial may differ from the others as much as they do.

Both are integrated over a grid: the overall rate on its logit, in panels of Gauss-Legendre nodes over the range where
the posterior exceeds exp(-40) of its greatest value; the spread by Gauss-Legendre nodes in its prior's probability.
Of a logit-normal trial the density of theta is the integral over z of that of (mu, tau) at mu = theta - tau z, smooth
down to tau = 0, where a sum over nodes of mu would be a staircase. ``numeric_error`` is the greatest change of the two
distributions when both axes get two thirds of the nodes.

References:
    Berry SM, Broglio KR, Groshen S, Berry DA. Clin Trials 2013;10:720-734 (hierarchical model of response rates).
    Skellam JG. J R Stat Soc B 1948;10:257-261 (beta-binomial).
    Higgins JPT, Thompson SG, Spiegelhalter DJ. J R Stat Soc A 2009;172:137-159 (rate of a new trial).
    Friede T, Roever C, Wandel S, Neuenschwander B. Res Synth Methods 2017;8:79-91 (half-normal(0.5) for few trials).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, expit, gammaln, log_expit, logit, ndtri

from kohort.cohort.borrowing.data import Counts, FloatArray
from kohort.cohort.borrowing.mixture import BetaMixture
from kohort.cohort.borrowing.posterior import RateDistribution
from kohort.cohort.borrowing.quadrature_cells import Cells, cell_integrals, gauss_legendre
from kohort.cohort.countries.rates import PANEL_NODES, PanelRate, at_panels, panel_nodes
from kohort.errors import StatisticsError

__all__ = ["BetaBinomial", "BetweenModel", "BetweenTrials", "LogitNormal"]

CUT = 40.0
SEARCH_POINTS = 201
PANELS, SPREAD_NODES = 30, 24
NORMAL_NODES, NORMAL_REACH = 48, 8.0
LEAST_WEIGHT = 1e-15
CHECKED_RATES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)


@dataclass(frozen=True, slots=True, eq=False)
class BetweenTrials:
    """What sister trials say together.

    Attributes:
        model: the model in words, with its settings.
        overall: the overall rate.
        new_trial: the rate of a trial not yet seen.
        trials: the rate of each trial, drawn towards the others.
        spread: posterior mean of the spread between trials: tau (LogitNormal) or rho (BetaBinomial).
        numeric_error: greatest absolute error of the probabilities, as far as the coarser grid shows.
    """

    model: str
    overall: RateDistribution
    new_trial: RateDistribution
    trials: tuple[RateDistribution, ...]
    spread: float
    numeric_error: float


class _Grid(NamedTuple):
    """The posterior at spreads (S,) and logits of the overall rate, which lie in panels (P, 8).

    ``terms`` (K, S, P, 8) are the trials' log likelihoods, ``log_density`` (S, P, 8) the logarithm of the joint density
    of spread (times its quadrature weight) and logit, up to a constant.
    """

    edges: FloatArray
    spread: FloatArray
    terms: FloatArray
    log_density: FloatArray

    @property
    def weight(self) -> FloatArray:
        """(S, P, 8) probabilities of the nodes."""
        mass = np.exp(self.log_density - self.log_density.max()) * panel_nodes(self.edges)[1]
        return mass / mass.sum()

    @property
    def overall(self) -> PanelRate:
        """The overall rate."""
        return PanelRate.scaled(self.edges, np.exp(self.log_density - self.log_density.max()).sum(axis=0))


Terms = Callable[[FloatArray, FloatArray], FloatArray]
"""Log likelihoods (K, S, G) of K trials at (G,) logits and (S,) spreads."""


@dataclass(frozen=True, slots=True)
class LogitNormal:
    """Trials whose log odds of response are normal.

    Attributes:
        centre: prior middle of the overall rate.
        spread: prior standard deviation of its log odds.
        tau_scale: scale of the half-normal prior of the spread between trials, on log odds.
    """

    centre: float = 0.2
    spread: float = 2.0
    tau_scale: float = 0.5

    def __post_init__(self) -> None:
        """Refuse priors that are none."""
        if not (0 < self.centre < 1 and 0 < self.spread < np.inf and 0 < self.tau_scale < np.inf):
            raise StatisticsError(f"{self} is no prior.", remedy="Give 0 < centre < 1 and scales above 0.")

    def fit(self, responders: Sequence[int], evaluable: Sequence[int]) -> BetweenTrials:
        """The overall rate and that of a new trial.

        Args:
            responders: (K,) responders, one number a trial.
            evaluable: (K,) evaluable patients.

        Raises:
            StatisticsError: impossible counts.
        """
        x, n = _checked(responders, evaluable)
        grid, coarse = (self._grid(x, n, size) for size in (1.0, 2 / 3))
        new, coarse_new = (_normal_trial(at) for at in (grid, coarse))
        return BetweenTrials(
            model=f"logit-normal, mu ~ N(logit {self.centre:g}, {self.spread:g}^2), tau ~ HN({self.tau_scale:g})",
            overall=grid.overall,
            new_trial=new,
            trials=tuple(_normal_trial(grid, trial, (x[trial], n[trial])) for trial in range(len(x))),
            spread=float(grid.weight.sum(axis=(1, 2)) @ grid.spread),
            numeric_error=_error((grid.overall, coarse.overall), (new, coarse_new)),
        )

    def _grid(self, x: FloatArray, n: FloatArray, size: float) -> _Grid:
        middle = float(logit(self.centre))
        cells = Cells(x, n, np.zeros_like(x), np.zeros_like(x))

        def spreads(nodes: int) -> tuple[FloatArray, FloatArray]:
            at, weight = gauss_legendre(nodes)
            return self.tau_scale * ndtri((1 + at) / 2), weight

        def log_prior(mu: FloatArray) -> FloatArray:
            return -(((mu - middle) / self.spread) ** 2) / 2

        def terms(mu: FloatArray, tau: FloatArray) -> FloatArray:
            tau, mu = np.broadcast_arrays(tau[:, None], mu)
            return cell_integrals(cells, mu.ravel(), tau.ravel()).log_likelihood.reshape(-1, *mu.shape)

        reach = (middle - 9 * self.spread, middle + 9 * self.spread)
        return _grid(terms, log_prior, spreads, reach, size)


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """Trials whose response rates follow a Beta distribution.

    Attributes:
        shape: Beta prior of the mean rate.
        intraclass: Beta prior of the intraclass correlation; its mean is 0.1 by default.
    """

    shape: tuple[float, float] = (1.0, 1.0)
    intraclass: tuple[float, float] = (1.0, 9.0)

    def __post_init__(self) -> None:
        """Refuse priors that are none."""
        if not all(0 < each < np.inf for each in (*self.shape, *self.intraclass)):
            raise StatisticsError(f"{self} is no prior.", remedy="Give shapes above 0.")

    def fit(self, responders: Sequence[int], evaluable: Sequence[int]) -> BetweenTrials:
        """The overall rate and that of a new trial.

        Args:
            responders: (K,) responders, one number a trial.
            evaluable: (K,) evaluable patients.

        Raises:
            StatisticsError: impossible counts.
        """
        x, n = _checked(responders, evaluable)
        grid, coarse = (self._grid(x, n, size) for size in (1.0, 2 / 3))
        new, coarse_new = (_beta_trial(at) for at in (grid, coarse))
        return BetweenTrials(
            model=f"beta-binomial, mean ~ Beta{self.shape}, intraclass correlation ~ Beta{self.intraclass}",
            overall=grid.overall,
            new_trial=new,
            trials=tuple(_beta_trial(grid, (r, size)) for r, size in zip(x.tolist(), n.tolist(), strict=True)),
            spread=float(grid.weight.sum(axis=(1, 2)) @ grid.spread),
            numeric_error=_error((grid.overall, coarse.overall), (new, coarse_new)),
        )

    def new_trial(self, responders: Sequence[int], evaluable: Sequence[int]) -> BetaMixture:
        """The rate of a trial not yet seen, as a mixture of Beta distributions; see :meth:`fit`."""
        return _beta_trial(self._grid(*_checked(responders, evaluable), 1.0))

    def _grid(self, x: FloatArray, n: FloatArray, size: float) -> _Grid:
        def spreads(nodes: int) -> tuple[FloatArray, FloatArray]:
            at, weight = gauss_legendre(nodes)
            return betaincinv(*self.intraclass, at), weight

        def log_prior(logits: FloatArray) -> FloatArray:
            # the density of the logit of a Beta: p^a (1 - p)^b
            return self.shape[0] * log_expit(logits) + self.shape[1] * log_expit(-logits)

        def terms(logits: FloatArray, rho: FloatArray) -> FloatArray:
            a, b = _shapes(logits, rho)
            return np.array([_rise(a, r) + _rise(b, s - r) - _rise(a + b, s) for r, s in zip(x, n, strict=True)])

        reach = (-min(CUT / self.shape[0], 300.0), min(CUT / self.shape[1], 300.0))
        return _grid(terms, log_prior, spreads, reach, size)


BetweenModel = LogitNormal | BetaBinomial


def _rise(a: FloatArray, steps: float) -> FloatArray:
    """Log of a (a + 1) ... (a + steps - 1)."""
    return gammaln(a + steps) - gammaln(a)


def _shapes(logits: FloatArray, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shapes m s and (1 - m) s of the Beta distribution of trials, (S, G)."""
    size = ((1 - rho) / rho)[:, None]
    return expit(logits) * size, expit(-logits) * size


def _checked(responders: Sequence[int], evaluable: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    data = Counts.of([responders], [evaluable])
    return data.responders[0].astype(np.float64), data.n[0].astype(np.float64)


def _grid(
    terms: Terms,
    log_prior: Callable[[FloatArray], FloatArray],
    spreads: Callable[[int], tuple[FloatArray, FloatArray]],
    reach: tuple[float, float],
    size: float,
) -> _Grid:
    """The posterior on a grid; ``size`` 1 is the full number of nodes."""
    search = np.linspace(*reach, SEARCH_POINTS)
    height = (terms(search, spreads(6)[0]).sum(axis=0) + log_prior(search)).max(axis=0)
    found = np.flatnonzero(height > height.max() - CUT)
    ends = search[max(found[0] - 1, 0)], search[min(found[-1] + 1, SEARCH_POINTS - 1)]
    edges = np.linspace(*ends, round(PANELS * size) + 1)
    logits = panel_nodes(edges)[0].ravel()
    spread, weight = spreads(round(SPREAD_NODES * size))
    each = terms(logits, spread)
    joint = each.sum(axis=0) + log_prior(logits) + np.log(weight)[:, None]
    shape = (len(spread), -1, PANEL_NODES)
    return _Grid(edges, spread, each.reshape(len(each), *shape), joint.reshape(shape))


def _beta_trial(grid: _Grid, seen: tuple[float, float] = (0.0, 0.0)) -> BetaMixture:
    """The rate of a new trial, or of a trial that saw responders of patients (which the grid counts already)."""
    weight = grid.weight.reshape(len(grid.spread), -1)
    a, b = _shapes(panel_nodes(grid.edges)[0].ravel(), grid.spread)
    kept = weight > LEAST_WEIGHT
    responders, n = seen
    return BetaMixture(weight[kept] / weight[kept].sum(), a[kept] + responders, b[kept] + n - responders)


def _normal_trial(grid: _Grid, trial: int | None = None, seen: tuple[float, float] = (0.0, 0.0)) -> PanelRate:
    """The same where log odds are normal; ``trial`` is the trial's place in the grid's terms."""
    width = grid.edges[1] - grid.edges[0]
    more = int(np.ceil(NORMAL_REACH * float(grid.spread.max()) / width))
    edges = np.concatenate(
        (grid.edges[0] - width * np.arange(more, 0, -1), grid.edges, grid.edges[-1] + width * np.arange(1, more + 1))
    )
    theta = panel_nodes(edges)[0].ravel()
    at, weight = gauss_legendre(NORMAL_NODES)
    z = NORMAL_REACH * (2 * at - 1)
    weight = weight * np.exp(-(z**2) / 2)
    log_others = grid.log_density if trial is None else grid.log_density - grid.terms[trial]
    top = log_others.max()
    total = np.zeros_like(theta)
    for tau, values in zip(grid.spread, np.exp(log_others - top), strict=True):
        total += at_panels(grid.edges, values, theta[:, None] - tau * z) @ weight
    responders, n = seen
    log_likelihood = responders * log_expit(theta) + (n - responders) * log_expit(-theta)
    density = np.maximum(total, 0) * np.exp(log_likelihood - log_likelihood.max())
    return PanelRate.scaled(edges, density.reshape(-1, PANEL_NODES))


def _error(*pairs: tuple[RateDistribution, RateDistribution]) -> float:
    return max(abs(fine.below(p) - coarse.below(p)) for fine, coarse in pairs for p in CHECKED_RATES)
