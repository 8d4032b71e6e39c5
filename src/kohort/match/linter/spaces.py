"""What one leaf says about its subject, as a set of states: the ground on which leaves exclude or imply each other.

Every leaf asks about one *subject*: the age, the microsatellites, the mutations of a gene. Of a subject a patient is
in exactly one of several *states* (an age, MSI-H), or in any number of them (the mutations that a gene has). A
leaf is the set of states that meet it. Only states that the leaves of a criterion can tell apart are listed, so a
subject has few: an age has one state for each limit and one for each gap between limits.

A leaf of a kind that is not listed here is a subject of its own, true or false.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any

from kohort.codes import oncotree
from kohort.match.criteria import (
    Age,
    Comorbidity,
    CopyNumber,
    Diagnosis,
    DiseaseStatus,
    Fusion,
    Laboratory,
    Leaf,
    Marker,
    MetastasisSite,
    Metastatic,
    Mmr,
    Msi,
    Mutation,
    PerformanceStatus,
    PriorTherapy,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Stage,
    SystemicLines,
    TherapySince,
    Tmb,
    WildType,
    Window,
)
from kohort.match.criteria.molecular import CALLS
from kohort.match.linter.alterations import mutations, rearrangements
from kohort.match.linter.disease import comorbidities, disease_status, metastases, stages, therapies
from kohort.match.linter.numbers import age_interval, laboratory_range, laboratory_scale, ranged
from kohort.match.linter.states import Space

__all__ = ["space_of", "subject_of"]

_SUBJECTS: dict[type[Leaf], Callable[[Any], tuple[Hashable, ...]]] = {
    Age: lambda leaf: ("age", leaf.at),
    Sex: lambda _leaf: ("sex",),
    Diagnosis: lambda _leaf: ("diagnosis",),
    Receptor: lambda leaf: ("receptor", leaf.marker),
    PerformanceStatus: lambda _leaf: ("performance",),
    Stage: lambda _leaf: ("stage",),
    DiseaseStatus: lambda _leaf: ("disease status",),
    Metastatic: lambda _leaf: ("metastases",),
    MetastasisSite: lambda _leaf: ("metastases",),
    Comorbidity: lambda _leaf: ("comorbidity",),
    PriorTherapy: lambda _leaf: ("therapy",),
    SystemicLines: lambda leaf: ("lines", leaf.drug, leaf.drug_class),
    TherapySince: lambda leaf: ("time since", leaf.drug, leaf.drug_class, leaf.modality),
    Window: lambda leaf: ("window", leaf.first, leaf.then),
    Laboratory: lambda leaf: ("laboratory", leaf.test, leaf.of, laboratory_scale(leaf)),
    Marker: lambda leaf: ("marker score" if leaf.range else "marker status", leaf.name),
    Mutation: lambda leaf: ("mutations", leaf.gene),
    WildType: lambda leaf: ("mutations", leaf.gene),
    CopyNumber: lambda leaf: ("copies", leaf.gene),
    Fusion: lambda _leaf: ("rearrangements",),
    Rearrangement: lambda _leaf: ("rearrangements",),
    Msi: lambda _leaf: ("mismatch repair",),
    Mmr: lambda _leaf: ("mismatch repair",),
    Signature: lambda leaf: ("signature", leaf.name),
    Tmb: lambda _leaf: ("burden",),
}


def subject_of(leaf: Leaf) -> tuple[Hashable, ...]:
    """What a leaf asks about; leaves of different subjects are independent of each other."""
    subject = _SUBJECTS.get(type(leaf))
    return ("itself", leaf) if subject is None else subject(leaf)


def space_of(subject: tuple[Hashable, ...], leaves: Collection[Leaf]) -> Space:
    """The states of a subject that some leaves about it can tell apart."""
    return _SPACES[str(subject[0])](leaves)


def _diagnoses(leaves: Collection[Any]) -> Space:
    wanted = {leaf: leaf.codes for leaf in leaves}
    return Space(sorted(oncotree.all_codes()), lambda leaf, code: code in wanted[leaf], "tumours")


def _age(leaves: Collection[Any]) -> Space:
    at_diagnosis = any(leaf.at == "diagnosis" for leaf in leaves)
    return ranged(age_interval, most=150, manifold="tumours" if at_diagnosis else "one")(leaves)


_MSI = {"MSI-H": "deficient", "MSI-L": "proficient", "MSS": "proficient"}


def _repair(_leaves: Collection[Any]) -> Space:
    """Microsatellites and immunohistochemistry of the repair proteins, which ordinarily agree."""

    def holds(leaf: Msi | Mmr, results: tuple[str, str]) -> bool:
        microsatellites, stained = results
        if isinstance(leaf, Msi):
            return leaf.status == microsatellites
        return leaf.status in {_MSI[microsatellites], stained}

    states = [(status, stained) for status in _MSI for stained in ("deficient", "proficient")]
    return Space(states, holds, ordinary=lambda results: _MSI[results[0]] == results[1])


def _called(leaf: CopyNumber, copies: int) -> bool:
    return copies == CALLS[leaf.call] if leaf.call else copies != 0


_SPACES: dict[str, Callable[[Collection[Any]], Space]] = {
    "age": _age,
    "sex": lambda _: Space(("female", "male", "other"), lambda leaf, state: leaf.code == state),
    "diagnosis": _diagnoses,
    "receptor": lambda _: Space(("positive", "negative"), lambda leaf, state: leaf.status == state),
    "performance": ranged(lambda leaf: leaf.ecog, most=5, whole=True),
    "stage": stages,
    "disease status": disease_status,
    "metastases": metastases,
    "comorbidity": comorbidities,
    "therapy": therapies,
    "lines": ranged(lambda leaf: leaf.lines, most=100, whole=True),
    "time since": ranged(lambda leaf: leaf.days, whole=True, never=True),
    "window": ranged(lambda leaf: leaf.days, least=-1e6, whole=True, manifold="any"),
    "laboratory": ranged(laboratory_range, least=-1e6),
    "marker score": ranged(lambda leaf: leaf.range, manifold="any"),
    # HER2 low overlaps with negative in some usages: it is a state that excludes positive alone.
    "marker status": lambda _: Space(
        ("positive", "negative", "low"),
        lambda leaf, state: leaf.status == state or (leaf.status, state) == ("negative", "low"),
        "any",
    ),
    "mutations": mutations,
    "copies": lambda _: Space(range(-2, 3), _called),
    "rearrangements": rearrangements,
    "mismatch repair": _repair,
    "signature": lambda _: Space((True, False), lambda leaf, state: leaf.present == state),
    "burden": ranged(lambda leaf: leaf.per_mb),
    "itself": lambda _: Space((True, False), lambda _leaf, state: state),
}
"""The states of each subject, by the first word of its name."""
