"""When stage 2 may open on stage 1 patients of several countries, and what merging them costs and gains.

No country fills stage 1 alone; together they do. Two rules say which patients the look is at:

* **by order**: the first n1 evaluated, in whatever country. Needs dates from all; the design's alpha and power hold
  exactly, since the first n1 are n1 patients like any other.
* **by counts**: countries report at times, and the look is at all patients evaluable when their sum first reaches n1.
  Reports come in lumps, so the look is at m >= n1 and r1 is kept. Larger looks stop less often: alpha rises from that
  of the plan towards that without a look. ``merged_course`` follows given reports to the look and to the end, and gives
  the exact rates of what then happens, as planned and with the threshold that holds the promised alpha.

Counts do not say who came first. With x responders of m > n1, between max(0, x - (m - n1)) and min(x, n1) of them are
among the first n1; if all orders are equally likely the number is hypergeometric. ``merged_look`` says whether the
order could change the reading.

**Passed only because trials were merged**: the pooled counts have n1 or more evaluable and more than r1 responders,
and no country alone has both.

References:
    Simon R. Control Clin Trials 1989;10:1-10 (the two-stage rule).
    Green SJ, Dahlberg S. Stat Med 1992;11:853-862 (looks at other sizes than planned).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from scipy.special import gammaln

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.countries.counts import CohortCount, by_cohort
from kohort.cohort.designs.decisions import Decision, Verdict
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, SizeRules, TwoStageDesign
from kohort.errors import StatisticsError

__all__ = [
    "CountryAlone",
    "LookChances",
    "MergedCourse",
    "MergedLook",
    "merged_course",
    "merged_look",
    "passed_only_merged",
]


@dataclass(frozen=True, slots=True)
class CountryAlone:
    """What one country would know without the others.

    Attributes:
        country: the country, all its trials together.
        responders: its responders.
        evaluable: its evaluable patients.
        decision: the look at its own patients.
        is_full: True if it has n1 evaluable patients or more of its own.
    """

    country: str
    responders: int
    evaluable: int
    decision: Decision
    is_full: bool

    @property
    def has_passed(self) -> bool:
        """True if it fills stage 1 alone and may go on."""
        return self.is_full and self.decision.verdict is Verdict.GO_ON


@dataclass(frozen=True, slots=True)
class MergedLook:
    """The look after stage 1 at the patients of all countries.

    Attributes:
        cohort: identifier of the cohort.
        decision: the look at the pooled counts.
        is_full: True if the countries together have n1 evaluable patients or more.
        alone: what each country would know without the others.
        among_first: fewest and most responders that can be among the first n1 evaluated.
        go_by_order: probability that the first n1 evaluated have more than r1 responders if all orders are equally
            likely; 0 or 1 where the order cannot matter. None while fewer than n1 are evaluable and the order could.
    """

    cohort: str
    decision: Decision
    is_full: bool
    alone: tuple[CountryAlone, ...]
    among_first: tuple[int, int]
    go_by_order: float | None

    @property
    def has_passed(self) -> bool:
        """True if stage 1 is full and may go on."""
        return self.is_full and self.decision.verdict is Verdict.GO_ON

    @property
    def has_passed_only_merged(self) -> bool:
        """True if the pooled stage 1 is full and goes on, and no country's own is and does."""
        return self.has_passed and not any(country.has_passed for country in self.alone)

    @property
    def is_order_free(self) -> bool:
        """True if the reading of the first n1 evaluated is certain, whoever came first."""
        return self.go_by_order in (0.0, 1.0)

    @property
    def sentence(self) -> str:
        """In plain words."""
        full = [country.country for country in self.alone if country.is_full]
        parts = [self.decision.sentence]
        if self.has_passed_only_merged:
            parts.append(f"It passed only because countries were merged: {_who(full)} alone.")
        if self.go_by_order is not None and not self.is_order_free:
            low, high = self.among_first
            parts.append(
                f"Who came first matters: {low} to {high} of the responders can be among the first planned patients, "
                f"who go on with probability {self.go_by_order:.3f} if all orders are equally likely."
            )
        return " ".join(parts)


