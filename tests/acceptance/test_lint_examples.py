"""Real trial files from beginning to end: every trap that they hold is found, and matching goes on."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kohort.match import Population, match, read_trials
from kohort.match.linter import lint, lint_trials
from kohort.store import Site
from kohort.tables import MemoryTables
from tests.support import SHARED, needs_shared

TRIALS = SHARED / "trials"
ENGINE = TRIALS / "matchengine"
CAPTUR = TRIALS / "NCT03297606_CAPTUR_Trial_v7.json"
TRESR = TRIALS / "NCT04497116_TRESR_Trial_V2_fixed.json"
OSIMERTINIB = TRIALS / "NCT02503722_Osimertinib_fixed.json"
AS_OF = date(2017, 1, 1)

EMPTY = MemoryTables({"person": [{"person": 1, "id": 1}]})
"""One patient of whom nothing is known."""


def of_meaning(path: Path) -> Counter[str]:
    """What the checks on the meaning find, without what reading finds."""
    trials, _ = read_trials(path)
    return Counter(problem.rule for problem in lint_trials(trials))


@pytest.mark.realdata
@needs_shared
@pytest.mark.parametrize(
    ("trap", "rule", "times"),
    [
        ("High Amplication", "misspelt-call", 1),
        ("the amplification call in the patient's spelling", "call-spelling", 18),
        ("wildcard_protein_change that holds a full change", "wildcard-holds-change", 7),
        ("molecular_function, which nothing maps", "unknown-key", 28),
        ("ms_status in a clinical node", "key-in-wrong-node", 1),
        ("tmb without an operator", "wrong-type", 1),
        ("er_status, which the engine ignores", "ignored-by-matchengine", 1),
        ("Ovary, which is no node", "unknown-diagnosis", 1),
        ("disease_status with words outside the list", "unknown-value", 3),
        ("status but no _summary", "status-without-summary", 1),
        ("protocol_no PM1", "odd-protocol-number", 1),
        ("ECOG, laboratory values and histology as words", "free-text-only", 1),
        ("ERBB2 p.V600E, which is BRAF's", "doubtful-residue", 1),
        ("ERBB2 p.P780ins, an insertion of nothing", "incomplete-change", 1),
        ("an arm that no verdict can favour", "never-decided", 1),
    ],
)
def test_every_trap_of_captur_is_found(trap: str, rule: str, times: int) -> None:
    """CAPTUR (NCT03297606), a real basket trial; at least as often as the trap is in the file."""
    found = Counter(problem.rule for problem in lint(CAPTUR))
    assert found[rule] >= times, trap


@pytest.mark.realdata
@needs_shared
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            CAPTUR,
            # ERBB2 p.V600E and p.P780ins; arm 6 asks for "tmb: 10".
            {"doubtful-residue": 1, "incomplete-change": 1, "never-decided": 1},
        ),
        # RP-3500 is in no drug table; modules 1 and 3 take the same patients for other drugs.
        (TRESR, {"unknown-drug": 1, "duplicate-arm": 1}),
        # p.729_761del: exon 19 by its residues alone.
        (OSIMERTINIB, {"incomplete-change": 1}),
        (ENGINE / "integration_trials" / "all_closed.json", {"no-open-arm": 1}),
        (ENGINE / "integration_trials" / "all_closed_trial_closed.json", {"no-open-arm": 1}),
        (ENGINE / "integration_trials" / "run_log_arm_closed.json", {"no-open-arm": 1}),
        (ENGINE / "integration_trials" / "all_open.json", {}),
        (ENGINE / "integration_trials" / "closed_dose.json", {}),
        (ENGINE / "integration_trials" / "older_than_18.json", {}),
        # MMR-deficient and not MSI-H in one path; MSI-H beside MMR-deficient; a path within one of its parts.
        (
            ENGINE / "integration_trials" / "massive_match_clause.json",
            {"discordant-results": 1, "redundant-alternative": 2, "unknown-gene": 2},
        ),
        # Each signature is asked as present or absent.
        (ENGINE / "integration_trials" / "signatures.json", {"always-true": 1}),
        # >=10 or <=40, and more.
        (ENGINE / "integration_trials" / "tmb.json", {"always-true": 1}),
        # NPM1 alone holds NPM1 with any gene and with a place between genes.
        (
            ENGINE / "integration_trials" / "structured_sv.json",
            {"redundant-alternative": 2, "unknown-gene": 2},
        ),
        (ENGINE / "trials" / "11-111.json", {}),
        (ENGINE / "trials" / "11-112.json", {}),
        (ENGINE / "yaml" / "11-112.yaml", {}),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_the_findings_are_those_worked_out_by_hand(path: Path, expected: dict[str, int]) -> None:
    """Checks on the meaning; each finding was verified against the file."""
    assert of_meaning(path) == expected


@pytest.mark.realdata
@needs_shared
def test_a_site_adds_what_its_data_cannot_answer(tmp_path: Path) -> None:
    """TCGA: no copy number, no fusions, no children, and neither leukaemia nor basal cell carcinoma."""
    site = Site.create(tmp_path / "site", name="TCGA", country="NO")
    site.ingest([SHARED / "tcga"])
    population = Population.of(site, known_by=AS_OF)
    captur, _ = read_trials(CAPTUR)
    alone = {str(problem) for problem in lint_trials(captur)}
    added = [problem for problem in lint_trials(captur, population, AS_OF) if str(problem) not in alone]
    assert Counter(problem.rule for problem in added) == {"unanswerable": 7, "excludes-nobody": 7}
    unanswerable = [problem.error.what for problem in added if problem.rule == "unanswerable"]
    assert sum("copy-number test" in what for what in unanswerable) == 5
    assert sum("structural-variant test" in what for what in unanswerable) == 2
    words = " ".join(problem.error.what for problem in added if problem.rule == "excludes-nobody")
    for nobody in ("age >=18", "(CML)", "(GIST)", "(SCLC)", "(PANCREAS)", "(PNET)", "(BCC)"):
        assert nobody in words


@pytest.mark.realdata
@needs_shared
def test_matching_goes_on() -> None:
    """Every example trial with a clause is read and matched, whatever was found."""
    files = [CAPTUR, TRESR, OSIMERTINIB, *sorted((ENGINE / "integration_trials").iterdir())]
    for path in [*files, *sorted((ENGINE / "trials").iterdir()), *sorted((ENGINE / "yaml").iterdir())]:
        trials, _ = read_trials(path)
        assert trials, path.name
        assert match(trials, EMPTY, AS_OF).counts().height == sum(len(trial.arms) for trial in trials)


def _trial(node: Any, **more: Any) -> dict[str, Any]:
    arm = {"arm_code": "A", "arm_internal_id": 1, "arm_suspended": "N", "match": [node]}
    summary = {"status": [{"value": "Open to Accrual"}]}
    return {"protocol_no": "11-001", "_summary": summary, "treatment_list": {"step": [{"arm": [arm]}]}} | more


def _mutation(gene: str, **more: Any) -> dict[str, Any]:
    return {"genomic": {"hugo_symbol": gene, "variant_category": "Mutation", **more}}


ADULT = {"clinical": {"age_numerical": ">=18"}}
CHILD = {"clinical": {"age_numerical": "<18"}}

ELSEWHERE = [
    ("a digit lost", _trial(_mutation("BRAF", protein_change="p.V60E")), "doubtful-residue"),
    ("another residue at that place", _trial(_mutation("BRAF", protein_change="p.K600E")), "impossible-residue"),
    ("that of a wildcard", _trial(_mutation("BRAF", wildcard_protein_change="p.K600")), "impossible-residue"),
    ("G12X as an exact change", _trial(_mutation("KRAS", protein_change="p.G12X")), "exact-change-is-wildcard"),
    ("exon as text", _trial(_mutation("EGFR", exon="19")), "wrong-type"),
    ("a null node", _trial({"and": [ADULT, {"clinical": None}]}), "null-node"),
    ("a bare gene", _trial({"and": [ADULT], "hugo_symbol": "EGFR"}), "bare-key"),
    ("a step without arms", _trial(ADULT, treatment_list={"step": [{"match": [ADULT]}]}), "step-without-arm"),
    ("no _summary", {**_trial(ADULT), "_summary": None, "status": "Open to Accrual"}, "status-without-summary"),
    ("no status", {**_trial(ADULT), "_summary": None}, "no-status"),
    ("an unknown key", _trial(_mutation("EGFR", hugo="EGFR")), "unknown-key"),
    ("an unknown word", _trial({"clinical": {"gender": "Mann"}}), "unknown-value"),
    ("an unknown gene", _trial(_mutation("EGFRR")), "unknown-gene"),
    ("an outdated symbol", _trial(_mutation("MLL")), "alias-gene"),
    ("an unknown diagnosis", _trial({"clinical": {"oncotree_primary_diagnosis": "Lugn"}}), "unknown-diagnosis"),
    ("a negated one", _trial({"clinical": {"oncotree_primary_diagnosis": "!Lugn"}}), "unknown-diagnosis"),
    ("a contradiction", _trial({"and": [ADULT, CHILD]}), "never-satisfied"),
    (
        "a gene and its negation",
        _trial({"and": [_mutation("EGFR"), {"genomic": {"hugo_symbol": "EGFR", "variant_category": "!Mutation"}}]}),
        "never-satisfied",
    ),
    ("an ignored field", _trial({"and": [ADULT, {"clinical": {"her2_status": "Positive"}}]}), "ignored-by-matchengine"),
    ("a duplicate path", _trial({"or": [_mutation("EGFR"), _mutation("ALK"), _mutation("EGFR")]}), "duplicate-path"),
]


@pytest.mark.parametrize(("trap", "trial", "rule"), ELSEWHERE, ids=[trap for trap, _, _ in ELSEWHERE])
def test_traps_of_other_trials_are_found(tmp_path: Path, trap: str, trial: dict[str, Any], rule: str) -> None:
    """Invented trials in CTML, each with one trap that was seen in a real one; the trial is matched all the same."""
    path = tmp_path / "trial.json"
    path.write_text(json.dumps(trial), encoding="utf-8")
    assert rule in [problem.rule for problem in lint(path)], trap
    trials, _ = read_trials(path)
    assert match(trials, EMPTY, AS_OF).counts().height == 1
