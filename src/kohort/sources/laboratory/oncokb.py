"""Files that OncoKB's annotator reads and writes: copy numbers, fusions, structural variants, named alterations.

Only the alterations are read here. What the annotator added about them (ONCOGENIC, LEVEL_1, HIGHEST_LEVEL ...) is
knowledge with a licence of its own and belongs in a knowledge pack (https://github.com/oncokb/oncokb-annotator).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kohort.sources.laboratory.headed import header_in, unplaced_columns
from kohort.sources.laboratory.linewise import Line, Variant, collect
from kohort.sources.laboratory.maf import ONCOKB_COLUMNS
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.rows import SAMPLE, Attribute, Found, Tested, frame_of_variants, reading_of
from kohort.sources.laboratory.structural import gene_pair
from kohort.sources.model import LINE

__all__ = ["ONCOKB_ALTERATIONS", "ONCOKB_COPY_NUMBERS", "ONCOKB_FUSIONS", "ONCOKB_STRUCTURAL"]

_SAMPLES = ("TUMOR_SAMPLE_BARCODE", "SAMPLE_ID")
_GENES_A = ("GENEA", "GENE_A", "GENE1", "SITE1_GENE")
_GENES_B = ("GENEB", "GENE_B", "GENE2", "SITE2_GENE")
_CALLS = {
    "-2": -2, "-1.5": -2, "-1": -1, "0": 0, "1": 1, "2": 2, "deletion": -2, "deep deletion": -2, "homdel": -2,
    "homozygous deletion": -2, "loss": -1, "hetloss": -1, "diploid": 0, "neutral": 0, "gain": 1, "amplification": 2,
    "amp": 2,
}  # fmt: skip
_MARKERS = "other biomarkers"
_UNSTABLE = re.compile(r"MSI-?H(?:igh)?|Microsatellite Instability[- ]High", re.IGNORECASE)
_FUSED = re.compile(r"\s+(?:gene )?(?:fusion|rearrangement)s?$", re.IGNORECASE)
_INTRAGENIC = re.compile(r"[-\s]intragenic(?:\s.*)?$", re.IGNORECASE)
_INDEL = re.compile(r"\d.*(?:del|ins|dup|fs)|^ITD$|duplication", re.IGNORECASE)
_PROTEIN = re.compile(r"(?:p\.)?\(?(?:[A-Z*]|[A-Z][a-z]{2})\d")


def _sample(line: Line) -> str:
    return line.needed("missing_sample", "sample", *_SAMPLES)


def _gene(line: Line) -> str:
    return line.needed("missing_gene", "gene", "HUGO_SYMBOL")


def _copy_number(line: Line) -> Iterable[Variant]:
    written = line.cells.get("COPY_NUMBER_ALTERATION", "").strip()
    return _called(line, _sample(line), _gene(line), written, "COPY_NUMBER_ALTERATION")


def _called(line: Line, sample: str, gene: str, written: str, column: str) -> Iterable[Variant]:
    """A call; neutral is no variant, and what is no call was not read."""
    call = _CALLS.get(written.lower())
    if call == 0:
        return []
    named = {SAMPLE: sample, "gene": gene}
    if call is not None:
        return [{**named, "class": "cnv", "copies": call, "classification": written}]
    if line.text(column) is not None:
        message = (
            "The value is no copy-number call (-2, -1, 0, 1, 2 or its name); it was taken as not read. Correct it."
        )
        line.note("no_copy_number_call", message, column)
    return [{**named, "class": "not_assessed", "_assay": "copy_number"}]


def _fusion(line: Line) -> Iterable[Variant]:
    sample, text = _sample(line), line.needed("missing_gene", "fusion", "FUSION")
    return [{SAMPLE: sample, "origin": "unknown", **_fused(text)}]


def _fused(text: str) -> Variant:
    """Genes of ``ALK-EML4 fusion``, ``ALK::EML4`` or ``EGFR-intragenic``."""
    inside = _INTRAGENIC.search(text)
    if inside is not None:
        return {"class": "sv", "gene": text[: inside.start()].strip(), "classification": text[inside.start() + 1 :]}
    pair = gene_pair(_FUSED.sub("", text))
    joined = pair.partner is not None and pair.partner != pair.gene
    return {
        "class": "fusion" if joined else "sv",
        "gene": pair.gene,
        "partner": pair.partner if joined else None,
        "classification": text,
    }


def _structural(line: Line) -> Iterable[Variant]:
    sample = _sample(line)
    first, second = line.text(*_GENES_A), line.text(*_GENES_B)
    gene = first or second or line.needed("missing_gene", "gene", *_GENES_A, *_GENES_B)
    partner = second if first is not None and second != first else None
    return [
        {
            SAMPLE: sample, "class": "fusion" if partner else "sv", "gene": gene, "partner": partner,
            "classification": line.text("SV_TYPE"),
        }
    ]  # fmt: skip


def _alteration(line: Line) -> Iterable[Variant]:
    """An alteration by its name: a copy number that the annotator wrote, or one that no MAF can hold (``vIII``)."""
    sample, gene = _sample(line), _gene(line)
    text = line.needed("missing_alteration", "alteration", "ALTERATION")
    if gene.lower() == _MARKERS:
        return []
    if text.lower() in _CALLS:
        return _called(line, sample, gene, text, "ALTERATION")
    if _FUSED.search(text) or _INTRAGENIC.search(text):
        return [{SAMPLE: sample, **_fused(text)}]
    small = bool(_PROTEIN.match(text))
    kind = "indel" if _INDEL.search(text) and (small or "domain" not in text.lower()) else "snv" if small else "sv"
    return [{SAMPLE: sample, "class": kind, "gene": gene, "hgvs_p": text, "origin": "unknown"}]


@dataclass(frozen=True, slots=True)
class _Table:
    """One of the tables: how its lines are read, and what was read in the samples that it names."""

    known: frozenset[str]
    line: Callable[[Line], Iterable[Variant]]
    assay: str | None

    def read(self, lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
        """Rows of a file."""
        told: list[tuple[int, str, str]] = []

        def read(line: Line) -> Iterable[Variant]:
            made = list(self.line(line))
            told.append((line.number, _sample(line), line.text("ALTERATION") or ""))
            return made

        variants, table, findings, aside = collect(lines, read)
        extra = {name for name in table.header if name.upper() not in self.known}
        extra -= {name for name in extra if ONCOKB_COLUMNS.match(name.upper())}
        findings += unplaced_columns(table.header, frozenset(table.header) - extra)
        markers = [each for each in told if not any(v[LINE] == each[0] for v in variants)] if self.assay is None else []
        tested, attributes = _markers(markers)
        if self.assay is not None:
            tested += [Tested(sample, self.assay, number) for number, sample, _ in told]
        found = Found(frame_of_variants(variants), tested, (), attributes, findings, aside)
        return reading_of(found, sheet)


def _markers(told: Sequence[tuple[int, str, str]]) -> tuple[list[Tested], list[Attribute]]:
    """Findings in the whole tumour: MSI-H has a column of the test, what else is named is kept as written."""
    tested = [
        Tested(sample, "mutation", number, None, {"msi": "MSI-H"})
        for number, sample, text in told
        if _UNSTABLE.fullmatch(text)
    ]
    others = [Attribute(sample, text, text, number) for number, sample, text in told if not _UNSTABLE.fullmatch(text)]
    return tested, others


def _layout(name: str, title: str, needed: Sequence[tuple[str, ...]], table: _Table) -> Layout:
    def recognises(path: str, start: str) -> bool:
        header = {column.upper() for column in header_in(start)}
        return all(header & set(names) for names in needed)

    return Layout(name, title, recognises, table.read, frozenset({"Tumor_Sample_Barcode", *_SAMPLES}))


_COMMON = frozenset({*_SAMPLES, "HUGO_SYMBOL", "ENTREZ_GENE_ID", "CANCER_TYPE", "ONCOTREE_CODE"})
ONCOKB_COPY_NUMBERS = _layout(
    "oncokb_copy_numbers", "copy numbers as OncoKB's annotator reads them",
    (_SAMPLES, ("HUGO_SYMBOL",), ("COPY_NUMBER_ALTERATION",)),
    _Table(_COMMON | {"COPY_NUMBER_ALTERATION"}, _copy_number, "copy_number"),
)  # fmt: skip
ONCOKB_FUSIONS = _layout(
    "oncokb_fusions", "fusions as OncoKB's annotator reads them", (_SAMPLES, ("FUSION",)),
    _Table(_COMMON | {"FUSION"}, _fusion, "structural_variant"),
)  # fmt: skip
ONCOKB_STRUCTURAL = _layout(
    "oncokb_structural", "structural variants as OncoKB's annotator reads them",
    (_SAMPLES, _GENES_A, _GENES_B, ("SV_TYPE",)),
    _Table(_COMMON | {*_GENES_A, *_GENES_B, "SV_TYPE"}, _structural, "structural_variant"),
)  # fmt: skip
ONCOKB_ALTERATIONS = _layout(
    "oncokb_alterations", "alterations by name, as OncoKB's annotator reads and writes them",
    (("SAMPLE_ID",), ("HUGO_SYMBOL",), ("ALTERATION",)),
    _Table(_COMMON | {"ALTERATION"}, _alteration, None),
)  # fmt: skip