def _who(full: Sequence[str]) -> str:
    return f"{', '.join(full)} would have stopped" if full else "none fills stage 1"


def merged_look(counts: Iterable[CohortCount], design: TwoStageDesign | None = None) -> MergedLook:
    """The look after stage 1 at one cohort's patients in all countries.

    Args:
        counts: counts of one cohort while it is in stage 1 or at its look.
        design: the design of the look; None: the one that the counts carry, else 8 + 16.

    Raises:
        StatisticsError: counts of several cohorts or with different designs, or both stages are full.
    """
    cohorts = by_cohort(counts)
    if len(cohorts) != 1:
        raise StatisticsError("A look is at one cohort.", remedy="Give the counts of one cohort.")
    ((cohort, given),) = cohorts.items()
    plan = _design(given, design)
    x, m = sum(count.responders for count in given), sum(count.evaluable for count in given)
    return MergedLook(
        cohort=cohort,
        decision=plan.decide_interim(x, m),
        is_full=m >= plan.n1,
        alone=tuple(_alone(given, country, plan) for country in dict.fromkeys(count.country for count in given)),
        among_first=(max(0, x - max(m - plan.n1, 0)), min(x, plan.n1)),
        go_by_order=_go_by_order(x, m, plan),
    )


def passed_only_merged(counts: Iterable[CohortCount], design: TwoStageDesign | None = None) -> tuple[str, ...]:
    """The cohorts of a programme that passed the look after stage 1 only because trials were merged.

    Cohorts that are further than the look count as well: they are read at the counts they have now.

    Raises:
        StatisticsError: as in :func:`merged_look`, but for full cohorts.
    """
    found = []
    for cohort, given in by_cohort(counts).items():
        plan = _design(given, design)
        x, m = sum(count.responders for count in given), sum(count.evaluable for count in given)
        by_country: dict[str, tuple[int, int]] = {}
        for count in given:
            a, b = by_country.get(count.country, (0, 0))
            by_country[count.country] = (a + count.responders, b + count.evaluable)
        own = any(size >= plan.n1 and seen > plan.r1 for seen, size in by_country.values())
        if m >= plan.n1 and x > plan.r1 and not own:
            found.append(cohort)
    return tuple(found)


def _design(counts: Sequence[CohortCount], design: TwoStageDesign | None) -> TwoStageDesign:
    if design is not None:
        return design
    told = {count.design for count in counts if count.design is not None}
    if len(told) > 1:
        raise StatisticsError(
            f"The trials run cohort {counts[0].cohort} with {len(told)} different designs.",
            remedy="Agree on one design for the pooled cohort and give it as design=.",
        )
    return told.pop() if told else EIGHT_PLUS_SIXTEEN


def _alone(counts: Sequence[CohortCount], country: str, plan: TwoStageDesign) -> CountryAlone:
    own = [count for count in counts if count.country == country]
    x, m = sum(count.responders for count in own), sum(count.evaluable for count in own)
    return CountryAlone(country, x, m, plan.decide_interim(x, m), m >= plan.n1)


def _go_by_order(x: int, m: int, plan: TwoStageDesign) -> float | None:
    """P(more than r1 of the first n1 responded | x of m), all orders equally likely."""
    if m <= plan.n1:
        decided = plan.decide_interim(x, m).verdict
        return None if decided is Verdict.TOO_EARLY else float(decided is Verdict.GO_ON)
    first = np.arange(max(0, x - (m - plan.n1)), min(x, plan.n1) + 1)
    if first[0] > plan.r1 or first[-1] <= plan.r1:
        return float(first[0] > plan.r1)
    ways = np.exp(_log_choose(plan.n1, first) + _log_choose(m - plan.n1, x - first))
    return float(ways[first > plan.r1].sum() / ways.sum())


def _log_choose(n: int, k: np.ndarray) -> FloatArray:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


