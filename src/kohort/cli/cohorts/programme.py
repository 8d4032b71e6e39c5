"""`kohort cohort record | status`: a programme's log, and where each of its cohorts stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.cohorts.common import Json, Picture, note
from kohort.cli.cohorts.pictures import draw, of_one_cohort, of_programme
from kohort.cli.matching.common import Trials, chosen_trials, matched, parse_day, record, today
from kohort.cli.output import console, table
from kohort.cohort import (
    CohortEvent,
    DecisionRule,
    EventKind,
    NotEvaluable,
    Programme,
    ProgrammeState,
    append_events,
    corrections,
    enrolments_from_best_responses,
    enrolments_from_records,
    programme_of_trials,
    read_log,
)
from kohort.errors import InputError, UserError
from kohort.match import Trial
from kohort.store import Site

__all__ = ["record_event", "status", "swimmer"]

LogFile = Annotated[Path, typer.Option("--log", help="The programme's log (JSON Lines, each line sealed to the last).")]


def record_event(
    log: LogFile,
    cohort: Annotated[str, typer.Option(help="Identifier of the cohort.")],
    event: Annotated[EventKind, typer.Option(help="What happened.")],
    person: Annotated[int | None, typer.Option(help="Pseudonym of the patient; none for the cohort itself.")] = None,
    response: Annotated[bool | None, typer.Option(help="With an evaluation: whether the tumour responded.")] = None,
    hospital: Annotated[str, typer.Option(help="Where it happened.")] = "",
    on: Annotated[str | None, typer.Option(help="Day on which it happened, yyyy-mm-dd.")] = None,
) -> None:
    """Add one event to a programme's log. Nothing is ever taken out: a correction is a further event.

    Example: kohort cohort record --log impress.jsonl --cohort BRAF-V600 --event enrolled --person 17 --hospital Oslo

    Example: kohort cohort record --log impress.jsonl --cohort BRAF-V600 --event evaluated --person 17 --response
    """
    happened = CohortEvent(
        cohort, person, event, response=response, site=hospital, on=None if on is None else parse_day(on)
    )
    after = append_events(log, [happened])
    console.print(f"Line {len(after)} of {log}.", soft_wrap=True)


def status(
    protocol: Trials = None,
    log: Annotated[Path | None, typer.Option(help="The programme's log.")] = None,
    site: Annotated[Path | None, typer.Option(help="A site: a look back at its recorded treatments.")] = None,
    best_responses: Annotated[
        NotEvaluable | None,
        typer.Option(help="With a site that holds one trial's patients: what becomes of those never evaluated."),
    ] = None,
    rule: Annotated[Path | None, typer.Option(help="Decision rule of all cohorts (JSON); else their designs.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Show cohorts without patients too.")] = False,
    json: Json = False,
    picture: Picture = None,
) -> None:
    """Say where each cohort of a programme stands: stage, places, decision, and what pending patients can still change.

    Example: kohort cohort status --trials protocol.yaml --log impress.jsonl

    Example: kohort cohort status --trials protocol.yaml --site oslo
    """
    trials = chosen_trials(protocol)
    programme = programme_of_trials(trials, None if rule is None else _rule(rule))
    held = _events(programme, trials, log, site, best_responses)
    now = programme.state(held)
    if picture is not None:
        draw(of_programme(now.cohorts), picture)
    if json:
        console.file.write(now.to_json() + "\n")
        return
    _show(now, show_all=show_all)
    for correction in corrections(held, programme):
        note(correction.sentence)


def swimmer(
    log: LogFile,
    cohort: Annotated[str, typer.Option(help="Identifier of the cohort.")],
    out: Annotated[Path, typer.Option(help="File to draw: .svg or .png.")],
    protocol: Trials = None,
) -> None:
    """Draw the patients of one cohort from enrolment on: who responded, who did not, who is not yet evaluable.

    Example: kohort cohort swimmer --trials protocol.yaml --log impress.jsonl --cohort BRAF-V600 --out braf.svg
    """
    held = _logged(log)
    now = programme_of_trials(chosen_trials(protocol)).state(held)
    draw(of_one_cohort(now[cohort], held, today()), out)


def _events(
    programme: Programme, trials: list[Trial], log: Path | None, site: Path | None, best: NotEvaluable | None
) -> list[CohortEvent]:
    """The events of a log, or of a look back at a site; the reading of a site is entered in its ledger."""
    if (log is None) == (site is None):
        raise UserError("Which events?", remedy="Give --log FILE, or --site DIR for a look back.")
    if site is None:
        return _logged(log) if log is not None else []
    opened = Site.open(site)
    if best is None:
        drugs = {arm.id: arm.drugs for trial in trials for arm in trial.cohorts}
        eligible = matched(opened, trials, today()).eligible().rename({"arm": "cohort"})
        return enrolments_from_records(eligible, opened, drugs)
    if len(programme.cohorts) != 1:
        raise UserError(
            f"--best-responses fills one cohort, and there are {len(programme.cohorts)}.",
            remedy="Give a trial file with the one cohort that these patients were treated in.",
        )
    record(opened, opened.tables.frame("person", ["person"])["person"].to_list(), "Best responses of a trial's cohort.")
    return enrolments_from_best_responses(opened, programme.cohorts[0].id, not_evaluable=best)


def _logged(path: Path) -> list[CohortEvent]:
    """The events of a log that is there: a path mistyped is no programme without patients."""
    if not path.exists():
        raise InputError(
            "there is no such log.", path=path, remedy="Check the path, or begin it with kohort cohort record."
        )
    return list(read_log(path))


def _rule(path: Path) -> DecisionRule:
    try:
        return DecisionRule.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the file cannot be read.", path=path, remedy="Check its path.") from error
    except InputError as error:
        raise InputError(error.reason, path=path, line=error.line, remedy=error.remedy) from error


def _show(now: ProgrammeState, *, show_all: bool) -> None:
    columns = ("Answer", "Responders", "Pending", "Places", "P(positive)", "P(> p0)")
    shown = table(f"{_cohorts(len(now.cohorts))}, {now.head.sequence} events", "Cohort", *columns)
    told = [each for each in now.cohorts if show_all or each.counts.enrolled]
    for each in told:
        counts = each.counts
        shown.add_row(
            each.cohort.id, str(each.answer), f"{counts.responders} of {counts.evaluable}", str(counts.pending),
            str(each.places.open), f"{each.outlook.predictive_power:.3f}", f"{each.prob_greater:.4f}",
        )  # fmt: skip
    console.print(shown)
    for each in told:
        console.print(f"[bold]{each.cohort.id}[/]: {each.sentence}")
    if empty := len(now.cohorts) - len(told):
        console.print(f"{_cohorts(empty)} {'has' if empty == 1 else 'have'} no patient yet (--all shows all).")
    console.print(now.multiplicity.sentence)
    console.print(f"Rules: {'; '.join(f'{name} ({digest[:12]})' for name, digest in now.rules.items())}.")


def _cohorts(number: int) -> str:
    return "1 cohort" if number == 1 else f"{number} cohorts"
