"""Files of OncoKB's annotator: the alterations in them, not what the annotator says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.sources.laboratory.model import Layout
from kohort.sources.laboratory.oncokb import (
    ONCOKB_ALTERATIONS,
    ONCOKB_COPY_NUMBERS,
    ONCOKB_FUSIONS,
    ONCOKB_STRUCTURAL,
)
from tests.laboratory_files import Told, read_lines


def tell(tmp_path: Path, layout: Layout, *lines: str) -> Told:
    return read_lines(layout, tmp_path, "alterations.txt", [line.replace("|", "\t") for line in lines])


def told_by(told: Told, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(variant.get(column) for column in columns) for variant in told.variants]


def test_copy_numbers_are_numbers_or_words(tmp_path: Path) -> None:
    """A loss is no deletion, a gain no amplification; neutral is no variant, but the sample was tested."""
    told = tell(
        tmp_path, ONCOKB_COPY_NUMBERS, "Tumor_Sample_Barcode|Hugo_Symbol|Copy_Number_Alteration", "S1|MET|2",
        "S1|ERBB2|Amplification", "S1|CDK4|Gain", "S1|PTEN|Loss", "S1|CDKN2A|Deletion", "S1|RB1|-1.5", "S1|KRAS|0",
        "S2|TP53|Diploid", "S1|ALK|NA", "S1|RET|lots", "S1||2", "|MET|2",
    )  # fmt: skip
    assert told_by(told, "gene", "class", "copies") == [
        ("MET", "cnv", 2), ("ERBB2", "cnv", 2), ("CDK4", "cnv", 1), ("PTEN", "cnv", -1), ("CDKN2A", "cnv", -2),
        ("RB1", "cnv", -2), ("ALK", "not_assessed", None), ("RET", "not_assessed", None),
    ]  # fmt: skip
    assert told.findings == [
        ("no_copy_number_call", 11, "COPY_NUMBER_ALTERATION"), ("missing_gene", 12, "HUGO_SYMBOL"),
        ("missing_sample", 13, "TUMOR_SAMPLE_BARCODE"),
    ]  # fmt: skip
    assert told.table("test")["_key"].to_list() == ["S1|copy_number", "S2|copy_number"]


def test_fusions_are_named_in_words(tmp_path: Path) -> None:
    """``A-B fusion`` joins two genes, ``A-intragenic`` rearranges one; gene names may hold a dash."""
    told = tell(
        tmp_path, ONCOKB_FUSIONS, "Tumor_Sample_Barcode|Fusion", "S1|ALK-EML4 fusion", "S1|EGFR-intragenic",
        "S1|TMPRSS2::ERG", "S1|NKX2-1-RET Fusion", "S1|",
    )  # fmt: skip
    assert told_by(told, "class", "gene", "partner") == [
        ("fusion", "ALK", "EML4"), ("sv", "EGFR", None), ("fusion", "TMPRSS2", "ERG"), ("fusion", "NKX2-1", "RET"),
    ]  # fmt: skip
    assert told.findings == [("missing_gene", 6, "FUSION")]


def test_structural_variants_name_two_genes_and_a_type(tmp_path: Path) -> None:
    """One gene twice is rearranged in itself; the type is the classification."""
    told = tell(
        tmp_path, ONCOKB_STRUCTURAL, "Tumor_Sample_Barcode|GeneA|GeneB|Sv_Type", "S1|EML4|ALK|FUSION",
        "S1|EGFR|EGFR|DELETION", "S1||RET|TRANSLOCATION", "S1|||DELETION",
    )  # fmt: skip
    assert told_by(told, "class", "gene", "partner", "classification") == [
        ("fusion", "EML4", "ALK", "FUSION"), ("sv", "EGFR", None, "DELETION"), ("sv", "RET", None, "TRANSLOCATION"),
    ]  # fmt: skip
    assert told.findings == [("missing_gene", 5, "GENEA")]


@pytest.mark.parametrize(
    ("gene", "text", "kind"),
    [
        ("EGFR", "vIII", "sv"),
        ("FLT3", "ITD", "indel"),
        ("BRAF", "Kinase Domain Duplication", "sv"),
        ("BRAF", "V600E", "snv"),
        ("EGFR", "E746_A750del", "indel"),
        ("BRAF", "p.Val600Glu", "snv"),
    ],
)
def test_alterations_that_no_other_file_can_hold_are_named(tmp_path: Path, gene: str, text: str, kind: str) -> None:
    """They are kept as written; the molecular profile reads the words."""
    told = tell(tmp_path, ONCOKB_ALTERATIONS, "HUGO_SYMBOL|SAMPLE_ID|ALTERATION", f"{gene}|S1|{text}")
    assert told_by(told, "gene", "hgvs_p", "class") == [(gene, text, kind)]


def test_markers_of_the_whole_tumour_are_results_of_its_test(tmp_path: Path) -> None:
    """MSI-H is the microsatellite status; TMB-H is a word without a number and is kept as written."""
    told = tell(
        tmp_path, ONCOKB_ALTERATIONS, "HUGO_SYMBOL|SAMPLE_ID|ALTERATION",
        "Other Biomarkers|S1|Microsatellite Instability-High", "Other Biomarkers|S2|TMB-H",
    )  # fmt: skip
    assert told.variants == []
    assert told.table("test").select("_key", "msi").rows() == [("S1|mutation", "MSI-H")]
    assert told.table("finding").select("specimen", "value_text").rows() == [("S2", "TMB-H")]


def test_the_annotation_itself_is_left_to_knowledge_packs(tmp_path: Path) -> None:
    """Columns that the annotator added are known and not taken; a copy number it annotated is a copy number."""
    told = tell(
        tmp_path, ONCOKB_ALTERATIONS,
        "SAMPLE_ID|CANCER_TYPE|HUGO_SYMBOL|ALTERATION|GENE_IN_ONCOKB|MUTATION_EFFECT|ONCOGENIC|LEVEL_1|WEATHER",
        "S1|BRCA|ERBB2|Amplification|True|Gain-of-function|Oncogenic|Trastuzumab|rain",
    )  # fmt: skip
    assert told_by(told, "class", "gene", "copies") == [("cnv", "ERBB2", 2)]
    assert told.findings == [("unknown_column", 0, "WEATHER")]
