"""What authorities decided on a drug: approved, reimbursed, where, since when. No evidence, but a part of a pack.

A tab-separated table, a line a decision: ``drugs, gene, alteration, tumour, jurisdiction, approved, reimbursed, date,
source_id``, and where needed ``approval_id`` and ``note``. ``approved`` and ``reimbursed`` are yes, no or unknown; a
blank is unknown, never no. Blank gene and alteration: whatever the tumour's profile; blank tumour: any.

A line that cannot be read in full is left out and named: an approval for a tumour or an alteration that Kohort does
not know would otherwise look like an approval for all.
"""

from __future__ import annotations

import re
from pathlib import Path

from kohort.codes import dates
from kohort.profile.knowledge import reading
from kohort.profile.knowledge.diseases import tumour_of
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.pack import Finding
from kohort.profile.knowledge.reading import Line
from kohort.profile.matching.tumours import unknown_codes

__all__ = ["APPROVALS", "APPROVAL_TABLE_COLUMNS"]

APPROVAL_TABLE_COLUMNS = (
    "drugs", "gene", "alteration", "tumour", "jurisdiction", "approved", "reimbursed", "date", "source_id",
)  # fmt: skip
"""Columns of the table."""

_NEEDED = ("drugs", "jurisdiction", "date", "source_id")
_WORDS = {"yes": "yes", "no": "no", "unknown": None, "": None}
_PLACE = re.compile("[A-Z]{2}")


def _read(content: bytes, path: Path) -> Content:
    findings: list[Finding] = []
    lines = list(reading.tsv_lines(reading.text_of(content, path), path, APPROVAL_TABLE_COLUMNS, findings, quoted=True))
    cut = len(findings)
    approvals: dict[str, dict[str, object]] = {}
    for line in lines:
        row = _decision(line)
        wrong = row if isinstance(row, tuple) else None
        if isinstance(row, dict) and str(row["approval_id"]) in approvals:
            wrong = ("approval_id", "The decision stands twice; this line is left out.")
        if wrong is not None:
            findings.append(Finding(f"line {line.number}", *wrong, kept=False))
        elif isinstance(row, dict):
            approvals[str(row["approval_id"])] = row
            gene = reading.pattern("mutation", line["gene"])
            findings.extend(reading.pattern_findings(str(row["approval_id"]), gene, "gene") if line["gene"] else ())
    day = max((str(row["date"]) for row in approvals.values()), default=None)
    return Content([], findings, len(lines) + cut, date=day, approvals=list(approvals.values()))


APPROVALS = Format(
    name="approvals",
    title="decisions of authorities on drugs",
    recognises=lambda _, text: {"drugs", "jurisdiction", "approved", "reimbursed"} <= reading.header_of(text),
    read=_read,
    source="",
    licence="",
    jurisdiction=(),
)
"""Approvals and reimbursement by jurisdiction; source and licence are for who adds it to name."""


def _decision(line: Line) -> dict[str, object] | tuple[str, str]:
    """The decision of a line, or the column and the reason for which it cannot be read."""
    wrong = _wrong(line)
    if wrong is not None:
        return wrong
    pattern = reading.pattern(line["alteration"], line["gene"]) if line["alteration"] else None
    if pattern is not None and not reading.is_read(pattern):
        return "alteration", "The alteration is not understood."
    gene = pattern.gene if pattern is not None else reading.pattern("mutation", line["gene"]).gene
    tumour = _tumour(line["tumour"])
    if line["tumour"] and tumour is None:
        return "tumour", "The tumour is not known to OncoTree."
    drugs = "+".join(reading.drug_name(name) for name in line["drugs"].split("+") if name.strip())
    about = (drugs, gene or "", pattern.text if pattern else "", tumour or "", line["jurisdiction"], line["date"])
    return {
        "approval_id": line["approval_id"] or "/".join(filter(None, about)),
        "drugs": drugs,
        "gene": gene or None,
        "alteration": pattern.text if pattern else None,
        "tumour": None if tumour == "*" else tumour,
        "jurisdiction": line["jurisdiction"],
        "approved": _WORDS[line["approved"].lower()],
        "reimbursed": _WORDS[line["reimbursed"].lower()],
        "date": line["date"],
        "source_id": line["source_id"],
        "note": line["note"] or None,
    }


def _wrong(line: Line) -> tuple[str, str] | None:
    """Column and reason for which the plain cells of a line cannot be read; None if they can."""
    for name in _NEEDED:
        if not line[name]:
            return name, "The cell is empty."
    for name in ("approved", "reimbursed"):
        if line[name].lower() not in _WORDS:
            return name, "The word is not yes, no or unknown."
    if not any(_WORDS[line[name].lower()] for name in ("approved", "reimbursed")):
        return "approved", "Nothing was decided."
    if not _PLACE.fullmatch(line["jurisdiction"]):
        return "jurisdiction", "The place is not written in two capitals: EU, or a country's code of ISO 3166."
    try:
        iso = str(dates.parse(line["date"])) == line["date"]
    except ValueError:
        iso = False
    return None if iso else ("date", "The date is not written as YYYY-MM-DD, YYYY-MM or YYYY.")


def _tumour(cell: str) -> str | None:
    """OncoTree codes of a cell, or of the disease that it names; ``*`` for any tumour, None if it is not known."""
    if cell and not list(unknown_codes(cell)):
        return cell
    named = tumour_of(cell)
    return "*" if named.any else named.oncotree
