"""Rows for what evidence wants absent, so that a wild type can be shown although no variant stands for it.

``KRAS wild type`` says something only where it is looked for: cetuximab in colorectal cancer. So a tumour gets a row
for each absence that evidence alone asks for in its own tumour type, in a wider one, or in any.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.matching.patterns import lay_out
from kohort.profile.matching.tumours import tumour_relations

__all__ = ["ELSEWHERE", "absences"]

_PLACE = ("tumour", "tumour_text", "doid")
ELSEWHERE = ("related", "other")
"""Relations in which an absence says nothing."""


def absences(subjects: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """What evidence that asks only for absences names, once per tumour in which it would count.

    Whether it is absent is not asked here: `match_alterations` drops the row where it is there, and says what is not
    known where nobody looked.

    Args:
        subjects: tumours that were tested: ``subject`` and ``patient_tumour``, with columns that go along.
        evidence: ``evidence_row``, ``gene``, ``alteration``, ``tumour``, ``tumour_text``, ``doid``.

    Returns:
        the columns of ``subjects`` with ``gene_symbol``, ``kind`` (``wild type`` or ``absent``), ``alteration`` (its
        canonical text) and ``inferred`` (true).
    """
    wanted = _asked_for(evidence)
    near = _where_it_counts(subjects, wanted)
    return (
        subjects.join(near, on="patient_tumour", nulls_equal=True)
        .with_columns(pl.lit(value=True).alias("inferred"))
        .sort("subject", "gene_symbol", "alteration", nulls_last=True)
    )


def _asked_for(evidence: pl.DataFrame) -> pl.DataFrame:
    """Absences that options without anything wanted name, with the tumours of their evidence."""
    patterns = lay_out(evidence.select("evidence_row", "gene", "alteration"))
    pure = patterns.options.filter(pl.col("wanted_parts") == 0).select("pattern", "literal").unique(maintain_order=True)
    literals = [patterns.literals[number] for number in pure["literal"]]
    named = pure.with_columns(
        pl.Series("gene_symbol", [literal.leaf.gene for literal in literals], dtype=pl.String),
        pl.Series("alteration", [literal.text for literal in literals], dtype=pl.String),
    ).with_columns(
        pl.when(pl.col("alteration") == "wild type").then(pl.lit("wild type")).otherwise(pl.lit("absent")).alias("kind")
    )
    places = patterns.evidence.join(evidence.select("evidence_row", *_PLACE), on="evidence_row")
    return named.join(places, on="pattern").select("gene_symbol", "kind", "alteration", *_PLACE).unique()


def _where_it_counts(subjects: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Absences by the tumour code of patients."""
    pairs = subjects.select("patient_tumour").unique().join(wanted, how="cross")
    related = pairs.join(tumour_relations(pairs), on=["patient_tumour", *_PLACE], nulls_equal=True)
    near = related.filter(~pl.col("tumour_relation").is_in(ELSEWHERE))
    return near.select("patient_tumour", "gene_symbol", "kind", "alteration").unique()
