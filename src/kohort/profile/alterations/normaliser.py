"""Reading one alteration, in any notation, into its normal form."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

from kohort.codes import genes
from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.fusion import gene_symbol, parse_fusion
from kohort.profile.alterations.protein import parse_protein
from kohort.profile.alterations.words import CLASSIFICATION_KINDS, MATCHING_KINDS, parse_words

__all__ = [
    "BLANKS",
    "DISAGREE",
    "KIND_FROM_CLASSIFICATION",
    "NOT_GIVEN",
    "NOT_READ",
    "named_gene",
    "normalise",
    "read_change",
]

BLANKS = frozenset({"", ".", "-", "NA", "N/A", "NULL", "NONE"})
"""Texts, upper case, that stand for nothing."""

NOT_READ = "The notation is not known; it is kept as text."
NOT_GIVEN = "No alteration is given."
KIND_FROM_CLASSIFICATION = "No protein change is given; the kind is taken from the classification."
DISAGREE = "The protein change and its classification disagree."
_UNKNOWN_GENE = "The gene is not known to HGNC; it is kept as written."
_OTHER_GENE = "The text names another gene than the gene column; it is kept as text."

_AND = re.compile(r"\s+and\s+|\s*\+\s*|\s+&\s+", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)
_BREAKPOINTS = re.compile(r"\s+e[0-9]+-e[0-9]+$", re.IGNORECASE)
_INTRON_EDGE = re.compile(r"c\.(?:[0-9_]|[*-][0-9])*[0-9][+-][12](?:_[0-9+-]+)?(?:[ACGT]>[ACGT]|del|dup|ins).*")
_LONGEST = 400


def normalise(text: str | None, gene: str | None = None, *, classification: str | None = None) -> Alteration:
    """The alteration that ``text`` means. Never guesses and never raises on odd text.

    Args:
        text: the change as written: ``p.Val600Glu``, ``E746_A750del``, ``exon 19 deletion``, ``EML4-ALK``,
            ``amplification`` ...; None or ``.`` where the source gave none.
        gene: the gene's symbol, alias or previous symbol, if it stands beside the text.
        classification: effect in the words of a MAF or of Sequence Ontology; it fills a blank text, and where
            it contradicts the text that is a finding.

    Returns:
        the normal form. What cannot be read has kind ``text`` and a finding that says so.
    """
    written = "" if text is None else str(text)
    symbol, hgnc_id, findings = named_gene(gene)
    found = read_change(written, symbol, CLASSIFICATION_KINDS.get((classification or "").strip().lower()))
    if symbol is None and found.gene is not None:
        symbol, hgnc_id, findings = named_gene(found.gene)
    return replace(
        found,
        gene=symbol,
        hgnc_id=hgnc_id,
        parts=tuple(sorted((_with_gene(part, symbol, hgnc_id) for part in found.parts), key=_order)),
        as_written=written,
        findings=findings + found.findings,
    )


def read_change(written: str, symbol: str | None, stated: str | None) -> Alteration:
    """The change alone, before its gene is filled in.

    Args:
        written: the text.
        symbol: HGNC symbol of the gene it stands beside.
        stated: the kind that the classification names.
    """
    plain = " ".join(written.split())
    if plain.upper() in BLANKS:
        return _blank(stated)
    found = _read(plain, symbol) if len(plain) <= _LONGEST else None
    return _reconcile(found or Alteration(None, "text", as_written=written, findings=(NOT_READ,)), stated)


def named_gene(name: str | None) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Symbol, HGNC id and findings of a gene as written; symbol as written where HGNC does not know it."""
    plain = (name or "").strip()
    if not plain:
        return None, None, ()
    known = genes.resolve(plain)
    if known is None:
        return plain, None, (_UNKNOWN_GENE,)
    findings = () if known.symbol == plain else (f"The gene {plain!r} is read as {known.symbol}.",)
    return known.symbol, known.hgnc_id, findings


def _with_gene(part: Alteration, symbol: str | None, hgnc_id: str | None) -> Alteration:
    """A part under its own gene, or under the gene of the whole."""
    if part.parts:
        inner = sorted((_with_gene(each, symbol, hgnc_id) for each in part.parts), key=_order)
        return replace(part, gene=symbol, hgnc_id=hgnc_id, parts=tuple(inner))
    if part.gene is None:
        return replace(part, gene=symbol, hgnc_id=hgnc_id)
    known = genes.resolve(part.gene)
    return part if known is None else replace(part, gene=known.symbol, hgnc_id=known.hgnc_id)


def _order(part: Alteration) -> tuple[str, str]:
    """Order of the parts of an alteration, so that equal ones read equal."""
    return (part.gene or "", str(part))


def _blank(stated: str | None) -> Alteration:
    """A blank text: the kind of the classification. MAF leaves splice sites blank, so that is no finding."""
    if stated is None:
        return Alteration(None, "text", findings=(NOT_GIVEN,))
    return Alteration(None, stated, findings=() if stated == "splice" else (KIND_FROM_CLASSIFICATION,))


