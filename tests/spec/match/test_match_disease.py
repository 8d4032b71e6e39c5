"""The course of the disease: histology, status, sites of metastases, other diseases, consent."""

from __future__ import annotations

from datetime import date

import pytest

from kohort.errors import UnknownNameError, UserError
from kohort.match.criteria import (
    Comorbidity,
    Consent,
    DiseaseStatus,
    Histology,
    MetastasisSite,
    Metastatic,
    Not,
)
from tests.spec.match.match_people import People


@pytest.fixture
def people() -> People:
    return People()


def test_a_topography_is_met_by_every_subsite(people: People) -> None:
    """C34 asks for C34.1 as well, a range of categories for each of them, in any spelling of the code."""
    people.add("tumour", 1, topography_system="icd-10", topography_code="C34.1")
    asked = [Histology(("C34",)), Histology(("c341",)), Histology(("C30-C39",)), Histology(("C50",))]
    assert [people.value(one) for one in asked] == [True, True, True, False]


@pytest.mark.parametrize("recorded", ["C34", "C34.9"])
def test_a_topography_coarser_than_the_question_is_unknown(people: People, recorded: str) -> None:
    """C34 may be C34.1, and so may C34.9: lung, not otherwise specified."""
    people.add("tumour", 1, topography_code=recorded)
    assert people.value(Histology(("C34.1",))) is None
    assert people.value(Histology(("C34",))) is True
    assert people.value(Histology(("C50.1",))) is False


def test_a_registry_that_writes_icd_o_3_cannot_say_no_to_a_code_it_does_not_have(people: People) -> None:
    """A lymphoma is C81 to C96 in ICD-10 and has the site of its node in ICD-O-3."""
    people.add("tumour", 1, topography_system="icd-o-3", topography_code="C77.9")
    people.add("tumour", 2, topography_system="icd-10", topography_code="C34.1")
    assert [people.value(Histology(("C81-C96",)), person) for person in (1, 2)] == [None, False]
    # Blood and bone marrow are C42 in ICD-O-3 only.
    assert people.value(Histology(("C42",)), 2) is None


def test_a_morphology_is_asked_with_or_without_its_behaviour(people: People) -> None:
    """8140 asks for adenocarcinoma of any behaviour, 8140/3 for the malignant one; a range holds its ends."""
    people.add("tumour", 1, morphology_code="8140/3")
    people.add("tumour", 2, morphology_code="8140")
    people.add("tumour", 3, morphology_code="8140", behaviour="2")
    asked = [Histology(morphology=(code,)) for code in ("8140", "8140/3", "8130-8140/3", "8500-8508")]
    assert [people.value(one, 1) for one in asked] == [True, True, True, False]
    assert [people.value(asked[1], person) for person in (2, 3)] == [None, False]


def test_a_histology_not_otherwise_specified_may_be_any_of_its_group(people: People) -> None:
    """Neoplasm may be anything, carcinoma a carcinoma, adenocarcinoma one of its kinds; a sarcoma is none of these."""
    for person, code in enumerate(("8000/3", "8010/3", "8140/3", "8890/3"), start=1):
        people.add("tumour", person, morphology_code=code)
    papillary = Histology(morphology=("8260",))
    assert [people.value(papillary, person) for person in (1, 2, 3, 4)] == [None, None, None, False]
    assert people.value(Histology(morphology=("8890",)), 2) is False


def test_all_of_a_histology_must_hold_of_one_tumour(people: People) -> None:
    """An adenocarcinoma of the breast and another tumour of the lung are no adenocarcinoma of the lung."""
    people.add("tumour", 1, topography_code="C34.1", morphology_code="8070/3")
    people.add("tumour", 1, topography_code="C50.9", morphology_code="8140/3")
    assert people.value(Histology(("C34",), ("8140",))) is False
    assert people.value(Histology(("C50",), ("8140",))) is True


def test_a_behaviour_of_nine_may_be_primary_or_metastatic(people: People) -> None:
    """9 is malignant, and not known which of both; in situ is known not to be malignant."""
    for person, code in enumerate(("8140/9", "8140/2", "8140"), start=1):
        people.add("tumour", person, morphology_code=code)
    malignant = Histology(behaviour=("3",))
    assert [people.value(malignant, person) for person in (1, 2, 3)] == [None, False, None]


