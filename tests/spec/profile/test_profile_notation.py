"""Every notation of an alteration gives one normal form, or is kept as text and said so."""

from __future__ import annotations

import pytest

from kohort.profile import Alteration, normalise

PROTEIN = [
    # as written, gene, canonical text, kind
    ("p.V600E", "BRAF", "p.V600E", "missense"),
    ("V600E", "BRAF", "p.V600E", "missense"),
    ("p.Val600Glu", "BRAF", "p.V600E", "missense"),
    ("Val600Glu", "BRAF", "p.V600E", "missense"),
    ("p.(Val600Glu)", "BRAF", "p.V600E", "missense"),
    ("NP_004324.2:p.Val600Glu", "BRAF", "p.V600E", "missense"),
    ("ENSP00000288602.6:p.V600E", "BRAF", "p.V600E", "missense"),
    ("BRAF:p.V600E", None, "p.V600E", "missense"),
    ("BRAF V600E", "BRAF", "p.V600E", "missense"),
    ("KIT-D816V", "KIT", "p.D816V", "missense"),
    ("VAL600GLU", "BRAF", "p.V600E", "missense"),
    ("v600e", "BRAF", "p.V600E", "missense"),
    ("R200W (c.598C>T)", "VHL", "p.R200W", "missense"),
    ("R445*", "TP53", "p.R445*", "nonsense"),
    ("R445X", "TP53", "p.R445*", "nonsense"),
    ("Arg445Ter", "TP53", "p.R445*", "nonsense"),
    ("p.197_198YQ>**", "TP53", "p.Y197*", "nonsense"),
    ("p.348_349LE>F*", "TP53", "p.L348_E349delinsF*", "nonsense"),
    ("M1?", "VHL", "p.M1?", "start lost"),
    ("p.Met1Val", "VHL", "p.M1V", "start lost"),
    ("E437fs", "TP53", "p.E437fs", "frameshift"),
    ("E437Gfs*9", "TP53", "p.E437Gfs*9", "frameshift"),
    ("p.Glu437GlyfsTer9", "TP53", "p.E437Gfs*9", "frameshift"),
    ("M695FS*26", "APC", "p.M695fs*26", "frameshift"),
    ("p.RN209fs", "TP53", "p.R209fs", "frameshift"),
    ("p.KEPT1517fs", "APC", "p.K1517fs", "frameshift"),
    ("p.-99fs", "TP53", "p.99fs", "frameshift"),
    ("E746_A750del", "EGFR", "p.E746_A750del", "inframe deletion"),
    ("E746_A750delELREA", "EGFR", "p.E746_A750del", "inframe deletion"),
    ("p.Glu746_Ala750del", "EGFR", "p.E746_A750del", "inframe deletion"),
    ("p.LWGIHLM10del", "KMT2D", "p.L10_M16del", "inframe deletion"),
    ("p.253_256TIIT>T", "PTEN", "p.I254_T256del", "inframe deletion"),
    ("p.446_448EEE>E", "ASXL1", "p.E447_E448del", "inframe deletion"),
    ("V560DEL", "KIT", "p.V560del", "inframe deletion"),
    ("L747_P753delinsS", "EGFR", "p.L747_P753delinsS", "inframe delins"),
    ("V600_K601>E", "BRAF", "p.V600_K601delinsE", "inframe delins"),
    ("p.455_460LLNPIG>F", "PIK3R1", "p.L455_G460delinsF", "inframe delins"),
    ("p.1699_1700MA>IS", "SMARCA4", "p.M1699_A1700delinsIS", "inframe delins"),
    ("p.LE348>F", "TP53", "p.L348_E349delinsF", "inframe delins"),
    ("E746_S752delELREATSinsV", "EGFR", "p.E746_S752delinsV", "inframe delins"),
    ("V600_K601delinsEK", "BRAF", "p.V600E", "missense"),
    ("V600delinsE", "BRAF", "p.V600E", "missense"),
    ("H773_V774insNPH", "EGFR", "p.H773_V774insNPH", "inframe insertion"),
    ("p.848_849insF", "TP53", "p.848_849insF", "inframe insertion"),
    ("p.264_264L>LSSGNL", "TP53", "p.L264_265insSSGNL", "inframe insertion"),
    ("T1151INST", "ALK", "p.T1151insT", "inframe insertion"),
    ("Y772_A775DUP", "ERBB2", "p.Y772_A775dup", "duplication"),
    ("A767_V769dupASV", "EGFR", "p.A767_V769dup", "duplication"),
    ("p.455_456AV>AVAV", "EGFR", "p.A455_V456dup", "duplication"),
    ("X298_splice", "ATM", "p.X298_splice", "splice"),
    ("c.902-1G>T", "ATM", "splice", "splice"),
    ("c.7515+1_2del", "ATM", "splice", "splice"),
    ("*1069W", "ATM", "p.*1069Wext*?", "stop lost"),
    ("p.Ter1069TrpextTer12", "ATM", "p.*1069Wext*12", "stop lost"),
    ("p.M1ext-5", "ATM", "p.M1ext-5", "extension"),
    ("p.X298*", "TP53", "p.298*", "nonsense"),
    ("p.1_1M>MA", "TP53", "p.M1_2insA", "inframe insertion"),
    ("p.1_1M>V", "TP53", "p.M1?", "start lost"),
    ("p.1_1M>AM", "TP53", "p.M1ext-?", "extension"),
    ("p.R7R", "TP53", "p.R7=", "synonymous"),
    ("p.Arg7%3D", "TP53", "p.R7=", "synonymous"),
    ("p.=", "TP53", "synonymous", "synonymous"),
    ("V600", "BRAF", "p.V600", "codon"),
    ("D835H/Y", "FLT3", "p.D835H or p.D835Y", "alternatives"),
    ("V600E/V600K", "BRAF", "p.V600E or p.V600K", "alternatives"),
    ("G12/G13", "KRAS", "p.G12 or p.G13", "alternatives"),
    ("p.Gly719Ala^Ser", "EGFR", "p.G719A or p.G719S", "alternatives"),
]

