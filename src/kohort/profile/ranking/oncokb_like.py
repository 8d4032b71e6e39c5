"""A scale in the manner of OncoKB's therapeutic levels, from open evidence. It is not OncoKB's, and never called so.

The manner follows Chakravarty et al., JCO Precis Oncol 2017, doi 10.1200/PO.17.00011, in its present form (levels of
evidence, version 2): 1 and 2 are standard care in this tumour type, 3A is promising in it, 3B stands on another tumour
type, 4 on biology; R1 and R2 are resistance. Rows from a table that a user annotated by OncoKB under a licence of their
own keep the level given there.
"""

from __future__ import annotations

from kohort.profile.ranking.seen import CLINICAL_OR_STRONGER, Rank, Rule, Seen, given

__all__ = ["ONCOKB_LIKE_LEVELS", "ONCOKB_LIKE_RULES", "oncokb_like"]

ONCOKB_LIKE_LEVELS = ("R1", "1", "2", "3A", "3B", "4", "R2")
"""Levels in the order in which one is chosen among several."""

_1 = "Level 1: the regulator of the United States recognises the biomarker for an approved drug in this indication."
_2 = "Level 2: standard care by expert panels, with an approved drug in this indication."
_3A = "Level 3A: compelling clinical evidence for a drug in this indication."
_3B = "Level 3B: standard or investigational biomarker for a drug in another indication."
_4 = "Level 4: compelling biological evidence."
_R1 = "Level R1: standard biomarker of resistance to an approved drug in this indication."
_R2 = "Level R2: compelling clinical evidence of resistance."
_NONE = "No therapeutic level stands for such evidence."

ONCOKB_LIKE_RULES: dict[str, Rule] = {
    "LIKE-given": Rule(None, "as the user's own annotation gives it", "The level of the annotated table."),
    "LIKE-1-1": Rule("1", "label of the United States in this tumour type", _1),
    "LIKE-2-1": Rule("2", "guideline, or label elsewhere, in this tumour type", _2),
    "LIKE-3A-1": Rule("3A", "clinical studies in this tumour type", _3A),
    "LIKE-3B-1": Rule("3B", "standard care or clinical studies in another tumour type", _3B, elsewhere=True),
    "LIKE-4-1": Rule("4", "single cases or preclinical work", _4),
    "LIKE-R1-1": Rule("R1", "a label or guideline in this tumour type advises against the drug", _R1),
    "LIKE-R2-1": Rule("R2", "clinical studies show resistance in this tumour type", _R2),
    "LIKE-0-1": Rule(None, "the evidence is about the whole gene, which carries no level", _NONE),
    "LIKE-0-2": Rule(None, "a condition of the evidence is open", _NONE),
    "LIKE-0-3": Rule(None, "the direction of the evidence is unclear", _NONE),
    "LIKE-0-4": Rule(None, "not about the effect of a drug", _NONE),
    "LIKE-0-5": Rule(None, "reasoning only", _NONE),
    "LIKE-0-6": Rule(None, "resistance without clinical studies in this tumour type", _NONE, elsewhere=True),
}
"""Rules by short name."""

_BARS = {"gene": "LIKE-0-1", "open": "LIKE-0-2", "unclear": "LIKE-0-3"}
_STANDARD = frozenset({"approved", "guideline"})
_STANDARD_LEVELS = ("1", "2", "3A")


def oncokb_like(seen: Seen) -> Rank:
    """The level of one row of evidence."""
    if seen.barred:
        return given(ONCOKB_LIKE_RULES, _BARS[seen.barred], seen)
    if seen.evidence_type != "predictive":
        return given(ONCOKB_LIKE_RULES, "LIKE-0-4", seen)
    if seen.level_system == "OncoKB" and seen.level in ONCOKB_LIKE_LEVELS:
        if seen.level in _STANDARD_LEVELS and not seen.here and seen.relation != "any":
            return given(ONCOKB_LIKE_RULES, "LIKE-3B-1", seen)
        return given(ONCOKB_LIKE_RULES, "LIKE-given", seen, seen.level)
    name = _resistant(seen) if seen.direction == "resistant" else _sensitive(seen)
    return given(ONCOKB_LIKE_RULES, name, seen)


def _sensitive(seen: Seen) -> str:
    strength = seen.strength or ""
    if strength in CLINICAL_OR_STRONGER:
        if not seen.here:
            return "LIKE-3B-1"
        if strength not in _STANDARD:
            return "LIKE-3A-1"
        return "LIKE-1-1" if strength == "approved" and seen.fda else "LIKE-2-1"
    return "LIKE-4-1" if strength in {"case", "preclinical"} else "LIKE-0-5"


def _resistant(seen: Seen) -> str:
    if not seen.here or seen.strength not in CLINICAL_OR_STRONGER:
        return "LIKE-0-6"
    return "LIKE-R1-1" if seen.strength in _STANDARD else "LIKE-R2-1"
