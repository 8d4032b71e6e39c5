"""The patient, the disease and its treatment: diagnosis, age, sex, receptors, stage, earlier therapy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kohort.errors import UnknownNameError, UserError
from kohort.match import Population, evaluate
from kohort.match.criteria import (
    Age,
    Diagnosis,
    FreeText,
    Metastatic,
    Not,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Receptor,
    Sex,
    Stage,
    SystemicLines,
)
from tests.spec.match.match_people import TODAY, People

ADULT = Age(Range.parse(">=18"))


@pytest.fixture
def people() -> People:
    return People()


def test_a_diagnosis_is_met_by_every_type_below_it(people: People) -> None:
    """Lung adenocarcinoma is a non-small cell lung cancer, a lung tumour and a solid tumour."""
    people.add("tumour", 1, oncotree_code="LUAD")
    asked = [Diagnosis("NSCLC"), Diagnosis(tissue="Lung"), Diagnosis(lineage="solid"), Diagnosis("LUAD")]
    assert [people.value(one) for one in asked] == [True] * 4
    assert people.value(Diagnosis(main_type="Non-Small Cell Lung Cancer")) is True
    assert people.value(Diagnosis(lineage="liquid")) is False


def test_a_diagnosis_may_be_asked_by_name(people: People) -> None:
    """The full name is the same criterion as the code."""
    assert Diagnosis("Lung Adenocarcinoma") == Diagnosis("LUAD")


def test_a_record_more_general_than_the_question_is_unknown(people: People) -> None:
    """Who is recorded with a lung cancer may have an adenocarcinoma: neither yes nor no."""
    people.add("tumour", 1, oncotree_code="NSCLC")
    assert people.value(Diagnosis("LUAD")) is None
    assert people.value(Not(Diagnosis("LUAD"))) is None
    assert people.value(Diagnosis("MEL")) is False


def test_a_diagnosis_that_was_not_recognised_is_unknown(people: People) -> None:
    """A text without a code says neither yes nor no."""
    people.add("tumour", 1, oncotree_text="cancer of something")
    assert people.value(Diagnosis("MEL")) is None


def test_any_tumour_of_a_patient_counts(people: People) -> None:
    """The unit of matching is the person: one of two tumours suffices."""
    people.add("tumour", 1, oncotree_code="LUAD")
    people.add("tumour", 1, oncotree_code="MEL")
    assert people.value(Diagnosis("MEL")) is True
    assert people.value(Diagnosis("MBL")) is False


def test_a_metastasis_without_a_diagnosis_of_its_own_does_not_blur_the_primary(people: People) -> None:
    """Recurrences and metastases often carry no type; the primary's counts."""
    people.add("tumour", 1, oncotree_code="LUAD", kind="primary")
    people.add("tumour", 1, kind="metastasis")
    assert people.value(Diagnosis("MEL")) is False


def test_a_diagnosis_that_does_not_exist_is_refused() -> None:
    """A misspelt name would silently match nobody."""
    with pytest.raises(UnknownNameError):
        Diagnosis("Lung Adenocarcinomma")
    with pytest.raises(UnknownNameError, match="Breast"):
        Diagnosis(tissue="Breasts")
    with pytest.raises(UserError, match="exactly one"):
        Diagnosis("LUAD", tissue="Lung")


def test_age_is_counted_to_the_day(people: People) -> None:
    """18 on the 18th birthday, 17 the day before."""
    people.add("person", 1, birth=date(2008, 11, 1), birth_precision=3)
    people.add("person", 2, birth=date(2008, 11, 2), birth_precision=3)
    assert [people.value(ADULT, person) for person in (1, 2)] == [True, False]


def test_the_day_of_matching_is_an_argument(people: People) -> None:
    """The same patient on two days."""
    people.add("person", 1, birth=date(2008, 11, 2), birth_precision=3)
    population = people.population
    answers = [evaluate(ADULT, population, day).value(0) for day in (date(2026, 11, 1), date(2026, 11, 2))]
    assert answers == [False, True]


@pytest.mark.parametrize(("year", "expected"), [(2007, True), (2008, None), (2009, False)])
def test_a_birth_year_is_unknown_only_where_it_matters(people: People, year: int, expected: bool | None) -> None:
    """Born 2008, a patient may or may not be 18 on 1 November 2026; born 2007 surely is."""
    people.add("person", 1, birth=date(year, 1, 1), birth_precision=1)
    assert people.value(ADULT) is expected


@pytest.mark.parametrize(("month", "expected"), [(10, True), (11, None), (12, False)])
def test_a_birth_month_is_unknown_only_where_it_matters(people: People, month: int, expected: bool | None) -> None:
    """Known to the month, only the month of the birthday is open."""
    people.add("person", 1, birth=date(2008, month, 1), birth_precision=2)
    assert people.value(ADULT) is expected


def test_completed_years_last_until_the_next_birthday(people: People) -> None:
    """At most 75 includes 75 and a half; read exactly it ends on the 75th birthday."""
    people.add("person", 1, birth=date(1951, 5, 1), birth_precision=3)
    assert people.value(Age(Range.parse("<=75"))) is True
    assert people.value(Age(Range.parse("<=75"), reading="exact")) is False
    assert people.value(Age(Range.parse(">75"))) is False
    assert people.value(Age(Range.parse(">75"), reading="exact")) is True


