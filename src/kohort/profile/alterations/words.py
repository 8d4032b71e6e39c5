"""Alterations named in plain words: ``amplification``, ``wild type``, ``MSS``, a MAF class."""

from __future__ import annotations

import re

from kohort.profile.alterations.alteration import Alteration

__all__ = ["CLASSIFICATION_KINDS", "COPY_KINDS", "MATCHING_KINDS", "parse_words"]

COPY_KINDS: dict[int, str] = {-2: "deletion", -1: "loss", 0: "copy neutral", 1: "gain", 2: "amplification"}
"""Discrete copy-number calls (cBioPortal, GISTIC): a gain is not an amplification, a loss not a deletion."""

_PHRASES: dict[str, tuple[str, ...]] = {
    "amplification": (
        "amp", "amplified", "high level amplification", "high amplification", "copy number amplification",
    ),
    "gain": ("copy number gain", "low level gain", "low gain", "low amplification", "low level amplification"),
    "loss": (
        "copy number loss", "shallow deletion", "shallowdel", "heterozygous loss", "heterozygous deletion", "hetloss",
    ),
    "deletion": ("deep deletion", "deepdel", "homozygous deletion", "homdel", "homozygous loss"),
    "copy neutral": (),
    "wild type": ("wildtype", "wt", "no mutation"),
    "mutation": ("any mutation", "mutated", "mut", "alteration", "nonsynonymous mutation"),
    "activating mutation": ("oncogenic mutation", "gain of function", "gof", "gain of function mutation"),
    "truncating": ("truncating mutation", "truncation"),
    "loss of function": (
        "lof", "loss of function mutation", "inactivating mutation", "deleterious mutation",
        "oncogenic loss of function",
    ),
    "missense": ("missense mutation",),
    "nonsense": ("nonsense mutation", "stop gained"),
    "frameshift": ("frameshift mutation", "frame shift", "frame shift mutation", "frameshift truncation"),
    "inframe deletion": ("in frame deletion",),
    "inframe insertion": ("in frame insertion",),
    "inframe delins": (),
    "duplication": (),
    "splice": ("splice site", "splice site mutation", "splice mutation"),
    "start lost": (),
    "stop lost": (),
    "extension": (),
    "exon skipping": (),
    "synonymous": ("silent", "silent mutation"),
    "fusion": ("rearrangement", "translocation", "gene fusion"),
    "intragenic rearrangement": ("intragenic", "intragenic fusion"),
    "copy number variation": ("copy number variant", "copy number alteration", "copy number change", "cnv", "cna"),
    "LOH": ("loss of heterozygosity",),
    "biallelic inactivation": ("biallelic loss", "biallelic loss of function"),
    "exon loss": (),
    "noncoding": ("non coding",),
    "promoter": ("promoter mutation", "promoter variant"),
    "expression": ("protein expression",),
    "serum level": (),
    "overexpression": ("over expression", "high expression"),
    "underexpression": ("under expression", "low expression"),
    "methylation": ("promoter methylation", "hypermethylation", "promoter hypermethylation"),
    "internal tandem duplication": ("itd", "internal duplication"),
    "kinase domain duplication": ("kdd",),
    "variant III": ("viii", "v iii"),
    "MSI": ("msi h", "msi high", "microsatellite instability high", "microsatellite instability"),
    "dMMR": ("mmr deficient", "mmrd", "mismatch repair deficient", "mismatch repair deficiency",
             "deficient mismatch repair"),
    "HRD": ("hrd positive", "hrd high", "homologous recombination deficient", "homologous recombination deficiency"),
    "TMB": ("tmb h", "tmb high", "high tumour mutational burden", "high tumor mutational burden",
            "tumour mutational burden high", "tumor mutational burden high"),
}  # fmt: skip

