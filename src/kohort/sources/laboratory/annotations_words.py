"""Consequences in the words of Sequence Ontology, in their order of severity.

VEP and SnpEff write one or several of them, joined by ``&``; the most severe is what a variant is called by.
"""

from __future__ import annotations

from functools import cache

__all__ = ["SEVERITY", "most_severe", "severity"]

# source: Ensembl, "Calculated variant consequences", https://www.ensembl.org/info/genome/variation/prediction
# version: Ensembl 115; terms that only SnpEff writes (http://pcingolani.github.io/SnpEff/snpeff/inputoutput) stand
#          beside the Ensembl term of the same effect
# licence: the order is a fact; Sequence Ontology terms CC BY 4.0
_ORDER = """
transcript_ablation exon_loss_variant gene_fusion bidirectional_gene_fusion
splice_acceptor_variant
splice_donor_variant
stop_gained
frameshift_variant
stop_lost
start_lost initiator_codon_variant rare_amino_acid_variant
transcript_amplification
feature_elongation
feature_truncation
inframe_insertion conservative_inframe_insertion disruptive_inframe_insertion
inframe_deletion conservative_inframe_deletion disruptive_inframe_deletion
missense_variant
protein_altering_variant
splice_donor_5th_base_variant
splice_region_variant
splice_donor_region_variant
splice_polypyrimidine_tract_variant
incomplete_terminal_codon_variant
start_retained_variant
stop_retained_variant
synonymous_variant
coding_sequence_variant
mature_miRNA_variant
5_prime_UTR_premature_start_codon_gain_variant
5_prime_UTR_variant
3_prime_UTR_variant
non_coding_transcript_exon_variant non_coding_exon_variant
intron_variant
NMD_transcript_variant
non_coding_transcript_variant
coding_transcript_variant
upstream_gene_variant
downstream_gene_variant
TFBS_ablation
TFBS_amplification
TF_binding_site_variant
regulatory_region_ablation
regulatory_region_amplification
regulatory_region_variant
intergenic_variant intergenic_region
sequence_variant
"""
SEVERITY: dict[str, int] = {term: rank for rank, line in enumerate(_ORDER.strip().split("\n")) for term in line.split()}
"""Term to its rank; 0 is the most severe."""

_UNKNOWN = SEVERITY["sequence_variant"]


@cache
def most_severe(consequence: str) -> str:
    """The most severe term of ``consequence``; the first of those that are equally severe, or of unknown ones."""
    return min(consequence.split("&"), key=lambda term: SEVERITY.get(term, _UNKNOWN))


@cache
def severity(consequence: str) -> int:
    """Rank of the most severe term of ``consequence``; 0 is the most severe, an unknown term ranks last."""
    return SEVERITY.get(most_severe(consequence), _UNKNOWN)
