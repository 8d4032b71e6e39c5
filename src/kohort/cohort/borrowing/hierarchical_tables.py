"""What every outcome of every cohort says at every node: the tables that hierarchical models are summed from.

At a node g = (mu, tau) the cohorts are independent. With prior masses W_g and, for cohort j with its outcome,
L_j[g] = its probability, U_j[g] = P(rate > p | g, outcome) and M_j[g] = E(rate | g, outcome):

    probability of all outcomes = sum_g W_g prod_j L_j[g]
    P(rate_j > p | all outcomes) = sum_g w_g U_j[g],   w_g = W_g prod_j L_j[g] / sum of it

A cohort that is exchangeable with weight w and else follows a prior of its own (EXNEX) has
L = w L_ex + (1 - w) L_nex, and U and M are averages of both with these parts as weights.

References:
    Berry SM et al. Bayesian hierarchical modeling of patient subpopulations. Clin Trials 2013;10:720-734.
    Neuenschwander B et al. Robust exchangeability designs. Pharm Stat 2016;15:123-134.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray
from kohort.cohort.borrowing.quadrature import FixedSpread, HyperPrior, Information, Nodes, nodes
from kohort.cohort.borrowing.quadrature_cells import Cells, cell_integrals, node_integrals

__all__ = ["CellTables", "CohortSettings", "HierarchicalTables", "Hyper", "Listing", "cell_tables", "list_cells"]

ROWS_KEPT = 128
CELLS_KEPT = 2048
"""Single outcomes come back too: in a running programme most cohorts stand where they stood a moment ago."""


@dataclass(frozen=True, slots=True)
class HierarchicalTables:
    """Tables of one model for the possible outcomes of J cohorts.

    The probability of outcomes s_1 ... s_J is ``sum(exp(log_weights + sum_j log_likelihood[j][s_j]))``; over
    all outcomes they sum to 1. P(rate_j > p) is the mean of ``above[j][s_j]`` under these terms as weights.

    Attributes:
        log_weights: (G,) logarithms of the prior masses of the nodes.
        log_likelihood: for each cohort (S_j, G) log probabilities of its outcomes, binomial coefficient included.
        above: for each cohort (S_j, G) P(rate > p | node, outcome).
        mean: for each cohort (S_j, G) E(rate | node, outcome).
    """

    log_weights: FloatArray
    log_likelihood: tuple[FloatArray, ...]
    above: tuple[FloatArray, ...]
    mean: tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CohortSettings:
    """What a hierarchical model sets for each of J cohorts; arrays of shape (J,).

    Attributes:
        offset: added to theta to give the log odds of response.
        weight: prior weight of the exchangeable component; 1 where there is no other.
        nex_mean: prior mean of theta of a cohort on its own.
        nex_sd: its prior standard deviation.
    """

    offset: FloatArray
    weight: FloatArray
    nex_mean: FloatArray
    nex_sd: FloatArray

    @property
    def columns(self) -> FloatArray:
        """(J, 4) all settings."""
        return np.column_stack([self.offset, self.weight, self.nex_mean, self.nex_sd])


@dataclass(frozen=True, slots=True)
class Hyper:
    """One set of nodes, by what it is made of."""

    prior: HyperPrior | FixedSpread
    information: Information
    resolution: float

    def nodes(self) -> Nodes:
        """The nodes."""
        return nodes(self.prior, self.information, self.resolution)


@dataclass(frozen=True, slots=True, eq=False)
class CellTables:
    """Tables of C cells at G nodes, arrays of shape (C, G).

    Attributes:
        log_likelihood: logarithms of L.
        above: P(rate > p | node, cell).
        mean: E(rate | node, cell).
        square: E(rate^2 | node, cell).
        share: probability of being exchangeable, given node and cell.
    """

    log_likelihood: FloatArray
    above: FloatArray
    mean: FloatArray
    square: FloatArray
    share: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """The distinct cells of many data sets.

    Attributes:
        kinds: (K, 5) offset, weight, nex_mean, nex_sd and the asked log odds of each kind of cohort.
        kind: (C,) kind of each cell.
        n: (C,) evaluable patients.
        responders: (C,) responders.
        index: (N, J) place of each cohort's cell.
    """

    kinds: FloatArray
    kind: IntArray
    n: IntArray
    responders: IntArray
    index: IntArray


def list_cells(data: Counts, settings: CohortSettings, p: FloatArray) -> Listing:
    """The distinct (settings, n, responders) of many data sets, ``p`` (J,) among the settings."""
    with np.errstate(divide="ignore"):
        threshold = np.log(np.clip(p, 0, 1)) - np.log1p(-np.clip(p, 0, 1))
    kinds, kind = np.unique(np.column_stack([settings.columns, threshold]), axis=0, return_inverse=True)
    base = int(data.n.max(initial=0)) + 1
    codes = (kind.reshape(-1) * base + data.n) * base + data.responders
    seen = np.zeros(len(kinds) * base * base, dtype=np.bool_)
    seen[codes] = True
    found = np.flatnonzero(seen)
    place = np.empty(len(seen), dtype=np.int64)
    place[found] = np.arange(len(found))
    return Listing(kinds, found // base**2, found // base % base, found % base, place[codes])


def cell_tables(listing: Listing, hyper: Hyper) -> CellTables:
    """Tables of all listed cells; where most outcomes of a cohort occur, of all its outcomes; they are kept."""
    rows = (listing.kind * (int(listing.n.max(initial=0)) + 1) + listing.n).tolist()
    parts: list[CellTables] = []
    for row in dict.fromkeys(rows):
        cells = np.flatnonzero(np.equal(rows, row))
        kind, n = tuple(listing.kinds[listing.kind[cells[0]]].tolist()), int(listing.n[cells[0]])
        seen = listing.responders[cells]
        if 2 * len(seen) > n:
            parts.append(_taken(_row(kind, n, hyper), seen))
        else:
            parts += [_cell(kind, n, count, hyper) for count in seen.tolist()]
    return CellTables(*(np.concatenate([getattr(part, name) for part in parts]) for name in CellTables.__slots__))


def _taken(row: CellTables, responders: IntArray) -> CellTables:
    return CellTables(*(getattr(row, name)[responders] for name in CellTables.__slots__))


@functools.lru_cache(maxsize=ROWS_KEPT)
def _row(kind: tuple[float, ...], n: int, hyper: Hyper) -> CellTables:
    return _mixed(kind, n, np.arange(n + 1), hyper)


@functools.lru_cache(maxsize=CELLS_KEPT)
def _cell(kind: tuple[float, ...], n: int, responders: int, hyper: Hyper) -> CellTables:
    return _mixed(kind, n, np.array([responders]), hyper)


def _mixed(kind: tuple[float, ...], n: int, responders: IntArray, hyper: Hyper) -> CellTables:
    """Tables of some outcomes of one kind of cohort, exchangeable and on its own taken together."""
    offset, weight, nex_mean, nex_sd, threshold = kind
    at, one = hyper.nodes(), np.ones(len(responders))
    cells = Cells(responders.astype(np.float64), n * one, offset * one, threshold * one)
    own = cell_integrals(cells, np.array([nex_mean]), np.array([nex_sd]))
    joint = node_integrals(cells, at)
    with np.errstate(divide="ignore"):
        inside, outside = np.log(weight) + joint.log_likelihood, np.log1p(-weight) + own.log_likelihood
    log_likelihood = np.logaddexp(inside, outside)
    share = np.exp(inside - log_likelihood)
    above, mean, square = (
        share * getattr(joint, name) + (1 - share) * getattr(own, name) for name in ("above", "mean", "square")
    )
    return CellTables(log_likelihood, above, mean, square, share)
