"""The linter for trials: names, residues and shape, each finding with its place and a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.match import Arm, Problem, Trial
from kohort.match.criteria import Age, And, Criterion, Fusion, Mutation, PriorTherapy, Range, WildType
from kohort.match.linter import lint, lint_trials

HEAD = """\
format: kohort-trial/1
id: T1
title: A trial
design: {r1: 0, n1: 8, r: 4, n: 24, p0: 0.1, p1: 0.3}
cohorts:
  - id: C1
    title: A cohort
    drugs: [trastuzumab]
    source: written for this test
    criteria:
"""
"""Ten lines: the first criterion stands on line 11."""


def linted(folder: Path, *criteria: str) -> list[Problem]:
    path = folder / "trial.yaml"
    path.write_text(HEAD + "".join(f"      - {one}\n" for one in criteria), encoding="utf-8")
    return lint(path)


def made(*criteria: Criterion) -> list[Problem]:
    return lint_trials(Trial("T1", "a trial", (Arm("A1", "an arm", (), And(*criteria)),)))


def one_of(problems: list[Problem], rule: str) -> Problem:
    (found,) = [problem for problem in problems if problem.rule == rule]
    return found


def test_a_sound_trial_has_no_findings(tmp_path: Path) -> None:
    """Also not the protocol that travels with Kohort."""
    assert linted(tmp_path, 'age: ">=18"', "mutation: {gene: BRAF, protein_change: V600E}") == []


def test_reading_problems_come_first(tmp_path: Path) -> None:
    """A file that cannot be read is in the list, and the others are looked at."""
    (tmp_path / "bad.yaml").write_text("format: [", encoding="utf-8")
    found = linted(tmp_path, "sex: female", "sex: male")
    assert [problem.rule for problem in found] == ["never-satisfied"]
    assert [problem.rule for problem in lint(tmp_path)] == ["unreadable", "never-satisfied"]


def test_a_finding_names_file_line_and_arm(tmp_path: Path) -> None:
    """The line is that of the cohort, the column its place in the file."""
    (found,) = linted(tmp_path, "sex: female", "sex: male")
    assert found.error.path is not None
    assert (found.error.path.name, found.error.line, found.error.column) == ("trial.yaml", 6, "cohorts[0]")
    assert "cohort C1" in str(found)


def test_an_unknown_gene_is_told_once_with_the_nearest_names(tmp_path: Path) -> None:
    """The table in use is asked."""
    found = linted(tmp_path, "mutation: BRAFF", "mutation: {gene: BRAFF, exon: 15}")
    assert one_of(found, "unknown-gene").severity == "warning"
    assert "Did you mean 'BRAF'" in one_of(made(Mutation("BRAFF")), "unknown-gene").error.remedy


def test_a_name_that_several_genes_share_is_unknown() -> None:
    """The suggestion lists them."""
    assert "NTRK1" in one_of(made(Fusion("TRK")), "unknown-gene").error.remedy


def test_unknown_drugs_and_classes_are_told() -> None:
    """In criteria and as the drugs of an arm."""
    arm = Arm("A1", "an arm", ("wonderinib",), And(PriorTherapy(drug_class="EGFR inhibitors")))
    found = lint_trials(Trial("T1", "a trial", (arm,)))
    assert [problem.rule for problem in found] == ["unknown-drug-class", "unknown-drug"]
    assert found[0].error.remedy.startswith("Did you mean 'egfr inhibitor'")


@pytest.mark.parametrize(
    ("written", "now", "sort"),
    [
        ("mutation: HER2", "ERBB2", "another name"),
        ("wild_type: {gene: HER2}", "ERBB2", "another name"),
        ("fusion: {gene: EML4, partner: CD246}", "ALK", "another name"),
        ("copy_number: {gene: MLL, call: gain}", "KMT2A", "former symbol"),
    ],
)
def test_another_name_than_the_approved_symbol_is_a_note(tmp_path: Path, written: str, now: str, sort: str) -> None:
    """The criterion is right, since names are resolved; the file is told to say so."""
    found = one_of(linted(tmp_path, written), "alias-gene")
    assert (found.severity, found.error.line) == ("note", 11)
    assert sort in found.error.what
    assert found.error.remedy == f"Write {now}."


def test_an_oncotree_code_of_an_earlier_release_is_a_note(tmp_path: Path) -> None:
    """DLBCL is DLBCLNOS since."""
    found = one_of(linted(tmp_path, "diagnosis: DLBCL"), "former-diagnosis")
    assert found.error.remedy == "Write DLBCLNOS."


def test_a_residue_that_the_protein_does_not_have_is_a_warning() -> None:
    """Residue 600 of BRAF is valine."""
    found = one_of(made(Mutation("BRAF", protein_change="K600E")), "impossible-residue")
    assert "residue 600 is V, not K" in found.error.what
    assert "p.K601E" in found.error.remedy


def test_both_ends_of_a_deletion_are_looked_at() -> None:
    """EGFR 746 is E, 750 is A."""
    assert made(Mutation("EGFR", protein_change="E746_A750del")) == []
    found = one_of(made(Mutation("EGFR", protein_change="E746_S750del")), "impossible-residue")
    assert "residue 750 is A, not S" in found.error.what


def test_two_numberings_that_are_in_use_are_both_right() -> None:
    """Histone H3: lysine 27 without, 28 with the first methionine."""
    assert made(Mutation("H3-3A", protein_change="K27M")) == []
    assert made(Mutation("H3-3A", protein_change="K28M")) == []


def test_a_lost_digit_is_suggested() -> None:
    """V60E: residue 600 is V, and V600E is a change that evidence names."""
    found = one_of(made(Mutation("BRAF", protein_change="V60E")), "doubtful-residue")
    assert "Did you mean p.V600E?" in found.error.remedy


def test_a_lost_digit_is_suggested_where_the_place_is_known_too() -> None:
    """PIK3CA 111 is K; H1047R lost its zero: 147 is not known, 107 neither."""
    found = one_of(made(Mutation("PIK3CA", protein_change="H147R")), "doubtful-residue")
    assert "p.H1047R" in found.error.remedy


def test_a_change_that_is_known_of_another_gene_is_doubtful() -> None:
    """ERBB2 p.V600E: the change is BRAF's."""
    found = one_of(made(Mutation("ERBB2", protein_change="V600E")), "doubtful-residue")
    assert "BRAF p.V600E is" in found.error.what


