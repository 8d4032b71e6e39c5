"""How criteria on earlier treatment are decided. A patient with any recorded treatment has a treatment history."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from kohort.match.clinical import PriorTherapy, SystemicLines
from kohort.match.clinical_rows import evidence
from kohort.match.columns import Coded, floats
from kohort.match.population import Population
from kohort.match.rows import Evidence, Rows
from kohort.match.vocabulary import drug_classes, drug_name

__all__: list[str] = []

_WITHOUT_DRUGS = ("surgery", "radiotherapy", "rehabilitation")


@evidence.register
def _prior_therapy(leaf: PriorTherapy, population: Population, as_of: date) -> Evidence:
    items, courses = population.therapy_items, population.therapies

    def judge(code: str) -> bool | None:
        if leaf.drug is not None:
            return drug_name(code) == leaf.drug
        classes = drug_classes(code)
        return None if classes is None else leaf.drug_class in classes

    true, false = Coded.of(items["item_code"]).judged(judge)
    without_drug = Coded.of(items["modality"]).among(_WITHOUT_DRUGS)
    of_items = Rows.of(
        "therapy_item", items["at"].to_numpy(), items["id"].to_numpy(), (true, false | (without_drug & ~true))
    )
    # A course without items: an operation says no; a systemic one may have been any drug.
    bare = courses.filter(~pl.col("id").is_in(items["therapy"].unique().implode()))
    no = Coded.of(bare["modality"]).among(_WITHOUT_DRUGS)
    of_courses = Rows.of("therapy", bare["at"].to_numpy(), bare["id"].to_numpy(), (np.zeros_like(no), no))
    return Evidence((of_items, of_courses))


@evidence.register
def _systemic_lines(leaf: SystemicLines, population: Population, as_of: date) -> Evidence:
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
    return Evidence(
        (Rows.of("therapy", placed["at"].to_numpy(), placed["id"].to_numpy(), decided),), every=True
    )
