"""Progression-free survival ratio (growth modulation index): each patient is compared with his own earlier treatment.

PFS1 is the time to progression on the treatment before, PFS2 on the cohort's. A ratio PFS2 / PFS1 above 1.3 is taken as
a gain, since tumours tend to progress faster from line to line. Times may be censored, so a ratio may be known in part:

* PFS2 censored at c: the ratio is above c / PFS1. If that is at the threshold or beyond it, the answer is yes;
* PFS1 censored (treatment changed before progression): the ratio is below PFS2 / c. At the threshold or below: no;
* otherwise the answer is unknown, and the share of patients with a gain lies between bounds.

The interval that holds whatever the unknown answers are takes its lower limit as if all were no, its upper limit as if
all were yes. The share among the known alone is biased where censoring depends on time, which here it always does: a
long PFS1 makes the ratio at which PFS2 is censored small. For the same reason the Kaplan-Meier curve of the ratio,
right-censored at c / PFS1, is a description only; ``pfs_models`` has likelihoods that take the pair as it is.

The median ratio's interval is that of the sign test: t is inside if neither the ratios known to be above t nor those
known to be below are too many for a fair coin among all patients. It holds with any censoring.

References:
    Von Hoff DD. Clin Cancer Res 1998;4:1079-1086 (ratio above 1.3).
    Mick R, Crowley JJ, Carroll RJ. Control Clin Trials 2000;21:343-359 (paired times, design).
    Kovalchik S, Mietlowski W. Contemp Clin Trials 2011;32:99-107 (estimation with censoring).
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413 (exact interval).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from kohort.cohort.borrowing.data import BoolArray, FloatArray
from kohort.cohort.countries.counts import exact_interval
from kohort.cohort.inference.intervals import Interval
from kohort.cohort.maths.binomial import tail
from kohort.errors import StatisticsError
from kohort.evidence.arrays import frozen, same_length, times_of, truths_of
from kohort.evidence.survival import SurvivalCurve, estimate
from kohort.evidence.survival_sums import survival_sums

__all__ = ["GAIN", "PairedTimes", "PfsRatio", "pfs_ratio"]

GAIN = 1.3
"""Ratio that is taken as a gain (Von Hoff)."""


@dataclass(frozen=True, slots=True, eq=False)
class PairedTimes:
    """Two times of each of n patients, arrays of shape (n,).

    Attributes:
        pfs1: time on the treatment before, above 0.
        pfs2: time on the cohort's treatment, above 0, in the same unit.
        event1: true where the patient progressed (or died) at ``pfs1``.
        event2: true where the patient progressed or died at ``pfs2``, false where last seen then without.
    """

    pfs1: FloatArray
    pfs2: FloatArray
    event1: BoolArray
    event2: BoolArray

    @classmethod
    def of(cls, pfs1: object, pfs2: object, event2: object, event1: object = None) -> PairedTimes:
        """Checked columns; ``event1`` None: everybody progressed on the treatment before.

        Raises:
            StatisticsError: nobody, columns of different lengths, times that are missing, negative or 0.
        """
        first, second = times_of(pfs1, "pfs1"), times_of(pfs2, "pfs2")
        progressed = truths_of(event2, "event2")
        before = np.ones(len(first), dtype=np.bool_) if event1 is None else truths_of(event1, "event1")
        same_length(pfs1=first, pfs2=second, event2=progressed, event1=before)
        if not len(first):
            raise StatisticsError("There is nobody to compare.", remedy="Give the two times of each patient.")
        for name, times in (("pfs1", first), ("pfs2", second)):
            if zero := int((times == 0).sum()):
                raise StatisticsError(
                    f"{zero} of {len(times)} values of {name} are 0: no ratio can be made of them.",
                    remedy="Progression on the first day counts as day 1: give 1, or leave them out and say so.",
                )
        return cls(*(frozen(column) for column in (first, second, before, progressed)))

    @property
    def ratio(self) -> FloatArray:
        """(n,) PFS2 / PFS1 at the times seen."""
        return self.pfs2 / self.pfs1

    def above(self, threshold: float) -> tuple[BoolArray, BoolArray]:
        """(n,) whose ratio is known to be above a threshold, and whose is known not to be."""
        yes = self.event1 & np.where(self.event2, self.ratio > threshold, self.ratio >= threshold)
        no = self.event2 & (self.ratio <= threshold)
        return yes, no


@dataclass(frozen=True, slots=True, eq=False)
class PfsRatio:
    """Share of patients with a gain, and the ratio itself.

    Attributes:
        times: the paired times.
        threshold: ratio that is a gain.
        yes: patients known to have a gain.
        no: patients known to have none.
        unknown: patients of whom it is not known.
        known_interval: exact interval of the share among the known.
        interval: exact interval of the share among all, whatever the unknown answers are.
        median: Kaplan-Meier median of the ratio; None where it is not reached.
        median_interval: exact sign test interval of the median; None at an end that is open.
        curve: Kaplan-Meier curve of the ratio of patients whose PFS1 is an event; None without any.
    """

    times: PairedTimes
    threshold: float
    yes: int
    no: int
    unknown: int
    known_interval: Interval
    interval: Interval
    median: float | None
    median_interval: tuple[float | None, float | None]
    curve: SurvivalCurve | None

    @property
    def n(self) -> int:
        """Patients."""
        return self.yes + self.no + self.unknown

    @property
    def bounds(self) -> tuple[float, float]:
        """Share with a gain if no unknown patient has one, and if all have."""
        return self.yes / self.n, (self.yes + self.unknown) / self.n

    @property
    def share_of_known(self) -> float | None:
        """Share with a gain among the known; None without any."""
        known = self.yes + self.no
        return self.yes / known if known else None

    @property
    def kaplan_meier(self) -> float | None:
        """Kaplan-Meier share with a ratio above the threshold; None beyond the last ratio seen."""
        if self.curve is None:
            return None
        share = float(self.curve.survival_at([self.threshold])[0])
        return None if np.isnan(share) else share

    def p_value(self, share: float = 0.15) -> tuple[float, float]:
        """One-sided exact p value of a share with a gain above ``share``: if all unknown have one, and if none has.

        Von Hoff takes a treatment for worthwhile where more than 15 % of patients have a gain.

        Raises:
            StatisticsError: ``share`` is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise StatisticsError(f"A share of {share} is impossible.", remedy="Give a share such as 0.15.")
        return tail(self.yes + self.unknown, self.n, share), tail(self.yes, self.n, share)

    @property
    def sentence(self) -> str:
        """In plain words."""
        low, high = self.bounds
        share = f"{low:.0%}" if self.unknown == 0 else f"{low:.0%} to {high:.0%}"
        open_words = f", {self.unknown} not known" if self.unknown else ""
        return (
            f"Ratio above {self.threshold:g} in {self.yes} of {self.n} patients ({self.no} not{open_words}): {share}, "
            f"{self.interval.level:.0%} interval {self.interval.lower:.0%} to {self.interval.upper:.0%}."
        )


