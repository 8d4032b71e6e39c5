"""What an alteration is: one frozen value for a change of a gene, whatever notation it was written in.

Protein changes are held in one-letter residues and written by the rules of HGVS
(https://hgvs-nomenclature.org, protein recommendations), short form: ``p.V600E``, ``p.E746_A750del``,
``p.R386Gfs*9``. Two notations of the same change give equal values and the same text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["KINDS", "PROTEIN_KINDS", "TRUNCATING", "Alteration"]

TRUNCATING = frozenset({"nonsense", "frameshift", "splice", "start lost"})
"""Kinds that end or disrupt the protein; the class behind ``truncating`` in a knowledge pack."""

PROTEIN_KINDS = TRUNCATING | {
    "missense",
    "inframe deletion",
    "inframe insertion",
    "inframe delins",
    "duplication",
    "stop lost",
    "extension",
    "exon skipping",
    "internal tandem duplication",
    "kinase domain duplication",
    "variant III",
}
"""Small and intragenic kinds that alter the protein: what ``mutation`` in a knowledge pack stands for."""

KINDS = PROTEIN_KINDS | {
    "synonymous",
    "fusion",
    "amplification",
    "gain",
    "copy neutral",
    "loss",
    "deletion",
    "wild type",
    "codon",
    "mutation",
    "activating mutation",
    "truncating",
    "loss of function",
    "expression",
    "overexpression",
    "underexpression",
    "methylation",
    "MSI",
    "TMB",
    "alternatives",
    "compound",
    "text",
}
"""Every kind. Of ``alternatives`` one part holds, of ``compound`` all; ``text`` was not understood."""

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
        partner: the other gene of a fusion, in 5' to 3' order if the source gave one.
        five_prime: True if ``gene`` is the 5' gene of a fusion with ``partner``.
        copies: discrete copy-number call, -2 to 2.
        parts: what ``alternatives`` and ``compound`` are made of.
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
        if not all(_RESIDUES.fullmatch(residues) for residues in (self.ref, self.end_ref, self.alt)):
            raise ValueError("residues are one-letter amino acids")
        if bool(self.parts) != (self.kind in {"alternatives", "compound"}):
            raise ValueError("alternatives and compounds have parts, nothing else has")

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
            join = " or " if self.kind == "alternatives" else " and "
            return join.join(
                part.text if _stands_alone(part, self.gene) else f"{part.gene} {part.text}" for part in self.parts
            )
        if self.kind == "fusion":
            return self._fusion_text()
        if self.exon is not None and self.position is None:
            return _exon_text(self.kind, self.exon)
        if self.position is None:
            return "MSI-H" if self.kind == "MSI" else "TMB-H" if self.kind == "TMB" else self.kind
        return "p." + self._protein_text()

    def _fusion_text(self) -> str:
        if self.partner is None:
            return "fusion"
        first, second = (self.gene, self.partner) if self.five_prime else (self.partner, self.gene)
        return f"{first}::{second}"

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


def _stands_alone(part: Alteration, gene: str | None) -> bool:
    """True if the part's text is read rightly without naming its gene."""
    return part.gene in {None, gene} or (part.kind == "fusion" and part.partner is not None)


def _exon_text(kind: str, exon: int) -> str:
    """The text of a class over an exon, e.g. ``exon 19 deletion``."""
    word = {"inframe deletion": "deletion", "inframe insertion": "insertion", "exon skipping": "skipping"}
    return f"exon {exon} {word.get(kind, kind)}"
