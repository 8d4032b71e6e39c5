"""Changes of the coding sequence in c. notation, where they say more than nothing about the protein.

Without the reference sequence a c. change gives the codon, by counting, and the frame, by the bases gained and
lost; which residue stands there it does not give. Rules: HGVS, DNA recommendations
(https://hgvs-nomenclature.org/stable/recommendations/DNA); codon n holds bases 3n - 2 to 3n.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from kohort.profile.alterations.alteration import Alteration

__all__ = [
    "ONE_BASE",
    "PLACE_DIFFERS",
    "CodingChange",
    "agree_with_coding",
    "beside_coding",
    "contradiction",
    "parse_coding",
    "read_coding",
]

FROM_CODING = "No protein change is given; the kind is taken from the coding change."

_BASE = r"([*-]?[1-9][0-9]{0,5})([+-][0-9?]+)?"
_CODING = re.compile(
    rf"(?:[A-Za-z]{{2,4}}_?[0-9.]+(?:\([A-Za-z0-9-]+\))?:)?c\.{_BASE}(?:_{_BASE})?"
    r"(?P<old>[ACGT]*)(?P<how>>|delins|del|dup|ins|inv|=)(?P<gone>[ACGT]+|[0-9]+)?(?P<ins>ins)?(?P<new>[ACGT]+)?"
)
_BESIDE = re.compile(
    r"(?P<other>\S.*?)\s*\((?P<coding>c\.[^()]*)\)"
    r"|(?P<first>\S*c\.\S+?)[,;]?\s*\(?(?P<protein>p\.(?:\([^()\s]+\)|[^()\s]+))\)?"
)
_PROMOTERS = frozenset({"TERT"})
"""Genes whose changes upstream of the coding sequence lie in the promoter."""

Place = Literal["coding", "start", "stop", "splice", "exon", "intron", "upstream", "downstream"]


@dataclass(frozen=True, slots=True)
class CodingChange:
    """One c. change.

    Attributes:
        place: ``coding``; ``start`` or ``stop`` if it reaches across that end of the coding sequence; ``splice`` if it
            touches the first or last two bases of an intron; ``exon`` if it takes one or more whole exons;
            ``intron``, ``upstream``, ``downstream`` (of the coding sequence).
        first: first codon touched.
        last: last codon touched.
        net: bases gained less bases lost; None if not given.
        how: ``>`` or ``inv`` (bases replaced by as many), ``del``, ``dup``, ``ins``, ``delins``, ``=``.
        text: the change without reference sequence and without the bases that were lost.
    """

    place: Place
    first: int
    last: int
    net: int | None
    how: str
    text: str


@functools.lru_cache(maxsize=4096)
def read_coding(text: str) -> CodingChange | None:
    """The c. change written in ``text``, with or without a reference sequence; None if it is none."""
    match = _CODING.fullmatch(text.strip())
    if match is None:
        return None
    start, offset, end, end_offset = match.group(1, 2, 3, 4)
    how, new = match["how"], match["new"] or ""
    gone = match["gone"] or ""
    if how == ">" and len(match["old"]) != len(gone):
        return None
    if how in {"ins", "delins"} or match["ins"]:
        new = new or gone
        how = "ins" if how == "ins" else "delins"
    place = _place(start, offset, end or start, end_offset if end else offset)
    first, last = (int(base.lstrip("*-")) for base in (start, end or start))
    if place == "coding" and last < first:
        return None
    span = f"{start}{offset or ''}" + (f"_{end}{end_offset or ''}" if end else "")
    tail = f"{match['old']}>{gone}" if how == ">" else f"{how}{new if how in {'ins', 'delins'} else ''}"
    return CodingChange(place, -(-first // 3), -(-last // 3), _net(how, new, last - first + 1), how, f"c.{span}{tail}")


def _net(how: str, new: str, size: int) -> int | None:
    """Bases gained less bases lost; None where the inserted bases are not written out."""
    inserted = int(new) if new.isdigit() else len(new)
    if how in {"ins", "delins"}:
        return None if not inserted else inserted - (size if how == "delins" else 0)
    return {"del": -size, "dup": size}.get(how, 0)


def _place(start: str, offset: str | None, end: str, end_offset: str | None) -> Place:
    """Where a change lies; one that reaches from an exon into an intron takes the splice site with it."""
    if start.startswith("-"):
        return "upstream" if end.startswith("-") else "start"
    if end.startswith("*"):
        return "downstream" if start.startswith("*") else "stop"
    if offset is None and end_offset is None:
        return "coding"
    if offset is None or end_offset is None:
        return "splice"
    if offset[0] == "-" and end_offset[0] == "+":
        return "exon"
    near = any(each[1:] in {"1", "2"} for each in (offset, end_offset))
    return "splice" if near or offset[0] != end_offset[0] else "intron"


def parse_coding(text: str, gene: str | None) -> Alteration | None:
    """The alteration that a c. change alone tells of; None if ``text`` is none, or is not of a known size.

    Args:
        text: e.g. ``c.902-1G>T`` (splice), ``NM_007294.4:c.68_69del`` (frameshift), ``c.-124C>T``.
        gene: symbol of the gene; changes upstream of TERT lie in its promoter.
    """
    change = read_coding(text) if "c." in text else None
    if change is None:
        return None
    return _within(change) if change.place == "coding" else _beside(change, gene)


def _within(change: CodingChange) -> Alteration | None:
    """A change within the coding sequence: by its frame, if it gains or loses bases."""
    if change.how == "=":
        return Alteration(None, "synonymous")
    if change.first == 1 and change.how not in {"dup", "ins"}:
        return Alteration(None, "start lost", findings=(FROM_CODING,))
    if change.net == 0:
        return Alteration(None, "coding", detail=change.text)
    if change.net is None:
        return None
    kinds = {"del": "inframe deletion", "dup": "duplication", "ins": "inframe insertion", "delins": "inframe delins"}
    kind = "frameshift" if change.net % 3 else kinds[change.how]
    return Alteration(None, kind, findings=(FROM_CODING,))


def _beside(change: CodingChange, gene: str | None) -> Alteration:
    """A change outside of the coding sequence, or at its edge."""
    touched = {"splice": "splice", "exon": "exon loss", "start": "start lost", "stop": "stop lost"}.get(change.place)
    if touched is not None:
        return Alteration(None, touched)
    promoter = change.place == "upstream" and gene in _PROMOTERS
    return Alteration(None, "promoter" if promoter else "noncoding", detail=change.text)


def beside_coding(text: str) -> tuple[str, str] | None:
    """A text that gives a change twice, as (other, coding): ``R200W (c.598C>T)``, ``c.598C>T (p.Arg200Trp)``."""
    match = _BESIDE.fullmatch(text) if "c." in text else None
    if match is None:
        return None
    return (match["protein"], match["first"]) if match["protein"] else (match["other"], match["coding"])


SLACK = 10
"""Residues between a gain or loss of bases in c. and in p. notation that the 3' rule explains."""

