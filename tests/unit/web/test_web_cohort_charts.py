"""Pictures of cohorts: boundaries, posteriors, forests, swimmers, and their files."""

from __future__ import annotations

import builtins
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from kohort.errors import UserError
from kohort.web.charts import picture_file
from kohort.web.charts.boundaries import BoundaryPicture, LookBounds, boundary_chart
from kohort.web.charts.forest import ForestEstimate, ForestPicture, ForestRow, forest_chart
from kohort.web.charts.marks import SHAPES, Shape, mark, wrapped
from kohort.web.charts.picture_file import save, standalone
from kohort.web.charts.posteriors import PosteriorCurve, PosteriorPicture, PosteriorRow, posterior_chart
from kohort.web.charts.svg import Chart
from kohort.web.charts.swimmer import Assessment, Swim, SwimmerPicture, swimmer_chart
from tests.spec.web.page import SVG, parse, shapes, words

TWO_STAGES = BoundaryPicture(
    "Boundaries of 8 + 16", (LookBounds(8, 0), LookBounds(24, 4, 5)), ((4, 0), (9, 1), (12, 3)), pending=3
)
CURVE = PosteriorCurve("EXNEX", (0.0, 0.1, 0.2, 0.3, 0.5), (0.0, 3.0, 5.0, 2.0, 0.0), 0.19, (0.05, 0.4))
POSTERIORS = PosteriorPicture(
    "Posteriors of two cohorts",
    (
        PosteriorRow("lung", (CURVE, replace(CURVE, model="separate", mean=0.25)), 0.1, 0.3, "P(p > 10%) = 0.93"),
        PosteriorRow("bile duct", (CURVE,), 0.1, 0.3),
    ),
)
FOREST = ForestPicture(
    "Countries",
    (
        ForestRow("Norway", (ForestEstimate(0.17, (0.0, 0.64), weight=0.3),), 1, 6),
        ForestRow("Denmark", (ForestEstimate(0.21, (0.05, 0.51), weight=0.7),), "<5", 14),
        ForestRow("All", (ForestEstimate(0.2, (0.06, 0.44)),), 4, 20, is_pooled=True),
    ),
    0.1,
    0.3,
)
SWIMMERS = SwimmerPicture(
    "A cohort",
    (
        Swim("1", 300, (Assessment(56, "SD"), Assessment(112, "PR"), Assessment(224, "CR")), "ongoing", "responder"),
        Swim("2", 60, (Assessment(56, "PD"),), "progressed", "no response"),
        Swim("3", 20, (Assessment(15, "NE"),), "died", "no response"),
        Swim("4", 30),
    ),
    assessed_at=112,
    stage_1=3,
)
CHARTS = {
    "boundaries": boundary_chart(TWO_STAGES),
    "posteriors": posterior_chart(POSTERIORS),
    "forest": forest_chart(FOREST),
    "swimmer": swimmer_chart(SWIMMERS),
}


def drawn(picture: Markup) -> Any:
    page = f"<!DOCTYPE html><html lang=en><title>t</title>{picture}</html>"
    return next(node for node in parse(page).iter(SVG + "svg"))


def said(picture: Markup) -> list[str]:
    return [words(node) for node in drawn(picture).iter(SVG + "text")]


def number(node: Any, name: str) -> float:
    return float(node.get(name))


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_says_in_words_what_it_shows(name: str) -> None:
    """Both sizes are images with a title and a description; ids begin with the picture's name and stand once."""
    for picture, size in ((CHARTS[name].wide, "wide"), (CHARTS[name].narrow, "narrow")):
        root = drawn(picture)
        assert root.get("role") == "img"
        assert root.get("id") == f"{name}-{size}"
        ids = [node.get("id") for node in root.iter() if node.get("id")]
        assert len(ids) == len(set(ids))
        assert all(each.startswith(f"{name}-{size}") for each in ids)
        assert len(words(next(root.iter(SVG + "desc")))) > 20
        used = set(re.findall(r"url\(#([^)]+)\)", picture))
        assert used <= set(ids)