@dataclass(frozen=True, slots=True)
class LookChances:
    """What the merged look does at one true response rate, the same in all countries.

    Attributes:
        p: the true rate.
        passes: probability that the pooled look goes on.
        passes_by_order: the same if the look were at the first n1 evaluated.
        passes_only_merged: probability that it goes on and no country alone fills stage 1 and goes on.
        alone: probability, country by country, that its own look at the same time goes on; 0 where it is not full.
        positive: probability that the cohort ends positive with the planned thresholds.
        positive_strict: the same with the threshold that holds the promised alpha.
        expected_n: expected number of evaluable patients.
    """

    p: float
    passes: float
    passes_by_order: float
    passes_only_merged: float
    alone: tuple[float, ...]
    positive: float
    positive_strict: float
    expected_n: float


@dataclass(frozen=True, slots=True)
class MergedCourse:
    """Reports of several countries, followed to the look after stage 1 and to the end.

    Attributes:
        design: the plan.
        look: the report (from 1) at which the look is made.
        end: the report at which the cohort ends; None if the reports do not reach it (then n as planned is assumed).
        sizes: evaluable patients of each country at the look.
        rules: the plan and the two rules for the sizes at which looks are made.
    """

    design: TwoStageDesign
    look: int
    end: int | None
    sizes: tuple[int, ...]
    rules: SizeRules

    def chances(self, p: float) -> LookChances:
        """Exact probabilities at the true rate ``p``.

        Raises:
            StatisticsError: ``p`` is not in 0 ... 1.
        """
        kept = self.rules.kept.operating_characteristics(float(p))
        strict = self.rules.strict.operating_characteristics(float(p))
        alone = tuple(_above(self.design.r1, size, p) if size >= self.design.n1 else 0.0 for size in self.sizes)
        return LookChances(
            p=p,
            passes=1 - kept.early_stop,
            passes_by_order=1 - self.design.pet(float(p)),
            passes_only_merged=self._only_merged(p),
            alone=alone,
            positive=kept.success,
            positive_strict=strict.success,
            expected_n=kept.expected_n,
        )

    def _only_merged(self, p: float) -> float:
        """P(sum of all countries above r1, and no full country above r1 alone): a convolution over countries."""
        total = np.ones(1)
        for size in self.sizes:
            row = _binomial(size, p)
            if size >= self.design.n1:
                row = row[: self.design.r1 + 1]
            total = np.convolve(total, row)
        return float(total[self.design.r1 + 1 :].sum())


def _binomial(n: int, p: float) -> FloatArray:
    k = np.arange(n + 1)
    return np.exp(_log_choose(n, k)) * p**k * (1 - p) ** (n - k)


def _above(r: int, n: int, p: float) -> float:
    return float(_binomial(n, p)[r + 1 :].sum())


def merged_course(reports: Sequence[Sequence[int]], design: TwoStageDesign = EIGHT_PLUS_SIXTEEN) -> MergedCourse:
    """The looks as they will happen when countries report in this way.

    Args:
        reports: patients newly evaluable in each country, one entry a report; the look is at the report at which the
            sum of all first reaches n1, the end at the report at which it first reaches n.
        design: the plan of the pooled cohort.

    Raises:
        StatisticsError: negative counts, countries missing in a report, or reports that never fill stage 1.
    """
    if (
        not reports
        or len({len(report) for report in reports}) != 1
        or any(size < 0 for each in reports for size in each)
    ):
        raise StatisticsError(
            "Reports must hold one number of newly evaluable patients a country.",
            remedy="Give 0 for a country with nothing new.",
        )
    totals = list(accumulate(sum(report) for report in reports))
    look = next((place for place, total in enumerate(totals) if total >= design.n1), None)
    if look is None:
        raise StatisticsError(
            f"The reports reach {totals[-1]} evaluable patients; the look needs {design.n1}.",
            remedy="Add the reports still to come, or wait.",
        )
    end = next((place for place, total in enumerate(totals) if total >= design.n and place > look), None)
    n = max(design.n, totals[look] + 1) if end is None else totals[end]
    return MergedCourse(
        design=design,
        look=look + 1,
        end=None if end is None else end + 1,
        sizes=tuple(sum(report[country] for report in reports[: look + 1]) for country in range(len(reports[0]))),
        rules=design.for_sizes(totals[look], n),
    )