FRAME_DIFFERS = "The coding change and the protein change differ in the reading frame."
PLACE_DIFFERS = "The coding change lies in codon {}, the protein change at residue {}."
_KEEPS_FRAME = frozenset(
    {"inframe deletion", "inframe insertion", "inframe delins", "duplication", "missense", "synonymous"}
)
ONE_BASE = frozenset({"missense", "nonsense", "synonymous", "start lost", "stop lost"})
"""Kinds that a replaced base can have; a splice site is judged by no codon."""


def agree_with_coding(change: Alteration, coding: str | None) -> str | None:
    """None if a protein change can come of a coding change, else the sentence that says why not.

    Args:
        change: the protein change; one without a residue is not judged.
        coding: the change in c. notation, with or without a reference sequence; what is not read is not judged.
    """
    read = read_coding(coding) if coding else None
    if read is None or change.position is None or read.place != "coding":
        return None
    return contradiction(change.kind, change.position, change.end or change.position, read)


def contradiction(kind: str, position: int, end: int, coding: CodingChange) -> str | None:
    """The contradiction between a change of residues ``position`` to ``end`` and a coding change, if any."""
    if coding.net is None or kind == "splice":
        return None
    if coding.net == 0:
        if kind == "frameshift":
            return FRAME_DIFFERS
        if coding.how == ">" and coding.first == coding.last and kind in ONE_BASE and position != coding.first:
            return PLACE_DIFFERS.format(coding.first, position)
    elif (kind == "frameshift") != bool(coding.net % 3) and kind in _KEEPS_FRAME | {"frameshift"}:
        return FRAME_DIFFERS
    slack = SLACK + abs(coding.net) // 3
    far = position > coding.last + slack or end < coding.first - slack
    return PLACE_DIFFERS.format(coding.first, position) if far and kind != "extension" else None
