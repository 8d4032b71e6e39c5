"""Every fault that the invented hospitals have in their files is found, and none is found that is not there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import kohort
from kohort.synthetic import Mess, WrittenStudy, write_hospitals

PLANTED_AS = {
    "impossible_date": ("impossible_date",),
    "duplicate_line": ("duplicate_treatment", "duplicate_mutation"),
    "not_a_whole_number": ("text_start_date",),
    "stop_before_start": ("stop_before_start",),
    "unbalanced_quote": ("stray_quote",),
    "too_few_columns": ("truncated_line",),
    "too_many_columns": ("extra_tab",),
    "unknown_oncotree_code": ("unknown_oncotree",),
    "not_utf8": ("latin1_line",),
}


def ingested(study: WrittenStudy, folder: Path) -> tuple[kohort.Site, Counter[str]]:
    site = kohort.Site.create(folder, study.hospital.name, study.hospital.country)
    report = site.ingest([study.path])
    assert report.lines == report.accepted + report.quarantined
    found: Counter[str] = Counter()
    for finding in report.findings:
        found[finding.rule] += finding.count
    return site, found


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenStudy]:
    return write_hospitals(tmp_path_factory.mktemp("raw") / "messy", 3000, seed=3)


def test_every_planted_fault_is_found_with_its_exact_number(studies: list[WrittenStudy], tmp_path: Path) -> None:
    """Numbers of findings are the numbers planted; two lines share an id, and lines of unknown patients follow."""
    for study in studies:
        _, found = ingested(study, tmp_path / study.hospital.code)
        for rule, faults in PLANTED_AS.items():
            assert found[rule] == sum(study.planted[fault] for fault in faults), (study.hospital.code, rule)
        assert found["two_patients_one_id"] == 2 * study.planted["shared_id"]
        assert found["unknown_patient"] >= study.planted["unknown_patient"]
        assert sum(study.planted[fault] for faults in PLANTED_AS.values() for fault in faults) > 20


def test_clean_files_of_the_same_hospitals_give_no_fault(tmp_path: Path) -> None:
    """Without mess nothing is set aside, and the rows are those that were written."""
    for study in write_hospitals(tmp_path / "clean", 600, seed=3, mess=Mess.none()):
        site, found = ingested(study, tmp_path / study.hospital.code)
        assert set(found) <= {"unknown_column", "unusual_column_order"}, found
        assert site.tables.frame("person").height == study.patients
        assert site.tables.frame("specimen").height == study.samples
        assert site.tables.frame("therapy").height == study.therapies
        kinds = site.tables.frame("variant", ["class"])["class"]
        assert kinds.is_in(["snv", "indel"]).sum() == study.variants
