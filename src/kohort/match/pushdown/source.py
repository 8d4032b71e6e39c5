"""What a batch of criteria asks of an engine, and the rows of its tables that were known on a day."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any, Self, TypeAlias

import polars as pl

from kohort.errors import UserError
from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.molecular import Mutation
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.vocabulary import approved_gene
from kohort.store.engines import Engine

__all__ = ["Asked", "Expression", "Source"]

Expression: TypeAlias = Any
"""A table or column of Ibis. Its own annotations know too little of what a column can do to be of help."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a batch of leaves is about, so that the engine need not look at the rest.

    Attributes:
        genes: approved symbols of all genes that are named.
        detailed: those of which the very change is asked, and not only whether there is a mutation of some class.
        cuts: numbers in ascending order. Two values that no cut parts (a cut belongs to what is above it) lie
            alike in every range of the batch, also as the end of an interval such as "below 5".
    """

    genes: frozenset[str]
    detailed: frozenset[str]
    cuts: tuple[float, ...]

    @classmethod
    def by(cls, leaves: Iterable[Leaf]) -> Self:
        """What these leaves are about."""
        genes: set[str] = set()
        detailed: set[str] = set()
        limits: set[float] = set()
        for leaf in leaves:
            if isinstance(leaf, Mutation) and (leaf.protein_change or leaf.codon or leaf.exon or leaf.function):
                detailed.add(leaf.gene)
            genes |= {name for name in (getattr(leaf, part, None) for part in ("gene", "partner")) if name}
            values = [getattr(leaf, field.name) for field in fields(leaf)]
            limits |= {limit for v in values if isinstance(v, Range) for limit in (v.low, v.high)}
        cuts = {cut for limit in limits if math.isfinite(limit) for cut in _around(limit)}
        return cls(frozenset(genes), frozenset(detailed), tuple(sorted(cuts)))


def _around(limit: float) -> Iterator[float]:
    """A limit and the floating-point numbers next to it: "below 5" ends one step below 5."""
    yield math.nextafter(limit, -math.inf)
    for _ in range(3):
        yield limit
        limit = math.nextafter(limit, math.inf)


class Source:
    """The tables of an engine as they were known on a day.

    Attributes:
        engine: the engine.
        known_by: rows that carry a later calendar date are left out; None: no row is.
    """

    def __init__(self, engine: Engine, known_by: date | None) -> None:
        self.engine = engine
        self.known_by = known_by

    def rows(self, table: str, columns: Iterable[str], when: str | None = None) -> Expression:
        """Rows of a table that were known, by the date column ``when``: ``person`` and some columns."""
        rows: Expression = self.engine.table(table)
        if when is not None and self.known_by is not None:
            rows = rows.filter(rows[when].isnull() | (rows[when] <= self.known_by))
        return rows.select(*dict.fromkeys(("person", *columns)))

    def variants(self, classes: Sequence[str], columns: Iterable[str]) -> Expression:
        """Variants of some classes; a variant becomes known with its test."""
        rows = self.rows("variant", ("class", "test", *columns))
        rows = rows.filter(rows["class"].isin(classes))
        if self.known_by is None:
            return rows
        tests = self.rows("test", ["id"], "reported")
        return rows.semi_join(tests, rows.test == tests.id)

    def is_named(self, rows: Expression, column: str, classes: Sequence[str], genes: frozenset[str]) -> Expression:
        """Rows that name one of the genes in a column, in whatever spelling the table has."""
        found = self.spellings(column, classes).filter(pl.col("approved").is_in(list(genes)))
        return rows[column].isin(found["written"].to_list())

    def spellings(self, column: str, classes: Sequence[str]) -> pl.DataFrame:
        """The texts in a gene column of variants of some classes: ``written`` and ``approved``."""
        wanted = (pl.col("column") == column) & pl.col("class").is_in(list(classes))
        return self._names.filter(wanted).select("written", "approved").unique()

    @cached_property
    def _names(self) -> pl.DataFrame:
        """All texts in the gene columns of variants, asked once."""
        import ibis  # noqa: PLC0415 - takes a second

        rows = self.rows("variant", ("class", "gene", "partner"))
        one, other = (
            rows.filter(rows[name].notnull()).select("class", written=name, column=ibis.literal(name))
            for name in ("gene", "partner")
        )
        found = self.engine.read(one.union(other).distinct())
        approved = [_approved(text) for text in found["written"].to_list()]
        return found.with_columns(approved=pl.Series(approved, dtype=pl.String))

    @cached_property
    def panels(self) -> pl.DataFrame:
        """The genes of all panels, as the code table lists them; asked once."""
        rows: Expression = self.engine.table("code")
        return self.engine.read(rows.filter(rows.system.startswith("panel/")).select("system", "code").distinct())


def _approved(text: str) -> str | None:
    try:
        return approved_gene(text)
    except UserError:
        return None
