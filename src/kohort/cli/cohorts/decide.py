"""`kohort cohort decide`: what counts mean for a cohort, what is still open, and the estimates at the end."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kohort.cli.cohorts.common import EIGHT_AND_SIXTEEN, P0, P1, Design, Json, Picture, stated_design
from kohort.cli.cohorts.pictures import draw, of_design
from kohort.cli.output import console, show_json
from kohort.cohort import (
    CohortCounts,
    CohortState,
    Stage,
    conditional_power,
    predictive_probability,
    state,
    two_stage_inference,
)
from kohort.errors import UserError

__all__ = ["decide"]


def decide(
    responders: Annotated[int, typer.Option(help="Evaluable patients who responded.")],
    evaluable: Annotated[int, typer.Option(help="Patients whose response is known.")],
    pending: Annotated[int, typer.Option(help="Enrolled, not yet evaluable.")] = 0,
    design: Design = EIGHT_AND_SIXTEEN,
    p0: P0 = 0.1,
    p1: P1 = 0.3,
    json: Json = False,
    picture: Picture = None,
) -> None:
    """Say what counts mean for a cohort (8 + 16 unless a design is stated): one of 8 to go on, five of 24 to succeed.

    Example: kohort cohort decide --responders 1 --evaluable 8 --pending 2

    Example: kohort cohort decide --responders 7 --evaluable 28 --design 1/10,6/28 --p0 0.15 --p1 0.35
    """
    if not 0 <= responders <= evaluable or pending < 0:
        raise UserError(
            f"{responders} responders of {evaluable} evaluable patients and {pending} pending are impossible.",
            remedy="Responders are among the evaluable; no number is negative.",
        )
    plan = stated_design(design, p0, p1)
    counts = CohortCounts("cohort", enrolled=evaluable + pending, evaluable=evaluable, responders=responders)
    now = state(counts, plan)
    if picture is not None:
        way = [(evaluable, responders)] if evaluable else []
        draw(of_design(plan, way, pending), picture)
    chances, estimates = _chances(now), _estimates(now)
    if json:
        shown = {
            "stage": now.stage, "verdict": now.verdict, "best": now.decision.best, "worst": now.decision.worst,
            "places_open": now.slots_open, "design": str(plan), "sentence": now.sentence, **chances,
            "estimates": estimates or None,
        }  # fmt: skip
        show_json(shown)
        return
    console.print(f"[bold]{now.verdict}[/] ({now.stage}; design {plan})")
    console.print(now.sentence)
    if chances:
        console.print(
            f"It will end positive with probability {chances['conditional_power_p0']:.3f} if the rate is {p0:g} and "
            f"{chances['conditional_power_p1']:.3f} if it is {p1:g}; by what is known now "
            f"{chances['predictive_power']:.3f}."
        )
    if estimates:
        low, high = estimates["interval_90"]
        console.print(
            f"Response rate: {estimates['umvue']:.3f} unbiased ({estimates['mle']:.3f} raw), 90 % interval "
            f"{low:.3f} to {high:.3f}; p = {estimates['p_value']:.4g} against {p0:g}."
        )


def _chances(now: CohortState) -> dict[str, float]:
    """How likely a cohort that has not ended is to end positive; no numbers for one that has."""
    counts, design = now.counts, now.design
    if now.stage is Stage.ENDED or counts.evaluable > design.n:
        return {}
    seen = (counts.responders, counts.evaluable)
    return {
        "conditional_power_p0": conditional_power(design, *seen, design.p0),
        "conditional_power_p1": conditional_power(design, *seen, design.p1),
        "predictive_power": predictive_probability(design, *seen),
    }


def _estimates(now: CohortState) -> dict[str, Any]:
    """Estimates of a cohort that ended with the sizes it has; no numbers for one that goes on."""
    counts, design = now.counts, now.design
    at_look = counts.responders <= design.r1
    if now.stage is not Stage.ENDED or counts.pending or counts.evaluable < (design.n1 if at_look else design.n):
        return {}
    sizes = (counts.evaluable, max(design.n, counts.evaluable + 1)) if at_look else (design.n1, counts.evaluable)
    found = two_stage_inference(counts.responders, design.resized(*sizes))
    return {
        "umvue": found.umvue, "mle": found.mle, "median_unbiased": found.median_unbiased, "p_value": found.p_value,
        "interval_90": [found.ci.lower, found.ci.upper],
    }  # fmt: skip
