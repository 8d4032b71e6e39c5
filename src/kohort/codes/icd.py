"""ICD-10 and ICD-O-3 codes: one way of writing them, and whether they have the right form.

Forms only: whether a code is in use is the business of a terminology server, not of this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "BEHAVIOURS",
    "Morphology",
    "is_icd10",
    "is_topography",
    "normalise",
    "parse_morphology",
    "parse_topography",
]

BEHAVIOURS = {
    "0": "benign",
    "1": "uncertain",
    "2": "in situ",
    "3": "malignant, primary site",
    "6": "malignant, metastatic site",
    "9": "malignant, uncertain whether primary or metastatic",
}
"""Fifth figure of an ICD-O-3 morphology code, after the slash (WHO, ICD-O-3, table 23)."""

_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
_TOPOGRAPHY = re.compile(r"C[0-8]\d(\.\d)?")
_MORPHOLOGY = re.compile(r"M?-?([89]\d{3})[/ ]?([012369])([1-9])?")


@dataclass(frozen=True, slots=True)
class Morphology:
    """An ICD-O-3 morphology code.

    Attributes:
        histology: four figures, ``8000`` to ``9999``.
        behaviour: one figure, a key of `BEHAVIOURS`.
        grade: one figure, or empty if the code has none.
    """

    histology: str
    behaviour: str
    grade: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be an ICD-O-3 morphology."""
        if not re.fullmatch(r"[89]\d{3}", self.histology):
            raise ValueError("an ICD-O-3 histology has four figures, 8000 to 9999")
        if self.behaviour not in BEHAVIOURS:
            raise ValueError(f"an ICD-O-3 behaviour is one of {', '.join(BEHAVIOURS)}")

    @property
    def is_malignant(self) -> bool:
        """True for a primary or metastatic malignant tumour; in situ is not."""
        return self.behaviour in ("3", "6", "9")

    def __str__(self) -> str:
        """As written in registries: ``8140/3``."""
        return f"{self.histology}/{self.behaviour}{self.grade}"


def normalise(code: str) -> str:
    """An ICD-10 code or ICD-O-3 topography in capitals with its dot: ``c509`` and ``C50.9`` give ``C50.9``.

    The dagger, asterisk and dash that some systems add (``C50.-``, ``M90.7*``) are taken off. Other text is
    returned in capitals; ask `is_icd10` whether it has the form of a code.
    """
    bare = re.sub(r"\s+", "", code).upper().rstrip("*†+-.")
    found = re.fullmatch(r"([A-Z]\d[0-9A-Z])\.?([0-9A-Z]{1,4})", bare)
    return f"{found[1]}.{found[2]}" if found else bare


def is_icd10(code: str) -> bool:
    """True if the normalised code has the form of an ICD-10 code (WHO or a national extension)."""
    return _ICD10.fullmatch(normalise(code)) is not None


def is_topography(code: str) -> bool:
    """True if the normalised code has the form of an ICD-O-3 topography, ``C00`` to ``C80.9``."""
    bare = normalise(code)
    return _TOPOGRAPHY.fullmatch(bare) is not None and int(bare[1:3]) <= 80


def parse_topography(code: str) -> str:
    """The normalised ICD-O-3 topography.

    Raises:
        ValueError: it has not that form.
    """
    if not is_topography(code):
        raise ValueError("not an ICD-O-3 topography, which is C00 to C80 with one figure after the dot, e.g. C50.9")
    return normalise(code)


def parse_morphology(code: str) -> Morphology:
    """Read an ICD-O-3 morphology: ``8140/3``, ``M8140/3``, ``81403`` or, with a grade, ``8140/32``.

    Raises:
        ValueError: it has not that form.
    """
    found = _MORPHOLOGY.fullmatch(code.strip().upper())
    if found is None:
        raise ValueError("not an ICD-O-3 morphology, which is four figures, a slash and the behaviour, e.g. 8140/3")
    return Morphology(found[1], found[2], found[3] or "")
