"""Trials in Kohort's YAML: what can be written, and how a mistake is named where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from kohort.match import Problem, Trial, json_schema, read_trials
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    Comorbidity,
    Consent,
    CopyNumber,
    Diagnosis,
    DiseaseStatus,
    Event,
    FreeText,
    Fusion,
    Histology,
    Laboratory,
    Marker,
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
    WildType,
    Window,
)

HEAD = """\
format: kohort-trial/1
id: T1
title: A trial
countries: [NO, SE]
design: {r1: 0, n1: 8, r: 4, n: 24, p0: 0.1, p1: 0.3}
cohorts:
  - id: C1
    title: A cohort
    drugs: [Herceptin]
    source: written for this test
    criteria:
"""
"""Eleven lines: the first criterion stands on line 12."""


def write(folder: Path, text: str, name: str = "trial.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> tuple[list[Trial], list[Problem]]:
    return read_trials(write(folder, text))


KINDS = [
    ("diagnosis: LUAD", Diagnosis("LUAD")),
    ("diagnosis: {tissue: Lung}", Diagnosis(tissue="Lung")),
    ("diagnosis: {lineage: liquid}", Diagnosis(lineage="liquid")),
    ('age: ">=18"', Age(Range.parse(">=18"))),
    ('age: {years: ">=18, <65", at: diagnosis}', Age(Range.parse(">=18, <65"), at="diagnosis")),
    ("sex: female", Sex("female")),
    ("mutation: BRAF", Mutation("BRAF")),
    ("mutation: {gene: BRAF, protein_change: V600E}", Mutation("BRAF", protein_change="p.V600E")),
    ("mutation: {gene: EGFR, exon: 19, classes: [In_Frame_Del]}", Mutation("EGFR", exon=19, classes=("In_Frame_Del",))),
    ("wild_type: KRAS", WildType("KRAS")),
    ("copy_number: {gene: ERBB2, call: amplification}", CopyNumber("ERBB2", "amplification")),
    ("mutation: {gene: AKT1, function: activating}", Mutation("AKT1", function="activating")),
    ("copy_number: ERBB2", CopyNumber("ERBB2")),
    ("rearrangement: ALK", Rearrangement("ALK")),
    ("rearrangement: {gene: ALK, partner: intergenic}", Rearrangement("ALK", "intergenic")),
    ("mmr: deficient", Mmr("deficient")),
    ("signature: POLE", Signature("POLE")),
    ("signature: {name: tobacco, present: false}", Signature("tobacco", present=False)),
    ("fusion: ALK", Fusion("ALK")),
    ("fusion: {gene: ALK, partner: EML4}", Fusion("EML4", "ALK")),
    ("msi: MSI-H", Msi("MSI-H")),
    ('tmb: ">=16"', Tmb(Range.parse(">=16"))),
    ("receptor: {marker: ER, status: positive}", Receptor("ER", "positive")),
    ('ecog: "<=1"', PerformanceStatus(Range.parse("<=1"))),
    ("prior_therapy: trastuzumab", PriorTherapy("trastuzumab")),
    ("prior_therapy: {drug_class: PARP inhibitor}", PriorTherapy(drug_class="PARP inhibitor")),
    ('systemic_lines: ">=1"', SystemicLines(Range.parse(">=1"))),
    ("stage: [III, IV]", Stage(("III", "IV"))),
    ("stage: IV", Stage(("IV",))),
    ("metastatic: true", Metastatic()),
    ("free_text: no active infection", FreeText("no active infection")),
    ("consent: biobanking", Consent("biobanking")),
    ("prior_therapy: {modality: surgery, setting: adjuvant}", PriorTherapy(modality="surgery", setting="adjuvant")),
    (
        'systemic_lines: {lines: "<=1", drug_class: PD-1 inhibitor}',
        SystemicLines(Range.parse("<=1"), drug_class="PD-1 inhibitor"),
    ),
    ('therapy_since: {days: ">=28", drug: imatinib}', TherapySince(Range.parse(">=28"), drug="imatinib")),
    ("histology: C34", Histology(("C34",))),
    ('histology: {morphology: [8140, 8500/3], behaviour: "3"}', Histology((), ("8140", "8500/3"), ("3",))),
    ("disease_status: [Metastatic, Recurrent]", DiseaseStatus(("metastatic", "recurrent"))),
    ("metastasis_site: brain", MetastasisSite("brain")),
    ("comorbidity: [I20-I25, E11]", Comorbidity(("I20-I25", "E11"))),
    (
        'laboratory: {test: Hb, range: ">=9", unit: g/dL, within_days: 14}',
        Laboratory("haemoglobin", Range.parse(">=9"), "g/dL", within_days=14),
    ),
    (
        'laboratory: {test: ALT, range: "<=1.5", of: upper_limit}',
        Laboratory("ALT", Range.parse("<=1.5"), of="upper_limit"),
    ),
    ('marker: {name: PD-L1 TPS, range: ">=50"}', Marker("PD-L1 TPS", range=Range.parse(">=50"))),
    ("marker: {name: HER2, status: low}", Marker("HER2", "low")),
    (
        'window: {first: diagnosis, then: therapy start of imatinib, days: "<=90"}',
        Window(Event("diagnosis"), Event("therapy start", drug="imatinib"), Range.parse("<=90")),
    ),
    ("any: [{sex: male}, {msi: MSS}]", Or(Sex("male"), Msi("MSS"))),
    ("all: [{sex: male}, {msi: MSS}]", And(Sex("male"), Msi("MSS"))),
    ("not: {diagnosis: MEL}", Not(Diagnosis("MEL"))),
    (
        "at_least: {n: 2, of: [{sex: male}, {msi: MSS}, {mutation: TP53}]}",
        AtLeast(2, Sex("male"), Msi("MSS"), Mutation("TP53")),
    ),
]


@pytest.mark.parametrize(("written", "meant"), KINDS)
def test_every_kind_of_criterion_can_be_written(tmp_path: Path, written: str, meant: object) -> None:
    """One line of YAML, one criterion; the schema for editors accepts the same line."""
    text = f"{HEAD}      - {written}\n"
    trials, problems = read(tmp_path, text)
    assert problems == []
    assert trials[0].cohorts[0].criteria == And(meant)  # type: ignore[arg-type]
    jsonschema.validate(_plain(text), json_schema())


def _plain(text: str) -> object:
    """The document as an editor sees it: YAML 1.2, in which NO is text."""
    return yaml.safe_load(text.replace("[NO, SE]", '["NO", "SE"]'))


def test_a_trial_is_read_with_its_design_drugs_and_countries(tmp_path: Path) -> None:
    """Drugs get their INN; cohorts without a design take the trial's; Norway is no truth value."""
    trials, _ = read(tmp_path, f"{HEAD}      - sex: female\n")
    (cohort,) = trials[0].cohorts
    assert trials[0].countries == ("NO", "SE")
    assert cohort.drugs == ("trastuzumab",)
    assert (cohort.design.r1, cohort.design.n1, cohort.design.r, cohort.design.n) == (0, 8, 4, 24)
    assert (cohort.status, cohort.illustrative) == ("open", False)


