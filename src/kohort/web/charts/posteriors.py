"""Posteriors of response rates as ridges: one row a cohort, one curve a model, with the rates that decide.

All curves of a picture have one scale, so that areas compare: a sharp posterior is high, a vague one flat. Under each
curve stand its interval and its mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kohort.web.charts.axes import Scale
from kohort.web.charts.marks import SHAPES, mark, width_of
from kohort.web.charts.rate_axis import model_legend, rate_axis, rate_ground, rate_names
from kohort.web.charts.svg import NARROW, WIDE, Chart, Size, coordinate, element, group, line, picture, shorten, text
from kohort.web.words import percent

__all__ = ["PosteriorCurve", "PosteriorPicture", "PosteriorRow", "posterior_chart"]

MOST_CURVES = 5
LINE = 15.0
"""Height of the line that holds one curve's interval and mean."""


@dataclass(frozen=True, slots=True)
class PosteriorCurve:
    """The posterior of one response rate.

    Attributes:
        model: the model in a word or two; the same words are the same line in all rows.
        rates: (K,) rising response rates, 0 ... 1.
        density: (K,) density at these rates.
        mean: posterior mean.
        interval: lower and upper end of the credible interval.
    """

    model: str
    rates: tuple[float, ...]
    density: tuple[float, ...]
    mean: float
    interval: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse curves that are none."""
        rising = all(a < b for a, b in zip(self.rates, self.rates[1:], strict=False))
        if len(self.rates) != len(self.density) or len(self.rates) < 2 or not rising:
            raise ValueError(f"the curve of {self.model} needs rising rates, each with its density")
        if min(self.density) < 0 or not math.isfinite(max(self.density)):
            raise ValueError(f"the density of {self.model} must be finite and not negative")
        if not 0 <= self.interval[0] <= self.interval[1] <= 1:
            raise ValueError(f"the interval of {self.model} is none")


@dataclass(frozen=True, slots=True)
class PosteriorRow:
    """One cohort.

    Attributes:
        label: its name.
        curves: one a model, at most five.
        p0: rate of no interest; None: no line.
        p1: rate of interest; None: no line.
        note: what the posterior says, in a few words, e.g. ``P(p > 10%) = 0.97``.
    """

    label: str
    curves: tuple[PosteriorCurve, ...]
    p0: float | None = None
    p1: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PosteriorPicture:
    """Rows from top to bottom; ``level`` is that of the intervals."""

    title: str
    rows: tuple[PosteriorRow, ...]
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse more models than lines that can be told apart."""
        if not self.rows or not all(row.curves for row in self.rows) or len(self.models) > MOST_CURVES:
            raise ValueError(f"a picture of posteriors has rows with curves of at most {MOST_CURVES} models")

    @property
    def models(self) -> tuple[str, ...]:
        """Models in the order of first mention."""
        return tuple(dict.fromkeys(curve.model for row in self.rows for curve in row.curves))

    @property
    def has_common_rates(self) -> bool:
        """True if all rows have the same p0 and p1, which are then named once."""
        return len({(row.p0, row.p1) for row in self.rows}) == 1


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    width: float
    rate: Scale
    height: float
    peak: float
    is_narrow: bool
    models: tuple[str, ...]
    names_rates: bool

    @property
    def above(self) -> float:
        """Room over a ridge: the row's name on a phone, and the names of its rates where rows differ."""
        return (22 if self.is_narrow else 0) + (16 if self.names_rates else 0)

    def row_height(self, row: PosteriorRow) -> float:
        """From the top of the row to the next one."""
        return self.above + self.height + 8 + LINE * len(row.curves) + 14


def posterior_chart(data: PosteriorPicture, name: str = "posteriors") -> Chart:
    """Ridges of densities with intervals, means and the lines of p0 and p1.

    Args:
        data: what to show.
        name: unique in the page.
    """
    return Chart(_draw(data, f"{name}-wide", is_narrow=False), _draw(data, f"{name}-narrow", is_narrow=True))


