"""Variants of one laboratory file -> rows of the standard tables, with the natural keys of a cBioPortal study.

A layout gives its variants as a frame: ``_sample``, ``_line``, columns of table ``variant``, and ``_assay`` where the
class does not tell it. Patients, tumours, specimens, tests and panels follow from the sample and the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from kohort.codes import genes as gene_names
from kohort.codes import oncotree
from kohort.sources.laboratory.keys import variant_key
from kohort.sources.laboratory.model import Reading, Sheet
from kohort.sources.laboratory.samples import Sample, sample_of
from kohort.sources.model import KEY, LINE, PERSON, LineFinding, Rows
from kohort.tables import table, violations

__all__ = ["ASSAY", "SAMPLE", "Attribute", "Found", "Panel", "Tested", "frame_of_variants", "mentioned", "reading_of"]

SAMPLE = "_sample"
"""Column with the sample's id as the source writes it."""
ASSAY = "_assay"
"""Column with the assay that found a variant; where it is left out or null the class tells it."""

_ASSAYS = {
    "snv": "mutation", "indel": "mutation", "cnv": "copy_number", "sv": "structural_variant",
    "fusion": "structural_variant", "expression": "expression", "signature": "mutation",
}  # fmt: skip
_OF_MUTATIONS = frozenset({"tmb", "msi", "msi_unstable", "msi_sites", "region", "hrd"})
"""What belongs to the test that reads mutations; the rest holds for every test of the sample."""
_WHOLE = {"WES": "exome", "WXS": "exome", "WHOLE_EXOME": "exome", "WGS": "genome", "WHOLE_GENOME": "genome"}
_VARIANT = table("variant").polars_schema


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that a file states, with or without findings.

    Attributes:
        sample: the sample's id.
        assay: what was read.
        line: physical line that says so.
        panel: the panel where the sheet names none and its gene list is in the delivery.
        values: further columns of table ``test``; what the sheet holds of the sample goes before them.
    """

    sample: str
    assay: str
    line: int
    panel: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """Genes that a file itself says were read (a matrix names every gene): the panel of its tests of that assay."""

    id: str
    assay: str
    genes: Mapping[str, int]
    """Gene to the line that names it."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something a file says of a sample that has no column of its own: it is kept as a finding, as written."""

    sample: str
    code: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a layout found in a file.

    Attributes:
        variants: ``_sample``, ``_line``, columns of table ``variant``, perhaps ``_assay``.
        tested: tests that the file states; those that found something need not be named.
        panels: gene lists that the file itself gives.
        attributes: what else it says of the samples.
        findings: what is wrong with its lines.
        quarantined: lines set aside.
    """

    variants: pl.DataFrame
    tested: Sequence[Tested] = ()
    panels: Sequence[Panel] = ()
    attributes: Sequence[Attribute] = ()
    findings: Sequence[LineFinding] = ()
    quarantined: Sequence[int] = ()


def frame_of_variants(variants: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Variants given as dicts, as a frame with declared types."""
    listed = list(variants)
    schema: dict[str, pl.DataType] = {SAMPLE: pl.String(), ASSAY: pl.String(), LINE: pl.Int64()}
    given = {name for variant in listed for name in variant} | {"class", "gene"}
    schema |= {name: kind for name, kind in _VARIANT.items() if name in given}
    return pl.DataFrame({n: [v.get(n) for v in listed] for n in schema}, schema=schema, strict=False)


def reading_of(found: Found, sheet: Sheet) -> Reading:
    """Rows of persons, tumours, specimens, tests, codes and variants, and all findings.

    Lines of a sample that two patients claim are set aside, and so is a line that repeats an earlier one.
    """
    findings = list(found.findings)
    aside = set(found.quarantined)
    broken, variants = _without_broken(_with_assay(found.variants))
    torn, variants = _without_torn(variants, sheet)
    tested = [test for test in found.tested if test.sample not in sheet.torn]
    keyed = _genes_apart(variants.with_columns(variant_key(variants, SAMPLE).alias(KEY)))
    again, keyed = _without_repeats(keyed)
    findings += [*broken, *torn, *again]
    aside |= {finding.line for finding in (*broken, *torn, *again)}
    tests = _tests(keyed, tested, found.panels, sheet)
    told = [attribute for attribute in found.attributes if attribute.sample not in sheet.torn]
    samples = _samples([*tests.values(), *told], sheet)
    findings += [*_assumed(samples), *_unlisted_panels(tests), *_contradictions(keyed, tests, found.panels, sheet)]
    rows = [*_people(samples, sheet), _test_rows(tests, samples), *_codes(found.panels)]
    rows += [_variant_rows(keyed, samples), *_attribute_rows(told, samples)]
    return Reading(rows, findings, sorted(aside))


