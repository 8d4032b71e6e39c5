"""From the standard tables to survival, one row a person. No date is made up; who is left out is counted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["Outcomes", "overall_survival"]

_TO_THE_DAY = 3
_PERSON = (
    "person",
    "origin",
    "deceased",
    "death",
    "death_precision",
    "death_day",
    "last_alive",
    "last_alive_precision",
    "last_alive_day",
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Rows for a survival analysis, and who is missing from them.

    Attributes:
        rows: ``person`` (int64), ``time`` (int64, days from diagnosis), ``event`` (bool), sorted by person.
        left_out: reason and number of people for each reason, sorted by reason.
    """

    rows: pl.DataFrame
    left_out: tuple[tuple[str, int], ...]

    @property
    def n_left_out(self) -> int:
        """People left out."""
        return sum(people for _, people in self.left_out)

    @property
    def sentence(self) -> str:
        """How many people are in, how many are not, and why."""
        total = self.rows.height + self.n_left_out
        if not self.left_out:
            return f"All {total} people are included."
        reasons = "; ".join(f"{people}: {reason}" for reason, people in self.left_out)
        return f"{self.rows.height} of {total} people are included; left out {reasons}."


def overall_survival(data: TableSet | HasTables) -> Outcomes:
    """Time from diagnosis to death, or to the last sign of life, in whole days.

    A source that counts days gives the difference of its day numbers: from the earliest diagnosis of a
    primary tumour, or from day 0 where the person's time origin is the diagnosis. A source with a calendar
    gives the difference of its dates, where both are known to the day. The two are never mixed.

    Left out, each under its reason: no diagnosis, no death or last sign of life, dead without a date of
    death, statements that contradict each other, an end before the diagnosis.
    """
    tables = tables_of(data)
    person = tables.frame("person", list(_PERSON))
    tumour = tables.frame("tumour", ["person", "kind", "diagnosed", "diagnosed_precision", "diagnosed_day"])
    judged = _judged(person.join(_starts(tumour), on="person", how="left"))
    left_out = judged.filter(pl.col("reason").is_not_null()).group_by("reason").len().sort("reason")
    rows = judged.filter(pl.col("reason").is_null()).select("person", "time", "event").sort("person")
    return Outcomes(rows, tuple((reason, int(people)) for reason, people in left_out.iter_rows()))


def _exact(name: str) -> pl.Expr:
    return pl.when(pl.col(f"{name}_precision") == _TO_THE_DAY).then(pl.col(name))


def _starts(tumour: pl.DataFrame) -> pl.DataFrame:
    """Earliest diagnosis of a primary tumour, as a day number and as a date; null where not known."""
    primary = tumour.filter(pl.col("kind").is_null() | (pl.col("kind") == "primary"))
    return primary.group_by("person").agg(start_day=pl.col("diagnosed_day").min(), start_date=_exact("diagnosed").min())


def _judged(people: pl.DataFrame) -> pl.DataFrame:
    """One row a person: time, event, and the reason if the person cannot be used."""
    days, dates = pl.col("death_day") - pl.col("start_day"), _days(_exact("death"))
    seen_days, seen_dates = pl.col("last_alive_day") - pl.col("start_day"), _days(_exact("last_alive"))
    from_origin = pl.col("start_day").is_null() & (pl.col("origin") == "diagnosis")
    timed = people.with_columns(
        start_day=pl.when(from_origin).then(0).otherwise(pl.col("start_day")),
    ).with_columns(
        to_death=pl.coalesce(days, dates).cast(pl.Int64),
        to_last_alive=pl.coalesce(seen_days, seen_dates).cast(pl.Int64),
        died=pl.col("deceased").fill_null(False) | pl.col("death").is_not_null() | pl.col("death_day").is_not_null(),
    )
    died, to_death, to_last = pl.col("died"), pl.col("to_death"), pl.col("to_last_alive")
    told = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("death", "death_day", "last_alive", "last_alive_day")
    )
    time = pl.when(died).then(to_death).otherwise(to_last)
    reason = (
        pl.when(~told & ~died)
        .then(pl.lit("no death and no last sign of life"))
        .when(died & pl.col("death").is_null() & pl.col("death_day").is_null())
        .then(pl.lit("dead, but no date of death"))
        .when(died & (~pl.col("deceased") | (to_last > to_death)).fill_null(False))
        .then(pl.lit("statements about death contradict each other"))
        .when(pl.col("start_day").is_null() & pl.col("start_date").is_null())
        .then(pl.lit("no date of diagnosis known to the day"))
        .when(time.is_null())
        .then(pl.lit("the end is not known to the day, or only on another time scale than the diagnosis"))
        .when(time < 0)
        .then(pl.lit("the end is before the diagnosis"))
    )
    return timed.select("person", time=time, event=died, reason=reason)


def _days(end: pl.Expr) -> pl.Expr:
    return (end - pl.col("start_date")).dt.total_days()
