"""A text that could mean two things is read by its gene, or not at all.

A wrong reading is worse than none: it would bring evidence to a patient whom it is not about.
"""

from __future__ import annotations

import polars as pl
import pytest

from kohort.profile import normalise, normalise_frame


@pytest.mark.parametrize(
    ("text", "gene", "kind", "canonical"),
    [
        ("G719X", "EGFR", "codon", "p.G719"),
        ("p.(V600X)", "BRAF", "codon", "p.V600"),
        ("KRAS G12X", "KRAS", "codon", "p.G12"),
        ("R213X", "TP53", "nonsense", "p.R213*"),
        ("W1815X", "BRCA1", "nonsense", "p.W1815*"),
        ("Q22X", "KRAS", "nonsense", "p.Q22*"),
        ("G719*", "EGFR", "nonsense", "p.G719*"),
    ],
)
def test_x_is_a_stop_but_at_hotspots_of_oncogenes_any_residue(text: str, gene: str, kind: str, canonical: str) -> None:
    """Laboratories write X for a stop; trials write ``G719X`` for any change of a hotspot; a finding says so."""
    found = normalise(text, gene)
    assert (found.kind, str(found)) == (kind, canonical)
    assert bool(found.findings) == (kind == "codon")


def test_an_unknown_residue_is_no_stop() -> None:
    """``Xaa`` of HGVS is a residue that nobody knows; the one-letter X is a stop."""
    assert normalise("p.Arg213Xaa", "TP53").kind == "text"
    assert normalise("p.Arg213Ter", "TP53") == normalise("R213X", "TP53")


@pytest.mark.parametrize(
    ("text", "gene", "kind", "canonical"),
    [
        ("Del19", "EGFR", "inframe deletion", "exon 19 deletion"),
        ("19del", "EGFR", "inframe deletion", "exon 19 deletion"),
        ("19del", "KIT", "text", "19del"),
        ("p.S19del", "KIT", "inframe deletion", "p.S19del"),
        ("C228T", "TERT", "promoter", "c.-124C>T"),
        ("C228T", "KIT", "missense", "p.C228T"),
        ("UGT1A1*28", "UGT1A1", "polymorphism", "allele *28"),
        ("TP53 *394Q", "TP53", "stop lost", "p.*394Qext*?"),
        ("T17 DELETION", "HSPH1", "text", "T17 DELETION"),
        ("NUCLEAR TRANSLOCATION", "ERBB4", "localisation", "nuclear localisation"),
        ("TRANSLOCATION", "ERBB4", "fusion", "fusion"),
        ("V7", "AR", "alternative transcript", "alternative transcript (V7)"),
        ("V7", "BRAF", "codon", "p.V7"),
    ],
)
def test_the_gene_tells_what_a_short_name_means(text: str, gene: str, kind: str, canonical: str) -> None:
    """``Del19`` is an exon of EGFR, ``C228T`` the promoter of TERT, a star an allele of pharmacogenetics."""
    found = normalise(text, gene)
    assert (found.kind, str(found)) == (kind, canonical)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("E746\u2013A750del", "E746_A750del"),
        ("E746-A750del", "E746_A750del"),
        ("V600E mutation", "V600E"),
        ("mutation V600E", "V600E"),
        ("c.\u2212124C>T", "c.-124C>T"),
        ("EGFR\u2011RAD51", "EGFR-RAD51"),
    ],
)
def test_dashes_and_the_word_mutation_mean_nothing(text: str, plain: str) -> None:
    """Word processors write a hyphen as a dash, reports call a change a mutation."""
    assert normalise(text, "EGFR") == normalise(plain, "EGFR")
    assert normalise(plain, "EGFR").kind != "text"


@pytest.mark.parametrize("text", ["--ALK", "ALK--", "v::ALK", "ALK fusion"])
def test_a_fusion_with_one_known_end_is_a_fusion_of_that_gene(text: str) -> None:
    """Callers leave the other side blank where no gene lies there."""
    found = normalise(text)
    assert (found.gene, found.kind, found.partner) == ("ALK", "fusion", None)


@pytest.mark.parametrize(
    ("classification", "coding", "kind"),
    [
        ("Splice_Region", None, "noncoding"),
        ("Intron", None, "noncoding"),
        ("Splice_Site", None, "splice"),
        ("5'Flank", "c.-124C>T", "promoter"),
        ("Splice_Region", "c.902-1G>T", "splice"),
    ],
)
def test_a_class_beside_the_coding_sequence_is_never_a_lost_splice_site(
    classification: str, coding: str | None, kind: str
) -> None:
    """A splice region is wider than the site; where the change of DNA stands beside it, that says more."""
    row = pl.DataFrame({"gene": ["TERT"], "hgvs_p": [""], "hgvs_c": [coding], "classification": [classification]})
    assert normalise_frame(row)["kind"].to_list() == [kind]


def test_a_classification_settles_what_x_means() -> None:
    """A caller that says nonsense means a stop, in a table as well as alone."""
    alone = normalise("G719X", "EGFR", classification="Nonsense_Mutation")
    assert (alone.kind, str(alone), alone.findings) == ("nonsense", "p.G719*", ())
    table = pl.DataFrame({"gene": "EGFR", "hgvs_p": "G719X", "classification": ["Nonsense_Mutation", "", None]})
    found = normalise_frame(table)
    assert found["alteration"].to_list() == ["p.G719*", "p.G719", "p.G719"]
    assert found["kind"].to_list() == ["nonsense", "codon", "codon"]
    assert found["alt_residues"].to_list() == ["*", "", ""]
    assert found["remark"].is_null().to_list() == [True, False, False]
    assert found["as_written"].unique().to_list() == ["G719X"]
