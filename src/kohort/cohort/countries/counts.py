"""What a sister trial tells of one cohort: responders of evaluable patients, and what can be read from them alone.

Trials that run the same cohort (tumour, alteration, drug) in several countries share counts, never patients. Counts
of different patients add up, so the pooled cohort is read by the rule of one cohort, at the counts of all.

References:
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413 (exact interval of a proportion).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import betaincinv

from kohort.cohort.conduct.counts import CohortCounts
from kohort.cohort.conduct.states import state
from kohort.cohort.designs.decisions import Verdict
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.inference.intervals import Interval
from kohort.errors import StatisticsError

__all__ = ["CohortCount", "by_cohort", "exact_interval", "verdict_now"]


@dataclass(frozen=True, slots=True)
class CohortCount:
    """The counts of one cohort in one trial of one country.

    Attributes:
        trial: the trial.
        country: the country that its patients live in.
        cohort: identifier of the cohort, the same in all trials.
        responders: evaluable patients who responded.
        evaluable: patients whose response is known.
        design: the two-stage design the trial runs it with; None: not told.

    Raises:
        StatisticsError: counts that cannot be.
    """

    trial: str
    country: str
    cohort: str
    responders: int
    evaluable: int
    design: TwoStageDesign | None = None

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        whole = all(
            isinstance(count, int) and not isinstance(count, bool) for count in (self.responders, self.evaluable)
        )
        if not whole or not 0 <= self.responders <= self.evaluable:
            raise StatisticsError(
                f"{self.trial}, {self.country}, cohort {self.cohort}: {self.responders} responders of "
                f"{self.evaluable} evaluable patients are impossible.",
                remedy="Give whole numbers with 0 <= responders <= evaluable.",
            )

    @property
    def source(self) -> tuple[str, str]:
        """Trial and country: who sent it."""
        return self.trial, self.country


def by_cohort(counts: Iterable[CohortCount]) -> dict[str, tuple[CohortCount, ...]]:
    """The counts of each cohort, cohorts and trials in the order of first mention.

    Raises:
        StatisticsError: a trial reports a cohort twice in a country, or nothing is given.
    """
    found: dict[str, dict[tuple[str, str], CohortCount]] = {}
    for count in counts:
        of_cohort = found.setdefault(count.cohort, {})
        if count.source in of_cohort:
            raise StatisticsError(
                f"{count.trial}, {count.country} reports cohort {count.cohort} twice.",
                remedy="Give the newest counts of each trial and country only.",
            )
        of_cohort[count.source] = count
    if not found:
        raise StatisticsError("There are no counts to pool.", remedy="Give one CohortCount a trial and cohort.")
    return {cohort: tuple(of_cohort.values()) for cohort, of_cohort in found.items()}


def exact_interval(responders: int, evaluable: int, level: float = 0.95) -> Interval:
    """The Clopper-Pearson interval of a response rate from a fixed number of patients; 0 to 1 without patients.

    Lower: the rate at which ``responders`` or more have probability (1 - level) / 2; upper: ... or fewer.

    Raises:
        StatisticsError: ``level`` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
    error = (1 - level) / 2
    others = evaluable - responders
    lower = float(betaincinv(responders, others + 1, error)) if responders else 0.0
    upper = float(betaincinv(responders + 1, others, 1 - error)) if others else 1.0
    return Interval(lower, upper, level, "clopper-pearson")


def verdict_now(responders: int, evaluable: int, design: TwoStageDesign) -> Verdict:
    """What a cohort's counts say now, as ``state`` reads them: a look made at the patients there are."""
    return state(CohortCounts("", enrolled=evaluable, evaluable=evaluable, responders=responders), design).verdict
