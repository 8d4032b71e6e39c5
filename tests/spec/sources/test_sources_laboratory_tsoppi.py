"""TSOPPI: InPreD's table of small variants, as annotated and judged, and its summary of a run."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kohort.sources import open_source
from kohort.sources.in_memory import SourceTables, tables_in_memory
from tests.tso500_files import DNA, RNA, summary, tso500, variant_table, without_section, write

TABLE = "IPD9001_small_variant_table__tsv"
SUMMARY = "run_variant_summary__tsv"


def read(tmp_path: Path, **files: str | bytes) -> SourceTables:
    return tables_in_memory(open_source(write(tmp_path / "lab", **files), "laboratory"))


def only(tmp_path: Path, **row: str) -> dict[str, object]:
    """The variant of a table with one row."""
    return read(tmp_path, **{TABLE: variant_table(row)}).frame("variant").row(0, named=True)


def rules(tables: SourceTables) -> dict[str, tuple[int, str | None]]:
    """Each rule with the first line and column that broke it."""
    told: dict[str, tuple[int, str | None]] = {}
    for finding in (f for found in tables.findings.values() for f in found):
        told.setdefault(finding.rule, (finding.line, finding.column))
    return told


def test_a_row_keeps_its_place_its_change_and_the_reads_of_the_tumour(tmp_path: Path) -> None:
    """Depth and allele frequency are those of the tumour DNA; the coding status is kept with all its terms."""
    found = only(tmp_path, Coding_status="missense_variant,splice_region_variant")
    assert (found["gene"], found["chromosome"], found["position"]) == ("TP53", "17", 7577120)
    assert (found["ref"], found["alt"], found["class"]) == ("C", "T", "snv")
    assert (found["hgvs_c"], found["hgvs_p"], found["exon"]) == ("c.818G>A", "Arg273His", 8)
    assert (found["transcript"], found["vaf"], found["depth"]) == ("NM_000546", 0.393, 219)
    assert found["classification"] == "missense_variant,splice_region_variant"


def test_na_is_nothing_and_so_is_exon_na(tmp_path: Path) -> None:
    """A promoter variant has neither exon nor protein change; ``x:noncoding_variant`` is its coding status."""
    row = dict.fromkeys(("cDNA_change", "Protein_change_short", "Protein_change", "RefSeq_mRNA"), "NA")
    found = only(tmp_path, **row, Gene_symbol="TERT", Exon_number="exonNA", Coding_status="x:noncoding_variant")
    assert (found["exon"], found["hgvs_p"], found["hgvs_c"]) == (None, None, None)
    assert (found["transcript"], found["classification"]) == ("ENST00000269305", "x:noncoding_variant")


def test_an_indel_is_written_as_in_a_vcf(tmp_path: Path) -> None:
    """``GTACT>G`` at 89720798 takes the bases to 89720802."""
    found = only(tmp_path, Genomic_location="10:89720798", DNA_change="GTACT>G")
    assert (found["class"], found["ref"], found["alt"]) == ("indel", "GTACT", "G")
    assert (found["position"], found["end_position"]) == (89720798, 89720802)


def test_the_header_tells_of_the_whole_sample(tmp_path: Path) -> None:
    """Size of the coding region, genome build, purity, and that no normal sample was sequenced beside it."""
    tables = read(tmp_path, **{TABLE: variant_table({})})
    test = tables.frame("test").row(0, named=True)
    assert (test["assay"], test["region"], test["genome_build"]) == ("mutation", 1.27, "GRCh37")
    specimen = tables.frame("specimen").row(0, named=True)
    assert (specimen["tumour_fraction"], specimen["matched_normal"]) == (0.4, False)


def test_a_table_without_rows_is_a_test_that_found_nothing(tmp_path: Path) -> None:
    """The sample then stands in the ``#`` lines alone."""
    tables = read(tmp_path, **{TABLE: variant_table()})
    assert tables.frame("test")["assay"].to_list() == ["mutation"]
    assert not tables.frame("variant").height


