"""Boundaries that stop a cohort for toxicity: after each patient, or at looks, by the events so far.

With x patients of n who had the event, the cohort stops at the first look where x exceeds the last tolerated
count t_n. Two ways to place t_n:

**Pocock-type** (Ivanova, Qaqish and Schell): the same nominal level at each look; stop if

    P(Bin(n, p0) >= x) <= a_n,    a_n = Phi(Phi^-1(a) (n / N)^-d)

where p0 is the tolerated rate, and a the largest level at which the probability to cross at p0, at any look,
is within its limit. d = 0 is Pocock's shape; up to d = 1/2 (O'Brien and Fleming's) early looks need more.

**Bayesian** (Geller et al.): stop if P(p > p0 | x, n) > cutoff with a Beta prior for the rate.

In both, what moves the boundary is a finite list of values, so the level or the cut-off that just holds the limit
is found exactly, not by iteration; and the probability to cross is exact at every rate.

References:
    Ivanova A, Qaqish BF, Schell MJ. Continuous toxicity monitoring in phase II trials in oncology. Biometrics
    2005;61:540-545.
    Geller NL, Follmann D, Leifer ES, Carter SL. Design of early trials in stem cell transplantation: a hybrid
    frequentist-Bayesian approach. In: Geller NL (ed). Advances in Clinical Trial Biostatistics. 2003.
    Wang SK, Tsiatis AA. Biometrics 1987;43:193-199 (the shape d).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, overload

import numpy as np
from numpy.typing import NDArray
from scipy import special

from kohort.cohort.designs.checks import check_errors, check_looks, check_rate
from kohort.cohort.designs.multi_stage import characteristics
from kohort.cohort.designs.paths import Look, loosest, sweep
from kohort.cohort.designs.posteriors import posterior_above
from kohort.cohort.designs.two_stage import ROUNDING
from kohort.cohort.maths.beta import Beta
from kohort.cohort.maths.binomial import Rate
from kohort.errors import StatisticsError

__all__ = ["ToxicityBoundary", "ToxicityCharacteristics", "bayesian_toxicity_boundary", "toxicity_boundary"]

Array = NDArray[np.float64]

SAME = 1e-9
"""Normal quantiles closer than this belong to one level, rounded twice."""


@dataclass(frozen=True, slots=True)
class ToxicityCharacteristics(Generic[Rate]):
    """What a toxicity boundary does at one true rate of events.

    Attributes:
        p: the true rate.
        stop: probability to cross the boundary, at any look.
        early_stop: probability to cross it before the last look.
        stop_at: probability to cross it for the first time at each look.
        expected_n: expected number of patients.
    """

    p: Rate
    stop: Rate
    early_stop: Rate
    stop_at: tuple[Rate, ...]
    expected_n: Rate


@dataclass(frozen=True, slots=True)
class ToxicityBoundary:
    """The counts of events that stop a cohort.

    Attributes:
        sizes: patients at each look, rising.
        tolerated: for each look the last count of events that does not stop; n or more: no count stops.
        p0: the tolerated rate of events.

    Raises:
        StatisticsError: looks, counts or a rate that make no boundary.
    """

    sizes: tuple[int, ...]
    tolerated: tuple[int, ...]
    p0: float

    def __post_init__(self) -> None:
        """Refuse what makes no boundary; write counts that cannot stop in one way."""
        object.__setattr__(self, "sizes", check_looks(self.sizes))
        if len(self.sizes) != len(self.tolerated) or any(count < 0 for count in self.tolerated):
            raise StatisticsError(
                f"Tolerated counts {self.tolerated} do not fit {len(self.sizes)} looks.",
                remedy="Give one count of 0 or more per look.",
            )
        check_errors(p0=self.p0)
        capped = tuple(min(int(count), n) for count, n in zip(self.tolerated, self.sizes, strict=True))
        object.__setattr__(self, "tolerated", capped)

    def __str__(self) -> str:
        """Both conventions, each count named for the looks that have it."""
        spans: list[tuple[int, int, int]] = []
        for n, count in zip(self.sizes, self.tolerated, strict=True):
            if count < n:
                first = spans.pop()[1] if spans and spans[-1][0] == count else n
                spans.append((count, first, n))
        if not spans:
            return "no count stops"
        ranges = [(count, f"{first}" if first == last else f"{first}-{last}") for count, first, last in spans]
        tolerated = ", ".join(f"{count}/{at}" for count, at in ranges)
        return f"{tolerated} (stop with {', '.join(f'>= {count + 1} of {at}' for count, at in ranges)})"

    @property
    def looks(self) -> tuple[Look, ...]:
        """The looks in the form that all designs share: a crossing takes the place of a positive end."""
        return _looks(self.sizes, self.tolerated)

    @overload
    def operating_characteristics(self, p: Fraction) -> ToxicityCharacteristics[Fraction]: ...
    @overload
    def operating_characteristics(self, p: float) -> ToxicityCharacteristics[float]: ...
    def operating_characteristics(
        self, p: float | Fraction
    ) -> ToxicityCharacteristics[float] | ToxicityCharacteristics[Fraction]:
        """Exact probabilities at the true rate of events ``p``; exact fractions if ``p`` is a Fraction.

        Raises:
            StatisticsError: ``p`` is not in 0 ... 1.
        """
        check_rate(p)
        return _toxicity(self.looks, p) if isinstance(p, Fraction) else _toxicity(self.looks, float(p))

    def is_crossed(self, events: int, patients: int) -> bool:
        """True if ``events`` of ``patients`` stop the cohort; between looks no count does.

        Raises:
            StatisticsError: impossible counts, or more patients than the boundary has.
        """
        if not 0 <= events <= patients or patients > self.sizes[-1]:
            raise StatisticsError(
                f"{events} events in {patients} patients do not fit a boundary for {self.sizes[-1]}.",
                remedy="Give 0 <= events <= patients, within the boundary's patients.",
            )
        return any(n == patients and events > count for n, count in zip(self.sizes, self.tolerated, strict=True))


def toxicity_boundary(p0: float, alpha: float, looks: Iterable[int], shape: float = 0.0) -> ToxicityBoundary:
    """The boundary of Ivanova, Qaqish and Schell: the earliest stops whose crossing at p0 is within ``alpha``.

    Args:
        p0: the tolerated rate of events.
        alpha: largest probability to cross the boundary, at any look, at p0.
        looks: patients at each look, e.g. range(1, 31) for a look after each of 30.
        shape: d in 0 ... 1/2; 0 is Pocock's boundary, larger values ask for more at early looks.

    Raises:
        StatisticsError: impossible rates, looks or shape, or too few patients for any stop.
    """
    check_errors(p0=p0, alpha=alpha)
    sizes = check_looks(looks)
    if not 0 <= shape <= 0.5:
        raise StatisticsError(f"A shape of {shape} is impossible.", remedy="Give a shape from 0 to 0.5.")
    needed = [_needed(n, p0, (n / sizes[-1]) ** shape) for n in sizes]

    def tolerated(level: float) -> list[int]:
        return [int((each > level + SAME).sum()) for each in needed]

    levels = np.unique(np.concatenate(needed))[::-1].tolist()
    level = loosest(levels, lambda each: _crossing(sizes, tolerated(each), p0) <= alpha + ROUNDING)
    if level is None:
        raise _no_stop(sizes[-1], p0, alpha)
    return ToxicityBoundary(sizes, tuple(tolerated(level)), p0)


def bayesian_toxicity_boundary(
    p0: float, looks: Iterable[int], prior: Beta, *, cutoff: float | None = None, alpha: float | None = None
) -> ToxicityBoundary:
    """The boundary of Geller et al.: stop if P(p > p0 | x, n) is greater than a cut-off.

    Args:
        p0: the tolerated rate of events.
        looks: patients at each look.
        prior: of the rate of events.
        cutoff: the cut-off; None: the least one that holds ``alpha``.
        alpha: largest probability to cross the boundary, at any look, at p0; with ``cutoff``: not given.

    Raises:
        StatisticsError: impossible rates or looks, not one of cutoff and alpha, or a prior that stops a cohort
            without an event.
    """
    sizes = check_looks(looks)
    if (cutoff is None) == (alpha is None):
        raise StatisticsError("A Bayesian boundary has one limit.", remedy="Give either 'cutoff' or 'alpha'.")
    limits = {"cutoff": cutoff, "alpha": alpha}
    check_errors(p0=p0, **{name: limit for name, limit in limits.items() if limit is not None})
    posteriors = [posterior_above(prior, n, p0) for n in sizes]
    without_event = max(float(each[0]) for each in posteriors)

    def tolerated(limit: float) -> list[int]:
        return [int(np.searchsorted(each, limit, "right")) - 1 for each in posteriors]

    if alpha is not None:
        found = np.unique(np.concatenate(posteriors))
        cutoffs = found[found >= without_event].tolist()
        cutoff = loosest(cutoffs, lambda each: _crossing(sizes, tolerated(each), p0) <= alpha + ROUNDING)
    if cutoff is None or cutoff < without_event:
        raise StatisticsError(
            f"With this prior P(p > {p0}) is {without_event:.4g} without any event: the cohort would stop at once.",
            remedy="Give a prior of smaller mean or weight, or a larger cutoff.",
        )
    return ToxicityBoundary(sizes, tuple(tolerated(cutoff)), p0)


def _needed(n: int, p0: float, scale: float) -> Array:
    """For x = 1 ... n events the normal quantile of the level at which x of n stops; falls with x."""
    x = np.arange(1, n + 1)
    return special.ndtri(special.betainc(x, n - x + 1, p0)) * scale


def _crossing(sizes: Sequence[int], tolerated: Sequence[int], p: float) -> float:
    return float(sweep(_looks(sizes, tolerated), [p])[0][0])


def _looks(sizes: Sequence[int], tolerated: Sequence[int]) -> tuple[Look, ...]:
    return tuple(Look(n, -1, count + 1) for n, count in zip(sizes, tolerated, strict=True))


def _no_stop(n: int, p0: float, alpha: float) -> StatisticsError:
    return StatisticsError(
        f"At a rate of {p0} no count of {n} patients is as unlikely as {alpha:.4g}.",
        remedy="Enrol more patients or allow a larger alpha.",
    )


def _toxicity(looks: tuple[Look, ...], p: Rate) -> ToxicityCharacteristics[Rate]:
    seen = characteristics(looks, p)
    return ToxicityCharacteristics(p, seen.success, seen.early_stop, seen.efficacy, seen.expected_n)
