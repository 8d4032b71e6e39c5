"""Charts as inline SVG, each drawn wide and, for phones, narrow.

Colours, dashes and fonts come from the page's style sheet by class, so that a chart follows the light or dark
theme. What a colour says, a pattern, a dash, a shape or a label says too.
"""

from kohort.web.charts.cohort_bars import cohort_chart
from kohort.web.charts.funnel import funnel_chart
from kohort.web.charts.km import survival_chart
from kohort.web.charts.oncoprint import oncoprint_chart
from kohort.web.charts.svg import Chart

__all__ = ["Chart", "cohort_chart", "funnel_chart", "oncoprint_chart", "survival_chart"]
