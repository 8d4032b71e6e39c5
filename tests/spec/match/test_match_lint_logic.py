"""The linter's logic: what no patient can meet, what every patient meets, what is said twice."""

from __future__ import annotations

import pytest

from kohort.match import Arm, Problem, Trial
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    Comorbidity,
    CopyNumber,
    Criterion,
    Diagnosis,
    DiseaseStatus,
    FreeText,
    Fusion,
    Laboratory,
    MetastasisSite,
    Metastatic,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Stage,
    SystemicLines,
    TherapySince,
    Tmb,
    Unread,
    WildType,
)
from kohort.match.linter import lint_trials

ADULT = Age(Range.parse(">=18"))
CHILD = Age(Range.parse("<18"))


def trial(*arms: Criterion, asked_of_all: Criterion | None = None) -> Trial:
    made = (Arm(f"A{number}", "an arm", (), criteria) for number, criteria in enumerate(arms, start=1))
    return Trial("T1", "a trial", tuple(made), criteria=asked_of_all)


def lint(*arms: Criterion) -> list[Problem]:
    return lint_trials(trial(*arms))


def rules(*criteria: Criterion) -> list[str]:
    """The rules that an arm with these criteria breaks."""
    return [problem.rule for problem in lint(And(*criteria))]


def r(text: str) -> Range:
    return Range.parse(text)


CONTRADICTIONS = [
    (ADULT, CHILD),
    (Age(r("<=17")), Age(r(">17.5"), reading="exact"), Age(r(">=18"))),
    (Sex("female"), Sex("male")),
    (Mutation("KRAS"), WildType("KRAS")),
    (Mutation("KRAS"), Not(Mutation("KRAS"))),
    (Mutation("KRAS", protein_change="G12C"), Not(Mutation("KRAS", codon=12))),
    (Mutation("EGFR", exon=19, classes=("In_Frame_Del",)), WildType("EGFR")),
    (Mutation("NF1", function="inactivating"), Not(Mutation("NF1", function="pathogenic"))),
    (CopyNumber("ERBB2", "amplification"), CopyNumber("ERBB2", "deep_loss")),
    (Fusion("EML4", "ALK"), Not(Fusion("ALK"))),
    (Fusion("ALK"), Not(Rearrangement("ALK"))),
    (Msi("MSI-H"), Msi("MSS")),
    (Tmb(r(">=10")), Tmb(r("<5"))),
    (Receptor("ER", "positive"), Receptor("ER", "negative")),
    (Signature("POLE"), Signature("POLE", present=False)),
    (PerformanceStatus(r("<=1")), PerformanceStatus(r(">1"))),
    (PerformanceStatus(r(">5")),),
    (SystemicLines(r("==0")), SystemicLines(r(">=1"))),
    (PriorTherapy(drug="erlotinib"), Not(PriorTherapy(drug_class="EGFR inhibitor"))),
    (PriorTherapy(drug="erlotinib", setting="adjuvant"), Not(PriorTherapy(drug="erlotinib"))),
    (TherapySince(r(">=28"), drug="erlotinib"), TherapySince(r("<14"), drug="erlotinib")),
    (Stage(("IIIA",)), Not(Stage(("III",)))),
    (Stage(("I", "II")), Stage(("IV",))),
    (MetastasisSite("brain"), Not(Metastatic())),
    (Comorbidity(("I50.1",)), Not(Comorbidity(("I50",)))),
    (DiseaseStatus(("metastatic",)), Not(DiseaseStatus(("advanced",)))),
    (Diagnosis("LUAD"), Not(Diagnosis("NSCLC"))),
    (Laboratory("haemoglobin", r(">=10"), "g/dL"), Laboratory("haemoglobin", r("<90"), "g/L")),
    (AtLeast(2, Sex("male"), Sex("female"), Msi("MSS")), Not(Msi("MSS"))),
]


@pytest.mark.parametrize("criteria", CONTRADICTIONS, ids=lambda parts: " and ".join(part.words for part in parts))
def test_an_arm_that_no_patient_can_meet_is_an_error(criteria: tuple[Criterion, ...]) -> None:
    """Leaves of one subject are sets of states (ages, variants of a gene, drugs of a class); no state is left."""
    (found,) = [problem for problem in lint(And(*criteria)) if problem.rule == "never-satisfied"]
    assert found.severity == "error"


COMPATIBLE = [
    (Age(r(">=18")), Age(r("<=18"))),
    (Mutation("KRAS", codon=12), Not(Mutation("KRAS", protein_change="G12C"))),
    (Mutation("EGFR", protein_change="L858R"), Mutation("EGFR", protein_change="T790M")),
    (Mutation("BRAF"), WildType("KRAS")),
    (Not(Msi("MSS")), Mmr("proficient")),
    (PriorTherapy(drug="erlotinib"), PriorTherapy(drug="cisplatin")),
    (Rearrangement("ALK"), Not(Fusion("ALK"))),
    (MetastasisSite("lymph node"), Not(Metastatic())),
    (DiseaseStatus(("metastatic",)), DiseaseStatus(("refractory",))),
    (Laboratory("haemoglobin", r(">=9"), "g/dL"), Laboratory("haemoglobin", r("<100"), "g/L")),
]


