"""One patient's biomarkers, in the order in which a tumour board reads them."""

from __future__ import annotations

import polars as pl

from kohort.profile.knowledge.levels import LEVELS
from kohort.profile.matching.patterns import MATCH_LEVELS
from kohort.profile.matching.tumours import TUMOUR_RELATIONS

__all__ = ["biomarker_table", "level_rank"]

_HERE = pl.col("tumour_relation").is_in(["exact", "descendant", "any"])
_COUNTED = pl.col("match_level") != "gene"
_ORDER = (
    ~_COUNTED,
    ~_HERE,
    pl.col("tumour_relation") == "other",
    pl.col("rank"),
    pl.col("direction") == "unclear",
    pl.col("direction"),
    pl.col("tumour_relation").cast(pl.Enum(TUMOUR_RELATIONS)),
    pl.col("match_level").cast(pl.Enum(MATCH_LEVELS)),
    *(pl.col(name) for name in ("gene", "alteration", "drugs", "jurisdiction", "pack", "evidence_id")),
)
_CIVIC_BESIDE_ESCAT = {"A": 0, "B": 3, "C": 5, "D": 7, "E": 9}
"""Where CIViC's levels stand in the order of ESCAT's tiers, for sorting only: the levels themselves are shown."""


def level_rank() -> pl.DataFrame:
    """Rank of each level of each system, 0 strongest: columns ``level_system``, ``level``, ``rank``."""
    rows = [
        (system, level, _CIVIC_BESIDE_ESCAT[level] if system == "CIViC" else place)
        for system, levels in LEVELS.items()
        for place, level in enumerate(levels)
    ]
    return pl.DataFrame(rows, schema={"level_system": pl.String, "level": pl.String, "rank": pl.Int32}, orient="row")


def biomarker_table(biomarkers: pl.DataFrame, person: int) -> pl.DataFrame:
    """The biomarkers of one patient for the report.

    Sorted by: evidence in the patient's own tumour before other tumours; matches of the alteration itself before
    matches of the whole gene (which never support a level alone); then the level, the effect, gene and drugs.

    Args:
        biomarkers: what ``annotate`` gave.
        person: id of the patient.

    Returns:
        the patient's rows with two more columns, ``level_patient_tumour`` and ``level_other_tumour``. Both are null
        for a match of the whole gene only, and where it cannot be said whether the tumour is the same.
    """
    return (
        biomarkers.filter(pl.col("person") == person)
        .join(level_rank(), on=["level_system", "level"], how="left", maintain_order="left")
        .with_columns(
            pl.when(_HERE & _COUNTED).then("level").alias("level_patient_tumour"),
            pl.when((pl.col("tumour_relation") == "other") & _COUNTED).then("level").alias("level_other_tumour"),
        )
        .sort(*_ORDER, nulls_last=True, maintain_order=True)
        .drop("rank")
    )
