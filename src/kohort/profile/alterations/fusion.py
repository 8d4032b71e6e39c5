"""Names of gene fusions: ``EML4::ALK``, ``EML4--ALK``, ``EML4-ALK``, ``EML4/ALK``, ``EML4(e13)::ALK(e20)``.

``::`` is the notation of HGNC (Bruford et al., Leukemia 2021, doi 10.1038/s41375-021-01436-6). A single
hyphen is ambiguous, since gene symbols hold hyphens (``HLA-A``, ``NKX2-1``): it is read only where one way to
cut the text gives genes.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kohort.codes import genes
from kohort.profile.alterations.alteration import Alteration

__all__ = ["gene_symbol", "parse_fusion"]

_TAIL = re.compile(r"\s+(?:fusions?|rearrangements?|translocations?)$", re.IGNORECASE)
_NO_PARTNER = frozenset(
    {"POSITIVE", "NEGATIVE", "MUTANT", "ALTERED", "REARRANGED", "INTRAGENIC", "INHIBITOR", "TKD", "CNV", "IHC", "FISH"}
)
"""Words seen after a hyphen that are no genes."""

_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9.@-]*")
_UNKNOWN_SYMBOL = re.compile("[A-Z][A-Z0-9]{2,9}(?:-[0-9]{1,2})?")
_EXONS = re.compile(r"\((?:e|ex|exon)? ?[0-9]+\)|:(?:e|ex|exon)[0-9]+\b", re.IGNORECASE)
_BREAKPOINTS = re.compile(
    r"\s+(?:e[0-9]+[a-z]?(?:-|::|[;,:]\s?)[ea][0-9]+[a-z]?|\(?e[0-9]+[a-z]?[;:,]\s?[ea][0-9]+[a-z]?\)?)$", re.IGNORECASE
)
EXONS_NOT_KEPT = "The breakpoint exons are not kept."
_TRADITIONAL = {"ABL": "ABL1"}
"""Names that live on in fusions although they mean several genes by now (``BCR-ABL``)."""

_UNKNOWN_PARTNER = "The fusion partner is not a known gene; it is kept as written."


def gene_symbol(name: str) -> str | None:
    """The HGNC symbol of a gene name, alias or previous symbol; None if it is unknown or ambiguous."""
    found = genes.resolve(name)
    return None if found is None else found.symbol


def parse_fusion(text: str, gene: str | None) -> Alteration | None:
    """The fusion named by ``text``; None if it names none, or more than one.

    Args:
        text: two genes joined by ``::``, ``--``, ``-``, ``/`` or ``=``, perhaps followed by ``fusion``.
        gene: symbol of the gene the text was written for; it must be one of the two.
    """
    plain = _TAIL.sub("", text.strip())
    short = _EXONS.sub("", _BREAKPOINTS.sub("", plain))
    if short != plain:
        found = parse_fusion(short, gene)
        return found and replace(found, findings=(*found.findings, EXONS_NOT_KEPT))
    for mark in ("::", "--"):
        if plain.count(mark) == 1:
            left, right = (side.strip() for side in plain.split(mark))
            return _fusion(left, right, gene) if left and right else _any_partner(_side(left or right), gene)
    if gene_symbol(plain) is not None:
        return None
    cuts = [(plain[: m.start()], plain[m.end() :]) for m in re.finditer("[-/=]", plain)]
    known = [cut for cut in cuts if _side(cut[0]) and _side(cut[1])]
    if not known and gene is not None:
        known = [cut for cut in cuts if gene in {_side(side) for side in cut} and not _NO_PARTNER & set(cut)]
        known = [cut for cut in known if all(_side(side) or _UNKNOWN_SYMBOL.fullmatch(side) for side in cut)]
    return _fusion(*known[0], gene) if len(known) == 1 else None


def _side(name: str) -> str | None:
    return _TRADITIONAL.get(name.upper()) or gene_symbol(name)


def _fusion(left: str, right: str, gene: str | None) -> Alteration | None:
    if not (_SYMBOL.fullmatch(left) and _SYMBOL.fullmatch(right)):
        return None
    first, second = _side(left), _side(right)
    findings = () if first and second else (_UNKNOWN_PARTNER,)
    first, second = first or left, second or right
    if "V" in {left.upper(), right.upper()}:
        return _any_partner(first if right.upper() == "V" else second, gene)
    if gene not in {None, first, second}:
        return None
    if first == second:
        return Alteration(first, "intragenic rearrangement")
    five_prime = gene != second
    return Alteration(
        gene=first if five_prime else second,
        kind="fusion",
        partner=second if five_prime else first,
        five_prime=five_prime,
        findings=findings,
    )


def _any_partner(known: str | None, gene: str | None) -> Alteration | None:
    """CIViC writes ``v::ALK`` for a fusion of ALK with whatever gene, PCGR ``--ALK`` for one with no known gene."""
    return Alteration(known, "fusion") if known is not None and gene in {None, known} else None
