"""Fusions and splice variants as Illumina's TSO500 names them, in words that the molecular profile reads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kohort.codes import genes
from kohort.sources.laboratory.cells import place

__all__ = ["Pair", "gene_pair", "junction", "splice_words"]

_EXONS = re.compile(r"(\d+)(?:\s*(?:-|,|;|to)\s*(?:\d+\s*,\s*)*(\d+))?(?:/\d+)?")
_ALTERNATIVES = re.compile(r"[/;]")
_CRYPTIC_EXON_3 = (66_914_514, 67_694_672)
"""First base of AR's cryptic exon 3 in GRCh37 and GRCh38: exon 3 joined to it is AR-V7."""
_NEAR = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Genes of a fusion.

    Attributes:
        gene: first gene; the 5' partner where the caller knew the direction.
        partner: second gene; None if the text names only one.
        ambiguous: True where a side of the fusion lies in several genes; the first that HGNC knows was taken.
    """

    gene: str
    partner: str | None
    ambiguous: bool = False


def gene_pair(text: str) -> Pair:
    """The genes of ``EML4-ALK``, ``EML4/ALK`` (direction unknown), ``EML4--ALK`` or ``EML4::ALK``.

    Symbols may hold hyphens (``HLA-A``, ``NKX2-1``), and a side may be several overlapping genes, divided by ``/`` or
    ``;`` (``PPARG/AC016683.6-PAX8``): the division that leaves the most symbols known to HGNC is right.
    """
    for mark in ("::", "--"):
        if mark in text:
            left, _, right = text.partition(mark)
            return _pair(left, right)
    divisions = [(text[:i], text[i + 1 :]) for sign in "-/" for i, found in enumerate(text) if found == sign]
    divisions = [sides for sides in divisions if all(sides)]
    if not divisions:
        return Pair(text.strip(), None)
    return _pair(*max(divisions, key=lambda sides: sum(_known(side) is not None for side in sides)))


def _pair(left: str, right: str) -> Pair:
    sides = [side.strip() for side in (left, right)]
    one, other = (_known(side) or _ALTERNATIVES.split(side)[0] for side in sides)
    return Pair(one, other or None, any(_ALTERNATIVES.search(side) for side in sides))


def _known(side: str) -> str | None:
    return next((name for name in _ALTERNATIVES.split(side.strip()) if genes.resolve(name) is not None), None)


def splice_words(gene: str, exons: str | None, second: str | None) -> str | None:
    """A splice variant in words; None where the file does not say which exons are affected.

    Args:
        gene: the gene.
        exons: affected exons as written: ``14``, ``2-7``, ``2-3/28``; None if blank.
        second: second breakpoint, e.g. ``chrX:66914514``.

    EGFR without exons 2 to 7 is variant III. AR-V7 ends in a cryptic exon that has no number, so that the column is
    blank; it is known by the place where that exon begins.
    """
    if exons is not None and ("V7" in exons.upper() or "CE3" in exons.upper()):
        return "alternative transcript V7"
    span = _EXONS.fullmatch(exons.strip()) if exons is not None else None
    if span is None:
        at = place(second)[1]
        cryptic = at is not None and any(abs(at - start) <= _NEAR for start in _CRYPTIC_EXON_3)
        return "alternative transcript V7" if gene == "AR" and cryptic else None
    first, last = int(span[1]), int(span[2] or span[1])
    if gene == "EGFR" and (first, last) == (2, 7):
        return "vIII"
    return f"exon {first} skipping" if first == last else f"exon {first}-{last} skipping"


def junction(first: str | None, second: str | None) -> dict[str, object]:
    """Columns of table ``variant`` for two breakpoints; the second has a place of its own on the same chromosome."""
    (chromosome, start), (other, end) = place(first), place(second)
    if start is None:
        return {}
    if other == chromosome and end is not None:
        start, end = min(start, end), max(start, end)
        return {"chromosome": chromosome, "position": start, "end_position": end}
    return {"chromosome": chromosome, "position": start}
