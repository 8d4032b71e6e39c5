"""Tables that PCGR and CPSR write: variants, copy numbers by gene and fusions, each with its annotation.

Read are ``*.snv_indel_ann.tsv.gz``, ``*.cna_gene_ann.tsv.gz``, ``*.fusion_ann.tsv.gz`` of PCGR 2 and
``*.classification.tsv.gz`` of CPSR (https://sigven.github.io/pcgr/articles/output.html). Only what was found is taken;
tiers and evidence are PCGR's reading of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from kohort.sources.laboratory.annotations_words import most_severe
from kohort.sources.laboratory.cells import chromosome, number, whole
from kohort.sources.laboratory.headed import header_in
from kohort.sources.laboratory.linewise import Line, RefusedError, Variant, collect
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.pcgr import call_of, fusion_of
from kohort.sources.laboratory.rows import SAMPLE, Found, Tested, frame_of_variants, reading_of
from kohort.sources.laboratory.vcf_header import build_of
from kohort.sources.laboratory.vcf_samples import sample_of_file
from kohort.sources.model import LINE, LineFinding

__all__ = ["PCGR_COPY_NUMBERS", "PCGR_FUSIONS_ANNOTATED", "PCGR_VARIANTS"]

_GENOMIC = re.compile(
    r"(?:g\.)?(?:chr)?(?P<chromosome>\w+)[:_](?:g\.)?(?P<position>\d+)[:_]?(?P<ref>[ACGTN]+)[>_](?P<alt>[ACGTN]+)"
)
_CHANGE = re.compile(r"c\.[^:\s]+")
_CLASSES = {
    "amplification": 2, "amp": 2, "homdel": -2, "homozygous deletion": -2, "hetdel": -1, "heterozygous deletion": -1,
    "loss": -1,
}  # fmt: skip
_SIGNIFICANCE = ("FINAL_CLASSIFICATION", "CPSR_CLASSIFICATION", "CLINVAR_CLASSIFICATION", "CLINVAR_CLNSIG")


def _columns(start: str) -> set[str]:
    return {column.upper() for column in header_in(start)}


def _is_variants(name: str, start: str) -> bool:
    header = _columns(start)
    return {"SYMBOL", "CONSEQUENCE"} <= header and bool(header & {"GENOMIC_CHANGE", "VAR_ID"})


def _is_copy_numbers(name: str, start: str) -> bool:
    header = _columns(start)
    return "SYMBOL" in header and bool(header & {"CN_MAJOR", "N_MAJOR", "CN_TOTAL"})


def _is_fusions(name: str, start: str) -> bool:
    return {"FUSION_GENE", "BREAKPOINT_5P", "BREAKPOINT_3P"} <= _columns(start)


def _place(line: Line) -> Mapping[str, object]:
    """Chromosome, positions and bases, from their columns or from the variant's id."""
    if line.text("CHROM") and line.text("POS") and line.text("REF") and line.text("ALT"):
        at, ref, alt = line.place("POS"), str(line.text("REF")), str(line.text("ALT"))
        named = chromosome(line.text("CHROM"))
    else:
        texts = (line.text("GENOMIC_CHANGE"), line.text("VAR_ID"))
        found = next((match for text in texts if text and (match := _GENOMIC.fullmatch(text))), None)
        if found is None:
            message = "GENOMIC_CHANGE does not say where and what the change is. Send the table as PCGR wrote it."
            raise RefusedError("no_place", message, "GENOMIC_CHANGE")
        at, ref, alt = int(found["position"]), found["ref"], found["alt"]
        named = chromosome(found["chromosome"])
    return {"chromosome": named, "position": at, "end_position": at + len(ref) - 1, "ref": ref, "alt": alt}


def _variant(line: Line, *, germline: bool) -> Variant:
    place = _place(line)
    same = len(str(place["ref"])) == len(str(place["alt"]))
    words = line.text("CONSEQUENCE")
    change = _CHANGE.search(line.text("HGVSC", "CDS_CHANGE") or "")
    exon = re.match(r"\d+", line.text("EXON", "EXON_AFFECTED") or "")
    read = "CONTROL" if germline else "TUMOR"
    return {
        **place,
        "class": "snv" if same else "indel",
        "gene": line.text("SYMBOL"),
        "hgvs_c": change.group() if change else None,
        "hgvs_p": _protein(line),
        "transcript": line.text("ENSEMBL_TRANSCRIPT_ID"),
        "exon": int(exon.group()) if exon and int(exon.group()) <= 500 else None,
        "vaf": line.share(f"VAF_{read}", f"AF_{read}"),
        "depth": line.amount(f"DP_{read}"),
        "origin": "germline" if germline else "somatic",
        "classification": None if words is None else most_severe(re.sub(r",\s*", "&", words)),
        "population_frequency": _frequency(line),
        "significance": line.text(*_SIGNIFICANCE),
        "call_filter": line.text("FILTER"),
    }  # fmt: skip


