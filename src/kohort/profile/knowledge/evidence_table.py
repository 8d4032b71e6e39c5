"""Kohort's own form of knowledge: one tab-separated table, a row a statement, patterns in canonical text.

Columns: ``evidence_id, gene, alteration, tumour, drugs, direction, level, level_system, jurisdiction, source_id,
source_date, note``, and, where needed, ``evidence_type`` (predictive if left out), ``origin``, ``doid``, ``strength``
(that of the level if left out), ``responders`` and ``patients``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from kohort.codes import genes
from kohort.errors import InputError
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS, STRENGTHS, strength_of
from kohort.profile.knowledge.pack import DIRECTIONS, EVIDENCE_TYPES, Finding
from kohort.profile.matching.tumours import unknown_codes

__all__ = ["COLUMNS", "EVIDENCE_TABLE"]

COLUMNS = (
    "evidence_id", "gene", "alteration", "tumour", "drugs", "direction", "level", "level_system", "jurisdiction",
    "source_id", "source_date", "note",
)  # fmt: skip
"""Columns that every table has."""

_MORE = ("evidence_type", "origin", "doid", "strength", "responders", "patients")
_REQUIRED = ("evidence_id", "alteration", "direction", "level", "level_system", "source_id", "source_date")
_DATE = re.compile(r"[12][0-9]{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")


def _recognises(name: str, text: str) -> bool:
    return name == "evidence.tsv" or text.startswith("\t".join(COLUMNS[:3]))


def _read(content: bytes, path: Path) -> Content:
    rows = list(_rows(content, path))
    findings = tuple(finding for row in rows for finding in _findings(row))
    return Content([_evidence(row) for row in rows], findings, len(rows))


EVIDENCE_TABLE = Format(
    name="kohort",
    title="Kohort's evidence table",
    recognises=_recognises,
    read=_read,
    source="",
    licence="",
)
"""The form that ``evidence.tsv`` has."""


def _rows(content: bytes, path: Path) -> Iterator[dict[str, str]]:
    """The table's rows, each cell checked."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError("The table is not UTF-8.", path=path, line=line, remedy="Save it as UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(reader, [])
    for name in COLUMNS:
        if name not in header:
            raise InputError("The column is missing.", path=path, line=1, column=name, remedy="Add the column.")
    seen: set[str] = set()
    for cells in reader:
        line = reader.line_num
        if len(cells) != len(header):
            raise InputError(
                f"The row has {len(cells)} cells, the header {len(header)}.",
                path=path,
                line=line,
                remedy="Cells are divided by one tab.",
            )
        row = dict.fromkeys(_MORE, "") | {n: cell.strip() for n, cell in zip(header, cells, strict=True)}
        row["evidence_type"] = row["evidence_type"] or "predictive"
        _check_row(row, seen, path, line)
        seen.add(row["evidence_id"])
        yield row


def _check_row(row: dict[str, str], seen: set[str], path: Path, line: int) -> None:
    """Refuse a row without source, with a double id, or with a word outside its list."""

    def refuse(column: str, what: str, remedy: str) -> None:
        raise InputError(what, path=path, line=line, column=column, remedy=remedy)

    def among(column: str, what: str, words: object) -> None:
        if row[column] not in words:  # type: ignore[operator]
            refuse(column, what, f"Use one of {', '.join(words)}.")  # type: ignore[arg-type]

    for name in _REQUIRED:
        if not row[name]:
            refuse(name, "The cell is empty.", "No evidence without it: fill it, or leave the row out.")
    if row["evidence_id"] in seen:
        refuse("evidence_id", "The id is used twice.", "Give each row an id of its own.")
    among("evidence_type", "The type of evidence is not known.", EVIDENCE_TYPES)
    if row["evidence_type"] == "predictive" and not row["drugs"]:
        refuse("drugs", "The cell is empty.", "No evidence without it: fill it, or leave the row out.")
    known = (*DIRECTIONS[row["evidence_type"]], "unclear")
    if not set(_directions(row)) <= set(known):
        refuse("direction", "The direction is not known.", f"Use one of {', '.join(known)}.")
    among("level_system", "The level system is not known.", LEVELS)
    among("level", "The level is not of its system.", LEVELS[row["level_system"]])
    if row["strength"]:
        among("strength", "The strength is not known.", STRENGTHS)
    for column, what, remedy in _odd_numbers(row):
        refuse(column, what, remedy)


def _odd_numbers(row: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Counts and dates that cannot be read: column, what is wrong, remedy."""
    for name in ("responders", "patients"):
        if row[name] and not row[name].isdigit():
            yield name, "The count is no whole number.", "Write a count, or leave the cell empty."
    if not _DATE.fullmatch(row["source_date"]):
        yield "source_date", "The date cannot be read.", "Write YYYY, YYYY-MM or YYYY-MM-DD."


def _directions(row: dict[str, str]) -> list[str]:
    """The words of a direction; a row that was merged of several statements may list opposite ones."""
    return [word.strip() for word in re.split("[,;/]", row["direction"])]


def _findings(row: dict[str, str]) -> Iterator[Finding]:
    """What Kohort does not know of a row that is otherwise sound."""
    read = normalise(row["alteration"], row["gene"] or None)
    if read.kind == "text":
        yield Finding(row["evidence_id"], "alteration", "The alteration is not understood; it matches nothing.")
    if row["gene"] and genes.resolve(row["gene"]) is None:
        yield Finding(row["evidence_id"], "gene", "The gene is not known to HGNC; it is matched as written.")
    if len(set(_directions(row))) > 1:
        yield Finding(row["evidence_id"], "direction", "The row has two opposite directions; its effect is unclear.")
    for _ in unknown_codes(row["tumour"]):
        yield Finding(row["evidence_id"], "tumour", "The OncoTree code is not known; it is another tumour.")


def _evidence(row: dict[str, str]) -> dict[str, object]:
    """A row in canonical words: gene and pattern normalised, unknown tumours set apart."""
    read = normalise(row["alteration"], row["gene"] or None)
    odd = set(unknown_codes(row["tumour"]))
    known = ";".join(code for code in row["tumour"].split(";") if code.removeprefix("!") not in odd)
    filled: dict[str, object] = {name: cell or None for name, cell in row.items()}
    return filled | {
        "gene": read.gene,
        "alteration": str(read),
        "direction": "unclear" if len(set(_directions(row))) > 1 else _directions(row)[0],
        "tumour": known or None,
        "tumour_text": row["tumour"] or None,
        "strength": row["strength"] or strength_of(row["level_system"], row["level"]),
        "responders": int(row["responders"]) if row["responders"] else None,
        "patients": int(row["patients"]) if row["patients"] else None,
    }
