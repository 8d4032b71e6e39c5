"""Mismatch repair and mutational signatures: as reported; a result that says nothing is none."""

from __future__ import annotations

import pytest

from kohort.errors import UserError
from kohort.match.criteria import Mmr, Msi, Not, Signature
from kohort.match.engine.evaluation import evidence
from tests.spec.match.match_people import TODAY, People


@pytest.fixture
def people() -> People:
    return People()


def signature(people: People, name: str, result: str | None, system: str = "signature") -> None:
    people.add("finding", 1, kind="marker", code_system=system, code_code=name, value_code=result)


@pytest.mark.parametrize(("result", "expected"), [("deficient", True), ("proficient", False), ("equivocal", None)])
def test_mismatch_repair_comes_from_immunohistochemistry(people: People, result: str, expected: bool | None) -> None:
    """A finding of kind ihc with the code MMR."""
    people.add("finding", 1, kind="ihc", code_code="MMR", value_code=result)
    assert people.value(Mmr("deficient")) is expected
    assert people.value(Mmr("proficient")) is (None if expected is None else not expected)


@pytest.mark.parametrize(
    ("result", "expected"), [("MSI-H", True), ("MSI-L", False), ("MSS", False), ("indeterminate", None)]
)
def test_mismatch_repair_is_read_off_the_microsatellites(people: People, result: str, expected: bool | None) -> None:
    """MSI-H is deficient, MSI-L and MSS are proficient; from findings and from tests."""
    people.add("finding", 1, kind="msi", value_code=result)
    people.tested(2, msi=result)
    assert [people.value(Mmr("deficient"), person) for person in (1, 2)] == [expected, expected]


def test_immunohistochemistry_of_mismatch_repair_is_no_microsatellite_status(people: People) -> None:
    """The inference goes one way: a protein that is lost is no MSI-H."""
    people.add("finding", 1, kind="ihc", code_code="MMR", value_code="deficient")
    assert people.value(Msi("MSI-H")) is None


def test_other_immunohistochemistry_says_nothing_of_mismatch_repair(people: People) -> None:
    """The code decides."""
    people.add("finding", 1, kind="ihc", code_code="HER2", value_code="deficient")
    assert people.value(Mmr("deficient")) is None


def test_where_two_specimens_disagree_each_status_is_met(people: People) -> None:
    """Any result counts, as for every alteration."""
    people.add("finding", 1, kind="ihc", code_code="MMR", value_code="deficient")
    people.tested(1, msi="MSS")
    assert people.value(Mmr("deficient")) is True
    assert people.value(Mmr("proficient")) is True


def test_never_determined_is_unknown_also_when_negated(people: People) -> None:
    """Not deficient is not shown by the lack of a test; in the closed world it is."""
    people.add("person", 1)
    assert people.value(Not(Mmr("deficient"))) is None
    assert people.value(Not(Mmr("deficient")), closed_world=True) is True


@pytest.mark.parametrize(
    ("result", "present"), [("present", True), ("absent", False), ("insufficient", None), (None, None)]
)
def test_a_signature_is_present_or_absent_as_reported(people: People, result: str | None, present: bool | None) -> None:
    """Looked for and not seen is a result of its own; a result that gives neither is void."""
    signature(people, "APOBEC", result)
    assert people.value(Signature("APOBEC")) is present
    assert people.value(Signature("APOBEC", present=False)) is (None if present is None else not present)
    assert people.value(Signature("POLE")) is None


def test_a_marker_that_is_no_signature_is_none(people: People) -> None:
    """POLE may also be the name of another test."""
    signature(people, "POLE", "present", system="local")
    assert people.value(Signature("POLE")) is None


def test_the_rows_behind_a_result_are_shown(people: People) -> None:
    """The finding for yes as for no; nothing for an unknown that nobody looked at."""
    signature(people, "UV", "absent")
    population = people.population
    finding = people.rows["finding"][0]["id"]
    assert [ref.id for ref in evidence(Signature("UV"), population, TODAY).cited(0, False)] == [finding]
    assert evidence(Signature("POLE"), population, TODAY).cited(0, None) == ()


def test_words_that_name_no_status_or_signature_are_refused() -> None:
    """Closed lists."""
    with pytest.raises(UserError, match="deficient or proficient"):
        Mmr("MSI-H")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="APOBEC, POLE, tobacco, temozolomide, UV"):
        Signature("smoking")  # type: ignore[arg-type]
