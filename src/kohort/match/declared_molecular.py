"""Kinds of leaves of Kohort's YAML that ask for alterations."""

from __future__ import annotations

from kohort.match.declared_model import Field, Kind
from kohort.match.molecular import CALLS, CopyNumber, Fusion, Msi, Mutation, Tmb, WildType

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
)
"""Every molecular kind that can be written."""
