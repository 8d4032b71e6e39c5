"""What an alteration is: one frozen value for a change of a gene, whatever notation it was written in.

Protein changes are held in one-letter residues and written by the rules of HGVS
(https://hgvs-nomenclature.org, protein recommendations), short form: ``p.V600E``, ``p.E746_A750del``,
``p.R386Gfs*9``. Two notations of the same change give equal values and the same text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kohort.profile.alterations.kinds import (
    JOINED,
    KINDS,
    PLAIN_TEXTS,
    PROTEIN_KINDS,
    SPAN_WORDS,
    TRUNCATING,
    is_taken_whole,
)

__all__ = ["KINDS", "PROTEIN_KINDS", "TRUNCATING", "Alteration"]

_TEMPLATES: dict[str, str] = {
    "codon": "{start}",
    "synonymous": "{start}=",
    "frameshift": "{start}{alt}fs{stop}",
    "splice": "X{position}_splice",
    "stop lost": "{start}{alt}ext*{reach}",
    "extension": "{start}ext-{reach}",
    "inframe deletion": "{span}del",
    "duplication": "{span}dup",
    "inframe insertion": "{span}ins{alt}",
    "inframe delins": "{span}delins{alt}",
}

_DETAIL_TEMPLATES: dict[str, str] = {
    "arm gain": "{} gain",
    "arm loss": "{} loss",
    "alternative transcript": "alternative transcript ({})",
    "expression": "{} expression",
    "fusion": "{} rearrangement",
    "localisation": "{} localisation",
    "LOH": "{} LOH",
}
"""How a detail stands in the text; of all other kinds the detail is the text."""

_RESIDUES = re.compile(r"[ACDEFGHIKLMNPQRSTUVWYX*]*")


@dataclass(frozen=True, slots=True)
class Alteration:
    """One alteration of one gene, in normal form.

    Equality looks at the meaning only: not at how it was written, nor at the findings.

    Attributes:
        gene: HGNC symbol if the gene is known, else the symbol as written; None where no gene was given.
        hgnc_id: HGNC id (``HGNC:1097``) of a known gene.
        kind: one of ``KINDS``.
        ref: first residue that is changed, one letter; empty if not known.
        position: first residue changed, counted from 1.
        end_ref: last residue changed; empty if not known.
        end: last residue changed; None for a single residue. For an insertion, its right neighbour.
        alt: new residues; for a frameshift the first new residue.
        length: residues to the new stop of a frameshift or an extension; None if not known.
        exon: exon number of a change that is described by exon.
        last_exon: last exon of a change that is described by several exons; None for one.
        domain: domain of a change that is described by domain (``kinase domain``), as in ``data/domains.tsv``.
        detail: what else the kind needs: the allele of a polymorphism (``rs461155``), the name of a signature
            (``SBS3``), a chromosome or arm (``17p``), the place, isoform or intron that the source names, or a
            change in c. notation (``c.-124C>T``).
        partner: the other gene of a fusion, in 5' to 3' order if the source gave one.
        five_prime: True if ``gene`` is the 5' gene of a fusion with ``partner``.
        copies: discrete copy-number call, -2 to 2.
        parts: what ``alternatives`` and ``compound`` are made of, and the one alteration that is ``absent``. Always
            alternatives of compounds of single alterations, some of them absent (a disjunctive normal form).
        as_written: the text as the source wrote it.
        findings: sentences on what was odd or could not be read.
    """

    gene: str | None
    kind: str
    hgnc_id: str | None = None
    ref: str = ""
    position: int | None = None
    end_ref: str = ""
    end: int | None = None
    alt: str = ""
    length: int | None = None
    exon: int | None = None
    last_exon: int | None = None
    domain: str = ""
    detail: str = ""
    partner: str | None = None
    five_prime: bool = False
    copies: int | None = None
    parts: tuple[Alteration, ...] = ()
    as_written: str = ""
    findings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be an alteration."""
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not a kind of alteration")
        if self.position is not None and self.position < 1:
            raise ValueError("residues are counted from 1")
        if self.end is not None and (self.position is None or self.end < self.position):
            raise ValueError("a change ends before it begins")
        if self.last_exon is not None and (self.exon is None or self.last_exon <= self.exon):
            raise ValueError("the last of several exons is not behind the first")
        if not _RESIDUES.fullmatch(self.ref + self.end_ref + self.alt):
            raise ValueError("residues are one-letter amino acids")
        self._check_parts()

    def _check_parts(self) -> None:
        """Refuse parts that are not in disjunctive normal form."""
        inner = JOINED.get(self.kind)
        if bool(self.parts) != (inner is not None):
            raise ValueError("alternatives, compounds and what is absent have parts, nothing else has")
        if inner is None:
            return
        if not all(part.kind in inner or not part.parts for part in self.parts):
            raise ValueError("parts are alternatives of compounds of single alterations, some of them absent")
        if self.kind == "absent" and len(self.parts) != 1:
            raise ValueError("one alteration is absent at a time")

    def __eq__(self, other: object) -> bool:
        """True if both mean the same, however they were written."""
        return isinstance(other, Alteration) and self._meaning() == other._meaning()

    def __hash__(self) -> int:
        """Hash of the meaning."""
        return hash(self._meaning())

    def __str__(self) -> str:
        """The canonical text, without the gene (``p.V600E``) unless the alteration joins two genes."""
        return self.text

    def _meaning(self) -> tuple[object, ...]:
        return (self.gene, self.kind, self.text)

    @property
    def text(self) -> str:
        """The canonical text; ``normalise(text, gene)`` gives an equal alteration."""
        if self.kind == "text":
            return " ".join(self.as_written.split())
        if self.parts:
            return self._joined_text(self.gene)
        if self.kind == "fusion" and self.partner is not None:
            first, second = (self.gene, self.partner) if self.five_prime else (self.partner, self.gene)
            return f"{first}::{second}"
        if self.kind == "phosphorylation" and self.position is not None:
            return f"{self.ref}{self.position} phosphorylation"
        if self.position is not None:
            return f"codon {self.position}" if self.kind == "codon" and not self.ref else "p." + self._protein_text()
        return self._word_text()

    def _joined_text(self, gene: str | None) -> str:
        """The text of the parts, with a gene's name before those of another gene than ``gene``."""
        if self.kind == "absent":
            word = PLAIN_TEXTS.get(f"no {self.parts[0].kind}")
            return word or f"not {_named(self.parts[0], gene)}"
        join = " or " if self.kind == "alternatives" else " and "
        return join.join(_named(part, gene) for part in self.parts)

    def _word_text(self) -> str:
        """The text of a class over exons or a domain, of a kind with a detail, or of the kind alone."""
        word = SPAN_WORDS.get(self.kind, self.kind)
        if self.exon is not None:
            if self.kind == "inframe deletion" and is_taken_whole(self.gene, self.exon, self.last_exon):
                word = f"in-frame {word}"
            last = "" if self.last_exon is None else f"-{self.last_exon}"
            return f"exon {self.exon}{last} {word}"
        if self.domain:
            return f"{self.domain} {word}"
        if self.kind == "arm loss" and "/" in self.detail:
            return f"{self.detail} codeletion"
        if self.detail:
            return _DETAIL_TEMPLATES.get(self.kind, "{}").format(self.detail)
        return PLAIN_TEXTS.get(self.kind, self.kind)

    def _protein_text(self) -> str:
        replaced = self.end is not None or self.alt != "*"
        long_form = (self.kind == "nonsense" and replaced) or (self.kind == "stop lost" and self.end is not None)
        start = f"{self.ref}{self.position}"
        return _TEMPLATES.get("inframe delins" if long_form else self.kind, "{start}{new}").format(
            start=start,
            span=start if self.end is None else f"{start}_{self.end_ref}{self.end}",
            position=self.position,
            alt=self.alt,
            new=self.alt or "?",
            stop="" if self.length is None else f"*{self.length}",
            reach="?" if self.length is None else self.length,
        )


def _named(part: Alteration, gene: str | None) -> str:
    """The text of a part that stands beside ``gene``; the name of another gene before it."""
    if part.parts:
        return part._joined_text(gene)
    stands_alone = part.gene in {None, gene} or (part.kind == "fusion" and part.partner is not None)
    return part.text if stands_alone else f"{part.gene} {part.text}"
