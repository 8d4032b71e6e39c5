"""The counts that borrowing models read: responders of evaluable patients, cohort by cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.errors import StatisticsError

__all__ = [
    "BoolArray",
    "Counts",
    "FloatArray",
    "IntArray",
    "Rates",
    "Shape",
    "as_numbers",
    "checked_rates",
    "checked_shape",
    "per_cohort",
    "shapes",
]

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Rates = float | tuple[float, ...]
"""A rate for all cohorts, or one for each."""

Shape = tuple[float, float] | tuple[tuple[float, float], ...]
"""(a, b) of the Beta prior of all cohorts, or one (a, b) for each."""


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
    try:
        array = np.asarray(given)
    except ValueError as wrong:
        raise StatisticsError(f"{name} has rows of different lengths.", remedy="Give one number a cohort.") from wrong
    if array.dtype.kind not in "iuf" or not np.all(np.isfinite(array) & (array == np.floor(array))):
        raise StatisticsError(f"{name} must be whole numbers.", remedy="Give counts of patients.")
    return array.astype(np.int64)


def per_cohort(name: str, value: float | Sequence[float] | FloatArray, cohorts: int) -> FloatArray:
    """One number a cohort, from one for all or one for each.

    Raises:
        StatisticsError: another number of values than cohorts.
    """
    array = as_numbers(name, value)
    if array.ndim > 1 or (array.ndim == 1 and array.shape != (cohorts,)):
        raise StatisticsError(
            f"{name} has {array.size} values for {cohorts} cohorts.",
            remedy="Give one value for all cohorts or one for each.",
        )
    return np.broadcast_to(array, (cohorts,)).copy()


def checked_rates(name: str, given: object) -> Rates:
    """One rate for all cohorts or a tuple with one for each, from numbers or any sequence of numbers.

    Raises:
        StatisticsError: not numbers between 0 and 1.
    """
    array = as_numbers(name, given)
    if array.ndim > 1 or array.size == 0 or not np.all((array > 0) & (array < 1)):
        raise StatisticsError(
            f"{name} = {given} is no response rate.",
            remedy="Give numbers between 0 and 1, one for all or one a cohort.",
        )
    return float(array) if array.ndim == 0 else tuple(array.tolist())


def checked_shape(given: object) -> Shape:
    """The Beta prior (a, b) of all cohorts, or a tuple with one for each.

    Raises:
        StatisticsError: not pairs of positive numbers.
    """
    array = as_numbers("shape", given)
    if array.ndim not in (1, 2) or array.shape[-1] != 2 or not np.all((array > 0) & np.isfinite(array)):
        raise StatisticsError(
            f"A shape of {given} is no Beta distribution.",
            remedy="Give (a, b) above 0 for all cohorts, or one such pair a cohort.",
        )
    pairs = [(float(a), float(b)) for a, b in np.atleast_2d(array).tolist()]
    return pairs[0] if array.ndim == 1 else tuple(pairs)


def shapes(shape: Shape, cohorts: int) -> FloatArray:
    """(J, 2) a and b of each cohort's Beta prior.

    Raises:
        StatisticsError: another number of pairs than cohorts.
    """
    array = np.asarray(shape, dtype=np.float64)
    if array.ndim == 2 and len(array) != cohorts:
        raise StatisticsError(
            f"shape has {len(array)} pairs for {cohorts} cohorts.",
            remedy="Give one pair for all cohorts or one for each.",
        )
    return np.broadcast_to(array, (cohorts, 2)).copy()


def as_numbers(name: str, given: object) -> FloatArray:
    """An array of numbers, of any shape.

    Raises:
        StatisticsError: not numbers, or rows of different lengths.
    """
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as wrong:
        raise StatisticsError(f"{name} = {given!r} is not numeric.", remedy="Give numbers.") from wrong
