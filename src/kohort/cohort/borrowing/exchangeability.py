"""Exact sums over all symmetric exchangeability matrices, without listing them.

J cohorts have 2^(J(J-1)/2) symmetric 0/1 matrices M with unit diagonal. If the weight of a matrix is a product
of one function for each row, the entries above the diagonal form a chain of rows: after the first k rows only
the k (J - k) entries between those and the rest still matter. Summing row by row forwards and backwards gives
the posterior of every row: at most 2^(J^2/4) numbers at a time instead of 2^(J(J-1)/2). Seven cohorts have
2,097,152 matrices, and the largest table has 4,096 entries.

All sums are of logarithms; each step subtracts the greatest term, and entries that would underflow even so are
added up without leaving the logarithms.

References:
    Kschischang FR, Frey BJ, Loeliger H-A. IEEE Trans Inf Theory 2001;47:498-519 (sums of products by
    forward and backward messages); Hobbs BP, Landin R. Stat Med 2018;37:3557-3572 (the models summed over).
"""

from __future__ import annotations

import numpy as np

from kohort.cohort.borrowing.data import FloatArray

__all__ = ["largest_table", "row_posteriors", "subsets"]

UNDERFLOW = 1e-250
LARGEST_FOR_BLAS = 2**16


def largest_table(cohorts: int) -> int:
    """Entries of the largest table in the sum over the matrices of J cohorts."""
    return 2 ** max(k * (cohorts - k) for k in range(1, cohorts + 1))


def subsets(cohorts: int, row: int) -> FloatArray:
    """(2^(J-1), J) memberships of the sets that hold cohort ``row``, in the order of ``row_posteriors``."""
    others = [j for j in range(cohorts) if j != row]
    count = 2 ** len(others)
    found = np.ones((count, cohorts))
    for place, other in enumerate(others):
        found[:, other] = np.arange(count) >> (len(others) - 1 - place) & 1
    return found


def row_posteriors(rows: list[FloatArray]) -> list[FloatArray]:
    """Posterior probabilities of what each row of the matrix is.

    Args:
        rows: for each of J cohorts the (N, 2^(J-1)) log weights of the sets that may be its row, in the order
            of ``subsets``; minus infinity for what is impossible.

    Returns:
        For each cohort (N, 2^(J-1)) probabilities of those sets.
    """
    cohorts, many = len(rows), len(rows[0])
    blocks = [row.reshape(many, 2**k, 2 ** (cohorts - 1 - k)) for k, row in enumerate(rows)]
    forwards = [np.zeros((many, 1))]
    for k in range(cohorts - 1):
        message = forwards[k].reshape(many, 2**k, -1)
        forwards.append(_weave(_log_product(message.swapaxes(1, 2), blocks[k]), k, cohorts))
    found: list[FloatArray] = []
    backward = np.zeros((many, 1))
    for k in reversed(range(cohorts)):
        ahead = _unweave(backward, k, cohorts)
        forward = forwards[k].reshape(many, 2**k, -1)
        found.append(_normalised((blocks[k] + _log_product(forward, ahead)).reshape(many, -1)))
        backward = _log_product(blocks[k], ahead.swapaxes(1, 2)).reshape(many, -1)
    return found[::-1]


def _weave(message: FloatArray, k: int, cohorts: int) -> FloatArray:
    """From (N, entries of rows before k with later rows, entries of row k) to later row by later row."""
    later = cohorts - 1 - k
    split = message.reshape(-1, *[2**k] * later, *[2] * later)
    order = [0] + [axis for q in range(later) for axis in (1 + q, 1 + later + q)]
    return split.transpose(order).reshape(len(message), -1)


def _unweave(message: FloatArray, k: int, cohorts: int) -> FloatArray:
    """The inverse of ``_weave``."""
    later = cohorts - 1 - k
    split = message.reshape(-1, *[size for _ in range(later) for size in (2**k, 2)])
    order = [0, *range(1, 2 * later, 2), *range(2, 2 * later + 1, 2)]
    return split.transpose(order).reshape(len(message), 2 ** (k * later), 2**later)


def _log_product(left: FloatArray, right: FloatArray) -> FloatArray:
    """Log of the matrix product of exp(left), (N, A, K), and exp(right), (N, K, B)."""
    if left.shape[2] == 1:
        return left + right
    top_left, top_right = _finite(left.max(axis=2, keepdims=True)), _finite(right.max(axis=1, keepdims=True))
    product = _product(np.exp(left - top_left), np.exp(right - top_right))
    lost = product < UNDERFLOW
    product[lost] = 1.0
    found = np.log(product) + top_left + top_right
    if lost.any():
        data, i, j = np.nonzero(lost)
        found[lost] = np.logaddexp.reduce(left[data, i, :] + right[data, :, j], axis=1)
    return found


def _product(left: FloatArray, right: FloatArray) -> FloatArray:
    # Waking the threads of a BLAS takes longer than these products, and its sums depend on how many there are.
    if left.shape[1] * left.shape[2] * right.shape[2] > LARGEST_FOR_BLAS:
        return np.einsum("nak,nkb->nab", left, right)
    return left @ right


def _finite(top: FloatArray) -> FloatArray:
    return np.where(np.isfinite(top), top, 0.0)


def _normalised(logs: FloatArray) -> FloatArray:
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
