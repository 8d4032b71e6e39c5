"""Filling cohorts from what was recorded: treatments that were given and the responses to them.

This is a look back, not a trial. Nobody decided to enrol these patients, nobody looked after stage 1, and
responses were judged as each hospital judged them; every event says ``is_retrospective``.

* Enrolled: an eligible person with a course of systemic therapy that holds one of the cohort's drugs; the
  first such course counts (by day from the time origin, then calendar date, courses without either last).
* Responder: a recorded best response of that course of CR or PR. Rows that the source calls the best
  response stand before others.
* Non-responder: only SD, PD or NE recorded.
* Not yet evaluable (pending): no response recorded for that course.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.errors import InputError, UnknownNameError
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["enrolments_from_records"]

DRUG_SYSTEM = "kohort-drug"
RESPONSES = ("CR", "PR")


def enrolments_from_records(
    eligible: pl.DataFrame, data: TableSet | HasTables, drugs: Mapping[str, Sequence[str]]
) -> list[CohortEvent]:
    """Events of every eligible person who was given a drug of the cohort.

    Args:
        eligible: who fits which cohort: ``cohort`` (text) and ``person`` (int64); repeated rows count once.
        data: a site or its tables (``therapy``, ``therapy_item``, ``response`` are read).
        drugs: INN names (any case) of each cohort; one of them is enough.

    Returns:
        For each enrolled person an enrolment, followed by an evaluation if a response is recorded; sorted
        by cohort, day (missing last) and person. At most one enrolment per person and cohort.

    Raises:
        InputError: ``eligible`` lacks a column.
        UnknownNameError: a cohort of ``eligible`` has no entry in ``drugs``.
    """
    _check(eligible, drugs)
    tables = tables_of(data)
    wanted = pl.DataFrame(
        [(cohort, drug.lower()) for cohort, names in drugs.items() for drug in names],
        schema={"cohort": pl.String, "drug": pl.String},
        orient="row",
    ).unique()
    courses = _first_courses(eligible.select("cohort", pl.col("person").cast(pl.Int64)), tables, wanted)
    responded = courses.join(_responses(tables), on=["person", "therapy"], how="left")
    ordered = responded.sort("cohort", "start_day", "person", nulls_last=True)
    columns = ("cohort", "person", "setting", "start_day", "responded", "assessed_day")
    return [event for row in ordered.select(columns).iter_rows() for event in _events(*row)]


def _events(
    cohort: str,
    person: int,
    setting: str | None,
    start_day: int | None,
    responded: bool | None,
    assessed_day: int | None,
) -> list[CohortEvent]:
    enrolled = CohortEvent(cohort, person, EventKind.ENROLLED, setting=setting, day=start_day, is_retrospective=True)
    if responded is None:
        return [enrolled]
    evaluated = CohortEvent(
        cohort, person, EventKind.EVALUATED, response=responded, day=assessed_day, is_retrospective=True
    )
    return [enrolled, evaluated]


def _check(eligible: pl.DataFrame, drugs: Mapping[str, Sequence[str]]) -> None:
    for column in ("cohort", "person"):
        if column not in eligible.columns:
            raise InputError(
                "The list of eligible persons lacks a column.",
                column=column,
                remedy="Give a frame with the columns cohort and person.",
            )
    for cohort in eligible["cohort"].unique(maintain_order=True):
        if cohort not in drugs:
            raise UnknownNameError("cohort with drugs", str(cohort), drugs)


def _first_courses(eligible: pl.DataFrame, tables: TableSet, wanted: pl.DataFrame) -> pl.DataFrame:
    """First systemic course of each eligible person and cohort with one of the cohort's drugs."""
    items = (
        tables.frame("therapy_item", ["person", "therapy", "item_system", "item_code"])
        .filter(pl.col("item_system") == DRUG_SYSTEM)
        .select("person", "therapy", drug=pl.col("item_code").str.to_lowercase())
        .join(wanted, on="drug")
        .join(eligible.unique(), on=["cohort", "person"])
    )
    therapies = (
        tables.frame("therapy", ["person", "id", "modality", "setting", "start_day", "start"])
        .filter(pl.col("modality") == "systemic")
        .rename({"id": "therapy"})
    )
    return (
        items.join(therapies, on=["person", "therapy"])
        .sort("cohort", "person", "start_day", "start", "therapy", nulls_last=True)
        .unique(["cohort", "person"], keep="first", maintain_order=True)
    )


def _responses(tables: TableSet) -> pl.DataFrame:
    """Whether each course was answered by CR or PR, and the day of the first row that says so."""
    rows = (
        tables.frame("response", ["person", "therapy", "category", "is_best", "assessed_day"])
        .drop_nulls(["therapy", "category"])
        .with_columns(responded=pl.col("category").is_in(RESPONSES), is_best=pl.col("is_best").fill_null(value=False))
    )
    return (
        rows.sort("is_best", "responded", "assessed_day", descending=[True, True, False], nulls_last=True)
        .unique(["person", "therapy"], keep="first", maintain_order=True)
        .select("person", "therapy", "responded", "assessed_day")
    )
