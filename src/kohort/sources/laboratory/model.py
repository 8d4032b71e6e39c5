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

__all__ = ["Facts", "LaboratoryFile", "Layout", "Reading", "Sheet"]


_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of one sample beside its alterations, for the other files of the delivery.

    Several files of a delivery tell of one test: its variants stand in one, its tumour mutational burden in another.
    Since each of them states the row of the test, each must know the whole of it.

    Attributes:
        values: columns of table ``test`` (``tmb``, ``msi``, ``region``, ``genome_build`` ...) that hold for the
            sample.
        assays: what was read in the sample and is in the file.
        specimen: columns of table ``specimen`` (``tumour_fraction``, ``matched_normal``).
        partner: another sample of the same patient: the DNA beside which this RNA was read.
        pair: id of the pair of samples, under which a sheet may name it.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    assays: frozenset[str] = frozenset()
    specimen: Mapping[str, object] = field(default_factory=dict)
    partner: str | None = None
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a delivery beside the file that is read.

    Attributes:
        patients: sample id to the patient's id at the source; an InPreD patient (``IPD0001``) stands for all of the
            patient's samples.
        tumours: sample id to OncoTree code, as written.
        panels: sample id to panel id; key ``*`` for all samples that have none of their own.
        genes: panel id to its genes, for panels whose gene list is in the delivery.
        genome_build: ``GRCh37`` or ``GRCh38`` where the whole delivery is of it.
        builds: sample id to genome build, where the samples have one of their own.
        facts: sample id to what the files of the delivery say of it together.
        torn: samples that two patients claim; nothing of them may be read.
        digest: SHA-256 over all of this.
    """

    patients: Mapping[str, str] = field(default_factory=dict)
    tumours: Mapping[str, str] = field(default_factory=dict)
    panels: Mapping[str, str] = field(default_factory=dict)
    genes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    genome_build: str | None = None
    builds: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Facts] = field(default_factory=dict)
    torn: frozenset[str] = frozenset()
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
        facts: the same lines (of a long file the first few megabytes) to what they say of each sample; None if the
            layout says nothing that other files need.
        by_name: True if the sample may stand in the file's name alone, so that the same bytes under another name are
            of another sample.
    """

    name: str
    title: str
    recognises: Callable[[str, str], bool]
    read: Callable[[Sequence[str], Path, Sheet], Reading]
    private: frozenset[str] = frozenset()
    facts: Callable[[Sequence[str]], Mapping[str, Facts]] | None = None
    by_name: bool = False


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
        """Reader, encoding and the state of the delivery's sheets; the name, where it says whose the file is."""
        named = f"|{self.path.name}" if self.layout.by_name else ""
        return f"{self.adapter}|{self.encoding}|{self.sheet.digest}{named}"

    @property
    def private_columns(self) -> frozenset[str]:
        """Columns whose values may name a patient."""
        return self.layout.private

    def chunks(self) -> Iterator[Chunk]:
        """The whole file."""
        blocks = LineBlocks(self.path, self.encoding, _BLOCK_BYTES)
        lines = [line for block in blocks for line in block.decode("utf-8", "replace").split("\n")[:-1]]
        found = self.layout.read(lines, self.path, self.sheet)
        findings = [*found.findings, *blocks.closing_findings(len(lines))]
        yield Chunk(found.rows, findings, len(lines), sorted(set(found.quarantined)))