def test_a_change_at_a_place_that_nobody_knows_is_left_alone() -> None:
    """The table holds places that evidence names, not whole proteins."""
    assert made(Mutation("BRAF", protein_change="A33T")) == []


def test_a_change_without_residues_is_told() -> None:
    """p.729_761del is met by the same wording alone; exon 19 may be meant."""
    found = one_of(made(Mutation("EGFR", protein_change="p.729_761del")), "incomplete-change")
    assert found.error.remedy == "Name them; or, if any such change within exon 19 is meant, ask for exon 19."


def test_an_insertion_without_new_residues_is_told() -> None:
    """ERBB2 p.P780ins: HGVS gives both neighbours and what is inserted."""
    found = one_of(made(Mutation("ERBB2", protein_change="p.P780ins")), "incomplete-change")
    assert "does not say what is inserted" in found.error.what


def test_x_as_any_residue_is_read_as_a_stop(tmp_path: Path) -> None:
    """KRAS G12X usually means any substitution at codon 12."""
    found = one_of(linted(tmp_path, "mutation: {gene: KRAS, protein_change: G12X}"), "x-as-stop")
    assert "codon 12" in found.error.remedy


def ctml(folder: Path, *nodes: str) -> list[Problem]:
    """A trial in CTML with these genomic nodes."""
    clause = ", ".join(f'{{"genomic": {node}}}' for node in nodes)
    arm = f'{{"arm_code": "A", "arm_internal_id": 1, "arm_suspended": "N", "match": [{{"or": [{clause}]}}]}}'
    path = folder / "trial.json"
    path.write_text(
        f'{{"protocol_no": "11-001", "_summary": {{"status": [{{"value": "Open to Accrual"}}]}}, '
        f'"treatment_list": {{"step": [{{"arm": [{arm}]}}]}}}}',
        encoding="utf-8",
    )
    return lint(path)


def test_the_residue_of_a_wildcard_is_looked_at_too(tmp_path: Path) -> None:
    """CTML: p.K600 of BRAF. The criterion keeps the number alone, so the file is asked."""
    node = '{"hugo_symbol": "BRAF", "variant_category": "Mutation", "wildcard_protein_change": "p.K600"}'
    assert "residue 600 is V" in one_of(ctml(tmp_path, node), "impossible-residue").error.what
    assert ctml(tmp_path, node.replace("K600", "V600")) == []


def test_an_alternative_that_a_file_repeats_is_told(tmp_path: Path) -> None:
    """CTML: reading takes equal alternatives once, so the file is asked; the order of keys does not matter."""
    one = '{"hugo_symbol": "BRAF", "variant_category": "Mutation"}'
    again = '{"variant_category": "Mutation", "hugo_symbol": "BRAF"}'
    found = one_of(ctml(tmp_path, one, again), "duplicate-path")
    assert found.error.column == "treatment_list.step[0].arm[0].match[0].or[1]"
    assert ctml(tmp_path, one, one.replace("BRAF", "NRAS")) == []


def test_an_arm_that_asks_nothing_is_told() -> None:
    """Every patient would be eligible."""
    assert one_of(made(), "no-criteria").severity == "warning"


def test_a_trial_that_takes_nobody_is_told() -> None:
    """No arm is open, or the trial is closed."""
    shut = Arm("A1", "an arm", (), And(Age(Range.parse(">=18"))), status="suspended")
    assert one_of(lint_trials(Trial("T1", "a trial", (shut,))), "no-open-arm").severity == "note"
    arm = Arm("A1", "an arm", (), And(WildType("KRAS")))
    assert one_of(lint_trials(Trial("T1", "a trial", (arm,), status="closed")), "no-open-arm")
