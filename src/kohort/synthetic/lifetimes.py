"""How long invented patients live: cancer-specific and other causes, whichever comes first.

Cancer-specific time is Weibull, with the shape of the cited table and the scale that meets its five-year relative
survival: ``S(t) = exp(-(t / scale)^shape)``, ``scale = 5 years / (-ln S5)^(1 / shape)``. Relative survival is survival
from the cancer alone, so a second, independent time from the general population's mortality stands beside it:
Gompertz, hazard ``exp(a + b age)``, fitted to Norwegian death rates of 2014-2023 at ages 40-90 (Human Mortality
Database; women a = -11.98, b = 0.1077; men a = -11.45, b = 0.1056; ages taken at mid-year).

The cancer's time is driven by a standard normal *vigour*, and so is the chance to respond to a treatment
(`kohort.synthetic.course`): responders live longer, while survival and response rates each stay as cited
(a Gaussian copula).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kohort.synthetic.frequencies import survival

__all__ = ["DAYS_A_YEAR", "cancer_death_days", "normal_cdf", "other_death_days"]

Floats = NDArray[np.float64]

DAYS_A_YEAR = 365.25
FIVE_YEARS = 5 * DAYS_A_YEAR
_SMALLEST = 1e-12
_GOMPERTZ_MALE = (-11.45, 0.1056)
_GOMPERTZ_FEMALE = (-11.98, 0.1077)


def normal_cdf(z: Floats) -> Floats:
    """Standard normal distribution function, absolute error below 1e-7.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
    """
    t = 1 / (1 + 0.2316419 * np.abs(z))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * series
    return np.where(z >= 0, 1 - upper, upper)


def cancer_death_days(
    vigour: Floats, tumour: NDArray[np.int64], stage: NDArray[np.int64], alive_until: Floats
) -> Floats:
    """Days from diagnosis to death of the cancer.

    Args:
        vigour: (n,) standard normal; high lives long.
        tumour: (n,) places in `Tumours`.
        stage: (n,) places in `STAGES`.
        alive_until: (n,) days that each person is known to live; the time is drawn given that.
    """
    published = survival()
    shape = published.shape[tumour]
    hazard = -np.log(published.five_year[tumour, stage]) * (alive_until / FIVE_YEARS) ** shape
    dies_later = np.maximum(1 - normal_cdf(vigour), _SMALLEST)
    scale = FIVE_YEARS / (-np.log(published.five_year[tumour, stage])) ** (1 / shape)
    return scale * (hazard - np.log(dies_later)) ** (1 / shape)


def other_death_days(rng: np.random.Generator, age: Floats, female: NDArray[np.bool_], alive_until: Floats) -> Floats:
    """Days from diagnosis to death of something else, for people who live at least ``alive_until`` days."""
    level = np.where(female, _GOMPERTZ_FEMALE[0], _GOMPERTZ_MALE[0])
    slope = np.where(female, _GOMPERTZ_FEMALE[1], _GOMPERTZ_MALE[1])
    age_then = age + alive_until / DAYS_A_YEAR
    years = np.log1p(slope * rng.exponential(size=len(age)) * np.exp(-level - slope * age_then)) / slope
    return alive_until + years * DAYS_A_YEAR
