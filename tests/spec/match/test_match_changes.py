"""Changes: what is new, gone or changed since an earlier matching, and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import kohort
from kohort.errors import InputError
from kohort.match import Arm, Trial, match
from kohort.match.answers.changes import Snapshot, changes, criteria_hash, match_id, snapshot
from kohort.match.criteria import Age, And, AtLeast, Criterion, Diagnosis, Msi, Mutation, Not, Or, Range, Sex
from tests.spec.match.match_people import TODAY, People

MUTATED, WOMAN, ADULT = Mutation("BRAF"), Sex("female"), Age(Range.parse(">=18"))
BIRTHDAY = date(2026, 12, 1)


def taken(people: People, *criteria: Criterion, day: date = TODAY, name: str = "A", closed: bool = False) -> Snapshot:
    arms = (Arm(name, "Arm", (), And(*criteria)),)
    return snapshot(match(Trial("T", "A trial", arms), people.tables, day, closed_world=closed))


def told(before: Snapshot, after: Snapshot) -> list[tuple[Any, ...]]:
    columns = ("person", "change", "before", "after", "requirement", "was", "now", "why")
    return changes(before, after).select(columns).rows()


@pytest.fixture
def people() -> People:
    """1 is a woman who turns 18 on 1 December 2026 and was not tested; 2 is a man."""
    found = People()
    found.panel("small", "BRAF")
    found.add("person", 1, sex_code="female", birth=date(2008, 12, 1), birth_precision=3, batch=1)
    found.add("person", 2, sex_code="male", birth=date(1960, 1, 1), birth_precision=3, batch=1)
    return found


def test_a_match_keeps_its_id_and_every_other_has_another() -> None:
    """A hash of person, sample, trial and arm; the day and the verdict have no part in it."""
    ids = {match_id(1, "T", "A"), match_id(1, "T", "B"), match_id(1, "U", "A"), match_id(2, "T", "A")}
    ids.add(match_id(1, "T", "A", 7))
    assert len(ids) == 5
    assert match_id(1, "T", "A") == match_id(1, "T", "A", 0) == "ddfd72e63048a27d"


def test_a_snapshot_holds_the_eligible_and_the_unknown_with_the_value_of_each_requirement(people: People) -> None:
    """1 met, 0 unknown, -1 not met."""
    rows = taken(people, WOMAN, MUTATED).rows
    assert rows.select("id", "trial", "arm", "person", "verdict", "values").rows() == [
        (match_id(1, "T", "A"), "T", "A", 1, "unknown", [1, 0])
    ]


def test_nothing_changed_is_no_change(people: People) -> None:
    """The same rows, the same trial, the same day."""
    assert told(taken(people, WOMAN, MUTATED), taken(people, WOMAN, MUTATED)) == []


def test_rows_that_came_are_why_a_match_changed(people: People) -> None:
    """A report arrives: unknown becomes eligible by the requirement on the gene."""
    before = taken(people, WOMAN, MUTATED)
    people.mutation(
        1, "BRAF", "p.V600E", test=people.tested(1, "small", batch=2), batch=2, classification="Missense_Mutation"
    )
    assert told(before, taken(people, WOMAN, MUTATED)) == [
        (1, "changed", "unknown", "eligible", MUTATED.words, "unknown", "met", "rows")
    ]


def test_a_row_whose_content_was_corrected_is_why_a_match_is_gone(people: People) -> None:
    """The row keeps its id and comes with a later batch."""
    before = taken(people, WOMAN)
    people.rows["person"][0] |= {"sex_code": "male", "batch": 2}
    assert told(before, taken(people, WOMAN)) == [
        (1, "gone", "eligible", "ineligible", WOMAN.words, "met", "not met", "rows")
    ]


def test_a_report_without_a_finding_is_why_a_match_is_gone(people: People) -> None:
    """The test looked for it: what bears on a no by absence is the test's row."""
    before = taken(people, MUTATED, WOMAN)
    people.tested(1, "small", batch=2)
    assert told(before, taken(people, MUTATED, WOMAN)) == [
        (1, "gone", "unknown", "ineligible", MUTATED.words, "unknown", "not met", "rows")
    ]


def test_a_birthday_is_why_a_match_is_new(people: People) -> None:
    """The same rows on a later day."""
    assert told(taken(people, WOMAN, ADULT), taken(people, WOMAN, ADULT, day=BIRTHDAY)) == [
        (1, "new", "ineligible", "eligible", ADULT.words, "not met", "met", "time")
    ]


def test_a_requirement_that_was_added_or_dropped_is_why_a_match_changed(people: People) -> None:
    """An added requirement that is met changes nothing and is not named."""
    narrow, wide = taken(people, WOMAN, ADULT), taken(people, WOMAN, Age(Range.parse(">=12")))
    assert told(narrow, wide) == [(1, "new", "ineligible", "eligible", ADULT.words, "not met", None, "criteria")]
    assert told(wide, narrow) == [(1, "gone", "eligible", "ineligible", ADULT.words, None, "not met", "criteria")]