def _draw(data: PosteriorPicture, name: str, *, is_narrow: bool) -> Markup:
    width = NARROW if is_narrow else WIDE
    labels = max(width_of(row.label, 15.5) for row in data.rows)
    notes = max(width_of(row.note) for row in data.rows)
    left, right = (8.0, width - 18) if is_narrow else (min(260, labels + 24), width - min(230, max(notes + 20, 24)))
    peak = max(max(curve.density) for row in data.rows for curve in row.curves)
    rate = Scale(0, _highest(data), left, right)
    names_rates = not data.has_common_rates
    at = _Layout(name, width, rate, 62 if is_narrow else 74, peak, is_narrow, data.models, names_rates)
    key, top = model_legend(at.models, 0 if is_narrow else left, width, "curve")
    top += 28
    rows: list[Markup] = []
    first = top
    for row in data.rows:
        rows.append(_row(row, at, top))
        top += at.row_height(row)
    named = Markup("") if names_rates else rate_names(rate, data.rows[0].p0, data.rows[0].p1, first - 7, width)
    parts = (key, named, rate_axis(rate, top - 6), *rows)
    return picture(name, Size(width, top + 42, is_narrow), data.title, _description(data), *parts)


def _highest(data: PosteriorPicture) -> float:
    """Right end of the axis: where nothing is to be seen any more, to a tenth."""
    ends = [0.2]
    for row in data.rows:
        ends += [rate for rate in (row.p0, row.p1) if rate is not None]
        for curve in row.curves:
            limit = max(curve.density) / 100
            seen = [rate for rate, height in zip(curve.rates, curve.density, strict=True) if height > limit]
            ends += [max(seen), curve.interval[1]]
    return min(1.0, math.ceil(round(max(ends) * 10, 6)) / 10)


def _row(row: PosteriorRow, at: _Layout, top: float) -> Markup:
    top += at.above
    base = top + at.height
    curves = sorted(row.curves, key=lambda curve: at.models.index(curve.model))
    bottom = base + 8 + LINE * len(curves)
    return group(
        rate_ground(at.rate, row.p0, row.p1, (top, bottom)),
        rate_names(at.rate, row.p0, row.p1, top - 5, at.width) if at.names_rates else "",
        _labels(row, at, top, base),
        *(_ridge(curve, at, base) for curve in curves),
        line((at.rate.start, base), (at.rate.end, base), "axis"),
        *(_interval(curve, at, base + 8 + LINE * (place + 0.5)) for place, curve in enumerate(curves)),
    )


def _labels(row: PosteriorRow, at: _Layout, top: float, base: float) -> Markup:
    if at.is_narrow:
        room = at.width - width_of(row.note) - 12
        return group(
            text(0, top - at.above + 14, shorten(row.label, room, 15.5), "label strong"),
            text(at.width, top - at.above + 14, row.note, "label small number", "end"),
        )
    room = at.rate.start - 20
    return group(
        text(0, base - 4, shorten(row.label, room, 15.5), "label strong"),
        text(at.rate.end + 14, base - 4, row.note, "label small number"),
    )


def _ridge(curve: PosteriorCurve, at: _Layout, base: float) -> Markup:
    index = at.models.index(curve.model) + 1
    points = [
        (coordinate(at.rate(rate)), coordinate(base - height / at.peak * at.height))
        for rate, height in zip(curve.rates, curve.density, strict=True)
        if rate <= at.rate.high
    ]
    way = "L".join(f"{x},{y}" for x, y in points)
    floor = coordinate(base)
    return group(
        element("path", d=f"M{points[0][0]},{floor}L{way}L{points[-1][0]},{floor}Z", css=f"band fill-{index}"),
        element("path", d=f"M{way}", css=f"curve line-{index}"),
    )


def _interval(curve: PosteriorCurve, at: _Layout, y: float) -> Markup:
    index = at.models.index(curve.model)
    low, high = (at.rate(end) for end in curve.interval)
    return group(
        line((low, y), (high, y), f"reach line-{index + 1}"),
        mark(SHAPES[index], at.rate(curve.mean), y, 8, f"fill-{index + 1}"),
    )


def _description(data: PosteriorPicture) -> str:
    return " ".join(f"{row.label}: {'; '.join(_said(data, row.curves))}{_noted(row)}." for row in data.rows)


def _said(data: PosteriorPicture, curves: Sequence[PosteriorCurve]) -> list[str]:
    several = len(data.models) > 1
    return [
        f"{curve.model + ' ' if several else ''}mean {percent(curve.mean)}, {data.level:.0%} interval "
        f"{percent(curve.interval[0])} to {percent(curve.interval[1])}"
        for curve in curves
    ]


def _noted(row: PosteriorRow) -> str:
    return f"; {row.note}" if row.note else ""