def test_parts_of_a_year_are_months_in_the_exact_reading(people: People) -> None:
    """Half a year is six months."""
    people.add("person", 1, birth=date(2026, 5, 1), birth_precision=3)
    assert people.value(Age(Range.parse(">=0.5"), reading="exact")) is True
    with pytest.raises(UserError, match="whole"):
        Age(Range.parse(">=0.5"))


def test_relative_time_without_a_calendar_shows_only_the_age_reached(people: People) -> None:
    """70 at diagnosis is at least 70 today; whether still below 75 nobody knows."""
    people.add("tumour", 1, age_at_diagnosis=70, diagnosed_day=0)
    people.add("person", 2, birth_day=-25_600)
    people.add("tumour", 2, diagnosed_day=0)
    for person in (1, 2):
        assert people.value(ADULT, person) is True
        assert people.value(Age(Range.parse("<75")), person) is None
        assert people.value(Age(Range.parse("<70")), person) is False


def test_a_dated_diagnosis_turns_an_age_into_a_birth_interval(people: People) -> None:
    """60 in 2020: born between 1959 and 1960, so 65 to 67 on 1 November 2026."""
    people.add("tumour", 1, age_at_diagnosis=60, diagnosed=date(2020, 1, 1), diagnosed_precision=1, diagnosed_day=0)
    limits = ("<68", "<66", ">=65", ">=67", "<65")
    answers = [people.value(Age(Range.parse(text))) for text in limits]
    assert answers == [True, None, True, None, False]


def test_birth_days_count_from_an_origin_that_a_dated_diagnosis_fixes(people: People) -> None:
    """Day 0 is 1 March 2020 to the day, so a birth 10,000 days earlier is a date."""
    people.add("person", 1, birth_day=-10_000)
    people.add("tumour", 1, diagnosed=date(2020, 3, 1), diagnosed_precision=3, diagnosed_day=0)
    # Born on 14 October 1992: 34 since 14 October 2026.
    assert people.value(Age(Range.parse("==34"))) is True


def test_age_at_diagnosis_is_another_question(people: People) -> None:
    """Below 50 at diagnosis, whatever the age today."""
    people.add("tumour", 1, age_at_diagnosis=49)
    people.add("person", 2, birth_day=-18_000)
    people.add("tumour", 2, diagnosed_day=0)
    young = Age(Range.parse("<50"), at="diagnosis")
    assert [people.value(young, person) for person in (1, 2)] == [True, True]
    assert people.value(Age(Range.parse("<=49"), at="diagnosis", reading="exact"), 1) is None


def test_without_any_date_age_is_unknown(people: People) -> None:
    """No birth, no age: unknown."""
    people.add("person", 1)
    assert people.value(ADULT) is None
    assert people.value(Age(Range.parse(">=18"), at="diagnosis")) is None


def test_a_birth_date_outweighs_an_age_that_contradicts_it(people: People) -> None:
    """A stated age that cannot be right does not move a birth date."""
    people.add("person", 1, birth=date(2000, 1, 1), birth_precision=3)
    people.add("tumour", 1, age_at_diagnosis=70)
    assert people.value(Age(Range.parse("<30"))) is True


def test_sex_is_unknown_where_it_is_not_recorded(people: People) -> None:
    """Two codes, and silence."""
    people.add("person", 1, sex_code="female")
    people.add("person", 2)
    assert [people.value(Sex("female"), person) for person in (1, 2)] == [True, None]
    assert people.value(Sex("male"), 1) is False


def test_an_equivocal_receptor_decides_nothing(people: People) -> None:
    """HER2 equivocal is as good as not determined; a later clear result decides."""
    people.add("finding", 1, kind="ihc", code_code="HER2", value_code="equivocal")
    people.add("finding", 2, kind="ihc", code_code="HER2", value_code="equivocal")
    people.add("finding", 2, kind="ihc", code_code="HER2", value_code="negative")
    her2 = Receptor("HER2", "positive")
    assert [people.value(her2, person) for person in (1, 2)] == [None, False]
    assert people.value(Receptor("HER2", "negative"), 2) is True
    assert people.value(Receptor("ER", "positive"), 2) is None


def test_the_latest_performance_status_counts(people: People) -> None:
    """ECOG 3 once and 1 now is 1, by calendar or by days."""
    people.add("finding", 1, kind="ecog", value_number=3, found=date(2025, 1, 1))
    people.add("finding", 1, kind="ecog", value_number=1, found=date(2026, 1, 1))
    people.add("finding", 2, kind="ecog", value_number=1, found_day=10)
    people.add("finding", 2, kind="ecog", value_number=3, found_day=90)
    fit = PerformanceStatus(Range.parse("<=1"))
    assert [people.value(fit, person) for person in (1, 2)] == [True, False]


