"""`kohort demo`: the whole way of the data, once, on this machine."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.matching import parse_day
from kohort.cli.output import console, progress, show_json

__all__ = ["demo"]


def demo(  # noqa: PLR0913, PLR0917 - each is an option of the command
    study: Annotated[Path | None, typer.Option(help="A cBioPortal study folder; invented patients without it.")] = None,
    split_by: Annotated[
        str | None, typer.Option("--split-by", help="Clinical column by whose values the study becomes sites.")
    ] = None,
    sites: Annotated[int, typer.Option(help="Number of sites.")] = 3,
    patients: Annotated[int, typer.Option(help="Invented patients of all sites together.")] = 900,
    seed: Annotated[int, typer.Option(help="Seed of the invented patients.")] = 1,
    as_of: Annotated[str | None, typer.Option(help="Day of matching, yyyy-mm-dd; today if none is given.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for sites and report; an earlier demo there is replaced.")] = Path(
        "kohort-demo"
    ),
    open_report: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Make sites, read their files, profile, match, fill cohorts, pool, and write one report.

    Example: kohort demo

    Example: kohort demo --study my-study --split-by HOSPITAL --open
    """
    # loaded here: the other commands need none of it
    from kohort.cli.demonstration import run, screen  # noqa: PLC0415

    day = parse_day(as_of)
    with progress("Demo", None, quiet=json) as advance:
        result = run.demonstrate(
            out, study=study, column=split_by, count=sites, patients=patients, seed=seed, as_of=day, progress=advance
        )
    if json:
        show_json(result.to_json())
    else:
        screen.show(result, console)
    if open_report:
        webbrowser.open(result.report.resolve().as_uri())
