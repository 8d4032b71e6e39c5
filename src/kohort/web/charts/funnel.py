"""Patients at each step, as bars that shrink from step to step, divided by site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kohort.web.charts.axes import PATTERNS, Key, Scale, fill, legend, patterns
from kohort.web.charts.svg import (
    CHARACTER,
    NARROW,
    WIDE,
    Chart,
    Size,
    group,
    picture,
    rectangle,
    shorten,
    text,
)
from kohort.web.report_data import Step
from kohort.web.words import count_words, percent

__all__ = ["funnel_chart", "share_of_first"]

HIDDEN_WIDTH = 14.0
"""Width of the mark for a hidden number, whatever the number is."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand: bars from ``left`` to ``right``; on a phone the labels stand above them."""

    name: str
    width: float
    left: float
    right: float
    pitch: float
    bar: float
    is_narrow: bool


def funnel_chart(steps: Sequence[Step], sites: Sequence[str], name: str = "funnel") -> Chart:
    """Bars from the first step to the last; divided by site if there are few enough to tell apart.

    Args:
        steps: from all patients down.
        sites: names in the order of all tables.
        name: unique in the page.
    """
    shown = sites if 1 < len(sites) <= len(PATTERNS) else ()
    wide = _Layout(f"{name}-wide", WIDE, 236, 730, 44, 26, is_narrow=False)
    narrow = _Layout(f"{name}-narrow", NARROW, 0, NARROW, 56, 20, is_narrow=True)
    return Chart(_draw(steps, shown, wide), _draw(steps, shown, narrow))


def share_of_first(steps: Sequence[Step], step: Step) -> str:
    """The step as a percentage of the first; empty if one of the two is hidden or nobody is in the first."""
    first = steps[0].total
    if step is steps[0] or isinstance(first, str) or isinstance(step.total, str) or first == 0:
        return ""
    return percent(step.total / first)


def _draw(steps: Sequence[Step], sites: Sequence[str], at: _Layout) -> Markup:
    keys = [Key(fill(at.name, index), site) for index, site in enumerate(sites)]
    key, top = legend(keys, at.left, 4, at.width - at.left) if keys else (Markup(""), 0.0)
    largest = max((step.total for step in steps if isinstance(step.total, int)), default=0)
    scale = Scale(0, max(largest, 1), at.left, at.right)
    rows = [_row(steps, step, sites, scale, at, top + 12 + at.pitch * place) for place, step in enumerate(steps)]
    size = Size(at.width, top + 12 + at.pitch * len(steps), at.is_narrow)
    sentence = "; ".join(_sentence(steps, step) for step in steps)
    return picture(at.name, size, "Patients per step", f"{sentence}.", patterns(at.name, len(sites)), key, *rows)


def _sentence(steps: Sequence[Step], step: Step) -> str:
    share = share_of_first(steps, step)
    return f"{step.label}: {count_words(step.total)}" + (f" ({share})" if share else "")


def _row(steps: Sequence[Step], step: Step, sites: Sequence[str], scale: Scale, at: _Layout, top: float) -> Markup:
    end = scale(step.total) if isinstance(step.total, int) else at.left + HIDDEN_WIDTH
    share = share_of_first(steps, step)
    number = count_words(step.total)
    if at.is_narrow:
        labels = [
            text(0, top + 13, shorten(step.label, 244), "label"),
            text(at.right, top + 13, f"{number} · {share}" if share else number, "label number strong", "end"),
        ]
        bar_top = top + 20
    else:
        bar_top = top
        labels = [
            text(0, top + 17.5, shorten(step.label, at.left - 8), "label"),
            text(end + 12, top + 17.5, number, "label number strong"),
            text(end + 24 + CHARACTER * 14 * len(number), top + 17.5, share, "label number muted"),
        ]
    return group(*labels, _bar(step, sites, scale, at, bar_top))


def _bar(step: Step, sites: Sequence[str], scale: Scale, at: _Layout, top: float) -> Markup:
    """One piece a site if all of them are numbers, else one plain bar: a gap would give a number away."""
    if isinstance(step.total, str):
        return rectangle(at.left, top, HIDDEN_WIDTH, at.bar, "hidden-mark")
    numbers = [count for site in sites if isinstance(count := step.by_site.get(site), int)]
    if not numbers or len(numbers) < len(sites) or sum(numbers) != step.total:
        css = "fill-plain" if sites else "fill-1"
        return rectangle(at.left, top, scale(step.total) - at.left, at.bar, css)
    pieces, before = [], 0
    for index, number in enumerate(numbers):
        after = before + number
        width = max(0.0, scale(after) - scale(before) - (1.5 if index + 1 < len(numbers) else 0))
        paint = fill(at.name, index)
        pieces.append(rectangle(scale(before), top, width, at.bar, paint.pop("css"), **paint))
        before = after
    return group(*pieces)
