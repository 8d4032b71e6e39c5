"""The gate: the one way out of a site. A number leaves if every rule agrees, guarded, and written down.

``release`` checks :data:`RULES` in order, applies the guard of the summary's kind, writes the ledger, and
only then gives anything back. A refusal is written down too, and says which rule refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import blake3

from kohort.access import Act, Ledger, Permit, PermitRefusedError, Request, SitePolicy, check
from kohort.errors import StatisticsError
from kohort.evidence import CountSums, KaplanMeierSums, SuppressedTable
from kohort.federation.guards import (
    GuardedSurvival,
    ShownCohort,
    WithheldError,
    guard_cohort,
    guard_counts,
    guard_survival,
)
from kohort.federation.in_process import CohortSums, Pooled, Summary, as_summary

__all__ = ["RULES", "Question", "Refused", "Released", "Shown", "release"]

Shown = SuppressedTable | ShownCohort | GuardedSurvival

_ANALYSES: Final[dict[type[Summary], str]] = {
    CountSums: "counts",
    CohortSums: "cohort",
    KaplanMeierSums: "kaplan-meier",
}


@dataclass(frozen=True, slots=True)
class Released:
    """What may be shown.

    Attributes:
        analysis: ``counts``, ``cohort`` or ``kaplan-meier``.
        value: the guarded table, cohort or curves.
        k: smallest number of people shown.
        sites: sites that answered.
        missing_sites: sites that were asked and did not answer; no number includes them.
        entry: number of the ledger's entry.
    """

    analysis: str
    value: Shown
    k: int
    sites: tuple[str, ...]
    missing_sites: tuple[str, ...]
    entry: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing may be shown.

    Attributes:
        analysis: what was asked for.
        rule: name of the rule that refused.
        why: in words.
        entry: number of the ledger's entry.
    """

    analysis: str
    rule: str
    why: str
    entry: int


@dataclass(frozen=True, slots=True)
class Question:
    """All that a rule may look at."""

    pooled: Pooled
    permit: Permit
    policy: SitePolicy
    request: Request
    at: datetime

    @property
    def k(self) -> int:
        """Smallest number of people that may be shown: the stricter of permit and policy."""
        return max(self.permit.minimum_count, self.policy.minimum_count)

    @property
    def people(self) -> int:
        """People behind the summary."""
        summary = self.pooled.summary
        return summary.enrolled if isinstance(summary, CohortSums) else summary.n


def site_policy_allows_the_purpose(question: Question) -> str | None:
    """The site lets numbers leave for this purpose."""
    if question.request.purpose in question.policy.purposes:
        return None
    return f"The site does not give numbers away for {question.request.purpose.value}."


def summary_is_what_was_asked(question: Question) -> str | None:
    """The summary is of the analysis that the request names."""
    if _ANALYSES[type(question.pooled.summary)] == question.request.analysis:
        return None
    return f"The request is for {question.request.analysis}; the summary is of another kind."


def sites_that_answered_were_asked(question: Question) -> str | None:
    """No site is in the sum that the request does not name."""
    extra = sorted(set(question.pooled.sites) - question.request.sites)
    return f"The sum holds a site that was not asked: {', '.join(extra)}." if extra else None


def enough_sites_answered(question: Question) -> str | None:
    """At least as many sites are in the sum as permit and policy ask for."""
    least = max(question.permit.least_sites, question.policy.least_sites)
    if len(question.pooled.sites) >= least:
        return None
    return f"Fewer than {least} sites answered."


def population_is_large_enough(question: Question) -> str | None:
    """Nobody, or at least k people, are behind the summary."""
    if question.people == 0 or question.people >= question.k:
        return None
    return f"Fewer than {question.k} people are behind it."


Rule = Callable[[Question], str | None]

RULES: tuple[Rule, ...] = (
    site_policy_allows_the_purpose,
    summary_is_what_was_asked,
    sites_that_answered_were_asked,
    enough_sites_answered,
    population_is_large_enough,
)
"""The gate's own rules, in the order in which they are checked, after those of the permit."""


def release(
    summary: object,
    permit: Permit,
    policy: SitePolicy,
    ledger: Ledger,
    *,
    request: Request,
    at: datetime,
    persons: Collection[int] = (),
) -> Released | Refused:
    """Let a summary out, guarded, or refuse; either way the ledger has it before this returns.

    Args:
        summary: what :func:`kohort.federation.pool` gave, or one site's own sums (then the request names
            that one site): count sums, survival sums, or anything with enrolled, evaluable, responders.
        permit: the data permit.
        policy: the site's own policy.
        ledger: the site's ledger.
        request: who asks what, for which purpose.
        at: now, with time zone.
        persons: pseudonyms of everybody whose rows were used, for the ledger.

    Raises:
        StatisticsError: the summary is of a kind that never leaves a site, or of several unnamed sites.
        SiteError: the ledger could not be written; then nothing is released.
    """
    question = Question(_as_pooled(summary, request), permit, policy, request, at)
    try:
        value = _allowed(question)
    except (PermitRefusedError, WithheldError) as refusal:
        why = refusal.what if isinstance(refusal, PermitRefusedError) else refusal.why
        entry = _write(ledger, question, "refuse", {"rule": refusal.rule, "why": why}, persons)
        return Refused(request.analysis, refusal.rule, why, entry)
    sites = question.pooled.sites
    missing = tuple(sorted(request.sites - set(sites)))
    details = {"k": question.k, "sites": sites, "missing_sites": missing, "result": _digest(value)}
    entry = _write(ledger, question, "release", details, persons)
    return Released(request.analysis, value, question.k, sites, missing, entry)


def _as_pooled(summary: object, request: Request) -> Pooled:
    if isinstance(summary, Pooled):
        return summary
    if len(request.sites) != 1:
        raise StatisticsError(
            "Several sites are asked, but the summary does not say which of them answered.",
            remedy="Add their sums with kohort.federation.pool first.",
        )
    part = as_summary(summary)
    return Pooled(part, tuple((site, part) for site in request.sites))


def _allowed(question: Question) -> Shown:
    """What may be shown; raises PermitRefusedError or WithheldError if that is nothing."""
    check(question.permit, question.request, question.at)
    for rule in RULES:
        if (why := rule(question)) is not None:
            raise WithheldError(rule.__name__, why)
    return _guarded(question)


def _guarded(question: Question) -> Shown:
    summary = question.pooled.summary
    if isinstance(summary, CountSums):
        return guard_counts(summary, question.k)
    if isinstance(summary, CohortSums):
        return guard_cohort(question.pooled, question.k)
    return guard_survival(summary, question.k, question.policy.survival_step_days)


def _write(ledger: Ledger, question: Question, action: str, details: dict[str, Any], persons: Collection[int]) -> int:
    request = question.request
    act = Act(
        at=question.at,
        who=request.who,
        organisation=request.organisation,
        permit=question.permit.id,
        purpose=request.purpose.value,
        action=action,
        what=request.question,
        details={"analysis": request.analysis, "columns": sorted(request.columns), **details},
        persons=frozenset(persons),
    )
    return ledger.append(act).sequence


def _digest(value: Shown) -> str:
    """Hash of everything that is shown, by which a printed result can be walked back to its entry."""
    record = value.to_frame().to_dicts() if isinstance(value, SuppressedTable) else value.to_record()
    return blake3.blake3(json.dumps(record, sort_keys=True).encode()).hexdigest()
