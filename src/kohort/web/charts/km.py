"""Survival curves: steps after each event, confidence bands, numbers at risk, shares from 0 to 1.

The curve holds its value until the next event and then falls, as the Kaplan-Meier estimator does (Kaplan &
Meier, J Am Stat Assoc 1958;53:457); nothing is drawn beyond the last time that has a number at risk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup

from kohort.web.cells import NOT_SHOWN
from kohort.web.charts.axes import Scale, grid, spread
from kohort.web.charts.svg import (
    CHARACTER,
    NARROW,
    WIDE,
    Chart,
    Size,
    coordinate,
    element,
    group,
    line,
    picture,
    shorten,
    text,
)
from kohort.web.outcome_data import Curve, CurveSet
from kohort.web.words import count_words, percent, plural, time_words

__all__ = ["survival_chart", "time_unit"]

THREE_YEARS = 3 * 365


@dataclass(frozen=True, slots=True)
class _Layout:
    """The plot's edges and scales, and where the numbers at risk begin."""

    name: str
    width: float
    right: float
    top: float
    bottom: float
    days: Scale
    share: Scale
    is_narrow: bool

    @property
    def risk_top(self) -> float:
        """Base line of the words over the numbers at risk."""
        return self.bottom + 66


def time_unit(curves: CurveSet) -> str:
    """``years`` if the picture reaches three of them, else ``months``."""
    return "years" if curves.groups[0].at_risk_times[-1] >= THREE_YEARS else "months"


def survival_chart(curves: CurveSet, name: str) -> Chart:
    """All curves of a set in one picture.

    Args:
        curves: up to five groups.
        name: unique in the page.
    """
    longest = max(len(curve.label) for curve in curves.groups)
    words = CHARACTER * 12.5 * longest
    sides = (min(250.0, max(104.0, words + 64)), WIDE - min(190.0, max(40.0, words + 14)))
    wide = _layout(curves, f"{name}-wide", WIDE, sides, 14, is_narrow=False)
    top = 12 + 20.0 * len(curves.groups)
    narrow = _layout(curves, f"{name}-narrow", NARROW, (40, NARROW - 14), top, is_narrow=True)
    return Chart(_draw(curves, wide), _draw(curves, narrow))


def _layout(
    curves: CurveSet, name: str, width: float, sides: tuple[float, float], top: float, *, is_narrow: bool
) -> _Layout:
    bottom = top + (230 if is_narrow else 340)
    days = Scale(0, curves.groups[0].at_risk_times[-1], *sides)
    return _Layout(name, width, sides[1], top, bottom, days, Scale(0, 1, bottom, top), is_narrow)


def _draw(curves: CurveSet, at: _Layout) -> Markup:
    curves = replace(curves, groups=tuple(_until(curve, at.days.high) for curve in curves.groups))
    bands = [_band(curve, at, index) for index, curve in enumerate(curves.groups)]
    drawn = [_curve(curve, at, index) for index, curve in enumerate(curves.groups)]
    per_row = 40 if at.is_narrow else 22
    size = Size(at.width, at.risk_top + 8 + per_row * len(curves.groups), at.is_narrow)
    return picture(
        at.name,
        size,
        curves.title,
        " ".join(_sentence(curve, at) for curve in curves.groups),
        _axes(curves, at),
        *bands,
        *drawn,
        _names(curves.groups, at),
        _at_risk(curves, at),
    )


def _until(curve: Curve, horizon: float) -> Curve:
    """The curve to its last known time, cut at the horizon; it stays level while patients are at risk."""
    kept = sum(day <= horizon for day in curve.times_days)
    watched = [
        day
        for day, left in zip(curve.at_risk_times, curve.at_risk_numbers, strict=True)
        if isinstance(left, int) and left > 0
    ]
    end = min(horizon, max([*curve.times_days[-1:], *watched], default=0.0))
    share, low, high = curve.at(end)
    return replace(
        curve,
        times_days=(*curve.times_days[:kept], end),
        survival=(*curve.survival[:kept], share),
        lower=(*curve.lower[:kept], low),
        upper=(*curve.upper[:kept], high),
        censored_days=tuple(day for day in curve.censored_days if day <= horizon),
    )


def _sentence(curve: Curve, at: _Layout) -> str:
    alive = percent(curve.at(at.days.high)[0])
    patients = plural(curve.n, "patient")
    return f"{curve.label}: {patients}, median {curve.median_text}; {alive} at the end of the picture."


def _ticks(curves: CurveSet, at: _Layout) -> tuple[float, ...]:
    """The times with numbers at risk, thinned until their labels have room."""
    times = curves.groups[0].at_risk_times
    room = 44 if at.is_narrow else 52
    step = 1
    while len(times[::step]) > 2 and _closest(times[::step], at.days) < room:
        step += 1
    return times[::step]


def _closest(times: Sequence[float], scale: Scale) -> float:
    return min(scale(after) - scale(before) for before, after in pairwise(times))