def test_what_every_cohort_asks_is_written_once(tmp_path: Path) -> None:
    """The trial's criteria come before each cohort's own; nested lists of "all" are single requirements."""
    text = HEAD.replace("cohorts:", 'criteria:\n  - age: ">=18"\ncohorts:')
    trials, problems = read(tmp_path, f"{text}      - all: [{{sex: female}}, {{msi: MSS}}]\n")
    assert problems == []
    criteria = trials[0].criteria_of(trials[0].cohorts[0])
    assert criteria == And(Age(Range.parse(">=18")), Sex("female"), Msi("MSS"))


MISTAKES = [
    # criterion, the key that is named, what is said
    ("diagnosys: LUAD", "criteria[0].diagnosys", "Did you mean 'diagnosis'?"),
    ("diagnosis: LUDA", "criteria[0].diagnosis", "no OncoTree code or name 'LUDA'"),
    ("diagnosis: {code: LUAD, tissue: Lung}", "criteria[0].diagnosis", "exactly one"),
    ("age: 18", "criteria[0].age", "Write it like '>=18'"),
    ('age: ">=18 months"', "criteria[0].age", "is not a range"),
    ('age: ">65, <18"', "criteria[0].age", "No number lies in the range"),
    ("sex: woman", "criteria[0].sex", "Use female or male"),
    ("mutation: {gene: BRAF, protein: V600E}", "criteria[0].mutation.protein", "Did you mean 'protein_change'?"),
    ("mutation: {protein_change: V600E}", "criteria[0].mutation", "'gene' is missing"),
    ("mutation: {gene: BRAF, protein_change: V600}", "criteria[0].mutation", "use codon"),
    ("mutation: {gene: EGFR, exon: '19'}", "criteria[0].mutation.exon", "not a whole number"),
    ("mutation: {gene: EGFR, classes: [Missence]}", "criteria[0].mutation", "no variant class"),
    ("copy_number: {gene: ERBB2, call: High Amplication}", "criteria[0].copy_number.call", "Use amplification"),
    ("receptor: ER", "criteria[0].receptor", "Give marker, status"),
    ("mutation: {gene: BRAF, function: GOF}", "criteria[0].mutation.function", "Use activating or inactivating"),
    ("rearrangement: {partner: any}", "criteria[0].rearrangement", "'gene' is missing"),
    ("rearrangement: any", "criteria[0].rearrangement", "Name the gene"),
    ("mmr: MSI-H", "criteria[0].mmr", "Use deficient or proficient"),
    ("signature: APOBEK", "criteria[0].signature", "Use APOBEC or POLE"),
    ("msi: high", "criteria[0].msi", "Use MSI-H or MSI-L or MSS"),
    ("receptor: {marker: ER, status: true}", "criteria[0].receptor.status", "A text is expected"),
    ("metastatic: false", "criteria[0].metastatic", "put it under not"),
    ("prior_therapy: {drug: imatinib, drug_class: KIT inhibitor}", "criteria[0].prior_therapy", "exactly one"),
    ("stage: [V]", "criteria[0].stage", "no stage group"),
    ("any: []", "criteria[0].any", "this list is empty"),
    ("any: {sex: male}", "criteria[0].any", "not a list"),
    ("not: [{sex: male}]", "criteria[0].not", "not keys with values"),
    ("at_least: {n: 3, of: [{sex: male}]}", "criteria[0].at_least", "cannot be asked"),
    ("{sex: male, msi: MSS}", "criteria[0]", "one criterion has one key, this has 2"),
    ("sex", "criteria[0]", "this is a text"),
    ("not:", "criteria[0].not", "this is empty"),
    ("systemic_lines: [1]", "criteria[0].systemic_lines", "a range is expected"),
    ("free_text:", "criteria[0].free_text", "text is expected"),
]


