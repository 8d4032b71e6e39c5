"""Contradictions within a study: they are named, and the lines are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

import kohort
from kohort.store import IngestReport
from tests.study import TESTED, study_files, write_study


def ingest(tmp_path: Path, **changed: str) -> tuple[kohort.Site, IngestReport]:
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    return site, site.ingest([write_study(tmp_path / "study", None, **changed)])


def named(report: IngestReport) -> dict[str, tuple[str, int, str | None, int]]:
    return {f.rule: (f.file, f.line, f.column, f.count) for f in report.findings}


def without(gene: str) -> str:
    """The panel file without one of its genes."""
    return study_files()["data_gene_panel_SEVEN.txt"].replace(f"{gene}\t", "")


def mutations(*columns: tuple[str, str, str]) -> str:
    """The mutation file with further columns behind the gene: name, value of the first line, value of the others."""
    lines = study_files()["data_mutations.txt"].splitlines()
    for name, first, rest in columns:
        values = [name, first, *([rest] * (len(lines) - 2))]
        lines = [line.replace("\t", f"\t{value}\t", 1) for line, value in zip(lines, values, strict=True)]
    return "\n".join(lines) + "\n"


def test_a_variant_in_a_gene_that_the_panel_lacks_is_named(tmp_path: Path) -> None:
    """The gene list, the gene or the sample's panel is wrong; the variant stays."""
    site, report = ingest(tmp_path, data_gene_panel_SEVEN=without("BRAF"))
    lines = study_files()["data_mutations.txt"].splitlines()
    first = next(n for n, line in enumerate(lines, 1) if line.startswith("BRAF"))
    many = sum(line.startswith("BRAF") for line in lines)
    assert named(report) == {"panel_contradicts": ("data_mutations.txt", first, "HUGO_SYMBOL", many)}
    assert "BRAF" in set(site.tables.frame("variant")["gene"])


def test_a_fusion_needs_one_of_its_genes_on_the_panel(tmp_path: Path) -> None:
    """EML4 is on no panel; ALK is, until the list loses it."""
    _, report = ingest(tmp_path, data_gene_panel_SEVEN=study_files()["data_gene_panel_SEVEN.txt"].replace("\tALK", ""))
    assert named(report) == {"panel_contradicts": ("data_sv.txt", 2, "SITE1_HUGO_SYMBOL", 2)}


def test_an_earlier_name_of_a_gene_is_no_contradiction(tmp_path: Path) -> None:
    """HER2 on the list is ERBB2 in the file, and the other way round."""
    panel = study_files()["data_gene_panel_SEVEN.txt"].replace("ERBB2", "HER2")
    _, report = ingest(tmp_path, data_gene_panel_SEVEN=panel)
    assert not report.findings


@pytest.mark.parametrize("long", [False, True])
def test_a_copy_number_in_a_gene_that_the_panel_lacks_is_named(tmp_path: Path, long: bool) -> None:
    """Where the panel matrix names a panel for copy numbers; neutral and unread genes do not count."""
    matrix = "\n".join(["SAMPLE_ID\tcna", *(f"{sample}\tSEVEN" for sample in TESTED)]) + "\n"
    calls = [(gene, "2" if gene == "MDM2" else "0") for gene in ("BRAF", "MDM2", "CDK4")]
    if long:
        rows = ["Hugo_Symbol\tSample_Id\tValue", *(f"{gene}\t{TESTED[0]}\t{call}" for gene, call in calls)]
    else:
        rows = [f"Hugo_Symbol\t{TESTED[0]}", *(f"{gene}\t{call}" for gene, call in calls)]
    _, report = ingest(tmp_path, data_gene_panel_matrix=matrix, data_cna="\n".join(rows) + "\n")
    assert named(report)["panel_contradicts"] == ("data_cna.txt", 3, "HUGO_SYMBOL", 1)


def test_a_panel_without_a_gene_list_contradicts_nothing(tmp_path: Path) -> None:
    """Which genes it covers is unknown."""
    study = write_study(tmp_path / "study")
    (study / "data_gene_panel_SEVEN.txt").unlink()
    report = kohort.Site.create(tmp_path / "site", "Oslo", "NO").ingest([study])
    assert {f.rule for f in report.findings} == {"unknown_panel"}


def test_lines_of_another_genome_build_are_named(tmp_path: Path) -> None:
    """The first line says which build the file is of; another spelling of it is the same build."""
    _, report = ingest(tmp_path, data_mutations=mutations(("NCBI_Build", "GRCh37", "hg19")))
    assert not report.findings
    lines = len(study_files()["data_mutations.txt"].splitlines())
    _, report = ingest(tmp_path / "mixed", data_mutations=mutations(("NCBI_Build", "GRCh37", "GRCh38")))
    assert named(report) == {"mixed_builds": ("data_mutations.txt", 3, "NCBI_BUILD", lines - 2)}


def test_two_columns_of_the_protein_change_that_disagree_are_named(tmp_path: Path) -> None:
    """HGVSp_Short is kept."""
    site, report = ingest(tmp_path, data_mutations=mutations(("HGVSp", "p.Gln121Lys", "")))
    assert named(report) == {"columns_disagree": ("data_mutations.txt", 2, "HGVSP", 1)}
    assert "p.Gln121Lys" not in set(site.tables.frame("variant")["hgvs_p"])
