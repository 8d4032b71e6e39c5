"""Scales, ticks, patterns and legends that the charts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from markupsafe import Markup

from kohort.web.charts.svg import CHARACTER, element, group, line, rectangle, text

__all__ = ["PATTERNS", "Key", "Scale", "fill", "grid", "legend", "patterns", "spread", "stripes"]

PatternName = Literal["solid", "slant", "dots", "back", "level", "cross"]
PATTERNS: tuple[PatternName, ...] = ("solid", "slant", "dots", "back", "level", "cross")

SLANT = "M-1,7L7,-1M-1,1L1,-1M5,7L7,5"
BACK = "M-1,-1L7,7M5,-1L7,1M-1,5L1,7"
_MARKS: dict[str, tuple[str, ...]] = {
    "slant": (SLANT,),
    "back": (BACK,),
    "level": ("M0,3H6",),
    "cross": (SLANT, BACK),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values to pixels.

    Attributes:
        low, high: range of the values.
        start, end: pixels of ``low`` and ``high``.
    """

    low: float
    high: float
    start: float
    end: float

    def __post_init__(self) -> None:
        """Refuse a range without extent."""
        if not self.high > self.low:
            raise ValueError("a scale needs two different values")

    def __call__(self, value: float) -> float:
        """Pixel of a value; outside the range it stops at the edge."""
        within = min(max(value, self.low), self.high)
        return self.start + (within - self.low) / (self.high - self.low) * (self.end - self.start)


def spread(wanted: Sequence[float], gap: float, lowest: float) -> list[float]:
    """Heights near the wanted ones, in the same order, at least ``gap`` apart, none below ``lowest``.

    Labels at the ends of curves that end close together would otherwise lie on each other.
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    heights = list(wanted)
    for above, below in pairwise(order):
        heights[below] = max(heights[below], heights[above] + gap)
    limit = lowest
    for index in reversed(order):
        heights[index] = min(heights[index], limit)
        limit = heights[index] - gap
    return heights


def patterns(name: str, colours: int, *more: Markup) -> Markup:
    """Definitions of a pattern for each of the first colours, pattern i over colour i, and of further ones.

    Args:
        name: the picture's name; the ids begin with it.
        colours: how many are needed.
        more: further patterns.
    """
    return element("defs", *(_pattern(name, index) for index in range(1, colours)), *more)


def _pattern(name: str, index: int) -> Markup:
    kind = PATTERNS[index]
    ground = rectangle(0, 0, 6, 6, f"fill-{index + 1}")
    if kind == "dots":
        marks = [element("circle", cx=x, cy=y, r="1.1", css="pattern-dot") for x, y in ((1.5, 1.5), (4.5, 4.5))]
    else:
        marks = [element("path", d=path, css="pattern-line") for path in _MARKS[kind]]
    return element(
        "pattern",
        ground,
        *marks,
        id=f"{name}-pattern-{index + 1}",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
    )


def stripes(name: str, css: str) -> Markup:
    """A pattern with the id ``name``: slanted lines (class ``<css>-line``) on a ground (``<css>-ground``)."""
    ground = rectangle(0, 0, 6, 6, f"{css}-ground")
    lines = element("path", d=SLANT, css=f"{css}-line")
    return element("pattern", ground, lines, id=name, width=6, height=6, patternUnits="userSpaceOnUse")


def fill(name: str, index: int) -> dict[str, str]:
    """Attributes that fill a shape with colour and pattern ``index`` (from 0) of picture ``name``."""
    return {"css": "fill-1"} if index == 0 else {"css": "patterned", "fill": f"url(#{name}-pattern-{index + 1})"}


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: attributes of its swatch, its words, and whether the swatch is a circle."""

    swatch: dict[str, str]
    words: str
    is_round: bool = False


def legend(keys: Sequence[Key], x: float, y: float, width: float) -> tuple[Markup, float]:
    """Swatches with words, in as many lines as the width asks for.

    Returns:
        The legend, and the height it takes.
    """
    parts: list[Markup] = []
    left, top = x, y
    for key in keys:
        needed = 20 + CHARACTER * 12.5 * len(key.words) + 18
        if left > x and left + needed - 18 > x + width:
            left, top = x, top + 20
        parts += [
            _swatch(key, left, top),
            text(left + 19, top + 11, key.words, "label small"),
        ]
        left += needed
    return group(*parts), top + 20 - y


def _swatch(key: Key, x: float, y: float) -> Markup:
    if key.is_round:
        return element("circle", cx=x + 6.5, cy=y + 6.5, r=4.5, **key.swatch)
    return element("rect", x=float(x), y=float(y), width=13, height=13, rx=2, **key.swatch)


def grid(scale: Scale, values: Sequence[float], span: tuple[float, float], *, is_upright: bool) -> Markup:
    """Faint lines at values: upright ones between two heights, or level ones between two widths."""
    lines = []
    for value in values:
        at = scale(value)
        ends = ((at, span[0]), (at, span[1])) if is_upright else ((span[0], at), (span[1], at))
        lines.append(line(*ends, css="grid"))
    return group(*lines)
