"""Alterations: seen is true, tested and not seen is false, anything else is unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from kohort.errors import UnknownNameError, UserError
from kohort.match import Population, evaluate
from kohort.match.criteria import CopyNumber, Fusion, Msi, Mutation, Range, Tmb, WildType
from tests.spec.match.match_people import TODAY, People

MISSENSE = {"classification": "Missense_Mutation"}


@pytest.fixture
def people() -> People:
    found = People()
    found.panel("small", "BRAF", "EGFR")
    return found


def test_a_patient_not_tested_for_a_gene_is_unknown(people: People) -> None:
    """Without a test nothing is known about any gene."""
    people.add("person", 1)
    assert people.value(Mutation("BRAF")) is None


def test_a_gene_that_the_panel_lists_and_nothing_was_found_in_is_false(people: People) -> None:
    """Tested and not seen is no."""
    people.tested(1, "small")
    assert people.value(Mutation("BRAF")) is False
    assert people.value(WildType("BRAF")) is True


def test_a_gene_that_the_panel_does_not_list_is_unknown(people: People) -> None:
    """A panel says nothing about genes that it does not cover."""
    people.tested(1, "small")
    assert people.value(Mutation("KRAS")) is None
    assert people.value(WildType("KRAS")) is None


@pytest.mark.parametrize("coverage", ["exome", "genome"])
def test_an_exome_or_genome_covers_every_gene(people: People, coverage: str) -> None:
    """Whole exomes and genomes have no list, and need none."""
    people.tested(1, coverage=coverage)
    assert people.value(Mutation("KRAS")) is False


def test_a_test_of_unknown_coverage_turns_no_absence_into_a_no(people: People) -> None:
    """A test whose panel is not known can only find, not exclude."""
    people.tested(1)
    people.tested(1, "a panel without a list")
    assert people.value(Mutation("BRAF")) is None


def test_a_failed_test_is_no_test(people: People) -> None:
    """A test that failed quality control excludes nothing."""
    people.tested(1, "small", quality="failed")
    assert people.value(Mutation("BRAF")) is None


def test_a_gene_that_could_not_be_assessed_is_unknown(people: People) -> None:
    """A row of class not_assessed takes the gene out of what its own test covers."""
    test = people.tested(1, "small")
    people.mutation(1, "BRAF", test=test, class_="not_assessed")
    assert people.value(Mutation("BRAF")) is None
    assert people.value(Mutation("EGFR")) is False


def test_a_second_test_that_could_assess_the_gene_decides(people: People) -> None:
    """Not assessed in one specimen, tested and negative in another: no."""
    people.mutation(1, "BRAF", test=people.tested(1, "small"), class_="not_assessed")
    people.tested(1, "small")
    assert people.value(Mutation("BRAF")) is False


def test_a_test_for_mutations_says_nothing_about_copy_number_or_fusions(people: People) -> None:
    """Each assay covers its own kind of alteration."""
    people.tested(1, "small")
    assert people.value(CopyNumber("EGFR", "amplification")) is None
    assert people.value(Fusion("BRAF")) is None


def test_a_mutation_counts_also_where_the_coverage_is_unknown(people: People) -> None:
    """What was seen was seen."""
    people.mutation(1, "KRAS", "p.G12C", **MISSENSE)
    assert people.value(Mutation("KRAS")) is True
    assert people.value(WildType("KRAS")) is False


@pytest.mark.parametrize("written", ["p.V600E", "V600E", "p.Val600Glu", "p.(Val600Glu)"])
def test_a_protein_change_is_found_in_any_notation(people: People, written: str) -> None:
    """Trial and table may write one change differently."""
    people.mutation(1, "BRAF", written, test=people.tested(1, "small"), **MISSENSE)
    assert people.value(Mutation("BRAF", protein_change="V600E")) is True
    assert people.value(Mutation("BRAF", protein_change="p.Val600Lys")) is False


def test_another_change_of_the_gene_does_not_show_that_all_of_it_was_tested(people: People) -> None:
    """KRAS G12C from a test of unknown coverage leaves G13D unknown."""
    people.mutation(1, "KRAS", "p.G12C", **MISSENSE)
    assert people.value(Mutation("KRAS", protein_change="G13D")) is None


def test_a_change_that_cannot_be_read_leaves_the_question_open(people: People) -> None:
    """A mutation without a legible protein change may be any of them."""
    people.mutation(1, "BRAF", "?", test=people.tested(1, "small"))
    assert people.value(Mutation("BRAF", protein_change="V600E")) is None
    assert people.value(Mutation("BRAF")) is True


def test_a_splice_variant_without_protein_change_is_no_substitution(people: People) -> None:
    """MAF leaves the protein change of splice sites blank; that blank is no V600E."""
    people.mutation(1, "BRAF", None, test=people.tested(1, "small"), classification="Splice_Site")
    assert people.value(Mutation("BRAF", protein_change="V600E")) is False
    assert people.value(Mutation("BRAF", codon=600)) is False


@pytest.mark.parametrize(
    ("change", "expected"),
    [("p.V600E", True), ("p.V600K", True), ("p.V600*", False), ("p.V600fs", False), ("p.K601E", False)],
)
def test_a_codon_stands_for_any_other_amino_acid_there(people: People, change: str, expected: bool) -> None:
    """A codon is met by a substitution at that residue: no stop, no frameshift, no neighbour."""
    people.mutation(1, "BRAF", change, test=people.tested(1, "small"))
    assert people.value(Mutation("BRAF", codon=600)) is expected


def test_an_exon_is_unknown_where_it_is_not_recorded(people: People) -> None:
    """A mutation without an exon number may lie in the exon."""
    test = people.tested(1, "small")
    people.mutation(1, "EGFR", "p.L858R", test=test, exon=21)
    assert people.value(Mutation("EGFR", exon=19)) is False
    people.mutation(1, "EGFR", "p.E746_A750del", test=test, classification="In_Frame_Del")
    assert people.value(Mutation("EGFR", exon=19)) is None
    assert people.value(Mutation("EGFR", exon=19, classes=("Frame_Shift_Del",))) is False


def test_all_that_a_mutation_criterion_asks_must_hold_of_one_variant(people: People) -> None:
    """Exon 19 in one variant and a deletion in another are no exon 19 deletion."""
    test = people.tested(1, "small")
    people.mutation(1, "EGFR", "p.L747S", test=test, exon=19, **MISSENSE)
    people.mutation(1, "EGFR", "p.D770del", test=test, exon=20, classification="In_Frame_Del")
    assert people.value(Mutation("EGFR", exon=19, classes=("In_Frame_Del",))) is False


def test_silent_variants_are_no_mutation_unless_asked_for(people: People) -> None:
    """A silent variant leaves a gene wild type."""
    people.mutation(1, "BRAF", "p.V600=", test=people.tested(1, "small"), classification="Silent")
    assert people.value(Mutation("BRAF")) is False
    assert people.value(WildType("BRAF")) is True
    assert people.value(Mutation("BRAF", classes=("Silent",))) is True


def test_a_class_that_maf_does_not_have_decides_nothing(people: People) -> None:
    """A laboratory's own word may stand for the class that is asked for; in a gene that was covered too."""
    people.mutation(1, "BRAF", test=people.tested(1, "small"), classification="Missense and Splice_Region")
    assert people.value(Mutation("BRAF", classes=("Missense_Mutation",))) is None
    assert people.value(Mutation("BRAF")) is True


