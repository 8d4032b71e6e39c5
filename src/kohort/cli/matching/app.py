"""The group `kohort match`, and what it shows without a subcommand: counts, and the fact that would settle most."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.matching import answers, patient, run, trials, watch
from kohort.cli.matching.common import AsOf, Closed, Json, Trials, chosen_trials, matched, parse_day
from kohort.cli.output import console, show_json, table
from kohort.errors import UserError
from kohort.match import Matches
from kohort.store import Site

__all__ = ["app"]

app = typer.Typer(
    help="Who fits which trial or cohort, why, why not, and which missing fact would decide.",
    invoke_without_command=True,
)
app.command("run")(run.run)
app.command("explain")(patient.explain)
app.command("options")(patient.options)
app.command("missing")(answers.missing)
app.command("near")(answers.near)
app.command("feasibility")(answers.feasibility)
app.command("lint")(trials.lint)
app.command("schema")(trials.schema)
app.command("watch")(watch.watch)


@app.callback()
def overview(
    context: typer.Context,
    site: Annotated[Path | None, typer.Option(help="Folder of the site.")] = None,
    protocol: Trials = None,
    as_of: AsOf = None,
    closed_world: Closed = False,
    json: Json = False,
) -> None:
    """Count for each cohort who fits, who does not, and for whom a fact is missing.

    Example: kohort match --site oslo --as-of 2026-11-23

    Example: kohort match run --site oslo --trials trials/ --out matches.csv
    """
    if context.invoked_subcommand is not None:
        return
    if site is None:
        raise UserError("Which site?", remedy="Give --site DIR, or a subcommand: kohort match --help.")
    opened = Site.open(site)
    matches = matched(opened, chosen_trials(protocol), parse_day(as_of), closed_world=closed_world)
    if json:
        counts, facts = matches.counts().to_dicts(), matches.missing().to_dicts()
        show_json({"as_of": matches.as_of, "arms": counts, "missing": facts})
        return
    show_counts(opened.name, matches.as_of, matches)


def show_counts(name: str, as_of: date, matches: Matches) -> None:
    """Print one line an arm."""
    counts, facts = matches.counts(), matches.missing()
    first = {(row["trial"], row["arm"]): row["fact"] for row in facts.reverse().iter_rows(named=True)}
    several = counts["trial"].n_unique() > 1
    shown = table(f"{name}, as of {as_of}", "Arm", "Fit", "Unknown", "Near miss")
    shown.add_column("Fact that would settle most unknowns", overflow="fold")
    for row in counts.iter_rows(named=True):
        numbers = (f"{row[number]:,}" for number in ("eligible", "unknown", "near_misses"))
        words = f"{row['trial']} {row['code']}" if several else row["code"]
        words += "" if row["status"] == "open" else f" ({row['status']})"
        shown.add_row(words, *numbers, first.get((row["trial"], row["arm"]), ""))
    console.print(shown)
