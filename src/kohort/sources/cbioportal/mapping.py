"""How lines of a cBioPortal file are checked and turned into rows: one `Kind` a file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kohort.sources.cbioportal.context import MISSING, Study
from kohort.sources.delimited import DelimitedFile, RawChunk
from kohort.sources.model import LINE, Chunk, LineFinding, Rows, Severity

__all__ = ["Kind", "LineCheck", "TableFile", "clean", "first_of", "not_integer", "not_number", "number_of"]


@dataclass(frozen=True, slots=True)
class LineCheck:
    """A rule for each line: ``bad`` is true where the line breaks it; ``value`` is shown, else that of the column."""

    rule: str
    column: str
    bad: pl.Expr
    message: str
    severity: Severity = "quarantined"
    value: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format of cBioPortal.

    Attributes:
        name: short name, part of the adapter's name.
        required: columns (upper case) without which no line can be read.
        checks: rules for the lines of a frame.
        rows: standard rows of the lines that passed.
        private: columns whose values may name a patient.
        known: columns that are understood; others are reported. Empty: all columns are kept.
        types: types of columns that hold numbers.
        order: columns that the format puts in this order; columns are read by name, another order is warned of.
        prepare: adds columns to a frame that both checks and rows need.
    """

    name: str
    required: tuple[str, ...]
    checks: Callable[[pl.DataFrame, Study], Sequence[LineCheck]]
    rows: Callable[[pl.DataFrame, Study], Sequence[Rows]]
    private: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    types: Mapping[str, pl.DataType] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    prepare: Callable[[pl.DataFrame, Study], pl.DataFrame] = lambda frame, study: frame


@dataclass(frozen=True, slots=True)
class TableFile:
    """One tab-separated file of a study folder."""

    path: Path
    kind: Kind
    study: Study
    encoding: str = "utf-8"

    @property
    def adapter(self) -> str:
        """Format and version of the reader."""
        return f"cbioportal.{self.kind.name}/1"

    @property
    def reading(self) -> str:
        """Reader, encoding and the state of the study's other files."""
        return f"{self.adapter}|{self.encoding}|{self.study.digest}"

    @property
    def private_columns(self) -> frozenset[str]:
        """Columns whose values may name a patient."""
        return self.kind.private

    def chunks(self) -> Iterator[Chunk]:
        """The file in pieces, in order."""
        line = 1
        for number, raw in enumerate(DelimitedFile(self.path, self.encoding, types=self.kind.types).chunks()):
            missing = [name for name in self.kind.required if name not in raw.header]
            if missing:
                yield self._without_columns(raw, missing, line, number)
            else:
                yield self.chunk(raw, first=number == 0)
            line += raw.lines
        if line == 1:
            yield Chunk((), (LineFinding(0, "warning", "empty_file", "The file is empty. Send it again."),), 0, ())

    def _without_columns(self, raw: RawChunk, missing: list[str], line: int, number: int) -> Chunk:
        message = (
            f"The mandatory column {missing[0]} is missing, so no line of the file can be read. "
            "Add the column (names are compared without case) and ingest the file again."
        )
        finding = LineFinding(0, "quarantined", "missing_column", message, missing[0])
        return Chunk((), (finding,) if number == 0 else (), raw.lines, range(line, line + raw.lines))

    def chunk(self, raw: RawChunk, *, first: bool = True) -> Chunk:
        """Rows and findings of a piece that has the mandatory columns; the first one speaks of the columns too."""
        findings = list(raw.findings)
        if first:
            findings += [*self._unknown_columns(raw), *self._disorder(raw)]
        prepared = self.kind.prepare(raw.frame, self.study)
        frame, broken = _apply(self.kind.checks(prepared, self.study), prepared)
        findings += broken
        aside = sorted({f.line for f in findings if f.severity == "quarantined" and f.line > 0})
        rows = self.kind.rows(frame, self.study) if frame.height else ()
        return Chunk(rows, findings, raw.lines, aside)

    def _unknown_columns(self, raw: RawChunk) -> list[LineFinding]:
        extra = [n for n in raw.header if self.kind.known and n not in self.kind.known and not n.startswith("_")]
        if not extra:
            return []
        message = f"{len(extra)} columns have no place in the standard tables and were not kept: {', '.join(extra)}."
        return [LineFinding(0, "warning", "unknown_column", message, extra[0])]

    def _disorder(self, raw: RawChunk) -> list[LineFinding]:
        present = [name for name in self.kind.order if name in raw.header]
        places = [raw.header.index(name) for name in present]
        if places == sorted(places):
            return []
        first = next(name for name, place, right in zip(present, places, sorted(places), strict=True) if place != right)
        message = (
            "The columns are not in the order of the format. They were read by their names; "
            "compare some lines with the header, in case only the header was changed."
        )
        return [LineFinding(0, "warning", "unusual_column_order", message, first)]


def _apply(checks: Sequence[LineCheck], frame: pl.DataFrame) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The lines that passed, and a finding for each line that did not."""
    if not checks or not frame.height:
        return frame, []
    flags = frame.select(c.bad.fill_null(value=False).alias(str(i)) for i, c in enumerate(checks))
    hit = [i for i, broken in enumerate(flags.select(pl.all().any()).row(0)) if broken]
    findings: list[LineFinding] = []
    for i in hit:
        check = checks[i]
        value = pl.col(check.column) if check.column in frame.columns else pl.lit(None, dtype=pl.String)
        value = value if check.value is None else check.value
        for line, text in frame.filter(flags[str(i)]).select(pl.col(LINE), value.alias("value")).iter_rows():
            findings.append(LineFinding(line, check.severity, check.rule, check.message, check.column, text))
    aside = [str(i) for i in hit if checks[i].severity == "quarantined"]
    if aside:
        frame = frame.filter(~flags.select(pl.any_horizontal(aside)).to_series())
    return frame, findings


def first_of(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of these columns that the file has, cleaned; null if it has none."""
    for name in names:
        if name in frame.columns:
            return clean(name) if frame.schema[name] == pl.String else pl.col(name)
    return pl.lit(None, dtype=pl.String)


def clean(name: str) -> pl.Expr:
    """A text column, null also where it says that nothing is recorded."""
    return pl.when(~pl.col(name).is_in(MISSING)).then(pl.col(name))


def number_of(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of these columns that the file has, as float64."""
    return first_of(frame, *names).cast(pl.Float64, strict=False)


def not_number(frame: pl.DataFrame, *names: str) -> list[LineCheck]:
    """The rule, for each of these columns that the file has, that it holds a number or nothing."""
    checks = []
    for name in names:
        if name in frame.columns and frame.schema[name] == pl.String:
            bad = clean(name).is_not_null() & clean(name).cast(pl.Float64, strict=False).is_null()
            message = f"{name} is not a number; the line was kept without it. Correct it."
            checks.append(LineCheck("not_a_number", name, bad, message, "warning"))
    return checks


def not_integer(frame: pl.DataFrame, *names: str) -> list[LineCheck]:
    """The rule, for each of these columns that the file has, that it holds a whole number (5.0 is one) or nothing."""
    checks = []
    for name in names:
        if name in frame.columns and frame.schema[name] == pl.String:
            number = clean(name).cast(pl.Float64, strict=False)
            bad = clean(name).is_not_null() & (number.is_null() | (number != number.round()))
            checks.append(LineCheck("not_a_whole_number", name, bad, f"{name} is not a whole number. Correct it."))
    return checks