def _axes(curves: CurveSet, at: _Layout) -> Markup:
    shares = [0, 0.25, 0.5, 0.75, 1]
    ticks = _ticks(curves, at)
    unit = time_unit(curves)
    level = [text(at.days.start - 9, at.share(s) + 4, percent(s), "label small number", "end") for s in shares]
    upright = [text(at.days(t), at.bottom + 19, time_words(t, unit), "label small number", "middle") for t in ticks]
    middle = (at.days.start + at.days.end) / 2
    return group(
        grid(at.share, shares, (at.days.start, at.days.end), is_upright=False),
        grid(at.days, ticks, (at.bottom, at.bottom + 5), is_upright=True),
        line((at.days.start, at.bottom), (at.days.end, at.bottom), "axis"),
        *level,
        *upright,
        text(middle, at.bottom + 40, unit.capitalize(), "label small muted", "middle"),
    )


def _corners(days: Iterable[float], values: Iterable[float], at: _Layout) -> list[tuple[str, str]]:
    """Corners of a step line in pixels; steps that fall on the same pixels are drawn once."""
    corners: list[tuple[str, str]] = []
    height = None
    for day, value in zip(days, values, strict=True):
        x, y = coordinate(at.days(day)), coordinate(at.share(value))
        for corner in ((x, height or y), (x, y)):
            if not corners or corners[-1] != corner:
                corners.append(corner)
        height = y
    return corners


def _path(corners: Sequence[tuple[str, str]]) -> str:
    return "M" + "L".join(f"{x},{y}" for x, y in corners)


def _curve(curve: Curve, at: _Layout, index: int) -> Markup:
    days = (0.0, *curve.times_days)
    shares = (1.0, *curve.survival)
    path = element("path", d=_path(_corners(days, shares, at)), css=f"curve line-{index + 1}")
    ticks = []
    for day in curve.censored_days:
        x, y = at.days(day), at.share(curve.at(day)[0])
        ticks.append(line((x, y - 4.5), (x, y + 4.5), f"censored line-{index + 1}"))
    return group(path, *ticks)


def _band(curve: Curve, at: _Layout, index: int) -> Markup:
    """The area between the limits, in pieces where limits are missing; each step reaches to the next time."""
    pieces: list[Markup] = []
    run: list[tuple[float, float, float]] = []
    last = curve.times_days[-1] if curve.times_days else 0.0
    for day, low, high in zip(curve.times_days, curve.lower, curve.upper, strict=True):
        if low is not None and high is not None:
            run.append((day, low, high))
        elif run:
            pieces.append(_area([*run, (day, *run[-1][1:])], at, index))
            run = []
    if run:
        pieces.append(_area([*run, (last, *run[-1][1:])], at, index))
    return group(*pieces)


def _area(run: Sequence[tuple[float, float, float]], at: _Layout, index: int) -> Markup:
    days = [day for day, _, _ in run]
    upper = _corners(days, [high for _, _, high in run], at)
    lower = _corners(days, [low for _, low, _ in run], at)
    return element("path", d=_path([*upper, *reversed(lower)]) + "Z", css=f"band fill-{index + 1}")


def _names(curves: Sequence[Curve], at: _Layout) -> Markup:
    """Labels beside the ends of the curves; on a phone, lines of a legend over the plot."""
    names = []
    if at.is_narrow:
        for index, curve in enumerate(curves):
            y = 14 + 20.0 * index
            names.append(_sample(0, y - 4, index))
            names.append(text(34, y, shorten(curve.label, 290, 12.5), "label small"))
        return group(*names)
    ends = [at.share(curve.at(at.days.high)[0]) + 4 for curve in curves]
    for index, (curve, y) in enumerate(zip(curves, spread(ends, 16, at.bottom + 4), strict=True)):
        words = shorten(curve.label, at.width - at.right - 10, 12.5)
        names.append(text(at.right + 10, y, words, f"label small strong ink-{index + 1}"))
    return group(*names)


def _sample(x: float, y: float, index: int) -> Markup:
    return line((x, y), (x + 26, y), f"curve line-{index + 1}")


def _at_risk(curves: CurveSet, at: _Layout) -> Markup:
    ticks = set(_ticks(curves, at))
    rows = [text(0, at.risk_top, "Patients at risk", "label small strong")]
    for index, curve in enumerate(curves.groups):
        if at.is_narrow:
            y = at.risk_top + 38 + 40.0 * index
            rows += [
                _sample(0, y - 21, index),
                text(34, y - 17, shorten(curve.label, 290, 12.5), "label small"),
            ]
        else:
            y = at.risk_top + 22 + 22.0 * index
            words = shorten(curve.label, at.days.start - 60, 12.5)
            rows += [_sample(0, y - 4, index), text(34, y, words, "label small")]
        for day, left in zip(curve.at_risk_times, curve.at_risk_numbers, strict=True):
            if day in ticks:
                # a full "not shown" in each column would run into the next; the table beside the picture has it
                words = "–" if left == NOT_SHOWN else count_words(left)
                rows.append(text(at.days(day), y, words, "label small number", "middle"))
    return group(*rows)
