"""Data permits: who may ask what of which sites, for which purpose, until when. Checked on every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kohort.access.policy import DEFAULT_MINIMUM_COUNT, Purpose
from kohort.errors import AccessError

__all__ = ["RULES", "Permit", "PermitRefusedError", "Request", "check"]


class PermitRefusedError(AccessError):
    """A permit does not cover a request.

    Attributes:
        rule: name of the rule that refused, e.g. ``purpose_is_the_permitted_one``.
    """

    def __init__(self, rule: str, what: str, *, remedy: str = "") -> None:
        self.rule = rule
        super().__init__(f"{what} (rule {rule})", remedy=remedy)


@dataclass(frozen=True, slots=True)
class Permit:
    """A data permit, as the health data access body gave it.

    Attributes:
        id: the permit's number.
        holder: the person or account it was given to.
        purpose: the one purpose it was given for.
        analyses: names of permitted analyses: ``counts``, ``cohort``, ``kaplan-meier`` ...
        columns: permitted columns as ``table.column``; ``table.*`` permits a whole table.
        sites: sites that may be asked.
        valid_from: first moment of validity, with time zone.
        valid_to: end of validity (that moment is outside), with time zone.
        minimum_count: smallest number of people that may be shown; a site's policy may ask for more.
        least_sites: least number of sites in a released sum.
    """

    id: str
    holder: str
    purpose: Purpose
    analyses: frozenset[str]
    columns: frozenset[str]
    sites: frozenset[str]
    valid_from: datetime
    valid_to: datetime
    minimum_count: int = DEFAULT_MINIMUM_COUNT
    least_sites: int = 1

    def __post_init__(self) -> None:
        """Refuse a permit that leaves open what it permits."""
        if not (self.id and self.holder and self.analyses and self.columns and self.sites):
            raise AccessError("A permit names its id, holder, analyses, columns and sites.")
        if any(not table or not name for table, _, name in (c.partition(".") for c in self.columns)):
            raise AccessError("A permit names columns as table.column.", remedy="Use table.* for a whole table.")
        _require_zone(self.valid_from, self.valid_to)
        if self.valid_from >= self.valid_to:
            raise AccessError("A permit ends after it begins.")
        if self.minimum_count < DEFAULT_MINIMUM_COUNT:
            raise AccessError(f"A permit's minimum count is at least {DEFAULT_MINIMUM_COUNT}.")
        if not 1 <= self.least_sites <= len(self.sites):
            raise AccessError("A permit's least number of sites is 1 to the number of its sites.")

    def covers_column(self, column: str) -> bool:
        """True if the permit names the column or its whole table."""
        return column in self.columns or f"{column.partition('.')[0]}.*" in self.columns


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked now, under a permit.

    Attributes:
        who: the person or account that asks.
        organisation: where that person works; shown to patients.
        purpose: what for.
        analysis: which analysis.
        columns: every column it reads, as ``table.column``.
        sites: the sites that are asked.
        question: the question in a sentence, for the ledger; it names no patient.
    """

    who: str
    organisation: str
    purpose: Purpose
    analysis: str
    columns: frozenset[str]
    sites: frozenset[str]
    question: str

    def __post_init__(self) -> None:
        """Refuse a request that hides who asks or what."""
        if not (self.who and self.organisation and self.analysis and self.question):
            raise AccessError("A request names who asks, for which organisation, the analysis and the question.")
        if not (self.columns and self.sites):
            raise AccessError("A request names the columns that it reads and the sites that it asks.")


def permit_is_valid_now(permit: Permit, request: Request, at: datetime) -> str | None:
    """The permit has begun and has not ended."""
    del request
    if permit.valid_from <= at < permit.valid_to:
        return None
    return "The permit has not begun." if at < permit.valid_from else "The permit has ended."


def asker_is_the_holder(permit: Permit, request: Request, at: datetime) -> str | None:
    """Only the holder may use a permit."""
    del at
    return None if request.who == permit.holder else "The permit was given to somebody else."


def sites_are_permitted(permit: Permit, request: Request, at: datetime) -> str | None:
    """No other sites are asked than those of the permit."""
    del at
    extra = sorted(request.sites - permit.sites)
    return f"The permit does not name the site {', '.join(extra)}." if extra else None


def purpose_is_the_permitted_one(permit: Permit, request: Request, at: datetime) -> str | None:
    """A permit serves one purpose."""
    del at
    if request.purpose == permit.purpose:
        return None
    return f"The permit is for {permit.purpose.value}, not for {request.purpose.value}."


def analysis_is_permitted(permit: Permit, request: Request, at: datetime) -> str | None:
    """Only analyses that the permit names."""
    del at
    return None if request.analysis in permit.analyses else f"The permit does not name {request.analysis}."


def columns_are_permitted(permit: Permit, request: Request, at: datetime) -> str | None:
    """No other columns are read than those of the permit."""
    del at
    extra = sorted(column for column in request.columns if not permit.covers_column(column))
    return f"The permit does not name {', '.join(extra)}." if extra else None


Rule = Callable[[Permit, Request, datetime], str | None]

RULES: tuple[Rule, ...] = (
    permit_is_valid_now,
    asker_is_the_holder,
    sites_are_permitted,
    purpose_is_the_permitted_one,
    analysis_is_permitted,
    columns_are_permitted,
)
"""All rules of a permit, in the order in which they are checked."""


def check(permit: Permit, request: Request, at: datetime) -> None:
    """Return if the permit covers the request at that moment.

    Args:
        permit: the permit.
        request: what is asked.
        at: now, with time zone.

    Raises:
        PermitRefusedError: a rule refuses; its name is in ``rule`` and in the message.
    """
    _require_zone(at)
    for rule in RULES:
        if (why := rule(permit, request, at)) is not None:
            raise PermitRefusedError(rule.__name__, why, remedy="Ask for what the permit covers, or have it changed.")


def _require_zone(*moments: datetime) -> None:
    if any(moment.utcoffset() is None for moment in moments):
        raise AccessError("A moment has no time zone.", remedy="Give it one, e.g. datetime.timezone.utc.")
