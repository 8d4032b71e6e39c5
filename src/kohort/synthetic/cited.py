"""Tables of published facts that travel with the package; each names the publications it was made from.

A table is a tab-separated file in ``data/``. Its first lines are ``# source: ...`` (a publication, at least one),
``# licence: ...`` and ``# note: ...`` (how the numbers were rounded, and what they are not). All numbers are
approximate: they make invented patients plausible and are no substitute for the publications.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from kohort.errors import UnknownNameError

__all__ = ["TABLE_NAMES", "CitedTable", "cited_table", "pairs"]

TABLE_NAMES = (
    "tumours",
    "survival",
    "genes",
    "mutations",
    "hotspots",
    "hotspot_shares",
    "copy_number",
    "fusions",
    "regimens",
    "cohorts",
    "spellings",
)


@dataclass(frozen=True, slots=True)
class CitedTable:
    """A small table of facts with its sources.

    Attributes:
        name: file name without its ending.
        sources: publications, one citation each.
        notes: what was rounded, pooled or judged.
        rows: column name -> text, one mapping a row.
    """

    name: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse a table without a source or without rows."""
        if not self.sources:
            raise ValueError(f"table {self.name} cites no source")
        if not self.rows:
            raise ValueError(f"table {self.name} has no rows")


@functools.cache
def cited_table(name: str) -> CitedTable:
    """The table of that name, one of `TABLE_NAMES`.

    Raises:
        UnknownNameError: there is no such table.
    """
    if name not in TABLE_NAMES:
        raise UnknownNameError("table of published facts", name, TABLE_NAMES)
    text = resources.files("kohort.synthetic").joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    lines = text.splitlines()
    heads = [line[1:].partition(":") for line in lines if line.startswith("#")]
    said = [(key.strip(), value.strip()) for key, _, value in heads]
    columns, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return CitedTable(
        name,
        tuple(value for key, value in said if key == "source"),
        tuple(value for key, value in said if key == "note"),
        tuple(dict(zip(columns, row, strict=True)) for row in rows),
    )


def pairs(text: str) -> Iterator[tuple[str, float]]:
    """``"KRAS=33 TP53=+48"`` -> ``("KRAS", 33.0), ("TP53", 48.0)``."""
    for part in text.split():
        name, _, value = part.partition("=")
        yield name, float(value)
