"""What a site allows at all, whatever a permit says: the site's own rules, set by the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Self

from kohort.errors import AccessError, UnknownNameError

__all__ = ["DEFAULT_MINIMUM_COUNT", "Purpose", "SitePolicy"]

DEFAULT_MINIMUM_COUNT: Final = 5
"""Smallest number of people that may be shown, other than 0. A site may only raise it."""


class Purpose(StrEnum):
    """What data may be used for: care of the patient herself, or a purpose of secondary use.

    The secondary ones follow the list of Article 53 of Regulation (EU) 2025/327 (European Health Data Space).
    """

    CARE = "care"
    PUBLIC_HEALTH = "public-health"
    POLICY_MAKING = "policy-making"
    STATISTICS = "statistics"
    EDUCATION = "education"
    RESEARCH = "research"
    CARE_IMPROVEMENT = "care-improvement"


_SECONDARY = frozenset(Purpose) - {Purpose.CARE}


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """A site's own limits on what may leave it.

    Attributes:
        minimum_count: smallest number of people, other than 0, that may be shown; 5 or more.
        survival_step_days: published survival times are multiples of this many days.
        purposes: purposes for which anything may leave. Care is not one: it needs rows, and rows stay.
        least_sites: least number of sites in a released sum. With two, each knows the other's part.
    """

    minimum_count: int = DEFAULT_MINIMUM_COUNT
    survival_step_days: int = 30
    purposes: frozenset[Purpose] = field(default=_SECONDARY)
    least_sites: int = 1

    def __post_init__(self) -> None:
        """Refuse a policy that protects less than the default, or that cannot be meant."""
        if self.minimum_count < DEFAULT_MINIMUM_COUNT:
            raise AccessError(
                f"A minimum count of {self.minimum_count} is below {DEFAULT_MINIMUM_COUNT}.",
                remedy="A site may raise the minimum count, not lower it.",
            )
        if self.survival_step_days < 1:
            raise AccessError("Survival times are published in steps of at least one day.")
        if self.least_sites < 1:
            raise AccessError("A released sum comes from at least one site.")
        if Purpose.CARE in self.purposes:
            raise AccessError("Care is no purpose for which numbers leave a site.")

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> Self:
        """The policy as written in ``site.toml``, what is left out at its default.

        Raises:
            UnknownNameError: an entry or a purpose that does not exist.
            AccessError: a value that a policy may not have.
        """
        known = [entry.name for entry in fields(cls)]
        for name in written:
            if name not in known:
                raise UnknownNameError("policy entry", name, known)
        values = dict(written)
        if "purposes" in values:
            values["purposes"] = frozenset(_purpose(name) for name in values["purposes"])
        for name in set(values) - {"purposes"}:
            if not isinstance(values[name], int) or isinstance(values[name], bool):
                raise AccessError(f"Policy entry {name!r} must be a whole number.")
        return cls(**values)

    def to_mapping(self) -> dict[str, Any]:
        """The policy as it can be written to ``site.toml``; :meth:`from_mapping` reads it back."""
        return asdict(self) | {"purposes": sorted(self.purposes)}


def _purpose(name: str) -> Purpose:
    try:
        return Purpose(name)
    except ValueError:
        raise UnknownNameError("purpose", name, [purpose.value for purpose in Purpose]) from None
