"""The columns of MatchMiner's documents: what they tell of a document, which have a place, which may name a patient."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

__all__ = ["IDS", "KNOWN", "PRIVATE", "SIGNATURES", "Kind", "kind_of", "kind_of_name", "kinds_of_keys"]

Kind = Literal["clinical", "genomic", "prior_treatments"]

SIGNATURES = {
    "APOBEC_STATUS": "APOBEC", "POLE_STATUS": "POLE", "TABACCO_STATUS": "tobacco", "TOBACCO_STATUS": "tobacco",
    "TEMOZOLOMIDE_STATUS": "temozolomide", "UVA_STATUS": "UV",
}  # fmt: skip
"""Columns of mutational signatures and the names of the signatures; MatchMiner spells tobacco TABACCO."""

IDS = frozenset({"_ID", "CLINICAL_ID", "SAMPLE_ID", "MRN"})
"""Columns that say whose a document is."""
_BOOKKEEPING = frozenset({"_UPDATED", "_CREATED", "_ETAG"})
"""When and by whom the document was stored: nothing about a patient."""
_TELLING: dict[Kind, frozenset[str]] = {
    "clinical": frozenset(
        {"MRN", "GENDER", "BIRTH_DATE", "BIRTH_DATE_INT", "VITAL_STATUS", "ONCOTREE_PRIMARY_DIAGNOSIS_NAME"}
    ),
    "genomic": frozenset(
        {"VARIANT_CATEGORY", "TRUE_HUGO_SYMBOL", "HARMONIZED_HUGO_SYMBOL", "TRUE_PROTEIN_CHANGE", "CNV_CALL",
         "WILDTYPE", "LEFT_PARTNER_GENE", "RIGHT_PARTNER_GENE", "STRUCTURAL_VARIANT_COMMENT", "MMR_STATUS", *SIGNATURES}
    ),
    "prior_treatments": frozenset({"DRUG"}),
}  # fmt: skip
"""Columns that tell what a document is."""

KNOWN: dict[Kind, frozenset[str]] = {
    "clinical": IDS | _BOOKKEEPING | _TELLING["clinical"] | {
        "ONCOTREE_PRIMARY_DIAGNOSIS", "ONCOTREE_BIOPSY_SITE_TYPE", "TUMOR_PURITY_PERCENT", "REPORT_DATE",
        "TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE", "PANEL_VERSION", "MMR_STATUS", *SIGNATURES,
    },
    "genomic": IDS | _BOOKKEEPING | _TELLING["genomic"] | {
        "TRUE_CDNA_CHANGE", "TRUE_VARIANT_CLASSIFICATION", "TRUE_TRANSCRIPT_EXON", "TRUE_CDNA_TRANSCRIPT_ID",
        "HARMONIZED_PROTEIN_CHANGE", "HARMONIZED_CDNA_CHANGE", "HARMONIZED_VARIANT_CLASSIFICATION",
        "HARMONIZED_TRANSCRIPT_EXON", "ALLELE_FRACTION", "CHROMOSOME", "POSITION", "REFERENCE_ALLELE",
        "ALTERNATE_ALLELE", "COVERAGE", "SOMATIC_STATUS", "REFERENCE_GENOME", "STRUCTURAL_VARIANT_TYPE",
    },
    "prior_treatments": IDS | _BOOKKEEPING | {"DRUG"},
}  # fmt: skip
"""Columns that have a place in the standard tables, or hold nothing about a patient."""

PRIVATE = IDS | {"BIRTH_DATE", "BIRTH_DATE_INT", "REPORT_DATE", "STRUCTURAL_VARIANT_COMMENT"}
"""Columns whose values may name a patient."""

_COLLECTIONS: dict[str, Kind] = {
    "clinical": "clinical", "genomic": "genomic", "prior_treatment": "prior_treatments",
    "prior_treatments": "prior_treatments",
}  # fmt: skip
_NAMED: tuple[tuple[str, Kind], ...] = (
    ("clinical", "clinical"), ("genomic", "genomic"), ("prior_treatment", "prior_treatments"),
    ("prior-treatment", "prior_treatments"), ("treatment", "prior_treatments"),
)  # fmt: skip


def kind_of(columns: tuple[str, ...], collection: str, hint: Kind | None) -> Kind | None:
    """What a document is: by the list that holds it, by its columns, or else by the name of its file."""
    return _COLLECTIONS.get(collection.casefold()) or _by_columns(columns) or hint


@functools.lru_cache(maxsize=1 << 12)
def _by_columns(columns: tuple[str, ...]) -> Kind | None:
    present = frozenset(columns)
    if "VARIANT_CATEGORY" in present:
        return "genomic"
    if "DRUG" in present:
        return "prior_treatments"
    told: list[tuple[int, Kind]] = [(len(present & telling), kind) for kind, telling in _TELLING.items()]
    count, best = max(told)
    return best if count else None


def kind_of_name(path: Path) -> Kind | None:
    """What a file holds as its name or that of its folder says."""
    for name in (path.name.casefold(), path.parent.name.casefold()):
        for word, kind in _NAMED:
            if word in name:
                return kind
    return None


def kinds_of_keys(keys: Iterable[str]) -> frozenset[Kind]:
    """What a file may hold, by all the keys found in it; empty if it is none of MatchMiner's.

    One telling column alone is not enough: an id that links the document must be there too.
    """
    present = frozenset(keys)
    links: dict[Kind, Iterable[str]] = {
        "clinical": {"SAMPLE_ID", "_ID"},
        "genomic": {"SAMPLE_ID", "CLINICAL_ID"},
        "prior_treatments": IDS,
    }
    return frozenset(
        kind for kind, telling in _TELLING.items() if present & telling and present.intersection(links[kind])
    )
