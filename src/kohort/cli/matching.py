"""`kohort match`: who fits which cohort of a protocol."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.output import console, errors, show_json, table
from kohort.errors import UserError
from kohort.match import Trial, default_protocol, read_trials
from kohort.match import match as match_trials
from kohort.store import Site

__all__ = ["match", "parse_day"]


def parse_day(text: str | None) -> date:
    """A day as yyyy-mm-dd; today if none is given."""
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no date.", remedy="Write it as yyyy-mm-dd.") from None


def match(
    site: Annotated[Path, typer.Option(help="Folder of the site.")],
    protocol: Annotated[
        list[Path] | None, typer.Option(help="Trial files (YAML); the illustrative protocol if none is given.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Day of matching, yyyy-mm-dd; today if none is given.")] = None,
    closed_world: Annotated[bool, typer.Option("--closed-world", help="Read unknown as no.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Count for each cohort who fits, who does not, and for whom a fact is missing.

    Example: kohort match --site oslo --as-of 2026-11-23
    """
    opened = Site.open(site)
    trials = _trials(protocol)
    matches = match_trials(trials, opened, as_of=parse_day(as_of), closed_world=closed_world)
    opened.record_read(
        who="command line",
        purpose="care",
        what="Matching of all patients of this site with treatment cohorts.",
        persons=(int(person) for person in matches.population.persons),
    )
    counts, missing = matches.counts(), matches.missing()
    if json:
        show_json({"as_of": matches.as_of, "cohorts": counts.to_dicts(), "missing": missing.to_dicts()})
        return
    first = {row["arm"]: row["fact"] for row in missing.reverse().iter_rows(named=True)}
    shown = table(f"{opened.name}, as of {matches.as_of}", "Cohort", "Fit", "Unknown", "Near miss")
    shown.add_column("Fact that would settle most unknowns", overflow="fold")
    for row in counts.iter_rows(named=True):
        numbers = (f"{row[name]:,}" for name in ("eligible", "unknown", "near_misses"))
        shown.add_row(row["arm"], *numbers, first.get(row["arm"], ""))
    console.print(shown)


def _trials(paths: list[Path] | None) -> list[Trial]:
    if not paths:
        return [default_protocol()]
    trials, problems = read_trials(paths)
    for problem in problems:
        errors.print(f"[yellow]{problem}[/]", soft_wrap=True)
    if not trials:
        raise UserError("No trial could be read.", remedy="Mend the problems above.")
    return list(trials)
