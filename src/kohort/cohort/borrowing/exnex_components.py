"""Several exchangeable components, as a sum over which cohort belongs to which.

With components 1 ... C the probability of the data is a sum over all ways to give each cohort to one of them,

    sum over assignments  prod_{c < C} I_c(S_c) * K(S_C),
    I_c(S) = integral over (mu_c, tau_c) of prod_{j in S} w_cj L_cj
    K(S)   = the same for the last component, with  w_Cj L_Cj + w_nex,j L_nex,j  for each cohort,

so that the last component takes up the cohorts on their own as well. An integral has the axes of one component
only, whatever their number, and is computed once for each subset and each distinct outcome of its cohorts.

References:
    Neuenschwander B et al. Robust exchangeability designs. Pharm Stat 2016;15:123-134 (two components and one of
    a cohort's own).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray
from kohort.cohort.borrowing.hierarchical_rates import HierarchicalRate, with_own_prior
from kohort.cohort.borrowing.hierarchical_tables import CellTables, CohortSettings, Hyper, cell_tables, list_cells
from kohort.cohort.borrowing.quadrature import Nodes
from kohort.errors import StatisticsError

__all__ = ["Components", "several_averages", "several_posterior"]

MOST_ASSIGNMENTS = 100_000
KEPT = 20_000_000
"""Numbers kept at a time for all subsets and assignments, 160 MB."""

NODES_AT_A_TIME = 500_000

Subset = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """What the components are.

    Attributes:
        hypers: nodes of each of C components.
        weights: (C, J) prior weights.
        settings: of the cohorts; its weight is not used.
    """

    hypers: tuple[Hyper, ...]
    weights: FloatArray
    settings: CohortSettings


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One component: its nodes' masses, (J,) logarithms of prior weights, (N, J) cells and their tables."""

    log_weights: FloatArray
    log_prior: FloatArray
    index: IntArray
    cells: CellTables


