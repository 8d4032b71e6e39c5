"""Answers: verdicts, counts, near misses, missing facts, and the reasons for one person."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from kohort.errors import InputError, UnknownNameError
from kohort.match import Design, Matches, TreatmentCohort, Trial, default_protocol, explain, match
from kohort.match.answers.near import near_misses
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Diagnosis,
    FreeText,
    Msi,
    Mutation,
    Not,
    Or,
    Range,
    Receptor,
    Sex,
    WildType,
)
from tests.spec.match.match_people import TODAY, People

MISSENSE = {"classification": "Missense_Mutation"}
BRAF = Mutation("BRAF", codon=600)
NO_MELANOMA = Not(Diagnosis("MEL"))


def trial(criteria: Criterion, *others: Criterion, name: str = "T") -> Trial:
    design = Design(0, 8, 4, 24, 0.1, 0.3)
    cohorts = tuple(
        TreatmentCohort(f"C{i + 1}", f"Cohort {i + 1}", ("vemurafenib",), one, design=design)
        for i, one in enumerate((criteria, *others))
    )
    return Trial(name, "A trial", cohorts)


@pytest.fixture
def people() -> People:
    """1 fits; 2 is melanoma; 3 was not tested; 4 has neither; 5 is not tested, with melanoma."""
    found = People()
    found.panel("small", "BRAF")
    codes = {1: "LUAD", 2: "MEL", 3: "LUAD", 4: "LUAD", 5: "MEL"}
    for person, code in codes.items():
        found.add("person", person, sex_code="female" if person % 2 else "male")
        found.add("tumour", person, oncotree_code=code)
    for person in (1, 2):
        found.mutation(person, "BRAF", "p.V600E", test=found.tested(person, "small"), **MISSENSE)
    found.tested(4, "small")
    return found


@pytest.fixture
def matches(people: People) -> Matches:
    return match(trial(And(BRAF, NO_MELANOMA)), people.tables, TODAY)


def test_each_person_has_one_verdict_for_each_cohort(matches: Matches) -> None:
    """Eligible, ineligible or unknown; a criterion that fails decides whatever else is unknown."""
    verdicts = matches.verdicts().sort("person")
    assert verdicts.columns == ["trial", "arm", "person", "verdict"]
    assert verdicts["verdict"].to_list() == ["eligible", "ineligible", "unknown", "ineligible", "ineligible"]
    assert matches.verdicts("unknown")["person"].to_list() == [3]
    assert matches.eligible().rows() == [("T", "C1", 1)]


def test_counts_add_up_to_the_population(matches: Matches) -> None:
    """Eligible, unknown and ineligible are everybody."""
    (row,) = matches.counts().to_dicts()
    assert (row["eligible"], row["unknown"], row["ineligible"]) == (1, 1, 3)


def test_a_near_miss_fails_exactly_one_requirement(matches: Matches) -> None:
    """2 fails by the diagnosis, 4 by the mutation, 5 by the diagnosis with the test outstanding."""
    near = near_misses(matches).sort("person")
    assert near["person"].to_list() == [2, 4, 5]
    assert near["requirement"].to_list() == [NO_MELANOMA.words, BRAF.words, NO_MELANOMA.words]
    assert matches.counts()["near_misses"].to_list() == [3]


def test_in_the_closed_world_nobody_is_unknown(people: People) -> None:
    """What was not tested is read as no."""
    closed = match(trial(And(BRAF, NO_MELANOMA)), people.tables, TODAY, closed_world=True)
    (row,) = closed.counts().to_dicts()
    assert (row["eligible"], row["unknown"], row["ineligible"]) == (1, 0, 4)
    assert closed.missing().is_empty()


def test_the_missing_fact_that_would_decide_is_named_with_how_many(matches: Matches) -> None:
    """One person lacks a test of BRAF, and whatever it shows, the verdict would be known."""
    (row,) = matches.missing().to_dicts()
    assert row["fact"] == "mutation test of BRAF"
    assert (row["unknown"], row["would_settle"], row["could_open"]) == (1, 1, 1)


def test_a_fact_that_alone_does_not_decide_settles_nobody(people: People) -> None:
    """With two facts missing, neither of them settles; one that can only exclude opens nothing."""
    asked = trial(And(BRAF, Msi("MSI-H")), And(Mutation("BRAF"), WildType("BRAF"), Sex("female")))
    missing = match(asked, people.tables, TODAY).missing()
    first = missing.filter(pl.col("arm") == "C1").sort("fact")
    assert first["fact"].to_list() == ["microsatellite test", "mutation test of BRAF"]
    # Persons 1 and 2 carry the mutation: for them the microsatellite test decides. 3 and 5 lack both.
    assert first["unknown"].to_list() == [4, 2]
    assert first["would_settle"].to_list() == [2, 0]
    assert first["could_open"].to_list() == [2, 0]


def test_either_of_two_alternatives_opens_but_neither_settles(people: People) -> None:
    """One of two unknown alternatives can make eligible; if it fails, the other is still open."""
    missing = match(trial(Or(Msi("MSI-H"), Receptor("ER", "positive"))), people.tables, TODAY).missing()
    assert missing["would_settle"].to_list() == [0, 0]
    assert missing["could_open"].to_list() == [5, 5]


def test_negation_turns_the_favourable_outcome_round(people: People) -> None:
    """Excluding MSI-H, the favourable result is that it is not MSI-H."""
    missing = match(trial(Not(Msi("MSI-H")), AtLeast(1, Msi("MSS"), FreeText("x"))), people.tables, TODAY).missing()
    assert missing.filter(arm="C1")["could_open"].to_list() == [5]
    assert missing.filter(arm="C2")["could_open"].to_list() == [5, 5]


def test_matching_reads_only_what_was_known_on_the_day(people: People) -> None:
    """A later report is not seen by an earlier matching."""
    test = people.tested(3, "small", reported=date(2026, 12, 1), reported_precision=3)
    people.mutation(3, "BRAF", "p.V600E", test=test, **MISSENSE)
    asked = trial(And(BRAF, NO_MELANOMA))
    counts = [match(asked, people.tables, day).eligible().height for day in (TODAY, date(2026, 12, 1))]
    assert counts == [1, 2]


def test_a_population_is_indexed_once_and_matched_many_times(people: People) -> None:
    """Equal leaves of several trials are evaluated once."""
    population = people.population
    match([trial(BRAF), trial(And(BRAF, NO_MELANOMA), name="U")], population, TODAY)
    assert len(population.truths) == 2


def test_without_trials_or_persons_there_are_no_verdicts() -> None:
    """Empty in, empty out."""
    people = People()
    people.add("person", 1)
    assert match([], people.tables, TODAY).verdicts().is_empty()
    assert match([], people.tables, TODAY).missing().is_empty()


def test_the_reasons_form_a_tree_like_the_criteria(matches: Matches) -> None:
    """Each part has its value, a sentence, and parts of its own."""
    reason = matches.explain(2, "C1")
    assert reason.value is False
    assert [part.value for part in reason.parts] == [True, False]
    assert [leaf.value for leaf in reason.leaves()] == [True, True]
    assert list(reason.lines()) == [
        "Not met: all of these hold.",
        "  Met: BRAF substitution at codon 600.",
        "  Not met: the following does not hold.",
        "    Met: diagnosis Melanoma (MEL).",
    ]


def test_each_way_of_joining_has_its_heading(people: People) -> None:
    """Any of, at least n of."""
    asked = Or(AtLeast(2, Sex("male"), BRAF), And(Sex("female")))
    assert list(explain(asked, people.population, 2, TODAY).lines()) == [
        "Met: at least one of these holds.",
        "  Met: at least 2 of these hold.",
        "    Met: sex male.",
        "    Met: BRAF substitution at codon 600.",
        "  Not met: all of these hold.",
        "    Not met: sex female.",
    ]


def test_where_everything_is_known_no_fact_is_missing(people: People) -> None:
    """Sex is recorded for everybody."""
    assert match(trial(Sex("female")), people.tables, TODAY).missing().is_empty()


def test_a_reason_stands_on_rows(people: People, matches: Matches) -> None:
    """Yes cites the variant and the tumour; no by absence cites the test that looked."""
    variant = people.rows["variant"][0]["id"]
    test_of_4 = people.rows["test"][-1]["id"]
    yes, no = matches.explain(1, "C1"), matches.explain(4, "C1")
    assert [(row.table, row.id) for row in next(yes.leaves()).rows] == [("variant", variant)]
    absent = next(no.leaves())
    assert [(row.table, row.id) for row in absent.rows] == [("test", test_of_4)]
    assert absent.sentence.endswith("The gene was tested and nothing of this kind was found.")


def test_an_unknown_names_the_fact_that_would_settle_it(matches: Matches) -> None:
    """Not "no": what is missing."""
    leaf = next(matches.explain(3, "C1").leaves())
    assert leaf.value is None
    assert leaf.missing is not None
    assert leaf.missing.words == "mutation test of BRAF"
    assert "No test is recorded that could read BRAF" in leaf.sentence


def test_an_unknown_that_stands_on_a_record_cites_it(people: People) -> None:
    """A mutation whose protein change is illegible is cited as what leaves it open."""
    row = people.mutation(3, "BRAF", "?", test=people.tested(3, "small"))
    leaf = explain(BRAF, people.population, 3, TODAY)
    assert [ref.id for ref in leaf.rows] == [row]
    assert "does not tell" in leaf.sentence


def test_the_closed_world_says_where_it_took_silence_for_no(people: People) -> None:
    """An answer for want of a fact is told apart from one that stands on a row."""
    reason = explain(BRAF, people.population, 3, TODAY, closed_world=True)
    assert reason.value is False
    assert "takes this as no" in reason.sentence


def test_wild_type_cites_the_test_or_the_variant_against_it(people: People) -> None:
    """True by the test that looked, false by the variant that was found."""
    population = people.population
    assert [row.table for row in explain(WildType("BRAF"), population, 4, TODAY).rows] == ["test"]
    assert [row.table for row in explain(WildType("BRAF"), population, 1, TODAY).rows] == ["variant"]


def test_an_age_from_a_diagnosis_names_its_basis(people: People) -> None:
    """Without a birth date the age stands on the tumour row, and the sentence says so."""
    people.add("tumour", 6, oncotree_code="LUAD", age_at_diagnosis=50)
    reason = explain(Age(Range.parse(">=18")), people.population, 6, TODAY)
    assert [row.table for row in reason.rows] == ["tumour"]
    assert "age at diagnosis" in reason.sentence


def test_copy_number_by_absence_cites_the_test(people: People) -> None:
    """Looked for and not found."""
    people.tested(4, "small", "copy_number")
    reason = explain(CopyNumber("BRAF", "amplification"), people.population, 4, TODAY)
    assert reason.sentence.endswith("It was looked for and not found.")


def test_an_unknown_person_or_cohort_is_named_without_showing_anything(people: People, matches: Matches) -> None:
    """The message names the cohort, never a pseudonym."""
    with pytest.raises(UnknownNameError, match="C1"):
        matches.explain(1, "C9")
    with pytest.raises(InputError, match="not in this population") as caught:
        matches.explain(123_456_789, "C1")
    assert "123" not in str(caught.value)
    both = match([trial(BRAF), trial(BRAF, name="U")], people.tables, TODAY)
    with pytest.raises(InputError, match="several trials"):
        both.explain(1, "C1")
    assert both.explain(1, "C1", trial="U").value is True


def test_the_default_protocol_matches_a_handful(people: People) -> None:
    """A lung cancer with BRAF V600E fits vemurafenib and cobimetinib, if the patient is an adult."""
    people.rows["tumour"][0]["age_at_diagnosis"] = 60
    eligible = match(default_protocol(), people.tables, TODAY).eligible()
    assert "BRAF-V600-VEMCOB" in eligible.filter(person=1)["arm"].to_list()
    assert eligible.filter(pl.col("person") == 2).is_empty()
