"""The best that is known of each alteration and drug, with the row responsible, and where evidence conflicts."""

from __future__ import annotations

import polars as pl

from kohort.profile.knowledge.levels import STRENGTHS
from kohort.profile.matching.conflicts import conflicts
from kohort.profile.matching.patterns import MATCH_LEVELS
from kohort.profile.matching.tumours import TUMOUR_RELATIONS
from kohort.profile.ranking.ranks import TIERS
from kohort.profile.ranking.seen import subject_of

__all__ = ["best"]

_KEPT = (
    "tier", "tier_rule", "escat", "oncokb_like", "dnpm", "approved_us", "approved_eu", "approved_no", "reimbursed_no",
    "match_level", "tumour_relation", "evidence_tumour", "strength", "level", "level_system", "responders", "patients",
    "pack", "evidence_id", "source_id", "source_date",
)  # fmt: skip


def best(found: pl.DataFrame) -> pl.DataFrame:
    """One row per patient, alteration, drugs and direction: its best tier, with the row that it stands on.

    Among rows of one tier the stronger evidence comes first, then the nearer tumour type, then the closer match; equal
    rows in the order of pack and evidence id.

    Args:
        found: what ``rank`` gave for rows of ``annotate``.

    Returns:
        the subject (see ``SUBJECT``), ``evidence_type``, ``drugs``, ``direction``; of the row responsible its tier,
        levels, match, tumour and source; ``rows``, how many rows say the same; ``conflict``, true where other rows
        on the same alteration, drugs and tumour type say the opposite (see ``matching.conflicts``). Sorted by the
        subject, then by tier.
    """
    key = [*subject_of(found), "evidence_type", "drugs", "direction"]
    kept = [name for name in _KEPT if name in found.columns]
    ordered = conflicts(found.drop("conflict", "opposed_by", strict=False)).sort(
        _place("tier", TIERS["tier"]),
        _place("strength", STRENGTHS),
        _place("tumour_relation", TUMOUR_RELATIONS),
        _place("match_level", MATCH_LEVELS),
        *(name for name in ("pack", "evidence_id") if name in found.columns),
        nulls_last=True,
        maintain_order=True,
    )
    told = ordered.group_by(key, maintain_order=True).agg(
        *(pl.col(name).first() for name in kept),
        pl.len().alias("rows"),
        (pl.col("conflict") == "same alteration").fill_null(value=False).any().alias("conflict"),
    )
    order = [*subject_of(found), _place("tier", TIERS["tier"]), "evidence_type", "drugs", "direction"]
    return told.sort(order, nulls_last=True, maintain_order=True)


def _place(column: str, scale: tuple[str, ...]) -> pl.Expr:
    """The place of a cell on a scale, best first; null where it is not on it."""
    return pl.col(column).cast(pl.String).cast(pl.Enum(list(scale)), strict=False)
