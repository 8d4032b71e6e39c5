"""Places: what a treatment cohort tells matching through a small interface."""

from __future__ import annotations

import pytest

from kohort.cohort import CohortCounts, state
from kohort.cohort.conduct.capacity import CohortCapacity, availability_of
from kohort.errors import StatisticsError, UserError
from kohort.match import Arm, Trial, match
from kohort.match.answers.capacity import Availability, Capacity
from kohort.match.answers.ranking import options
from kohort.match.criteria import Sex
from tests.spec.match.match_people import TODAY, People


def counts(enrolled: int, evaluable: int, responders: int, cohort: str = "A") -> CohortCounts:
    return CohortCounts(cohort, enrolled=enrolled, evaluable=evaluable, responders=responders)


@pytest.mark.parametrize(
    ("enrolled", "evaluable", "responders", "expected"),
    [
        (0, 0, 0, Availability("stage 1", 8, "8 places left in stage 1")),
        (7, 3, 0, Availability("stage 1", 1, "1 place left in stage 1")),
        (8, 5, 0, Availability("waiting for the interim", 0, "no place until the interim")),
        (8, 8, 0, Availability("stopped", 0, "no place: the cohort has ended (stop for futility)")),
        (10, 8, 1, Availability("stage 2", 14, "14 places left in stage 2")),
        (24, 20, 3, Availability("full", 0, "no place: the cohort is full")),
        (24, 24, 5, Availability("stopped", 0, "no place: the cohort has ended (positive)")),
        (24, 24, 4, Availability("stopped", 0, "no place: the cohort has ended (negative)")),
    ],
)
def test_where_a_cohort_stands_says_whether_it_has_a_place(
    enrolled: int, evaluable: int, responders: int, expected: Availability
) -> None:
    """8 + 16 patients, go on with 1 responder of 8; patients not yet evaluated hold their places."""
    found = availability_of(state(counts(enrolled, evaluable, responders)))
    assert found == expected
    assert found.has_place == (expected.places != 0)


def test_cohorts_of_a_trial_are_asked_by_trial_and_arm() -> None:
    """An arm that is no cohort, or of another trial, is not known."""
    capacity = CohortCapacity.of_trial("T", [state(counts(8, 5, 0)), state(counts(0, 0, 0, "B"))])
    assert isinstance(capacity, Capacity)
    waiting = capacity.availability("T", "A")
    assert waiting is not None
    assert waiting.state == "waiting for the interim"
    assert capacity.availability("T", "C") is None
    assert capacity.availability("U", "A") is None


def test_capacities_of_several_trials_are_joined() -> None:
    """Each trial keeps its own; the same cohort again replaces the earlier."""
    one = CohortCapacity.of_trial("T", [state(counts(0, 0, 0))])
    both = one | CohortCapacity.of_trial("U", [state(counts(8, 5, 0))])
    assert [both.availability(trial, "A") for trial in "TU"] == [
        Availability("stage 1", 8, "8 places left in stage 1"),
        Availability("waiting for the interim", 0, "no place until the interim"),
    ]


def test_a_cohort_cannot_be_given_twice() -> None:
    """Counts of sites are combined before."""
    with pytest.raises(StatisticsError, match="twice"):
        CohortCapacity.of_trial("T", [state(counts(0, 0, 0)), state(counts(1, 0, 0))])


def test_a_match_says_eligible_but_no_place_until_the_interim() -> None:
    """The patient fits; stage 1 is full and not yet evaluated."""
    people = People()
    people.add("person", 1, sex_code="female")
    found = match(Trial("T", "A trial", (Arm("A", "Arm", (), Sex("female")),)), people.tables, TODAY)
    (option,) = options(found, 1, CohortCapacity.of_trial("T", [state(counts(8, 5, 0))]))
    assert option.sentence == "Eligible, no place until the interim."


def test_an_availability_that_cannot_be_is_refused() -> None:
    """No places below zero, none in a full cohort, no state of one's own."""
    for made in (("stage 1", -1), ("full", 3), ("full", None)):
        with pytest.raises(UserError, match="do not go with"):
            Availability(*made, "x")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="no state"):
        Availability("resting", 0, "x")  # type: ignore[arg-type]
