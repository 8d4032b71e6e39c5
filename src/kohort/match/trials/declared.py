"""Kohort's YAML for trials, declared once: reader, JSON Schema and manual come from these declarations."""

from __future__ import annotations

from kohort.match.trials.declared_clinical import CLINICAL_KINDS
from kohort.match.trials.declared_model import Field, FieldType, Kind
from kohort.match.trials.declared_molecular import MOLECULAR_KINDS

__all__ = ["COHORT", "DESIGN", "FORMAT", "KINDS", "TRIAL", "Field", "FieldType", "Kind"]

FORMAT = "kohort-trial/1"

KINDS: tuple[Kind, ...] = (*CLINICAL_KINDS, *MOLECULAR_KINDS)
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
    Field("status", "text", "Whether it takes patients.", choices=("open", "suspended", "closed")),
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
