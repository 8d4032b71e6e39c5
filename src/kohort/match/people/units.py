"""What is matched: persons, or each of their samples by itself.

For samples, a row that says which specimen or tumour it is about counts for the samples of that specimen or tumour
only; a row that does not say counts for all samples of its person. Recurrences and metastases belong to their
primary.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from kohort.tables import TableSet

__all__ = ["Unit", "link_of", "place_by_person", "place_by_sample", "units"]

Unit = Literal["person", "sample"]

_BY_SPECIMEN = {"specimen": "id", "test": "specimen", "finding": "specimen", "variant": "test"}
_BY_TUMOUR = {"tumour": "id", "stage": "tumour"}


def units(tables: TableSet, unit: Unit) -> pl.DataFrame:
    """One row a unit, in order: ``person``, ``sample`` and ``tumour`` (0 where unknown) and ``at``, its place."""
    people = tables.frame("person", ["person"]).select(pl.col("person").unique().sort())
    if unit == "person":
        frame = people.with_columns(sample=pl.lit(0, pl.Int64), tumour=pl.lit(0, pl.Int64))
    else:
        specimens = tables.frame("specimen", ["person", "id", "tumour"]).rename({"id": "sample"})
        found = specimens.with_columns(_primary(tables, specimens["tumour"]).alias("tumour"))
        frame = people.join(found, on="person", how="left").fill_null(0).sort("person", "sample")
    return frame.with_columns(at=pl.Series(np.arange(frame.height, dtype=np.int32)))


def place_by_person(frame: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``at``, the place of their person, in place of ``person``."""
    # Only the person column is joined: the others, often long texts, are not copied for it.
    at = frame.select("person").join(places.select("person", "at"), on="person", how="left", maintain_order="left")
    placed = frame.drop("person").with_columns(at["at"])
    return placed.filter(at["at"].is_not_null()) if at["at"].null_count() else placed


def place_by_sample(frame: pl.DataFrame, table: str, places: pl.DataFrame, tables: TableSet) -> pl.DataFrame:
    """The rows with ``at``, once for each sample of their person that they may be about, without ``person``."""
    about, own = _about(frame, table, tables)
    placed = frame.with_columns(_about=about).join(places, on="person", how="inner", maintain_order="left_right")
    if own:
        known = pl.col("_about").is_not_null() & (pl.col(f"{own}_right" if own in frame.columns else own) != 0)
        here = pl.col(f"{own}_right" if own in frame.columns else own)
        placed = placed.filter(~known | (pl.col("_about") == here))
    return placed.select(*(name for name in frame.columns if name != "person"), "at")


def link_of(table: str) -> str | None:
    """The column that says which specimen, test or tumour a row of the table is about."""
    return _BY_SPECIMEN.get(table) or _BY_TUMOUR.get(table)


def _about(frame: pl.DataFrame, table: str, tables: TableSet) -> tuple[pl.Series, str]:
    """What each row is about, and whether that is a sample or a tumour; an empty word for neither."""
    link = link_of(table)
    if link is None:
        return pl.Series([None] * frame.height, dtype=pl.Int64), ""
    given = frame[link]
    if table in _BY_TUMOUR:
        return _primary(tables, given, orphans=table == "tumour"), "tumour"
    if table == "variant":
        tests = tables.frame("test", ["id", "specimen"])
        given = given.replace_strict(tests["id"], tests["specimen"], default=None, return_dtype=pl.Int64)
    return given, "sample"


def _primary(tables: TableSet, tumours: pl.Series, *, orphans: bool = False) -> pl.Series:
    """The primary of each tumour: its parent, else itself.

    Args:
        tables: where the tumours stand.
        tumours: ids, null allowed.
        orphans: null for a recurrence or metastasis that names no parent, since it may be any tumour's.
    """
    found = tables.frame("tumour", ["id", "parent", "kind"])
    root = pl.coalesce("parent", "id")
    if orphans:
        lost = pl.col("parent").is_null() & pl.col("kind").is_in(["recurrence", "metastasis"])
        root = pl.when(lost).then(None).otherwise(root)
    roots = found.select("id", root=root)
    return tumours.replace_strict(roots["id"], roots["root"], default=tumours, return_dtype=pl.Int64)
