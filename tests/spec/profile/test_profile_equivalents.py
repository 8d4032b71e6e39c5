"""Equivalent alterations: another notation, or another count of residues, of the same event.

Such a match stands directly behind an exact one. It is made only where the protein is the same or cannot be told
apart: HGVS asks for the place nearest to the C-terminus and for ``dup`` before ``ins``
(https://hgvs-nomenclature.org/stable/recommendations/protein), and many sources write otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kohort.profile import annotate, normalise
from kohort.profile.matching.edits import same_protein
from kohort.profile.matching.numberings import other_places
from tests.spec.profile.test_profile_matching import level_of, pack, patients

NOTATIONS = [
    # gene, pattern, the patient's change, match level
    ("EGFR", "p.A767_V769dup", "p.V769_D770insASV", "equivalent"),
    ("EGFR", "p.A767_V769dup", "p.M766_A767insASV", "equivalent"),
    ("EGFR", "p.V769_D770insASV", "p.A767_V769dup", "equivalent"),
    ("EGFR", "p.A767_V769dup", "p.V769_D770insASG", None),
    ("EGFR", "p.A767_V769dup", "p.D770_N771insASV", None),
    ("KIT", "p.V560del", "p.V559del", "equivalent"),
    ("KIT", "p.W557_K558del", "p.K558_V559del", None),
    ("EGFR", "p.L747_A750del", "p.E746_A750delinsE", "equivalent"),
    ("TP53", "p.R209Kfs*6", "p.R209fs", "equivalent"),
    ("TP53", "p.R209Kfs*6", "p.R209Kfs*9", "equivalent"),
    ("TP53", "p.R209Kfs*6", "p.R209Kfs*6", "exact"),
    ("TP53", "p.R209Kfs*6", "p.D208fs", None),
    ("BRCA1", "p.M1I", "p.M1?", "equivalent"),
    ("BRCA1", "p.M1I", "p.M1V", "equivalent"),
]


@pytest.mark.parametrize(("gene", "pattern", "change", "level"), NOTATIONS)
def test_a_change_is_found_under_another_notation(gene: str, pattern: str, change: str, level: str | None) -> None:
    """``dup`` or ``ins``, one residue of a run or the next, any length of a frameshift, any lost start."""
    assert level_of(gene, pattern, hgvs_p=change) == level


def test_residues_that_no_notation_names_are_not_guessed() -> None:
    """Two deletions five residues long and two apart are the same only if the sequence repeats; nobody says so."""
    assert not same_protein(normalise("p.E746_A750del", "EGFR"), normalise("p.R748_P752del", "EGFR"))


def levels(pattern: str, *changes: str) -> dict[str, str]:
    """Match level of each of a patient's BRAF changes that fits the pattern."""
    data = patients(*({"gene": "BRAF", "hgvs_p": change} for change in changes))
    found = annotate(data, [pack({"gene": "BRAF", "alteration": normalise(pattern, "BRAF").text})])
    return dict(found.select("alteration", "match_level").iter_rows())


def test_one_delins_is_two_substitutions_side_by_side() -> None:
    """Callers report neighbouring residues together or apart; the protein is the same if both parts are there."""
    both = {"p.V600E": "equivalent", "p.K601N": "equivalent"}
    assert levels("p.V600_K601delinsEN", "p.V600E", "p.K601N") == both
    assert levels("p.V600_K601delinsEN", "p.V600E") == {}
    assert levels("p.V600E and p.K601N", "p.V600_K601delinsEN") == {"p.V600_K601delinsEN": "equivalent"}
    assert levels("p.V600E", "p.V600_K601delinsEN") == {}


@pytest.mark.parametrize(
    ("gene", "pattern", "change", "level"),
    [
        ("MYD88", "p.L265P", "p.L252P", "equivalent"),
        ("MYD88", "p.L265P", "p.L273P", "equivalent"),
        ("MYD88", "p.M232T", "p.M219T", "equivalent"),
        ("EZH2", "p.Y641N", "p.Y646N", "equivalent"),
        ("EZH2", "p.Y646", "p.Y641F", "codon"),
        ("H3-3A", "p.K27M", "p.K28M", "equivalent"),
        ("GNAS", "p.R201H", "p.R844H", "equivalent"),
        ("NF1", "p.R1513*", "p.R1534*", "equivalent"),
        ("FGFR3", "p.S249C", "p.S251C", None),
        ("MYD88", "p.L265P", "p.V252P", None),
        ("MYD88", "p.L265P", "p.252P", None),
    ],
)
def test_a_change_is_found_under_another_count_of_residues(
    gene: str, pattern: str, change: str, level: str | None
) -> None:
    """Isoforms and old publications count otherwise (``numberings.tsv``); the residue must be named and the same."""
    assert level_of(gene, pattern, hgvs_p=change) == level