def _reconcile(found: Alteration, stated: str | None) -> Alteration:
    """Text and classification side by side: a silent change at a splice site is a splice change."""
    if stated == "splice" and found.kind == "synonymous":
        return replace(found, kind="splice", ref="")
    allowed = MATCHING_KINDS.get(stated or "")
    if allowed is not None and found.kind != "text" and found.kind not in allowed:
        return replace(found, findings=(*found.findings, DISAGREE))
    return found


def _read(plain: str, symbol: str | None) -> Alteration | None:
    """The first reading that fits, most specific notation first; None if none does."""
    return (
        parse_words(plain)
        or parse_protein(plain)
        or _intron_edge(plain)
        or _hyphenated(plain, symbol)
        or _joined(plain, symbol)
        or parse_fusion(plain, symbol)
        or _fusion_with_change(plain, symbol)
        or _after_gene(plain, symbol)
    )


def _intron_edge(plain: str) -> Alteration | None:
    """A change of the first or last two bases of an intron, in c. notation: a splice change."""
    return Alteration(None, "splice") if _INTRON_EDGE.fullmatch(plain) else None


def _hyphenated(plain: str, symbol: str | None) -> Alteration | None:
    """A change hyphened to its gene: ``FLT3-ITD``, ``KIT-D816V``; a gene after the hyphen would be a fusion."""
    head, _, rest = plain.rpartition("-")
    named = gene_symbol(head) if head else None
    if named is None or symbol not in {None, named} or gene_symbol(rest) is not None:
        return None
    found = parse_words(rest) or parse_protein(rest)
    return None if found is None else replace(found, gene=named)


def _joined(plain: str, symbol: str | None) -> Alteration | None:
    """``A and B`` (all needed) or ``A or B`` (one of them); None unless every part can be read."""
    for mark, kind in ((_OR, "alternatives"), (_AND, "compound")):
        texts = mark.split(plain)
        if len(texts) > 1:
            parts = [_part(text, symbol) for text in texts]
            read = [part for part in parts if part is not None]
            if len(read) < len(parts):
                return None
            return _collected(kind, read)
    return None


def _collected(kind: str, parts: list[Alteration]) -> Alteration:
    """Parts without repeats, as alternatives of compounds: ``(A or B) and C`` is ``A and C or B and C``."""
    if kind == "compound" and any(part.kind == "alternatives" for part in parts):
        choices = product(*(part.parts if part.kind == "alternatives" else (part,) for part in parts))
        return _collected("alternatives", [_collected("compound", list(choice)) for choice in choices])
    flat = [inner for part in parts for inner in (part.parts if part.kind == kind else (part,))]
    distinct = tuple({_order(part): part for part in flat}.values())
    return distinct[0] if len(distinct) == 1 else Alteration(None, kind, parts=distinct)


def _part(text: str, symbol: str | None) -> Alteration | None:
    """One part of a compound; it may name a gene of its own."""
    head, _, rest = text.partition(" ")
    other = gene_symbol(head) if rest else None
    inner = _read(rest.strip(), other) if other else None
    return _read(text, symbol) if inner is None else replace(inner, gene=other)


def _fusion_with_change(plain: str, symbol: str | None) -> Alteration | None:
    """A fusion with point mutations (``BCR-ABL T315I``) or with breakpoint exons (``EML4-ALK e6-e20``)."""
    short = _BREAKPOINTS.sub("", plain)
    if short != plain:
        found = parse_fusion(short, symbol)
        return found and replace(found, findings=(*found.findings, "The breakpoint exons are not kept."))
    match = re.fullmatch(r"(\S+)(\s+fusion)?((?:\s+[^\s-]+)+)", plain, re.IGNORECASE)
    if match is None or symbol is None:
        return None
    changes = [parse_protein(text) for text in match[3].split()]
    read = [change for change in changes if change is not None]
    if len(read) < len(changes):
        return None
    named = match[2] is not None and gene_symbol(match[1]) == symbol
    fused = Alteration(symbol, "fusion") if named else parse_fusion(match[1], symbol)
    return fused and _collected("compound", [fused, *read])


def _after_gene(plain: str, symbol: str | None) -> Alteration | None:
    """A text that begins with its gene: ``BRAF V600E``, ``BRAF:p.V600E``, ``ALK fusions``."""
    match = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*?)(?::|\s+|(?=ex[0-9]))(.+)", plain)
    named = gene_symbol(match[1]) if match else None
    if match is None or named is None:
        return None
    if symbol is not None and named != symbol:
        return Alteration(None, "text", as_written=plain, findings=(_OTHER_GENE,))
    inner = _read(match[2].strip(), named)
    return None if inner is None else replace(inner, gene=named)
