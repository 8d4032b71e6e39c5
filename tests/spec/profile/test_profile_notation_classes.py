"""Classes over exons and domains, and alterations that are no protein change, each have a kind of their own.

Words of classes follow CIViC (https://civicdb.org) and OncoKB, chromosomes ISCN, alleles PharmVar and CPIC,
signatures COSMIC version 3.
"""

from __future__ import annotations

import csv

import pytest

from kohort.profile import normalise
from kohort.profile.alterations.domains import domain_ranges
from kohort.profile.alterations.kinds import KINDS
from tests.support import SHARED, needs_shared

CIVIC = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"

CLASSES = [
    # as written, gene, canonical text, kind
    ("EXON 19 DELETION", "EGFR", "exon 19 deletion", "inframe deletion"),
    ("Ex19del", "EGFR", "exon 19 deletion", "inframe deletion"),
    ("deletion in exon 19", "EGFR", "exon 19 deletion", "inframe deletion"),
    ("EXON 4 DELETION", "EGFR", "exon 4 loss", "exon loss"),
    ("exon 14 deletion", "MET", "exon 14 loss", "exon loss"),
    ("exon 5 in-frame deletion", "TP53", "exon 5 in-frame deletion", "inframe deletion"),
    ("EXON 12-22 DELETION", "LRP1B", "exon 12-22 loss", "exon loss"),
    ("exons 19 to 20 deletion", "EGFR", "exon 19-20 loss", "exon loss"),
    ("DEL4-11", "ALK", "exon 4-11 loss", "exon loss"),
    ("exon 2-7 deletion", "EGFR", "variant III", "variant III"),
    ("DEL 485-490", "BRAF", "p.485_490del", "inframe deletion"),
    ("exon 18-21 mutation", "EGFR", "exon 18-21 mutation", "mutation"),
    ("Exon 9 frameshift", "CALR", "exon 9 frameshift", "frameshift"),
    ("exon 14 splice mutation", "MET", "exon 14 splice", "splice"),
    ("F547 SPLICE SITE MUTATION", "JAK2", "p.X547_splice", "splice"),
    ("TKD MUTATION", "FLT3", "kinase domain mutation", "mutation"),
    ("P-Loop Mutation", "ABL1", "P-loop mutation", "mutation"),
    ("DNA BINDING DOMAIN MUTATION", "TP53", "DNA-binding domain mutation", "mutation"),
    ("B2 DOMAIN MUTATION", "PML", "B-box 2 mutation", "mutation"),
    ("N-TERMINAL FRAME SHIFT", "CEBPA", "N-terminal frameshift", "frameshift"),
    ("G12 mutation", "KRAS", "p.G12", "codon"),
    ("codon 12 mutations", "KRAS", "codon 12", "codon"),
    ("intron 9 rearrangement", "BRAF", "intron 9 rearrangement", "fusion"),
    ("ALK-intragenic", "ALK", "intragenic rearrangement", "intragenic rearrangement"),
    ("ALK-ALK", "ALK", "intragenic rearrangement", "intragenic rearrangement"),
    ("FRAMESHIFT TRUNCATION", "TSC1", "frameshift", "frameshift"),
    ("BIALLELIC INACTIVATION", "PALB2", "biallelic inactivation", "biallelic inactivation"),
]

