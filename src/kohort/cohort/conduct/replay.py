"""The decisions of a programme as a replay of its log, and what later corrections would have changed.

A replay reads nothing but the log, the cohorts and their rules. So it gives the same bytes each time, and a prefix
of the log gives the decisions that were made by then: a log shows later what was known when.

A correction is asked back in time: had the log said from the start what it says now, what would the rule have
answered wherever a decision was made? A changed or withdrawn evaluation is put in the place of the one it corrects;
a voided patient is left out with all that was written of that enrolment. Decisions of other cohorts that borrowed
from the corrected one are asked too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kohort.access.entries import Head
from kohort.cohort.conduct.answers import Answer
from kohort.cohort.conduct.current import code_versions
from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.cohort.conduct.judging import Conduct, MadeDecision
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.programme import Group, Programme
from kohort.cohort.conduct.status import decision_mapping
from kohort.cohort.rules.codec import canonical

__all__ = ["ChangedDecision", "Correction", "Replay", "corrections", "replay"]

FORMAT = "kohort-decisions/1"
Lines = list[tuple[int, CohortEvent]]


@dataclass(frozen=True, slots=True)
class Replay:
    """All decisions that a log led to.

    Attributes:
        decisions: in the order of the log, each with its line, its rule's hash and the counts it was made on.
        head: number and hash of the last line that was read.
        rules: hash of each rule, by its name.
        versions: versions of what computed it.
    """

    decisions: tuple[MadeDecision, ...]
    head: Head
    rules: dict[str, str]
    versions: dict[str, str]

    def to_json(self) -> str:
        """One canonical JSON text: equal replays have equal texts."""
        return canonical(
            {
                "format": FORMAT,
                "versions": self.versions,
                "log": {"lines": self.head.sequence, "head": self.head.hash},
                "rules": self.rules,
                "decisions": [decision_mapping(decision) for decision in self.decisions],
            }
        )


def replay(
    log: CohortLog | Iterable[CohortEvent], programme: Programme, as_of: int | dt.datetime | None = None
) -> Replay:
    """The decisions that a log led to.

    Args:
        log: what happened, oldest first.
        programme: the cohorts and their rules.
        as_of: a number of lines, or a moment; None: all of the log.

    Raises:
        InputError: the log cannot be, or is not of this programme; with its line.
    """
    held = (log if isinstance(log, CohortLog) else CohortLog.of(log)).as_of(as_of)
    conduct = Conduct(programme).take_all(enumerate(held, start=1))
    return Replay(tuple(conduct.decisions), held.head, dict(programme.hashes), code_versions())


@dataclass(frozen=True, slots=True)
class ChangedDecision:
    """A past decision for which the rule would have said something else.

    Attributes:
        decision: as it was made; ``by_rule`` is what the rule said.
        would_be: what the rule would have said on the corrected data.
    """

    decision: MadeDecision
    would_be: Answer


@dataclass(frozen=True, slots=True)
class Correction:
    """A line that corrects an earlier one.

    Attributes:
        line: line of the correction.
        corrects: line that it corrects.
        cohort: identifier.
        kind: how it corrects.
        changed: past decisions that would have been others.
    """

    line: int
    corrects: int
    cohort: str
    kind: EventKind
    changed: tuple[ChangedDecision, ...]

    @property
    def sentence(self) -> str:
        """The same in plain words."""
        words = f"Line {self.line} corrects line {self.corrects} in cohort {self.cohort}"
        if not self.changed:
            return f"{words}: no decision would have been another."
        changes = "; ".join(
            f"{each.decision.look} look of {each.decision.cohort} at line {each.decision.line}: "
            f"{each.would_be} instead of {each.decision.by_rule}"
            for each in self.changed
        )
        return f"{words}: {changes}."


def corrections(log: CohortLog | Iterable[CohortEvent], programme: Programme) -> tuple[Correction, ...]:
    """What each correction in a log would have changed, in the order of the log.

    Raises:
        InputError: the log cannot be, or is not of this programme; with its line.
    """
    events: Lines = list(enumerate(log, start=1))
    conduct = Conduct(programme).take_all(events)
    together = {cohort: _read_with(cohort, group) for group in programme.groups for cohort in group.cohorts}
    found: list[Correction] = []
    for amended in _amendments(events):
        cohorts = together[amended.event.cohort]
        past = [made for made in conduct.decisions if made.cohort in cohorts and made.line < amended.line]
        part = Programme(tuple(each for each in programme.cohorts if each.id in cohorts), programme.rules)
        would_be = _asked_again(past, part, [each for each in amended.lines if each[1].cohort in cohorts])
        changed = tuple(
            ChangedDecision(made, answer) for made, answer in zip(past, would_be, strict=True) if answer != made.by_rule
        )
        found.append(Correction(amended.line, amended.corrects, amended.event.cohort, amended.event.kind, changed))
    return tuple(found)


def _read_with(cohort: str, group: Group) -> frozenset[str]:
    """The cohorts that are read together with one."""
    return frozenset(group.cohorts if group.rule.model is not None else (cohort,))


def _asked_again(past: list[MadeDecision], programme: Programme, lines: Lines) -> list[Answer]:
    """What the rule says wherever a decision was made, if these lines had been the log."""
    conduct = Conduct(programme, is_checked=False)
    rest = iter(lines)
    ahead = next(rest, None)
    answers: list[Answer] = []
    for made in past:
        while ahead is not None and ahead[0] <= made.line:
            conduct.take(ahead[1], ahead[0])
            ahead = next(rest, None)
        standing = conduct.standings[made.cohort]
        written = [each for each in standing.made if each.line == made.line and each.is_recorded]
        answers.append(written[0].by_rule if made.is_recorded and written else standing.stands[1])
    return answers


@dataclass(slots=True)
class _Written:
    """What was written of one enrolment: its lines, and where the outcome that stands began."""

    lines: list[int] = field(default_factory=list)
    outcome: EventKind | None = None
    response: bool | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class _Amended:
    """A correction, and the lines before it as they would be if it had been known from the start."""

    line: int
    event: CohortEvent
    corrects: int
    lines: Lines


def _amendments(events: Lines) -> Iterator[_Amended]:
    patients: dict[tuple[str, str, int | None], _Written] = {}
    for line, event in events:
        if not event.kind.is_about_a_patient:
            continue
        key = (event.cohort, event.site, event.person)
        if event.kind == EventKind.ENROLLED:
            patients[key] = _Written([line])
            continue
        written = patients[key]
        if event.kind == EventKind.VOIDED:
            gone = set(written.lines)
            yield _Amended(line, event, written.lines[0], [each for each in events[: line - 1] if each[0] not in gone])
        elif _corrects(written, event):
            later = {each for each in written.lines if each > written.since}
            before = [each for each in events[: line - 1] if each[0] not in later]
            amended = [(at, event if at == written.since else was) for at, was in before]
            yield _Amended(line, event, written.since, amended)
        _write(written, event, line)


def _corrects(written: _Written, event: CohortEvent) -> bool:
    if written.outcome is None or event.kind == EventKind.WITHDRAWN:
        return False
    return (written.outcome, written.response) != (event.kind, event.response)


def _write(written: _Written, event: CohortEvent, line: int) -> None:
    written.lines.append(line)
    if event.kind == EventKind.WITHDRAWN:
        if written.outcome is None:
            written.outcome, written.since = EventKind.NOT_EVALUABLE, line
    elif event.kind == EventKind.EVALUABLE:
        written.outcome, written.response, written.since = None, None, 0
    elif event.kind in (EventKind.EVALUATED, EventKind.NOT_EVALUABLE):
        if written.outcome != event.kind:
            written.since = line
        written.outcome, written.response = event.kind, event.response
