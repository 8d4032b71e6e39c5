"""`kohort cohort pool`: sister cohorts of several countries, from counts alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.cohorts.common import (
    EIGHT_AND_SIXTEEN,
    P0,
    P1,
    Design,
    Json,
    Picture,
    counts_file,
    stated_design,
    whole,
)
from kohort.cli.cohorts.pictures import draw, of_countries
from kohort.cli.output import console, show_json, table
from kohort.cohort import CohortCount, LeftOut, PooledCohort, leave_one_country_out, pool_counts
from kohort.cohort.countries.pooling import PoolingMethod

__all__ = ["pool"]

COLUMNS = ("trial", "country", "cohort", "responders", "evaluable")


def pool(
    counts: Annotated[Path, typer.Argument(help=f"CSV file with the columns {', '.join(COLUMNS)}.")],
    design: Design = EIGHT_AND_SIXTEEN,
    p0: P0 = 0.1,
    p1: P1 = 0.3,
    method: Annotated[PoolingMethod, typer.Option(help="Trials as one, or as draws from one distribution.")] = "fixed",
    json: Json = False,
    picture: Picture = None,
) -> None:
    """Pool the counts of sister trials by cohort, with what each country changes. No patient's row is needed.

    Example: kohort cohort pool counts.csv --method hierarchical
    """
    plan = stated_design(design, p0, p1)
    told = [
        CohortCount(
            row["trial"], row["country"], row["cohort"],
            whole(row, "responders", counts, line), whole(row, "evaluable", counts, line), plan,
        )
        for line, row in enumerate(counts_file(counts, COLUMNS), start=2)
    ]  # fmt: skip
    pooled, left = pool_counts(told, method), leave_one_country_out(told, method)
    if picture is not None:
        draw(of_countries(pooled.values(), p0, p1), picture)
    if json:
        show_json([_plain(pooled[cohort], left[cohort]) for cohort in pooled])
        return
    _show(pooled, left, plan_words=str(plan))


def _plain(found: PooledCohort, left: tuple[LeftOut, ...]) -> dict[str, object]:
    return {
        "cohort": found.cohort, "countries": found.countries, "responders": found.responders,
        "evaluable": found.evaluable, "rate": found.rate,
        "interval_95": [found.interval.lower, found.interval.upper], "verdict": found.verdict,
        "sentence": found.sentence,
        "without": {
            each.country: {"verdict": each.pooled and each.pooled.verdict, "changes_verdict": each.changes_verdict}
            for each in left
        },
    }  # fmt: skip


def _show(pooled: Mapping[str, PooledCohort], left: Mapping[str, tuple[LeftOut, ...]], plan_words: str) -> None:
    shown = table(
        f"Pooled cohorts; design {plan_words}", "Cohort", "Trials", "Responders", "Rate", "95 % interval", "Verdict",
        "Hangs on",
    )  # fmt: skip
    for cohort, found in pooled.items():
        hangs = [each.country for each in left[cohort] if each.changes_verdict]
        shown.add_row(
            cohort, str(len(found.counts)), f"{found.responders} of {found.evaluable}",
            "-" if found.rate is None else f"{found.rate:.2f}",
            f"{found.interval.lower:.2f} to {found.interval.upper:.2f}", str(found.verdict or "-"),
            ", ".join(hangs) or "-",
        )  # fmt: skip
    console.print(shown)
    for found in pooled.values():
        console.print(found.sentence)
