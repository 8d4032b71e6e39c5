"""Gene symbols of a genomic node: which gene is meant, and whether the letters are those of the approved symbol."""

from __future__ import annotations

from kohort.codes import genes
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.values import Word

__all__ = ["ANY_GENE", "INTERGENIC", "is_found_by_the_engine", "read_gene"]

ANY_GENE = "any"
"""Some gene, whichever."""

INTERGENIC = "intergenic"
"""No gene: a place between genes."""


def read_gene(word: Word | None, findings: Findings) -> str | None:
    """The approved symbol, ``ANY_GENE`` or ``INTERGENIC``; None if no gene is named.

    A symbol that the gene table does not hold stays as written.
    """
    if word is None or word.text.casefold() in {"", "none", "null"} or not word.is_text:
        return None
    folded = word.text.casefold().replace(" ", "_")
    if folded in {"any_gene", INTERGENIC}:
        return ANY_GENE if folded == "any_gene" else INTERGENIC
    return _symbol(word, findings)


def is_found_by_the_engine(word: Word | None) -> bool:
    """False if a symbol has the letters of an approved one in other case: no document spells it so.

    A former symbol may stand in a document as it stands in the trial; Kohort resolves both.
    """
    found = None if word is None else genes.table().match(word.text)
    symbol = "" if found is None else found[0].symbol
    return word is None or symbol.casefold() != word.text.casefold() or symbol == word.as_compared


def _symbol(word: Word, findings: Findings) -> str:
    found = genes.table().match(word.text)
    if found is None:
        shared = [gene.symbol for gene in genes.candidates(word.text)]
        what = f"the gene {word.text!r} is not in the table in use."
        if shared:
            what = f"{word.text!r} is a name of several genes: {', '.join(shared)}."
        findings.add("warning", "unknown-gene", word.place, what, "Write the approved symbol (HGNC).")
        return word.text
    gene, kind = found
    if gene.symbol != word.text:
        former = {"previous": "a former symbol", "alias": "an alias"}.get(kind, "another spelling")
        what = f"{word.text!r} is {former} of {gene.symbol}; matchengine-V2 compares the letters."
        findings.add("warning", "alias-gene", word.place, what, f"Write {gene.symbol}.")
    return gene.symbol
