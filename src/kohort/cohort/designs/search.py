"""Search for Simon's two-stage designs: minimax, optimal and all admissible ones between them.

The expected number EN(p0) of (n1, r1, n) does not depend on r, so for each n only candidates with an EN
below the best of all smaller n can be admissible; their error rates are checked as matrices over
(n1, r1). The search starts at the least n where *any* test of level alpha has the power (Neyman-Pearson,
randomised) and ends where every candidate's EN is above the best.

References:
    Simon R. Control Clin Trials 1989;10:1-10 (minimax, optimal).
    Jung SH et al. Stat Med 2004;23:561-569 (admissible: least q n + (1 - q) EN(p0) for some q in 0 ... 1).
"""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.designs.checks import check_errors, check_n_max, check_rates
from kohort.cohort.designs.two_stage import ROUNDING, DesignType, TwoStageDesign, hold_alpha
from kohort.errors import StatisticsError

__all__ = ["BinomialTables", "first_possible_n", "simon_two_stage"]

Array = NDArray[np.float64]


def simon_two_stage(p0: float, p1: float, alpha: float, beta: float, n_max: int = 100) -> list[TwoStageDesign]:
    """All admissible two-stage designs, from minimax (least n) to optimal (least EN at p0).

    Args:
        p0: response rate of no interest.
        p1: response rate of interest.
        alpha: largest probability of a positive cohort at p0.
        beta: largest probability of a negative cohort at p1.
        n_max: largest number of patients to consider; "optimal" means optimal up to it.

    Returns:
        Designs by increasing n; ``type`` says which it is and ``q_range`` for which weights q it minimises
        q n + (1 - q) EN(p0).

    Raises:
        StatisticsError: impossible rates, or no design with up to ``n_max`` patients.
    """
    check_rates(p0, p1)
    check_errors(alpha=alpha, beta=beta)
    check_n_max(n_max)
    best_by_n = _best_by_n(BinomialTables(p0, p1, n_max), alpha, beta, n_max)
    if not best_by_n:
        raise StatisticsError(
            f"No two-stage design of up to {n_max} patients tells {p0} from {p1} with alpha {alpha} and beta {beta}.",
            remedy="Allow a larger n_max or larger error rates.",
        )
    hull = _lower_hull(best_by_n)
    turns = [_indifferent_weight(left, right) for left, right in itertools.pairwise(hull)]
    lows, highs = [*turns, 0.0], [1.0, *turns]
    designs = []
    for place, (n, _, n1, r1) in enumerate(hull):
        widest = TwoStageDesign(r1, n1, n - 1, n, p0, p1)
        design = hold_alpha(widest, n1, n, alpha=alpha)
        designs.append(dataclasses.replace(design, type=_type(place, len(hull)), q_range=(lows[place], highs[place])))
    return designs


class BinomialTables:
    """Binomial probabilities at p0 (row 0) and p1 (row 1): ``point[i, n, x]`` and ``tail[i, n, k]``.

    ``tail[i, n, k]`` is P(Bin(n, p_i) >= k), for n and k from 0 to n_max, and k = n_max + 1.
    """

    def __init__(self, p0: float, p1: float, n_max: int) -> None:
        rate = np.array([[p0], [p1]])
        self.point: Array = np.zeros((2, n_max + 1, n_max + 2))
        self.point[:, 0, 0] = 1
        for n in range(1, n_max + 1):
            before = self.point[:, n - 1, : n + 1]
            self.point[:, n, : n + 1] = before * (1 - rate)
            self.point[:, n, 1 : n + 1] += before[:, :-1] * rate
        self.tail: Array = np.cumsum(self.point[:, :, ::-1], axis=2)[:, :, ::-1]


