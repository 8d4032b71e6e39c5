"""Studies of trials: best responses in the patient file, other names of columns, cells in the wrong place.

Published studies of basket trials hold the response to the trial's drug in the patient file, and no timeline.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.store import IngestReport
from tests.study import study_files, write_study


@pytest.fixture
def site(tmp_path: Path) -> kohort.Site:
    return kohort.Site.create(tmp_path / "site", "Oslo", "NO")


def ingest(site: kohort.Site, tmp_path: Path, **changed: str) -> IngestReport:
    return site.ingest([write_study(tmp_path / "study", None, **changed)])


def with_column(name: str, header: str, values: list[str]) -> str:
    """The clinical file with one more column; the values repeat."""
    lines = study_files()[name].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("PATIENT_ID"))
    more = [header, *(values[i % len(values)] for i in range(len(lines) - start - 1))]
    lines[:start] = [f"{line}\t{header}" for line in lines[:start]]
    lines[start:] = [f"{line}\t{cell}" for line, cell in zip(lines[start:], more, strict=True)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("header", ["Best Overall Response (BOR)", "BEST_OVERALL_RESPONSE", "BOR", "Best_Response"])
def test_a_best_response_in_the_patient_file_is_a_response_marked_as_best(
    site: kohort.Site, tmp_path: Path, header: str
) -> None:
    """It names no treatment, because the file names none."""
    values = ["PR", "stable disease", "PD", "NE"]
    report = ingest(site, tmp_path, data_clinical_patient=with_column("data_clinical_patient.txt", header, values))
    assert not report.findings
    best = site.tables.frame("response").filter(pl.col("is_best").fill_null(value=False)).sort("source_line")
    assert best["category"].to_list()[:4] == ["PR", "SD", "PD", "NE"]
    assert best["therapy"].null_count() == best.height


def test_a_best_response_that_is_no_word_of_recist_is_kept_as_text_and_named(site: kohort.Site, tmp_path: Path) -> None:
    """The line is kept; nothing is guessed."""
    report = ingest(site, tmp_path, data_clinical_patient=with_column("data_clinical_patient.txt", "BOR", ["good"]))
    assert {finding.rule for finding in report.findings} == {"unknown_response"}
    best = site.tables.frame("response").filter(pl.col("is_best").fill_null(value=False))
    assert best["category"].null_count() == best.height > 0
    assert set(best["category_text"]) == {"good"}


def test_copy_numbers_in_the_long_form_may_have_other_names(site: kohort.Site, tmp_path: Path) -> None:
    """Samples, Gene and CNA; AMP is an amplification, DeepDel a deep deletion."""
    sample = study_files()["data_clinical_sample.txt"].splitlines()[-1].split("\t")[1]
    text = f"Samples\tGene\tGene panel\tCNA\n{sample}\tERBB2\tP\tAMP\n{sample}\tCDKN2A\tP\tDeepDel\n"
    report = ingest(site, tmp_path, data_cna=text)
    assert report.quarantined == 0
    calls = site.tables.frame("variant").filter(pl.col("class") == "cnv")
    assert sorted(calls.select("gene", "copies").rows()) == [("CDKN2A", -2), ("ERBB2", 2)]


def test_cells_one_place_to_the_left_are_found_and_not_taken(site: kohort.Site, tmp_path: Path) -> None:
    """A classification that is a variant type shows it. Bases and classification are left empty; the change stays."""
    sample = study_files()["data_clinical_sample.txt"].splitlines()[-1].split("\t")[1]
    header = (
        "Hugo_Symbol\tConsequence\tVariant_Classification\tVariant_Type\tReference_Allele\tTumor_Seq_Allele1"
        "\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tHGVSc\tHGVSp_Short\n"
    )
    shifted = f"ERBB2\tMissense_Mutation\tSNP\tG\tG\tC\trs1\t{sample}\tc.929C>T\tp.S310F\n"
    deletion = f"TP53\tFrame_Shift_Del\tDEL\tG\tG\t-\tnovel\t{sample}\tc.100del\tp.P34fs\n"
    report = ingest(site, tmp_path, data_mutations=header + shifted + deletion)
    assert [(f.line, f.count) for f in report.findings if f.rule == "shifted_columns"] == [(2, 2)]
    found = site.tables.frame("variant").filter(pl.col("class").is_in(["snv", "indel"]))
    rows = found.sort("gene").select("gene", "class", "ref", "alt", "classification", "hgvs_p").rows()
    assert rows == [("ERBB2", "snv", None, None, None, "p.S310F"), ("TP53", "indel", None, None, None, "p.P34fs")]
