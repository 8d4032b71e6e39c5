"""Criteria on the patient and the disease as registered: diagnosis, age, sex, receptors, stage, consent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from kohort.codes import oncotree
from kohort.errors import UnknownNameError, UserError
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.vocabulary import stage_group

__all__ = [
    "Age",
    "Consent",
    "Diagnosis",
    "Metastatic",
    "PerformanceStatus",
    "Receptor",
    "Sex",
    "Stage",
]

Lineage = Literal["solid", "liquid"]
SexCode = Literal["female", "male"]
ReceptorName = Literal["ER", "PR", "HER2"]
ReceptorStatus = Literal["positive", "negative"]


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise UserError(f"{value!r} is no {what}.", remedy=f"Use {', '.join(allowed)}.")


@dataclass(frozen=True, slots=True)
class Diagnosis(Leaf):
    """A tumour type with all below it, by exactly one of four ways. Any tumour of the patient may meet it.

    A recorded diagnosis that is more general than what is asked (``Soft Tissue`` where a sarcoma type is
    asked) is unknown, not no.

    Attributes:
        code: OncoTree code or full name.
        main_type: OncoTree main type, e.g. ``Non-Small Cell Lung Cancer``.
        tissue: OncoTree tissue, e.g. ``Lung``.
        lineage: ``solid``, or ``liquid`` for myeloid and lymphoid neoplasms.
    """

    code: str | None = None
    main_type: str | None = None
    tissue: str | None = None
    lineage: Lineage | None = None

    def __post_init__(self) -> None:
        """Look the name up; UserError if it is not in OncoTree or more than one way is given."""
        given = [name for name in ("code", "main_type", "tissue", "lineage") if getattr(self, name) is not None]
        if len(given) != 1:
            raise UserError(
                "A diagnosis is asked by exactly one of code, main_type, tissue and lineage.",
                remedy="Join several with any.",
            )
        if self.code is not None:
            object.__setattr__(self, "code", oncotree.find(self.code).code)
        elif self.lineage is not None:
            _one_of(self.lineage, get_args(Lineage), "lineage")
        else:
            known = {getattr(oncotree.node(code), given[0]) for code in oncotree.all_codes()}
            if getattr(self, given[0]) not in known:
                raise UnknownNameError(f"OncoTree {given[0].replace('_', ' ')}", getattr(self, given[0]), known)

    @property
    def codes(self) -> frozenset[str]:
        """All OncoTree codes that meet it."""
        if self.code is not None:
            return oncotree.descendants(self.code)
        every = oncotree.all_codes()
        if self.lineage is not None:
            return frozenset(c for c in every if oncotree.is_liquid(c) == (self.lineage == "liquid"))
        field, value = ("main_type", self.main_type) if self.main_type else ("tissue", self.tissue)
        return frozenset(c for c in every if getattr(oncotree.node(c), field) == value)

    @property
    def words(self) -> str:
        """The tumour type."""
        if self.code is not None:
            return f"diagnosis {oncotree.find(self.code).name} ({self.code})"
        if self.lineage is not None:
            return f"a {self.lineage} tumour"
        return f"diagnosis within {self.main_type or self.tissue}"

    @property
    def fact(self) -> Fact:
        """The tumour type, specific enough."""
        return Fact("OncoTree diagnosis", "", "No diagnosis is recorded that is specific enough in OncoTree.")


@dataclass(frozen=True, slots=True)
class Age(Leaf):
    """Age within a range, on the day of matching or at diagnosis.

    Attributes:
        years: the range.
        at: ``as_of`` for the day of matching, ``diagnosis`` for the day of diagnosis.
        reading: ``completed`` counts full years, as protocols do (a patient is 75 until the 76th birthday);
            ``exact`` is time since birth, as matchengine-V2 reads CTML (``<=18`` ends at the 18th birthday).
    """

    uses_as_of: ClassVar[bool] = True
    recoverable: ClassVar[bool] = True  # a lower limit is reached with time

    years: Range
    at: Literal["as_of", "diagnosis"] = "as_of"
    reading: Literal["completed", "exact"] = "completed"

    def __post_init__(self) -> None:
        """Refuse limits that no age has, and parts of a year where full years are counted."""
        _one_of(self.at, ("as_of", "diagnosis"), "day for an age")
        _one_of(self.reading, ("completed", "exact"), "reading of an age")
        limits = [limit for limit in (self.years.low, self.years.high) if math.isfinite(limit)]
        if any(not 0 <= limit <= 150 for limit in limits):
            raise UserError(f"No age lies at the limits of {self.years}.", remedy="Give years from 0 to 150.")
        if self.reading == "completed" and any(limit != int(limit) for limit in limits):
            raise UserError(
                f"Completed years are whole numbers, unlike {self.years}.",
                remedy="Use whole years, or the reading exact.",
            )

    @property
    def words(self) -> str:
        """The range and the day it is taken on."""
        day = "at diagnosis" if self.at == "diagnosis" else "on the day of matching"
        return f"age {self.years} {'completed ' if self.reading == 'completed' else ''}years {day}"

    @property
    def fact(self) -> Fact:
        """The date of birth, or for the age at diagnosis that age."""
        if self.at == "diagnosis":
            return Fact("age at diagnosis", "", "The age at diagnosis is not known closely enough.")
        return Fact("birth date", "", "The date of birth (or of diagnosis, with the age then) is not known closely.")


@dataclass(frozen=True, slots=True)
class Sex(Leaf):
    """Sex as recorded."""

    code: SexCode

    def __post_init__(self) -> None:
        """Refuse an unknown code."""
        _one_of(self.code, get_args(SexCode), "sex code")

    @property
    def words(self) -> str:
        """The sex."""
        return f"sex {self.code}"

    @property
    def fact(self) -> Fact:
        """The sex."""
        return Fact("sex", "", "The sex is not recorded.")


@dataclass(frozen=True, slots=True)
class Receptor(Leaf):
    """Immunohistochemical status of a receptor; an equivocal result decides nothing."""

    marker: ReceptorName
    status: ReceptorStatus

    def __post_init__(self) -> None:
        """Refuse an unknown marker or status."""
        _one_of(self.marker, get_args(ReceptorName), "receptor")
        _one_of(self.status, get_args(ReceptorStatus), "receptor status")

    @property
    def words(self) -> str:
        """Marker and status."""
        return f"{self.marker} {self.status}"

    @property
    def fact(self) -> Fact:
        """The receptor's status."""
        return Fact("receptor status", self.marker, f"{self.marker} was not determined, or only as equivocal.")


