"""Feasibility of a protocol: counts by site, attrition, what each criterion and pair costs, calendar time."""

from __future__ import annotations

from datetime import date

import pytest

from kohort.errors import InputError, UserError
from kohort.match import Arm, Matches, Population, Trial, match
from kohort.match.answers.feasibility import Feasibility, PairCost, Split, feasibility
from kohort.match.criteria import And, Criterion, Diagnosis, Msi, Mutation, Not, Sex
from tests.spec.match.match_people import TODAY, People

MUTATED, WOMAN, NO_MELANOMA = Mutation("BRAF"), Sex("female"), Not(Diagnosis("MEL"))
ASKED = And(WOMAN, MUTATED, NO_MELANOMA)


def trial(criteria: Criterion = ASKED) -> Trial:
    return Trial("T", "A trial", (Arm("A", "Arm", (), criteria),))


def site(*patients: tuple[int, str | None, bool | None, str]) -> People:
    """Patients: number, sex, whether BRAF is mutated (None: not tested), tumour type."""
    people = People()
    people.panel("small", "BRAF")
    for person, sex, mutated, code in patients:
        people.add("person", person, sex_code=sex)
        people.add("tumour", person, oncotree_code=code)
        if mutated is not None:
            test = people.tested(person, "small")
            if mutated:
                people.mutation(person, "BRAF", "p.V600E", test=test, classification="Missense_Mutation")
    return people


@pytest.fixture
def oslo() -> Matches:
    """One fits; one is not tested; one is a man; two have melanoma, one of them a man; one has no mutation."""
    people = site(
        (1, "female", True, "LUAD"),
        (2, "female", None, "LUAD"),
        (3, "male", True, "LUAD"),
        (4, "female", True, "SKCM"),
        (5, "male", True, "SKCM"),
        (6, "female", False, "LUAD"),
    )
    return match(trial(), people.tables, TODAY)


@pytest.fixture
def bergen() -> Matches:
    """One fits; of one the sex is not recorded."""
    return match(trial(), site((7, "female", True, "COAD"), (8, None, True, "COAD")).tables, TODAY)


def test_each_arm_is_counted_at_each_site(oslo: Matches, bergen: Matches) -> None:
    """Persons, eligible, unknown, ineligible."""
    found = feasibility([("Oslo", oslo), ("Bergen", bergen)])
    assert found.counts().select("site", "arm", "persons", "eligible", "unknown", "ineligible").rows() == [
        ("Oslo", "A", 6, 1, 1, 4),
        ("Bergen", "A", 2, 1, 1, 0),
    ]


def test_sites_add_up_without_a_row_of_a_patient(oslo: Matches, bergen: Matches) -> None:
    """The sum is made of counts alone, and so is all that a site gives away."""
    found = feasibility([("Oslo", oslo), ("Bergen", bergen)]).pooled()
    assert found.counts().select("site", "persons", "eligible", "unknown", "ineligible").rows() == [
        ("all sites", 8, 2, 2, 4)
    ]
    assert "person" not in {name for frame in (found.counts(), found.costs(), found.pairs()) for name in frame.columns}


def test_attrition_follows_the_requirements_in_the_order_written(oslo: Matches) -> None:
    """After each step: who meets all so far, of whom it is unknown, who is out."""
    frame = feasibility(oslo).attrition()
    assert frame.select("step", "requirement", "eligible", "unknown", "ineligible").rows() == [
        (0, "", 6, 0, 0),
        (1, "sex female", 4, 0, 2),
        (2, "any mutation of BRAF", 2, 1, 3),
        (3, "not diagnosis Melanoma (MEL)", 1, 1, 4),
    ]


def test_the_cost_of_a_criterion_is_what_leaving_it_out_gains(oslo: Matches) -> None:
    """Without the sex, patient 3 is eligible; without the mutation, 6 and 2; without the tumour type, 4.

    Patient 2 was not excluded before, so only 6 is freed by leaving out the mutation.
    """
    costs = feasibility(oslo).costs()
    assert costs.select("met", "open", "failed", "gained", "freed").rows() == [
        (4, 0, 2, 1, 1),
        (4, 1, 1, 2, 1),
        (4, 0, 2, 1, 1),
    ]
    assert costs["eligible"].to_list() == [2, 3, 2]


