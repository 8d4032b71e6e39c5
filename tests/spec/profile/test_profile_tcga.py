"""The real study: every variant is read, and the counts are those of the raw files."""

from __future__ import annotations

import time

import polars as pl
import pytest

from kohort.profile import annotate, normalise_frame
from kohort.tables import MemoryTables
from tests.spec.profile.tcga_tables import raw_samples, raw_variants, tcga_tables
from tests.support import needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]


@pytest.fixture(scope="module")
def tables() -> MemoryTables:
    return tcga_tables()


@pytest.fixture(scope="module")
def normal(tables: MemoryTables) -> pl.DataFrame:
    return normalise_frame(tables.frame("variant"))


@pytest.fixture(scope="module")
def biomarkers(tables: MemoryTables) -> pl.DataFrame:
    return annotate(tables)


def test_all_55216_variants_are_read(normal: pl.DataFrame) -> None:
    """No variant stays text; only the two with a dot for a change take their kind from the classification."""
    assert normal.height == 55_216
    assert normal.filter(pl.col("kind").is_null() | (pl.col("kind") == "text")).height == 0
    assert normal["remark"].str.contains("classification").sum() == 2


def test_the_1588_blank_splice_sites_have_kind_splice(normal: pl.DataFrame) -> None:
    """The source leaves their protein change blank; the classification names them."""
    blank = normal.filter(pl.col("hgvs_p").is_null())
    assert (blank.height, set(blank["kind"])) == (1_588, {"splice"})


def test_kinds_agree_with_the_classification_of_the_source(normal: pl.DataFrame) -> None:
    """No protein change of the study contradicts the effect that the file states beside it."""
    assert normal["remark"].str.contains("disagree").fill_null(value=False).sum() == 0
    missense = normal.filter(pl.col("classification") == "Missense_Mutation")["kind"]
    assert set(missense) == {"missense", "inframe delins"}


def test_braf_v600e_is_counted_as_in_the_raw_file(normal: pl.DataFrame, tables: MemoryTables) -> None:
    """Counts per tumour type equal those of a plain text search in the mutation file."""
    raw = (
        raw_variants()
        .filter((pl.col("Hugo_Symbol") == "BRAF") & (pl.col("HGVSp_Short") == "p.V600E"))
        .join(raw_samples(), left_on="Tumor_Sample_Barcode", right_on="SAMPLE_ID")
        .group_by(pl.col("ONCOTREE_CODE").alias("oncotree_code"))
        .len()
        .sort("oncotree_code")
    )
    found = (
        normal.filter((pl.col("gene_symbol") == "BRAF") & (pl.col("alteration") == "p.V600E"))
        .join(tables.frame("tumour", ["person", "oncotree_code"]), on="person")
        .group_by("oncotree_code")
        .len()
        .sort("oncotree_code")
    )
    assert found.equals(raw)
    assert {"THPA": 288, "COAD": 42, "LUAD": 7}.items() <= dict(found.iter_rows()).items()


def test_each_lung_patient_with_egfr_l858r_gets_the_osimertinib_label(biomarkers: pl.DataFrame) -> None:
    """The label is for lung cancer, the patients have adenocarcinoma: the relation is ``descendant``."""
    raw = raw_variants().filter((pl.col("Hugo_Symbol") == "EGFR") & (pl.col("HGVSp_Short") == "p.L858R"))
    lung = raw.join(raw_samples(), left_on="Tumor_Sample_Barcode", right_on="SAMPLE_ID").filter(
        pl.col("ONCOTREE_CODE") == "LUAD"
    )
    found = biomarkers.filter(
        (pl.col("gene") == "EGFR") & (pl.col("alteration") == "p.L858R") & (pl.col("drugs") == "osimertinib")
        & (pl.col("patient_tumour") == "LUAD") & (pl.col("source_date") == "2018-04-18")
    )  # fmt: skip
    assert found.height == lung.height > 10
    assert set(found["tumour_relation"]) == {"descendant"}


def test_every_msi_high_patient_has_an_immunotherapy_row(biomarkers: pl.DataFrame) -> None:
    """339 tumours are MSI-H in the sample file, all solid."""
    msi = biomarkers.filter((pl.col("kind") == "MSI") & (pl.col("evidence_tumour") == "solid"))
    assert msi["person"].n_unique() == 339
    assert set(msi["tumour_relation"]) == {"descendant"}


def test_no_claim_stands_without_source_and_date(biomarkers: pl.DataFrame) -> None:
    """Each of the rows names pack, evidence, source and date."""
    cited = biomarkers.select("pack", "pack_version", "evidence_id", "source_id", "source_date")
    assert cited.null_count().sum_horizontal().item() == 0


def test_the_whole_study_is_annotated_in_under_three_seconds(tables: MemoryTables) -> None:
    """10,513 patients, 55,216 variants, the starter pack."""
    start = time.perf_counter()
    annotate(tables)
    assert time.perf_counter() - start < 3
