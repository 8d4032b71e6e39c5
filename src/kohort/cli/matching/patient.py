"""`kohort match explain` and `options`: one patient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from kohort.cli.matching.common import (
    AsOf,
    Closed,
    Json,
    More,
    SiteFolder,
    Trials,
    chosen_trials,
    parse_day,
    record,
)
from kohort.cli.output import console, show_json, table
from kohort.cli.who import PatientId, Person, the_patient
from kohort.errors import UserError
from kohort.match import Matches, Reason, match
from kohort.match.answers.minimal import MinimalFacts, minimal_facts
from kohort.match.answers.places import locate
from kohort.match.answers.ranking import options as options_of
from kohort.match.matches import ArmMatch
from kohort.match.rules.rows import RowRef
from kohort.store import Site

__all__ = ["explain", "options"]

ArmId = Annotated[
    str | None, typer.Option("--arm", help="Only this arm (its id or code); all that do not fail if none.")
]

_WORDS = {True: "eligible", False: "ineligible", None: "unknown"}


def explain(  # noqa: PLR0913, PLR0917 - each is an option of the command
    site: SiteFolder,
    trials: Trials = None,
    more: More = None,
    person: Person = None,
    patient: PatientId = None,
    arm: ArmId = None,
    as_of: AsOf = None,
    closed_world: Closed = False,
    json: Json = False,
) -> None:
    """Why a patient fits an arm, does not, or what is missing: criterion by criterion, with file and line.

    Example: kohort match explain --site oslo --patient P-17 --arm BRAF-V600-DABTRA
    """
    opened, matches, who = _matched(site, trials, more, person, patient, as_of, closed_world)
    found = _arms(matches, who, arm)
    if not found:
        console.print("No arm of these trials is open to this patient. Name one with --arm to see why it is not.")
        return
    told = []
    for each in found:
        reason = matches.explain(who, each.arm.id, trial=each.trial.id)
        facts = minimal_facts(each.criteria, matches.population, who, matches.as_of)
        told.append((each, reason, facts, locate(_rows(reason), opened)))
    if json:
        show_json([
            {
                "trial": each.trial.id, "arm": each.arm.id, "level": each.arm.level, "code": each.arm.code,
                "verdict": _WORDS[reason.value], "reason": _as_json(reason, places), "missing": list(facts.lines()),
            }
            for each, reason, facts, places in told
        ])  # fmt: skip
        return
    for each, reason, facts, places in told:
        title = f" {each.arm.title}" if each.arm.title else ""
        console.print(f"\n[bold]{each.trial.id} {each.arm.code}:[/] {_WORDS[reason.value]}.{title}", soft_wrap=True)
        for line in _lines(reason, places):
            console.print(line, soft_wrap=True, markup=False)
        _show_facts(facts)


def _arms(matches: Matches, person: int, named: str | None) -> list[ArmMatch]:
    """The arm of that id or code, or all that do not fail; UserError if no arm has the name."""
    at = matches.population.index_of(person)
    if named is None:
        return [each for each in matches.arms if each.truth.value(at) is not False]
    found = [each for each in matches.arms if named in (each.arm.id, each.arm.code)]
    if not found:
        known = ", ".join(sorted({each.arm.code for each in matches.arms})[:12])
        raise UserError(f"There is no arm {named!r} in these trials.", remedy=f"Use one of {known}.")
    return found


def options(
    site: SiteFolder,
    trials: Trials = None,
    more: More = None,
    person: Person = None,
    patient: PatientId = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """The arms that a patient fits, may fit, or misses by one criterion, the best first.

    Example: kohort match options --site oslo --patient P-17
    """
    _, matches, who = _matched(site, trials, more, person, patient, as_of, closed_world=False)
    found = options_of(matches, who)
    if json:
        show_json([
            {
                "trial": option.trial, "arm": option.arm, "title": option.title, "drugs": list(option.drugs),
                "verdict": option.verdict, "status": option.status, "sentence": option.sentence,
            }
            for option in found
        ])  # fmt: skip
        return
    shown = table(f"Options, as of {matches.as_of}", "Arm")
    shown.add_column("Drugs", overflow="fold")
    shown.add_column("Verdict", overflow="fold")
    for option in found:
        shown.add_row(f"{option.trial} {option.arm}", ", ".join(option.drugs), option.sentence)
    console.print(shown)


def _matched(
    site: Any, trials: Any, more: Any, person: int | None, patient: str | None, as_of: str | None, closed_world: bool
) -> tuple[Site, Matches, int]:
    opened = Site.open(site)
    who = the_patient(opened, person, patient)
    matches = match(chosen_trials(trials, more), opened, as_of=parse_day(as_of), closed_world=closed_world)
    matches.population.index_of(who)
    record(opened, [who], "Matching of one patient with trials, with reasons.")
    return opened, matches, who


def _rows(reason: Reason) -> Iterator[RowRef]:
    for leaf in reason.leaves():
        yield from leaf.rows


def _lines(reason: Reason, places: dict[RowRef, Any], indent: int = 1) -> Iterator[str]:
    where = ", ".join(dict.fromkeys(str(places[row]) for row in reason.rows))
    yield "  " * indent + reason.sentence + (f" [{where}]" if where else "")
    for part in reason.parts:
        yield from _lines(part, places, indent + 1)


def _show_facts(facts: MinimalFacts) -> None:
    for line in facts.lines():
        console.print(f"  {line}", soft_wrap=True, markup=False)


def _as_json(reason: Reason, places: dict[RowRef, Any]) -> dict[str, Any]:
    rows = [
        {"table": row.table, "id": row.id, "file": places[row].file, "line": places[row].line} for row in reason.rows
    ]
    told: dict[str, Any] = {"criterion": reason.criterion.words, "value": reason.value, "sentence": reason.sentence}
    told |= {"rows": rows} if rows else {}
    told |= {"missing": reason.missing.words} if reason.missing else {}
    return told | ({"parts": [_as_json(part, places) for part in reason.parts]} if reason.parts else {})
