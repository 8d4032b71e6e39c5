"""Checking rows against their declaration: one rule a column, and the rules over several columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from kohort.tables.model import Table

__all__ = ["Rule", "Violation", "rules", "violations"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a table.

    Attributes:
        name: e.g. ``required``, ``not_in_list``, ``out_of_range``, or the name of a declared check.
        column: the column it is about; for a check over several columns the first one named in it.
        bad: true where a row breaks the rule.
        words: what a person reads.
    """

    name: str
    column: str
    bad: pl.Expr
    words: str


@dataclass(frozen=True, slots=True)
class Violation:
    """Rows of a frame that break a rule.

    Attributes:
        rule: the rule.
        rows: positions in the frame, from 0.
    """

    rule: Rule
    rows: pl.Series


def rules(declared: Table, present: frozenset[str]) -> Iterator[Rule]:
    """The rules of a table for a frame that has the columns ``present``; an absent column is null throughout."""
    for column in declared.columns:
        here = pl.col(column.name)
        if column.name not in present:
            if column.required:
                words = f"{column.name} is missing"
                yield Rule("required", column.name, pl.lit(value=True), words)
            continue
        if column.required:
            yield Rule("required", column.name, here.is_null(), f"{column.name} is missing")
        if column.values:
            allowed = ", ".join(column.values)
            words = f"{column.name} is none of {allowed}"
            yield Rule("not_in_list", column.name, ~here.is_in(list(column.values)), words)
        if column.type in ("float64", "float32"):
            yield Rule("not_finite", column.name, ~here.is_finite(), f"{column.name} is no finite number")
        if column.minimum is not None or column.maximum is not None:
            low = pl.lit(value=False) if column.minimum is None else here < column.minimum
            high = pl.lit(value=False) if column.maximum is None else here > column.maximum
            span = f"{column.minimum if column.minimum is not None else ''} to {column.maximum or ''}".strip()
            words = f"{column.name} is outside {span} {column.unit}".rstrip()
            yield Rule("out_of_range", column.name, low | high, words)
    yield from _checks(declared, present)


def _checks(declared: Table, present: frozenset[str]) -> Iterator[Rule]:
    for check in declared.checks:
        named = [name for name in declared.names if name in check.sql]
        if not present.isdisjoint(named):
            yield Rule(check.name, named[0], ~pl.sql_expr(check.sql), check.words)


def violations(declared: Table, frame: pl.DataFrame) -> list[Violation]:
    """The rules that rows of ``frame`` break; a null never breaks a rule but ``required``.

    Args:
        declared: the table.
        frame: rows with declared types; columns left out are taken as null.
    """
    present = frozenset(frame.columns)
    absent = {n: t for n, t in declared.polars_schema.items() if n not in present and _named(declared, n)}
    whole = frame.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in absent.items())
    listed = list(rules(declared, present))
    if not listed or not frame.height:
        return []
    flags = whole.select(rule.bad.fill_null(value=False).alias(str(i)) for i, rule in enumerate(listed))
    broken = flags.select(pl.all().any()).row(0)
    return [
        Violation(rule, (flags[str(i)] if flags.height == frame.height else _all(frame)).arg_true())
        for i, rule in enumerate(listed)
        if broken[i]
    ]


def _all(frame: pl.DataFrame) -> pl.Series:
    return pl.Series([True] * frame.height, dtype=pl.Boolean)


def _named(declared: Table, column: str) -> bool:
    return any(column in check.sql for check in declared.checks)
