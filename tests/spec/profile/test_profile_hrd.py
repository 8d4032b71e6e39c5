"""A score of homologous recombination deficiency is judged only where it is known what sort of score it is."""

from __future__ import annotations

import pytest

from kohort.profile.biomarkers.genome_wide import genome_wide
from kohort.profile.biomarkers.hrd import hrd_table
from kohort.tables import MemoryTables


def scored(**test: object) -> MemoryTables:
    """One specimen with one test."""
    return MemoryTables({"test": [{"person": 1, "id": 1, "specimen": 1, "assay": "other"} | test]})


def noted(**finding: object) -> MemoryTables:
    """One specimen with one clinical marker."""
    return MemoryTables({"finding": [{"person": 1, "id": 1, "specimen": 1, "kind": "marker"} | finding]})


@pytest.mark.parametrize(
    ("panel", "score", "state"),
    [
        ("myChoice CDx", 42.0, "positive"),
        ("myChoice CDx", 41.9, "negative"),
        ("TSO500 HRD", 60.0, "positive"),
        ("TruSight Oncology 500 HRD", 10.0, "negative"),
        ("Genomic Instability Score", 42.0, "positive"),
    ],
)
def test_the_genomic_instability_score_is_positive_from_42(panel: str, score: float, state: str) -> None:
    """The threshold of myChoice (Telli et al., Clin Cancer Res 2016, doi 10.1158/1078-0432.CCR-15-2477)."""
    found = hrd_table(scored(hrd=score, panel=panel))
    assert found.select("score", "score_kind", "threshold", "state", "remark").row(0) == (
        score, "GIS", 42.0, state, None,
    )  # fmt: skip


@pytest.mark.parametrize("panel", [None, "our own panel", "HRD by shallow sequencing"])
def test_a_score_of_another_kind_is_shown_without_a_call(panel: str | None) -> None:
    """Scores of different tests cannot be compared."""
    found = hrd_table(scored(hrd=70.0, panel=panel))
    assert found.select("score", "threshold", "state").row(0) == (70.0, None, None)
    assert "not known" in found["remark"][0]
    assert genome_wide(scored(hrd=70.0, panel=panel)).height == 0


def test_a_result_that_is_stated_is_taken_at_its_word() -> None:
    """A laboratory that says positive has its own threshold; a score that contradicts it is told of."""
    stated = {"code_code": "HRD", "value_code": "positive"}
    assert hrd_table(noted(**stated))["state"].to_list() == ["positive"]
    odd = hrd_table(noted(code_code="GIS", value_code="positive", value_number=20.0))
    assert odd.select("state", "remark").row(0) == ("positive", "The result as stated and the score disagree.")
    assert hrd_table(noted(code_code="PD-L1", value_code="positive")).height == 0


def test_a_deficient_tumour_is_an_alteration_that_evidence_can_match() -> None:
    """The score stands beside the claim."""
    found = genome_wide(scored(hrd=55.0, panel="myChoice"))
    assert found.select("alteration", "as_written").rows() == [("HRD", "HRD score 55.0")]
    assert genome_wide(scored(hrd=20.0, panel="myChoice")).height == 0
    assert genome_wide(noted(code_code="HRD", value_code="positive"))["as_written"].to_list() == ["HRD positive"]