def test_truncating_stands_for_the_classes_that_end_the_protein(people: People) -> None:
    """The word truncating is nonsense, frameshift and splice site."""
    people.mutation(1, "BRAF", "p.R10*", test=people.tested(1, "small"), classification="Nonsense_Mutation")
    assert people.value(Mutation("BRAF", classes=("truncating",))) is True
    assert people.value(Mutation("BRAF", classes=("Missense_Mutation",))) is False


def test_genes_meet_under_their_approved_symbol() -> None:
    """An alias in the trial, in the panel or in the variant is the same gene."""
    people = People()
    people.panel("old", "HER2")
    people.tested(1, "old")
    people.mutation(2, "HER2", "p.S310F")
    assert people.value(Mutation("ERBB2"), 1) is False
    assert people.value(Mutation("ERBB2"), 2) is True
    assert Mutation("HER2") == Mutation("ERBB2")


def test_a_reported_copy_number_is_a_result_even_without_a_panel(people: People) -> None:
    """A call of a gene is a measurement: one that differs from what is asked is a no."""
    people.mutation(1, "ERBB2", test=people.tested(1, assay="copy_number"), class_="cnv", copies=2)
    people.mutation(2, "ERBB2", test=people.tested(2, assay="copy_number"), class_="cnv", copies=-1)
    amplified = CopyNumber("ERBB2", "amplification")
    assert people.value(amplified, 1) is True
    assert people.value(amplified, 2) is False
    assert people.value(CopyNumber("ERBB2", "loss"), 2) is True


@pytest.mark.parametrize(("copies", "expected"), [(2, True), (-2, True), (1, True), (0, False), (None, None)])
def test_any_copy_number_change_is_met_by_every_call_but_neutral(
    people: People, copies: int | None, expected: bool | None
) -> None:
    """Without a call any change is asked; a call of 0 is a measurement that says no, whatever the panel."""
    people.mutation(1, "KRAS", test=people.tested(1, assay="copy_number"), class_="cnv", copies=copies)
    assert people.value(CopyNumber("KRAS")) is expected


def test_a_gene_that_was_looked_at_and_has_no_call_is_unchanged(people: People) -> None:
    """Coverage of the copy number, no row: no change."""
    people.tested(1, "small", "copy_number")
    assert people.value(CopyNumber("EGFR")) is False
    assert people.value(CopyNumber("KRAS")) is None


def test_a_copy_number_panel_turns_absence_into_a_no(people: People) -> None:
    """A gene that was looked at and has no call is neutral."""
    people.tested(1, "small", "copy_number")
    assert people.value(CopyNumber("EGFR", "amplification")) is False


