"""What is known of birth dates, and ages from it: an interval for each person, as narrow as the tables allow.

Sources, the narrowest wins:

1. the birth date, known to the day, month or year;
2. the birth day relative to the time origin, where a dated diagnosis says when that origin was;
3. the age at diagnosis with a dated diagnosis: birth was between ``age + 1`` and ``age`` years before it.

Without any calendar date an age at diagnosis still says what age was *reached*: nobody gets younger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.ranges import Floats, Range

__all__ = ["Births", "ages_at_diagnosis", "birth_range", "narrowest_birth", "years_before"]

_MEAN_YEAR = 365.25
"""Days a year over four years. ``n`` years take at most ``ceil(365.25 n)`` days, so ``floor(days / 365.25)``
years have surely passed; rounding and a century year without 29 February take at most two days off."""


def years_before(days: NDArray[np.integer], months: NDArray[np.integer]) -> NDArray[np.int64]:
    """Days since 1970-01-01, some months earlier; 29 February becomes 28 February in a common year.

    Args:
        days: the later days, shape ``(n,)``.
        months: whole months to go back, shape ``(n,)`` or a scalar array.
    """
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    in_month = day - month.astype("datetime64[D]")
    target = month - months.astype("timedelta64[M]")
    last = (target + 1).astype("datetime64[D]") - target.astype("datetime64[D]") - np.timedelta64(1, "D")
    return (target.astype("datetime64[D]") + np.minimum(in_month, last)).astype(np.int64)


def _shifted(day: date, years: float) -> float:
    earlier = years_before(np.array([_number(day)]), np.array([round(years * 12)]))
    return float(earlier[0])


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def birth_range(years: Range, day: date, *, completed: bool) -> Range:
    """The births (days since 1970-01-01) whose age on ``day`` lies in a range of years.

    Args:
        years: the range of ages; fractions of a year are rounded to months.
        day: the day the age is taken on.
        completed: count full years (75 until the 76th birthday), else exact time since birth.
    """
    low, high, with_low, with_high = -math.inf, math.inf, True, True
    if math.isfinite(years.low):
        more = completed and not years.with_low
        high = _shifted(day, years.low + 1 if more else years.low)
        with_high = years.with_low or more
    if math.isfinite(years.high):
        more = completed and years.with_high
        low = _shifted(day, years.high + 1 if more else years.high)
        with_low = years.with_high and not more
    return Range(low, high, with_low, with_high)


@dataclass(frozen=True, slots=True, eq=False)
class Births:
    """Birth intervals of a population, in days since 1970-01-01, ends included; one row a person.

    Attributes:
        low: earliest possible birth, minus infinity if unknown.
        high: latest possible birth, infinity if unknown.
        reached: completed years reached at a diagnosis, NaN if unknown.
        from_tumour: True if the interval stands on a tumour row, False for the person row.
        id: the row it stands on, 0 if there is none.
    """

    low: Floats
    high: Floats
    reached: Floats
    from_tumour: NDArray[np.bool_]
    id: NDArray[np.int64]

    @classmethod
    def of(cls, people: pl.DataFrame, tumours: pl.DataFrame, size: int) -> Births:
        """From person rows (birth in three columns) and tumour rows (diagnosis, age), both with ``at``."""
        # Whoever's day of birth is known needs nothing else looked at, and that is nearly everybody.
        days = people.filter(pl.col("birth").is_not_null() & (pl.col("birth_precision").fill_null(3) == 3))
        sure = np.zeros(size, dtype=np.bool_)
        sure[days["at"].to_numpy()] = True
        births = cls._inferred(_where(people, ~sure), _where(tumours, ~sure), size)
        births._know(days)
        return births

    @classmethod
    def _inferred(cls, people: pl.DataFrame, tumours: pl.DataFrame, size: int) -> Births:
        """The narrowest interval of each person, from all that bears on it."""
        dated = _with_period(tumours, "diagnosed")
        narrowest = (
            pl.concat([_by_date(people), _by_origin(people, dated), _by_age(dated)])
            .sort(pl.col("high") - pl.col("low"), maintain_order=True)
            .unique("at", keep="first", maintain_order=True)
        )
        reached = _reached(people, tumours)
        found = cls(
            low=np.full(size, -math.inf),
            high=np.full(size, math.inf),
            reached=np.full(size, math.nan),
            from_tumour=np.ones(size, dtype=np.bool_),
            id=np.zeros(size, dtype=np.int64),
        )
        found.reached[reached["at"].to_numpy()] = reached["reached"].to_numpy()
        found.id[reached["at"].to_numpy()] = reached["reached_id"].to_numpy()
        at = narrowest["at"].to_numpy()
        found.low[at], found.high[at] = narrowest["low"].to_numpy(), narrowest["high"].to_numpy()
        found.from_tumour[at], found.id[at] = narrowest["from_tumour"].to_numpy(), narrowest["id"].to_numpy()
        return found

    def _know(self, days: pl.DataFrame) -> None:
        """Write the births that are known to the day."""
        at = days["at"].to_numpy()
        self.low[at] = self.high[at] = days["birth"].cast(pl.Int32).to_numpy()
        self.from_tumour[at], self.id[at] = False, days["id"].to_numpy()

    @property
    def is_inferred(self) -> NDArray[np.bool_]:
        """Persons whose interval stands on a tumour row."""
        return self.from_tumour & (self.id != 0)

    def interval(self, day: date) -> tuple[Floats, Floats]:
        """Earliest and latest possible birth of each person; ages reached at diagnosis hold on ``day``."""
        latest = np.full(len(self.high), math.inf)
        known = np.isfinite(self.reached)
        months = self.reached[known].astype(np.int64) * 12
        latest[known] = years_before(np.full(len(months), _number(day)), months)
        # Where the age contradicts the birth date, the birth date holds.
        return self.low, np.where(latest >= self.low, np.minimum(self.high, latest), self.high)


def _where(frame: pl.DataFrame, chosen: NDArray[np.bool_]) -> pl.DataFrame:
    return frame.filter(pl.Series(chosen[frame["at"].to_numpy()]))


def ages_at_diagnosis(people: pl.DataFrame, tumours: pl.DataFrame) -> pl.DataFrame:
    """Completed years at the diagnosis of each primary: columns ``at``, ``id``, ``low``, ``high``.

    The stated age, else the days from birth to diagnosis, else both calendar dates; null if none is known.
    """
    primary = tumours.filter(pl.col("kind").is_null() | pl.col("kind").is_in(["primary", "in_situ"]))
    periods = _with_period(primary, "diagnosed").select("id", first_day="first", last_day="last")
    births = _by_date(people).select("at", birth_low="low", birth_high="high")
    joined = (
        primary.join(people.select("at", "birth_day"), on="at", how="left")
        .join(periods, on="id", how="left")
        .join(births, on="at", how="left")
    )
    elapsed = pl.col("diagnosed_day") - pl.col("birth_day")
    age = pl.col("age_at_diagnosis")
    least = pl.coalesce(age, _years(elapsed), _years(pl.col("first_day") - pl.col("birth_high")))
    most = pl.coalesce(age, _years(elapsed + 2), _years(pl.col("last_day") - pl.col("birth_low") + 2))
    return joined.select("at", "id", low=least.cast(pl.Float64), high=most.cast(pl.Float64))


def _years(days: pl.Expr) -> pl.Expr:
    return (days / _MEAN_YEAR).floor().cast(pl.Int32)


def _with_period(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Rows with a calendar date, with its first and last possible day as numbers."""
    day, precision = pl.col(column), pl.col(f"{column}_precision").fill_null(3)
    last = (
        pl.when(precision == 3)
        .then(day)
        .when(precision == 2)
        .then(day.dt.month_end())
        .otherwise(day.dt.offset_by("1y").dt.offset_by("-1d"))
    )
    known = frame.filter(day.is_not_null() & (precision > 0))
    return known.with_columns(first=day.cast(pl.Int32).cast(pl.Int64), last=last.cast(pl.Int32).cast(pl.Int64))


