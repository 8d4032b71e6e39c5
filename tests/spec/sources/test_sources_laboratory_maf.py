"""A MAF on its own: read as the mutation file of a study is, with what callers and annotators put beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kohort
from kohort.sources.laboratory.maf import MAF
from kohort.sources.laboratory.model import Sheet
from tests.laboratory_files import SHEET, Told, read_lines

BRAF = {
    "Hugo_Symbol": "BRAF", "NCBI_Build": "GRCh37", "Chromosome": "chr7", "Start_Position": "140453136",
    "End_Position": "140453136", "Variant_Classification": "Missense_Mutation", "Variant_Type": "SNP",
    "Reference_Allele": "A", "Tumor_Seq_Allele2": "T", "Tumor_Sample_Barcode": "S1", "HGVSc": "c.1799T>A",
    "HGVSp": "p.Val600Glu", "HGVSp_Short": "p.V600E", "t_alt_count": "30", "t_ref_count": "70",
}  # fmt: skip


def tell(tmp_path: Path, *rows: dict[str, str], sheet: Sheet = SHEET) -> Told:
    columns = list(dict.fromkeys([*BRAF, *(name for row in rows for name in row)]))
    lines = ["#version 2.4", "\t".join(columns)]
    lines += ["\t".join({**BRAF, **row}.get(name, "") for name in columns) for row in rows]
    return read_lines(MAF, tmp_path, "calls.maf", lines, sheet)


def test_a_line_is_a_variant_as_in_a_study(tmp_path: Path) -> None:
    """The lines before the header are passed over; chr goes, depth and share follow from the reads."""
    (variant,) = tell(tmp_path, {}).variants
    told = ("_person", "test", "gene", "chromosome", "position", "hgvs_p", "vaf", "depth", "_line")
    assert [variant[name] for name in told] == ["P1", "S1|mutation", "BRAF", "7", 140453136, "p.V600E", 0.3, 100.0, 3]


def test_a_maf_and_a_vcf_name_the_same_variant_alike(tmp_path: Path) -> None:
    """A deletion: the VCF puts the base before it in front; both rows have one key, so they are one variant."""
    (tmp_path / "S1.vcf").write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
        "7\t55242464\t.\tAGGAATT\tA\t.\tPASS\t.\tGT\t0/1\n"
    )
    lost = {"Chromosome": "7", "Start_Position": "55242465", "End_Position": "55242470", "Reference_Allele": "GGAATT",
            "Tumor_Seq_Allele2": "-", "Variant_Type": "DEL", "HGVSp": "", "HGVSp_Short": "p.E746_A750del"}  # fmt: skip
    tell(tmp_path, lost)
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    site.ingest([tmp_path / "calls.maf", tmp_path / "S1.vcf"])
    assert site.tables.frame("variant")["hgvs_p"].to_list() == ["p.E746_A750del"]


def test_what_the_caller_and_the_annotator_say_is_kept(tmp_path: Path) -> None:
    """FILTER, the highest frequency in gnomAD, and ClinVar, as vcf2maf writes them."""
    beside = {"FILTER": "PASS", "gnomAD_AF": "0.001", "gnomAD_NFE_AF": "0.004", "CLIN_SIG": "pathogenic"}
    (variant,) = tell(tmp_path, beside).variants
    told = ("call_filter", "population_frequency", "significance")
    assert [variant[name] for name in told] == ["PASS", 0.004, "pathogenic"]


def test_amino_acid_change_stands_for_hgvsp_short(tmp_path: Path) -> None:
    """cBioPortal accepts either."""
    lines = ["Hugo_Symbol\tTumor_Sample_Barcode\tVariant_Classification\tAmino_Acid_Change",
             "BRAF\tS1\tMissense_Mutation\tV600E"]  # fmt: skip
    (variant,) = read_lines(MAF, tmp_path, "small.maf", lines).variants
    assert variant["hgvs_p"] == "V600E"


def test_what_oncokb_added_is_left_to_knowledge_packs(tmp_path: Path) -> None:
    """The columns are known, so nobody is warned of them; others are named."""
    added = {"ONCOGENIC": "Oncogenic", "LEVEL_1": "Dabrafenib", "HIGHEST_LEVEL": "LEVEL_1", "Weather": "rain"}
    told = tell(tmp_path, added)
    assert told.findings == [("unknown_column", 0, "WEATHER")]
    assert len(told.variants) == 1


@pytest.mark.parametrize(
    ("short", "long", "differ"),
    [("p.Q212K", "p.Gln121Lys", True), ("p.V600E", "ENSP1.1:p.Val600Glu", False), ("p.R445*", "p.Arg445Ter", False),
     ("p.E437Gfs*9", "p.Glu437fs", False), ("p.L12=", "p.Leu12%3D", False), ("p.X298_splice", "p.Glu299Asp", False),
     ("p.E746_A750del", "p.Glu746_Ala750del", False), ("p.V600E", "p.Val600Lys", True), ("", "p.Val600Glu", False)],
)  # fmt: skip
def test_two_columns_that_name_different_changes_are_named(tmp_path: Path, short: str, long: str, differ: bool) -> None:
    """HGVSp_Short was taken, and the finding shows both; nothing is picked silently."""
    told = tell(tmp_path, {"HGVSp_Short": short, "HGVSp": long})
    assert told.findings == ([("columns_disagree", 3, "HGVSP")] if differ else [])
    if differ:
        assert told.chunk.findings[0].value == f"{short} / {long}"
        assert told.variants[0]["hgvs_p"] == short


def test_lines_of_another_genome_build_are_named(tmp_path: Path) -> None:
    """The first line says which; a sheet may contradict it, too."""
    told = tell(
        tmp_path, {}, {"NCBI_Build": "hg38", "Start_Position": "1"}, {"NCBI_Build": "37", "Start_Position": "2"}
    )
    assert told.findings == [("mixed_builds", 4, "NCBI_BUILD")]
    assert told.table("test")["genome_build"].to_list() == ["GRCh37"]
    told = tell(tmp_path, {}, sheet=replace(SHEET, genome_build="GRCh38"))
    assert told.findings == [("mixed_builds", 3, "NCBI_BUILD")]


def test_lines_that_name_no_sample_or_gene_are_set_aside(tmp_path: Path) -> None:
    """So are cut lines and places that are no numbers; each has its reason."""
    told = tell(
        tmp_path, {"Tumor_Sample_Barcode": ""}, {"Hugo_Symbol": ""}, {"Start_Position": "x"}, {"t_alt_count": "few"},
        {},
    )  # fmt: skip
    assert told.findings == [
        ("missing_sample", 3, "TUMOR_SAMPLE_BARCODE"), ("missing_gene", 4, "HUGO_SYMBOL"),
        ("not_a_whole_number", 5, "START_POSITION"), ("not_a_number", 6, "T_ALT_COUNT"), ("duplicate_line", 7, None),
    ]  # fmt: skip
    assert (told.chunk.lines, told.accepted) == (7, 3)
