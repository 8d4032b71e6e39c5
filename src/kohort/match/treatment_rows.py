"""How criteria on earlier treatment are decided: any recorded treatment is a treatment history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kohort.match.clinical import PriorTherapy, SystemicLines
from kohort.match.columns import Coded, floats
from kohort.match.logic import Leaf
from kohort.match.population import Population
from kohort.match.rows import Evidence, Rows
from kohort.match.vocabulary import drug_classes, drug_name

__all__ = ["RULES"]

_WITHOUT_DRUGS = ("surgery", "radiotherapy", "rehabilitation")


def prior_therapy(leaf: PriorTherapy, population: Population, as_of: date) -> Evidence:
    """A drug or class, from the items of treatments and from courses without any."""
    items, courses = population.therapy_items, population.therapies

    def judge(code: str) -> bool | None:
        if leaf.drug is not None:
            return drug_name(code) == leaf.drug
        classes = drug_classes(code)
        return None if classes is None else leaf.drug_class in classes

    true, false = Coded.of(items["item_code"]).judged(judge)
    without_drug = Coded.of(items["modality"]).among(_WITHOUT_DRUGS)
    of_items = Rows.statements("therapy_item", items, true, false | (without_drug & ~true))
    # A course without items: an operation says no; a systemic one may have been any drug.
    bare = courses.join(items, left_on="id", right_on="therapy", how="anti")
    no = Coded.of(bare["modality"]).among(_WITHOUT_DRUGS)
    of_courses = Rows.statements("therapy", bare, np.zeros_like(no), no)
    return Evidence((of_items, of_courses))


def systemic_lines(leaf: SystemicLines, population: Population, as_of: date) -> Evidence:
    """Number of lines, as an interval where it is not stated."""
    courses = population.therapies
    systemic = pl.col("modality") == "systemic"
    unclear = pl.col("modality").is_null() | (pl.col("modality") == "other")
    stated = pl.col("line").filter(systemic).max()
    lines = courses.group_by("at").agg(
        least=pl.coalesce(stated, systemic.any().cast(pl.Int32)),
        most=pl.coalesce(stated, (systemic | unclear).sum().cast(pl.Int32)),
    )
    placed = courses.join(lines, on="at", how="left", maintain_order="left")
    decided = leaf.lines.decide(floats(placed["least"]), floats(placed["most"]))
    return Evidence((Rows.statements("therapy", placed, *decided),), every=True)


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {
    PriorTherapy: prior_therapy,
    SystemicLines: systemic_lines,
}
"""The rule for each kind of leaf of this module."""
