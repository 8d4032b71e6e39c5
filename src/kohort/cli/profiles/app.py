"""The group `kohort profile`."""

from __future__ import annotations

import typer

from kohort.cli.profiles import alike, changes, knowledge, notation, patient, run

__all__ = ["app"]

app = typer.Typer(
    help="What a tumour's alterations mean: biomarkers with tier, source and date, and what new knowledge changes.",
    no_args_is_help=True,
)
app.command("run")(run.run)
app.command("patient")(patient.patient_table)
app.command("reinterpret")(changes.reinterpret_site)
app.command("like")(alike.like)
app.command("read")(notation.read)
app.command("alterations")(notation.alterations)
app.add_typer(knowledge.app, name="knowledge")