def first_possible_n(tables: BinomialTables, alpha: float, beta: float) -> int:
    """Least n at which the most powerful test of n patients has the power; n_max + 1 if none has.

    A test with looks is a function of n patients' responses, so it cannot beat that test at the same n
    (Neyman J, Pearson ES. Philos Trans R Soc A 1933;231:289-337).
    """
    null, active = tables.tail
    alpha += ROUNDING
    critical = (null > alpha).sum(axis=1)  # least k with P(X >= k) <= alpha
    rows = np.arange(null.shape[0])
    below = np.maximum(critical - 1, 0)
    share = (alpha - null[rows, critical]) / tables.point[0, rows, below]
    power = active[rows, critical] + share * tables.point[1, rows, below]
    enough = power >= 1 - beta - ROUNDING
    return int(enough.argmax()) if enough.any() else len(rows)


def _best_by_n(tables: BinomialTables, alpha: float, beta: float, n_max: int) -> list[tuple[int, float, int, int]]:
    """(n, EN, n1, r1) of least EN for each n that improves on all smaller n."""
    stopped_wrongly = 1 - tables.tail[1, :, 1:]  # P(X1 <= r1) at p1, for each n1 and r1
    allowed = stopped_wrongly <= beta + ROUNDING
    widest_r1 = int(allowed[:n_max].sum(axis=1).max())
    go_on = tables.tail[0, :, 1 : widest_r1 + 1]  # P(X1 > r1) at p0
    found: list[tuple[int, float, int, int]] = []
    best = math.inf
    for n in range(max(first_possible_n(tables, alpha, beta), 2), n_max + 1):
        top = n if math.isinf(best) else min(n, math.ceil(best))
        sizes = np.arange(1, top)
        expected = sizes[:, None] + go_on[1:top] * (n - sizes)[:, None]
        candidates = allowed[1:top, :widest_r1] & (expected < best)
        if not candidates.any():
            if n > best:
                break
            continue
        feasible = _feasible(tables, candidates, n, alpha, beta)
        if feasible.any():
            place = int(np.where(feasible, expected, math.inf).argmin())
            row, r1 = divmod(place, widest_r1)
            best = float(expected[row, r1])
            found.append((n, best, row + 1, r1))
    return found


def _feasible(
    tables: BinomialTables, candidates: NDArray[np.bool_], n: int, alpha: float, beta: float
) -> NDArray[np.bool_]:
    """Which candidates (n1 - 1, r1) meet both error rates with some r, for total size n."""
    top = candidates.shape[0] + 1
    met = np.zeros_like(candidates)
    largest_r = int((tables.tail[1, n, 1:] >= 1 - beta - ROUNDING).sum()) - 1
    for r in range(largest_r, -1, -1):
        width = min(candidates.shape[1], r + 1)
        # x1 <= r1 responders in stage 1, and the rest to more than r in stage 2: lost by stopping
        rest = tables.tail[:, n - 1 : n - top : -1, r + 1 - width + 1 : r + 2][:, :, ::-1]
        lost = np.cumsum(tables.point[:, 1:top, :width] * rest, axis=2)
        positive = tables.tail[:, n, r + 1, None, None] - lost
        level = candidates[:, :width] & (positive[0] <= alpha + ROUNDING)
        met[:, :width] |= level & (positive[1] >= 1 - beta - ROUNDING)
        if not level.any():
            break
    return met


def _lower_hull(points: list[tuple[int, float, int, int]]) -> list[tuple[int, float, int, int]]:
    """The points (n, EN, ...) on the lower convex hull; n rises and EN falls along ``points``."""
    hull: list[tuple[int, float, int, int]] = []
    for point in points:
        while len(hull) > 1 and _is_above(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _is_above(
    left: tuple[int, float, int, int], middle: tuple[int, float, int, int], right: tuple[int, float, int, int]
) -> bool:
    """True if ``middle`` lies on or above the line from ``left`` to ``right``."""
    return (middle[1] - left[1]) * (right[0] - left[0]) >= (right[1] - left[1]) * (middle[0] - left[0])


def _indifferent_weight(left: tuple[int, float, int, int], right: tuple[int, float, int, int]) -> float:
    """The weight q at which both have the same q n + (1 - q) EN."""
    saved = left[1] - right[1]
    return saved / (saved + right[0] - left[0])


def _type(place: int, count: int) -> DesignType:
    if count == 1:
        return "minimax and optimal"
    if place == 0:
        return "minimax"
    return "optimal" if place == count - 1 else "admissible"
