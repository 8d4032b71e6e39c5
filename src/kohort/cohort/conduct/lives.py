"""The replay of a log: what each cohort and each of its patients has come to.

Every enrolled patient is evaluable, pending, never evaluable, or without measurable disease. Who withdraws before
an evaluation is never evaluable; an evaluation made before stands. The first evaluation gives a patient a place in
the order of evaluation; it is kept while the response is corrected, and lost when the evaluation is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kohort.cohort.conduct.answers import Answer
from kohort.cohort.conduct.counts import CohortCounts
from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.errors import InputError

__all__ = ["CohortLife", "Ending", "InterimLook", "Lives", "Patient", "summarise", "summarise_by_country"]

WITHOUT_MEASURABLE_DISEASE = frozenset({"adjuvant", "neoadjuvant"})
"""Settings around surgery: there a complete response is no RECIST response of advanced disease."""
SETTING_NOT_KNOWN = frozenset({None, "unknown"})


@dataclass(slots=True)
class Patient:
    """An enrolled patient as the log has it so far.

    Attributes:
        line: line of the log that enrolled the patient.
        enrolment: that event.
        counts: False without measurable disease, where that is counted apart.
        outcome: ``evaluated`` or ``not evaluable``; None while pending.
        response: whether the tumour responded, if evaluated.
        place: line of the first of the evaluations that stand: the place in the order of evaluation.
        is_confirmed: True if the patient was found evaluable and the response is not known yet.
    """

    line: int
    enrolment: CohortEvent
    counts: bool
    outcome: EventKind | None = None
    response: bool | None = None
    place: int = 0
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class InterimLook:
    """A look after stage 1 as it was written down.

    Attributes:
        line: line of the log.
        decision: go on, go (ended early as positive) or no-go (stopped).
        looked_at: evaluable patients it says it was made on; None: as planned.
        evaluable: evaluable patients when it was written down.
    """

    line: int
    decision: Answer
    looked_at: int | None
    evaluable: int

    def size(self, planned: int) -> int:
        """Evaluable patients it was made on, in the order of evaluation."""
        return max(min(planned if self.looked_at is None else self.looked_at, self.evaluable), 1)


@dataclass(frozen=True, slots=True)
class Ending:
    """A decision at the end as it was written down."""

    line: int
    decision: Answer


class CohortLife:
    """One cohort, so far.

    Attributes:
        cohort: identifier.
        patients: those enrolled and not voided, by site and pseudonym, in the order of enrolment.
        rule: hash of the rule it was opened under; empty if the log does not say.
        opened: sites it was opened at; the empty name is all sites.
        paused: sites that are paused.
        closed: sites that are closed.
        look: the look after stage 1 that was written down last.
        ending: the decision at the end that was written down last.
    """

    __slots__ = ("_responses", "closed", "cohort", "ending", "look", "opened", "patients", "paused", "rule")

    def __init__(self, cohort: str) -> None:
        self.cohort = cohort
        self.patients: dict[tuple[str, int | None], Patient] = {}
        self.rule = ""
        self.opened: set[str] = set()
        self.paused: set[str] = set()
        self.closed: set[str] = set()
        self.look: InterimLook | None = None
        self.ending: Ending | None = None
        self._responses: tuple[bool, ...] | None = ()

    @property
    def responses(self) -> tuple[bool, ...]:
        """Responses of the evaluable patients, in the order of evaluation."""
        if self._responses is None:
            seen = [each for each in self.patients.values() if each.counts and each.outcome == EventKind.EVALUATED]
            seen.sort(key=lambda patient: patient.place)
            self._responses = tuple(patient.response is True for patient in seen)
        return self._responses

    @property
    def pending(self) -> list[Patient]:
        """Patients not yet evaluable, in the order of enrolment."""
        return [patient for patient in self.patients.values() if patient.counts and patient.outcome is None]

    @property
    def is_closed(self) -> bool:
        """True if no site enrols any more."""
        return "" in self.closed or bool(self.opened and self.opened <= self.closed)

    @property
    def is_open(self) -> bool:
        """True if some site enrols now; patients in a log that opens nothing show that it did."""
        if "" in self.paused or self.is_closed:
            return False
        return bool(self.sites) or (not self.opened and bool(self.patients))

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites that were opened by name and enrol now; the empty name stands for all others."""
        return tuple(sorted(self.opened - self.paused - self.closed))

    @property
    def counts(self) -> CohortCounts:
        """How many patients it has."""
        return _counts(self.cohort, self.patients.values())

    def take(self, event: CohortEvent, line: int) -> None:
        """Go one event further."""
        if event.kind.is_about_a_patient:
            self._take_patient(event, line)
        elif event.kind == EventKind.LOOKED and event.decision is not None:
            self.look = InterimLook(line, event.decision, event.looked_at, len(self.responses))
        elif event.kind == EventKind.CLOSED:
            self.closed.add(event.site)
            if event.decision is not None:
                self.ending = Ending(line, event.decision)
        elif event.kind == EventKind.PAUSED:
            self.paused.add(event.site)
        else:
            self._open(event)

    def _open(self, event: CohortEvent) -> None:
        if event.kind == EventKind.OPENED:
            self.opened.add(event.site)
            self.rule = event.rule or self.rule
        elif not event.site:
            self.ending = None
        for stopped in (self.paused, self.closed):
            if event.site:
                stopped.discard(event.site)
            else:
                stopped.clear()

    def _take_patient(self, event: CohortEvent, line: int) -> None:
        key = (event.site, event.person)
        if event.kind == EventKind.ENROLLED:
            self.patients[key] = Patient(line, event, counts=event.setting not in WITHOUT_MEASURABLE_DISEASE)
            return
        self._responses = None
        patient = self.patients[key]
        match event.kind:
            case EventKind.VOIDED:
                del self.patients[key]
            case EventKind.EVALUATED:
                if patient.outcome != EventKind.EVALUATED:
                    patient.place = line
                patient.outcome, patient.response = EventKind.EVALUATED, event.response
            case EventKind.EVALUABLE:
                patient.outcome, patient.response, patient.is_confirmed = None, None, True
            case EventKind.WITHDRAWN if patient.outcome == EventKind.EVALUATED:
                pass
            case _:
                patient.outcome, patient.response = EventKind.NOT_EVALUABLE, None


