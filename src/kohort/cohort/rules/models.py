"""The borrowing models that a rule may name, and what stands in their settings."""

from __future__ import annotations

from collections.abc import Mapping

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
from kohort.cohort.borrowing.similarity import CPP, JSD, MML, Similarity

__all__ = ["FAMILIES"]

FAMILIES: Mapping[type, tuple[type, ...]] = {
    BorrowingModel: (BHM, EXNEX, MEM, CalibratedBHM, Fujikawa, LocalMEM, Pooled, PowerPrior, Separate),
    Similarity: (CPP, JSD, MML),
}
"""The classes that may stand for an abstract one."""
