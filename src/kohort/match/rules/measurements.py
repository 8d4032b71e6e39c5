"""How criteria on measurements are decided: laboratory values and markers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kohort.codes import units
from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.measurements import Laboratory, Marker
from kohort.match.criteria.ranges import Floats, bounds
from kohort.match.engine.truth import Mask
from kohort.match.people.columns import Coded, floats
from kohort.match.people.moments import Moments, day_number
from kohort.match.people.population import Population
from kohort.match.rules.clinical import latest
from kohort.match.rules.rows import Evidence, Rows

__all__ = ["RULES"]

_POSITIVE = ("positive", "pos", "+", "detected", "present", "overexpressed")
_NEGATIVE = ("negative", "neg", "-", "not detected", "absent")
_LOW = ("low", "her2-low", "her2 low")


def laboratory(leaf: Laboratory, population: Population, as_of: date) -> Evidence:
    """The latest value; those that may be the latest must agree, and be young enough."""
    found = population.laboratory.get(leaf.test)
    if found is None:
        return Evidence()
    true, false = leaf.range.decide(*bounds(_compared(leaf, found), found["comparator"].to_numpy()))
    if leaf.within_days is not None:
        taken = Moments.of(found, "found", population.origins)
        young = day_number(as_of) - taken.first <= leaf.within_days
        true, false = true & young, false & young
    rows = Rows.statements("finding", found, true, false)
    return Evidence((rows.kept(latest(found, "found", population)),), every=True)


def _compared(leaf: Laboratory, found: pl.DataFrame) -> Floats:
    """The values in the unit that is asked, or as multiples of a limit; NaN where that cannot be told."""
    value = floats(found["value_number"])
    if leaf.of != "value":
        limit = floats(found["reference_high" if leaf.of == "upper_limit" else "reference_low"])
        return _rounded(np.divide(value, limit, out=np.full_like(value, np.nan), where=limit > 0))
    substance = leaf.known.substance if leaf.known else None
    # Without a unit a number is taken as plain.
    written = Coded.of(found["unit"].fill_null("1"))
    factors = [units.factor(unit, str(leaf.unit), substance) for unit in written.values]
    return _rounded(value * np.array([np.nan if one is None else one for one in factors] + [np.nan])[written.codes])


def _rounded(values: Floats) -> Floats:
    """Each distinct value rounded to what a result can mean, so that 60 of 40 is 1.5 times."""
    distinct, places = np.unique(values, return_inverse=True)
    return np.array([units.rounded(one) for one in distinct.tolist()], dtype=np.float64)[places]


def marker(leaf: Marker, population: Population, as_of: date) -> Evidence:
    """Any result of a marker, by status or score; results that say neither are void."""
    found = population.markers.get(leaf.name)
    if found is None:
        return Evidence()
    if leaf.range is not None:
        return Evidence((Rows.results("finding", found, *leaf.range.decide(*_scores(leaf, found))),))
    if leaf.status == "low":
        return _her2_low(found, population)
    positive, negative, low = _statuses(found)
    # HER2-low is negative: not overexpressed.
    answers = (positive, negative | low)
    return Evidence((Rows.results("finding", found, *(answers if leaf.status == "positive" else answers[::-1])),))


def _statuses(found: pl.DataFrame) -> tuple[Mask, Mask, Mask]:
    """Results that are positive, negative, and low."""
    words = Coded.of(found.select(pl.coalesce("value_code", "value_text").str.to_lowercase().alias("word"))["word"])
    positive, negative, low = (words.among(group) for group in (_POSITIVE, _NEGATIVE, _LOW))
    return positive, negative, low


def _scores(leaf: Marker, found: pl.DataFrame) -> tuple[Floats, Floats]:
    """Least and greatest possible score of each result."""
    value, comparator = floats(found["value_number"]), found["comparator"].to_numpy()
    written = Coded.of(found["unit"].fill_null(leaf.unit))
    factors = [units.factor(unit, leaf.unit) for unit in written.values]
    scaled = _rounded(value * np.array([np.nan if one is None else one for one in factors] + [np.nan])[written.codes])
    if leaf.name == "HER2":
        scaled = np.where(np.isnan(scaled), _written_score(found), scaled)
    return bounds(scaled, comparator)


def _written_score(found: pl.DataFrame) -> Floats:
    """Scores of HER2 written as ``2+``; NaN for other texts."""
    pattern = re.compile(r"\s*(?:ihc\s*)?([0-3])\s*\+?\s*", re.IGNORECASE)
    score = np.full(found.height, np.nan)
    for column in ("value_text", "value_code"):
        written = Coded.of(found[column])
        read = [pattern.fullmatch(text) for text in written.values]
        here = np.array([float(one[1]) if one else np.nan for one in read] + [np.nan])[written.codes]
        score = np.where(np.isnan(score), here, score)
    return score


def _her2_low(found: pl.DataFrame, population: Population) -> Evidence:
    """HER2 of score 1, or of score 2 without amplification by in-situ hybridisation."""
    least, most = _scores(Marker("HER2", status="low"), found)
    score = np.where(least == most, least, np.nan)
    positive, negative, low = _statuses(found)
    amplified, normal = np.zeros((2, population.size), dtype=np.bool_)
    hybridised = population.markers.get("HER2 ISH")
    if hybridised is not None:
        at, (is_amplified, is_normal, _) = hybridised["at"].to_numpy(), _statuses(hybridised)
        amplified[at[is_amplified]], normal[at[is_normal]] = True, True
    here = found["at"].to_numpy()
    true = low | (score == 1) | ((score == 2) & normal[here] & ~amplified[here])
    is_scored = ~np.isnan(score)
    # A negative without its score is 0 or low, and decides nothing.
    false = (score == 0) | (score == 3) | ((score == 2) & amplified[here]) | (positive & ~is_scored)
    open_ = ~true & ~false & (negative | is_scored)
    return Evidence((Rows("finding", here, found["id"].to_numpy(), true, false & ~true, open_),))


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {
    Laboratory: laboratory,
    Marker: marker,
}
"""The rule for each kind of leaf of this module."""
