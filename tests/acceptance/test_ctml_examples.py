"""The published example trials in CTML, each with what it must give, worked out by hand from its text."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kohort.match import Arm, Population, Problem, Trial, Truth, evaluate, read_clause, read_trials
from kohort.match.criteria import Criterion, Or, Unread, leaves
from kohort.match.criteria.logic import Compound
from kohort.tables import MemoryTables
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

TRIALS = SHARED / "trials"
EXAMPLES = TRIALS / "matchengine"
CAPTUR = TRIALS / "NCT03297606_CAPTUR_Trial_v7.json"
TRESR = TRIALS / "NCT04497116_TRESR_Trial_V2_fixed.json"
OSIMERTINIB = TRIALS / "NCT02503722_Osimertinib_fixed.json"


def read(path: Path) -> tuple[Trial, Counter[str]]:
    (trial,), problems = read_trials(path)
    return trial, rules(problems)


def rules(problems: list[Problem]) -> Counter[str]:
    return Counter(problem.rule for problem in problems)


def count(criterion: Criterion) -> int:
    return len(list(leaves(criterion)))


def counts(arm: Arm) -> tuple[int, int | None]:
    """Leaves as meant, and as the engine reads them where that differs (0: nobody)."""
    return count(arm.criteria), None if arm.matchengine is None else count(arm.matchengine)


def nodes(value: Any) -> Iterator[tuple[str, Any]]:
    """Every leaf node of a raw document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"genomic", "clinical"}:
                yield name, inner
            else:
                yield from nodes(inner)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


CAPTUR_ARMS = {
    "arm-1": (("axitinib",), (8, None)),
    "arm-2": (("bosutinib",), (5, 0)),
    "arm-3": (("crizotinib",), (7, 3)),
    "arm-4": (("dasatinib",), (7, 0)),
    "arm-5": (("erlotinib",), (3, 0)),
    "arm-6": (("nivolumab", "ipilimumab"), (12, 0)),
    "arm-7": (("olaparib",), (7, 6)),
    "arm-8": (("palbociclib",), (7, 6)),
    "arm-9": (("sunitinib",), (56, None)),
    "arm-10": (("temsirolimus",), (19, 0)),
    "arm-11": (("trastuzumab", "pertuzumab"), (19, 16)),
    "arm-12": (("vemurafenib", "cobimetinib"), (12, 0)),
    "arm-13": (("vismodegib",), (4, 3)),
}
"""By arm: its drugs; its distinct leaves as meant and as the engine reads them.

The engine loses six arms whole: 2, 4, 5 and 10 ask for an effect everywhere, 6 for microsatellites in the wrong
node, 12 for whole changes as wildcards. It loses alternatives of 3, 11 and 13, ``!Ovary`` of 7, and the oestrogen
receptor of 8.
"""


def test_captur_is_read_with_its_thirteen_arms() -> None:
    """A basket trial of two-drug and one-drug groups; the drugs stand in the dose levels."""
    trial, _ = read(CAPTUR)
    assert (trial.id, trial.status, trial.phase, trial.format) == ("PM1", "open", "II", "ctml")
    assert {arm.id: (set(arm.drugs), counts(arm)) for arm in trial.arms} == {
        name: (set(drugs), expected) for name, (drugs, expected) in CAPTUR_ARMS.items()
    }
    assert {(arm.level, arm.status) for arm in trial.arms} == {("arm", "open")}
    assert [arm.id for arm in trial.arms if arm.matchengine == Or()] == [f"arm-{n}" for n in (2, 4, 5, 6, 10, 12)]


def test_every_trap_of_captur_is_a_problem() -> None:
    """Counted in the raw text, and found by the reader."""
    text = CAPTUR.read_text()
    raw = list(nodes(json.loads(text)))
    assert Counter(name for name, _ in raw) == {"genomic": 118, "clinical": 32}
    _, found = read(CAPTUR)
    effects = sum("molecular_function" in keys for _, keys in raw)
    assert (effects, text.count("High level amplification")) == (28, 18)
    assert found == {
        "unknown-key": effects + 1,  # and tmb
        "call-spelling": 18,
        "wildcard-holds-change": 7,
        "unknown-value": 4,  # three headings at the top, and p.L755_T75del
        "misspelt-call": 1,
        "key-in-wrong-node": 1,  # ms_status
        "wrong-type": 1,  # tmb without an operator
        "unknown-diagnosis": 1,  # Ovary
        "judged-by-people": 1,  # what the fusion BCR-ABL1 does
        "ignored-by-matchengine": 2,  # the clause at the top, and er_status
        "odd-protocol-number": 1,
        "status-without-summary": 1,
        "free-text-only": 1,
    }


