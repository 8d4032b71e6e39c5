"""Which kinds of criteria the engine decides, and from which rows. Every other kind is pulled.

A kind can be pushed down if its rule judges *row by row*: what a row says depends on the row alone, and a person's
value on which judgements occur among the person's rows. Rules that set rows against each other, or count them, read
the few columns they need through the engine and run in the process instead.

==========================================================  =====================================================
pushed                                                      rows
==========================================================  =====================================================
Mutation, WildType, CopyNumber, Fusion, Rearrangement       variants of the genes; tests with panel and gaps
Msi, Mmr, Tmb                                               findings, tests
Signature, Receptor                                         findings
Diagnosis, Histology                                        tumours
Stage, Metastatic                                           stagings; tumours, specimens, findings of status
Sex                                                         persons
PriorTherapy                                                items with their course; courses without items
==========================================================  =====================================================

==========================================================  =====================================================
pulled                                                      why
==========================================================  =====================================================
Age                                                         birth dates known in part, bounded by the tumours
PerformanceStatus, Laboratory                               the latest of several rows decides
Marker                                                      HER2-low sets two tests against each other
DiseaseStatus, MetastasisSite, Comorbidity                  one row takes another's weight away
SystemicLines, TherapySince, Window                         rows of a person are counted, or put in order
Consent, FreeText, Unread                                   nothing to speak of is read
==========================================================  =====================================================
"""

from __future__ import annotations

from kohort.match.criteria.clinical import Diagnosis, Metastatic, Receptor, Sex, Stage
from kohort.match.criteria.course import Histology
from kohort.match.criteria.logic import Leaf
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
from kohort.match.criteria.treatment import PriorTherapy
from kohort.match.pushdown.relations import BareCourses, GivenDrugs, Relation, Tests, Variants

__all__ = ["PLANS"]

_COVERAGE = Tests(columns=("assay", "panel", "coverage", "quality"))
_SMALL = Variants(
    columns=("class", "gene", "hgvs_p", "classification", "exon"),
    only=("class", ("snv", "indel")),
    detail=("hgvs_p", "exon"),
)
_COPIES = Variants(columns=("class", "gene", "copies"), only=("class", ("cnv",)))
_REARRANGED = Variants(
    columns=("class", "gene", "partner"), only=("class", ("sv", "fusion")), named=("gene", "partner")
)


def _findings(kind: str, *columns: str, number: str | None = None) -> Relation:
    return Relation("finding", ("kind", *columns), "found", ("kind", (kind,)), number)


def _tumours(*columns: str) -> Relation:
    return Relation("tumour", ("kind", *columns), "diagnosed")


_IHC = _findings("ihc", "code_code", "value_code")
_MSI = (_findings("msi", "value_code"), Tests(columns=("msi",)))

PLANS: dict[type[Leaf], tuple[Relation, ...]] = {
    Mutation: (_SMALL, _COVERAGE),
    WildType: (_SMALL, _COVERAGE),
    CopyNumber: (_COPIES, _COVERAGE),
    Fusion: (_REARRANGED, _COVERAGE),
    Rearrangement: (_REARRANGED, _COVERAGE),
    Msi: _MSI,
    Mmr: (*_MSI, _IHC),
    Tmb: (_findings("tmb", "comparator", number="value_number"), Tests(number="tmb")),
    Signature: (_findings("marker", "code_system", "code_code", "value_code"),),
    Receptor: (_IHC,),
    Diagnosis: (_tumours("oncotree_code"),),
    Histology: (_tumours("topography_system", "topography_code", "morphology_code", "behaviour"),),
    Stage: (Relation("stage", ("stage_group",), "assessed"),),
    Metastatic: (
        Relation("stage", ("m",), "assessed"),
        _tumours(),
        Relation("specimen", ("kind",), "collected"),
        _findings("status", "code_code", "code_text", "value_code", "value_text"),
    ),
    Sex: (Relation("person", ("sex_code",)),),
    PriorTherapy: (GivenDrugs(), BareCourses()),
}
"""The rows that decide each kind that is pushed down."""
