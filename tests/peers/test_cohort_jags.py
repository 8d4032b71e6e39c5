"""Borrowing by quadrature against JAGS: the same model, sampled by a program that we did not write."""

from __future__ import annotations

import numpy as np
import pytest

from kohort.cohort import BHM, EXNEX
from tests.jags import needs_jags, sample

pytestmark = needs_jags

CHUGH = ([2, 0, 1, 6, 7, 3, 5, 1, 0, 3], [15, 13, 12, 28, 29, 29, 26, 5, 2, 20])
VEMURAFENIB = ([8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7])
EIGHTS = ([0, 1, 4, 2, 7], [8, 8, 24, 24, 24])
MANY_ERRORS = 4.5
"""Of some hundred comparisons none should be further off than this many Monte Carlo standard errors."""


def far(ours: np.ndarray, theirs: np.ndarray, error: np.ndarray) -> float:
    """Greatest distance in standard errors; one of at least 2e-5, the chain's own resolution."""
    return float(np.max(np.abs(ours - theirs) / np.maximum(error, 2e-5)))


@pytest.mark.parametrize("data", [CHUGH, VEMURAFENIB, EIGHTS], ids=["Chugh", "vemurafenib", "8 + 16"])
@pytest.mark.parametrize("model", [BHM(0.1), BHM((0.15), target=0.3, tau_scale=0.5)], ids=["default", "offset 30 %"])
def test_the_hierarchical_model_agrees_with_jags(model: BHM, data: tuple[list[int], list[int]]):
    """Means and P(p > p0) of every cohort within Monte Carlo error."""
    sampled, posterior = sample(model, *data), model.fit(*data)
    assert far(posterior.mean, sampled.mean, sampled.mean_error) < MANY_ERRORS
    assert far(posterior.prob_greater(), sampled.above, sampled.above_error) < MANY_ERRORS


@pytest.mark.parametrize("data", [CHUGH, VEMURAFENIB, EIGHTS], ids=["Chugh", "vemurafenib", "8 + 16"])
@pytest.mark.parametrize("weight", [0.5, 0.8])
def test_exnex_agrees_with_jags(weight: float, data: tuple[list[int], list[int]]):
    """Also the probability of each cohort to be exchangeable with the others."""
    model = EXNEX(0.1, weight=weight, mu_mean=-1.735, mu_sd=(1 / 0.146) ** 0.5, nex_mean=-1.734, nex_sd=2.795)
    sampled, posterior = sample(model, *data), model.fit(*data)
    assert far(posterior.mean, sampled.mean, sampled.mean_error) < MANY_ERRORS
    assert far(posterior.prob_greater(), sampled.above, sampled.above_error) < MANY_ERRORS
    assert posterior.exchangeability is not None
    assert far(posterior.exchangeability, sampled.exchangeable, sampled.exchangeable_error) < MANY_ERRORS