WORDS = [
    ("AMPLIFICATION", "ERBB2", "amplification", "amplification"),
    ("amp", "ERBB2", "amplification", "amplification"),
    ("GAIN", "ERBB2", "gain", "gain"),
    ("DeepDel", "CDKN2A", "deletion", "deletion"),
    ("LOSS", "PTEN", "loss", "loss"),
    ("exon 19 deletion", "EGFR", "exon 19 deletion", "inframe deletion"),
    ("Exon 20 in-frame insertions", "EGFR", "exon 20 insertion", "inframe insertion"),
    ("EXON 14 SKIPPING MUTATION", "MET", "exon 14 skipping", "exon skipping"),
    ("METex14 skipping", "MET", "exon 14 skipping", "exon skipping"),
    ("EXON 11 MUTATION", "KIT", "exon 11 mutation", "mutation"),
    ("ITD", "FLT3", "internal tandem duplication", "internal tandem duplication"),
    ("FLT3-ITD", "FLT3", "internal tandem duplication", "internal tandem duplication"),
    ("EGFRvIII", "EGFR", "variant III", "variant III"),
    ("WILDTYPE", "KRAS", "wild type", "wild type"),
    ("LOSS-OF-FUNCTION", "TSC1", "loss of function", "loss of function"),
    ("OVEREXPRESSION", "ERBB2", "overexpression", "overexpression"),
    ("Underexpression", "ERCC1", "underexpression", "underexpression"),
    ("PROMOTER METHYLATION", "MGMT", "methylation", "methylation"),
    ("MSI-High", None, "MSI-H", "MSI"),
    ("TMB-H", None, "TMB-H", "TMB"),
]

FUSIONS = [
    ("EML4::ALK", "ALK", "EML4::ALK", "EML4"),
    ("EML4--ALK", "ALK", "EML4::ALK", "EML4"),
    ("EML4-ALK", "ALK", "EML4::ALK", "EML4"),
    ("EML4/ALK", "ALK", "EML4::ALK", "EML4"),
    ("EML4-ALK fusion", "ALK", "EML4::ALK", "EML4"),
    ("EML4-ALK e6-e20", "ALK", "EML4::ALK", "EML4"),
    ("EML4(e13)::ALK(e20)", "ALK", "EML4::ALK", "EML4"),
    ("EML4::ALK e20::e20", "ALK", "EML4::ALK", "EML4"),
    ("EML4-ALK E13;A20", "ALK", "EML4::ALK", "EML4"),
    ("EML4=ALK", "ALK", "EML4::ALK", "EML4"),
    ("ERVK3-1-ALK", "ALK", "ERVK3-1::ALK", "ERVK3-1"),
    ("v::ALK Fusion", "ALK", "fusion", None),
    ("ALK::v", "ALK", "fusion", None),
    ("BCR-ABL", "ABL1", "BCR::ABL1", "BCR"),
    ("NKX2-1-ALK", "ALK", "NKX2-1::ALK", "NKX2-1"),
    ("FGFR2-BICC1", "FGFR2", "FGFR2::BICC1", "BICC1"),
    ("ALK FUSIONS", "ALK", "fusion", None),
    ("REARRANGEMENT", "ROS1", "fusion", None),
]

