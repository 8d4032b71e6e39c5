"""What happens in a treatment cohort, as events that are only ever added.

Decisions are events: counts, states and decisions are a replay of the log (``kohort.cohort.conduct.lives``). The
log carries the order: of two patients, the one whose evaluation stands earlier in the log was evaluated first.

Corrections are further events. A later evaluation of a patient replaces the earlier one and keeps its place in
the order; ``evaluable`` takes an evaluation back, so that the patient is pending again; ``voided`` takes back an
enrolment that was entered by mistake, with all that followed. A later look or closure replaces the earlier.

Events say where they happened. The same pseudonym at two sites is two patients.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from kohort.cohort.conduct.answers import Answer
from kohort.errors import InputError
from kohort.tables import table

__all__ = ["SETTINGS", "CohortEvent", "EventKind"]

SETTINGS = frozenset(table("therapy")["setting"].values)
_COUNTRY = re.compile("[A-Z]{2}")


class EventKind(StrEnum):
    """What happened in a cohort, to all of it or to one patient."""

    OPENED = "opened"
    ENROLLED = "enrolled"
    EVALUABLE = "evaluable"
    EVALUATED = "evaluated"
    NOT_EVALUABLE = "not evaluable"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"
    LOOKED = "interim look"
    PAUSED = "paused"
    REOPENED = "reopened"
    CLOSED = "closed"

    @property
    def is_about_a_patient(self) -> bool:
        """False for what happens to the cohort itself."""
        return self not in _OF_THE_COHORT


_OF_THE_COHORT = frozenset({EventKind.OPENED, EventKind.LOOKED, EventKind.PAUSED, EventKind.REOPENED, EventKind.CLOSED})
_DECISIONS = {
    EventKind.LOOKED: (Answer.GO_ON, Answer.GO, Answer.NO_GO),
    EventKind.CLOSED: (None, Answer.GO, Answer.CONSIDER, Answer.NO_GO),
}


@dataclass(frozen=True, slots=True)
class CohortEvent:
    """One line of a cohort's log.

    Attributes:
        cohort: identifier of the cohort.
        person: keyed pseudonym of the patient at the site; None for what happens to the cohort itself.
        kind: what happened.
        response: for an evaluation, whether the tumour responded; None for every other kind.
        setting: for an enrolment, the setting of the treatment (values of ``therapy.setting``), None if not
            recorded.
        day: days from the patient's time origin, None if not recorded.
        is_retrospective: True if read from recorded treatments rather than enrolled into a cohort.
        on: the calendar day on which it happened, None if not known.
        at: the moment at which it was written down, with time zone; None if not known.
        site: where; empty: the one site of the log, or, for what happens to the cohort, all sites.
        country: two letters (ISO 3166-1); empty if not recorded.
        rule: for ``opened``, the hash of the decision rule that was fixed for the cohort; else empty.
        decision: for ``interim look`` what was decided (go on, go, no-go), for ``closed`` the decision at the
            end if one was made (go, consider, no-go).
        looked_at: for ``interim look`` the number of evaluable patients it was made on, counted in the order
            of the log; None: the planned n1, or all there are if fewer.

    Raises:
        InputError: entries that do not belong to this kind of event, or that cannot be meant.
    """

    cohort: str
    person: int | None
    kind: EventKind
    response: bool | None = None
    setting: str | None = None
    day: int | None = None
    is_retrospective: bool = False
    on: dt.date | None = None
    at: dt.datetime | None = None
    site: str = ""
    country: str = ""
    rule: str = ""
    decision: Answer | None = None
    looked_at: int | None = None

    def __post_init__(self) -> None:
        """Refuse an event that cannot be meant."""
        if not self.cohort:
            raise InputError("An event names its cohort.", remedy="Give the identifier of the cohort.")
        if (self.response is not None) != (self.kind == EventKind.EVALUATED):
            self._refuse(f"with response {self.response}", "Give a response with evaluations, and only with them.")
        if self.setting is not None and self.setting not in SETTINGS:
            raise InputError(
                f"Cohort {self.cohort}: there is no setting {self.setting!r}.",
                remedy=f"Give one of {', '.join(sorted(SETTINGS))}, or none.",
            )
        if (self.person is not None) != self.kind.is_about_a_patient:
            self._refuse("without a patient" if self.person is None else "with a patient", _PATIENTS)
        if self.country and not _COUNTRY.fullmatch(self.country):
            self._refuse("in a country that is not two capital letters", "Give a code such as NO.")
        if self.at is not None and self.at.utcoffset() is None:
            self._refuse("at a moment without time zone", "Give it one, e.g. datetime.timezone.utc.")
        if not self.kind.is_about_a_patient or self.rule or self.decision or self.looked_at is not None:
            self._check_of_the_cohort()

    def _check_of_the_cohort(self) -> None:
        if self.rule and self.kind != EventKind.OPENED:
            self._refuse("with a rule", "Name the rule where the cohort is opened.")
        if self.decision not in _DECISIONS.get(self.kind, (None,)):
            words = "no decision" if self.decision is None else f"the decision {self.decision.value!r}"
            self._refuse(f"with {words}", "A look decides go on, go or no-go; a closure go, consider or no-go.")
        if self.decision is not None and self.site:
            self._refuse("with a decision at one site", "A decision is of the whole cohort: leave the site out.")
        if self.looked_at is not None and (self.kind != EventKind.LOOKED or self.looked_at < 1):
            self._refuse(f"made on {self.looked_at} patients", "Give the number of patients with interim looks.")

    def _refuse(self, words: str, remedy: str) -> None:
        raise InputError(f"Cohort {self.cohort}: event {self.kind.value!r} {words}.", remedy=remedy)


_PATIENTS = "Opened, interim look, paused, reopened and closed are of the cohort; every other event has a patient."
