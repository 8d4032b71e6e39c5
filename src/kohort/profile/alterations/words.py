"""Alterations named in words: ``amplification``, ``exon 19 deletion``, ``wild type``, a MAF class."""

from __future__ import annotations

import re

from kohort.profile.alterations.alteration import Alteration

__all__ = ["CLASSIFICATION_KINDS", "COPY_KINDS", "MATCHING_KINDS", "parse_words"]

COPY_KINDS: dict[int, str] = {-2: "deletion", -1: "loss", 0: "copy neutral", 1: "gain", 2: "amplification"}
"""Discrete copy-number calls (cBioPortal, GISTIC): a gain is not an amplification, a loss not a deletion."""

_PHRASES: dict[str, tuple[str, ...]] = {
    "amplification": ("amp", "amplified", "high level amplification", "copy number amplification"),
    "gain": ("copy number gain", "low level gain", "low gain"),
    "loss": ("copy number loss", "shallow deletion", "shallowdel", "heterozygous loss", "hetloss"),
    "deletion": ("deep deletion", "deepdel", "homozygous deletion", "homdel", "homozygous loss"),
    "copy neutral": (),
    "wild type": ("wildtype", "wt", "no mutation"),
    "mutation": ("any mutation", "mutated", "mut", "alteration"),
    "activating mutation": ("oncogenic mutation", "gain of function", "gof", "gain of function mutation"),
    "truncating": ("truncating mutation", "truncation", "frameshift truncation"),
    "loss of function": (
        "lof", "loss of function mutation", "inactivating mutation", "deleterious mutation",
        "oncogenic loss of function",
    ),
    "missense": ("missense mutation",),
    "nonsense": ("nonsense mutation", "stop gained"),
    "frameshift": ("frameshift mutation", "frame shift", "frame shift mutation"),
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
    "expression": ("protein expression", "nuclear expression", "isoform expression"),
    "overexpression": ("over expression", "high expression"),
    "underexpression": ("under expression", "low expression"),
    "methylation": ("promoter methylation", "hypermethylation", "promoter hypermethylation"),
    "internal tandem duplication": ("itd", "internal duplication"),
    "kinase domain duplication": ("kdd",),
    "variant III": ("viii", "v iii", "egfrviii"),
    "MSI": ("msi h", "msi high", "microsatellite instability high", "microsatellite instability", "dmmr"),
    "TMB": ("tmb h", "tmb high", "high tumour mutational burden", "high tumor mutational burden"),
}  # fmt: skip

_WORDS: dict[str, str] = {kind.lower(): kind for kind in _PHRASES} | {
    phrase: kind for kind, phrases in _PHRASES.items() for phrase in phrases
}

_EXON = re.compile(
    r"(?:exon|ex) ?(?P<exon>[1-9][0-9]{0,2}) ?(?:in ?frame )?"
    r"(?P<what>deletion|del|insertion|ins|skipping|skip|mutation|alteration|frame ?shift|duplication|dup"
    r"|missense)(?: mutation)?s?",
)

_EXON_KINDS: dict[str, str] = {
    "del": "inframe deletion",
    "ins": "inframe insertion",
    "ski": "exon skipping",
    "mut": "mutation",
    "alt": "mutation",
    "fra": "frameshift",
    "dup": "duplication",
    "mis": "missense",
}

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
    kind = _WORDS.get(plain) or (_WORDS.get(plain[:-1]) if plain.endswith("s") else None)
    if kind is not None:
        return Alteration(gene=None, kind=kind)
    exon = _EXON.fullmatch(plain)
    if exon is not None:
        return Alteration(gene=None, kind=_EXON_KINDS[exon["what"][:3]], exon=int(exon["exon"]))
    return None
