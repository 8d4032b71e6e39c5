"""Kinds of leaves of Kohort's YAML that ask for alterations."""

from __future__ import annotations

from typing import get_args

from kohort.match.criteria.molecular import (
    CALLS,
    CopyNumber,
    Function,
    Fusion,
    Mmr,
    MmrStatus,
    Msi,
    MsiStatus,
    Mutation,
    Rearrangement,
    Signature,
    SignatureName,
    Tmb,
    WildType,
)
from kohort.match.trials.declared_model import Field, Kind

__all__ = ["MOLECULAR_KINDS"]

_GENE = Field("gene", "text", "Gene symbol (HGNC); aliases are resolved.", required=True)

MOLECULAR_KINDS: tuple[Kind, ...] = (
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
            Field(
                "function",
                "text",
                "What the change does, by the table of known effects; pathogenic stands for either of the others.",
                choices=get_args(Function),
            ),
        ),
        short="gene",
    ),
    Kind("wild_type", WildType, "Tested for mutations, none found.", (_GENE,), short="gene"),
    Kind(
        "copy_number",
        CopyNumber,
        "A discrete copy-number call of a gene.",
        (_GENE, Field("call", "text", "The call; left out: any change.", choices=tuple(CALLS))),
        short="gene",
    ),
    Kind(
        "fusion",
        Fusion,
        "A fusion of a gene, with one partner or any, in either order.",
        (_GENE, Field("partner", "text", "The other gene; left out: any.")),
        short="gene",
    ),
    Kind(
        "rearrangement",
        Rearrangement,
        "A structural variant of any sort, in either order; within one gene, and with a place between genes, too.",
        (
            _GENE,
            Field("partner", "text", "The other end: a gene, any (a gene is named), intergenic; left out: anything."),
        ),
        short="gene",
    ),
    Kind(
        "mmr",
        Mmr,
        "Mismatch repair, by immunohistochemistry or read off the microsatellites.",
        (Field("status", "text", "The status.", required=True, choices=get_args(MmrStatus)),),
        short="status",
    ),
    Kind(
        "signature",
        Signature,
        "A mutational signature as reported.",
        (
            Field("name", "text", "The signature.", required=True, choices=get_args(SignatureName)),
            Field("present", "truth", "False if it must have been looked for and not seen; left out: true."),
        ),
        short="name",
    ),
    Kind(
        "msi",
        Msi,
        "Microsatellite status.",
        (Field("status", "text", "The status.", required=True, choices=get_args(MsiStatus)),),
        short="status",
    ),
    Kind(
        "tmb",
        Tmb,
        "Tumour mutational burden within a range.",
        (Field("per_mb", "range", "Mutations per megabase.", required=True),),
        short="per_mb",
    ),
)
"""Every molecular kind that can be written."""
