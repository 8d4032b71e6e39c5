"""Go, no-go and final decisions of a two-stage cohort, with what pending patients could still change.

A decision is read from counts. Where the sizes are those of the plan, it is the plan's rule. Where they
are not, the threshold that holds the promised alpha decides (``SizeRules.strict``), the reading with the
planned thresholds stands beside it, and the sentence gives the exact error rates of both.

A reading that no further patient could change is given at once (deterministic curtailment); that leaves
alpha and power of the plan as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kohort.errors import StatisticsError

if TYPE_CHECKING:
    from kohort.cohort.designs.two_stage import SizeRules, TwoStageDesign

__all__ = ["Decision", "Observed", "Verdict", "final", "interim"]


class Verdict(StrEnum):
    """What the counts say about a cohort."""

    TOO_EARLY = "too early"
    GO_ON = "go on"
    STOP = "stop for futility"
    NEGATIVE = "negative"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Observed:
    """The counts that a decision is read from.

    Attributes:
        responders: evaluable patients who responded.
        evaluable: patients whose response is known.
        pending: patients enrolled and not yet evaluable.
    """

    responders: int
    evaluable: int
    pending: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 <= self.responders <= self.evaluable or self.pending < 0:
            raise StatisticsError(
                f"{self.responders} responders of {self.evaluable} evaluable and {self.pending} pending "
                "patients are impossible.",
                remedy="Give 0 <= responders <= evaluable and pending >= 0.",
            )

    @property
    def best(self) -> Observed:
        """The counts if every pending patient responds."""
        return Observed(self.responders + self.pending, self.evaluable + self.pending)

    @property
    def worst(self) -> Observed:
        """The counts if no pending patient responds."""
        return Observed(self.responders, self.evaluable + self.pending)


@dataclass(frozen=True, slots=True)
class Decision:
    """One reading of a cohort's counts.

    Attributes:
        verdict: what the counts say now.
        best: what they will say if every pending patient responds.
        worst: what they will say if no pending patient responds.
        with_planned_thresholds: what they say now if the planned thresholds are kept whatever the sizes.
        seen: the counts it was read from.
        rules: the plan and the two rules for the sizes observed.
        sentence: all of this in plain words.
    """

    verdict: Verdict
    best: Verdict
    worst: Verdict
    with_planned_thresholds: Verdict
    seen: Observed
    rules: SizeRules
    sentence: str

    @property
    def is_certain(self) -> bool:
        """True if the pending patients cannot change the verdict."""
        return self.verdict == self.best == self.worst


def interim(design: TwoStageDesign, seen: Observed, *, closed: bool) -> Decision:
    """Reads the look after stage 1; see ``TwoStageDesign.decide_interim``.

    The first n1 evaluable patients decide. Over-running patients who are evaluable at the look are looked
    at with them, and r1 is kept; the rates of that larger look are given.
    """
    if seen.evaluable >= design.n:
        raise StatisticsError(
            f"{seen.evaluable} evaluable patients fill both stages ({design.n}).",
            remedy="Ask decide_final.",
        )
    size = seen.evaluable + seen.pending if closed else max(seen.evaluable, design.n1)
    if size <= design.r1:
        raise StatisticsError(
            f"A stage 1 of {size} patients cannot have more than {design.r1} responders.",
            remedy="Enrol more patients before the look.",
        )
    rules = design.for_sizes(size, max(design.n, size + 1))

    def read(at: Observed) -> Verdict:
        look = max(size, at.evaluable)
        if at.responders > design.r1:
            return Verdict.GO_ON
        missing = look - at.evaluable
        return Verdict.STOP if at.responders + missing <= design.r1 else Verdict.TOO_EARLY

    verdict, best, worst = read(seen), read(seen.best), read(seen.worst)
    sentence = " ".join(
        part
        for part in (
            _interim_words(design.r1, size, seen, verdict),
            _pending_words(seen, best, worst),
            _size_words(rules),
        )
        if part
    )
    return Decision(verdict, best, worst, verdict, seen, rules, sentence)


def final(design: TwoStageDesign, seen: Observed, *, closed: bool = False, n1_actual: int | None = None) -> Decision:
    """Reads the end of the cohort; see ``TwoStageDesign.decide_final``."""
    n1 = design.n1 if n1_actual is None else n1_actual
    if closed and seen.evaluable + seen.pending <= n1:
        raise StatisticsError(
            f"A cohort closed with {seen.evaluable + seen.pending} patients never reached stage 2 "
            f"(stage 1 had {n1}): it has no final decision.",
            remedy="Ask decide_interim.",
        )

    def rules_at(evaluable: int) -> SizeRules:
        size = seen.evaluable + seen.pending if closed else max(evaluable, design.n)
        return design.for_sizes(n1, size)

    def read(at: Observed) -> Verdict:
        return _read_final(rules_at(at.evaluable).strict, at)

    rules = rules_at(seen.evaluable)
    verdict, best, worst = read(seen), read(seen.best), read(seen.worst)
    kept = _read_final(rules.kept, seen)
    sentence = " ".join(
        part
        for part in (
            _final_words(rules.strict, seen, verdict),
            f"With the planned threshold (at least {rules.kept.r + 1}) it would be {kept}." if kept != verdict else "",
            _pending_words(seen, best, worst),
            _size_words(rules),
        )
        if part
    )
    return Decision(verdict, best, worst, kept, seen, rules, sentence)


def _read_final(rule: TwoStageDesign, at: Observed) -> Verdict:
    if at.responders > rule.r:
        return Verdict.POSITIVE
    missing = max(rule.n - at.evaluable, 0)
    return Verdict.NEGATIVE if at.responders + missing <= rule.r else Verdict.TOO_EARLY


def _patients(count: int) -> str:
    return f"{count} patient" if count == 1 else f"{count} patients"


def _responded(seen: Observed) -> str:
    noun = "patient" if seen.evaluable == 1 else "patients"
    return f"{seen.responders} of {seen.evaluable} evaluable {noun} responded"


def _interim_words(r1: int, size: int, seen: Observed, verdict: Verdict) -> str:
    needed = f"at least {r1 + 1} of {size} needed to go on"
    match verdict:
        case Verdict.GO_ON:
            return f"{_responded(seen)} ({needed}): stage 2 may open."
        case Verdict.STOP:
            early = ", which can no longer be reached" if seen.evaluable < size else ""
            return f"{_responded(seen)} ({needed}{early}): stop for futility."
        case _:
            return f"{_responded(seen)} ({needed}): too early, {size - seen.evaluable} more to evaluate."


def _final_words(rule: TwoStageDesign, seen: Observed, verdict: Verdict) -> str:
    needed = f"at least {rule.r + 1} of {rule.n} needed"
    missing = rule.n - seen.evaluable
    match verdict:
        case Verdict.TOO_EARLY:
            return f"{_responded(seen)} ({needed}): too early, {missing} more to evaluate."
        case Verdict.POSITIVE:
            return f"{_responded(seen)} ({needed}): positive{', whatever follows' if missing > 0 else ''}."
        case _:
            early = ", which can no longer be reached" if missing > 0 else ""
            return f"{_responded(seen)} ({needed}{early}): negative."


def _pending_words(seen: Observed, best: Verdict, worst: Verdict) -> str:
    if seen.pending == 0:
        return ""
    who = f"{_patients(seen.pending)} {'is' if seen.pending == 1 else 'are'} not yet evaluable"
    if best == worst:
        return f"{who}: {best} in either case."
    return f"{who}: {best} if all respond, {worst} if none does."


def _size_words(rules: SizeRules) -> str:
    if rules.is_as_planned:
        return ""
    planned, kept, strict = rules.planned, rules.kept, rules.strict
    words = (
        f"The sizes differ from the plan ({kept.n1} and {kept.n} instead of {planned.n1} and {planned.n}): "
        f"more than {kept.r} of {kept.n} has alpha {kept.alpha:.4f} and power {kept.power:.4f} "
        f"(planned {planned.alpha:.4f} and {planned.power:.4f})"
    )
    if strict.r == kept.r:
        return f"{words}."
    return (
        f"{words}; the planned alpha is held by more than {strict.r} "
        f"(alpha {strict.alpha:.4f}, power {strict.power:.4f})."
    )
