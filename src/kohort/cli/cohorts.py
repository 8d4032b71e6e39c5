"""`kohort cohort ...`: two-stage designs and what counts say under them."""

from __future__ import annotations

from typing import Annotated

import typer

from kohort.cli.output import console, show_json, table
from kohort.cohort import CohortCounts, TwoStageDesign, simon_two_stage, state
from kohort.errors import UserError

__all__ = ["app"]

app = typer.Typer(help="Two-stage treatment cohorts.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
P0 = Annotated[float, typer.Option(help="Response rate of no interest.")]
P1 = Annotated[float, typer.Option(help="Response rate of interest.")]


@app.command()
def design(
    p0: P0 = 0.1,
    p1: P1 = 0.3,
    alpha: Annotated[float, typer.Option(help="Greatest probability of a positive result at p0.")] = 0.08,
    beta: Annotated[float, typer.Option(help="Greatest probability of a negative result at p1.")] = 0.15,
    n_max: Annotated[int, typer.Option(help="Greatest number of patients.")] = 60,
    json: Json = False,
) -> None:
    """Find the two-stage designs that are best for some weight of greatest against expected size.

    Example: kohort cohort design --p0 0.1 --p1 0.3 --alpha 0.08 --beta 0.15
    """
    found = simon_two_stage(p0, p1, alpha, beta, n_max)
    rows = [
        {
            "type": d.type, "r1": d.r1, "n1": d.n1, "r": d.r, "n": d.n, "alpha": d.alpha, "power": d.power,
            "early_stop": d.pet(d.p0), "expected_n": d.expected_n(d.p0),
        }
        for d in found
    ]  # fmt: skip
    if json:
        show_json(rows)
        return
    names = ("Stop at", "Positive", "Alpha", "Power", "P(stop)", "E(n)")
    shown = table(f"Two-stage designs for {p0:g} against {p1:g}", "Design", *names)
    for d in found:
        shown.add_row(
            str(d.type), f"<= {d.r1} of {d.n1}", f">= {d.r + 1} of {d.n}", f"{d.alpha:.4f}", f"{d.power:.4f}",
            f"{d.pet(d.p0):.3f}", f"{d.expected_n(d.p0):.2f}",
        )  # fmt: skip
    console.print(shown)


@app.command()
def decide(
    responders: Annotated[int, typer.Option(help="Evaluable patients who responded.")],
    evaluable: Annotated[int, typer.Option(help="Patients whose response is known.")],
    pending: Annotated[int, typer.Option(help="Enrolled, not yet evaluable.")] = 0,
    json: Json = False,
) -> None:
    """Say what counts mean for a cohort of 8 + 16 (one of 8 to go on, five of 24 to succeed).

    Example: kohort cohort decide --responders 1 --evaluable 8 --pending 2
    """
    if not 0 <= responders <= evaluable or pending < 0:
        raise UserError(
            f"{responders} responders of {evaluable} evaluable patients and {pending} pending are impossible.",
            remedy="Responders are among the evaluable; no number is negative.",
        )
    counts = CohortCounts("cohort", enrolled=evaluable + pending, evaluable=evaluable, responders=responders)
    now = state(counts)
    design: TwoStageDesign = now.design
    if json:
        show_json(
            {
                "stage": now.stage, "verdict": now.verdict, "best": now.decision.best,
                "worst": now.decision.worst, "places_open": now.slots_open, "design": str(design),
                "sentence": now.sentence,
            }
        )  # fmt: skip
        return
    console.print(f"[bold]{now.verdict}[/] ({now.stage}; design {design})")
    console.print(now.sentence)
