"""Trials in CTML, the language of MatchMiner: files, levels, statuses and match clauses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kohort.errors import InputError
from kohort.match import read_clause, read_trials
from kohort.match.criteria import And, Diagnosis, DiseaseStatus, Or, Sex, Unread, leaves
from tests.spec.match.match_ctml_text import arm_of, clinical, meant, read, rules, trial_of

MALE, LUNG = {"gender": "Male"}, {"oncotree_primary_diagnosis": "Lung"}
MALE_NODE, LUNG_NODE = {"clinical": MALE}, {"clinical": LUNG}


def test_a_file_holds_one_trial_or_several_one_after_the_other() -> None:
    """JSON objects in a row, with or without a line between them."""
    first, second = (json.dumps(trial_of([MALE_NODE], protocol_no=number)) for number in ("11-111", "22-222"))
    assert [trial.id for trial in read(f"{first}{second}")[0]] == ["11-111", "22-222"]


def test_a_file_may_hold_a_list_of_trials() -> None:
    """A JSON array."""
    trials = [trial_of([MALE_NODE], protocol_no=number) for number in ("11-111", "22-222")]
    assert [trial.id for trial in read(trials)[0]] == ["11-111", "22-222"]


def test_yaml_holds_the_same() -> None:
    """Documents are divided by three dashes; ``!`` needs no quotation marks, and N is no truth."""
    arm = "{arm_code: A, arm_suspended: N, match: [{clinical: {oncotree_primary_diagnosis: !Renal Cell Carcinoma}}]}"
    text = f"status: Open to Accrual\nprotocol_no: 11-111\ntreatment_list: {{step: [{{arm: [{arm}]}}]}}\n"
    trials, _ = read(f"---\n{text}---\n{text.replace('11-111', '22-222')}", name="trials.yaml")
    assert [trial.id for trial in trials] == ["11-111", "22-222"]
    assert trials[0].arms[0].criteria.words == "not diagnosis Renal Cell Carcinoma (RCC)"


def test_a_malformed_trial_never_stops_the_others() -> None:
    """It is reported with its line; reading goes on at the next."""
    good = trial_of([MALE_NODE])
    trials, problems = read('{"protocol_no": "1-1", "status": }', good, {**good, "protocol_no": "2-2"})
    assert [trial.id for trial in trials] == ["11-111", "2-2"]
    assert (problems[0].severity, problems[0].error.line) == ("error", 1)


def test_a_malformed_part_is_unknown_for_everybody_and_the_rest_is_matched() -> None:
    """A null node, a bare key, a bad age: each a problem with its line and the way to it."""
    match = [MALE_NODE, {"genomic": None}, {"hugo_symbol": "EGFR"}, clinical(age_numerical="adult")]
    (trial,), problems = read(trial_of(match))
    male, *others = leaves(trial.arms[0].criteria)
    assert male == Sex("male")
    assert [type(leaf) for leaf in others] == [Unread] * 3
    errors = [problem for problem in problems if problem.severity == "error"]
    assert [problem.rule for problem in errors] == ["null-node", "bare-key", "unknown-value"]
    assert errors[0].error.column == "treatment_list.step[0].arm[0].match[1].genomic"


def test_a_clause_at_each_level_stands_alone() -> None:
    """Step, arm and dose level are three arms; nothing is inherited. A level without a clause is none."""
    trial = trial_of([MALE_NODE])
    step = trial["treatment_list"]["step"][0]
    step["match"] = [LUNG_NODE]
    step["arm"][0]["dose_level"] = [{"level_internal_id": 7, "level_code": "5 mg", "match": [MALE_NODE, LUNG_NODE]}]
    step["arm"].append({"arm_internal_id": 2, "arm_code": "B", "match": []})
    (read_trial,), _ = read(trial)
    assert [(arm.id, arm.level, arm.code) for arm in read_trial.arms] == [
        ("step-1", "step", "1"),
        ("arm-1", "arm", "A"),
        ("dose-7", "dose", "5 mg"),
    ]
    assert [arm.criteria for arm in read_trial.arms] == [
        Diagnosis("LUNG"),
        Sex("male"),
        And(Sex("male"), Diagnosis("LUNG")),
    ]
    assert read_trial.arms[2].path == "treatment_list.step[0].arm[0].dose_level[0]"


def test_an_arm_without_an_internal_id_of_its_own_is_named_by_its_place() -> None:
    """So are two arms that share one."""
    trial = trial_of([MALE_NODE])
    (arm,) = trial["treatment_list"]["step"][0]["arm"]
    trial["treatment_list"]["step"][0]["arm"] += [arm, {"arm_code": "C", "match": [MALE_NODE]}]
    (found,), _ = read(trial)
    assert [arm.id for arm in found.arms] == ["step1.arm1", "step1.arm2", "step1.arm3"]


def test_a_trial_is_known_by_its_protocol_number_else_its_registry_number_else_its_file() -> None:
    """Signs that an identifier cannot have become dashes."""
    assert read(trial_of([MALE_NODE], protocol_no="PM 1/2"))[0][0].id == "PM-1-2"
    nameless = trial_of([MALE_NODE])
    del nameless["protocol_no"]
    assert read({**nameless, "nct_id": "NCT01"})[0][0].id == "NCT01"
    trials, problems = read(nameless, nameless, name="mine.json")
    assert [trial.id for trial in trials] == ["mine", "mine-2"]
    assert [problem.rule for problem in problems] == ["odd-protocol-number"] * 2


@pytest.mark.parametrize(
    ("status", "summary", "expected", "expected_rules"),
    [
        (None, "Open to Accrual", "open", []),
        ("Open to Accrual", "CLOSED TO ACCRUAL", "closed", []),
        ("open to accrual", None, "open", ["status-without-summary"]),
        ("Closed to Accrual", None, "closed", ["status-without-summary"]),
        (None, None, "open", ["no-status"]),
        (None, "Recruiting", "open", ["unknown-value"]),
        (None, "New", "closed", ["unknown-value"]),
    ],
)
def test_the_status_of_the_summary_goes_before_the_other(
    status: str | None, summary: str | None, expected: str, expected_rules: list[str]
) -> None:
    """Open is *open to accrual* in any case."""
    trial: dict[str, Any] = trial_of([MALE_NODE], status=status)
    trial["_summary"] = {} if summary is None else {"status": [{"value": summary}]}
    (found,), problems = read({key: value for key, value in trial.items() if value is not None})
    assert found.status == expected
    assert [problem.rule for problem in problems] == expected_rules


@pytest.mark.parametrize(
    ("word", "status", "rule"),
    [
        ("N", "open", None),
        (" y ", "suspended", None),
        ("Yes", "suspended", "suspended-word"),
        (True, "suspended", "stops-matchengine"),
        ("perhaps", "open", "suspended-word"),
    ],
)
def test_arms_and_dose_levels_are_suspended_by_a_word(word: object, status: str, rule: str | None) -> None:
    """Only Y counts for the engine; other words are understood, and noted."""
    trial = trial_of([MALE_NODE])
    trial["treatment_list"]["step"][0]["arm"][0]["arm_suspended"] = word
    (found,), problems = read(trial)
    assert found.arms[0].status == status
    assert [problem.rule for problem in problems] == ([] if rule is None else [rule])


def test_a_step_is_suspended_if_all_of_its_arms_are() -> None:
    """An open dose level below a suspended arm stays open."""
    trial = trial_of([MALE_NODE])
    step = trial["treatment_list"]["step"][0]
    step["match"] = [MALE_NODE]
    step["arm"][0] |= {"arm_suspended": "Y", "dose_level": [{"level_code": "1", "match": [MALE_NODE]}]}
    (found,), _ = read(trial)
    assert [arm.status for arm in found.arms] == ["suspended", "suspended", "open"]


def test_items_of_a_list_are_joined_by_the_operator_above_them() -> None:
    """Those of ``match`` itself by AND; any key that begins with and / or is that operator."""
    female, breast = clinical(gender="Female"), clinical(oncotree_primary_diagnosis="Breast")
    found = meant({"or1": [{"and_2": [MALE_NODE, LUNG_NODE]}, {"and": [female, breast]}]})
    assert found == Or(And(Sex("male"), Diagnosis("LUNG")), And(Sex("female"), Diagnosis("BREAST")))
    assert meant({"or": [MALE_NODE, LUNG_NODE]}, female) == And(Or(Sex("male"), Diagnosis("LUNG")), Sex("female"))


def test_several_keys_in_one_item_all_have_to_hold() -> None:
    """Keys of one node, and nodes and operators side by side."""
    assert meant({"clinical": MALE | LUNG}) == And(Sex("male"), Diagnosis("LUNG"))
    beside = {"or": [MALE_NODE, LUNG_NODE], "clinical": {"gender": "Female"}}
    assert meant({"and": [beside]}) == And(Or(Sex("male"), Diagnosis("LUNG")), Sex("female"))
    assert rules({"and": [beside]}) == ["several-keys"]


def test_a_part_that_stands_twice_counts_once() -> None:
    """Needless brackets are left out."""
    assert meant({"and": [{"and": [MALE_NODE]}, {"or": [MALE_NODE]}]}) == Sex("male")


def test_a_match_that_is_no_list_is_read_and_reported() -> None:
    """The engine ends its run there."""
    (found,), problems = read(trial_of(MALE_NODE))
    assert found.arms[0].criteria == Sex("male")
    assert found.arms[0].matchengine == Or()
    assert [problem.rule for problem in problems] == ["match-not-a-list", "stops-matchengine"]


def test_an_operator_without_parts_is_reported() -> None:
    """An empty OR is unknown: nobody could meet it, and nobody can have meant that. An empty AND asks nothing."""
    assert meant(MALE_NODE, {"and": []}) == Sex("male")
    assert isinstance(list(leaves(meant(MALE_NODE, {"or": []})))[1], Unread)
    assert rules(MALE_NODE, {"or": []}, {"and": []}) == ["empty-list", "empty-list"]


def test_a_match_clause_at_the_top_holds_for_every_arm() -> None:
    """The engine never loads it."""
    (found,), problems = read(trial_of([MALE_NODE], match=[clinical(disease_status=["Metastatic"])]))
    assert found.arms[0].criteria == And(DiseaseStatus(("metastatic",)), Sex("male"))
    assert found.arms[0].matchengine == Sex("male")
    assert [problem.rule for problem in problems] == ["ignored-by-matchengine"]


def test_what_cannot_be_read_at_the_top_is_for_people() -> None:
    """Trials use this clause for headings: as a criterion it would make every verdict unknown."""
    top = [clinical(disease_status=["Advanced Solid Tumors"]), LUNG_NODE]
    (found,), problems = read(trial_of([MALE_NODE], match=top))
    assert found.arms[0].criteria == And(Diagnosis("LUNG"), Sex("male"))
    assert found.by_hand == ("“disease_status: Advanced Solid Tumors”",)
    assert ("warning", "unknown-value") in {(problem.severity, problem.rule) for problem in problems}


def test_a_trial_says_its_title_phase_drugs_countries_and_what_people_check() -> None:
    """Drugs of an arm are those of the trial that its texts name; combinations are divided."""
    trial = trial_of(
        [MALE_NODE],
        short_title="A trial",
        phase="II",
        drug_list={"drug": [{"drug_name": "Vemurafenib plus Cobimetinib"}, {"drug_name": "Olaparib"}]},
        site_list={"site": [{"site_name": "Oslo", "country": "NO"}]},
        prior_treatment_requirements=["ECOG 0-1"],
    )
    (arm,) = trial["treatment_list"]["step"][0]["arm"]
    arm["dose_level"] = [{"level_code": "Vemurafenib"}, {"level_code": "Cobimetinib"}]
    trial["treatment_list"]["step"][0]["arm"].append({"arm_code": "Olaparib 300 mg", "match": [LUNG_NODE]})
    (found,), _ = read(trial)
    assert (found.title, found.phase, found.countries, found.by_hand) == ("A trial", "II", ("NO",), ("ECOG 0-1",))
    assert [arm.drugs for arm in found.arms] == [("vemurafenib", "cobimetinib"), ("olaparib",)]


def test_a_trial_without_a_clause_is_no_trial_to_match() -> None:
    """It is reported, and left out."""
    trials, problems = read(trial_of([]))
    assert trials == []
    assert problems[-1].rule == "no-match-clause"


def test_a_clause_alone_can_be_read_and_is_no_trial(tmp_path: Path) -> None:
    """Nodes of other names are unknown for everybody, and keep their text."""
    path = tmp_path / "clause.json"
    path.write_text(json.dumps({"and": [{"g1": {"key": "value"}}, MALE_NODE]}))
    found = read_clause(path)
    assert [leaf.words for leaf in leaves(found)] == ["“g1: {key: value}” (not understood)", "sex male"]
    trials, (problem,) = read_trials(path)
    assert trials == []
    assert "match clause of CTML without its trial" in str(problem)


def test_what_is_no_clause_is_refused(tmp_path: Path) -> None:
    """With what it is."""
    for text, said in (("{}", "no match clause"), ("", "is empty"), ("{", "is not JSON")):
        path = tmp_path / "clause.json"
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            read_clause(path)


def test_each_arm_knows_its_line() -> None:
    """For messages about the whole of it."""
    assert arm_of([MALE_NODE]).line == 16
