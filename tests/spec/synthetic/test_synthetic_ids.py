"""Ids belong to nobody: Norwegian ones are of the reserved synthetic series only."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from stdnum.no import fodselsnummer

from kohort.codes.national_ids import is_norwegian, read_norwegian
from kohort.synthetic import WrittenStudy
from tests.spec.synthetic.raw_study import RawFile


def test_norwegian_ids_are_of_the_reserved_series(by_code: dict[str, Path]) -> None:
    """Every id, also those of strangers in the sample file, has month + 80 and right check digits."""
    for file in ("data_clinical_patient.txt", "data_clinical_sample.txt", "data_timeline_treatment.txt"):
        for text in set(RawFile.read(by_code["oslo"] / file).cells("PATIENT_ID")):
            assert 81 <= int(text[2:4]) <= 92
            assert read_norwegian(text, allow_synthetic=True).synthetic == "tenor"


def test_no_id_could_be_a_living_persons(by_code: dict[str, Path]) -> None:
    """Neither Kohort's strict reader nor python-stdnum takes one for a person's number."""
    for text in set(RawFile.read(by_code["oslo"] / "data_clinical_patient.txt").cells("PATIENT_ID")):
        assert not is_norwegian(text)
        assert not fodselsnummer.is_valid(text)


def test_norwegian_ids_carry_birth_date_and_sex(by_code: dict[str, Path]) -> None:
    """The id of each patient agrees with the other columns, except the second person of a shared id."""
    differ = 0
    for row in RawFile.read(by_code["oslo"] / "data_clinical_patient.txt").rows():
        identity = read_norwegian(row["PATIENT_ID"], allow_synthetic=True)
        born = date.fromisoformat(row["BIRTH_DATE"])
        differ += (identity.birth_date, identity.sex) != (born, row["SEX"].lower())
    assert differ == 1


def test_sample_ids_do_not_hold_the_patients_id(studies: list[WrittenStudy]) -> None:
    """Molecular files name samples only, so a national id cannot leak through them."""
    for study in studies:
        rows = RawFile.read(study.path / "data_clinical_sample.txt").rows()
        assert not [row for row in rows if row["PATIENT_ID"] in row["SAMPLE_ID"]]


def test_local_ids_are_running_numbers(by_code: dict[str, Path]) -> None:
    """A local number says nothing about its owner."""
    ids = RawFile.read(by_code["uppsala"] / "data_clinical_patient.txt").cells("PATIENT_ID")
    assert ids[:2] == ["UPP-00000001", "UPP-00000002"]
