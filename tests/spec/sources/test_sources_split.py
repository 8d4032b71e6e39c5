"""Dividing a study into parts, as if each part came from a hospital of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import kohort
from kohort.errors import InputError, UnknownNameError
from kohort.sources.cbioportal import split_study
from tests.study import PEOPLE, study_files, write_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study")


def data_lines(folder: Path, name: str) -> list[str]:
    """Lines of a file after comments and header."""
    lines = [line for line in (folder / name).read_text().splitlines() if not line.startswith("#")]
    return lines[1:]


def test_each_line_goes_to_exactly_one_part(study: Path, tmp_path: Path) -> None:
    """Lines of patients, samples, variants and events of all parts together are those of the study."""
    parts = split_study(study, "hospital", 3, tmp_path / "out")
    for name in study_files():
        if name.startswith("data_") and "panel_SEVEN" not in name and "cna" not in name:
            dealt = Counter(line for part in parts for line in data_lines(part, name))
            assert dealt == Counter(data_lines(study, name)), name


def test_a_value_is_never_torn_apart(study: Path, tmp_path: Path) -> None:
    """All patients of one hospital are in one part, and the parts are of about one size."""
    parts = split_study(study, "HOSPITAL", 2, tmp_path / "out")
    hospitals = [{line.split("\t")[4] for line in data_lines(part, "data_clinical_sample.txt")} for part in parts]
    assert not hospitals[0] & hospitals[1]
    assert abs(len(data_lines(parts[0], "data_clinical_sample.txt")) - PEOPLE // 2) <= 3


def test_a_matrix_is_divided_by_its_columns(study: Path, tmp_path: Path) -> None:
    """Each part has the samples of its own patients, and every gene."""
    parts = split_study(study, "HOSPITAL", 3, tmp_path / "out")
    heads = [(part / "data_cna.txt").read_text().splitlines()[0].split("\t") for part in parts]
    whole = study_files()["data_cna.txt"].splitlines()[0].split("\t")
    assert sorted(name for head in heads for name in head[1:]) == sorted(whole[1:])
    for part, head in zip(parts, heads, strict=True):
        samples = {line.split("\t")[1] for line in data_lines(part, "data_clinical_sample.txt")}
        assert head[0] == "Hugo_Symbol"
        assert set(head[1:]) <= samples


def test_the_sites_together_hold_what_one_site_would(study: Path, tmp_path: Path) -> None:
    """Rows of the parts add up to the rows of the study."""
    whole = kohort.Site.create(tmp_path / "whole", "Whole", "NO")
    expected = whole.ingest([study]).rows
    total: Counter[str] = Counter()
    for number, part in enumerate(split_study(study, "HOSPITAL", 3, tmp_path / "out")):
        site = kohort.Site.create(tmp_path / f"site-{number}", f"Site {number}", "NO")
        report = site.ingest([part])
        assert report.quarantined == 0
        total.update(report.rows)
    for name in ("person", "variant", "therapy", "therapy_item", "finding", "test", "specimen", "response"):
        assert total[name] == expected[name]


def test_a_column_of_the_patient_file_will_do(study: Path, tmp_path: Path) -> None:
    """REGION stands in the patient file."""
    assert len(split_study(study, "REGION", 3, tmp_path / "out")) == 3


def test_lines_of_nobody_go_to_the_first_part(tmp_path: Path) -> None:
    """A line whose sample nobody knows is not lost; ingest will name it."""
    text = study_files()["data_mutations.txt"] + "BRAF\t7\t1\t1\tMissense_Mutation\tSNP\tA\tT\tQ9-T\tp.V600E\t1\t0.1\n"
    parts = split_study(write_study(tmp_path / "study", data_mutations=text), "HOSPITAL", 2, tmp_path / "out")
    assert [sum("Q9-T" in line for line in data_lines(part, "data_mutations.txt")) for part in parts] == [1, 0]


def test_a_column_that_is_not_there_or_has_too_few_values_is_refused(study: Path, tmp_path: Path) -> None:
    """The error suggests near names, or the number of sites that would do."""
    with pytest.raises(UnknownNameError, match="HOSPITAL"):
        split_study(study, "HOSPITALS", 2, tmp_path / "a")
    with pytest.raises(InputError, match="--sites 5 or fewer"):
        split_study(study, "HOSPITAL", 6, tmp_path / "b")
