"""Reading one alteration, in any notation, into its normal form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from kohort.codes import genes
from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.any_residue import ANY_RESIDUE, parse_any_residue
from kohort.profile.alterations.classes import COMMON_CHANGES, parse_class
from kohort.profile.alterations.coding import agree_with_coding, beside_coding, parse_coding
from kohort.profile.alterations.fusion import gene_symbol, parse_fusion
from kohort.profile.alterations.kinds import GENOME_WIDE
from kohort.profile.alterations.logic import all_of, leaves, parse_logic, part_order
from kohort.profile.alterations.markers import parse_gene_name, parse_marker
from kohort.profile.alterations.protein import parse_protein
from kohort.profile.alterations.residues import residue_findings
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

BLANKS = frozenset({"", ".", "-", "\u2013", "\u2014", "NA", "N/A", "NULL", "NONE", "?", "P.?", "P.(?)"})
"""Texts, upper case, that stand for nothing; ``p.?`` is HGVS for an effect that is not known."""

NOT_READ = "The notation is not known; it is kept as text."
NOT_GIVEN = "No alteration is given."
KIND_FROM_CLASSIFICATION = "No protein change is given; the kind is taken from the classification."
DISAGREE = "The protein change and its classification disagree."
_UNKNOWN_GENE = "The gene is not known to HGNC; it is kept as written."
_AMBIGUOUS_GENE = "The gene {!r} may be {}; it is kept as written."
_OTHER_GENE = "The text names another gene than the gene column; it is kept as text."

_LONGEST = 400
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
"""Hyphens, dashes and the minus sign, as word processors and PDF write a hyphen."""
_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9-]*?)(?::|\s+|(?=ex[0-9]|v ?III$|\*[0-9]))(.+)")
_REFERENCE_GENE = re.compile(r"[A-Z]{2}_[0-9.]+\(([A-Za-z0-9-]+)\):.+")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{1,9}(?:-[A-Z0-9]{1,4})?")
_NO_SYMBOLS = frozenset(
    """
    RARE UNCOMMON COMMON ANY ALL NO NON NOT EXON EXONS EX INTRON HIGH LOW DOUBLE TRIPLE GERMLINE SOMATIC SERUM NUCLEAR
    CYTOPLASMIC KINASE PROMOTER PROTEIN GENE COPY DNA RNA MRNA TUMOR TUMOUR LOSS GAIN DEL CODON DOMAIN OTHER NEW TYPE
    PATHOGENIC BENIGN LIKELY ONCOGENIC ATYPICAL CLASSICAL HOTSPOT BIALLELIC MONOALLELIC WILD WEAK STRONG
    """.split()  # noqa: SIM905
)
"""Words that stand before a class and are no genes."""

_STAR_ALLELE = re.compile(r"\*[0-9]{1,2}[A-Za-z]?(?:\s.*)?")
_CALLED = r"(?:mutation|mutant|variant|alteration)s?"
_CALLED_MUTATION = re.compile(rf"(\S+) {_CALLED}|{_CALLED} (\S+)", re.IGNORECASE)

_Reader = Callable[[str, str | None], "Alteration | None"]


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
    stated = CLASSIFICATION_KINDS.get((classification or "").strip().lower())
    found = read_change(written, symbol, stated)
    named = shared_gene(found) if symbol is None else None
    if named is not None:
        symbol, hgnc_id, _ = named_gene(named)
        found = read_change(written, symbol, stated) if found.parts else found
    return replace(
        found,
        gene=symbol,
        hgnc_id=hgnc_id,
        parts=tuple(sorted((_with_gene(part, symbol, hgnc_id) for part in found.parts), key=part_order)),
        as_written=written,
        findings=tuple(dict.fromkeys(findings + found.findings)),
    )


def shared_gene(found: Alteration) -> str | None:
    """The one gene that all parts of an alteration name; None if there is none, or more than one."""
    named = [{leaf.gene, leaf.partner} - {None} for leaf in leaves(found) if leaf.gene is not None]
    shared = set.intersection(*named) if named else set()
    return found.gene if not found.parts else shared.pop() if len(shared) == 1 else None


def read_change(written: str, symbol: str | None, stated: str | None) -> Alteration:
    """The change alone, before its gene is filled in.

    Args:
        written: the text.
        symbol: HGNC symbol of the gene it stands beside.
        stated: the kind that the classification names.
    """
    plain = " ".join(written.translate(_DASHES).split())
    if plain.upper() in BLANKS:
        return _blank(stated)
    found = _read(plain, symbol) if len(plain) <= _LONGEST else None
    if found is None:
        return Alteration(None, "text", as_written=written, findings=(NOT_READ,))
    return _reconcile(_checked(found, symbol), stated)


def _checked(found: Alteration, symbol: str | None) -> Alteration:
    """An alteration with the findings of its parts, and of residues that its protein does not have."""
    findings = list(found.findings)
    for leaf in leaves(found):
        findings += [*leaf.findings, *residue_findings(leaf.gene or symbol, leaf)]
    distinct = tuple(dict.fromkeys(findings))
    return found if distinct == found.findings else replace(found, findings=distinct)


def named_gene(name: str | None) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Symbol, HGNC id and findings of a gene as written; symbol as written where HGNC does not know it."""
    plain = (name or "").strip()
    if not plain:
        return None, None, ()
    known = genes.resolve(plain)
    if known is None:
        several = genes.candidates(plain)
        names = " or ".join(gene.symbol for gene in several)
        return plain, None, (_AMBIGUOUS_GENE.format(plain, names) if several else _UNKNOWN_GENE,)
    findings = () if known.symbol == plain else (f"The gene {plain!r} is read as {known.symbol}.",)
    return known.symbol, known.hgnc_id, findings


