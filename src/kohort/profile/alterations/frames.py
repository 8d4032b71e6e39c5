"""Normalising whole variant tables: each distinct text is read once, the rest is joins.

The two commonest shapes (``p.V600E`` and ``p.R386fs``) are read by one Polars expression, all others by
``normalise``; a property test holds that both ways agree.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.normaliser import (
    BLANKS,
    DISAGREE,
    KIND_FROM_CLASSIFICATION,
    NOT_GIVEN,
    named_gene,
    normalise,
    read_change,
)
from kohort.profile.alterations.words import CLASSIFICATION_KINDS, COPY_KINDS, MATCHING_KINDS

__all__ = ["NORMAL_COLUMNS", "normalise_frame"]

NORMAL_COLUMNS: dict[str, pl.DataType] = {
    "gene_symbol": pl.String(),
    "hgnc_id": pl.String(),
    "kind": pl.String(),
    "ref_residue": pl.String(),
    "position_residue": pl.Int32(),
    "end_residue": pl.Int32(),
    "alt_residues": pl.String(),
    "exon_number": pl.Int32(),
    "partner_symbol": pl.String(),
    "alteration": pl.String(),
    "as_written": pl.String(),
    "remark": pl.String(),
}
"""Columns that ``normalise_frame`` adds."""

_AA = "[ACDEFGHIKLMNPQRSTVWY]"
_FAST = rf"^p\.({_AA})([1-9][0-9]{{0,4}})(?:({_AA}|\*)|fs)$"
_INPUT = ("gene", "hgvs_p", "class", "classification", "partner", "copies", "exon")
_TEXT_KEY = ["gene_symbol", "hgvs_p"]


def normalise_frame(variants: pl.DataFrame) -> pl.DataFrame:
    """The variants with their alterations in normal form beside them.

    Args:
        variants: columns ``gene`` and ``hgvs_p``; ``class``, ``classification``, ``partner``, ``copies`` and
            ``exon`` are used where present (the columns of the standard table ``variant``).

    Returns:
        the same rows in the same order, with ``NORMAL_COLUMNS`` added. ``kind`` is null for class
        ``not_assessed`` (nothing was looked at) and ``text`` for what was not read; ``remark`` says why.
    """
    given = [name for name in _INPUT if name in variants.columns]
    key = variants.select(
        pl.col(name) if name in given else pl.lit(None, dtype=_input_type(name)).alias(name) for name in _INPUT
    )
    numbered = key.with_row_index("_row")
    distinct = numbered.group_by(_INPUT).agg(pl.col("_row"))
    normal = _normal(distinct.drop("_row"))
    spread = (
        pl.concat([distinct.select("_row"), normal.select(*NORMAL_COLUMNS)], how="horizontal")
        .explode("_row")
        .sort("_row")
        .drop("_row")
    )
    return pl.concat([variants.drop(*NORMAL_COLUMNS, strict=False), spread], how="horizontal")


def _input_type(name: str) -> pl.DataType:
    return pl.Int32() if name in {"copies", "exon"} else pl.String()


def _normal(distinct: pl.DataFrame) -> pl.DataFrame:
    """Normal form of distinct inputs, in their order."""
    frame = distinct.with_columns(
        pl.col("hgvs_p").str.strip_chars().fill_null(""),
        pl.col("classification")
        .str.strip_chars()
        .str.to_lowercase()
        .replace_strict(CLASSIFICATION_KINDS, default=None, return_dtype=pl.String())
        .alias("_stated"),
    )
    frame = frame.join(_symbols(frame), on="gene", how="left", nulls_equal=True, maintain_order="left")
    frame = frame.join(_readings(frame), on=_TEXT_KEY, how="left", nulls_equal=True, maintain_order="left")
    frame = _reconciled(_blanks_filled(frame))
    frame = _structural(frame)
    return frame.with_columns(
        pl.when(pl.col("class") == "not_assessed").then(None).otherwise(pl.col("kind")).alias("kind"),
        pl.coalesce("gene_symbol", "named_gene").alias("gene_symbol"),
        pl.coalesce("exon", "exon_named").cast(pl.Int32).alias("exon_number"),
        pl.concat_str("gene_remark", "remark", separator=" ", ignore_nulls=True).replace("", None).alias("remark"),
    )


def _symbols(frame: pl.DataFrame) -> pl.DataFrame:
    """HGNC symbol, id and finding of each gene as written; the text itself where HGNC does not know it."""
    names = frame.select("gene").unique()
    read = [named_gene(name) for name in names["gene"]]
    columns = {
        "gene_symbol": [symbol for symbol, _, _ in read],
        "hgnc_id": [hgnc_id for _, hgnc_id, _ in read],
        "gene_remark": [" ".join(findings) or None for _, _, findings in read],
    }
    return names.with_columns(pl.Series(name, values, dtype=pl.String()) for name, values in columns.items())


def _readings(frame: pl.DataFrame) -> pl.DataFrame:
    """What each distinct text says, one row per gene and text; blanks left out."""
    texts = frame.filter(~pl.col("hgvs_p").str.to_uppercase().is_in(list(BLANKS))).select(_TEXT_KEY).unique()
    fast = pl.col("hgvs_p").str.contains(_FAST)
    simple, others = _simple(texts.filter(fast)), texts.filter(~fast)
    rows = [_row(read_change(text, symbol, None), text, symbol) for symbol, text in others.iter_rows()]
    read = pl.DataFrame(rows, schema=simple.drop(_TEXT_KEY).schema, orient="row")
    return pl.concat([simple, pl.concat([others, read], how="horizontal")])


def _simple(texts: pl.DataFrame) -> pl.DataFrame:
    """Substitutions and plain frameshifts, read by one expression."""
    group = pl.col("hgvs_p").str.extract_groups(_FAST)
    part = texts.with_columns(
        group.struct[0].alias("ref_residue"),
        group.struct[1].cast(pl.Int32).alias("position_residue"),
        group.struct[2].alias("_new"),
    )
    new, ref, place = pl.col("_new"), pl.col("ref_residue"), pl.col("position_residue")
    kind = (
        pl.when(new.is_null()).then(pl.lit("frameshift"))
        .when(new == ref).then(pl.lit("synonymous"))
        .when((ref == "M") & (place == 1)).then(pl.lit("start lost"))
        .when(new == "*").then(pl.lit("nonsense"))
        .otherwise(pl.lit("missense"))
    )  # fmt: skip
    part = part.with_columns(
        kind.alias("kind"),
        pl.lit(None, dtype=pl.Int32).alias("end_residue"),
        pl.when(new == ref).then(None).otherwise(new).fill_null("").alias("alt_residues"),
        pl.lit(None, dtype=pl.Int32).alias("exon_named"),
        pl.lit(None, dtype=pl.String).alias("partner_symbol"),
        pl.when(new == ref)
        .then(pl.concat_str(pl.lit("p."), ref, place, pl.lit("=")))
        .otherwise(pl.col("hgvs_p"))
        .alias("alteration"),
        pl.lit(None, dtype=pl.String).alias("remark"),
        pl.lit(None, dtype=pl.String).alias("named_gene"),
    )
    return part.select(
        *_TEXT_KEY, "kind", "ref_residue", "position_residue", "end_residue", "alt_residues", "exon_named",
        "partner_symbol", "alteration", "remark", "named_gene",
    )  # fmt: skip


def _row(read: Alteration, text: str, symbol: str | None) -> tuple[object, ...]:
    """One alteration as the columns of a reading; parts are written with the gene they stand beside."""
    whole = normalise(text, symbol) if read.parts else read
    return (
        read.kind,
        read.ref,
        read.position,
        read.end,
        read.alt,
        read.exon,
        read.partner,
        whole.text,
        " ".join(read.findings) or None,
        read.gene,
    )


def _blanks_filled(frame: pl.DataFrame) -> pl.DataFrame:
    """A blank text takes its kind from the classification; MAF leaves splice sites blank."""
    blank, stated = pl.col("kind").is_null(), pl.col("_stated")
    return frame.with_columns(
        pl.when(blank).then(stated.fill_null("text")).otherwise(pl.col("kind")).alias("kind"),
        pl.when(blank).then(pl.coalesce(stated, "hgvs_p")).otherwise(pl.col("alteration")).alias("alteration"),
        pl.when(blank & stated.is_null())
        .then(pl.lit(NOT_GIVEN))
        .when(blank & (stated != "splice"))
        .then(pl.lit(KIND_FROM_CLASSIFICATION))
        .otherwise(pl.col("remark"))
        .alias("remark"),
        pl.col("ref_residue", "alt_residues").fill_null(""),
        pl.col("hgvs_p").alias("as_written"),
    )


def _reconciled(frame: pl.DataFrame) -> pl.DataFrame:
    """Text and classification side by side: the same rules as in ``normalise``."""
    stated, kind = pl.col("_stated"), pl.col("kind")
    silent = (stated == "splice") & (kind == "synonymous")
    pairs = pl.concat_str(stated, pl.lit("|"), kind)
    allowed = [f"{word}|{fit}" for word, fits in MATCHING_KINDS.items() for fit in fits]
    odd = stated.is_in(list(MATCHING_KINDS)) & (kind != "text") & ~pairs.is_in(allowed)
    spliced = pl.concat_str(pl.lit("p.X"), pl.col("position_residue"), pl.lit("_splice"))
    return frame.with_columns(
        pl.when(silent).then(pl.lit("splice")).otherwise(kind).alias("kind"),
        pl.when(silent).then(spliced.fill_null("splice")).otherwise(pl.col("alteration")).alias("alteration"),
        pl.when(silent).then(pl.lit("")).otherwise(pl.col("ref_residue")).alias("ref_residue"),
        pl.when(odd)
        .then(pl.concat_str(pl.col("remark"), pl.lit(DISAGREE), separator=" ", ignore_nulls=True))
        .otherwise(pl.col("remark"))
        .alias("remark"),
    )


def _structural(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy-number calls and fusions, whose meaning stands in other columns than the text."""
    partners = _symbols(frame.select(pl.col("partner").alias("gene"))).select(
        pl.col("gene").alias("partner"), pl.col("gene_symbol").alias("_partner")
    )
    frame = frame.join(partners, on="partner", how="left", nulls_equal=True, maintain_order="left")
    gene, partner = pl.col("gene_symbol"), pl.col("_partner")
    copies = pl.col("copies").replace_strict(COPY_KINDS, default=None, return_dtype=pl.String())
    is_copy = (pl.col("class") == "cnv") & copies.is_not_null()
    joins = pl.col("class").is_in(["fusion", "sv"]) & partner.is_not_null() & (partner != gene)
    is_fusion = joins | ((pl.col("class") == "fusion") & pl.col("kind").is_in(["text"]))
    name = pl.when(joins).then(pl.concat_str(gene, pl.lit("::"), partner)).otherwise(pl.lit("fusion"))
    return frame.with_columns(
        pl.when(is_copy).then(copies).when(is_fusion).then(pl.lit("fusion")).otherwise(pl.col("kind")).alias("kind"),
        pl.when(is_copy).then(copies).when(is_fusion).then(name).otherwise(pl.col("alteration")).alias("alteration"),
        pl.when(is_copy)
        .then(copies)
        .when(is_fusion & (pl.col("as_written") == ""))
        .then(name)
        .otherwise(pl.col("as_written"))
        .alias("as_written"),
        pl.when(joins).then(partner).otherwise(pl.col("partner_symbol")).alias("partner_symbol"),
        pl.when(is_copy | is_fusion).then(None).otherwise(pl.col("remark")).alias("remark"),
    )
