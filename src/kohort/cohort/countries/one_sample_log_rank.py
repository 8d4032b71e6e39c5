"""One-sample log-rank test: does a cohort without controls progress or die less often than a reference says?

Patient i, followed from e_i (0 unless he entered late) to t_i, is expected to have H(t_i) - H(e_i) events under the
reference's cumulative hazard H. With O observed and E expected events in all:

    SMR = O / E       exact interval: O events as a Poisson count of mean E SMR
    Z   = (O - E) / sqrt(E)               Breslow
    Z   = (O - E) / sqrt((O + E) / 2)     Wu: keeps its level better, E alone is too small under few events
    p   = P(Poisson(E) <= O)              exact for small cohorts, E taken as fixed

O - E is a martingale under the reference, so Z is standard normal for large cohorts. Negative Z and SMR below 1 speak
for the cohort.

References:
    Breslow NE. Biometrics 1975;31:107-119 (SMR and its test by time).
    Finkelstein DM, Muzikansky A, Schoenfeld DA. J Natl Cancer Inst 2003;95:1434-1439.
    Wu J. J Biom Biostat 2014;5:210 (variance from observed and expected).
    Garwood F. Biometrika 1936;28:437-442 (exact interval of a Poisson mean).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import gammaincinv, pdtr, pdtrc

from kohort.cohort.countries.reference_survival import ReferenceSurvival
from kohort.errors import StatisticsError
from kohort.evidence.arrays import same_length, times_of, truths_of

__all__ = ["OneSampleLogRank", "one_sample_log_rank"]


@dataclass(frozen=True, slots=True)
class OneSampleLogRank:
    """Observed and expected events of a cohort.

    Attributes:
        n: patients.
        observed: events seen.
        expected: events expected under the reference.
        smr_interval: exact interval of the ratio.
        level: of the interval.
        reference: the reference in words.
    """

    n: int
    observed: int
    expected: float
    smr_interval: tuple[float, float]
    level: float
    reference: str

    @property
    def smr(self) -> float:
        """Standardised mortality (or morbidity) ratio, O / E."""
        return self.observed / self.expected

    @property
    def z(self) -> float:
        """Breslow's statistic."""
        return (self.observed - self.expected) / float(np.sqrt(self.expected))

    @property
    def z_wu(self) -> float:
        """Wu's statistic."""
        return (self.observed - self.expected) / float(np.sqrt((self.observed + self.expected) / 2))

    @property
    def p_value(self) -> float:
        """One-sided p value of Breslow's statistic: the cohort has fewer events than expected."""
        return NormalDist().cdf(self.z)

    @property
    def p_value_wu(self) -> float:
        """One-sided p value of Wu's statistic."""
        return NormalDist().cdf(self.z_wu)

    @property
    def p_value_exact(self) -> float:
        """One-sided Poisson p value: the chance of as few events or fewer."""
        return float(pdtr(self.observed, self.expected))

    @property
    def p_value_exact_two_sided(self) -> float:
        """Twice the smaller of the two tails."""
        more = float(pdtrc(self.observed - 1, self.expected)) if self.observed else 1.0
        return min(1.0, 2 * min(self.p_value_exact, more))

    @property
    def sentence(self) -> str:
        """In plain words."""
        low, high = self.smr_interval
        return (
            f"{self.observed} events in {self.n} patients, {self.expected:.1f} expected ({self.reference}): ratio "
            f"{self.smr:.2f} ({self.level:.0%} interval {low:.2f} to {high:.2f}); one-sided p = {self.p_value_wu:.4f}, "
            f"exact {self.p_value_exact:.4f}."
        )


def one_sample_log_rank(
    time: object,
    event: object,
    reference: ReferenceSurvival,
    *,
    entry: object = None,
    level: float = 0.95,
) -> OneSampleLogRank:
    """Observed and expected events of a cohort against a reference.

    Args:
        time: time to the event or the end of follow-up, in the reference's unit.
        event: true where ``time`` is the event.
        reference: the reference.
        entry: time at which a patient came under observation; None: 0 for all.
        level: of the interval.

    Raises:
        StatisticsError: nobody, nothing expected, bad times, or follow-up beyond the reference.
    """
    if not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
    times, events = times_of(time, "time"), truths_of(event, "event")
    entered = np.zeros(len(times)) if entry is None else times_of(entry, "entry")
    same_length(time=times, event=events, entry=entered)
    if np.any(entered > times):
        raise StatisticsError("A patient enters after he leaves.", remedy="Give entry <= time.")
    expected = float((reference.cumulative_hazard(times) - reference.cumulative_hazard(entered)).sum())
    if not expected > 0:
        raise StatisticsError(
            "No events are expected in this follow-up.", remedy="Wait for follow-up, or check the reference's unit."
        )
    observed = int(events.sum())
    error = (1 - level) / 2
    lower = float(gammaincinv(observed, error)) if observed else 0.0
    upper = float(gammaincinv(observed + 1, 1 - error))
    return OneSampleLogRank(
        n=len(times),
        observed=observed,
        expected=expected,
        smr_interval=(lower / expected, upper / expected),
        level=level,
        reference=reference.name,
    )
