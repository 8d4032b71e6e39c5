"""One patient's biomarkers, in the order in which a tumour board reads them."""

from __future__ import annotations

import polars as pl

from kohort.profile.knowledge.levels import STRENGTHS
from kohort.profile.matching.patterns import MATCH_LEVELS
from kohort.profile.matching.tumours import TUMOUR_RELATIONS
from kohort.profile.ranking.ranks import TIERS
from kohort.profile.ranking.seen import COVERED

__all__ = ["biomarker_table"]

_HERE = pl.col("tumour_relation").is_in(COVERED)
_COUNTED = (pl.col("match_level") != "gene") & pl.col("open_condition").is_null()


def _place(column: str, scale: tuple[str, ...]) -> pl.Expr:
    return pl.col(column).cast(pl.Enum(list(scale)), strict=False)


_ORDER = (
    pl.col("match_level") == "gene",
    pl.col("open_condition").is_not_null(),
    _place("tier", TIERS["tier"]),
    ~_HERE,
    _place("strength", STRENGTHS),
    pl.col("direction") == "unclear",
    pl.col("direction"),
    _place("tumour_relation", TUMOUR_RELATIONS),
    _place("match_level", MATCH_LEVELS),
    *(pl.col(name) for name in ("gene", "alteration", "drugs", "jurisdiction", "pack", "evidence_id")),
)


def biomarker_table(biomarkers: pl.DataFrame, person: int) -> pl.DataFrame:
    """The biomarkers of one patient for the report.

    Sorted by: matches of the alteration itself before matches of the whole gene (which never support a level alone),
    profiles that hold before those with an open condition; then the tier, evidence in the patient's own tumour before
    other tumours, the strength of the evidence, the direction, gene and drugs.

    Args:
        biomarkers: what ``annotate`` gave.
        person: id of the patient.

    Returns:
        the patient's rows with two more columns, ``level_patient_tumour`` and ``level_other_tumour``. Both are null
        for a match of the whole gene only, for a profile with an open condition, and where it cannot be said whether
        the tumour is the same.
    """
    return (
        biomarkers.filter(pl.col("person") == person)
        .with_columns(
            pl.when(_HERE & _COUNTED).then("level").alias("level_patient_tumour"),
            pl.when(pl.col("tumour_relation").is_in(["other", "related"]) & _COUNTED)
            .then("level")
            .alias("level_other_tumour"),
        )
        .sort(*_ORDER, nulls_last=True, maintain_order=True)
    )
