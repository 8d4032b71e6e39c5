"""The reasons of many verdicts: which criteria decide, and the rows, files and lines that they stand on.

One person's whole tree is told by `explain`; these tables are for lists of patients, and for whoever checks them.
"""

from __future__ import annotations

import itertools
from datetime import date

import polars as pl
import pytest

from kohort.match import Arm, Matches, Trial, match
from kohort.match.answers.places import Place, locate, located
from kohort.match.criteria import Age, And, Criterion, Diagnosis, Mutation, Not, Or, Range, Sex
from kohort.match.rules.rows import RowRef
from kohort.tables import MemoryTables
from tests.spec.match.match_people import TODAY, People

BRAF, KRAS = Mutation("BRAF"), Mutation("KRAS")
ADULT = Age(Range.parse(">=18"))


@pytest.fixture
def people() -> People:
    """1 has BRAF and not KRAS, 2 both, 3 neither, 4 was never tested."""
    found = People()
    found.panel("small", "BRAF", "KRAS")
    for person in (1, 2, 3, 4):
        found.add("person", person, birth=date(1970, 1, 1), birth_precision=3, sex_code="female")
    tests = {person: found.tested(person, "small") for person in (1, 2, 3)}
    for person, gene in ((1, "BRAF"), (2, "BRAF"), (2, "KRAS")):
        found.mutation(person, gene, test=tests[person], classification="Missense_Mutation")
    return found


def matches(people: People, *asked: Criterion, closed_world: bool = False) -> Matches:
    trial = Trial("T", "", (Arm("A", "", (), And(*asked)),))
    return match(trial, people.tables, TODAY, closed_world=closed_world)


def told(frame: pl.DataFrame, person: int) -> list[tuple[str, bool | None, str | None]]:
    rows = frame.filter(person=person)
    return rows.select("criterion", "value", "table").rows()


def test_of_an_eligible_person_what_speaks_for_it_is_told(people: People) -> None:
    """True criteria with their rows; under NOT the false ones, with the test that looked."""
    reasons = matches(people, ADULT, BRAF, Not(KRAS)).reasons()
    assert reasons["person"].unique().to_list() == [1]
    assert told(reasons, 1) == [
        (ADULT.words, True, "person"), (BRAF.words, True, "variant"), (KRAS.words, False, "test"),
    ]  # fmt: skip


def test_of_an_ineligible_person_what_speaks_against_it_is_told(people: People) -> None:
    """Person 2 fails one criterion, person 3 another."""
    reasons = matches(people, BRAF, Not(KRAS)).reasons("ineligible")
    assert told(reasons, 2) == [(KRAS.words, True, "variant")]
    assert told(reasons, 3) == [(BRAF.words, False, "test")]


def test_of_an_unknown_verdict_the_missing_facts_are_told(people: People) -> None:
    """Person 4 was never tested: no row, and the fact to find out."""
    reasons = matches(people, BRAF, Not(KRAS)).reasons("unknown")
    assert told(reasons, 4) == [(BRAF.words, None, None), (KRAS.words, None, None)]
    assert reasons["missing"].to_list() == ["mutation test of BRAF", "mutation test of KRAS"]


def test_only_the_alternatives_that_hold_are_told(people: People) -> None:
    """Of BRAF or KRAS, person 1 has one."""
    reasons = matches(people, Or(BRAF, KRAS)).reasons()
    assert told(reasons, 1) == [(BRAF.words, True, "variant")]
    assert [criterion for criterion, *_ in told(reasons, 2)] == [BRAF.words, KRAS.words]


def test_in_the_closed_world_silence_speaks_against(people: People) -> None:
    """Person 4 is ineligible for want of a test; no row says so."""
    reasons = matches(people, BRAF, closed_world=True).reasons("ineligible")
    assert told(reasons, 4) == [(BRAF.words, False, None)]


def test_what_each_requirement_costs(people: People) -> None:
    """How many more would be eligible without it, and how many it alone keeps out."""
    found = matches(people, BRAF, Not(KRAS), Sex("female"))
    costs = found.costs()
    assert costs["requirement"].to_list() == [BRAF.words, f"not {KRAS.words}", "sex female"]
    assert costs["gained"].to_list() == [1, 1, 0]  # 3 without the first, 2 without the second
    assert costs["freed"].to_list() == [1, 1, 0]
    assert found.counts()["near_misses"].to_list() == [2]


def test_leaving_one_out_agrees_with_matching_without_it(people: People) -> None:
    """Each cost is that of the arm written without the requirement, matched anew."""
    asked = (ADULT, BRAF, Not(KRAS), Or(Diagnosis("LUAD"), Sex("female")), Sex("male"))
    whole = matches(people, *asked)
    (before,) = whole.counts().iter_rows(named=True)
    for place, row in enumerate(whole.costs().iter_rows(named=True)):
        rest = [part for number, part in enumerate(asked) if number != place]
        (after,) = matches(people, *rest).counts().iter_rows(named=True)
        assert row["gained"] == after["eligible"] - before["eligible"]
        assert row["freed"] == before["ineligible"] - after["ineligible"]


def test_a_row_is_found_again_in_file_and_line() -> None:
    """The number of the file stands in the row, its name in the table of files."""
    tables = MemoryTables(
        {
            "person": [{"person": 1, "id": 1, "source_file": 2, "source_line": 17}],
            "tumour": [{"person": 1, "id": 1, "source_file": 9, "source_line": 3}, {"person": 1, "id": 2}],
            "ingest": [{"id": 1, "file": 2, "name": "patients.txt"}],
        }
    )
    refs = [RowRef("person", 1), RowRef("tumour", 1), RowRef("tumour", 2), RowRef("test", 5)]
    places = locate(refs, tables)
    assert places == dict(
        zip(refs, [Place("patients.txt", 17), Place("file 9", 3), Place("", 0), Place("", 0)], strict=True)
    )
    assert [str(place) for place in places.values()] == ["patients.txt:17", "file 9:3", "no file", "no file"]


def test_reasons_with_files_and_lines(people: People) -> None:
    """The same table with two more columns."""
    for number, row in zip(itertools.count(1), people.rows["variant"], strict=False):
        row |= {"source_file": 1, "source_line": number}
    people.rows["ingest"] = [{"id": 1, "file": 1, "name": "mutations.txt"}]
    frame = located(matches(people, BRAF).reasons(), people.tables)
    assert frame.select("person", "file", "line").rows() == [(1, "mutations.txt", 1), (2, "mutations.txt", 2)]
