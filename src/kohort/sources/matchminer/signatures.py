"""Mismatch repair and mutational signatures, which MatchMiner keeps as statuses in the words of the report."""

from __future__ import annotations

from collections.abc import Iterator

from kohort.sources.matchminer.columns import SIGNATURES
from kohort.sources.matchminer.context import Sample
from kohort.sources.matchminer.fields import Fields, Row

__all__ = ["signature_rows"]

_PRESENT = {"yes": "present", "no": "absent", "true": "present", "false": "absent"}
_UNDECIDED = ("cannot", "insufficient", "indeterminate", "equivocal", "not ", "unknown")
"""Beginnings of the words by which a laboratory says that it could not tell; absence of a result, not an odd value."""


def signature_rows(fields: Fields, sample: Sample, *, implied: bool) -> Iterator[Row]:
    """A finding for each status that a document gives; mismatch repair may tell of the microsatellites too.

    Args:
        fields: the document.
        sample: its sample.
        implied: True if the document is about something else and only mentions the status.
    """
    if (text := fields.text("MMR_STATUS")) is not None:
        found = _repair(text)
        if found is None and not text.casefold().startswith(_UNDECIDED):
            _note_unknown(fields, "MMR_STATUS", "a status of mismatch repair")
        yield _finding(sample, "ihc", "matchminer", "MMR", found, text, implied=implied)
        if (status := _microsatellites(text)) is not None:
            yield _finding(sample, "msi", "matchminer", "MSI", status, text, implied=implied)
    for column, name in SIGNATURES.items():
        text = fields.document.values.get(column)
        if text is None:
            continue
        found = _PRESENT.get(text.casefold())
        if found is None and not text.casefold().replace("_", " ").startswith(_UNDECIDED):
            _note_unknown(fields, column, "Yes or No")
        yield _finding(sample, "marker", "signature", name, found, text, implied=implied)


def _note_unknown(fields: Fields, column: str, wanted: str) -> None:
    fields.note("unknown_status", f"{column} is not {wanted}; it was kept as text, without a code.", column)


def _repair(text: str) -> str | None:
    """``deficient`` or ``proficient``; MSI-L and MSS are proficient, as the laboratory's own word has it."""
    words = text.casefold()
    deficient = "deficient" in words or "msi-h" in words or "mmr-d" in words
    proficient = "proficient" in words or "mss" in words or "msi-l" in words or "mmr-p" in words
    if deficient == proficient:
        return None
    return "deficient" if deficient else "proficient"


def _microsatellites(text: str) -> str | None:
    """The status of the microsatellites where the words name one: ``Deficient (MMR-D / MSI-H)`` does."""
    named = [status for status in ("MSI-H", "MSI-L", "MSS") if status.casefold() in text.casefold()]
    return named[0] if len(named) == 1 else None


def _finding(sample: Sample, kind: str, system: str, code: str, found: str | None, text: str, *, implied: bool) -> Row:
    values = {
        "tumour": sample.tumour,
        "specimen": sample.id,
        "kind": kind,
        "code_system": system,
        "code_code": code,
        "value_code": found,
        "value_text": text,
    }
    return Row("finding", sample.person, f"{sample.id}|{kind}|{code}", values, implied)
