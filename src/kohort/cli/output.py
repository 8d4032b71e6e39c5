"""What all commands share: the console, progress bars, machine-readable output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

__all__ = ["console", "errors", "progress", "show_json", "table"]

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


@contextmanager
def progress(task: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[[str, int], None]]:
    """A progress bar on standard error; none where that is no terminal.

    Args:
        task: what is done.
        total: units in all, if known.
        quiet: show nothing.

    Yields:
        A function to call with a description and the units done since the last call.
    """
    shown = sys.stderr.isatty() and not quiet
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not shown) as bar:
        number = bar.add_task(task, total=total)

        def advance(description: str, units: int) -> None:
            bar.update(number, description=f"{task}: {description}", advance=units)

        yield advance


def table(title: str, first: str, *numbers: str) -> Table:
    """An open table: a first column of words, then columns of numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    made.add_column(first, overflow="fold")
    for name in numbers:
        made.add_column(name, justify="right", no_wrap=True)
    return made


def show_json(value: Any) -> None:
    """Print a value for machines: one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
