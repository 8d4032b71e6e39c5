"""Faults are planted in exact numbers, and each can be counted in the bytes of the files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kohort.codes import oncotree
from kohort.synthetic import DEFAULT_HOSPITALS, FAULTS, Fault, Mess, WrittenStudy, write_hospitals
from kohort.synthetic.agents import OPERATION_TEXT, RADIOTHERAPY_TEXT
from kohort.synthetic.cited import cited_table
from tests.spec.synthetic.raw_study import RawFile


def patients(study: WrittenStudy) -> RawFile:
    return RawFile.read(study.path / "data_clinical_patient.txt")


def samples(study: WrittenStudy) -> RawFile:
    return RawFile.read(study.path / "data_clinical_sample.txt")


def treatments(study: WrittenStudy) -> RawFile:
    return RawFile.read(study.path / "data_timeline_treatment.txt")


def mutations(study: WrittenStudy) -> RawFile:
    return RawFile.read(study.path / "data_mutations.txt")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+", text) is not None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def count_raw_spellings(study: WrittenStudy) -> int:
    names = {row["drug"] for row in cited_table("spellings").rows} | {OPERATION_TEXT, RADIOTHERAPY_TEXT}
    separator = study.hospital.habits.combination
    texts = [text.removeprefix('"') for text in treatments(study).cells("AGENT")]
    return sum(not set(text.split(separator)) <= names for text in texts)


def count_stops_before_start(study: WrittenStudy) -> int:
    rows = treatments(study).rows()
    both = [row for row in rows if _is_number(row["START_DATE"]) and _is_number(row["STOP_DATE"])]
    return sum(int(row["STOP_DATE"]) < int(row["START_DATE"]) for row in both)


def count_unknown_patients(study: WrittenStudy) -> int:
    known = set(patients(study).cells("PATIENT_ID"))
    return sum(patient not in known for patient in samples(study).cells("PATIENT_ID"))


def count_samples_without_panel(study: WrittenStudy) -> int:
    tested = set(RawFile.read(study.path / "data_gene_panel_matrix.txt").cells("SAMPLE_ID"))
    return len(set(samples(study).cells("SAMPLE_ID")) - tested)


def count_shared_ids(study: WrittenStudy) -> int:
    rows = patients(study).rows()
    birth = "BIRTH_DATE" if "BIRTH_DATE" in rows[0] else "YEAR_OF_BIRTH"
    people = {(row["PATIENT_ID"], row["SEX"], row[birth]) for row in rows}
    return sum(count - 1 for count in Counter(person[0] for person in people).values())


COUNTERS: dict[str, Callable[[WrittenStudy], int]] = {
    "drug_spelling": count_raw_spellings,
    "duplicate_treatment": lambda study: treatments(study).copies(),
    "text_start_date": lambda study: sum(not _is_number(text) for text in treatments(study).cells("START_DATE")),
    "stop_before_start": count_stops_before_start,
    "stray_quote": lambda study: sum(line.count(b'"') % 2 for line in treatments(study).lines),
    "duplicate_mutation": lambda study: mutations(study).copies(),
    "truncated_line": lambda study: sum(missing < 0 for missing in mutations(study).tabs()),
    "unknown_oncotree": lambda study: sum(
        oncotree.node(code) is None for code in samples(study).cells("ONCOTREE_CODE")
    ),
    "unknown_patient": count_unknown_patients,
    "sample_without_panel": count_samples_without_panel,
    "lower_case_icd": lambda study: sum(code != code.upper() for code in patients(study).cells("ICD_10")),
    "impossible_date": lambda study: sum(not _is_day(text) for text in patients(study).cells("DATE_OF_DIAGNOSIS")),
    "shared_id": count_shared_ids,
    "latin1_line": lambda study: sum(not _is_utf8(line) for line in patients(study).lines),
    "extra_tab": lambda study: sum(more > 0 for more in RawFile.read(study.path / "data_timeline_status.txt").tabs()),
}


def test_every_kind_of_fault_has_a_counter() -> None:
    """A fault that no test can count in the bytes may not be planted."""
    assert set(COUNTERS) == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_planted_faults_are_counted_exactly(studies: list[WrittenStudy], fault: Fault) -> None:
    """``planted`` is the number of times that the fault occurs in the file, in each hospital."""
    for study in studies:
        assert COUNTERS[fault.name](study) == study.planted[fault.name], study.hospital.code


def test_every_fault_is_planted_somewhere_in_the_demo(studies: list[WrittenStudy]) -> None:
    """The demo shows what Kohort does about each fault."""
    assert not {fault.name for fault in FAULTS if not any(study.planted[fault.name] for study in studies)}


def test_no_fault_stands_where_none_was_planted(tmp_path: Path) -> None:
    """With ``Mess.none()`` only the hospital's untested patients are left."""
    for study in write_hospitals(tmp_path, patients=400, seed=5, mess=Mess.none()):
        found = {name: count(study) for name, count in COUNTERS.items()}
        untested = found.pop("sample_without_panel")
        assert found == dict.fromkeys(found, 0)
        assert untested == study.planted["sample_without_panel"] == study.samples - study.tested


def test_the_number_of_faults_follows_the_share_of_lines(tmp_path: Path) -> None:
    """A study has ``max(1, floor(share x lines))`` of a fault, whatever the seed."""
    for seed in (1, 2):
        for study in write_hospitals(tmp_path, patients=900, seed=seed, mess=Mess(duplicate_mutation=0.01)):
            assert study.planted["duplicate_mutation"] == study.variants // 100
            assert study.planted["truncated_line"] == max(1, int(0.0005 * study.variants))


def test_mess_does_not_change_the_patients(tmp_path: Path) -> None:
    """Faults have their own random numbers: the people behind a clean and a messy study are the same."""
    clean, messy = (
        write_hospitals(tmp_path / name, patients=300, seed=3, hospitals=DEFAULT_HOSPITALS[1:2], mess=mess)[0]
        for name, mess in (("clean", Mess.none()), ("messy", Mess(drug_spelling=0.0)))
    )
    spoiled = {name: set(mutations(study).lines) for name, study in (("clean", clean), ("messy", messy))}
    assert len(spoiled["clean"] - spoiled["messy"]) == messy.planted["truncated_line"]


def test_few_lines_are_spoiled(studies: list[WrittenStudy]) -> None:
    """Lines that cannot be stored stay at or below one in a hundred of the study, so a batch is not held."""
    spoiling = ("text_start_date", "stop_before_start", "stray_quote", "truncated_line", "impossible_date", "shared_id")
    for study in studies:
        spoiled = sum(study.planted[name] for name in (*spoiling, "unknown_patient", "extra_tab", "latin1_line"))
        assert spoiled <= 0.01 * sum(study.lines.values())


def test_shares_over_one_half_are_refused() -> None:
    """A file of which most lines are faulty is no export."""
    with pytest.raises(ValueError, match="between 0 and"):
        Mess(extra_tab=0.6)
