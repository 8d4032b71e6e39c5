"""The decisions of a programme in the order of its log.

How the log decides. It carries the order of evaluation, which pooled counts do not:

* the look after stage 1 is made on the first n1 evaluable patients in the order of evaluation, when the last of
  them is evaluated. Whoever is evaluated later, over-running patients too, belongs to stage 2. So alpha and power
  are exactly those of the design, whatever was pending at the look, if a patient's response does not depend on
  the place in the order and the cohort ends with n;
* a look that was written down (``interim look``) fixes the size it was made on and what was decided, even against
  the rule; what the rule says of the same patients stands beside it. Other sizes than n1 are read as
  ``TwoStageDesign.for_sizes`` has them: the end is decided by the threshold that holds the promised alpha;
* an answer that no further patient could change is given at once (r1 or r exceeded, or out of reach);
* the end is read on all evaluable patients, when there are n of them or the cohort is closed. A decision that was
  written down with the closure stands.

Pooled counts (``kohort.cohort.conduct.states``) say the same, but for one case: r1 or fewer responders among the
first n1, and more among those evaluated later. The log stops such a cohort; pooled counts cannot see it, and call
it a late look.

A boundary (go, consider, no-go under a borrowing model) is read when the cohort's own patients call for it, on
what the log holds of the other cohorts at that line. It is read again only if the cohort's own counts at that
look are corrected, so data of other cohorts never change a decision that was made.

References:
    Simon R. Control Clin Trials 1989;10:1-10 (two stages).
    Kunz CU, Kieser M. Stat Med 2012;31:4133-4142 (curtailment in two-stage designs).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from kohort.cohort.conduct.answers import Answer, Look
from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.cohort.conduct.lives import CohortLife, Lives
from kohort.cohort.conduct.programme import Programme
from kohort.cohort.conduct.readings import Counted, Reading, own_final, own_interim, read_once, rule_has_boundary
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import InputError

__all__ = ["Conduct", "MadeDecision", "Standing"]

TOO_EARLY = Reading(Answer.TOO_EARLY, ())
_CHANGES_NOTHING = frozenset({EventKind.OPENED, EventKind.ENROLLED, EventKind.PAUSED})


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision about a cohort, or that one is taken back.

    Attributes:
        line: line of the log that it was made at.
        cohort: identifier.
        look: which boundary it was read from.
        answer: what was decided.
        by_rule: what the rule says of the same counts; another answer only if it was written down so.
        is_recorded: True if it was written down, False if it is the rule's answer.
        responders: responders among the patients it was made on.
        evaluable: evaluable patients it was made on.
        rule: hash of the rule.
        reasons: the conditions in words.
        on: the calendar day on which it was made, None if the log does not say.
    """

    line: int
    cohort: str
    look: Look
    answer: Answer
    by_rule: Answer
    is_recorded: bool
    responders: int
    evaluable: int
    rule: str
    reasons: tuple[str, ...]
    on: dt.date | None = None

    @property
    def sentence(self) -> str:
        """The same in plain words."""
        how = "decided" if self.is_recorded else "by the rule"
        against = f", against the rule ({self.by_rule})" if self.answer != self.by_rule else ""
        return (
            f"Line {self.line}, cohort {self.cohort}, {self.look} look, {self.responders} of {self.evaluable}: "
            f"{self.answer}, {how}{against}."
        )


