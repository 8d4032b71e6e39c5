"""Evidence that contradicts other evidence, so that both sides can be shown side by side."""

from __future__ import annotations

import polars as pl

from kohort.profile.knowledge.pack import DIRECTIONS

__all__ = ["conflicts"]

_OPPOSITE = {
    direction: other for words in DIRECTIONS.values() if len(words) == 2 for direction, other in (words, words[::-1])
}
_HERE = ("exact", "descendant", "any", "ancestor", "unknown")
"""Relations in which evidence may count for the patient's own tumour; of other tumours it must be the same one."""

_KEY = ("person", "evidence_type", "drugs", "place")
_SIDE = (*_KEY, "direction")


def conflicts(found: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``annotate`` beside what contradicts them: same patient, same drugs, overlapping tumour.

    A match of the whole gene contradicts nothing and is contradicted by nothing.

    Args:
        found: columns of ``BIOMARKER_SCHEMA``.

    Returns:
        the same rows in the same order, with ``conflict``: ``same alteration`` where evidence on the alteration itself
        says the opposite, ``other alteration`` where only evidence on another of the patient's does, else null; and
        ``opposed_by``: the evidence ids that say so, with their pack, joined by ``; ``.
    """
    rows = found.with_row_index("_row")
    here = pl.col("tumour_relation").cast(pl.String).is_in(_HERE)
    sides = rows.filter(
        pl.col("direction").is_in(list(_OPPOSITE)) & (pl.col("match_level").cast(pl.String) != "gene")
    ).select(
        "_row",
        *_KEY[:3],
        pl.when(here).then(pl.lit("")).otherwise("evidence_tumour").alias("place"),
        pl.col("direction").replace(_OPPOSITE).alias("opposite"),
        "direction",
        pl.format("{} {}", "pack", "evidence_id").alias("other_id"),
        pl.concat_str(pl.col("gene").fill_null(""), "alteration", separator=" ").alias("what"),
    )
    other = sides.select(*_SIDE, "other_id", pl.col("what").alias("other_what")).unique()
    against = (
        sides.drop("direction", "other_id")
        .join(other, left_on=[*_KEY, "opposite"], right_on=_SIDE, nulls_equal=True)
        .group_by("_row")
        .agg(
            pl.when((pl.col("what") == pl.col("other_what")).any())
            .then(pl.lit("same alteration"))
            .otherwise(pl.lit("other alteration"))
            .alias("conflict"),
            pl.col("other_id").unique().sort().str.join("; ").alias("opposed_by"),
        )
    )
    return rows.join(against, on="_row", how="left", maintain_order="left").drop("_row")
