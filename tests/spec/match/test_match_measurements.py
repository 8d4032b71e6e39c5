"""Measurements: laboratory values with units and limits, and markers of the tumour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kohort.errors import UserError
from kohort.match import evaluate
from kohort.match.criteria import Laboratory, Marker, Not, Range
from tests.spec.match.match_people import People


@pytest.fixture
def people() -> People:
    return People()


def lab(people: People, person: int, test: str, value: float | None, unit: str | None = None, **columns: Any) -> None:
    people.add("finding", person, kind="laboratory", code_code=test, value_number=value, unit=unit, **columns)


HB = Laboratory("haemoglobin", Range.parse(">=9"), "g/dL")


@pytest.mark.parametrize(
    ("test", "value", "unit"),
    [
        ("718-7", 9.0, "g/dL"),
        ("Hemoglobin", 90.0, "g/L"),
        ("HGB", 9.0, "g/dl"),
        ("59260-0", 5.6, "mmol/L"),
    ],
)
def test_a_laboratory_value_counts_in_any_unit_and_under_any_name(
    people: People, test: str, value: float, unit: str
) -> None:
    """A name, a synonym or a LOINC code; units are converted, mass to amount by the molar mass."""
    lab(people, 1, test, value, unit)
    assert people.value(HB) is True
    assert people.value(Not(HB)) is False


def test_creatinine_is_compared_across_mass_and_amount(people: People) -> None:
    """1.5 mg/dL are 132.6 umol/L."""
    lab(people, 1, "creatinine", 132, "µmol/L")
    lab(people, 2, "creatinine", 133, "umol/L")
    at_most = Laboratory("creatinine", Range.parse("<=1.5"), "mg/dL")
    assert [people.value(at_most, person) for person in (1, 2)] == [True, False]


def test_a_unit_that_cannot_be_converted_leaves_it_open(people: People) -> None:
    """Neither yes nor no: another quantity, no unit where one is needed, or none that can be read."""
    for person, unit in ((1, "g/kg"), (2, None), (3, "dL"), (4, "?")):
        lab(people, person, "Hb", 12, unit)
    assert [people.value(HB, person) for person in (1, 2, 3, 4)] == [None] * 4


def test_a_plain_number_needs_no_unit(people: People) -> None:
    """The international normalised ratio has none."""
    lab(people, 1, "INR", 1.2)
    assert people.value(Laboratory("INR", Range.parse("<=1.5"))) is True
    with pytest.raises(UserError, match="needs a unit"):
        Laboratory("haemoglobin", Range.parse(">=9"))
    with pytest.raises(UserError, match="not measured in"):
        Laboratory("haemoglobin", Range.parse(">=9"), "U/L")


def test_multiples_are_taken_of_the_limits_of_the_laboratory_that_measured(people: People) -> None:
    """60 is 1.5 times 40 and less than twice; without the laboratory's limit it is unknown, whatever the value."""
    lab(people, 1, "ALT", 60, "U/L", reference_high=40)
    lab(people, 2, "ALT", 61, "U/L", reference_high=40)
    lab(people, 3, "ALT", 10, "U/L")
    within = Laboratory("ALT", Range.parse("<=1.5"), of="upper_limit")
    assert [people.value(within, person) for person in (1, 2, 3)] == [True, False, None]
    low = Laboratory("platelets", Range.parse(">=1"), of="lower_limit")
    lab(people, 1, "platelets", 150, "10*9/L", reference_low=145)
    assert people.value(low, 1) is True


def test_the_latest_laboratory_value_counts(people: People) -> None:
    """8 once and 10 now is 10; of two values of the latest day both must agree."""
    lab(people, 1, "Hb", 8, "g/dL", found=date(2026, 9, 1))
    lab(people, 1, "Hb", 10, "g/dL", found=date(2026, 10, 1))
    lab(people, 2, "Hb", 8, "g/dL", found=date(2026, 10, 1))
    lab(people, 2, "Hb", 10, "g/dL", found=date(2026, 10, 1))
    assert [people.value(HB, person) for person in (1, 2)] == [True, None]


