"""What pictures of response rates share: the axis, the rates that decide, and the legend of models."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kohort.web.charts.axes import Scale, grid
from kohort.web.charts.marks import SHAPES, mark, width_of
from kohort.web.charts.svg import group, line, text

__all__ = ["model_legend", "rate_axis", "rate_ground", "rate_names"]


def _ticks(scale: Scale) -> list[float]:
    """Every tenth, or every second one where they would be too close."""
    step = 0.1 if scale(0.1) - scale(0.0) >= 40 else 0.2
    return [step * place for place in range(round(scale.high / step) + 1) if step * place <= scale.high + 1e-9]


def rate_axis(scale: Scale, bottom: float, title: str = "Response rate") -> Markup:
    """The axis below the rows, in percent."""
    return group(
        line((scale.start, bottom), (scale.end, bottom), "axis"),
        *(
            text(scale(tick), bottom + 19, f"{100 * tick:.0f}%", "label small number", "middle")
            for tick in _ticks(scale)
        ),
        text((scale.start + scale.end) / 2, bottom + 40, title, "label small muted", "middle"),
    )


def rate_ground(scale: Scale, p0: float | None, p1: float | None, span: tuple[float, float]) -> Markup:
    """Grid behind rows, with lines at p0 (whole) and p1 (broken), between two heights."""
    decisive = [(rate, css) for rate, css in ((p0, "p0-line"), (p1, "p1-line")) if rate is not None]
    lines = [line((scale(rate), span[0]), (scale(rate), span[1]), css) for rate, css in decisive]
    return group(grid(scale, _ticks(scale), span, is_upright=True), *lines)


def rate_names(scale: Scale, p0: float | None, p1: float | None, y: float, width: float) -> Markup:
    """Names over the lines of p0 and p1, moved apart where both have no room, and kept inside the picture."""
    named = [(rate, f"{name} {100 * rate:g}%") for name, rate in (("p0", p0), ("p1", p1)) if rate is not None]
    halves = [width_of(words, 11.5) * 0.56 + 4 for _, words in named]
    middles = [scale(rate) for rate, _ in named]
    if len(named) == 2 and (overlap := halves[0] + halves[1] - (middles[1] - middles[0])) > 0:
        middles = [middles[0] - overlap / 2, middles[1] + overlap / 2]
    parts, least = [], 0.0
    for middle, half, (_, words) in zip(middles, halves, named, strict=True):
        place = min(max(middle, least + half), width - half)
        least = place + half
        parts.append(text(place, y, words, "label tiny number", "middle"))
    return group(*parts)


def model_legend(models: Sequence[str], start: float, width: float, css: str) -> tuple[Markup, float]:
    """Line and mark of each model with its name, if there are several.

    Args:
        models: names; empty ones say that there is one model only.
        start: left edge.
        width: right edge, at which lines are broken.
        css: class of the lines, e.g. ``curve``.

    Returns:
        The legend, and the height it takes.
    """
    if len(models) == 1:
        return Markup(""), 0.0
    parts: list[Markup] = []
    x, y = start, 8.0
    for index, model in enumerate(models):
        needed = 44 + width_of(model) + 20
        if x > start and x + needed - 20 > width:
            x, y = start, y + 20
        parts += [
            line((x, y), (x + 32, y), f"{css} line-{index + 1}"),
            mark(SHAPES[index], x + 16, y, 8, f"fill-{index + 1}"),
            text(x + 40, y + 4, model, "label small"),
        ]
        x += needed
    return group(*parts), y + 12
