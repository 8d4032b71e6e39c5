"""CIViC's predictive evidence as a knowledge pack (https://civicdb.org, CC0 1.0; doi 10.1038/ng.3774).

Reads the evidence table with a gene and a variant column (36 columns). A line may hold several variants and several
evidence items that were merged; it becomes one row per variant and, where drugs are substitutes, per drug. What a
line says stays as it is: a direction other than plain support makes the effect ``unclear``, and a disease without a
safe OncoTree code keeps its text and counts as another tumour.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator
from pathlib import Path

from kohort.codes import drugs
from kohort.errors import InputError
from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS, strength_of
from kohort.profile.knowledge.pack import Finding
from kohort.profile.own_data import own_table

__all__ = ["CIVIC"]

_COLUMNS = (
    "gene", "variant", "disease", "drugs", "drug_interaction_type", "evidence_type", "evidence_direction",
    "evidence_level", "clinical_significance", "pubmed_id", "source_type", "citation", "evidence_id",
)  # fmt: skip
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_DIRECTIONS = {
    ("Supports", "Sensitivity/Response"): "sensitive",
    ("Supports", "Resistance"): "resistant",
    ("Supports", "Reduced Sensitivity"): "resistant",
}
_TOGETHER = frozenset({"Combination", "Sequential"})


def _read(content: bytes, path: Path) -> Content:
    rows: list[dict[str, object]] = []
    findings: list[Finding] = []
    lines = 0
    for line in _lines(content, path):
        lines += 1
        for row, found in _evidence(line):
            rows.append(row)
            findings.extend(found)
    return Content(rows, findings, lines)


CIVIC = Format(
    name="civic",
    title="CIViC's evidence table",
    recognises=lambda _, text: "evidence_direction" in text and "clinical_significance" in text,
    read=_read,
    source="CIViC, Clinical Interpretation of Variants in Cancer, https://civicdb.org",
    licence="CC0-1.0",
    cite="Griffith et al., CIViC is a community knowledgebase, Nat Genet 2017, doi 10.1038/ng.3774",
)
"""The older table, with a gene and a variant column."""


def _lines(content: bytes, path: Path) -> Iterator[dict[str, str]]:
    """Predictive lines as dicts of the columns that are used; ``NA`` is blank."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise InputError("The file is not UTF-8.", path=path, line=number, remedy="Fetch it again.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", doublequote=False, escapechar="\\")
    header = next(reader, [])
    for name in _COLUMNS:
        if name not in header:
            raise InputError(
                "The column is missing.", path=path, line=1, column=name,
                remedy="Give CIViC's evidence table with one gene and one variant column.",
            )  # fmt: skip
    places = {name: header.index(name) for name in _COLUMNS}
    for cells in reader:
        if len(cells) != len(header):
            raise InputError(
                f"The line has {len(cells)} cells, the header {len(header)}.", path=path, line=reader.line_num,
                remedy="Fetch the file again; it may be cut.",
            )  # fmt: skip
        line = {name: "" if cells[place] == "NA" else cells[place].strip() for name, place in places.items()}
        if line["evidence_type"] == "Predictive":
            yield line


def _evidence(line: dict[str, str]) -> Iterator[tuple[dict[str, object], list[Finding]]]:
    """The rows of one line, each with its findings."""
    ids = "/".join(f"EID{number}" for number in re.findall(r"[0-9]+", line["evidence_id"]))
    variants = [variant.strip() for variant in line["variant"].split(",") if variant.strip()]
    choices = _drug_choices(line)
    common = _common(line)
    pairs = [(variant, choice) for variant in variants for choice in choices]
    for number, (variant, choice) in enumerate(pairs, start=1):
        read = normalise(variant, line["gene"])
        evidence_id = ids if len(pairs) == 1 else f"{ids}#{number}"
        row = common | {
            "evidence_id": evidence_id,
            "gene": read.gene,
            "alteration": read.text,
            "drugs": choice,
        }
        yield row, list(_findings(line, row, read))


def _drug_choices(line: dict[str, str]) -> list[str]:
    """Drugs to be given together joined by ``+``; substitutes as choices of their own."""
    names = [_drug(name.strip()) for name in re.split(r",(?![0-9])", line["drugs"]) if name.strip()]
    if not names:
        return ["not named"]
    return ["+".join(names)] if set(line["drug_interaction_type"].split(", ")) & _TOGETHER else names


@functools.cache
def _drug(name: str) -> str:
    """INN of a drug, or the name in small letters."""
    mention = drugs.parse(name)
    known = not mention.unknown and len(mention.drugs) == 1
    return mention.drugs[0].name if known else name.lower()


def _common(line: dict[str, str]) -> dict[str, object]:
    """What all rows of a line share."""
    years = _YEAR.findall(line["citation"])
    prefix = {"PubMed": "PMID:", "ASCO": "ASCO:"}.get(line["source_type"], "")
    sources = [prefix + number for number in re.findall(r"[0-9]+", line["pubmed_id"])]
    direction = _DIRECTIONS.get((line["evidence_direction"], line["clinical_significance"]), "unclear")
    said = f"{line['evidence_direction']}: {line['clinical_significance']}."
    order = " One after the other." if line["drug_interaction_type"] == "Sequential" else ""
    tumour = _diseases().get(line["disease"])
    return {
        "tumour": None if tumour in {None, "*"} else tumour,
        "tumour_text": None if tumour == "*" else line["disease"],
        "direction": direction,
        "level": line["evidence_level"],
        "level_system": "CIViC",
        "strength": strength_of("CIViC", line["evidence_level"]),
        "evidence_type": "predictive",
        "jurisdiction": "international",
        "source_id": "; ".join(sources) or line["citation"],
        "source_date": max(years, default="not given"),
        "note": said + order,
    }


@functools.cache
def _diseases() -> dict[str, str]:
    """Disease names of CIViC with a safe OncoTree code; ``*`` stands for any tumour."""
    return dict(own_table("diseases.tsv"))


def _findings(line: dict[str, str], row: dict[str, object], read: Alteration) -> Iterator[Finding]:
    """What could not be read of a row."""
    row_id = str(row["evidence_id"])
    if read.kind == "text":
        yield Finding(row_id, "variant", "The alteration is not understood; it matches nothing.")
    if line["disease"] not in _diseases():
        yield Finding(row_id, "disease", "The disease has no safe OncoTree code; it counts as another tumour.")
    if row["direction"] == "unclear":
        yield Finding(row_id, "evidence_direction", "The statement is not plain support; its effect is unclear.")
    if line["drug_interaction_type"].count(","):
        yield Finding(row_id, "drug_interaction_type", "Merged items disagree on how the drugs are given.")
    if "," in line["drugs"] and not line["drug_interaction_type"]:
        yield Finding(row_id, "drug_interaction_type", "How the drugs are given is not said; each stands alone.")
    if row["level"] not in LEVELS["CIViC"]:
        yield Finding(row_id, "evidence_level", "The level is not one of A to E.")
    if row["source_date"] == "not given":
        yield Finding(row_id, "citation", "The citation has no year.")
