"""Normalising whole variant tables: each distinct text is read once, the rest is joins.

The two commonest shapes (``p.V600E`` and ``p.R386fs``) are read by one Polars expression, all others by
``normalise``; a property test holds that both ways agree.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import polars as pl

from kohort.codes import genes
from kohort.profile.alterations.agreement import coding_remarks
from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.any_residue import ANY_RESIDUE
from kohort.profile.alterations.normaliser import (
    BLANKS,
    DISAGREE,
    KIND_FROM_CLASSIFICATION,
    NOT_GIVEN,
    named_gene,
    normalise,
    read_change,
)
from kohort.profile.alterations.residues import residue_remark
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
_INPUT = ("gene", "hgvs_p", "hgvs_c", "class", "classification", "partner", "copies", "exon")
_EXONS_DIFFER = "The alteration names exon {}, its column exon {}."
_TEXT_KEY = ["gene_symbol", "hgvs_p"]


def normalise_frame(variants: pl.DataFrame) -> pl.DataFrame:
    """The variants with their alterations in normal form beside them.

    Args:
        variants: columns ``gene`` and ``hgvs_p``; ``hgvs_c``, ``class``, ``classification``, ``partner``, ``copies``
            and ``exon`` are used where present (the columns of the standard table ``variant``).

    Returns:
        the same rows in the same order, with ``NORMAL_COLUMNS`` added. ``kind`` is null for class
        ``not_assessed`` (nothing was looked at) and ``text`` for what was not read. ``remark`` says why, and where
        columns contradict each other: the protein change its classification, codon, frame or exon, or the residue
        that the protein is known to have. A blank protein change is read from ``hgvs_c`` if the classification does
        not name its kind.
    """
    given = [name for name in _INPUT if name in variants.columns]
    distinct = variants.select(given).with_row_index("_row").group_by(given).agg("_row")
    asked = distinct.select(
        (pl.col(name) if name in given else pl.lit(None).alias(name)).cast(_input_type(name)) for name in _INPUT
    )
    rows = distinct.select("_row").with_row_index("_place").explode("_row")
    places = pl.zeros(variants.height, dtype=pl.UInt32, eager=True).scatter(rows["_row"], rows["_place"])
    spread = _normal(asked).select(*NORMAL_COLUMNS)[places]
    return pl.concat([variants.drop(*NORMAL_COLUMNS, strict=False), spread], how="horizontal")


def _input_type(name: str) -> pl.DataType:
    return pl.Int32() if name in {"copies", "exon"} else pl.String()


def _normal(distinct: pl.DataFrame) -> pl.DataFrame:
    """Normal form of distinct inputs, in their order."""
    frame = _texts(distinct)
    frame = frame.join(_symbols(frame), on="gene", how="left", nulls_equal=True, maintain_order="left")
    frame = frame.join(_readings(frame), on=_TEXT_KEY, how="left", nulls_equal=True, maintain_order="left")
    frame = _compared(_reconciled(_blanks_filled(frame)))
    frame = _structural(frame)
    return frame.with_columns(
        pl.when(pl.col("class") == "not_assessed").then(None).otherwise(pl.col("kind")).alias("kind"),
        pl.coalesce("gene_symbol", "named_gene").alias("gene_symbol"),
        pl.coalesce("hgnc_id", "named_id").alias("hgnc_id"),
        pl.coalesce("exon", "exon_named").cast(pl.Int32).alias("exon_number"),
        pl.concat_str("gene_remark", "remark", separator=" ", ignore_nulls=True).replace("", None).alias("remark"),
    )


def _texts(distinct: pl.DataFrame) -> pl.DataFrame:
    """The text to read of each input, and the kind that its classification names.

    Where the protein change is blank and no kind is named, the text is the change in c. notation.
    """
    stated = (
        pl.col("classification")
        .str.strip_chars()
        .str.to_lowercase()
        .replace_strict(CLASSIFICATION_KINDS, default=None, return_dtype=pl.String())
    )
    text = pl.col("hgvs_p").str.strip_chars().fill_null("")
    coding = pl.col("hgvs_c").str.strip_chars()
    is_vague = stated.is_null() | (stated == "noncoding")  # of a promoter or a splice site, c. says more
    is_taken = text.str.to_uppercase().is_in(list(BLANKS)) & is_vague & coding.str.contains("c.", literal=True)
    return distinct.with_columns(
        stated.alias("_stated"), coding, pl.when(is_taken).then(coding).otherwise(text).alias("hgvs_p")
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
    release = genes.table().source.sha256
    rows = [_reading(text, symbol, release) for symbol, text in others.iter_rows()]
    read = pl.DataFrame(rows, schema=simple.drop(_TEXT_KEY).schema, orient="row")
    return pl.concat([simple, pl.concat([others, read], how="horizontal")])


@functools.lru_cache(maxsize=1 << 16)
def _reading(text: str, symbol: str | None, release: str) -> tuple[object, ...]:
    """One text as the columns of a reading, kept: the odd notations of a site come again and again."""
    del release  # other names of genes read otherwise
    return _row(read_change(text, symbol, None), text, symbol)


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
        residue_remark(part).alias("remark"),
        kind.alias("kind"),
        pl.lit(None, dtype=pl.Int32).alias("end_residue"),
        pl.when(new == ref).then(None).otherwise(new).fill_null("").alias("alt_residues"),
        pl.lit(None, dtype=pl.Int32).alias("exon_named"),
        pl.lit(None, dtype=pl.String).alias("partner_symbol"),
        pl.when(new == ref)
        .then(pl.concat_str(pl.lit("p."), ref, place, pl.lit("=")))
        .otherwise(pl.col("hgvs_p"))
        .alias("alteration"),
        pl.lit(None, dtype=pl.String).alias("named_gene"),
        pl.lit(None, dtype=pl.String).alias("named_id"),
    )
    return part.select(
        *_TEXT_KEY, "kind", "ref_residue", "position_residue", "end_residue", "alt_residues", "exon_named",
        "partner_symbol", "alteration", "remark", "named_gene", "named_id",
    )  # fmt: skip


def _row(read: Alteration, text: str, symbol: str | None) -> tuple[object, ...]:
    """One alteration as the columns of a reading; without a gene beside it, the gene is the one that it names."""
    if symbol is None:
        read = whole = normalise(text, None)
    else:
        whole = normalise(text, symbol) if read.parts else replace(read, gene=read.gene or symbol)
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
        whole.gene,
        whole.hgnc_id,
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
    stop = ((stated == "nonsense") & (kind == "codon") & (pl.col("remark") == ANY_RESIDUE)).fill_null(value=False)
    pairs = pl.concat_str(stated, pl.lit("|"), kind)
    allowed = [f"{word}|{fit}" for word, fits in MATCHING_KINDS.items() for fit in fits]
    odd = stated.is_in(list(MATCHING_KINDS)) & (kind != "text") & ~pairs.is_in(allowed) & ~stop
    spliced = pl.concat_str(pl.lit("p.X"), pl.col("position_residue"), pl.lit("_splice"))
    return frame.with_columns(
        pl.when(silent).then(pl.lit("splice")).when(stop).then(pl.lit("nonsense")).otherwise(kind).alias("kind"),
        pl.when(silent)
        .then(spliced.fill_null("splice"))
        .when(stop)
        .then(pl.col("alteration") + "*")
        .otherwise(pl.col("alteration"))
        .alias("alteration"),
        pl.when(stop).then(pl.lit("*")).otherwise(pl.col("alt_residues")).alias("alt_residues"),
        pl.when(silent).then(pl.lit("")).otherwise(pl.col("ref_residue")).alias("ref_residue"),
        pl.when(odd)
        .then(pl.concat_str(pl.col("remark"), pl.lit(DISAGREE), separator=" ", ignore_nulls=True))
        .when(~stop)
        .then(pl.col("remark"))
        .alias("remark"),
    )


def _compared(frame: pl.DataFrame) -> pl.DataFrame:
    """Protein change and c. change, and the exon in the text and in its column, side by side."""
    named, exon = pl.col("exon_named"), pl.col("exon")
    return frame.with_columns(
        pl.concat_str(
            pl.col("remark"),
            coding_remarks(frame),
            pl.when(named != exon).then(pl.format(_EXONS_DIFFER, named, exon)),
            separator=" ",
            ignore_nulls=True,
        )
        .replace("", None)
        .alias("remark")
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
    is_joined = pl.col("class").is_in(["fusion", "sv"])
    joins = is_joined & (partner != gene)
    within = is_joined & (partner == gene) & (pl.col("kind") == "text")
    unnamed = (pl.col("class") == "fusion") & (pl.col("kind") == "text")
    kind = (
        pl.when(is_copy).then(copies)
        .when(within).then(pl.lit("intragenic rearrangement"))
        .when(joins | unnamed).then(pl.lit("fusion"))
    )  # fmt: skip
    name = pl.when(joins & ~is_copy).then(pl.concat_str(gene, pl.lit("::"), partner)).otherwise(kind)
    return frame.with_columns(
        kind.fill_null(pl.col("kind")).alias("kind"),
        name.fill_null(pl.col("alteration")).alias("alteration"),
        pl.when(is_copy | (pl.col("as_written") == "")).then(name).fill_null(pl.col("as_written")).alias("as_written"),
        pl.when(joins).then(partner).otherwise(pl.col("partner_symbol")).alias("partner_symbol"),
        pl.when(kind.is_not_null()).then(None).otherwise(pl.col("remark")).alias("remark"),
    )