def _candidates(frame: pl.DataFrame, *, from_tumour: bool) -> pl.DataFrame:
    return frame.select("at", "id", "low", "high", from_tumour=pl.lit(from_tumour))


def _by_date(people: pl.DataFrame) -> pl.DataFrame:
    periods = _with_period(people, "birth").rename({"first": "low", "last": "high"})
    return _candidates(periods, from_tumour=False)


def _by_origin(people: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """Birth days counted from an origin that a dated diagnosis fixes."""
    pinned = dated.filter(pl.col("diagnosed_day").is_not_null()).select(
        "at", first=pl.col("first") - pl.col("diagnosed_day"), last=pl.col("last") - pl.col("diagnosed_day")
    )
    born = people.filter(pl.col("birth_day").is_not_null()).join(pinned, on="at", how="inner")
    return _candidates(
        born.with_columns(low=pl.col("first") + pl.col("birth_day"), high=pl.col("last") + pl.col("birth_day")),
        from_tumour=False,
    )


def _by_age(dated: pl.DataFrame) -> pl.DataFrame:
    """Completed years ``a`` on day ``d``: born after ``d`` less ``a + 1`` years, until ``d`` less ``a``."""
    aged = dated.filter(pl.col("age_at_diagnosis").is_not_null())
    months = aged["age_at_diagnosis"].to_numpy().astype(np.int64) * 12
    low = years_before(aged["first"].to_numpy(), months + 12) + 1
    high = years_before(aged["last"].to_numpy(), months)
    return _candidates(aged.with_columns(low=pl.Series(low), high=pl.Series(high)), from_tumour=True)


def _reached(people: pl.DataFrame, tumours: pl.DataFrame) -> pl.DataFrame:
    """The highest age that a diagnosis shows to have been reached."""
    ages = ages_at_diagnosis(people, tumours).drop_nulls("low").sort("low", maintain_order=True)
    highest = ages.unique("at", keep="last", maintain_order=True)
    return highest.select("at", reached=pl.col("low"), reached_id=pl.col("id"))


def narrowest_birth(person: Mapping[str, Any], tumours: Sequence[Mapping[str, Any]]) -> Births:
    """The birth of one person from plain rows: what `Births.of` finds, without frames."""
    found = sorted(_intervals(person, tumours), key=lambda each: each[1] - each[0])
    low, high, from_tumour, row = found[0] if found else (-math.inf, math.inf, True, 0)
    ages = [(age, tumour["id"]) for tumour in tumours if (age := _age_reached(person, tumour)) is not None]
    reached, reached_at = max(ages, default=(math.nan, 0), key=lambda each: each[0])
    return Births(
        np.array([low], dtype=np.float64),
        np.array([high], dtype=np.float64),
        np.array([reached], dtype=np.float64),
        np.array([from_tumour]),
        np.array([row or reached_at], dtype=np.int64),
    )


def _period(row: Mapping[str, Any], column: str) -> tuple[int, int] | None:
    """First and last possible day of a date, as numbers."""
    day, precision = row.get(column), row.get(f"{column}_precision")
    if day is None or precision == 0:
        return None
    last = day
    if precision == 2:
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    elif precision == 1:
        leap_day = (day.month, day.day) == (2, 29)
        last = (day.replace(year=day.year + 1, day=28) if leap_day else day.replace(year=day.year + 1)) - timedelta(1)
    return _number(day), _number(last)


def _intervals(
    person: Mapping[str, Any], tumours: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[float, float, bool, int]]:
    """Every interval that the rows give: low, high, whether it stands on a tumour, the row."""
    if period := _period(person, "birth"):
        yield (*period, False, person["id"])
    dated = [(tumour, period) for tumour in tumours if (period := _period(tumour, "diagnosed"))]
    born = person.get("birth_day")
    for tumour, (first, last) in dated:
        if born is not None and tumour.get("diagnosed_day") is not None:
            moved = born - tumour["diagnosed_day"]
            yield first + moved, last + moved, False, person["id"]
    for tumour, (first, last) in dated:
        if (age := tumour.get("age_at_diagnosis")) is not None:
            months = np.array([12 * age + 12, 12 * age])
            low, high = years_before(np.array([first, last]), months).tolist()
            yield low + 1, high, True, tumour["id"]


def _age_reached(person: Mapping[str, Any], tumour: Mapping[str, Any]) -> int | None:
    """Completed years that a diagnosis of a primary shows to have been reached."""
    if tumour.get("kind") not in (None, "primary", "in_situ"):
        return None
    if tumour.get("age_at_diagnosis") is not None:
        return tumour["age_at_diagnosis"]
    born, found = person.get("birth_day"), tumour.get("diagnosed_day")
    if born is not None and found is not None:
        return math.floor((found - born) / _MEAN_YEAR)
    birth, diagnosed = _period(person, "birth"), _period(tumour, "diagnosed")
    return None if birth is None or diagnosed is None else math.floor((diagnosed[0] - birth[1]) / _MEAN_YEAR)
