"""`kohort profile read` and `alterations`: how notations are understood."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer
from rich.markup import escape

from kohort.cli.output import console, show_json, table
from kohort.cli.profiles.common import Json, Out, SiteFolder, record, write_table
from kohort.profile import normalise, normalise_frame
from kohort.store import Site

__all__ = ["alterations", "read"]

_COLUMNS = ["person", "id", "class", "gene", "partner", "hgvs_c", "hgvs_p", "classification", "copies", "exon"]


def read(
    text: Annotated[str, typer.Argument(help="The alteration, in any notation.")],
    gene: Annotated[str | None, typer.Option(help="The gene, where the text does not name it.")] = None,
    json: Json = False,
) -> None:
    """Say how one alteration is understood: its canonical form, its kind, and what was odd about it.

    Example: kohort profile read "p.(Val600Glu)" --gene BRAF
    """
    found = normalise(text, gene)
    if json:
        show_json(
            {"gene": found.gene, "hgnc_id": found.hgnc_id, "alteration": str(found), "kind": found.kind}
            | {"findings": list(found.findings)}
        )
        return
    name = f"{found.gene} ({found.hgnc_id})" if found.hgnc_id else found.gene or "no gene"
    console.print(f"[bold]{name}[/] {escape(str(found))} - {found.kind}", soft_wrap=True)
    for finding in found.findings:
        console.print(f"  {finding}", markup=False)


def alterations(site: SiteFolder, out: Out = None, json: Json = False) -> None:
    """Count the alterations of a site by kind, and list those that were not understood, by reason.

    Example: kohort profile alterations --site oslo
    """
    opened = Site.open(site)
    rows = opened.tables.frame("variant", _COLUMNS).filter(pl.col("class") != "not_assessed")
    found = normalise_frame(rows)
    record(opened, found["person"].unique().to_list(), "How the alterations of this site are understood.")
    if out is not None:
        write_table(found.drop("person"), out)
    unread = found.filter(pl.col("kind") == "text")
    kinds = found.group_by("kind").len().sort("len", "kind", descending=[True, False])
    reasons = unread.group_by("remark").len().sort("len", "remark", descending=[True, False])
    share = 1 - unread.height / found.height if found.height else 1.0
    if json:
        show_json({
            "alterations": found.height, "understood": round(share, 6), "kinds": dict(kinds.iter_rows()),
            "not_understood": dict(reasons.iter_rows()),
        })  # fmt: skip
        return
    console.print(f"[bold]{opened.name}:[/] {found.height:,} alterations, {share:.2%} understood", soft_wrap=True)
    shown = table("", "Kind", "Alterations")
    for kind, count in kinds.iter_rows():
        shown.add_row(kind, f"{count:,}")
    console.print(shown)
    for reason, count in reasons.iter_rows():
        console.print(f"  {count:,}: {reason}", markup=False)
