"""What a rule says on counts: the design's own thresholds, or boundaries on what a borrowing model has learnt.

A design's own reading depends on one cohort's counts. A boundary under a borrowing model is read on the counts of
all cohorts of the group, of which one is replaced by the counts that are asked about. Both are pure functions of
counts, so equal questions are answered once.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.conduct.answers import Answer, Look, answer_of_verdict
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.rules.conditions import Boundary, Condition, Evidence, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import IntegrityError

__all__ = [
    "Counted",
    "GroupReadings",
    "Reading",
    "group_readings",
    "own_final",
    "own_interim",
    "read_once",
    "rule_has_boundary",
]

Counted = tuple[int, int]
"""Responders and evaluable patients."""

Asked = tuple[int, int, int]
"""Column, responders and evaluable patients."""

CACHED = 1 << 16


@dataclass(frozen=True, slots=True)
class Reading:
    """What counts say.

    Attributes:
        answer: go on, go, consider, no-go, or too early.
        reasons: the conditions in words, each with what was seen.
    """

    answer: Answer
    reasons: tuple[str, ...]


@functools.lru_cache(maxsize=CACHED)
def own_interim(design: TwoStageDesign, responders: int, evaluable: int, *, closed: bool = False) -> Reading:
    """The design's own reading of the look, or, with fewer than n1, whether it is settled already."""
    if closed and evaluable <= design.r1:
        words = f"{evaluable} evaluable patients cannot have more than {design.r1} responders: stop for futility."
        return Reading(Answer.NO_GO, (words,))
    decision = design.decide_interim(responders, evaluable, closed=closed)
    return Reading(answer_of_verdict(decision.verdict), (decision.sentence,))


@functools.lru_cache(maxsize=CACHED)
def own_final(
    design: TwoStageDesign, responders: int, evaluable: int, pending: int, *, closed: bool, n1_actual: int | None
) -> Reading:
    """The design's own reading of the end; see ``TwoStageDesign.decide_final``."""
    decision = design.decide_final(responders, evaluable, pending, closed=closed, n1_actual=n1_actual)
    return Reading(answer_of_verdict(decision.verdict), (decision.sentence,))


def rule_has_boundary(rule: DecisionRule, look: Look) -> bool:
    """True if the rule has a boundary at a look; False: the design's own thresholds count."""
    return (rule.interim if look is Look.INTERIM else rule.final) is not None


def _boundary(rule: DecisionRule, look: Look) -> Boundary:
    boundary = rule.interim if look is Look.INTERIM else rule.final
    if boundary is None:
        raise IntegrityError("A rule without boundary is read by its design.")
    return boundary


def _model_of(rule: DecisionRule) -> BorrowingModel:
    """The rule's model; without one, each cohort on its own with a flat prior."""
    return Separate(rule.design.p0) if rule.model is None else rule.model


@functools.lru_cache(maxsize=CACHED)
def read_once(rule: DecisionRule, look: Look, row: tuple[Counted, ...], column: int) -> Reading:
    """A boundary read for one cohort, on its own and nothing else: the same bits whatever else is asked.

    Args:
        rule: the rule, with a boundary at this look.
        look: which boundary.
        row: counts of all cohorts that are read together.
        column: the cohort in it.
    """
    seen = evidence(_model_of(rule), *_rows(row, (), rule.design.n))
    boundary = _boundary(rule, look)
    return Reading(_answers(boundary, seen, look)[0][column], _reasons(boundary, seen, 0, column))


def evidence(model: BorrowingModel, responders: IntArray, n: IntArray) -> Evidence:
    """What conditions read, each probability computed once."""

    @functools.cache
    def prob_greater(rate: float | None) -> FloatArray:
        return model.prob_greater(responders, n, rate)

    @functools.cache
    def mean() -> FloatArray:
        return model.mean(responders, n)

    return Evidence(responders, n, prob_greater, mean)


def _answers(boundary: Boundary, seen: Evidence, look: Look) -> list[list[Answer]]:
    """What a boundary says of (N, J) counts: neither go nor no-go is to go on at the look, to consider at the end."""
    words = (Answer.GO, Answer.NO_GO, Answer.GO_ON if look is Look.INTERIM else Answer.CONSIDER)
    coded = np.where(boundary.goes(seen), 0, np.where(boundary.stops(seen), 1, 2)).tolist()
    return [[words[code] for code in row] for row in coded]