def test_the_site_of_a_metastasis_is_no_topography_of_the_disease(people: People) -> None:
    """A lung metastasis is no lung tumour."""
    people.add("tumour", 1, kind="primary", topography_code="C18.7")
    people.add("tumour", 1, kind="metastasis", topography_code="C34.1")
    assert people.value(Histology(("C34",))) is False


def test_what_is_no_code_is_refused() -> None:
    """With the form that is expected."""
    for wrong in (lambda: Histology(("lung",)), lambda: Histology(morphology=("814",)), Histology):
        with pytest.raises(UserError):
            wrong()
    with pytest.raises(UserError, match="Use 0, 1, 2, 3, 6, 9"):
        Histology(behaviour=("malignant",))
    with pytest.raises(UserError, match="C81-C96"):
        Comorbidity(("heart failure",))


def status(people: People, person: int, text: str) -> None:
    people.add("finding", person, kind="status", code_text=text)


def test_a_disease_status_is_taken_from_the_words_of_a_record(people: People) -> None:
    """In any case, several words divided by a stroke; any of several statuses suffices, other words say nothing."""
    status(people, 1, "Locoregional Recurrence|Distant Metastasis")
    status(people, 2, "Unresectable")
    status(people, 3, "seen in clinic")
    asked = [DiseaseStatus((word,)) for word in ("Recurrent", "Metastatic", "Unresectable")]
    assert [people.value(one, 1) for one in asked] == [True, True, None]
    assert people.value(DiseaseStatus(("refractory", "unresectable")), 2) is True
    assert [people.value(one, 3) for one in asked] == [None, None, None]


def test_metastatic_disease_is_known_from_m1_a_metastasis_or_a_specimen_of_one(people: People) -> None:
    """As the criterion of distant metastasis; M0 is no, a stage group or T4 is neither."""
    people.add("stage", 1, m="M1b")
    people.add("stage", 2, m="M0")
    people.add("stage", 3, t="T4", stage_group="III")
    metastatic = DiseaseStatus(("metastatic",))
    assert [people.value(metastatic, person) for person in (1, 2, 3)] == [True, False, None]
    assert people.value(DiseaseStatus(("locally advanced", "advanced")), 3) is None
    status(people, 3, "Distant Metastasis")
    assert people.value(Metastatic(), 3) is True


def test_advanced_disease_is_metastatic_or_locally_advanced(people: People) -> None:
    """Both say *advanced*; M0 alone does not deny it."""
    people.add("stage", 1, m="M1")
    status(people, 2, "Locally Advanced")
    people.add("stage", 3, m="M0")
    assert [people.value(DiseaseStatus(("advanced",)), person) for person in (1, 2, 3)] == [True, True, None]


def test_a_disease_that_went_further_is_no_longer_localized(people: People) -> None:
    """Localized says no to metastatic until a metastasis is recorded; then it is the other way round."""
    status(people, 1, "Localized")
    status(people, 2, "Localized")
    people.add("tumour", 2, kind="metastasis")
    localized, metastatic = DiseaseStatus(("localized",)), DiseaseStatus(("metastatic",))
    assert [people.value(localized, person) for person in (1, 2)] == [True, False]
    assert [people.value(metastatic, person) for person in (1, 2)] == [False, True]


def test_no_recorded_therapy_is_not_untreated(people: People) -> None:
    """A systemic therapy says no, an operation and silence nothing; only a record that says so is yes."""
    people.add("therapy", 1, modality="systemic")
    people.add("therapy", 2, modality="surgery")
    people.add("person", 3)
    status(people, 4, "untreated")
    untreated = DiseaseStatus(("Untreated",))
    assert [people.value(untreated, person) for person in (1, 2, 3, 4)] == [False, None, None, True]
    assert people.value(Not(untreated), 3) is None


def test_recurrence_is_a_recorded_recurrence(people: People) -> None:
    """A tumour, a specimen or words; that none is recorded is no answer."""
    people.add("tumour", 1, kind="recurrence")
    status(people, 2, "Intrahepatic Recurrence")
    people.add("tumour", 3, kind="primary")
    assert [people.value(DiseaseStatus(("recurrent",)), person) for person in (1, 2, 3)] == [True, True, None]


def test_a_disease_status_outside_the_words_of_ctml_is_refused() -> None:
    """CTML has nine."""
    with pytest.raises(UnknownNameError, match="metastatic"):
        DiseaseStatus(("metastasised",))
    with pytest.raises(UserError, match="missing"):
        DiseaseStatus(())


