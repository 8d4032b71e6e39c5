"""Kinds of leaves of Kohort's YAML that ask about the patient, the disease and its treatment."""

from __future__ import annotations

from kohort.match.criteria.clinical import Age, Consent, Diagnosis, Metastatic, PerformanceStatus, Receptor, Sex, Stage
from kohort.match.criteria.course import Comorbidity, DiseaseStatus, Histology, MetastasisSite
from kohort.match.criteria.judged import FreeText
from kohort.match.criteria.measurements import Laboratory, Marker
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.treatment import MODALITIES, SETTINGS, PriorTherapy, SystemicLines, TherapySince
from kohort.match.criteria.windows import Event, Window
from kohort.match.trials.declared_model import Field, Kind

__all__ = ["CLINICAL_KINDS"]

_DRUG = (
    Field("drug", "text", "The drug."),
    Field("drug_class", "text", "A class of drugs."),
)
_MODALITY = Field("modality", "text", "The modality.", choices=MODALITIES)


def _window(first: str, then: str, days: Range) -> Window:
    return Window(Event.parse(first), Event.parse(then), days)


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
        "A treatment was given before: a drug or a drug of a class, of a modality, in a setting.",
        (*_DRUG, _MODALITY, Field("setting", "text", "The setting.", choices=SETTINGS)),
        short="drug",
    ),
    Kind(
        "systemic_lines",
        SystemicLines,
        "Number of earlier systemic lines within a range, of all or of those with a drug.",
        (Field("lines", "range", "The range.", required=True), *_DRUG),
        short="lines",
    ),
    Kind(
        "therapy_since",
        TherapySince,
        "Days since the last treatment of a kind; what was never given was infinitely long ago.",
        (Field("days", "range", "The range of days.", required=True), *_DRUG, _MODALITY),
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
        "metastasis_site",
        MetastasisSite,
        "A metastasis at a site.",
        (Field("site", "text", "The site: brain, liver, lung, bone, lymph node ...", required=True),),
        short="site",
    ),
    Kind(
        "disease_status",
        DiseaseStatus,
        "Any of several statuses of the disease, in the words of CTML.",
        (Field("statuses", "texts", "The statuses.", required=True),),
        short="statuses",
    ),
    Kind(
        "histology",
        Histology,
        "Site, histology and behaviour of a tumour.",
        (
            Field("topography", "texts", "ICD-O-3 topographies or ICD-10 codes, with all below; ranges (C81-C96)."),
            Field("morphology", "texts", "ICD-O-3 morphologies: 8140, 8140/3 or 8140-8147."),
            Field("behaviour", "texts", "Figures of ICD-O-3 behaviour."),
        ),
        short="topography",
    ),
    Kind(
        "comorbidity",
        Comorbidity,
        "Any of several other diseases.",
        (Field("icd10", "texts", "ICD-10 codes, with all below; ranges (I20-I25).", required=True),),
        short="icd10",
    ),
    Kind(
        "laboratory",
        Laboratory,
        "The latest value of a laboratory test within a range.",
        (
            Field("test", "text", "Name or LOINC code.", required=True),
            Field("range", "range", "The range.", required=True),
            Field("unit", "text", "Unit (UCUM)."),
            Field("of", "text", "What it is a multiple of.", choices=("value", "upper_limit", "lower_limit")),
            Field("within_days", "integer", "Greatest age of the value, in days."),
        ),
    ),
    Kind(
        "marker",
        Marker,
        "A marker of the tumour, by status or by score.",
        (
            Field("name", "text", "Its name: PD-L1 TPS, PD-L1 CPS, Ki-67, AR, HER2 ...", required=True),
            Field("status", "text", "Its status.", choices=("positive", "negative", "low")),
            Field("range", "range", "Range of its score."),
        ),
    ),
    Kind(
        "window",
        _window,
        "Days between two events: diagnosis, therapy start of imatinib, therapy stop of radiotherapy ...",
        (
            Field("first", "text", "The event that days are counted from.", required=True),
            Field("then", "text", "The event they are counted to.", required=True),
            Field("days", "range", "The range of days.", required=True),
        ),
    ),
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
        "Consent, as recorded: the latest answer counts.",
        (Field("to", "text", "What to.", required=True),),
        short="to",
    ),
)
"""Every clinical kind that can be written."""
