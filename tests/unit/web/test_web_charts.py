"""Charts say in lines and lengths what the numbers say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from kohort.web import CurveSet, OncoprintCell, Step
from kohort.web.charts import Chart, cohort_chart, funnel_chart, oncoprint_chart, survival_chart
from kohort.web.charts.axes import Scale, spread
from kohort.web.charts.oncoprint import full_share
from kohort.web.charts.svg import coordinate, element, shorten
from tests.browser.report_factory import YEAR, curve, report
from tests.spec.web.page import SVG, parse, shapes, words

LEVEL = (0.9, 0.5)


def drawn(picture: Markup) -> Any:
    page = f"<!DOCTYPE html><html lang=en><title>t</title>{picture}</html>"
    return next(node for node in parse(page).iter(SVG + "svg"))


def two_steps(**changes: Any) -> CurveSet:
    base = replace(
        curve("Group", 500, 100, years=4),
        times_days=(YEAR, 2 * YEAR),
        survival=LEVEL,
        lower=(0.8, 0.4),
        upper=(0.95, 0.6),
    )
    return CurveSet("Survival of a group", (replace(base, **changes),))


def points(chart: Chart, css: str = "curve") -> list[tuple[float, float]]:
    """Corners of the first path of a class in the wide picture, in days and shares (axes: 4 years, 0 to 1)."""
    root = drawn(chart.wide)
    path = next(shapes(root, "path", css)).get("d") or ""
    corners = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
    axis = next(shapes(root, "line", "axis"))
    left, right, bottom = (float(axis.get(name) or "nan") for name in ("x1", "x2", "y1"))
    return [(round((x - left) / (right - left) * 4, 2), round((bottom - y) / 340, 2)) for x, y in corners]


def test_a_curve_stays_level_until_an_event_and_then_falls() -> None:
    """Step after: at one year the curve falls from 1 to 0.9, at two years to 0.5."""
    assert points(survival_chart(two_steps(), "s"))[:5] == [(0, 1), (1, 1), (1, 0.9), (2, 0.9), (2, 0.5)]


def test_a_curve_ends_at_its_last_known_time() -> None:
    """It stays level while somebody is known to be at risk and is not drawn beyond."""
    watched = survival_chart(two_steps(at_risk_numbers=(100, 80, 40, 20, 0)), "s")
    assert points(watched)[-1] == (3, 0.5)
    lost = survival_chart(two_steps(at_risk_numbers=(100, 80, 40, 0, 0)), "s")
    assert points(lost)[-1] == (2, 0.5)


def test_a_curve_is_cut_at_the_last_time_with_a_number_at_risk() -> None:
    """Events after the picture's horizon are not drawn, not even as a fall at its edge."""
    chart = survival_chart(two_steps(times_days=(YEAR, 6 * YEAR)), "s")
    assert points(chart)[-1] == (4, 0.9)


def test_a_band_lies_between_the_limits_and_breaks_where_they_are_missing() -> None:
    """The area starts at the first time with limits, steps with the curve and has no part without them."""
    band = points(survival_chart(two_steps(at_risk_numbers=(9, 9, 9, 9, 9)), "s"), "band")
    assert {share for _, share in band} == {0.95, 0.6, 0.8, 0.4}
    broken = survival_chart(two_steps(upper=(0.95, None), at_risk_numbers=(9, 9, 9, 9, 9)), "s")
    assert {day for day, _ in points(broken, "band")} == {1, 2}


def test_numbers_at_risk_stand_under_their_ticks() -> None:
    """Tick labels, and the number at risk below each, have the same place."""
    for picture in (survival_chart(two_steps(), "s").wide, survival_chart(two_steps(), "s").narrow):
        middle = [node for node in drawn(picture).iter(SVG + "text") if node.get("text-anchor") == "middle"]
        places: dict[str | None, list[str]] = {}
        for node in middle:
            places.setdefault(node.get("x"), []).append(words(node))
        columns = [texts for texts in places.values() if texts[0] != "Years"]
        assert [texts[0] for texts in columns] == ["0", "1", "2", "3", "4"]
        assert columns[0][-1] == "100"


def test_ticks_are_thinned_until_they_have_room() -> None:
    """Forty times do not fit under a curve; those shown are evenly apart and begin at 0."""
    times = tuple(100.0 * step for step in range(41))
    chart = survival_chart(two_steps(at_risk_times=times, at_risk_numbers=(5,) * 41), "s")
    for picture, most in ((chart.wide, 16), (chart.narrow, 8)):
        labels = [node for node in drawn(picture).iter(SVG + "text") if node.get("text-anchor") == "middle"]
        assert 3 <= len([node for node in labels if words(node) == "5"]) <= most


def test_a_time_without_a_patient_is_marked_by_a_tick_on_the_curve() -> None:
    """Censored days are marked at the height of the curve on that day; those after the horizon are left out."""
    root = drawn(survival_chart(two_steps(censored_days=(1.5 * YEAR, 9 * YEAR)), "s").wide)
    (tick,) = shapes(root, "line", "censored")
    heights = [float(tick.get(name) or "nan") for name in ("y1", "y2")]
    axis = next(shapes(root, "line", "axis"))
    assert (float(axis.get("y1") or "nan") - sum(heights) / 2) / 340 == pytest.approx(0.9, abs=1e-3)


def test_labels_of_curves_that_end_together_do_not_lie_on_each_other() -> None:
    """Labels keep their order, are a line apart and stay in the picture."""
    assert spread([10, 11, 12], 16, 300) == [10, 26, 42]
    assert spread([298, 290, 299], 16, 300) == [284, 268, 300]


