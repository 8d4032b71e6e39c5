"""What a mutation does: known to, known not to, or not known; the last leaves the question open."""

from __future__ import annotations

import time
from datetime import date

import pytest

from kohort.errors import UserError
from kohort.match import Population, evaluate
from kohort.match.criteria import Mutation, WildType
from kohort.match.criteria.molecular import Function
from kohort.match.engine.evaluation import evidence
from kohort.match.rules.functions import has_function
from kohort.profile.alterations.function import known_functions
from kohort.store import Site
from tests.spec.match.match_people import TODAY, People
from tests.support import SHARED, needs_shared


def activating(gene: str) -> Mutation:
    return Mutation(gene, function="activating")


def inactivating(gene: str) -> Mutation:
    return Mutation(gene, function="inactivating")


@pytest.fixture
def people() -> People:
    found = People()
    found.panel("small", "BRAF", "EGFR", "PTEN", "MET", "SF3B1")
    return found


def reported(people: People, gene: str, change: str | None, **columns: object) -> None:
    people.mutation(1, gene, change, test=people.tested(1, "small"), **columns)


def test_a_known_activating_mutation_is_activating(people: People) -> None:
    """Yes by the table of known effects, in any notation, even where the coverage is not known."""
    people.mutation(1, "BRAF", "p.Val600Glu")
    assert people.value(activating("BRAF")) is True
    assert people.value(Mutation("BRAF", function="pathogenic")) is True


def test_a_mutation_of_unknown_effect_leaves_it_open(people: People) -> None:
    """A variant of unknown significance may be anything: the gene is mutated, whether activated is unknown."""
    reported(people, "BRAF", "p.S605N")
    assert people.value(Mutation("BRAF")) is True
    assert people.value(activating("BRAF")) is None
    assert people.value(Mutation("BRAF", function="pathogenic")) is None


def test_a_truncated_suppressor_is_inactivated(people: People) -> None:
    """Nonsense, frameshift and splice site; the classification speaks where the change is blank."""
    reported(people, "PTEN", None, classification="Splice_Site")
    assert people.value(inactivating("PTEN")) is True
    assert people.value(activating("PTEN")) is False


def test_a_truncated_oncogene_is_not_activated(people: People) -> None:
    """Tested, and the only change is one that does not activate: no."""
    reported(people, "BRAF", "p.Q636*", classification="Nonsense_Mutation")
    assert people.value(activating("BRAF")) is False
    assert people.value(inactivating("BRAF")) is None


def test_a_truncated_oncogene_shows_that_the_gene_was_not_wholly_tested(people: People) -> None:
    """From a test of unknown coverage another change may have gone unseen: unknown, not no."""
    people.mutation(1, "BRAF", "p.Q636*")
    assert people.value(activating("BRAF")) is None


def test_one_known_change_outweighs_others_that_are_not_known(people: People) -> None:
    """Any mutation that does it suffices."""
    reported(people, "BRAF", "p.S605N")
    people.mutation(1, "BRAF", "p.V600E")
    assert people.value(activating("BRAF")) is True


def test_a_change_that_may_be_up_or_down_is_pathogenic(people: People) -> None:
    """SF3B1 K700E works otherwise: pathogenic, without being plainly one or the other."""
    reported(people, "SF3B1", "p.K700E")
    assert people.value(Mutation("SF3B1", function="pathogenic")) is True
    assert people.value(activating("SF3B1")) is None


@pytest.mark.parametrize(("exon", "expected"), [(14, True), (3, False), (None, None)])
def test_the_exon_speaks_where_a_splice_variant_names_no_residue(
    people: People, exon: int | None, expected: bool | None
) -> None:
    """Skipping of MET exon 14 activates, a splice variant elsewhere does not."""
    reported(people, "MET", None, classification="Splice_Site", exon=exon)
    assert people.value(activating("MET")) is expected


def test_a_gene_tested_without_a_finding_is_not_activated(people: People) -> None:
    """Absence is a no where the gene was covered, and unknown where it was not."""
    people.tested(1, "small")
    assert people.value(activating("EGFR")) is False
    assert people.value(activating("KRAS")) is None


def test_function_and_all_else_that_is_asked_hold_of_one_variant(people: People) -> None:
    """An activating mutation, and another in the exon, are no activating mutation in that exon."""
    reported(people, "BRAF", "p.V600E", exon=15)
    reported(people, "BRAF", "p.Q257*", exon=6)
    assert people.value(Mutation("BRAF", exon=15, function="activating")) is True
    assert people.value(Mutation("BRAF", exon=6, function="activating")) is False


def test_a_gene_outside_the_table_is_never_decided_by_a_mutation(people: People) -> None:
    """Nothing is known of it, so every mutation leaves the question open."""
    people.mutation(1, "ZNF99", "p.R10*")
    assert people.value(inactivating("ZNF99")) is None
    assert people.value(WildType("ZNF99")) is False


def test_the_rows_that_leave_it_open_are_shown(people: People) -> None:
    """An unknown names the variant whose effect is not known; a no names the test."""
    test = people.tested(1, "small")
    people.mutation(1, "BRAF", "p.S605N", test=test)
    people.mutation(1, "EGFR", "p.R962*", test=test)
    variant = people.rows["variant"][0]["id"]
    population = people.population
    assert [ref.id for ref in evidence(activating("BRAF"), population, TODAY).cited(0, None)] == [variant]
    assert [ref.id for ref in evidence(activating("EGFR"), population, TODAY).cited(0, False)] == [test]


def test_an_unknown_function_is_refused() -> None:
    """Three words, no others."""
    with pytest.raises(UserError, match="activating, inactivating, pathogenic"):
        Mutation("BRAF", function="gain")  # type: ignore[arg-type]


@pytest.mark.parametrize(("asked", "expected"), [("activating", True), ("inactivating", False), ("pathogenic", True)])
def test_the_three_functions_of_one_change(asked: Function, expected: bool) -> None:
    """Pathogenic stands for either of the others."""
    assert has_function(asked, "KRAS", "p.G12D") is expected


@pytest.mark.realdata
@needs_shared
def test_a_thousand_criteria_on_function_are_quick_on_real_patients(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each distinct change of a gene is judged once, however many patients have it."""
    site = Site.create(tmp_path_factory.mktemp("tcga") / "site", name="TCGA", country="NO")
    site.ingest([SHARED / "tcga"])
    population = Population.of(site)
    evaluate(Mutation("BRAF"), population, date(2017, 1, 1))  # reads the tables
    functions: tuple[Function, ...] = ("activating", "inactivating", "pathogenic")
    genes = [*known_functions(), *population.mutations.places]
    asked = list(dict.fromkeys(Mutation(gene, function=one) for gene in genes for one in functions))[:1000]
    assert len(asked) == 1000
    start = time.process_time()
    for leaf in asked:
        evaluate(leaf, population, date(2017, 1, 1))
    assert time.process_time() - start < 30  # about four seconds, one when the changes were read before
    mutated, known = (evaluate(leaf, population, TODAY).counts for leaf in (Mutation("KRAS"), activating("KRAS")))
    assert known[0] <= mutated[0]
    assert evaluate(Mutation("BRAF", protein_change="V600E", function="activating"), population, TODAY).counts == (
        evaluate(Mutation("BRAF", protein_change="V600E"), population, TODAY).counts
    )