@pytest.mark.parametrize("criteria", COMPATIBLE, ids=lambda parts: " and ".join(part.words for part in parts))
def test_an_arm_that_some_patient_can_meet_is_none(criteria: tuple[Criterion, ...]) -> None:
    """Two variants of a gene, two drugs, the year of the 18th birthday, a rearrangement within one gene."""
    assert rules(*criteria) == []


def test_only_what_contradicts_is_named() -> None:
    """The smallest choice of requirements that exclude each other, whatever else the arm asks."""
    (found,) = lint(And(ADULT, Mutation("BRAF", codon=600), WildType("BRAF"), Diagnosis("MEL")))
    assert found.error.what.endswith(
        "arm A1: no patient can meet all of this together: BRAF substitution at codon 600; BRAF wild type."
    )


def test_what_the_trial_asks_counts_for_each_arm() -> None:
    """An arm for children in a trial for adults."""
    (found,) = lint_trials(trial(And(CHILD), And(Sex("female")), asked_of_all=And(ADULT)))
    assert (found.rule, found.error.column) == ("never-satisfied", "A1")


def test_one_criterion_alone_may_be_impossible() -> None:
    """A substitution is no frameshift: no variant has both."""
    assert rules(Mutation("BRAF", codon=600, classes=("Frame_Shift_Del",)), ADULT) == ["never-satisfied"]


def test_two_diagnoses_are_for_patients_with_two_tumours() -> None:
    """Any tumour of a patient may meet a diagnosis, so it is a warning and no error."""
    (found,) = lint(And(Diagnosis("LUAD"), Diagnosis("BREAST"), ADULT))
    assert (found.rule, found.severity) == ("disjoint-diagnoses", "warning")
    assert "Lung Adenocarcinoma" in found.error.what
    assert "Breast" in found.error.what
    assert "age" not in found.error.what


def test_a_diagnosis_and_one_above_it_go_together() -> None:
    """The wider one adds nothing, which is a note."""
    assert rules(Diagnosis("LUAD"), Diagnosis(lineage="solid")) == ["redundant-requirement"]


def test_tests_of_mismatch_repair_that_disagree_are_a_warning() -> None:
    """Laboratories read MSI-H as deficient; staining may say otherwise, so it is no error."""
    (found,) = lint(And(Msi("MSI-H"), Mmr("proficient")))
    assert (found.rule, found.severity) == ("discordant-results", "warning")
    assert rules(Msi("MSI-H"), Or(Mmr("proficient"), Mutation("POLE"))) == ["discordant-results"]


def test_an_alternative_that_nobody_can_use_is_a_warning() -> None:
    """The arm can be met, by the other alternative."""
    (found,) = lint(And(ADULT, Or(And(CHILD, Diagnosis("LUAD")), Diagnosis("MEL"))))
    assert (found.rule, found.severity) == ("dead-alternative", "warning")
    assert "beside age >=18" in found.error.what


def test_alternatives_within_alternatives_are_seen() -> None:
    """What stands beside each level counts."""
    inner = Or(And(Mutation("KRAS"), WildType("KRAS")), Mutation("NRAS"))
    assert rules(ADULT, Or(And(Diagnosis("COADREAD"), inner), Diagnosis("MEL"))) == ["dead-alternative"]


def test_a_patient_with_two_tumours_may_use_an_alternative() -> None:
    """It is the same warning as for a whole arm."""
    assert rules(Diagnosis("LUAD"), Or(Diagnosis("MEL"), Mutation("BRAF"))) == ["disjoint-diagnoses"]


ALWAYS_TRUE = [
    Or(Tmb(r(">=10")), Tmb(r("<=40"))),
    Or(Mutation("KRAS"), WildType("KRAS")),
    Or(Msi("MSI-H"), Msi("MSI-L"), Msi("MSS")),
    Or(Diagnosis(lineage="solid"), Diagnosis(lineage="liquid")),
    Or(Receptor("ER", "positive"), Receptor("ER", "negative")),
    Not(And(ADULT, CHILD)),
    PerformanceStatus(r(">=0")),
    SystemicLines(r(">=0")),
    Or(Mutation("KRAS", codon=12), Not(Mutation("KRAS", protein_change="G12C"))),
]


@pytest.mark.parametrize("criterion", ALWAYS_TRUE, ids=lambda criterion: criterion.words)
def test_a_criterion_that_everybody_meets_is_a_warning(criterion: Criterion) -> None:
    """Once the facts are known it is true, whatever they are."""
    assert rules(ADULT, criterion) == ["always-true"]