def _with_gene(part: Alteration, symbol: str | None, hgnc_id: str | None) -> Alteration:
    """A part under its own gene, or under the gene of the whole; what is of the whole tumour has none."""
    if part.parts:
        inner = tuple(sorted((_with_gene(each, symbol, hgnc_id) for each in part.parts), key=part_order))
        own = inner[0] if part.kind == "absent" else None
        gene, number = (symbol, hgnc_id) if own is None else (own.gene, own.hgnc_id)
        return replace(part, gene=gene, hgnc_id=number, parts=inner)
    if part.gene is None:
        return part if part.kind in GENOME_WIDE else replace(part, gene=symbol, hgnc_id=hgnc_id)
    known = genes.resolve(part.gene)
    return part if known is None else replace(part, gene=known.symbol, hgnc_id=known.hgnc_id)


def _blank(stated: str | None) -> Alteration:
    """A blank text: the kind of the classification. MAF leaves splice sites blank, so that is no finding."""
    if stated is None:
        return Alteration(None, "text", findings=(NOT_GIVEN,))
    return Alteration(None, stated, findings=() if stated == "splice" else (KIND_FROM_CLASSIFICATION,))


def _reconcile(found: Alteration, stated: str | None) -> Alteration:
    """Text and classification side by side: a silent change at a splice site is a splice change."""
    if stated == "splice" and found.kind == "synonymous":
        return replace(found, kind="splice", ref="")
    if stated == "nonsense" and found.kind == "codon" and found.findings == (ANY_RESIDUE,):
        return replace(found, kind="nonsense", alt="*", findings=())
    allowed = MATCHING_KINDS.get(stated or "")
    if allowed is not None and found.kind != "text" and found.kind not in allowed:
        return replace(found, findings=(*found.findings, DISAGREE))
    return found


def _read(plain: str, symbol: str | None) -> Alteration | None:
    """The reading of a whole text, which may join or negate alterations and give a change twice."""
    found = _read_single(plain, symbol, _READERS) or _read_twice(plain, symbol)
    if found is None:
        found = parse_logic(plain, lambda text: _part(text, symbol)) or _of_another_gene(plain, symbol)
        if found is not None and not found.parts and symbol is not None and found.gene not in {None, symbol}:
            return Alteration(None, "text", as_written=plain, findings=(_OTHER_GENE,))
    reference = _REFERENCE_GENE.fullmatch(plain) if found is not None and found.gene is None else None
    named = None if reference is None else gene_symbol(reference[1])
    if found is None or named is None:
        return found
    return replace(found, gene=named) if symbol in {None, named} else _of_another_gene(f"{named} {plain}", symbol)


def _read_twice(plain: str, symbol: str | None) -> Alteration | None:
    """A change that is given in p. and in c. notation: the protein change, and a finding if the two cannot be one."""
    twice = beside_coding(plain)
    found = _read_single(twice[0], symbol, _READERS) if twice else None
    odd = agree_with_coding(found, twice[1]) if twice and found else None
    return replace(found, findings=(*found.findings, odd)) if found and odd else found


def _of_another_gene(plain: str, symbol: str | None) -> Alteration | None:
    """A text that begins with another gene than the one it stands beside: neither is picked."""
    match = _NAMED.fullmatch(plain)
    named = gene_symbol(match[1]) if match else None
    if symbol is None or named in {None, symbol}:
        return None
    return Alteration(None, "text", as_written=plain, findings=(_OTHER_GENE,))


