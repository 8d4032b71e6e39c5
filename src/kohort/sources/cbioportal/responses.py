"""How a tumour answered: the words of sources as categories, and best responses of a trial's patient file."""

from __future__ import annotations

import polars as pl

from kohort.sources.cbioportal.mapping import LineCheck, clean
from kohort.sources.model import KEY, LINE, PERSON, Rows

__all__ = ["BEST_RESPONSE_COLUMNS", "best_response_checks", "best_responses", "category"]

BEST_RESPONSE_COLUMNS = ("BEST_OVERALL_RESPONSE", "BEST OVERALL RESPONSE (BOR)", "BEST_RESPONSE", "BOR")
"""Columns of a patient file that hold the best response to the trial's treatment."""

_CATEGORIES = {
    "complete response": "CR", "cr": "CR", "partial response": "PR", "pr": "PR", "stable disease": "SD", "sd": "SD",
    "clinical progressive disease": "PD", "radiographic progressive disease": "PD", "progressive disease": "PD",
    "pd": "PD", "not evaluable": "NE", "ne": "NE",
}  # fmt: skip


def category(text: pl.Expr) -> pl.Expr:
    """CR, PR, SD, PD or NE of a source's words; null where they are none of these."""
    return text.str.strip_chars().str.to_lowercase().replace_strict(_CATEGORIES, default=None, return_dtype=pl.String)


def _column(frame: pl.DataFrame) -> str | None:
    return next((name for name in BEST_RESPONSE_COLUMNS if name in frame.columns), None)


def best_response_checks(frame: pl.DataFrame) -> list[LineCheck]:
    """The rule that a best response is a word that is understood."""
    if (column := _column(frame)) is None:
        return []
    strange = clean(column).is_not_null() & category(clean(column)).is_null()
    message = f"{column} is none of CR, PR, SD, PD, NE; it was kept as text, without a category. Correct it."
    return [LineCheck("unknown_response", column, strange, message, "warning")]


def best_responses(frame: pl.DataFrame) -> list[Rows]:
    """One response a patient, marked as the best. The file names no treatment, so the row names none."""
    if (column := _column(frame)) is None:
        return []
    told = frame.filter(clean(column).is_not_null()).select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.concat_str([pl.col("PATIENT_ID"), pl.lit(column)], separator="|").alias(KEY),
        LINE,
        pl.lit("unknown").alias("method"),
        category(clean(column)).alias("category"),
        clean(column).alias("category_text"),
        pl.lit(value=True).alias("is_best"),
    )
    return [Rows("response", told, implied=True)]