COMPOUNDS = [
    ("BCR-ABL T315I", "ABL1", "BCR::ABL1 and p.T315I"),
    ("BCR-ABL E255K V299L", "ABL1", "BCR::ABL1 and p.E255K and p.V299L"),
    ("EML4-ALK C1156Y-L1198F", "ALK", "EML4::ALK and p.C1156Y and p.L1198F"),
    ("ALK FUSION F1245C", "ALK", "fusion and p.F1245C"),
    ("V600E and AMPLIFICATION", "BRAF", "amplification and p.V600E"),
    ("V600E/K and AMPLIFICATION", "BRAF", "amplification and p.V600E or amplification and p.V600K"),
    ("EML4-ALK and AMPLIFICATION", "ALK", "EML4::ALK and amplification"),
    ("ALK F1174L AND RANBP2::ALK Fusion", "ALK", "RANBP2::ALK and p.F1174L"),
]

UNREADABLE = [
    ("p.B600E", "BRAF"),
    ("p.V600?", "BRAF"),
    ("A750_E746del", "EGFR"),
    ("A750_E746dup", "EGFR"),
    ("A750_E746insK", "EGFR"),
    ("A750_E746delinsK", "EGFR"),
    ("p.750K", "EGFR"),
    ("DEL 40-90", "BRAF"),
    ("T17 DELETION", "HSPH1"),
    ("RARE EGFR MUT", "EGFR"),
    ("19 deletion", "EGFR"),
    ("L858R/T790M", "EGFR"),
    ("HLA-A", "HLA-A"),
    ("A--B", "ALK"),
    ("ALK-POSITIVE", "ALK"),
    ("ALK-positive", "ALK"),
    ("V" * 500, "BRAF"),
]


@pytest.mark.parametrize(("written", "gene", "text", "kind"), PROTEIN + WORDS)
def test_a_notation_gives_the_canonical_text_and_kind(written: str, gene: str | None, text: str, kind: str) -> None:
    """Each notation of the field is read into the short form of HGVS, or into the field's plain word."""
    read = normalise(written, gene)
    assert (str(read), read.kind, read.as_written) == (text, kind, written)


@pytest.mark.parametrize(("written", "gene", "text", "partner"), FUSIONS)
def test_a_fusion_is_written_with_two_colons(written: str, gene: str, text: str, partner: str | None) -> None:
    """A fusion is written by HGNC's rule, and its partner is the gene that was not asked for."""
    read = normalise(written, gene)
    assert (read.text, read.kind, read.gene, read.partner) == (text, "fusion", gene, partner)


@pytest.mark.parametrize(("written", "gene", "text"), COMPOUNDS)
def test_a_compound_names_all_its_parts(written: str, gene: str, text: str) -> None:
    """Alterations that must hold together become parts; a choice inside becomes a choice of compounds."""
    read = normalise(written, gene)
    assert (read.text, read.kind) == (text, "alternatives" if " or " in text else "compound")


@pytest.mark.parametrize(("written", "gene"), UNREADABLE)
def test_what_cannot_be_read_is_kept_as_text_with_a_finding(written: str, gene: str) -> None:
    """Nothing is guessed: the text stays as written and a finding says that it was not read."""
    read = normalise(written, gene)
    assert read.kind == "text"
    assert read.as_written == written
    assert "it is kept as" in read.findings[-1]


@pytest.mark.parametrize(
    ("written", "gene"), [(row[0], row[1]) for row in [*PROTEIN, *WORDS, *FUSIONS, *COMPOUNDS, *UNREADABLE]]
)
def test_the_canonical_text_reads_as_the_same_alteration(written: str, gene: str | None) -> None:
    """Normalising twice changes nothing."""
    once = normalise(written, gene)
    assert normalise(once.text, once.gene) == once


def test_equal_alterations_are_equal_however_they_were_written() -> None:
    """Equality, hash and text look at the meaning, not at the notation."""
    written = ["p.V600E", "Val600Glu", "p.(Val600Glu)"]
    assert {normalise(text, "BRAF") for text in written} == {normalise("V600E", "BRAF")}
    assert normalise("V600E", "BRAF") != normalise("V600E", "KRAS")
    assert normalise("V600E", "BRAF") != "p.V600E"


