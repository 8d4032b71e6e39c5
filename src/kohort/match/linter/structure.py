"""Checks of the trial's shape: parts that ask nothing, and trials that take nobody."""

from __future__ import annotations

from collections.abc import Iterator

from kohort.match.linter.findings import finding
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Trial

__all__ = ["shape"]


def shape(trial: Trial) -> Iterator[Problem]:
    """``no-criteria`` and ``no-open-arm`` of one trial."""
    if not any(trial.is_open(arm) for arm in trial.arms):
        why = "the trial is closed" if trial.status == "closed" else "no part of it is open"
        yield finding("no-open-arm", "note", (trial, None), f"it takes no patients: {why}.", "Check its status.")
    for arm in trial.arms:
        if not trial.criteria_of(arm).parts:
            what = "it asks nothing, so every patient is eligible."
            yield finding("no-criteria", "warning", (trial, arm), what, "Give it criteria, or take it out.")