def _with_assay(variants: pl.DataFrame) -> pl.DataFrame:
    by_class = pl.col("class").replace_strict(_ASSAYS, default="other", return_dtype=pl.String)
    told = [pl.col(ASSAY), by_class] if ASSAY in variants.columns else [by_class]
    return variants.with_columns(pl.coalesce(told).alias(ASSAY))


def _without_broken(variants: pl.DataFrame) -> tuple[list[LineFinding], pl.DataFrame]:
    """Variants that keep to the declaration of their table; no test may stand on the others."""
    declared = table("variant")
    typed = variants.select(pl.col(n).cast(kind) for n, kind in _VARIANT.items() if n in variants.columns)
    found = [v for v in violations(declared, typed) if v.rule.name != "required" or v.rule.column == "class"]
    if not found:
        return [], variants
    findings = [
        LineFinding(line, "quarantined", v.rule.name, f"{v.rule.words} (table variant). Correct it.", v.rule.column)
        for v in found
        for line in variants[LINE].gather(v.rows)
    ]
    aside = pl.Series([finding.line for finding in findings], dtype=pl.Int64)
    return findings, variants.filter(~pl.col(LINE).is_in(aside.implode()))


def _without_torn(variants: pl.DataFrame, sheet: Sheet) -> tuple[list[LineFinding], pl.DataFrame]:
    if not sheet.torn:
        return [], variants
    hit = pl.col(SAMPLE).is_in(list(sheet.torn))
    message = "Two patients claim this sample in the sample sheet, so its lines were set aside. Settle that first."
    lines = variants.filter(hit)[LINE].unique(maintain_order=True)
    return [LineFinding(n, "quarantined", "sample_of_two_patients", message) for n in lines], variants.filter(~hit)


def _genes_apart(keyed: pl.DataFrame) -> pl.DataFrame:
    """Rows of one line about several genes: the first has the key of the place, the others their gene beside it."""
    if "gene" not in keyed.columns:
        return keyed
    other = pl.col("gene").ne_missing(pl.col("gene").first().over(KEY, LINE))
    apart = pl.concat_str([pl.col(KEY), pl.col("gene").fill_null("")], separator="|")
    return keyed.with_columns(pl.when(other).then(apart).otherwise(KEY).alias(KEY))


def _without_repeats(keyed: pl.DataFrame) -> tuple[list[LineFinding], pl.DataFrame]:
    first = keyed[KEY].is_first_distinct()
    if first.all():
        return [], keyed
    kept = keyed.filter(first)
    again = sorted(set(keyed[LINE].filter(~first)) - set(kept[LINE]))
    message = (
        "The line states again what an earlier line of the file states: same sample, place and change. "
        "The first one counts; remove the copy, or correct the one that is wrong."
    )
    return [LineFinding(n, "quarantined", "duplicate_line", message) for n in again], kept


@dataclass(frozen=True, slots=True)
class _Test:
    sample: str
    assay: str
    line: int
    panel: str | None
    coverage: str
    unlisted: bool
    values: Mapping[str, object]


def _tests(
    keyed: pl.DataFrame, tested: Sequence[Tested], panels: Sequence[Panel], sheet: Sheet
) -> dict[tuple[str, str], _Test]:
    """Each test once, by sample and assay: those stated, and those that must have been made."""
    implied = keyed.unique([SAMPLE, ASSAY], keep="first", maintain_order=True).select(SAMPLE, ASSAY, LINE)
    every = [*tested, *(Tested(sample, assay, line) for sample, assay, line in implied.iter_rows())]
    own = {panel.assay: panel.id for panel in panels}
    made: dict[tuple[str, str], _Test] = {}
    for test in every:
        if (test.sample, test.assay) not in made:
            made[test.sample, test.assay] = _test(test, own.get(test.assay), sheet)
    return made


