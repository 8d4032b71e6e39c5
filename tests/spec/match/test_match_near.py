"""Near misses: who fails exactly one requirement, what was found instead, and by how much."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from kohort.errors import InputError
from kohort.match import Arm, Trial, match
from kohort.match.answers.near import near_misses
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    Criterion,
    Diagnosis,
    Laboratory,
    Leaf,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Sex,
    TherapySince,
    Tmb,
)
from kohort.match.engine.evaluation import leaf_truth
from tests.spec.match.match_people import TODAY, People

ADULT = Age(Range.parse(">=18"))
FIT = PerformanceStatus(Range.parse("<=1"))


def near(people: People, *criteria: Criterion, closed_world: bool = False) -> list[dict[str, Any]]:
    """The near misses of one arm that asks for all of these."""
    arm = Arm("A", "Arm", (), And(*criteria))
    found = match(Trial("T", "A trial", (arm,)), people.tables, TODAY, closed_world=closed_world)
    return near_misses(found).to_dicts()


def a_woman(**columns: Any) -> People:
    people = People()
    people.add("person", 1, sex_code="female", **columns)
    return people


def test_an_age_is_given_with_the_years_that_are_missing() -> None:
    """Born on 1 April 2009, 17.5 years old on 1 November 2026: five months short of 18, and time will do it."""
    people = a_woman(birth=date(2009, 4, 1), birth_precision=3)
    (row,) = near(people, ADULT, Sex("female"))
    assert (row["person"], row["requirement"], row["found"], row["unit"]) == (1, ADULT.words, "17.5", "years")
    assert row["short_by"] == pytest.approx(151 / 365.25)
    assert row["recoverable"]
    assert row["sentence"] == "Age >=18 completed years on the day of matching: 17.5, 0.41 years from the limit."
    assert [one["table"] for one in row["rows"]] == ["person"]


def test_an_age_known_to_the_year_is_a_range_and_its_nearest_end_counts() -> None:
    """Born in 2010: between 15.8 and 16.8 years old, at the best a good year short."""
    people = a_woman(birth=date(2010, 1, 1), birth_precision=1)
    (row,) = near(people, ADULT)
    assert row["found"] == "15.8 to 16.8"
    assert row["short_by"] == pytest.approx(1.17, abs=0.01)


def test_too_old_is_not_recoverable_and_too_young_at_diagnosis_neither() -> None:
    """Nobody gets younger, and the age at diagnosis stays what it was."""
    people = a_woman(birth=date(1940, 1, 1), birth_precision=3)
    (row,) = near(people, Age(Range.parse(">=18, <=75")))
    assert not row["recoverable"]
    people.add("tumour", 1, age_at_diagnosis=12)
    (row,) = near(people, Age(Range.parse(">=18"), at="diagnosis"))
    assert (row["found"], row["short_by"], row["recoverable"]) == ("12", 6.0, False)


def test_a_performance_status_is_one_step_off_and_recoverable() -> None:
    """ECOG 2 where at most 1 is asked."""
    people = a_woman()
    row_id = people.add("finding", 1, kind="ecog", value_number=2)
    (row,) = near(people, FIT)
    assert (row["found"], row["short_by"], row["unit"], row["recoverable"]) == ("2", 1.0, "ECOG", True)
    assert row["rows"] == [{"table": "finding", "id": row_id}]


def test_a_burden_is_compared_with_its_limit() -> None:
    """Eight mutations per megabase where ten are asked; a burden reported as below 5 is at least 5 short."""
    people = a_woman()
    people.add("finding", 1, kind="tmb", value_number=8.0, unit="1/Mb")
    (row,) = near(people, Tmb(Range.parse(">=10")))
    assert (row["found"], row["short_by"], row["unit"]) == ("8 1/Mb", 2.0, "per Mb")
    assert not row["recoverable"]
    other = a_woman()
    other.add("finding", 1, kind="tmb", value_number=5.0, comparator="<")
    (row,) = near(other, Tmb(Range.parse(">=10")))
    assert row["found"] == "<5"
    assert row["short_by"] == pytest.approx(5.0)


def test_a_laboratory_value_is_compared_with_the_laboratory_s_own_limit() -> None:
    """85 with an upper limit of 50 is 1.7 times the limit: 0.2 too much where 1.5 are allowed."""
    people = a_woman()
    lab = {"kind": "laboratory", "code_code": "ALT", "unit": "U/L", "reference_high": 50.0}
    people.add("finding", 1, value_number=85.0, found=TODAY, found_precision=3, **lab)
    (row,) = near(people, Laboratory("ALT", Range.parse("<=1.5"), of="upper_limit"))
    assert row["short_by"] == pytest.approx(0.2)
    assert (row["unit"], row["recoverable"]) == ("x upper limit of normal", True)


def test_a_laboratory_value_is_converted_into_the_unit_that_is_asked() -> None:
    """A haemoglobin of 85 g/L is 0.5 g/dL below 9 g/dL."""
    people = a_woman()
    lab = {"kind": "laboratory", "code_code": "haemoglobin", "unit": "g/L"}
    people.add("finding", 1, value_number=85.0, found=TODAY, found_precision=3, **lab)
    (row,) = near(people, Laboratory("haemoglobin", Range.parse(">=9"), "g/dL"))
    assert (row["found"], row["unit"]) == ("85 g/L", "g/dL")
    assert row["short_by"] == pytest.approx(0.5)


def test_of_a_category_it_is_said_what_was_found_instead() -> None:
    """Another tumour type, another status: no distance, no unit."""
    people = a_woman()
    people.add("tumour", 1, oncotree_code="LUAD")
    (row,) = near(people, Diagnosis("MEL"))
    assert (row["found"], row["short_by"], row["unit"]) == ("Lung Adenocarcinoma (LUAD)", None, None)
    people.add("finding", 1, kind="msi", value_code="MSS")
    (row,) = near(people, Msi("MSI-H"))
    assert row["found"] == "MSS"


def test_of_a_gene_it_is_said_which_other_mutation_was_found_or_that_it_was_looked_for() -> None:
    """BRAF p.G469A in place of p.V600E; without any, the test that looked."""
    people = a_woman()
    people.panel("small", "BRAF", "KRAS")
    test = people.tested(1, "small")
    people.mutation(1, "BRAF", "p.G469A", test=test, classification="Missense_Mutation")
    (row,) = near(people, Mutation("BRAF", protein_change="V600E"))
    assert row["found"] == "BRAF p.G469A"
    assert {one["table"] for one in row["rows"]} == {"test", "variant"}
    (row,) = near(people, Mutation("KRAS"))
    assert (row["found"], row["rows"]) == ("looked for, not found", [{"table": "test", "id": test}])


def test_an_exclusion_that_is_met_cites_what_was_found() -> None:
    """Not a melanoma, and it is one."""
    people = a_woman()
    tumour = people.add("tumour", 1, oncotree_code="SKCM")
    (row,) = near(people, Not(Diagnosis("MEL")))
    assert row["found"] == "Cutaneous Melanoma (SKCM)"
    assert row["rows"] == [{"table": "tumour", "id": tumour}]


def test_of_alternatives_the_nearest_limit_counts() -> None:
    """A burden of 8 is 2 short of the one limit and 4 short of the other."""
    people = a_woman()
    people.add("finding", 1, kind="tmb", value_number=8.0)
    (row,) = near(people, Or(Tmb(Range.parse(">=12")), Tmb(Range.parse(">=10"))))
    assert (row["found"], row["short_by"], row["unit"]) == ("8", 2.0, "per Mb")


def test_of_alternatives_one_that_can_change_is_enough() -> None:
    """ECOG 3 or a burden of 9: the performance status can change; the distances have no common unit."""
    people = a_woman()
    people.add("finding", 1, kind="ecog", value_number=3)
    people.add("finding", 1, kind="tmb", value_number=9.0)
    (row,) = near(people, Or(FIT, Tmb(Range.parse(">=10"))))
    assert (row["found"], row["short_by"], row["recoverable"]) == ("3; 9", None, True)
    (row,) = near(people, AtLeast(2, FIT, Tmb(Range.parse(">=10"))))
    assert not row["recoverable"]


def test_a_washout_recovers_with_time_and_an_earlier_drug_does_not() -> None:
    """Ten days since the last imatinib where 28 are asked; imatinib was given and stays given."""
    people = a_woman()
    when = {"start": date(2026, 10, 1), "start_precision": 3, "stop": date(2026, 10, 22), "stop_precision": 3}
    therapy = people.add("therapy", 1, modality="systemic", **when)
    people.add("therapy_item", 1, therapy=therapy, item_code="imatinib")
    (row,) = near(people, TherapySince(Range.parse(">=28"), drug="imatinib"))
    assert row["recoverable"]
    (row,) = near(people, TherapySince(Range.parse("<=7"), drug="imatinib"))
    assert not row["recoverable"]
    (row,) = near(people, Not(PriorTherapy(drug="imatinib")))
    assert (row["found"], row["recoverable"]) == ("imatinib", False)


def test_whoever_fails_two_requirements_is_no_near_miss_and_an_unknown_beside_one_is_no_matter() -> None:
    """A man of 17 fails two; a girl of 17 without a known status fails one."""
    people = People()
    for person, sex in ((1, "male"), (2, "female")):
        people.add("person", person, sex_code=sex, birth=date(2009, 4, 1), birth_precision=3)
    assert [row["person"] for row in near(people, ADULT, Sex("female"), Msi("MSI-H"))] == [2]


def test_in_the_closed_world_a_near_miss_may_stand_on_nothing() -> None:
    """What was taken as no has no row and says so."""
    (row,) = near(a_woman(), Msi("MSI-H"), closed_world=True)
    assert (row["found"], row["rows"] or []) == (None, [])
    assert row["sentence"] == "Microsatellite status MSI-H: nothing is recorded."


def test_near_misses_can_be_asked_of_one_person_or_arm() -> None:
    """The filters say which; a person who is not there is an error."""
    people = a_woman(birth=date(2009, 4, 1), birth_precision=3)
    people.add("person", 2, sex_code="male", birth=date(2009, 4, 1), birth_precision=3)
    arms = (Arm("A", "Adults", (), ADULT), Arm("B", "Men", (), Sex("male")))
    found = match(Trial("T", "A trial", arms), people.tables, TODAY)
    assert near_misses(found).select("arm", "person").rows() == [("A", 1), ("A", 2), ("B", 1)]
    assert near_misses(found, person=2).select("arm", "person").rows() == [("A", 2)]
    assert near_misses(found, arm="B").select("arm", "person").rows() == [("B", 1)]
    assert near_misses(found, trial="U").is_empty()
    with pytest.raises(InputError, match="not in this population"):
        near_misses(found, person=3)


@pytest.mark.parametrize(
    ("leaf", "field"),
    [
        (Age(Range.parse(">=18")), "years"),
        (Age(Range.parse("<=15"), reading="exact"), "years"),
        (Tmb(Range.parse(">=10")), "per_mb"),
        (Tmb(Range.parse("<3")), "per_mb"),
        (PerformanceStatus(Range.parse("<=1")), "ecog"),
        (Laboratory("haemoglobin", Range.parse(">=9"), "g/dL"), "range"),
    ],
)
def test_moving_the_limit_by_the_distance_is_just_enough(leaf: Leaf, field: str) -> None:
    """With the limit moved a little more than ``short_by`` nobody fails, with a little less everybody still does."""
    people = a_woman(birth=date(2009, 4, 1), birth_precision=3)
    people.add("finding", 1, kind="ecog", value_number=2)
    people.add("finding", 1, kind="tmb", value_number=8.0)
    lab = {"kind": "laboratory", "code_code": "haemoglobin", "unit": "g/L"}
    people.add("finding", 1, value_number=85.0, found=TODAY, found_precision=3, **lab)
    (row,) = near(people, leaf)
    limits: Range = getattr(leaf, field)

    def fails(by: float) -> bool:
        moved = Range(limits.low - by, limits.high + by, limits.with_low, limits.with_high)
        freer = dataclasses.replace(leaf, **{field: moved} | ({"reading": "exact"} if isinstance(leaf, Age) else {}))
        return leaf_truth(freer, people.population, TODAY).value(0) is False

    slack = 0.1  # ages are rounded to months
    assert fails(row["short_by"] - slack)
    assert not fails(row["short_by"] + slack)


def test_samples_are_near_misses_by_themselves() -> None:
    """Where samples are matched, the one whose test found nothing misses by the mutation."""
    people = a_woman()
    people.panel("small", "BRAF")
    samples = [people.add("specimen", 1) for _ in range(2)]
    tests = [people.tested(1, "small", specimen=sample) for sample in samples]
    people.mutation(1, "BRAF", "p.V600E", test=tests[0], classification="Missense_Mutation")
    arm = Arm("A", "Arm", (), Mutation("BRAF"))
    found = near_misses(match(Trial("T", "A trial", (arm,)), people.tables, TODAY, unit="sample"))
    assert found.select("person", "sample", "found").rows() == [(1, samples[1], "looked for, not found")]
