"""Local exchangeability (local MEM): cohorts fall into blocks of equal rate, and borrow inside the best block.

P(partition | r) ~ K^delta prod_blocks B(a + sum r, b + sum (n - r)) / B(a, b); similarity s_ij is the probability
that i and j share a block. p_i | r ~ Beta(a + sum s_ij r_j, b + sum s_ij (n_j - r_j)) over the block of i in the
best partition. Liu Y et al. Stat Med 2022;41:4367-4384.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np
import pytest

from kohort.cohort.borrowing.local_mem import LocalMEM, partitions
from kohort.errors import StatisticsError

RESPONDERS, PATIENTS = [8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7]
"""The vemurafenib basket trial: Hyman DM et al. N Engl J Med 2015;373:726-736."""


def blocks_of(cohorts: int) -> list[list[list[int]]]:
    """All partitions of the cohorts, by adding one cohort at a time."""
    if cohorts == 0:
        return [[]]
    last = cohorts - 1
    found: list[list[list[int]]] = []
    for smaller in blocks_of(last):
        for place in range(len(smaller)):
            found.append([[*block, last] if k == place else block for k, block in enumerate(smaller)])
        found.append([*smaller, [last]])
    return found


def exact_similarity(responders: list[int], n: list[int], delta: int) -> tuple[list[list[Fraction]], list[list[int]]]:
    """Similarity in exact fractions and the best partition; flat prior, B(1 + r, 1 + f) = r! f! / (r + f + 1)!."""
    weighed: list[tuple[Fraction, list[list[int]]]] = []
    for blocks in blocks_of(len(n)):
        weight = Fraction(len(blocks) ** delta)
        for block in blocks:
            r, size = sum(responders[j] for j in block), sum(n[j] for j in block)
            weight *= Fraction(factorial(r) * factorial(size - r), factorial(size + 1))
        weighed.append((weight, blocks))
    total = sum(weight for weight, _ in weighed)
    together = [
        [
            Fraction(sum(w for w, blocks in weighed if any(i in block and j in block for block in blocks))) / total
            for j in range(len(n))
        ]
        for i in range(len(n))
    ]
    return together, max(weighed, key=lambda each: each[0])[1]


@pytest.mark.parametrize("delta", [0, 2])
def test_similarity_is_a_sum_over_all_partitions(delta: int):
    """203 partitions of six cohorts, against exact fractions."""
    similarity, best = exact_similarity(RESPONDERS, PATIENTS, delta)
    posterior = LocalMEM(p0=0.15, shape=(1, 1), delta=delta).fit(RESPONDERS, PATIENTS)
    assert posterior.exchangeability == pytest.approx(np.array(similarity, dtype=float), abs=1e-12)
    shared = np.array([[any(i in b and j in b for b in best) for j in range(6)] for i in range(6)])
    assert posterior.weights == pytest.approx(np.where(shared, np.array(similarity, dtype=float), 0), abs=1e-12)


def test_a_cohort_borrows_inside_its_block_only():
    """In the vemurafenib trial the cohorts with responders form a block, and those with few another."""
    posterior = LocalMEM(p0=0.15).fit(RESPONDERS, PATIENTS)
    assert posterior.weights is not None
    borrows = [np.flatnonzero(row > 0).tolist() for row in posterior.weights]
    assert borrows == [[0, 4, 5], [1, 2], [1, 2], [3], [0, 4, 5], [0, 4, 5]]
    a = 0.5 + posterior.weights @ RESPONDERS
    assert posterior.mean == pytest.approx(a / (1 + posterior.weights @ PATIENTS), abs=1e-12)


def test_partition_probabilities_sum_to_one():
    """One probability for each of the 203 partitions, in the order of ``partitions``."""
    probabilities = LocalMEM(p0=0.15).partition_probabilities([RESPONDERS], PATIENTS)
    assert probabilities.shape == (1, 203)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert partitions(6)[probabilities.argmax()].tolist() == [0, 1, 1, 2, 0, 0]


def test_the_number_of_partitions_is_bells():
    """1, 2, 5, 15, 52, 203, ..., each once."""
    assert [len(partitions(cohorts)) for cohorts in range(1, 8)] == [1, 2, 5, 15, 52, 203, 877]
    assert len(np.unique(partitions(6), axis=0)) == 203


def test_more_blocks_are_favoured_by_delta():
    """Greater delta, less borrowing."""
    borrowed = [LocalMEM(p0=0.15, delta=delta).fit([3, 4, 5], [10] * 3).effective_sample_size for delta in (0, 2, 6)]
    assert (borrowed[0] >= borrowed[1]).all()
    assert (borrowed[1] >= borrowed[2]).all()


def test_equally_good_partitions_share_the_borrowing():
    """Two equal cohorts, one between them: whichever block is best by a tie, equal cohorts get equal numbers."""
    model = LocalMEM(p0=0.15, delta=3.0)
    posterior = model.fit([1, 5, 9], [10] * 3)
    mirrored = model.fit([9, 5, 1], [10] * 3)
    assert posterior.mean == pytest.approx(mirrored.mean[::-1], abs=1e-12)
    assert posterior.weights is not None
    assert posterior.weights[1, 0] == pytest.approx(posterior.weights[1, 2], abs=1e-12)


def test_too_many_cohorts_are_refused():
    """Ten cohorts have 115,975 partitions; eleven are refused."""
    with pytest.raises(StatisticsError, match="sum over more than 678,000 partitions"):
        LocalMEM(p0=0.15).fit([1] * 11, [8] * 11)
    with pytest.raises(StatisticsError, match="no power"):
        LocalMEM(p0=0.15, delta=float("nan"))