def test_a_site_of_metastasis_is_known_by_code_or_by_name(people: People) -> None:
    """Brain as ICD-O-3, as a secondary tumour of ICD-10, in words, or where a specimen of it was taken."""
    people.add("tumour", 1, kind="metastasis", topography_code="C71.1")
    people.add("tumour", 2, kind="metastasis", topography_text="Brain, left temporal lobe")
    people.add("specimen", 3, kind="metastasis", site_code="C79.3")
    people.add("finding", 4, kind="comorbidity", code_code="C79.3")
    brain = MetastasisSite("brain")
    assert [people.value(brain, person) for person in (1, 2, 3, 4)] == [True, True, True, True]
    # Nothing is said about the liver by a metastasis elsewhere.
    assert people.value(MetastasisSite("liver"), 1) is None


def test_without_any_metastasis_there_is_none_at_a_site(people: People) -> None:
    """M0 says no to each site; a metastasis somewhere takes that back."""
    people.add("stage", 1, m="M0")
    people.add("stage", 2, m="M0")
    people.add("tumour", 2, kind="metastasis", topography_text="Other, specify")
    people.add("tumour", 3, kind="primary", topography_code="C71.1")
    assert [people.value(MetastasisSite("brain"), person) for person in (1, 2, 3)] == [False, None, None]


def test_lymph_nodes_go_by_the_n_category(people: People) -> None:
    """N1 is yes; M0 alone is no answer, N0 and M0 are."""
    for person, n, m in ((1, "pN1a", "M0"), (2, None, "M0"), (3, "N0", "M0"), (4, "N0", "M1")):
        people.add("stage", person, n=n, m=m)
    nodes = MetastasisSite("lymph nodes")
    assert [people.value(nodes, person) for person in (1, 2, 3, 4)] == [True, None, False, None]
    with pytest.raises(UnknownNameError, match="lymph node"):
        MetastasisSite("lymphnode")


def test_a_comorbidity_is_a_recorded_diagnosis_and_its_absence_a_recorded_no(people: People) -> None:
    """Silence is unknown; suspicion as well."""
    for person, value in ((1, None), (2, "absent"), (3, "suspected")):
        people.add("finding", person, kind="comorbidity", code_code="I50.1", value_code=value)
    people.add("person", 4)
    failure = Comorbidity(("I50.1",))
    assert [people.value(failure, person) for person in (1, 2, 3, 4)] == [True, False, None, None]


def test_a_comorbidity_is_met_by_all_below_its_code(people: People) -> None:
    """I50.1 is within I50; that I50.1 is absent does not say that I50 is, the other way round it does."""
    people.add("finding", 1, kind="comorbidity", code_code="I50.1")
    people.add("finding", 2, kind="comorbidity", code_code="I50.1", value_code="absent")
    people.add("finding", 3, kind="comorbidity", code_code="I50", value_code="absent")
    people.add("finding", 4, kind="comorbidity", code_code="I50")
    assert [people.value(Comorbidity(("I50",)), person) for person in (1, 2, 3, 4)] == [True, None, False, True]
    assert [people.value(Comorbidity(("I50.1",)), person) for person in (3, 4)] == [False, None]


def test_of_several_diseases_any_is_yes_and_all_must_be_absent_for_no(people: People) -> None:
    """A range of categories is each of them."""
    for code in ("I20", "I21"):
        people.add("finding", 1, kind="comorbidity", code_code=code, value_code="absent")
    assert people.value(Comorbidity(("I20-I21",))) is False
    assert people.value(Comorbidity(("I20-I25",))) is None
    people.add("finding", 1, kind="comorbidity", code_code="I25.1")
    assert people.value(Comorbidity(("I20-I25",))) is True


def test_the_latest_answer_to_a_consent_counts(people: People) -> None:
    """Given and withdrawn is withdrawn; asked and not answered is unknown, as is never asked."""
    for status_, day in (("accepted", date(2025, 1, 1)), ("withdrawn", date(2026, 1, 1))):
        people.add("decision", 1, kind="consent", drug_or_trial="Biobanking", status=status_, decided=day)
    people.add("decision", 2, kind="consent", drug_or_trial="biobanking", status="accepted")
    people.add("decision", 3, kind="consent", drug_or_trial="biobanking", status="open")
    people.add("decision", 4, kind="consent", drug_or_trial="another study", status="accepted")
    biobank = Consent("biobanking")
    assert [people.value(biobank, person) for person in (1, 2, 3, 4)] == [False, True, None, None]