MARKERS = [
    ("COPY NUMBER VARIATION", "EGFR", "copy number variation", "copy number variation"),
    ("2", "ERBB2", "amplification", "amplification"),
    ("-2", "CDKN2A", "deletion", "deletion"),
    ("-1", "CDKN2A", "loss", "loss"),
    ("LOH", "PTCH1", "LOH", "LOH"),
    ("COPY-NEUTRAL LOSS OF HETEROZYGOSITY", "HLA-C", "copy-neutral LOH", "LOH"),
    ("RS61764370", "KRAS", "rs61764370", "polymorphism"),
    ("RS67376798 HOMOZYGOSITY", "DPYD", "rs67376798 homozygosity", "polymorphism"),
    ("DPYD*2A HOMOZYGOSITY", "DPYD", "allele *2A homozygosity", "polymorphism"),
    ("UGT1A1*28", "UGT1A1", "allele *28", "polymorphism"),
    ("UGT1A1*28", None, "allele *28", "polymorphism"),
    ("DELETION POLYMORPHISM", "BCL2L11", "deletion polymorphism", "polymorphism"),
    ("5' TANDEM REPEAT", "TYMS", "5' tandem repeat", "polymorphism"),
    ("PHOSPHORYLATION", "RB1", "phosphorylation", "phosphorylation"),
    ("Y1092 PHOSPHORYLATION", "EGFR", "Y1092 phosphorylation", "phosphorylation"),
    ("NUCLEAR TRANSLOCATION", "ERBB4", "nuclear localisation", "localisation"),
    ("CYTOPLASMIC MISLOCALIZATION", "CDKN1B", "cytoplasmic localisation", "localisation"),
    ("SERUM LEVELS", "MMP9", "serum level", "serum level"),
    ("NUCLEAR EXPRESSION", "BIRC5", "nuclear expression", "expression"),
    ("p16 EXPRESSION", "CDKN2A", "p16 expression", "expression"),
    ("V7 EXPRESSION", "AR", "alternative transcript (V7)", "alternative transcript"),
    ("PD-L1 expression", "CD274", "expression", "expression"),
    ("EXON 18 OVEREXPRESSION", "EGFR", "exon 18 overexpression", "overexpression"),
    ("ALTERNATIVE TRANSCRIPT (ATI)", "ALK", "alternative transcript (ATI)", "alternative transcript"),
    ("AR-V7", "AR", "alternative transcript (V7)", "alternative transcript"),
    ("promoter mutation", "TERT", "promoter mutation", "promoter"),
    ("C228T", "TERT", "c.-124C>T", "promoter"),
    ("C250T", "TERT", "c.-146C>T", "promoter"),
    ("c.-124C>T", "TERT", "c.-124C>T", "promoter"),
    ("p.C228T", "TERT", "p.C228T", "missense"),
    ("SBS3", None, "SBS3", "signature"),
    ("APOBEC signature", None, "APOBEC signature", "signature"),
    ("dMMR", None, "dMMR", "dMMR"),
    ("pMMR", None, "pMMR", "absent"),
    ("MSS", None, "MSS", "absent"),
    ("TMB-L", None, "TMB-L", "absent"),
    ("HRD-positive", None, "HRD", "HRD"),
    ("HRD-negative", None, "HRD-negative", "absent"),
    ("1p/19q codeletion", None, "1p/19q codeletion", "arm loss"),
    ("17p deletion", None, "17p loss", "arm loss"),
    ("del(5q)", None, "5q loss", "arm loss"),
    ("monosomy 3", None, "chromosome 3 loss", "arm loss"),
    ("+7", None, "chromosome 7 gain", "arm gain"),
    ("gain of 1q", None, "1q gain", "arm gain"),
    ("+7/-10", None, "chromosome 10 loss and chromosome 7 gain", "compound"),
]

DIFFERENT = [
    ("UNDEREXPRESSION", "DELETION"),
    ("UNDEREXPRESSION", "LOSS"),
    ("OVEREXPRESSION", "AMPLIFICATION"),
    ("EXPRESSION", "OVEREXPRESSION"),
    ("LOSS", "DELETION"),
    ("GAIN", "AMPLIFICATION"),
    ("LOSS", "LOSS-OF-FUNCTION"),
    ("LOH", "LOSS"),
    ("BIALLELIC INACTIVATION", "LOSS-OF-FUNCTION"),
    ("NUCLEAR TRANSLOCATION", "TRANSLOCATION"),
    ("PROMOTER METHYLATION", "PROMOTER MUTATION"),
    ("KINASE DOMAIN DUPLICATION", "KINASE DOMAIN MUTATION"),
    ("dMMR", "MSI-H"),
    ("EXON 14 DELETION", "EXON 14 SKIPPING"),
]


