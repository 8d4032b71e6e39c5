"""Altered genes by tumour type: one column a type, one row a gene, no patient's row.

A bar in each cell has the length of the share of tested patients, divided by kind of alteration. Four states
look different: a number, a hidden number, tested and not found, and not tested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from kohort.web.charts.axes import Key, Scale, fill, legend, patterns, stripes
from kohort.web.charts.svg import (
    CHARACTER,
    NARROW,
    WIDE,
    Chart,
    Size,
    element,
    group,
    line,
    picture,
    rectangle,
    shorten,
    text,
)
from kohort.web.report_data import Oncoprint, OncoprintCell
from kohort.web.words import count_words, percent

__all__ = ["full_share", "oncoprint_chart"]

GENE_WIDTH = 84.0
CELL = 62.0
ROW = 36.0
BAR = 9.0
SLOPE = math.radians(38)
LONGEST_NAME = 170.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the matrix begins, and how long a bar of a share is."""

    name: str
    left: float
    top: float
    cell: float
    bar: Scale
    kinds: tuple[str, ...]


def full_share(matrix: Oncoprint) -> float:
    """The share that fills a cell: the largest one shown, rounded up to a tenth; 0.1 at least."""
    shares = [cell.share for row in matrix.rows for cell in row.cells if cell and cell.share]
    return max(0.1, math.ceil(round(10 * max(shares, default=0), 6)) / 10)


def oncoprint_chart(matrix: Oncoprint, name: str = "oncoprint") -> Chart:
    """The matrix in its own size; on a phone it scrolls inside its frame, under a legend that does not.

    Args:
        matrix: genes by tumour types.
        name: unique in the page.
    """
    wide = _draw(matrix, f"{name}-wide", WIDE, is_narrow=False)
    return Chart(wide, _draw(matrix, f"{name}-narrow", NARROW, is_narrow=True), scrolls=True)


def _draw(matrix: Oncoprint, name: str, legend_width: float, *, is_narrow: bool) -> Markup:
    cell = max(CELL, min(96.0, (WIDE - GENE_WIDTH - 70) / max(1, len(matrix.tumours))))
    longest = max((CHARACTER * 12.5 * len(tumour) for tumour in matrix.tumours), default=0)
    reach = min(longest, LONGEST_NAME)
    key, key_height = legend(_keys(matrix, name), 0, 4, legend_width)
    top = key_height + 24 + reach * math.sin(SLOPE)
    at = _Layout(name, GENE_WIDTH, top, cell, Scale(0, full_share(matrix), 0, cell - 12), matrix.kinds)
    width = max(legend_width, GENE_WIDTH + cell * len(matrix.tumours) + reach * math.cos(SLOPE) - cell / 2)
    size = Size(width, top + ROW * len(matrix.rows) + 4, is_narrow)
    shapes = patterns(name, len(matrix.kinds), stripes(f"{name}-untested", "untested"))
    parts = (shapes, key, _heads(matrix, at), _rows(matrix, at))
    return picture(name, size, "Altered genes by tumour type", _description(matrix), *parts)


def _keys(matrix: Oncoprint, name: str) -> list[Key]:
    kinds = [Key(fill(name, index), kind) for index, kind in enumerate(matrix.kinds)]
    plain = [Key({"css": "fill-plain"}, "kinds not shown")] if _has_plain(matrix) else []
    states = [
        Key({"css": "hidden-mark"}, "hidden: too few"),
        Key({"css": "none-found"}, "tested, not found", is_round=True),
        Key({"css": "patterned", "fill": f"url(#{name}-untested)"}, "not tested"),
    ]
    return [*kinds, *plain, *states]


def _has_plain(matrix: Oncoprint) -> bool:
    return any(cell and cell.share and not _pieces(cell) for row in matrix.rows for cell in row.cells)


def _description(matrix: Oncoprint) -> str:
    """The most frequent alteration of each gene, in words."""
    sentences = []
    for row in matrix.rows:
        shares = [
            (cell.share, tumour) for cell, tumour in zip(row.cells, matrix.tumours, strict=True) if cell and cell.share
        ]
        if shares:
            share, tumour = max(shares, key=lambda found: found[0])
            sentences.append(f"{row.gene} most often in {tumour} ({percent(share)} of tested patients).")
    return " ".join(sentences) or "No share is shown."


def _heads(matrix: Oncoprint, at: _Layout) -> Markup:
    names = []
    for column, tumour in enumerate(matrix.tumours):
        x, y = at.left + at.cell * (column + 0.5) - 4, at.top - 12
        words = shorten(tumour, LONGEST_NAME, 12.5)
        turned = f"rotate(-{math.degrees(SLOPE):.0f} {x:.1f} {y:.1f})"
        names.append(element("text", words, x=x, y=y, css="label small", transform=turned))
    return group(*names)


def _rows(matrix: Oncoprint, at: _Layout) -> Markup:
    drawn = []
    for place, row in enumerate(matrix.rows):
        top = at.top + ROW * place
        drawn.append(text(at.left - 14, top + 22, shorten(row.gene, 76), "label strong", "end"))
        drawn += [_cell(cell, at, at.left + at.cell * column, top) for column, cell in enumerate(row.cells)]
    return group(*drawn)


def _cell(cell: OncoprintCell | None, at: _Layout, x: float, top: float) -> Markup:
    frame = rectangle(x + 1.5, top + 1.5, at.cell - 3, ROW - 3, "cell", rx=3)
    if cell is None:
        pattern = {"fill": f"url(#{at.name}-untested)"}
        return rectangle(x + 1.5, top + 1.5, at.cell - 3, ROW - 3, "patterned", rx=3, **pattern)
    left, base = x + 6, top + ROW - 7 - BAR
    if isinstance(cell.count, str):
        mark = rectangle(left, base, 12, BAR, "hidden-mark")
        return group(frame, text(left, top + 16, count_words(cell.count), "label tiny number"), mark)
    if cell.count == 0:
        mark = element("circle", cx=left + 4, cy=base + BAR / 2, r=3.5, css="none-found")
        return group(frame, text(left, top + 16, "0", "label tiny number muted"), mark)
    if cell.share is None:
        return group(frame, text(left, top + 16, count_words(cell.count), "label tiny number"))
    words = text(left, top + 16, percent(cell.share), "label tiny number strong")
    end = left + at.cell - 12
    track = line((left, base + BAR + 0.5), (end, base + BAR + 0.5), "track")
    return group(frame, words, track, _stack(cell, at, left, base, cell.share))


def _pieces(cell: OncoprintCell) -> list[tuple[str, int]]:
    """Kinds with their numbers; none if one of them is hidden, for its gap would give it away."""
    pieces = [(kind, count) for kind, count in cell.kinds.items() if isinstance(count, int)]
    is_whole = len(pieces) == len(cell.kinds) and sum(count for _, count in pieces) == cell.count
    return pieces if is_whole else []


def _stack(cell: OncoprintCell, at: _Layout, left: float, base: float, share: float) -> Markup:
    pieces = _pieces(cell)
    length = max(at.bar(share), 1.5)
    if not pieces or not isinstance(cell.count, int):
        return rectangle(left, base, length, BAR, "fill-plain")
    drawn, before = [], 0
    for index, count in sorted((at.kinds.index(kind), count) for kind, count in pieces):
        width = length * count / cell.count
        paint = fill(at.name, index)
        drawn.append(rectangle(left + length * before / cell.count, base, width, BAR, paint.pop("css"), **paint))
        before += count
    return group(*drawn)
