"""Kohort's YAML for trials, declared once: reader, JSON Schema and manual come from these declarations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
from kohort.match.logic import Criterion
from kohort.match.molecular import CALLS, CopyNumber, Fusion, Msi, Mutation, Tmb, WildType

__all__ = ["COHORT", "DESIGN", "FORMAT", "KINDS", "TRIAL", "Field", "FieldType", "Kind"]

FORMAT = "kohort-trial/1"

FieldType = Literal["text", "texts", "integer", "number", "truth", "range", "criteria", "design", "cohorts"]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping.

    Attributes:
        name: the key.
        type: what its value is.
        words: a sentence for people.
        required: True if it cannot be left out.
        choices: the only texts allowed; empty for any.
    """

    name: str
    type: FieldType
    words: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of leaf.

    Attributes:
        key: how it is written.
        make: the criterion it makes, from its fields by name.
        words: a sentence for people.
        fields: its fields; none means that it is written ``key: true``.
        short: the field that a bare value fills: ``diagnosis: MEL``.
    """

    key: str
    make: Callable[..., Criterion]
    words: str
    fields: tuple[Field, ...] = ()
    short: str = ""


_GENE = Field("gene", "text", "Gene symbol (HGNC); aliases are resolved.", required=True)

KINDS: tuple[Kind, ...] = (
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
        "mutation",
        Mutation,
        "A small variant of a gene; all that is given must hold of one variant.",
        (
            _GENE,
            Field("protein_change", "text", "Exactly this change, in any notation."),
            Field("codon", "integer", "Substitution by another amino acid at this residue."),
            Field("exon", "integer", "Exon number."),
            Field("classes", "texts", "MAF variant classes, or truncating."),
        ),
        short="gene",
    ),
    Kind("wild_type", WildType, "Tested for mutations, none found.", (_GENE,), short="gene"),
    Kind(
        "copy_number",
        CopyNumber,
        "A discrete copy-number call of a gene.",
        (_GENE, Field("call", "text", "The call.", required=True, choices=tuple(CALLS))),
    ),
    Kind(
        "fusion",
        Fusion,
        "A fusion of a gene, with one partner or any, in either order.",
        (_GENE, Field("partner", "text", "The other gene; left out: any.")),
        short="gene",
    ),
    Kind(
        "msi",
        Msi,
        "Microsatellite status.",
        (Field("status", "text", "The status.", required=True, choices=("MSI-H", "MSI-L", "MSS")),),
        short="status",
    ),
    Kind(
        "tmb",
        Tmb,
        "Tumour mutational burden within a range.",
        (Field("per_mb", "range", "Mutations per megabase.", required=True),),
        short="per_mb",
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
"""Every kind of leaf that can be written."""

DESIGN: tuple[Field, ...] = (
    Field("r1", "integer", "Stop after stage 1 if at most this many respond.", required=True),
    Field("n1", "integer", "Patients of stage 1.", required=True),
    Field("r", "integer", "Negative in the end if at most this many respond.", required=True),
    Field("n", "integer", "Patients of both stages.", required=True),
    Field("p0", "number", "Response rate that is of no interest.", required=True),
    Field("p1", "number", "Response rate that is.", required=True),
)

COHORT: tuple[Field, ...] = (
    Field("id", "text", "Identifier within the trial.", required=True),
    Field("title", "text", "Title for people.", required=True),
    Field("drugs", "texts", "Drugs (INN).", required=True),
    Field("design", "design", "Two-stage design; left out: the trial's."),
    Field("criteria", "criteria", "Who may enter, the trial's criteria apart.", required=True),
    Field("status", "text", "Whether it takes patients.", choices=("open", "closed")),
    Field("endpoint", "text", "What counts as a response; left out: the trial's."),
    Field("source", "text", "Where the cohort is described.", required=True),
    Field("illustrative", "truth", "True if no real trial has this cohort."),
)

TRIAL: tuple[Field, ...] = (
    Field("format", "text", "Marks Kohort's own format.", required=True, choices=(FORMAT,)),
    Field("id", "text", "Identifier, e.g. a registry number.", required=True),
    Field("title", "text", "Title for people.", required=True),
    Field("phase", "text", "Phase."),
    Field("countries", "texts", "ISO 3166 codes."),
    Field("note", "text", "What a reader must know about this file."),
    Field("by_hand", "texts", "Conditions that people check at enrolment, outside the verdict."),
    Field("design", "design", "Two-stage design of cohorts that give none."),
    Field("endpoint", "text", "Endpoint of cohorts that give none."),
    Field("criteria", "criteria", "What every cohort asks."),
    Field("cohorts", "cohorts", "The treatment cohorts.", required=True),
)