@pytest.mark.parametrize(("written", "gene", "text", "kind"), CLASSES + MARKERS)
def test_a_word_of_the_field_gives_its_canonical_text_and_kind(
    written: str, gene: str | None, text: str, kind: str
) -> None:
    """Each word has one kind, and its canonical text is read as the same alteration."""
    read = normalise(written, gene)
    assert (read.text, read.kind) == (text, kind)
    assert normalise(read.text, read.gene) == read


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_words_that_sound_alike_mean_different_things(one: str, other: str) -> None:
    """Less expressed is not deleted, lost is not both copies deleted, and so on."""
    assert normalise(one, "MET") != normalise(other, "MET")
    assert "text" not in {normalise(one, "MET").kind, normalise(other, "MET").kind}


def test_a_class_over_a_domain_names_the_domain_and_the_residues_are_known() -> None:
    """The residues of a domain stand in a table of public ranges; where they do not, that is said."""
    read = normalise("TKD mutation", "FLT3")
    assert read.domain == "kinase domain"
    assert domain_ranges()["FLT3", read.domain] == ((610, 943),)
    unknown = normalise("SH2 kinase domain mutation", "PTEN"), normalise("kinase domain mutation", "PTEN")
    assert [each.kind for each in unknown] == ["text", "mutation"]
    assert unknown[1].findings == ("Where the domain of this gene lies is not known.",)


def test_a_class_over_several_exons_holds_the_first_and_the_last() -> None:
    """One exon has no last, and exons are counted upwards."""
    read = normalise("exons 18 to 21 mutation", "EGFR")
    assert (read.exon, read.last_exon) == (18, 21)
    assert normalise("exon 18 mutation", "EGFR").last_exon is None
    assert normalise("exon 21-18 mutation", "EGFR").kind == "text"


def test_rare_leaves_out_the_common_changes_where_these_are_agreed_on() -> None:
    """Of EGFR, rare or uncommon means neither exon 19 deletion nor L858R; elsewhere the word is told and not kept."""
    rare = normalise("RARE Exon 18-21 Mutation", "EGFR")
    assert rare.text == "exon 18-21 mutation and not exon 19 deletion and not p.L858R"
    assert normalise(rare.text, "EGFR") == rare
    other = normalise("rare exon 15 mutation", "BRAF")
    assert (other.text, len(other.findings)) == ("exon 15 mutation", 1)


def test_the_two_common_classes_of_egfr_are_alternatives() -> None:
    """CIViC's ``Ex19 del L858R`` stands for patients with the one or the other (Rosell et al., Lancet Oncol 2012)."""
    assert normalise("Ex19 del L858R", "EGFR").text == "exon 19 deletion or p.L858R"
    assert normalise("Ex19 del L858R", "KIT").kind == "text"


def test_msi_low_is_read_as_stable_with_a_finding() -> None:
    """Guidelines count MSI-L with MSS (ESMO, Luchini et al., Ann Oncol 2019, doi 10.1093/annonc/mdz116)."""
    read = normalise("MSI-L")
    assert (read.text, len(read.findings)) == ("MSS", 1)


def test_an_old_signature_number_is_read_unless_it_was_split() -> None:
    """Signatures 7, 10 and 17 of COSMIC version 2 are several in version 3."""
    assert normalise("COSMIC Signature 3").text == "SBS3"
    assert normalise("COSMIC Signature 7").kind == "text"


def test_every_kind_says_what_it_means() -> None:
    """The list of kinds is the list of their meanings."""
    assert all(meaning and not meaning.endswith(".") for meaning in KINDS.values())


@pytest.mark.realdata
@needs_shared
def test_nearly_all_names_of_civic_are_classified() -> None:
    """Of the distinct gene and variant names of CIViC (May 2022) at most 18 of 918 may stay text."""
    with CIVIC.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", doublequote=False, escapechar="\\"))
    names = {(row["gene"], name.strip()) for row in rows for name in row["variant"].split(",") if name.strip()}
    unread = sorted((gene, name) for gene, name in names if normalise(name, gene).kind == "text")
    assert len(names) == 918
    assert unread == [("ABL1", "Double Ph"), ("EGFR", "RARE EGRF MUT"), ("HSPH1", "T17 DELETION")]
