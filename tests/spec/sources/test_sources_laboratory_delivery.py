"""Laboratory files in a folder: which layout a file has, whose a sample is, which genes were read."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.errors import InputError
from kohort.sources import open_source
from kohort.sources.in_memory import SourceTables, tables_in_memory
from tests.study import write_study
from tests.tso500_files import DNA, RNA, summary, tso500, variant_table, write

FILE = "IPD9001_CombinedVariantOutput__tsv"
OTHER = (("IPD9001-D01-P01-A15", "S-17-D"), ("IPD9001-R03-P01-A15", "S-17-R"), ("Pair ID\tIPD9001", "Pair ID\tS-17"))
"""The pair under ids that are not of InPreD."""
METADATA = (
    "Sample_id", "Sequencing_run_id", "Create_report", "Year_of_birth", "Year_of_diagnosis", "Clinical_diagnosis",
    "Sex", "Study_id", "Sample_material_id", "Year_of_sample_collection", "Requisition_hospital",
    "Extraction_hospital", "Tumor_content_pathology", "Batch", "Molecular_pathology_comment", "Sample_info_comment",
    "Extraction_data_comment", "Library_data_comment",
)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> kohort.Site:
    return kohort.Site.create(tmp_path / "site", "Oslo", "NO")


def metadata(*rows: dict[str, str]) -> str:
    lines = ["# Please use - to represent any missing values.", "\t".join(METADATA)]
    return "\n".join([*lines, *("\t".join(row.get(name, "-") for name in METADATA) for row in rows)]) + "\n"


def read(tmp_path: Path, **files: str | bytes) -> SourceTables:
    return tables_in_memory(open_source(write(tmp_path / "lab", **files), "laboratory"))


def rules(tables: SourceTables) -> dict[str, tuple[str, int, str | None]]:
    """Each rule with the first file, line and column that broke it."""
    told: dict[str, tuple[str, int, str | None]] = {}
    for path, found in tables.findings.items():
        for finding in found:
            told.setdefault(finding.rule, (path.name, finding.line, finding.column))
    return told


def test_a_site_reads_laboratory_files_and_reading_them_again_changes_nothing(
    site: kohort.Site, tmp_path: Path
) -> None:
    """Physical lines are accepted or quarantined; the same files again bring no batch, row for row the same tables."""
    folder = write(tmp_path / "lab", **{FILE: tso500(), "t_small_variant_table__tsv": variant_table({}, {})})
    report = site.ingest([folder], format="laboratory")
    assert {file.adapter for file in report.files} == {"laboratory.tso500/1", "laboratory.tsoppi_variants/1"}
    assert all(file.lines == file.accepted + file.quarantined for file in report.files)
    assert report.quarantined == 1  # the second row of the table is the first again
    before = {name: site.tables.frame(name) for name in ("person", "specimen", "test", "variant", "finding")}
    assert site.ingest([folder], format="laboratory").batch is None
    assert all(site.tables.frame(name).equals(frame) for name, frame in before.items())


def test_the_format_is_found_by_the_content(site: kohort.Site, tmp_path: Path) -> None:
    """``auto`` needs no names; gzip is known by its first bytes, whatever the file is called."""
    folder = write(tmp_path / "lab", one__txt=tso500(), two__dat=gzip.compress(variant_table({}).encode()))
    report = site.ingest([folder])
    assert {file.name: file.adapter for file in report.files} == {
        "one.txt": "laboratory.tso500/1",
        "two.dat": "laboratory.tsoppi_variants/1",
    }


def test_one_file_is_read_beside_its_neighbours(site: kohort.Site, tmp_path: Path) -> None:
    """The sample sheet beside a file says whose its samples are, also where the file alone is named."""
    sheet = "SAMPLE_ID\tPATIENT_ID\nS-17-D\tP-1\nS-17-R\tP-1\n"
    folder = write(tmp_path / "lab", **{FILE: tso500(*OTHER), "samples__tsv": sheet})
    report = site.ingest([folder / FILE.replace("__", ".")])
    assert [file.adapter for file in report.files] == ["laboratory.tso500/1"]
    assert site.pseudonym("P-1") in site.tables.frame("variant")["person"].to_list()


def test_a_file_of_no_layout_is_left_unread_with_a_warning(site: kohort.Site, tmp_path: Path) -> None:
    """Nothing is passed over silently."""
    folder = write(tmp_path / "lab", **{FILE: tso500(), "notes__txt": "to do\n"})
    found = {(f.file, f.rule, f.severity) for f in site.ingest([folder], format="laboratory").findings}
    assert ("notes.txt", "unrecognised_file", "warning") in found


def test_a_folder_without_any_layout_is_refused(tmp_path: Path) -> None:
    """The error names what can be read."""
    with pytest.raises(InputError, match="TSO500 combined variant output"):
        open_source(write(tmp_path / "lab", notes__txt="to do\n"), "laboratory")


def test_an_inpred_id_tells_patient_tumour_and_kind_of_sample(tmp_path: Path) -> None:
    """``IPD9001-D01-P01-A15``: patient IPD9001, untreated primary (P), paraffin (A), lung (15)."""
    tables = read(tmp_path, **{FILE: tso500()})
    assert tables.source_ids == {"IPD9001": 1}
    assert tables.frame("tumour")["oncotree_code"].to_list() == ["LUNG"]
    specimen = tables.frame("specimen").row(0, named=True)
    assert (specimen["kind"], specimen["kind_text"]) == ("primary", "primary tumour, untreated")
    assert specimen["tissue_text"] == "formalin-fixed, paraffin-embedded tissue"


@pytest.mark.parametrize(
    ("kind", "told"),
    [("P", "primary"), ("p", "primary"), ("T", "primary"), ("D", "metastasis"), ("d", "metastasis"),
     ("R", "metastasis"), ("M", "metastasis"), ("N", "normal"), ("L", "unknown"), ("X", "unknown")],
)  # fmt: skip
def test_the_letter_of_an_inpred_id_is_the_kind_of_sample(tmp_path: Path, kind: str, told: str) -> None:
    """Small letters are samples after treatment; normal tissue is of no tumour."""
    tables = read(tmp_path, t__tsv=summary((f"IPD9001-D01-{kind}01-A09", "1.0 (1)", "NA", "NA", "NA", "NA")))
    assert tables.frame("specimen")["kind"].to_list() == [told]
    assert tables.frame("tumour")["oncotree_code"].to_list() == ([] if told == "normal" else ["BOWEL"])


@pytest.mark.parametrize(
    ("site", "code"), [("06", "BREAST"), ("24", "SKIN"), ("30", "VULVA"), ("00", "CUP"), ("XX", None)]
)
def test_the_number_of_an_inpred_id_is_the_site_of_the_tumour(tmp_path: Path, site: str, code: str | None) -> None:
    """PCGR's list of 30 sites, as tissues of OncoTree; 00 is cancer of unknown primary, X is not stated."""
    tables = read(tmp_path, t__tsv=summary((f"IPD9001-D01-P01-A{site}", "1.0 (1)", "NA", "NA", "NA", "NA")))
    assert tables.frame("tumour")["oncotree_code"].to_list() == [code]