def test_an_alternative_that_a_wider_one_holds_is_a_warning() -> None:
    """Perhaps only the narrow one was meant."""
    (found,) = lint(Or(Mutation("BRAF", protein_change="V600E"), Mutation("BRAF"), Mutation("NRAS")))
    assert (found.rule, found.severity) == ("redundant-alternative", "warning")
    assert found.error.what.endswith(
        "arm A1: the alternative BRAF p.V600E adds nothing: whoever meets it meets any mutation of BRAF."
    )


def test_alternatives_may_hold_another_one_together() -> None:
    """No single one does."""
    (found,) = lint(Or(Age(r("<14")), Age(r(">=14, <70")), Age(r(">=12, <16"))))
    assert found.rule == "redundant-alternative"
    assert "age >=12, <16" in found.error.what
    assert "age <14" in found.error.what


def test_nothing_is_said_of_an_alternative_that_was_not_understood() -> None:
    """Reading has said so, and what it adds is not known."""
    doubtful = And(Mutation("BRAF", protein_change="V600E"), Unread("germline: maybe", "There is no such value."))
    assert rules(ADULT, Or(doubtful, Mutation("BRAF"))) == []


def test_a_requirement_that_another_one_holds_is_a_note() -> None:
    """It changes nothing."""
    (found,) = lint(And(Mutation("KRAS"), Mutation("KRAS", protein_change="G12C")))
    assert (found.rule, found.severity) == ("redundant-requirement", "note")
    assert "whoever meets KRAS p.G12C meets it" in found.error.what


def test_what_is_asked_twice_is_told_once() -> None:
    """However often, and also where it stands in nested parts."""
    (found,) = lint(And(ADULT, And(ADULT, Sex("male")), And(ADULT, Sex("male"))))
    assert (found.rule, found.severity) == ("redundant-requirement", "note")


def test_a_path_that_is_stated_twice_is_a_warning() -> None:
    """Order and nesting make no difference."""
    one = And(Mutation("BRAF"), ADULT)
    again = And(ADULT, And(Mutation("BRAF")))
    (found,) = lint(Or(one, Mutation("NRAS"), again))
    assert (found.rule, found.severity) == ("duplicate-path", "warning")


def test_a_part_of_at_least_n_that_is_stated_twice_counts_twice() -> None:
    """So it is told."""
    assert rules(AtLeast(2, Sex("male"), Sex("male"), Msi("MSS"))) == ["duplicate-path"]


def test_two_arms_that_ask_the_same_are_told() -> None:
    """The same after sorting, or met by the same patients."""
    first = And(Mutation("BRAF"), ADULT)
    (found,) = lint(first, And(Not(CHILD), Not(WildType("BRAF"))), And(Mutation("NRAS"), ADULT))
    assert (found.rule, found.severity, found.error.column) == ("duplicate-arm", "warning", "A2")
    assert "the same as A1" in found.error.what


def test_arms_with_other_drugs_may_ask_the_same() -> None:
    """It is worth a note only."""
    arms = tuple(Arm(drug, "an arm", (drug,), And(ADULT)) for drug in ("erlotinib", "cisplatin"))
    (found,) = lint_trials(Trial("T1", "a trial", arms))
    assert (found.rule, found.severity) == ("duplicate-arm", "note")


def test_clauses_of_different_levels_may_ask_the_same() -> None:
    """They stand alone in CTML: a step and its arm often do."""
    arms = (Arm("S1", "a step", (), And(ADULT), level="step"), Arm("A1", "an arm", (), And(ADULT)))
    assert lint_trials(Trial("T1", "a trial", arms)) == []


def test_an_arm_of_words_alone_is_told() -> None:
    """No machine decides it."""
    (found,) = lint(And(FreeText("measurable disease"), Not(FreeText("active infection"))))
    assert (found.rule, found.severity) == ("only-words", "warning")


def test_an_arm_of_which_nothing_was_understood_is_told() -> None:
    """The same rule, in other words."""
    (found,) = lint(And(Unread("genomic: {match_all: true}", "There is no such key.")))
    assert found.rule == "only-words"
    assert "nothing that it asks was understood" in found.error.what


def test_words_beside_other_criteria_keep_every_verdict_open() -> None:
    """A note: nobody is found eligible by machine. As an alternative, words do no harm."""
    (found,) = lint(And(ADULT, FreeText("measurable disease")))
    assert (found.rule, found.severity) == ("never-decided", "note")
    assert rules(ADULT, Or(Mutation("BRAF"), FreeText("BRAF by immunohistochemistry"))) == []


def test_nothing_is_said_where_the_question_is_too_hard() -> None:
    """The search has a budget. Here: more pigeons than holes, each in one."""
    holes, pigeons = 7, 8
    sits = [[Mutation(f"GENE{p}", exon=h + 1) for h in range(holes)] for p in range(pigeons)]
    each = [Or(*row) for row in sits]
    apart = [Not(And(sits[p][h], sits[q][h])) for h in range(holes) for p in range(pigeons) for q in range(p)]
    assert "never-satisfied" not in rules(*each, *apart)
