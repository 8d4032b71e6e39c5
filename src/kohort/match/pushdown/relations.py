"""Which rows bear on a kind of criterion, and what of them: the part of a rule that the engine carries out.

A `Relation` names rows of the engine and the columns that a rule reads. Its rows have *contents*: the distinct
values of these columns, few where rows are many. Contents are turned into rows of standard tables again, one
person each, so that the rules of the in-memory index judge them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import polars as pl

from kohort.match.pushdown.source import Asked, Expression, Source

__all__ = ["CONTENT", "BareCourses", "GivenDrugs", "Relation", "Tests", "Variants"]

CONTENT = "content"
"""Column with the number of a content."""

_GENES_A_WORD = 62


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of one table.

    Attributes:
        table: the table.
        columns: what a rule reads of a row.
        when: the date column that says when a row became known.
        only: a column and the values it must have.
        number: a numeric column that a rule reads too. Its values are told apart only as far as the limits of
            the batch do, so that contents stay few.
    """

    table: str
    columns: tuple[str, ...] = ()
    when: str | None = None
    only: tuple[str, tuple[str, ...]] | None = None
    number: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Relations with one key have the same rows and are read in one pass."""
        return (type(self), self.table, self.only)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read of the table."""
        return self.columns if self.number is None else (*self.columns, self.number)

    def joined(self, other: Self) -> Self:
        """The same rows with the columns of both."""
        columns = tuple(dict.fromkeys(self.columns + other.columns))
        return replace(self, columns=columns, number=self.number or other.number)

    def rows(self, source: Source, asked: Asked) -> Expression:
        """The rows: ``person``, what `keys` names and ``number``."""
        rows = source.rows(self.table, self.read, self.when)
        return rows if self.only is None else rows.filter(rows[self.only[0]].isin(self.only[1]))

    def keys(self, source: Source, asked: Asked) -> tuple[str, ...]:
        """The columns whose values make a content."""
        return self.columns

    def standard_rows(self, contents: pl.DataFrame, source: Source, asked: Asked) -> Mapping[str, pl.DataFrame]:
        """Contents as rows of standard tables: one row each, of a person and with an id of that number."""
        return {self.table: _numbered(contents)}


@dataclass(frozen=True, slots=True)
class Variants(Relation):
    """Variants of some classes that name a gene of the batch, as the gene or as the partner.

    Attributes:
        named: the columns that may name it.
        detail: columns that are read only where the very change is asked. Most genes have as many changes as
            patients; for the others these columns are blank, and contents few.
    """

    table: str = "variant"
    named: tuple[str, ...] = ("gene",)
    detail: tuple[str, ...] = ()

    def rows(self, source: Source, asked: Asked) -> Expression:
        """The variants."""
        import ibis  # noqa: PLC0415 - takes a second

        assert self.only is not None  # noqa: S101 - a plan names the classes
        classes = self.only[1]
        rows = source.variants(classes, self.columns)
        wanted = [source.is_named(rows, c, classes, asked.genes) for c in self.named]
        if len(self.named) > 1:  # where neither end is named, it may be any gene
            wanted.append(ibis.and_(*(rows[column].isnull() for column in self.named)))
        rows = rows.filter(ibis.or_(*wanted))
        is_detailed = source.is_named(rows, "gene", classes, asked.detailed)
        blank = {name: is_detailed.ifelse(rows[name], ibis.null(rows[name].type())) for name in self.detail}
        return rows.mutate(**blank)