def test_a_sample_that_nothing_tells_of_stands_for_its_patient(tmp_path: Path) -> None:
    """Without sheet and InPreD id the DNA sample is the patient, and the RNA of the pair is of the same; a finding."""
    tables = read(tmp_path, **{FILE: tso500(*OTHER)})
    assert tables.source_ids == {"S-17-D": 1}
    assert rules(tables)["sample_as_patient"][2] == "SAMPLE_ID"


def test_a_sample_sheet_tells_patient_tumour_panel_and_genome(tmp_path: Path) -> None:
    """``samples.tsv``: SAMPLE_ID and PATIENT_ID, and where known ONCOTREE_CODE, PANEL and GENOME_BUILD."""
    sheet = (
        "SAMPLE_ID\tPATIENT_ID\tONCOTREE_CODE\tPANEL\tGENOME_BUILD\n"
        "S-17-D\tP-1\tLUAD\tMINE\thg19\nS-17-R\tP-1\tLUAD\t\thg19\n"
    )
    panel = "stable_id: MINE\ngene_list: BRAF\tEGFR\tMET\n"
    tables = read(tmp_path, **{FILE: tso500(*OTHER), "samples__tsv": sheet, "data_gene_panel_MINE__txt": panel})
    assert tables.source_ids == {"P-1": 1}
    assert tables.frame("tumour")["oncotree_code"].to_list() == ["LUAD"]
    told = {row["assay"]: row for row in tables.frame("test").iter_rows(named=True)}
    assert (told["mutation"]["panel"], told["mutation"]["coverage"]) == ("MINE", "panel")
    assert (told["structural_variant"]["panel"], told["structural_variant"]["coverage"]) == (None, "unknown")
    assert {row["genome_build"] for row in told.values()} == {"GRCh37"}
    assert not tables.findings


