"""What the rows say that an answer stands on: in words, and as a number where a criterion sets limits to one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.codes import oncotree, units
from kohort.match.answers.outcomes import limits_of
from kohort.match.criteria import Age, Laboratory, Leaf, Marker, Mutation, PerformanceStatus, Tmb
from kohort.match.criteria.ranges import Floats, Range, bounds
from kohort.match.engine.evaluation import evidence
from kohort.match.engine.truth import Mask
from kohort.match.people.births import birth_range
from kohort.match.people.columns import floats
from kohort.match.people.population import Population

__all__ = ["SCHEMA", "Readings", "distance", "looked_at"]

SCHEMA: dict[str, pl.DataType] = {
    "at": pl.Int32(),
    "table": pl.String(),
    "id": pl.Int64(),
    "said": pl.String(),
    "short_by": pl.Float64(),
}
"""Columns of `Readings.of`."""

_ASSAYS = {
    "mutation test": "mutation",
    "copy-number test": "copy_number",
    "structural-variant test": "structural_variant",
}
_NUMBERS = (Tmb, PerformanceStatus, Marker, Laboratory)
_YEAR = 365.25
_NOT_FOUND = "looked for, not found"


def distance(limits: Range, least: Floats, most: Floats, *, inside: bool) -> Floats:
    """How far numbers are from the nearest limit that they would have to reach; NaN if none can be reached.

    Args:
        limits: the range.
        least: smallest possible value of each number.
        most: greatest possible value, same shape; the nearest value of ``[least, most]`` counts.
        inside: True for numbers in the range that would have to leave it, False for those outside.
    """
    if inside:
        out_below = np.where(math.isfinite(limits.low), least - limits.low, np.inf)
        out_above = np.where(math.isfinite(limits.high), limits.high - most, np.inf)
        nearest = np.minimum(out_below, out_above)
    else:
        nearest = np.where(most <= limits.low, limits.low - most, least - limits.high)
    return np.where(np.isfinite(nearest), np.maximum(nearest, 0), np.nan)


def looked_at(leaf: Leaf, population: Population) -> Iterator[tuple[NDArray[np.integer], NDArray[np.int64]]]:
    """The tests that looked for what a leaf on a gene asks: for each gene the places of persons, and test ids."""
    if leaf.fact.kind in _ASSAYS:
        for gene in leaf.fact.subject.split(" or "):
            yield population.coverage.looked_at(gene, _ASSAYS[leaf.fact.kind])


class Readings:
    """The rows behind answers, read once for many criteria.

    Args:
        population: the persons.
        as_of: the day of matching.
    """

    def __init__(self, population: Population, as_of: date) -> None:
        self._population = population
        self._as_of = as_of
        self._told: dict[tuple[str, str], pl.DataFrame] = {}

    def of(self, leaf: Leaf, value: bool, who: Mask) -> pl.DataFrame:
        """The rows that a value of a leaf stands on.

        Args:
            leaf: the criterion.
            value: the value that the persons have.
            who: the persons, shape ``(population.size,)``.

        Returns:
            One row a person and row: columns of `SCHEMA`; ``said`` is what the row says, ``short_by`` how far its
            number is from the nearest limit that it would have to pass, null where there is no number.
        """
        parts = [pl.DataFrame(schema=SCHEMA), *self._cited(leaf, value, who)]
        rows = pl.concat([part.select(*SCHEMA) for part in parts])
        rows = rows.unique(["at", "table", "id"], keep="first", maintain_order=True)
        # That nothing was found is said only of those of whom nothing else is.
        silent = pl.col("said").is_null() | (pl.col("said") == _NOT_FOUND)
        return rows.with_columns(said=pl.when(~silent | silent.all().over("at")).then("said"))

    def _cited(self, leaf: Leaf, value: bool, who: Mask) -> Iterator[pl.DataFrame]:
        found = evidence(leaf, self._population, self._as_of)
        said = value != found.negated
        for rows in found.rows:
            chosen = (rows.true if said else rows.false) & who[rows.at]
            if not chosen.any():
                continue
            at, row_id = (pl.Series(values[chosen]) for values in (rows.at, rows.id))
            frame = pl.DataFrame({"at": at.cast(pl.Int32), "id": row_id}).with_columns(table=pl.lit(rows.table))
            if isinstance(leaf, Age):
                yield self._aged(leaf, value, frame)
            else:
                yield self._measured(leaf, value, frame, rows.table)
        if not said:  # a no by absence stands on the tests that looked
            yield from self._looked(leaf, who)
        if not value and isinstance(leaf, Mutation):
            yield self._instead(leaf, who)

    def _looked(self, leaf: Leaf, who: Mask) -> Iterator[pl.DataFrame]:
        for at, test in looked_at(leaf, self._population):
            here = who[at]
            frame = pl.DataFrame({"at": pl.Series(at[here]).cast(pl.Int32), "id": pl.Series(test[here])})
            silent = {"table": pl.lit("test"), "said": pl.lit(_NOT_FOUND), "short_by": pl.lit(None, pl.Float64)}
            yield frame.with_columns(**silent)

    def _instead(self, leaf: Mutation, who: Mask) -> pl.DataFrame:
        """Other mutations of the gene that were found in its place."""
        variants = self._population.mutations
        rows = variants.place(leaf.gene)
        here = who[variants.at[rows]]
        at, row_id = pl.Series(variants.at[rows][here]).cast(pl.Int32), pl.Series(variants.id[rows][here])
        frame = pl.DataFrame({"at": at, "id": row_id}).with_columns(table=pl.lit("variant"))
        return self._measured(leaf, False, frame, "variant")

    def _measured(self, leaf: Leaf, value: bool, frame: pl.DataFrame, table: str) -> pl.DataFrame:
        told = frame.join(self._words(table, leaf), on="id", how="left", maintain_order="left")
        limits = limits_of(leaf)
        if limits is None or not isinstance(leaf, _NUMBERS) or "number" not in told.columns:
            return told.with_columns(short_by=pl.lit(None, pl.Float64))
        least, most = self._numbers(leaf, told)
        return told.with_columns(short_by=_null(distance(limits, least, most, inside=value)))

    def _numbers(self, leaf: Leaf, told: pl.DataFrame) -> tuple[Floats, Floats]:
        """The numbers of rows in the unit of the leaf, as intervals."""
        number = floats(told["number"])
        if isinstance(leaf, Laboratory):
            if leaf.of == "value":
                known = leaf.known
                substance = None if known is None else known.substance
                number = number * _factors(told["unit"], str(leaf.unit), substance)
            else:
                number = number / floats(told["reference_high" if leaf.of == "upper_limit" else "reference_low"])
        return bounds(number, told["comparator"].to_numpy())

    def _aged(self, leaf: Age, value: bool, frame: pl.DataFrame) -> pl.DataFrame:
        """Ages in exact years on the day of matching, or completed ones at diagnosis."""
        if leaf.at == "diagnosis":
            ages = self._population.diagnosis_ages.select("id", "low", "high")
            placed = frame.join(ages.unique("id"), on="id", how="left", maintain_order="left")
            least, most = floats(placed["low"]), floats(placed["high"])
            short_by = distance(leaf.years, least, most, inside=value)
        else:
            place = frame["at"].to_numpy()
            low, high = (days[place] for days in self._population.birth_interval(self._as_of))
            today = float((self._as_of - date(1970, 1, 1)).days)
            wanted = birth_range(leaf.years, self._as_of, completed=leaf.reading == "completed")
            short_by = distance(wanted, low, high, inside=value) / _YEAR
            least, most = (today - high) / _YEAR, (today - low) / _YEAR
        said = [_age(a, b) for a, b in zip(least.tolist(), most.tolist(), strict=True)]
        return frame.with_columns(said=pl.Series(said, dtype=pl.String), short_by=_null(short_by))

    def _words(self, table: str, leaf: Leaf) -> pl.DataFrame:
        """What each row of a table says, by ``id``, with ``number``, ``comparator`` and ``unit`` where it has them."""
        aspect = type(leaf).__name__ if table == "test" else ""
        if (table, aspect) not in self._told:
            self._told[table, aspect] = self._read(table, aspect).unique("id")
        return self._told[table, aspect]

    def _read(self, table: str, aspect: str) -> pl.DataFrame:
        columns, words = _TELLING.get(table, ((), pl.lit(None, pl.String)))
        if table == "test":
            words = {"Tmb": pl.col("tmb").cast(pl.String), "Msi": pl.col("msi"), "Mmr": pl.col("msi")}.get(
                aspect, pl.lit(_NOT_FOUND)
            )
        rows = self._population.frame(table, list(columns))
        told = rows.with_columns(said=words)
        if table == "test":
            told = told.with_columns(number=pl.col("tmb"), comparator=pl.lit(None, pl.String))
        if table == "finding":
            told = told.rename({"value_number": "number"})
        if table == "tumour":
            names = {code: f"{oncotree.find(code).name} ({code})" for code in oncotree.all_codes()}
            told = told.with_columns(said=pl.col("said").replace(names))
        return told.drop("at")


_FINDING = (
    "code_code",
    "value_number",
    "comparator",
    "unit",
    "value_code",
    "value_text",
    "reference_low",
    "reference_high",
)
_AMOUNT = pl.concat_str(
    pl.col("comparator").replace("=", "").fill_null(""),
    pl.col("value_number").cast(pl.String).str.strip_suffix(".0"),
    pl.when(pl.col("unit").is_null() | (pl.col("unit") == "1")).then(pl.lit("")).otherwise(" " + pl.col("unit")),
)
_COPIES = pl.col("copies").replace_strict(
    {-2: "deep loss", -1: "loss", 0: "neutral", 1: "gain", 2: "amplification"}, return_dtype=pl.String, default=None
)
_TELLING: dict[str, tuple[tuple[str, ...], pl.Expr]] = {
    "person": (("sex_code",), pl.col("sex_code")),
    "tumour": (("oncotree_code", "kind"), pl.coalesce("oncotree_code", "kind")),
    "stage": (("stage_group", "m"), pl.concat_str("stage_group", "m", separator=", ", ignore_nulls=True)),
    "finding": (_FINDING, pl.coalesce(_AMOUNT, "value_code", "value_text", "code_code")),
    "specimen": (("kind",), pl.col("kind")),
    "therapy": (
        ("modality", "line"),
        pl.concat_str("modality", "line " + pl.col("line").cast(pl.String), separator=", ", ignore_nulls=True),
    ),
    "therapy_item": (("item_code",), pl.col("item_code")),
    "test": (("tmb", "msi"), pl.lit(None, pl.String)),
    "variant": (
        ("gene", "partner", "hgvs_p", "class", "copies"),
        pl.concat_str(
            pl.col("gene") + ("-" + pl.col("partner")).fill_null(""),
            pl.coalesce("hgvs_p", _COPIES, "class"),
            separator=" ",
            ignore_nulls=True,
        ),
    ),
}
"""What is shown of a row of each table: the columns to read, and the words made of them."""


def _factors(given: pl.Series, wanted: str, substance: units.Substance | None) -> Floats:
    """What numbers of each unit are multiplied with; NaN where that cannot be told."""
    found = {unit: units.factor(unit or "1", wanted, substance) for unit in given.unique().to_list()}
    return np.array([found[unit] or math.nan for unit in given.to_list()], dtype=np.float64)


def _age(least: float, most: float) -> str:
    """Years with one decimal, rounded down as ages are."""
    low, high = (f"{math.floor(years * 10) / 10:g}" if math.isfinite(years) else "" for years in (least, most))
    if low == high:
        return low
    return f"at least {low}" if not high else f"at most {high}" if not low else f"{low} to {high}"


def _null(numbers: Floats) -> pl.Series:
    return pl.Series(numbers, dtype=pl.Float64).fill_nan(None)