@pytest.mark.parametrize(
    ("cells", "frequency"),
    [
        ({"Global_AF_gnomAD": "8.15E-05", "EUR_AF_gnomAD": "0.000156"}, 0.000156),
        ({"Global_AF_gnomAD": "8.15E-05", "Population_frequencies": "EUR_AF_1KG:0.0020000"}, 0.002),
        ({"Population_frequencies": "FIN_AF_GNOMAD:0.0014920|EUR_AF_1KG:0.01"}, 0.01),
        ({"Global_AF_1KG": "2,00E-04"}, 0.0002),
        ({}, None),
    ],
)
def test_the_highest_population_frequency_counts(tmp_path: Path, cells: dict[str, str], frequency: float) -> None:
    """Columns 22 to 25 hold numbers, named numbers, and numbers with the decimal comma of a spreadsheet."""
    assert only(tmp_path, **cells)["population_frequency"] == frequency


def test_classes_of_cpsr_and_clinvar_are_kept_by_name(tmp_path: Path) -> None:
    """``significance`` holds both: the count for TMB-DRUP asks CPSR, the board asks ClinVar."""
    assert only(tmp_path)["significance"] == "CPSR: Pathogenic; ClinVar: Likely_Pathogenic"
    assert only(tmp_path / "b", CPSR_ACMG_class="NA")["significance"] == "ClinVar: Likely_Pathogenic"


@pytest.mark.parametrize(
    ("filters", "judged", "kept"),
    [
        ("NA", "include", "PASS"),
        ("HET_VAF_RANGE|LOW_TUMOR_DP", "include", "HET_VAF_RANGE|LOW_TUMOR_DP"),
        ("germline_population", "exclude", "excluded|germline_population"),
        ("NA", "exclude", "excluded"),
        ("NA", ".", "PASS"),
    ],
)
def test_filters_are_kept_and_an_excluded_variant_says_so(tmp_path: Path, filters: str, judged: str, kept: str) -> None:
    """A row judged ``exclude`` stays, with a filter that begins with ``excluded``: it is no biomarker, but not lost."""
    assert only(tmp_path, Filters=filters, Class_judgement=judged)["call_filter"] == kept


@pytest.mark.parametrize(
    ("row", "origin"),
    [
        ({"Class_judgement": "SOM", "TSO500_LocalApp_class": "GL_P"}, "somatic"),
        ({"Class_judgement": "LikSOM"}, "somatic"),
        ({"Class_judgement": "LikGL", "TSO500_LocalApp_class": "SOM"}, "germline"),
        ({"Class_judgement": "incon"}, "unknown"),
        ({"Filters": "normal_origin", "AF_tumor_DNA": "NA", "Tier": "TNA"}, "germline"),
        ({"Filters": "LOW_VAF_RATIO", "Depth_normal_DNA": "200", "AF_normal_DNA": "0.48"}, "germline"),
        ({"Depth_normal_DNA": "200", "AF_normal_DNA": "0", "TSO500_LocalApp_class": "GL_P"}, "somatic"),
        ({"Depth_normal_DNA": "0", "Filters": "NO_NORMAL_COVERAGE", "TSO500_LocalApp_class": "GL_DB"}, "germline"),
        ({"TSO500_LocalApp_class": "GL_DB"}, "germline"),
        ({"TSO500_LocalApp_class": "SOM"}, "somatic"),
        ({"TSO500_LocalApp_class": "BL"}, "unknown"),
    ],
)
def test_the_origin_is_judged_by_people_then_by_the_normal_then_by_the_software(
    tmp_path: Path, row: dict[str, str], origin: str
) -> None:
    """Class_judgement counts first; then whether the matched normal has the variant; then the local app's class."""
    assert only(tmp_path, **row)["origin"] == origin