def test_a_panel_without_its_gene_list_covers_what_nobody_knows(tmp_path: Path) -> None:
    """The name is kept; a finding asks for the list."""
    sheet = f"SAMPLE_ID\tPATIENT_ID\tPANEL\n{DNA}\tP-1\tMINE\n{RNA}\tP-1\t\n"
    tables = read(tmp_path, **{FILE: tso500(), "samples__tsv": sheet})
    test = tables.frame("test").row(by_predicate=pl.col("assay") == "mutation", named=True)
    assert (test["panel"], test["coverage"]) == ("MINE", "unknown")
    assert "unknown_panel" in rules(tables)


def test_a_variant_outside_its_panel_contradicts_the_list(tmp_path: Path) -> None:
    """The variant is kept: the list, the gene or the sample is wrong. Names are compared as HGNC has them today."""
    panel = "stable_id: TSO500\ngene_list: {}\n"
    right = read(tmp_path / "a", **{FILE: tso500(), "data_gene_panel_TSO500__txt": panel.format("BRAF ERBB1")})
    assert "panel_contradicts" not in rules(right)
    wrong = read(tmp_path / "b", **{FILE: tso500(), "data_gene_panel_TSO500__txt": panel.format("BRAF")})
    assert rules(wrong)["panel_contradicts"] == (FILE.replace("__", "."), 38, "gene")
    assert "EGFR" in wrong.frame("variant")["gene"].to_list()


def test_a_sample_that_two_patients_claim_is_read_for_neither(tmp_path: Path) -> None:
    """Nobody gets another's data: lines of the sheet and of the files are set aside."""
    sheet = f"SAMPLE_ID\tPATIENT_ID\n{DNA}\tP-1\n{DNA}\tP-2\n{RNA}\tP-1\n"
    tables = read(tmp_path, samples__tsv=sheet, t__tsv=variant_table({}))
    assert not tables.frame("variant").height
    assert rules(tables)["sample_of_two_patients"] == ("samples.tsv", 2, "PATIENT_ID")
    assert tables.source_ids == {"P-1": 1}


def test_odd_cells_of_a_sample_sheet_are_named(tmp_path: Path) -> None:
    """A line without ids is set aside; an unknown diagnosis or genome is left out."""
    sheet = f"SAMPLE_ID\tPATIENT_ID\tONCOTREE_CODE\tGENOME_BUILD\n{DNA}\tP-1\tNOPE\tmm10\n{RNA}\t\t\t\n"
    told = rules(read(tmp_path, samples__tsv=sheet, t__tsv=variant_table({})))
    assert told["unknown_oncotree_code"] == ("samples.tsv", 2, "ONCOTREE_CODE")
    assert told["unknown_genome_build"] == ("samples.tsv", 2, "GENOME_BUILD")
    assert told["missing_id"] == ("samples.tsv", 3, "SAMPLE_ID")