def test_a_scale_stops_at_its_edges() -> None:
    """A value outside the range is drawn at the edge, and a range without extent is refused."""
    scale = Scale(0, 10, 100, 200)
    assert [scale(value) for value in (-5, 0, 5, 10, 15)] == [100, 100, 150, 200, 200]
    with pytest.raises(ValueError, match="two different values"):
        Scale(1, 1, 0, 10)


def test_places_of_a_cohort_show_responders_first_then_the_others_then_the_pending() -> None:
    """24 places: 4 responders, 13 without response, 3 not yet evaluable, 4 free; a legend shows each once more."""
    root = drawn(cohort_chart((report().cohorts[1],), "c").wide)
    counts = {css: len(list(shapes(root, "rect", css))) - 1 for css in ("responder", "evaluated", "patterned", "free")}
    assert counts == {"responder": 4, "evaluated": 13, "patterned": 3, "free": 4}


def test_the_lines_stand_after_the_last_count_that_is_not_enough() -> None:
    """The stop line stands before place 1 (0 of 8), the go line between places 4 and 5 (4 of 24)."""
    root = drawn(cohort_chart((report().cohorts[0],), "c").wide)
    places = [float(node.get("x") or "nan") for node in root.iter(SVG + "rect") if node.get("height") == "14.5"]
    (stop,), (go,) = shapes(root, "line", "stop-line"), shapes(root, "line", "go-line")
    assert float(stop.get("x1") or "nan") < places[0]
    assert places[3] + 14.5 < float(go.get("x1") or "nan") < places[4]
    assert {"stop line 0 of 8", "go line 4 of 24"} <= {words(node) for node in root.iter(SVG + "text")}


def test_patients_beyond_the_design_are_named_not_drawn() -> None:
    """A cohort with more patients than places says how many more."""
    cohort = replace(report().cohorts[0], enrolled=40, evaluable=37, pending=3, by_site={})
    root = drawn(cohort_chart((cohort,), "c").wide)
    assert "and 16 patients more than the design has places" in {words(node) for node in root.iter(SVG + "text")}
    assert len([node for node in root.iter(SVG + "rect") if node.get("height") == "14.5"]) == 24


def test_cohorts_of_different_designs_have_no_common_line_names() -> None:
    """One name over the first row would be wrong for the others; the table beside the chart has each."""
    first, second = report().cohorts[:2]
    root = drawn(cohort_chart((first, replace(second, n=31, r=5)), "c").wide)
    assert not [node for node in root.iter(SVG + "text") if "line" in words(node)]


def test_a_bar_of_the_funnel_is_as_long_as_its_share() -> None:
    """Half of the patients have half of the length, in one bar for one site."""
    steps = (Step("Patients", {"A": 200}, 200), Step("Tested", {"A": 100}, 100))
    root = drawn(funnel_chart(steps, ["A"]).wide)
    whole, half = (float(node.get("width") or "nan") for node in shapes(root, "rect", "fill-1"))
    assert half == pytest.approx(whole / 2)


def test_sites_whose_patients_overlap_are_not_stacked() -> None:
    """If the sites do not add up to the total, as with linked patients, the bar is not divided."""
    step = Step("Patients", {"A": 60, "B": 60}, 100)
    root = drawn(funnel_chart((step,), ["A", "B"]).wide)
    assert len(list(shapes(root, "rect", "fill-plain"))) == 1


def test_nobody_at_all_can_be_drawn() -> None:
    """An empty population gives bars of no length and no division by zero."""
    root = drawn(funnel_chart((Step("Patients", {"A": 0}, 0), Step("Tested", {"A": 0}, 0)), ["A"]).wide)
    assert [node.get("width") for node in shapes(root, "rect", "fill-1")] == ["0", "0"]


def test_a_full_cell_is_the_largest_share_rounded_up() -> None:
    """The bars of an oncoprint have one scale, which the page names."""
    matrix = report().oncoprint
    assert matrix is not None
    assert full_share(matrix) == pytest.approx(0.7)
    rare = replace(matrix, rows=(replace(matrix.rows[0], cells=(OncoprintCell(100, 1, 0.01),) * 10),))
    assert full_share(rare) == pytest.approx(0.1)


def test_a_gene_that_nobody_has_altered_is_drawn_without_a_share() -> None:
    """A matrix of zeros has a description and no bar."""
    matrix = report().oncoprint
    assert matrix is not None
    nothing = replace(matrix, rows=(replace(matrix.rows[0], cells=(OncoprintCell(100, 0, 0.0),) * 10),))
    root = drawn(oncoprint_chart(nothing).wide)
    assert words(root[1]) == "No share is shown."


def test_a_count_whose_denominator_is_hidden_is_shown_without_a_bar() -> None:
    """Without a share there is no length; the count stands alone."""
    matrix = report().oncoprint
    assert matrix is not None
    cells = (OncoprintCell("<20", 12, None),) * 10
    root = drawn(oncoprint_chart(replace(matrix, rows=(replace(matrix.rows[0], cells=cells),))).wide)
    assert len([node for node in root.iter(SVG + "text") if words(node) == "12"]) == 10


def test_words_are_cut_with_a_mark_and_short_ones_are_not() -> None:
    """A label that has no room ends with an ellipsis."""
    assert shorten("colorectal", 500) == "colorectal"
    assert shorten("a very long name of a tumour", 100) == "a very long…"


def test_coordinates_are_short_and_elements_are_escaped() -> None:
    """Pixels have one decimal at most, there is no minus zero, and text is never markup."""
    assert [coordinate(value) for value in (1.0, 1.26, -0.01)] == ["1", "1.3", "0"]
    assert element("text", "<b>", x=1.0, css='"', fill=None) == '<text x="1" class="&#34;">&lt;b&gt;</text>'
