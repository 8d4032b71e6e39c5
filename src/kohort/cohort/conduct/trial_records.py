"""A cohort from the published records of a trial: every patient of the study was treated in it.

Studies of basket trials give one best response a patient and no treatment rows. Everybody in the records is
enrolled; the best response decides:

* CR or PR: evaluated, responder. SD or PD: evaluated, no responder.
* NE: no evaluation was made that counts. RECIST 1.1 (Eisenhauer EA et al. Eur J Cancer 2009;45:228-247) lets a
  protocol count such patients as non-responders of everybody treated, or leave them out as not evaluable; the
  caller says which.
* No recorded response: not yet evaluable (pending).

The records carry no order of evaluation, so nothing shows whether anybody looked after stage 1; every event
says ``is_retrospective``.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.errors import InputError
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["NotEvaluable", "enrolments_from_best_responses"]

NotEvaluable = Literal["left out", "no response"]
"""What becomes of patients whose best response is NE."""


def enrolments_from_best_responses(
    data: TableSet | HasTables, cohort: str, *, not_evaluable: NotEvaluable = "left out", setting: str = "advanced"
) -> list[CohortEvent]:
    """Events of one cohort that everybody in the data was treated in.

    Args:
        data: a site or its tables (``person`` and ``response`` are read).
        cohort: identifier of the cohort.
        not_evaluable: "left out": NE takes no place; "no response": NE is evaluable without a response.
        setting: the setting of the trial's treatment, a value of ``therapy.setting``.

    Returns:
        For each person, by source line, an enrolment and, where a best response is recorded, what it says.

    Raises:
        InputError: a person has two different best responses, or an unknown rule for NE.
    """
    if not_evaluable not in ("left out", "no response"):
        raise InputError(
            f"There is no rule {not_evaluable!r} for patients who are not evaluable.",
            remedy="Give 'left out' or 'no response'.",
        )
    tables = tables_of(data)
    best = _best(tables, cohort)
    people = tables.frame("person", ["person", "source_file", "source_line"]).sort("source_file", "source_line")
    told = people.select("person").join(best, on="person", how="left", maintain_order="left")
    events: list[CohortEvent] = []
    for person, category in told.iter_rows():
        events.append(CohortEvent(cohort, person, EventKind.ENROLLED, setting=setting, is_retrospective=True))
        if category is not None:
            events.append(_outcome(cohort, person, category, not_evaluable))
    return events


def _best(tables: TableSet, cohort: str) -> pl.DataFrame:
    """Person and category of each best response."""
    best = (
        tables.frame("response", ["person", "category", "is_best"])
        .filter(pl.col("is_best").fill_null(value=False))
        .select("person", "category")
        .unique()
    )
    if best["person"].is_duplicated().any():
        raise InputError(
            f"Cohort {cohort}: a patient has two different best responses.",
            remedy="Keep one best response a patient in the source.",
        )
    return best


def _outcome(cohort: str, person: int, category: str, not_evaluable: NotEvaluable) -> CohortEvent:
    if category == "NE" and not_evaluable == "left out":
        return CohortEvent(cohort, person, EventKind.NOT_EVALUABLE, is_retrospective=True)
    responded = category in ("CR", "PR")
    return CohortEvent(cohort, person, EventKind.EVALUATED, response=responded, is_retrospective=True)
