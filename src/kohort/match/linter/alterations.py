"""Mutations and rearrangements as states: each distinct sort of event that some leaves can tell apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import Any

from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.molecular import Fusion, Mutation, Rearrangement, WildType
from kohort.match.criteria.vocabulary import CODING_SILENT, is_change, protein_change
from kohort.match.linter.states import Space

__all__ = ["mutations", "rearrangements"]

_OTHER = "other"

_SPLICE = ("Splice_Region", "Splice_Site")
_CLASSES_OF_KIND = {
    kind: frozenset({*classes, *_SPLICE})
    for kind, classes in {
        "missense": ("Missense_Mutation",),
        "nonsense": ("Nonsense_Mutation",),
        "frameshift": ("Frame_Shift_Del", "Frame_Shift_Ins"),
        "inframe deletion": ("In_Frame_Del",),
        "inframe insertion": ("In_Frame_Ins",),
        "duplication": ("In_Frame_Ins",),
    }.items()
}
"""The MAF classes that a kind of protein change can have (any of them may lie at a splice site); a kind that is
not here can have any."""


@dataclass(frozen=True, slots=True)
class _Variant:
    """One sort of small variant of a gene; ``other`` stands for all that no leaf names."""

    change: str
    codon: int | None
    exon: int | str
    variant_class: str
    function: str


def mutations(leaves: Collection[Leaf]) -> Space:
    """The sorts of small variants of one gene.

    Wild type is met by the variants that rule it out: it asks for their absence.
    """
    asked = [leaf for leaf in leaves if isinstance(leaf, Mutation)]
    exons = sorted({leaf.exon for leaf in asked if leaf.exon is not None})
    named = {name for leaf in asked for name in leaf.classes}
    plain = sorted({*named, "Missense_Mutation", _OTHER, "Silent"})
    states = [
        _Variant(text, codon, exon, name, function)
        for text, codon, classes in _changes(asked)
        for exon, name, function in product(
            (*exons, _OTHER), plain if classes is None else sorted(classes), ("activating", "inactivating", _OTHER)
        )
    ]
    return Space(states, _is_met, "any")


def _changes(asked: Collection[Mutation]) -> list[tuple[str, int | None, frozenset[str] | None]]:
    """Changes that some leaves name or stand for: text, residue if it is a substitution, classes."""
    found: dict[str, tuple[int | None, frozenset[str] | None]] = {_OTHER: (None, None)}
    for leaf in asked:
        if leaf.codon is not None:
            found[f"{_OTHER} {leaf.codon}"] = (leaf.codon, _CLASSES_OF_KIND["missense"])
        change = None if leaf.protein_change is None else protein_change(leaf.protein_change, leaf.gene)
        if change is not None:
            codon = change.position if change.kind == "missense" else None
            found[change.text] = (codon, _CLASSES_OF_KIND.get(change.kind))
    return [(text, codon, classes) for text, (codon, classes) in found.items()]


def _is_met(leaf: Mutation | WildType, variant: _Variant) -> bool:
    silent = variant.variant_class in CODING_SILENT
    if isinstance(leaf, WildType):
        return not silent
    if variant.variant_class not in leaf.classes if leaf.classes else silent:
        return False
    return (
        (leaf.exon is None or leaf.exon == variant.exon)
        and (leaf.codon is None or leaf.codon == variant.codon)
        and (leaf.protein_change is None or _is_named(leaf, variant.change))
        and (leaf.function is None or variant.function in _effects(leaf.function))
    )


def _is_named(leaf: Mutation, change: str) -> bool:
    if change.startswith(_OTHER):
        return False
    return is_change(str(leaf.protein_change), change, leaf.gene) is True


def _effects(function: str) -> tuple[str, ...]:
    return ("activating", "inactivating") if function == "pathogenic" else (function,)


_BETWEEN = "between genes"


def rearrangements(leaves: Collection[Leaf]) -> Space:
    """The sorts of structural variants, as two ends."""
    genes = {end for leaf in leaves for end in _ends(leaf)}
    ends = [*sorted(genes), _OTHER, f"{_OTHER} 2", _BETWEEN]
    return Space(list(combinations_with_replacement(ends, 2)), _joins, "any")


def _ends(leaf: Any) -> list[str]:
    return [end for end in (leaf.gene, leaf.partner) if end not in {None, "any", "intergenic"}]


def _joins(leaf: Fusion | Rearrangement, ends: tuple[str, str]) -> bool:
    return any(_joins_in_order(leaf, left, right) for left, right in (ends, ends[::-1]))


def _joins_in_order(leaf: Fusion | Rearrangement, left: str, right: str) -> bool:
    if leaf.gene is not None and left != leaf.gene:
        return False
    if isinstance(leaf, Fusion):
        return right not in {left, _BETWEEN} if leaf.partner is None else right == leaf.partner
    match leaf.partner:
        case None:
            return True
        case "any":
            return right != _BETWEEN
        case "intergenic":
            return right == _BETWEEN
        case _:
            return right == leaf.partner
