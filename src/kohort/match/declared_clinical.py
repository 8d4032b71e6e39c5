"""Kinds of leaves of Kohort's YAML that ask about the patient, the disease and its treatment."""

from __future__ import annotations

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
from kohort.match.declared_model import Field, Kind
from kohort.match.judged import FreeText

__all__ = ["CLINICAL_KINDS"]

CLINICAL_KINDS: tuple[Kind, ...] = (
    Kind(
        "diagnosis",
        Diagnosis,
        "A tumour type with all below it in OncoTree, asked in exactly one of four ways.",
        (
            Field("code", "text", "OncoTree code or full name."),
            Field("main_type", "text", "OncoTree main type."),
            Field("tissue", "text", "OncoTree tissue."),
            Field("lineage", "text", "Solid or liquid.", choices=("solid", "liquid")),
        ),
        short="code",
    ),
    Kind(
        "age",
        Age,
        "Age within a range.",
        (
            Field("years", "range", "The range, in years.", required=True),
            Field("at", "text", "The day it is taken on.", choices=("as_of", "diagnosis")),
            Field("reading", "text", "Full years, or exact time.", choices=("completed", "exact")),
        ),
        short="years",
    ),
    Kind(
        "sex",
        Sex,
        "Sex as recorded.",
        (Field("code", "text", "Sex.", required=True, choices=("female", "male")),),
        short="code",
    ),
    Kind(
        "receptor",
        Receptor,
        "Status of a receptor by immunohistochemistry.",
        (
            Field("marker", "text", "The receptor.", required=True, choices=("ER", "PR", "HER2")),
            Field("status", "text", "Its status.", required=True, choices=("positive", "negative")),
        ),
    ),
    Kind(
        "ecog",
        PerformanceStatus,
        "The latest ECOG performance status within a range.",
        (Field("ecog", "range", "The range.", required=True),),
        short="ecog",
    ),
    Kind(
        "prior_therapy",
        PriorTherapy,
        "A drug, or a drug of a class, was given before.",
        (Field("drug", "text", "The drug."), Field("drug_class", "text", "The class.")),
        short="drug",
    ),
    Kind(
        "systemic_lines",
        SystemicLines,
        "Number of earlier systemic lines within a range.",
        (Field("lines", "range", "The range.", required=True),),
        short="lines",
    ),
    Kind(
        "stage",
        Stage,
        "Stage groups, sub-stages included.",
        (Field("groups", "texts", "The groups.", required=True),),
        short="groups",
    ),
    Kind("metastatic", Metastatic, "Distant metastasis."),
    Kind(
        "free_text",
        FreeText,
        "A condition in words: shown, and never decided by machine.",
        (Field("text", "text", "The words.", required=True),),
        short="text",
    ),
    Kind(
        "consent",
        Consent,
        "Consent: shown, and never decided by machine.",
        (Field("to", "text", "What to.", required=True),),
        short="to",
    ),
)
"""Every clinical kind that can be written."""
