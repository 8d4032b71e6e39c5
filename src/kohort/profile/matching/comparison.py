"""Each distinct change beside the rows of the patterns' literals: does it fit, and how closely?"""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.normaliser import normalise
from kohort.profile.matching.edits import residues_gained, same_protein
from kohort.profile.matching.leaves import INFRAME
from kohort.profile.matching.options import EQUIVALENT, EXACT
from kohort.profile.matching.patterns import Patterns

__all__ = ["hits_of"]

_NEAR = 60
"""Residues between two notations of one change, at most: as long as the longest duplications."""

_HIT = ("change", "literal", "level", "sure", "asks")


def hits_of(changes: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """Changes and literals that fit or may fit.

    Args:
        changes: ``change`` (its number), ``gene_symbol``, ``partner_symbol`` and the other columns of a normal form.
        patterns: the patterns.

    Returns:
        ``change``, ``literal``, ``level`` (place in ``MATCH_LEVELS``), ``sure`` (null where too little is known of the
        change to tell) and ``asks`` (true where only the partner of a fusion is not known).
    """
    sided = _by_gene(changes)
    refused = patterns.options.filter(~pl.col("wanted"))["literal"].unique().implode()
    # Where a literal is refused, a change at an unknown place may be the one: it must not drop out of the join.
    by_place = (pl.col("rule") == "place") & ~pl.col("literal").is_in(refused)
    on = ["gene_key", "kind"]
    placed = sided.join(
        patterns.leaves.filter(by_place).with_columns(pl.col("p_position").alias("position_residue")),
        on=[*on, "position_residue"],
    )
    others = sided.join(patterns.leaves.filter(~by_place), on=on)
    joined = pl.concat([placed.select(others.columns), others]).with_columns(_fits().alias("sure"))
    level = pl.when(pl.col("p_text") == pl.col("alteration")).then(EXACT).otherwise(pl.col("level")).cast(pl.UInt8)
    asks = pl.col("p_partner").is_not_null() & pl.col("other_gene").is_null()
    found = joined.filter(pl.col("sure").fill_null(value=True)).select(
        "change", "literal", level.alias("level"), "sure", asks.alias("asks")
    )
    return pl.concat([found, _same_protein(changes, patterns).select(_HIT)])


def _by_gene(changes: pl.DataFrame) -> pl.DataFrame:
    """Each change under its gene; a fusion under both genes, so that either order is found."""
    gene, partner = pl.col("gene_symbol").fill_null(""), pl.col("partner_symbol")
    sided = changes.with_columns(gene.alias("gene_key"), partner.alias("other_gene"))
    turned = changes.filter((pl.col("kind") == "fusion") & partner.is_not_null()).with_columns(
        partner.alias("gene_key"), pl.col("gene_symbol").alias("other_gene")
    )
    return pl.concat([sided, turned])


def _fits() -> pl.Expr:
    """True where a candidate of the right gene and kind agrees in what its row compares; null where one is unknown."""
    rule = pl.col("rule")
    return (
        pl.when(rule == "place").then(_at_place())
        .when(rule == "span").then(_in_span())
        .when(rule == "whole").then(_of_kind())
        .when(rule == "codon").then(_over_codon())
        .otherwise(pl.col("alteration") == pl.col("p_text"))
    )  # fmt: skip


def _end() -> pl.Expr:
    return pl.col("end_residue").fill_null(pl.col("position_residue"))


def _same_residue() -> pl.Expr:
    """True where the first residues agree, or one is not named and need not be."""
    ours, theirs, strict = pl.col("ref_residue"), pl.col("p_ref"), pl.col("p_strict")
    unnamed = ~strict & ((ours == "") | (theirs == ""))
    return unnamed | ((ours == theirs) & (ours != ""))


def _at_place() -> pl.Expr:
    end = pl.col("p_any_end") | pl.col("end_residue").eq_missing(pl.col("p_end"))
    alt = pl.col("p_alt").is_null() | (pl.col("alt_residues") == pl.col("p_alt"))
    return (pl.col("position_residue") == pl.col("p_position")) & end & alt & _same_residue()


def _over_codon() -> pl.Expr:
    place, codon = pl.col("position_residue"), pl.col("p_position")
    return (place <= codon) & (_end() >= codon) & ((place < codon) | _same_residue())


def _net() -> pl.Expr:
    return pl.col("p_net").is_null() | (_gained().sign() == pl.col("p_net"))


def _in_span() -> pl.Expr:
    """Within the stretch by residues where both are known, or within the exon by its number."""
    place, first, last = pl.col("position_residue"), pl.col("p_first"), pl.col("p_last")
    inside = (place <= last) & (_end() >= first)
    exon = pl.col("exon_number").is_between(pl.col("p_exon"), pl.col("p_last_exon"))
    within = pl.when(inside.is_null()).then(exon).otherwise(inside | exon.fill_null(value=False))
    return within & _net()


def _of_kind() -> pl.Expr:
    return _net() & (pl.col("p_partner").is_null() | (pl.col("p_partner") == pl.col("other_gene")))


def _same_protein(changes: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """Changes in the frame that give the same protein as a literal under another notation."""
    leaves = [(n, literal.leaf) for n, literal in enumerate(patterns.literals) if literal.leaf.kind in INFRAME]
    theirs = pl.DataFrame(
        [(n, leaf.gene, leaf.position, residues_gained(leaf)) for n, leaf in leaves if leaf.position is not None],
        schema={"literal": pl.UInt32, "gene_symbol": pl.String, "p_position": pl.Int32, "gained": pl.Int32},
        orient="row",
    )
    near = (
        changes.filter(pl.col("kind").is_in(INFRAME) & pl.col("position_residue").is_not_null())
        .with_columns(_gained().alias("gained"))
        .join(theirs, on=["gene_symbol", "gained"])
        .filter((pl.col("position_residue") - pl.col("p_position")).abs() <= _NEAR)
        .select("change", "literal", "gene_symbol", "alteration")
    )
    same = [
        same_protein(normalise(text, gene), patterns.literals[literal].leaf)
        for literal, gene, text in near.select("literal", "gene_symbol", "alteration").iter_rows()
    ]
    return near.filter(pl.Series(same, dtype=pl.Boolean)).with_columns(
        pl.lit(EQUIVALENT, dtype=pl.UInt8).alias("level"),
        pl.lit(value=True).alias("sure"),
        pl.lit(value=False).alias("asks"),
    )


def _gained() -> pl.Expr:
    """Residues that a change in the frame adds or, below nought, takes away."""
    replaced, new = _end() - pl.col("position_residue") + 1, pl.col("alt_residues").str.len_chars().cast(pl.Int32)
    kind = pl.col("kind")
    return (
        pl.when(kind == "inframe deletion").then(-replaced)
        .when(kind == "duplication").then(replaced)
        .when(kind == "inframe insertion").then(new)
        .otherwise(new - replaced)
    )  # fmt: skip