def test_all_requirements_that_changed_are_named(people: People) -> None:
    """The birthday and the report on the same day."""
    before = taken(people, ADULT, MUTATED)
    people.mutation(
        1, "BRAF", "p.V600E", test=people.tested(1, "small", batch=2), batch=2, classification="Missense_Mutation"
    )
    after = taken(people, ADULT, MUTATED, day=BIRTHDAY)
    assert [row[4:] for row in told(before, after)] == [
        (ADULT.words, "not met", "met", "time"),
        (MUTATED.words, "unknown", "met", "rows"),
    ]


def test_a_new_patient_and_a_patient_who_left_are_named_as_such(people: People) -> None:
    """Persons are brought together by pseudonym."""
    before = taken(people, WOMAN)
    people.add("person", 3, sex_code="female", batch=2)
    people.rows["person"] = [row for row in people.rows["person"] if row["person"] != 1]
    assert told(before, taken(people, WOMAN)) == [
        (1, "gone", "eligible", None, None, None, None, "person"),
        (3, "new", None, "eligible", None, None, None, "person"),
    ]


def test_an_arm_that_opened_and_one_that_left_are_named_as_such(people: People) -> None:
    """Each match of the arm is new, or gone."""
    assert told(taken(people, WOMAN), taken(people, WOMAN, name="B")) == [
        (1, "gone", "eligible", None, None, None, None, "arm"),
        (1, "new", None, "eligible", None, None, None, "arm"),
    ]


def test_the_same_rows_read_otherwise_are_the_program_s_doing(people: People) -> None:
    """Neither rows nor criteria nor the day changed: another version read them."""
    before = taken(people, WOMAN)
    key = before.arms[0].requirements[0]
    otherwise = before.values.with_columns((-before.values[f"v {key}"]).alias(f"v {key}"))
    older = Snapshot("0.0", before.as_of, False, before.arms, before.words, before.timed, otherwise)
    assert {row[-1] for row in told(older, before)} == {"program"}


def test_a_snapshot_is_kept_in_one_file_with_the_versions_of_program_and_trial(people: People, tmp_path: Path) -> None:
    """Written as Parquet and read back, it tells the same changes."""
    before = taken(people, WOMAN, ADULT)
    before.write(tmp_path / "matches.parquet")
    kept = Snapshot.read(tmp_path / "matches.parquet")
    assert (kept.version, kept.as_of) == (kohort.__version__, TODAY)
    assert kept.arms[0].criteria == criteria_hash(And(WOMAN, ADULT))
    after = taken(people, WOMAN, ADULT, day=BIRTHDAY)
    assert told(kept, after) == told(before, after) != []


def test_a_file_that_is_no_snapshot_is_refused(people: People, tmp_path: Path) -> None:
    """Another Parquet file, or none at all."""
    people.population.people.write_parquet(tmp_path / "people.parquet")
    (tmp_path / "text.parquet").write_text("nothing of the kind")
    for name in ("people.parquet", "text.parquet"):
        with pytest.raises(InputError, match="no snapshot"):
            Snapshot.read(tmp_path / name)


def test_the_hash_of_criteria_is_of_what_they_ask(people: People) -> None:
    """Names in normal form count, spelling does not; every part and number does."""
    assert criteria_hash(Mutation("HER2")) == criteria_hash(Mutation("ERBB2"))
    asked = [
        MUTATED,
        Mutation("BRAF", codon=600),
        Not(MUTATED),
        And(MUTATED, WOMAN),
        Or(MUTATED, WOMAN),
        AtLeast(1, MUTATED, WOMAN),
        AtLeast(2, MUTATED, WOMAN),
        Diagnosis("LUAD"),
        Diagnosis(tissue="Lung"),
        Msi("MSI-H"),
        ADULT,
        Age(Range.parse(">18")),
    ]
    assert len({criteria_hash(one) for one in asked}) == len(asked)


def test_open_and_closed_world_are_not_compared(people: People) -> None:
    """Every unknown would be a change."""
    with pytest.raises(InputError, match="closed world"):
        changes(taken(people, MUTATED), taken(people, MUTATED, closed=True))


def test_each_sample_is_a_match_of_its_own() -> None:
    """Where samples are matched, the id is that of person and sample."""
    people = People()
    sample = people.add("specimen", 1)
    people.rows["person"][0]["sex_code"] = "female"
    arms = (Arm("A", "Arm", (), WOMAN),)
    kept = snapshot(match(Trial("T", "A trial", arms), people.tables, TODAY, unit="sample"))
    assert kept.rows.select("id", "person", "sample").rows() == [(match_id(1, "T", "A", sample), 1, sample)]
