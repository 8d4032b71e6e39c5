"""What a demonstration prints."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from kohort.cli.demonstration.run import Demonstration

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


def _table(title: str, first: str, names: list[str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first, overflow="fold")
    for name in names:
        table.add_column(name, justify="right")
    return table


def _sites(result: Demonstration, console: Console) -> None:
    table = _table("Sites", "Site", ["Files", "Lines", "Accepted", "Set aside", "Findings", "Variants", "Treatments"])
    for site in result.data.sites:
        numbers = (site.files, site.lines, site.accepted, site.quarantined, len(site.findings))
        table.add_row(site.name, *(f"{n:,}" for n in numbers), _number(site.variants), _number(site.therapies))
    console.print(table)


def _steps(result: Demonstration, console: Console) -> None:
    names = [site.name for site in result.data.sites]
    table = _table("Patients", "Step", [*names, "All"])
    for step in result.data.funnel:
        cells = [step.by_site[name] for name in names]
        table.add_row(step.label, *("" if c is None else _number(c) for c in cells), _number(step.total))
    console.print(table)


def _cohorts(result: Demonstration, console: Console) -> None:
    table = _table(
        "Treatment cohorts, pooled", "Cohort", ["Fit", "Unknown", "Treated", "Evaluable", "Responders", "Decision"]
    )
    for row in result.data.cohorts:
        if row.enrolled == 0:
            continue
        numbers = (row.eligible, row.unknown, row.enrolled, row.evaluable, row.responders)
        table.add_row(row.id, *(_number(n) for n in numbers), row.decision_label)
    console.print(table)
    rest = sum(row.enrolled == 0 for row in result.data.cohorts)
    if rest:
        console.print(f"{rest} more cohorts have nobody treated yet; the report shows who would fit.")


def _number(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count