def _reasons(boundary: Boundary, seen: Evidence, row: int, column: int) -> tuple[str, ...]:
    lists = (("go", boundary.go), ("no-go", boundary.no_go or ()))
    return tuple(_reason(name, each, seen, row, column) for name, conditions in lists for each in conditions)


def _reason(name: str, condition: Condition, seen: Evidence, row: int, column: int) -> str:
    value = condition.value(seen)[row, column]
    holds = bool(condition.holds(seen)[row, column])
    digits = f"{value}" if isinstance(condition, ResponderCount) else f"{value:.4f}"
    return f"{name} if {condition}: {'holds' if holds else 'does not hold'} ({digits})."


class GroupReadings:
    """Boundaries and posteriors of all cohorts of a group, in one call of the model.

    Args:
        rule: the rule of the group.
        base: the counts of each cohort now.
        wanted: further counts that will be asked about: column, responders, evaluable patients. Each replaces
            the cohort's own counts; those of the others stay.
    """

    def __init__(self, rule: DecisionRule, base: tuple[Counted, ...], wanted: tuple[Asked, ...]) -> None:
        self._rule = rule
        now: list[Asked] = [(column, *counts) for column, counts in enumerate(base)]
        if rule.model is None:  # nobody reads another's counts: every different pair of counts is one column
            pairs = list(dict.fromkeys(each[1:] for each in (*now, *wanted)))
            columns = {counts: column for column, counts in enumerate(pairs)}
            self._places = {each: (0, columns[each[1:]]) for each in (*now, *wanted)}
            responders, n = np.array(pairs, dtype=np.int64).T[:, None, :]
        else:
            others = [each for each in wanted if each[1:] != base[each[0]]]
            self._places = {each: (0, each[0]) for each in now}
            self._places |= {each: (row, each[0]) for row, each in enumerate(others, start=1)}
            responders, n = _rows(base, others, rule.design.n)
        self._seen = evidence(_model_of(rule), responders, n)
        self._now = evidence(_model_of(rule), responders[[0, -1]], n[[0, -1]])
        self._answers: dict[Look, list[list[Answer]]] = {}

    def answer(self, look: Look, column: int, responders: int, evaluable: int) -> Answer:
        """What the boundary says of a cohort with these counts."""
        if look not in self._answers:
            self._answers[look] = _answers(_boundary(self._rule, look), self._seen, look)
        row, place = self._places[column, responders, evaluable]
        return self._answers[look][row][place]

    def reading(self, look: Look, column: int, responders: int, evaluable: int) -> Reading:
        """The same with its reasons."""
        row, place = self._places[column, responders, evaluable]
        answer = self.answer(look, column, responders, evaluable)
        return Reading(answer, _reasons(_boundary(self._rule, look), self._seen, row, place))

    def now(self, counts: Sequence[Counted]) -> tuple[list[float], list[float]]:
        """Posterior mean and P(p > p0) of each cohort at its counts now."""
        columns = [self._places[column, *each][1] for column, each in enumerate(counts)]
        return self._now.mean()[0, columns].tolist(), self._now.prob_greater(None)[0, columns].tolist()


def _rows(base: tuple[Counted, ...], others: Sequence[Asked], planned: int) -> tuple[IntArray, IntArray]:
    """(N, J) responders and evaluable patients: as they are now, each question, and all cohorts at their end.

    The last row is asked by nobody: models that place their nodes by the greatest numbers of patients keep them
    while cohorts fill.
    """
    responders, n = np.tile(np.array(base, dtype=np.int64).T[:, None, :], (1, len(others) + 2, 1))
    for row, (column, s, evaluable) in enumerate(others, start=1):
        responders[row, column], n[row, column] = s, evaluable
    responders[-1], n[-1] = 0, planned
    return responders, n


@functools.lru_cache(maxsize=1024)
def group_readings(rule: DecisionRule, base: tuple[Counted, ...], wanted: tuple[Asked, ...]) -> GroupReadings:
    """The readings of a group; those of counts that were asked before are kept."""
    return GroupReadings(rule, base, wanted)
