"""From a site's alterations to biomarkers: one row per alteration and evidence, each with its source and date."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from kohort.errors import InputError
from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.knowledge.load import load_pack, starter_pack
from kohort.profile.knowledge.pack import Pack
from kohort.profile.matching.pairs import match_alterations
from kohort.profile.matching.tumours import tumour_relations
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["BIOMARKER_SCHEMA", "TMB_HIGH_PER_MB", "annotate"]

TMB_HIGH_PER_MB = 10.0
"""TMB from which a tumour counts as TMB-H: the threshold of the pembrolizumab label (KEYNOTE-158)."""

BIOMARKER_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "variant": pl.Int64(),
    "gene": pl.String(),
    "kind": pl.String(),
    "alteration": pl.String(),
    "as_written": pl.String(),
    "match_level": pl.String(),
    "evidence_id": pl.String(),
    "evidence_alteration": pl.String(),
    "pack": pl.String(),
    "pack_version": pl.String(),
    "drugs": pl.String(),
    "direction": pl.String(),
    "level": pl.String(),
    "level_system": pl.String(),
    "evidence_tumour": pl.String(),
    "patient_tumour": pl.String(),
    "tumour_relation": pl.String(),
    "jurisdiction": pl.String(),
    "source_id": pl.String(),
    "source_date": pl.String(),
    "note": pl.String(),
    "remark": pl.String(),
}
"""Columns of ``annotate``; ``remark`` is what was odd about the alteration, ``note`` what the evidence adds."""

_VARIANT_COLUMNS = (
    "person", "id", "test", "class", "gene", "partner", "hgvs_p", "classification", "copies", "exon",
)  # fmt: skip
_SIGNATURE = ("person", "specimen", "test", "value", "remark")


def annotate(data: TableSet | HasTables, packs: Iterable[Pack | str | Path] | None = None) -> pl.DataFrame:
    """What the patients' alterations mean for treatment, as far as the packs know.

    Args:
        data: a site or a table set; reads variant, test, specimen, tumour and finding.
        packs: packs, folders of packs, or CIViC evidence files; the starter pack where none are given.

    Returns:
        columns of ``BIOMARKER_SCHEMA``, one row per alteration (variant, MSI-H or TMB-H) and evidence row that fits,
        in a fixed order. An alteration without evidence has no row; nor has a variant that was not assessed.

    Raises:
        InputError: a pack that cannot be read, or two packs of one name and version.
    """
    evidence = _evidence(
        [starter_pack()] if packs is None else [pack if isinstance(pack, Pack) else load_pack(pack) for pack in packs]
    )
    tables = tables_of(data)
    alterations = _alterations(tables).with_row_index("alteration_row")
    pairs = match_alterations(alterations, evidence.select("evidence_row", "gene", "alteration"))
    found = pairs.join(alterations, on="alteration_row", maintain_order="left").join(
        evidence.rename({"alteration": "evidence_alteration"}).drop("gene"), on="evidence_row", maintain_order="left"
    )
    found = found.join(
        tumour_relations(found),
        on=["patient_tumour", "tumour", "tumour_text"],
        nulls_equal=True,
        maintain_order="left",
    )
    return found.with_columns(
        pl.col("gene_symbol").alias("gene"), pl.coalesce("tumour_text", "tumour").alias("evidence_tumour")
    ).select(pl.col(name).cast(kind) for name, kind in BIOMARKER_SCHEMA.items())


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
    variants = normalise_frame(
        tables.frame("variant", _VARIANT_COLUMNS).filter(pl.col("class") != "not_assessed")
    ).rename({"id": "variant"})
    placed = variants.drop("gene").join(tests.drop("person"), on="test", how="left", maintain_order="left")
    signatures = pl.concat([_msi(tables), _tmb(tables)], how="diagonal")
    columns = [
        "person", "specimen", "test", "variant", "tumour_id", "gene_symbol", "kind", "ref_residue",
        "position_residue", "end_residue", "alt_residues", "exon_number", "partner_symbol", "alteration",
        "as_written", "remark",
    ]  # fmt: skip
    specimens = tables.frame("specimen", ["id", "tumour"]).rename({"id": "specimen", "tumour": "tumour_id"})
    signatures = signatures.join(specimens, on="specimen", how="left", maintain_order="left")
    both = pl.concat([placed.select(columns), signatures], how="diagonal_relaxed").select(columns)
    return both.join(
        _tumour_codes(tables, both), on=["person", "tumour_id"], how="left", nulls_equal=True
    ).with_columns(
        pl.concat_str(pl.col("person"), pl.lit("/"), pl.col("tumour_id"), ignore_nulls=True).alias("subject")
    )


def _tests(tables: TableSet) -> pl.DataFrame:
    """Each test with its specimen and the tumour that was sampled."""
    specimens = tables.frame("specimen", ["id", "tumour"]).rename({"id": "specimen", "tumour": "tumour_id"})
    tests = tables.frame("test", ["id", "person", "specimen", "tmb", "msi"]).rename({"id": "test"})
    return tests.join(specimens, on="specimen", how="left", maintain_order="left")


def _tumour_codes(tables: TableSet, alterations: pl.DataFrame) -> pl.DataFrame:
    """OncoTree code by person and tumour; without a tumour, the person's code if all tumours share one."""
    tumours = tables.frame("tumour", ["person", "id", "oncotree_code"]).rename({"id": "tumour_id"})
    single = (
        tumours.group_by("person")
        .agg(pl.col("oncotree_code").drop_nulls().unique())
        .filter(pl.col("oncotree_code").list.len() == 1)
        .select("person", pl.col("oncotree_code").list.first().alias("single"))
    )
    asked = alterations.select("person", "tumour_id").unique()
    return (
        asked.join(tumours, on=["person", "tumour_id"], how="left")
        .join(single, on="person", how="left")
        .select(
            "person",
            "tumour_id",
            pl.when(pl.col("tumour_id").is_null())
            .then(pl.col("single"))
            .otherwise(pl.col("oncotree_code"))
            .alias("patient_tumour"),
        )
    )