@dataclass(frozen=True, slots=True)
class PerformanceStatus(Leaf):
    """ECOG performance status within a range, the latest recorded (Karnofsky scores are not translated)."""

    recoverable: ClassVar[bool] = True

    ecog: Range

    @property
    def words(self) -> str:
        """The range."""
        return f"ECOG performance status {self.ecog}"

    @property
    def fact(self) -> Fact:
        """The ECOG status."""
        return Fact("ECOG status", "", "No ECOG performance status is recorded that can be dated.")


@dataclass(frozen=True, slots=True)
class Stage(Leaf):
    """One of several stage groups with their sub-stages (``III``: also IIIA); a coarser record is unknown."""

    groups: tuple[str, ...]

    def __post_init__(self) -> None:
        """Bring the groups into short form; UserError if one is none."""
        groups = {group: stage_group(group) for group in self.groups}
        wrong = [group for group, short in groups.items() if short is None]
        if wrong or not groups:
            raise UserError(f"{wrong or 'Nothing'} is no stage group.", remedy="Write groups like III or IVA.")
        object.__setattr__(self, "groups", tuple(sorted({short for short in groups.values() if short})))

    @property
    def words(self) -> str:
        """The groups."""
        return f"stage {' or '.join(self.groups)}"

    @property
    def fact(self) -> Fact:
        """The stage group."""
        return Fact("stage group", "", "No stage group is recorded that is fine enough.")


@dataclass(frozen=True, slots=True)
class Metastatic(Leaf):
    """Distant metastasis: M1, a recorded metastasis, a specimen of one, or a status that says so in words.

    Without these M0 is no, and so is a disease that a record calls localized or of early stage.

    The stage group alone does not decide: IVA of the head and neck has no distant metastasis.
    """

    @property
    def words(self) -> str:
        """Distant metastasis."""
        return "distant metastasis"

    @property
    def fact(self) -> Fact:
        """The M category."""
        return Fact("M category", "", "Neither an M category nor a metastasis is recorded.")


@dataclass(frozen=True, slots=True)
class Consent(Leaf):
    """Consent to something, as recorded among the decisions: the latest counts.

    Accepted is yes, refused or withdrawn is no; a consent that was asked and not yet answered, and one that was
    never recorded, are unknown.

    Attributes:
        to: what is consented to, as the record names it (case and blanks apart).
    """

    to: str

    def __post_init__(self) -> None:
        """Take superfluous blanks off; UserError if nothing is left."""
        object.__setattr__(self, "to", " ".join(self.to.split()))
        if not self.to:
            raise UserError("A consent says to nothing.", remedy="Write what the patient consents to.")

    @property
    def words(self) -> str:
        """What is consented to."""
        return f"consent to {self.to}"

    @property
    def fact(self) -> Fact:
        """The consent."""
        return Fact("consent", self.to, "No answer to this consent is recorded.")
