"""Tiers of alterations that no evidence speaks of: unknown (III) or benign (IV), by gene, frequency and effect.

AMP/ASCO/CAP 2017 (doi 10.1016/j.jmoldx.2016.10.002): tier III holds variants that are not frequent in the population
and have no convincing evidence, tier IV those that are frequent. Which variants without a clinical link are worth
showing is PCGR's reading: coding variants of oncogenes and suppressors below 0.001 in gnomAD, amplified oncogenes and
deleted suppressors, fusions with an oncogene. The roles of genes stand in ``data/function.tsv``.
"""

from __future__ import annotations

import functools

import polars as pl

from kohort.profile.alterations.function import known_functions
from kohort.profile.alterations.kinds import PROTEIN_KINDS
from kohort.profile.ranking.seen import Rule, told

__all__ = ["FREQUENT", "RARE", "UNMATCHED_RULES", "is_benign", "is_pathogenic", "tier_of_unmatched"]

RARE = 0.001
"""Population frequency below which a variant may drive a tumour (PCGR)."""

FREQUENT = 0.01
"""Population frequency from which a variant counts as benign (minor allele frequency of 1 %, Li et al. 2017)."""

_III = "Tier III: not at a significant frequency in the population; no convincing evidence of association with cancer."
_IV = "Tier IV: at a significant frequency in the population, or no evidence of association with cancer."

UNMATCHED_RULES: dict[str, Rule] = {
    "AMP-III-21": Rule("III", "rare coding variant of an oncogene or suppressor", _III),
    "AMP-III-22": Rule(
        "III", "coding variant of an oncogene or suppressor; its frequency in the population is not given", _III
    ),
    "AMP-III-23": Rule("III", "oncogene amplified", _III),
    "AMP-III-24": Rule("III", "suppressor deleted", _III),
    "AMP-III-25": Rule("III", "fusion with an oncogene", _III),
    "AMP-III-26": Rule("III", "frequent in the population, yet called pathogenic", _III),
    "AMP-IV-21": Rule("IV", "called benign", _IV),
    "AMP-IV-22": Rule("IV", "frequent in the population", _IV),
    "AMP-IV-23": Rule("IV", "does not change the protein", _IV),
    "AMP-0-21": Rule(
        None, "not known to matter in cancer: no oncogene or suppressor, or not a change that could", _III
    ),
    "AMP-0-22": Rule(None, "neither rare nor frequent in the population", _III),
    "AMP-0-23": Rule(None, "not understood or not assessed", _III),
}
"""Rules by short name, in the manner of ``AMP_RULES``."""

_ONCOGENE, _SUPPRESSOR = ("oncogene", "both"), ("suppressor", "both")


def is_benign() -> pl.Expr:
    """True where ``significance`` is benign or likely benign, and nothing else beside it."""
    words = pl.col("significance").str.to_lowercase()
    return (words.str.contains("benign") & ~words.str.contains("pathogen|conflict|uncertain")).fill_null(value=False)


def is_pathogenic() -> pl.Expr:
    """True where ``significance`` is pathogenic or likely pathogenic, and nothing speaks against it."""
    words = pl.col("significance").str.to_lowercase()
    pathogenic = words.str.contains("pathogenic") & ~words.str.contains("benign|conflict|uncertain|not.pathogenic")
    return pathogenic.fill_null(value=False)


def tier_of_unmatched(alterations: pl.DataFrame) -> pl.DataFrame:
    """Alterations with the tier that they have without any evidence, and the rule that gave it.

    Args:
        alterations: ``gene_symbol``, ``kind``, ``partner_symbol`` (normal forms, as of ``normalise_frame``),
            ``population_frequency`` and ``significance`` of the table ``variant``.

    Returns:
        the same rows with ``tier`` (III, IV or null) and ``tier_rule``.
    """
    roles = _roles()
    gene = pl.col("gene_symbol").replace_strict(roles, default=None, return_dtype=pl.String())
    partner = pl.col("partner_symbol").replace_strict(roles, default=None, return_dtype=pl.String())
    rule = _rule(gene, partner)
    tiers = {name: entry.value for name, entry in UNMATCHED_RULES.items()}
    words = {name: told(UNMATCHED_RULES, name) for name in UNMATCHED_RULES}
    return alterations.with_columns(
        rule.replace_strict(tiers, return_dtype=pl.String()).alias("tier"),
        rule.replace_strict(words, return_dtype=pl.String()).alias("tier_rule"),
    )


def _rule(gene: pl.Expr, partner: pl.Expr) -> pl.Expr:
    kind, frequency = pl.col("kind"), pl.col("population_frequency")
    coding = kind.is_in(sorted(PROTEIN_KINDS)) & gene.is_not_null()
    return (
        pl.when(kind.is_null() | (kind == "text")).then(pl.lit("AMP-0-23"))
        .when(is_benign()).then(pl.lit("AMP-IV-21"))
        .when((frequency >= FREQUENT) & is_pathogenic()).then(pl.lit("AMP-III-26"))
        .when(frequency >= FREQUENT).then(pl.lit("AMP-IV-22"))
        .when(kind == "synonymous").then(pl.lit("AMP-IV-23"))
        .when(coding & (frequency < RARE)).then(pl.lit("AMP-III-21"))
        .when(coding & frequency.is_null()).then(pl.lit("AMP-III-22"))
        .when(coding).then(pl.lit("AMP-0-22"))
        .when((kind == "amplification") & gene.is_in(_ONCOGENE)).then(pl.lit("AMP-III-23"))
        .when((kind == "deletion") & gene.is_in(_SUPPRESSOR)).then(pl.lit("AMP-III-24"))
        .when((kind == "fusion") & (gene.is_in(_ONCOGENE) | partner.is_in(_ONCOGENE))).then(pl.lit("AMP-III-25"))
        .otherwise(pl.lit("AMP-0-21"))
    )  # fmt: skip


@functools.cache
def _roles() -> dict[str, str]:
    """Gene symbol to its role in cancer."""
    return {gene: known.role for gene, known in known_functions().items()}
