"""TSOPPI's ``*_small_variant_table.tsv``: the small variants of a TSO500 sample, annotated and judged.

Values that hold for the whole sample stand in the ``#`` lines: size of the coding region, tumour purity, the matched
normal and RNA samples, the genome. A variant that was judged ``exclude`` is kept, with a filter that begins with
``excluded``: it is no finding in the tumour, but the burden and the germline follow-up may need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kohort.sources.laboratory.cells import build_of, cell, chromosome, number
from kohort.sources.laboratory.headed import HeadedTable, header_in, read_table, unplaced_columns
from kohort.sources.laboratory.model import Facts, Layout, Reading, Sheet
from kohort.sources.laboratory.rows import SAMPLE, Found, Tested, frame_of_variants, reading_of
from kohort.sources.laboratory.samples import with_facts
from kohort.sources.model import LINE, LineFinding
from kohort.sources.protein_columns import disagree

__all__ = ["TSOPPI_VARIANTS"]

Row = Mapping[str, str]

_TELLING = frozenset({"Sample_ID", "Gene_symbol", "Genomic_location", "DNA_change", "Coding_status"})
_PLACED = _TELLING | {
    "Ensembl_transcript_ID", "RefSeq_mRNA", "cDNA_change", "Exon_number", "Protein_change_short", "Protein_change",
    "Change_summary", "Depth_tumor_DNA", "AF_tumor_DNA", "CPSR_ACMG_class", "CPSR_ClinVar_class",
    "TSO500_LocalApp_class", "Filters", "Class_judgement",
}  # fmt: skip
_BEFORE, _BEHIND = "ClinVar_variation_ID", "Mutation_hotspot"
"""Columns between which the population frequencies stand."""
_FREQUENCY = re.compile(r"(?:^|[:=])\s*(\d[\d.,]*(?:[eE][+-]?\d+)?)\s*$")
_JUDGED = {"SOM": "somatic", "LikSOM": "somatic", "LikGL": "germline", "incon": "unknown"}
_EXCLUDE = "exclude"


def _recognises(name: str, start: str) -> bool:
    return set(header_in(start)) >= _TELLING


def _own(table: HeadedTable) -> list[str]:
    """The samples of a table; of one without a row, those that its ``#`` lines begin with, in brackets."""
    named = [name for _, row in table.rows if (name := cell(row, "Sample_ID")) is not None]
    if not named:
        found = (re.match(r"\[([^\]]+)\]", text) for _, text in table.remarks)
        named = [match[1] for match in found if match is not None]
    return list(dict.fromkeys(named))


def _facts(lines: Sequence[str]) -> Mapping[str, Facts]:
    table = read_table(lines)
    region, purity = (number(table.remark(words)) for words in ("Size of the target coding region", "tumor purity"))
    version = table.remark("Version string")
    builds = (build_of(part) for part in (version or "").split("/"))
    build = next((build for build in builds if build is not None), None)
    normal, rna = (cell({"": table.remark(words) or ""}, "") for words in ("matched normal DNA", "matched tumor RNA"))
    told: dict[str, Facts] = {}
    for sample in _own(table):
        values: dict[str, object] = {"region": region, "genome_build": build}
        specimen: dict[str, object] = {"tumour_fraction": purity, "matched_normal": normal is not None}
        if purity is None or not 0 < purity <= 1:
            del specimen["tumour_fraction"]
        told[sample] = Facts(
            {name: value for name, value in values.items() if value is not None}, frozenset({"mutation"}), specimen
        )
        if rna is not None:
            told[rna] = Facts(partner=sample)
    return told


