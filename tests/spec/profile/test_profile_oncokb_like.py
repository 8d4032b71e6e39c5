"""A scale in the manner of OncoKB is made from open evidence, and never bears that name.

The manner is that of Chakravarty et al., JCO Precis Oncol 2017, doi 10.1200/PO.17.00011.
"""

from __future__ import annotations

import pytest

from kohort.profile.ranking.oncokb_like import ONCOKB_LIKE_LEVELS, ONCOKB_LIKE_RULES
from kohort.profile.ranking.ranks import TIERS
from tests.spec.profile.evidence_rows import placed


def level(**row: object) -> tuple[str | None, str]:
    return placed("oncokb_like", **row)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"strength": "approved", "jurisdiction": "US"}, ("1", "LIKE-1-1")),
        ({"strength": "approved", "jurisdiction": "US;EU", "tumour_relation": "any"}, ("1", "LIKE-1-1")),
        ({"strength": "approved", "jurisdiction": "EU"}, ("2", "LIKE-2-1")),
        ({"strength": "guideline"}, ("2", "LIKE-2-1")),
        ({"strength": "trial"}, ("3A", "LIKE-3A-1")),
        ({"strength": "clinical"}, ("3A", "LIKE-3A-1")),
        ({"strength": "approved", "jurisdiction": "US", "tumour_relation": "other"}, ("3B", "LIKE-3B-1")),
        ({"strength": "clinical", "tumour_relation": "any"}, ("3B", "LIKE-3B-1")),
        ({"strength": "case"}, ("4", "LIKE-4-1")),
        ({"strength": "preclinical", "tumour_relation": "other"}, ("4", "LIKE-4-1")),
        ({"strength": "inferential"}, (None, "LIKE-0-5")),
    ],
)
def test_sensitivity_is_ranked_by_authority_and_tumour_type(
    row: dict[str, object], expected: tuple[str | None, str]
) -> None:
    """1 label of the United States, 2 standard care, 3A promising, 3B another indication, 4 biology."""
    assert level(**row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"strength": "guideline"}, ("R1", "LIKE-R1-1")),
        ({"strength": "clinical"}, ("R2", "LIKE-R2-1")),
        ({"strength": "trial"}, ("R2", "LIKE-R2-1")),
        ({"strength": "preclinical"}, (None, "LIKE-0-6")),
        ({"strength": "guideline", "tumour_relation": "other"}, (None, "LIKE-0-6")),
    ],
)
def test_resistance_has_levels_of_its_own(row: dict[str, object], expected: tuple[str | None, str]) -> None:
    """R1 a label or guideline advises against the drug; R2 clinical studies show resistance."""
    assert level(direction="resistant", **row) == expected


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"match_level": "gene"}, "LIKE-0-1"),
        ({"open_condition": "TP53 was not tested"}, "LIKE-0-2"),
        ({"direction": "unclear"}, "LIKE-0-3"),
        ({"evidence_type": "diagnostic", "direction": "supports diagnosis"}, "LIKE-0-4"),
    ],
)
def test_what_is_barred_has_no_level(row: dict[str, object], rule: str) -> None:
    """The whole gene, an open condition and an unclear direction raise nothing."""
    assert level(strength="approved", **row) == (None, rule)


def test_a_user_s_own_annotation_keeps_its_level() -> None:
    """A table that a user annotated under a licence of their own is shown as it is, but 1 elsewhere is 3B here."""
    assert level(level_system="OncoKB", level="2", strength="guideline") == ("2", "LIKE-given")
    assert level(level_system="OncoKB", level="3B", strength="guideline", tumour_relation="any") == ("3B", "LIKE-given")
    assert level(level_system="OncoKB", level="1", tumour_relation="other") == ("3B", "LIKE-3B-1")


def test_the_order_puts_standard_resistance_first_and_clinical_resistance_last() -> None:
    """R1 > 1 > 2 > 3A > 3B > 4 > R2."""
    assert TIERS["oncokb_like"] == ONCOKB_LIKE_LEVELS == ("R1", "1", "2", "3A", "3B", "4", "R2")
    assert {rule.value for rule in ONCOKB_LIKE_RULES.values()} == {*ONCOKB_LIKE_LEVELS, None}
