"""``G719X`` of EGFR stands for any residue in reports and trials; elsewhere X is a stop (``R445X``).

The two are told apart by what is known of the codon: one of an oncogene at which evidence names several substitutions,
and no stop, is a hotspot, where a stop would not activate and is not what is meant. A classification that says so
makes it a stop all the same.
"""

from __future__ import annotations

import functools
import re

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.residues import known_residues
from kohort.profile.own_data import own_table

__all__ = ["ANY_RESIDUE", "parse_any_residue"]

ANY_RESIDUE = "X is read as any residue, as reports write of this codon; a stop would be written *."

_SEVERAL = 2
_WRITTEN = re.compile(r"(?:p\.)?\(?([ACDEFGHIKLMNPQRSTVWY])([1-9][0-9]{0,4})X\)?")


@functools.cache
def _oncogenes() -> frozenset[str]:
    """Genes whose truncation does not activate them."""
    return frozenset(gene for gene, role, *_ in own_table("function.tsv") if role == "oncogene")


def parse_any_residue(text: str, gene: str | None) -> Alteration | None:
    """The codon that ``text`` names with an X for the new residue; None where X is a stop, or nothing is known.

    Args:
        text: e.g. ``G719X``, ``p.(V600X)``.
        gene: symbol of the gene.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or gene not in _oncogenes():
        return None
    place = known_residues().get(gene, {}).get(int(match[2]))
    if place is None or match[1] not in place.residues:
        return None
    if len(place.substitutions) < _SEVERAL or "*" in place.substitutions:
        return None
    return Alteration(None, "codon", ref=match[1], position=int(match[2]), findings=(ANY_RESIDUE,))
