"""All borrowing models by name, with the settings that their papers or packages use."""

from __future__ import annotations

from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.calibrated import CalibratedBHM
from kohort.cohort.borrowing.exnex import EXNEX
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.local_mem import LocalMEM
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.errors import UnknownNameError

__all__ = ["NAMES", "standard_model", "standard_models"]

Rates = float | tuple[float, ...]
CALIBRATED = "calibrated-bhm"
_MAKERS = {
    "separate": Separate,
    "pooled": Pooled,
    "bhm": BHM,
    "exnex": EXNEX,
    "mem": MEM,
    "local-mem": LocalMEM,
    "cpp": lambda p0: PowerPrior(p0, weights="cpp"),
    "jsd": lambda p0: PowerPrior(p0, weights="jsd"),
    "mml": lambda p0: PowerPrior(p0, weights="mml"),
    "fujikawa": Fujikawa,
}
NAMES = (*_MAKERS, CALIBRATED)
"""Names of the models; the first borrows nothing, the second everything."""


def standard_model(name: str, p0: Rates, p1: Rates, n: tuple[int, ...]) -> BorrowingModel:
    """A model with its usual settings.

    Args:
        name: one of ``NAMES``.
        p0: rates of no interest, one for all cohorts or one for each.
        p1: rates of interest, for the model that is calibrated between the two.
        n: planned evaluable patients of each cohort, for the same.

    Raises:
        UnknownNameError: no such model.
    """
    if name == CALIBRATED:
        return CalibratedBHM(p0, p1, n)
    if name not in _MAKERS:
        raise UnknownNameError("borrowing model", name, NAMES)
    return _MAKERS[name](p0)


def standard_models(p0: Rates, p1: Rates, n: tuple[int, ...]) -> dict[str, BorrowingModel]:
    """All models with their usual settings, by name."""
    return {name: standard_model(name, p0, p1, n) for name in NAMES}
