"""Trials and their treatment cohorts, as they are declared before anybody is matched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from kohort.errors import UserError
from kohort.match.logic import And, Criterion, requirements
from kohort.match.vocabulary import drug_name

__all__ = ["CohortStatus", "Design", "TreatmentCohort", "Trial"]

CohortStatus = Literal["open", "closed"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _check_id(identifier: str, what: str) -> None:
    if not _ID.fullmatch(identifier):
        raise UserError(
            f"{identifier!r} is no identifier of a {what}.",
            remedy="Use up to 64 letters, digits, dots, dashes and underscores.",
        )


@dataclass(frozen=True, slots=True)
class Design:
    """The numbers of a two-stage design, as counts that are *not* enough.

    Attributes:
        r1: stop after stage 1 if at most this many respond.
        n1: patients of stage 1.
        r: negative in the end if at most this many respond.
        n: patients of both stages.
        p0: response rate that is of no interest.
        p1: response rate that is.
    """

    r1: int
    n1: int
    r: int
    n: int
    p0: float
    p1: float

    def __post_init__(self) -> None:
        """Refuse numbers that no two-stage design can have."""
        if not (0 <= self.r1 < self.n1 < self.n and self.r1 <= self.r < self.n):
            raise UserError(
                f"{self.r1}/{self.n1}, {self.r}/{self.n} is no two-stage design.",
                remedy="It needs 0 <= r1 < n1 < n and r1 <= r < n.",
            )
        if not 0 < self.p0 < self.p1 < 1:
            raise UserError(
                f"The response rates {self.p0:g} and {self.p1:g} are no design.",
                remedy="They need 0 < p0 < p1 < 1.",
            )


@dataclass(frozen=True)
class TreatmentCohort:
    """One treatment cohort: whom it takes (tumour, alteration) and what they get.

    Attributes:
        id: unique within its trial.
        title: for people.
        drugs: names as in the drug table (INN, lower case).
        design: its two-stage design.
        criteria: who may enter, the trial's own criteria apart.
        status: ``open`` or ``closed``.
        endpoint: what counts as a response.
        source: where the cohort is described.
        illustrative: True if no real trial has this cohort.
    """

    id: str
    title: str
    drugs: tuple[str, ...]
    design: Design
    criteria: Criterion
    status: CohortStatus = "open"
    endpoint: str = ""
    source: str = ""
    illustrative: bool = False

    def __post_init__(self) -> None:
        """Refuse a cohort without a name, drugs, or a known status."""
        _check_id(self.id, "cohort")
        if not self.drugs:
            raise UserError(f"Cohort {self.id} gives no drug.", remedy="List its drugs.")
        if self.status not in get_args(CohortStatus):
            raise UserError(f"{self.status!r} is no status.", remedy=f"Use {' or '.join(get_args(CohortStatus))}.")
        object.__setattr__(self, "drugs", tuple(drug_name(drug) for drug in self.drugs))


@dataclass(frozen=True)
class Trial:
    """A trial of treatment cohorts.

    Attributes:
        id: identifier, e.g. a registry number.
        title: for people.
        phase: phase, as text.
        countries: ISO 3166 codes.
        cohorts: its treatment cohorts.
        criteria: what every cohort asks besides its own criteria; None for nothing.
        by_hand: conditions that people check at enrolment. They stand beside every match and outside the
            verdict: as criteria they would make every verdict unknown.
        note: what a reader must know about this file.
    """

    id: str
    title: str
    cohorts: tuple[TreatmentCohort, ...]
    phase: str = ""
    countries: tuple[str, ...] = ()
    criteria: Criterion | None = None
    by_hand: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a trial without cohorts, two cohorts of one name, and words that are no country code."""
        _check_id(self.id, "trial")
        ids = [cohort.id for cohort in self.cohorts]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise UserError(f"Trial {self.id} has several cohorts {twice[0]!r}.", remedy="Name each once.")
        if not ids:
            raise UserError(f"Trial {self.id} has no cohort.", remedy="Declare at least one.")
        wrong = [code for code in self.countries if not re.fullmatch("[A-Z]{2}", code)]
        if wrong:
            raise UserError(f"{wrong[0]!r} is no country code.", remedy="Use ISO 3166 codes like NO.")

    @cached_property
    def _by_id(self) -> dict[str, TreatmentCohort]:
        return {cohort.id: cohort for cohort in self.cohorts}

    def cohort(self, identifier: str) -> TreatmentCohort | None:
        """The cohort of that name, or None."""
        return self._by_id.get(identifier)

    def criteria_of(self, cohort: TreatmentCohort) -> And:
        """Everything that a cohort asks, the trial's criteria first, each single requirement a part."""
        common = () if self.criteria is None else requirements(self.criteria)
        return And(*common, *requirements(cohort.criteria))