@pytest.mark.parametrize(
    ("short", "long", "agree"),
    [
        ("V600E", "Val600Glu", True),
        ("R445X", "Arg445Ter", True),
        ("R445*", "Arg445Ter", True),
        ("P289fs", "Pro289AlafsTer28", True),
        ("V379V", "Val379=", True),
        ("M1?", "Met1?", True),
        ("N596del", "Asn596del", True),
        ("GL606-607GL", "GlyLeu606=", True),
        ("V600E", "Val600Lys", False),
        ("Q212K", "Gln121Lys", False),
        ("R273H", "Gly273His", False),
        ("V379V", "Val379Ile", False),
    ],
)
def test_two_protein_columns_that_disagree_are_a_finding(tmp_path: Path, short: str, long: str, agree: bool) -> None:
    """The three-letter column is kept as written, and which of the two is right is asked, never picked silently."""
    tables = read(tmp_path, **{TABLE: variant_table({"Protein_change_short": short, "Protein_change": long})})
    assert tables.frame("variant")["hgvs_p"].to_list() == [long]
    assert ("protein_columns_disagree" in rules(tables)) is not agree


def test_a_copy_from_a_spreadsheet_is_read_as_the_original(tmp_path: Path) -> None:
    """A spreadsheet pads the ``#`` lines with tabs, doubles their quotes and wraps cells that hold commas."""
    remark = f'# [{DNA}]   - "normal_origin": seen only in the normal'
    odd = f'"# [{DNA}]   - ""normal_origin"": seen only in the normal"\t\t\t'
    row = {"Coding_transcript_consequences": "a,b"}
    plain = variant_table(row, remarks=(remark,))
    copied = plain.replace(remark, odd).replace("1.27\n", "1.27\t\t\t\n").replace("\ta,b\t", '\t"a,b"\t')
    assert copied != plain
    first, second = read(tmp_path / "a", **{TABLE: plain}), read(tmp_path / "b", **{TABLE: copied})
    assert second.frame("variant").equals(first.frame("variant"))
    assert second.frame("test")["region"].to_list() == [1.27]


def test_a_line_that_repeats_another_is_set_aside(tmp_path: Path) -> None:
    """The same sample, place and bases twice: the first counts."""
    tables = read(tmp_path, **{TABLE: variant_table({}, {"IGV_QC": "OK"})})
    assert tables.frame("variant").height == 1
    assert rules(tables)["duplicate_line"] == (8, None)


def test_a_row_without_a_place_is_set_aside(tmp_path: Path) -> None:
    """Place and bases are what a variant is known by."""
    tables = read(tmp_path, **{TABLE: variant_table({"Genomic_location": "17"}, {})})
    assert rules(tables)["missing_place"] == (7, "Genomic_location")
    assert tables.frame("variant").height == 1


def test_a_summary_tells_burden_and_microsatellites_of_the_dna(tmp_path: Path) -> None:
    """``TMB (eligible variants)`` and ``percent (unstable/usable)``; the counts are kept as attributes."""
    tables = read(tmp_path, **{SUMMARY: summary((DNA, "7.8 (10)", "4.13 (5/121)", "NA", "NA", "NA"))})
    test = tables.frame("test").row(by_predicate=pl.col("tmb").is_not_null(), named=True)
    assert (test["tmb"], test["msi_unstable"], test["msi_sites"], test["msi"]) == (7.8, 4.13, 121, "MSS")
    told = dict(tables.frame("finding").select("code_code", "value_text").iter_rows())
    assert told == {"Number of Passing Eligible Variants": "10", "Total MSI Sites Unstable": "5"}