def _test(test: Tested, own: str | None, sheet: Sheet) -> _Test:
    facts = sheet.facts.get(test.sample)
    told = {**test.values, **(facts.values if facts else {})}
    if test.assay not in ("mutation", "other"):
        told = {name: value for name, value in told.items() if name not in _OF_MUTATIONS}
    build = sheet.builds.get(test.sample) or told.get("genome_build") or sheet.genome_build
    named = own or sheet.panels.get(test.sample) or sheet.panels.get("*")
    panel = named or (test.panel if test.panel in sheet.genes else None)
    if panel is not None and own is None and f"{panel}_{test.assay}" in sheet.genes:
        panel = f"{panel}_{test.assay}"
    if panel is None or test.assay == "other":
        coverage, unlisted, panel = "unknown", False, None
    elif own is not None or panel in sheet.genes:
        coverage, unlisted = "panel", False
    else:
        coverage = _WHOLE.get(panel.upper(), "unknown")
        unlisted = coverage == "unknown"
    return _Test(test.sample, test.assay, test.line, panel, coverage, unlisted, {**told, "genome_build": build})


def _samples(named: Iterable[_Test | Attribute], sheet: Sheet) -> dict[str, tuple[Sample, int]]:
    """The samples of the file, each with the first line that names it."""
    lines: dict[str, int] = {}
    for item in named:
        lines[item.sample] = min(item.line, lines.get(item.sample, item.line))
    return {name: (sample_of(name, sheet), line) for name, line in lines.items()}


def _assumed(samples: Mapping[str, tuple[Sample, int]]) -> list[LineFinding]:
    message = (
        "No sample sheet says whose the sample is, so the sample stands for its patient and joins no other data. "
        "Add samples.tsv (SAMPLE_ID, PATIENT_ID) to the folder."
    )
    return [
        LineFinding(line, "warning", "sample_as_patient", message, "SAMPLE_ID")
        for sample, line in samples.values()
        if sample.assumed
    ]


def _unlisted_panels(tests: Mapping[tuple[str, str], _Test]) -> list[LineFinding]:
    message = (
        "The panel has no gene list in the delivery; which genes it covers is unknown. Add its data_gene_panel file."
    )
    return [
        LineFinding(test.line, "warning", "unknown_panel", message, "PANEL", test.panel)
        for test in tests.values()
        if test.unlisted
    ]


def _contradictions(
    keyed: pl.DataFrame, tests: Mapping[tuple[str, str], _Test], panels: Sequence[Panel], sheet: Sheet
) -> list[LineFinding]:
    """Variants in genes that the panel's list lacks: the list, the gene or the sample is wrong."""
    lists = {**sheet.genes, **{panel.id: tuple(panel.genes) for panel in panels}}
    listed = {key: test.panel for key, test in tests.items() if test.panel in lists}
    if not listed:
        return []
    names = {panel: frozenset(map(_symbol, lists[panel])) for panel in set(listed.values()) if panel is not None}
    partner = pl.col("partner") if "partner" in keyed.columns else pl.lit(None, dtype=pl.String).alias("partner")
    told = keyed.filter(pl.col("class") != "not_assessed").select(SAMPLE, ASSAY, LINE, "gene", partner)
    message = (
        "The gene is not in the gene list of the panel that the sample was tested with. The variant was kept; "
        "correct the panel file, or the panel of the sample."
    )
    return [
        LineFinding(line, "warning", "panel_contradicts", message, "gene", gene)
        for sample, assay, line, gene, other in told.iter_rows()
        if (panel := listed.get((sample, assay))) is not None
        and names[panel].isdisjoint(_symbol(name) for name in (gene, other) if name is not None)
        and gene is not None
    ]


def _symbol(name: str) -> str:
    gene = gene_names.resolve(name)
    return name if gene is None else gene.symbol


