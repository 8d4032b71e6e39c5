"""Mutational signatures as a laboratory gives them; Kohort fits none itself.

A variant of class ``signature`` names the signature in ``classification`` (``SBS3``) and its share of the mutations in
``amount``; a clinical marker may say that a signature is present. Shares below 6 % are noise and are not called (the
threshold of deconstructSigs, Rosenthal et al., Genome Biol 2016, doi 10.1186/s13059-016-0893-4).
"""

from __future__ import annotations

import polars as pl

from kohort.tables import TableSet

__all__ = ["EXPOSURE_FROM", "SIGNATURE_SCHEMA", "signature_table"]

EXPOSURE_FROM = 0.06
"""Share of the mutations from which a signature counts as present."""

SIGNATURE_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "signature": pl.String(),
    "exposure": pl.Float64(),
    "present": pl.Boolean(),
    "remark": pl.String(),
}
"""Columns of ``signature_table``; ``exposure`` is a share from 0 to 1, null where only presence was said."""


def signature_table(tables: TableSet) -> pl.DataFrame:
    """Signatures by person and specimen, each once; variants before clinical markers.

    Returns:
        columns of ``SIGNATURE_SCHEMA``, sorted by person, specimen and signature.
    """
    tests = tables.frame("test", ["id", "specimen"]).rename({"id": "test"})
    given = (
        tables.frame("variant", ["person", "test", "class", "classification", "amount"])
        .filter((pl.col("class") == "signature") & pl.col("classification").is_not_null())
        .join(tests, on="test", how="left", maintain_order="left")
        .select(
            "person", "specimen", "test", pl.col("classification").str.strip_chars().alias("signature"),
            pl.col("amount").alias("exposure"),
            (pl.col("amount") >= EXPOSURE_FROM).fill_null(value=True).alias("present"),
            pl.when(pl.col("amount").is_null()).then(pl.lit("The share of mutations is not given.")).alias("remark"),
        )
    )  # fmt: skip
    markers = (
        tables.frame("finding", ["person", "specimen", "kind", "code_system", "code_code", "value_code"])
        .filter((pl.col("kind") == "marker") & (pl.col("code_system") == "signature"))
        .filter(pl.col("value_code").is_in(["present", "absent"]))
        .select(
            "person", "specimen", pl.lit(None, dtype=pl.Int64).alias("test"), pl.col("code_code").alias("signature"),
            pl.lit(None, dtype=pl.Float64).alias("exposure"), (pl.col("value_code") == "present").alias("present"),
            pl.lit("As recorded clinically; the method is not known.").alias("remark"),
        )
    )  # fmt: skip
    both = pl.concat([given, markers]).unique(["person", "specimen", "signature"], keep="first", maintain_order=True)
    return both.select(pl.col(name).cast(kind) for name, kind in SIGNATURE_SCHEMA.items()).sort(
        "person", "specimen", "signature", nulls_last=True, maintain_order=True
    )