def test_performance_statuses_that_cannot_be_dated_must_agree(people: People) -> None:
    """Which of two is the latest is not known: only if both lie inside is it a yes. A dated one ends that for all
    that are surely earlier."""
    for person, scores in ((1, (0, 1)), (2, (1, 3)), (3, (2, 3))):
        for score in scores:
            people.add("finding", person, kind="ecog", value_number=score)
    fit = PerformanceStatus(Range.parse("<=1"))
    assert [people.value(fit, person) for person in (1, 2, 3)] == [True, None, False]
    people.add("finding", 4, kind="ecog", value_number=3, found=date(2025, 1, 1))
    people.add("finding", 4, kind="ecog", value_number=1, found=date(2026, 1, 1))
    people.add("finding", 4, kind="ecog", value_number=0)
    assert people.value(fit, 4) is True


def test_stages_include_their_sub_stages(people: People) -> None:
    """III asks for IIIA as well, and IV is not III."""
    for person, group in ((1, "Stage IIIA"), (2, "IV"), (3, "Stage X"), (4, "iiic1")):
        people.add("stage", person, stage_group=group)
    assert [people.value(Stage(("III",)), person) for person in (1, 2, 3, 4)] == [True, False, None, True]


def test_a_stage_coarser_than_the_question_is_unknown(people: People) -> None:
    """Stage III may be IIIC."""
    people.add("stage", 1, stage_group="III")
    assert people.value(Stage(("IIIC",))) is None
    assert people.value(Stage(("I", "II"))) is False


def test_distant_metastasis_is_m1_or_a_recorded_metastasis(people: People) -> None:
    """M0 is a no until a metastasis is recorded; MX and the stage group alone say nothing."""
    for person, category in ((1, "M1a"), (2, "M0"), (3, "MX"), (4, "cM0")):
        people.add("stage", person, m=category)
    people.add("stage", 5, stage_group="IV")
    people.add("stage", 6, m="M0")
    people.add("tumour", 6, kind="metastasis")
    people.add("specimen", 7, kind="metastasis")
    answers = [people.value(Metastatic(), person) for person in range(1, 8)]
    assert answers == [True, False, None, False, None, True, True]


def therapy(people: People, person: int, *drugs: str | None, modality: str = "systemic", **columns: Any) -> None:
    course = people.add("therapy", person, modality=modality, **columns)
    for drug in drugs:
        people.add("therapy_item", person, therapy=course, item_code=drug, item_text=drug or "illegible")


def test_a_drug_given_before_is_found_under_its_name_and_its_class(people: People) -> None:
    """Herceptin is trastuzumab is a HER2 antibody."""
    therapy(people, 1, "trastuzumab", "paclitaxel")
    assert people.value(PriorTherapy("Herceptin")) is True
    assert people.value(PriorTherapy(drug_class="HER2 antibody")) is True
    assert people.value(PriorTherapy("imatinib")) is False


def test_no_recorded_treatment_is_unknown_and_a_history_without_the_drug_is_no(people: People) -> None:
    """Silence is no history; a recorded operation begins one."""
    people.add("person", 1)
    therapy(people, 2, modality="surgery")
    assert people.value(PriorTherapy("imatinib"), 1) is None
    assert people.value(PriorTherapy("imatinib"), 2) is False


def test_a_drug_that_was_not_recognised_may_be_any(people: People) -> None:
    """An illegible drug, or a systemic course without one, leaves the question open."""
    therapy(people, 1, "paclitaxel", None)
    therapy(people, 2)
    assert [people.value(PriorTherapy("imatinib"), person) for person in (1, 2)] == [None, None]
    assert people.value(PriorTherapy("paclitaxel"), 1) is True


def test_a_treatment_that_begins_after_the_day_of_matching_is_not_prior(people: People) -> None:
    """What is planned for December was not given before November."""
    therapy(people, 1, "imatinib", start=date(2026, 12, 1))
    population = Population.of(people.tables, TODAY)
    assert evaluate(PriorTherapy("imatinib"), population, TODAY).value(0) is None


def test_lines_are_counted_where_they_are_stated(people: People) -> None:
    """The highest stated line is the number of lines."""
    therapy(people, 1, "paclitaxel", line=1)
    therapy(people, 1, "docetaxel", line=3)
    answers = [people.value(SystemicLines(Range.parse(text))) for text in (">=3", ">=4", "<=2")]
    assert answers == [True, False, False]


def test_courses_without_a_line_may_be_parts_of_one(people: People) -> None:
    """Two courses are one line or two; none at all is known only from a recorded history."""
    therapy(people, 1, "paclitaxel")
    therapy(people, 1, "carboplatin")
    therapy(people, 2, modality="radiotherapy")
    people.add("person", 3)
    at_least = [SystemicLines(Range.parse(text)) for text in (">=1", ">=2", ">=3")]
    assert [people.value(lines, 1) for lines in at_least] == [True, None, False]
    assert people.value(SystemicLines(Range.parse("==0")), 2) is True
    assert people.value(at_least[0], 3) is None


def test_words_are_never_decided_by_machine(people: People) -> None:
    """Free text stays unknown, and its negation too."""
    people.add("person", 1)
    words = FreeText("no active infection")
    assert people.value(words) is None
    assert people.value(Not(words)) is None
    assert words.words == "“no active infection”"