def _people(samples: Mapping[str, tuple[Sample, int]], sheet: Sheet) -> list[Rows]:
    """Persons, tumours and specimens that the samples imply; what the site knows of them already stays as it is."""
    told = list(samples.values())
    persons = {sample.patient: line for sample, line in reversed(told)}
    tumours = {sample.tumour: (sample, line) for sample, line in reversed(told) if sample.tumour is not None}
    specimens = [
        {
            PERSON: sample.patient, KEY: sample.id, LINE: line, "tumour": sample.tumour, "kind": sample.kind,
            "kind_text": sample.kind_text, "tissue_text": sample.material,
            **(sheet.facts[sample.id].specimen if sample.id in sheet.facts else {}),
        }
        for sample, line in told
    ]  # fmt: skip
    return [
        mentioned("person", [{PERSON: name, KEY: name, LINE: line} for name, line in persons.items()]),
        mentioned("tumour", [_tumour(key, sample, line) for key, (sample, line) in tumours.items()]),
        mentioned("specimen", specimens),
    ]


def _tumour(key: str, sample: Sample, line: int) -> dict[str, object]:
    code = sample.oncotree
    known = code is not None and code.upper() in oncotree.all_codes()
    return {
        PERSON: sample.patient, KEY: key, LINE: line, "kind": "primary",
        "oncotree_system": "oncotree" if known else None,
        "oncotree_code": code.upper() if known and code else None,
        "oncotree_text": code,
    }  # fmt: skip


def mentioned(name: str, rows: Sequence[Mapping[str, object]]) -> Rows:
    """Rows that say that a thing is there; of several with one key the first counts."""
    return Rows(name, typed(name, rows), implied=True, mention=True)


def typed(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows given as dicts, as a frame; references stay natural keys, that is text."""
    declared = table(name)
    given = dict.fromkeys(column for row in rows for column in row)
    schema = {PERSON: pl.String(), KEY: pl.String(), LINE: pl.Int64()} | {
        column: pl.String() if column in declared.references else declared.polars_schema[column]
        for column in given
        if column not in (PERSON, KEY, LINE)
    }
    return pl.DataFrame({n: [row.get(n) for row in rows] for n in schema}, schema=schema, strict=False)


def _test_rows(tests: Mapping[tuple[str, str], _Test], samples: Mapping[str, tuple[Sample, int]]) -> Rows:
    rows = [
        {
            PERSON: samples[test.sample][0].patient, KEY: f"{test.sample}|{test.assay}", LINE: test.line,
            "specimen": test.sample, "assay": test.assay, "panel": test.panel, "coverage": test.coverage,
            **test.values,
        }
        for test in tests.values()
    ]  # fmt: skip
    return Rows("test", typed("test", rows), implied=True)


def _attribute_rows(told: Sequence[Attribute], samples: Mapping[str, tuple[Sample, int]]) -> list[Rows]:
    rows = [
        {
            PERSON: samples[a.sample][0].patient, KEY: f"{a.sample}|attribute|{a.code}", LINE: a.line,
            "kind": "attribute", "code_system": "laboratory", "code_code": a.code, "value_text": a.text,
            "specimen": a.sample, "tumour": samples[a.sample][0].tumour,
        }
        for a in told
    ]  # fmt: skip
    return [Rows("finding", typed("finding", rows), implied=True)] if rows else []


def _codes(panels: Sequence[Panel]) -> list[Rows]:
    rows = [
        {PERSON: None, KEY: f"panel/{p.id}|{gene}", LINE: line, "system": f"panel/{p.id}", "code": gene}
        for p in panels
        for gene, line in p.genes.items()
    ]
    return [Rows("code", typed("code", rows), implied=True)] if rows else []


def _variant_rows(keyed: pl.DataFrame, samples: Mapping[str, tuple[Sample, int]]) -> Rows:
    owners = {name: sample.patient for name, (sample, _) in samples.items()}
    made = keyed.with_columns(
        pl.col(SAMPLE).replace_strict(owners, default=None, return_dtype=pl.String).alias(PERSON),
        pl.concat_str([SAMPLE, ASSAY], separator="|").alias("test"),
    )
    return Rows("variant", made.drop(SAMPLE, ASSAY), implied=True)
