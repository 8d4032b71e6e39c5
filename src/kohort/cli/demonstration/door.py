"""The gate as the demonstration uses it: one permit, one policy, one ledger, and every number through `release`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kohort.access import Ledger, Permit, Purpose, Request, SitePolicy
from kohort.cohort import CohortCounts
from kohort.evidence import CountSums, KaplanMeierSums, SuppressedTable
from kohort.federation import GuardedSurvival, Released, ShownCohort, pool, release
from kohort.web import NOT_SHOWN, Count

__all__ = ["Door", "as_count", "by_site"]

_WHO, _ORGANISATION = "kohort demo", "demonstration on one machine"


@dataclass(frozen=True, slots=True)
class Door:
    """The way out of the sites of a demonstration.

    Attributes:
        permit: the permit under which everything is asked.
        policy: the strictest of the sites' policies.
        ledger: where each release and refusal is written.
        at: the moment of asking.
    """

    permit: Permit
    policy: SitePolicy
    ledger: Ledger
    at: datetime

    @classmethod
    def open(
        cls, sites: Iterable[str], columns: frozenset[str], policies: Iterable[SitePolicy], ledger: Ledger, at: datetime
    ) -> Door:
        """A door for these sites, with a permit for education that ends within a day."""
        permit = Permit(
            id="DEMO", holder=_WHO, purpose=Purpose.EDUCATION,
            analyses=frozenset({"counts", "cohort", "kaplan-meier"}), columns=columns, sites=frozenset(sites),
            valid_from=at - timedelta(hours=1), valid_to=at + timedelta(hours=23),
        )  # fmt: skip
        given = list(policies)
        strictest = SitePolicy(
            minimum_count=max(p.minimum_count for p in given),
            survival_step_days=max(p.survival_step_days for p in given),
        )
        return cls(permit, strictest, ledger, at)

    @property
    def k(self) -> int:
        """Smallest number of people that is shown."""
        return max(self.permit.minimum_count, self.policy.minimum_count)

    @property
    def hidden(self) -> Count:
        """What stands in the place of a small number."""
        return f"<{self.k}"

    def counts(self, question: str, parts: Mapping[str, CountSums]) -> SuppressedTable | None:
        """The pooled table with small cells hidden; None where nothing may be shown."""
        answer = self._release(question, "counts", parts)
        return answer if isinstance(answer, SuppressedTable) else None

    def cohort(self, question: str, parts: Mapping[str, CohortCounts]) -> ShownCohort | None:
        """The pooled counts of a cohort; None while fewer than k patients are behind them."""
        answer = self._release(question, "cohort", parts)
        return answer if isinstance(answer, ShownCohort) else None

    def survival(self, question: str, parts: Mapping[str, KaplanMeierSums]) -> GuardedSurvival | None:
        """The pooled curves on guarded times; None where none may be shown."""
        answer = self._release(question, "kaplan-meier", parts)
        return answer if isinstance(answer, GuardedSurvival) else None

    def _release(self, question: str, analysis: str, parts: Mapping[str, object]) -> object:
        request = Request(
            who=_WHO, organisation=_ORGANISATION, purpose=self.permit.purpose, analysis=analysis,
            columns=self.permit.columns, sites=frozenset(parts), question=question,
        )  # fmt: skip
        answer = release(pool(parts), self.permit, self.policy, self.ledger, request=request, at=self.at)
        return answer.value if isinstance(answer, Released) else None


def by_site(numbers: Mapping[str, int]) -> dict[str, CountSums]:
    """One number a site, as sums that keep the site's name as a column."""
    return {site: CountSums(("site",), (((site,), n),) if n else ()) for site, n in numbers.items()}


def as_count(table: SuppressedTable | None, *key: str, otherwise: Count = 0) -> Count:
    """A cell of a released table as a page shows it; ``otherwise`` where the table has no such cell."""
    if table is None:
        return NOT_SHOWN
    value = table.cells.get(key, otherwise)
    if value == "small":
        return f"<{table.k}"
    return NOT_SHOWN if value == "other" else value
