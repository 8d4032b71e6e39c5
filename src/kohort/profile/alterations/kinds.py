"""The kinds of alterations, each with its meaning."""

from __future__ import annotations

__all__ = [
    "GENOME_WIDE",
    "JOINED",
    "KINDS",
    "PLAIN_TEXTS",
    "PROTEIN_KINDS",
    "SPAN_WORDS",
    "TRUNCATING",
    "is_taken_whole",
]

_TRUNCATING = {
    "nonsense": "a new stop",
    "frameshift": "a shift of the reading frame",
    "splice": "a change of a splice site",
    "start lost": "a change of the first residue",
}

_PROTEIN = {
    "missense": "one residue replaced by another",
    "inframe deletion": "residues lost, the frame kept; with an exon, any such change within it",
    "inframe insertion": "residues gained, the frame kept",
    "inframe delins": "residues replaced by others, the frame kept",
    "duplication": "residues doubled",
    "stop lost": "the stop replaced by a residue",
    "extension": "new residues before the first",
    "exon skipping": "a transcript without one or more exons",
    "exon loss": "one or more whole exons lost from the gene",
    "internal tandem duplication": "ITD, as of FLT3",
    "kinase domain duplication": "KDD, as of EGFR",
    "variant III": "EGFRvIII, the loss of exons 2 to 7",
}

_GENE = {
    "synonymous": "no change of the protein",
    "coding": "a coding base replaced; what it does to the protein is not given",
    "noncoding": "a change outside the coding sequence that is no splice site",
    "promoter": "a change of the promoter, as of TERT",
    "polymorphism": "an inherited allele, by its rs number or star name",
    "fusion": "the gene joined to another",
    "intragenic rearrangement": "a break within the gene that joins it to no other",
    "amplification": "high gain of copies",
    "gain": "low gain of copies",
    "copy neutral": "two copies",
    "loss": "one copy lost, or not said how many",
    "deletion": "both copies lost",
    "copy number variation": "another number of copies, not said which way",
    "LOH": "loss of heterozygosity",
    "biallelic inactivation": "both alleles inactivated, by whatever changes",
    "wild type": "tested, and no alteration found",
    "expression": "expressed, the amount not said",
    "overexpression": "more expressed than usual; no statement on copies",
    "underexpression": "less expressed than usual; no statement on copies",
    "serum level": "an amount of the protein in blood",
    "methylation": "methylated, most often at the promoter",
    "phosphorylation": "the protein phosphorylated, perhaps at one residue",
    "localisation": "the protein found in one part of the cell",
    "alternative transcript": "a transcript that is not the usual one",
}

_CLASSES = {
    "codon": "a residue replaced by any other, or lost",
    "mutation": "any small change of the protein; with an exon or a domain, within it",
    "activating mutation": "any change that activates",
    "truncating": "any change that ends or disrupts the protein",
    "loss of function": "any change that inactivates",
}

_GENOME_WIDE = {
    "MSI": "high microsatellite instability",
    "dMMR": "deficient mismatch repair, by immunohistochemistry",
    "TMB": "high tumour mutational burden",
    "HRD": "deficient homologous recombination",
    "signature": "a mutational signature, e.g. SBS3",
    "arm gain": "a chromosome or its arm gained",
    "arm loss": "a chromosome or its arm lost; 1p/19q is lost together",
}

_OTHERS = {
    "alternatives": "one of the parts holds",
    "compound": "all parts hold",
    "absent": "tested, and its one part does not hold",
    "text": "not understood, kept as written",
}

TRUNCATING = frozenset(_TRUNCATING)
"""Kinds that end or disrupt the protein; the class behind ``truncating`` in a knowledge pack."""

PROTEIN_KINDS = TRUNCATING | frozenset(_PROTEIN)
"""Small and intragenic kinds that alter the protein: what ``mutation`` in a knowledge pack stands for."""

GENOME_WIDE = frozenset(_GENOME_WIDE)
"""Kinds that are of the whole tumour and of no gene."""

KINDS: dict[str, str] = _TRUNCATING | _PROTEIN | _GENE | _CLASSES | _GENOME_WIDE | _OTHERS
"""Every kind, and what it means."""

JOINED: dict[str, frozenset[str]] = {
    "alternatives": frozenset({"compound", "absent"}),
    "compound": frozenset({"absent"}),
    "absent": frozenset(),
}
"""Kinds that have parts, to the kinds with parts that may stand inside."""

PLAIN_TEXTS: dict[str, str] = {
    "MSI": "MSI-H",
    "no MSI": "MSS",
    "no dMMR": "pMMR",
    "TMB": "TMB-H",
    "no TMB": "TMB-L",
    "no HRD": "HRD-negative",
    "promoter": "promoter mutation",
}
"""Kinds whose canonical text is the field's own word; ``no`` before a kind for its absence."""

SPAN_WORDS: dict[str, str] = {
    "inframe deletion": "deletion",
    "inframe insertion": "insertion",
    "exon skipping": "skipping",
    "exon loss": "loss",
}
"""The word of a kind behind an exon or a domain, where it is not the kind itself."""

_INFRAME_EXONS: dict[str, frozenset[int]] = {
    "EGFR": frozenset({18, 19, 20, 21}),
    "ERBB2": frozenset({19, 20}),
    "JAK2": frozenset({12}),
    "KIT": frozenset({8, 9, 10, 11, 13, 17}),
    "MAP2K1": frozenset({2, 3}),
    "PDGFRA": frozenset({12, 14, 18}),
}
"""Exons in which a *deletion* means one of some residues within the exon."""


def is_taken_whole(gene: str | None, exon: int, last_exon: int | None) -> bool:
    """True if a *deletion* of the exon, or of several, takes it whole rather than some residues within it."""
    return last_exon is not None or (gene is not None and exon not in _INFRAME_EXONS.get(gene, ()))