def test_a_copy_number_call_without_a_number_leaves_it_open(people: People) -> None:
    """A row that gives no call decides nothing, whatever the panel."""
    people.mutation(1, "EGFR", test=people.tested(1, "small", "copy_number"), class_="cnv")
    assert people.value(CopyNumber("EGFR", "amplification")) is None


@pytest.mark.parametrize(("gene", "partner"), [("EML4", "ALK"), ("ALK", "EML4")])
def test_a_fusion_is_found_in_either_order(people: People, gene: str, partner: str) -> None:
    """Which gene is written first does not matter."""
    test = people.tested(1, assay="structural_variant")
    people.mutation(1, gene, test=test, class_="fusion", partner=partner)
    assert people.value(Fusion("ALK")) is True
    assert people.value(Fusion("EML4", "ALK")) is True
    assert people.value(Fusion("ALK", "KIF5B")) is None


def test_a_rearrangement_within_one_gene_is_no_fusion(people: People) -> None:
    """Both ends in BRAF: nothing is fused."""
    test = people.tested(1, "small", "structural_variant")
    people.mutation(1, "BRAF", test=test, class_="sv", partner="BRAF")
    assert people.value(Fusion("BRAF")) is False


def test_a_fusion_without_a_named_partner_is_a_fusion_with_somebody(people: People) -> None:
    """Called a fusion, it meets "any partner" and leaves each named partner open."""
    test = people.tested(1, "small", "structural_variant")
    people.mutation(1, "BRAF", test=test, class_="fusion")
    assert people.value(Fusion("BRAF")) is True
    assert people.value(Fusion("BRAF", "KIAA1549")) is None


def test_a_structural_variant_without_a_partner_may_be_a_fusion(people: People) -> None:
    """An unexplained breakpoint leaves the question open."""
    test = people.tested(1, "small", "structural_variant")
    people.mutation(1, "BRAF", test=test, class_="sv")
    assert people.value(Fusion("BRAF")) is None


def test_looking_at_one_of_two_genes_finds_their_fusion(people: People) -> None:
    """A fusion panel that covers BRAF would have seen any fusion of BRAF."""
    people.tested(1, "small", "structural_variant")
    assert people.value(Fusion("BRAF", "KIAA1549")) is False
    assert people.value(Fusion("ALK", "EML4")) is None


def test_microsatellite_status_comes_from_findings_and_tests(people: People) -> None:
    """MSI-L and MSS are different answers; an indeterminate result is none."""
    people.add("finding", 1, kind="msi", value_code="MSI-H")
    people.tested(2, msi="MSS")
    people.add("finding", 3, kind="msi", value_code="indeterminate")
    assert [people.value(Msi("MSI-H"), person) for person in (1, 2, 3)] == [True, False, None]
    assert people.value(Msi("MSI-L"), 2) is False


@pytest.mark.parametrize(
    ("number", "comparator", "expected"),
    [(20, None, True), (5, "=", False), (5, "<", False), (16, "<", False), (16, ">=", True), (10, ">", None)],
)
def test_a_burden_reported_as_below_or_above_is_decided_if_all_its_values_agree(
    people: People, number: float, comparator: str | None, expected: bool | None
) -> None:
    """TMB >= 16: "<5" is no, "<16" is no value of 16 or more, ">10" may be either."""
    people.add("finding", 1, kind="tmb", value_number=number, comparator=comparator)
    assert people.value(Tmb(Range.parse(">=16"))) is expected


def test_any_measured_burden_in_the_range_suffices(people: People) -> None:
    """Two specimens, one of them above the limit."""
    people.tested(1, tmb=4.0)
    people.tested(1, tmb=18.0)
    assert people.value(Tmb(Range.parse(">=16"))) is True


def test_a_test_reported_after_the_day_of_matching_is_not_seen(people: People) -> None:
    """Matching on an earlier day uses what was known then."""
    test = people.tested(1, "small", reported=date(2026, 5, 1), reported_precision=3)
    people.mutation(1, "BRAF", "p.V600E", test=test)
    mutated = Mutation("BRAF")
    before, after = (Population.of(people.tables, day) for day in (date(2026, 4, 1), date(2026, 5, 1)))
    assert evaluate(mutated, before, TODAY).value(0) is None
    assert evaluate(mutated, after, TODAY).value(0) is True


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mutation("not a gene!"), "gene symbol"),
        (lambda: Mutation("BRAF", protein_change="amplification"), "protein change"),
        (lambda: Mutation("BRAF", codon=0), "codon 0"),
        (lambda: CopyNumber("ERBB2", "High Amplication"), "amplification, gain, loss, deep_loss"),  # type: ignore[arg-type]
        (lambda: Fusion("ALK", "ALK"), "itself"),
        (lambda: Msi("high"), "MSI-H, MSI-L, MSS"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(make: Callable[[], object], message: str) -> None:
    """A criterion that could never be met by mistake cannot be made."""
    with pytest.raises(UserError, match=message):
        make()


def test_a_misspelt_variant_class_is_refused_with_the_nearest() -> None:
    """MAF's classes are a closed list."""
    with pytest.raises(UnknownNameError, match="Missense_Mutation"):
        Mutation("BRAF", classes=("Missence_Mutation",))
