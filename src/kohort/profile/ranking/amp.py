"""AMP/ASCO/CAP 2017: tiers of clinical significance of a somatic variant, with their levels of evidence.

Li et al., J Mol Diagn 2017, doi 10.1016/j.jmoldx.2016.10.002. Tier I is strong (A, B), II potential (C, D), III
unknown, IV benign or likely benign. The guideline counts therapeutic (sensitivity and resistance), prognostic and
diagnostic evidence alike, and so does Kohort; PCGR since version 2.3.0 counts sensitivity only.

Where the guideline leaves open what weak evidence from another tumour type is worth, PCGR's reading is taken: weak
evidence (small studies, cases, models) of another tumour type, or of none in particular, is tier III.
"""

from __future__ import annotations

from kohort.profile.ranking.seen import Rank, Rule, Seen, given

__all__ = ["AMP_RULES", "AMP_TIERS", "amp"]

AMP_TIERS = ("I-A", "I-B", "II-C", "II-D", "III", "IV")
"""Tiers with level, strongest first."""

_A = "Level A: therapies that a regulator approved, or that professional guidelines include, for this tumour type."
_B = "Level B: well-powered studies, with consensus of experts in the field."
_C = "Level C: therapies approved for other tumour types or investigational; several small studies with some consensus."
_D = "Level D: preclinical work, or a few case reports without consensus."
_III = "Tier III: no convincing published evidence of an association with cancer."
_IV = "Tier IV: no published evidence of an association with cancer; frequent in the population."

AMP_RULES: dict[str, Rule] = {
    "AMP-IA-1": Rule("I-A", "label or guideline in this tumour type", _A),
    "AMP-IA-2": Rule("I-A", "label or guideline whatever the tumour type", _A),
    "AMP-IB-1": Rule("I-B", "well-powered study in this tumour type", _B),
    "AMP-IB-2": Rule("I-B", "well-powered study whatever the tumour type", _B),
    "AMP-IIC-1": Rule("II-C", "label or guideline in another tumour type", _C, elsewhere=True),
    "AMP-IIC-2": Rule("II-C", "well-powered study in another tumour type", _C, elsewhere=True),
    "AMP-IIC-3": Rule("II-C", "several small studies in this tumour type agree", _C),
    "AMP-IIC-4": Rule("II-C", "local treatment cohort, which alone carries no more than II-C", _C),
    "AMP-IID-1": Rule("II-D", "one small study in this tumour type", _D),
    "AMP-IID-2": Rule("II-D", "case reports in this tumour type", _D),
    "AMP-IID-3": Rule("II-D", "preclinical work for this tumour type", _D),
    "AMP-III-1": Rule("III", "the evidence is about the whole gene, which raises no tier", _III),
    "AMP-III-2": Rule("III", "a condition of the evidence is open", _III),
    "AMP-III-3": Rule("III", "the direction of the evidence is unclear", _III),
    "AMP-III-4": Rule("III", "weak evidence, not of this tumour type in particular", _III, elsewhere=True),
    "AMP-III-5": Rule("III", "reasoning only", _III),
    "AMP-III-6": Rule("III", "drives tumours, without clinical evidence in this row", _III),
    "AMP-III-7": Rule("III", "called benign, but not this very alteration", _III),
    "AMP-IV-1": Rule("IV", "called benign", _IV),
    "AMP-0-1": Rule(None, "inherited risk has no tier here", "The guideline is about somatic variants."),
}
"""Rules by short name; the guideline's sentence stands beside each. Rules for alterations without evidence stand in
``unmatched``."""

_BARS = {"gene": "AMP-III-1", "open": "AMP-III-2", "unclear": "AMP-III-3"}
_HERE = {"approved": "AMP-IA-1", "guideline": "AMP-IA-1", "trial": "AMP-IB-1", "clinical": "AMP-IID-1",
         "case": "AMP-IID-2", "preclinical": "AMP-IID-3"}  # fmt: skip
_ANY = {"approved": "AMP-IA-2", "guideline": "AMP-IA-2", "trial": "AMP-IB-2"}
_ELSEWHERE = {"approved": "AMP-IIC-1", "guideline": "AMP-IIC-1", "trial": "AMP-IIC-2", "clinical": "AMP-III-4",
              "case": "AMP-III-4", "preclinical": "AMP-III-4"}  # fmt: skip


def amp(seen: Seen) -> Rank:
    """The tier of one row of evidence."""
    return given(AMP_RULES, _rule(seen), seen)


def _rule(seen: Seen) -> str:
    if seen.barred:
        return _BARS[seen.barred]
    if seen.evidence_type == "predisposing":
        return "AMP-0-1"
    if seen.evidence_type == "oncogenic":
        if seen.direction != "benign":
            return "AMP-III-6"
        return "AMP-IV-1" if seen.match_level in {"exact", "equivalent"} else "AMP-III-7"
    places = _ELSEWHERE if not seen.here else _ANY if seen.relation == "any" else _HERE
    name = places.get(seen.strength or "", "AMP-III-5")
    if name == "AMP-IID-1" and seen.concordant:
        name = "AMP-IIC-3"
    if seen.level_system == "Cohort" and AMP_RULES[name].value in AMP_TIERS[: AMP_TIERS.index("II-C")]:
        return "AMP-IIC-4"
    return name
