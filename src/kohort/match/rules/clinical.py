"""How clinical criteria are decided: for each kind, which rows say yes, which say no, which leave it open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kohort.match.criteria.clinical import (
    Age,
    Consent,
    Diagnosis,
    PerformanceStatus,
    Receptor,
    Sex,
    Stage,
)
from kohort.match.criteria.judged import FreeText, Unread
from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.vocabulary import more_general, stage_group
from kohort.match.engine.truth import Mask
from kohort.match.people.births import birth_range
from kohort.match.people.columns import Coded, floats
from kohort.match.people.moments import Moments
from kohort.match.people.population import Population
from kohort.match.rules.rows import Evidence, Rows

__all__ = ["RULES", "latest"]


def diagnosis(leaf: Diagnosis, population: Population, as_of: date) -> Evidence:
    """A tumour type, from the tumours' OncoTree codes."""
    tumours = population.tumours
    codes, wanted = population.coded(tumours, "oncotree_code"), leaf.codes
    true = codes.among(wanted)
    too_general = codes.among(more_general(wanted))
    false = ~true & ~too_general & ~codes.is_null
    # A recurrence or metastasis without a diagnosis of its own is a sign of a tumour that has one.
    later = population.coded(tumours, "kind").among(("recurrence", "metastasis")) & codes.is_null
    return Evidence((Rows.statements("tumour", tumours, true, false).kept(~later),))


def sex(leaf: Sex, population: Population, as_of: date) -> Evidence:
    """Sex, from the person."""
    people = population.people
    sexes = Coded.of(people["sex_code"])
    other = "male" if leaf.code == "female" else "female"
    return Evidence((Rows.results("person", people, sexes.among((leaf.code,)), sexes.among((other,))),))


def age(leaf: Age, population: Population, as_of: date) -> Evidence:
    """Age: at diagnosis from the tumours, on another day from what is known of the birth date."""
    completed = leaf.reading == "completed"
    if leaf.at == "diagnosis":
        ages = population.diagnosis_ages
        high = floats(ages["high"])
        # Twelve completed years are any time from twelve to just under thirteen.
        most = high if completed else np.nextafter(high + 1, -np.inf)
        return Evidence((Rows.statements("tumour", ages, *leaf.years.decide(floats(ages["low"]), most)),))
    births = population.births
    true, false = birth_range(leaf.years, as_of, completed=completed).decide(*population.birth_interval(as_of))
    unsure = ~(true | false)
    return Evidence(
        tuple(
            Rows(table, population.everybody, births.id, true & here, false & here, unsure & here, one_each=True)
            for table, here in (("person", ~births.from_tumour), ("tumour", births.is_inferred))
            if here.any()
        )
    )


def receptor(leaf: Receptor, population: Population, as_of: date) -> Evidence:
    """Receptor status, from immunohistochemistry."""
    stained = population.findings["ihc"].filter(pl.col("code_code") == leaf.marker)
    results = Coded.of(stained["value_code"])
    other = "negative" if leaf.status == "positive" else "positive"
    return Evidence((Rows.results("finding", stained, results.among((leaf.status,)), results.among((other,))),))


def performance(leaf: PerformanceStatus, population: Population, as_of: date) -> Evidence:
    """ECOG status: the latest; those that may be the latest must agree."""
    scores = population.findings["ecog"].drop_nulls("value_number")
    value = floats(scores["value_number"])
    rows = Rows.statements("finding", scores, *leaf.ecog.decide(value, value))
    return Evidence((rows.kept(latest(scores, "found", population)),), every=True)


def stage(leaf: Stage, population: Population, as_of: date) -> Evidence:
    """Stage groups, from stagings."""
    stages = population.stages.drop_nulls("stage_group")

    def judge(text: str) -> bool | None:
        short = stage_group(text)
        if short is None:
            return None
        if any(_is_stage_within(short, group) for group in leaf.groups):
            return True
        return None if any(_is_stage_within(group, short) for group in leaf.groups) else False

    return Evidence((Rows.statements("stage", stages, *Coded.of(stages["stage_group"]).judged(judge)),))


def consent(leaf: Consent, population: Population, as_of: date) -> Evidence:
    """A consent, from the latest decision on it."""
    to = leaf.to.casefold()
    asked = population.coded(population.consents, "drug_or_trial")
    is_named, _ = asked.judged(lambda text: " ".join(text.split()).casefold() == to)
    named = population.consents.filter(pl.Series(is_named))
    answers = Coded.of(named["status"])
    rows = Rows.statements("decision", named, answers.among(("accepted",)), answers.among(("refused", "withdrawn")))
    return Evidence((rows.kept(latest(named, "decided", population)),), every=True)


def by_people(leaf: Leaf, population: Population, as_of: date) -> Evidence:
    """Nothing in the tables decides it."""
    return Evidence()


def _is_stage_within(stage: str, group: str) -> bool:
    """True if ``stage`` is ``group`` or a sub-stage of it: IIIA1 is within III and IIIA, not within II."""
    numeral = stage.rstrip("ABCDE0123456789") or stage
    wanted = group.rstrip("ABCDE0123456789") or group
    return numeral == wanted and stage.startswith(group)


def latest(frame: pl.DataFrame, column: str, population: Population) -> Mask:
    """Rows of a frame that may be their person's latest by a point in time."""
    moments = Moments.of(frame, column, population.origins)
    return moments.may_be_latest(frame["at"].to_numpy(), population.size)


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {
    Diagnosis: diagnosis,
    Sex: sex,
    Age: age,
    Receptor: receptor,
    PerformanceStatus: performance,
    Stage: stage,
    FreeText: by_people,
    Unread: by_people,
    Consent: consent,
}
"""The rule for each kind of leaf of this module: (leaf, population, day of matching) to what bears on it."""
