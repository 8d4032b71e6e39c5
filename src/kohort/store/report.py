"""What an ingest says to the person who asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kohort.sources.model import LineFinding, Severity

__all__ = ["FileReport", "Finding", "IngestReport", "summarise_findings"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault in one file.

    Attributes:
        rule: name of the rule.
        severity: ``quarantined`` if the lines were set aside, ``warning`` if they were kept.
        file: name of the file.
        line: first line with the fault, from 1; 0 for the file as a whole.
        column: column, if it is about one.
        count: lines with the fault.
        message: what is wrong and what to do.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: str | None
    count: int
    message: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file.

    Attributes:
        name: name of the file.
        sha256: sum of its bytes.
        lines: physical lines.
        accepted: lines that were accepted.
        quarantined: lines that were set aside.
        rows: new rows of each table that it gave.
        state: ``read``; ``damaged`` if it ended too early; ``known`` if the same bytes were read before.
        adapter: format and version of the reader.
    """

    name: str
    sha256: str
    lines: int
    accepted: int
    quarantined: int
    rows: Mapping[str, int]
    state: str
    adapter: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What was read: lines = accepted + quarantined, for each file and in all.

    Attributes:
        files: one report a file.
        findings: faults, grouped by file, rule and column.
        batch: number of the new batch; None if nothing new was read.
    """

    files: Sequence[FileReport]
    findings: Sequence[Finding] = field(default=())
    batch: int | None = None

    @property
    def lines(self) -> int:
        """Physical lines of all files."""
        return sum(file.lines for file in self.files)

    @property
    def accepted(self) -> int:
        """Lines that were accepted."""
        return sum(file.accepted for file in self.files)

    @property
    def quarantined(self) -> int:
        """Lines that were set aside."""
        return sum(file.quarantined for file in self.files)

    @property
    def rows(self) -> dict[str, int]:
        """New rows of each table."""
        total: dict[str, int] = {}
        for file in self.files:
            for table, count in file.rows.items():
                total[table] = total.get(table, 0) + count
        return total


def summarise_findings(name: str, findings: Iterable[LineFinding]) -> list[Finding]:
    """Findings of one file, one a rule and column, with the first line and the number of lines."""
    groups: dict[tuple[str, str | None, Severity], list[LineFinding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.column, finding.severity), []).append(finding)
    return [
        Finding(rule, severity, name, min(f.line for f in group), column, len(group), group[0].message)
        for (rule, column, severity), group in groups.items()
    ]
