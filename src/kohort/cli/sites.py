"""`kohort site ...` and `kohort ingest`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from kohort.cli.output import console, progress, show_json, table
from kohort.store import IngestReport, Site

__all__ = ["app", "ingest", "show_report"]

app = typer.Typer(help="A hospital's or registry's node.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def create(
    folder: Annotated[Path, typer.Argument(help="New folder of the site.")],
    name: Annotated[str, typer.Option(help="Name of the hospital or registry.")],
    country: Annotated[str, typer.Option(help="Two letters, ISO 3166: NO, SE, DK ...")],
    json: Json = False,
) -> None:
    """Make a new site, with a pseudonym key of its own.

    Example: kohort site create oslo --name "Oslo" --country NO
    """
    site = Site.create(folder, name, country)
    if json:
        show_json({"path": str(site.path), "name": site.name, "country": site.country})
        return
    console.print(f"Made the site {site.name} ({site.country}) in {site.path}.")
    console.print("Keep a copy of its keys/ folder in a safe place: without it no pseudonym can be made again.")


@app.command()
def show(folder: Annotated[Path, typer.Argument(help="Folder of the site.")], json: Json = False) -> None:
    """Show the tables and batches of a site.

    Example: kohort site show oslo
    """
    site = Site.open(folder)
    batches = site.batches
    rows = {name: site.tables.frame(name, ["id"]).height for name in sorted({t for b in batches for t in b.tables})}
    if json:
        show_json({"name": site.name, "country": site.country, "batches": [asdict(b) for b in batches], "rows": rows})
        return
    shown = table(f"{site.name} ({site.country}), {len(batches)} batches", "Table", "Current rows")
    for name, count in rows.items():
        shown.add_row(name, f"{count:,}")
    console.print(shown)


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders, e.g. a cBioPortal study.")],
    site: Annotated[Path, typer.Option(help="Folder of the site.")],
    format: Annotated[str, typer.Option(help="Format of the files; auto finds it.")] = "auto",  # noqa: A002
    encoding: Annotated[str, typer.Option(help="Encoding of files without a byte-order mark.")] = "utf-8",
    fail_on_quarantine: Annotated[
        bool, typer.Option("--fail-on-quarantine", help="Exit with 1 if a line was set aside.")
    ] = False,
    json: Json = False,
) -> None:
    """Read files into a site. Each line is accepted or set aside with a reason; none is lost.

    Example: kohort ingest --site oslo exports/2026-11
    """
    with progress("Reading", None, quiet=json) as advance:
        report = Site.open(site).ingest(paths, format, encoding=encoding, progress=advance)
    if json:
        show_json(
            {
                "batch": report.batch, "lines": report.lines, "accepted": report.accepted,
                "quarantined": report.quarantined, "rows": report.rows,
                "files": [asdict(file) for file in report.files],
                "findings": [asdict(finding) for finding in report.findings],
            }
        )  # fmt: skip
    else:
        show_report(report)
    if fail_on_quarantine and report.quarantined:
        raise typer.Exit(1)


def show_report(report: IngestReport) -> None:
    """Print what an ingest read and found."""
    shown = table("Files", "File", "Lines", "Accepted", "Set aside")
    shown.add_column("New rows", overflow="fold")
    for file in report.files:
        rows = ", ".join(f"{count:,} {name}" for name, count in file.rows.items())
        words = {"known": "read before", "damaged": f"{rows} (damaged)"}.get(file.state, rows)
        shown.add_row(file.name, f"{file.lines:,}", f"{file.accepted:,}", f"{file.quarantined:,}", words)
    console.print(shown)
    for finding in report.findings:
        place = f"{finding.file}" + (f", line {finding.line}" if finding.line else "")
        place += f", column {finding.column}" if finding.column else ""
        more = f" (and {finding.count - 1:,} more)" if finding.count > 1 else ""
        style = "red" if finding.severity == "quarantined" else "yellow"
        console.print(Text.assemble((finding.rule, style), f"  {place}{more}\n    {finding.message}"))
    lines = f"{report.lines:,} lines = {report.accepted:,} accepted + {report.quarantined:,} set aside"
    console.print(f"{lines}; " + (f"batch {report.batch}." if report.batch else "nothing new, no byte changed."))
