"""Checked columns: a list, array or Series comes in; a NumPy array leaves, or a refusal that names it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kohort.errors import StatisticsError

__all__ = [
    "UNKNOWN",
    "FloatArray",
    "IntArray",
    "frozen",
    "group_codes",
    "same_length",
    "times_of",
    "truths_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNKNOWN = "unknown"
"""Label of the group of those whose group is not known: they are counted, never dropped."""


def frozen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, made read-only, so that a frozen dataclass that holds it is frozen indeed."""
    values.setflags(write=False)
    return values


def _series(values: object, name: str) -> pl.Series:
    if isinstance(values, pl.Series):
        return values
    if isinstance(values, np.ndarray):
        return pl.Series(name, values)
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes)):
        raise StatisticsError(f"{name} is not a column.", remedy="Give a list, an array or a Series.")
    # pandas and the like: to_numpy keeps missing values, and pandas itself stays unimported
    to_numpy = getattr(values, "to_numpy", None)
    return pl.Series(name, list(values) if to_numpy is None else to_numpy(), strict=False)


def times_of(values: object, name: str) -> FloatArray:
    """Finite times that are not negative, in the unit given; shape (n,).

    Raises:
        StatisticsError: a time is missing, not a number, infinite or negative (how many, never which).
    """
    series = _series(values, name)
    if not series.dtype.is_numeric() and series.dtype != pl.Null:
        raise StatisticsError(f"{name} holds {series.dtype}, not numbers.", remedy="Give days (or months) as numbers.")
    missing = series.null_count()
    array = series.drop_nulls().to_numpy().astype(np.float64)
    missing += int(np.isnan(array).sum())
    for bad, words in (
        (missing, "missing"),
        (int(np.isinf(array).sum()), "infinite"),
        (int((array < 0).sum()), "negative"),
    ):
        if bad:
            raise StatisticsError(
                f"{bad} of {len(series)} values of {name} are {words}.",
                remedy="Leave those people out and say so, or mend the dates.",
            )
    return array + 0.0  # turns -0.0 into 0.0, so that both are one time


def truths_of(values: object, name: str) -> npt.NDArray[np.bool_]:
    """Truths as booleans; whole numbers 0 and 1 are read as false and true; shape (n,).

    Raises:
        StatisticsError: a value is missing or neither.
    """
    series = _series(values, name)
    if series.null_count():
        raise StatisticsError(
            f"{series.null_count()} of {len(series)} values of {name} are missing.",
            remedy="Leave out those whose state is not known and say so; it is not the same as censored.",
        )
    if series.dtype == pl.Boolean:
        return series.to_numpy().astype(np.bool_)
    if series.dtype.is_numeric() and series.is_in([0, 1]).all():
        return series.to_numpy().astype(np.bool_)
    if not len(series):
        return np.zeros(0, dtype=np.bool_)
    raise StatisticsError(f"{name} must be true or false (1 or 0).", remedy="Recode it before.")


def group_codes(values: object, name: str) -> tuple[tuple[str, ...], IntArray]:
    """Sorted labels and, for each row, the index of its label; null becomes :data:`UNKNOWN`."""
    series = _series(values, name)
    if series.dtype.is_float():
        raise StatisticsError(
            f"{name} holds numbers with decimals.", remedy="Cut them into bands before grouping by them."
        )
    if series.dtype.is_nested() or series.dtype == pl.Object:
        raise StatisticsError(f"{name} mixes kinds of values.", remedy="Give one text or number a person.")
    texts = series.cast(pl.String).fill_null(UNKNOWN)
    labels = tuple(texts.unique().sort().to_list())
    codes = texts.cast(pl.Enum(labels)).to_physical().to_numpy() if labels else np.zeros(0)
    return labels, codes.astype(np.int64)


def same_length(**columns: npt.NDArray[Any] | None) -> None:
    """StatisticsError if the columns that are given differ in length."""
    lengths = {name: len(column) for name, column in columns.items() if column is not None}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise StatisticsError(f"The columns differ in length: {listed}.", remedy="Give one value a person.")
