"""Patterns of a knowledge pack, laid out for joins.

A pattern is an alteration in canonical text: one change, a class over a codon, an exon, a domain or the gene, or
several of these joined by ``or``, ``and`` and ``not``. It becomes options of literals, and each literal rows (gene,
kind of alteration that may fit, what is compared); matching is then a join on gene and kind, and one comparison.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.matching.leaves import LEAF_SCHEMA, LeafRow, exon_ranges, leaf_rows
from kohort.profile.matching.options import MATCH_LEVELS, Literal, Option, options_of

__all__ = ["MATCH_LEVELS", "Patterns", "exon_ranges", "is_matchable", "lay_out"]

_OPTION_SCHEMA: dict[str, type[pl.DataType]] = {
    "pattern": pl.UInt32,
    "option": pl.UInt16,
    "literal": pl.UInt32,
    "wanted": pl.Boolean,
    "wanted_parts": pl.UInt16,
    "is_simple": pl.Boolean,
}


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct patterns of an evidence frame.

    Attributes:
        evidence: ``evidence_row`` and its ``pattern``.
        origins: ``pattern`` and the ``p_origin`` that its alterations must have; null for any.
        options: ``pattern``, ``option``, ``literal``, ``wanted`` (False: it must be absent), ``wanted_parts`` (how many
            literals of the option are wanted) and ``is_simple`` (no option of the pattern joins or negates anything).
        leaves: ``literal`` and the columns of ``LEAF_SCHEMA``.
        literals: the literals; a literal's number is its place here.
    """

    evidence: pl.DataFrame
    origins: pl.DataFrame
    options: pl.DataFrame
    leaves: pl.DataFrame
    literals: tuple[Literal, ...] = field(repr=False)


def is_matchable(pattern: Alteration) -> bool:
    """True if a patient's tables can show that a pattern holds; what was not understood they cannot."""
    return bool(options_of(pattern))


def lay_out(evidence: pl.DataFrame) -> Patterns:
    """The patterns of an evidence frame, each distinct one once.

    Args:
        evidence: columns ``evidence_row`` (its number), ``gene``, ``alteration`` and, where only such a change counts,
            ``origin``.
    """
    origin = pl.col("origin") if "origin" in evidence.columns else pl.lit(None, dtype=pl.String).alias("origin")
    numbered = evidence.select("evidence_row", "gene", "alteration", origin)
    distinct = (
        numbered.group_by("gene", "alteration", "origin", maintain_order=True)
        .agg("evidence_row")
        .with_row_index("pattern")
    )
    options, literals = _options(distinct)
    return Patterns(
        evidence=distinct.select("pattern", "evidence_row").explode("evidence_row"),
        origins=distinct.select("pattern", pl.col("origin").alias("p_origin")),
        options=options,
        leaves=_leaves(literals),
        literals=literals,
    )


@functools.cache
def _read(gene: str | None, text: str) -> tuple[Option, ...]:
    return options_of(normalise(text, gene))


@functools.cache
def _leaf_rows(literal: Literal) -> tuple[LeafRow, ...]:
    return tuple(leaf_rows(literal))


def _options(distinct: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Literal, ...]]:
    """All options of all patterns, and the literals that they are made of."""
    numbers: dict[Literal, int] = {}
    rows: list[tuple[object, ...]] = []
    for pattern, gene, text in distinct.select("pattern", "gene", "alteration").iter_rows():
        options = _read(gene, text)
        simple = all(len(option) == 1 and option[0].wanted for option in options)
        for number, option in enumerate(options):
            wanted = sum(literal.wanted for literal in option)
            for literal in option:
                place = numbers.setdefault(literal, len(numbers))
                rows.append((pattern, number, place, literal.wanted, wanted, simple))
    return _frame(rows, _OPTION_SCHEMA), tuple(numbers)


def _leaves(literals: tuple[Literal, ...]) -> pl.DataFrame:
    rows = [(number, *row) for number, literal in enumerate(literals) for row in _leaf_rows(literal)]
    return _frame(rows, {"literal": pl.UInt32, **LEAF_SCHEMA})


def _frame(rows: Sequence[tuple[object, ...]], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """Rows as a frame; by columns, which is several times faster than row by row."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    named = zip(schema.items(), columns, strict=True)
    return pl.DataFrame([pl.Series(name, values, dtype=kind) for (name, kind), values in named])
