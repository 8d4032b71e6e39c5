"""DNPM's grades say in which tumour type and by what sort of study a drug was shown to work.

Leichsenring et al., Int J Cancer 2019, doi 10.1002/ijc.32358, in the words of the data model DNPM:DIP.
"""

from __future__ import annotations

import pytest

from kohort.profile.ranking.dnpm import DNPM_GRADES, DNPM_RULES
from tests.spec.profile.evidence_rows import placed, ranked


@pytest.mark.parametrize(
    ("strength", "here", "elsewhere"),
    [
        ("guideline", "m1A", "m2A"),
        ("trial", "m1A", "m2A"),
        ("clinical", "m1B", "m2B"),
        ("case", "m1C", "m2C"),
        ("inferential", "m4", "m4"),
    ],
)
def test_the_grade_joins_tumour_type_and_sort_of_study(strength: str, here: str, elsewhere: str) -> None:
    """1 the same tumour type, 2 another; A prospective, B retrospective, C cases; 3 preclinical, 4 a rationale."""
    assert ranked({"strength": strength})["dnpm"].to_list() == [here]
    assert ranked({"strength": strength, "tumour_relation": "other"})["dnpm"].to_list() == [elsewhere]
    assert ranked({"strength": "preclinical", "tumour_relation": "other"})["dnpm"].to_list() == ["m3"]


def test_the_addendum_z_tells_the_authority() -> None:
    """Z: approved by EMA; Z(FDA): by FDA only, as far as the labels among the evidence go."""
    us, eu = ({"strength": "approved", "jurisdiction": word} for word in ("US", "EU"))
    assert ranked(us)["dnpm"].to_list() == ["m1A Z(FDA)"]
    assert ranked(us, eu, {"strength": "case"})["dnpm"].to_list() == ["m1A Z", "m1A Z", "m1C Z"]
    assert ranked(us, {"drugs": "other", "strength": "case"})["dnpm"].to_list() == ["m1A Z(FDA)", "m1C"]


def test_the_addendum_r_marks_resistance() -> None:
    """R: the biomarker predicts that the drug does not work."""
    assert ranked({"direction": "resistant", "strength": "clinical"})["dnpm"].to_list() == ["m1B R"]


def test_the_addendum_iv_tells_of_models_of_the_same_tumour_type() -> None:
    """iv: in vitro or in vivo data for the same tumour type stand beside the row."""
    trial, models = {"tumour_relation": "other"}, {"strength": "preclinical"}
    assert ranked(trial, models)["dnpm"].to_list() == ["m2A iv", "m3 iv"]
    assert ranked(trial, models | {"tumour_relation": "other"})["dnpm"].to_list() == ["m2A", "m3"]


def test_the_addendum_is_tells_of_what_was_seen_in_tissue() -> None:
    """is: the biomarker was seen in situ, as by immunohistochemistry."""
    assert ranked({"kind": "overexpression", "alteration": "overexpression"})["dnpm"].to_list() == ["m1A is"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"match_level": "gene"}, "DNPM-0-1"),
        ({"open_condition": "TP53 was not tested"}, "DNPM-0-2"),
        ({"direction": "unclear"}, "DNPM-0-3"),
        ({"evidence_type": "prognostic", "direction": "poor outcome"}, "DNPM-0-4"),
    ],
)
def test_what_is_barred_has_no_grade(row: dict[str, object], rule: str) -> None:
    """No grade, and so no addenda."""
    assert placed("dnpm", strength="approved", jurisdiction="EU", **row) == (None, rule)


def test_each_rule_gives_a_grade_of_the_scale_or_none() -> None:
    """Rules and scale fit together."""
    assert {rule.value for rule in DNPM_RULES.values()} == {*DNPM_GRADES, None}
