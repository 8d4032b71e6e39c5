"""From a site's alterations to biomarkers: one row per alteration and evidence, each with its source and date."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from kohort.errors import InputError
from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.biomarkers.genome_wide import genome_wide
from kohort.profile.knowledge.load import load_pack, starter_pack
from kohort.profile.knowledge.pack import Pack
from kohort.profile.matching.found import evidence_pairs, origin_remark
from kohort.profile.ranking.ranks import rank
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["BIOMARKER_SCHEMA", "annotate"]

BIOMARKER_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "variant": pl.Int64(),
    "gene": pl.String(),
    "kind": pl.String(),
    "alteration": pl.String(),
    "as_written": pl.String(),
    "origin": pl.String(),
    "match_level": pl.String(),
    "open_condition": pl.String(),
    "evidence_id": pl.String(),
    "evidence_type": pl.String(),
    "evidence_alteration": pl.String(),
    "drugs": pl.String(),
    "direction": pl.String(),
    "tier": pl.String(),
    "tier_rule": pl.String(),
    "escat": pl.String(),
    "escat_rule": pl.String(),
    "escat_status": pl.String(),
    "oncokb_like": pl.String(),
    "oncokb_rule": pl.String(),
    "dnpm": pl.String(),
    "dnpm_rule": pl.String(),
    "level": pl.String(),
    "level_system": pl.String(),
    "strength": pl.String(),
    "evidence_tumour": pl.String(),
    "patient_tumour": pl.String(),
    "tumour_relation": pl.String(),
    "tumour_distance": pl.Int32(),
    "jurisdiction": pl.String(),
    "approved_us": pl.String(),
    "approved_eu": pl.String(),
    "approved_no": pl.String(),
    "reimbursed_no": pl.String(),
    "responders": pl.Int32(),
    "patients": pl.Int32(),
    "pack": pl.String(),
    "pack_version": pl.String(),
    "source_id": pl.String(),
    "source_date": pl.String(),
    "note": pl.String(),
    "remark": pl.String(),
}
"""Columns of ``annotate``; ``remark`` is what was odd about the alteration, ``note`` what the evidence adds."""

_VARIANT_COLUMNS = (
    "person", "id", "test", "class", "gene", "partner", "hgvs_c", "hgvs_p", "classification", "copies", "exon",
    "origin", "call_filter",
)  # fmt: skip
_NO_ALTERATION = ("not_assessed", "signature")
"""Classes of variant that are no alteration of a gene; signatures come with the biomarkers of the whole tumour."""


def annotate(
    data: TableSet | HasTables, packs: Iterable[Pack | str | Path] | None = None, *, gene_level: bool = True
) -> pl.DataFrame:
    """What the patients' alterations mean for treatment, as far as the packs know.

    Args:
        data: a site or a table set; reads variant, test, specimen, tumour and finding.
        packs: packs, folders of packs, or CIViC evidence files; the starter pack where none are given.
        gene_level: False leaves out matches of the whole gene, which raise no tier and are most of the rows.

    Returns:
        columns of ``BIOMARKER_SCHEMA``, one row per alteration (variant, MSI-H or TMB-H) and evidence row that fits,
        in a fixed order. An alteration without evidence has no row; nor has a variant that was not assessed, or that
        the laboratory excluded. Wild types that evidence asks for, and that a test has shown, have rows too.

    Raises:
        InputError: a pack that cannot be read, or two packs of one name and version.
    """
    given = [starter_pack()] if packs is None else [p if isinstance(p, Pack) else load_pack(p) for p in packs]
    evidence = _evidence(given)
    tables = tables_of(data)
    every, pairs = evidence_pairs(_alterations(tables), evidence, tables, gene_level=gene_level)
    classes = _classes(every, pairs)
    judged = _judged(every, evidence, pairs.filter(classes["is_first"]), _approvals(given))
    named = every.rename({"gene_symbol": "gene"})
    ours = named.select(n for n in BIOMARKER_SCHEMA if n in named.columns)[pairs["alteration_row"]]
    theirs = judged[classes["judged"]]
    added = pl.concat_str("remark", "more", separator=" ", ignore_nulls=True)
    remark = pl.when(pl.col("more") == "").then("remark").otherwise(added)
    whole = pl.concat([ours, theirs], how="horizontal").with_columns(remark.alias("remark"))
    return whole.select(pl.col(name).cast(kind) for name, kind in BIOMARKER_SCHEMA.items())


def _classes(every: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """One row a pair: whether it stands for all like it, and the number of the pair that stands for it.

    Equal alterations in equal tumours with equal evidence have equal places on every scale, so one of each is judged;
    of those with evidence on the whole gene only, whatever the alteration is.
    """
    same = ["patient_tumour", "gene_symbol", "kind", "alteration", "origin"]
    tells = (pl.col("match_level") != "gene").any()
    hashes = pl.struct("evidence_row", "match_level", "open_condition").hash(seed=0)
    rows = pairs.with_columns(hashes.alias("hash")).group_by("alteration_row", maintain_order=True)
    rows = rows.agg(pl.len().alias("pairs"), pl.col("hash").sum(), tells.alias("tells"))
    known = every.select(same)[rows["alteration_row"]]
    number = pl.int_range(pl.len(), dtype=pl.UInt32)
    rows = pl.concat([rows, known], how="horizontal").with_columns(
        number.alias("number"), pl.when("tells").then("alteration").alias("alteration")
    )
    rows = rows.with_columns(pl.col("number").first().over([*same, "hash"]).alias("first"))
    is_first = pl.col("first") == pl.col("number")
    starts = pl.when(is_first).then("pairs").otherwise(0).cum_sum() - pl.col("pairs")
    rows = rows.with_columns(is_first.alias("is_first"), starts.alias("start"))
    rows = rows.with_columns(pl.col("start").gather("first"))
    within = pl.int_ranges(0, "pairs").explode()
    spread = rows.select(pl.col("is_first", "start").repeat_by("pairs").explode())
    return spread.select("is_first", (pl.col("start") + rows.select(within).to_series()).alias("judged"))


def _judged(
    every: pl.DataFrame, evidence: pl.DataFrame, pairs: pl.DataFrame, approvals: pl.DataFrame | None
) -> pl.DataFrame:
    """The evidence of these pairs with its places on all scales; ``more`` is what the pair adds to a remark."""
    columns = ["gene_symbol", "kind", "alteration", "origin", "patient_tumour"]
    ours = every.select(columns)[pairs["alteration_row"]].rename({"gene_symbol": "gene"})
    theirs = evidence.rename({"alteration": "evidence_alteration", "origin": "evidence_origin"}).drop(
        "gene", "evidence_row"
    )[pairs["evidence_row"]]
    found = pl.concat([pairs, ours, theirs], how="horizontal").with_columns(
        pl.coalesce("tumour_text", "tumour").alias("evidence_tumour")
    )
    ranked = rank(found, approvals).with_columns(
        pl.concat_str(origin_remark(), "tumour_remark", separator=" ", ignore_nulls=True).alias("more")
    )
    kept = [name for name in BIOMARKER_SCHEMA if name in ranked.columns and name not in {*columns, "gene"}]
    # Cast here, where there are few rows: the whole table only repeats them.
    return ranked.select(*(pl.col(name).cast(BIOMARKER_SCHEMA[name]) for name in kept), "more")


def _approvals(packs: Iterable[Pack]) -> pl.DataFrame | None:
    """What authorities decided, of all packs that say so."""
    told = [pack.approvals for pack in packs if pack.approvals.height]
    return pl.concat(told) if told else None


def _evidence(packs: list[Pack]) -> pl.DataFrame:
    """The rows of all packs, numbered; packs stay apart by name and version."""
    names = [(pack.name, pack.version) for pack in packs]
    if len(set(names)) < len(names):
        raise InputError("Two packs have one name and version.", remedy="Give each pack once.")
    if not packs:
        raise InputError("No knowledge pack is given.", remedy="Leave packs out to use the starter pack.")
    return pl.concat([pack.frame for pack in packs]).with_row_index("evidence_row")


def _alterations(tables: TableSet) -> pl.DataFrame:
    """All alterations that evidence can speak of, in normal form, with the tumour they were found in."""
    tests = _tests(tables)
    rows = tables.frame("variant", _VARIANT_COLUMNS).filter(
        ~pl.col("class").is_in(_NO_ALTERATION)
        & ~pl.col("call_filter").str.starts_with("excluded").fill_null(value=False)
    )
    variants = normalise_frame(rows).with_columns(_with_filter()).rename({"id": "variant"})
    placed = variants.drop("gene").join(tests.drop("person"), on="test", how="left", maintain_order="left")
    columns = [
        "person", "specimen", "test", "variant", "tumour_id", "gene_symbol", "kind", "ref_residue",
        "position_residue", "end_residue", "alt_residues", "exon_number", "partner_symbol", "alteration",
        "as_written", "origin", "remark",
    ]  # fmt: skip
    specimens = tables.frame("specimen", ["id", "tumour"]).rename({"id": "specimen", "tumour": "tumour_id"})
    signatures = genome_wide(tables).join(specimens, on="specimen", how="left", maintain_order="left")
    return pl.concat([placed.select(columns), signatures], how="diagonal_relaxed").select(columns)


def _with_filter() -> pl.Expr:
    """The remark, with what the laboratory's filters say of the call."""
    passed = pl.col("call_filter").str.to_uppercase().is_in(["PASS", ".", ""]).fill_null(value=True)
    objects = pl.when(~passed).then(pl.format("The laboratory's filters object: {}.", "call_filter"))
    return pl.concat_str("remark", objects, separator=" ", ignore_nulls=True).replace("", None).alias("remark")


def _tests(tables: TableSet) -> pl.DataFrame:
    """Each test with its specimen and the tumour that was sampled."""
    specimens = tables.frame("specimen", ["id", "tumour"]).rename({"id": "specimen", "tumour": "tumour_id"})
    tests = tables.frame("test", ["id", "person", "specimen", "tmb", "msi"]).rename({"id": "test"})
    return tests.join(specimens, on="specimen", how="left", maintain_order="left")