def test_a_value_known_to_the_month_may_be_the_latest(people: People) -> None:
    """Some day of October may be after the fifth: both values are looked at."""
    lab(people, 1, "Hb", 8, "g/dL", found=date(2026, 10, 1), found_precision=2)
    lab(people, 1, "Hb", 10, "g/dL", found=date(2026, 10, 5), found_precision=3)
    lab(people, 2, "Hb", 8, "g/dL", found=date(2026, 9, 1), found_precision=2)
    lab(people, 2, "Hb", 10, "g/dL", found=date(2026, 10, 5), found_precision=3)
    assert [people.value(HB, person) for person in (1, 2)] == [None, True]


def test_a_latest_result_without_a_number_leaves_it_open(people: People) -> None:
    """Clotted today says nothing, and last month's value is not today's."""
    lab(people, 1, "Hb", 10, "g/dL", found=date(2026, 9, 1))
    lab(people, 1, "Hb", None, value_text="clotted", found=date(2026, 10, 1))
    assert people.value(HB) is None


def test_a_value_may_be_too_old(people: People) -> None:
    """Within 14 days of the day of matching, which is an argument; a value that cannot be dated is unknown too."""
    lab(people, 1, "Hb", 10, "g/dL", found=date(2026, 10, 18))
    lab(people, 2, "Hb", 10, "g/dL", found=date(2026, 10, 17))
    lab(people, 3, "Hb", 10, "g/dL", found_day=500)
    recent = Laboratory("Hb", Range.parse(">=9"), "g/dL", within_days=14)
    assert [people.value(recent, person) for person in (1, 2, 3)] == [True, None, None]
    assert evaluate(recent, people.population, date(2026, 10, 20)).value(1) is True


def test_counted_days_are_dated_where_a_diagnosis_dates_their_origin(people: People) -> None:
    """Diagnosed on 1 October as day 0: day 20 is 21 October."""
    people.add("tumour", 1, diagnosed=date(2026, 10, 1), diagnosed_precision=3, diagnosed_day=0)
    lab(people, 1, "Hb", 10, "g/dL", found_day=20)
    recent = [Laboratory("Hb", Range.parse(">=9"), "g/dL", within_days=days) for days in (11, 10)]
    assert [people.value(one) for one in recent] == [True, None]


def test_a_comparator_makes_a_value_an_interval(people: People) -> None:
    """Less than 5 is below 9 and may or may not be below 3."""
    lab(people, 1, "Hb", 5, "g/dL", comparator="<")
    assert people.value(HB) is False
    assert people.value(Laboratory("Hb", Range.parse("<5"), "g/dL")) is True
    assert people.value(Laboratory("Hb", Range.parse("<3"), "g/dL")) is None


def test_a_test_outside_the_table_is_found_by_its_own_name_or_code(people: People) -> None:
    """Its unit is converted within one quantity."""
    lab(people, 1, "99999-7", 2, "mg/L")
    assert people.value(Laboratory("99999-7", Range.parse(">=1500"), "ug/L")) is True
    assert people.value(Laboratory("another test", Range.parse(">=1"), "mg/L")) is None


MEANINGLESS = [
    (lambda: Laboratory(" ", Range.parse(">=9"), "g/dL"), "no name"),
    (lambda: Laboratory("Hb", Range.parse(">=9"), "furlong"), "no unit"),
    (lambda: Laboratory("another test", Range.parse(">=9")), "1 for a plain number"),
    (lambda: Laboratory("ALT", Range.parse("<=1.5"), "U/L", of="upper_limit"), "have no unit"),
    (lambda: Laboratory("ALT", Range.parse("<=1.5"), of="mean"), "upper_limit"),  # type: ignore[arg-type]
    (lambda: Laboratory("Hb", Range.parse(">=9"), "g/dL", within_days=-1), "from 0"),
    (lambda: Marker(" ", "positive"), "no name"),
    (lambda: Marker("AR", "high"), "positive"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "said"), MEANINGLESS)
