"""Sums over the nodes of a hierarchical model, for many data sets at once.

How often each distinct outcome (settings, n, responders) occurs in a data set, times the table of log L, gives the
log weight of every node; the weights, times the table of U or M, give the answer for every outcome, of which each
cohort takes its own. Both are matrix products. Where data sets have few outcomes in common, rows are added.

References:
    Golub GH, Van Loan CF. Matrix Computations, 4th ed., Johns Hopkins 2013, chapter 1 (products by blocks that
    stay in a core's cache).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.maths.threads import one_thread

__all__ = ["averages", "node_weights"]

BLOCK = 130_000
"""Weights computed at a time, 1 MB: what stays in a core's cache."""

CELLS_PER_COHORT = 25
"""With more distinct outcomes a cohort than this, adding rows is faster than multiplying matrices."""

LEAST_WEIGHT = 1e-200
"""Of the weights of a data set relative to what its cohorts could have at best, before they are summed anew."""


def averages(index: IntArray, log_weights: FloatArray, log_likelihood: FloatArray, values: FloatArray) -> FloatArray:
    """(N, J) averages of the table ``values`` for many data sets, each over its own weights of the nodes.

    Blocks of data sets are shared between the cores.

    Args:
        index: (N, J) cells of the data sets.
        log_weights: (G,) logarithms of prior masses.
        log_likelihood: (C, G) log L of the cells.
        values: (C, G) what is averaged, from 0 to 1.
    """
    table = _relative(log_weights, log_likelihood)
    turned = np.ascontiguousarray(np.vstack([values, np.ones(len(log_weights))]).T)
    found = np.empty(index.shape)
    step = max(1, BLOCK // len(log_weights))

    def fill(start: int) -> None:
        part = index[start : start + step]
        weights = _log_node_weights(part, table)
        found[start : start + step] = _weighed(np.exp(weights, out=weights), turned, values, part)

    starts = range(0, len(index), step)
    if len(starts) == 1:
        fill(0)
    else:
        with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(fill, starts))
    for row in np.flatnonzero(np.isnan(found[:, 0])).tolist():
        weights = node_weights(index[row : row + 1], log_weights, log_likelihood)
        found[row] = values[index[row]] @ weights[0]
    return np.clip(found, 0.0, 1.0, out=found)


def node_weights(index: IntArray, log_weights: FloatArray, log_likelihood: FloatArray) -> FloatArray:
    """(N, G) posterior weights of the nodes for each data set; each row sums to 1."""
    weights = _log_node_weights(index, _relative(log_weights, log_likelihood))
    weights = np.exp(weights - weights.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def _relative(log_weights: FloatArray, log_likelihood: FloatArray) -> FloatArray:
    """(C + 1, G) log L relative to each cell's greatest, and the log masses: sums of rows seldom underflow."""
    return np.vstack([log_likelihood - log_likelihood.max(axis=1, keepdims=True), log_weights])


def _log_node_weights(index: IntArray, table: FloatArray) -> FloatArray:
    """(N, G) sums of the rows of each data set's cells and of the last row."""
    cells = len(table)
    if not _is_product_faster(index, cells):
        weights = table[-1] + table[index[:, 0]]
        for column in index.T[1:]:
            weights += table[column]
        return weights
    places = (np.arange(len(index))[:, None] * cells + index).ravel()
    occurs = np.bincount(places, minlength=len(index) * cells).reshape(len(index), cells).astype(np.float64)
    occurs[:, -1] = 1.0
    return occurs @ table


def _weighed(weights: FloatArray, turned: FloatArray, values: FloatArray, index: IntArray) -> FloatArray:
    """(N, J) averages of each cohort's row of ``values``; not a number where weights underflow.

    ``turned`` is (G, C + 1), the same values and ones.
    """
    if _is_product_faster(index, turned.shape[1]):
        sums = weights @ turned
        total, answers = sums[:, -1:], np.take_along_axis(sums, index, axis=1)
    else:
        total = weights.sum(axis=1, keepdims=True)
        answers = np.stack([np.einsum("ng,ng->n", weights, values[column]) for column in index.T], axis=1)
    return answers / np.where(total > LEAST_WEIGHT, total, np.nan)


def _is_product_faster(index: IntArray, cells: int) -> bool:
    """Whether products of matrices over all cells are faster than adding the rows of J cells."""
    return cells <= CELLS_PER_COHORT * index.shape[1] + 1
