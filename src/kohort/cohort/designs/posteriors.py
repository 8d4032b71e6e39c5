"""Posterior and predictive probabilities of a response rate over all counts at once, as arrays.

With a Beta(a, b) prior and x responders of n, the rate is Beta(a + x, b + n - x); y more responders of m
follow a beta-binomial distribution.

References:
    NIST DLMF 8.17 (the incomplete beta function, from ``scipy.special``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from kohort.cohort.maths.beta import Beta

__all__ = ["posterior_above", "predictive_tails", "worth_one_patient"]

Array = NDArray[np.float64]


def worth_one_patient(p0: float) -> Beta:
    """The prior that Lee and Liu, and BOP2, start from: mean p0, weight of one patient."""
    return Beta(p0, 1 - p0)


def posterior_above(prior: Beta, n: int, p0: float) -> Array:
    """P(p > p0) after x of n responders, for x = 0 ... n; rises with x."""
    x = np.arange(n + 1)
    return special.betainc(prior.b + n - x, prior.a + x, 1 - p0)


def predictive_tails(prior: Beta, n_max: int, r: int) -> list[Array]:
    """P(more than r responders of n_max | x of n so far), for n = 0 ... n_max, each for x = 0 ... n.

    Backwards from the end: before each patient the probability is the mean of the two after him, weighed by
    the chance (a + x) / (a + b + n) that he responds. All terms are positive, so nothing cancels.
    """
    after = (np.arange(n_max + 1) > r).astype(np.float64)
    found = [after]
    for n in range(n_max - 1, -1, -1):
        chance = (prior.a + np.arange(n + 1)) / (prior.a + prior.b + n)
        after = after[:-1] + chance * (after[1:] - after[:-1])
        found.append(after)
    return found[::-1]
