"""`kohort match watch`: match again when the site or a trial changes, and say what is new, gone or changed, and why."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from kohort.cli.matching.common import (
    AsOf,
    Closed,
    Json,
    More,
    SiteFolder,
    Trials,
    chosen_trials,
    matched,
    open_arms,
    parse_day,
)
from kohort.cli.output import console, show_json, table
from kohort.errors import UserError
from kohort.match.answers.changes import Snapshot, changes, snapshot
from kohort.store import Site

__all__ = ["watch"]

_SHOWN = 30


def watch(  # noqa: PLR0913, PLR0917 - each is an option of the command
    site: SiteFolder,
    trials: Trials = None,
    more: More = None,
    state: Annotated[Path, typer.Option(help="File that keeps the last matching (Parquet).")] = Path("matches.state"),
    once: Annotated[bool, typer.Option("--once", help="Compare once and leave.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks for a change.", min=0.2)] = 5.0,
    closed_world: Closed = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Match again on change: a new batch at the site, an edited trial, or a new day.

    Example: kohort match watch --site oslo --trials trials/ --state oslo.matches --once
    """
    opened = Site.open(site)
    paths = [*(trials or ()), *(more or ())]
    if not state.parent.is_dir():
        raise UserError(f"There is no folder {state.parent}.", remedy="Make it, or name another file with --state.")
    seen: object = None
    while True:
        now = (_marks([opened.path / "manifest.jsonl", *paths]), parse_day(as_of))
        if now != seen:
            seen = now
            _look(opened, paths, state, now[1], closed_world=closed_world, json=json)
        if once:
            return
        time.sleep(every)


def _look(site: Site, paths: list[Path], state: Path, day: object, *, closed_world: bool, json: bool) -> None:
    """Match, compare with the last matching, and keep the new one."""
    chosen = open_arms(chosen_trials(paths), closed_too=False)
    after = snapshot(matched(site, chosen, day, closed_world=closed_world, unit="sample"))  # type: ignore[arg-type]
    if state.exists():
        found = changes(Snapshot.read(state), after)
        _show(found, json=json)
    else:
        matches = after.rows.group_by("verdict").len()
        told = ", ".join(f"{count:,} {verdict}" for verdict, count in matches.sort("verdict").iter_rows())
        if json:
            show_json({"first": True, "matches": dict(matches.iter_rows())})
        else:
            console.print(f"First matching: {told or 'no match'}. Kept in {state}.")
    part = state.with_name(state.name + ".part")
    after.write(part)
    part.replace(state)


def _show(found: pl.DataFrame, *, json: bool) -> None:
    if json:
        show_json(found.to_dicts())
        return
    at = datetime.now().astimezone().strftime("%H:%M:%S")
    if not found.height:
        console.print(f"{at} Nothing changed.")
        return
    shown = table(f"{at} Changes", "Arm", "Person")
    for name in ("Before", "After", "What did it"):
        shown.add_column(name, overflow="fold")
    for row in found.head(_SHOWN).iter_rows(named=True):
        did = f"{row['requirement'] or ''} ({row['why']})".strip()
        verdicts = (row["before"] or "not matched", row["after"] or "not matched")
        shown.add_row(f"{row['trial']} {row['arm']}", str(row["person"]), *verdicts, did)
    console.print(shown)
    if found.height > _SHOWN:
        console.print(f"... and {found.height - _SHOWN:,} more; --json shows all.")


def _marks(paths: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """Name, time of change and size of files, those in folders too."""
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    found = [(file, file.stat()) for file in files if file.is_file()]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in found)
