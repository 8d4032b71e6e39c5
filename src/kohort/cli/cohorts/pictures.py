"""Numbers of the room `cohort` shaped for the charts of `web`: boundaries, forests, posteriors, swimmers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from kohort.cli.cohorts.common import note
from kohort.cohort import CohortEvent, CohortStatus, EventKind, PooledCohort, Posterior, TwoStageDesign
from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.countries.counts import exact_interval
from kohort.errors import UserError
from kohort.web.charts import Chart
from kohort.web.charts.boundaries import BoundaryPicture, LookBounds, boundary_chart
from kohort.web.charts.forest import ForestEstimate, ForestPicture, ForestRow, forest_chart
from kohort.web.charts.picture_file import save
from kohort.web.charts.posteriors import MOST_CURVES, PosteriorCurve, PosteriorPicture, PosteriorRow, posterior_chart
from kohort.web.charts.swimmer import Assessment, Swim, SwimmerPicture, swimmer_chart

__all__ = ["draw", "of_countries", "of_design", "of_models", "of_one_cohort", "of_programme"]

LEVEL = 0.95
GRID = np.linspace(0, 1, 201)
SPIKE = 2.5
"""Densities are cut at this multiple of the median peak, so that one spike at 0 does not flatten all others."""


def draw(chart: Chart, path: Path | None) -> None:
    """Save a chart, and say so on standard error."""
    if path is not None:
        note(f"Drawn: {save(chart, path)}")


def of_design(design: TwoStageDesign, way: Sequence[tuple[int, int]] = (), pending: int = 0) -> Chart:
    """What each count means at both looks, and where the cohort is."""
    looks = (
        LookBounds(design.n1, stop_at=design.r1),
        LookBounds(design.n, stop_at=design.r, positive_from=design.r + 1),
    )
    return boundary_chart(BoundaryPicture(f"Design {design}", looks, tuple(way), pending))


def of_models(names: Sequence[str], posteriors: dict[str, Posterior], p0: Sequence[float]) -> Chart:
    """Posterior densities; of more models than can be told apart the first few, with a remark."""
    shown = list(posteriors)[:MOST_CURVES]
    if len(posteriors) > len(shown):
        note(f"The picture shows {', '.join(shown)}; choose others with --model.")
    curves = [[_density(posteriors[model], place) for model in shown] for place in range(len(names))]
    highest = SPIKE * float(np.median([density.max() for row in curves for density in row]))
    rows = tuple(
        PosteriorRow(
            label,
            tuple(
                _curve(model, posteriors[model], place, np.minimum(density, highest))
                for model, density in zip(shown, curves[place], strict=True)
            ),
            p0=p0[place],
        )
        for place, label in enumerate(names)
    )
    return posterior_chart(PosteriorPicture("Response rate of each cohort under each model", rows, LEVEL))


def _estimate(rate: float, interval: Sequence[float], model: str) -> ForestEstimate:
    low, high = (float(np.clip(limit, 0, 1)) for limit in interval)
    return ForestEstimate(float(np.clip(rate, low, high)), (low, high), model)


def _density(posterior: Posterior, place: int) -> FloatArray:
    """The density between the rates of the grid: the rise of the distribution function."""
    below = np.array([posterior.rates[place].below(float(at)) for at in GRID])
    return np.maximum(np.diff(below) / np.diff(GRID), 0)


def _curve(model: str, posterior: Posterior, place: int, density: FloatArray) -> PosteriorCurve:
    middles = (GRID[:-1] + GRID[1:]) / 2
    low, high = posterior.rates[place].quantile((1 - LEVEL) / 2), posterior.rates[place].quantile((1 + LEVEL) / 2)
    return PosteriorCurve(
        model, tuple(middles.tolist()), tuple(density.tolist()), posterior.rates[place].mean, (low, high)
    )


def of_countries(pooled: Iterable[PooledCohort], p0: float, p1: float) -> Chart:
    """Each trial's rate and that of all, cohort by cohort."""
    rows: list[ForestRow] = []
    for found in pooled:
        for count in found.counts:
            rows.append(_own(f"{found.cohort}, {count.country}", count.responders, count.evaluable))
        whole = _estimate(found.rate or 0.0, (found.interval.lower, found.interval.upper), "")
        rows.append(ForestRow(f"{found.cohort}, all", (whole,), found.responders, found.evaluable, is_pooled=True))
    return forest_chart(ForestPicture("Sister cohorts", tuple(rows), p0=p0, p1=p1, level=LEVEL))


def _own(label: str, responders: int, evaluable: int) -> ForestRow:
    """A rate by its own counts, with the exact interval."""
    limits = exact_interval(responders, evaluable, LEVEL)
    rate = responders / evaluable if evaluable else 0.0
    return ForestRow(label, (_estimate(rate, (limits.lower, limits.upper), ""),), responders, evaluable)


def of_programme(cohorts: Sequence[CohortStatus]) -> Chart:
    """The rate of each cohort that has evaluable patients, by its own counts."""
    seen = [each for each in cohorts if each.counts.evaluable]
    if not seen:
        raise UserError("No cohort has an evaluable patient, so there is nothing to draw.", remedy="Wait for one.")
    rows = tuple(_own(each.cohort.id, each.counts.responders, each.counts.evaluable) for each in seen)
    rates = {(each.design.p0, each.design.p1) for each in seen}
    p0, p1 = rates.pop() if len(rates) == 1 else (None, None)
    return forest_chart(ForestPicture("Cohorts of the programme", rows, p0=p0, p1=p1, level=LEVEL))


def of_one_cohort(status: CohortStatus, events: Iterable[CohortEvent], today: date) -> Chart:
    """The patients of one cohort from enrolment on, as far as the log has calendar days."""
    lives: dict[tuple[str, int | None], dict[EventKind, CohortEvent]] = {}
    for event in events:
        if event.cohort != status.cohort.id or not event.kind.is_about_a_patient:
            continue
        if event.kind is EventKind.VOIDED:
            lives.pop((event.site, event.person), None)
        else:
            lives.setdefault((event.site, event.person), {})[event.kind] = event
    swims = [swim for number, life in enumerate(lives.values(), start=1) if (swim := _swim(number, life, today))]
    if not swims:
        raise UserError(
            f"No enrolment of {status.cohort.id} has a calendar day, so no bar can be drawn.",
            remedy="Record events with --on.",
        )
    title = f"Patients of {status.cohort.id}, from enrolment"
    return swimmer_chart(SwimmerPicture(title, tuple(swims), stage_1=min(status.design.n1, len(swims))))


def _swim(number: int, life: dict[EventKind, CohortEvent], today: date) -> Swim | None:
    began = life[EventKind.ENROLLED].on if EventKind.ENROLLED in life else None
    if began is None:
        return None
    judged, withdrawn = life.get(EventKind.EVALUATED), life.get(EventKind.WITHDRAWN)
    ended = withdrawn.on if withdrawn is not None else None
    marks = ()
    if judged is not None and judged.on is not None and judged.on >= began:
        marks = (Assessment((judged.on - began).days, "response" if judged.response else "no response"),)
    last = max((day for day in (ended, today if ended is None else None) if day is not None), default=began)
    state = "pending" if judged is None else "responder" if judged.response else "no response"
    return Swim(str(number), max((last - began).days, 0), marks, "ongoing" if ended is None else "stopped", state)
