"""The rows of a source as tables in memory: one file can be read and annotated without a site, a key or a disk.

Ids are numbers in the order of appearance. They mean nothing outside the tables in which they stand, and the ids that
the source uses are not kept in the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from kohort.sources.model import KEY, LINE, PERSON, LineFinding, Rows, Source
from kohort.tables import MemoryTables, Table, table, violations

__all__ = ["SourceTables", "joined", "tables_in_memory"]


_FILE = "_file"
"""Column with the number of the file, from 1, also in tables that do not keep it."""


class SourceTables(MemoryTables):
    """Tables read from a source, and what is wrong with it.

    Attributes:
        findings: findings by file, those of lines and those of whole files.
        source_ids: id at the source to the number that stands for it, for patients.
    """

    def __init__(
        self,
        rows: Mapping[str, pl.DataFrame],
        findings: Mapping[Path, Sequence[LineFinding]],
        source_ids: Mapping[str, int],
    ) -> None:
        super().__init__(rows)
        self.findings = findings
        self.source_ids = source_ids


class _Numbers:
    """Natural keys to numbers, table by table, in the order in which they are met."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, int]] = {}

    def of(self, name: str, keys: pl.Series) -> pl.Series:
        """The numbers of natural keys of rows of a table; null stays null."""
        known = self.known.setdefault(name, {})
        numbers = [None if key is None else known.setdefault(key, len(known) + 1) for key in keys.to_list()]
        return pl.Series(numbers, dtype=pl.Int64)


def tables_in_memory(source: Source) -> SourceTables:
    """All rows of a source, checked as a site checks them.

    A row that breaks a rule of its table is left out with a finding; of rows that are stated twice the first counts,
    as in a site. A second line that states the same is a finding too.

    Args:
        source: what `kohort.sources.open_source` gives.
    """
    numbers = _Numbers()
    kept: dict[str, list[pl.DataFrame]] = {}
    findings: dict[Path, list[LineFinding]] = {path: list(found) for path, found in source.findings.items()}
    for place, file in enumerate(source.files, start=1):
        noted = findings.setdefault(file.path, [])
        for chunk in file.chunks():
            noted += chunk.findings
            for rows in chunk.rows:
                if rows.frame.height:
                    frame = _numbered(rows, numbers, place)
                    noted += _broken(table(rows.table), frame)
                    kept.setdefault(rows.table, []).append(frame)
    aside = _lines_aside(source, findings)
    made = {name: _once(pl.concat(frames, how="diagonal_relaxed"), aside) for name, frames in kept.items()}
    told = {path: tuple(noted) for path, noted in findings.items() if noted}
    return SourceTables(made, told, numbers.known.get("person", {}))


def joined(sources: Iterable[Source]) -> Source:
    """Several sources as one, in their order."""
    several = list(sources)
    findings: dict[Path, list[LineFinding]] = {}
    for source in several:
        for path, found in source.findings.items():
            findings.setdefault(path, []).extend(found)
    return Source([file for source in several for file in source.files], findings)


def _numbered(rows: Rows, numbers: _Numbers, file: int) -> pl.DataFrame:
    """Rows with ids for natural keys, and all columns of their declared types."""
    declared = table(rows.table)
    frame = rows.frame
    made = [numbers.of(rows.table, frame[KEY]).alias("id")]
    if "person" in declared:
        made.append(numbers.of("person", frame[PERSON]).alias("person"))
    made += [
        numbers.of(target, frame[column].cast(pl.String)).alias(column)
        for column, target in declared.references.items()
        if column in frame.columns
    ]
    given = {
        "source_file": pl.lit(file, dtype=pl.Int32),
        "source_line": pl.col(LINE),
        "batch": pl.lit(1, dtype=pl.Int32),
        "confidence": pl.lit(1.0, dtype=pl.Float32),
        "valid_from": pl.lit(1, dtype=pl.Int32),
    }
    header = [value.alias(name) for name, value in given.items() if name in declared]
    whole = frame.drop(PERSON, KEY).with_columns(*made, *header, pl.lit(file, dtype=pl.Int32).alias(_FILE))
    typed = [pl.col(n).cast(declared[n].polars) for n in declared.names if n in whole.columns]
    return whole.select(*typed, _FILE, LINE)


def _broken(declared: Table, frame: pl.DataFrame) -> list[LineFinding]:
    return [
        LineFinding(
            line, "quarantined", v.rule.name, f"{v.rule.words} (table {declared.name}). Correct it.", v.rule.column
        )
        for v in violations(declared, frame)
        for line in frame[LINE].gather(v.rows)
    ]


def _lines_aside(source: Source, findings: Mapping[Path, Sequence[LineFinding]]) -> pl.DataFrame:
    """File number and line of each line that was set aside."""
    lines = [
        (place, finding.line)
        for place, file in enumerate(source.files, start=1)
        for finding in findings[file.path]
        if finding.severity == "quarantined" and finding.line > 0
    ]
    return pl.DataFrame(lines, schema={_FILE: pl.Int32, LINE: pl.Int64}, orient="row")


def _once(frame: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    """Rows of lines that stand, each id once."""
    if aside.height:
        frame = frame.join(aside, on=[_FILE, LINE], how="anti", maintain_order="left")
    return frame.unique("id", keep="first", maintain_order=True)
