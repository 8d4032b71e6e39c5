"""`kohort cohort sensitivity`: the same counts under every borrowing model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.cohorts.common import Json, Picture, counts_file, note, numbers, same_length, whole, whole_numbers
from kohort.cli.cohorts.pictures import draw, of_models
from kohort.cli.output import console, show_json, table
from kohort.cohort import BorrowingModel, Sensitivity, standard_model
from kohort.cohort import sensitivity as same_data_under
from kohort.cohort.borrowing.catalogue import NAMES
from kohort.cohort.borrowing.data import Counts
from kohort.errors import StatisticsError, UserError

__all__ = ["sensitivity"]

INTEREST = 0.2
"""How far the rate of interest lies above p0, for the model that is calibrated between the two."""

COLUMNS = ("cohort", "responders", "evaluable")


def sensitivity(
    responders: Annotated[str | None, typer.Option(help="Responders of each cohort: 8,0,1.")] = None,
    evaluable: Annotated[str | None, typer.Option(help="Evaluable patients of each cohort: 19,10,26.")] = None,
    counts: Annotated[Path | None, typer.Option(help=f"CSV file with the columns {', '.join(COLUMNS)}.")] = None,
    p0: Annotated[str, typer.Option(help="Rate of no interest, one for all or one for each cohort.")] = "0.1",
    model: Annotated[list[str] | None, typer.Option(help="Models to show; all if none is named.")] = None,
    cutoff: Annotated[float, typer.Option(help="Go if P(rate > p0) exceeds this.")] = 0.95,
    json: Json = False,
    picture: Picture = None,
) -> None:
    """Show what every borrowing model makes of the same counts, and for which cohorts they disagree.

    Example: kohort cohort sensitivity --responders 8,0,1,1,6,2 --evaluable 19,10,26,8,14,7 --p0 0.15
    """
    names, x, n = _counts(responders, evaluable, counts)
    rates = numbers(p0, "p0")
    if len(rates) > 1:
        same_length(responders=x, p0=rates)
    models = _models(model, rates, x, n)
    found = same_data_under(models, x, n, rule=cutoff)
    if picture is not None:
        draw(of_models(names, found.posteriors, rates * len(x) if len(rates) == 1 else rates), picture)
    rows = [{**row, "cohort": names[row["cohort"] - 1]} for row in found.table.to_dicts()]
    if json:
        show_json({"cutoff": cutoff, "rows": rows, "disputed": [names[each] for each in found.disputed]})
        return
    _show(found, names, cutoff)


def _models(wanted: list[str] | None, rates: list[float], x: list[int], n: list[int]) -> dict[str, BorrowingModel]:
    """The models that were asked for, or all that these counts allow; a remark on each that they do not."""
    Counts.of(x, n)
    above = tuple(min(rate + INTEREST, (1 + rate) / 2) for rate in rates)
    p0, p1 = (rates[0], above[0]) if len(rates) == 1 else (tuple(rates), above)
    if wanted:
        return {name: standard_model(name, p0, p1, tuple(n)) for name in wanted}
    models: dict[str, BorrowingModel] = {}
    for name in NAMES:
        try:
            model = standard_model(name, p0, p1, tuple(n))
            model.fit(x, n)
        except StatisticsError as reason:
            note(f"Without {name}: {reason.what}")
        else:
            models[name] = model
    return models


def _counts(responders: str | None, evaluable: str | None, path: Path | None) -> tuple[list[str], list[int], list[int]]:
    if path is not None:
        rows = counts_file(path, COLUMNS)
        x, n = ([whole(row, name, path, at) for at, row in enumerate(rows, start=2)] for name in COLUMNS[1:])
        return [row["cohort"] for row in rows], x, n
    if responders is None or evaluable is None:
        raise UserError("There are no counts.", remedy="Give --responders and --evaluable, or --counts FILE.")
    x, n = whole_numbers(responders, "responders"), whole_numbers(evaluable, "evaluable")
    same_length(responders=x, evaluable=n)
    return [str(place + 1) for place in range(len(x))], x, n


def _show(found: Sensitivity, names: list[str], cutoff: float) -> None:
    shown = table(f"P(rate > p0) of each cohort; go above {cutoff:g} is marked *", "Model", *names)
    means = table("Mean rate of each cohort", "Model", *names)
    seen = found.table.filter(found.table["model"] == found.table["model"][0])
    counted = [f"{x} of {n}" for x, n in seen.select("responders", "n").iter_rows()]
    for made in (shown, means):
        made.add_row("responders", *counted, end_section=True)
    for name in found.posteriors:
        rows = found.table.filter(found.table["model"] == name).to_dicts()
        shown.add_row(name, *(f"{row['prob_greater']:.4f}{'*' if row['call'] == 'go' else ' '}" for row in rows))
        means.add_row(name, *(f"{row['mean']:.3f}" for row in rows))
    console.print(shown)
    console.print(means)
    disputed = [names[each] for each in found.disputed]
    console.print(
        f"The models disagree on {', '.join(disputed)}: the decision hangs on the model."
        if disputed
        else "All models agree on every cohort."
    )
