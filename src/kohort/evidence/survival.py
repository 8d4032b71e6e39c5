"""Kaplan-Meier: survival with its bands, median, restricted mean and numbers at risk.

Kaplan and Meier, J Am Stat Assoc 1958;53:457. Variance: Greenwood 1926. Bands: log(-log) by default
(Kalbfleisch and Prentice 1980), or log, or plain. Median interval: Brookmeyer and Crowley, Biometrics
1982;38:29.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from kohort.errors import StatisticsError, UnknownNameError
from kohort.evidence.arrays import FloatArray, IntArray, frozen
from kohort.evidence.distributions import normal_quantile
from kohort.evidence.forms import pooled
from kohort.evidence.survival_sums import GroupSums, KaplanMeierSums, survival_sums

__all__ = [
    "Band",
    "KaplanMeier",
    "NoEventsWarning",
    "RestrictedMean",
    "SurvivalCurve",
    "estimate",
    "kaplan_meier",
]

Band = Literal["log-log", "log", "plain"]

_HALF = 1e-12
"""Products of fractions miss an exact one half by rounding; nothing real lies this close to it."""


class NoEventsWarning(UserWarning):
    """Nobody had the event: survival is 1 throughout and says nothing about when it would fall."""


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time without the event, up to a horizon.

    Attributes:
        horizon: the end of the window, in the unit of the times.
        mean: area under the curve up to it.
        standard_error: of the mean.
    """

    horizon: float
    mean: float
    standard_error: float


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Kaplan-Meier estimate of one group; arrays of shape (m,), one entry for each time of the sums.

    Attributes:
        label: the group.
        sums: the counts it was computed from.
        times: times at which somebody left or entered.
        survival: share without the event after that time.
        variance: Greenwood's variance of ``survival``; NaN where survival is 0.
        lower: lower limit of the band. Where survival is 0 or 1 the band collapses on it.
        upper: upper limit of the band.
        confidence: e.g. 0.95.
        band: how the band was made.
    """

    label: str
    sums: GroupSums
    times: FloatArray
    survival: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    confidence: float
    band: Band

    @property
    def n(self) -> int:
        """People in the group."""
        return self.sums.n

    @property
    def n_events(self) -> int:
        """People with the event."""
        return int(self.sums.events.sum())

    @property
    def at_risk(self) -> IntArray:
        """People at risk at each time."""
        return self.sums.at_risk

    @property
    def events(self) -> IntArray:
        """Events at each time."""
        return self.sums.events

    @property
    def censored(self) -> IntArray:
        """People last seen without the event at each time."""
        return self.sums.censored

    @property
    def median(self) -> float | None:
        """First time at which survival is at most one half; None if it is not reached."""
        return _first(self.times, self.survival <= 0.5 + _HALF)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """Times at which the lower and the upper limit fall to one half; None where one does not.

        A band that collapses because the last person at risk died does not give an upper limit.
        """
        alive = self.survival > 0
        return (
            _first(self.times, self.lower <= 0.5 + _HALF),
            _first(self.times, (self.upper <= 0.5 + _HALF) & alive),
        )

    def survival_at(self, times: Sequence[float] | FloatArray) -> FloatArray:
        """Survival at any times, 1 before the first; NaN after the last follow-up unless it is 0."""
        asked = np.asarray(times, dtype=np.float64)
        values = np.concatenate(([1.0], self.survival))[np.searchsorted(self.times, asked, side="right")]
        return np.where((asked > self.times[-1]) & (self.survival[-1] > 0), np.nan, values)

    def at_risk_at(self, times: Sequence[float] | FloatArray) -> IntArray:
        """Numbers at risk at any times, for the line under the curve."""
        return self.sums.at_risk_at(times)

    def restricted_mean(self, horizon: float) -> RestrictedMean:
        """Area under the curve up to ``horizon``.

        Variance: sum over event times t of (area from t to the horizon)^2 d / (n (n - d)), as R's
        ``survfit(rmean=)``; where the last at risk die no area is left and the term is 0.

        Raises:
            StatisticsError: follow-up ends before the horizon.
        """
        if not horizon > 0 or (horizon > self.times[-1] and self.survival[-1] > 0):
            raise StatisticsError(
                f"A mean up to {horizon:g} needs follow-up to that time; it ends at {self.times[-1]:g}.",
                remedy="Give a horizon above 0 within the follow-up.",
            )
        inside = self.times < horizon
        knots = np.concatenate(([0.0], self.times[inside], [horizon]))
        areas = np.diff(knots) * np.concatenate(([1.0], self.survival[inside]))
        d, n = self.events[inside], self.at_risk[inside]
        left = np.cumsum(areas[::-1])[::-1][1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where((d > 0) & (d < n), left**2 * d / (n.astype(np.float64) * (n - d)), 0.0)
        return RestrictedMean(horizon, float(areas.sum()), float(np.sqrt(terms.sum())))

    @property
    def sentence(self) -> str:
        """The result in plain words, times in the unit that was given."""
        if self.median is None:
            middle = "the median is not reached"
        else:
            low, high = ("not reached" if end is None else f"{end:g}" for end in self.median_interval)
            middle = f"median {self.median:g} ({self.confidence:.0%} interval {low} to {high})"
        people = "1 person" if self.n == 1 else f"{self.n} people"
        happened = "1 event" if self.n_events == 1 else f"{self.n_events} events"
        return f"{self.label}: {people}, {happened}; {middle}."

    def to_frame(self) -> pl.DataFrame:
        """One row a time: group, time, at_risk, events, censored, survival, variance, lower, upper."""
        return pl.DataFrame(
            {
                "group": [self.label] * len(self.times),
                "time": self.times,
                "at_risk": self.at_risk,
                "events": self.events,
                "censored": self.censored,
                "survival": self.survival,
                "variance": self.variance,
                "lower": self.lower,
                "upper": self.upper,
            }
        )


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """Kaplan-Meier estimates, one curve a group.

    Attributes:
        curves: sorted by label.
        sums: the pooled sums they come from.
    """

    curves: tuple[SurvivalCurve, ...]
    sums: KaplanMeierSums

    def __getitem__(self, label: str) -> SurvivalCurve:
        """The curve of one group; UnknownNameError if there is none."""
        for curve in self.curves:
            if curve.label == label:
                return curve
        raise UnknownNameError("group", label, [curve.label for curve in self.curves])

    @property
    def curve(self) -> SurvivalCurve:
        """The only curve; StatisticsError if there are several."""
        if len(self.curves) != 1:
            raise StatisticsError("There are several curves.", remedy="Choose one by its label: result[label].")
        return self.curves[0]

    @property
    def sentence(self) -> str:
        """All curves in plain words."""
        return " ".join(curve.sentence for curve in self.curves)

    def to_frame(self) -> pl.DataFrame:
        """The frames of all curves under each other."""
        return pl.concat([curve.to_frame() for curve in self.curves])


def kaplan_meier(
    data: object,
    time: str | None = None,
    event: str | None = None,
    by: str | None = None,
    *,
    entry: str | None = None,
    confidence: float = 0.95,
    band: Band = "log-log",
) -> KaplanMeier:
    """Kaplan-Meier from sums or from frames; one, or a list with one a site, gives the same result.

    Args:
        data: :class:`KaplanMeierSums`, a frame (Polars or pandas), or a list of either, one a site.
        time: column of times, where frames are given.
        event: column that is true where the time is the event, where frames are given.
        by: column of groups, where frames are given; none: one curve named ``all``.
        entry: column of late entry times, where frames are given.
        confidence: of band and median interval.
        band: ``log-log`` (as lifelines), ``log`` (as R's default) or ``plain``.

    Raises:
        StatisticsError: nobody to estimate from, or bad times (see :func:`survival_sums`).
    """
    result = estimate(pooled(_sums_of(data, time, event, by, entry)), confidence, band)
    if not any(curve.n_events for curve in result.curves):
        warnings.warn("Nobody had the event: survival is 1 throughout.", NoEventsWarning, stacklevel=2)
    return result


def estimate(sums: KaplanMeierSums, confidence: float = 0.95, band: Band = "log-log") -> KaplanMeier:
    """Kaplan-Meier of pooled sums; as :func:`kaplan_meier`, but silent where nobody had the event."""
    if band not in get_args(Band):
        raise UnknownNameError("confidence band", band, get_args(Band))
    if sums.n == 0:
        raise StatisticsError("There is nobody to estimate survival from.", remedy="Check the population.")
    curves = tuple(_curve(label, group, confidence, band) for label, group in sums.groups if group.n)
    return KaplanMeier(curves, sums)


def _sums_of(
    data: object, time: str | None, event: str | None, by: str | None, entry: str | None
) -> Iterable[KaplanMeierSums]:
    for part in data if isinstance(data, (list, tuple)) else [data]:
        if isinstance(part, KaplanMeierSums):
            yield part
            continue
        if time is None or event is None:
            raise StatisticsError("Frames need the names of their columns.", remedy="Give time= and event=.")
        time_column, event_column = (_column(part, name) for name in (time, event))
        groups, entries = (None if name is None else _column(part, name) for name in (by, entry))
        yield survival_sums(time_column, event_column, groups, entries)


def _column(frame: object, name: str) -> object:
    columns = list(getattr(frame, "columns", ()))
    if name not in columns:
        raise UnknownNameError("column", name, [str(column) for column in columns])
    return frame[name]  # type: ignore[index]  # a Polars or pandas frame


def _curve(label: str, group: GroupSums, confidence: float, band: Band) -> SurvivalCurve:
    n, d = group.at_risk.astype(np.float64), group.events.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival: FloatArray = np.where(d > 0, (n - d) / n, 1.0).cumprod()
        hazard_variance = np.cumsum(np.where(d > 0, d / (n * (n - d)), 0.0))
        variance = np.where(survival > 0, survival**2 * hazard_variance, np.nan)
    z = normal_quantile(confidence)
    lower, upper = _limits(survival, np.sqrt(hazard_variance), z, band)
    made = (frozen(values) for values in (survival, variance, lower, upper))
    return SurvivalCurve(label, group, group.times, *made, confidence=confidence, band=band)


def _limits(survival: FloatArray, spread: FloatArray, z: float, band: Band) -> tuple[FloatArray, FloatArray]:
    """Band from survival S and ``spread``, the standard error of log S."""
    inside = (survival > 0) & (survival < 1)
    s = np.where(inside, survival, 0.5)
    width = z * np.where(inside, spread, 0.0)
    if band == "log-log":
        # S^exp(+-w): w is the standard error of log(-log S), by the delta method
        w = width / -np.log(s)
        lower, upper = s ** np.exp(w), s ** np.exp(-w)
    elif band == "log":
        lower, upper = s * np.exp(-width), np.minimum(s * np.exp(width), 1.0)
    else:
        lower, upper = np.maximum(s - s * width, 0.0), np.minimum(s + s * width, 1.0)
    return np.where(inside, lower, survival), np.where(inside, upper, survival)


def _first(times: FloatArray, holds: np.ndarray) -> float | None:
    places = np.flatnonzero(holds)
    return float(times[places[0]]) if len(places) else None
