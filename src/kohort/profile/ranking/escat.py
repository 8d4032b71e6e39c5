"""ESCAT: how actionable a molecular target is, drafted by rule.

Mateo et al., Ann Oncol 2018, doi 10.1093/annonc/mdy263. Raters agree poorly on the scale, so a tier is a draft until a
person confirms it. A tier that the pack gives for this tumour type is taken; otherwise the weakest tier is drafted that
the evidence could have, as a level of another system does not say whether a study was randomised or what benefit it
showed. Of single cases the scale says nothing; they are drafted as hypothetical targets, beside the laboratory.
"""

from __future__ import annotations

from kohort.profile.knowledge.levels import LEVELS
from kohort.profile.ranking.seen import Rank, Rule, Seen, given

__all__ = ["ESCAT_RULES", "ESCAT_TIERS", "escat"]

ESCAT_TIERS = ("I-A", "I-B", "I-C", "II-A", "II-B", "III-A", "III-B", "IV-A", "IV-B", "V", "X")
"""Tiers as ESCAT counts them. V (response without benefit that matters) and X (no evidence) come last."""

_IB = "Tier I-B: prospective, non-randomised trials show a benefit that matters to patients with this tumour type."
_IC = "Tier I-C: trials across tumour types or basket trials show a similar benefit in each."
_IIB = "Tier II-B: prospective trials show more responses with the alteration, without data on survival yet."
_IIIA = "Tier III-A: benefit as in tier I or II, but in another tumour type."
_IVA = "Tier IV-A: models in the laboratory show that the alteration changes how a drug acts."
_IVB = "Tier IV-B: predicted without a laboratory."
_NONE = "ESCAT ranks targets for treatment with a matched drug."

ESCAT_RULES: dict[str, Rule] = {
    "ESCAT-given": Rule(None, "as the pack gives it for this tumour type", "The tier of the pack's authors."),
    "ESCAT-IB-1": Rule("I-B", "label or guideline in this tumour type; whether randomised is not said", _IB),
    "ESCAT-IC-1": Rule("I-C", "label or guideline whatever the tumour type", _IC),
    "ESCAT-IIB-1": Rule("II-B", "prospective study in this tumour type; benefit not said", _IIB),
    "ESCAT-IIB-2": Rule("II-B", "small or retrospective study in this tumour type", _IIB),
    "ESCAT-IIIA-1": Rule("III-A", "benefit in another tumour type", _IIIA, elsewhere=True),
    "ESCAT-IVA-1": Rule("IV-A", "single cases only", _IVA),
    "ESCAT-IVA-2": Rule("IV-A", "preclinical work", _IVA),
    "ESCAT-IVB-1": Rule("IV-B", "reasoning only", _IVB),
    "ESCAT-0-1": Rule(None, "the evidence is about the whole gene, which carries no tier", _NONE),
    "ESCAT-0-2": Rule(None, "a condition of the evidence is open", _NONE),
    "ESCAT-0-3": Rule(None, "the direction of the evidence is unclear", _NONE),
    "ESCAT-0-4": Rule(None, "ESCAT has no tier for resistance", _NONE),
    "ESCAT-0-5": Rule(None, "not about the effect of a drug", _NONE),
}
"""Rules by short name."""

_BARS = {"gene": "ESCAT-0-1", "open": "ESCAT-0-2", "unclear": "ESCAT-0-3"}
_HERE = {"approved": "ESCAT-IB-1", "guideline": "ESCAT-IB-1", "trial": "ESCAT-IIB-1", "clinical": "ESCAT-IIB-2"}
_LABEL = frozenset({"approved", "guideline"})
_WITH_PATIENTS = frozenset({*_HERE})
_BELOW = {"case": "ESCAT-IVA-1", "preclinical": "ESCAT-IVA-2"}
_OTHER_TUMOUR = ESCAT_TIERS[: ESCAT_TIERS.index("III-A")]


def escat(seen: Seen) -> Rank:
    """The draft tier of one row of evidence."""
    if seen.barred:
        return given(ESCAT_RULES, _BARS[seen.barred], seen)
    if seen.evidence_type != "predictive":
        return given(ESCAT_RULES, "ESCAT-0-5", seen)
    if seen.direction != "sensitive":
        return given(ESCAT_RULES, "ESCAT-0-4", seen)
    if (seen.level_system or "") in {"ESCAT", "ESCAT draft"} and seen.level in LEVELS["ESCAT"]:
        return _of_the_pack(seen)
    return given(ESCAT_RULES, _drafted(seen), seen)


def _of_the_pack(seen: Seen) -> Rank:
    """The pack's own tier; in another tumour type what was tier I or II is III-A."""
    if not seen.here and seen.relation != "any" and seen.level in _OTHER_TUMOUR:
        return given(ESCAT_RULES, "ESCAT-IIIA-1", seen)
    return given(ESCAT_RULES, "ESCAT-given", seen, seen.level)


def _drafted(seen: Seen) -> str:
    strength = seen.strength or ""
    if strength not in _WITH_PATIENTS:
        return _BELOW.get(strength, "ESCAT-IVB-1")
    if not seen.here:
        return "ESCAT-IIIA-1"
    every = seen.relation == "any" or (seen.solid and seen.relation == "descendant")
    return "ESCAT-IC-1" if every and strength in _LABEL else _HERE[strength]
