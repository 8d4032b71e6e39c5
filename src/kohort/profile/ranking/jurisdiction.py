"""Where a drug is approved for an alteration and a tumour type, and whether Norway pays for it: yes, no or unknown.

Two sources say so: rows of a label among the evidence (strength ``approved``, with its jurisdiction), and a table of
decisions of authorities. What neither says is unknown, never no.

An approval by the European Commission holds in Norway: Regulation (EC) No 726/2004 is part of the EEA Agreement (Annex
II, chapter XIII; Decision of the EEA Joint Committee of 29 May 2009, St.prp. nr. 93 (2008-2009)), and the Norwegian
Medical Products Agency grants the same authorisation. Nothing follows from it about reimbursement.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.matching.tumours import relate
from kohort.profile.ranking.seen import COVERED, subject_of

__all__ = ["APPROVAL_COLUMNS", "JURISDICTIONS", "add_approvals"]

JURISDICTIONS: dict[str, str] = {"US": "approved_us", "EU": "approved_eu", "NO": "approved_no"}
"""Jurisdiction to the column that speaks of it."""

APPROVAL_COLUMNS: tuple[str, ...] = (
    "drugs", "gene", "alteration", "tumour", "jurisdiction", "approved", "reimbursed", "date", "source_id",
)  # fmt: skip
"""Columns of a table of decisions. Null gene and alteration: approved without a biomarker; null tumour: in any.
``tumour`` is written as in a pack; ``approved`` and ``reimbursed`` are yes, no, or null where nothing was decided."""

_SPOKEN = (*JURISDICTIONS.values(), "reimbursed_no")


def add_approvals(found: pl.DataFrame, approvals: pl.DataFrame | None = None) -> pl.DataFrame:
    """The rows with ``approved_us``, ``approved_eu``, ``approved_no`` and ``reimbursed_no``: yes, no or unknown.

    A row is told of only where its tumour type covers the patient's (exact, descendant or any), where it names more
    than the gene, and where no condition is open: a label for another tumour type, or for a profile that may not hold,
    is no approval for this patient. What is said of a drug and an alteration of a patient is said on all such rows of
    the two, whichever row is the label's. Of two decisions the later one holds.

    Args:
        found: evidence rows as for ``rank``.
        approvals: decisions of authorities, ``APPROVAL_COLUMNS``; None where there are none.
    """
    subject = [*subject_of(found), "drugs"]
    numbered = found.with_row_index("_row")
    told = numbered.filter(
        pl.col("drugs").is_not_null()
        & pl.col("tumour_relation").is_in(COVERED)
        & (pl.col("match_level") != "gene")
        & pl.col("open_condition").is_null()
    )
    labels = _labels(told, subject)
    if approvals is not None and approvals.height:
        labels = pl.concat([labels, _decisions(told, subject, approvals)])
    said = _said(labels, subject)
    spoken = told.select("_row", *subject).join(said, on=subject, how="left", nulls_equal=True).drop(subject)
    return (
        numbered.drop(*_SPOKEN, strict=False)
        .join(spoken, on="_row", how="left", maintain_order="left")
        .drop("_row")
        .with_columns(pl.col(name).fill_null("unknown") for name in _SPOKEN)
    )


def _labels(told: pl.DataFrame, subject: list[str]) -> pl.DataFrame:
    """What labels among the evidence say: subject, ``column``, ``said`` and ``date`` (empty: any decision is later)."""
    return (
        told.filter((pl.col("strength") == "approved") & (pl.col("direction") == "sensitive"))
        .select(*subject, pl.col("jurisdiction").str.split(";").alias("where"))
        .explode("where")
        .select(
            *subject,
            pl.col("where").str.strip_chars().replace_strict(JURISDICTIONS, default=None).alias("column"),
            pl.lit("yes").alias("said"),
            pl.lit("").alias("date"),
        )
        .filter(pl.col("column").is_not_null())
        .unique(maintain_order=True)
    )


def _decisions(told: pl.DataFrame, subject: list[str], approvals: pl.DataFrame) -> pl.DataFrame:
    """What decisions say of the drugs and alterations at hand, in the form of ``_labels``."""
    named = approvals.select(pl.col(name).cast(pl.String).alias(f"a_{name}") for name in APPROVAL_COLUMNS)
    alike = told.select(list(dict.fromkeys([*subject, "gene", "evidence_alteration", *_tumour(told)]))).unique()
    pairs = alike.join(named, left_on="drugs", right_on="a_drugs").filter(
        (pl.col("a_gene").is_null() | (pl.col("a_gene") == pl.col("gene")))
        & (
            pl.col("a_alteration").is_null()
            | (pl.col("a_alteration") == pl.col("evidence_alteration"))
            | (pl.col("a_alteration") == (pl.col("alteration") if "alteration" in told.columns else pl.lit(None)))
        )
    )
    pairs = pairs.filter(_covers(pairs))
    word = (
        pl.col("said")
        .str.to_lowercase()
        .replace_strict(
            {"yes": "yes", "true": "yes", "no": "no", "false": "no"}, default=None, return_dtype=pl.String()
        )
    )
    column = pl.col("a_jurisdiction").replace_strict(JURISDICTIONS, default=None, return_dtype=pl.String())
    both = [
        pairs.select(
            *subject, column.alias("column"), pl.col("a_approved").alias("said"), pl.col("a_date").alias("date")
        ),
        pairs.filter(pl.col("a_jurisdiction") == "NO").select(
            *subject,
            pl.lit("reimbursed_no").alias("column"),
            pl.col("a_reimbursed").alias("said"),
            pl.col("a_date").alias("date"),
        ),
    ]
    return (
        pl.concat(both)
        .with_columns(word.alias("said"), pl.col("date").fill_null(""))
        .filter(pl.col("column").is_not_null() & pl.col("said").is_not_null())
    )


def _tumour(told: pl.DataFrame) -> list[str]:
    return ["patient_tumour"] if "patient_tumour" in told.columns else []


def _covers(pairs: pl.DataFrame) -> pl.Series:
    """True where a decision's tumour type covers the patient's; each pair of types is compared once."""
    patient = pl.col("patient_tumour") if "patient_tumour" in pairs.columns else pl.lit(None, dtype=pl.String)
    asked = pairs.select(patient.alias("patient"), "a_tumour")
    distinct = asked.unique()
    covered = [relate(code, tumour, None) in COVERED for code, tumour in distinct.iter_rows()]
    known = distinct.with_columns(pl.Series("covered", covered, dtype=pl.Boolean()))
    return asked.join(known, on=["patient", "a_tumour"], how="left", nulls_equal=True, maintain_order="left")["covered"]


def _said(labels: pl.DataFrame, subject: list[str]) -> pl.DataFrame:
    """The latest word on each subject and column, one row a subject; what holds in the EU holds in Norway."""
    last = labels.sort("date", maintain_order=True).unique([*subject, "column"], keep="last", maintain_order=True)
    wide = last.group_by(subject, maintain_order=True).agg(
        pl.col("said").filter(pl.col("column") == column).first().alias(column) for column in _SPOKEN
    )
    in_eu = pl.when(pl.col("approved_eu") == "yes").then(pl.lit("yes"))
    return wide.with_columns(pl.coalesce("approved_no", in_eu).alias("approved_no"))
