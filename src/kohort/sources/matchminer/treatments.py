"""Prior treatments: one drug a document, without dates."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from kohort.codes import drugs
from kohort.sources.matchminer.context import Delivery, Sample, sample_of
from kohort.sources.matchminer.documents import Document
from kohort.sources.matchminer.fields import Fields, Reading, RefusedError, Row

__all__ = ["read_treatment"]

_RADIATION = ("radiation", "radiotherapy", "radiation therapy")


def read_treatment(document: Document, delivery: Delivery) -> Reading:
    """A course of treatment and its drugs; the same drug of two samples of a patient is one course.

    Raises:
        RefusedError: it names no drug, or no sample that is known.
    """
    fields = Fields(document)
    written = fields.text("DRUG")
    if written is None:
        raise RefusedError("missing_drug", "The document names no drug. Fill DRUG.", "DRUG")
    sample = sample_of(fields, delivery)
    read = _read(written)
    radiation = written.casefold() in _RADIATION
    if not radiation and (not read.drugs or read.unknown):
        message = "DRUG holds a name that is no known drug; it was kept as text, without a code. Compare its spelling."
        fields.note("unknown_drug", message, "DRUG")
    course = f"{sample.person}|prior|{written.casefold()}"
    modality = "radiotherapy" if radiation else "systemic" if read.drugs else "other"
    therapy = Row("therapy", sample.person, course, {"tumour": sample.tumour, "modality": modality}, implied=True)
    return Reading((therapy, *_items(sample, course, written, read)), tuple(fields.notes))


def _items(sample: Sample, course: str, written: str, read: drugs.DrugMention) -> Iterator[Row]:
    codes: list[str | None] = [drug.name for drug in read.drugs]
    if not codes or read.unknown:
        codes.append(None)
    for code in codes:
        values = {
            "therapy": course,
            "item_system": None if code is None else "kohort-drug",
            "item_code": code,
            "item_text": written,
        }
        yield Row("therapy_item", sample.person, f"{course}|{code or '?'}", values, implied=True)


@functools.lru_cache(maxsize=1 << 12)
def _read(text: str) -> drugs.DrugMention:
    return drugs.parse(text)
