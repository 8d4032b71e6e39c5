"""Forest of cohorts or of countries: estimates with intervals, weights, pooled diamonds, several models a row."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from kohort.web.cells import Count
from kohort.web.charts.axes import Scale
from kohort.web.charts.marks import SHAPES, diamond, mark, width_of
from kohort.web.charts.rate_axis import model_legend, rate_axis, rate_ground, rate_names
from kohort.web.charts.svg import NARROW, WIDE, Chart, Size, group, line, picture, shorten, text
from kohort.web.words import count_words, percent

__all__ = ["ForestEstimate", "ForestPicture", "ForestRow", "forest_chart"]

MOST_MODELS = 5
LINE = 19.0
LEAST_MARK, LARGEST_MARK = 5.0, 15.0


@dataclass(frozen=True, slots=True)
class ForestEstimate:
    """One estimate of a rate.

    Attributes:
        rate: the estimate, 0 ... 1.
        interval: its lower and upper limit.
        model: how it was made; the same words are the same mark in all rows.
        weight: its share in the pooled estimate, 0 ... 1; None: not shown.
    """

    rate: float
    interval: tuple[float, float]
    model: str = ""
    weight: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no estimate of a rate."""
        if not 0 <= self.interval[0] <= self.interval[1] <= 1 or not 0 <= self.rate <= 1:
            raise ValueError(f"{self.rate} with {self.interval} is no estimate of a rate")


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A cohort, a country, or all of them.

    Attributes:
        label: its name.
        estimates: one a model.
        responders: responders, perhaps hidden; None: not shown.
        evaluable: evaluable patients, perhaps hidden; None: not shown.
        is_pooled: drawn as a diamond, under a line.
    """

    label: str
    estimates: tuple[ForestEstimate, ...]
    responders: Count | None = None
    evaluable: Count | None = None
    is_pooled: bool = False


@dataclass(frozen=True, slots=True)
class ForestPicture:
    """Rows from top to bottom.

    Attributes:
        title: what is shown.
        rows: the rows.
        p0: rate of no interest; None: no line.
        p1: rate of interest; None: no line.
        level: of the intervals.
        axis: what the axis measures.
    """

    title: str
    rows: tuple[ForestRow, ...]
    p0: float | None = None
    p1: float | None = None
    level: float = 0.95
    axis: str = "Response rate"

    def __post_init__(self) -> None:
        """Refuse more models than marks that can be told apart."""
        if not self.rows or not all(row.estimates for row in self.rows) or len(self.models) > MOST_MODELS:
            raise ValueError(f"a forest has rows with estimates of at most {MOST_MODELS} models")

    @property
    def models(self) -> tuple[str, ...]:
        """Models in the order of first mention."""
        return tuple(dict.fromkeys(each.model for row in self.rows for each in row.estimates))

    @property
    def has_weights(self) -> bool:
        """True if a weight is to be shown."""
        return any(each.weight is not None for row in self.rows for each in row.estimates)


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    width: float
    rate: Scale
    counts_at: float
    words_at: float
    is_narrow: bool
    models: tuple[str, ...]

    def row_height(self, row: ForestRow) -> float:
        """Height that a row takes."""
        return (22 if self.is_narrow else 0) + LINE * len(row.estimates) + (10 if len(self.models) > 1 else 7)


def forest_chart(data: ForestPicture, name: str = "forest") -> Chart:
    """Rows of estimates on one scale.

    Args:
        data: what to show.
        name: unique in the page.
    """
    return Chart(_draw(data, f"{name}-wide", is_narrow=False), _draw(data, f"{name}-narrow", is_narrow=True))


def _draw(data: ForestPicture, name: str, *, is_narrow: bool) -> Markup:
    at = _layout(data, name, is_narrow=is_narrow)
    key, top = model_legend(at.models, 0, at.width, "reach")
    top += 30 if data.p0 is not None or data.p1 is not None or not is_narrow else 8
    first = top
    rows: list[Markup] = []
    for row in data.rows:
        if row.is_pooled and rows:
            rows.append(line((0, top - 1), (at.width, top - 1), "grid"))
            top += 5
        rows.append(_row(row, data, at, top))
        top += at.row_height(row)
    ground = Markup("") if is_narrow else rate_ground(at.rate, data.p0, data.p1, (first - 6, top))
    parts = (key, ground, _heads(data, at, first - 12), rate_axis(at.rate, top, data.axis), *rows)
    return picture(name, Size(at.width, top + 46, is_narrow), data.title, _description(data), *parts)


def _layout(data: ForestPicture, name: str, *, is_narrow: bool) -> _Layout:
    ends = [each.interval[1] for row in data.rows for each in row.estimates]
    highest = max([*ends, *(rate for rate in (data.p0, data.p1) if rate is not None), 0.1])
    high = min(1.0, math.ceil(round(highest * 10, 6)) / 10)
    if is_narrow:
        return _Layout(name, NARROW, Scale(0, high, 10, NARROW - 18), 0, NARROW, True, data.models)
    labels = min(250.0, max(width_of(row.label, 13.5) for row in data.rows) + 18)
    counts = max(width_of(_counts(row)) for row in data.rows)
    left = labels + (counts + 26 if counts else 12)
    words = max([105.0, *(width_of(_figures(each)) for row in data.rows for each in row.estimates)])
    words_at = WIDE - (64 if data.has_weights else 0)
    return _Layout(name, WIDE, Scale(0, high, left, words_at - words - 26), left - 18, words_at, False, data.models)


def _counts(row: ForestRow) -> str:
    if row.responders is None or row.evaluable is None:
        return ""
    return f"{count_words(row.responders)} of {count_words(row.evaluable)}"


def _figures(each: ForestEstimate) -> str:
    low, high = (f"{100 * end:.0f}" for end in each.interval)
    return f"{100 * each.rate:.0f}% ({low}–{high})"


def _weight(each: ForestEstimate) -> str:
    return "" if each.weight is None else f"{100 * each.weight:.0f}%"


def _heads(data: ForestPicture, at: _Layout, y: float) -> Markup:
    parts = [rate_names(at.rate, data.p0, data.p1, y, at.width)]
    if not at.is_narrow:
        if any(_counts(row) for row in data.rows):
            parts.append(text(at.counts_at, y, "responders", "label tiny muted", "end"))
        parts.append(text(at.words_at, y, f"rate ({data.level:.0%} interval)", "label tiny muted", "end"))
        if data.has_weights:
            parts.append(text(at.width, y, "weight", "label tiny muted", "end"))
    return group(*parts)


def _row(row: ForestRow, data: ForestPicture, at: _Layout, top: float) -> Markup:
    css, font = ("label strong", 15.5) if row.is_pooled else ("label", 13.5)
    parts: list[Markup] = []
    if at.is_narrow:
        parts.append(rate_ground(at.rate, data.p0, data.p1, (top + 20, top + at.row_height(row))))
        figures = _figures(row.estimates[0]) if len(row.estimates) == 1 else ""
        said = " · ".join(part for part in (_counts(row), figures) if part)
        parts += [
            text(0, top + 14, shorten(row.label, at.width - width_of(said) - 10, font), css),
            text(at.width, top + 14, said, "label small number", "end"),
        ]
        top += 22
    else:
        room = at.counts_at - width_of(_counts(row)) - 12
        parts += [
            text(0, top + 14, shorten(row.label, room, font), css),
            text(at.counts_at, top + 14, _counts(row), "label small number", "end"),
        ]
    for place, each in enumerate(row.estimates):
        y = top + LINE * place + 10
        parts.append(_estimate(each, at, y, is_pooled=row.is_pooled))
        if not at.is_narrow:
            parts.append(text(at.words_at, y + 4, _figures(each), "label small number", "end"))
            parts.append(text(at.width, y + 4, _weight(each), "label small number", "end"))
    return group(*parts)


def _estimate(each: ForestEstimate, at: _Layout, y: float, *, is_pooled: bool) -> Markup:
    index = at.models.index(each.model)
    low, middle, high = (at.rate(rate) for rate in (each.interval[0], each.rate, each.interval[1]))
    if is_pooled:
        return diamond(low, middle, high, y, 13, f"fill-{index + 1}")
    size = 9.0
    if each.weight is not None:  # the area of the mark says the weight
        size = LEAST_MARK + (LARGEST_MARK - LEAST_MARK) * math.sqrt(min(max(each.weight, 0.0), 1.0))
    ends = [line((end, y - 4), (end, y + 4), f"reach line-{index + 1}") for end in (low, high)]
    whisker = line((low, y), (high, y), f"reach line-{index + 1}")
    return group(whisker, *ends, mark(SHAPES[index], middle, y, size, f"fill-{index + 1}"))


def _description(data: ForestPicture) -> str:
    return " ".join(_sentence(row, data) for row in data.rows)


def _sentence(row: ForestRow, data: ForestPicture) -> str:
    several = len(data.models) > 1
    counts = f"{_counts(row)} responded, " if _counts(row) else ""
    said = "; ".join(
        f"{each.model + ' ' if several else ''}{percent(each.rate)} ({percent(each.interval[0])} to "
        f"{percent(each.interval[1])})"
        for each in row.estimates
    )
    return f"{row.label}: {counts}{said}."
