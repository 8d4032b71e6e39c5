"""VCF 4.x, plain, gzip or bgzip, annotated by VEP or SnpEff: variants of the tumour, one row an allele and gene.

A file without annotation is read too: places and bases are kept, no gene is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from kohort.sources.laboratory.annotations import CHOICES, Annotator, annotators, chosen
from kohort.sources.laboratory.model import Facts, Layout, Reading, Sheet
from kohort.sources.laboratory.rows import SAMPLE, Found, Tested, reading_of
from kohort.sources.laboratory.vcf_header import Header, build_of, longest_positions, read_header
from kohort.sources.laboratory.vcf_reads import cell, origin, with_reads
from kohort.sources.laboratory.vcf_records import alleles, annotations_of, info, records, separated
from kohort.sources.laboratory.vcf_samples import Tumour, facts_of, tumours_of
from kohort.sources.laboratory.vcf_structural import structural_variants
from kohort.sources.model import LINE, LineFinding

__all__ = ["VCF"]

_KEPT = (
    SAMPLE, LINE, "class", "gene", "partner", "chromosome", "position", "end_position", "ref", "alt", "hgvs_c",
    "hgvs_p", "transcript", "exon", "vaf", "depth", "reads", "origin", "classification", "population_frequency",
    "significance", "call_filter",
)  # fmt: skip
_NO_ANNOTATION = (
    "The file has no annotation of VEP (CSQ) or SnpEff (ANN), so no variant names a gene; places and bases were kept. "
    "Annotate it (vep --vcf --symbol --hgvs --mane --flag_pick, or snpEff) and ingest it again."
)


def _recognises(name: str, start: str) -> bool:
    return start.startswith(("##fileformat=VCF", "#CHROM\tPOS\tID\tREF\tALT"))


def read_vcf(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    """The variants of the tumour in a VCF."""
    header = read_header(lines)
    if header is None:
        message = (
            "The line of column names (#CHROM POS ID REF ALT QUAL FILTER INFO, divided by tabs) is missing, so no "
            "line can be read. Write the file again."
        )
        finding = LineFinding(0, "quarantined", "missing_header", message, "#CHROM")
        return Reading((), [finding], range(1, len(lines) + 1))
    frame, findings = records(lines, header)
    aside = [finding.line for finding in findings if finding.severity == "quarantined"]
    frame, annotator = _cut(frame, header)
    called, odd = alleles(frame.drop("annotation"))
    told, notes = _annotations(frame, called, annotator)
    tumours, unclear = tumours_of(header, path, sheet)
    build, mixed = _build(header, path, sheet, tumours)
    findings += [*odd, *notes, *unclear, *mixed, *_beyond(frame, build)]
    parts = []
    for tumour in tumours:
        part, strange = _variants(called, told, header, tumour)
        parts.append(part)
        findings += strange
    variants = pl.concat(parts)
    tested = _tests(variants, tumours, header, build)
    return reading_of(Found(variants, tested, findings=findings, quarantined=aside), sheet)


def _facts(lines: Sequence[str]) -> Mapping[str, Facts]:
    header = read_header(lines)
    return {} if header is None else facts_of(header)


VCF = Layout(
    "vcf", "VCF 4.x, annotated by VEP or SnpEff", _recognises, read_vcf, frozenset({"#CHROM"}), _facts, by_name=True
)


def _cut(frame: pl.DataFrame, header: Header) -> tuple[pl.DataFrame, Annotator | None]:
    """The records with their annotation apart, and how it is written; None if there is none."""
    for annotator in annotators(header.info):
        cut = separated(frame, annotator.key)
        if cut["annotation"].null_count() < cut.height:
            return cut, annotator
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias("annotation")), None


def _annotations(
    frame: pl.DataFrame, called: pl.DataFrame, annotator: Annotator | None
) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The chosen annotations, and what is wrong with the annotation as a whole."""
    parts, findings = annotations_of(frame, called, annotator or Annotator("CSQ", "VEP", ("Allele",)))
    best = chosen(parts)
    if annotator is None:
        finding = LineFinding(0, "warning", "no_annotation", _NO_ANNOTATION, "INFO")
        return best, [finding] if frame.height else []
    return best, [*findings, *_unannotated(frame, called), *_by_severity(best)]


def _unannotated(frame: pl.DataFrame, called: pl.DataFrame) -> list[LineFinding]:
    """Lines without annotation in a file that has one."""
    message = "The line has no annotation, unlike others of the file: its variant was kept without gene."
    bare = frame.filter(pl.col("annotation").is_null()).join(called, on=LINE, how="semi")
    return [LineFinding(line, "warning", "no_annotation", message, "INFO") for line in bare[LINE]]


def _by_severity(best: pl.DataFrame) -> list[LineFinding]:
    """A note if transcripts had to be chosen by their consequence, which differs from laboratory to laboratory."""
    guessed = best.filter((pl.col("choice") == CHOICES.index("most severe consequence")) & (pl.col("alternatives") > 1))
    if not guessed.height:
        return []
    message = (
        f"Of {guessed.height} variants the annotation marks no transcript (picked, MANE Select, canonical), so the "
        "first with the most severe consequence was taken. Annotate with --flag_pick --mane --canonical."
    )
    return [LineFinding(0, "warning", "transcript_by_consequence", message, "INFO")]


