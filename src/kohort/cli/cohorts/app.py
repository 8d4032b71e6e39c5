"""The group `kohort cohort`."""

from __future__ import annotations

import typer

from kohort.cli.cohorts import borrow, decide, designs, pool, programme, simulate

__all__ = ["app"]

app = typer.Typer(
    help="Two-stage treatment cohorts: designs, decisions, programmes, borrowing, several countries.",
    no_args_is_help=True,
)
app.command("design")(designs.design)
app.command("decide")(decide.decide)
app.command("record")(programme.record_event)
app.command("status")(programme.status)
app.command("swimmer")(programme.swimmer)
app.command("simulate")(simulate.simulate)
app.command("sensitivity")(borrow.sensitivity)
app.command("pool")(pool.pool)
