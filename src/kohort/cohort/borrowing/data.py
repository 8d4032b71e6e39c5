"""The counts that borrowing models read: responders of evaluable patients, cohort by cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.errors import StatisticsError

__all__ = ["Counts", "FloatArray", "IntArray", "per_cohort"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Many data sets of the same cohorts: one row a data set, one column a cohort.

    Attributes:
        responders: (N, J) evaluable patients who responded.
        n: (N, J) evaluable patients; 0 is a cohort that nobody is in yet.
    """

    responders: IntArray
    n: IntArray

    @classmethod
    def of(cls, responders: object, n: object) -> Counts:
        """Checked counts; one data set may be given as plain lists, and ``n`` once for all data sets.

        Raises:
            StatisticsError: not whole numbers, other lengths, fewer than no or more than all patients.
        """
        seen, sizes = _whole("responders", responders), _whole("n", n)
        if seen.ndim > 2 or sizes.ndim > 2 or seen.shape[-1:] != sizes.shape[-1:] or seen.shape[-1:] in ((), (0,)):
            raise StatisticsError(
                f"Counts of shapes {seen.shape} and {sizes.shape} are not of the same cohorts.",
                remedy="Give responders and n with one number a cohort.",
            )
        seen = np.atleast_2d(seen)
        sizes = np.broadcast_to(np.atleast_2d(sizes), seen.shape)
        if wrong := np.argwhere((seen < 0) | (seen > sizes)).tolist():
            row, cohort = wrong[0]
            raise StatisticsError(
                f"Cohort {cohort + 1} has {seen[row, cohort]} responders of {sizes[row, cohort]} evaluable patients.",
                remedy="Give 0 <= responders <= n for every cohort.",
            )
        return cls(seen, sizes)

    @property
    def cohorts(self) -> int:
        """Number of cohorts, J."""
        return self.responders.shape[1]


def _whole(name: str, given: object) -> IntArray:
    array = np.asarray(given)
    if array.dtype.kind not in "iuf" or not np.all(array == np.floor(array)):
        raise StatisticsError(f"{name} must be whole numbers.", remedy="Give counts of patients.")
    return array.astype(np.int64)


def per_cohort(name: str, value: float | Sequence[float] | FloatArray, cohorts: int) -> FloatArray:
    """One number a cohort, from one for all or one for each.

    Raises:
        StatisticsError: another number of values than cohorts.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.ndim > 1 or (array.ndim == 1 and array.shape != (cohorts,)):
        raise StatisticsError(
            f"{name} has {array.size} values for {cohorts} cohorts.",
            remedy="Give one value for all cohorts or one for each.",
        )
    return np.broadcast_to(array, (cohorts,)).copy()
