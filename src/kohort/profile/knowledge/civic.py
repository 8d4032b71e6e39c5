"""CIViC's evidence as a knowledge pack (https://civicdb.org, CC0 1.0; doi 10.1038/ng.3774).

Two forms: the older table with a gene and a variant column, and the present one with a molecular profile such as
``EGFR L858R AND EGFR T790M``. A line of the older one may hold several variants and several evidence items that were
merged. A line becomes one row per variant and, where drugs are substitutes, per drug. What a line says stays as it is:
a direction other than plain support makes the effect ``unclear``, and a disease without OncoTree codes keeps its text
and counts as another tumour. Lines that are no clinical evidence, or that CIViC's editors have not accepted, are left
out and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.knowledge.civic_lines import Line, Statement, drug_choices, read_lines, statement
from kohort.profile.knowledge.diseases import doid_problem, tumour_of
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS, strength_of
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Finding
from kohort.profile.knowledge.reading import NOT_GIVEN, Pattern, file_day, pattern, pattern_findings

__all__ = ["CIVIC", "CIVIC_PROFILES"]

_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_NUMBER = re.compile(r"[0-9]+")
_PREFIXES = {"PubMed": "PMID:", "ASCO": "ASCO:", "ASH": "ASH:"}
_ORIGINS = {"Somatic": "somatic", "Rare Germline": "germline", "Common Germline": "germline", "Germline": "germline"}
_SCHEMA = {name: kind for name, kind in EVIDENCE_SCHEMA.items() if name not in {"pack", "pack_version"}}


class _Draft(NamedTuple):
    """A row whose id is not yet known, as one line may make several and several lines may share an id."""

    base: str
    cells: dict[str, object]
    findings: list[tuple[str, str]]


def _read_variants(content: bytes, path: Path) -> Content:
    return _content(content, path, subject="variant")


def _read_profiles(content: bytes, path: Path) -> Content:
    return _content(content, path, subject="profile")


def _content(content: bytes, path: Path, subject: str) -> Content:
    findings: list[Finding] = []
    drafts: list[_Draft] = []
    lines = list(read_lines(content, path, subject, findings))
    left_out = len(findings)
    for line in lines:
        said = statement(line.kind, line.direction, line.significance)
        reason = _left_out(line, said)
        if reason is None:
            drafts.extend(_drafts(line, said, subject))
        else:
            findings.append(Finding(_base_id(line) or f"line {line.number}", *reason, kept=False))
    rows, found = _numbered(drafts)
    day = file_day(path) or max((line.reviewed[:10] for line in lines), default="") or None
    return Content(_frame(rows), [*findings, *found], len(lines) + left_out, date=day)


def _frame(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    """Rows as columns; a column at a time is several times faster than a row at a time."""
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in _SCHEMA}, schema=_SCHEMA)


def _left_out(line: Line, said: Statement) -> tuple[str, str] | None:
    """Column and reason where a line makes no row."""
    if line.status not in {"", "accepted"}:
        return "evidence_status", "The item is not accepted by CIViC's editors; it is left out."
    if said.evidence_type is None:
        return "evidence_type", said.problem
    if not line.subject:
        return line.column, "No variant is named; the line is left out."
    if not _base_id(line):
        return "evidence_id", "The line has no id; it is left out."
    return None


def _base_id(line: Line) -> str:
    return "/".join(f"EID{number}" for number in _NUMBER.findall(line.id))


def _drafts(line: Line, said: Statement, subject: str) -> Iterator[_Draft]:
    """The rows of one line, each with what could not be read of it."""
    base, common = _base_id(line), _common(line, said)
    problems = list(_problems(line, said, common))
    for read in _patterns(line, subject):
        unread = [(found.column, found.what) for found in pattern_findings("", read, line.column)]
        for drugs in drug_choices(line.drugs, line.interaction) if said.evidence_type == "predictive" else (None,):
            cells = common | {"gene": read.gene, "alteration": read.text, "drugs": drugs}
            yield _Draft(base, cells, unread + problems)


def _patterns(line: Line, subject: str) -> Iterator[Pattern]:
    """Patterns of a line: each variant of the older table, the whole profile of the present one."""
    if subject == "variant":
        for variant in line.subject.split(","):
            if variant.strip():
                yield pattern(variant.strip(), line.gene)
        return
    whole = pattern(line.subject)
    first = whole.gene or _first_gene(whole.read)
    # Under the first gene of its parts, so that equal profiles read equal in both tables.
    yield whole if first == whole.gene else pattern(whole.text, first)


def _first_gene(read: Alteration) -> str | None:
    """The gene of the first part that names one."""
    return read.gene or next(filter(None, map(_first_gene, read.parts)), None)


def _common(line: Line, said: Statement) -> dict[str, object]:
    """What all rows of a line share."""
    ratings = sorted(set(re.findall("[1-5]", line.rating)))
    notes = [f"{line.direction}: {line.significance}."]
    if line.interaction == "Sequential":
        notes.append("One after the other.")
    if ratings:
        notes.append(f"Rating {' to '.join(dict.fromkeys((ratings[0], ratings[-1])))} of 5.")
    if line.flagged.lower() == "true":
        notes.append("Flagged by CIViC.")
    origin = "germline" if said.evidence_type == "predisposing" else None
    return {
        **tumour_of(line.disease, line.doid).cells,
        "evidence_type": said.evidence_type,
        "origin": _ORIGINS.get(line.origin, origin),
        "direction": said.direction,
        "level": line.level,
        "level_system": "CIViC",
        "strength": strength_of("CIViC", line.level),
        "jurisdiction": "international",
        "source_id": _sources(line),
        "source_date": max(_YEAR.findall(line.citation), default=NOT_GIVEN),
        "note": " ".join(notes),
    }


def _sources(line: Line) -> str:
    """Ids of the publications, each after its kind; the citation where there is none."""
    numbers = _NUMBER.findall(line.sources)
    kinds = [kind.strip() for kind in line.source_type.split(",")]
    paired = kinds if len(kinds) == len(numbers) else kinds * len(numbers) if len(kinds) == 1 else [""] * len(numbers)
    named = [_PREFIXES.get(kind, "") + number for kind, number in zip(paired, numbers, strict=True)]
    return "; ".join(dict.fromkeys(named)) or line.citation or NOT_GIVEN


def _problems(line: Line, said: Statement, common: dict[str, object]) -> Iterator[tuple[str, str]]:
    """What could not be read of a line, apart from its alterations."""
    tumour = tumour_of(line.disease, line.doid)
    if not tumour.has_code:
        yield "disease", f"The disease has no OncoTree code ({tumour.note}); it counts as another tumour."
    odd_id = doid_problem(line.doid)
    if odd_id is not None:
        yield "doid", odd_id
    if said.problem:
        yield "evidence_direction", said.problem
    if "," in line.interaction:
        yield "drug_interaction_type", "Merged items disagree on how the drugs are given."
    if "," in line.drugs and not line.interaction:
        yield "drug_interaction_type", "How the drugs are given is not said; each stands alone."
    if line.level not in LEVELS["CIViC"]:
        yield "evidence_level", "The level is not one of A to E."
    if common["source_date"] == NOT_GIVEN:
        yield "citation", "The citation has no year."
    if line.flagged.lower() == "true":
        yield "is_flagged", "CIViC's editors have flagged the item; its statement is in question."


def _numbered(drafts: Iterable[_Draft]) -> tuple[list[dict[str, object]], list[Finding]]:
    """Rows with their ids: that of the item, and ``#1``, ``#2`` ... where it makes several rows."""
    drafts = list(drafts)
    in_all, so_far = Counter(draft.base for draft in drafts), Counter[str]()
    findings: list[Finding] = []
    for base, cells, found in drafts:
        so_far[base] += 1
        cells["evidence_id"] = base if in_all[base] == 1 else f"{base}#{so_far[base]}"
        findings.extend(Finding(str(cells["evidence_id"]), column, what) for column, what in found)
    return [draft.cells for draft in drafts], findings


def _recognises_variants(_name: str, text: str) -> bool:
    header = text.partition("\n")[0]
    return "evidence_direction" in header and "molecular_profile" not in header


def _recognises_profiles(_name: str, text: str) -> bool:
    header = text.partition("\n")[0]
    return "evidence_direction" in header and "molecular_profile" in header


CIVIC = Format(
    name="civic",
    title="CIViC's evidence table",
    recognises=_recognises_variants,
    read=_read_variants,
    source="CIViC, Clinical Interpretation of Variants in Cancer, https://civicdb.org",
    licence="CC0-1.0",
    cite="Griffith et al., CIViC is a community knowledgebase, Nat Genet 2017, doi 10.1038/ng.3774",
)
"""The older table, with a gene and a variant column."""

CIVIC_PROFILES = Format(
    name="civic-profiles",
    title="CIViC's table of molecular profiles",
    recognises=_recognises_profiles,
    read=_read_profiles,
    source=CIVIC.source,
    licence=CIVIC.licence,
    cite=CIVIC.cite,
)
"""The present table, one molecular profile a line."""
