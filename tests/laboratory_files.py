"""Reading invented laboratory files in tests: lines in, variants and findings out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kohort.sources.laboratory.model import LaboratoryFile, Layout, Sheet
from kohort.sources.model import Chunk

SHEET = Sheet(patients={"S1": "P1", "S2": "P2"})
"""Two samples of two patients."""

Finding = tuple[str, int, str | None]
"""Rule, line and column."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says.

    Attributes:
        chunk: the whole file, as a site takes it.
    """

    chunk: Chunk

    def table(self, name: str) -> pl.DataFrame:
        """Rows of one standard table, in order."""
        return next(rows.frame for rows in self.chunk.rows if rows.table == name)

    @property
    def variants(self) -> list[dict[str, object]]:
        """Rows of table ``variant`` without the columns that hold nothing."""
        kept = [{n: v for n, v in row.items() if v is not None} for row in self.table("variant").iter_rows(named=True)]
        return sorted(kept, key=lambda row: int(str(row["_line"])))

    @property
    def findings(self) -> list[Finding]:
        """Rule, line and column of each finding, those about the sample sheet left out."""
        told = [(f.rule, f.line, f.column) for f in self.chunk.findings if f.rule != "sample_as_patient"]
        return sorted(told, key=lambda finding: (finding[1], finding[0]))

    @property
    def accepted(self) -> int:
        """Lines that were not set aside."""
        return self.chunk.lines - len(self.chunk.quarantined)


def read_file(layout: Layout, path: Path, sheet: Sheet = SHEET) -> Told:
    """A file on disk, read as a site reads it."""
    assert layout.recognises(path.name, path.read_bytes()[:20_000].decode("latin-1")) or path.suffix == ".gz"
    (chunk,) = LaboratoryFile(path, layout, sheet).chunks()
    quarantined = {finding.line for finding in chunk.findings if finding.severity == "quarantined" and finding.line}
    whole = any(finding.severity == "quarantined" and not finding.line for finding in chunk.findings)
    assert whole or quarantined == set(chunk.quarantined), "each line set aside has a finding"
    return Told(chunk)


def read_lines(layout: Layout, folder: Path, name: str, lines: Sequence[str], sheet: Sheet = SHEET) -> Told:
    """Lines written to a file and read again."""
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return read_file(layout, path, sheet)
