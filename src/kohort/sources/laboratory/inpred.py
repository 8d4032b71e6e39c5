"""Sample ids of InPreD, the Norwegian infrastructure for precision diagnostics: what each of the 19 characters says.

``PPPyyyy-Ann-Sxz-Mll`` is the patient (PPP is the hospital's node), the analyte and test, the kind of sample with the
number of the library and of the replicate, and the material with the site of the tumour, a number of PCGR's list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["InpredId", "inpred_id"]

# source: InPreD sample ID nomenclature, https://tsoppi.readthedocs.io (inpred_nomenclature)
# version: 3 of December 2024
# licence: the codes are facts
_ID = re.compile(
    r"(?P<patient>(?P<node>IP[A-Z])\d{4})-(?P<analyte>[A-Z])(?P<test>[\dX]{2})"
    r"-(?P<kind>[A-Za-z])(?P<library>[\dX])(?P<replicate>[\dX])-(?P<material>[A-Z])(?P<site>[\dX]{2})"
)
_NODES = {"IPA": "InPreD AHUS", "IPD": "InPreD OUS", "IPH": "InPreD HUS", "IPO": "InPreD St. Olav"}
_ANALYTES = {"C": "cell-free DNA", "D": "DNA", "R": "RNA"}
_TESTS = {
    "01": "TSO500 DNA", "02": "Archer FusionPlex Lung", "03": "TSO500 RNA", "04": "EPIC DNA methylation",
    "05": "whole-genome DNA", "06": "TSO500 HRD", "07": "whole-transcriptome RNA", "50": "Twist Human Core Exome",
    "51": "TruSeq Stranded mRNA",
}  # fmt: skip
_KINDS = {
    "A": ("unknown", "after allotransplantation"),
    "C": ("unknown", "cell line"),
    "D": ("metastasis", "distal metastasis, untreated"),
    "d": ("metastasis", "distal metastasis, treated"),
    "E": ("unknown", "untreated"),
    "e": ("unknown", "treated"),
    "L": ("unknown", "liquid"),
    "M": ("metastasis", "metastasis"),
    "N": ("normal", "normal"),
    "P": ("primary", "primary tumour, untreated"),
    "p": ("primary", "primary tumour, treated"),
    "R": ("metastasis", "regional metastasis, untreated"),
    "r": ("metastasis", "regional metastasis, treated"),
    "T": ("primary", "primary tumour"),
    "X": ("unknown", "not stated"),
}
_MATERIALS = {
    "A": "formalin-fixed, paraffin-embedded tissue", "B": "blood", "C": "cytology", "F": "frozen tissue",
    "E": "extramedullary tissue", "M": "bone marrow", "S": "buccal swab",
}  # fmt: skip
_SITES = (
    "CUP", "ADRENAL_GLAND", "AMPULLA_OF_VATER", "BILIARY_TRACT", "BLADDER", "BONE", "BREAST", "CERVIX", "BRAIN",
    "BOWEL", "STOMACH", "EYE", "HEAD_NECK", "KIDNEY", "LIVER", "LUNG", "LYMPH", "MYELOID", "OVARY", "PANCREAS", "PNS",
    "PERITONEUM", "PLEURA", "PROSTATE", "SKIN", "SOFT_TISSUE", "TESTIS", "THYMUS", "THYROID", "UTERUS", "VULVA",
)  # fmt: skip
"""The tumour sites of PCGR, by their number, as tissues of OncoTree; 00 is cancer of unknown primary."""


@dataclass(frozen=True, slots=True)
class InpredId:
    """What an InPreD sample id says.

    Attributes:
        patient: the patient's id, ``PPPyyyy``.
        laboratory: the node of InPreD; None for one that is not known.
        analyte: DNA, RNA or cell-free DNA; None for a letter without meaning.
        test: the test that the sample was prepared for; None for a number without meaning.
        kind: primary, metastasis, normal or unknown, as table ``specimen`` has it.
        kind_text: the kind in words, with the treatment before it.
        material: what was sampled, in words; None for a letter without meaning.
        tissue: the tumour's site as a code of OncoTree; None where it is not stated.
    """

    patient: str
    laboratory: str | None
    analyte: str | None
    test: str | None
    kind: str
    kind_text: str
    material: str | None
    tissue: str | None


def inpred_id(sample: str) -> InpredId | None:
    """What a sample id says if it is one of InPreD; None if it is not."""
    found = _ID.fullmatch(sample)
    if found is None:
        return None
    kind, text = _KINDS.get(found["kind"], ("unknown", f"kind {found['kind']} of InPreD"))
    site = int(found["site"]) if found["site"].isdigit() else len(_SITES)
    return InpredId(
        patient=found["patient"],
        laboratory=_NODES.get(found["node"]),
        analyte=_ANALYTES.get(found["analyte"]),
        test=_TESTS.get(found["test"]),
        kind=kind,
        kind_text=text,
        material=_MATERIALS.get(found["material"]),
        tissue=_SITES[site] if site < len(_SITES) else None,
    )
