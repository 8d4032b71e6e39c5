"""Charts as inline SVG, each drawn wide and, for phones, narrow.

Colours, dashes and fonts come from the page's style sheet by class, so that a chart follows the light or dark
theme. What a colour says, a pattern, a dash, a shape or a label says too.
"""

from kohort.web.charts.boundaries import BoundaryPicture, LookBounds, boundary_chart
from kohort.web.charts.cohort_bars import cohort_chart
from kohort.web.charts.forest import ForestEstimate, ForestPicture, ForestRow, forest_chart
from kohort.web.charts.funnel import funnel_chart
from kohort.web.charts.km import survival_chart
from kohort.web.charts.oncoprint import oncoprint_chart
from kohort.web.charts.picture_file import save
from kohort.web.charts.posteriors import PosteriorCurve, PosteriorPicture, PosteriorRow, posterior_chart
from kohort.web.charts.svg import Chart
from kohort.web.charts.swimmer import Assessment, Swim, SwimmerPicture, swimmer_chart

__all__ = [
    "Assessment",
    "BoundaryPicture",
    "Chart",
    "ForestEstimate",
    "ForestPicture",
    "ForestRow",
    "LookBounds",
    "PosteriorCurve",
    "PosteriorPicture",
    "PosteriorRow",
    "Swim",
    "SwimmerPicture",
    "boundary_chart",
    "cohort_chart",
    "forest_chart",
    "funnel_chart",
    "oncoprint_chart",
    "posterior_chart",
    "save",
    "survival_chart",
    "swimmer_chart",
]
