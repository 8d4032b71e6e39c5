"""All criteria in one place: what a trial can ask of a patient."""

from kohort.match.clinical import (
    Age,
    Consent,
    Diagnosis,
    Metastatic,
    PerformanceStatus,
    PriorTherapy,
    Receptor,
    Sex,
    Stage,
    SystemicLines,
)
from kohort.match.judged import FreeText, Unread
from kohort.match.logic import And, AtLeast, Criterion, Fact, Leaf, Not, Or, leaves, requirements
from kohort.match.molecular import CopyNumber, Fusion, Mmr, Msi, Mutation, Rearrangement, Signature, Tmb, WildType
from kohort.match.ranges import Range

__all__ = [
    "Age",
    "And",
    "AtLeast",
    "Consent",
    "CopyNumber",
    "Criterion",
    "Diagnosis",
    "Fact",
    "FreeText",
    "Fusion",
    "Leaf",
    "Metastatic",
    "Mmr",
    "Msi",
    "Mutation",
    "Not",
    "Or",
    "PerformanceStatus",
    "PriorTherapy",
    "Range",
    "Rearrangement",
    "Receptor",
    "Sex",
    "Signature",
    "Stage",
    "SystemicLines",
    "Tmb",
    "Unread",
    "WildType",
    "leaves",
    "requirements",
]
