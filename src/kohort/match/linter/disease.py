"""Stages, metastases, disease status, other diseases and earlier treatments as states."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kohort.codes import drugs
from kohort.match.criteria.course import DISEASE_STATUSES, METASTASIS_SITES, Comorbidity, DiseaseStatus, MetastasisSite
from kohort.match.criteria.treatment import MODALITIES, SETTINGS, PriorTherapy
from kohort.match.criteria.vocabulary import drug_classes, is_known_drug_class
from kohort.match.linter.states import Space

__all__ = ["comorbidities", "disease_status", "metastases", "stages", "therapies"]

_SUBSTAGES = [
    f"{numeral}{letter}{digit}"
    for numeral in ("0", "I", "II", "III", "IV")
    for letter in ("", *"ABCDE")
    for digit in ("", *"123")
    if letter or not digit
]


def stages(_leaves: Collection[Any]) -> Space:
    """Stage groups with all their sub-stages; a patient has one."""

    def holds(leaf: Any, stage: str) -> bool:
        same = (group for group in leaf.groups if group.rstrip("ABCDE123") == stage.rstrip("ABCDE123"))
        return any(stage.startswith(group) for group in same)

    return Space(_SUBSTAGES, holds)


_ADVANCED = ("metastatic", "locally advanced")


def disease_status(_leaves: Collection[Any]) -> Space:
    """The words for the status of a disease; several may apply."""

    def holds(leaf: DiseaseStatus, status: str) -> bool:
        return status in leaf.statuses or ("advanced" in leaf.statuses and status in _ADVANCED)

    return Space(DISEASE_STATUSES, holds, "any")


_REGIONAL = "regional lymph node"


def metastases(_leaves: Collection[Any]) -> Space:
    """Where there are metastases; those of regional lymph nodes are not distant."""

    def holds(leaf: Any, site: str) -> bool:
        if isinstance(leaf, MetastasisSite):
            return site == leaf.site or (leaf.site == "lymph node" and site == _REGIONAL)
        return site != _REGIONAL

    return Space((*METASTASIS_SITES, _REGIONAL, "elsewhere"), holds, "any")


def comorbidities(leaves: Collection[Comorbidity]) -> Space:
    """Other diseases: each code that is asked, and one that lies below it and is not."""
    codes = sorted({code for leaf in leaves for code in leaf.categories})
    states = [*codes, *(f"{code}~" for code in codes)]
    return Space(states, lambda leaf, state: state.startswith(tuple(leaf.categories)), "any")


def therapies(leaves: Collection[PriorTherapy]) -> Space:
    """Courses of treatment: a drug with its classes (those that are asked), a modality and a setting."""
    named = {leaf.drug for leaf in leaves if leaf.drug is not None}
    classes = {leaf.drug_class for leaf in leaves if leaf.drug_class is not None}
    given = {(None, frozenset()), *((None, frozenset({one})) for one in classes if not is_known_drug_class(one))}
    for drug in {*named, *(drug.name for drug in drugs.all_drugs())}:
        given.add((drug if drug in named else None, (drug_classes(drug) or frozenset()) & classes))
    modalities = (*MODALITIES, "other") if any(leaf.modality for leaf in leaves) else ("other",)
    settings = (*SETTINGS, "other") if any(leaf.setting for leaf in leaves) else ("other",)
    states = [(*what, modality, setting) for what in given for modality in modalities for setting in settings]
    return Space(states, _was_given, "any")


def _was_given(leaf: PriorTherapy, course: tuple[str | None, frozenset[str], str, str]) -> bool:
    drug, classes, modality, setting = course
    return (
        leaf.drug in {None, drug}
        and (leaf.drug_class is None or leaf.drug_class in classes)
        and leaf.modality in {None, modality}
        and leaf.setting in {None, setting}
    )