def test_inpred_metadata_tell_of_the_patient_behind_the_sample(tmp_path: Path) -> None:
    """Years of birth, diagnosis and collection, sex, diagnosis, tumour content; the rest is kept as attributes."""
    row = {
        "Sample_id": DNA, "Sequencing_run_id": "RUN-1", "Create_report": "Y", "Year_of_birth": "1960",
        "Year_of_diagnosis": "2024", "Clinical_diagnosis": "LUAD", "Sex": "F", "Year_of_sample_collection": "2025",
        "Tumor_content_pathology": "~50%", "Batch": "201",
    }  # fmt: skip
    tables = read(tmp_path, m__txt=metadata(row), **{FILE: tso500()})
    person = tables.frame("person").row(0, named=True)
    assert (person["sex_code"], person["birth"].year, person["birth_precision"]) == ("female", 1960, 1)
    tumour = tables.frame("tumour").filter(pl.col("oncotree_code") == "LUAD").row(0, named=True)
    assert (tumour["diagnosed"].year, tumour["diagnosed_precision"]) == (2024, 1)
    specimen = tables.frame("specimen").row(0, named=True)
    assert (specimen["tumour_fraction"], specimen["collected"].year) == (0.5, 2025)
    told = dict(tables.frame("finding").select("code_code", "value_text").iter_rows())
    assert (told["BATCH"], told["SEQUENCING_RUN_ID"]) == ("201", "RUN-1")


def test_a_study_id_in_the_metadata_is_the_patients_id(tmp_path: Path) -> None:
    """So the laboratory's files join the study's; an id on one sample holds for all samples of the patient."""
    rows = [{"Sample_id": DNA, "Study_id": "STUDY-7"}, {"Sample_id": RNA}]
    assert read(tmp_path, **{"m__txt": metadata(*rows), FILE: tso500()}).source_ids == {"STUDY-7": 1}


def test_the_number_of_the_block_is_not_kept(tmp_path: Path) -> None:
    """It is the pathology system's number of the patient's material, and so an id of the patient."""
    row = {"Sample_id": DNA, "Sample_material_id": "26B-0017"}
    tables = read(tmp_path, m__txt=metadata(row), **{FILE: tso500()})
    assert "26B-0017" not in tables.frame("finding")["value_text"].to_list()
    assert rules(tables)["identifier_left_out"] == ("m.txt", 0, "SAMPLE_MATERIAL_ID")


def test_a_sheet_that_names_one_sample_of_an_inpred_patient_names_all(tmp_path: Path) -> None:
    """The RNA that the sheet leaves out is of the same patient and tumour as the DNA beside it."""
    sheet = f"SAMPLE_ID\tPATIENT_ID\tONCOTREE_CODE\n{DNA}\tP-1\tLUAD\n"
    tables = read(tmp_path, samples__tsv=sheet, **{FILE: tso500()})
    assert tables.source_ids == {"P-1": 1}
    assert tables.frame("tumour")["oncotree_code"].to_list() == ["LUAD"]


def test_a_sheet_may_name_the_pair_instead_of_its_samples(tmp_path: Path) -> None:
    """TSO500 names a pair and its two samples; one line of the sheet for the pair tells of both."""
    sheet = "SAMPLE_ID\tPATIENT_ID\tONCOTREE_CODE\nS-17\tP-1\tLUAD\n"
    tables = read(tmp_path, samples__tsv=sheet, **{FILE: tso500(*OTHER)})
    assert tables.source_ids == {"P-1": 1}
    assert tables.frame("tumour")["oncotree_code"].to_list() == ["LUAD"]
    assert not {"pair_of_two_patients", "sample_as_patient"} & rules(tables).keys()


