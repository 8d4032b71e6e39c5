"""All criteria in one place: what a trial can ask of a patient."""

from kohort.match.clinical import (
    Age,
    Consent,
    Diagnosis,
    FreeText,
    Metastatic,
    PerformanceStatus,
    PriorTherapy,
    Receptor,
    Sex,
    Stage,
    SystemicLines,
)
from kohort.match.logic import And, AtLeast, Criterion, Fact, Leaf, Not, Or, leaves, requirements
from kohort.match.molecular import CopyNumber, Fusion, Msi, Mutation, Tmb, WildType
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
    "Msi",
    "Mutation",
    "Not",
    "Or",
    "PerformanceStatus",
    "PriorTherapy",
    "Range",
    "Receptor",
    "Sex",
    "Stage",
    "SystemicLines",
    "Tmb",
    "WildType",
    "leaves",
    "requirements",
]
