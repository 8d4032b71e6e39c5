"""Short CTML texts for the tests of its reader: one arm, one match clause."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from kohort.match import Arm, Problem, Trial, read_trials
from kohort.match.criteria import Criterion


def trial_of(match: Any, /, **more: Any) -> dict[str, Any]:
    """A trial with one arm that asks ``match``."""
    arm = {"arm_internal_id": 1, "arm_code": "A", "arm_suspended": "N", "match": match}
    step = {"step_internal_id": 1, "step_code": "1", "arm": [arm]}
    summary = {"status": [{"value": "Open to Accrual"}]}
    return {"protocol_no": "11-111", "_summary": summary, "treatment_list": {"step": [step]}} | more


def read(*trials: Any, name: str = "trial.json") -> tuple[list[Trial], list[Problem]]:
    """Trials, written as JSON one after the other, or a text as it is; read again."""
    text = "\n".join(one if isinstance(one, str) else json.dumps(one, indent=1) for one in trials)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return read_trials(path)


def arm_of(match: Any) -> Arm:
    """The arm that asks ``match``."""
    (trial,), _ = read(trial_of(match))
    return trial.arms[0]


def meant(*items: Any) -> Criterion:
    """What a match clause of these items means."""
    return arm_of(list(items)).criteria


def engine(*items: Any) -> Criterion:
    """What matchengine-V2 reads in it."""
    arm = arm_of(list(items))
    return arm.criteria if arm.matchengine is None else arm.matchengine


def rules(*items: Any) -> list[str]:
    """The rules of the problems of a match clause."""
    return [problem.rule for problem in read(trial_of(list(items)))[1]]


def clinical(**keys: Any) -> dict[str, Any]:
    """A clinical node."""
    return {"clinical": keys}


def genomic(**keys: Any) -> dict[str, Any]:
    """A genomic node."""
    return {"genomic": keys}
