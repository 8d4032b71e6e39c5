"""What all matching commands share: their options, the trials they read, and the ledger entry of what they read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from kohort.cli.output import errors, progress, show_json
from kohort.errors import UserError
from kohort.match import Matches, Trial, default_protocol, read_trials
from kohort.match import match as match_trials
from kohort.match.people.units import Unit
from kohort.match.trials.problems import Problem
from kohort.store import Site

__all__ = [
    "AsOf", "Closed", "Json", "More", "Out", "SiteFolder", "Trials", "chosen_trials", "matched", "open_arms",
    "parse_day", "record", "show_frame", "today", "write_frame",
]  # fmt: skip

SiteFolder = Annotated[Path, typer.Option(help="Folder of the site.")]
Trials = Annotated[
    list[Path] | None,
    typer.Option("--trials", "--protocol", help="Trial files or folders (CTML or Kohort's YAML), one or several."),
]
More = Annotated[list[Path] | None, typer.Argument(hidden=True)]
AsOf = Annotated[str | None, typer.Option(help="Day of matching, yyyy-mm-dd; today if none is given.")]
Closed = Annotated[
    bool, typer.Option("--closed-world", help="Read unknown as no, and CTML as matchengine-V2 reads it.")
]
Out = Annotated[Path | None, typer.Option(help="File to write: .csv or .parquet.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def today() -> date:
    """The present day (UTC)."""
    return datetime.now(UTC).date()


def parse_day(text: str | None) -> date:
    """A day as yyyy-mm-dd; today if none is given."""
    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no date.", remedy="Write it as yyyy-mm-dd.") from None


def chosen_trials(paths: list[Path] | None, more: list[Path] | None = None) -> list[Trial]:
    """The trials of some files, or the illustrative protocol; what is wrong with a file goes to standard error."""
    given = [*(paths or ()), *(more or ())]
    if not given:
        return [default_protocol()]
    trials, problems = read_trials(given)
    wrong: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        if problem.severity == "error":  # one line for what is wrong in the same way throughout a file
            wrong.setdefault((problem.error.path, problem.rule, problem.error.reason), []).append(problem)
    for first, *others in wrong.values():
        errors.print(
            f"{first}" + (f" (and {len(others)} more like it)" if others else ""), soft_wrap=True, markup=False
        )
    odd = sum(problem.severity != "error" for problem in problems)
    if odd:
        errors.print(
            f"{odd} more remarks on these trials: kohort match lint {' '.join(map(str, given))}", soft_wrap=True
        )
    if not trials:
        raise UserError("No trial could be read.", remedy="Mend the problems above.")
    return trials


def open_arms(trials: Iterable[Trial], *, closed_too: bool) -> list[Trial]:
    """The trials with those of their arms that take patients; all of them if the closed ones are wanted too."""
    if closed_too:
        return list(trials)
    kept = [(trial, tuple(arm for arm in trial.arms if trial.is_open(arm))) for trial in trials]
    return [replace(trial, arms=arms) for trial, arms in kept if arms]


def matched(
    site: Site, trials: list[Trial], as_of: date, *, closed_world: bool = False, unit: Unit = "person"
) -> Matches:
    """The matches of a site, with a progress bar, and entered in its ledger."""
    with progress("Matching", None) as advance:
        advance(f"{sum(len(trial.arms) for trial in trials)} arms", 0)
        matches = match_trials(trials, site, as_of=as_of, closed_world=closed_world, unit=unit)
    record(site, matches.population.persons.tolist(), "Matching of all patients of this site with trials.")
    return matches


def record(site: Site, persons: Iterable[int], what: str) -> None:
    """Enter into the ledger that patients' rows were read."""
    site.record_read(who="command line", purpose="care", what=what, persons=persons)


def write_frame(frame: pl.DataFrame, out: Path) -> None:
    """Write a table as CSV or Parquet, by the file's ending.

    Raises:
        UserError: the ending is neither, or the folder is not there.
    """
    if not out.parent.is_dir():
        raise UserError(f"There is no folder {out.parent}.", remedy="Make it, or name another file.")
    match out.suffix.lower():
        case ".parquet":
            frame.write_parquet(out)
        case ".csv":
            frame.write_csv(out)
        case ending:
            raise UserError(
                f"{ending or 'No ending'!r} is no format of a table.", remedy="End the name in .csv or .parquet."
            )


def show_frame(frame: pl.DataFrame) -> None:
    """Print the rows of a table as JSON."""
    show_json(frame.to_dicts())
