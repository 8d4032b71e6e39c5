"""The best tier of each alteration and drug stands with the row it comes from, and conflicts are marked."""

from __future__ import annotations

import pytest

from kohort.profile.ranking.best import best
from tests.spec.profile.evidence_rows import ranked


def test_the_best_tier_of_an_alteration_and_a_drug_names_its_row() -> None:
    """One row per patient, alteration, drugs and direction, with how many rows say the same."""
    found = best(
        ranked(
            {"strength": "case"},
            {"strength": "approved", "jurisdiction": "US"},
            {"strength": "guideline", "tumour_relation": "other"},
            {"drugs": "vemurafenib", "strength": "preclinical"},
        )
    )
    assert found.select("drugs", "tier", "evidence_id", "rows").rows() == [
        ("dabrafenib", "I-A", "E2", 3),
        ("vemurafenib", "II-D", "E4", 1),
    ]


def test_among_rows_of_one_tier_the_stronger_and_nearer_one_is_named() -> None:
    """Strength before tumour type before match; then pack and id, so that the choice is always the same."""
    found = best(ranked({"strength": "guideline"}, {"strength": "approved", "tumour_relation": "any"}))
    assert found["evidence_id"].to_list() == ["E2"]
    found = best(ranked({"match_level": "codon"}, {"match_level": "exact"}, {"match_level": "exact"}))
    assert found["evidence_id"].to_list() == ["E2"]


def test_sensitive_and_resistant_at_one_drug_and_tumour_type_are_a_conflict() -> None:
    """Both stand side by side and are marked; neither is hidden."""
    both = ranked({}, {"direction": "resistant", "strength": "case", "tumour_relation": "descendant"})
    assert best(both).select("direction", "tier", "conflict").rows() == [
        ("sensitive", "I-B", True),
        ("resistant", "II-D", True),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"tumour_relation": "other", "evidence_tumour": "COADREAD"},
        {"drugs": "vemurafenib"},
        {"match_level": "gene"},
        {"alteration": "p.V600K"},
        {"person": 2},
    ],
    ids=lambda row: next(iter(row)),
)
def test_what_is_said_of_another_tumour_type_or_drug_or_of_the_gene_is_no_conflict(other: dict[str, object]) -> None:
    """Resistance in colorectal cancer beside sensitivity in melanoma is knowledge, not contradiction."""
    assert best(ranked({}, {"direction": "resistant"} | other))["conflict"].to_list() == [False, False]


def test_both_directions_in_one_other_tumour_type_conflict_there() -> None:
    """Each tumour type for itself."""
    other = {"tumour_relation": "other", "evidence_tumour": "COADREAD"}
    assert best(ranked(other, other | {"direction": "resistant"}))["conflict"].to_list() == [True, True]
    melanoma = other | {"evidence_tumour": "MEL", "direction": "resistant"}
    assert best(ranked(other, melanoma))["conflict"].to_list() == [False, False]
