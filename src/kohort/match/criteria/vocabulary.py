"""The one place where matching asks what a name means: genes, protein changes, drugs, tumour types.

Names in trials and in tables go through the same functions, so two spellings of one thing meet.
"""

from __future__ import annotations

import functools
import re

from kohort.codes import drugs, genes, oncotree
from kohort.errors import UnknownNameError, UserError
from kohort.profile import Alteration, normalise
from kohort.profile.alterations.alteration import PROTEIN_KINDS

__all__ = [
    "CODING_SILENT",
    "TRUNCATING_CLASSES",
    "VARIANT_CLASSES",
    "approved_gene",
    "approved_gene_or_none",
    "drug_classes",
    "drug_name",
    "is_change",
    "is_known_drug",
    "is_known_drug_class",
    "is_known_gene",
    "more_general",
    "protein_change",
    "stage_group",
    "variant_class",
]

TRUNCATING_CLASSES = ("Frame_Shift_Del", "Frame_Shift_Ins", "Nonsense_Mutation", "Splice_Site")
"""MAF classes that usually end the protein early; written ``truncating`` in Kohort's YAML."""

_CLASSES = (
    *TRUNCATING_CLASSES,
    "Missense_Mutation",
    "Nonstop_Mutation",
    "In_Frame_Del",
    "In_Frame_Ins",
    "Translation_Start_Site",
    "Splice_Region",
    "Silent",
    "RNA",
    "Intron",
    "IGR",
    "3'UTR",
    "5'UTR",
    "3'Flank",
    "5'Flank",
    "Targeted_Region",
    "De_novo_Start_InFrame",
    "De_novo_Start_OutOfFrame",
)

CODING_SILENT = frozenset({"Silent", "RNA", "Intron", "IGR", "3'UTR", "5'UTR", "3'Flank", "5'Flank"})
"""MAF classes that leave the protein as it is: no *mutation* unless a criterion names the class."""

VARIANT_CLASSES = frozenset(_CLASSES)
"""All MAF classes: another word says nothing of a variant's class, and so decides neither way."""

_PLACED = PROTEIN_KINDS | {"synonymous"}

_GENE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,29}")
_STAGE = re.compile(r"(?:stage\s*)?(0|IV|I{1,3})\s*([A-E]?\d?)", re.IGNORECASE)


@functools.cache
def approved_gene(symbol: str) -> str:
    """The approved symbol; a symbol that the gene table does not hold stays as written, in upper case.

    Raises:
        UserError: the text cannot be a gene symbol.
    """
    written = symbol.strip()
    if not _GENE.fullmatch(written):
        raise UserError(f"{symbol!r} is not a gene symbol.", remedy="Write the HGNC symbol, e.g. BRAF.")
    gene = genes.resolve(written)
    return written.upper() if gene is None else gene.symbol


@functools.cache
def approved_gene_or_none(text: str | None) -> str | None:
    """The approved symbol, None for a text that cannot be a gene symbol."""
    try:
        return None if text is None else approved_gene(text)
    except UserError:
        return None


@functools.cache
def is_known_gene(symbol: str) -> bool:
    """True if the gene table holds the symbol, also as a former one or an alias."""
    return genes.resolve(symbol.strip()) is not None


@functools.cache
def protein_change(text: str, gene: str) -> Alteration | None:
    """The protein change at a residue, in normal form; None if the text is none that can be read."""
    change = normalise(text, gene=gene)
    return change if change.kind in _PLACED and change.position is not None else None


def is_change(wanted: str, written: str, gene: str) -> bool | None:
    """True if ``written`` is the change ``wanted`` of the gene, None if one of both cannot be read.

    A frameshift may be wanted by its first residue alone: ``R1450fs`` is met by ``p.R1450Gfs*9``.
    """
    asked, seen = _spelled(wanted, gene), _spelled(written, gene)
    if asked is None or seen is None:
        return None
    if asked[0] == seen[0]:
        return True
    (_, one), (_, other) = asked, seen
    if one.kind == other.kind == "frameshift" and one.position == other.position:
        return (not one.alt or one.alt == other.alt) and one.length in {None, other.length}
    return False


@functools.cache
def _spelled(text: str, gene: str) -> tuple[str, Alteration] | None:
    """The normal spelling of a change, with the change; spelling it is most of the work of comparing."""
    change = protein_change(text, gene)
    return None if change is None else (change.text, change)


def variant_class(text: str) -> str:
    """A MAF Variant_Classification as the format spells it, from any case.

    Raises:
        UnknownNameError: MAF has no such class.
    """
    spelled = {name.casefold(): name for name in _CLASSES}
    found = spelled.get(text.strip().replace(" ", "_").casefold())
    if found is None:
        raise UnknownNameError("variant class", text, _CLASSES)
    return found


@functools.cache
def drug_name(text: str) -> str:
    """The INN in lower case; a name that the drug table does not hold stays as written, in lower case."""
    try:
        return drugs.find(text).name
    except UnknownNameError:
        return " ".join(text.lower().split())


@functools.cache
def is_known_drug(text: str) -> bool:
    """True if the drug table holds the name."""
    try:
        drugs.find(text)
    except UnknownNameError:
        return False
    return True


@functools.cache
def drug_classes(name: str) -> frozenset[str] | None:
    """The classes of a drug in lower case, None if the drug table does not hold it."""
    try:
        return frozenset(word.casefold() for word in drugs.find(name).classes)
    except UnknownNameError:
        return None


@functools.cache
def is_known_drug_class(name: str) -> bool:
    """True if some drug of the table has the class."""
    return any(name == word.casefold() for drug in drugs.all_drugs() for word in drug.classes)


@functools.cache
def more_general(codes: frozenset[str]) -> frozenset[str]:
    """OncoTree codes outside ``codes`` that have one of them below: too general to say yes or no."""
    above: set[str] = set()
    for code in codes:
        node = oncotree.node(code)
        while node is not None and node.parent not in above:
            above.add(node.parent)
            node = oncotree.node(node.parent)
    return frozenset(above - {""}) - codes


@functools.cache
def stage_group(text: str) -> str | None:
    """A stage group in short form (``IIIA``) from any usual spelling; None if it names no single stage."""
    found = _STAGE.fullmatch(text.strip())
    return None if found is None else (found[1] + found[2]).upper()