def test_a_measurement_that_cannot_be_meant_is_refused(make: Callable[[], object], said: str) -> None:
    """When it is made, with the remedy: it would match nobody, or the wrong."""
    with pytest.raises(UserError, match=said):
        make()


def marker(people: People, person: int, name: str, **columns: Any) -> None:
    people.add("finding", person, kind="marker", code_code=name, **columns)


def test_a_score_of_a_marker_is_a_percentage(people: People) -> None:
    """With or without its unit, as a share, or with a comparator; CPS is a plain number."""
    tps = Marker("PD-L1 TPS", range=Range.parse(">=50"))
    marker(people, 1, "PD-L1 TPS", value_number=60)
    marker(people, 2, "PDL1 TPS", value_number=0.6, unit="1")
    marker(people, 3, "PD-L1 tumor proportion score", value_number=1, unit="%", comparator="<")
    marker(people, 4, "PD-L1 CPS", value_number=60)
    assert [people.value(tps, person) for person in (1, 2, 3, 4)] == [True, True, False, None]
    assert people.value(Marker("PD-L1 CPS", range=Range.parse(">=10")), 4) is True


def test_a_marker_is_asked_by_status_or_by_score(people: People) -> None:
    """A score does not say what the laboratory calls positive, and an equivocal result decides nothing."""
    people.add("finding", 1, kind="ihc", code_code="AR", value_code="positive")
    people.add("finding", 2, kind="ihc", code_code="AR", value_number=80, unit="%")
    people.add("finding", 3, kind="ihc", code_code="AR", value_code="equivocal")
    positive = Marker("androgen receptor", "positive")
    assert [people.value(positive, person) for person in (1, 2, 3)] == [True, None, None]
    assert people.value(Marker("AR", "negative"), 1) is False
    with pytest.raises(UserError, match="exactly one"):
        Marker("AR", "positive", Range.parse(">=10"))
    with pytest.raises(UserError, match="limits"):
        Marker("Ki-67", range=Range.parse(">=200"))


def test_any_result_of_a_marker_counts(people: People) -> None:
    """Of any specimen: one within the range suffices."""
    for value in (5, 30):
        marker(people, 1, "Ki-67", value_number=value, unit="%")
    assert people.value(Marker("Ki-67", range=Range.parse(">=20"))) is True
    assert people.value(Marker("Ki-67", range=Range.parse(">=40"))) is False


def test_her2_low_is_score_1_or_score_2_without_amplification(people: People) -> None:
    """Score 2 is settled by in-situ hybridisation, and a negative without its score may be 0."""
    scores = {1: {"value_text": "1+"}, 2: {"value_text": "2+"}, 3: {"value_text": "2+"}, 4: {"value_number": 0}}
    scores |= {5: {"value_text": "3+"}, 6: {"value_code": "negative"}, 7: {"value_text": "2+"}}
    for person, columns in scores.items():
        people.add("finding", person, kind="ihc", code_code="HER2", **columns)
    marker(people, 2, "HER2 ISH", value_code="negative")
    marker(people, 3, "HER2 ISH", value_code="positive")
    answers = [people.value(Marker("HER2", "low"), person) for person in scores]
    assert answers == [True, True, False, False, False, None, None]
    assert people.value(Marker("HER2", range=Range.parse(">=2")), 5) is True
    with pytest.raises(UserError, match="no status low"):
        Marker("AR", "low")


def test_measurements_can_change_by_themselves_and_depend_on_the_day() -> None:
    """A laboratory value that fails today may pass next week; a marker of a specimen stays."""
    assert (Laboratory.recoverable, Laboratory.uses_as_of) == (True, True)
    assert (Marker.recoverable, Marker.uses_as_of) == (False, False)
