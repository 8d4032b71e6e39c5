"""A site's own cohorts are evidence: responders of patients, with a direction only where the cohort has spoken."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.profile import Pack, load_pack
from kohort.profile.knowledge.cohorts import COHORT_COLUMNS, cohort_evidence

COHORT = {
    "cohort": "INV-07",
    "gene": "BRAF",
    "alteration": "V600E",
    "tumour": "GB",
    "drugs": "Dabrafenib+Trametinib",
    "responders": 5,
    "patients": 24,
    "stage": 2,
    "state": "positive",
    "as_of": "2026-03-01",
    "site": "Invented Hospital",
    "country": "NO",
}


def load(folder: Path, text: str) -> Pack:
    """The pack that a site makes of its table, with the licence that it names."""
    (folder / "cohorts.tsv").write_text(text, encoding="utf-8")
    (folder / "manifest.toml").write_text(
        'name = "our cohorts"\nversion = "1"\ndate = "2026-03-01"\nsource = "our trial office"\nlicence = "internal"\n'
        f'format = "cohorts"\ndata = "cohorts.tsv"\nsha256 = "{hashlib.sha256(text.encode()).hexdigest()}"\n'
    )
    return load_pack(folder)


def test_a_cohort_is_a_row_with_its_count(tmp_path: Path) -> None:
    """The table that the writer makes is the table that the form reads."""
    row = load(tmp_path, cohort_evidence([COHORT])).frame.row(0, named=True)
    assert (row["gene"], row["alteration"], row["tumour"], row["drugs"]) == (
        "BRAF", "p.V600E", "GB", "dabrafenib+trametinib",
    )  # fmt: skip
    assert (row["responders"], row["patients"], row["direction"]) == (5, 24, "sensitive")
    assert (row["level"], row["level_system"], row["jurisdiction"]) == ("positive", "Cohort", "NO")
    assert (row["source_id"], row["source_date"]) == ("cohort INV-07, Invented Hospital", "2026-03-01")
    assert row["note"] == "Positive: 5 of 24 responded in stage 2."


@pytest.mark.parametrize(
    ("state", "direction", "words"),
    [
        ("running", "unclear", "Not decided yet."),
        ("negative", "unclear", "Stopped for futility, which is not resistance."),
        ("stopped", "unclear", "Stopped for another reason than its rule."),
    ],
)
def test_only_a_positive_cohort_has_a_direction(tmp_path: Path, state: str, direction: str, words: str) -> None:
    """Too few responses to go on do not show that the alteration resists the drug; the count stands for itself."""
    row = load(tmp_path, cohort_evidence([COHORT | {"state": state, "responders": 0, "patients": 8}])).frame.row(
        0, named=True
    )
    assert (row["direction"], row["responders"], row["patients"]) == (direction, 0, 8)
    assert str(row["note"]).endswith(words)


def test_of_two_lines_on_one_cohort_the_later_counts(tmp_path: Path) -> None:
    """The id stays while the count moves on, so that two versions of the pack can be compared."""
    earlier = COHORT | {"as_of": "2025-01-01", "state": "running", "responders": 1, "patients": 8, "stage": 1}
    pack = load(tmp_path, cohort_evidence([COHORT, earlier]))
    assert pack.frame["patients"].to_list() == [24]
    assert [(odd.evidence_id, odd.kept) for odd in pack.findings] == [("line 3", False)]
    assert (
        pack.frame["evidence_id"].to_list() == load(tmp_path, cohort_evidence([earlier])).frame["evidence_id"].to_list()
    )


def test_a_basket_has_a_line_for_each_alteration(tmp_path: Path) -> None:
    """One cohort may take several alterations; their ids differ."""
    pack = load(tmp_path, cohort_evidence([COHORT, COHORT | {"alteration": "V600K"}]))
    assert pack.frame["evidence_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"cohort": ""}, "cohort"),
        ({"responders": 25}, "responders"),
        ({"responders": -1}, "responders"),
        ({"patients": "many"}, "patients"),
        ({"state": "good"}, "state"),
        ({"stage": 3}, "stage"),
        ({"as_of": "2026"}, "as_of"),
        ({"as_of": "1.3.2026"}, "as_of"),
        ({"site": None}, "site"),
    ],
)
def test_a_broken_line_is_left_out_by_the_reader_and_refused_by_the_writer(
    tmp_path: Path, change: dict[str, object], column: str
) -> None:
    """Both name the column; the reader goes on with the other lines."""
    with pytest.raises(ValueError, match=rf"^row 1, column {column}: "):
        cohort_evidence([COHORT | change])
    broken = {name: "" if cell is None else str(cell) for name, cell in (COHORT | change).items()}
    text = cohort_evidence([COHORT]) + "\t".join(broken[name] for name in COHORT_COLUMNS) + "\n"
    pack = load(tmp_path, text)
    assert (pack.lines, pack.frame.height) == (2, 1)
    assert [(odd.evidence_id, odd.column, odd.kept) for odd in pack.findings] == [("line 3", column, False)]


def test_a_cell_that_would_break_the_table_is_refused() -> None:
    """A tab or a line break in a cell would move the cells behind it."""
    with pytest.raises(ValueError, match="column site: A cell holds a tab"):
        cohort_evidence([COHORT | {"site": "Here\tand there"}])


def test_what_kohort_does_not_know_is_named(tmp_path: Path) -> None:
    """Unknown gene, alteration and tumour; and a positive cohort without a responder."""
    odd = {"gene": "NOGENE1", "alteration": "what?", "tumour": "ZZZ;!GB", "responders": 0}
    pack = load(tmp_path, cohort_evidence([COHORT | odd]))
    assert [finding.column for finding in pack.findings] == ["alteration", "gene", "tumour", "state"]
    assert pack.frame.select("tumour", "tumour_text").rows() == [(None, "ZZZ;!GB")]


def test_local_evidence_may_not_be_passed_on(tmp_path: Path) -> None:
    """The counts are small and of living patients: they leave a site only through the gate."""
    load(tmp_path, cohort_evidence([COHORT]))
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(manifest.read_text() + "may_ship = true\n")
    with pytest.raises(InputError) as error:
        load_pack(tmp_path)
    assert error.value.column == "may_ship"