@pytest.mark.parametrize(("written", "key", "said"), MISTAKES)
def test_a_mistake_is_named_with_file_line_key_and_remedy(tmp_path: Path, written: str, key: str, said: str) -> None:
    """The message says where (file, line, key) and what to do; the trial is left out."""
    trials, (problem,) = read(tmp_path, f"{HEAD}      - {written}\n")
    assert trials == []
    assert problem.severity == "error"
    assert problem.error.path == tmp_path / "trial.yaml"
    assert problem.error.line == 12
    assert problem.error.column == f"cohorts[0].{key}"
    assert problem.error.remedy
    assert said.lower() in str(problem).lower()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("title: A trial\n", "", 1, "'title' is missing"),
        ("countries: [NO, SE]", "countries: [Norway]", 1, "no country code"),
        ("r: 4", "r: 30", 5, "no two-stage design"),
        ("p0: 0.1", "p0: 0.5", 5, "0 < p0 < p1 < 1"),
        ("p1: 0.3", "p1: high", 5, "not a number"),
        ("design: {r1: 0, n1: 8, r: 4, n: 24, p0: 0.1, p1: 0.3}\n", "", 6, "gives a design"),
        ("drugs: [Herceptin]", "drugs: []", 9, "empty"),
        ("id: C1", "id: two words", 7, "no identifier"),
        ("id: T1", "id: T1\nid: T2", 3, "stands twice"),
        ("format: kohort-trial/1", "format: kohort-trial/2", 1, "Use kohort-trial/1"),
        ("format: kohort-trial/1\n", "", 1, "this is no trial"),
        ("    title: A cohort", "    title: A cohort\n    state: open", 9, "Did you mean 'status'?"),
        ("title: A trial", "title: [A trial", 4, "is not YAML"),
        ("title: A trial", "title: &t A trial", 8, "alias"),
    ],
)
def test_a_mistake_in_the_head_is_named_as_well(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    """Also outside the criteria every message has its line."""
    text = HEAD.replace(old, new) + "      - sex: female\n"
    if "&t" in new:
        text = text.replace("title: A cohort", "title: *t")
    trials, (problem, *_) = read(tmp_path, text)
    assert trials == []
    assert said in str(problem)
    assert problem.error.line == line


def test_one_bad_trial_never_stops_the_others(tmp_path: Path) -> None:
    """A folder is read in name order; what is wrong is reported beside what was read."""
    good = f"{HEAD}      - sex: female\n"
    write(tmp_path, good.replace("id: T1", "id: B"), "b.yaml")
    write(tmp_path, "treatment_list: {step: []}\n", "c.json")
    write(tmp_path, "- just\n- a list\n", "d.yml")
    write(tmp_path, good.replace("id: T1", "id: A"), "e.yaml")
    (tmp_path / "a.yaml").write_bytes(b"title: \xff\xfe\n")
    (tmp_path / "notes.txt").write_text("not a trial")
    trials, problems = read_trials(tmp_path)
    assert [trial.id for trial in trials] == ["B", "A"]
    assert [problem.error.path.name for problem in problems if problem.error.path] == ["a.yaml", "c.json", "d.yml"]
    assert "is not JSON" in str(problems[1])


def test_all_mistakes_of_a_trial_are_reported_at_once(tmp_path: Path) -> None:
    """Two bad cohorts, two messages; the good one is not matched without them."""
    cohort = HEAD[HEAD.index("  - id: C1") :]
    bodies = [(HEAD, "sex: x"), (cohort.replace("C1", "C2"), "msi: y"), (cohort.replace("C1", "C3"), "sex: male")]
    text = "".join(f"{head}      - {criterion}\n" for head, criterion in bodies)
    trials, problems = read(tmp_path, text)
    assert trials == []
    assert [problem.error.line for problem in problems] == [12, 18]


def test_a_name_outside_the_tables_is_a_warning(tmp_path: Path) -> None:
    """An unknown gene or drug may be right: the trial is read, and the name reported."""
    criteria = ("mutation: BRAFF", "prior_therapy: nosuchdrug", "prior_therapy: {drug_class: nosuchclass}")
    text = HEAD.replace("Herceptin", "kohortinib") + "".join(f"      - {one}\n" for one in criteria)
    trials, problems = read(tmp_path, text)
    assert len(trials) == 1
    assert [problem.severity for problem in problems] == ["warning"] * 4
    assert all(problem.error.line == 7 for problem in problems)
    for name in ("'BRAFF'", "'nosuchdrug'", "'nosuchclass'", "'kohortinib'"):
        assert any(name in str(problem) for problem in problems)


def test_a_file_may_hold_several_trials_and_an_id_that_stands_twice_is_numbered(tmp_path: Path) -> None:
    """Documents divided by three dashes; the second of the same name is matched under another, and reported."""
    good = f"{HEAD}      - sex: female\n"
    trials, (problem,) = read(tmp_path, "---\n".join([good, good.replace("id: T1", "id: T2"), good]))
    assert [trial.id for trial in trials] == ["T1", "T2", "T1.2"]
    assert (problem.rule, problem.severity) == ("duplicate-trial", "warning")
    assert problem.error.line == 27


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    """A wrong path is a problem like any other."""
    trials, (problem,) = read_trials([tmp_path / "none.yaml"])
    assert trials == []
    assert "cannot be read" in str(problem)


def test_json_is_yaml_too(tmp_path: Path) -> None:
    """A trial may be written as JSON, with tabs."""
    text = json.dumps(_plain(f"{HEAD}      - sex: female\n"), indent="\t")
    trials, problems = read_trials(write(tmp_path, text, "trial.json"))
    assert (len(trials), problems) == (1, [])


NEED_MEANING = ("LUDA", "code: LUAD", "months", ">65", "V600}", "Missence", "drug_class", "[V]", "n: 3", ": any")
"""What is wrong with these only a table or arithmetic tells."""


@pytest.mark.parametrize("written", [row[0] for row in MISTAKES if not any(mark in row[0] for mark in NEED_MEANING)])
def test_the_schema_refuses_mistakes_of_form(written: str) -> None:
    """What is wrong by form alone is marked in the editor already."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(_plain(f"{HEAD}      - {written}\n"), json_schema())


def test_the_schema_is_itself_a_schema_with_words_for_every_key() -> None:
    """Valid JSON Schema 2020-12; editors show a sentence on hover."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    criteria = schema["$defs"]["criterion"]["properties"]
    assert all(part["description"].endswith(".") for part in criteria.values())
