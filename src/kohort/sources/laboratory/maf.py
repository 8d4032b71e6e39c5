"""A MAF on its own, outside a cBioPortal study: mapped as the mutation file of a study is.

Read as the GDC (https://docs.gdc.cancer.gov/Data/File_Formats/MAF_Format), vcf2maf and OncoKB's annotator write it:
``#`` lines before the header, and columns beside those of cBioPortal for the call, the population and ClinVar. What
OncoKB added about the meaning of a variant is knowledge, not a finding in the tumour, and is left to knowledge packs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from kohort.sources.cbioportal.context import BUILDS, Study
from kohort.sources.cbioportal.mapping import TableFile, clean, first_of
from kohort.sources.cbioportal.molecular import MUTATIONS
from kohort.sources.delimited import RawChunk, read_lines
from kohort.sources.laboratory.headed import header_in
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.rows import SAMPLE, Found, Tested, reading_of
from kohort.sources.model import KEY, LINE, PERSON, Chunk, LineFinding

__all__ = ["MAF", "ONCOKB_COLUMNS", "study_of_samples"]

_SAMPLE = "TUMOR_SAMPLE_BARCODE"
_CHANGES = {"VARIANT_CLASSIFICATION", "HGVSP_SHORT", "HGVSP", "AMINO_ACID_CHANGE", "REFERENCE_ALLELE"}
_FREQUENCY = re.compile(r"^GNOMAD.*_AF$")
_CALLED = ("FILTER", "CLIN_SIG", "MAX_AF", "AMINO_ACID_CHANGE")
ONCOKB_COLUMNS = re.compile(
    r"^(?:ANNOTATED|GENE_IN_ONCOKB|VARIANT_IN_ONCOKB|MUTATION_EFFECT(?:_\w+)?|ONCOGENIC|(?:HIGHEST_)?\w*LEVEL(?:_\w+)?"
    r"|TX_CITATIONS|DX_CITATIONS|PX_CITATIONS|[DP]X_LEVEL\w*|GENE_SUMMARY|VARIANT_SUMMARY|TUMOR_TYPE_SUMMARY"
    r"|DIAGNOSTIC_SUMMARY|PROGNOSTIC_SUMMARY|MUTATION_EFFECT_DESCRIPTION|ONCOKB_\w+|IS-A-\w*HOTSPOT|CITATIONS)$"
)
"""Columns that OncoKB's annotator adds, in upper case."""


def _recognises(name: str, start: str) -> bool:
    header = {column.upper() for column in header_in(start)}
    return {"HUGO_SYMBOL", _SAMPLE} <= header and bool(header & _CHANGES)


def study_of_samples(samples: Sequence[str], genome_build: str | None = None) -> Study:
    """A study that consists of these samples alone, as the readers of study files need it; each stands for itself."""
    names = pl.DataFrame({"SAMPLE_ID": samples}, schema={"SAMPLE_ID": pl.String})
    owners = names.with_columns(pl.col("SAMPLE_ID").alias("PATIENT_ID"), pl.col("SAMPLE_ID").alias("TUMOUR"))
    nobody = names["SAMPLE_ID"].clear()
    unlisted: dict[str, pl.Series] = dict.fromkeys(("mutation", "copy_number", "structural_variant"), nobody)
    return Study("laboratory", pl.DataFrame(), frozenset(), owners, unlisted, {}, genome_build, "")