@pytest.mark.parametrize("name", CHARTS)
def test_no_words_leave_the_picture(name: str) -> None:
    """Words begin and end inside, by the width that the charts reckon with."""
    for picture, width in ((CHARTS[name].wide, 860), (CHARTS[name].narrow, 330)):
        height = float(drawn(picture).get("height"))
        for node in drawn(picture).iter(SVG + "text"):
            length = 0.56 * (13 if "small" not in (node.get("class") or "") else 12.5) * len(words(node))
            length = length if "tiny" not in (node.get("class") or "") else 0.56 * 11.5 * len(words(node))
            share = {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor") or "", 0.0)
            left = number(node, "x") - share * length
            if node.get("transform") is None:
                assert left >= -1, words(node)
                assert left + length <= width + 1, words(node)
            assert 0 < number(node, "y") <= height


@pytest.mark.parametrize("name", CHARTS)
def test_words_do_not_lie_on_each_other(name: str) -> None:
    """No two words of a picture share a place: their boxes, by the width reckoned with, do not meet."""
    for picture in (CHARTS[name].wide, CHARTS[name].narrow):
        boxes = []
        for node in drawn(picture).iter(SVG + "text"):
            text = words(node)
            if text:
                length = 0.5 * 12 * len(text)
                share = {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor") or "", 0.0)
                left, base = number(node, "x") - share * length, number(node, "y")
                boxes.append((text, left, left + length, base - 8, base))
        for place, (text, left, right, top, base) in enumerate(boxes):
            for other, left2, right2, top2, base2 in boxes[place + 1 :]:
                assert right <= left2 or right2 <= left or base <= top2 or base2 <= top, (text, other)


def test_boundaries_are_written_in_both_conventions() -> None:
    """The last count that is not enough, and the first that is, stand under the picture and in its description."""
    for picture in (CHARTS["boundaries"].wide, CHARTS["boundaries"].narrow):
        text = " ".join(said(picture)).replace("\u00a0", " ")
        assert "After 8 patients: stop with 0 (r1 = 0), go on with 1 or more." in text
        assert "At the end, 24 patients: negative with 4 or fewer (r = 4), positive with 5 or more." in text
    described = words(next(drawn(CHARTS["boundaries"].wide).iter(SVG + "desc")))
    assert "The cohort has 3 responders among 12 evaluated, 3 patients not yet evaluable." in described


def test_a_column_shows_each_count_of_a_look() -> None:
    """At 24: five striped squares (0 to 4), then squares of positive counts, one above the other."""
    root = drawn(CHARTS["boundaries"].wide)
    columns: dict[float, list[tuple[float, str]]] = {}
    for node in root.iter(SVG + "rect"):
        if node.get("rx") == "1.5":
            columns.setdefault(number(node, "x"), []).append((number(node, "y"), node.get("class") or ""))
    first, last = (sorted(columns[x], reverse=True) for x in sorted(columns))
    assert [css for _, css in first] == ["patterned"] + ["onward"] * 8
    assert [css for _, css in last] == ["patterned"] * 5 + ["responder"] * 4


def test_the_way_of_a_cohort_ends_where_it_stands_and_fans_out_over_pending_patients() -> None:
    """The last mark is on 12 evaluated and 3 responders; the fan reaches 15 evaluated with 3 to 6."""
    root = drawn(CHARTS["boundaries"].wide)
    dots = list(shapes(root, "circle", "way-dot"))
    large = max(dots, key=lambda node: number(node, "r"))
    fan = next(shapes(root, "path", "pending-area"))
    corners = [tuple(map(float, each.split(","))) for each in re.findall(r"[\d.]+,[\d.]+", fan.get("d") or "")]
    assert corners[0] == (number(large, "cx"), number(large, "cy"))
    assert corners[1][0] == corners[2][0]
    assert corners[1][1] < corners[2][1] == corners[0][1]


def test_many_looks_are_written_as_the_counts_where_stopping_changes() -> None:
    """Lee and Liu's design: stop with no more than 0/10, 1/17, ... instead of twenty-six lines."""
    looks = (*(LookBounds(m, (m >= 17) + (m >= 21)) for m in range(10, 24)), LookBounds(24, 4, 5))
    text = " ".join(said(boundary_chart(BoundaryPicture("many", looks)).wide))
    assert "Stop with no more than 0/10, 1/17, 2/21 (responders of evaluated; one more goes on)." in text


def test_a_look_may_stop_nobody_or_end_early_as_positive() -> None:
    """A look with a bound for success only; an end without one."""
    looks = (LookBounds(8, None, 6), LookBounds(20, 5, None))
    text = " ".join(said(boundary_chart(BoundaryPicture("early", looks)).narrow))
    assert "After 8 patients: positive with 6 or more." in text
    assert "At the end, 20 patients: negative with 5 or fewer" in text
    nothing = boundary_chart(BoundaryPicture("open", (LookBounds(8), LookBounds(9, 0, 1)), pending=2))
    assert "After" not in " ".join(said(nothing.wide))


def test_ridges_have_one_scale_so_that_areas_compare() -> None:
    """The highest curve reaches the top of its row; one half as high reaches half of it."""
    low = replace(CURVE, density=tuple(height / 2 for height in CURVE.density), model="flat")
    rows = (PosteriorRow("a", (CURVE,)), PosteriorRow("b", (low,)))
    heights = []
    for node in shapes(drawn(posterior_chart(PosteriorPicture("t", rows)).wide), "path", "curve"):
        y = [float(each.split(",")[1]) for each in re.findall(r"[\d.]+,[\d.]+", node.get("d") or "")]
        heights.append(max(y) - min(y))
    assert heights == [pytest.approx(74, abs=0.2), pytest.approx(37, abs=0.2)]


def test_models_have_a_line_and_a_mark_of_their_own_and_a_legend() -> None:
    """Second model: second dash and second shape, in the legend and in the rows; one model needs no legend."""
    root = drawn(CHARTS["posteriors"].wide)
    assert len(list(shapes(root, "path", "line-1"))) == 2
    assert len(list(shapes(root, "path", "line-2"))) == 1
    assert len(list(shapes(root, "circle", "fill-2"))) == 2  # legend and row
    assert {"EXNEX", "separate"} <= set(said(CHARTS["posteriors"].wide))
    alone = posterior_chart(PosteriorPicture("t", (PosteriorRow("a", (CURVE,)),)))
    assert "EXNEX" not in said(alone.wide)


def test_rates_that_decide_are_named_once_if_all_rows_have_them_and_else_in_each_row() -> None:
    """p0 and p1 over the first row, or over every row; close ones move apart."""
    assert said(CHARTS["posteriors"].wide).count("p0 10%") == 1
    rows = tuple(replace(row, p0=0.1, p1=p1) for row, p1 in zip(POSTERIORS.rows, (0.3, 0.12), strict=True))
    picture = posterior_chart(replace(POSTERIORS, rows=rows)).narrow
    assert said(picture).count("p0 10%") == 2
    places = {words(node): number(node, "x") for node in drawn(picture).iter(SVG + "text")}
    assert places["p1 12%"] - places["p0 10%"] >= 0.56 * 11.5 * 6


def test_a_forest_shows_weights_as_areas_and_all_as_a_diamond() -> None:
    """The heavier country has the larger mark; the pooled row is a diamond from limit to limit; hidden counts stay."""
    root = drawn(CHARTS["forest"].wide)
    marks = [node.get("d") or "" for node in shapes(root, "path", "fill-1")]
    widths = []
    for way in marks:
        x = [float(each.split(",")[0]) for each in re.findall(r"[\d.]+,[\d.]+", way)]
        widths.append(max(x) - min(x))
    assert widths[0] < widths[1] < widths[2]
    assert {"1 of 6", "<5 of 14", "4 of 20", "30%", "70%", "20% (6–44)"} <= set(said(CHARTS["forest"].wide))
    assert "1 of 6 · 17% (0–64)" in said(CHARTS["forest"].narrow)


def test_a_forest_of_models_has_a_row_of_estimates_for_each() -> None:
    """Sensitivity: several marks under each other, told apart by shape."""
    names = ("separate", "pooled", "BHM", "EXNEX", "MEM")
    estimates = tuple(ForestEstimate(0.1 + 0.02 * k, (0.02, 0.5), name) for k, name in enumerate(names))
    picture = forest_chart(ForestPicture("Sensitivity", (ForestRow("lung", estimates),)))
    root = drawn(picture.wide)
    assert [len([*shapes(root, "line", f"line-{k + 1}")]) for k in range(5)] == [4] * 5  # legend, interval, two ends
    assert set(names) <= set(said(picture.narrow))
    with pytest.raises(ValueError, match="at most 5"):
        ForestPicture("t", (ForestRow("a", (*estimates, ForestEstimate(0.1, (0, 1), "sixth"))),))


def test_swimmers_stand_in_the_order_given_and_their_lengths_are_days() -> None:
    """Bars as long as the days, the responder's solid, the pending one striped, an arrow for those still on."""
    root = drawn(CHARTS["swimmer"].wide)
    bars = [node for node in root.iter(SVG + "rect") if node.get("height") == "14"]
    lengths = [number(node, "width") for node in bars]
    assert [length / lengths[0] for length in lengths] == pytest.approx([1, 60 / 300, 20 / 300, 30 / 300], abs=2e-3)
    assert [node.get("class") for node in bars] == ["responder", "evaluated", "evaluated", "patterned"]
    tops = [number(node, "y") for node in bars]
    assert tops == sorted(tops)
    assert len(list(shapes(root, "path", "swim-head"))) == 2 + 1  # two are on, and the legend
    assert "assessment that decides: 16 weeks" in said(CHARTS["swimmer"].narrow)


def test_a_swimmer_plot_explains_the_marks_that_occur_and_no_others() -> None:
    """Without a complete response there is no word of one; long follow-up is counted in months."""
    plain = SwimmerPicture("t", (Swim("1", 900, (Assessment(60, "SD"),), "stopped", "no response"),))
    text = said(swimmer_chart(plain).wide)
    assert "stable disease" in text
    assert not {"complete response", "ongoing", "died", "not yet evaluable"} & set(text)
    assert "Months from enrolment" in text
    assert "Weeks from enrolment" in said(CHARTS["swimmer"].wide)
    bare = swimmer_chart(SwimmerPicture("t", (Swim("1", 30, (), "stopped"),)))
    assert "not yet evaluable" in said(bare.wide)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LookBounds(8, 9),
        lambda: LookBounds(8, 4, 4),
        lambda: BoundaryPicture("t", ()),
        lambda: BoundaryPicture("t", (LookBounds(8, 0), LookBounds(8, 1))),
        lambda: replace(TWO_STAGES, way=((4, 2), (6, 1))),
        lambda: replace(TWO_STAGES, way=((4, 5),)),
        lambda: replace(CURVE, rates=(0.0, 0.1)),
        lambda: replace(CURVE, density=(0.0, -1.0, 1.0, 1.0, 0.0)),
        lambda: replace(CURVE, interval=(0.5, 0.4)),
        lambda: PosteriorPicture("t", ()),
        lambda: ForestEstimate(0.5, (0.6, 0.4)),
        lambda: ForestPicture("t", ()),
        lambda: Assessment(-1, "SD"),
        lambda: Swim("1", 10, (Assessment(9, "SD"), Assessment(8, "SD"))),
        lambda: Swim("1", 10, state="cured"),  # type: ignore[arg-type]
        lambda: SwimmerPicture("t", ()),
    ],
)
def test_a_picture_of_what_cannot_be_is_refused(wrong: Any) -> None:
    """Ways that go back, densities below nothing, intervals turned round, bars out of order."""
    with pytest.raises(ValueError, match=r"\w"):
        wrong()


