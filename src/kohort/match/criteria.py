"""All criteria in one place: what a trial can ask of a patient."""

from kohort.match.clinical import Age, Consent, Diagnosis, Metastatic, PerformanceStatus, Receptor, Sex, Stage
from kohort.match.course import Comorbidity, DiseaseStatus, Histology, MetastasisSite
from kohort.match.judged import FreeText, Unread
from kohort.match.logic import And, AtLeast, Criterion, Fact, Leaf, Not, Or, leaves, requirements
from kohort.match.measurements import Laboratory, Marker
from kohort.match.molecular import CopyNumber, Fusion, Mmr, Msi, Mutation, Rearrangement, Signature, Tmb, WildType
from kohort.match.ranges import Range
from kohort.match.treatment import PriorTherapy, SystemicLines, TherapySince
from kohort.match.windows import Event, Window

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
