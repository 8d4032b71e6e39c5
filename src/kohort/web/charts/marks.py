"""Marks that are told apart by their shape, and words in lines, for the pictures of cohorts."""

from __future__ import annotations

from typing import Literal

from markupsafe import Markup

from kohort.web.charts.svg import CHARACTER, coordinate, element

__all__ = ["SHAPES", "Shape", "arrow_head", "diamond", "mark", "width_of", "wrapped"]

Shape = Literal["square", "circle", "up", "down", "diamond", "cross", "ring"]
SHAPES: tuple[Shape, ...] = ("square", "circle", "up", "diamond", "down")
"""Shapes of a first, second, third ... model."""


def mark(shape: Shape, x: float, y: float, size: float, css: str) -> Markup:
    """A mark of about ``size`` pixels around ``(x, y)``."""
    half = size / 2
    match shape:
        case "circle" | "ring":
            return element("circle", cx=float(x), cy=float(y), r=half, css=css)
        case "square":
            corners = ((-half, -half), (half, -half), (half, half), (-half, half))
        case "up":
            corners = ((0, -half * 1.15), (half * 1.1, half * 0.8), (-half * 1.1, half * 0.8))
        case "down":
            corners = ((0, half * 1.15), (half * 1.1, -half * 0.8), (-half * 1.1, -half * 0.8))
        case "diamond":
            corners = ((0, -half * 1.25), (half * 1.25, 0), (0, half * 1.25), (-half * 1.25, 0))
        case "cross":
            ends = (coordinate(each) for each in (x - half, y - half, x + half, y + half))
            left, top, right, bottom = ends
            return element("path", d=f"M{left},{top}L{right},{bottom}M{left},{bottom}L{right},{top}", css=css)
    return element("path", d=_closed([(x + dx, y + dy) for dx, dy in corners]), css=css)


def diamond(low: float, middle: float, high: float, y: float, height: float, css: str) -> Markup:
    """A diamond from ``low`` to ``high`` that is widest at ``middle``: a pooled estimate and its interval."""
    corners = [(low, y), (middle, y - height / 2), (high, y), (middle, y + height / 2)]
    return element("path", d=_closed(corners), css=css)


def arrow_head(x: float, y: float, css: str, *, to_left: bool = False, size: float = 9) -> Markup:
    """A filled arrow head with its point at ``(x, y)``."""
    back = x + size if to_left else x - size
    return element("path", d=_closed([(x, y), (back, y - size * 0.55), (back, y + size * 0.55)]), css=css)


def _closed(corners: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{coordinate(x)},{coordinate(y)}" for x, y in corners) + "Z"


def width_of(words: str, font_size: float = 12.5) -> float:
    """About how many pixels words take."""
    return CHARACTER * font_size * len(words)


def wrapped(words: str, width: float, font_size: float = 12.5) -> list[str]:
    """Words in lines of at most about ``width`` pixels; no-break spaces hold words together."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and width_of(f"{lines[-1]} {word}", font_size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines
