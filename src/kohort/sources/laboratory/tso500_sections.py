"""The tables of a TSO500 file: what each column of a section means for a variant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kohort.sources.laboratory.cells import cell, chromosome, number, place, whole
from kohort.sources.laboratory.structural import gene_pair, junction, splice_words
from kohort.sources.model import LineFinding

__all__ = ["TABLES", "Note", "Table", "amplified", "fusion", "spliced", "variant_in"]

Row = Mapping[str, str]
Variant = dict[str, object]
Note = Callable[[str, str, str], None]
"""Rule, message, column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A section that is a table.

    Attributes:
        assay: what was read for it.
        required: columns without which no line can be read.
        variant: a line to its variant, None if the line says that nothing was found; findings go to the second.
    """

    assay: str
    required: tuple[str, ...]
    variant: Callable[[Row, Note], Variant | None]


def variant_in(table: Table, row: Row, line: int, findings: list[LineFinding]) -> Variant | None:
    """The variant of one line; what is odd about it is added to ``findings``."""

    def note(rule: str, message: str, column: str) -> None:
        findings.append(LineFinding(line, "warning", rule, message, column, row.get(column)))

    return table.variant(row, note)


def _number(row: Row, column: str, note: Note) -> float | None:
    text = cell(row, column)
    found = number(text)
    if text is not None and found is None:
        note("not_a_number", f"{column} is not a number; the line was kept without it. Correct it.", column)
    return found


def _small(row: Row, note: Note) -> Variant | None:
    """A line of [Small Variants]."""
    gene, position = cell(row, "Gene"), cell(row, "Genomic Position")
    if gene is None and position is None:
        return None
    if gene is None:
        note("missing_gene", "The line names no gene; it was kept. Fill the gene symbol.", "Gene")
    at = whole(position)
    if position is not None and at is None:
        message = "Genomic Position is not a whole number; the line was kept without it. Correct it."
        note("not_a_number", message, "Genomic Position")
    ref, alt = cell(row, "Reference Call"), cell(row, "Alternative Call")
    coding, protein = cell(row, "C-Dot Notation"), cell(row, "P-Dot Notation")
    transcript, _, change = (coding or "").rpartition(":")
    exon = re.match(r"\d+", cell(row, "Affected Exon(s)") or "")
    return {
        "class": "snv" if ref is not None and alt is not None and len(ref) == len(alt) else "indel",
        "gene": gene,
        "chromosome": chromosome(cell(row, "Chromosome")),
        "position": at,
        "end_position": None if at is None or ref is None else at + len(ref) - 1,
        "ref": ref,
        "alt": alt,
        "hgvs_c": change or None,
        "hgvs_p": protein,
        "transcript": transcript or None,
        "exon": int(exon[0]) if exon is not None else None,
        "vaf": _number(row, "Allele Frequency", note),
        "depth": _number(row, "Depth", note),
        "origin": "unknown",
        "classification": cell(row, "Consequence(s)"),
    }


def amplified(gene: str, fold: float | None, sort: str | None, copies: float | None, note: Note) -> Variant:
    """A copy-number call: an amplification unless it says that it is a loss, or its fold change says so.

    Args:
        gene: the gene.
        fold: fold change against the expected copies; None if not written.
        sort: ``<DUP>`` or ``<DEL>``; None in files that list nothing but amplifications.
        copies: absolute number of copies where the file has it.
        note: where findings go.
    """
    lost = sort is not None and ("DEL" in sort.upper() or "LOSS" in sort.upper())
    call: int | None = 2
    if lost:
        call = -2 if copies == 0 else -1
    elif fold is not None and fold <= 1:
        call = None
        message = "A fold change of 1 or less is no amplification; the line was kept without a call. Check it."
        note("no_amplification", message, "Fold Change")
    return {"class": "cnv", "gene": gene, "copies": call, "amount": fold, "classification": sort}


def _copies(row: Row, note: Note) -> Variant | None:
    """A line of [Gene Amplifications] or [Copy Number Variants]."""
    gene = cell(row, "Gene")
    if gene is None or "BETA FEATURE" in gene.upper():
        return None
    fold, copies = _number(row, "Fold Change", note), _number(row, "Absolute Copy Number", note)
    return amplified(gene, fold, cell(row, "Copy Number Variant"), copies, note)


def _rearranged(row: Row, note: Note) -> Variant | None:
    """A line of [Large Rearrangements] ([Exon-Level CNVs] before): exons of BRCA1 or BRCA2 lost or doubled."""
    gene, sort = cell(row, "Gene"), cell(row, "CNV Type") or cell(row, "Copy Number Variant")
    exons = cell(row, "Affected Exon(s)") or cell(row, "Affected Exon")
    if gene is None or (sort is None and exons is None and cell(row, "Start") is None):
        return None
    lost = sort is not None and ("LOSS" in sort.upper() or "DEL" in sort.upper())
    words = None if exons is None else f"exon {exons} {'deletion' if lost else 'duplication'}"
    return {
        "class": "sv",
        "gene": gene,
        "chromosome": chromosome(cell(row, "Chromosome")),
        "position": whole(cell(row, "Start")),
        "end_position": whole(cell(row, "Stop")),
        "hgvs_p": words,
        "amount": _number(row, "Fold Change", note),
        "classification": sort,
    }


def _lost_heterozygosity(row: Row, note: Note) -> Variant | None:
    """A line of [Loss of Heterozygosity]."""
    gene = cell(row, "Gene")
    if gene is None or "BETA FEATURE" in gene.upper():
        return None
    total, minor = cell(row, "Absolute Copy Number"), cell(row, "Minor Copy Number")
    told = f"loss of heterozygosity, copies {total or '?'}, of the minor allele {minor or '?'}"
    return {"class": "sv", "gene": gene, "hgvs_p": "LOH", "classification": told}


def spliced(
    gene: str, exons: str | None, first: str | None, second: str | None, reads: float | None, reference: float | None,
    note: Note,
) -> Variant:  # fmt: skip
    """A splice variant; the depth is the reads of both transcripts."""
    words = splice_words(gene, exons, second)
    if words is None:
        message = "Which exons are affected is not written, and the breakpoints are of no splice variant known here."
        note("unknown_splice_variant", message, "Affected Exon")
    return {
        "class": "sv", "gene": gene, "hgvs_p": words, "reads": reads,
        "depth": None if reads is None or reference is None else reads + reference,
        "classification": "splice variant" if exons is None else f"splice variant, exons {exons}",
        **junction(first, second),
    }  # fmt: skip


def _splice(row: Row, note: Note) -> Variant | None:
    """A line of [Splice Variants]."""
    gene = cell(row, "Gene")
    if gene is None:
        return None
    reads, reference = (_number(row, n, note) for n in ("Splice Supporting Reads", "Reference Reads Transcript"))
    ends = cell(row, "Breakpoint 1"), cell(row, "Breakpoint 2")
    return spliced(gene, cell(row, "Affected Exon") or cell(row, "Affected Exon(s)"), *ends, reads, reference, note)


def fusion(pair: str, first: str | None, second: str | None, reads: float | None, note: Note) -> Variant:
    """A fusion of two genes; the place is the first breakpoint, both stand in the classification."""
    genes = gene_pair(pair)
    if genes.ambiguous:
        message = "A side of the fusion lies in several genes; the first that HGNC knows was taken. Compare the text."
        note("several_fusion_genes", message, "Gene Pair")
    if genes.partner is None:
        note("missing_partner", "The gene pair could not be divided into two genes; it was kept as text.", "Gene Pair")
    chromosome_of_first, position = place(first)
    return {
        "class": "fusion", "gene": genes.gene, "partner": genes.partner, "hgvs_p": pair, "reads": reads,
        "classification": " to ".join(end for end in (first, second) if end is not None) or None,
        "chromosome": chromosome_of_first, "position": position,
    }  # fmt: skip


def _fusion(row: Row, note: Note) -> Variant | None:
    """A line of [Fusions]."""
    pair = cell(row, "Gene Pair")
    if pair is None:
        return None
    reads = _number(row, "Fusion Supporting Reads", note)
    return fusion(pair, cell(row, "Breakpoint 1"), cell(row, "Breakpoint 2"), reads, note)


_LOH = Table("copy_number", ("Gene",), _lost_heterozygosity)
_REARRANGEMENTS = Table("copy_number", ("Gene",), _rearranged)
TABLES: dict[str, Table] = {
    "Small Variants": Table("mutation", ("Gene", "Chromosome", "Genomic Position"), _small),
    "Gene Amplifications": Table("copy_number", ("Gene", "Fold Change"), _copies),
    "Copy Number Variants": Table("copy_number", ("Gene", "Fold Change"), _copies),
    "Splice Variants": Table("structural_variant", ("Gene",), _splice),
    "Fusions": Table("structural_variant", ("Gene Pair",), _fusion),
    "Large Rearrangements": _REARRANGEMENTS,
    "Exon-Level CNVs": _REARRANGEMENTS,
    "Loss of Heterozygosity": _LOH,
    "Gene-level Loss of Heterozygosity": _LOH,
}
"""Sections that are tables, by title."""