def _read(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    table = read_table(lines)
    findings = [*table.findings, *unplaced_columns(table.header, _PLACED | _frequency_columns(table.header))]
    known = with_facts(sheet, _facts(lines))
    tested = [Tested(sample, "mutation", _line_of(table, sample), "TSO500") for sample in _own(table)]
    variants = [variant for line, row in table.rows for variant in _variant(table, row, line, findings)]
    aside = [finding.line for finding in findings if finding.severity == "quarantined" and finding.line]
    return reading_of(Found(frame_of_variants(variants), tested, findings=findings, quarantined=aside), known)


def _line_of(table: HeadedTable, sample: str) -> int:
    """The first line that names a sample."""
    named = (line for line, row in table.rows if cell(row, "Sample_ID") == sample)
    return next(named, table.remarks[0][0] if table.remarks else 0)


def _frequency_columns(header: Sequence[str]) -> frozenset[str]:
    """Columns of population frequencies: those between the ClinVar id and the hotspot."""
    if _BEFORE not in header or _BEHIND not in header:
        return frozenset()
    return frozenset(header[header.index(_BEFORE) + 1 : header.index(_BEHIND)])


def _variant(table: HeadedTable, row: Row, line: int, findings: list[LineFinding]) -> Iterator[Mapping[str, object]]:
    """The variant of a row; none if the row names no sample or no place."""
    sample, gene = cell(row, "Sample_ID"), cell(row, "Gene_symbol")
    spot, _, position = (cell(row, "Genomic_location") or "").rpartition(":")
    if sample is None:
        findings.append(
            LineFinding(line, "quarantined", "missing_id", "The line names no sample. Fill Sample_ID.", "Sample_ID")
        )
        return
    if not spot or not position.isdigit():
        message = "The line has no genomic location such as 17:7577120; it was set aside. Correct it."
        findings.append(LineFinding(line, "quarantined", "missing_place", message, "Genomic_location"))
        return
    short, long = cell(row, "Protein_change_short"), cell(row, "Protein_change")
    if short is not None and long is not None and disagree(short, long):
        message = "The two protein columns name different changes; the three-letter one was kept. Correct the other."
        findings.append(LineFinding(line, "warning", "protein_columns_disagree", message, "Protein_change", long))
    ref, _, alt = (cell(row, "DNA_change") or "").partition(">")
    yield {
        SAMPLE: sample,
        LINE: line,
        "class": "snv" if ref and len(ref) == len(alt) else "indel",
        "gene": gene,
        "chromosome": chromosome(spot),
        "position": int(position),
        "end_position": int(position) + max(len(ref) - 1, 0),
        "ref": ref or None,
        "alt": alt or None,
        "hgvs_c": cell(row, "cDNA_change"),
        "hgvs_p": long or short,
        "transcript": cell(row, "RefSeq_mRNA") or cell(row, "Ensembl_transcript_ID"),
        "exon": _exon(cell(row, "Exon_number")),
        "vaf": _measure(row, "AF_tumor_DNA", line, findings),
        "depth": _measure(row, "Depth_tumor_DNA", line, findings),
        "origin": _origin(row),
        "classification": cell(row, "Coding_status"),
        "population_frequency": _highest(row[name] for name in _frequency_columns(table.header) if name in row),
        "significance": _significance(row),
        "call_filter": _filter(row),
    }


def _measure(row: Row, column: str, line: int, findings: list[LineFinding]) -> float | None:
    text = cell(row, column)
    found = number(text)
    if text is not None and found is None:
        message = f"{column} is not a number; the line was kept without it. Correct it."
        findings.append(LineFinding(line, "warning", "not_a_number", message, column, text))
    return found


def _exon(text: str | None) -> int | None:
    """``exon15`` is 15, ``exonNA`` nothing."""
    found = re.search(r"\d+", text or "")
    return None if found is None else int(found[0])


def _highest(texts: Iterator[str]) -> float | None:
    """The highest frequency of any population, written alone or as ``EUR_AF_1KG:0.002``, several divided by ``|``."""
    parts = (_FREQUENCY.search(part) for text in texts for part in re.split(r"[|;]", text))
    every = (number(part[1]) for part in parts if part is not None)
    return max((found for found in every if found is not None and found <= 1), default=None)


def _significance(row: Row) -> str | None:
    """Classes of CPSR (by the rules of ACMG) and of ClinVar, each named."""
    told = [
        f"{source}: {text}"
        for source, column in (("CPSR", "CPSR_ACMG_class"), ("ClinVar", "CPSR_ClinVar_class"))
        if (text := cell(row, column)) is not None
    ]
    return "; ".join(told) or None


def _filters(row: Row) -> list[str]:
    return [name.strip() for name in re.split(r"[|,;]", cell(row, "Filters") or "") if name.strip()]


def _filter(row: Row) -> str:
    """What the filters say; ``excluded`` goes before them where the quality control excluded the variant."""
    filters = "|".join(_filters(row))
    if (cell(row, "Class_judgement") or "").lower() == _EXCLUDE:
        return f"excluded|{filters}" if filters else "excluded"
    return filters or "PASS"


def _origin(row: Row) -> str:
    """Somatic, germline or unknown: as a person judged, else by the matched normal, else by the local app's class."""
    judged = _JUDGED.get(cell(row, "Class_judgement") or "")
    if judged is not None:
        return judged
    filters = _filters(row)
    if "normal_origin" in filters or "LOW_VAF_RATIO" in filters:
        return "germline"
    if cell(row, "Depth_normal_DNA") is not None and "NO_NORMAL_COVERAGE" not in filters:
        return "somatic"
    by_class = cell(row, "TSO500_LocalApp_class") or ""
    return "somatic" if by_class == "SOM" else "germline" if by_class.startswith("GL_") else "unknown"


TSOPPI_VARIANTS = Layout(
    "tsoppi_variants", "TSOPPI small-variant table", _recognises, _read, frozenset({"Sample_ID"}), _facts
)
"""Small variants of TSOPPI."""
