"""Three values: true, false and unknown, and how criteria are joined (Kleene)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kohort.errors import UserError
from kohort.match import Truth
from kohort.match.criteria import And, AtLeast, Diagnosis, FreeText, Msi, Mutation, Not, Or, Sex
from tests.spec.match.match_people import People

T, F, U = True, False, None
VALUES = (T, F, U)

AND_TABLE = {(T, T): T, (T, F): F, (T, U): U, (F, F): F, (F, U): F, (U, U): U}
OR_TABLE = {(T, T): T, (T, F): T, (T, U): T, (F, F): F, (F, U): U, (U, U): U}


def truth(*values: bool | None) -> Truth:
    return Truth.of(np.array([v is True for v in values]), np.array([v is False for v in values]))


def values(result: Truth) -> list[bool | None]:
    return [result.value(i) for i in range(result.size)]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(VALUES, VALUES)))
def test_and_is_the_least_of_its_parts(a: bool | None, b: bool | None) -> None:
    """On false < unknown < true, AND takes the least value, in either order."""
    expected = AND_TABLE.get((a, b), AND_TABLE.get((b, a)))
    assert values(truth(a) & truth(b)) == [expected]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(VALUES, VALUES)))
def test_or_is_the_greatest_of_its_parts(a: bool | None, b: bool | None) -> None:
    """On false < unknown < true, OR takes the greatest value, in either order."""
    expected = OR_TABLE.get((a, b), OR_TABLE.get((b, a)))
    assert values(truth(a) | truth(b)) == [expected]


def test_not_leaves_unknown_alone() -> None:
    """NOT swaps true and false; unknown stays unknown."""
    assert values(~truth(T, F, U)) == [F, T, U]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(VALUES, VALUES)))
def test_de_morgan_holds_with_unknowns(a: bool | None, b: bool | None) -> None:
    """Not (a and b) is (not a) or (not b), also where something is unknown."""
    assert ~(truth(a) & truth(b)) == ~truth(a) | ~truth(b)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("parts", list(itertools.product(VALUES, repeat=3)))
def test_at_least_n_is_true_when_n_parts_are_and_false_when_n_cannot_be_reached(
    n: int, parts: tuple[bool | None, ...]
) -> None:
    """At least n of k: n true parts decide for it, more than k - n false ones against it."""
    yes, no = parts.count(True), parts.count(False)
    expected = True if yes >= n else False if 3 - no < n else None
    assert values(Truth.at_least(n, [truth(part) for part in parts], 1)) == [expected]


def test_without_parts_all_holds_and_any_does_not() -> None:
    """All of nothing holds for everybody, any of nothing for nobody."""
    people = People()
    people.add("person", 1)
    assert people.value(And()) is True
    assert people.value(Or()) is False


def test_at_least_needs_a_number_that_its_parts_can_reach() -> None:
    """At least 3 of 2, or 0 of 2, cannot be meant."""
    for n in (0, 3):
        with pytest.raises(UserError, match="Give a number from 1 to 2"):
            AtLeast(n, Sex("male"), Sex("female"))


def test_a_truth_and_its_opposite_at_once_cannot_be_made() -> None:
    """Nobody both meets and does not meet a criterion."""
    both = np.array([True])
    with pytest.raises(ValueError, match="both"):
        Truth.of(both, both)


def test_persons_beyond_the_last_are_not_counted() -> None:
    """Bitmaps are whole words; what lies behind the last person stays out of every count, also after NOT."""
    for size in (1, 63, 64, 65, 130):
        everybody = Truth.constant(True, size)
        assert everybody.counts == (size, 0, 0)
        assert (~Truth.unknown(size)).counts == (0, 0, size)
        assert Truth.unknown(size).closed().counts == (0, size, 0)


def test_unknown_never_becomes_eligible_by_negation() -> None:
    """Who was never tested for a mutation does not meet "not mutated"."""
    people = People()
    people.add("person", 1)
    assert people.value(Not(Mutation("KRAS"))) is None


def test_the_closed_world_reads_unknown_as_false_before_not() -> None:
    """In the closed world a leaf without an answer is no, so its negation is met: what older engines say."""
    people = People()
    people.add("person", 1)
    assert people.value(Mutation("KRAS"), closed_world=True) is False
    assert people.value(Not(Mutation("KRAS")), closed_world=True) is True
    assert people.value(Not(FreeText("fit for surgery")), closed_world=True) is True


CLOSED_WORLD = [
    # situation, criterion, open world, closed world
    ("never tested for microsatellites", "not MSI-H", None, True),
    ("gene not on the panel", "not KRAS mutated", None, True),
    ("no molecular test at all", "not BRAF mutated", None, True),
    ("diagnosis missing", "not breast cancer", None, True),
    ("sex missing", "male", None, False),
]


@pytest.mark.parametrize(("situation", "asked", "open_world", "closed_world"), CLOSED_WORLD)
def test_what_the_closed_world_gets_wrong(
    situation: str, asked: str, open_world: bool | None, closed_world: bool
) -> None:
    """Where nothing was looked at, the answer is unknown; the closed world invents one."""
    criterion = {
        "not MSI-H": Not(Msi("MSI-H")),
        "not KRAS mutated": Not(Mutation("KRAS")),
        "not BRAF mutated": Not(Mutation("BRAF")),
        "not breast cancer": Not(Diagnosis(tissue="Breast")),
        "male": Sex("male"),
    }[asked]
    people = People()
    people.add("person", 1)
    if "panel" in situation:
        people.panel("BRAF-only", "BRAF")
        people.tested(1, "BRAF-only")
    assert people.value(criterion) is open_world
    assert people.value(criterion, closed_world=True) is closed_world
