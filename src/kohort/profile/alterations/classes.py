"""Classes over part of a gene: exons, domains, introns, codons.

The deletion of an exon takes it whole, except in those exons of some kinases where the deletion of a few residues
is the known class (``exon 19 deletion`` of EGFR).
"""

from __future__ import annotations

import re
from dataclasses import replace

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.domains import DOMAIN_NAMES, domain_ranges
from kohort.profile.alterations.kinds import is_taken_whole

__all__ = ["COMMON_CHANGES", "parse_class"]

NOT_RARE = "That the change is rare is not kept; what counts as rare differs between sources."
NO_RANGE = "Where the domain of this gene lies is not known."

COMMON_CHANGES: dict[str, tuple[Alteration, ...]] = {
    "EGFR": (
        Alteration(None, "inframe deletion", exon=19),
        Alteration(None, "missense", ref="L", position=858, alt="R"),
    )
}
"""The changes that *rare* or *uncommon* leaves out, as papers on EGFR use the words."""

_NAMED_SPANS = {("EGFR", 2, 7): "variant III"}

_WHAT = (
    r"(?:deletion|del|loss|insertion|ins|skipping|skip|duplication|dup|mutation|mutant|alteration|variant|missense"
    r"|nonsense|frame ?shift|splice(?: site)?|truncation|truncating|over ?expression|under ?expression|expression)"
)
_SPAN = r"(?P<first>[1-9][0-9]{0,2})(?:~(?P<last>[1-9][0-9]{0,2}))?"
_EXON = re.compile(
    rf"(?P<rare>(?:rare|uncommon) )?(?:exons?|ex) ?{_SPAN} ?(?P<inframe>in ?frame )?(?P<what>{_WHAT})"
    r"(?: mutation| variant)?s?"
)
_EXON_AFTER = re.compile(rf"(?P<inframe>in ?frame )?(?P<what>{_WHAT})s? (?:in |of )?exons? {_SPAN}")
_NUMBERS = re.compile(r"del(?:etion)? ?([1-9][0-9]{0,4})~([1-9][0-9]{0,4})")
_MOST_EXONS, _LEAST_RESIDUE = 30, 150
"""Two bare numbers behind ``del`` are exons up to the one, residues from the other on, and not read between."""

_DOMAIN = re.compile(rf"(?P<domain>.+?) (?P<what>{_WHAT})(?: mutation| variant)?s?")
_CODON = re.compile(
    r"(?:codon ([1-9][0-9]{0,4})|([a-z])([1-9][0-9]{0,4}))(?: (?:mutation|mutant|alteration|variant)s?)?"
)
_SPLICE = re.compile(r"[a-z]?([1-9][0-9]{0,4}) splice(?: site)?(?: (?:mutation|variant)s?)?")
_INTRON = re.compile(r"intron ([1-9][0-9]?) (?:rearrangement|fusion|translocation)s?")

_KINDS: dict[str, str] = {
    "del": "inframe deletion",
    "los": "exon loss",
    "ins": "inframe insertion",
    "ski": "exon skipping",
    "dup": "duplication",
    "mut": "mutation",
    "alt": "mutation",
    "var": "mutation",
    "mis": "missense",
    "non": "nonsense",
    "fra": "frameshift",
    "spl": "splice",
    "tru": "truncating",
    "ove": "overexpression",
    "und": "underexpression",
    "exp": "expression",
}


def parse_class(text: str, gene: str | None) -> Alteration | None:
    """The class that ``text`` names, without gene; None if it names none.

    Args:
        text: e.g. ``exon 20 insertion``, ``Ex19del``, ``P-loop mutation``, ``codon 12 mutation``.
        gene: symbol of the gene, which tells what a deletion of an exon means and where a domain lies.
    """
    plain = re.sub(r"([0-9])\s*(?:[-/&]|to\b|and\b)\s*(?=[0-9])", r"\1~", text.strip().lower())
    plain = re.sub(r"[\s_-]+", " ", plain)
    exon = _EXON.fullmatch(plain) or _EXON_AFTER.fullmatch(plain)
    if exon is not None:
        return _exon(exon, gene)
    numbers = _NUMBERS.fullmatch(plain)
    if numbers is not None:
        return _numbered(int(numbers[1]), int(numbers[2]), gene)
    splice = _SPLICE.fullmatch(plain)
    if splice is not None:
        return Alteration(None, "splice", position=int(splice[1]))
    intron = _INTRON.fullmatch(plain)
    if intron is not None:
        return Alteration(None, "fusion", detail=f"intron {intron[1]}")
    return _codon(plain) or _domain(plain, gene)


def _exon(match: re.Match[str], gene: str | None) -> Alteration | None:
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if last < first:
        return None
    kind = _KINDS[match["what"][:3]]
    if (
        kind == "inframe deletion"
        and not match["inframe"]
        and is_taken_whole(gene, first, last if match["last"] else None)
    ):
        kind = "exon loss"
    found = _spanning(kind, first, last, gene)
    return _rare(found, gene) if match.groupdict().get("rare") else found


def _rare(found: Alteration, gene: str | None) -> Alteration:
    """A class without the common changes of the gene; where these are not agreed on, with a finding."""
    common = COMMON_CHANGES.get(gene or "")
    if common is None:
        return replace(found, findings=(NOT_RARE,))
    return Alteration(None, "compound", parts=(found, *(Alteration(None, "absent", parts=(one,)) for one in common)))


def _spanning(kind: str, first: int, last: int, gene: str | None) -> Alteration:
    named = _NAMED_SPANS.get((gene or "", first, last))
    if named is not None and kind in {"exon loss", "exon skipping"}:
        return Alteration(None, named)
    return Alteration(None, kind, exon=first, last_exon=last if last > first else None)


def _numbered(first: int, last: int, gene: str | None) -> Alteration | None:
    """``DEL 485-490`` are residues, ``DEL4-11`` exons: a gene of so few exons has no residue of so high a number."""
    if first < last <= _MOST_EXONS:
        return _spanning("exon loss", first, last, gene)
    if _LEAST_RESIDUE <= first < last:
        return Alteration(None, "inframe deletion", position=first, end=last)
    return None


def _codon(plain: str) -> Alteration | None:
    match = _CODON.fullmatch(plain)
    if match is None or (match[2] or "a").upper() not in "ACDEFGHIKLMNPQRSTVWY":
        return None
    return Alteration(None, "codon", ref=(match[2] or "").upper(), position=int(match[1] or match[3]))


def _domain(plain: str, gene: str | None) -> Alteration | None:
    match = _DOMAIN.fullmatch(plain)
    domain = DOMAIN_NAMES.get(match["domain"]) if match else None
    if match is None or domain is None:
        return None
    findings = () if gene is None or (gene, domain) in domain_ranges() else (NO_RANGE,)
    return Alteration(None, _KINDS[match["what"][:3]], domain=domain, findings=findings)
