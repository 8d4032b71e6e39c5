"""Bad input of every kind is named with place and remedy, and the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kohort as library
from kohort.profile import annotate, normalise, normalise_frame
from tests.spec.cli.command import kohort
from tests.study import study_files, write_study
from tests.tso500_files import tso500

CIVIC_HEAD = (
    "gene", "variant", "disease", "drugs", "drug_interaction_type", "evidence_type", "evidence_direction",
    "evidence_level", "clinical_significance", "pubmed_id", "source_type", "citation", "evidence_id",
)  # fmt: skip


def rules(site: Path, *paths: Path) -> dict[str, int]:
    """Rules that ingesting these paths breaks, with how often."""
    report = library.Site.open(site).ingest(list(paths))
    assert report.lines == report.accepted + report.quarantined
    found: dict[str, int] = {}
    for finding in report.findings:
        assert finding.message.endswith((".", ")")), finding
        found[finding.rule] = found.get(finding.rule, 0) + finding.count
    return found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return library.Site.create(tmp_path / "site", "Oslo", "NO").path


def test_an_unknown_gene_and_an_impossible_residue_are_findings() -> None:
    """The change is kept as written; BRAF has V at 600, so A600E cannot be meant."""
    assert any("HGNC" in finding for finding in normalise("p.A1B", "NOTAGENE").findings)
    assert any("600" in finding for finding in normalise("p.A600E", "BRAF").findings)
    assert normalise("p.V600E", "BRAF").findings == ()


def test_mixed_genome_builds_are_named_and_the_lines_kept(site: Path, tmp_path: Path) -> None:
    """A mutation file that names two builds."""
    files = study_files()
    lines = files["data_mutations.txt"].splitlines()
    builds = ["NCBI_Build", *("GRCh37" if n % 2 else "GRCh38" for n in range(1, len(lines)))]
    mixed = "\n".join(f"{line}\t{build}" for line, build in zip(lines, builds, strict=True)) + "\n"
    assert rules(site, write_study(tmp_path / "study", data_mutations=mixed))["mixed_builds"] >= 1
    assert library.Site.open(site).tables.frame("variant").height > 0


def test_a_panel_that_contradicts_the_variants_is_named(site: Path, tmp_path: Path) -> None:
    """A variant in a gene that its sample's panel does not list: one of the two is wrong, and both are kept."""
    files = study_files()
    fewer = files["data_gene_panel_SEVEN.txt"].replace("BRAF\t", "")
    found = rules(site, write_study(tmp_path / "study", data_gene_panel_SEVEN=fewer))
    assert found["panel_contradicts"] >= 1
    genes = library.Site.open(site).tables.frame("variant", ["gene"])["gene"].to_list()
    assert "BRAF" in genes


def test_a_vcf_without_annotation_is_named_and_kept(site: Path, tmp_path: Path) -> None:
    """Nothing is guessed from positions: the rows wait for VEP or SnpEff."""
    vcf = tmp_path / "lab" / "S1.vcf"
    vcf.parent.mkdir()
    vcf.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n7\t140453136\t.\tA\tT\t.\tPASS\t.\n",
        encoding="utf-8",
    )
    assert rules(site, vcf.parent)["no_annotation"] == 1
    opened = library.Site.open(site)
    assert opened.tables.frame("variant", ["position", "gene"]).rows() == [(140453136, None)]
    assert annotate(opened).height == 0


def test_a_delivery_with_one_broken_file_brings_the_others(site: Path, tmp_path: Path) -> None:
    """A file of no known layout is a warning beside the file that is read."""
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "IPD9001_CombinedVariantOutput.tsv").write_text(tso500(), encoding="utf-8")
    (folder / "notes.tsv").write_text("one\ttwo\n1\t2\n", encoding="utf-8")
    assert rules(site, folder).keys() >= {"unrecognised_file"}
    assert library.Site.open(site).tables.frame("variant").height > 3


def test_an_evidence_row_with_two_directions_is_named_and_unclear(site: Path, tmp_path: Path) -> None:
    """It raises no tier; the pack's other rows are used, and the count of what was odd is shown."""
    rows = [
        ("BRAF", "V600E", "Melanoma", "Vemurafenib", "", "Predictive", "Supports, Does Not Support", "B",
         "Sensitivity/Response", "1", "PubMed", "A et al., 2011, J", "1, 2"),
        ("BRAF", "V600E", "Melanoma", "Dabrafenib", "", "Predictive", "Supports", "B", "Sensitivity/Response", "2",
         "PubMed", "B et al., 2012, J", "3"),
    ]  # fmt: skip
    table = tmp_path / "civic-2026-01-01.tsv"
    text = "\n".join("\t".join(f'"{cell}"' for cell in row) for row in (CIVIC_HEAD, *rows)) + "\n"
    table.write_text(text, encoding="utf-8")
    done = kohort("profile", "knowledge", "add", table, "--site", site)
    assert done.returncode == 0, done.stderr
    assert "CC0" in done.stdout
    assert "direction" in done.stdout
    library.Site.open(site).ingest([write_study(tmp_path / "study")])
    found = annotate(library.Site.open(site), [table])
    tiers = dict(found.unique(["drugs"]).select("drugs", "tier").iter_rows())
    assert tiers["vemurafenib"] == "III"
    assert tiers["dabrafenib"] in {"I-B", "II-C"}


def test_no_message_holds_what_names_a_patient(site: Path, tmp_path: Path) -> None:
    """Findings on laboratory files show no id of patient or sample."""
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "IPD9001_CombinedVariantOutput.tsv").write_text(tso500(("4.231", "many")), encoding="utf-8")
    done = kohort("ingest", "--site", site, folder, "--format", "laboratory", "--json")
    assert done.returncode == 0, done.stderr
    messages = [finding["message"] for finding in json.loads(done.stdout)["findings"]]
    assert messages
    assert not any("IPD9001-D01" in message for message in messages)


def test_a_change_that_is_not_understood_keeps_its_words(site: Path, tmp_path: Path) -> None:
    """The row stays in the table and in the list of what was not understood, by reason."""
    files = study_files()
    odd = files["data_mutations.txt"].replace("p.V600E", "qwerty", 1)
    library.Site.open(site).ingest([write_study(tmp_path / "study", data_mutations=odd)])
    opened = library.Site.open(site)
    texts = normalise_frame(opened.tables.frame("variant"))
    assert texts.filter(texts["kind"] == "text")["alteration"].to_list() == ["qwerty"]
    told = json.loads(kohort("profile", "alterations", "--site", site, "--json").stdout)
    assert sum(told["not_understood"].values()) == 1
