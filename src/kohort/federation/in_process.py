"""Several sites in one process: sums are added inside the trust boundary, and the total goes to the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from kohort.errors import StatisticsError
from kohort.evidence import CountSums, KaplanMeierSums, pooled

__all__ = ["CohortCounts", "CohortSums", "Pooled", "Summary", "as_summary", "pool"]


class CohortCounts(Protocol):
    """A treatment cohort's counts at one site or at all: anything that has these three numbers."""

    @property
    def enrolled(self) -> int:
        """Patients in the cohort."""
        ...

    @property
    def evaluable(self) -> int:
        """Patients whose response is known."""
        ...

    @property
    def responders(self) -> int:
        """Evaluable patients who responded."""
        ...


@dataclass(frozen=True, slots=True)
class CohortSums:
    """Counts of a treatment cohort that add over sites.

    Attributes:
        enrolled: patients in the cohort.
        evaluable: patients whose response is known.
        responders: evaluable patients who responded.
    """

    enrolled: int
    evaluable: int
    responders: int

    def __post_init__(self) -> None:
        """Refuse counts that no cohort can have."""
        if not 0 <= self.responders <= self.evaluable <= self.enrolled:
            raise StatisticsError("A cohort has 0 <= responders <= evaluable <= enrolled.")

    def __add__(self, other: CohortSums) -> CohortSums:
        """The cohort at both sites together."""
        if not isinstance(other, CohortSums):
            return NotImplemented
        return CohortSums(
            self.enrolled + other.enrolled,
            self.evaluable + other.evaluable,
            self.responders + other.responders,
        )


Summary: TypeAlias = CountSums | KaplanMeierSums | CohortSums


@dataclass(frozen=True, slots=True)
class Pooled:
    """The sums of several sites and their total. It stays inside the trust boundary.

    Attributes:
        summary: the total.
        parts: site and its own sums, sorted by site.
    """

    summary: Summary
    parts: tuple[tuple[str, Summary], ...]

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that answered."""
        return tuple(site for site, _ in self.parts)


def as_summary(given: object) -> Summary:
    """A summary the gate knows; an object with enrolled, evaluable and responders becomes cohort sums.

    Raises:
        StatisticsError: it is none of these.
    """
    if isinstance(given, (CountSums, KaplanMeierSums, CohortSums)):
        return given
    counts = [getattr(given, name, None) for name in ("enrolled", "evaluable", "responders")]
    if all(isinstance(count, int) for count in counts):
        return CohortSums(*counts)  # type: ignore[arg-type]  # just checked
    raise StatisticsError(
        f"A {type(given).__name__} is not a summary that may leave a site.",
        remedy="Give count sums, survival sums or the counts of a cohort.",
    )


def pool(by_site: Mapping[str, object]) -> Pooled:
    """Add the sums of sites that run in this process.

    Args:
        by_site: each site's name and its sums, all answers to one question.

    Raises:
        StatisticsError: no site, or sums that answer different questions.
    """
    parts = tuple((site, as_summary(by_site[site])) for site in sorted(by_site))
    if len({type(part) for _, part in parts}) > 1:
        raise StatisticsError("The sites answered different questions.", remedy="Ask every site the same question.")
    return Pooled(pooled(part for _, part in parts), parts)  # type: ignore[type-var]  # one kind, just checked
