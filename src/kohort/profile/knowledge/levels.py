"""Levels of evidence as the sources write them, and the one scale on which they can be compared.

Each source keeps its own level system; a report shows the level as it was given. To rank evidence of several sources
side by side, each level has a *strength*: what sort of study or authority stands behind it.

References:
    ESCAT: Mateo et al., Ann Oncol 2018, doi 10.1093/annonc/mdy263; ``draft`` until a person has confirmed the tier.
    CIViC: Griffith et al., Nat Genet 2017, doi 10.1038/ng.3774. OncoKB: Chakravarty et al., JCO Precis Oncol 2017,
    doi 10.1200/PO.17.00011. CGI: Tamborero et al., Genome Med 2018, doi 10.1186/s13073-018-0531-8. MOAlmanac:
    Reardon et al., Nat Cancer 2021, doi 10.1038/s43018-021-00243-3.
"""

from __future__ import annotations

__all__ = ["LEVELS", "STRENGTHS", "strength_of"]

STRENGTHS = ("approved", "guideline", "trial", "clinical", "case", "preclinical", "inferential")
"""Strengths, strongest first.

``approved`` a label in this use; ``guideline`` a guideline or consensus; ``trial`` prospective trials; ``clinical``
small or retrospective studies; ``case`` reports of single patients; ``preclinical`` models; ``inferential`` reasoning.
"""

LEVELS: dict[str, dict[str, str]] = {
    "ESCAT": {
        "I-A": "trial", "I-B": "trial", "I-C": "trial", "II-A": "clinical", "II-B": "clinical", "III-A": "clinical",
        "III-B": "inferential", "IV-A": "preclinical", "IV-B": "inferential", "V": "clinical", "X": "inferential",
    },
    "Kohort resistance": {"R1": "guideline", "R2": "clinical"},
    "CIViC": {"A": "guideline", "B": "trial", "C": "case", "D": "preclinical", "E": "inferential"},
    "OncoKB": {
        "1": "approved", "2": "guideline", "3A": "clinical", "3B": "guideline", "4": "preclinical", "R1": "guideline",
        "R2": "clinical", "Dx1": "guideline", "Dx2": "guideline", "Dx3": "clinical", "Px1": "guideline",
        "Px2": "guideline", "Px3": "clinical",
    },
    "OncoKB oncogenicity": {
        "Oncogenic": "preclinical", "Likely Oncogenic": "preclinical", "Predicted Oncogenic": "inferential",
        "Resistance": "preclinical", "Likely Neutral": "preclinical", "Neutral": "preclinical",
        "Inconclusive": "inferential",
    },
    "CGI": {
        "FDA guidelines": "approved", "European LeukemiaNet guidelines": "guideline", "NCCN guidelines": "guideline",
        "NCCN/CAP guidelines": "guideline", "CPIC guidelines": "guideline", "Late trials": "trial",
        "Early trials": "clinical", "Clinical trials": "clinical", "Case report": "case",
        "Pre-clinical": "preclinical",
    },
    "MOAlmanac": {
        "FDA-Approved": "approved", "Approval": "approved", "Guideline": "guideline", "Clinical trial": "trial",
        "Clinical evidence": "clinical", "Preclinical": "preclinical", "Inferential": "inferential",
    },
    "Cohort": {"positive": "trial", "negative": "trial", "running": "clinical", "stopped": "clinical"},
    "Hotspot": {"recurrent": "inferential"},
    "ClinVar": {
        "4": "guideline", "3": "guideline", "2": "clinical", "1": "clinical", "0": "inferential",
    },
}  # fmt: skip
"""Level systems; each names its levels, strongest first, with their strength.

Kohort resistance: R1 a label or guideline advises against, R2 clinical or laboratory evidence (ESCAT has no tier for
resistance). OncoKB oncogenicity: what a change is, mostly by functional studies. MOAlmanac: ``FDA-Approved`` in its
first schema, ``Approval`` by any agency in its second. Cohort: the state of a treatment cohort. ClinVar: stars of
review.
"""
LEVELS["ESCAT draft"] = LEVELS["ESCAT"]


def strength_of(system: str, level: str) -> str:
    """The strength of a level; the weakest where the system or the level is not known."""
    return LEVELS.get(system, {}).get(level, STRENGTHS[-1])