def _build(header: Header, path: Path, sheet: Sheet, tumours: Sequence[Tumour]) -> tuple[str | None, list[LineFinding]]:
    """The genome build, and a finding if header, file name and sheet do not agree."""
    told = dict(header.builds)
    by_name = build_of(path.name)
    if by_name is not None:
        told.setdefault(by_name, 0)
    for tumour in tumours:
        by_sheet = sheet.builds.get(tumour.sample) or sheet.genome_build
        if by_sheet is not None:
            told.setdefault(by_sheet, 0)
    if len(told) < 2:
        return next(iter(told), None), []
    message = (
        f"Header, file name and sample sheet name several genome builds ({', '.join(sorted(told))}); positions may be "
        "of either, so none was taken from the file. Find out which it is and correct the others."
    )
    return None, [LineFinding(max(told.values()), "warning", "mixed_builds", message, "##reference")]


def _beyond(frame: pl.DataFrame, build: str | None) -> list[LineFinding]:
    """Positions that the chromosome does not have: a sure sign of another genome build."""
    if build is None:
        return []
    longest = pl.col("CHROM").replace_strict(longest_positions(build), default=None, return_dtype=pl.Int64)
    message = f"The position lies beyond the end of the chromosome in {build}: the file is of another genome build."
    return [
        LineFinding(line, "warning", "beyond_chromosome", message, "POS", str(position))
        for line, position in frame.filter(pl.col("POS") > longest).select(LINE, "POS").iter_rows()
    ]


def _tests(variants: pl.DataFrame, tumours: Sequence[Tumour], header: Header, build: str | None) -> list[Tested]:
    """What the file says was read in each tumour: small variants, unless it is a file of structural ones."""
    kinds = set(variants["class"].unique())
    structural = bool(kinds & {"sv", "fusion"}) or "SVTYPE" in header.info
    small = bool(kinds & {"snv", "indel"}) or not structural
    assays = [name for name, read in (("mutation", small), ("structural_variant", structural)) if read]
    return [Tested(t.sample, assay, header.lines, None, {"genome_build": build}) for t in tumours for assay in assays]


def _variants(
    called: pl.DataFrame, told: pl.DataFrame, header: Header, tumour: Tumour
) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The variants of one tumour, in the columns of table ``variant``."""
    column = None if tumour.column is None else f"sample/{tumour.column}"
    carried, findings = _carried(called, column, alone=len(header.samples) == 1)
    read, odd = with_reads(carried, column, alone=len(header.samples) < 2)
    described = read.with_columns(
        pl.lit(tumour.sample).alias(SAMPLE),
        pl.col("CHROM").alias("chromosome"),
        pl.col("POS").alias("position"),
        pl.col("REF").alias("ref"),
        origin(paired=tumour.paired).alias("origin"),
        pl.when(pl.col("FILTER").is_in([".", ""]))
        .then(pl.lit("PASS"))
        .otherwise(pl.col("FILTER"))
        .alias("call_filter"),
        _frequency(header).alias("frequency_in_info"),
        pl.coalesce(info("CLNSIG"), info("CLIN_SIG")).alias("significance_in_info"),
    )
    small = _small(described.filter(~pl.col("structural")), told)
    large = structural_variants(described.filter("structural"), told)
    parts = [part.select(name for name in _KEPT if name in part.columns) for part in (small, large)]
    return pl.concat(parts, how="diagonal_relaxed").sort(LINE, maintain_order=True), findings + odd


def _carried(called: pl.DataFrame, column: str | None, *, alone: bool) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The alleles that the tumour's genotype holds, where it has a whole one."""
    if column is None:
        return called, []
    genotype = cell(called, column, "GT")
    held = (
        genotype.str.split("|").list.join("/").str.split("/").list.contains((pl.col("site_allele") + 1).cast(pl.String))
    )
    lacking = (~genotype.str.contains(".", literal=True) & ~held).fill_null(value=False)
    message = "The genotype of the sample does not hold the allele: it is no variant of this sample and was left out."
    lines = called.filter(lacking)[LINE] if alone else ()
    return called.filter(~lacking), [LineFinding(n, "warning", "allele_not_carried", message, "FORMAT") for n in lines]


def _frequency(header: Header) -> pl.Expr:
    """The highest of the population frequencies that stand in INFO fields of gnomAD."""
    keys = [k for k in header.info if "gnomad" in k.lower() and k.lower().split("_")[-1] in ("af", "popmax", "grpmax")]
    values = [info(key).str.split(",").list.first().cast(pl.Float64, strict=False) for key in keys]
    return pl.max_horizontal(values) if values else pl.lit(None, dtype=pl.Float64)


def _small(described: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Variants of bases with their annotation."""
    joined = described.join(told.drop("partner"), on=["record", "site_allele"], how="left", maintain_order="left_right")
    same = pl.col("ref").str.len_bytes() == pl.col("alt").str.len_bytes()
    frequency = pl.coalesce("population_frequency", "frequency_in_info")
    return joined.with_columns(
        pl.when(same).then(pl.lit("snv")).otherwise(pl.lit("indel")).alias("class"),
        (pl.col("position") + pl.col("ref").str.len_bytes().cast(pl.Int64) - 1).alias("end_position"),
        pl.when(pl.col("exon").is_between(0, 500)).then(pl.col("exon")).alias("exon"),
        pl.when(frequency.is_between(0, 1)).then(frequency).alias("population_frequency"),
        pl.coalesce("significance", "significance_in_info").alias("significance"),
    )
