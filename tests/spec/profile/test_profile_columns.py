"""Columns that contradict each other, and changes that cannot be, are told on their rows.

Codon n of a coding sequence holds its bases 3n - 2 to 3n; bases lost or gained in threes keep the frame (HGVS, DNA
and protein recommendations).
"""

from __future__ import annotations

import polars as pl
import pytest

from kohort.profile import normalise, normalise_frame
from kohort.profile.alterations.agreement import agree
from kohort.profile.alterations.coding import read_coding
from kohort.profile.alterations.residues import known_residues, protein_lengths

CODING = [
    # c. change, protein change, what the remark says; nothing where the two agree
    ("c.1799T>A", "p.V600E", None),
    ("NM_004333.6:c.1799T>A", "p.V600E", None),
    ("ENST00000288602:c.1799T>A", "p.V600E", None),
    ("c.361C>A", "p.Q212K", "codon 121"),
    ("c.1798_1799delinsAA", "p.V600K", None),
    ("c.1798_1799inv", "p.V600K", None),
    ("c.2235_2249del", "p.E746_A750del", None),
    ("c.2236_2250del", "p.E746fs", "reading frame"),
    ("c.2235_2248del", "p.E746_A750del", "reading frame"),
    ("c.2310_2311insGGT", "p.D770_N771insG", None),
    ("c.2310_2311insGGTG", "p.D770_N771insG", "reading frame"),
    ("c.5266dup", "p.Q1756fs", None),
    ("c.5266dup", "p.Q156fs", "codon 1756"),
    ("c.100A>T", "p.K34fs", "reading frame"),
    ("c.100A>T", "p.K34*", None),
    ("c.100del", "p.K34*", None),
    ("c.902-1G>T", "p.V999E", None),
    ("c.920G>T", "p.X307_splice", None),
    ("c.(900_?)", "p.V600E", None),
    ("c.2310_2311ins", "p.V600E", None),
    ("", "p.V600E", None),
    (None, "p.V600E", None),
]


@pytest.mark.parametrize(("coding", "protein", "part"), CODING)
def test_a_coding_and_a_protein_change_meet_in_codon_and_frame(coding: str | None, protein: str, part: str) -> None:
    """A replaced base lies in its residue's codon; gains and losses may be shifted by both notations."""
    given = pl.DataFrame(
        {"gene": ["XYZ1"], "hgvs_p": [protein], "hgvs_c": [coding]}, schema_overrides={"hgvs_c": pl.String}
    )
    remark = normalise_frame(given)["remark"][0].replace("The gene is not known to HGNC; it is kept as written.", "")
    assert (part in remark) if part else not remark


def test_a_text_that_gives_a_change_twice_is_checked_in_the_same_way() -> None:
    """Both orders are seen: in ClinVar the c. change stands first, in CIViC last."""
    right, wrong = normalise("R200W (c.598C>T)", "VHL"), normalise("NM_000551.4(VHL):c.5C>T (p.Arg200Trp)")
    assert (right.text, right.findings) == ("p.R200W", ())
    assert (wrong.gene, wrong.text) == ("VHL", "p.R200W")
    assert wrong.findings == ("The coding change lies in codon 2, the protein change at residue 200.",)
    assert "another gene" in normalise("NM_000551.4(VHL):p.Arg200Trp", "BRAF").findings[0]


READ_FROM_CODING = [
    # c. change, gene, classification, kind, canonical text
    ("c.-124C>T", "TERT", "5'Flank", "promoter", "c.-124C>T"),
    ("c.-124C>T", "BRAF", None, "noncoding", "c.-124C>T"),
    ("c.*32G>A", "TP53", "3'UTR", "noncoding", "c.*32G>A"),
    ("c.902-30A>G", "ATM", None, "noncoding", "c.902-30A>G"),
    ("c.902-1G>T", "ATM", None, "splice", "splice"),
    ("c.902_903+5del", "ATM", None, "splice", "splice"),
    ("c.1-?_340+?del", "VHL", None, "exon loss", "exon loss"),
    ("c.68_69del", "BRCA1", None, "frameshift", "frameshift"),
    ("c.2235_2249del", "EGFR", None, "inframe deletion", "inframe deletion"),
    ("c.2310_2311insGGT", "EGFR", None, "inframe insertion", "inframe insertion"),
    ("c.5266dup", "BRCA1", None, "frameshift", "frameshift"),
    ("c.5266_5268dup", "BRCA1", None, "duplication", "duplication"),
    ("c.10delTinsAGGG", "BRCA1", None, "inframe delins", "inframe delins"),
    ("c.2T>C", "VHL", None, "start lost", "start lost"),
    ("c.-3_5del", "VHL", None, "start lost", "start lost"),
    ("c.640_*5del", "VHL", None, "stop lost", "stop lost"),
    ("c.21=", "VHL", None, "synonymous", "synonymous"),
    ("NM_004333.6:c.1799T>A", "BRAF", None, "coding", "c.1799T>A"),
    ("c.1799T>A", "BRAF", "Missense_Mutation", "missense", "missense"),
    ("c.20_10del", "BRAF", None, "text", "c.20_10del"),
    ("c.2310_2311ins", "EGFR", None, "text", "c.2310_2311ins"),
    ("c.10AT>G", "EGFR", None, "text", "c.10AT>G"),
]


