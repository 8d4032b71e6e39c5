"""Where the cohorts of a programme stand, as one frozen answer: for people, as a table, as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from kohort.access.entries import Head
from kohort.cohort.conduct.answers import Answer, Look
from kohort.cohort.conduct.counts import CohortCounts
from kohort.cohort.conduct.judging import MadeDecision
from kohort.cohort.conduct.multiplicity import Multiplicity
from kohort.cohort.conduct.outlook import Outlook
from kohort.cohort.conduct.programme import Cohort
from kohort.cohort.conduct.readings import Reading
from kohort.cohort.conduct.states import Stage
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.rules.codec import canonical
from kohort.errors import UnknownNameError

__all__ = ["CohortStatus", "PendingPatient", "Places", "ProgrammeState"]

FORMAT = "kohort-programme-state/1"


@dataclass(frozen=True, slots=True)
class PendingPatient:
    """A patient whose response is not known yet; the log's line stands for the patient.

    Attributes:
        line: line of the log that enrolled the patient.
        site: where.
        on: day of enrolment, None if not known.
        place: place in the order of evaluation, if pending patients are evaluated in the order of enrolment.
        is_confirmed: True if found evaluable.
        is_decisive: True if the response can change the answer.
    """

    line: int
    site: str
    on: dt.date | None
    place: int
    is_confirmed: bool
    is_decisive: bool

    def to_mapping(self) -> dict[str, Any]:
        """The same as JSON content."""
        return {
            "line": self.line,
            "site": self.site,
            "on": None if self.on is None else self.on.isoformat(),
            "place": self.place,
            "confirmed": self.is_confirmed,
            "decisive": self.is_decisive,
        }


@dataclass(frozen=True, slots=True)
class Places:
    """Where patients may be allocated.

    Attributes:
        open: places that may be filled now, none while the cohort is paused, closed, full or ended.
        stage_1: places left to n1; evaluable and pending patients hold one each.
        total: places left to n.
        sites: sites that enrol by name; the empty name stands for all others.
    """

    open: int
    stage_1: int
    total: int
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CohortStatus:
    """A cohort now.

    Attributes:
        cohort: the cohort.
        design: its plan.
        rule: hash of its rule.
        counts: its patients.
        stage: where it stands.
        look: the look that was decided last, or is the next one before the first decision.
        answer: what stands: too early, go on, go, consider, no-go.
        decision: the decision that stands; None before the first.
        places: where patients may be allocated.
        pending: patients not yet evaluable, in the order of enrolment.
        outlook: what these can change, and the powers.
        next_look: the look that comes next, or came last.
        now: what it says if it is read on today's counts; no decision.
        mean: posterior mean response rate, borrowed as the rule says.
        prob_greater: posterior probability of a rate above p0.
        alpha: probability to end with go at p0, for the sizes that the cohort has or will have; that of the design
            or the one given, if cohorts borrow for their decisions.
        power: the same at p1.
        p_value: two-stage p value once it has ended after a look; else None.
    """

    cohort: Cohort
    design: TwoStageDesign
    rule: str
    counts: CohortCounts
    stage: Stage
    look: Look
    answer: Answer
    decision: MadeDecision | None
    places: Places
    pending: tuple[PendingPatient, ...]
    outlook: Outlook
    next_look: Look
    now: Reading
    mean: float
    prob_greater: float
    alpha: float
    power: float
    p_value: float | None

    @property
    def decisive(self) -> tuple[PendingPatient, ...]:
        """The pending patients whose response can change the answer."""
        return tuple(patient for patient in self.pending if patient.is_decisive)

    @property
    def sentence(self) -> str:
        """All that a coordinator must know, in plain words; patients by their line of the log."""
        return " ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield f"{self.stage.capitalize()}, {self.answer}."
        yield from self.decision.reasons if self.decision is not None else ()
        if self.decision is not None and self.decision.answer != self.decision.by_rule:
            yield f"This was decided against the rule, which says {self.decision.by_rule}."
        if self.stage is not Stage.ENDED:
            yield from (f"Today: {reason}" for reason in self.now.reasons)
        if self.places.open:
            named = [site or "all other sites" for site in self.places.sites]
            where = f" at {', '.join(named)}" if named not in ([], ["all other sites"]) else ""
            yield f"Places open now: {self.places.open}{where} (to {self.design.n}: {self.places.total})."
        if self.pending:
            lines = ", ".join(str(patient.line) for patient in self.decisive)
            yield (
                f"Not yet evaluable: {len(self.pending)} ({self.outlook.best} if all respond, {self.outlook.worst} if "
                f"none does; decisive: {f'those of lines {lines}' if lines else 'none'})."
            )
        if self.counts.retrospective:
            yield (
                f"Read from recorded treatments: {self.counts.retrospective} of {self.counts.enrolled}. Nobody looked "
                f"after stage 1, and the order of evaluation is that of the records: more than {self.design.r} of "
                f"{self.design.n} has alpha {self.design.alpha_without_look:.4f} instead of {self.design.alpha:.4f}."
            )

    def to_mapping(self) -> dict[str, Any]:
        """The same as JSON content."""
        return {
            "cohort": self.cohort.id,
            "rule": self.rule,
            "design": str(self.design),
            "stage": self.stage.value,
            "look": self.look.value,
            "answer": self.answer.value,
            "decision": None if self.decision is None else decision_mapping(self.decision),
            "counts": {
                "enrolled": self.counts.enrolled,
                "evaluable": self.counts.evaluable,
                "responders": self.counts.responders,
                "pending": self.counts.pending,
                "not_evaluable": self.counts.not_evaluable,
                "without_measurable_disease": self.counts.without_measurable_disease,
            },
            "places": {"open": self.places.open, "stage_1": self.places.stage_1, "total": self.places.total},
            "sites": list(self.places.sites),
            "pending": [patient.to_mapping() for patient in self.pending],
            "best": self.outlook.best.value,
            "worst": self.outlook.worst.value,
            "now": {"look": self.next_look.value, "answer": self.now.answer.value, "reasons": list(self.now.reasons)},
            "conditional_power": _written(self.outlook.conditional_power),
            "predictive_power": _written(self.outlook.predictive_power),
            "mean": _written(self.mean),
            "prob_greater": _written(self.prob_greater),
            "alpha": _written(self.alpha),
            "power": _written(self.power),
            "p_value": None if self.p_value is None else _written(self.p_value),
        }


@dataclass(frozen=True, slots=True)
class ProgrammeState:
    """A programme as its log has it.

    Attributes:
        cohorts: where each cohort stands, in the order of the programme.
        decisions: all decisions so far, in the order of the log.
        head: number and hash of the last line that was read.
        rules: hash of each rule, by its name.
        versions: versions of what computed it.
        multiplicity: what so many cohorts cost together.
    """

    cohorts: tuple[CohortStatus, ...]
    decisions: tuple[MadeDecision, ...]
    head: Head
    rules: dict[str, str]
    versions: dict[str, str]
    multiplicity: Multiplicity

    def __getitem__(self, cohort: str) -> CohortStatus:
        """Where one cohort stands.

        Raises:
            UnknownNameError: there is none of that identifier.
        """
        for status in self.cohorts:
            if status.cohort.id == cohort:
                return status
        raise UnknownNameError("cohort", cohort, [status.cohort.id for status in self.cohorts])

    @property
    def open_now(self) -> tuple[CohortStatus, ...]:
        """The cohorts that a patient may be allocated to now."""
        return tuple(status for status in self.cohorts if status.places.open)

    def table(self) -> pl.DataFrame:
        """One row a cohort, in the order of the programme."""
        return pl.DataFrame([_row(status) for status in self.cohorts], schema=_COLUMNS, orient="row")

    def to_json(self) -> str:
        """Everything, as one canonical JSON text: equal states have equal texts. No pseudonym is in it."""
        return canonical(
            {
                "format": FORMAT,
                "versions": self.versions,
                "log": {"lines": self.head.sequence, "head": self.head.hash},
                "rules": self.rules,
                "cohorts": [status.to_mapping() for status in self.cohorts],
                "decisions": [decision_mapping(decision) for decision in self.decisions],
                "multiplicity": {
                    "cohorts": self.multiplicity.cohorts,
                    "positive": self.multiplicity.positive,
                    "expected_false_positives": _written(self.multiplicity.expected_false_positives),
                    "any_false_positive": _written(self.multiplicity.any_false_positive),
                    "q_values": {name: _written(q) for name, q in self.multiplicity.q_values().items()},
                },
            }
        )


def decision_mapping(decision: MadeDecision) -> dict[str, Any]:
    """A decision as JSON content."""
    return {
        "line": decision.line,
        "on": None if decision.on is None else decision.on.isoformat(),
        "cohort": decision.cohort,
        "look": decision.look.value,
        "answer": decision.answer.value,
        "by_rule": decision.by_rule.value,
        "recorded": decision.is_recorded,
        "responders": decision.responders,
        "evaluable": decision.evaluable,
        "rule": decision.rule,
        "reasons": list(decision.reasons),
    }


def _written(value: float) -> float:
    """To ten digits: the last bits of a sum depend on the order in which a machine adds."""
    return float(f"{value:.10g}")


_COLUMNS = {
    "cohort": pl.String,
    "tumour": pl.String,
    "alteration": pl.String,
    "drug": pl.String,
    "stage": pl.String,
    "answer": pl.String,
    "enrolled": pl.Int64,
    "evaluable": pl.Int64,
    "responders": pl.Int64,
    "pending": pl.Int64,
    "decisive": pl.Int64,
    "places_open": pl.Int64,
    "places_to_n": pl.Int64,
    "best": pl.String,
    "worst": pl.String,
    "conditional_power": pl.Float64,
    "predictive_power": pl.Float64,
    "mean": pl.Float64,
    "prob_greater": pl.Float64,
    "alpha": pl.Float64,
    "power": pl.Float64,
    "p_value": pl.Float64,
    "rule": pl.String,
}


def _row(status: CohortStatus) -> tuple[object, ...]:
    cohort, counts, outlook = status.cohort, status.counts, status.outlook
    return (
        cohort.id,
        cohort.tumour,
        cohort.alteration,
        cohort.drug,
        status.stage.value,
        status.answer.value,
        counts.enrolled,
        counts.evaluable,
        counts.responders,
        counts.pending,
        len(status.decisive),
        status.places.open,
        status.places.total,
        outlook.best.value,
        outlook.worst.value,
        outlook.conditional_power,
        outlook.predictive_power,
        status.mean,
        status.prob_greater,
        status.alpha,
        status.power,
        status.p_value,
        status.rule,
    )
