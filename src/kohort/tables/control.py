"""The four control tables: notes kept apart, codes, what was read, and what was set aside."""

from __future__ import annotations

from kohort.tables.clinical import HEADER
from kohort.tables.model import Column, Table, day, integer, text

__all__ = ["CONTROL"]

_BATCH: tuple[Column, ...] = (
    Column("id", "int64", "Keyed BLAKE3 of the natural key.", required=True),
    Column("batch", "int32", "Batch that brought this row.", required=True),
)


def _control(name: str, words: str, natural_key: str, *groups: tuple[Column, ...]) -> Table:
    return Table(name, words, tuple(c for group in groups for c in group), natural_key, control=True)


NOTE = _control(
    "note",
    "One clinical note; its text is kept encrypted elsewhere.",
    "the note's id at the source",
    HEADER,
    day("written", "Writing."),
    text("kind", "What sort of note."),
    text("text_reference", "Where the encrypted text lies."),
    text("language", "Language of the text (BCP 47)."),
    text("deidentified", "State of de-identification.", "no", "machine", "person"),
)

CODE = _control(
    "code",
    "One code of a system that the data use, or one gene of a panel (system `panel/<panel>`).",
    "system, code",
    _BATCH,
    text("system", "Code system.", required=True),
    text("code", "Code.", required=True),
    text("display", "Words of the code."),
    integer("concept", "OMOP concept."),
    text("maps_to", "Code it maps to."),
    text("version", "Version of the system."),
)

INGEST = _control(
    "ingest",
    "One file that was read.",
    "sha256 of the file's bytes and its name",
    _BATCH,
    integer("file", "Number of the file within the site.", required=True),
    text("name", "Name of the file, without its folder.", required=True),
    text("sha256", "SHA-256 of the bytes as they lie on disk.", required=True),
    integer("bytes", "Size on disk.", type="int64", unit="bytes", required=True),
    integer("lines", "Physical lines, counted independently of the reader.", type="int64", required=True),
    integer("accepted", "Lines that were accepted.", type="int64", required=True),
    integer("quarantined", "Lines that were set aside.", type="int64", required=True),
    text("adapter", "Format and version of the reader.", required=True),
    text("started", "When reading began (UTC, ISO 8601)."),
    text("ended", "When reading ended (UTC, ISO 8601)."),
    text("state", "State of the file.", "read", "damaged"),
)

QUARANTINE = _control(
    "quarantine",
    "One finding about a line: the line set aside, or (severity warning) accepted with a value set aside.",
    "file, line, rule, column",
    _BATCH,
    integer("file", "Number of the file in the ingest table.", required=True),
    integer("line", "Physical line, from 1; 0 for the file as a whole.", type="int64", required=True),
    integer("byte_offset", "Offset of the line in the decoded file.", type="int64", unit="bytes"),
    text("severity", "Whether the line was set aside.", "quarantined", "warning", required=True),
    text("rule", "Rule that was broken.", required=True),
    text("column", "Column that broke it."),
    text("value", "The value, masked where it may name a patient."),
    text("message", "What is wrong and what to do.", required=True),
    text("state", "What became of it.", "open", "fixed", "waived", required=True),
)

CONTROL: tuple[Table, ...] = (NOTE, CODE, INGEST, QUARANTINE)