def test_tresr_asks_for_loss_of_one_of_many_genes() -> None:
    """Eight alternatives a gene, of which one joins two classes; three nodes of ATM ask for the impossible."""
    trial, found = read(TRESR)
    assert [(arm.code, counts(arm)) for arm in trial.arms] == [
        ("Module 1", (2, 0)),  # match_all
        ("Module 2: Arm 1", (8 + 3 + 1 + 2, 4 + 2)),
        ("Module 2: Arm 2", (2 * 8 + 2 + 2, 0)),  # RNAseH2A, RNAseH2B: no document spells them so
        ("Module 2: Arm 3", (14 * 8 + 14 + 2, 14 * 7 + 2)),
        ("Module 3", (2, 0)),
    ]
    assert [set(arm.drugs) for arm in trial.arms] == [{"rp-3500"}] * 4 + [{"rp-3500", "talazoparib"}]
    assert (found["alias-gene"], found["key-in-wrong-node"]) == (3 * 8, 3)


def test_the_osimertinib_trial_reads_the_same_in_both_views() -> None:
    """Two drugs, two alterations, one arm."""
    trial, found = read(OSIMERTINIB)
    (arm,) = trial.arms
    assert (set(arm.drugs), counts(arm), len(trial.by_hand)) == ({"osimertinib", "sapanisertib"}, (4, None), 23)
    assert found["unknown-value"] == 6