@pytest.mark.parametrize("shape", [*SHAPES, "cross", "ring"])
def test_a_mark_lies_around_its_place(shape: Shape) -> None:
    """Every shape is drawn around (50, 40)."""
    node = next(drawn(Markup("<svg>{}</svg>").format(mark(shape, 50, 40, 10, "x"))).iter(SVG + "circle"), None)
    if node is not None:
        assert (number(node, "cx"), number(node, "cy")) == (50, 40)
        return
    corners = [
        tuple(map(float, each.split(","))) for each in re.findall(r"[\d.]+,[\d.]+", mark(shape, 50, 40, 10, "x"))
    ]
    assert min(x for x, _ in corners) < 50 < max(x for x, _ in corners)
    assert min(y for _, y in corners) < 40 < max(y for _, y in corners)


def test_words_are_broken_into_lines_that_fit() -> None:
    """No line is wider than asked, no-break spaces hold, nothing is lost."""
    lines = wrapped("After 8 patients: stop with 0 (r1\u00a0=\u00a00), go on with 1 or more.", 150)
    assert " ".join(lines).replace("\u00a0", " ").startswith("After 8 patients: stop")
    assert all(0.56 * 12.5 * len(each) <= 150 for each in lines)
    assert any("r1\u00a0=\u00a00" in each for each in lines)