@pytest.mark.parametrize(("coding", "gene", "classification", "kind", "text"), READ_FROM_CODING)
def test_a_blank_protein_change_is_read_from_the_coding_change(
    coding: str, gene: str, classification: str | None, kind: str, text: str
) -> None:
    """It tells frame, splice site and promoter; what a replaced base does to the protein it does not tell.

    A classification that names the kind goes before it.
    """
    given = {"gene": [gene], "hgvs_p": ["p.?"], "hgvs_c": [coding], "classification": [classification]}
    row = normalise_frame(pl.DataFrame(given, schema_overrides={"classification": pl.String})).row(0, named=True)
    assert (row["kind"], row["alteration"]) == (kind, text)
    if classification is None:
        assert normalise(coding, gene).text == text


def test_an_exon_that_the_text_names_must_be_the_exon_of_its_column() -> None:
    """The column is kept, and the difference told."""
    given = pl.DataFrame({"gene": ["EGFR"] * 2, "hgvs_p": ["exon 19 deletion"] * 2, "exon": [19, 20]})
    found = normalise_frame(given)
    assert found["exon_number"].to_list() == [19, 20]
    assert found["remark"].to_list() == [None, "The alteration names exon 19, its column exon 20."]


AGREE = [
    ("Q212K", "p.Gln212Lys", True),
    ("Q212K", "Gln121Lys", False),
    ("E437fs", "p.Glu437GlyfsTer9", True),
    ("E437fs*8", "p.Glu437GlyfsTer9", False),
    ("M1?", "p.Met1Val", True),
    ("p.E746_A750del", "p.746_750del", True),
    ("p.R7=", "p.R7Q", False),
    ("D835H/Y", "D835H", False),
    ("V600E", None, True),
    ("V600E", "garbage", True),
]


@pytest.mark.parametrize(("one", "other", "agrees"), AGREE)
def test_two_protein_notations_of_one_row_must_name_one_change(one: str, other: str | None, agrees: bool) -> None:
    """One may say less than the other; nothing is picked where they differ."""
    said = agree(one, other)
    assert (said is None) is agrees
    assert (agree(other, one) is None) is agrees
    assert said is None or said.startswith("Two columns disagree: one has p.")


IMPOSSIBLE = [
    ("A600E", "BRAF", "BRAF has V at residue 600, not A."),
    ("p.Ala600Glu", "BRAF", "BRAF has V at residue 600, not A."),
    ("E746_A751del", "EGFR", "EGFR has T at residue 751, not A."),
    ("K61H", "KRAS", "KRAS has Q at residue 61, not K."),
    ("G600D", "KRAS", "KRAS ends at residue 189."),
    ("V600E", "BRAF", None),
    ("V601E", "BRAF", "BRAF has K at residue 601, not V."),
    ("*767fs", "BRAF", None),
    ("X600_splice", "BRAF", None),
    ("V600E", "NOTAGENE1", None),
]


@pytest.mark.parametrize(("written", "gene", "finding"), IMPOSSIBLE)
def test_a_residue_that_the_protein_does_not_have_is_a_finding(written: str, gene: str, finding: str | None) -> None:
    """The change is kept as written: the number, the gene or the transcript may be another."""
    read = normalise(written, gene)
    remark = normalise_frame(pl.DataFrame({"gene": [gene], "hgvs_p": [written]}))["remark"][0]
    assert finding is None or (finding in read.findings and finding in remark)
    assert finding is not None or not any("residue" in each for each in read.findings)


def test_the_tables_of_residues_and_lengths_fit_together() -> None:
    """No known residue lies behind the end of its protein."""
    lengths = protein_lengths()
    places = known_residues()
    assert all(max(places[gene]) <= lengths[gene] for gene in places if gene in lengths)
    assert len(set(places) & set(lengths)) > 20


def test_a_coding_change_knows_its_codons_and_the_bases_it_gains() -> None:
    """The first and last codon it touches, and bases gained less bases lost."""
    read = read_coding("NM_005228.5:c.2235_2249delGGAATTAAGAGAAGC")
    assert read is not None
    assert (read.first, read.last, read.net, read.text) == (745, 750, -15, "c.2235_2249del")
