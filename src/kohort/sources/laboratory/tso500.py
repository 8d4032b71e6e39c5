"""Illumina TruSight Oncology 500: ``*_CombinedVariantOutput.tsv`` of the local app and of DRAGEN.

One file tells of a pair: a DNA sample (small variants, copy numbers, tumour mutational burden, microsatellites) and an
RNA sample (fusions, splice variants). A sample id of ``NA`` means that there was no such sample: its sections were not
assayed, whatever stands in them. What was not assayed gives no test, so that its absence stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kohort.sources.laboratory import tso500_sections as parts
from kohort.sources.laboratory.cells import cell
from kohort.sources.laboratory.measures import fault, measured, reported
from kohort.sources.laboratory.model import Facts, Layout, Reading, Sheet
from kohort.sources.laboratory.rows import ASSAY, SAMPLE, Attribute, Found, Tested, frame_of_variants, reading_of
from kohort.sources.laboratory.samples import sample_of, with_facts
from kohort.sources.laboratory.sections import Section, read_sections
from kohort.sources.model import LINE, LineFinding

__all__ = ["TSO500"]

_DETAILS = "Analysis Details"
_PLAIN = frozenset({_DETAILS, "Sequencing Run Details", "TMB", "MSI", "GIS"})
"""Sections of key/value lines."""
_MEASURES = {
    "Total TMB": "tmb", "Coding Region Size in Megabases": "region", "Usable MSI Sites": "msi_sites",
    "Percent Unstable MSI Sites": "msi_unstable", "Genomic Instability Score": "hrd",
}  # fmt: skip
"""Keys that have a column in table ``test``; the others are kept as attributes of the sample."""
_NAMES = frozenset({"Pair ID", "DNA Sample ID", "RNA Sample ID", "Output Date", "Output Time"})
_PANEL = {"mutation": "TSO500", "copy_number": "TSO500_copy_number", "structural_variant": "TSO500_structural_variant"}
"""Panels by which a delivery may give the gene list of each assay: they differ, and the file holds none of them."""


@dataclass(slots=True)
class _File:
    """A file while it is read."""

    sections: dict[str, Section]
    dna: str | None
    rna: str | None
    findings: list[LineFinding] = field(default_factory=list)

    def value(self, section: str, key: str) -> str | None:
        """A value of a key/value section."""
        return self.sections[section].values().get(key) if section in self.sections else None

    def sample(self, assay: str) -> str | None:
        """The sample in which an assay was made; None if it was not made."""
        return self.rna if assay == "structural_variant" else self.dna

    def assayed(self) -> dict[str, int]:
        """Assays of the file and the line that shows it: a section with its header, or with ``NA`` alone."""
        made: dict[str, int] = {}
        for name, kind in parts.TABLES.items():
            section = self.sections.get(name)
            if section is not None and (section.lines or section.nothing) and self.sample(kind.assay) is not None:
                made.setdefault(kind.assay, section.line)
        return made

    def note(self, line: int, rule: str, message: str, *, aside: bool = False) -> None:
        """Add a finding."""
        self.findings.append(LineFinding(line, "quarantined" if aside else "warning", rule, message))


def _recognises(name: str, start: str) -> bool:
    return "Combined Variant Output" in start[:400] or ("[Analysis Details]" in start and "DNA Sample ID" in start)


def _opened(lines: Sequence[str]) -> _File:
    sections, again = read_sections(lines)
    file = _File(sections, None, None)
    file.dna, file.rna = file.value(_DETAILS, "DNA Sample ID"), file.value(_DETAILS, "RNA Sample ID")
    for line in again:
        file.note(line, "double_section", "A section of this title stands further up. Keep one of them.", aside=True)
    return file


def _facts(lines: Sequence[str]) -> Mapping[str, Facts]:
    file = _opened(lines)
    told: dict[str, Facts] = {}
    assays = file.assayed()
    date, pair = reported(file.value(_DETAILS, "Output Date")), file.value(_DETAILS, "Pair ID")
    if file.dna is not None:
        given = {_MEASURES[k]: v for name in _PLAIN for k, v in _plain(file, name).items() if k in _MEASURES}
        unstable = file.value("MSI", "Total MSI Sites Unstable")
        own = frozenset(assays) - {"structural_variant"}
        told[file.dna] = Facts({**measured(given, unstable), **date}, own, pair=pair)
    if file.rna is not None:
        own = frozenset(assays) & {"structural_variant"}
        told[file.rna] = Facts(date, own, partner=file.dna, pair=pair)
    return told


def _plain(file: _File, name: str) -> dict[str, str | None]:
    return file.sections[name].values() if name in file.sections else {}


def _read(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    file = _opened(lines)
    if file.dna is None and file.rna is None:
        message = "The file names neither a DNA nor an RNA sample, so nothing could be read. Fill [Analysis Details]."
        finding = LineFinding(0, "quarantined", "missing_id", message, "DNA Sample ID")
        filled = [line for line, text in enumerate(lines, start=1) if text.strip()]
        return Reading((), (finding,), filled)
    known = with_facts(sheet, _facts(lines))
    _check_patients(file, known)
    variants = [variant for name in file.sections for variant in _variants(file, name)]
    found = Found(
        frame_of_variants(variants), list(_tested(file, known)), attributes=list(_attributes(file)),
        findings=file.findings, quarantined=[f.line for f in file.findings if f.severity == "quarantined"],
    )  # fmt: skip
    return reading_of(found, known)


def _check_patients(file: _File, sheet: Sheet) -> None:
    """Leave the RNA sample out if it is of another patient than the DNA sample."""
    if file.dna is None or file.rna is None or sample_of(file.dna, sheet).patient == sample_of(file.rna, sheet).patient:
        return
    message = (
        "The DNA and the RNA sample of this pair are of two patients by their ids or the sample sheet. What was found "
        "in the RNA was set aside, so that nobody gets another's data. Settle which is right."
    )
    for name, kind in parts.TABLES.items():
        section = file.sections.get(name)
        if kind.assay == "structural_variant" and section is not None:
            for line in [section.line, *(line for line, _ in section.lines)]:
                file.note(line, "pair_of_two_patients", message, aside=True)
    file.rna = None


def _tested(file: _File, sheet: Sheet) -> Iterator[Tested]:
    """Tests of the file; the burden has a test of its own where no file of the delivery reads the mutations."""
    made = file.assayed()
    for assay, line in made.items():
        sample = file.sample(assay)
        if sample is not None:
            yield Tested(sample, assay, line, _PANEL[assay])
    if file.dna is not None and "mutation" not in sheet.facts[file.dna].assays:
        line = next((file.sections[name].line for name in ("TMB", "MSI", "GIS") if name in file.sections), 0)
        if line:
            yield Tested(file.dna, "other", line)


def _attributes(file: _File) -> Iterator[Attribute]:
    """Key/value lines without a column of their own, such as the version of the pipeline."""
    sample = file.dna or file.rna
    for name in (name for name in file.sections if name in _PLAIN):
        for line, texts in file.sections[name].lines:
            key, text = texts[0], cell({"": texts[1]}, "") if len(texts) > 1 else None
            wrong = fault(_MEASURES[key], text) if key in _MEASURES else None
            if wrong is not None:
                message = f"{key} {wrong}; it was left out. Correct it."
                file.findings.append(LineFinding(line, "warning", "unreadable_measure", message, key, text))
            elif sample is not None and text is not None and key not in _NAMES and key not in _MEASURES:
                yield Attribute(sample, key, text, line)


def _variants(file: _File, name: str) -> Iterator[Mapping[str, object]]:
    """Variants of one section; what cannot be read is noted."""
    section = file.sections[name]
    kind = parts.TABLES.get(name)
    if name in _PLAIN:
        return
    if kind is None:
        message = f"The section [{name}] is not known; its lines were set aside."
        for line in [section.line, *(line for line, _ in section.lines)]:
            file.note(line, "unknown_section", message, aside=True)
        return
    if all(texts[1:] == ["NA"] for _, texts in section.lines):  # BRCA1 NA, BRCA2 NA: no header, nothing found
        return
    missing = [column for column in kind.required if column not in section.header]
    sample = file.sample(kind.assay)
    if section.lines and missing:
        message = f"[{name}] lacks the column {missing[0]}, so none of its lines could be read. Add it."
        for line, _ in section.lines:
            file.note(line, "missing_column", message, aside=True)
        return
    for line, row, long in section.rows():
        if long:
            message = f"The line has more cells than the header of [{name}]. Remove the stray tab."
            file.note(line, "too_many_columns", message, aside=True)
        elif sample is None:
            message = f"[{name}] holds a finding, but no sample was read for it. Fill the sample's id."
            file.note(line, "finding_without_sample", message, aside=True)
        elif (variant := parts.variant_in(kind, row, line, file.findings)) is not None:
            yield {**variant, SAMPLE: sample, ASSAY: kind.assay, LINE: line}


TSO500 = Layout("tso500", "TSO500 combined variant output", _recognises, _read, frozenset({"SAMPLE_ID"}), _facts)
"""Combined variant output of TSO500."""