def test_a_gene_is_resolved_to_hgnc_and_an_old_name_is_a_finding() -> None:
    """Aliases give the approved symbol and its id; that another name stood there is said."""
    read = normalise("amplification", "HER2")
    assert (read.gene, read.hgnc_id) == ("ERBB2", "HGNC:3430")
    assert read.findings == ("The gene 'HER2' is read as ERBB2.",)


def test_a_name_of_several_genes_is_kept_as_written_and_said() -> None:
    """TRK is an alias of NTRK1 and of TPM3: neither is picked."""
    read = normalise("fusion", "TRK")
    assert (read.gene, read.hgnc_id) == ("TRK", None)
    assert read.findings == ("The gene 'TRK' may be NTRK1 or TPM3; it is kept as written.",)


def test_an_unknown_gene_is_kept_as_written_with_a_finding() -> None:
    """A gene that HGNC does not know keeps its name and has no id."""
    read = normalise("V600E", "NOTAGENE1")
    assert (read.gene, read.hgnc_id, read.text, len(read.findings)) == ("NOTAGENE1", None, "p.V600E", 1)


def test_a_text_that_names_another_gene_than_the_column_is_not_read() -> None:
    """Two columns that disagree are a finding; neither is picked."""
    read = normalise("BRAF V600E", "EGFR")
    assert (read.gene, read.kind) == ("EGFR", "text")
    assert "another gene" in read.findings[0]


def test_a_fusion_with_an_unknown_partner_keeps_the_partner_as_written() -> None:
    """The known gene decides; the other name stays with a finding."""
    read = normalise("ZZZ9--ALK", "ALK")
    assert (read.partner, len(read.findings)) == ("ZZZ9", 1)


@pytest.mark.parametrize("blank", [None, "", " ", ".", "NA", "n/a"])
def test_a_blank_takes_its_kind_from_the_classification(blank: str | None) -> None:
    """MAF leaves the protein change of splice sites blank; other blanks get a finding."""
    splice = normalise(blank, "TP53", classification="Splice_Site")
    missense = normalise(blank, "TP53", classification="Missense_Mutation")
    nothing = normalise(blank, "TP53")
    assert (splice.kind, splice.findings) == ("splice", ())
    assert (missense.kind, len(missense.findings)) == ("missense", 1)
    assert (nothing.kind, nothing.findings) == ("text", ("No alteration is given.",))


def test_a_silent_change_at_a_splice_site_is_a_splice_change() -> None:
    """The classification tells what the protein text cannot."""
    read = normalise("p.R7R", "TP53", classification="Splice_Site")
    assert (read.kind, read.text) == ("splice", "p.X7_splice")


def test_a_change_that_its_classification_contradicts_is_a_finding() -> None:
    """The change is kept as the text says, and the disagreement is told."""
    read = normalise("p.V600E", "BRAF", classification="Nonsense_Mutation")
    assert (read.kind, len(read.findings)) == ("missense", 1)
    assert normalise("p.V24*", "TP53", classification="Frame_Shift_Del").findings == ()


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("E746_A750delELR", "do not fill"),
        ("p.10_12LW>L", "do not fill"),
        ("p.10_14insG", "not neighbours"),
        ("P780INS", "not given"),
        ("p.51_52ins*", "hold a stop"),
        ("K558NP", "without delins"),
        ("EML4-ALK e6-e20", "breakpoint"),
    ],
)
def test_an_odd_but_readable_notation_is_read_with_a_finding(written: str, part: str) -> None:
    """What is read although it breaks the notation's own rules is told."""
    read = normalise(written, "ALK" if "ALK" in written else "EGFR")
    assert read.kind != "text"
    assert any(part in finding for finding in read.findings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "mutant"},
        {"kind": "missense", "position": 0},
        {"kind": "inframe deletion", "position": 5, "end": 4},
        {"kind": "inframe deletion", "end": 4},
        {"kind": "missense", "ref": "B", "position": 5},
        {"kind": "compound"},
        {"kind": "mutation", "exon": 3, "last_exon": 2},
        {"kind": "absent", "parts": (Alteration("BRAF", "mutation"), Alteration("BRAF", "amplification"))},
        {"kind": "absent", "parts": (Alteration("BRAF", "absent", parts=(Alteration("BRAF", "mutation"),)),)},
        {"kind": "missense", "parts": (Alteration("BRAF", "mutation"),)},
    ],
)
def test_an_alteration_that_cannot_be_is_not_built(wrong: dict[str, object]) -> None:
    """Wrong states are refused when the value is made."""
    with pytest.raises(ValueError, match=r"\w"):
        Alteration(gene="BRAF", **wrong)  # pyright: ignore[reportArgumentType]