@dataclass(slots=True)
class Standing:
    """Where one cohort stands in the replay.

    Attributes:
        life: what happened in it.
        rule: its rule.
        rule_hash: the hash of that.
        group: counts of its group, shared by the cohorts in it; None if it is read on its own.
        column: its place in the group.
        made: its decisions so far.
        interim: what the rule says of the look, and on what: line of the look if written down, and counts.
        final: what the rule says of the end, and on what counts.
    """

    life: CohortLife
    rule: DecisionRule
    rule_hash: str
    group: list[Counted] | None
    column: int
    made: list[MadeDecision]
    interim: tuple[tuple[int, int, int] | None, Reading] = (None, TOO_EARLY)
    final: tuple[Counted | None, Reading] = (None, TOO_EARLY)

    @property
    def looked_at(self) -> int:
        """Evaluable patients that the look is made on."""
        planned = self.rule.design.n1
        return planned if self.life.look is None else self.life.look.size(planned)

    @property
    def stands(self) -> tuple[Look, Answer]:
        """What was decided last; too early before the first decision."""
        return (self.made[-1].look, self.made[-1].answer) if self.made else (Look.INTERIM, Answer.TOO_EARLY)

    def counted(self, first: int | None = None) -> Counted:
        """Responders and number of the first evaluable patients, or of all."""
        responses = self.life.responses[:first]
        return sum(responses), len(responses)

    def judge(self, event: CohortEvent, line: int) -> list[MadeDecision]:
        """The decisions made at this line; none if nothing changed."""
        before = len(self.made)
        if self.group is not None:
            self.group[self.column] = self.counted()
        self.interim = self._read_interim()
        if event.kind == EventKind.LOOKED and event.decision is not None:
            self._make(event, line, Look.INTERIM, event.decision, self.interim[1], is_recorded=True)
        at_interim = self.interim[1].answer if self.life.look is None else self.life.look.decision
        self.final = self._read_final() if at_interim == Answer.GO_ON or self.life.ending else (None, TOO_EARLY)
        if event.kind == EventKind.CLOSED and event.decision is not None:
            self._make(event, line, Look.FINAL, event.decision, self.final[1], is_recorded=True)
        look, answer, reading = Look.INTERIM, at_interim, self.interim[1]
        if self.life.ending is not None:
            look, answer, reading = Look.FINAL, self.life.ending.decision, self.final[1]
        elif self.final[1].answer != Answer.TOO_EARLY:
            look, answer, reading = Look.FINAL, self.final[1].answer, self.final[1]
        if (look, answer) != self.stands:
            self._make(event, line, look, answer, reading, is_recorded=False)
        return self.made[before:]

    def _make(
        self, event: CohortEvent, line: int, look: Look, answer: Answer, reading: Reading, *, is_recorded: bool
    ) -> None:
        responders, evaluable = self.counted(self.looked_at if look is Look.INTERIM else None)
        self.made.append(
            MadeDecision(
                line=line,
                cohort=self.life.cohort,
                look=look,
                answer=answer,
                by_rule=reading.answer,
                is_recorded=is_recorded,
                responders=responders,
                evaluable=evaluable,
                rule=self.rule_hash,
                reasons=reading.reasons,
                on=event.on or (event.at.date() if event.at else None),
            )
        )

    def _read_interim(self) -> tuple[tuple[int, int, int], Reading]:
        """What the rule says of the look: once for each set of the cohort's own counts, and once if written down."""
        design, size, look = self.rule.design, self.looked_at, self.life.look
        written = look.line if look else 0
        responders, evaluable = self.counted(size)
        asked, reading = self.interim
        key = (written, responders, evaluable)
        if asked is not None and (asked == key or (written and asked[0] == written)):
            return asked, reading
        if rule_has_boundary(self.rule, Look.INTERIM):
            due = evaluable >= size
            return key, self._read_boundary(Look.INTERIM, (responders, evaluable)) if due else TOO_EARLY
        return key, own_interim(design, responders, evaluable, closed=size != design.n1)

    def _read_final(self) -> tuple[Counted | None, Reading]:
        design, size = self.rule.design, self.looked_at
        responders, evaluable = counted = self.counted()
        closed, pending = self.life.is_closed, len(self.life.pending)
        if rule_has_boundary(self.rule, Look.FINAL):
            if evaluable < design.n and not (closed and evaluable > size):
                return None, TOO_EARLY
            return self.final if counted == self.final[0] else (counted, self._read_boundary(Look.FINAL, counted))
        closed = closed and evaluable + pending > max(size, design.r1 + 1)
        if evaluable < size and responders <= design.r and not closed:
            return None, TOO_EARLY
        return None, own_final(design, responders, evaluable, pending, closed=closed, n1_actual=self.n1_actual)

    @property
    def n1_actual(self) -> int | None:
        """Size of the look for the reading of the end; None: as planned.

        A look on r1 or fewer patients can only be passed against the rule, and is read as one on r1 + 1.
        """
        return None if self.life.look is None else max(self.looked_at, self.rule.design.r1 + 1)

    def _read_boundary(self, look: Look, own: Counted) -> Reading:
        if self.group is None:
            return read_once(self.rule, look, (own,), 0)
        row = (*self.group[: self.column], own, *self.group[self.column + 1 :])
        return read_once(self.rule, look, row, self.column)


class Conduct:
    """The replay of a log under a programme.

    Args:
        programme: the cohorts and their rules.
        is_checked: False takes events that could not follow those before, to ask what would have been.

    Attributes:
        standings: where each cohort stands, in the order of the programme.
        decisions: all decisions, in the order of the log.
    """

    def __init__(self, programme: Programme, *, is_checked: bool = True) -> None:
        self._lives = Lives(is_checked=is_checked)
        self.decisions: list[MadeDecision] = []
        found: dict[str, Standing] = {}
        for group in programme.groups:
            shared: list[Counted] | None = [(0, 0)] * len(group.cohorts) if group.rule.model is not None else None
            for column, cohort in enumerate(group.cohorts):
                life = self._lives.cohorts[cohort] = CohortLife(cohort)
                found[cohort] = Standing(life, group.rule, programme.hashes[group.rule.name], shared, column, [])
        self.standings = {cohort.id: found[cohort.id] for cohort in programme.cohorts}

    def take_all(self, events: Iterable[tuple[int, CohortEvent]]) -> Conduct:
        """Go on with events, each with its line of the log."""
        for line, event in events:
            self.take(event, line)
        return self

    def take(self, event: CohortEvent, line: int) -> None:
        """Go one event further.

        Raises:
            InputError: the event cannot follow those before it, is of no cohort of the programme, or opens one
                under another rule; with its line.
        """
        standing = self.standings.get(event.cohort)
        if standing is None:
            raise InputError(
                f"The cohort {event.cohort!r} is not of this programme.", line=line, remedy="Add it to the programme."
            )
        _check_rule(event, standing, line)
        life = self._lives.take(event, line)
        if event.kind in _CHANGES_NOTHING and not life.closed:
            return
        self.decisions += standing.judge(event, line)


def _check_rule(event: CohortEvent, standing: Standing, line: int) -> None:
    if event.rule and event.rule != standing.rule_hash:
        raise InputError(
            f"The cohort {event.cohort!r} was opened under the rule {event.rule[:12]}, and the programme gives it "
            f"{standing.rule.name!r}, which is {standing.rule_hash[:12]}.",
            line=line,
            remedy="Give the rule that was fixed when the cohort was opened.",
        )
    size, n = event.looked_at or 0, standing.rule.design.n
    if size >= n:
        raise InputError(
            f"The look in cohort {event.cohort!r} was made on {size} patients, which fill both stages ({n}).",
            line=line,
            remedy="A look after stage 1 has fewer: correct the number, or close the cohort with its decision.",
        )
