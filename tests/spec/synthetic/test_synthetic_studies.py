"""Study folders: the same seed gives the same bytes, sizes are exact, and each hospital has its habits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.synthetic import DEFAULT_HOSPITALS, Habits, Mess, WrittenStudy, write_hospitals
from kohort.synthetic.study import BLOCK_PATIENTS, MATRIX_PATIENTS
from tests.spec.synthetic.raw_study import RawFile

DATA_FILES = {
    "data_clinical_patient.txt",
    "data_clinical_sample.txt",
    "data_cna.txt",
    "data_gene_panel_matrix.txt",
    "data_mutations.txt",
    "data_sv.txt",
    "data_timeline_status.txt",
    "data_timeline_treatment.txt",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.txt"))}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Seed, size, hospitals and mess decide every byte."""
    for name in ("one", "two"):
        write_hospitals(tmp_path / name, patients=250, seed=11)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_other_patients(tmp_path: Path) -> None:
    """No line of the mutation file survives a change of seed."""
    first, second = (write_hospitals(tmp_path / str(seed), patients=200, seed=seed)[0] for seed in (1, 2))
    lines = [set(RawFile.read(study.path / "data_mutations.txt").lines) for study in (first, second)]
    assert not lines[0] & lines[1]


def test_writing_again_replaces_the_older_study(tmp_path: Path) -> None:
    """A folder that was written before is written anew, without leftovers."""
    write_hospitals(tmp_path, patients=400, seed=2)
    write_hospitals(tmp_path, patients=200, seed=1)
    write_hospitals(tmp_path / "fresh", patients=200, seed=1)
    assert {k: v for k, v in contents(tmp_path).items() if "fresh" not in k} == contents(tmp_path / "fresh")


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    """A study of somebody else is never overwritten."""
    (tmp_path / "oslo").mkdir()
    (tmp_path / "oslo" / "data_mutations.txt").write_text("mine\n")
    with pytest.raises(InputError, match="not a synthetic study"):
        write_hospitals(tmp_path, patients=100)
    assert (tmp_path / "oslo" / "data_mutations.txt").read_text() == "mine\n"


@pytest.mark.parametrize("patients", [100, 257, 900])
def test_the_hospitals_share_all_patients(tmp_path: Path, patients: int) -> None:
    """The patients of the hospitals add up to the number asked for."""
    written = write_hospitals(tmp_path, patients=patients, seed=4)
    assert sum(study.patients for study in written) == patients
    for study in written:
        ids = RawFile.read(study.path / "data_clinical_patient.txt").cells("PATIENT_ID")
        assert len(set(ids)) == study.patients


@pytest.mark.parametrize("patients", [99, 10_000_001])
def test_sizes_out_of_range_are_refused(tmp_path: Path, patients: int) -> None:
    """From 100 to 10 million patients."""
    with pytest.raises(InputError, match="100 to 10,000,000"):
        write_hospitals(tmp_path, patients=patients)


def test_two_hospitals_cannot_have_one_code(tmp_path: Path) -> None:
    """The code names the folder."""
    with pytest.raises(InputError, match="own code"):
        write_hospitals(tmp_path, patients=100, hospitals=[DEFAULT_HOSPITALS[0]] * 2)


def test_reported_lines_are_the_lines_of_the_files(studies: list[WrittenStudy]) -> None:
    """``lines`` counts every data line, the faulty ones too."""
    for study in studies:
        assert set(study.lines) == DATA_FILES
        for name, count in study.lines.items():
            assert len(RawFile.read(study.path / name).lines) == count, name


def test_reported_counts_leave_planted_lines_out(studies: list[WrittenStudy]) -> None:
    """Lines = true rows + copies and strangers that were planted."""
    for study in studies:
        planted, lines = study.planted, study.lines
        assert lines["data_clinical_patient.txt"] == study.patients + planted["shared_id"]
        assert lines["data_clinical_sample.txt"] == study.samples + planted["unknown_patient"]
        assert lines["data_mutations.txt"] == study.variants + planted["duplicate_mutation"]
        assert lines["data_timeline_treatment.txt"] == study.therapies + planted["duplicate_treatment"]
        assert lines["data_gene_panel_matrix.txt"] == study.tested


def test_every_data_file_has_a_meta_file(studies: list[WrittenStudy]) -> None:
    """A meta file names its data file and the study, as cBioPortal asks."""
    for study in studies:
        named = set()
        for meta in study.path.glob("meta_*.txt"):
            said = dict(line.split(": ", 1) for line in meta.read_text().splitlines())
            assert said["cancer_study_identifier"] == f"kohort_synthetic_{study.hospital.code}"
            named |= {said["data_filename"]} if "data_filename" in said else set()
        assert named == DATA_FILES


def test_every_panel_of_the_matrix_has_a_gene_list(studies: list[WrittenStudy]) -> None:
    """The matrix names panels whose genes are in the folder; ``NA`` means not looked at."""
    for study in studies:
        rows = RawFile.read(study.path / "data_gene_panel_matrix.txt").rows()
        for panel in {row[column] for row in rows for column in ("MUTATIONS", "CNA", "STRUCTURAL_VARIANTS")} - {"NA"}:
            text = (study.path / f"data_gene_panel_{panel}.txt").read_text()
            genes = text.splitlines()[2].split("\t")[1:]
            assert len(genes) == int(panel[6:9])
            assert len(set(genes)) == len(genes)


