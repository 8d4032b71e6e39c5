"""When things happened, as far as tables say: calendar dates known to the day, month or year, and counted days.

A source with a calendar gives a date with its precision; one that counts days gives them from an origin of its own
for each person. Both are kept. Where a tumour has a date *and* a counted day, the origin has a date, and counted
days of that person become intervals of the calendar too. Calendar days are numbers of days since 1970-01-01.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.ranges import Floats
from kohort.match.engine.truth import Mask
from kohort.match.people.columns import floats

__all__ = ["Moments", "Origins", "day_number"]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def _period(frame: pl.DataFrame, column: str) -> tuple[Floats, Floats]:
    """First and last possible calendar day of each row; minus infinity and infinity where there is no date.

    A date without a stated precision is taken as known to the day.
    """
    day, precision = pl.col(column), pl.col(f"{column}_precision").fill_null(3)
    last = (
        pl.when(precision == 3)
        .then(day)
        .when(precision == 2)
        .then(day.dt.month_end())
        .otherwise(day.dt.offset_by("1y").dt.offset_by("-1d"))
    )
    ends = frame.select(
        pl.when(precision > 0).then(end).cast(pl.Int32).cast(pl.Float64).alias(name)
        for name, end in (("first", day), ("last", last))
    )
    return ends["first"].fill_null(-math.inf).to_numpy(), ends["last"].fill_null(math.inf).to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """The calendar day of each person's day 0, as an interval; minus infinity to infinity where it is not known.

    Attributes:
        low: earliest possible day, by place in the population.
        high: latest possible day.
    """

    low: Floats
    high: Floats

    @classmethod
    def of(cls, tumours: pl.DataFrame, size: int) -> Origins:
        """From tumours whose diagnosis has a date and a counted day; contradictions are unknown.

        Args:
            tumours: rows with ``at``, ``diagnosed``, ``diagnosed_precision`` and ``diagnosed_day``.
            size: number of places.
        """
        first, last = _period(tumours, "diagnosed")
        counted = floats(tumours["diagnosed_day"])
        both = np.isfinite(first) & np.isfinite(counted)
        at = tumours["at"].to_numpy()[both]
        low, high = np.full(size, -math.inf), np.full(size, math.inf)
        np.maximum.at(low, at, (first - counted)[both])
        np.minimum.at(high, at, (last - counted)[both])
        clash = low > high
        low[clash], high[clash] = -math.inf, math.inf
        return cls(low, high)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """A point in time for each row.

    Attributes:
        first: earliest possible calendar day, minus infinity if unknown.
        last: latest possible calendar day, infinity if unknown.
        counted: day from the person's origin, NaN if the source does not count.
    """

    first: Floats
    last: Floats
    counted: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame, column: str, origins: Origins) -> Moments:
        """A point in time of a frame: ``column``, ``column_precision`` and ``column_day`` beside ``at``."""
        first, last = _period(frame, column)
        counted = floats(frame[f"{column}_day"])
        at = frame["at"].to_numpy()
        by_count = np.isinf(first) & np.isfinite(counted)
        first = np.where(by_count, origins.low[at] + counted, first)
        last = np.where(by_count, origins.high[at] + counted, last)
        return cls(first, last, counted)

    def __getitem__(self, rows: Mask | NDArray[np.integer]) -> Moments:
        """Those of some rows."""
        return Moments(self.first[rows], self.last[rows], self.counted[rows])

    def or_else(self, other: Moments) -> Moments:
        """These, and ``other`` where nothing is known of when."""
        known = self.is_known
        return Moments(
            np.where(known, self.first, other.first),
            np.where(known, self.last, other.last),
            np.where(known, self.counted, other.counted),
        )

    @property
    def is_known(self) -> Mask:
        """Rows of which anything is known."""
        return np.isfinite(self.counted) | np.isfinite(self.first)

    def days_to(self, later: Moments) -> tuple[Floats, Floats]:
        """Least and greatest number of days from these to ``later``, row by row.

        Counted days are exact; where not both are counted the calendar's intervals decide.
        """
        exact = later.counted - self.counted
        both = np.isfinite(exact)
        return (
            np.where(both, exact, later.first - self.last),
            np.where(both, exact, later.last - self.first),
        )

    def may_be_latest(self, at: NDArray[np.integer], size: int) -> Mask:
        """Rows that no other row of the same person is known to follow.

        Args:
            at: place of each row's person.
            size: number of places.
        """
        latest, highest = np.full(size, -math.inf), np.full(size, -math.inf)
        np.maximum.at(latest, at, self.first)
        counts = np.isfinite(self.counted)
        np.maximum.at(highest, at[counts], self.counted[counts])
        followed = self.last < latest[at]
        # NaN compares as false: an uncounted row is not known to be followed.
        return ~(followed | (self.counted < highest[at]))
