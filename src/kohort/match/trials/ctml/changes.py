"""What a genomic node asks of a small variant: protein change, codon, exon, class and effect."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from kohort.errors import UserError
from kohort.match.criteria.logic import Criterion
from kohort.match.criteria.vocabulary import protein_change, variant_class
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.values import Word, unread

__all__ = ["Asked", "read_function", "read_variant"]

_WILDCARD = re.compile(r"(?:p\.)?[A-Z](\d+)", re.IGNORECASE)
_ANY_RESIDUE = re.compile(r"(?:p\.)?[A-WYZ](\d+)X", re.IGNORECASE)

_CLASSES: dict[str, tuple[str, ...]] = {
    "del_ins": ("In_Frame_Del", "In_Frame_Ins"),
    "frameshift": ("Frame_Shift_Del", "Frame_Shift_Ins"),
    "inframe_indel": ("In_Frame_Del", "In_Frame_Ins"),
    "inframe_deletion": ("In_Frame_Del",),
    "inframe_insertion": ("In_Frame_Ins",),
    "splice_acceptor": ("Splice_Site",),
    "splice_donor": ("Splice_Site",),
    "missense": ("Missense_Mutation",),
    "nonsense": ("Nonsense_Mutation",),
}
_ENGINE_CLASSES = {"Del_Ins", "Frameshift", "Inframe_Indel", "Splice_Acceptor", "Splice_Donor"}
"""Words of a dialect that documents of patients carry too."""

_FUNCTIONS = {
    "activating": "activating",
    "gain-of-function": "activating",
    "inactivating": "inactivating",
    "loss-of-function": "inactivating",
    "oncogenic": "pathogenic",
    "pathogenic": "pathogenic",
}


@dataclass(slots=True)
class Asked:
    """What is asked of one variant, beside its gene.

    Attributes:
        fields: arguments of `Mutation`.
        odd: parts that were not understood; they have to hold too.
        engine_meets: False if the engine finds no document that meets them.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    odd: list[Criterion] = field(default_factory=list)
    engine_meets: bool = True

    def refuse(self, name: str, word: Word, error: UserError, findings: Findings, rule: str = "unknown-value") -> None:
        """A part that was not understood."""
        self.odd.append(unread(name, word.place, error.what, rule=rule, findings=findings, remedy=error.remedy))
        self.engine_meets = False


def read_variant(words: dict[str, Word], gene: str, findings: Findings) -> Asked:
    """What the keys of a node ask of a small variant of ``gene``; keys that were used are taken out."""
    asked = Asked()
    if word := words.pop("variant_classification", None):
        _read_class(asked, word, findings)
    for name in ("wildcard_protein_change", "protein_change"):
        if word := words.pop(name, None):
            (_read_wildcard if name.startswith("wild") else _read_change)(asked, word, gene, findings)
    for name in ("exon", "true_transcript_exon"):
        if word := words.pop(name, None):
            _read_exon(asked, name, word, findings)
    if word := words.pop("molecular_function", None):
        asked.engine_meets = False
        asked.fields["function"] = read_function(word)
        if asked.fields["function"] is None:
            error = UserError(f"{word.text!r} is no effect.", remedy="Write Activating or Inactivating.")
            asked.refuse("molecular_function", word, error, findings)
    return asked


def read_function(word: Word) -> str | None:
    """The effect that a word of ``molecular_function`` names; None if it is none."""
    text = word.text.casefold().replace("_", "-").replace(" ", "-").removeprefix("likely-")
    return _FUNCTIONS.get(text)


def _read_change(asked: Asked, word: Word, gene: str, findings: Findings) -> None:
    """Exactly one change. ``X`` at its end once meant any residue, and a stop where the class says so."""
    text = word.text
    stops = "Nonsense_Mutation" in asked.fields.get("classes", ())
    if (found := _ANY_RESIDUE.fullmatch(text)) and not stops:
        what = f"{text!r} is read as any substitution at codon {found[1]}; matchengine-V2 looks for the letter X."
        findings.add(
            "warning", "exact-change-is-wildcard", word.place, what, f"Write wildcard_protein_change: {text[:-1]!r}."
        )
        asked.fields["codon"], asked.engine_meets = int(found[1]), False
        return
    change = protein_change(text, gene)
    if change is None:
        error = UserError(f"{text!r} is not a protein change.", remedy="Write one like p.V600E.")
        asked.refuse("protein_change", word, error, findings)
        return
    asked.fields["protein_change"] = text
    if not word.as_compared.startswith("p."):
        what = f"{text!r} does not begin with 'p.': matchengine-V2 never finds it."
        findings.add("warning", "change-without-p", word.place, what, f"Write {change.text!r}.")
        asked.engine_meets = False


def _read_wildcard(asked: Asked, word: Word, gene: str, findings: Findings) -> None:
    """A residue whose substitute is open; the engine puts one amino acid behind what is written."""
    if not word.is_text:
        findings.stops(word.place, "wildcard_protein_change is no text.")
    if found := _WILDCARD.fullmatch(word.text):
        asked.fields["codon"] = int(found[1])
        return
    asked.engine_meets = False
    if protein_change(word.text, gene) is None:
        error = UserError(f"{word.text!r} is no residue of a protein.", remedy="Write one like p.V600.")
        asked.refuse("wildcard_protein_change", word, error, findings)
        return
    what = f"{word.text!r} is a whole change, not a residue: matchengine-V2 never finds it."
    findings.add("warning", "wildcard-holds-change", word.place, what, f"Write protein_change: {word.text!r}.")
    asked.fields.setdefault("protein_change", word.text)


def _read_exon(asked: Asked, name: str, word: Word, findings: Findings) -> None:
    if not word.text.isdigit() or int(word.text) < 1:
        error = UserError(f"{word.text!r} is no number of an exon.", remedy="Write a number like 19.")
        asked.refuse(name, word, error, findings)
        return
    asked.fields["exon"] = int(word.text)
    if word.is_text:
        what = f"{name} is a text; matchengine-V2 compares it with numbers and never finds it."
        findings.add("warning", "wrong-type", word.place, what, f"Write {word.text} without quotation marks.")
        asked.engine_meets = False


def _read_class(asked: Asked, word: Word, findings: Findings) -> None:
    joined = re.split(r"\s+(?:and|or)\s+|\s*[,;/&+]\s*(?!UTR)", word.text)
    try:
        classes = tuple(name for part in joined for name in _classes(part))
    except UserError as error:
        asked.refuse("variant_classification", word, error, findings)
        return
    asked.fields["classes"] = classes
    if len(joined) > 1:
        error = UserError(
            f"{word.text!r} joins several classes; a variant has one.", remedy="Write a node for each class, under or."
        )
        asked.refuse("variant_classification", word, error, findings)
    elif word.as_compared not in {*classes, *_ENGINE_CLASSES}:
        what = f"matchengine-V2 compares letters: it never finds the class {word.as_compared!r}."
        findings.add("warning", "wrong-case", word.place, what, f"Write {' or '.join(map(repr, classes))}.")
        asked.engine_meets = False


def _classes(text: str) -> tuple[str, ...]:
    known = _CLASSES.get(text.strip().replace(" ", "_").replace("-", "_").casefold())
    return (variant_class(text),) if known is None else known