_ABSENT: dict[str, tuple[str, ...]] = {
    "MSI": ("mss", "microsatellite stable", "microsatellite stability", "non msi h"),
    "dMMR": ("pmmr", "mmr proficient", "mismatch repair proficient", "proficient mismatch repair", "mmrp"),
    "TMB": ("tmb l", "tmb low", "low tumour mutational burden", "low tumor mutational burden"),
    "HRD": ("hrp", "hrd negative", "hrd low", "homologous recombination proficient",
            "homologous recombination proficiency"),
}  # fmt: skip
"""Words for the absence of what is high or deficient."""

_LITTLE = {"msi l": "MSI", "msi low": "MSI", "microsatellite instability low": "MSI"}
"""Words read as an absence with a finding."""

MSI_LOW = "MSI-L is read as stable, as guidelines do (ESMO, Luchini et al., Ann Oncol 2019)."

CLASSIFICATION_KINDS: dict[str, str] = {
    "missense_mutation": "missense",
    "missense_variant": "missense",
    "nonsense_mutation": "nonsense",
    "stop_gained": "nonsense",
    "frame_shift_del": "frameshift",
    "frame_shift_ins": "frameshift",
    "frameshift_variant": "frameshift",
    "in_frame_del": "inframe deletion",
    "inframe_deletion": "inframe deletion",
    "in_frame_ins": "inframe insertion",
    "inframe_insertion": "inframe insertion",
    "splice_site": "splice",
    "splice_acceptor_variant": "splice",
    "splice_donor_variant": "splice",
    "nonstop_mutation": "stop lost",
    "stop_lost": "stop lost",
    "translation_start_site": "start lost",
    "start_lost": "start lost",
    "silent": "synonymous",
    "synonymous_variant": "synonymous",
    "splice_region": "noncoding",  # no protein change stands beside it, so it is the intron's side of the region
    "splice_region_variant": "noncoding",
    "intron": "noncoding",
    "intron_variant": "noncoding",
    "3'utr": "noncoding",
    "3_prime_utr_variant": "noncoding",
    "5'utr": "noncoding",
    "5_prime_utr_variant": "noncoding",
    "3'flank": "noncoding",
    "downstream_gene_variant": "noncoding",
    "5'flank": "noncoding",
    "upstream_gene_variant": "noncoding",
    "igr": "noncoding",
    "intergenic_variant": "noncoding",
    "rna": "noncoding",
    "non_coding_transcript_exon_variant": "noncoding",
}
"""MAF Variant_Classification and Sequence Ontology terms, lower case, to the kind they name."""

MATCHING_KINDS: dict[str, frozenset[str]] = {
    "missense": frozenset({"missense", "inframe delins"}),
    "nonsense": frozenset({"nonsense", "inframe delins", "inframe insertion"}),
    "frameshift": frozenset({"frameshift", "nonsense", "stop lost"}),
    "inframe deletion": frozenset({"inframe deletion", "inframe delins", "nonsense", "missense"}),
    "inframe insertion": frozenset({"inframe insertion", "duplication", "inframe delins", "nonsense"}),
    "stop lost": frozenset({"stop lost", "extension", "frameshift"}),
    "start lost": frozenset({"start lost", "extension", "inframe deletion", "inframe delins"}),
    "synonymous": frozenset({"synonymous"}),
}
"""Kinds of a protein change that a classification allows; ``splice`` allows all: an exon's edge is coding."""


def parse_words(text: str) -> Alteration | None:
    """The alteration that ``text`` names in words, without gene; None if the words are not known."""
    plain = re.sub(r"[\s_-]+", " ", text.strip().lower())
    found = _READ.get(plain)
    return _READ.get(plain[:-1]) if found is None and plain.endswith("s") else found


def _absent(kind: str, *findings: str) -> Alteration:
    return Alteration(None, "absent", parts=(Alteration(None, kind),), findings=findings)


_READ: dict[str, Alteration] = (
    {kind.lower(): Alteration(None, kind) for kind in _PHRASES}
    | {phrase: Alteration(None, kind) for kind, phrases in _PHRASES.items() for phrase in phrases}
    | {phrase: _absent(kind) for kind, phrases in _ABSENT.items() for phrase in phrases}
    | {phrase: _absent(kind, MSI_LOW) for phrase, kind in _LITTLE.items()}
)
