"""Rows of evidence beside one patient, for the rules of the scales."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kohort.profile.ranking.ranks import rank

SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(
        (
            "patient_tumour", "gene", "alteration", "kind", "evidence_alteration", "evidence_type", "direction",
            "drugs", "strength", "level_system", "level", "match_level", "open_condition", "tumour_relation",
            "evidence_tumour", "jurisdiction", "pack", "evidence_id", "source_id", "source_date",
        ),
        pl.String(),
    ),
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "responders": pl.Int32(),
    "patients": pl.Int32(),
}  # fmt: skip

ROW: dict[str, object] = {
    "person": 1,
    "patient_tumour": "LUAD",
    "gene": "BRAF",
    "alteration": "p.V600E",
    "kind": "missense",
    "evidence_alteration": "p.V600E",
    "evidence_type": "predictive",
    "direction": "sensitive",
    "drugs": "dabrafenib",
    "strength": "trial",
    "level_system": "CIViC",
    "level": "B",
    "match_level": "exact",
    "tumour_relation": "exact",
    "evidence_tumour": "LUAD",
    "jurisdiction": "international",
    "pack": "ours",
    "source_date": "2020",
}
"""A prospective study of BRAF V600E in lung adenocarcinoma, beside a patient with it."""


def evidence(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Evidence rows: what ``ROW`` has, and what each gives itself; each has its own source."""
    full = [
        ROW | {"evidence_id": f"E{number}", "source_id": f"PMID:{number}"} | dict(row)
        for number, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(full, schema=SCHEMA, orient="row")


def ranked(*rows: Mapping[str, object]) -> pl.DataFrame:
    """The rows with their places."""
    return rank(evidence(*rows))


def placed(column: str, **row: object) -> tuple[str | None, str]:
    """Place and rule name of one row on the scale of ``column``."""
    rule = {"tier": "tier_rule", "oncokb_like": "oncokb_rule"}.get(column, f"{column}_rule")
    value, words = ranked(row).select(column, rule).row(0)
    return value, words.split(":")[0]
