"""Trials, their arms and treatment cohorts, as they are declared before anybody is matched."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from kohort.errors import UserError
from kohort.match.criteria.logic import And, Criterion, requirements
from kohort.match.criteria.vocabulary import drug_name

__all__ = ["Arm", "ArmStatus", "Design", "Level", "TreatmentCohort", "Trial", "TrialFormat", "TrialStatus"]

ArmStatus = Literal["open", "suspended", "closed"]
TrialStatus = Literal["open", "closed"]
TrialFormat = Literal["kohort", "ctml"]
Level = Literal["step", "arm", "dose", "cohort"]

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
class Arm:
    """One part of a trial that asks something of a patient: a step, an arm, a dose level or a treatment cohort.

    Attributes:
        id: unique within its trial.
        title: for people.
        drugs: names as in the drug table (INN, lower case); may be empty where the format names none.
        criteria: who may enter, the trial's own criteria apart.
        status: ``open``, ``suspended`` (for a while) or ``closed``.
        level: what sort of part it is; match clauses of CTML at different levels stand alone.
        code: its code as the trial writes it; the id if it writes none.
        path: where its criteria stand in the file, e.g. ``treatment_list.step[0].arm[1]``.
        matchengine: what matchengine-V2 would read in place of ``criteria``: fields that it ignores left out,
            those that it cannot map never met; used in the closed world only. None: the same as ``criteria``.
        source: where the arm is described.
        line: line of the file that it begins on; None if that is not known.
        illustrative: True if no real trial has this arm.
    """

    id: str
    title: str
    drugs: tuple[str, ...]
    criteria: Criterion
    status: ArmStatus = "open"
    level: Level = "arm"
    code: str = ""
    path: str = ""
    matchengine: Criterion | None = None
    source: str = ""
    illustrative: bool = False
    line: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse an arm without a name or of no known status or level; bring drugs into normal form."""
        _check_id(self.id, self.level)
        for value, allowed, what in ((self.status, ArmStatus, "status"), (self.level, Level, "level")):
            if value not in get_args(allowed):
                raise UserError(f"{value!r} is no {what}.", remedy=f"Use {' or '.join(get_args(allowed))}.")
        object.__setattr__(self, "drugs", tuple(drug_name(drug) for drug in self.drugs))
        object.__setattr__(self, "code", self.code or self.id)


@dataclass(frozen=True)
class TreatmentCohort(Arm):
    """A treatment cohort: one tumour type, one alteration, its drugs, and a two-stage rule.

    Attributes:
        design: its two-stage design.
        endpoint: what counts as a response.
    """

    level: Level = "cohort"
    design: Design = field(kw_only=True)
    endpoint: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a cohort without drugs."""
        super().__post_init__()
        if not self.drugs:
            raise UserError(f"Cohort {self.id} gives no drug.", remedy="List its drugs.")


@dataclass(frozen=True)
class Trial:
    """A trial: its arms, of which some or all are treatment cohorts.

    Attributes:
        id: identifier, e.g. a registry number.
        title: for people.
        arms: its parts that ask something of a patient.
        phase: phase, as text.
        countries: ISO 3166 codes.
        criteria: what every arm asks besides its own criteria; None for nothing.
        by_hand: conditions that people check at enrolment. They stand beside every match and outside the
            verdict: as criteria they would make every verdict unknown.
        note: what a reader must know about this file.
        status: ``open`` or ``closed`` for the trial as a whole.
        format: the format it was read from: ``kohort`` or ``ctml``.
        file: name of the file it was read from; empty if it was made in Python.
    """

    id: str
    title: str
    arms: tuple[Arm, ...]
    phase: str = ""
    countries: tuple[str, ...] = ()
    criteria: Criterion | None = None
    by_hand: tuple[str, ...] = ()
    note: str = ""
    status: TrialStatus = "open"
    format: TrialFormat = "kohort"
    file: str = ""

    def __post_init__(self) -> None:
        """Refuse a trial without arms, two arms of one name, and words that are no country code."""
        _check_id(self.id, "trial")
        ids = Counter(arm.id for arm in self.arms)
        twice = sorted(name for name, times in ids.items() if times > 1)
        if twice:
            raise UserError(f"Trial {self.id} has several arms {twice[0]!r}.", remedy="Name each once.")
        if not ids:
            raise UserError(f"Trial {self.id} has no arm or cohort.", remedy="Declare at least one.")
        wrong = [code for code in self.countries if not re.fullmatch("[A-Z]{2}", code)]
        if wrong:
            raise UserError(f"{wrong[0]!r} is no country code.", remedy="Use ISO 3166 codes like NO.")

    @property
    def cohorts(self) -> tuple[TreatmentCohort, ...]:
        """Those of its arms that are treatment cohorts."""
        return tuple(arm for arm in self.arms if isinstance(arm, TreatmentCohort))

    @cached_property
    def _by_id(self) -> dict[str, Arm]:
        return {arm.id: arm for arm in self.arms}

    def arm(self, identifier: str) -> Arm | None:
        """The arm of that id, or None."""
        return self._by_id.get(identifier)

    def is_open(self, arm: Arm) -> bool:
        """True if the trial and this arm of it take patients."""
        return self.status == "open" and arm.status == "open"

    def criteria_of(self, arm: Arm, *, closed_world: bool = False) -> And:
        """Everything that an arm asks, the trial's criteria first, each single requirement a part.

        Args:
            arm: one of its arms.
            closed_world: as matchengine-V2 reads the arm, where that differs.
        """
        own = arm.criteria if arm.matchengine is None or not closed_world else arm.matchengine
        common = () if self.criteria is None else requirements(self.criteria)
        return And(*common, *requirements(own))
