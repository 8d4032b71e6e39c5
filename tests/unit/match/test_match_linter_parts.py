"""Small odds of the linter for trials."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.errors import IntegrityError
from kohort.match import Arm, Trial, default_protocol
from kohort.match.criteria import (
    And,
    AtLeast,
    Criterion,
    FreeText,
    Laboratory,
    Msi,
    Mutation,
    Or,
    PriorTherapy,
    Range,
    Sex,
)
from kohort.match.linter import RULES, lint, lint_trials
from kohort.match.linter.findings import cut, listed
from kohort.match.linter.rules import known
from kohort.tables import MemoryTables


def rules(*criteria: Criterion) -> list[str]:
    trial = Trial("T1", "a trial", (Arm("A1", "an arm", (), And(*criteria)),))
    return [problem.rule for problem in lint_trials(trial)]


def test_a_file_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    (found,) = lint(tmp_path / "none.yaml")
    assert found.severity == "error"


def test_the_protocol_that_travels_with_kohort_holds_no_error_or_warning() -> None:
    assert [p for p in lint_trials(default_protocol()) if p.severity != "note"] == []


def test_a_site_without_patients_says_nothing() -> None:
    empty = MemoryTables({"person": []})
    trial = Trial("T1", "a trial", (Arm("A1", "an arm", (), And(Sex("male"))),))
    assert lint_trials(trial, empty) == []


def test_one_trial_or_several_may_be_given() -> None:
    trial = Trial("T1", "a trial", (Arm("A1", "an arm", (), And()),))
    assert len(lint_trials([trial, trial])) == 2


def test_an_unknown_drug_of_a_criterion_is_told() -> None:
    assert rules(PriorTherapy(drug="wonderinib")) == ["unknown-drug"]


def test_at_least_n_of_words_and_facts() -> None:
    words, facts = FreeText("fit"), (Sex("male"), Msi("MSS"))
    assert rules(AtLeast(2, words, *facts)) == []
    assert rules(AtLeast(3, words, *facts)) == ["never-decided"]


def test_ranges_of_a_test_that_no_table_holds_are_compared_in_their_unit() -> None:
    low, high = (Laboratory("frobnicase", Range.parse(text), "U/L") for text in ("<5", ">9"))
    assert rules(low, high) == ["never-satisfied"]


def test_suggestions_for_residues() -> None:
    trial = Trial(
        "T1",
        "a trial",
        (
            Arm(
                "A1",
                "an arm",
                (),
                Or(
                    Mutation("KRAS", protein_change="Q12del"),
                    Mutation("KRAS", protein_change="Q12fs"),
                    Mutation("EGFR", protein_change="L790del"),
                ),
            ),
        ),
    )
    assert {problem.rule for problem in lint_trials(trial)} == {"impossible-residue"}


def test_long_lists_and_texts_are_cut() -> None:
    assert listed("abcdefg") == "a, b, c, d and 3 more"
    assert listed([]) == ""
    assert cut("word " * 100).endswith("word …")


def test_a_rule_that_is_not_explained_is_a_fault_of_kohort() -> None:
    with pytest.raises(IntegrityError):
        known("no-such-rule")
    assert all(words.endswith(".") for words in RULES.values())
