"""One cohort over sister trials: pooled counts, how much the trials differ, and what each country changes.

* ``fixed``: the trials are one cohort. Responders and patients add up; the interval is that of Clopper and Pearson
  at the sums. It is too narrow where the trials differ.
* ``hierarchical``: the rates of the trials are draws from one distribution (``between``). The overall rate, and that
  of a trial not yet seen, carry the differences; ``model`` is any borrowing model over the trials, whose posterior
  of each trial then stands beside it.

``leave_one_country_out`` pools again without each country. A cohort whose reading hangs on one country is no finding
of all.

References:
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413 (exact interval).
    Greenhouse JB, Iyengar S. In: Cooper H, Hedges LV, editors. Handbook of Research Synthesis. 1994: 383-398
    (leaving out one study at a time).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.posterior import Posterior
from kohort.cohort.countries.between import BetweenModel, BetweenTrials, LogitNormal
from kohort.cohort.countries.counts import CohortCount, by_cohort, exact_interval, verdict_now
from kohort.cohort.countries.heterogeneity import Heterogeneity, heterogeneity
from kohort.cohort.designs.decisions import Verdict
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.inference.intervals import Interval
from kohort.errors import StatisticsError, UnknownNameError

__all__ = ["LeftOut", "PooledCohort", "PoolingMethod", "leave_one_country_out", "pool_counts"]

PoolingMethod = Literal["fixed", "hierarchical"]


@dataclass(frozen=True, slots=True, eq=False)
class PooledCohort:
    """One cohort over all trials.

    Attributes:
        cohort: identifier of the cohort.
        counts: what each trial and country sent.
        responders: responders of all.
        evaluable: evaluable patients of all.
        interval: exact interval of the rate at the pooled counts.
        heterogeneity: how much the trials differ; None with fewer than two that have patients.
        design: the design that all trials share; None where they do not, or tell none.
        verdict: what the pooled counts say by the design; None without one.
        between: overall rate and that of a new trial; None for the fixed method.
        posterior: rate of each trial in the order of ``counts`` under the borrowing model; None without one.
    """

    cohort: str
    counts: tuple[CohortCount, ...]
    responders: int
    evaluable: int
    interval: Interval
    heterogeneity: Heterogeneity | None
    design: TwoStageDesign | None
    verdict: Verdict | None
    between: BetweenTrials | None = None
    posterior: Posterior | None = None

    @property
    def rate(self) -> float | None:
        """Responders of evaluable patients; None without patients."""
        return self.responders / self.evaluable if self.evaluable else None

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries that sent counts, in the order of first mention."""
        return tuple(dict.fromkeys(count.country for count in self.counts))

    @property
    def sentence(self) -> str:
        """In plain words."""
        rate = "" if self.rate is None else f" ({self.rate:.0%}, {self.interval.level:.0%} interval "
        rate += f"{self.interval.lower:.0%} to {self.interval.upper:.0%})" if rate else ""
        parts = [
            f"{self.cohort}: {self.responders} of {self.evaluable} evaluable patients responded{rate}, "
            f"in {len(self.counts)} trials of {len(self.countries)} countries."
        ]
        if self.verdict is not None:
            parts.append(f"By the pooled counts: {self.verdict}.")
        if self.between is not None:
            low, high = (self.between.new_trial.quantile(at) for at in (0.025, 0.975))
            parts.append(f"A new trial's rate lies in {low:.0%} to {high:.0%} with probability 95%.")
        if self.heterogeneity is not None:
            parts.append(self.heterogeneity.sentence)
        return " ".join(parts)


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """One cohort without one country.

    Attributes:
        country: the country that was left out.
        pooled: the cohort without it; None if no other country has it.
        changes_verdict: True if the reading of the pooled counts is another without it.
        rate_shift: rate of all less the rate without it; None where one of them has no patients.
    """

    country: str
    pooled: PooledCohort | None
    changes_verdict: bool
    rate_shift: float | None


def pool_counts(
    counts: Iterable[CohortCount],
    method: PoolingMethod = "fixed",
    *,
    between: BetweenModel | None = None,
    model: BorrowingModel | None = None,
    level: float = 0.95,
) -> dict[str, PooledCohort]:
    """Each cohort over all trials, cohorts in the order of first mention.

    Args:
        counts: one entry a trial, country and cohort.
        method: ``fixed`` or ``hierarchical``, see the module.
        between: distribution of the trials' rates for ``hierarchical``; None: ``LogitNormal()``.
        model: a borrowing model over the trials of a cohort, for ``hierarchical``; None: no posterior by trial.
        level: of intervals.

    Raises:
        UnknownNameError: another method.
        StatisticsError: nothing to pool, a count given twice, models with the fixed method.
    """
    if method not in get_args(PoolingMethod):
        raise UnknownNameError("way to pool", method, get_args(PoolingMethod))
    if method == "fixed" and (between is not None or model is not None):
        raise StatisticsError("The fixed method has no model between trials.", remedy="Ask for method='hierarchical'.")
    law = (between or LogitNormal()) if method == "hierarchical" else None
    return {cohort: _pool(cohort, given, law, model, level) for cohort, given in by_cohort(counts).items()}


def leave_one_country_out(
    counts: Iterable[CohortCount],
    method: PoolingMethod = "fixed",
    *,
    between: BetweenModel | None = None,
    model: BorrowingModel | None = None,
    level: float = 0.95,
) -> dict[str, tuple[LeftOut, ...]]:
    """Each cohort without each of its countries; arguments and errors as in :func:`pool_counts`."""
    given = by_cohort(counts)

    def pooled(some: Iterable[CohortCount]) -> PooledCohort:
        (found,) = pool_counts(some, method, between=between, model=model, level=level).values()
        return found

    def without(country: str, whole: PooledCohort) -> LeftOut:
        others = [count for count in whole.counts if count.country != country]
        rest = pooled(others) if others else None
        shift = None
        if rest is not None and whole.rate is not None and rest.rate is not None:
            shift = whole.rate - rest.rate
        return LeftOut(country, rest, whole.verdict != (rest.verdict if rest else None), shift)

    wholes = {cohort: pooled(of_cohort) for cohort, of_cohort in given.items()}
    return {cohort: tuple(without(country, whole) for country in whole.countries) for cohort, whole in wholes.items()}


def _pool(
    cohort: str,
    counts: tuple[CohortCount, ...],
    law: BetweenModel | None,
    model: BorrowingModel | None,
    level: float,
) -> PooledCohort:
    x, n = [count.responders for count in counts], [count.evaluable for count in counts]
    designs = {count.design for count in counts}
    design = designs.pop() if len(designs) == 1 else None
    responders, evaluable = sum(x), sum(n)
    return PooledCohort(
        cohort=cohort,
        counts=counts,
        responders=responders,
        evaluable=evaluable,
        interval=exact_interval(responders, evaluable, level),
        heterogeneity=heterogeneity(x, n, level),
        design=design,
        verdict=None if design is None else verdict_now(responders, evaluable, design),
        between=None if law is None else law.fit(x, n),
        posterior=None if model is None else model.fit(x, n),
    )
