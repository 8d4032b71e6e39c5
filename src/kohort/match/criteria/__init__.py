"""All criteria in one place: what a trial can ask of a patient."""

from kohort.match.criteria.clinical import Age, Consent, Diagnosis, Metastatic, PerformanceStatus, Receptor, Sex, Stage
from kohort.match.criteria.course import Comorbidity, DiseaseStatus, Histology, MetastasisSite
from kohort.match.criteria.judged import FreeText, Unread
from kohort.match.criteria.logic import And, AtLeast, Criterion, Fact, Leaf, Not, Or, leaves, requirements
from kohort.match.criteria.measurements import Laboratory, Marker
from kohort.match.criteria.molecular import (
    CopyNumber,
    Fusion,
    Mmr,
    Msi,
    Mutation,
    Rearrangement,
    Signature,
    Tmb,
    WildType,
)
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.treatment import PriorTherapy, SystemicLines, TherapySince
from kohort.match.criteria.windows import Event, Window

__all__ = [
    "Age",
    "And",
    "AtLeast",
    "Comorbidity",
    "Consent",
    "CopyNumber",
    "Criterion",
    "Diagnosis",
    "DiseaseStatus",
    "Event",
    "Fact",
    "FreeText",
    "Fusion",
    "Histology",
    "Laboratory",
    "Leaf",
    "Marker",
    "MetastasisSite",
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
    "TherapySince",
    "Tmb",
    "Unread",
    "WildType",
    "Window",
    "leaves",
    "requirements",
]