def _read_single(plain: str, symbol: str | None, readers: tuple[_Reader, ...]) -> Alteration | None:
    """The first reading that fits, most specific notation first; None if none does."""
    return next((found for read in readers if (found := read(plain, symbol)) is not None), None)


def _hyphenated(plain: str, symbol: str | None) -> Alteration | None:
    """A change hyphened to its gene: ``FLT3-ITD``, ``KIT-D816V``; a gene after the hyphen would be a fusion."""
    head, _, rest = plain.rpartition("-")
    named = gene_symbol(head) if head else None
    if named is None or symbol not in {None, named} or gene_symbol(rest) is not None:
        return None
    found = _read_single(rest, named, _PLAIN_READERS)
    return None if found is None else replace(found, gene=named)


def _part(text: str, symbol: str | None) -> Alteration | None:
    """One part of what is joined; it may name a gene of its own, also one that HGNC does not know."""
    head, _, rest = text.partition(" ")
    other = gene_symbol(head) if rest else None
    inner = _read_single(rest.strip(), other, _READERS) if other else None
    if inner is not None:
        return replace(inner, gene=other)
    return _read_single(text, symbol, _READERS) or _under_unknown_gene(text)


def _under_unknown_gene(text: str) -> Alteration | None:
    """A class of a gene that HGNC does not know, e.g. ``RSF1 amplification``."""
    head, _, rest = text.partition(" ")
    if not rest or not _SYMBOL.fullmatch(head) or head in _NO_SYMBOLS:
        return None
    found = _read_single(rest, head, _PLAIN_READERS)
    return found and replace(found, gene=head, findings=(*found.findings, *named_gene(head)[2]))


def _fusion_with_change(plain: str, symbol: str | None) -> Alteration | None:
    """A fusion with point mutations: ``BCR-ABL T315I``, ``ALK fusion C1156Y-L1198F``."""
    match = re.fullmatch(r"(\S+)(\s+fusion)?((?:\s+\S+)+)", plain, re.IGNORECASE)
    if match is None or symbol is None:
        return None
    changes = [parse_protein(text) for text in re.split(r"[\s-]+", match[3].strip())]
    read = [change for change in changes if change is not None]
    if len(read) < len(changes):
        return None
    named = match[2] is not None and gene_symbol(match[1]) == symbol
    fused = Alteration(symbol, "fusion") if named else parse_fusion(match[1], symbol)
    return fused and all_of([fused, *read])


def _one_or_other(plain: str, symbol: str | None) -> Alteration | None:
    """The two common activating classes of EGFR, written together as CIViC does: one of them."""
    common = COMMON_CHANGES["EGFR"] if symbol == "EGFR" and _COMMON.fullmatch(plain) else None
    return None if common is None else Alteration(None, "alternatives", parts=common)


def _called_mutation(plain: str, symbol: str | None) -> Alteration | None:
    """A change that is called one: ``V600E mutation``, ``mutation V600E``."""
    match = _CALLED_MUTATION.fullmatch(plain)
    change = "" if match is None else match[1] or match[2]
    return parse_any_residue(change, symbol) or parse_protein(change)


def _after_gene(plain: str, symbol: str | None) -> Alteration | None:
    """A text that begins with its gene: ``BRAF V600E``, ``BRAF:p.V600E``, ``ALK fusions``."""
    match = _NAMED.fullmatch(plain)
    named = gene_symbol(match[1]) if match else None
    if match is None or named is None:
        return _under_unknown_gene(plain) if symbol is None else None
    if symbol is not None and named != symbol:
        return None
    rest = match[2].strip()
    inner = _read_single(f"allele {rest}" if _STAR_ALLELE.fullmatch(rest) else rest, named, _READERS)
    return None if inner is None else replace(inner, gene=named)


_COMMON = re.compile(r"ex(?:on)? ?19 ?del(?:etion)?s? ?[/ ] ?(?:p\.)?L858R", re.IGNORECASE)

_PLAIN_READERS: tuple[_Reader, ...] = (
    lambda text, _: parse_words(text),
    parse_gene_name,
    parse_any_residue,
    lambda text, _: parse_protein(text),
    parse_coding,
    parse_class,
    parse_marker,
)
"""Readers of one alteration that names no gene. Names that one gene has come before protein changes: ``C228T`` of TERT
lies in the promoter."""

_READERS: tuple[_Reader, ...] = (
    *_PLAIN_READERS,
    _one_or_other,
    _hyphenated,
    parse_fusion,
    _fusion_with_change,
    _called_mutation,
    _after_gene,
)
