"""Biomarkers of the whole tumour as alterations that evidence can match: MSI-H, dMMR, TMB-H, HRD, signatures."""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.biomarkers.hrd import hrd_table
from kohort.profile.biomarkers.msi import UNSTABLE, msi_table
from kohort.profile.biomarkers.signatures import signature_table
from kohort.profile.biomarkers.tmb import TMB_HIGH_PER_MB
from kohort.tables import TableSet

__all__ = ["GENOME_WIDE_COLUMNS", "genome_wide"]

GENOME_WIDE_COLUMNS = ("person", "specimen", "test", "remark", "kind", "alteration", "as_written")
"""Columns of ``genome_wide``, in the terms of ``normalise_frame``."""

_VALUES = ("person", "specimen", "test", "value", "remark")


def genome_wide(tables: TableSet) -> pl.DataFrame:
    """Biomarkers of the whole tumour that are there, each once per person and specimen.

    A test's own value stands before a clinical finding. What a tumour does not have, and what is not known, has no row.

    Returns:
        ``GENOME_WIDE_COLUMNS``: ``as_written`` is the value that the claim stands on.
    """
    return pl.concat([_msi(tables), _tmb(tables), _hrd(tables), _signatures(tables)])


def _msi(tables: TableSet) -> pl.DataFrame:
    """MSI-H, and deficient mismatch repair, which is another method of much the same; contradictions in the remark."""
    found = msi_table(tables)
    unstable = pl.col("state") == UNSTABLE.english
    by_test = (pl.col("reported") == "MSI-H") | (pl.col("reported").is_null() & unstable)
    known_by_test = pl.col("reported").is_not_null() | ~pl.col("state").is_in(["Not available", "Not reliable"])
    by_clinic = (pl.col("clinical") == "MSI-H") & ~known_by_test.fill_null(value=False)
    high = found.filter(by_test.fill_null(value=False) | by_clinic.fill_null(value=False)).with_columns(
        pl.concat_str(
            pl.when(by_clinic).then(pl.lit("MSI as recorded clinically; the method is not known.")),
            "remark",
            separator=" ",
            ignore_nulls=True,
        )
        .replace("", None)
        .alias("remark")
    )
    counted = pl.concat_str(pl.lit("MSI "), pl.col("text"))
    deficient = found.filter(pl.col("repair") == "deficient").with_columns(
        pl.lit(None, dtype=pl.Int64).alias("test"),
        pl.concat_str(
            pl.lit("Mismatch repair deficient by immunohistochemistry."), "remark", separator=" ", ignore_nulls=True
        ).alias("remark"),
    )
    written = pl.when(pl.col("reported") == "MSI-H").then("reported").when(unstable).then(counted).otherwise("clinical")
    both = pl.concat(
        [
            _rows(high, normalise("MSI-H", None), written),
            _rows(deficient, normalise("dMMR", None), pl.lit("dMMR")),
        ]
    )
    return both.unique(["person", "specimen", "alteration"], keep="first", maintain_order=True)


def _tmb(tables: TableSet) -> pl.DataFrame:
    """TMB-H tumours, by the first known value per person and specimen."""
    tests = tables.frame("test", ["person", "specimen", "id", "tmb"]).rename({"id": "test", "tmb": "value"})
    findings = tables.frame("finding", ["person", "specimen", "kind", "value_number"]).filter(pl.col("kind") == "tmb")
    found = _first_of(
        tests.with_columns(pl.lit("TMB as the test gave it.").alias("remark")),
        findings.select(
            "person", "specimen", pl.lit(None, dtype=pl.Int64).alias("test"), pl.col("value_number").alias("value"),
            pl.lit("TMB as recorded clinically; panel size and counting rule are not known.").alias("remark"),
        ),
    )  # fmt: skip
    high = found.filter(pl.col("value") >= TMB_HIGH_PER_MB)
    return _rows(high, normalise("TMB-H", None), pl.concat_str(pl.lit("TMB "), pl.col("value").round(2), pl.lit("/Mb")))


def _first_of(tests: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """Known values, the first per person and specimen."""
    both = pl.concat([tests.select(_VALUES), findings.select(_VALUES)]).filter(pl.col("value").is_not_null())
    return both.unique(["person", "specimen"], keep="first", maintain_order=True)


def _hrd(tables: TableSet) -> pl.DataFrame:
    """Deficient homologous recombination, where the score's threshold is known or the result was stated."""
    found = hrd_table(tables).filter(pl.col("state") == "positive")
    scored = pl.concat_str(pl.lit("HRD score "), pl.col("score").round(2))
    return _rows(found, normalise("HRD", None), scored.fill_null("HRD positive"))


def _signatures(tables: TableSet) -> pl.DataFrame:
    """Signatures that are present."""
    found = signature_table(tables).filter(pl.col("present"))
    names = {name: normalise(name, None) for name in found["signature"].unique()}
    written = pl.concat_str("signature", pl.format(" {}", pl.col("exposure").round(3)).fill_null(""))
    return found.select(
        "person",
        "specimen",
        "test",
        "remark",
        pl.col("signature")
        .replace_strict({n: a.kind for n, a in names.items()}, return_dtype=pl.String())
        .alias("kind"),
        pl.col("signature")
        .replace_strict({n: a.text for n, a in names.items()}, return_dtype=pl.String())
        .alias("alteration"),
        written.alias("as_written"),
    )


def _rows(found: pl.DataFrame, alteration: Alteration, written: pl.Expr) -> pl.DataFrame:
    """Rows of one biomarker in the columns of an alteration."""
    return found.select(
        "person",
        "specimen",
        "test",
        "remark",
        pl.lit(alteration.kind).alias("kind"),
        pl.lit(alteration.text).alias("alteration"),
        written.cast(pl.String).alias("as_written"),
    )
