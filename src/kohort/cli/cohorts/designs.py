"""`kohort cohort design`: the best designs for two rates and two error rates."""

from __future__ import annotations

from typing import Annotated

import typer

from kohort.cli.cohorts.common import P0, P1, Json, Picture
from kohort.cli.cohorts.pictures import draw, of_design
from kohort.cli.output import console, show_json, table
from kohort.cohort import simon_two_stage

__all__ = ["design"]


def design(
    p0: P0 = 0.1,
    p1: P1 = 0.3,
    alpha: Annotated[float, typer.Option(help="Greatest probability of a positive result at p0.")] = 0.08,
    beta: Annotated[float, typer.Option(help="Greatest probability of a negative result at p1.")] = 0.15,
    n_max: Annotated[int, typer.Option(help="Greatest number of patients.")] = 60,
    json: Json = False,
    picture: Picture = None,
) -> None:
    """Find the two-stage designs that are best for some weight of greatest against expected size.

    Example: kohort cohort design --p0 0.1 --p1 0.3 --alpha 0.08 --beta 0.15
    """
    found = simon_two_stage(p0, p1, alpha, beta, n_max)
    if picture is not None:
        draw(of_design(found[-1]), picture)
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
