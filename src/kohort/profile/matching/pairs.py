"""Which alterations fit which evidence: joins over distinct alterations, never a loop over patients."""

from __future__ import annotations

import polars as pl

from kohort.profile.matching.patterns import MATCH_LEVELS, pattern_rows

__all__ = ["match_alterations"]

_KEY = (
    "gene_key",
    "kind",
    "ref_residue",
    "position_residue",
    "end_residue",
    "alt_residues",
    "exon_number",
    "other_gene",
)


def match_alterations(alterations: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Pairs of alteration and evidence that fit.

    Args:
        alterations: ``alteration_row`` (its number), ``subject`` (whose alterations may complete a compound
            pattern), ``gene_symbol``, ``partner_symbol`` and the other columns of a normal form.
        evidence: ``evidence_row``, ``gene``, ``alteration``.

    Returns:
        ``alteration_row``, ``evidence_row`` and ``match_level``, each pair once with its closest level.
    """
    sided = _by_gene(alterations)
    distinct = sided.select(_KEY).unique(maintain_order=True).with_row_index("change")
    found = (
        distinct.join(pattern_rows(evidence), on=["gene_key", "kind"], maintain_order="left")
        .filter(_fits())
        .select("change", "evidence_row", "option", "part", "parts", "match_level")
        .unique(maintain_order=True)
    )
    numbered = sided.join(distinct, on=_KEY, nulls_equal=True).select("alteration_row", "subject", "change")
    pairs = numbered.join(found, on="change")
    pairs = pl.concat([pairs.filter(pl.col("parts") == 1), _complete(pairs.filter(pl.col("parts") > 1))])
    levels = pl.Enum(MATCH_LEVELS)
    return (
        pairs.group_by("alteration_row", "evidence_row")
        .agg(pl.col("match_level").cast(levels).min().cast(pl.String))
        .sort("alteration_row", "evidence_row")
    )


def _by_gene(alterations: pl.DataFrame) -> pl.DataFrame:
    """Each alteration under its gene; a fusion under both genes, so that either order matches."""
    gene, partner = pl.col("gene_symbol").fill_null(""), pl.col("partner_symbol")
    sided = alterations.with_columns(gene.alias("gene_key"), partner.alias("other_gene"))
    turned = alterations.filter((pl.col("kind") == "fusion") & partner.is_not_null()).with_columns(
        partner.alias("gene_key"), pl.col("gene_symbol").alias("other_gene")
    )
    return pl.concat([sided, turned])


def _fits() -> pl.Expr:
    """True where a candidate of the right gene and kind also agrees in residues, exon, net change and partner."""
    place, end = pl.col("position_residue"), pl.col("end_residue").fill_null(pl.col("position_residue"))
    first, last = pl.col("p_first"), pl.col("p_last")
    inside = place.is_between(first, last) | end.is_between(first, last)
    over_codon = (place <= first) & (end >= last)
    gain = pl.col("alt_residues").str.len_chars().cast(pl.Int32) - (end - place + 1)
    level = pl.col("match_level")
    in_exon = ((pl.col("exon_number") == pl.col("p_exon")) | inside) & (
        pl.col("p_net").is_null() | (gain.sign() == pl.col("p_net"))
    )
    exact = (
        (place == pl.col("p_position"))
        & pl.col("end_residue").eq_missing(pl.col("p_end"))
        & (pl.col("p_alt").is_null() | (pl.col("alt_residues") == pl.col("p_alt")))
        & ((pl.col("p_ref") == "") | (pl.col("ref_residue") == "") | (pl.col("ref_residue") == pl.col("p_ref")))
    )
    whole = pl.col("p_partner").is_null() | (pl.col("p_partner") == pl.col("other_gene"))
    return (
        pl.when(level == "exon")
        .then(in_exon)
        .when(level == "codon")
        .then(over_codon)
        .when(pl.col("p_position").is_not_null())
        .then(exact)
        .otherwise(whole)
        .fill_null(value=False)
    )


def _complete(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of compound patterns, kept where the same subject has every part."""
    seen = pl.col("part").n_unique().over("subject", "evidence_row", "option")
    return pairs.filter(seen == pl.col("parts"))
