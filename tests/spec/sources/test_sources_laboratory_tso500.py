"""TSO500: what Illumina's combined variant output says, section by section."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kohort.profile import normalise
from kohort.sources import open_source
from kohort.sources.in_memory import SourceTables, tables_in_memory
from tests.tso500_files import tso500, without_section, write

FILE = "IPD9001_CombinedVariantOutput__tsv"


def read(tmp_path: Path, text: str, **beside: str) -> SourceTables:
    return tables_in_memory(open_source(write(tmp_path / "lab", **{FILE: text, **beside}), "laboratory"))


def rules(tables: SourceTables) -> dict[str, tuple[int, str]]:
    """Each rule with the first line that broke it."""
    told: dict[str, tuple[int, str]] = {}
    for finding in (f for found in tables.findings.values() for f in found):
        told.setdefault(finding.rule, (finding.line, finding.severity))
    return told


def assays(tables: SourceTables) -> set[str]:
    return set(tables.frame("test")["assay"])


def variant(tables: SourceTables, gene: str, kind: str | None = None) -> dict[str, object]:
    found = tables.frame("variant").filter(pl.col("gene") == gene)
    return (found if kind is None else found.filter(pl.col("class") == kind)).row(0, named=True)


def test_a_small_variant_keeps_its_place_its_change_and_its_reads(tmp_path: Path) -> None:
    """Chromosomes lose ``chr``; the transcript leaves the coding change; the protein change stays as written."""
    found = variant(read(tmp_path, tso500()), "BRAF")
    assert (found["class"], found["chromosome"], found["position"]) == ("snv", "7", 140453136)
    assert (found["ref"], found["alt"], found["vaf"], found["depth"], found["exon"]) == ("A", "T", 0.31, 512, 15)
    assert (found["transcript"], found["hgvs_c"]) == ("NM_004333.4", "c.1799T>A")
    assert (found["hgvs_p"], found["classification"]) == ("NP_004324.2:p.(Val600Glu)", "missense_variant")
    assert found["origin"] == "unknown"


def test_an_insertion_or_deletion_keeps_its_bases_and_ends_where_the_last_reference_base_stands(tmp_path: Path) -> None:
    """Sixteen reference bases from position 55242464 end at 55242479."""
    found = variant(read(tmp_path, tso500()), "EGFR")
    assert (found["class"], found["position"], found["end_position"]) == ("indel", 55242464, 55242479)


def test_burden_and_microsatellites_stand_at_the_test_of_the_mutations(tmp_path: Path) -> None:
    """The key/value sections describe the DNA sample: burden, coding region, unstable sites, date of the report."""
    test = read(tmp_path, tso500()).frame("test").row(by_predicate=pl.col("assay") == "mutation", named=True)
    assert (test["tmb"], test["region"]) == (7.8, 1.27)
    assert (test["msi_sites"], test["msi_unstable"], test["msi"]) == (120, 25, "MSI-H")
    assert (test["reported"], test["reported_precision"]) == (date(2026, 3, 9), 3)


@pytest.mark.parametrize(
    ("sites", "percent", "status"),
    [
        ("120", "10.00", "MSS"),
        ("120", "10.01", "indeterminate"),
        ("120", "19.99", "indeterminate"),
        ("120", "20.00", "MSI-H"),
        ("40", "0.00", "MSS"),
        ("39", "50.00", "indeterminate"),
        ("120", "NA", "MSI-H"),
        ("NA", "NA", None),
    ],
)
def test_the_microsatellite_status_follows_the_rule_of_inpred(
    tmp_path: Path, sites: str, percent: str, status: str | None
) -> None:
    """At most 10 % unstable is stable, 20 % and more unstable, between them undecided; under 40 sites nothing is sure.

    Where the share is missing it follows from the numbers of sites (here 30 unstable ones).
    """
    text = tso500(("Usable MSI Sites\t120", f"Usable MSI Sites\t{sites}"), ("25.00", percent))
    test = read(tmp_path, text).frame("test").row(by_predicate=pl.col("assay") == "mutation", named=True)
    assert test["msi"] == status


def test_an_amplification_is_a_copy_number_call_with_its_fold_change(tmp_path: Path) -> None:
    """[Gene Amplifications] lists genes with more copies; the fold change stands beside the call."""
    found = variant(read(tmp_path, tso500()), "MET", "cnv")
    assert (found["copies"], found["amount"]) == (2, 4.231)


def test_a_fold_change_of_one_or_less_is_no_amplification(tmp_path: Path) -> None:
    """The line is kept without a call, and a finding says so: it must not become a biomarker."""
    tables = read(tmp_path, tso500(("4.231", "0.412")))
    assert variant(tables, "MET", "cnv")["copies"] is None
    assert rules(tables)["no_amplification"] == (25, "warning")


@pytest.mark.parametrize(
    ("line", "copies"),
    [("MET\t4.2\t<DUP>\t12", 2), ("MET\t0.5\t<DEL>\t1", -1), ("MET\t0.1\t<DEL>\t0", -2), ("MET\t2.0\tDEL\tNA", -1)],
)
def test_dragen_lists_gains_and_losses_in_one_section(tmp_path: Path, line: str, copies: int) -> None:
    """[Copy Number Variants] names each kind: a loss is no amplification, and without any copy left it is deep."""
    text = tso500(
        ("[Gene Amplifications]\nGene\tFold Change\nMET\t4.231",
         f"[Copy Number Variants]\nGene\tFold Change\tCopy Number Variant\tAbsolute Copy Number\n{line}"),
    )  # fmt: skip
    assert variant(read(tmp_path, text), "MET", "cnv")["copies"] == copies


def test_a_fusion_names_both_genes_its_breakpoints_and_its_reads(tmp_path: Path) -> None:
    """The place is that of the first breakpoint; both stand in the classification."""
    found = variant(read(tmp_path, tso500()), "EML4")
    assert (found["class"], found["partner"], found["reads"]) == ("fusion", "ALK", 18)
    assert (found["chromosome"], found["position"]) == ("2", 42522656)
    assert found["classification"] == "chr2:42522656 to chr2:29446394"


@pytest.mark.parametrize(
    ("pair", "gene", "partner"),
    [
        ("EML4-ALK", "EML4", "ALK"),
        ("EML4/ALK", "EML4", "ALK"),
        ("EML4--ALK", "EML4", "ALK"),
        ("EML4::ALK", "EML4", "ALK"),
        ("NKX2-1-ALK", "NKX2-1", "ALK"),
        ("HLA-A-ROS1", "HLA-A", "ROS1"),
        ("HLA-A/NKX2-1", "HLA-A", "NKX2-1"),
        ("PPARG/AC016683.6-PAX8", "PPARG", "PAX8"),
        ("CD74-ROS1;GOPC", "CD74", "ROS1"),
    ],
)
def test_a_gene_pair_is_divided_where_both_sides_are_genes(tmp_path: Path, pair: str, gene: str, partner: str) -> None:
    """Gene symbols may hold hyphens, and a breakpoint may lie in two genes; the text as written is kept."""
    found = variant(read(tmp_path, tso500(("EML4-ALK", pair))), gene)
    assert (found["partner"], found["hgvs_p"]) == (partner, pair)


def test_a_breakpoint_in_two_genes_is_pointed_out(tmp_path: Path) -> None:
    """The first gene that HGNC knows is taken, with a finding at the line."""
    assert rules(read(tmp_path, tso500(("EML4-ALK", "CD74-ROS1;GOPC"))))["several_fusion_genes"] == (33, "warning")


@pytest.mark.parametrize(
    ("gene", "exons", "second", "words", "normal"),
    [
        ("MET", "14", "chr7:116414935", "exon 14 skipping", "exon 14 skipping"),
        ("EGFR", "2-7", "chr7:55223523", "vIII", "variant III"),
        ("EGFR", "2,3,4,5,6,7", "chr7:55223523", "vIII", "variant III"),
        ("EGFR", "2-3/28", "chr7:55214298", "exon 2-3 skipping", None),
        ("AR", "", "chrX:66914514", "alternative transcript V7", None),
        ("AR", "", "chrX:67694672", "alternative transcript V7", None),
    ],
)
def test_a_splice_variant_is_named_in_words_that_the_profile_reads(
    tmp_path: Path, gene: str, exons: str, second: str, words: str, normal: str | None
) -> None:
    """MET without exon 14, EGFR without exons 2 to 7 (variant III), AR joined to its cryptic exon 3 (AR-V7).

    AR-V7 has no exon number, since the cryptic exon has none; it is known by the place where that exon begins, in
    either genome build.
    """
    row = "MET\t14\tchr7:116411708\tchr7:116414935\t25\t300"
    chromosome = second.partition(":")[0]
    tables = read(tmp_path, tso500((row, f"{gene}\t{exons}\t{chromosome}:55087058\t{second}\t25\t300")))
    found = variant(tables, gene, "sv")
    assert (found["hgvs_p"], found["reads"], found["depth"]) == (words, 25, 325)
    if normal is not None:
        assert str(normalise(words, gene)) == normal


def test_a_junction_without_exon_that_is_not_known_is_kept_without_words(tmp_path: Path) -> None:
    """Other cryptic exons of AR have no number either: a junction elsewhere is not AR-V7, and a finding says so."""
    row = "MET\t14\tchr7:116411708\tchr7:116414935"
    tables = read(tmp_path, tso500((row, "AR\t\tchrX:66905968\tchrX:66909000")))
    assert variant(tables, "AR")["hgvs_p"] is None
    assert rules(tables)["unknown_splice_variant"] == (29, "warning")


def test_na_alone_is_an_assayed_section_without_findings(tmp_path: Path) -> None:
    """The test exists and found nothing: that is another thing than a test that was not made."""
    row = "EML4-ALK\tchr2:42522656\tchr2:29446394\t18\t2\t429"
    splice = "MET\t14\tchr7:116411708\tchr7:116414935\t25\t300"
    tables = read(tmp_path, tso500((row, "NA\t\t\t"), (splice, "NA")))
    assert "structural_variant" in assays(tables)
    assert not tables.frame("variant").filter(pl.col("class").is_in(["fusion", "sv"])).height


def test_an_rna_sample_of_na_means_that_fusions_and_splice_variants_were_not_assayed(tmp_path: Path) -> None:
    """There is no test for them, so that their absence is unknown; the DNA is read all the same."""
    row = "EML4-ALK\tchr2:42522656\tchr2:29446394\t18\t2\t429"
    splice = "MET\t14\tchr7:116411708\tchr7:116414935\t25\t300"
    text = tso500(("RNA Sample ID\tIPD9001-R03-P01-A15", "RNA Sample ID\tNA"), (row, "NA"), (splice, "NA"))
    tables = read(tmp_path, text)
    assert assays(tables) == {"mutation", "copy_number"}
    assert tables.frame("specimen").height == 1


def test_a_finding_in_a_section_that_has_no_sample_is_set_aside(tmp_path: Path) -> None:
    """A fusion without an RNA sample belongs to nobody that the file names."""
    tables = read(tmp_path, tso500(("RNA Sample ID\tIPD9001-R03-P01-A15", "RNA Sample ID\tNA")))
    assert rules(tables)["finding_without_sample"] == (29, "quarantined")
    assert "structural_variant" not in assays(tables)


def test_a_missing_section_was_not_assayed_by_this_file(tmp_path: Path) -> None:
    """Tumour-only files may lack [Small Variants]; the burden then stands at a test that reads no mutations."""
    tables = read(tmp_path, without_section("Small Variants"))
    assert assays(tables) == {"copy_number", "structural_variant", "other"}
    other = tables.frame("test").row(by_predicate=pl.col("assay") == "other", named=True)
    assert (other["tmb"], other["coverage"], other["panel"]) == (7.8, "unknown", None)


def test_the_rna_belongs_to_a_specimen_of_its_own(tmp_path: Path) -> None:
    """Fusions and splice variants hang on the RNA sample, the rest on the DNA sample; both are of one patient."""
    tables = read(tmp_path, tso500())
    joined = tables.frame("test").join(tables.frame("specimen"), left_on="specimen", right_on="id")
    by_assay = dict(joined.select("assay", "specimen").iter_rows())
    assert by_assay["mutation"] == by_assay["copy_number"] != by_assay["structural_variant"]
    assert tables.frame("person").height == 1


def test_a_pair_of_two_patients_is_not_read_as_one(tmp_path: Path) -> None:
    """Two InPreD ids of different patients in one file: what was found in the RNA is set aside."""
    tables = read(tmp_path, tso500(("IPD9001-R03", "IPD9002-R03")))
    assert rules(tables)["pair_of_two_patients"][1] == "quarantined"
    assert tables.source_ids == {"IPD9001": 1}
    assert "EML4" not in tables.frame("variant")["gene"].to_list()


def test_the_file_names_no_panel_so_its_genes_are_unknown(tmp_path: Path) -> None:
    """TSO500 writes no gene list; no gene without a variant may be called negative."""
    assert set(read(tmp_path, tso500()).frame("test")["coverage"]) == {"unknown"}


def test_a_panel_file_for_tso500_says_which_genes_were_read_for_mutations(tmp_path: Path) -> None:
    """``data_gene_panel_TSO500.txt`` covers the mutations.

    Copy numbers and fusions are read in fewer genes: their lists are panels of their own, ``TSO500_copy_number`` and
    ``TSO500_structural_variant``.
    """
    panels = {
        "data_gene_panel_TSO500__txt": "stable_id: TSO500\ngene_list: BRAF\tEGFR\tMET\tTP53\n",
        "data_gene_panel_TSO500_structural_variant__txt": "stable_id: TSO500_structural_variant\ngene_list: ALK\tMET\n",
    }
    tables = read(tmp_path, tso500(), **panels)
    told = {row["assay"]: (row["panel"], row["coverage"]) for row in tables.frame("test").iter_rows(named=True)}
    assert told["mutation"] == ("TSO500", "panel")
    assert told["copy_number"] == (None, "unknown")
    assert told["structural_variant"] == ("TSO500_structural_variant", "panel")
    assert tables.frame("code").filter(pl.col("system") == "panel/TSO500")["code"].to_list()[0] == "BRAF"
    assert "panel_contradicts" not in rules(tables)


def test_dragen_adds_instability_and_rearrangements(tmp_path: Path) -> None:
    """[GIS] is the score of homologous recombination deficiency; [Large Rearrangements] are lost or doubled exons."""
    added = (
        "\n[GIS]\nGenomic Instability Score\t42\nTumor Fraction\t0.6\nPloidy\t3.1\n"
        "\n[Large Rearrangements]\nGene\tChromosome\tStart\tStop\tAffected Exon(s)\tFold Change\tCNV Type\n"
        "BRCA1\tchr17\t41243452\t41247939\t10-11\t0.5\t<LOSS>\nBRCA2\tNA\n"
    )
    tables = read(tmp_path, tso500() + added)
    assert tables.frame("test")["hrd"].drop_nulls().to_list() == [42]
    lost = variant(tables, "BRCA1")
    assert (lost["class"], lost["hgvs_p"], lost["classification"]) == ("sv", "exon 10-11 deletion", "<LOSS>")
    assert "BRCA2" not in tables.frame("variant")["gene"].to_list()


def test_what_has_no_column_is_kept_as_an_attribute_of_the_sample(tmp_path: Path) -> None:
    """Versions of the pipeline and counts behind the measures are findings of kind attribute."""
    told = dict(read(tmp_path, tso500()).frame("finding").select("code_code", "value_text").iter_rows())
    assert told["Pipeline Version"] == "ruo-2.2.0.12"
    assert told["Number of Passing Eligible Variants"] == "10"


def test_tabs_that_pad_a_line_mean_nothing(tmp_path: Path) -> None:
    """Some versions pad each line with tabs to the widest section, blank lines too."""
    padded = "".join(f"{line}{chr(9) * (10 - line.count(chr(9)))}\n" for line in tso500().splitlines())
    plain, wide = read(tmp_path / "a", tso500()), read(tmp_path / "b", padded)
    assert wide.frame("variant").equals(plain.frame("variant"))
    assert not wide.findings


def test_an_unknown_section_is_set_aside_by_name(tmp_path: Path) -> None:
    """Versions add sections; what is not understood is quarantined, the rest is read."""
    tables = read(tmp_path, tso500() + "\n[New Things]\nGene\tValue\nBRAF\t1\n")
    assert rules(tables)["unknown_section"] == (40, "quarantined")
    assert tables.frame("variant").height == 5


def test_a_measure_that_is_no_number_is_pointed_out(tmp_path: Path) -> None:
    """The measure is left out, the line kept; a burden below nothing is no burden."""
    for odd in ("seven", "-1"):
        tables = read(tmp_path / odd, tso500(("Total TMB\t7.8", f"Total TMB\t{odd}")))
        assert rules(tables)["unreadable_measure"] == (14, "warning")
        assert tables.frame("test")["tmb"].null_count() == tables.frame("test").height


def test_a_variant_with_an_impossible_value_does_not_take_its_test_along(tmp_path: Path) -> None:
    """An allele frequency above 1 sets its line aside; test, specimen and patient stand on the other lines."""
    tables = read(tmp_path, tso500(("0.31\t512", "31\t512")))
    assert rules(tables)["out_of_range"] == (37, "quarantined")
    assert tables.frame("variant")["gene"].to_list().count("BRAF") == 0
    assert "mutation" in assays(tables)


def test_a_file_without_any_sample_is_quarantined(tmp_path: Path) -> None:
    """Without a sample's id nothing can be linked to a patient."""
    tables = read(tmp_path, tso500(("IPD9001-D01-P01-A15", "NA"), ("IPD9001-R03-P01-A15", "NA")))
    assert rules(tables)["missing_id"] == (0, "quarantined")
    assert not tables.frame("variant").height
