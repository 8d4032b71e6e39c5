"""ESCAT tiers are drafted by rule, and stay drafts until a person confirms them.

Mateo et al., Ann Oncol 2018, doi 10.1093/annonc/mdy263.
"""

from __future__ import annotations

import pytest

from kohort.profile.ranking.escat import ESCAT_RULES, ESCAT_TIERS
from tests.spec.profile.evidence_rows import placed, ranked


def escat(**row: object) -> tuple[str | None, str]:
    return placed("escat", **row)


@pytest.mark.parametrize("system", ["ESCAT", "ESCAT draft"])
@pytest.mark.parametrize("level", ESCAT_TIERS)
def test_a_pack_s_own_tier_is_taken_for_this_tumour_type(system: str, level: str) -> None:
    """Who wrote the pack read the trial; a rule over strengths knows less."""
    assert escat(level_system=system, level=level) == (level, "ESCAT-given")
    assert escat(level_system=system, level=level, tumour_relation="any") == (level, "ESCAT-given")


@pytest.mark.parametrize("level", ["I-A", "I-B", "I-C", "II-A", "II-B"])
def test_what_is_tier_i_or_ii_in_another_tumour_type_is_iii_a_here(level: str) -> None:
    """III-A: benefit as in tier I or II, in another tumour type."""
    assert escat(level_system="ESCAT", level=level, tumour_relation="other") == ("III-A", "ESCAT-IIIA-1")
    assert escat(level_system="ESCAT", level="IV-A", tumour_relation="other") == ("IV-A", "ESCAT-given")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"strength": "approved"}, ("I-B", "ESCAT-IB-1")),
        ({"strength": "guideline"}, ("I-B", "ESCAT-IB-1")),
        ({"strength": "approved", "tumour_relation": "any"}, ("I-C", "ESCAT-IC-1")),
        ({"strength": "approved", "tumour_relation": "descendant", "evidence_tumour": "solid"}, ("I-C", "ESCAT-IC-1")),
        ({"strength": "trial"}, ("II-B", "ESCAT-IIB-1")),
        ({"strength": "trial", "tumour_relation": "any"}, ("II-B", "ESCAT-IIB-1")),
        ({"strength": "clinical"}, ("II-B", "ESCAT-IIB-2")),
        ({"strength": "approved", "tumour_relation": "other"}, ("III-A", "ESCAT-IIIA-1")),
        ({"strength": "clinical", "tumour_relation": "any"}, ("III-A", "ESCAT-IIIA-1")),
        ({"strength": "case"}, ("IV-A", "ESCAT-IVA-1")),
        ({"strength": "preclinical"}, ("IV-A", "ESCAT-IVA-2")),
        ({"strength": "inferential"}, ("IV-B", "ESCAT-IVB-1")),
    ],
)
def test_other_levels_give_the_weakest_tier_they_could_have(row: dict[str, object], expected: tuple[str, str]) -> None:
    """A label does not say whether its trial was randomised, a level B not what benefit it showed."""
    assert escat(**row) == expected


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"match_level": "gene"}, "ESCAT-0-1"),
        ({"open_condition": "TP53 was not tested"}, "ESCAT-0-2"),
        ({"direction": "unclear"}, "ESCAT-0-3"),
        ({"direction": "resistant"}, "ESCAT-0-4"),
        ({"evidence_type": "prognostic", "direction": "poor outcome"}, "ESCAT-0-5"),
    ],
)
def test_what_is_no_target_has_no_tier(row: dict[str, object], rule: str) -> None:
    """ESCAT ranks targets for treatment; resistance, outcome and diagnosis have no place on it."""
    assert escat(strength="approved", **row) == (None, rule)


def test_every_tier_is_a_draft() -> None:
    """Raters agree poorly on ESCAT, so a rule only drafts; a pack's own tier is not this patient's either."""
    found = ranked({"level_system": "ESCAT", "level": "I-A"}, {"strength": "trial"}, {"direction": "resistant"})
    assert found["escat_status"].to_list() == ["draft", "draft", None]


def test_each_rule_gives_a_tier_of_the_scale_or_none() -> None:
    """Rules and scale fit together."""
    assert {rule.value for rule in ESCAT_RULES.values()} <= {*ESCAT_TIERS, None}
    assert all(rule.words and rule.basis for rule in ESCAT_RULES.values())
