"""Patient ids that belong to nobody: Norwegian numbers of the reserved synthetic series, and local numbers.

A Norwegian national identity number is ``ddmmyy iii kk``: birth date, individual number, two check digits. Skatteetaten
(the Tax Administration) reserves *month + 80* for invented persons (its test population Tenor), so no such number can
ever be a living person's. The ninth digit is odd for men.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.errors import InputError

__all__ = ["LocalNumbers", "NorwegianNumbers"]

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

SYNTHETIC_MONTH = 80
FIRST_DAY = np.datetime64("1900-01-01", "D")
LAST_DAY = np.datetime64("2039-12-31", "D")
SERIALS_A_DAY_AND_SEX = 250  # 000-499 before 2000, 500-999 after: half of them for each sex
_FIRST_WEIGHTS = np.array([3, 7, 6, 1, 8, 9, 4, 5, 2])
_SECOND_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])


def _digits(born: NDArray[np.datetime64], serial: Ints) -> NDArray[np.int64]:
    """(n, 9) digits before the check digits; the month is raised by 80."""
    month_start = born.astype("datetime64[M]")
    day = (born - month_start.astype("datetime64[D]")).astype(np.int64) + 1
    year = month_start.astype("datetime64[Y]").astype(np.int64) + 1970
    month = month_start.astype(np.int64) % 12 + 1 + SYNTHETIC_MONTH
    number = (day * 10_000 + month * 100 + year % 100) * 1_000 + serial
    return number[:, None] // 10 ** np.arange(8, -1, -1) % 10


def _check_digits(digits: NDArray[np.int64]) -> tuple[Ints, Ints, Truths]:
    """Both check digits and whether the number exists (a check digit of 10 does not)."""
    first = -(digits @ _FIRST_WEIGHTS) % 11
    second = -(np.column_stack([digits, first]) @ _SECOND_WEIGHTS) % 11
    return first, second, (first < 10) & (second < 10)


@dataclass
class NorwegianNumbers:
    """Gives out each number once. State: how many serials of each birth day and sex are used (0.4 MB)."""

    _used: NDArray[np.int16] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no number given out."""
        days = int((LAST_DAY - FIRST_DAY).astype(np.int64)) + 1
        self._used = np.zeros(days * 2, dtype=np.int16)

    def draw(self, born: NDArray[np.datetime64], female: Truths) -> tuple[pl.Series, NDArray[np.datetime64]]:
        """Numbers for people born on these days.

        A day whose numbers are used up passes its people on to the next day (their birth is invented too), so the
        birth dates come back as well.

        Returns:
            eleven-digit texts, and the birth dates that they carry.

        Raises:
            InputError: the calendar holds no free number for so many people.
        """
        born = born.astype("datetime64[D]").copy()
        text = np.zeros(len(born), dtype=np.int64)
        open_ = np.arange(len(born))
        while open_.size:
            serial, taken = self._next_serials(born, female, open_)
            digits = _digits(born[open_], serial)
            first, second, exists = _check_digits(digits)
            whole = digits @ 10 ** np.arange(10, 1, -1) + first * 10 + second
            good = exists & taken
            text[open_[good]] = whole[good]
            open_ = open_[~good]
        return pl.Series(text).cast(pl.String).str.zfill(11), born

    def _next_serials(self, born: NDArray[np.datetime64], female: Truths, open_: Ints) -> tuple[Ints, Truths]:
        """The next serial of each open person's day and sex; False and a day later where the day is used up."""
        day = (born[open_] - FIRST_DAY).astype(np.int64)
        if day.size and day.max() * 2 + 1 >= self._used.size:
            raise InputError(
                "the calendar holds no free synthetic Norwegian number for so many people.",
                remedy="Lower the number of patients, or give the hospital local ids.",
            )
        slot = day * 2 + female[open_]
        place = self._used[slot] + _rank_within(slot)
        taken = place < SERIALS_A_DAY_AND_SEX
        np.add.at(self._used, slot[taken], 1)
        born[open_[~taken]] += 1
        parity = np.where(female[open_], 0, 1)
        first = np.where(born[open_] >= np.datetime64("2000-01-01"), 500, 0)
        return np.where(taken, first + 2 * place + parity, 0), taken


def _rank_within(keys: Ints) -> Ints:
    """For each place, how many earlier places hold the same key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, len(ordered)])
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys)) - np.repeat(starts, lengths)
    return rank


@dataclass
class LocalNumbers:
    """A hospital's own running numbers: prefix and eight digits."""

    prefix: str
    _given: int = 0

    def draw(self, born: NDArray[np.datetime64], female: Truths) -> tuple[pl.Series, NDArray[np.datetime64]]:
        """Numbers for as many people; the birth dates stay as they are."""
        del female  # same shape of call as `NorwegianNumbers.draw`; a local number says nothing about its owner
        first = self._given + 1
        self._given += len(born)
        numbers = pl.int_range(first, self._given + 1, eager=True).cast(pl.String).str.zfill(8)
        return f"{self.prefix}-" + numbers, born.astype("datetime64[D]")
