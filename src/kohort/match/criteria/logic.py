"""Criteria are trees: leaves that ask one thing about a patient, joined by and, or, not, and at least n of.

`evaluate` gives them their meaning over a population, in Kleene's three values: AND is the least, OR the
greatest of its parts on false < unknown < true; NOT swaps true and false only; "at least n of k" is true when
n parts are true and false when so many are false that n cannot be reached.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from kohort.errors import UserError
from kohort.match.engine.truth import Truth

__all__ = ["And", "AtLeast", "Compound", "Criterion", "Fact", "Leaf", "Not", "Or", "leaves", "requirements"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that can be found out about a patient and that would make criteria known.

    Attributes:
        kind: what sort of fact: ``mutation test``, ``receptor status``, ``birth date`` ...
        subject: what it is about: a gene, a marker; empty if the kind says all.
        missing: a sentence for people on what is missing.
    """

    kind: str
    subject: str
    missing: str

    @property
    def words(self) -> str:
        """What has to be found out, in a few words."""
        return f"{self.kind} of {self.subject}" if self.subject else self.kind


@dataclass(frozen=True, slots=True)
class _Node(ABC):
    """A condition on a patient."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The condition for people, without a full stop."""


@dataclass(frozen=True, slots=True)
class Leaf(_Node):
    """A condition that one kind of fact decides."""

    uses_as_of: ClassVar[bool] = False
    """True if the answer depends on the day of matching."""

    recoverable: ClassVar[bool] = False
    """True if what is measured changes by itself or can be changed: not met today may be met next week."""

    @property
    @abstractmethod
    def fact(self) -> Fact:
        """The fact that would decide it where it is unknown."""


@dataclass(frozen=True, slots=True, init=False)
class Compound(_Node):
    """A condition made of others."""

    parts: tuple[Criterion, ...]

    def __init__(self, *parts: Criterion) -> None:
        object.__setattr__(self, "parts", parts)

    @abstractmethod
    def join(self, truths: Iterable[Truth], size: int) -> Truth:
        """Its value from those of its parts, for ``size`` persons."""


@dataclass(frozen=True, slots=True, init=False)
class And(Compound):
    """All of the parts; without parts it holds for everybody."""

    @property
    def words(self) -> str:
        """The parts joined by *and*."""
        return " and ".join(_bracketed(part) for part in self.parts) or "no condition"

    def join(self, truths: Iterable[Truth], size: int) -> Truth:
        """The least value of the parts."""
        return Truth.all_of(truths, size)


@dataclass(frozen=True, slots=True, init=False)
class Or(Compound):
    """At least one of the parts; without parts it holds for nobody."""

    @property
    def words(self) -> str:
        """The parts joined by *or*."""
        return " or ".join(_bracketed(part) for part in self.parts) or "nothing that can be met"

    def join(self, truths: Iterable[Truth], size: int) -> Truth:
        """The greatest value of the parts."""
        return Truth.any_of(truths, size)


@dataclass(frozen=True, slots=True, init=False)
class Not(Compound):
    """The opposite of one criterion."""

    def __init__(self, part: Criterion) -> None:
        object.__setattr__(self, "parts", (part,))

    @property
    def words(self) -> str:
        """The part after *not*."""
        return f"not {_bracketed(self.parts[0])}"

    def join(self, truths: Iterable[Truth], size: int) -> Truth:
        """True and false swapped."""
        (truth,) = truths
        return ~truth


@dataclass(frozen=True, slots=True, init=False)
class AtLeast(Compound):
    """At least ``n`` of the parts."""

    n: int

    def __init__(self, n: int, *parts: Criterion) -> None:
        if not 1 <= n <= len(parts):
            raise UserError(
                f"At least {n} of {len(parts)} criteria cannot be asked.",
                remedy=f"Give a number from 1 to {len(parts)}." if parts else "List the criteria.",
            )
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "n", n)

    @property
    def words(self) -> str:
        """The number and the parts."""
        return f"at least {self.n} of: " + "; ".join(part.words for part in self.parts)

    def join(self, truths: Iterable[Truth], size: int) -> Truth:
        """True when n parts are, false when n cannot be reached."""
        return Truth.at_least(self.n, truths, size)


Criterion: TypeAlias = Leaf | Compound
"""A condition on a patient: a leaf, or a compound of others."""


def _bracketed(criterion: Criterion) -> str:
    return criterion.words if isinstance(criterion, Leaf | Not) else f"({criterion.words})"


def leaves(criterion: Criterion) -> Iterator[Leaf]:
    """All leaves from left to right, one that occurs twice twice."""
    if isinstance(criterion, Leaf):
        yield criterion
        return
    for part in criterion.parts:
        yield from leaves(part)


def requirements(criterion: Criterion) -> tuple[Criterion, ...]:
    """The separate criteria that all have to hold: the parts of nested ANDs, else the criterion itself."""
    if not isinstance(criterion, And):
        return (criterion,)
    return tuple(single for part in criterion.parts for single in requirements(part))
