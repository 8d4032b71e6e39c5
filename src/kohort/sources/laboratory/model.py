"""What all layouts of laboratory files share: what is known of the samples, and what reading one file gives.

A laboratory file names samples, not patients, and seldom says which genes were read. What it leaves out stands in
files beside it: a sample sheet (``samples.tsv`` or InPreD's metadata table) and panel files (``data_gene_panel_*.txt``
in the form of cBioPortal). Where there is none, the layout says what it assumes, as a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kohort.sources.lines import LineBlocks
from kohort.sources.model import Chunk, LineFinding, Rows

__all__ = ["LaboratoryFile", "Layout", "Reading", "Sheet"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a delivery beside the file that is read.

    Attributes:
        patients: sample id to the patient's id at the source.
        tumours: sample id to OncoTree code, as written.
        panels: sample id to panel id; key ``*`` for all samples that have none of their own.
        genes: panel id to its genes, for panels whose gene list is in the delivery.
        genome_build: ``GRCh37`` or ``GRCh38`` where the delivery says so.
        digest: SHA-256 over all of this.
    """

    patients: Mapping[str, str] = field(default_factory=dict)
    tumours: Mapping[str, str] = field(default_factory=dict)
    panels: Mapping[str, str] = field(default_factory=dict)
    genes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    genome_build: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds.

    Attributes:
        rows: rows of standard tables.
        findings: what is wrong, by physical line (0: the file as a whole).
        quarantined: physical lines set aside; each has a finding.
    """

    rows: Sequence[Rows]
    findings: Sequence[LineFinding]
    quarantined: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of file.

    Attributes:
        name: short name, part of the adapter's name (``laboratory.<name>/1``).
        title: for people.
        recognises: True for a file's name and the first kilobytes of its (unpacked) text.
        read: the file's physical lines without their ends, its path and the sheet, to what they hold. Line n stands
            at index n - 1. Never raises on odd content: that is a finding.
        private: columns whose values may name a patient.
    """

    name: str
    title: str
    recognises: Callable[[str, str], bool]
    read: Callable[[Sequence[str], Path, Sheet], Reading]
    private: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LaboratoryFile:
    """One file of a delivery; a ``SourceFile``. Such files are small, so each is read in one piece."""

    path: Path
    layout: Layout
    sheet: Sheet
    encoding: str = "utf-8"

    @property
    def adapter(self) -> str:
        """Format and version of the reader."""
        return f"laboratory.{self.layout.name}/1"

    @property
    def reading(self) -> str:
        """Reader, encoding and the state of the delivery's sheets."""
        return f"{self.adapter}|{self.encoding}|{self.sheet.digest}"

    @property
    def private_columns(self) -> frozenset[str]:
        """Columns whose values may name a patient."""
        return self.layout.private

    def chunks(self) -> Iterator[Chunk]:
        """The whole file."""
        blocks = LineBlocks(self.path, self.encoding)
        lines = [line for block in blocks for line in block.decode("utf-8", "replace").split("\n")[:-1]]
        found = self.layout.read(lines, self.path, self.sheet)
        findings = [*found.findings, *blocks.closing_findings(len(lines))]
        yield Chunk(found.rows, findings, len(lines), sorted(set(found.quarantined)))
