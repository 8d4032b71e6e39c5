"""The Cancer Biomarkers database of the Cancer Genome Interpreter (https://www.cancergenomeinterpreter.org/biomarkers).

Reads both of its tables: ``cgi_biomarkers.tsv`` (a line a biomarker) and ``cgi_biomarkers_per_variant.tsv`` (the same
line once for each mutation that fulfils it; they become one row again). Tamborero et al., Genome Med 2018, doi
10.1186/s13073-018-0531-8; CC0 1.0 as stated in its README.

A biomarker is ``GENE:V600E,G469.,.12.`` (one of several; a dot stands for any residue), ``GENE:.`` (any oncogenic
mutation), ``GENE:amp``, ``GENE:over``, ``A__B``; parts divided by ``;`` are needed together where the biomarker's name
joins them by ``+``. *No Responsive* is not resistance: a drug that did nothing was not shown to be resisted, so the
effect is unclear, and so is a raised toxicity, which says nothing on response; the words of the source stay.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from kohort.profile.knowledge import reading
from kohort.profile.knowledge.diseases import tumour_of
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS, strength_of
from kohort.profile.knowledge.pack import Finding
from kohort.profile.knowledge.reading import Line
from kohort.profile.matching.patterns import exon_ranges
from kohort.profile.own_data import own_table

__all__ = ["CGI"]

_REQUIRED = (
    "Alteration", "Alteration type", "Association", "Biomarker", "Drug", "Evidence level", "Gene", "Source",
)  # fmt: skip
_STATEMENT = ("alteration", "alteration type", "association", "biomarker", "drug", "drug family", "evidence level",
              "source")  # fmt: skip
_DIRECTIONS = {"responsive": "sensitive", "resistant": "resistant"}
_WORDS = {"amp": "amplification", "del": "deletion", "over": "overexpression", "under": "underexpression",
          "norm": "expression"}  # fmt: skip
_CONSEQUENCES = {
    "inframe_insertion": "insertion", "inframe_deletion": "deletion", "frameshift_variant": "frameshift",
    "missense_variant": "missense", "stop_gained": "nonsense", "splice_donor_variant": "splice",
    "splice_acceptor_variant": "splice", "splice_region_variant": "splice",
}  # fmt: skip
_MUTATION = re.compile(r"([A-Z][A-Za-z0-9-]*):([A-Z])([0-9]+)")
_CODON = re.compile(r"([A-Z]?)\.?([0-9]+)\.")
_RANGE = re.compile(r"\.?([0-9]+)[-_]([0-9]+)\.?")
_AGENCIES = (("US", re.compile(r"\bFDA\b|\bNCCN\b")), ("EU", re.compile(r"\bEMA\b")))

Residues = dict[tuple[str, str], str]
"""Reference residue by gene and codon, as far as the mutations of the file show it."""


def _read(content: bytes, path: Path) -> Content:
    findings: list[Finding] = []
    lines = list(reading.tsv_lines(reading.text_of(content, path), path, _REQUIRED, findings))
    cut = len(findings)
    residues = _residues(lines)
    merged: dict[str, Line] = {}
    for line in lines:
        merged.setdefault(_id(line), line)
    rows = []
    day = reading.file_day(path)
    for row_id, line in merged.items():
        found = list(_rows(row_id, line, residues, day))
        findings.extend(_findings(row_id, line, found))
        rows.extend(row for row, _ in found)
    return Content(rows, findings, len(lines) + cut, date=day)


CGI = Format(
    name="cgi",
    title="the biomarkers of the Cancer Genome Interpreter",
    recognises=lambda _, text: {"Biomarker", "Association", "Evidence level"} <= reading.header_of(text),
    read=_read,
    source="Cancer Biomarkers database of the Cancer Genome Interpreter, https://www.cancergenomeinterpreter.org",
    licence="CC0-1.0",
    cite="Tamborero et al., Cancer Genome Interpreter annotates the biological and clinical relevance of tumor "
    "alterations, Genome Med 2018, doi 10.1186/s13073-018-0531-8",
)
"""Both tables of the Cancer Biomarkers database."""


def _id(line: Line) -> str:
    """An id for a source without ids: that of the statement's own words, which stays while they stay."""
    return "CGI:" + reading.digest(*(line[name] for name in _STATEMENT), _tumour_cell(line))


