"""What a demonstration prints."""

from __future__ import annotations

from rich.console import Console

from kohort.cli.demonstration.run import Demonstration
from kohort.cli.output import table

__all__ = ["show"]


def show(result: Demonstration, console: Console) -> None:
    """Print the summary of a demonstration."""
    _sites(result, console)
    _steps(result, console)
    _cohorts(result, console)
    for picture in result.data.survival[:1]:
        for curve in picture.groups:
            console.print(f"{picture.title}: {curve.n} patients, {curve.events} deaths, median {curve.median_text}.")
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in result.seconds.items())
    console.print(f"[dim]{seconds}[/]")
    console.print(f"Report: [bold]{result.report}[/]")


def _sites(result: Demonstration, console: Console) -> None:
    shown = table("Sites", "Site", "Lines", "Accepted", "Set aside", "Findings", "Variants", "Treatments")
    for site in result.data.sites:
        numbers = (site.lines, site.accepted, site.quarantined, len(site.findings), site.variants, site.therapies)
        shown.add_row(site.name, *map(_number, numbers))
    console.print(shown)


def _steps(result: Demonstration, console: Console) -> None:
    names = [site.name for site in result.data.sites]
    shown = table("Patients", "Step", *names, "All")
    for step in result.data.funnel:
        cells = [step.by_site[name] for name in names]
        shown.add_row(step.label, *("" if c is None else _number(c) for c in cells), _number(step.total))
    console.print(shown)


def _cohorts(result: Demonstration, console: Console) -> None:
    shown = table("Treatment cohorts, pooled", "Cohort", "Fit", "Unknown", "Evaluable", "Responders", "Decision")
    for row in result.data.cohorts:
        if row.enrolled != 0:
            numbers = (row.eligible, row.unknown, row.evaluable, row.responders)
            shown.add_row(row.id, *map(_number, numbers), row.decision_label)
    console.print(shown)
    rest = sum(row.enrolled == 0 for row in result.data.cohorts)
    if rest:
        console.print(f"{rest} more cohorts have nobody treated yet; the report shows who would fit.")


def _number(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count