def test_the_other_counts_of_a_residue_are_known_from_either_side() -> None:
    """MYD88 has three counts: 265, 252 and 273 are one residue."""
    assert other_places("MYD88", 265) >= {252, 273}
    assert 265 in other_places("MYD88", 252)
    assert other_places("KRAS", 12) == frozenset()


@pytest.mark.parametrize(
    ("gene", "pattern", "change", "level"),
    [
        ("MET", "exon 14 skipping", "p.X963_splice", "equivalent"),
        ("MET", "exon 14 skipping", "p.X1028_splice", "equivalent"),
        ("MET", "exon 14 skipping", "p.X990_splice", "exon"),
        ("MET", "exon 14 skipping", "p.D963_D1010del", "equivalent"),
        ("MET", "exon 14 skipping", "p.D1010N", None),
        ("MET", "exon 14 skipping", "exon 14 skipping", "exact"),
        ("EGFR", "variant III", "p.V30_R297delinsG", "equivalent"),
        ("EGFR", "variant III", "exon 2-7 deletion", "exact"),
        ("EGFR", "variant III", "p.V30_R297del", None),
        ("FLT3", "internal tandem duplication", "p.E598_Y599dup", "equivalent"),
        ("FLT3", "internal tandem duplication", "p.F594_R595insGREY", "equivalent"),
        ("FLT3", "internal tandem duplication", "p.D835del", None),
        ("FLT3", "internal tandem duplication", "p.A680_L681dup", None),
    ],
)
def test_a_named_event_is_found_under_its_changes(gene: str, pattern: str, change: str, level: str | None) -> None:
    """MET exon 14 skipping (Frampton et al. 2015), EGFRvIII (Wong et al. 1992), FLT3-ITD in exons 14 and 15."""
    assert level_of(gene, pattern, hgvs_p=change) == level


def fusion(variant: Mapping[str, object], pattern: str) -> list[tuple[str, str | None]]:
    """Match level and open condition of one fusion against a pattern of ALK."""
    data = patients({**variant, "class": "fusion"})
    found = annotate(data, [pack({"gene": "ALK", "alteration": normalise(pattern, "ALK").text})])
    return found.select("match_level", "open_condition").rows()


def test_a_fusion_whose_partner_is_not_known_leaves_the_evidence_open() -> None:
    """It may be the fusion asked for; which partner it is would settle it. Any fusion of the gene it is for certain."""
    assert fusion({"gene": "ALK"}, "EML4::ALK") == [("equivalent", "the partner of the ALK fusion is not known")]
    assert fusion({"gene": "ALK"}, "ALK fusion") == [("class", None)]
    assert fusion({"gene": "KIF5B", "partner": "ALK"}, "EML4::ALK") == []
    assert fusion({"gene": "ALK", "partner": "EML4"}, "EML4::ALK") == [("equivalent", None)]


@pytest.mark.parametrize(
    ("gene", "pattern", "change", "level"),
    [
        ("FLT3", "kinase domain mutation", "p.D835Y", "domain"),
        ("FLT3", "kinase domain mutation", "p.E598_Y599dup", None),
        ("ABL1", "P-loop mutation", "p.E255K", "domain"),
        ("ABL1", "P-loop mutation", "p.T315I", None),
        ("BRAF", "kinase domain mutation", "p.V600=", None),
    ],
)
def test_a_change_within_a_domain_matches_the_domain(gene: str, pattern: str, change: str, level: str | None) -> None:
    """Where domains lie stands in ``domains.tsv``, each with its source."""
    assert level_of(gene, pattern, hgvs_p=change) == level


def test_several_patterns_fit_one_change_each_at_its_own_level() -> None:
    """Exact, codon, domain and gene stand side by side; ranking never lets the whole gene raise a tier."""
    patterns = ("p.V600E", "p.V600", "kinase domain mutation", "mutation")
    found = annotate(
        patients({"gene": "BRAF", "hgvs_p": "p.V600E"}),
        [pack(*({"gene": "BRAF", "alteration": normalise(text, "BRAF").text} for text in patterns))],
    )
    assert found["match_level"].to_list() == ["exact", "codon", "domain", "gene"]


@pytest.mark.parametrize("word", ["overexpression", "underexpression"])
def test_expression_matches_only_where_the_source_says_so(word: str) -> None:
    """A copy number or a change tells nothing of the amount of protein."""
    assert level_of("ERBB2", word, **{"class": "expression", "hgvs_p": word}) == "exact"
    assert level_of("ERBB2", word, **{"class": "cnv", "copies": 2}) is None
    assert level_of("ERBB2", word, **{"class": "expression"}) is None
