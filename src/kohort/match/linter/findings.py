"""How the linter says what it found: rule, place, sentence, suggestion."""

from __future__ import annotations

from collections.abc import Iterable

from kohort.errors import InputError
from kohort.match.criteria.logic import Criterion
from kohort.match.linter.rules import known
from kohort.match.trials.problems import Problem, Severity
from kohort.match.trials.protocol import Arm, Trial

__all__ = ["cut", "finding", "listed", "shortened"]

_MOST_LISTED = 4
_LONGEST = 160


def finding(rule: str, severity: Severity, place: tuple[Trial, Arm | None], what: str, remedy: str = "") -> Problem:
    """A finding about a trial or one arm of it.

    Args:
        rule: short name of the rule.
        severity: how bad it is.
        place: the trial, and the arm if it is about one.
        what: what is wrong; the arm's id is put before it.
        remedy: what to do.
    """
    trial, arm = place
    column = None if arm is None else arm.path or arm.id
    subject = f"trial {trial.id}" if arm is None else f"{arm.level} {arm.id}"
    line = None if arm is None else arm.line
    error = InputError(f"{subject}: {what}", path=trial.file or None, line=line, column=column, remedy=remedy)
    return Problem(severity, error, known(rule))


def shortened(criterion: Criterion) -> str:
    """The criterion in words, cut where it is very long."""
    return cut(criterion.words)


def cut(text: str) -> str:
    """A text, cut between words where it is very long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


def listed(texts: Iterable[str], join: str = "and") -> str:
    """Texts as a list in a sentence; of many, the first few and how many more."""
    every = list(dict.fromkeys(texts))
    if len(every) > _MOST_LISTED + 1:
        every = [*every[:_MOST_LISTED], f"{len(every) - _MOST_LISTED} more"]
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {join} {every[-1]}" if every else ""
