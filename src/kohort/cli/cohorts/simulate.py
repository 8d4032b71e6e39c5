"""`kohort cohort simulate`: what a rule does in many possible truths, exact where it can be."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from kohort.cli.cohorts.common import (
    EIGHT_AND_SIXTEEN,
    Design,
    Json,
    Model,
    numbers,
    stated_design,
)
from kohort.cli.output import console, table
from kohort.cohort import Characteristics, operating_characteristics
from kohort.cohort.borrowing.catalogue import standard_model
from kohort.cohort.characteristics.operating import Method
from kohort.errors import UserError

__all__ = ["simulate"]


def simulate(
    model: Model = "exnex",
    design: Design = EIGHT_AND_SIXTEEN,
    rates: Annotated[str, typer.Option(help="Rates of no interest and of interest.")] = "0.1,0.3",
    cohorts: Annotated[int, typer.Option(help="Number of cohorts, if no truth is stated.")] = 5,
    cutoff: Annotated[str, typer.Option(help="Go if P(rate > p0) exceeds this; one or several.")] = "0.90,0.95",
    truth: Annotated[
        list[str] | None, typer.Option(help="True rates, one a cohort: 0.1,0.1,0.3. Can be given many times.")
    ] = None,
    method: Annotated[Method, typer.Option(help="All outcomes summed, trials simulated, or what fits.")] = "auto",
    json: Json = False,
) -> None:
    """Show error rates, power and sizes of a rule with borrowing, in each possible truth, beside the design alone.

    Example: kohort cohort simulate --model exnex --cohorts 5 --cutoff 0.90,0.95

    Example: kohort cohort simulate --model mem --truth 0.1,0.1,0.3 --truth 0.3,0.3,0.3
    """
    p0, p1 = _two(rates)
    plan = stated_design(design, p0, p1)
    truths = [numbers(each, "truth") for each in truth] if truth else _one_after_another(cohorts, p0, p1)
    borrowing = standard_model(model, p0, p1, (plan.n,) * len(truths[0]))
    found = operating_characteristics(borrowing, plan, numbers(cutoff, "cutoff"), truths, method, level=None)
    if json:
        console.file.write(found.to_json() + "\n")
        return
    _show(model, found)
    alone = plan.operating_characteristics(p0).success, plan.operating_characteristics(p1).success
    console.print(f"The design alone ({plan}): alpha {alone[0]:.4f}, power {alone[1]:.4f} in each cohort.")
    console.print(_how(found))


def _two(rates: str) -> tuple[float, float]:
    match numbers(rates, "rates"):
        case [p0, p1]:
            return p0, p1
        case _:
            raise UserError(f"--rates {rates!r} are not two rates.", remedy="Write p0 and p1 as 0.1,0.3.")


def _one_after_another(cohorts: int, p0: float, p1: float) -> list[list[float]]:
    """Truths with none, one, two ... cohorts of interest."""
    if cohorts < 1:
        raise UserError(f"{cohorts} cohorts are none.", remedy="Give 1 or more.")
    return [[p1] * active + [p0] * (cohorts - active) for active in range(cohorts + 1)]


def _show(model: str, found: Characteristics) -> None:
    for at, rule in enumerate(found.rules):
        shown = table(
            f"{model}: go if {rule}", "True rates", "Go, null", "Go, active", "Any null", "Right of all", "E(n) of all"
        )
        for row, scenario in enumerate(found.scenarios):
            null, active = found.toer[row, at], found.power[row, at]
            shown.add_row(
                scenario, _range(null), _range(active), _or_dash(found.fwer[row, at]), f"{found.ecd[row, at]:.3f}",
                f"{found.measure('expected_total_n').value[row, at]:.1f}",
            )  # fmt: skip
        console.print(shown)


def _range(values: list[float]) -> str:
    """The least and the greatest of the numbers that are there."""
    kept = sorted(value for value in values if not math.isnan(value))
    if not kept:
        return "-"
    low, high = f"{kept[0]:.4f}", f"{kept[-1]:.4f}"
    return low if low == high else f"{low} to {high}"


def _or_dash(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"


def _how(found: Characteristics) -> str:
    error = max(float(measure.error.max()) for measure in (found.by_cohort["go"], found.family["fwer"]))
    if found.method == "exact":
        return f"All outcomes were summed ({found.outcomes:,} data sets), with an error of {error:.1g} at most."
    return f"{found.trials:,} trials were simulated for each truth; standard errors are {error:.1g} at most."