def test_the_pair_that_costs_most_is_failed_together_and_alone(oslo: Matches) -> None:
    """Patient 5 fails the sex and the tumour type and nothing else."""
    found = feasibility(oslo)
    assert found.arms[0].costliest_pair == PairCost(0, 2, failing=1, gained=1)
    assert found.pairs().select("first", "second", "failing").row(0) == ("sex female", NO_MELANOMA.words, 1)
    assert found.pairs()["failing"].to_list() == [1, 0, 0]


def test_an_arm_with_one_requirement_has_no_pairs_and_one_without_any_takes_everybody() -> None:
    """Nothing asked, nobody lost."""
    people = site((1, "female", None, "LUAD"))
    (one,) = feasibility(match(trial(Sex("male")), people.tables, TODAY)).arms
    assert (one.pairs, one.costliest_pair) == ((), None)
    (nothing,) = feasibility(match(trial(And()), people.tables, TODAY)).arms
    assert (nothing.verdict, nothing.requirements) == (Split(1, 0, 0), ())


def test_calendar_time_is_that_of_the_first_molecular_report_else_of_the_diagnosis() -> None:
    """Report before diagnosis, the first of several; a relative date is unknown."""
    people = People()
    dated = {"diagnosed_precision": 3, "oncotree_code": "LUAD"}
    for person in range(1, 5):
        people.add("person", person, sex_code="female")
    people.add("tumour", 1, diagnosed=date(2020, 5, 1), **dated)
    people.tested(1, reported=date(2022, 3, 1), reported_precision=3)
    people.tested(1, reported=date(2021, 12, 24), reported_precision=3)
    people.add("tumour", 2, diagnosed=date(2020, 5, 1), **dated)
    people.add("tumour", 3, diagnosed_day=0, oncotree_code="LUAD")
    people.add("tumour", 4, diagnosed=date(2021, 1, 1), diagnosed_precision=1, oncotree_code="LUAD")
    found = match(trial(WOMAN), people.tables, TODAY)
    columns = ("period", "eligible")
    assert feasibility(found).calendar().select(columns).rows() == [("2020", 1), ("2021", 2), ("unknown", 1)]
    assert feasibility(found, by="month").calendar().select(columns).rows() == [
        ("2020-05", 1),
        ("2021-12", 1),
        ("unknown", 2),  # known to the year only, and not at all
    ]


def test_periods_of_sites_are_brought_together_in_order() -> None:
    """A year that only one site has keeps its place."""
    sites = []
    for name, person, year in (("Oslo", 1, 2021), ("Bergen", 2, 2019), ("Tromso", 3, 2021)):
        people = People()
        people.add("person", person, sex_code="female")
        people.add("tumour", person, diagnosed=date(year, 1, 1), diagnosed_precision=3)
        sites.append((name, match(trial(WOMAN), people.tables, TODAY)))
    pooled = feasibility(sites).pooled()
    assert pooled.calendar().select("period", "eligible").rows() == [("2019", 1), ("2021", 2)]


def test_a_closed_world_has_no_unknowns(oslo: Matches) -> None:
    """The counts follow the matches they are made from."""
    closed = match(trial(), oslo.population, TODAY, closed_world=True)
    (row,) = feasibility(closed).counts().to_dicts()
    assert (row["eligible"], row["unknown"], row["ineligible"]) == (1, 0, 5)


def test_sites_that_ask_something_else_are_not_added(oslo: Matches) -> None:
    """Two versions of one arm are no sum; nor is a site named twice, or a period that is none."""
    other = match(trial(Msi("MSI-H")), oslo.population, TODAY)
    with pytest.raises(InputError, match="asks something else"):
        feasibility([("Oslo", oslo), ("Bergen", other)]).pooled()
    with pytest.raises(UserError, match="named twice"):
        feasibility([("Oslo", oslo), ("Oslo", oslo)])
    with pytest.raises(UserError, match="no period"):
        feasibility(oslo, by="week")  # type: ignore[arg-type]


def test_no_persons_and_no_arms_give_zeros() -> None:
    """Empty in, empty out."""
    people = People()
    people.add("person", 1)
    empty = feasibility(match([], people.tables, TODAY))
    assert empty == Feasibility(())
    for frame in (empty.counts(), empty.attrition(), empty.costs(), empty.pairs(), empty.calendar()):
        assert frame.is_empty()
    nobody = Population.of(People().tables)
    (arm,) = feasibility(match(trial(), nobody, TODAY)).arms
    assert (arm.persons, arm.calendar) == (0, ())