class Lives:
    """The cohorts of a log, replayed event by event.

    Args:
        count_without_measurable_disease: True counts adjuvant and neoadjuvant treatment like any other.
        is_checked: False takes events that could not follow those before, to ask what would have been.
    """

    def __init__(self, *, count_without_measurable_disease: bool = False, is_checked: bool = True) -> None:
        self._count_all = count_without_measurable_disease
        self._is_checked = is_checked
        self.cohorts: dict[str, CohortLife] = {}

    def take(self, event: CohortEvent, line: int) -> CohortLife:
        """Go one event further.

        Returns:
            The cohort that it happened in.

        Raises:
            InputError: the event cannot follow those before it; with its line.
        """
        life = self.cohorts.get(event.cohort)
        if life is None:
            life = self.cohorts[event.cohort] = CohortLife(event.cohort)
        if self._is_checked and (fault := _fault(life, event)) is not None:
            what, remedy = fault
            raise InputError(f"The event {what} in cohort {event.cohort}.", line=line, remedy=remedy)
        life.take(event, line)
        if self._count_all and event.kind == EventKind.ENROLLED:
            life.patients[event.site, event.person].counts = True
        return life


def _fault(life: CohortLife, event: CohortEvent) -> tuple[str, str] | None:
    """Why an event cannot follow those before it, and what to do; None if it can."""
    if event.kind.is_about_a_patient:
        is_enrolled = (event.site, event.person) in life.patients
        if is_enrolled != (event.kind == EventKind.ENROLLED):
            return None
        what = "enrols a patient twice" if is_enrolled else "is about a patient never enrolled"
        return what, "Void the earlier enrolment, or add the missing one."
    if event.kind == EventKind.OPENED:
        if event.site in life.opened - life.closed:
            return "opens again what is open", "Leave it out, or name the site that opens."
        if event.rule and life.rule not in ("", event.rule):
            return "opens a site under another rule", "All sites of a cohort share its rule: give the same hash."
    if event.kind == EventKind.LOOKED:
        evaluable = len(life.responses)
        if evaluable < max(event.looked_at or 1, 1):
            return (
                f"is a look at {event.looked_at or 1} evaluable patients where there are {evaluable}",
                "Add the missing evaluations first.",
            )
    return None


def summarise(
    events: Iterable[CohortEvent], *, count_without_measurable_disease: bool = False
) -> dict[str, CohortCounts]:
    """The counts of each cohort in a log, in the order of first mention.

    Args:
        events: the log, oldest first.
        count_without_measurable_disease: True counts adjuvant and neoadjuvant treatment like any other.

    Raises:
        InputError: a patient is enrolled twice, or something happens to a patient who is not enrolled; with
            the line of the log.
    """
    lives = Lives(count_without_measurable_disease=count_without_measurable_disease)
    for line, event in enumerate(events, start=1):
        lives.take(event, line)
    return {cohort: life.counts for cohort, life in lives.cohorts.items()}


def summarise_by_country(
    events: Iterable[CohortEvent], *, count_without_measurable_disease: bool = False
) -> dict[str, dict[str, CohortCounts]]:
    """The counts of each cohort in each country, for pooling over countries; they add up to those of the whole log.

    Args:
        events: the log, oldest first. A patient's country is that of the enrolment; empty if not recorded.
        count_without_measurable_disease: True counts adjuvant and neoadjuvant treatment like any other.

    Raises:
        InputError: an event that cannot follow those before it; with the line of the log.
    """
    lives = Lives(count_without_measurable_disease=count_without_measurable_disease)
    for line, event in enumerate(events, start=1):
        lives.take(event, line)
    found: dict[str, dict[str, list[Patient]]] = {}
    for cohort, life in lives.cohorts.items():
        for patient in life.patients.values():
            found.setdefault(patient.enrolment.country, {}).setdefault(cohort, []).append(patient)
    return {
        country: {cohort: _counts(cohort, patients) for cohort, patients in cohorts.items()}
        for country, cohorts in found.items()
    }


def _counts(cohort: str, patients: Iterable[Patient]) -> CohortCounts:
    tally: dict[str, int] = {}
    for patient in patients:
        for name in _counted_as(patient):
            tally[name] = tally.get(name, 0) + 1
    return CohortCounts(cohort, **tally)


def _counted_as(patient: Patient) -> Iterator[str]:
    """The counts of ``CohortCounts`` that one enrolled patient adds 1 to."""
    yield "enrolled"
    if patient.enrolment.is_retrospective:
        yield "retrospective"
    if not patient.counts:
        yield "without_measurable_disease"
        if patient.response:
            yield "responses_without_measurable_disease"
    elif patient.outcome == EventKind.NOT_EVALUABLE:
        yield "not_evaluable"
    elif patient.outcome == EventKind.EVALUATED:
        unknown = patient.enrolment.setting in SETTING_NOT_KNOWN
        yield "evaluable"
        if unknown:
            yield "evaluable_setting_unknown"
        if patient.response:
            yield "responders"
            if unknown:
                yield "responders_setting_unknown"
