"""The report of a run: one HTML file with everything inside, that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kohort.web import words
from kohort.web.cells import is_hidden
from kohort.web.charts import Chart, cohort_chart, funnel_chart, oncoprint_chart, survival_chart
from kohort.web.charts.cohort_bars import OUTCOME_MARKS
from kohort.web.charts.funnel import share_of_first
from kohort.web.charts.km import time_unit
from kohort.web.charts.oncoprint import full_share
from kohort.web.report_data import ReportData
from kohort.web.summary import key_facts
from kohort.web.whole_file import write_whole

__all__ = ["content_policy", "render", "write"]

STYLE_SHEETS = ("base.css", "parts.css", "charts.css")


def render(data: ReportData) -> str:
    """The whole page as HTML; the same data give the same text.

    Args:
        data: what to show.
    """
    style = _style()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            data=data,
            style=Markup(style),  # noqa: S704 - our own file, without '<'; the test of the page holds it
            policy=content_policy(style),
            facts=key_facts(data),
            charts=_charts(data),
            outcome_marks=OUTCOME_MARKS,
        )
    )


def write(data: ReportData, path: str | Path) -> Path:
    """Write the page, whole or not at all; folders above it are made.

    Args:
        data: what to show.
        path: file to write, e.g. ``report.html``; a file that stands there is replaced.

    Returns:
        The file's path.

    Raises:
        UserError: the file cannot be written there.
    """
    return write_whole(Path(path), render(data).encode("utf-8"), "The report")


def content_policy(style: str) -> str:
    """Content security policy (W3C CSP Level 3): this very style sheet, images inside the page, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _charts(data: ReportData) -> dict[str, Chart | list[Chart] | None]:
    sites = [site.name for site in data.sites]
    return {
        "funnel": funnel_chart(data.funnel, sites),
        "oncoprint": oncoprint_chart(data.oncoprint) if data.oncoprint else None,
        # cohorts without a patient would be rows of free places: the tables list them, the picture does not
        "cohorts": cohort_chart([c for c in data.cohorts if c.enrolled != 0] or data.cohorts) if data.cohorts else None,
        "survival": [survival_chart(curves, f"survival-{i}") for i, curves in enumerate(data.survival, start=1)],
    }


@cache
def _style() -> str:
    folder = files("kohort.web") / "templates"
    return "\n" + "\n".join((folder / name).read_text("utf-8") for name in STYLE_SHEETS)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kohort.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for helper in (
        words.count_words,
        words.day_words,
        words.fixed,
        words.hidden_words,
        words.number,
        words.percent,
    ):
        environment.filters[helper.__name__] = helper
    environment.filters["time_words"] = words.time_words
    environment.tests["hidden"] = is_hidden
    environment.globals.update(share_of_first=share_of_first, time_unit=time_unit, full_share=full_share)
    return environment
