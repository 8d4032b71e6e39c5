"""Protein domains that classes of alterations name, and the residues they hold."""

from __future__ import annotations

import functools

from kohort.profile.own_data import own_table

__all__ = ["DOMAIN_NAMES", "domain_ranges"]

_NAMES: dict[str, tuple[str, ...]] = {
    "kinase domain": ("tkd", "tyrosine kinase domain", "protein kinase domain", "tk domain", "catalytic domain"),
    "pseudokinase domain": ("jh2 domain", "jh2"),
    "P-loop": ("p loop", "p loop domain", "phosphate binding loop", "glycine rich loop"),
    "activation loop": ("a loop",),
    "juxtamembrane domain": ("jmd", "jm domain", "juxtamembrane", "juxtamembrane region"),
    "extracellular domain": ("ecd", "extracellular"),
    "transmembrane domain": ("tmd", "transmembrane"),
    "ligand-binding domain": ("ligand binding domain", "lbd"),
    "DNA-binding domain": ("dna binding domain", "dbd"),
    "helical domain": ("helical",),
    "exonuclease domain": ("proofreading domain", "exonuclease", "edm"),
    "B-box 2": ("b box 2", "b2 domain", "b2", "b box 2 domain"),
    "bZIP domain": ("bzip",),
    "BRCT domain": ("brct",),
    "PH domain": ("pleckstrin homology domain",),
    "RING domain": ("ring", "ring finger"),
    "Runt domain": ("runt",),
    "SET domain": ("set",),
    "N-terminal": ("n terminal", "n terminus", "n terminal domain"),
    "C-terminal": ("c terminal", "c terminus", "c terminal domain"),
}

DOMAIN_NAMES: dict[str, str] = {name.lower(): name for name in _NAMES} | {
    other: name for name, others in _NAMES.items() for other in others
}
"""Names of domains in lower case, without hyphens, to the name in use here."""


@functools.cache
def domain_ranges() -> dict[tuple[str, str], tuple[tuple[int, int], ...]]:
    """First and last residue of domains, by gene and name; a domain may have several stretches."""
    ranges: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {}
    for gene, domain, first, last, _ in own_table("domains.tsv"):
        ranges[gene, domain] = (*ranges.get((gene, domain), ()), (int(first), int(last)))
    return ranges
