"""OncoKB's annotation of a site's own variants, under the site's own licence (https://www.oncokb.org).

Reads what the OncoKB annotator writes for a MAF, for copy numbers, for fusions and structural variants and for other
biomarkers: ``ONCOGENIC``, ``MUTATION_EFFECT`` and the levels with their drugs, diagnoses and citations. A distinct
alteration, level, drug and tumour is one row of evidence; samples are not kept. Chakravarty et al., JCO Precis Oncol
2017, doi 10.1200/PO.17.00011. OncoKB is licensed to a site, not to Kohort: the licence must be named by who adds it.

Levels are those of the sample's tumour. So level 3B, which is evidence from *another* tumour, becomes a row on another
tumour, and a file that was annotated without tumours gives rows without one. ``2A`` and ``2B`` of the older scheme are
read as 2 and 3B, as OncoKB renamed them in December 2019. A prognostic level does not say in which direction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kohort.errors import InputError
from kohort.profile.alterations.words import COPY_KINDS
from kohort.profile.knowledge import reading
from kohort.profile.knowledge.diseases import tumour_of
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS, strength_of
from kohort.profile.knowledge.pack import Finding
from kohort.profile.knowledge.reading import Line

__all__ = ["ONCOKB"]

_GENES = ("hugo_symbol", "hugo_gene_symbol", "gene")
_TEXTS = ("alteration", "hgvsp_short", "amino_acid_change", "aa_change", "hgvsp")
_TUMOURS = ("oncotree_code", "cancer_type", "tumor_type")
_LEVEL = re.compile(r"level_((?:r|dx|px)?[1-4][ab]?)")
_RENAMED = {"2A": "2", "2B": "3B"}
_VERSION = re.compile(r"OncoKB data version: *(v?[0-9][0-9.]*)(?:.*?released on ([0-9/-]+))?")
_ONCOGENIC = {
    "oncogenic": "oncogenic", "likely oncogenic": "oncogenic", "predicted oncogenic": "oncogenic",
    "likely neutral": "benign", "neutral": "benign", "inconclusive": "unclear", "resistance": "unclear",
}  # fmt: skip
_NOTHING = frozenset({"", "unknown"})

_AMERICAN = frozenset({"1", "2", "R1"})
"""Levels that rest on a label of the FDA or a guideline of the NCCN."""


def _read(content: bytes, path: Path) -> Content:
    findings: list[Finding] = []
    text = reading.text_of(content, path)
    lines = list(reading.tsv_lines(text, path, ("ONCOGENIC",), findings))
    if lines and not any(name in lines[0].cells for name in (*_GENES, "fusion", "genea", "site1_hugo_symbol")):
        raise InputError("The column is missing.", path=path, line=1, column="Hugo_Symbol",
                         remedy="Give a file that the OncoKB annotator wrote.")  # fmt: skip
    cut = len(findings)
    about = _VERSION.search(text[:4096])
    day = (about and about[2] and reading.day_of(about[2])) or reading.file_day(path)
    rows: dict[str, dict[str, object]] = {}
    silent: list[int] = []
    for line in lines:
        found = list(_evidence(line, day))
        for row, odd in found:
            if str(row["evidence_id"]) not in rows:
                rows[str(row["evidence_id"])] = row
                findings.extend(odd)
        silent += [] if found else [line.number]
    if silent:
        findings.append(reading.counted(silent, "ONCOGENIC", "OncoKB says nothing on the alteration."))
    return Content(list(rows.values()), findings, len(lines) + cut, version=about and about[1], date=day)


ONCOKB = Format(
    name="oncokb",
    title="a file that the OncoKB annotator wrote",
    recognises=lambda _, text: {"oncogenic", "level_1"} <= {name.lower() for name in reading.header_of(text)},
    read=_read,
    source="OncoKB, https://www.oncokb.org, as annotated with the site's own licence",
    licence="",
    cite="Chakravarty et al., OncoKB: a precision oncology knowledge base, JCO Precis Oncol 2017, doi "
    "10.1200/PO.17.00011",
    may_ship=False,
)
"""Annotated MAF, copy numbers, fusions, structural variants and other biomarkers."""


def _evidence(line: Line, day: str | None) -> Iterator[tuple[dict[str, object], list[Finding]]]:
    """What OncoKB says of one line: each row with its findings."""
    gene, text = _alteration(line)
    found = reading.pattern(text, gene, line.first("variant_classification", "consequence") or None)
    subject = {"gene": found.gene, "alteration": found.text}
    name = " ".join(filter(None, (found.gene, found.text)))
    said = list(_said(line))
    for row in said:
        parts = (name, str(row["level"]), str(row["drugs"] or ""), str(row["tumour"] or row["tumour_text"] or "any"))
        own_id = "OncoKB:" + "/".join(filter(None, parts))
        place = "US" if row["level"] in _AMERICAN else "international"
        whole = row | subject | {
            "evidence_id": own_id, "source_date": day or reading.NOT_GIVEN, "jurisdiction": place,
        }  # fmt: skip
        odd = [*reading.pattern_findings(own_id, found, "alteration"), *_odd(own_id, row, said)]
        yield whole, odd


def _alteration(line: Line) -> tuple[str | None, str]:
    """Gene and text of what was annotated: a protein change, a copy number or two genes."""
    first, second = line.first("genea", "site1_hugo_symbol"), line.first("geneb", "site2_hugo_symbol")
    if first or second:
        pair = [gene for gene in (first, second) if gene]
        return pair[-1], "::".join(pair) if len(set(pair)) == 2 else "intragenic rearrangement"
    gene = line.first(*_GENES)
    if line["fusion"]:
        return gene or None, line["fusion"] if "-" in line["fusion"] else f"{line['fusion']} fusion"
    copies = line.first("copy_number_alteration", "alteration")
    if re.fullmatch(r"-?[0-2](?:\.0|\.5)?", copies):
        return gene, COPY_KINDS[-2 if copies == "-1.5" else int(float(copies))]
    if "flank" in line["variant_classification"].lower() and not line.first(*_TEXTS):
        return gene, "promoter mutation"
    return (None if gene.lower() == "other biomarkers" else gene), line.first("copy_number_alteration", *_TEXTS)


def _said(line: Line) -> Iterator[dict[str, object]]:
    """All that OncoKB says of an alteration: on what it is, on drugs, on diagnosis and on prognosis."""
    oncogenic = line["oncogenic"]
    if oncogenic.lower() not in _NOTHING:
        yield _row("oncogenic", _ONCOGENIC.get(oncogenic.lower(), "unclear"), oncogenic, None) | {
            "tumour": None,
            "tumour_text": None,
            "level_system": "OncoKB oncogenicity",
            "strength": strength_of("OncoKB oncogenicity", oncogenic),
            "source_id": _citations(line, "mutation_effect_citations", "citations"),
            "note": f"{oncogenic}; {line['mutation_effect'] or 'effect unknown'}.",
        }
    for column, cell in line.cells.items():
        level = _LEVEL.fullmatch(column)
        if level is not None and cell and cell.lower() not in {"false", "na"}:
            yield from _at_level(line, level[1], [each.strip() for each in cell.split(",") if each.strip()])


def _at_level(line: Line, level: str, named: Iterable[str]) -> Iterator[dict[str, object]]:
    """Rows of one level: drugs at the levels of treatment, tumours at those of diagnosis and prognosis."""
    written = level.upper().replace("DX", "Dx").replace("PX", "Px")
    current = _RENAMED.get(written, written)
    renamed = f" Level {written} of the older scheme." if written != current else ""
    for each in named:
        if current[:1] in "DP":
            kind, direction = ("diagnostic", "supports diagnosis") if current[0] == "D" else ("prognostic", "unclear")
            citations = _citations(line, f"{current[:2].lower()}_citations", "citations")
            yield _row(kind, direction, current, None) | tumour_of(each).cells | {"source_id": citations}
        else:
            drugs = "not named" if each.startswith("[") else "+".join(map(reading.drug_name, each.split("+")))
            direction = "resistant" if current[0] == "R" else "sensitive"
            yield (
                _row("predictive", direction, current, drugs)
                | _patient_tumour(line, current)
                | {
                    "source_id": _citations(line, "tx_citations", "citations"),
                    "note": f"Level {current} for the tumour that was annotated.{renamed}",
                }
            )


def _row(kind: str, direction: str, level: str, drugs: str | None) -> dict[str, object]:
    return {
        "evidence_type": kind,
        "direction": direction,
        "level": level,
        "level_system": "OncoKB",
        "strength": strength_of("OncoKB", level),
        "drugs": drugs,
        "note": "OncoKB does not say in which direction." if kind == "prognostic" else None,
    }


def _patient_tumour(line: Line, level: str) -> dict[str, str | None]:
    """The tumour that was annotated; another one at level 3B, and none known where the line names none."""
    written = line.first(*_TUMOURS)
    if not written:
        return {"tumour": None, "tumour_text": "not named"}
    return {"tumour": None, "tumour_text": f"other than {written}"} if level == "3B" else tumour_of(written).cells


def _citations(line: Line, *columns: str) -> str:
    """PubMed ids and abstracts of a statement."""
    cited = [each.strip() for each in re.split(r";(?![^(]*\))", line.first(*columns)) if each.strip()]
    return "; ".join(f"PMID:{each}" if each.isdigit() else each for each in cited) or "OncoKB"


def _odd(own_id: str, row: dict[str, object], said: list[dict[str, object]]) -> Iterator[Finding]:
    """A tumour or level that is not known, and a drug that one line names both as one that works and as resisted."""
    directions = {each["direction"] for each in said if row["drugs"] and each["drugs"] == row["drugs"]}
    if len(directions) > 1:
        yield Finding(own_id, "LEVEL_R1", "One line names the drug in two opposite directions; both rows stand.")
    if row["tumour"] is None and row["tumour_text"] is not None and row["level"] != "3B":
        yield Finding(own_id, "ONCOTREE_CODE", "The tumour has no OncoTree code; it counts as another tumour.")
    if row["level"] not in LEVELS[str(row["level_system"])]:
        yield Finding(own_id, "level", "The level is not known; it counts as the weakest.")
