"""Residues that are counted in two ways: the same place of a protein under another number."""

from __future__ import annotations

import functools

from kohort.profile.own_data import own_table

__all__ = ["other_places"]


@functools.cache
def _counts() -> dict[str, tuple[tuple[int, int, int], ...]]:
    """First and last residue and offset of each other count, by gene."""
    counts: dict[str, tuple[tuple[int, int, int], ...]] = {}
    for gene, first, last, offset, _ in own_table("numberings.tsv"):
        counts[gene] = (*counts.get(gene, ()), (int(first), int(last), int(offset)))
    return counts


def other_places(gene: str, place: int) -> frozenset[int]:
    """Numbers that the residue ``place`` has in other counts of the protein, whichever count it was given in.

    Args:
        gene: HGNC symbol.
        place: number of a residue, from 1.
    """
    counts = _counts().get(gene, ())
    bases = {place} | {place - offset for first, last, offset in counts if first <= place - offset <= last}
    every = bases | {base + offset for base in bases for first, last, offset in counts if first <= base <= last}
    return frozenset(number for number in every if number > 0) - {place}