def pfs_ratio(
    pfs1: Sequence[float] | object,
    pfs2: Sequence[float] | object,
    event2: Sequence[bool] | object,
    threshold: float = GAIN,
    event1: Sequence[bool] | object | None = None,
    *,
    level: float = 0.95,
) -> PfsRatio:
    """Share of patients whose PFS2 is more than ``threshold`` times their PFS1, with censoring.

    Args:
        pfs1: time on the treatment before, above 0.
        pfs2: time on the cohort's treatment, above 0, in the same unit.
        event2: true where ``pfs2`` is a progression or death.
        threshold: ratio that is a gain.
        event1: true where ``pfs1`` is a progression; None: always.
        level: of intervals.

    Raises:
        StatisticsError: times or a threshold that cannot be, or nobody.
    """
    if not 0 < threshold < np.inf:
        raise StatisticsError(f"A threshold of {threshold} is impossible.", remedy="Give a ratio such as 1.3.")
    times = PairedTimes.of(pfs1, pfs2, event2, event1)
    above, not_above = times.above(threshold)
    yes, no, n = int(above.sum()), int(not_above.sum()), len(times.pfs1)
    curve = _curve(times, level)
    return PfsRatio(
        times=times,
        threshold=threshold,
        yes=yes,
        no=no,
        unknown=n - yes - no,
        known_interval=exact_interval(yes, yes + no, level),
        interval=Interval(
            exact_interval(yes, n, level).lower, exact_interval(n - no, n, level).upper, level, "clopper-pearson"
        ),
        median=None if curve is None else curve.median,
        median_interval=_median_interval(times, level),
        curve=curve,
    )


def _curve(times: PairedTimes, level: float) -> SurvivalCurve | None:
    seen = times.event1
    if not seen.any():
        return None
    return estimate(survival_sums(times.ratio[seen], times.event2[seen]), level).curve


def _median_interval(times: PairedTimes, level: float) -> tuple[float | None, float | None]:
    """Ratios t that the sign test does not reject: the counts above and below t change at the ratios seen only."""
    n = len(times.pfs1)
    error = (1 - level) / 2
    # most heads of n fair coins that are still too few to be believed in, P(X <= few) <= error
    few = int(np.searchsorted(bdtr(np.arange(n + 1), n, 0.5), error, side="right")) - 1
    if few < 0:
        return None, None
    # below the k-th smallest ratio that is known from below, at least n - k + 1 patients are known to be above
    known_below = np.sort(np.where(times.event1, times.ratio, 0.0))
    known_above = np.sort(np.where(times.event2, times.ratio, np.inf))[::-1]
    lower, upper = float(known_below[few]), float(known_above[few])
    return (lower if lower > 0 else None), (upper if upper < np.inf else None)
