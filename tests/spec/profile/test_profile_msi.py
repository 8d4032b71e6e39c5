"""Microsatellite status is read from the share of unstable sites, beside clinical record and mismatch repair."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kohort.profile.biomarkers.genome_wide import genome_wide
from kohort.profile.biomarkers.msi import msi_state, msi_table, read_msi
from kohort.tables import MemoryTables


def tables(*findings: Mapping[str, object], **test: object) -> MemoryTables:
    """One patient with one specimen, one test, and findings of that specimen."""
    return MemoryTables(
        {
            "specimen": [{"person": 1, "id": 1}],
            "test": [{"person": 1, "id": 1, "specimen": 1, "assay": "mutation"} | test],
            "finding": [{"person": 1, "id": n, "specimen": 1} | dict(row) for n, row in enumerate(findings, start=1)],
        }
    )


@pytest.mark.parametrize(
    ("percent", "sites", "english", "norwegian"),
    [
        (0.0, 120, "Stable", "Stabil"),
        (10.0, 40, "Stable", "Stabil"),
        (10.01, 120, "Likely unstable", "Trolig ustabil"),
        (19.99, 120, "Likely unstable", "Trolig ustabil"),
        (20.0, 120, "Unstable", "Ustabil"),
        (50.0, 39, "Not reliable", "Inkonklusiv"),
        (None, None, "Not available", "Ikke tilgjengelig"),
        (5.0, None, "Not available", "Ikke tilgjengelig"),
    ],
)
def test_the_state_follows_from_the_share_of_unstable_sites(
    percent: float | None, sites: float | None, english: str, norwegian: str
) -> None:
    """As in InPreD's reports: below 40 usable sites nothing is said; to 10 % stable, from 20 % unstable."""
    state = msi_state(percent, sites)
    assert (state.english, state.norwegian) == (english, norwegian)
    if percent is not None:
        found = msi_table(tables(msi_unstable=percent, msi_sites=sites))
        assert found.select("state", "state_no").row(0) == (english, norwegian)


def test_the_result_is_written_as_per_cent_with_unstable_and_usable_sites() -> None:
    """``X (Y/Z)``; anything else is not a result."""
    assert read_msi("3.33 (4/120)") == (3.33, 4, 120)
    assert read_msi("25 % (30/120)") == (25.0, 30, 120)
    assert read_msi("NA") is None
    assert msi_table(tables(msi_unstable=3.33, msi_sites=120))["text"].to_list() == ["3.33 (4/120)"]


def test_a_specimen_of_which_nothing_is_known_has_no_row() -> None:
    """Not tested is not stable."""
    assert msi_table(tables()).height == 0


@pytest.mark.parametrize(
    ("findings", "repair"),
    [
        ([{"code_code": "MMR", "value_code": "deficient"}], "deficient"),
        (
            [{"code_code": "MLH1", "value_code": "negative"}, {"code_code": "MSH2", "value_code": "positive"}],
            "deficient",
        ),
        ([{"code_code": name, "value_code": "positive"} for name in ("MLH1", "MSH2", "MSH6", "PMS2")], "proficient"),
        ([{"code_code": name, "value_code": "positive"} for name in ("MLH1", "MSH2", "MSH6")], None),
        ([{"code_code": "ER", "value_code": "negative"}], None),
    ],
)
def test_mismatch_repair_is_deficient_if_one_protein_is_lost(
    findings: list[dict[str, object]], repair: str | None
) -> None:
    """Loss of one of MLH1, MSH2, MSH6 and PMS2 is deficient; proficient needs all four."""
    found = msi_table(tables(*({"kind": "ihc"} | row for row in findings), msi="MSS"))
    assert found["repair"].to_list() == [repair]


DEFICIENT = {"kind": "ihc", "code_code": "MMR", "value_code": "deficient"}


@pytest.mark.parametrize(
    ("findings", "test", "words"),
    [
        ([DEFICIENT], {"msi_unstable": 2.0, "msi_sites": 120.0}, "Sequencing and immunohistochemistry"),
        ([{"kind": "msi", "value_code": "MSI-H"}], {"msi": "MSS"}, "Sequencing and the clinical record"),
        ([DEFICIENT, {"kind": "msi", "value_code": "MSS"}], {}, "immunohistochemistry of mismatch repair disagree"),
        ([], {"msi": "MSS", "msi_unstable": 30.0, "msi_sites": 120.0}, "software and the share"),
    ],
)
def test_methods_that_contradict_each_other_are_told_of(
    findings: list[dict[str, object]], test: dict[str, object], words: str
) -> None:
    """The methods stand side by side; none overrules the other in silence."""
    assert words in msi_table(tables(*findings, **test))["remark"][0]


def test_methods_that_agree_need_no_remark() -> None:
    """Deficient repair and unstable sites are the same finding twice."""
    found = msi_table(tables(DEFICIENT, {"kind": "msi", "value_code": "MSI-H"}, msi_unstable=30.0, msi_sites=120.0))
    assert found["remark"].to_list() == [None]


def test_unstable_tumours_and_deficient_repair_are_alterations() -> None:
    """MSI-H by the report, by the sites or by the clinical record; deficient repair says its method."""

    def rows(*findings: Mapping[str, object], **test: object) -> list[tuple[object, ...]]:
        return genome_wide(tables(*findings, **test)).select("alteration", "as_written").rows()

    assert rows(msi="MSI-H") == [("MSI-H", "MSI-H")]
    assert rows(msi_unstable=30.0, msi_sites=120.0) == [("MSI-H", "MSI 30.0 (36/120)")]
    assert rows({"kind": "msi", "value_code": "MSI-H"}) == [("MSI-H", "MSI-H")]
    assert rows(msi_unstable=30.0, msi_sites=30.0) == []
    assert rows({"kind": "msi", "value_code": "MSI-H"}, msi="MSS") == []
    clinical = genome_wide(tables({"kind": "msi", "value_code": "MSI-H"}))
    assert "method is not known" in clinical["remark"][0]
    deficient = genome_wide(tables(DEFICIENT))
    assert deficient["as_written"].to_list() == ["dMMR"]
    assert "immunohistochemistry" in deficient["remark"][0]