def test_the_partner_of_a_sample_that_two_patients_claim_is_read_for_neither(tmp_path: Path) -> None:
    """The RNA of the pair has nobody of its own, so it is set aside with the DNA."""
    sheet = "SAMPLE_ID\tPATIENT_ID\nS-17-D\tP-1\nS-17-D\tP-2\n"
    tables = read(tmp_path, samples__tsv=sheet, **{FILE: tso500(*OTHER)})
    assert not tables.frame("variant").height
    assert not tables.source_ids


def test_two_study_ids_of_one_patient_name_nobody(tmp_path: Path) -> None:
    """The patient keeps the id of InPreD, and a finding asks which study is right."""
    rows = [{"Sample_id": DNA, "Study_id": "STUDY-7"}, {"Sample_id": RNA, "Study_id": "STUDY-8"}]
    tables = read(tmp_path, **{"m__txt": metadata(*rows), FILE: tso500()})
    assert tables.source_ids == {"IPD9001": 1}
    assert rules(tables)["two_study_ids"] == ("m.txt", 4, "STUDY_ID")


def test_metadata_in_iso_8859_1_are_read_as_such(tmp_path: Path) -> None:
    """Forms of InPreD come in that encoding; the file is read with its letters, and a finding says so."""
    text = metadata({"Sample_id": DNA, "Requisition_hospital": "Tromsø"})
    tables = read(tmp_path, **{"m__txt": text.encode("iso-8859-1"), FILE: tso500()})
    assert "Tromsø" in tables.frame("finding")["value_text"].to_list()
    assert "not_utf8_file" in rules(tables)


def test_samples_of_two_genome_builds_are_pointed_out(tmp_path: Path) -> None:
    """Each test keeps its own build; positions of the two must not be compared."""
    sheet = "SAMPLE_ID\tPATIENT_ID\tGENOME_BUILD\nS-1\tP-1\tGRCh38\n"
    tables = read(tmp_path, samples__tsv=sheet, t__tsv=variant_table({}))
    assert "mixed_genome_builds" in rules(tables)
    assert tables.frame("test")["genome_build"].to_list() == ["GRCh37"]


def test_a_patient_of_a_study_keeps_what_the_study_says(site: kohort.Site, tmp_path: Path) -> None:
    """Laboratory files only mention patients: sex and death from the clinical file stand, in whatever order both come.

    The sample sheet names the patient as the study does, so that the new tumour sample is of the same person.
    """
    study = write_study(tmp_path / "study", None)
    patient = (study / "data_clinical_patient.txt").read_text().splitlines()[-1].split("\t")[0]
    sheet = f"SAMPLE_ID\tPATIENT_ID\n{DNA}\t{patient}\n{RNA}\t{patient}\n"
    folder = write(tmp_path / "lab", **{FILE: tso500(), "samples__tsv": sheet})
    site.ingest([folder, study])
    key = site.pseudonym(patient)
    told = site.tables.frame("person").filter(pl.col("person") == key)
    assert told["sex_code"].null_count() == 0
    (folder / "samples.tsv").write_text(sheet + "OTHER\tP-NEW\n")
    site.ingest([folder])
    assert site.tables.frame("person").filter(pl.col("person") == key).equals(told)
    assert key in site.tables.frame("variant").filter(pl.col("gene") == "EML4")["person"].to_list()


def test_a_corrected_sample_sheet_corrects_what_laboratory_files_said(site: kohort.Site, tmp_path: Path) -> None:
    """The diagnosis is mended in the sheet: the specimen then hangs on the right tumour."""
    sheet = f"SAMPLE_ID\tPATIENT_ID\tONCOTREE_CODE\n{DNA}\tP-1\tLUSC\n{RNA}\tP-1\tLUSC\n"
    folder = write(tmp_path / "lab", **{FILE: tso500(), "samples__tsv": sheet})
    site.ingest([folder])
    (folder / "samples.tsv").write_text(sheet.replace("LUSC", "LUAD"))
    site.ingest([folder])
    joined = site.tables.frame("specimen").join(site.tables.frame("tumour"), left_on="tumour", right_on="id")
    assert set(joined["oncotree_code"]) == {"LUAD"}
