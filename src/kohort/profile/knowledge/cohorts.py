"""A site's own treatment cohorts as evidence: how many responded, of how many, and where the cohort stands.

A tab-separated table, a line a cohort and alteration. The counts are small and of living patients: the file is local
evidence for the board of the site that has it, and its numbers leave the site only through the gate.

What a cohort's state means as evidence, decided here:

- ``positive`` (it passed its last rule) speaks for the drug: ``sensitive``;
- ``running`` has not spoken yet, and ``stopped`` ended for another reason than its rule: ``unclear``;
- ``negative`` (it stopped for futility) is ``unclear`` too, and its note says so: too few responses to go on show that
  the drug is not worth pursuing there, not that the alteration resists it.

The count stands in ``responders`` of ``patients`` in every case, and is what a board should read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kohort.codes import dates
from kohort.profile.knowledge import reading
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import strength_of
from kohort.profile.knowledge.pack import Finding
from kohort.profile.knowledge.reading import Line
from kohort.profile.matching.tumours import unknown_codes

__all__ = ["COHORTS", "COHORT_COLUMNS", "COHORT_STATES", "cohort_evidence"]

COHORT_COLUMNS = (
    "cohort", "gene", "alteration", "tumour", "drugs", "responders", "patients", "stage", "state", "as_of", "site",
    "country",
)  # fmt: skip
"""Columns of the table. ``cohort`` is its id; ``tumour`` OncoTree codes joined by ``;`` (blank: any); ``drugs`` joined
by ``+``; ``stage`` 1 or 2; ``as_of`` the day of the count; ``country`` a code of ISO 3166."""

COHORT_STATES: dict[str, str] = {
    "running": "unclear", "positive": "sensitive", "negative": "unclear", "stopped": "unclear",
}  # fmt: skip
"""State of a cohort to the direction of its evidence."""

_NEEDED = ("cohort", "alteration", "drugs", "responders", "patients", "state", "as_of", "site")


def _read(content: bytes, path: Path) -> Content:
    findings: list[Finding] = []
    lines = list(reading.tsv_lines(reading.text_of(content, path), path, COHORT_COLUMNS, findings, quoted=True))
    cut = len(findings)
    latest: dict[str, Line] = {}
    for line in lines:
        wrong = _wrong(line.cells)
        if wrong is not None:
            findings.append(Finding(f"line {line.number}", *wrong, kept=False))
            continue
        own_id = _id(line.cells)
        earlier = latest.get(own_id)
        if earlier is not None:
            older = min(earlier, line, key=lambda each: each["as_of"])
            what = "The cohort has a later line; this one is left out."
            findings.append(Finding(f"line {older.number}", "as_of", what, kept=False))
        if earlier is None or line["as_of"] >= earlier["as_of"]:
            latest[own_id] = line
    rows = []
    for own_id, line in latest.items():
        row, odd = _evidence(own_id, line)
        rows.append(row)
        findings.extend(odd)
    day = max((line["as_of"] for line in latest.values()), default=None)
    return Content(rows, findings, len(lines) + cut, date=day)


COHORTS = Format(
    name="cohorts",
    title="a site's own treatment cohorts",
    recognises=lambda _, text: {"cohort", "responders", "patients", "state"} <= reading.header_of(text),
    read=_read,
    source="",
    licence="",
    jurisdiction=(),
    may_ship=False,
)
"""Results of a site's own cohorts; source and licence are the site's to name."""


def cohort_evidence(rows: Iterable[Mapping[str, object]]) -> str:
    """The table of cohorts that this form reads.

    Args:
        rows: columns of ``COHORT_COLUMNS``; missing ones are blank. Each row is a cohort and an alteration.

    Returns:
        tab-separated text, a header and a line a row, in the order given.

    Raises:
        ValueError: a row that the form would leave out, or a cell with a tab or a line break; says which column.
    """
    lines = ["\t".join(COHORT_COLUMNS)]
    for number, row in enumerate(rows, start=1):
        cells = {name: "" if row.get(name) is None else str(row[name]).strip() for name in COHORT_COLUMNS}
        broken = next((name for name, cell in cells.items() if re.search(r'[\t\r\n"]', cell)), None)
        wrong = (broken, "A cell holds a tab, a quote or a line break.") if broken else _wrong(cells)
        if wrong is not None:
            raise ValueError(f"row {number}, column {wrong[0]}: {wrong[1]}")
        lines.append("\t".join(cells.values()))
    return "\n".join(lines) + "\n"


def _id(cells: Mapping[str, str]) -> str:
    """The cohort, its site and what it looks at: stays while the counts move on."""
    found = reading.pattern(cells["alteration"], cells["gene"])
    about = " ".join(filter(None, (found.gene, found.text, cells["tumour"])))
    return f"{cells['cohort']}@{cells['site']}: {about}, {_drugs(cells['drugs'])}"


def _drugs(cell: str) -> str:
    return "+".join(reading.drug_name(name) for name in cell.split("+") if name.strip())


def _wrong(cells: Mapping[str, str]) -> tuple[str, str] | None:
    """Column and reason for which a line is no evidence; None if it is sound."""
    for name in _NEEDED:
        if not cells.get(name):
            return name, "The cell is empty."
    responders, patients = (reading.count_of(cells[name]) for name in ("responders", "patients"))
    if responders is None or patients is None:
        return "responders" if responders is None else "patients", "The count is no whole number."
    if responders > patients:
        return "responders", "More patients responded than were treated."
    if cells["state"] not in COHORT_STATES:
        return "state", f"The state is not one of {', '.join(COHORT_STATES)}."
    if cells["stage"] and cells["stage"] not in {"1", "2"}:
        return "stage", "The stage is neither 1 nor 2."
    try:
        exact = dates.parse(cells["as_of"]).precision == dates.DAY and re.match("[12][0-9]{3}-", cells["as_of"])
    except ValueError:
        exact = None
    return None if exact else ("as_of", "The day is not written as YYYY-MM-DD.")


def _evidence(own_id: str, line: Line) -> tuple[dict[str, object], list[Finding]]:
    """The row of a cohort and what is odd about it."""
    found = reading.pattern(line["alteration"], line["gene"])
    odd_codes = list(unknown_codes(line["tumour"]))
    known = [code for code in line["tumour"].split(";") if code and code.lstrip("!<") not in odd_codes]
    state = line["state"]
    row: dict[str, object] = {
        "evidence_id": own_id,
        "evidence_type": "predictive",
        "gene": found.gene,
        "alteration": found.text,
        "tumour": ";".join(known) if any(code[0] != "!" for code in known) else None,
        "tumour_text": line["tumour"] or None,
        "drugs": _drugs(line["drugs"]),
        "direction": COHORT_STATES[state],
        "level": state,
        "level_system": "Cohort",
        "strength": strength_of("Cohort", state),
        "jurisdiction": line["country"] or None,
        "responders": int(line["responders"]),
        "patients": int(line["patients"]),
        "source_id": f"cohort {line['cohort']}, {line['site']}",
        "source_date": line["as_of"],
        "note": _note(line),
    }
    odd = list(reading.pattern_findings(own_id, found, "alteration"))
    odd += [Finding(own_id, "tumour", "The OncoTree code is not known; it is another tumour.") for _ in odd_codes]
    if state == "positive" and line["responders"].strip("0") == "":
        odd.append(Finding(own_id, "state", "The cohort is positive and nobody responded."))
    return row, odd


def _note(line: Line) -> str:
    """Where the cohort stands, in words."""
    stage = f" in stage {line['stage']}" if line["stage"] else ""
    counted = f"{line['responders']} of {line['patients']} responded{stage}."
    ends: Iterator[str] = iter(
        word
        for state, word in (
            ("negative", " Stopped for futility, which is not resistance."),
            ("stopped", " Stopped for another reason than its rule."),
            ("running", " Not decided yet."),
        )
        if state == line["state"]
    )
    return f"{line['state'].capitalize()}: {counted}{next(ends, '')}"