def test_variants_are_on_the_panel_of_their_sample(studies: list[WrittenStudy]) -> None:
    """A test cannot find what it does not read."""
    for study in studies:
        panel_of = {
            row["SAMPLE_ID"]: row["MUTATIONS"] for row in RawFile.read(study.path / "data_gene_panel_matrix.txt").rows()
        }
        genes_of = {
            panel: set((study.path / f"data_gene_panel_{panel}.txt").read_text().split("\t"))
            for panel in set(panel_of.values())
        }
        for row in RawFile.read(study.path / "data_mutations.txt").rows():
            panel = panel_of.get(row["TUMOR_SAMPLE_BARCODE"])
            assert panel is None or row["HUGO_SYMBOL"] in {gene.strip() for gene in genes_of[panel]}


def test_each_hospital_has_its_habits(by_code: dict[str, Path]) -> None:
    """Line ends, header case, comment lines, column order, encoding and places of the split differ."""
    oslo, uppsala, aarhus = (
        (by_code[code] / "data_clinical_sample.txt").read_bytes() for code in ("oslo", "uppsala", "aarhus")
    )
    assert oslo.startswith(b"#Patient Id\t")
    assert b"\r" not in oslo
    assert uppsala.count(b"\r\n") == uppsala.count(b"\n") > 0
    assert b"\nsample_id\tpatient_id\t" in uppsala
    assert aarhus.startswith(b"Er_Status\t")
    with pytest.raises(UnicodeDecodeError):
        (by_code["aarhus"] / "data_clinical_patient.txt").read_text(encoding="utf-8")


def test_timeline_columns_keep_the_order_that_cbioportal_fixes(studies: list[WrittenStudy]) -> None:
    """PATIENT_ID, START_DATE, STOP_DATE, EVENT_TYPE come first, in any hospital."""
    for study in studies:
        for path in study.path.glob("data_timeline_*.txt"):
            assert RawFile.read(path).columns[:4] == ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE"]


def test_small_studies_have_a_copy_number_matrix(studies: list[WrittenStudy]) -> None:
    """Genes x samples that were read for copy number; -2 to 2 or NA."""
    for study in studies:
        matrix = RawFile.read(study.path / "data_cna.txt")
        rows = RawFile.read(study.path / "data_gene_panel_matrix.txt").rows()
        read = {row["SAMPLE_ID"] for row in rows if row["CNA"] != "NA"}
        assert read <= set(matrix.columns[1:])
        assert {cell for cells in matrix.whole() for cell in cells[1:]} <= {"-2", "-1", "0", "1", "2", "NA"}
        assert "datatype: DISCRETE\n" in (study.path / "meta_cna.txt").read_text()


def test_large_studies_have_copy_number_in_the_long_format(tmp_path: Path) -> None:
    """Above 4,500 patients a line is gene, sample, value; unchanged genes have none."""
    hospital = replace(DEFAULT_HOSPITALS[0], share=1.0)
    [study] = write_hospitals(tmp_path, patients=MATRIX_PATIENTS + 1, seed=1, hospitals=[hospital])
    copies = RawFile.read(study.path / "data_cna.txt")
    assert copies.columns == ["HUGO_SYMBOL", "SAMPLE_ID", "VALUE"]
    assert set(copies.cells("VALUE")) == {"-2", "-1", "1", "2"}
    assert "datatype: DISCRETE_LONG\n" in (study.path / "meta_cna.txt").read_text()


def test_blocks_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """Ids are unique, and counts exact, over the border of a block."""
    hospital = replace(DEFAULT_HOSPITALS[0], share=1.0)
    seen: list[int] = []
    patients = BLOCK_PATIENTS + 50
    [study] = write_hospitals(
        tmp_path, patients=patients, seed=1, hospitals=[hospital], mess=Mess.none(), progress=seen.append
    )
    assert seen == [BLOCK_PATIENTS, 50]
    for file, column in (("data_clinical_patient.txt", "PATIENT_ID"), ("data_clinical_sample.txt", "SAMPLE_ID")):
        ids = RawFile.read(study.path / file).cells(column)
        assert len(set(ids)) == len(ids) == study.lines[file]


@pytest.mark.parametrize("wrong", [{"combination": " & "}, {"places": ()}])
def test_habits_that_cannot_be_read_are_refused(wrong: dict[str, object]) -> None:
    """A separator that no reader splits at, and an empty list of places, are mistakes of the caller."""
    with pytest.raises(ValueError, match=r"combination|places"):
        Habits(**wrong)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: replace(DEFAULT_HOSPITALS[0], code="two words"), "cannot name a folder"),
        (lambda: replace(DEFAULT_HOSPITALS[0], untested=1.2), "between 0 and 1"),
        (lambda: replace(DEFAULT_HOSPITALS[0], panels=()), "no panel"),
        (lambda: replace(DEFAULT_HOSPITALS[0].panels[0], megabases=0.0), "must be positive"),
    ],
)
def test_hospitals_that_cannot_be_are_refused(make: Callable[[], object], words: str) -> None:
    """A hospital checks itself when it is made."""
    with pytest.raises(ValueError, match=words):
        make()


def test_a_hospital_may_read_mutations_only(tmp_path: Path) -> None:
    """Without a panel for copy number the matrix has no sample, and nothing is found beside small variants."""
    panel = replace(DEFAULT_HOSPITALS[0].panels[0], copy_number=False)
    hospital = replace(DEFAULT_HOSPITALS[0], panels=(panel,))
    [study] = write_hospitals(tmp_path, patients=100, seed=1, hospitals=[hospital])
    assert RawFile.read(study.path / "data_cna.txt").columns == ["HUGO_SYMBOL"]
    assert study.lines["data_sv.txt"] == 0
    assert study.variants > 100
