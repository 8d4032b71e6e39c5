"""TSOPPI's ``*_variant_summary.tsv``: one line a sample of a run, DNA and RNA apart.

``NA`` means that nothing was found, and also that nothing was looked for. Which of the two follows from the sample: a
DNA sample has copy numbers, an RNA sample fusions and splice variants. Where neither an InPreD id nor a finding tells
what a sample is, it gives no test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kohort.sources.laboratory.cells import cell, number
from kohort.sources.laboratory.headed import HeadedTable, header_in, read_table, unplaced_columns
from kohort.sources.laboratory.inpred import inpred_id
from kohort.sources.laboratory.measures import measured
from kohort.sources.laboratory.model import Facts, Layout, Reading, Sheet
from kohort.sources.laboratory.rows import ASSAY, SAMPLE, Attribute, Found, Tested, frame_of_variants, reading_of
from kohort.sources.laboratory.samples import with_facts
from kohort.sources.laboratory.tso500_sections import Note, amplified, fusion, spliced
from kohort.sources.model import LINE, LineFinding

__all__ = ["TSOPPI_SUMMARY"]

Row = Mapping[str, str]
Items = Iterator[tuple[str, dict[str, object] | None]]
"""Each item of a cell and its variant; None if the item cannot be read."""

_SAMPLE, _TMB, _MSI, _SPLICE, _FUSIONS = "sample_id", "tmb", "msi", "splice_variants", "fusions"
_COPIES = ("gene_amplifications", "gene_amplifications_cnv")
_DNA = (_TMB, _MSI, *_COPIES, "loh", "gis", "tumor_fraction", "ploidy", "large_rearrangements")
_KEPT = {
    "loh": "LOH", "tumor_fraction": "Tumor Fraction", "ploidy": "Ploidy",
    "large_rearrangements": "Large Rearrangements",
}  # fmt: skip
"""Columns without a column in the tables; they are kept as attributes of the sample."""
_PLACED = frozenset({_SAMPLE, _SPLICE, _FUSIONS, *_DNA})
_TWO = re.compile(r"([-\d.,]+)\s*\((\d+)\)")
_THREE = re.compile(r"([-\d.,]+)\s*\((\d+)/(\d+)\)")
_AMPLIFIED = re.compile(r"(\S+)\s*\(([^,()]+)(?:,\s*([^,()]+))?(?:,\s*([^,()]+))?\)")
_SPLICED = re.compile(r"([^\s\[]+)\[([^\]]*)\]\s*\((\S+?:\d+)-(\S+?:\d+)\)\s*(\d+)/(\d+)")
_FUSED = re.compile(r"(\S+)\s*\((\S+?:\d+)-(\S+?:\d+)\)\s*(\d+)(?:/\d+)*")


def _recognises(name: str, start: str) -> bool:
    header = {text.lower() for text in header_in(start)}
    return header >= {_SAMPLE, _TMB, _MSI, _SPLICE, _FUSIONS}


def _lowered(lines: Sequence[str]) -> HeadedTable:
    """The table with the names of its columns in lower case: versions write them differently."""
    table = read_table(lines)
    rows = [(line, {name.lower(): text for name, text in row.items()}) for line, row in table.rows]
    return HeadedTable(table.remarks, [n.lower() for n in table.header], rows, table.findings, table.quarantined)


def _is_rna(row: Row) -> bool | None:
    """True for an RNA sample, false for DNA; None where neither the id nor a finding tells."""
    told = inpred_id(cell(row, _SAMPLE) or "")
    if told is not None and told.analyte is not None:
        return told.analyte == "RNA"
    if any(cell(row, name) is not None for name in _DNA):
        return False
    return True if any(cell(row, name) is not None for name in (_SPLICE, _FUSIONS)) else None


def _facts(lines: Sequence[str]) -> Mapping[str, Facts]:
    told: dict[str, Facts] = {}
    for _, row in _lowered(lines).rows:
        sample, rna = cell(row, _SAMPLE), _is_rna(row)
        if sample is not None and rna is not None:
            told[sample] = Facts(_measures(row), frozenset({"structural_variant" if rna else "copy_number"}))
    return told


def _measures(row: Row) -> dict[str, object]:
    burden, sites = _TWO.fullmatch(cell(row, _TMB) or ""), _THREE.fullmatch(cell(row, _MSI) or "")
    given = {
        "tmb": None if burden is None else burden[1],
        "msi_unstable": None if sites is None else sites[1],
        "msi_sites": None if sites is None else sites[3],
        "hrd": cell(row, "gis"),
    }
    return measured(given, None if sites is None else sites[2])


def _read(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    table = _lowered(lines)
    findings = [*table.findings, *unplaced_columns(table.header, _PLACED)]
    known = with_facts(sheet, _facts(lines))
    tested: list[Tested] = []
    variants: list[Mapping[str, object]] = []
    attributes: list[Attribute] = []
    for line, row in table.rows:
        sample = cell(row, _SAMPLE)
        if sample is None:
            message = "The line names no sample. Fill sample_id."
            findings.append(LineFinding(line, "quarantined", "missing_id", message, _SAMPLE))
            continue
        tested += _tested(row, sample, line, known)
        variants += _variants(row, sample, line, findings)
        attributes += [Attribute(sample, code, text, line) for code, text in _others(row)]
        findings += _odd(row, line)
    aside = [finding.line for finding in findings if finding.severity == "quarantined" and finding.line]
    found = Found(frame_of_variants(variants), tested, (), attributes, findings, aside)
    return reading_of(found, known)


def _tested(row: Row, sample: str, line: int, sheet: Sheet) -> Iterator[Tested]:
    rna = _is_rna(row)
    if rna is None:
        return
    if rna:
        yield Tested(sample, "structural_variant", line, "TSO500_structural_variant")
        return
    yield Tested(sample, "copy_number", line, "TSO500_copy_number")
    mutations = "mutation" in sheet.facts[sample].assays
    if mutations or _measures(row):
        yield Tested(sample, "mutation" if mutations else "other", line, "TSO500" if mutations else None)


def _others(row: Row) -> Iterator[tuple[str, str]]:
    """What has no column of its own, by the words that TSO500 has for it."""
    burden, sites = _TWO.fullmatch(cell(row, _TMB) or ""), _THREE.fullmatch(cell(row, _MSI) or "")
    if burden is not None:
        yield "Number of Passing Eligible Variants", burden[2]
    if sites is not None:
        yield "Total MSI Sites Unstable", sites[2]
    for name, code in _KEPT.items():
        if (text := cell(row, name)) is not None:
            yield code, text


def _odd(row: Row, line: int) -> Iterator[LineFinding]:
    """Measures that are not in their form."""
    for name, form, words in ((_TMB, _TWO, "7.8 (10)"), (_MSI, _THREE, "4.13 (5/121)")):
        text = cell(row, name)
        if text is not None and form.fullmatch(text) is None:
            message = f"The cell is not of the form {words}; it was left out. Correct it."
            yield LineFinding(line, "warning", "unreadable_measure", message, name, text)
    if _is_rna(row) is None:
        message = "Neither the sample's id nor a finding tells whether it is DNA or RNA, so the line gave no test."
        yield LineFinding(line, "warning", "unknown_analyte", message, _SAMPLE)


def _variants(row: Row, sample: str, line: int, findings: list[LineFinding]) -> Iterator[Mapping[str, object]]:
    """Variants of a line."""

    def note(rule: str, message: str, column: str) -> None:
        findings.append(LineFinding(line, "warning", rule, message, column))

    def items(column: str) -> list[str]:
        return [item.strip() for item in (cell(row, column) or "").split("|") if item.strip()]

    readers = [(name, _copy_number, "copy_number") for name in _COPIES]
    readers += [(_SPLICE, _splice, "structural_variant"), (_FUSIONS, _fusion, "structural_variant")]
    for column, reader, assay in readers:
        for item in items(column):
            variant = reader(item, note)
            if variant is None:
                message = "An item of the cell is not in the form that the file's header gives; it was left out."
                note("unreadable_item", message, column)
            else:
                yield {**variant, SAMPLE: sample, ASSAY: assay, LINE: line}


def _copy_number(item: str, note: Note) -> dict[str, object] | None:
    """``MDM4 (1.741)`` or ``EGFR (1.5, <DUP>, 5)``."""
    found = _AMPLIFIED.fullmatch(item)
    if found is None:
        return None
    return amplified(found[1], number(found[2]), found[3], number(found[4]), note)


def _splice(item: str, note: Note) -> dict[str, object] | None:
    """``MET[14] (chr7:116411708-chr7:116414935) 25/300``."""
    found = _SPLICED.fullmatch(item)
    if found is None:
        return None
    exons = cell({"": found[2]}, "")
    return spliced(found[1], exons, found[3], found[4], number(found[5]), number(found[6]), note)


def _fusion(item: str, note: Note) -> dict[str, object] | None:
    """``EML4/ALK (chr2:42522656-chr2:29446394) 18/0/429``; the header of the file writes ``EML4-ALK``."""
    found = _FUSED.fullmatch(item)
    return None if found is None else fusion(found[1], found[2], found[3], number(found[4]), note)


TSOPPI_SUMMARY = Layout(
    "tsoppi_summary", "TSOPPI variant summary", _recognises, _read, frozenset({"SAMPLE_ID", _SAMPLE}), _facts
)
"""Summary of a run by TSOPPI."""