def _msi(tables: TableSet) -> pl.DataFrame:
    """MSI-H tumours, once per person and specimen; a test's own value stands before a clinical finding."""
    tests = tables.frame("test", ["person", "specimen", "id", "msi"]).rename({"id": "test", "msi": "value"})
    findings = tables.frame("finding", ["person", "specimen", "kind", "value_code"]).filter(pl.col("kind") == "msi")
    found = _first_of(
        tests.with_columns(pl.lit(None, dtype=pl.String).alias("remark")),
        findings.select(
            "person", "specimen", pl.lit(None, dtype=pl.Int64).alias("test"), pl.col("value_code").alias("value"),
            pl.lit("MSI as recorded clinically; the method is not known.").alias("remark"),
        ),
    )  # fmt: skip
    return _signature(found.filter(pl.col("value") == "MSI-H"), Alteration(None, "MSI"), pl.col("value"))


def _tmb(tables: TableSet) -> pl.DataFrame:
    """TMB-H tumours, once per person and specimen; a test's own value stands before a clinical finding."""
    tests = tables.frame("test", ["person", "specimen", "id", "tmb"]).rename({"id": "test", "tmb": "value"})
    findings = tables.frame("finding", ["person", "specimen", "kind", "value_number"]).filter(pl.col("kind") == "tmb")
    found = _first_of(
        tests.with_columns(pl.lit("TMB as the test gave it.").alias("remark")),
        findings.select(
            "person", "specimen", pl.lit(None, dtype=pl.Int64).alias("test"), pl.col("value_number").alias("value"),
            pl.lit("TMB as recorded clinically; panel size and counting rule are not known.").alias("remark"),
        ),
    )  # fmt: skip
    high = found.filter(pl.col("value") >= TMB_HIGH_PER_MB)
    written = pl.concat_str(pl.lit("TMB "), pl.col("value").round(2), pl.lit("/Mb"))
    return _signature(high, Alteration(None, "TMB"), written)


def _first_of(tests: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """Known values, the first per person and specimen."""
    both = pl.concat([tests.select(_SIGNATURE), findings.select(_SIGNATURE)]).filter(pl.col("value").is_not_null())
    return both.unique(["person", "specimen"], keep="first", maintain_order=True)


def _signature(found: pl.DataFrame, alteration: Alteration, written: pl.Expr) -> pl.DataFrame:
    """Rows of one signature in the columns of an alteration."""
    return found.select(
        "person",
        "specimen",
        "test",
        "remark",
        pl.lit(alteration.kind).alias("kind"),
        pl.lit(alteration.text).alias("alteration"),
        written.cast(pl.String).alias("as_written"),
    )
