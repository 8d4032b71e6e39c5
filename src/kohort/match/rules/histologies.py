"""Whether codes of a tumour meet a criterion on its histology, in three values."""

from __future__ import annotations

import re

from kohort.codes import icd
from kohort.match.criteria.course import Histology
from kohort.match.rules.icd_codes import is_within, prefixes

__all__ = ["is_histology"]

_MORPHOLOGY = re.compile(r"M?-?([89]\d{3})(?:[/ ]?([012369])[1-9]?)?")

_UNSPECIFIED = (
    # histologies that say no more than a group, and what they may be (ICD-O-3.2, "not otherwise specified")
    (range(8000, 8006), range(8000, 10_000)),
    (range(8010, 8011), range(8010, 8590)),
    (range(8140, 8141), range(8140, 8390)),
    (range(8800, 8801), range(8800, 8992)),
    (range(9590, 9591), range(9590, 9730)),
    (range(9800, 9801), range(9800, 9949)),
)
"""Neoplasm, carcinoma, adenocarcinoma, sarcoma, malignant lymphoma and leukaemia, not otherwise specified."""


def is_histology(
    leaf: Histology, system: str | None, topography: str | None, morphology: str | None, behaviour: str | None
) -> bool | None:
    """True if one tumour meets all that is asked, None if its codes are missing or too coarse.

    Args:
        leaf: the criterion.
        system: system of the topography: ``icd-o-3`` or ``icd-10``.
        topography: its code.
        morphology: ICD-O-3 morphology, with or without behaviour.
        behaviour: its figure, null if only the morphology says it.
    """
    read = _MORPHOLOGY.fullmatch((morphology or "").strip().upper())
    histology = int(read[1]) if read else None
    figure = behaviour or (read[2] if read else None)
    asked: list[bool | None] = []
    if leaf.topography:
        asked.append(_is_topography(leaf.topography, system, topography))
    if leaf.morphology:
        asked.append(_any(_is_morphology(one, histology, figure) for one in leaf.morphology))
    if leaf.behaviour:
        asked.append(_any(_is_behaviour(one, figure) for one in leaf.behaviour))
    return False if False in asked else None if None in asked else True


def _any(values: object) -> bool | None:
    seen = list(values)  # type: ignore[call-overload]
    return True if True in seen else None if None in seen else False


def _is_topography(asked: tuple[str, ...], system: str | None, code: str | None) -> bool | None:
    if code is None or not icd.is_icd10(code):
        return None
    found = is_within(code, asked)
    if found is False and system == "icd-o-3" and any(not icd.is_topography(p) for one in asked for p in prefixes(one)):
        return None
    if found is False and system == "icd-10" and any(p.startswith("C42") for one in asked for p in prefixes(one)):
        return None
    return found


def _is_morphology(asked: str, histology: int | None, behaviour: str | None) -> bool | None:
    if histology is None:
        return None
    histologies, _, figure = asked.partition("/")
    first, _, last = histologies.partition("-")
    wanted = range(int(first), int(last or first) + 1)
    if histology not in wanted:
        vague = next((group for codes, group in _UNSPECIFIED if histology in codes), range(0))
        return None if vague.start < wanted.stop and wanted.start < vague.stop else False
    return _is_behaviour(figure, behaviour) if figure else True


def _is_behaviour(asked: str, behaviour: str | None) -> bool | None:
    """9 is malignant, and not known whether primary (3) or metastatic (6)."""
    if behaviour is None or (behaviour == "9" and asked in "36"):
        return None
    return behaviour == asked
