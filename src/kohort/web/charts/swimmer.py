"""Swimmer plot of one cohort: a bar a patient from enrolment, with assessments, responses, and who is still on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from markupsafe import Markup

from kohort.web.charts.axes import Key, Scale, grid, legend, patterns, stripes
from kohort.web.charts.marks import Shape, arrow_head, mark, width_of
from kohort.web.charts.svg import NARROW, WIDE, Chart, Size, group, line, picture, rectangle, shorten, text
from kohort.web.words import plural

__all__ = ["Assessment", "BestResponse", "Swim", "SwimEnd", "SwimmerPicture", "swimmer_chart"]

BestResponse = Literal["CR", "PR", "SD", "PD", "NE", "response", "no response"]
SwimEnd = Literal["ongoing", "stopped", "progressed", "died"]

MARKS: dict[BestResponse, tuple[Shape, str]] = {
    "CR": ("diamond", "complete response"),
    "PR": ("up", "partial response"),
    "SD": ("square", "stable disease"),
    "PD": ("down", "progression"),
    "NE": ("ring", "not evaluable"),
    "response": ("up", "response seen"),
    "no response": ("square", "no response seen"),
}
"""Shape and words of each response."""

DAYS_A_WEEK = 7
DAYS_A_MONTH = 30.4375
WEEKS_SHOWN = 60 * DAYS_A_WEEK
"""Pictures up to this length count weeks, longer ones months."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was seen on one day: days from enrolment, and the response."""

    day: float
    response: BestResponse

    def __post_init__(self) -> None:
        """Refuse words that have no mark."""
        if self.day < 0 or self.response not in get_args(BestResponse):
            raise ValueError(f"an assessment on day {self.day} with {self.response!r} cannot be drawn")


@dataclass(frozen=True, slots=True)
class Swim:
    """One patient.

    Attributes:
        label: number in the cohort; never a name or a hospital's id.
        days: days on treatment, or followed so far.
        assessments: in order of days.
        end: why the bar ends; ``ongoing`` is drawn as an arrow.
        state: whether the patient responded, did not, or is not yet evaluable.
    """

    label: str
    days: float
    assessments: tuple[Assessment, ...] = ()
    end: SwimEnd = "ongoing"
    state: Literal["responder", "no response", "pending"] = "pending"

    def __post_init__(self) -> None:
        """Refuse bars without length and assessments out of order."""
        days = [each.day for each in self.assessments]
        if self.days < 0 or days != sorted(days) or self.end not in get_args(SwimEnd):
            raise ValueError(f"patient {self.label}: a bar of {self.days} days cannot be drawn")
        if self.state not in ("responder", "no response", "pending"):
            raise ValueError(f"patient {self.label}: there is no state {self.state!r}")


@dataclass(frozen=True, slots=True)
class SwimmerPicture:
    """The patients of one cohort.

    Attributes:
        title: what is shown.
        swims: in order of enrolment, the first on top.
        assessed_at: day of the assessment that decides, e.g. 112 for 16 weeks; None: no line.
        stage_1: patients of stage 1; a line is drawn after the last of them. None: no line.
    """

    title: str
    swims: tuple[Swim, ...]
    assessed_at: float | None = None
    stage_1: int | None = None

    def __post_init__(self) -> None:
        """Refuse a picture of nobody."""
        if not self.swims:
            raise ValueError("a swimmer plot needs patients")

    @property
    def reach(self) -> float:
        """Days that the axis must hold."""
        last = [max([swim.days, *(each.day for each in swim.assessments)]) for swim in self.swims]
        return max([*last, self.assessed_at or 0, 1.0])


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    width: float
    days: Scale
    pitch: float
    bar: float
    is_narrow: bool


def swimmer_chart(data: SwimmerPicture, name: str = "swimmer") -> Chart:
    """Bars from enrolment, one a patient.

    Args:
        data: what to show.
        name: unique in the page.
    """
    return Chart(_draw(data, f"{name}-wide", is_narrow=False), _draw(data, f"{name}-narrow", is_narrow=True))


def _draw(data: SwimmerPicture, name: str, *, is_narrow: bool) -> Markup:
    width = NARROW if is_narrow else WIDE
    labels = min(70.0 if is_narrow else 160.0, max(width_of(swim.label) for swim in data.swims) + 14)
    days = Scale(0, data.reach, labels, width - 26)
    at = _Layout(name, width, days, 20 if is_narrow else 23, 12 if is_narrow else 14, is_narrow)
    key, top = legend(_bar_keys(data, name), 0, 4, width)
    marks, top = _mark_keys(data, at, top + 12)
    top += 34 if data.assessed_at is not None else 14
    bottom = top + at.pitch * len(data.swims) + 2
    rows = [_row(swim, at, top + at.pitch * place) for place, swim in enumerate(data.swims)]
    parts = (
        patterns(name, 1, stripes(f"{name}-pending", "pending")),
        key,
        marks,
        _axis(data, at, top, bottom),
        _stage(data, at, top),
        *rows,
    )
    return picture(name, Size(width, bottom + 46, is_narrow), data.title, _description(data), *parts)


