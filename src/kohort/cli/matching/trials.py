"""`kohort match lint` and `schema`: trials themselves, without or with a site's data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.matching.common import AsOf, Json, parse_day, record
from kohort.cli.output import console, show_json
from kohort.errors import UserError
from kohort.match import Population, json_schema
from kohort.match.linter import lint as lint_files
from kohort.match.trials.problems import Problem
from kohort.store import Site

__all__ = ["lint", "schema"]

_ORDER = ("error", "warning", "note")
_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def lint(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Trial files or folders.")],
    site: Annotated[Path | None, typer.Option(help="Check against the data of this site, too.")] = None,
    as_of: AsOf = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="Exit with 1 from this severity on: error, warning, note or never.")
    ] = "error",
    json: Json = False,
) -> None:
    """Find what is wrong or odd about trials: names, values, logic, and criteria that no data can answer.

    Example: kohort match lint trials/ --site oslo
    """
    if fail_on not in (*_ORDER, "never"):
        raise UserError(f"{fail_on!r} is no severity.", remedy=f"Use {', '.join(_ORDER)} or never.")
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise UserError(f"There is no file or folder {missing[0]}.", remedy="Check the path.")
    day = parse_day(as_of)
    population = None
    if site is not None:
        opened = Site.open(site)
        population = Population.of(opened, known_by=day)
        record(opened, population.persons.tolist(), "Checking trials against the data of this site.")
    found = sorted(lint_files(paths, population, day), key=lambda problem: _ORDER.index(problem.severity))
    if json:
        show_json([_as_json(problem) for problem in found])
    else:
        _show(found)
    limit = _ORDER.index(fail_on) if fail_on != "never" else -1
    if any(_ORDER.index(problem.severity) <= limit for problem in found):
        raise typer.Exit(1)


def schema() -> None:
    """Print the JSON Schema of Kohort's YAML: editors then complete and check trials while they are written.

    Example: kohort match schema > kohort-trial.schema.json
    """
    show_json(json_schema())


def _as_json(problem: Problem) -> dict[str, object]:
    error = problem.error
    return {
        "severity": problem.severity, "rule": problem.rule, "path": None if error.path is None else str(error.path),
        "line": error.line, "key": error.column, "message": error.reason, "remedy": error.remedy,
    }  # fmt: skip


def _show(found: list[Problem]) -> None:
    for problem in found:
        console.print(f"[{_STYLES[problem.severity]}]{problem.severity:8}[/] [bold]{problem.rule}[/]", highlight=False)
        console.print(f"         {problem}", soft_wrap=True, markup=False)
    counts = Counter(problem.severity for problem in found)
    parts = [f"{counts[name]} {name}{'' if counts[name] == 1 else 's'}" for name in _ORDER if counts[name]]
    console.print(", ".join(parts) + "." if parts else "Nothing to remark.")