def _tumour_cell(line: Line) -> str:
    """Acronyms of the tumours; the table with one line a biomarker has them under another name."""
    return line.first("primary tumor acronym", "primary tumor type")


def _residues(lines: list[Line]) -> Residues:
    shown = {match for line in lines for match in _MUTATION.findall(line["individual_mutation"])}
    return {(gene, place): residue for gene, residue, place in sorted(shown)}


def _rows(
    row_id: str, line: Line, residues: Residues, day: str | None
) -> Iterator[tuple[dict[str, object], reading.Pattern]]:
    """The rows of a biomarker, one a drug and a pattern, numbered where there are several."""
    gene = line["gene"].split(";")[0].strip()
    texts = reading.joined(_options(line, gene, residues), gene)
    pairs = [(text, drug) for text in texts for drug in _drugs(line)]
    common = _common(line, day)
    for number, (text, drug) in enumerate(pairs, start=1):
        found = reading.pattern(text, gene)
        own_id = row_id if len(pairs) == 1 else f"{row_id}#{number}"
        yield common | {"evidence_id": own_id, "gene": found.gene, "alteration": found.text, "drugs": drug}, found


def _options(line: Line, gene: str, residues: Residues) -> list[str]:
    """Patterns of which one must hold; the parts of a combined biomarker are multiplied out."""
    kinds = [kind.strip() for kind in line["alteration type"].split(";")]
    parts = [part.strip() for part in line["alteration"].split(";") if part.strip()]
    kinds += kinds[-1:] * (len(parts) - len(kinds))
    choices = [_part(part, kind, gene, residues) for part, kind in zip(parts, kinds, strict=False)]
    if len(choices) > 1 and "+" not in line["biomarker"]:
        return [text for choice in choices for text in choice]
    return [" and ".join(choice) for choice in product(*choices)]


def _part(part: str, kind: str, gene: str, residues: Residues) -> list[str]:
    """The alternatives of one part, each with its gene before it where that is not the gene of the line."""
    if "__" in part:
        sides = [side.strip() for side in part.split("__", 1)]
        named = [side for side in sides if side != "."]
        if len(named) == 2:
            return [_beside(gene if gene in named else named[0], "::".join(named), gene)]
        return [_beside(named[0] if named else gene, "fusion", gene)]
    own, _, rest = part.partition(":")
    if kind == "BIA":
        return [_beside(own, "biallelic inactivation", gene)]
    if rest.startswith(":consequence::"):
        words = rest.removeprefix(":consequence").split(",")
        return [_beside(own, _consequence(own, word.strip().removeprefix("::")), gene) for word in words]
    return [_beside(own, text, gene) for item in rest.split(",") for text in _change(own, item.strip(), residues)]


def _beside(own: str, text: str, gene: str) -> str:
    return text if own == gene else f"{own} {text}"


def _change(own: str, item: str, residues: Residues) -> list[str]:
    """One change of a list: a word, any oncogenic mutation, a codon, a stretch, or a change as written."""
    codon, stretch = _CODON.fullmatch(item), _RANGE.fullmatch(item)
    if item in _WORDS:
        return [_WORDS[item]]
    if item == ".":
        return reading.oncogenic_class(own).split(" or ")
    if codon is not None:
        residue = codon[1] or residues.get((own, codon[2]), "")
        return [f"p.{residue}{codon[2]}" if residue else f"codon {codon[2]}"]
    return [item if stretch is None else _stretch(own, "mutation", int(stretch[1]), int(stretch[2]))]


def _consequence(own: str, word: str) -> str:
    """A kind of change within a stretch, at a codon or anywhere: ``inframe_insertion:762-823``."""
    name, _, place = word.partition(":")
    kind = _CONSEQUENCES.get(name, name.replace("_", " "))
    stretch = _RANGE.fullmatch(place)
    if place in {"", "."}:
        return kind
    if stretch is not None:
        return _stretch(own, kind, int(stretch[1]), int(stretch[2]))
    return f"p.{place.strip('.')}fs" if kind == "frameshift" else f"{kind} {place}"


def _stretch(own: str, kind: str, first: int, last: int) -> str:
    """A kind of change within a stretch of codons: the exon, where the stretch is one."""
    for (name, exon), ranges in exon_ranges().items():
        if name == own and (first, last) in ranges:
            return f"exon {exon} {kind}"
    return f"p.{first}_{last}" if kind == "mutation" else f"p.{first}_{last} {kind}"