class _Integrals:
    """Integrals of each component over subsets of the cohorts of some data sets, each computed once."""

    def __init__(self, parts: list[_Part], rows: slice, name: Literal["above", "mean"]) -> None:
        self.parts = parts
        self.rows = rows
        self.name = name
        self.log: dict[tuple[int, Subset], FloatArray] = {}
        self.averages: dict[tuple[int, Subset], FloatArray] = {}

    def log_integral(self, place: int, subset: Subset) -> FloatArray:
        """(N,) logarithm of the component's integral over the cohorts in ``subset``."""
        if (place, subset) not in self.log:
            self._compute(place, subset)
        return self.log[place, subset]

    def average(self, place: int, subset: Subset) -> FloatArray:
        """(N, size) average of the asked table for each cohort in ``subset``, under the integral's weights."""
        self.log_integral(place, subset)
        return self.averages[place, subset]

    def nodes(self, place: int, subset: Subset) -> FloatArray:
        """(G,) weights of the nodes under the integral, for the first data set."""
        part = self.parts[place]
        weights = np.exp(self._log_nodes(part, part.index[:1, list(subset)])[0])
        return weights / weights.sum()

    def _compute(self, place: int, subset: Subset) -> None:
        part, columns = self.parts[place], list(subset)
        chosen = part.index[self.rows][:, columns]
        codes = np.zeros(len(chosen), dtype=np.int64)
        for column in chosen.T:  # distinct outcomes only; coded again each time, so that codes stay small
            codes = np.unique(codes * len(part.cells.mean) + column, return_inverse=True)[1].reshape(-1)
        _, first, back = np.unique(codes, return_index=True, return_inverse=True)
        outcomes = chosen[first]
        log_integral, averages = np.empty(len(outcomes)), np.empty(outcomes.shape)
        values = getattr(part.cells, self.name)
        step = max(1, NODES_AT_A_TIME // len(part.log_weights))
        for start in range(0, len(outcomes), step):
            rows = slice(start, start + step)
            log_nodes = self._log_nodes(part, outcomes[rows])
            top = log_nodes.max(axis=1, keepdims=True)
            weights = np.exp(log_nodes - top)
            total = weights.sum(axis=1)
            log_integral[rows] = top[:, 0] + np.log(total)
            for each in range(len(columns)):
                averages[rows, each] = np.einsum("ng,ng->n", weights, values[outcomes[rows, each]]) / total
        self.log[place, subset] = (log_integral + part.log_prior[columns].sum())[back.reshape(-1)]
        self.averages[place, subset] = averages[back.reshape(-1)]

    def _log_nodes(self, part: _Part, outcomes: IntArray) -> FloatArray:
        """(N, G) logarithms of the integrand at the nodes."""
        total = np.tile(part.log_weights, (len(outcomes), 1))
        for column in outcomes.T:
            total += part.cells.log_likelihood[column]
        return total


def several_averages(data: Counts, components: Components, p: FloatArray, name: Literal["above", "mean"]) -> FloatArray:
    """(N, J) posterior probabilities of a rate greater than ``p``, or means, for many data sets."""
    assignments = _assignments(components)
    parts = _parts(data, components, p)
    found = np.empty(data.n.shape)
    kept = len(assignments) + len(parts) * 2**data.cohorts * (data.cohorts + 1)
    step = max(1, KEPT // kept)
    for start in range(0, len(found), step):
        rows = slice(start, start + step)
        integrals = _Integrals(parts, rows, name)
        total = np.zeros(found[rows].shape)
        for (place, subset), share in _shares(assignments, integrals).items():
            total[:, subset] += share[:, None] * integrals.average(place, subset)
        found[rows] = total
    return np.clip(found, 0.0, 1.0)


def several_posterior(data: Counts, components: Components) -> tuple[tuple[HierarchicalRate, ...], FloatArray]:
    """Each cohort's rate given one data set, and the (J,) probabilities of being exchangeable in any component."""
    assignments = _assignments(components)
    parts = _parts(data, components, np.full(data.cohorts, 0.5))
    integrals = _Integrals(parts, slice(0, 1), "mean")
    weights = [np.zeros((data.cohorts, len(part.log_weights))) for part in parts]
    for (place, subset), share in _shares(assignments, integrals).items():
        weights[place][list(subset)] += share[0] * integrals.nodes(place, subset)
    weights[-1] *= parts[-1].cells.share[parts[-1].index[0]]
    every = np.concatenate(weights, axis=1)
    exchangeable = np.clip(every.sum(axis=1), 0.0, 1.0)
    at = _together([hyper.nodes() for hyper in components.hypers])
    own = components.settings
    rates = tuple(
        HierarchicalRate(
            int(data.responders[0, j]),
            int(data.n[0, j]),
            float(own.offset[j]),
            with_own_prior(at, every[j], float(own.nex_mean[j]), float(own.nex_sd[j])),
        )
        for j in range(data.cohorts)
    )
    return rates, exchangeable


def _together(every: list[Nodes]) -> Nodes:
    """The nodes of all components in one list."""
    arrays = ([each.mu for each in every], [each.tau for each in every])
    others = ([each.log_weights for each in every], [each.sharpest for each in every])
    return Nodes(*(np.concatenate(each) for each in (*arrays, *others)))


def _shares(assignments: list[tuple[int, ...]], integrals: _Integrals) -> dict[tuple[int, Subset], FloatArray]:
    """(N,) posterior probability that a component has just these cohorts, for every component and subset."""
    places = range(len(integrals.parts))
    groups = [
        [(place, tuple(j for j, to in enumerate(assignment) if to == place)) for place in places]
        for assignment in assignments
    ]
    logs = np.array([sum(integrals.log_integral(*group) for group in each) for each in groups])
    terms = np.exp(logs - logs.max(axis=0))
    terms /= terms.sum(axis=0)
    found: dict[tuple[int, Subset], FloatArray] = {}
    for each, term in zip(groups, terms, strict=True):
        for group in each:
            if group[1]:
                found[group] = found.get(group, 0) + term
    return found


def _assignments(components: Components) -> list[tuple[int, ...]]:
    """All ways to give each cohort to one of the components."""
    count, cohorts = components.weights.shape
    if count**cohorts > MOST_ASSIGNMENTS:
        raise StatisticsError(
            f"{cohorts} cohorts in {count} exchangeable components are more than {MOST_ASSIGNMENTS:,} assignments.",
            remedy="Use one exchangeable component, or fewer cohorts at a time.",
        )
    return list(itertools.product(range(count), repeat=cohorts))


def _parts(data: Counts, components: Components, p: FloatArray) -> list[_Part]:
    """Each component; the last one takes up the cohorts on their own."""
    settings, last = components.settings, len(components.hypers) - 1
    rest = np.clip(1 - components.weights.sum(axis=0), 0.0, 1.0)
    found = []
    for place, (hyper, weight) in enumerate(zip(components.hypers, components.weights, strict=True)):
        prior = weight + rest if place == last else weight
        share = weight / np.where(prior > 0, prior, 1.0)
        inner = CohortSettings(settings.offset, share, settings.nex_mean, settings.nex_sd)
        listing = list_cells(data, inner, p)
        with np.errstate(divide="ignore"):
            log_prior = np.log(prior)
        found.append(_Part(hyper.nodes().log_weights, log_prior, listing.index, cell_tables(listing, hyper)))
    return found
