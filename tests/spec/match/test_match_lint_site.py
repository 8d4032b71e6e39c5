"""The linter with a site: criteria that its data never answer, that exclude nobody, that nobody meets."""

from __future__ import annotations

from kohort.match import Arm, Problem, Trial
from kohort.match.criteria import Age, And, Consent, Criterion, FreeText, Mutation, Or, Range, Sex, Tmb
from kohort.match.linter import lint_trials
from tests.spec.match.match_people import TODAY, People


def site() -> People:
    """Six women, tested for KRAS and BRAF; one has a mutation of KRAS."""
    people = People()
    people.panel("P1", "KRAS", "BRAF")
    for person in range(1, 7):
        people.add("person", person, sex_code="female")
        test = people.tested(person, "P1")
        if person == 1:
            people.mutation(person, "KRAS", "p.G12C", test=test)
    return people


def lint(people: People, *criteria: Criterion) -> list[Problem]:
    made = Trial("T1", "a trial", (Arm("A1", "an arm", (), And(*criteria)),))
    return lint_trials(made, people.tables, TODAY)


def test_a_criterion_that_the_data_never_answer_is_a_warning() -> None:
    """A gene on no panel, a finding that does not occur: unknown for everybody."""
    found = lint(site(), Mutation("KRAS"), Or(Mutation("EGFR"), Mutation("ALK")), Tmb(Range.parse(">=10")))
    assert [(problem.rule, problem.severity) for problem in found] == [("unanswerable", "warning")] * 2
    assert "mutation test of EGFR and ALK" in found[0].error.what
    assert "mutational burden" in found[1].error.what


def test_a_criterion_that_excludes_nobody_is_a_note() -> None:
    """Everybody of whom it is known meets it."""
    (found,) = lint(site(), Sex("female"))
    assert (found.rule, found.severity) == ("excludes-nobody", "note")
    assert "6 patients" in found.error.what


def test_a_criterion_that_nobody_meets_is_a_warning() -> None:
    """Of those of whom it is known."""
    (found,) = lint(site(), Mutation("BRAF"), Mutation("KRAS"))
    assert (found.rule, found.severity) == ("met-by-nobody", "warning")
    assert "6 patients do not" in found.error.what


def test_a_requirement_is_judged_as_a_whole() -> None:
    """That nobody meets one of several alternatives is no finding."""
    assert lint(site(), Or(Mutation("BRAF"), Mutation("KRAS"))) == []


def test_small_numbers_are_not_told() -> None:
    """Fewer than five patients."""
    people = site()
    people.add("person", 7)
    (found,) = lint(people, Sex("female"))
    assert "for fewer than 5 patients it is unknown" in found.error.what


def test_what_people_judge_is_no_gap_of_the_data() -> None:
    """Free text is unknown for everybody by its nature."""
    assert [problem.rule for problem in lint(site(), Mutation("KRAS"), FreeText("fit for surgery"))] == [
        "never-decided"
    ]


def test_a_consent_that_was_never_asked_is_a_gap_of_the_data() -> None:
    """Nobody's answer is recorded."""
    assert [problem.rule for problem in lint(site(), Mutation("KRAS"), Consent("biopsy"))] == ["unanswerable"]


def test_ages_need_a_day() -> None:
    """Without one they are left out; the day never comes from the clock."""
    people = site()
    trial = Trial("T1", "a trial", (Arm("A1", "an arm", (), And(Age(Range.parse(">=18")))),))
    assert [problem.rule for problem in lint_trials(trial, people.tables, TODAY)] == ["unanswerable"]
    assert lint_trials(trial, people.tables) == []


def test_variants_of_the_site_say_which_residue_stands_where() -> None:
    """Five readings and more that agree; here residue 33 of BRAF."""
    people = site()
    for person in range(1, 7):
        people.mutation(person, "BRAF", "p.A33V" if person < 6 else "p.G33V")
    (found,) = lint(people, Or(Mutation("BRAF", protein_change="T33V"), Mutation("BRAF")))[:1]
    assert found.rule == "impossible-residue"
    assert "residue 33 is A by 5 variants of this site, not T" in found.error.what


def test_fewer_readings_say_nothing() -> None:
    """Four are too few."""
    people = site()
    for person in range(1, 5):
        people.mutation(person, "BRAF", "p.A33V")
    rules = [problem.rule for problem in lint(people, Or(Mutation("BRAF", protein_change="T33V"), Mutation("BRAF")))]
    assert "impossible-residue" not in rules
