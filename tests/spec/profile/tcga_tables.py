"""The variants of the shared real study as standard tables, read without the package's own readers."""

from __future__ import annotations

import polars as pl

from kohort.tables import MemoryTables
from tests.support import SHARED


def raw_variants() -> pl.DataFrame:
    """The study's mutation file as text, one row a line."""
    return pl.read_csv(SHARED / "tcga" / "data_mutations.txt", separator="\t", infer_schema=False, quote_char=None)


def raw_samples() -> pl.DataFrame:
    """The study's sample file as text."""
    path = SHARED / "tcga" / "data_clinical_sample.txt"
    return pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None, comment_prefix="#")


def tcga_tables() -> MemoryTables:
    """Tumours, specimens, tests, variants and MSI findings of the study; ids are row numbers."""
    samples = raw_samples().with_row_index("person", offset=1).with_columns(pl.col("person").cast(pl.Int64))
    by_sample = samples.select("SAMPLE_ID", "person")
    variants = (
        raw_variants()
        .join(by_sample, left_on="Tumor_Sample_Barcode", right_on="SAMPLE_ID", how="left", maintain_order="left")
        .with_row_index("id", offset=1)
        .select(
            "person",
            pl.col("id").cast(pl.Int64),
            pl.col("person").alias("test"),
            pl.lit("snv").alias("class"),
            pl.col("Hugo_Symbol").alias("gene"),
            pl.col("HGVSp_Short").alias("hgvs_p"),
            pl.col("Variant_Classification").alias("classification"),
        )
    )
    one_each = pl.col("person").alias("id")
    msi = samples.filter(pl.col("MSI_STATUS").is_not_null())
    return MemoryTables(
        {
            "tumour": samples.select("person", one_each, pl.col("ONCOTREE_CODE").alias("oncotree_code")),
            "specimen": samples.select("person", one_each, pl.col("person").alias("tumour")),
            "test": samples.select("person", one_each, pl.col("person").alias("specimen"), assay=pl.lit("mutation")),
            "variant": variants,
            "finding": msi.select(
                "person",
                one_each,
                pl.col("person").alias("specimen"),
                kind=pl.lit("msi"),
                value_code=pl.col("MSI_STATUS").str.to_uppercase(),
            ),
        }
    )
