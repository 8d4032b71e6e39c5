"""`kohort profile reinterpret`: whose options change when knowledge changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.output import console, show_json, table
from kohort.cli.profiles.common import Json, Out, SiteFolder, chosen_packs, record, write_table
from kohort.profile import Reinterpretation, reinterpret
from kohort.store import Site

__all__ = ["reinterpret_site"]

_SHOWN = 25


def reinterpret_site(
    site: SiteFolder,
    old: Annotated[list[Path], typer.Option("--from", help="Pack in use so far; one or several.")],
    new: Annotated[list[Path], typer.Option("--to", help="Pack to change to; one or several.")],
    out: Out = None,
    json: Json = False,
) -> None:
    """List every patient whose options were gained, lost or moved, old and new side by side with the rows responsible.

    Example: kohort profile reinterpret --site oslo --from civic-2022-05-30.tsv --to civic-2026-10-01.tsv
    """
    opened = Site.open(site)
    found = reinterpret(opened, chosen_packs(old), chosen_packs(new))
    record(opened, found.changes["person"].unique().to_list(), "Meaning of alterations, read again with new knowledge.")
    if out is not None:
        write_table(found.changes, out)
    if json:
        show_json({
            "old": list(found.old), "new": list(found.new), "patients": found.patients, "changes": found.counts(),
            "rows": found.changes.to_dicts(),
        })  # fmt: skip
        return
    _show(opened.name, found)
    if out is not None:
        console.print(f"{found.changes.height:,} rows in {out}.", soft_wrap=True)


def _show(name: str, found: Reinterpretation) -> None:
    title = f"{name}: {', '.join(found.old)} -> {', '.join(found.new)}"
    shown = table(title, "Patient")
    for column in ("Alteration", "Drugs", "Change", "Tier", "Rows responsible"):
        shown.add_column(column, overflow="fold")
    for row in found.changes.head(_SHOWN).iter_rows(named=True):
        shown.add_row(
            str(row["person"]),
            f"{row['gene'] or ''} {row['alteration']}".strip(),
            f"{row['drugs']} ({row['direction']})",
            row["change"],
            f"{row['old_tier'] or '-'} -> {row['new_tier'] or '-'}",
            "; ".join(filter(None, (_side("out", row["old_rows"]), _side("in", row["new_rows"])))),
        )
    console.print(shown)
    if found.changes.height > _SHOWN:
        console.print(f"... and {found.changes.height - _SHOWN:,} more: add --out FILE.csv.")
    counts = ", ".join(f"{n:,} {change}" for change, n in found.counts().items())
    console.print(f"{found.patients:,} patients; options: {counts}.")


def _side(word: str, rows: str | None) -> str:
    return f"{word} {rows}" if rows else ""
