"""Criteria on earlier treatment: what was given, how many lines, how long ago."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, get_args

from kohort.errors import UserError
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.vocabulary import drug_name

__all__ = ["MODALITIES", "SETTINGS", "Modality", "PriorTherapy", "Setting", "SystemicLines", "TherapySince", "Treated"]

Modality = Literal["systemic", "radiotherapy", "surgery"]
Setting = Literal["neoadjuvant", "adjuvant", "concomitant", "advanced", "recurrence"]
MODALITIES: tuple[str, ...] = get_args(Modality)
SETTINGS: tuple[str, ...] = get_args(Setting)


class Treated(Protocol):
    """Anything that names treatments by drug, class or modality."""

    @property
    def drug(self) -> str | None:
        """INN, or None."""
        ...

    @property
    def drug_class(self) -> str | None:
        """Class of the drug table, or None."""
        ...


def _normalise(leaf: PriorTherapy | SystemicLines | TherapySince) -> None:
    """Bring drug and class into normal form; UserError if both are given."""
    if leaf.drug is not None and leaf.drug_class is not None:
        raise UserError("A drug and a drug class are asked at once.", remedy="Give exactly one of both.")
    if leaf.drug is not None:
        object.__setattr__(leaf, "drug", drug_name(leaf.drug))
    if leaf.drug_class is not None:
        object.__setattr__(leaf, "drug_class", " ".join(leaf.drug_class.split()).casefold())


def _one_of(value: str | None, allowed: tuple[str, ...], what: str) -> None:
    if value is not None and value not in allowed:
        raise UserError(f"{value!r} is no {what} of a treatment.", remedy=f"Use {', '.join(allowed)}.")


def _named(leaf: Treated) -> str:
    """The drug or class in words; empty if neither is asked."""
    return leaf.drug or (f"a drug of class {leaf.drug_class}" if leaf.drug_class else "")


@dataclass(frozen=True, slots=True)
class PriorTherapy(Leaf):
    """A treatment was given before: a drug or any drug of a class, of a modality, in a setting.

    All that is given must hold of one course. A patient with any recorded treatment has a treatment history: a
    drug that does not stand in it was not given. A course without a recognised drug leaves the question open. No
    recorded treatment at all is unknown.

    Attributes:
        drug: INN or any synonym.
        drug_class: a class of the drug table, e.g. ``EGFR inhibitor``.
        modality: ``systemic``, ``radiotherapy`` or ``surgery``.
        setting: ``neoadjuvant``, ``adjuvant``, ``concomitant``, ``advanced`` or ``recurrence``.
    """

    drug: str | None = None
    drug_class: str | None = None
    modality: Modality | None = None
    setting: Setting | None = None

    def __post_init__(self) -> None:
        """Bring the name into normal form; UserError if nothing, or drug and class at once, are given."""
        _normalise(self)
        _one_of(self.modality, MODALITIES, "modality")
        _one_of(self.setting, SETTINGS, "setting")
        if (self.drug, self.drug_class, self.modality, self.setting) == (None,) * 4:
            raise UserError(
                "A prior therapy is asked by a drug, a drug class, a modality or a setting.",
                remedy="Give at least one of them.",
            )

    @property
    def words(self) -> str:
        """What was given, how and when."""
        sort = " ".join(part for part in (self.setting, self.modality) if part)
        what = f"earlier {sort} treatment" if sort else "earlier treatment"
        return f"{what} with {_named(self)}" if _named(self) else what

    @property
    def fact(self) -> Fact:
        """The treatment history."""
        return Fact("treatment history", "", "No treatment history is recorded in which every drug is recognised.")


@dataclass(frozen=True, slots=True)
class SystemicLines(Leaf):
    """Number of earlier systemic lines within a range, of all or of those with a drug or class.

    Stated line numbers are taken: of all lines the highest counts; of those with a drug, each number that a
    course with it has. Where none is stated, several courses may be parts of one line: the number then lies
    between one and the number of courses.

    Attributes:
        lines: the range.
        drug: only lines with this drug (INN or any synonym).
        drug_class: only lines with a drug of this class.
    """

    lines: Range
    drug: str | None = None
    drug_class: str | None = None

    def __post_init__(self) -> None:
        """Bring the name into normal form; UserError if drug and class are given at once."""
        _normalise(self)

    @property
    def words(self) -> str:
        """The range, and the drug or class."""
        return f"earlier systemic lines {f'with {_named(self)} ' if _named(self) else ''}{self.lines}"

    @property
    def fact(self) -> Fact:
        """The lines of treatment."""
        return Fact("lines of treatment", "", "The number of systemic lines is not recorded.")


@dataclass(frozen=True, slots=True)
class TherapySince(Leaf):
    """Days since the last treatment of a kind, on the day of matching: the washout that protocols ask for.

    Counted from the end; where only the start is known, the end lies between the start and the day of matching.
    A treatment that goes on is 0 days ago, an operation ends on its day. In a recorded treatment history, what
    was never given is infinitely long ago: *at least 28 days since* then holds, *at most* does not. Without a
    recorded treatment it is unknown.

    Attributes:
        days: the range of days.
        drug: INN or any synonym. Exactly one of these three is given.
        drug_class: a class of the drug table.
        modality: ``systemic``, ``radiotherapy`` or ``surgery``.
    """

    uses_as_of: ClassVar[bool] = True
    recoverable: ClassVar[bool] = True

    days: Range
    drug: str | None = None
    drug_class: str | None = None
    modality: Modality | None = None

    def __post_init__(self) -> None:
        """Bring the name into normal form; UserError unless exactly one kind of treatment is given."""
        _normalise(self)
        _one_of(self.modality, MODALITIES, "modality")
        if (self.drug, self.drug_class, self.modality).count(None) != 2:
            raise UserError(
                "The time since a treatment is asked by exactly one of drug, drug_class and modality.",
                remedy="Join several with all or any.",
            )
        if self.days.high < 0 or (self.days.high == 0 and not self.days.with_high):
            raise UserError("No treatment lies ahead of the day of matching.", remedy="Give days from 0.")

    @property
    def words(self) -> str:
        """The range and the treatment."""
        return f"days since the last treatment with {_named(self) or self.modality} {self.days}"

    @property
    def fact(self) -> Fact:
        """When it was given last."""
        what = self.drug or self.drug_class or str(self.modality)
        return Fact("end of treatment", what, "It is not recorded closely enough when this treatment was last given.")
