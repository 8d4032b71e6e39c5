"""Cohorts as rows of places: who responded, who did not, who is not yet evaluable, and the lines that decide.

A two-stage cohort is stopped if ``r1`` or fewer of the first ``n1`` respond, and positive if more than ``r`` of
all ``n`` do. Responders fill the places from the left, so the lines after place ``r1`` and place ``r`` are what
they have to pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from markupsafe import Markup

from kohort.web.charts.axes import Key, legend, patterns, stripes
from kohort.web.charts.svg import NARROW, WIDE, Chart, Size, group, line, picture, rectangle, shorten, text
from kohort.web.outcome_data import CohortRow, Outcome
from kohort.web.words import count_words, plural

__all__ = ["OUTCOME_MARKS", "cohort_chart"]

OUTCOME_MARKS: dict[Outcome, str] = {
    "recruiting": "○",
    "continue": "▶",
    "stopped": "■",
    "positive": "▲",
    "negative": "▽",
}
"""The shape that says a cohort's state beside its words and colour."""

STAGE_GAP = 10.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the places of all rows stand, and how large they are."""

    name: str
    width: float
    left: float
    top: float
    pitch: float
    row: float
    is_narrow: bool

    @property
    def side(self) -> float:
        """Width of one place."""
        return self.pitch - (3 if not self.is_narrow else 2)

    def place(self, index: int, n1: int) -> float:
        """Left edge of place ``index`` (from 0); stage 2 stands after a gap."""
        return self.left + index * self.pitch + (STAGE_GAP if index >= n1 else 0)


def cohort_chart(cohorts: Sequence[CohortRow], name: str = "cohorts") -> Chart:
    """One row of places a cohort.

    Args:
        cohorts: in the order to be shown.
        name: unique in the page.
    """
    most = max(cohort.n for cohort in cohorts)
    wide = min(17.5, (700 - 250 - STAGE_GAP) / most)
    has_notes = any(_note(cohort) for cohort in cohorts)
    narrow = min(17.5, (NARROW - STAGE_GAP) / most)
    return Chart(
        _draw(cohorts, _Layout(f"{name}-wide", WIDE, 250, 46, wide, 46, is_narrow=False)),
        _draw(cohorts, _Layout(f"{name}-narrow", NARROW, 0, 62, narrow, 92 if has_notes else 74, is_narrow=True)),
    )


def _draw(cohorts: Sequence[CohortRow], at: _Layout) -> Markup:
    keys = [
        Key({"css": "responder"}, "response"),
        Key({"css": "evaluated"}, "evaluable, no response"),
        Key({"css": "patterned", "fill": f"url(#{at.name}-pending)"}, "not yet evaluable"),
        Key({"css": "free"}, "free place"),
    ]
    key, height = legend(keys, at.left, 4, at.width - at.left)
    first = height + at.top
    rows = [_row(cohort, at, first + at.row * index) for index, cohort in enumerate(cohorts)]
    size = Size(at.width, first + at.row * len(cohorts), at.is_narrow)
    description = " ".join(_sentence(cohort) for cohort in cohorts)
    parts = (
        patterns(at.name, 1, stripes(f"{at.name}-pending", "pending")),
        key,
        _heads(cohorts, at, first),
        *rows,
    )
    return picture(at.name, size, "Cohorts against their stop and go lines", description, *parts)


def _sentence(cohort: CohortRow) -> str:
    return (
        f"{cohort.id}: {count_words(cohort.responders)} responses in {count_words(cohort.evaluable)} "
        f"evaluable, {count_words(cohort.pending)} not yet evaluable; {cohort.decision_label}."
    )


def _heads(cohorts: Sequence[CohortRow], at: _Layout, first: float) -> Markup:
    """Names of the two lines over the first row, if all cohorts have the same design."""
    design = {(cohort.r1, cohort.n1, cohort.r, cohort.n) for cohort in cohorts}
    if len(design) > 1:
        return Markup("")
    ((r1, n1, r, n),) = design
    base = first - 17
    stop, go = _line_x(at, r1, n1), _line_x(at, r, n1)
    if at.is_narrow:  # one under the other: the lines stand too close for both names on one line
        stop_words = text(max(stop, 0), base - 17, f"stop line {r1} of {n1}", "label small")
    else:
        stop_words = text(stop, base, f"stop line {r1} of {n1}", "label small", "end")
    return group(stop_words, text(go, base, f"go line {r} of {n}", "label small"))


def _line_x(at: _Layout, responders: int, n1: int) -> float:
    return at.place(responders, n1) - (at.pitch - at.side) / 2


def _row(cohort: CohortRow, at: _Layout, top: float) -> Markup:
    base = top + (20 if at.is_narrow else 0)
    stop, go = _line_x(at, cohort.r1, cohort.n1), _line_x(at, cohort.r, cohort.n1)
    lines = group(
        line((stop, base - 5), (stop, base + at.side + 5), "stop-line"),
        line((go, base - 5), (go, base + at.side + 5), "go-line"),
    )
    return group(_labels(cohort, at, top), _places(cohort, at, base), lines)


def _labels(cohort: CohortRow, at: _Layout, top: float) -> Markup:
    state = f"{OUTCOME_MARKS[cohort.decision]} {cohort.decision_label}"
    counts = f"{count_words(cohort.responders)} of {count_words(cohort.evaluable)}"
    if at.is_narrow:
        return group(
            text(0, top + 10, shorten(f"{cohort.id}  {cohort.title}", 320), "label strong"),
            text(0, top + 20 + at.side + 19, f"{counts} responded", "label small number"),
            text(
                at.width,
                top + 20 + at.side + 19,
                shorten(state, 180),
                f"label small {cohort.decision}",
                "end",
            ),
        )
    return group(
        text(0, top + 5, shorten(cohort.title, at.left - 16), "label strong"),
        text(0, top + 21, shorten(f"{cohort.id} · {cohort.drug}", at.left - 16, 12), "label small muted"),
        text(at.width, top + 5, f"{counts} responded", "label small number", "end"),
        text(at.width, top + 21, shorten(state, 140), f"label small {cohort.decision}", "end"),
    )


def _places(cohort: CohortRow, at: _Layout, top: float) -> Markup:
    """The places of the design; if a number is hidden all look free, so that no mark tells how many there are."""
    responders, evaluable, pending = _numbers(cohort) or (0, 0, 0)
    waiting = {"css": "patterned", "fill": f"url(#{at.name}-pending)"}
    marks = chain(
        repeat({"css": "responder"}, responders),
        repeat({"css": "evaluated"}, max(0, evaluable - responders)),
        repeat(waiting, pending),
        repeat({"css": "free"}, cohort.n),
    )
    places = []
    for index, mark in zip(range(cohort.n), marks, strict=False):
        attributes = dict(mark)
        x = at.place(index, cohort.n1)
        places.append(rectangle(x, top, at.side, at.side, attributes.pop("css"), rx=2, **attributes))
    note = text(at.left, top + at.side + (37 if at.is_narrow else 17), _note(cohort), "label small muted")
    return group(*places, note if _note(cohort) else "")


def _numbers(cohort: CohortRow) -> tuple[int, int, int] | None:
    """Responders, evaluable and pending; None if one of them is hidden."""
    responders, evaluable, pending = cohort.responders, cohort.evaluable, cohort.pending
    if isinstance(responders, str) or isinstance(evaluable, str) or isinstance(pending, str):
        return None
    return responders, evaluable, pending


def _note(cohort: CohortRow) -> str:
    """What the places cannot say: hidden numbers, and patients for whom the design has no place."""
    numbers = _numbers(cohort)
    if numbers is None:
        return "no place is filled in: small numbers are hidden"
    more = numbers[1] + numbers[2] - cohort.n
    return f"and {plural(more, 'patient')} more than the design has places" if more > 0 else ""