def test_a_summary_lists_several_findings_in_one_cell(tmp_path: Path) -> None:
    """Amplifications, splice variants and fusions are divided by ``|``; newer versions name the copy-number call."""
    dna = (DNA, "NA", "NA", "MDM4 (1.741)|EGFR (1.5, <DUP>, 5)|CDKN2A (0.2, <DEL>, 0)", "NA", "NA")
    fused = "EML4/ALK (chr2:42522656-chr2:29446394) 18/2/429|KIF5B-RET (chr10:32306071-chr10:43609928) 9/0/1"
    rna = (RNA, "NA", "NA", "NA", "MET[14] (chr7:116411708-chr7:116414935) 25/300", fused)
    found = read(tmp_path, **{SUMMARY: summary(dna, rna)}).frame("variant")
    copies = dict(found.filter(pl.col("class") == "cnv").select("gene", "copies").iter_rows())
    assert copies == {"MDM4": 2, "EGFR": 2, "CDKN2A": -2}
    fusions = found.filter(pl.col("class") == "fusion").select("gene", "partner", "reads").rows()
    assert fusions == [("EML4", "ALK", 18), ("KIF5B", "RET", 9)]
    assert found.filter(pl.col("class") == "sv")["hgvs_p"].to_list() == ["exon 14 skipping"]


def test_na_in_a_summary_means_what_the_sample_is(tmp_path: Path) -> None:
    """A DNA sample has no test of fusions, an RNA sample none of copy numbers; InPreD ids tell which is which."""
    lines = [(name, "NA", "NA", "NA", "NA", "NA") for name in (DNA, RNA, "S-17")]
    tables = read(tmp_path, **{SUMMARY: summary(*lines)})
    assert set(tables.frame("test")["assay"]) == {"copy_number", "structural_variant"}
    assert rules(tables)["unknown_analyte"] == (6, "sample_id")


def test_an_item_in_another_form_is_pointed_out(tmp_path: Path) -> None:
    """What cannot be read is left out with a finding, the other items are kept."""
    tables = read(tmp_path, **{SUMMARY: summary((DNA, "high", "NA", "MDM4 (1.741)|EGFR!", "NA", "NA"))})
    assert tables.frame("variant")["gene"].to_list() == ["MDM4"]
    assert rules(tables)["unreadable_item"] == (4, "gene_amplifications")
    assert rules(tables)["unreadable_measure"] == (4, "tmb")


def test_files_of_one_delivery_tell_of_one_test_together(tmp_path: Path) -> None:
    """The variants stand in TSOPPI's table, the burden in the file of TSO500: the test of the mutations has both."""
    files = {TABLE: variant_table({}), "a_CombinedVariantOutput__tsv": without_section("Small Variants")}
    tables = read(tmp_path, **files)
    tests = tables.frame("test").filter(pl.col("assay").is_in(["mutation", "other"]))
    assert tests.select("assay", "tmb", "region", "msi", "genome_build").rows() == [
        ("mutation", 7.8, 1.27, "MSI-H", "GRCh37")
    ]


def test_a_variant_in_two_files_is_one_variant(tmp_path: Path) -> None:
    """Known by place and bases; the annotated table counts before the plain one."""
    row = {"Gene_symbol": "BRAF", "Genomic_location": "7:140453136", "DNA_change": "A>T", "Class_judgement": "LikSOM"}
    tables = read(tmp_path, **{TABLE: variant_table(row), "a_CombinedVariantOutput__tsv": tso500()})
    found = tables.frame("variant").filter(pl.col("gene") == "BRAF")
    assert found["origin"].to_list() == ["somatic"]


def test_files_that_disagree_on_a_measure_are_pointed_out(tmp_path: Path) -> None:
    """Another burden for the same sample: the first file counts, and the finding names the column."""
    files = {"a_CombinedVariantOutput__tsv": tso500(), SUMMARY: summary((DNA, "9.9 (12)", "NA", "NA", "NA", "NA"))}
    tables = read(tmp_path, **files)
    assert rules(tables)["files_disagree"] == (0, "tmb")
    assert tables.frame("test")["tmb"].drop_nulls().to_list() == [7.8]
