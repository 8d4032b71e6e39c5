"""Evidence with its places on all scales: AMP/ASCO/CAP, ESCAT (draft), OncoKB-like, DNPM, and where it is approved.

Each distinct combination of what the rules look at is judged once, in plain functions (``amp``, ``escat``,
``oncokb_like``, ``dnpm``); the rest is joins. Three things are known only from several rows together: whether small
studies agree, the addenda of DNPM's grades, and the approvals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from kohort.profile.ranking.amp import AMP_TIERS, amp
from kohort.profile.ranking.dnpm import DNPM_GRADES, addenda, dnpm
from kohort.profile.ranking.escat import ESCAT_TIERS, escat
from kohort.profile.ranking.jurisdiction import add_approvals
from kohort.profile.ranking.oncokb_like import ONCOKB_LIKE_LEVELS, oncokb_like
from kohort.profile.ranking.seen import CLINICAL_OR_STRONGER, COVERED, SUBJECT, Rank, Seen, subject_of

__all__ = ["RANK_COLUMNS", "SUBJECT", "TIERS", "rank", "subject_of"]

TIERS: dict[str, tuple[str, ...]] = {
    "tier": AMP_TIERS,
    "escat": ESCAT_TIERS,
    "oncokb_like": ONCOKB_LIKE_LEVELS,
    "dnpm": DNPM_GRADES,
}
"""Each scale by its column, best place first. A cell of ``dnpm`` may have addenda after its grade."""

RANK_COLUMNS: tuple[str, ...] = (
    "tier", "tier_rule", "escat", "escat_rule", "escat_status", "oncokb_like", "oncokb_rule", "dnpm", "dnpm_rule",
    "approved_us", "approved_eu", "approved_no", "reimbursed_no",
)  # fmt: skip
"""Columns that ``rank`` adds."""

_SCALES: dict[str, tuple[str, Callable[[Seen], Rank]]] = {
    "tier": ("tier_rule", amp),
    "escat": ("escat_rule", escat),
    "oncokb_like": ("oncokb_rule", oncokb_like),
    "dnpm": ("dnpm_rule", dnpm),
}
_LOOKED_AT = ("evidence_type", "direction", "strength", "level_system", "level", "match_level", "tumour_relation")
_FLAGS = ("is_open", "concordant", "fda", "solid")


def rank(found: pl.DataFrame, approvals: pl.DataFrame | None = None) -> pl.DataFrame:
    """The rows of evidence with their places on each scale, and the rule that gave each.

    Args:
        found: one row per alteration and evidence, as ``annotate`` makes them: ``SUBJECT`` (what of it there is),
            ``evidence_alteration``, ``evidence_type``, ``direction``, ``drugs``, ``strength``, ``level_system``,
            ``level``, ``match_level``, ``open_condition``, ``tumour_relation``, ``jurisdiction``, ``source_id`` and
            ``kind``; ``evidence_tumour`` where known.
        approvals: what authorities decided (see ``jurisdiction``), besides the labels among the evidence.

    Returns:
        the same rows in the same order, with ``RANK_COLUMNS`` added. ``tier`` is null where the guideline has no tier
        for such evidence; ``escat_status`` is ``draft`` wherever there is an ESCAT tier. Every row has its rules.
    """
    plain = found.drop(*RANK_COLUMNS, strict=False).with_columns(pl.col("tumour_relation").cast(pl.String))
    plain = plain.with_columns(_concordant(plain), *_flags(plain))
    key = [*_LOOKED_AT, *_FLAGS]
    ranked = plain.join(
        _judged(plain.select(key).unique()), on=key, how="left", nulls_equal=True, maintain_order="left"
    )
    ranked = ranked.with_columns(
        *(_with_the_fact(name) for name, _ in _SCALES.values()),
        pl.when(pl.col("escat").is_not_null()).then(pl.lit("draft")).alias("escat_status"),
        pl.concat_str(pl.col("dnpm"), addenda(ranked, [*subject_of(plain), "drugs"])).alias("dnpm"),
    ).drop(_FLAGS)
    return add_approvals(ranked, approvals).select(*found.drop(*RANK_COLUMNS, strict=False).columns, *RANK_COLUMNS)


def _flags(plain: pl.DataFrame) -> list[pl.Expr]:
    tumour = pl.col("evidence_tumour") if "evidence_tumour" in plain.columns else pl.lit(None, dtype=pl.String)
    return [
        pl.col("open_condition").is_not_null().alias("is_open"),
        pl.col("jurisdiction").fill_null("").str.split(";").list.contains("US").alias("fda"),
        tumour.str.starts_with("solid").fill_null(value=False).alias("solid"),
    ]


def _concordant(plain: pl.DataFrame) -> pl.Series:
    """True for rows with which two or more independent sources agree, each a study of patients with this tumour type.

    A source counts once, however many rows and packs cite it: a PubMed id is compared by its number.
    """
    key = [*subject_of(plain), "drugs", "direction", "evidence_type"]
    sound = (
        pl.col("strength").is_in(CLINICAL_OR_STRONGER)
        & pl.col("tumour_relation").is_in(COVERED[:2])
        & (pl.col("match_level") != "gene")
        & pl.col("open_condition").is_null()
        & (pl.col("direction") != "unclear")
    )
    source = pl.col("source").str.strip_chars().str.to_lowercase()
    number = source.str.extract(r"^(?:pmid|pubmed)?[: ]*([0-9]+)$")
    counts = (
        plain.filter(sound)
        .select(*key, pl.col("source_id").str.split(";").alias("source"))
        .explode("source")
        .group_by(key)
        .agg(pl.coalesce(number, source).n_unique().alias("sources"))
    )
    joined = plain.select(key).join(counts, on=key, how="left", nulls_equal=True, maintain_order="left")
    return (joined["sources"].fill_null(0) >= 2).alias("concordant")


def _judged(distinct: pl.DataFrame) -> pl.DataFrame:
    """The places of each distinct combination of what the rules look at."""
    seen = [Seen(*row) for row in distinct.iter_rows()]
    columns: list[pl.Series] = []
    for value, (rule, judge) in _SCALES.items():
        answers: Sequence[Rank] = [judge(each) for each in seen]
        columns += [
            pl.Series(value, [answer.value for answer in answers], dtype=pl.String()),
            pl.Series(rule, [answer.rule for answer in answers], dtype=pl.String()),
        ]
    return distinct.with_columns(columns)


def _with_the_fact(rule: str) -> pl.Expr:
    """The rule, with the fact that is open behind it where that is what barred the row."""
    barred = pl.col("is_open") & (pl.col("match_level") != "gene").fill_null(value=True)
    fact = pl.concat_str(pl.col(rule), pl.lit(" ("), pl.col("open_condition"), pl.lit(")"))
    return pl.when(barred).then(fact).otherwise(pl.col(rule)).alias(rule)