def _read(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    raw = _with_change(read_lines(lines, MUTATIONS.types))
    named, build, findings = _named(raw)
    raw = replace(raw, frame=raw.frame.filter(pl.col(LINE).is_in(named[LINE].implode())))
    frequencies = [column for column in raw.header if _FREQUENCY.match(column)]
    known = {*_CALLED, *frequencies, *filter(ONCOKB_COLUMNS.match, raw.header)}
    kind = replace(MUTATIONS, known=MUTATIONS.known | known, order=())
    chunk = TableFile(path, kind, study_of_samples(named["sample"].unique().to_list(), build)).chunk(raw)
    findings = [*findings, *chunk.findings, *_beside_sheet(build, raw, sheet)]
    variants = _variants(chunk, raw.frame, frequencies)
    tested = [
        Tested(sample, "mutation", line, None, {"genome_build": build}) for sample, line in _first_lines(variants)
    ]
    aside = [*chunk.quarantined, *(f.line for f in findings if f.severity == "quarantined" and f.line)]
    return reading_of(Found(variants, tested, findings=findings, quarantined=aside), sheet)


MAF = Layout("maf", "MAF (mutation annotation format)", _recognises, _read, frozenset({_SAMPLE}))


def _with_change(raw: RawChunk) -> RawChunk:
    """The piece with Amino_Acid_Change under the name of HGVSp_Short where it stands for that."""
    if "AMINO_ACID_CHANGE" not in raw.header or "HGVSP_SHORT" in raw.header:
        return raw
    header = tuple("HGVSP_SHORT" if name == "AMINO_ACID_CHANGE" else name for name in raw.header)
    return replace(raw, header=header, frame=raw.frame.rename({"AMINO_ACID_CHANGE": "HGVSP_SHORT"}))


def _named(raw: RawChunk) -> tuple[pl.DataFrame, str | None, list[LineFinding]]:
    """The lines that name a sample, the genome build of the first line, and a finding for each that names none."""
    sample = raw.frame.select(LINE, clean(_SAMPLE).alias("sample"))
    message = "The line names no sample. Fill Tumor_Sample_Barcode."
    findings = [
        LineFinding(line, "quarantined", "missing_sample", message, _SAMPLE)
        for line in sample.filter(pl.col("sample").is_null())[LINE]
    ]
    builds = raw.frame.select(first_of(raw.frame, "NCBI_BUILD").alias("build")).to_series().drop_nulls()
    build = BUILDS.get(str(builds[0]).strip().upper()) if builds.len() else None
    return sample.drop_nulls("sample"), build, findings


def _beside_sheet(build: str | None, raw: RawChunk, sheet: Sheet) -> list[LineFinding]:
    """A finding if the sheet names another genome build than the file."""
    if build is None or sheet.genome_build in (None, build) or not raw.frame.height:
        return []
    message = (
        f"The file is of {build}, the sample sheet says {sheet.genome_build}: positions of the two do not mean the "
        "same place. Correct the one that is wrong."
    )
    return [LineFinding(raw.frame[LINE][0], "warning", "mixed_builds", message, "NCBI_BUILD")]


def _variants(chunk: Chunk, frame: pl.DataFrame, frequencies: Sequence[str]) -> pl.DataFrame:
    """The mapped rows with what a MAF on its own says beside them."""
    if not chunk.rows:
        return pl.DataFrame(schema={SAMPLE: pl.String(), LINE: pl.Int64(), "class": pl.String()})
    numbers = [clean(name).cast(pl.Float64, strict=False) for name in frequencies]
    highest = pl.max_horizontal(numbers) if numbers else first_of(frame, "MAX_AF").cast(pl.Float64, strict=False)
    beside = frame.select(
        LINE,
        pl.col(_SAMPLE).alias(SAMPLE),
        pl.when(highest.is_between(0, 1)).then(highest).alias("population_frequency"),
        first_of(frame, "CLIN_SIG").alias("significance"),
        first_of(frame, "FILTER").alias("call_filter"),
    )
    made = chunk.rows[0].frame.drop(PERSON, KEY, "test")
    return made.join(beside, on=LINE, how="left", maintain_order="left")


def _first_lines(variants: pl.DataFrame) -> list[tuple[str, int]]:
    """Each sample with the first line that names it."""
    return variants.unique(SAMPLE, keep="first", maintain_order=True).select(SAMPLE, LINE).rows()