@dataclass(frozen=True, slots=True)
class Tests(Relation):
    """Tests; where they tell what was looked at, each with the genes of the batch that it could not assess.

    These genes are one bit each in columns ``gap0``, ``gap1`` ... of 62 genes.
    """

    table: str = "test"
    when: str | None = "reported"

    def rows(self, source: Source, asked: Asked) -> Expression:
        """The tests."""
        import ibis  # noqa: PLC0415 - takes a second

        tests = source.rows(self.table, ("id", *self.read), self.when)
        places = self._places(source, asked)
        if not places:
            return tests
        failed = source.variants(("not_assessed",), ["gene"])
        spelled = source.spellings("gene", ("not_assessed",)).filter(pl.col("approved").is_in(list(places)))
        place = ibis.cases(
            *((failed.gene == written, places[approved]) for written, approved in spelled.iter_rows()), else_=-1
        )
        # Distinct first: two spellings of one gene must not count twice, and then adding is setting bits.
        gaps = failed.select(test=failed.test, place=place).filter(ibis._.place >= 0).distinct()
        bit: Expression = ibis.cases(
            *((gaps.place % _GENES_A_WORD == i, 1 << i) for i in range(_GENES_A_WORD)), else_=0
        )
        words = {
            word: bit.cast("int64").sum(where=(gaps.place // _GENES_A_WORD) == number).fill_null(0).cast("int64")
            for number, word in enumerate(_words(places))
        }
        gapped = gaps.group_by("test").agg(**words)
        joined = tests.left_join(gapped, tests.id == gapped.test)
        return joined.mutate(**{word: joined[word].fill_null(0) for word in words})

    def keys(self, source: Source, asked: Asked) -> tuple[str, ...]:
        """The columns of the test and the words of bits."""
        return (*self.columns, *_words(self._places(source, asked)))

    def standard_rows(self, contents: pl.DataFrame, source: Source, asked: Asked) -> Mapping[str, pl.DataFrame]:
        """Tests, their ``not_assessed`` variants, and the genes of all panels."""
        places = self._places(source, asked)
        found = {"test": _numbered(contents.drop(_words(places)))}
        gaps = [
            contents.filter((pl.col(f"gap{at // _GENES_A_WORD}") // (1 << at % _GENES_A_WORD)) % 2 == 1).select(
                CONTENT, pl.lit(gene).alias("gene")
            )
            for gene, at in places.items()
        ]
        if gaps:
            rows = _numbered(pl.concat(gaps))
            found["variant"] = rows.with_columns(pl.lit("not_assessed").alias("class"), test=pl.col("id"))
        if "panel" in self.columns:
            found["code"] = source.panels
        return found

    def _places(self, source: Source, asked: Asked) -> dict[str, int]:
        """The genes of the batch that some test could not assess, and their places among the bits."""
        if "panel" not in self.columns:
            return {}
        known = source.spellings("gene", ("not_assessed",))["approved"]
        return {gene: place for place, gene in enumerate(sorted(asked.genes & set(known.drop_nulls().to_list())))}


def _words(places: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"gap{number}" for number in range(-(-len(places) // _GENES_A_WORD)))


@dataclass(frozen=True, slots=True)
class GivenDrugs(Relation):
    """Drugs and operations of known courses, each with what its course says.

    Attributes:
        of_course: columns of the course.
    """

    table: str = "therapy_item"
    columns: tuple[str, ...] = ("item_code",)
    of_course: tuple[str, ...] = ("modality", "setting")

    def rows(self, source: Source, asked: Asked) -> Expression:
        """The items."""
        items = source.rows(self.table, ("therapy", *self.columns))
        courses = source.rows("therapy", ("id", *self.of_course), "start")
        return items.inner_join(courses, [items.person == courses.person, items.therapy == courses.id])

    def keys(self, source: Source, asked: Asked) -> tuple[str, ...]:
        """Columns of item and course."""
        return self.columns + self.of_course

    def standard_rows(self, contents: pl.DataFrame, source: Source, asked: Asked) -> Mapping[str, pl.DataFrame]:
        """One course of one item for each content."""
        items = _numbered(contents.select(CONTENT, *self.columns)).with_columns(therapy=pl.col("id"))
        return {"therapy_item": items, "therapy": _numbered(contents.select(CONTENT, *self.of_course))}


@dataclass(frozen=True, slots=True)
class BareCourses(Relation):
    """Known courses of which no item is recorded."""

    table: str = "therapy"
    columns: tuple[str, ...] = ("modality", "setting")
    when: str | None = "start"

    def rows(self, source: Source, asked: Asked) -> Expression:
        """The courses."""
        items = source.rows("therapy_item", ["therapy"])
        courses = source.rows(self.table, ("id", *self.columns), self.when)
        return courses.anti_join(items, [courses.person == items.person, courses.id == items.therapy])


def _numbered(contents: pl.DataFrame) -> pl.DataFrame:
    return contents.with_columns(person=pl.col(CONTENT), id=pl.col(CONTENT)).drop(CONTENT)
