"""Where a metastasis lies: sites by ICD code or by the words of a record."""

from __future__ import annotations

import functools
import re

from kohort.codes import icd
from kohort.match.criteria.course import METASTASIS_SITES

__all__ = ["is_at"]

_CODES: dict[str, tuple[str, ...]] = {
    "adrenal": ("C74", "C79.7"),
    "bone": ("C40", "C41", "C79.5"),
    "brain": ("C70.0", "C71", "C79.3"),
    "kidney": ("C64", "C65", "C79.0"),
    "liver": ("C22", "C78.7"),
    "lung": ("C34", "C78.0"),
    "lymph node": ("C77",),
    "ovary": ("C56", "C79.6"),
    "peritoneum": ("C48.1", "C48.2", "C78.6"),
    "pleura": ("C38.4", "C78.2"),
    "skin": ("C44", "C79.2"),
    "soft tissue": ("C49",),
}
"""ICD-O-3 topographies, and ICD-10 codes of secondary tumours."""

_WORDS: dict[str, str] = {
    "adrenal": r"adrenals?|suprarenal",
    "bone": r"bones?|skeletal|skeleton|spine|vertebra\w*|ribs?|pelvic bone|femur|sternum",
    "brain": r"brain|cerebr\w+|cerebell\w+|intracranial",
    "kidney": r"kidneys?|renal",
    "liver": r"liver|hepatic",
    "lung": r"lungs?|pulmonary",
    "lymph node": r"lymph nodes?|nodes?|nodal",
    "ovary": r"ovary|ovaries|ovarian",
    "peritoneum": r"peritone\w+|omentum|omental|ascites",
    "pleura": r"pleura\w*",
    "skin": r"skin|cutaneous|dermal",
    "soft tissue": r"soft tissues?|muscle",
}


@functools.cache
def is_at(site: str, text: str) -> bool | None:
    """True if a code or a text names the site, False if it names another one, None if it names none.

    Args:
        site: one of `METASTASIS_SITES`.
        text: an ICD-O-3 or ICD-10 code, or words.
    """
    if icd.is_icd10(text):
        code = icd.normalise(text)
        if any(code.startswith(prefix) for prefix in _CODES[site]):
            return True
        is_coarse = any(prefix.startswith(code.removesuffix(".9")) for prefix in _CODES[site])
        return None if is_coarse or code.startswith(("C76", "C79.8", "C79.9", "C80")) else False
    words = " ".join(text.casefold().split())
    if re.search(rf"\b(?:{_WORDS[site]})\b", words):
        return True
    return False if any(re.search(rf"\b(?:{_WORDS[other]})\b", words) for other in METASTASIS_SITES) else None