def _protein(line: Line) -> str | None:
    written = line.text("HGVSP_SHORT", "PROTEIN_CHANGE", "HGVSP")
    return None if written is None else written.rpartition(":")[2].replace("%3D", "=")


def _frequency(line: Line) -> float | None:
    found = [
        value
        for name, text in line.cells.items()
        if name.startswith("GNOMAD") and name.endswith("AF") and (value := number(text)) is not None and 0 <= value <= 1
    ]
    return max(found, default=None)


def _read_variants(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    header = {column.upper() for column in header_in("\n".join(lines[:20]))}
    germline = "GENOTYPE" in header and "VAF_TUMOR" not in header
    return _read(lines, path, sheet, lambda line: [_variant(line, germline=germline)], "mutation")


def _copy_number(line: Line) -> Variant:
    written = line.text("VARIANT_CLASS") or ""
    total = _total(line)
    call = _CLASSES.get(written.lower(), None if total is None else call_of(total))
    if call is None:
        message = "The line says neither how many copies there are nor what they mean. Fill CN_MAJOR and CN_MINOR."
        raise RefusedError("no_copy_number_call", message, "CN_MAJOR")
    return {
        "class": "cnv",
        "gene": line.needed("missing_gene", "gene", "SYMBOL"),
        "chromosome": chromosome(line.text("CHROM", "CHROMOSOME")),
        "position": whole(line.text("SEGMENT_START")),
        "end_position": whole(line.text("SEGMENT_END")),
        "copies": call,
        "amount": None if total is None else float(total),
        "classification": written or None,
    }


def _total(line: Line) -> int | None:
    parts = [whole(line.text(*names)) for names in (("CN_MAJOR", "N_MAJOR"), ("CN_MINOR", "N_MINOR"))]
    known = [part for part in parts if part is not None and part >= 0]
    return sum(known) if len(known) == 2 else whole(line.text("CN_TOTAL"))


def _read_copy_numbers(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    return _read(lines, path, sheet, lambda line: [_copy_number(line)], "copy_number")


def _read_fusions(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    places = ("BREAKPOINT_5P", "BREAKPOINT_3P")
    return _read(
        lines, path, sheet, lambda line: [fusion_of(line, "FUSION_GENE", places, "SPLIT_READS")], "structural_variant"
    )


def _read(
    lines: Sequence[str], path: Path, sheet: Sheet, read: Callable[[Line], Iterable[Variant]], assay: str
) -> Reading:
    """Rows of a table whose lines name their sample, or else the file does."""
    whole_file = sample_of_file(path, sheet)
    builds: set[str] = set()

    def sampled(line: Line) -> Iterable[Variant]:
        builds.update({build_of(line.text("GENOME_VERSION") or "") or ""} - {""})
        return [{SAMPLE: line.text("SAMPLE_ID") or whole_file, **variant} for variant in read(line)]

    variants, _, findings, aside = collect(lines, sampled)
    if assay == "copy_number":
        variants, repeated = _by_gene(variants)
        findings += repeated
    named = dict.fromkeys(str(variant[SAMPLE]) for variant in variants) or {whole_file: None}
    build = builds.pop() if len(builds) == 1 else build_of(path.name)
    tested = [Tested(sample, assay, 1, None, {"genome_build": build}) for sample in named]
    return reading_of(Found(frame_of_variants(variants), tested, findings=findings, quarantined=aside), sheet)


def _by_gene(variants: Sequence[Variant]) -> tuple[list[Variant], list[LineFinding]]:
    """One call a gene: a gene across a breakpoint has a line for each segment, and the furthest from neutral counts."""
    kept: dict[tuple[object, object], Variant] = {}
    findings = []
    message = "The gene lies across two segments with different calls; the one further from neutral counts."
    for variant in variants:
        key = (variant[SAMPLE], variant["gene"])
        other = kept.setdefault(key, variant)
        call, before = variant["copies"], other["copies"]
        if call == before or not isinstance(call, int) or not isinstance(before, int):
            continue
        findings.append(LineFinding(int(str(variant[LINE])), "warning", "gene_across_segments", message, "SYMBOL"))
        if abs(call) > abs(before):
            kept[key] = variant
    return list(kept.values()), findings


PCGR_VARIANTS = Layout("pcgr_variants", "PCGR or CPSR, annotated variants", _is_variants, _read_variants, by_name=True)
PCGR_COPY_NUMBERS = Layout(
    "pcgr_copy_numbers", "PCGR, copy numbers by gene", _is_copy_numbers, _read_copy_numbers, by_name=True
)
PCGR_FUSIONS_ANNOTATED = Layout(
    "pcgr_fusions_annotated", "PCGR, annotated fusions", _is_fusions, _read_fusions, by_name=True
)
