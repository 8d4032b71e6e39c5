"""`kohort match missing`, `near` and `feasibility`: answers over a whole population."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.matching.common import (
    AsOf,
    Closed,
    Json,
    More,
    Out,
    SiteFolder,
    Trials,
    chosen_trials,
    matched,
    open_arms,
    parse_day,
    show_frame,
    write_frame,
)
from kohort.cli.output import console, show_json, table
from kohort.errors import UserError
from kohort.match.answers.feasibility import Feasibility
from kohort.match.answers.feasibility import feasibility as feasibility_of
from kohort.match.answers.missing import plan_of_tests, ranking_of_facts
from kohort.match.answers.near import near_misses
from kohort.store import Site

__all__ = ["feasibility", "missing", "near"]

_SHOWN = 20


def missing(
    site: SiteFolder,
    trials: Trials = None,
    more: More = None,
    as_of: AsOf = None,
    judged: Annotated[
        bool, typer.Option("--judged", help="Count as if people had judged what only they can judge.")
    ] = False,
    plan: Annotated[int, typer.Option(help="Also choose this many tests, one after the other.")] = 0,
    out: Out = None,
    json: Json = False,
) -> None:
    """Which single test or registration would settle most verdicts and open most places, over all open arms.

    Example: kohort match missing --site oslo --trials trials/ --plan 3
    """
    matches = matched(Site.open(site), open_arms(chosen_trials(trials, more), closed_too=False), parse_day(as_of))
    ranked = ranking_of_facts(matches, people_judge=judged)
    chosen = plan_of_tests(matches, plan, people_judge=judged) if plan else None
    if out is not None:
        write_frame(ranked, out)
    if json:
        show_json({"facts": ranked.to_dicts(), "plan": [] if chosen is None else chosen.to_dicts()})
        return
    shown = table("Missing facts, the most decisive first", "Fact", "Lacking", "Would settle", "Could open")
    for row in ranked.head(_SHOWN).iter_rows(named=True):
        shown.add_row(row["fact"], *(f"{row[name]:,}" for name in ("lacking", "would_settle", "could_open")))
    console.print(shown)
    console.print("Lacking: patients. Would settle, could open: pairs of patient and arm.")
    if chosen is not None:
        steps = table(
            "A plan: the best next test, given the earlier ones", "Fact", "Settles", "In all", "Still unknown"
        )
        for row in chosen.iter_rows(named=True):
            numbers = ("would_settle", "settled_so_far", "still_unknown")
            steps.add_row(f"{row['step']}. {row['fact']}", *(f"{row[name]:,}" for name in numbers))
        console.print(steps)


def near(
    site: SiteFolder,
    trials: Trials = None,
    more: More = None,
    arm: Annotated[str | None, typer.Option(help="Only this arm, by its id.")] = None,
    recoverable: Annotated[
        bool, typer.Option("--recoverable", help="Only those where what fails can change by itself.")
    ] = False,
    as_of: AsOf = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Who fails exactly one criterion of an arm, what was found instead, and by how much.

    Example: kohort match near --site oslo --recoverable
    """
    matches = matched(Site.open(site), open_arms(chosen_trials(trials, more), closed_too=False), parse_day(as_of))
    found = near_misses(matches, arm=arm)
    if recoverable:
        found = found.filter("recoverable")
    if out is not None:
        write_frame(found.drop("rows") if out.suffix == ".csv" else found, out)
    if json:
        show_frame(found)
        return
    counts = found.group_by("trial", "arm", "requirement", maintain_order=True).len().sort("len", descending=True)
    shown = table("Near misses: exactly one criterion fails", "Arm", "Patients")
    shown.add_column("Criterion that fails", overflow="fold")
    for row in counts.head(_SHOWN).iter_rows(named=True):
        shown.add_row(f"{row['trial']} {row['arm']}", f"{row['len']:,}", row["requirement"])
    console.print(shown)
    console.print(f"{found.height:,} near misses in all. Add --out FILE.csv for patients, --arm ID for one arm.")


def feasibility(
    site: Annotated[list[Path], typer.Option(help="Folder of a site; may be given several times.")],
    trials: Trials = None,
    more: More = None,
    closed_world: Closed = False,
    as_of: AsOf = None,
    by: Annotated[str, typer.Option(help="Calendar time by year or month.")] = "year",
    json: Json = False,
) -> None:
    """Count a protocol under design: who is left after each criterion, what each costs, by site and calendar time.

    Example: kohort match feasibility --site oslo --site bergen --trials draft.yaml
    """
    if by not in ("year", "month"):
        raise UserError(f"{by!r} is no period.", remedy="Use year or month.")
    chosen, day = chosen_trials(trials, more), parse_day(as_of)
    opened = [Site.open(folder) for folder in site]
    named = [(one.name, matched(one, chosen, day, closed_world=closed_world)) for one in opened]
    found = feasibility_of(named, by=by)  # type: ignore[arg-type]
    if json:
        parts = ("counts", "attrition", "costs", "pairs", "calendar")
        show_json({part: getattr(found, part)().to_dicts() for part in parts})
        return
    _show_feasibility(found, several=len(opened) > 1)


def _show_feasibility(found: Feasibility, *, several: bool) -> None:
    pooled = found.pooled() if several else found
    for arm in pooled.arms:
        shown = table(f"{arm.trial} {arm.arm}: {arm.verdict.true:,} of {arm.persons:,} fit", "Criterion", "Left")
        for name in ("Left or unknown", "Fit without it", "Fails it alone"):
            shown.add_column(name, justify="right")
        for asked in arm.requirements:
            left, maybe = asked.so_far.true, asked.so_far.true + asked.so_far.unknown
            freed = arm.verdict.false - asked.without.false
            shown.add_row(asked.words, f"{left:,}", f"{maybe:,}", f"{asked.without.true:,}", f"{freed:,}")
        console.print(shown)
        pair = arm.costliest_pair
        if pair is not None:
            first, second = arm.requirements[pair.first].words, arm.requirements[pair.second].words
            console.print(
                f"The costliest pair: {pair.failing:,} fail exactly '{first}' and '{second}'.", soft_wrap=True
            )
        periods = [f"{period}: {split.true:,}" for period, split in arm.calendar if split.true]
        if periods:
            console.print("Fitting, by time: " + ", ".join(periods), soft_wrap=True)
    if several:
        shown = table("By site", "Arm", *dict.fromkeys(one.site for one in found.arms))
        for arm in pooled.arms:
            fitting = [one.verdict.true for one in found.arms if (one.trial, one.arm) == (arm.trial, arm.arm)]
            shown.add_row(f"{arm.trial} {arm.arm}", *(f"{number:,}" for number in fitting))
        console.print(shown)