ONE = "open"
OFF = "suspended"
EXPECTED: dict[str, tuple[str, list[tuple[str, str, tuple[int, int | None]]], dict[str, int]]] = {
    "all_closed": (
        "open",
        [("step-112", OFF, (3, None)), ("arm-212", OFF, (3, None)), ("dose-312", OFF, (3, None))],
        {},
    ),
    "all_closed_trial_closed": (
        "closed",
        [("step-110", OFF, (3, None)), ("arm-210", OFF, (3, None)), ("dose-310", OFF, (3, None))],
        {},
    ),
    "all_open": ("open", [("step-111", ONE, (3, None)), ("arm-211", ONE, (3, None)), ("dose-311", ONE, (3, None))], {}),
    "all_open_dup": ("open", [("step-111", ONE, (3, 0))], {"wrong-type": 2, "step-without-arm": 1}),
    "closed_dose": (
        "open",
        [("step-114", ONE, (3, None)), ("arm-214", ONE, (3, None)), ("dose-314", OFF, (3, None))],
        {},
    ),
    "closed_step_arm": (
        "open",
        [("step-113", OFF, (3, None)), ("arm-213", OFF, (3, None)), ("dose-313", ONE, (3, None))],
        {},
    ),
    "massive_match_clause": (
        "open",
        [("arm-345", ONE, (28, 25))],  # HER2 and a rearrangement of KRAS less; MSI-H is the deficiency beside it
        {"status-without-summary": 1, "ignored-by-matchengine": 1, "any-variation": 1, "unknown-gene": 4},
    ),
    "older_than_18": ("open", [("arm-27517", ONE, (1, None))], {"status-without-summary": 1}),
    "run_log_arm_closed": ("open", [("arm-211", OFF, (3, None))], {}),
    "run_log_arm_open": ("open", [("arm-211", ONE, (3, None))], {}),
    "run_log_arm_open_criteria_change": ("open", [("arm-211", ONE, (3, None))], {}),
    "run_log_two_arms": ("open", [("arm-101", ONE, (3, None)), ("arm-202", OFF, (3, None))], {}),
    "signatures": ("open", [("arm-27517", ONE, (10, None))], {"status-without-summary": 1}),
    "structured_sv": (
        "open",
        # Of fifteen alternatives four say the same as another; that of any gene with any gene is for people.
        [("arm-12345", ONE, (3 + 11, 3 + 10)), ("arm-1234566", ONE, (5, None))],
        {"status-without-summary": 1, "unknown-gene": 3},
    ),
    "tmb": ("open", [("arm-27517", ONE, (5, None))], {"status-without-summary": 1}),
    "unstructured_sv": ("open", [("arm-27517", ONE, (1, None))], {"status-without-summary": 1}),
    "wildcard_protein_found": ("open", [("step-115", ONE, (1, 0))], {"step-without-arm": 1}),
    "wildcard_protein_not_found": ("open", [("step-116", ONE, (1, 0))], {"step-without-arm": 1}),
    "younger_than_18": ("open", [("arm-27517", ONE, (1, None))], {"status-without-summary": 1}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_trial_of_the_engines_own_tests_is_read(name: str) -> None:
    """Arms, statuses, leaves in both views, and problems."""
    trial, found = read(EXAMPLES / "integration_trials" / f"{name}.json")
    status, arms, expected_rules = EXPECTED[name]
    assert trial.status == status
    assert [(arm.id, arm.status, counts(arm)) for arm in trial.arms] == arms
    assert found == expected_rules


def test_no_example_was_forgotten() -> None:
    """Nineteen trials."""
    assert {path.stem for path in (EXAMPLES / "integration_trials").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("trials/11-111.json", ["11-111"]),
        ("trials/11-112.json", ["11-112"]),
        ("trials/trials_json_array.json", ["11-111", "22-222"]),
        ("trials/two_trials_one_doc.json", ["11-111", "22-222"]),
        ("yaml/11-111.yaml", ["11-111"]),
        ("yaml/11-112.yaml", ["11-112"]),
    ],
)
def test_files_of_every_shape_hold_the_same_trials(name: str, ids: list[str]) -> None:
    """One trial, a list, two in a row, YAML: the same criteria by the same arms."""
    trials, problems = read_trials(EXAMPLES / name)
    assert [trial.id for trial in trials] == ids
    assert rules(problems) - Counter({"odd-protocol-number": 1}) == {"no-status": len(ids)}
    (nras,), melanomas = read(EXAMPLES / "trials/11-111.json")[0].arms, read(EXAMPLES / "yaml/11-112.yaml")[0].arms
    for trial in trials:
        wanted = [nras] if trial.id == "11-111" else melanomas
        assert [arm.criteria for arm in trial.arms] == [arm.criteria for arm in wanted]
    assert [counts(arm) for arm in melanomas] == [(1 + 2 * 7, None)] * 2


def test_every_leaf_of_the_examples_can_be_decided() -> None:
    """Over a person of whom nothing is known, in both worlds."""
    nobody = Population.of(MemoryTables({"person": [{"person": 1, "id": 1}]}))
    for path in sorted(TRIALS.rglob("*.json")):
        for trial in read_trials(path)[0]:
            for arm in trial.arms:
                for closed_world in (False, True):
                    criteria = trial.criteria_of(arm, closed_world=closed_world)
                    assert evaluate(criteria, nobody, date(2026, 11, 24), closed_world=closed_world).counts[0] <= 1


# The boolean cases: a walk over the raw JSON with Python's own truth values, None for unknown.

Assignment = Mapping[str, bool | None]


def label(name: str, keys: Mapping[str, str]) -> str:
    """How the reader shows a node that it does not know."""
    return f"{name}: {{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"


def labels(item: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for name, value in item.items():
        found |= set().union(*map(labels, value)) if name in {"and", "or"} else {label(name, value)}
    return found


def walk(item: Mapping[str, Any], known: Assignment) -> bool | None:
    values = []
    for name, value in item.items():
        if name == "or":
            parts = [walk(part, known) for part in value]
            values.append(True if True in parts else None if None in parts else False)
        elif name == "and":
            values.append(least([walk(part, known) for part in value]))
        else:
            values.append(known[label(name, value)])
    return least(values)


def least(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def assignments(names: list[str]) -> list[Assignment]:
    """All of them, or four thousand by chance where there are too many."""
    if 3 ** len(names) <= 20_000:
        return [
            dict(zip(names, values, strict=True))
            for values in itertools.product((True, False, None), repeat=len(names))
        ]
    rng = random.Random(1)
    return [{name: rng.choice((True, True, False, None)) for name in names} for _ in range(4000)]


def truth(criterion: Criterion, cases: list[Assignment]) -> Truth:
    """The tree's value in each case, by Kohort's own algebra."""
    if isinstance(criterion, Compound):
        return criterion.join((truth(part, cases) for part in criterion.parts), len(cases))
    assert isinstance(criterion, Unread)
    values = [case[criterion.text] for case in cases]
    return Truth.of(np.array([v is True for v in values]), np.array([v is False for v in values]))


@pytest.mark.parametrize(
    "name", ["all_cases", *("_".join(three) for three in itertools.product(("and", "or"), repeat=3))]
)
def test_a_boolean_case_has_the_truth_table_of_its_text(name: str) -> None:
    """Nine clauses, in three values."""
    path = EXAMPLES / "ctml_boolean_cases" / f"{name}.json"
    raw = json.loads(path.read_text())
    cases = assignments(sorted(labels(raw)))
    found = truth(read_clause(path), cases)
    expected = [walk(raw, case) for case in cases]
    assert [found.value(number) for number in range(len(cases))] == expected
    assert {True, False, None} <= set(expected)
