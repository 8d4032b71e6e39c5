"""Lines of CIViC's evidence tables, and what their words mean (https://civic.readthedocs.io, evidence items)."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from kohort.errors import InputError
from kohort.profile.knowledge.pack import Finding
from kohort.profile.knowledge.reading import drug_name, text_of

__all__ = ["NOT_NAMED", "Line", "Statement", "drug_choices", "read_lines", "statement"]

_COLUMNS: dict[str, tuple[str, ...]] = {
    "disease": ("disease",),
    "drugs": ("therapies", "drugs"),
    "kind": ("evidence_type",),
    "direction": ("evidence_direction",),
    "level": ("evidence_level",),
    "significance": ("significance", "clinical_significance"),
    "sources": ("citation_id", "pubmed_id"),
    "source_type": ("source_type",),
    "citation": ("citation",),
    "id": ("evidence_id",),
    "interaction": ("therapy_interaction_type", "drug_interaction_type"),
}
"""What is needed of a line, to the names that its column has in the present and in the older table."""

_SUBJECTS: dict[str, dict[str, tuple[str, ...]]] = {
    "variant": {"gene": ("gene",), "subject": ("variant",)},
    "profile": {"subject": ("molecular_profile",)},
}
_OPTIONAL = {
    "doid": "doid", "rating": "rating", "status": "evidence_status", "origin": "variant_origin",
    "flagged": "is_flagged", "reviewed": "last_review_date",
}  # fmt: skip
NOT_NAMED = "not named"
"""The drug of a line on response that names none."""

_TOGETHER = frozenset({"Combination", "Sequential"})

_MEANINGS: dict[str, tuple[str, dict[str, str]]] = {
    "Predictive": (
        "predictive",
        {"Sensitivity/Response": "sensitive", "Resistance": "resistant", "Reduced Sensitivity": "resistant"},
    ),
    "Prognostic": ("prognostic", {"Better Outcome": "better outcome", "Poor Outcome": "poor outcome"}),
    "Diagnostic": ("diagnostic", {"Positive": "supports diagnosis", "Negative": "against diagnosis"}),
    "Predisposing": (
        "predisposing",
        dict.fromkeys(("Predisposition", "Positive", "Pathogenic", "Likely Pathogenic"), "predisposing"),
    ),
    "Oncogenic": (
        "oncogenic",
        {"Oncogenicity": "oncogenic", "Oncogenic": "oncogenic", "Likely Oncogenic": "oncogenic", "Benign": "benign",
         "Likely Benign": "benign"},
    ),
}  # fmt: skip
"""Types of evidence, to Kohort's type and what each significance says when an item supports it."""

_UNCLEAR = "The statement is not plain support; its effect is unclear."
_OPPOSITE = "The row has two opposite directions; its effect is unclear."
_FUNCTIONAL = "What a change does to the protein is no clinical evidence; the line is left out."
_UNKNOWN_TYPE = "The type of evidence is not known; the line is left out."


class Line(NamedTuple):
    """One line of a table, ``NA`` as blank.

    ``column`` names the column of ``subject``: a list of variants, or a molecular profile.
    """

    number: int
    column: str
    gene: str
    subject: str
    disease: str
    doid: str
    drugs: str
    interaction: str
    kind: str
    direction: str
    level: str
    significance: str
    sources: str
    source_type: str
    citation: str
    id: str
    rating: str
    status: str
    origin: str
    flagged: str
    reviewed: str


class Statement(NamedTuple):
    """What type, direction and significance of a line say together.

    ``evidence_type`` is None for a line that is no evidence of Kohort's types, with the reason as ``problem``.
    """

    evidence_type: str | None
    direction: str
    problem: str


def read_lines(content: bytes, path: Path, subject: str, findings: list[Finding]) -> Iterator[Line]:
    """The lines of a table; a line with too few or too many cells is a finding and left out.

    Args:
        content: the file.
        path: for errors.
        subject: ``variant`` for the older table, ``profile`` for the present one.
        findings: receives a finding for each line that is left out.

    Raises:
        InputError: bytes that are not UTF-8, or a column that is missing.
    """
    reader = csv.reader(io.StringIO(text_of(content, path), newline=""), delimiter="\t", escapechar="\\")
    header = [name.strip() for name in next(reader, [])]
    pick = itemgetter(*_places(header, path, subject))
    column = _SUBJECTS[subject]["subject"][0]
    for cells in reader:
        if len(cells) == len(header):
            cells.append("")
            yield Line(reader.line_num, column, *["" if cell == "NA" else cell.strip() for cell in pick(cells)])
        elif any(cells):
            what = f"The line has {len(cells)} cells, the header {len(header)}; it is left out."
            findings.append(Finding(f"line {reader.line_num}", column, what, kept=False))


def _places(header: list[str], path: Path, subject: str) -> Iterator[int]:
    """Place in a line of each field of `Line`; a column that may be missing stands behind the last cell."""
    required = _SUBJECTS[subject] | _COLUMNS
    for field in Line._fields[2:]:
        names = required.get(field, (_OPTIONAL.get(field, ""),))
        found = next((header.index(name) for name in names if name in header), None)
        if found is None and field in required:
            raise InputError(
                "The column is missing.", path=path, line=1, column=names[0],
                remedy="Give CIViC's evidence table as CIViC publishes it.",
            )  # fmt: skip
        yield len(header) if found is None else found


@functools.cache
def statement(kind: str, direction: str, significance: str) -> Statement:
    """The meaning of a line. Only plain support is an effect: *does not support* says nothing of the opposite.

    Merged lines list several words; those that pull in opposite directions leave the effect unclear.
    """
    if kind not in _MEANINGS:
        return Statement(None, "unclear", _FUNCTIONAL if kind == "Functional" else _UNKNOWN_TYPE)
    evidence_type, meanings = _MEANINGS[kind]
    said = {word.strip() for word in direction.split(",")}
    meant = {meanings.get(word.strip(), "unclear") for word in significance.split(",")}
    if len(said) > 1 or len(meant - {"unclear"}) > 1:
        return Statement(evidence_type, "unclear", _OPPOSITE)
    effect = meant.pop() if said == {"Supports"} and len(meant) == 1 else "unclear"
    return Statement(evidence_type, effect, _UNCLEAR if effect == "unclear" else "")


@functools.cache
def drug_choices(names: str, interaction: str) -> tuple[str, ...]:
    """Drugs to be given together joined by ``+``; substitutes, and drugs of which nothing is said, apart."""
    drugs = [drug_name(name.strip()) for name in re.split(r",(?![0-9])", names) if name.strip()]
    if not drugs:
        return (NOT_NAMED,)
    distinct = tuple(dict.fromkeys(drugs))
    return ("+".join(distinct),) if set(interaction.split(", ")) & _TOGETHER else distinct
