"""Tables that PCGR takes beside a VCF: allele-specific copy numbers, RNA fusions, RNA expression.

None of them names its sample: that is in the file's name (``<sample>.<genome build>.cna.tsv``). Columns and the bounds
of copy-number calls are those of PCGR (https://sigven.github.io/pcgr/articles/input.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import polars as pl

from kohort.sources.delimited import read_lines
from kohort.sources.laboratory.cells import chromosome, place
from kohort.sources.laboratory.headed import header_in, unplaced_columns
from kohort.sources.laboratory.linewise import Line, RefusedError, Variant, collect
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.rows import SAMPLE, Found, Tested, frame_of_variants, reading_of
from kohort.sources.laboratory.structural import gene_pair, junction
from kohort.sources.laboratory.vcf_header import build_of
from kohort.sources.laboratory.vcf_samples import sample_of_file
from kohort.sources.model import LINE, LineFinding

__all__ = ["PCGR_EXPRESSION", "PCGR_FUSIONS", "PCGR_SEGMENTS", "call_of", "fusion_of"]

AMPLIFIED, GAINED = 6, 3
"""Total copies from which a segment counts as amplified (PCGR's default), and as gained; two are neutral."""
_ACCESSION = r"^(?:ENS[A-Z]*[TG]\d{6,}|[NX][MRG]_\d+|\d+$)"


def call_of(total: int) -> int:
    """Discrete call of a total number of copies in a tumour of two: -2, -1, 0, 1 or 2."""
    return -2 if total == 0 else -1 if total == 1 else 2 if total >= AMPLIFIED else 1 if total >= GAINED else 0


def _has(*columns: str) -> Callable[[str, str], bool]:
    return lambda _, start: set(columns) <= {column.lower() for column in header_in(start)}


def _named(path: Path, sheet: Sheet, assay: str) -> tuple[str, list[Tested]]:
    """The sample that the file's name names, and the test that it therefore is of."""
    sample = sample_of_file(path, sheet)
    return sample, [Tested(sample, assay, 1, None, {"genome_build": build_of(path.name)})]


def _segments(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    """Segments with their copies; which genes lie in them only an annotation can say."""
    sample, tested = _named(path, sheet, "copy_number")
    variants, table, findings, aside = collect(lines, lambda line: [{SAMPLE: sample, **_segment(line)}])
    message = (
        f"The {len(variants)} segments name no genes, so no gene is amplified or lost by them; they were kept by their "
        "place. Send PCGR's <sample>.pcgr.<build>.cna_gene_ann.tsv.gz, or calls by gene."
    )
    findings.append(LineFinding(0, "warning", "segments_without_genes", message))
    findings += unplaced_columns(table.header, _known(table.header, "chromosome", "start", "end", "nmajor", "nminor"))
    return reading_of(Found(frame_of_variants(variants), tested, findings=findings, quarantined=aside), sheet)


def _segment(line: Line) -> Variant:
    start, end = line.place("START"), line.place("END")
    major, minor = line.place("NMAJOR"), line.place("NMINOR")
    if end < start:
        raise RefusedError("end_before_start", "End is before Start. Correct the segment.", "END")
    if minor > major:
        line.note("minor_above_major", "nMinor is above nMajor; the total was taken. Swap them.", "NMINOR")
    return {
        "class": "cnv",
        "chromosome": chromosome(line.needed("missing_chromosome", "chromosome", "CHROMOSOME")),
        "position": start,
        "end_position": end,
        "copies": call_of(major + minor),
        "amount": float(major + minor),
        "classification": f"{major}+{minor}",
    }


def _fusions(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    """RNA fusions with their breakpoints and split reads."""
    sample, tested = _named(path, sheet, "structural_variant")
    places = ("LEFTBREAKPOINT", "RIGHTBREAKPOINT")
    variants, table, findings, aside = collect(
        lines, lambda line: [{SAMPLE: sample, **fusion_of(line, "FUSIONGENE", places, "SPLITREADS")}]
    )
    known = _known(table.header, "fusiongene", "leftbreakpoint", "rightbreakpoint", "splitreads", "score")
    findings += unplaced_columns(table.header, known)
    return reading_of(Found(frame_of_variants(variants), tested, findings=findings, quarantined=aside), sheet)


def fusion_of(line: Line, genes: str, places: tuple[str, str], reads: str) -> Variant:
    """A fusion, 5' partner first: ``A--B`` or ``A::B``, two breakpoints ``chr:pos``, reads that cross them.

    Raises:
        RefusedError: it does not name two genes.
    """
    left, right = _partners(line, genes)
    if right is None:
        message = "Only one of the two genes is named; the fusion was kept with that one. Fill the other."
        line.note("one_partner", message, genes)
    for column in places:
        if line.text(column) is not None and place(line.text(column))[1] is None:
            message = "The breakpoint is not chromosome:position; the line was kept without it. Correct it."
            line.note("no_breakpoint", message, column)
    return {
        "class": "sv" if left == right else "fusion",
        "gene": left,
        "partner": None if left == right else right,
        "reads": line.amount(reads),
        **junction(line.text(places[0]), line.text(places[1])),
    }


def _partners(line: Line, column: str) -> tuple[str, str | None]:
    """The genes of a fusion; the caller may have left one side blank (``--ALK``), where it lies between genes."""
    text = line.needed("missing_gene", "genes", column)
    sides = [side.strip() for side in text.replace("::", "--").split("--")]
    if len(sides) == 2 and sides.count("") == 1:
        return sides[0] or sides[1], None
    pair = gene_pair(text)
    if not pair.gene or pair.partner is None:
        raise RefusedError("not_two_genes", "The fusion does not name genes as A--B or A::B. Correct it.", column)
    return pair.gene, pair.partner


def _expression(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    """Expression by gene symbol; transcripts and gene accessions are counted, not kept."""
    sample, tested = _named(path, sheet, "expression")
    raw = read_lines(lines)
    named = raw.frame.with_columns(pl.col("TPM").cast(pl.Float64, strict=False).alias("amount"))
    odd = named.filter(pl.col("amount").is_null() | (pl.col("amount") < 0) | pl.col("TARGETID").is_null())
    message = "The line has no TargetID, or TPM is not a number of at least 0. Correct it."
    findings = [*raw.findings]
    findings += [LineFinding(line, "quarantined", "no_expression", message, "TPM") for line in odd[LINE]]
    good = named.join(odd, on=LINE, how="anti", maintain_order="left")
    symbols = good.filter(~pl.col("TARGETID").str.contains(_ACCESSION))
    if symbols.height < good.height:
        message = (
            f"{good.height - symbols.height} targets are accessions of transcripts or genes, not symbols; they were "
            "not kept. Send expression by gene symbol."
        )
        findings.append(LineFinding(0, "warning", "target_without_symbol", message, "TargetID"))
    variants = symbols.select(
        pl.lit(sample).alias(SAMPLE),
        LINE,
        pl.lit("expression").alias("class"),
        pl.col("TARGETID").alias("gene"),
        "amount",
        pl.lit("TPM").alias("classification"),
    )
    aside = [finding.line for finding in findings if finding.severity == "quarantined"]
    return reading_of(Found(variants, tested, findings=findings, quarantined=aside), sheet)


def _known(header: Iterable[str], *names: str) -> frozenset[str]:
    return frozenset(column for column in header if column.lower() in names)


PCGR_SEGMENTS = Layout(
    "pcgr_segments", "PCGR, allele-specific copy-number segments",
    _has("chromosome", "start", "end", "nmajor", "nminor"), _segments, by_name=True,
)  # fmt: skip
PCGR_FUSIONS = Layout(
    "pcgr_fusions", "PCGR, RNA fusions", _has("fusiongene", "leftbreakpoint", "rightbreakpoint"), _fusions,
    by_name=True,
)  # fmt: skip
PCGR_EXPRESSION = Layout("pcgr_expression", "PCGR, RNA expression", _has("targetid", "tpm"), _expression, by_name=True)