def test_a_picture_becomes_a_file_that_needs_no_page(tmp_path: Path) -> None:
    """SVG: name space, colours instead of the page's variables, title first; PNG: larger with its zoom."""
    path = save(CHARTS["forest"], tmp_path / "new" / "forest.svg")
    written = path.read_text("utf-8")
    assert written.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "var(--" not in written
    assert "@media" not in written
    assert written.index("<title") < written.index("<style")
    small, large = (save(CHARTS["forest"], tmp_path / f"{zoom}.png", zoom=zoom).read_bytes() for zoom in (1, 2))
    assert small[:8] == large[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(large[16:20], "big") == 2 * int.from_bytes(small[16:20], "big") == 2 * 888
    narrow = save(CHARTS["forest"], tmp_path / "n.PNG", is_narrow=True, zoom=1).read_bytes()
    assert int.from_bytes(narrow[16:20], "big") == 358


def test_words_are_drawn_in_a_png(tmp_path: Path) -> None:
    """The same picture without its words is another PNG: the fonts were found."""
    chart = CHARTS["boundaries"]
    mute = Chart(Markup(re.sub(r"<text.*?</text>", "", chart.wide)), chart.narrow)  # noqa: S704
    assert save(chart, tmp_path / "a.png").stat().st_size > 1.2 * save(mute, tmp_path / "b.png").stat().st_size


def test_a_picture_without_the_extra_or_a_font_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PNG without resvg names the extra; without a font it would have no words; other endings are not known."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "resvg_py":
            raise ImportError(name)
        return real(name, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", without)
        with pytest.raises(UserError, match=r"pip install 'kohort\[png\]'"):
            save(CHARTS["forest"], tmp_path / "a.png")
    with monkeypatch.context() as patch:
        patch.setattr(picture_file, "_has_font", lambda: False)
        with pytest.raises(UserError, match="no font"):
            save(CHARTS["forest"], tmp_path / "a.png")
    for name in ("a.jpg", "a"):
        with pytest.raises(UserError, match=r"End the name in \.svg or \.png"):
            save(CHARTS["forest"], tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder in the file's place, or a file in the folder's place."""
    (tmp_path / "taken.svg").mkdir()
    (tmp_path / "file").write_text("x")
    for name in ("taken.svg", "file/a.svg"):
        with pytest.raises(UserError, match="cannot be written"):
            save(CHARTS["forest"], tmp_path / name)
    assert {each.name for each in tmp_path.iterdir()} == {"taken.svg", "file"}
    with pytest.raises(UserError, match="no picture"):
        standalone(Markup("<p>"))