def _paint(state: str, name: str) -> dict[str, str]:
    if state == "pending":
        return {"css": "patterned", "fill": f"url(#{name}-pending)"}
    return {"css": "responder" if state == "responder" else "evaluated"}


def _bar_keys(data: SwimmerPicture, name: str) -> list[Key]:
    words = {"responder": "response", "no response": "evaluable, no response", "pending": "not yet evaluable"}
    return [
        Key(_paint(state, name), said) for state, said in words.items() if any(s.state == state for s in data.swims)
    ]


def _mark_keys(data: SwimmerPicture, at: _Layout, top: float) -> tuple[Markup, float]:
    """The marks that occur, with their words."""
    entries: list[tuple[Markup, str]] = []
    seen = {each.response for swim in data.swims for each in swim.assessments}
    entries += [(mark(shape, 0, 0, 9, "swim-mark"), said) for code, (shape, said) in MARKS.items() if code in seen]
    ends = {swim.end for swim in data.swims}
    if "ongoing" in ends:
        entries.append((group(line((-8, 0), (0, 0), "swim-line"), arrow_head(6, 0, "swim-head")), "ongoing"))
    if "died" in ends:
        entries.append((mark("cross", 0, 0, 8, "swim-line"), "died"))
    parts: list[Markup] = []
    x, y = 0.0, top
    for drawn, said in entries:
        needed = 22 + width_of(said) + 18
        if x > 0 and x + needed - 18 > at.width:
            x, y = 0.0, y + 20
        parts += [group(drawn, transform=f"translate({x + 7:.1f} {y:.1f})"), text(x + 20, y + 4, said, "label small")]
        x += needed
    return group(*parts), y + 8 if entries else top - 12


def _axis(data: SwimmerPicture, at: _Layout, top: float, bottom: float) -> Markup:
    unit, name = (DAYS_A_WEEK, "Weeks") if at.days.high <= WEEKS_SHOWN else (DAYS_A_MONTH, "Months")
    most = at.days.high / unit
    wanted = 5 if at.is_narrow else 10
    step = next(step for step in (1, 2, 4, 6, 8, 12, 16, 24, 36, 48, 60, most) if most / step <= wanted)
    ticks = [step * place * unit for place in range(int(most / step + 1e-9) + 1)]
    parts = [
        grid(at.days, ticks, (top, bottom), is_upright=True),
        line((at.days.start, bottom), (at.days.end, bottom), "axis"),
        *(text(at.days(day), bottom + 19, f"{day / unit:.0f}", "label small number", "middle") for day in ticks),
        text((at.days.start + at.days.end) / 2, bottom + 40, f"{name} from enrolment", "label small muted", "middle"),
    ]
    if data.assessed_at is not None:
        x = at.days(data.assessed_at)
        said = f"assessment that decides: {data.assessed_at / unit:.0f} {name.lower()}"
        half = width_of(said, 11.5) / 2
        middle = min(max(x, half), at.width - half)
        parts += [
            line((x, top - 8), (x, bottom), "go-line"),
            text(middle, top - 14, said, "label tiny", "middle"),
        ]
    return group(*parts)


def _stage(data: SwimmerPicture, at: _Layout, top: float) -> Markup:
    if data.stage_1 is None or not 0 < data.stage_1 < len(data.swims):
        return Markup("")
    y = top + at.pitch * data.stage_1
    return group(line((0, y), (at.width, y), "axis"))


def _row(swim: Swim, at: _Layout, top: float) -> Markup:
    y = top + at.pitch / 2
    paint = _paint(swim.state, at.name)
    end = at.days(swim.days)
    parts = [
        text(at.days.start - 10, y + 4, shorten(swim.label, at.days.start - 6, 12.5), "label small number", "end"),
        rectangle(
            at.days.start, y - at.bar / 2, max(end - at.days.start, 1.5), at.bar, paint.pop("css"), rx=2, **paint
        ),
    ]
    if swim.end == "ongoing":
        parts += [line((end, y), (end + 9, y), "swim-line"), arrow_head(end + 17, y, "swim-head")]
    if swim.end == "died":
        parts.append(mark("cross", end + 9, y, 8, "swim-line"))
    for each in swim.assessments:
        parts.append(mark(MARKS[each.response][0], at.days(each.day), y, 9, "swim-mark"))
    return group(*parts)


def _description(data: SwimmerPicture) -> str:
    states = [swim.state for swim in data.swims]
    ongoing = sum(swim.end == "ongoing" for swim in data.swims)
    return (
        f"{plural(len(states), 'patient')}: {states.count('responder')} with a response, "
        f"{states.count('no response')} without, {states.count('pending')} not yet evaluable; {ongoing} ongoing."
    )
