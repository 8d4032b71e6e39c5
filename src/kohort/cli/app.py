"""The command `kohort`: one group a room, and short ways for what is done daily."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kohort import __version__
from kohort.cli import cohorts, demo, matching, profiles, sites, synthetic
from kohort.cli.output import errors
from kohort.errors import IntegrityError, KohortError

__all__ = ["app", "main"]

app = typer.Typer(
    name="kohort",
    help="Kohort: precision cancer medicine in small patient groups.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(sites.app, name="site")
app.add_typer(cohorts.app, name="cohort")
app.add_typer(matching.app, name="match")
app.add_typer(profiles.app, name="profile")
app.add_typer(synthetic.app, name="synthetic")
app.command("ingest")(sites.ingest)
app.command("demo")(demo.demo)


@app.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Kohort: precision cancer medicine in small patient groups."""
    if show:
        typer.echo(f"kohort {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def main() -> None:
    """Run the command; exit with 0 done, 1 a finding the caller asked to fail on, 2 wrong use or bad input."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        errors.print("Stopped.")
        code = 130
    except typer.TyperException as problem:
        show = getattr(problem, "show", None)  # wrong use can say how it is done
        errors.print(str(problem)) if show is None else show()
        code = 2
    except KeyboardInterrupt:
        errors.print("Stopped.")
        code = 130
    except IntegrityError as problem:
        errors.print(f"[bold red]Internal error:[/] {problem.what} {problem.remedy}", soft_wrap=True)
        code = 70
    except KohortError as problem:
        errors.print("[bold red]Error:[/]", problem.what, markup=True, soft_wrap=True)
        if problem.remedy:
            errors.print("[bold]Remedy:[/]", problem.remedy, soft_wrap=True)
        code = 2
    except OSError as problem:
        errors.print(f"[bold red]Error:[/] {problem.strerror}: {problem.filename}", soft_wrap=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)
