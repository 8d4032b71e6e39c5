"""Rearrangements: structural variants of any sort, either end first; an end may be a gene, any gene or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kohort.errors import UserError
from kohort.match.criteria import Fusion, Rearrangement
from kohort.match.engine.evaluation import evidence
from tests.spec.match.match_people import TODAY, People


@pytest.fixture
def people() -> People:
    found = People()
    found.panel("small", "ALK", "BRAF")
    return found


def seen(people: People, gene: str | None, partner: str | None, kind: str = "sv", panel: str | None = "small") -> int:
    test = people.tested(1, panel, "structural_variant")
    return people.add("variant", 1, test=test, gene=gene, partner=partner, **{"class": kind})


@pytest.mark.parametrize("kind", ["sv", "fusion"])
@pytest.mark.parametrize(("gene", "partner"), [("EML4", "ALK"), ("ALK", "EML4")])
def test_a_rearrangement_is_found_in_either_order(people: People, gene: str, partner: str, kind: str) -> None:
    """Structural variants and fusions alike."""
    seen(people, gene, partner, kind)
    assert people.value(Rearrangement("ALK")) is True
    assert people.value(Rearrangement("EML4", "ALK")) is True
    assert people.value(Rearrangement("ALK", "EML4")) is True


def test_without_a_partner_nothing_is_asked_of_the_other_end(people: People) -> None:
    """A gene, no gene or the same gene."""
    for partner in ("EML4", None, "ALK"):
        one = People()
        seen(one, "ALK", partner)
        assert one.value(Rearrangement("ALK")) is True


def test_a_rearrangement_within_one_gene_counts(people: People) -> None:
    """It is no fusion, but a rearrangement; it can also be asked for by itself."""
    seen(people, "BRAF", "BRAF")
    assert people.value(Fusion("BRAF")) is False
    assert people.value(Rearrangement("BRAF")) is True
    assert people.value(Rearrangement("BRAF", "any")) is True
    assert people.value(Rearrangement("BRAF", "BRAF")) is True
    assert people.value(Rearrangement("BRAF", "ALK")) is False


def test_any_asks_that_a_gene_is_named_at_the_other_end(people: People) -> None:
    """Named: yes. Blank: a gene that was not named may be there, so it stays open."""
    seen(people, "EML4", "ALK")
    seen(people, None, "BRAF")
    assert people.value(Rearrangement("ALK", "any")) is True
    assert people.value(Rearrangement("BRAF", "any")) is None


def test_intergenic_asks_that_no_gene_is_named_at_the_other_end(people: People) -> None:
    """Exactly one end is named."""
    seen(people, "ALK", None)
    seen(people, "BRAF", "KIAA1549")
    assert people.value(Rearrangement("ALK", "intergenic")) is True
    assert people.value(Rearrangement("BRAF", "intergenic")) is False


@pytest.mark.parametrize(("gene", "partner"), [("ALK", None), (None, "ALK"), ("EML4", None)])
def test_a_blank_end_leaves_a_named_partner_open(people: People, gene: str | None, partner: str | None) -> None:
    """One of the two genes is there, and what it is joined to was not written."""
    seen(people, gene, partner)
    assert people.value(Rearrangement("ALK", "EML4")) is None


def test_an_end_that_is_no_gene_symbol_is_neither_a_gene_nor_blank(people: People) -> None:
    """What is written there may mean either: open."""
    seen(people, "ALK", "2:29,446,394")
    assert people.value(Rearrangement("ALK")) is True
    assert people.value(Rearrangement("ALK", "intergenic")) is None
    assert people.value(Rearrangement("ALK", "any")) is None


def test_tested_for_structural_variants_and_not_seen_is_no(people: People) -> None:
    """A test that covered one of the named genes would have seen it; other assays say nothing."""
    people.tested(1, "small", "structural_variant")
    people.tested(2, "small")
    asked = (Rearrangement("ALK"), Rearrangement("ALK", "any"), Rearrangement("EML4", "ALK"))
    assert [people.value(one, 1) for one in asked] == [False, False, False]
    assert [people.value(one, 2) for one in asked] == [None, None, None]
    assert people.value(Rearrangement("RET"), 1) is None


def test_another_rearrangement_is_no_answer(people: People) -> None:
    """Seen by a test of unknown coverage, EML4-ALK leaves RET unknown."""
    seen(people, "EML4", "ALK", panel=None)
    assert people.value(Rearrangement("RET")) is None
    assert people.value(Rearrangement("ALK", "KIF5B")) is None


def test_either_gene_may_be_named_first_in_the_criterion() -> None:
    """Two spellings are one leaf; a partner alone is the gene."""
    assert Rearrangement("ALK", "EML4") == Rearrangement("EML4", "ALK")
    assert Rearrangement(None, "ALK") == Rearrangement("ALK")


def test_the_rows_that_a_rearrangement_stands_on_are_shown(people: People) -> None:
    """The variant for yes and for open."""
    variant = seen(people, "ALK", None)
    population = people.population
    for leaf, value in ((Rearrangement("ALK", "intergenic"), True), (Rearrangement("ALK", "any"), None)):
        assert [ref.id for ref in evidence(leaf, population, TODAY).cited(0, value)] == [variant]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rearrangement(None),
        lambda: Rearrangement(None, "any"),
        lambda: Rearrangement("any", "ALK"),
        lambda: Rearrangement("intergenic", "ALK"),
    ],
)
def test_a_rearrangement_needs_a_gene_in_the_first_place(make: Callable[[], object]) -> None:
    """Any gene with any gene asks nothing."""
    with pytest.raises(UserError, match="no gene"):
        make()
