"""Homologous recombination deficiency: a score, and a call only where it is known what sort of score it is.

Scores of different tests cannot be compared. The genomic instability score of myChoice is positive from 42 (Telli et
al., Clin Cancer Res 2016, doi 10.1158/1078-0432.CCR-15-2477); the score of TruSight Oncology 500 HRD was fitted to it
and uses the same scale, though not every tumour has the same value. A score of any other kind is shown as it is.
"""

from __future__ import annotations

import polars as pl

from kohort.tables import TableSet

__all__ = ["GIS_POSITIVE_FROM", "HRD_SCHEMA", "hrd_table"]

GIS_POSITIVE_FROM = 42.0
"""Genomic instability score from which a tumour counts as deficient."""

HRD_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "score": pl.Float64(),
    "score_kind": pl.String(),
    "threshold": pl.Float64(),
    "state": pl.String(),
    "remark": pl.String(),
}
"""Columns of ``hrd_table``; ``state`` is positive, negative, or null where no threshold is known for the score."""

_GIS = "GIS"
_SAYS_GIS = r"(?i)mychoice|\bgis\b|genomic.instability.score|(tso.?500|trusight.oncology.500).*hrd"
_SAYS_HRD = r"(?i)\bhrd\b|mychoice|\bgis\b|genomic.instability.score|homologous.recombination.deficien"
_POSITIVE, _NEGATIVE = ("positive", "deficient", "hrd", "high"), ("negative", "proficient", "hrp", "low")


def hrd_table(tables: TableSet) -> pl.DataFrame:
    """Scores of homologous recombination deficiency, one row per person and specimen; tests before findings.

    The kind of score is read from the test's panel, or from what the finding says was looked at. A finding that states
    the result in a word is taken at its word.

    Returns:
        columns of ``HRD_SCHEMA``, sorted by person and specimen.
    """
    columns = ["person", "specimen", "test", "score", "said", "called"]
    tests = (
        tables.frame("test", ["person", "specimen", "id", "hrd", "panel"])
        .rename({"id": "test"})
        .filter(pl.col("hrd").is_not_null())
    )
    findings = tables.frame(
        "finding", ["person", "specimen", "kind", "code_code", "code_text", "value_number", "value_code"]
    ).filter(pl.col("kind").is_in(["marker", "attribute"]))
    said = pl.concat_str("code_code", "code_text", separator=" ", ignore_nulls=True)
    value = pl.col("value_code").str.to_lowercase()
    called = (
        pl.when(value.is_in(_POSITIVE)).then(pl.lit("positive")).when(value.is_in(_NEGATIVE)).then(pl.lit("negative"))
    )
    known = pl.col("value_number").is_not_null() | pl.col("called").is_not_null()
    both = pl.concat(
        [
            tests.select(
                "person", "specimen", "test", pl.col("hrd").alias("score"), pl.col("panel").alias("said"),
                pl.lit(None, dtype=pl.String).alias("called"),
            ),
            findings.with_columns(said.alias("said"), called.alias("called"))
            .filter(pl.col("said").str.contains(_SAYS_HRD) & known)
            .select(
                "person", "specimen", pl.lit(None, dtype=pl.Int64).alias("test"),
                pl.col("value_number").alias("score"), "said", "called",
            ),
        ]
    ).select(columns)  # fmt: skip
    first = both.unique(["person", "specimen"], keep="first", maintain_order=True)
    return _judged(first).sort("person", "specimen", nulls_last=True, maintain_order=True)


def _judged(scores: pl.DataFrame) -> pl.DataFrame:
    gis = pl.col("said").str.contains(_SAYS_GIS).fill_null(value=False) & pl.col("score").is_not_null()
    by_score = (
        pl.when(gis & (pl.col("score") >= GIS_POSITIVE_FROM))
        .then(pl.lit("positive"))
        .when(gis)
        .then(pl.lit("negative"))
    )
    return scores.with_columns(
        pl.when(gis).then(pl.lit(_GIS)).alias("score_kind"),
        pl.when(gis).then(GIS_POSITIVE_FROM).alias("threshold"),
        pl.coalesce("called", by_score).alias("state"),
        pl.when(pl.col("called").is_null() & ~gis)
        .then(pl.lit("What sort of score this is, is not known: no threshold."))
        .when(pl.col("called").is_not_null() & by_score.is_not_null() & (pl.col("called") != by_score))
        .then(pl.lit("The result as stated and the score disagree."))
        .alias("remark"),
    ).select(pl.col(name).cast(kind) for name, kind in HRD_SCHEMA.items())