def _drugs(line: Line) -> list[str]:
    """Choices of treatment: examples of a family stand alone, drugs divided by ``;`` are given together."""
    cell = line["drug"]
    named = [name.strip() for name in re.split(r"[;,]" if cell.startswith("[") else ";", cell.strip("[]"))]
    names = [reading.drug_name(name) for name in named if name]
    if not names:
        family = line["drug family"].strip("[]").split(";")
        return ["+".join(name.strip().lower() for name in family if name.strip()) or reading.NOT_GIVEN]
    return list(dict.fromkeys(names)) if cell.startswith("[") else ["+".join(names)]


def _common(line: Line, day: str | None) -> dict[str, object]:
    """What all rows of a biomarker share."""
    level = line["evidence level"]
    source = "; ".join(part.strip() for part in line["source"].split(";") if part.strip())
    agencies = _agencies(source) or _agencies(level)
    said = f"{line['association']}: {line['biomarker']}."
    comment = line["comments"]
    return _tumour(line) | {
        "evidence_type": "predictive",
        "direction": _direction(line["association"]),
        "level": level,
        "level_system": "CGI",
        "strength": strength_of("CGI", level),
        "jurisdiction": ";".join(agencies) or "international",
        "source_id": source or "Cancer Genome Interpreter",
        "source_date": reading.day_of(line["curation date"]) or reading.day_of(_without_ids(source)) or day
        or reading.NOT_GIVEN,
        "note": f"{said} {comment}" if comment else said,
        "origin": "germline" if "germline" in comment.lower() else None,
    }  # fmt: skip


def _agencies(text: str) -> list[str]:
    """Where a label or guideline holds, by the words of its source, or of its level where the source is a paper."""
    return [place for place, named in _AGENCIES if named.search(text)]


def _without_ids(source: str) -> str:
    """A source without PubMed and trial numbers, whose digits are no years."""
    return re.sub(r"(?:PMID|NCT|doi|https?):?\s*\S*", "", source)


def _direction(association: str) -> str:
    """The direction; unclear for two at once and for all that is neither response nor resistance."""
    said = {_DIRECTIONS.get(word.strip().lower(), "unclear") for word in re.split("[;,]", association)}
    return said.pop() if len(said) == 1 else "unclear"


def _tumour(line: Line) -> dict[str, object]:
    """All tumours of a line in one row: which of its sources speaks of which tumour is not said."""
    cell = _tumour_cell(line)
    full = line.first("primary tumor type full name", "primary tumor type")
    known = [tumour_of(_acronyms().get(word.strip(), word.strip())) for word in cell.split(";") if word.strip()]
    if not known or any(tumour.any for tumour in known):
        return {"tumour": None, "tumour_text": None}
    codes = [code for tumour in known for code in (tumour.oncotree or "").split(";") if code]
    return {"tumour": ";".join(dict.fromkeys(codes)) or None, "tumour_text": full or cell}


@functools.cache
def _acronyms() -> dict[str, str]:
    return {acronym: disease for acronym, disease, *_ in own_table("cgi_tumours.tsv")}


def _findings(row_id: str, line: Line, rows: list[tuple[dict[str, object], reading.Pattern]]) -> Iterator[Finding]:
    """What could not be read of a biomarker."""
    words = {word.strip().lower() for word in re.split("[;,]", line["association"])}
    for _, found in rows:
        yield from reading.pattern_findings(row_id, found, "Alteration")
    if set(_DIRECTIONS) <= words:
        yield Finding(row_id, "Association", "The line has two opposite directions; its effect is unclear.")
    elif not words <= set(_DIRECTIONS):
        yield Finding(row_id, "Association", "The line is neither response nor resistance; its effect is unclear.")
    if line["evidence level"] not in LEVELS["CGI"]:
        yield Finding(row_id, "Evidence level", "The level is not known; it counts as the weakest.")
    if line["drug"].strip("[]") == "":
        yield Finding(row_id, "Drug", "The line names a family of drugs and no drug.")
    for word in filter(None, map(str.strip, _tumour_cell(line).split(";"))):
        if not tumour_of(_acronyms().get(word, word)).has_code:
            yield Finding(row_id, "Primary Tumor", "The tumour has no OncoTree code; it counts as another tumour.")
