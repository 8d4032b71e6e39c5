"""GISTIC 2.0: ``all_thresholded.by_genes.txt`` as copy-number calls; its other tables are recognised and left.

The thresholded table has a line a gene (``Gene Symbol``, ``Locus ID``, ``Cytoband``) and a column a sample with -2, -1,
0, 1 or 2, as cBioPortal's matrix has. Every gene of the table was read in every sample. ``all_data_by_genes.txt`` holds
log2 ratios, from which no call follows without GISTIC's thresholds of each sample; ``amp_genes`` and ``del_genes`` tell
of the cohort's peaks, not of a patient (http://portals.broadinstitute.org/cgi-bin/cancer/publications/view/216).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from kohort.sources.cbioportal.mapping import TableFile
from kohort.sources.cbioportal.molecular import COPY_NUMBER_MATRIX
from kohort.sources.delimited import read_lines
from kohort.sources.laboratory.headed import header_in
from kohort.sources.laboratory.maf import study_of_samples
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.rows import ASSAY, SAMPLE, Found, Panel, Tested, reading_of
from kohort.sources.model import KEY, LINE, PERSON, LineFinding, Rows

__all__ = ["GISTIC", "GISTIC_OTHER"]

_RENAMED = {"GENE SYMBOL": "HUGO_SYMBOL", "LOCUS ID": "ENTREZ_GENE_ID", "GENE ID": "ENTREZ_GENE_ID"}
_FIRST = ("gene symbol", "cytoband")
_NOT_THRESHOLDED = re.compile(r"all_data_by_genes|focal_data_by_genes|broad_data_by_genes", re.IGNORECASE)
_PEAKS = re.compile(r"(?:amp|del)_genes", re.IGNORECASE)
_CALL = re.compile(r"-?[012](?:\.0+)?|NA|NaN|")


def _values(start: str) -> list[str]:
    """The cells of the first genes, without the names in front."""
    lines = [line.split("\t") for line in start.splitlines()[1:-1] if line.strip()]
    return [cell.strip() for line in lines for cell in line[3:]]


def _is_matrix(start: str) -> bool:
    header = [name.lower() for name in header_in(start)[:3]]
    return len(header) == 3 and (header[0], header[2]) == _FIRST and header[1] in ("locus id", "gene id")


def _recognises(name: str, start: str) -> bool:
    if not _is_matrix(start) or _NOT_THRESHOLDED.search(name):
        return False
    values = _values(start)
    calls = sum(_CALL.fullmatch(value) is not None for value in values)
    return "threshold" in name.lower() or not values or 2 * calls >= len(values)


def _is_other(name: str, start: str) -> bool:
    header = [cell.lower() for cell in header_in(start)[:1]]
    peaks = bool(_PEAKS.search(name)) and header == ["cytoband"]
    return peaks or (_is_matrix(start) and not _recognises(name, start))


def _read(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    raw = read_lines(lines)
    head = next(n for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#"))
    samples = [name for name in header_in("\n".join(lines[:head]))[3:] if name]
    names = {name: _RENAMED.get(name, name) for name in raw.header}
    frame = raw.frame.rename(names).with_columns(pl.col("HUGO_SYMBOL").str.replace(r"\|chr\w+$", ""))
    raw = replace(raw, header=tuple(names.values()), frame=frame)
    chunk = TableFile(path, COPY_NUMBER_MATRIX, study_of_samples(samples)).chunk(raw)
    variants = _variants(chunk.rows)
    tested = [Tested(sample, "copy_number", head) for sample in samples]
    genes = _genes(chunk.rows)
    digest = hashlib.sha256(" ".join(genes).encode()).hexdigest()[:8]
    panels = [Panel(f"gistic/{digest}", "copy_number", genes)]
    found = Found(variants, tested, panels, findings=chunk.findings, quarantined=list(chunk.quarantined))
    return reading_of(found, sheet)


def _variants(rows: Sequence[Rows]) -> pl.DataFrame:
    made = next((each.frame for each in rows if each.table == "variant"), None)
    if made is None:
        return pl.DataFrame(schema={SAMPLE: pl.String(), LINE: pl.Int64(), "class": pl.String(), "gene": pl.String()})
    sample = pl.col("test").str.strip_suffix("|copy_number").alias(SAMPLE)
    return made.with_columns(sample, pl.lit("copy_number").alias(ASSAY)).drop(PERSON, KEY, "test")


def _genes(rows: Sequence[Rows]) -> dict[str, int]:
    """Genes of the table and their lines: what was read."""
    codes = next((each.frame for each in rows if each.table == "code"), None)
    return {} if codes is None else dict(codes.drop_nulls("code").select("code", LINE).iter_rows())


def _leave(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    """Nothing is read; the finding says why and what to send instead."""
    if _is_matrix("\n".join(lines[:1])):
        rule, what = (
            "no_calls",
            (
                "The table of GISTIC holds log2 ratios, not calls: what is a deletion or an amplification depends on "
                "each sample's thresholds, and nothing was read."
            ),
        )
    else:
        rule, what = (
            "no_patients",
            "The table of GISTIC tells of peaks of a cohort, not of a patient; nothing was read.",
        )
    finding = LineFinding(0, "warning", rule, f"{what} Send all_thresholded.by_genes.txt.")
    return Reading((), [finding])


GISTIC = Layout("gistic", "GISTIC, thresholded by genes", _recognises, _read, frozenset())
GISTIC_OTHER = Layout("gistic_other", "GISTIC, tables without calls", _is_other, _leave, frozenset())
