"""`kohort profile run`: what the alterations of all patients of a site mean, as a table."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from kohort.cli.output import console, show_json, table
from kohort.cli.profiles.common import Json, Knowledge, Out, SiteFolder, chosen_packs, record, write_table
from kohort.profile import TIERS, Pack, annotate
from kohort.store import Site

__all__ = ["run"]


def run(
    site: SiteFolder,
    knowledge: Knowledge = None,
    gene_level: Annotated[bool, typer.Option(help="Keep matches of the whole gene, which raise no tier.")] = True,
    out: Out = None,
    json: Json = False,
) -> None:
    """Write one row per alteration and piece of evidence: match level, tumour relation, tier, drugs, source, date.

    Example: kohort profile run --site oslo --knowledge civic.tsv --out biomarkers.csv
    """
    opened = Site.open(site)
    packs = chosen_packs(knowledge, opened)
    found = annotate(opened, packs, gene_level=gene_level)
    record(opened, found["person"].unique().to_list(), "Meaning of the alterations of all patients of this site.")
    if out is not None:
        write_table(found, out)
    if json:
        show_json(_summary(found, packs) | {"out": None if out is None else str(out)})
        return
    _show(opened.name, found, packs)
    console.print(
        f"{found.height:,} rows in {out}." if out else "Add --out FILE.csv, .tsv or .parquet to keep the rows.",
        soft_wrap=True,
    )


def _summary(found: pl.DataFrame, packs: list[Pack]) -> dict[str, object]:
    return {
        "packs": [{"name": pack.name, "version": pack.version, "sha256": pack.manifest.sha256} for pack in packs],
        "rows": found.height,
        "patients": found["person"].n_unique(),
        "tiers": dict(_best(found).group_by("tier").len().sort("tier").iter_rows()),
    }


def _best(found: pl.DataFrame) -> pl.DataFrame:
    """The best tier of each patient's alterations: ``person``, ``tier``."""
    scale = pl.Enum(list(TIERS["tier"]))
    return found.group_by("person").agg(pl.col("tier").cast(scale).min().cast(pl.String))


def _show(name: str, found: pl.DataFrame, packs: list[Pack]) -> None:
    """Print how many patients have a biomarker of each tier as their best."""
    counts = dict(_best(found).group_by("tier").len().iter_rows())
    console.print(f"[bold]{name}:[/] best tier of each patient (AMP/ASCO/CAP, by rule)", soft_wrap=True)
    shown = table("", "Tier", "Patients")
    for tier in (*TIERS["tier"], None):
        if counts.get(tier):
            shown.add_row(tier or "none: matches of the whole gene only", f"{counts[tier]:,}")
    console.print(shown)
    console.print("Packs: " + "; ".join(f"{pack.name} {pack.version}" for pack in packs) + ".", soft_wrap=True)
