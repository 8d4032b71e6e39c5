"""How clinical criteria are decided: for each kind, which rows say yes, which say no, which leave it open."""

from __future__ import annotations

from datetime import date
from functools import singledispatch

import numpy as np
import polars as pl

from kohort.errors import IntegrityError
from kohort.match.births import birth_range
from kohort.match.clinical import (
    Age,
    Consent,
    Diagnosis,
    FreeText,
    Metastatic,
    PerformanceStatus,
    Receptor,
    Sex,
    Stage,
)
from kohort.match.columns import Coded, floats
from kohort.match.logic import Leaf
from kohort.match.population import Population
from kohort.match.rows import Evidence, Rows
from kohort.match.truth import Mask
from kohort.match.vocabulary import more_general, stage_group

__all__ = ["evidence"]


@singledispatch
def evidence(leaf: Leaf, population: Population, as_of: date) -> Evidence:
    """What bears on a leaf, over a population.

    Args:
        leaf: the criterion.
        population: the persons.
        as_of: the day of matching; only ages use it.
    """
    raise IntegrityError(f"No rule decides criteria of kind {type(leaf).__name__}.", remedy="Please report it.")


@evidence.register
def _diagnosis(leaf: Diagnosis, population: Population, as_of: date) -> Evidence:
    tumours = population.tumours
    codes, wanted = Coded.of(tumours["oncotree_code"]), leaf.codes
    true = codes.among(wanted)
    too_general = codes.among(more_general(wanted))
    # A recurrence or metastasis without a diagnosis of its own is a sign of a tumour that has one.
    later = Coded.of(tumours["kind"]).among(("recurrence", "metastasis")) & codes.is_null
    false = ~true & ~too_general & ~codes.is_null
    return Evidence((_rows("tumour", tumours, (true, false), void=later),))


@evidence.register
def _sex(leaf: Sex, population: Population, as_of: date) -> Evidence:
    people = population.people
    sexes = Coded.of(people["sex_code"])
    other = "male" if leaf.code == "female" else "female"
    return Evidence((_rows("person", people, (sexes.among((leaf.code,)), sexes.among((other,)))),))


@evidence.register
def _age(leaf: Age, population: Population, as_of: date) -> Evidence:
    completed = leaf.reading == "completed"
    if leaf.at == "diagnosis":
        ages = population.diagnosis_ages
        high = floats(ages["high"])
        # Twelve completed years are any time from twelve to just under thirteen.
        most = high if completed else np.nextafter(high + 1, -np.inf)
        return Evidence((_rows("tumour", ages, leaf.years.decide(floats(ages["low"]), most)),))
    births = population.births
    true, false = birth_range(leaf.years, as_of, completed=completed).decide(*births.interval(as_of))
    rows = Rows.of("person", np.arange(population.size), births.id, (true, false))
    dated, inferred = rows.kept(~births.from_tumour), rows.kept(births.from_tumour)
    on_tumour = Rows("tumour", inferred.at, inferred.id, inferred.true, inferred.false, inferred.open)
    return Evidence((dated, on_tumour))


@evidence.register
def _receptor(leaf: Receptor, population: Population, as_of: date) -> Evidence:
    stained = population.findings["ihc"].filter(pl.col("code_code") == leaf.marker)
    results = Coded.of(stained["value_code"])
    other = "negative" if leaf.status == "positive" else "positive"
    return Evidence((_results("finding", stained, results.among((leaf.status,)), results.among((other,))),))


@evidence.register
def _performance(leaf: PerformanceStatus, population: Population, as_of: date) -> Evidence:
    scores = population.findings["ecog"].drop_nulls("value_number")
    value = floats(scores["value_number"])
    rows = _rows("finding", scores, leaf.ecog.decide(value, value))
    return Evidence((rows.kept(_latest(scores)),), every=True)


@evidence.register
def _stage(leaf: Stage, population: Population, as_of: date) -> Evidence:
    stages = population.stages.drop_nulls("stage_group")

    def judge(text: str) -> bool | None:
        short = stage_group(text)
        if short is None:
            return None
        if any(_is_stage_within(short, group) for group in leaf.groups):
            return True
        return None if any(_is_stage_within(group, short) for group in leaf.groups) else False

    return Evidence((_rows("stage", stages, Coded.of(stages["stage_group"]).judged(judge)),))


@evidence.register
def _metastatic(leaf: Metastatic, population: Population, as_of: date) -> Evidence:
    stages, tumours, specimens = population.stages, population.tumours, population.specimens

    def judge(category: str) -> bool | None:
        digit = category.strip().upper().removeprefix("C").removeprefix("P").removeprefix("M")[:1]
        return {"0": False, "1": True}.get(digit)

    spread = Coded.of(tumours["kind"]).among(("metastasis",))
    sampled = Coded.of(specimens["kind"]).among(("metastasis",))
    return Evidence(
        (
            _results("stage", stages, *Coded.of(stages["m"]).judged(judge)),
            _results("tumour", tumours, spread, np.zeros_like(spread)),
            _results("specimen", specimens, sampled, np.zeros_like(sampled)),
        )
    )


@evidence.register(FreeText)
@evidence.register(Consent)
def _by_people(leaf: Leaf, population: Population, as_of: date) -> Evidence:
    return Evidence()


def _rows(table: str, frame: pl.DataFrame, decided: tuple[Mask, Mask], *, void: Mask | None = None) -> Rows:
    return Rows.of(table, frame["at"].to_numpy(), frame["id"].to_numpy(), decided, void=void)


def _results(table: str, frame: pl.DataFrame, true: Mask, false: Mask) -> Rows:
    """Results of a test: one that says neither is void, as if the test had not been made."""
    return _rows(table, frame, (true, false), void=np.ones(len(true), dtype=np.bool_))


def _is_stage_within(stage: str, group: str) -> bool:
    """True if ``IIIA`` is asked of ``III``: the same numeral, and the same letters as far as the group has them."""
    numeral = stage.rstrip("ABCDE0123456789") or stage
    wanted = group.rstrip("ABCDE0123456789") or group
    return numeral == wanted and stage.startswith(group)


def _latest(scores: pl.DataFrame) -> Mask:
    """Rows of each person's latest day, all of a person's rows if one cannot be dated."""
    calendar, relative = pl.col("found"), pl.col("found_day")
    for when in (calendar, relative):
        usable = when.is_not_null().all().over("at")
        keep = pl.when(usable).then(when == when.max().over("at")).otherwise(None)
        scores = scores.with_columns(keep.alias(f"latest_{when.meta.output_name()}"))
    return scores.select(pl.coalesce("latest_found", "latest_found_day", pl.lit(True))).to_series().to_numpy()
