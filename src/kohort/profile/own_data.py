"""The small tables that travel with this room."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources

__all__ = ["own_table"]


def own_table(name: str) -> Iterator[list[str]]:
    """Rows of a tab-separated table of this room, without its comment lines and header."""
    text = (resources.files("kohort.profile") / "data" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    yield from csv.reader(lines[1:], delimiter="\t")
