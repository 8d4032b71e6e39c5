"""`kohort match run`: every sample against every arm, as a table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from kohort.cli.matching.common import (
    AsOf,
    Closed,
    Json,
    More,
    Out,
    SiteFolder,
    Trials,
    chosen_trials,
    matched,
    open_arms,
    parse_day,
    write_frame,
)
from kohort.cli.output import console, show_json, table
from kohort.errors import UserError
from kohort.match import Matches
from kohort.store import Site

__all__ = ["run", "verdict_rows"]


def run(  # noqa: PLR0913, PLR0917 - each is an option of the command
    site: SiteFolder,
    trials: Trials = None,
    more: More = None,
    closed_world: Closed = False,
    as_of: AsOf = None,
    with_source_ids: Annotated[
        bool, typer.Option("--with-source-ids", help="Add the ids that the source uses; on one's own site only.")
    ] = False,
    closed_arms: Annotated[
        bool, typer.Option("--closed-arms", help="Match closed trials and suspended or closed arms too.")
    ] = False,
    verdict: Annotated[
        list[str] | None, typer.Option(help="Only these: eligible, unknown, ineligible; all if none is given.")
    ] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Match each sample with each arm that takes patients, and write person, sample, trial, level, code, verdict.

    Example: kohort match run --site oslo --trials trials/*.json --as-of 2026-11-23 --out matches.csv
    """
    wanted = verdict or ["eligible", "unknown", "ineligible"]
    wrong = [word for word in wanted if word not in ("eligible", "unknown", "ineligible")]
    if wrong:
        raise UserError(f"{wrong[0]!r} is no verdict.", remedy="Use eligible, unknown or ineligible.")
    opened = Site.open(site)
    chosen = open_arms(chosen_trials(trials, more), closed_too=closed_arms)
    if not chosen:
        raise UserError(
            "No arm of these trials takes patients.", remedy="Add --closed-arms to match them all the same."
        )
    matches = matched(opened, chosen, parse_day(as_of), closed_world=closed_world, unit="sample")
    rows = verdict_rows(matches, wanted)
    if with_source_ids:
        rows = _with_source_ids(rows, opened)
    if out is not None:
        write_frame(rows, out)
    _show(opened.name, matches, rows, wanted, out=out, json=json)


def _show(name: str, matches: Matches, rows: pl.DataFrame, wanted: list[str], *, out: Path | None, json: bool) -> None:
    """Print how many there are of each verdict."""
    counts = dict(rows.group_by("verdict").len().iter_rows())
    trials = len({found.trial.id for found in matches.arms})
    if json:
        show_json({
            "as_of": matches.as_of, "samples": matches.population.size, "arms": len(matches.arms), "verdicts": counts,
            "out": None if out is None else str(out), **({} if out else {"rows": rows.to_dicts()}),
        })  # fmt: skip
        return
    shown = table(f"{name}, as of {matches.as_of}", "Verdict", "Sample x arm")
    for word in wanted:
        shown.add_row(word, f"{counts.get(word, 0):,}")
    console.print(shown)
    console.print(
        f"{matches.population.size:,} samples, {len(matches.arms):,} arms of {trials:,} trials"
        + (f": {rows.height:,} rows in {out}." if out else ". Add --out FILE.csv or FILE.parquet to keep the rows.")
    )


def verdict_rows(matches: Matches, wanted: list[str]) -> pl.DataFrame:
    """``person``, ``sample`` (null for a person without one), ``trial``, ``level``, ``code``, ``verdict``."""
    arms = pl.DataFrame(
        {
            "trial": [found.trial.id for found in matches.arms],
            "arm": [found.arm.id for found in matches.arms],
            "level": [found.arm.level for found in matches.arms],
            "code": [found.arm.code for found in matches.arms],
        }
    )
    rows = matches.verdicts(*wanted).join(arms, on=["trial", "arm"], how="left", maintain_order="left")  # type: ignore[arg-type]
    sample = pl.when(pl.col("sample") != 0).then(pl.col("sample")).alias("sample")
    return rows.select("person", sample, "trial", "level", "code", pl.col("verdict").cast(pl.String))


def _with_source_ids(rows: pl.DataFrame, site: Site) -> pl.DataFrame:
    """The ids of patients and samples at the source, beside the pseudonyms; reading them is entered in the ledger."""
    persons = rows["person"].unique().to_list()
    who = {"who": "command line", "purpose": "care", "persons": persons}
    found = rows
    for column, name, added in (
        ("person", "person", "patient_source_id"), ("sample", "specimen", "sample_source_id"),
    ):  # fmt: skip
        ids = site.source_ids(name, **who).rename({"id": column, "source_id": added})  # type: ignore[arg-type]
        found = found.join(ids, on=column, how="left", maintain_order="left")
    return found
