"""Mutational signatures are taken as a laboratory gives them: a name and a share of the mutations."""

from __future__ import annotations

import pytest

from kohort.profile.biomarkers.genome_wide import genome_wide
from kohort.profile.biomarkers.signatures import signature_table
from kohort.tables import MemoryTables


def fitted(share: float | None, name: str = "SBS3") -> MemoryTables:
    """One specimen with one signature."""
    return MemoryTables(
        {
            "test": [{"person": 1, "id": 1, "specimen": 7, "assay": "mutation"}],
            "variant": [
                {"person": 1, "id": 1, "test": 1, "class": "signature", "classification": name, "amount": share}
            ],
        }
    )


@pytest.mark.parametrize(("share", "present"), [(0.06, True), (0.059, False), (0.8, True), (None, True)])
def test_a_signature_is_present_from_six_per_cent_of_the_mutations(share: float | None, present: bool) -> None:
    """Smaller shares are noise (Rosenthal et al., Genome Biol 2016, doi 10.1186/s13059-016-0893-4)."""
    found = signature_table(fitted(share))
    assert found.select("specimen", "signature", "exposure", "present").row(0) == (7, "SBS3", share, present)
    assert genome_wide(fitted(share)).height == int(present)


def test_a_signature_is_an_alteration_of_the_whole_tumour() -> None:
    """Its name as canonical text, and the share beside it."""
    found = genome_wide(fitted(0.4321))
    assert found.select("person", "specimen", "test", "alteration", "as_written").rows() == [
        (1, 7, 1, "SBS3", "SBS3 0.432")
    ]


def test_a_clinical_marker_may_name_a_signature() -> None:
    """Present or absent, without a share; anything else says nothing."""

    def marked(value: str) -> MemoryTables:
        finding = {"person": 1, "id": 1, "specimen": 1, "kind": "marker", "code_system": "signature"}
        return MemoryTables({"finding": [finding | {"code_code": "POLE", "value_code": value}]})

    assert signature_table(marked("present"))["present"].to_list() == [True]
    assert signature_table(marked("absent"))["present"].to_list() == [False]
    assert signature_table(marked("unclear")).height == 0
    assert genome_wide(marked("present"))["as_written"].to_list() == ["POLE"]
