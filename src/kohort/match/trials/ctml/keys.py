"""The keys of CTML by node, as matchengine-V2 is configured for them, and those of the dialects."""

from __future__ import annotations

import difflib

__all__ = [
    "CLINICAL_KEYS",
    "COMMENTS",
    "GENOMIC_KEYS",
    "IGNORED_CLINICAL",
    "JUDGED",
    "MAPPED_CLINICAL",
    "MAPPED_GENOMIC",
    "NODES",
    "PRIOR_KEYS",
    "SIGNATURES",
    "key_remedy",
    "node_of",
    "operator_of",
]

NODES = {
    "clinical": "clinical",
    "genomic": "genomic",
    "prior_treatments": "prior_treatments",
    "prior_treatment": "prior_treatments",
}
"""Names of nodes, with a dialect's, to the name that the engine knows."""

IGNORED_CLINICAL = frozenset({"her2_status", "er_status", "pr_status", "disease_status"})
"""Clinical keys that the engine drops in silence."""

MAPPED_CLINICAL = frozenset({"age_numerical", "tmb_numerical", "gender", "oncotree_primary_diagnosis"})
"""Clinical keys that the engine looks up."""

JUDGED = {
    "pdl1_status": "PD-L1 status",
    "active_brain_metastases_allowed": "active brain metastases allowed",
    "brca1_germline_mutation": "BRCA1 germline mutation",
    "molecular_marker_other": "another molecular marker",
}
"""Clinical keys that people have to judge, in words."""

CLINICAL_KEYS = (
    MAPPED_CLINICAL | IGNORED_CLINICAL | JUDGED.keys() | {"age_expression", "tmb", "number_prior_lines_therapy_allowed"}
)
"""All clinical keys that are understood."""

SIGNATURES = {
    "apobec_signature": "APOBEC",
    "pole_signature": "POLE",
    "tobacco_signature": "tobacco",
    "temozolomide_signature": "temozolomide",
    "uva_signature": "UV",
    "apobec_status": "APOBEC",
    "pole_status": "POLE",
    "tobacco_status": "tobacco",
    "tabacco_status": "tobacco",
    "temozolomide_status": "temozolomide",
    "uva_status": "UV",
}
"""Keys of signatures; those that end in ``_status`` are the columns that dialects use as keys."""

MAPPED_GENOMIC = frozenset(
    {
        "hugo_symbol",
        "variant_category",
        "protein_change",
        "wildcard_protein_change",
        "exon",
        "true_transcript_exon",
        "variant_classification",
        "cnv_call",
        "wildtype",
        "mmr_status",
        "ms_status",
        "fusion_partner_hugo_symbol",
        *SIGNATURES,
    }
) - {"tobacco_status"}
"""Genomic keys that the engine looks up. A column of the patients works as a key too; the one for tobacco is
misspelt ``TABACCO_STATUS``."""

GENOMIC_KEYS = MAPPED_GENOMIC | {"tobacco_status", "molecular_function", "match_all"}
"""All genomic keys that are understood."""

COMMENTS = frozenset({"display_name", "matching_examples"})
"""Keys that say nothing about a patient."""

PRIOR_KEYS = frozenset({"drug", "agent", "prior_treatment_agent"})
"""Keys of a prior treatment; the engine knows ``drug``."""


def node_of(key: str) -> str | None:
    """The node that a key belongs to, None for a key that is not known."""
    homes = {"clinical": CLINICAL_KEYS, "genomic": GENOMIC_KEYS, "prior_treatments": PRIOR_KEYS}
    return next((node for node, keys in homes.items() if key.lower() in keys), None)


def operator_of(key: str) -> str | None:
    """``and`` or ``or`` if a key begins so, in any case; None for a leaf."""
    folded = key.lower()
    if folded in NODES or node_of(folded):
        return None
    return next((operator for operator in ("and", "or") if folded.startswith(operator)), None)


def key_remedy(key: str, keys: frozenset[str]) -> str:
    """What to write in place of a key that is not known."""
    near = difflib.get_close_matches(key.lower(), [*keys], n=1, cutoff=0.7)
    return f"Did you mean {near[0]!r}?" if near else "Leave it out, or write it as one of the keys of CTML."
