"""PCGR's tables beside a VCF: copy-number segments, fusions, expression, and the tables that PCGR itself writes.

None of the input tables names its sample; the file's name does: ``<sample>.<genome build>.cna.tsv``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kohort
from kohort.sources.laboratory.model import Layout
from kohort.sources.laboratory.pcgr import PCGR_EXPRESSION, PCGR_FUSIONS, PCGR_SEGMENTS
from kohort.sources.laboratory.pcgr_tables import PCGR_COPY_NUMBERS, PCGR_FUSIONS_ANNOTATED, PCGR_VARIANTS
from tests.laboratory_files import SHEET, Told, read_file, read_lines
from tests.support import SHARED, needs_shared

SEGMENTS = "Chromosome\tStart\tEnd\tnMajor\tnMinor"
FUSIONS = "FusionGene\tLeftBreakpoint\tRightBreakpoint\tSplitReads"


def tell(tmp_path: Path, layout: Layout, name: str, *lines: str) -> Told:
    return read_lines(layout, tmp_path, name, [line.replace(" ", "\t") for line in lines])


def told_by(told: Told, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(variant.get(column) for column in columns) for variant in told.variants]


def test_a_segment_is_a_copy_number_without_gene(tmp_path: Path) -> None:
    """Six copies or more are an amplification (PCGR's default), three to five a gain, one a loss, none a deep loss."""
    lines = (
        f"{n} 100 200 {major} {minor}"
        for n, major, minor in [(1, 5, 1), (2, 5, 0), (3, 2, 0), ("chrX", 1, 0), (5, 0, 0)]
    )
    told = tell(tmp_path, PCGR_SEGMENTS, "S1.grch38.cna.tsv", SEGMENTS, *lines)
    assert told_by(told, "chromosome", "copies", "amount", "classification", "gene") == [
        ("1", 2, 6.0, "5+1", None), ("2", 1, 5.0, "5+0", None), ("3", 0, 2.0, "2+0", None), ("X", -1, 1.0, "1+0", None),
        ("5", -2, 0.0, "0+0", None),
    ]  # fmt: skip
    assert told.findings == [("segments_without_genes", 0, None)]
    assert told.table("test").select("_key", "genome_build").rows() == [("S1|copy_number", "GRCh38")]
    assert len(set(told.table("variant")["_key"])) == 5


def test_a_segment_that_cannot_be_is_set_aside(tmp_path: Path) -> None:
    """Copies are whole numbers, the end is not before the start; line and column are named."""
    told = tell(
        tmp_path, PCGR_SEGMENTS, "S1.cna.tsv", SEGMENTS, "1 1 9 2.5 1", "1 9 1 1 1", "1 x 9 1 1", "NA 1 9 1 1",
        "1 1 9 1 2", "1 1",
    )  # fmt: skip
    assert told.findings == [
        ("segments_without_genes", 0, None), ("not_a_whole_number", 2, "NMAJOR"), ("end_before_start", 3, "END"),
        ("not_a_whole_number", 4, "START"), ("missing_chromosome", 5, "CHROMOSOME"), ("minor_above_major", 6, "NMINOR"),
        ("too_few_columns", 7, None),
    ]  # fmt: skip
    assert (told.chunk.lines, told.accepted, told_by(told, "copies")) == (7, 2, [(1,)])


def test_a_fusion_names_its_partners_with_two_dashes_or_colons(tmp_path: Path) -> None:
    """The 5' partner first; the split reads are its support; gene names may hold a dash."""
    told = tell(
        tmp_path, PCGR_FUSIONS, "S1.grch37.fusions.tsv", FUSIONS, "EML4--ALK 2:42522694 2:29446394 100",
        "NKX2-1::ERG chr14:36986000 chr21:39817544 7",
    )  # fmt: skip
    assert told_by(told, "class", "gene", "partner", "reads", "chromosome", "position") == [
        ("fusion", "EML4", "ALK", 100.0, "2", 29446394), ("fusion", "NKX2-1", "ERG", 7.0, "14", 36986000),
    ]  # fmt: skip
    assert told.findings == []


def test_a_fusion_may_name_one_gene_only(tmp_path: Path) -> None:
    """The other side lies between genes: kept with a finding. Neither side is no fusion."""
    told = tell(
        tmp_path, PCGR_FUSIONS, "S1.fusions.tsv", FUSIONS, "--ALK 2:1 2:9 5", "FGFR2-- 10:1 3:9 x", "-- 1:1 1:2 3"
    )
    assert told_by(told, "class", "gene", "partner", "reads") == [
        ("fusion", "ALK", None, 5.0), ("fusion", "FGFR2", None, None)
    ]  # fmt: skip
    assert told.findings == [
        ("one_partner", 2, "FUSIONGENE"), ("not_a_number", 3, "SPLITREADS"), ("one_partner", 3, "FUSIONGENE"),
        ("not_two_genes", 4, "FUSIONGENE"),
    ]  # fmt: skip


def test_expression_is_kept_by_gene_symbol(tmp_path: Path) -> None:
    """Accessions of transcripts are counted in one finding; TPM is an amount of at least 0."""
    told = tell(
        tmp_path, PCGR_EXPRESSION, "S1.expression.tsv", "TargetID TPM", "ERBB2 850.5", "ENST00000269305.9 3",
        "CD274 -1", "MET many",
    )  # fmt: skip
    assert told_by(told, "class", "gene", "amount", "test") == [("expression", "ERBB2", 850.5, "S1|expression")]
    assert told.findings == [
        ("target_without_symbol", 0, "TargetID"), ("no_expression", 4, "TPM"), ("no_expression", 5, "TPM")
    ]  # fmt: skip


def test_the_same_bytes_under_another_name_are_of_another_sample(tmp_path: Path) -> None:
    """Two samples with equal segments: both are read, because the name decides whose they are."""
    for name in ("A", "B"):
        (tmp_path / f"{name}.grch37.cna.tsv").write_text(f"{SEGMENTS}\n1\t1\t9\t6\t0\n".replace(" ", "\t"))
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    site.ingest([tmp_path / "A.grch37.cna.tsv", tmp_path / "B.grch37.cna.tsv"])
    assert site.tables.frame("variant")["person"].n_unique() == 2


VARIANTS = (
    "SAMPLE_ID GENOMIC_CHANGE GENOME_VERSION SYMBOL CONSEQUENCE PROTEIN_CHANGE HGVSc ENSEMBL_TRANSCRIPT_ID EXON "
    "DP_TUMOR VAF_TUMOR CLINVAR_CLASSIFICATION gnomADe_AF gnomADe_NFE_AF ACTIONABILITY_TIER"
)


def test_a_variant_that_pcgr_annotated_is_a_somatic_variant(tmp_path: Path) -> None:
    """Place and bases stand in GENOMIC_CHANGE; what PCGR thinks of it stays in PCGR."""
    told = tell(
        tmp_path, PCGR_VARIANTS, "S1.pcgr.grch37.snv_indel_ann.tsv", VARIANTS,
        "S2 g.chr7:140453136:A>T grch37 BRAF missense_variant&splice_region_variant p.V600E "
        "ENST00000288602:c.1799T>A ENST00000288602 15/18 210 0.31 Pathogenic 0.00001 0.0002 1",
        "S2 g.3:1:CTT>C grch37 VHL frameshift_variant p.? . . . NA 1.4 NA NA NA 3",
        "S2 7:x grch37 KRAS missense_variant p.G12D . . . 5 0.1 NA NA NA 1",
    )  # fmt: skip
    columns = ("_person", "gene", "position", "ref", "alt", "hgvs_c", "hgvs_p", "exon", "depth", "vaf", "origin")
    assert told_by(told, *columns) == [
        ("P2", "BRAF", 140453136, "A", "T", "c.1799T>A", "p.V600E", 15, 210.0, 0.31, "somatic"),
        ("P2", "VHL", 1, "CTT", "C", None, "p.?", None, None, None, "somatic"),
    ]  # fmt: skip
    assert told_by(told, "classification", "population_frequency", "significance")[0] == (
        "missense_variant", 0.0002, "Pathogenic"
    )  # fmt: skip
    assert told.findings == [("not_a_number", 3, "VAF_TUMOR"), ("no_place", 4, "GENOMIC_CHANGE")]
    assert told.table("test")["genome_build"].to_list() == ["GRCh37"]


def test_a_variant_that_cpsr_classified_is_inherited(tmp_path: Path) -> None:
    """CPSR's table has a genotype and no tumour; its class of pathogenicity is the significance."""
    told = tell(
        tmp_path, PCGR_VARIANTS, "S1.cpsr.grch38.classification.tsv",
        "SAMPLE_ID VAR_ID SYMBOL CONSEQUENCE GENOTYPE DP_CONTROL FINAL_CLASSIFICATION",
        "S1 17_43093464_T_TA BRCA1 frameshift_variant heterozygous 40 Pathogenic",
    )  # fmt: skip
    assert told_by(told, "gene", "origin", "depth", "significance", "class") == [
        ("BRCA1", "germline", 40.0, "Pathogenic", "indel")
    ]  # fmt: skip


def test_copy_numbers_by_gene_are_calls(tmp_path: Path) -> None:
    """PCGR's class where it says how far, else the total; a gene across two segments has the further call."""
    told = tell(
        tmp_path, PCGR_COPY_NUMBERS, "S1.pcgr.grch37.cna_gene_ann.tsv",
        "SAMPLE_ID CHROM SEGMENT_START SEGMENT_END SYMBOL CN_MAJOR CN_MINOR VARIANT_CLASS",
        "S1 17 1 900 ERBB2 8 1 gain", "S1 9 1 900 CDKN2A 0 0 homdel", "S1 8 1 900 MYC 3 1 gain",
        "S1 8 901 999 MYC 5 0 amplification", "S1 8 1 9 PTEN NA NA NA",
    )  # fmt: skip
    assert told_by(told, "gene", "copies", "amount") == [
        ("ERBB2", 2, 9.0), ("CDKN2A", -2, 0.0), ("MYC", 2, 5.0)
    ]  # fmt: skip
    assert told.findings == [("gene_across_segments", 5, "SYMBOL"), ("no_copy_number_call", 6, "CN_MAJOR")]


def test_fusions_that_pcgr_annotated_are_fusions(tmp_path: Path) -> None:
    """Breakpoints 5' and 3', split reads."""
    told = tell(
        tmp_path, PCGR_FUSIONS_ANNOTATED, "x.tsv", "SAMPLE_ID FUSION_GENE BREAKPOINT_5P BREAKPOINT_3P SPLIT_READS",
        "S1 BCR--ABL1 22:23582899 9:13358994 50",
    )  # fmt: skip
    assert told_by(told, "gene", "partner", "reads", "_person") == [("BCR", "ABL1", 50.0, "P1")]


@needs_shared
@pytest.mark.realdata
@pytest.mark.parametrize("name", ["BRCA", "COAD"])
def test_real_companions_of_pcgr(name: str) -> None:
    """252 segments and 13 fusions, three of which name one gene only."""
    folder = SHARED / "formats" / "vcf"
    nobody = replace(SHEET, patients={})
    segments = read_file(PCGR_SEGMENTS, folder / f"T001-{name}.grch37.cna.tsv", nobody)
    assert (segments.accepted, segments.chunk.lines, len(segments.variants)) == (253, 253, 252)
    fusions = read_file(PCGR_FUSIONS, folder / f"T001-{name}.grch37.fusions.tsv", nobody)
    assert [rule for rule, _, _ in fusions.findings] == ["one_partner"] * 3
    assert (fusions.accepted, len(fusions.variants), fusions.variants[0]["gene"]) == (14, 13, "EML4")
