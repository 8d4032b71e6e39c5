"""Boundaries of a design: patients evaluated against responders, where it stops and goes on, and the cohort's way.

At each look the counts stand in a column: those that stop, those that go on, those that are positive. The words under
the picture give both conventions, the last count that is not enough and the first that is (Simon R. Control Clin Trials
1989;10:1-10, and the protocols).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from kohort.web.charts.axes import Key, Scale, grid, legend, patterns, stripes
from kohort.web.charts.marks import mark, wrapped
from kohort.web.charts.svg import NARROW, WIDE, Chart, Size, coordinate, element, group, line, picture, rectangle, text
from kohort.web.words import plural

__all__ = ["BoundaryPicture", "LookBounds", "boundary_chart"]

MOST_LINES = 4
"""Looks that are written out, one a line; more are written as a list of stopping counts."""


@dataclass(frozen=True, slots=True)
class LookBounds:
    """What one look says.

    Attributes:
        evaluable: patients evaluated at the look.
        stop_at: last number of responders that stops (or, at the end, is negative); None: no number does.
        positive_from: first number of responders that is positive; None: no number is.
    """

    evaluable: int
    stop_at: int | None = None
    positive_from: int | None = None

    def __post_init__(self) -> None:
        """Refuse looks that contradict themselves."""
        stop = -1 if self.stop_at is None else self.stop_at
        positive = self.evaluable + 1 if self.positive_from is None else self.positive_from
        if self.evaluable < 1 or not -1 <= stop < positive <= self.evaluable + 1:
            raise ValueError(f"a look at {self.evaluable} cannot stop at {stop} and be positive from {positive}")


@dataclass(frozen=True, slots=True)
class BoundaryPicture:
    """A design and, if there is one, a cohort's way through it.

    Attributes:
        title: what is shown.
        looks: in order of patients; the last is the end.
        way: (evaluable, responders) of the cohort after each evaluation or report, rising; empty: the design alone.
        pending: patients enrolled and not yet evaluable.
    """

    title: str
    looks: tuple[LookBounds, ...]
    way: tuple[tuple[int, int], ...] = ()
    pending: int = 0

    def __post_init__(self) -> None:
        """Refuse looks out of order and ways that go back."""
        sizes = [look.evaluable for look in self.looks]
        if not sizes or any(after <= before for before, after in pairwise(sizes)):
            raise ValueError("looks must be given in order of patients")
        steps = pairwise(((0, 0), *self.way))
        if (
            any(m < before[0] or not 0 <= x - before[1] <= m - before[0] for before, (m, x) in steps)
            or self.pending < 0
        ):
            raise ValueError("the way of a cohort cannot go back, nor respond more often than it is evaluated")


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    width: float
    bottom: float
    patients: Scale
    responders: Scale
    is_narrow: bool

    @property
    def column(self) -> float:
        """Width of the column of a look."""
        return max(3.0, min(16.0, self.patients(1) - self.patients(0) - 1))


def boundary_chart(data: BoundaryPicture, name: str = "boundaries") -> Chart:
    """The design as columns of counts at each look, and the cohort's way as a line.

    Args:
        data: what to show.
        name: unique in the page.
    """
    return Chart(_draw(data, f"{name}-wide", is_narrow=False), _draw(data, f"{name}-narrow", is_narrow=True))


def _top(data: BoundaryPicture) -> int:
    """Highest number of responders in the picture: a little above all that decides."""
    decisive = [look.positive_from or 0 for look in data.looks] + [(look.stop_at or 0) + 1 for look in data.looks]
    reached = data.way[-1][1] + data.pending if data.way else 0
    return max(min(max(decisive) + 3, data.looks[-1].evaluable), min(reached + 1, data.looks[-1].evaluable), 2)


def _draw(data: BoundaryPicture, name: str, *, is_narrow: bool) -> Markup:
    width = NARROW if is_narrow else WIDE
    left, right = (34.0, width - 12) if is_narrow else (52.0, width - 24)
    key, key_height = legend(_keys(data, name), 0 if is_narrow else left, 4, right - (0 if is_narrow else left))
    most = max(data.looks[-1].evaluable, data.way[-1][0] + data.pending if data.way else 0)
    top, height = key_height + 34, (240.0 if is_narrow else 330.0)
    high = _top(data)
    at = _Layout(
        name,
        width,
        top + height,
        Scale(-0.5, most + 0.7, left, right),
        Scale(-0.6, high + 0.6, top + height, top),
        is_narrow,
    )
    lines = [part for words in _words(data) for part in wrapped(words, width - (0 if is_narrow else left))]
    words = [
        text(0 if is_narrow else left, at.bottom + 66 + 18 * place, line_, "label small")
        for place, line_ in enumerate(lines)
    ]
    size = Size(width, at.bottom + 66 + 18 * len(lines), is_narrow)
    parts = (
        patterns(name, 1, stripes(f"{name}-stop", "halt"), stripes(f"{name}-pending", "pending")),
        key,
        text(0, top - 12, "Responders", "label small muted"),
        _axes(at, high, most),
        *(_column(look, at, high) for look in data.looks),
        _way(data, at),
        *words,
    )
    return picture(name, size, data.title, " ".join([*_words(data), _where(data)]).strip(), *parts)


def _keys(data: BoundaryPicture, name: str) -> list[Key]:
    keys = [Key({"css": "patterned", "fill": f"url(#{name}-stop)"}, "stop, or negative at the end")]
    if any(_goes(look) for look in data.looks):
        keys.append(Key({"css": "onward"}, "go on"))
    if any(look.positive_from is not None for look in data.looks):
        keys.append(Key({"css": "responder"}, "positive"))
    if data.way:
        keys.append(Key({"css": "way-dot"}, "the cohort", is_round=True))
    if data.pending:
        keys.append(Key({"css": "patterned", "fill": f"url(#{name}-pending)"}, "where the pending patients can lead"))
    return keys


def _goes(look: LookBounds) -> bool:
    stop = -1 if look.stop_at is None else look.stop_at
    return (look.evaluable + 1 if look.positive_from is None else look.positive_from) - stop > 1


def _axes(at: _Layout, high: int, most: int) -> Markup:
    patients = _ticks(most, 8 if at.is_narrow else 14)
    counts = _ticks(high, 8)
    left, right = at.patients.start, at.patients.end
    return group(
        grid(at.responders, counts, (left, right), is_upright=False),
        line((left, at.bottom), (right, at.bottom), "axis"),
        *(text(left - 9, at.responders(count) + 4, f"{count}", "label small number", "end") for count in counts),
        *(text(at.patients(m), at.bottom + 19, f"{m}", "label small number", "middle") for m in patients),
        text((left + right) / 2, at.bottom + 40, "Patients evaluated", "label small muted", "middle"),
    )


def _ticks(most: int, wanted: int) -> list[int]:
    step = next(step for step in (1, 2, 4, 5, 8, 10, 20, 25, 50, 100, 200, 500, most) if most / step <= wanted)
    return list(range(0, most + 1, step))


def _column(look: LookBounds, at: _Layout, high: int) -> Markup:
    """Squares from 0 up: those that stop, those that go on, those that are positive."""
    middle, half = at.patients(look.evaluable), at.column / 2
    side = (at.responders(0) - at.responders(1)) - 2
    squares = []
    for count in range(min(high, look.evaluable) + 1):
        paint = {"css": "onward"}
        if look.stop_at is not None and count <= look.stop_at:
            paint = {"css": "patterned", "fill": f"url(#{at.name}-stop)"}
        elif look.positive_from is not None and count >= look.positive_from:
            paint = {"css": "responder"}
        y = at.responders(count) - side / 2
        squares.append(rectangle(middle - half, y, 2 * half, side, paint.pop("css"), rx=1.5, **paint))
    return group(*squares)


def _way(data: BoundaryPicture, at: _Layout) -> Markup:
    if not data.way:
        return Markup("")
    points = [(0, 0), *data.way]
    corners = []
    for before, after in pairwise(points):
        x0, x1 = at.patients(before[0]), at.patients(after[0])
        y0, y1 = at.responders(before[1]), at.responders(after[1])
        corners += [(x0, y0), (x1, y1)]
    path = "M" + "L".join(f"{coordinate(x)},{coordinate(y)}" for x, y in corners)
    m, count = data.way[-1]
    dots = [mark("circle", at.patients(x), at.responders(y), 5, "way-dot") for x, y in data.way[:-1]]
    last = mark("circle", at.patients(m), at.responders(count), 11, "way-dot")
    return group(_fan(data, at), element("path", d=path, css="way"), *dots, last)


def _fan(data: BoundaryPicture, at: _Layout) -> Markup:
    """Where the pending patients can lead: none responds, all respond."""
    if not data.pending:
        return Markup("")
    m, count = data.way[-1] if data.way else (0, 0)
    ends = [(m, count), (m + data.pending, count + data.pending), (m + data.pending, count)]
    corners = "L".join(f"{coordinate(at.patients(x))},{coordinate(at.responders(y))}" for x, y in ends)
    return element("path", d=f"M{corners}Z", css="pending-area", fill=f"url(#{at.name}-pending)")


def _words(data: BoundaryPicture) -> list[str]:
    if len(data.looks) > MOST_LINES:
        stops = ", ".join(f"{look.stop_at}/{look.evaluable}" for look in _changes(data.looks))
        last = data.looks[-1]
        return [f"Stop with no more than {stops} (responders of evaluated; one more goes on).", *_end(last)]
    return [
        *(words for look in data.looks[:-1] for words in _interim(look)),
        *_end(data.looks[-1]),
    ]


def _changes(looks: Sequence[LookBounds]) -> list[LookBounds]:
    """The first look at each number that stops."""
    kept: dict[int, LookBounds] = {}
    for look in looks[:-1]:
        if look.stop_at is not None:
            kept.setdefault(look.stop_at, look)
    return list(kept.values())


def _interim(look: LookBounds) -> list[str]:
    said = []
    if look.stop_at is not None:
        said.append(
            f"stop with {_few(look.stop_at)} ({_given('r1', look.stop_at)}), go on with {look.stop_at + 1} or more"
        )
    if look.positive_from is not None:
        said.append(f"positive with {look.positive_from} or more")
    return [f"After {plural(look.evaluable, 'patient')}: {'; '.join(said)}."] if said else []


def _end(look: LookBounds) -> list[str]:
    said = []
    if look.stop_at is not None:
        said.append(f"negative with {_few(look.stop_at)} ({_given('r', look.stop_at)})")
    if look.positive_from is not None:
        said.append(f"positive with {look.positive_from} or more")
    return [f"At the end, {plural(look.evaluable, 'patient')}: {', '.join(said)}."] if said else []


def _few(count: int) -> str:
    return f"{count} or fewer" if count else "0"


def _given(name: str, count: int) -> str:
    return f"{name}\u00a0=\u00a0{count}"


def _where(data: BoundaryPicture) -> str:
    if not data.way:
        return ""
    m, count = data.way[-1]
    pending = f", {plural(data.pending, 'patient')} not yet evaluable" if data.pending else ""
    return f"The cohort has {plural(count, 'responder')} among {m} evaluated{pending}."
