"""Clinical documents: one a sample, with its patient, tumour and report."""

from __future__ import annotations

from collections.abc import Iterator

from kohort.codes import dates
from kohort.sources.matchminer.context import (
    ASSAYS,
    SEXES,
    VITAL,
    Delivery,
    Person,
    Sample,
    birth_of,
    known_diagnosis,
    oncotree_code,
    sample_in,
)
from kohort.sources.matchminer.documents import Document
from kohort.sources.matchminer.fields import Fields, Reading, RefusedError, Row, day_columns
from kohort.sources.matchminer.signatures import signature_rows

__all__ = ["read_clinical"]

_SITES = {
    "primary": "primary", "metastatic": "metastasis", "metastasis": "metastasis", "metastatic recurrence": "metastasis",
    "local recurrence": "recurrence", "recurrence": "recurrence", "unspecified": "unknown",
    "not applicable": "unknown", "any/other": "unknown",
}  # fmt: skip
_TORN = (
    "Clinical documents give this patient two birth dates or sexes: two patients, or a correction. All of them were "
    "set aside, so that nobody gets another's data. Keep the right ones and ingest again."
)


def read_clinical(document: Document, delivery: Delivery) -> Reading:
    """Person, tumour, specimen and tests of a clinical document.

    Raises:
        RefusedError: it names no sample, or contradicts another document on who the patient is.
    """
    fields = Fields(document)
    written = fields.text("SAMPLE_ID")
    if written is None:
        raise RefusedError("missing_id", "The document names no sample. Fill SAMPLE_ID.", "SAMPLE_ID")
    sample = sample_in(fields)
    if fields.text("MRN") is None:
        fields.note("missing_mrn", "The document has no MRN; the sample stands for its patient. Fill MRN.", "MRN")
    if sample.person in delivery.torn_persons:
        raise RefusedError("two_patients_one_id", _TORN, "MRN")
    if {written, fields.text("_ID")} & delivery.torn_samples:
        message = "Two clinical documents claim this id for two patients or samples. Keep the right one."
        raise RefusedError("two_patients_one_sample", message, "SAMPLE_ID")
    rows = (
        _person(fields, sample.person, delivery.persons.get(sample.person, Person())),
        _tumour(fields, sample),
        _specimen(fields, sample),
        *_tests(fields, sample, delivery),
        *signature_rows(fields, sample, implied=True),
    )
    return Reading(rows, tuple(fields.notes))


def _person(fields: Fields, person: str, known: Person) -> Row:
    fields.word("GENDER", SEXES, "unknown_sex", "Male, Female")
    fields.word("VITAL_STATUS", VITAL, "unknown_status", "alive, deceased")
    one, other = fields.date("BIRTH_DATE"), fields.date("BIRTH_DATE_INT")
    if one is not None and other is not None and not str(one).startswith(str(other)):
        fields.note("two_birth_dates", "BIRTH_DATE_INT is another day than BIRTH_DATE, which counts.", "BIRTH_DATE_INT")
    values: dict[str, object] = {
        "sex_system": None if known.sex is None else "hl7",
        "sex_code": known.sex,
        "sex_text": known.sex_text or fields.text("GENDER"),
        "deceased": known.deceased,
        "origin": "unknown",
        **day_columns("birth", known.birth or birth_of(fields)),
    }
    return Row("person", person, person, values, implied=True)


def _tumour(fields: Fields, sample: Sample) -> Row:
    name, short = fields.text("ONCOTREE_PRIMARY_DIAGNOSIS_NAME"), fields.text("ONCOTREE_PRIMARY_DIAGNOSIS")
    code = oncotree_code(fields)
    text = name or short
    if code is not None and short is not None and known_diagnosis(short) not in (code, None):
        message = "The code is that of another diagnosis than the name, which counts. Correct one of them."
        fields.note("two_diagnoses", message, "ONCOTREE_PRIMARY_DIAGNOSIS")
    if text is not None and code is None:
        fields.note(
            "unknown_diagnosis",
            "The diagnosis is no name of the OncoTree in use, or that of several types; it was kept as text, without a "
            "code. Write the current name or add ONCOTREE_PRIMARY_DIAGNOSIS with the code.",
            "ONCOTREE_PRIMARY_DIAGNOSIS_NAME" if name else "ONCOTREE_PRIMARY_DIAGNOSIS",
        )
    values = {
        "kind": "primary",
        "oncotree_system": None if code is None else "oncotree",
        "oncotree_code": code,
        "oncotree_text": text,
    }
    return Row("tumour", sample.person, sample.tumour, values, implied=True)


def _specimen(fields: Fields, sample: Sample) -> Row:
    site = "ONCOTREE_BIOPSY_SITE_TYPE"
    purity = fields.number("TUMOR_PURITY_PERCENT", 0, 100)
    values = {
        "tumour": sample.tumour,
        "kind": fields.word(site, _SITES, "unknown_site_type", "Primary, Metastatic, Local Recurrence") or "unknown",
        "kind_text": fields.text(site),
        "tumour_fraction": purity / 100 if purity is not None and purity > 1 else purity,
    }
    return Row("specimen", sample.person, sample.id, values)


def _tests(fields: Fields, sample: Sample, delivery: Delivery) -> Iterator[Row]:
    """One test for each assay of the report; a panel without a list of genes covers nobody knows what."""
    panel = fields.text("PANEL_VERSION")
    burden = fields.number("TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE", 0, 100_000)
    reported: dates.PartialDate | None = fields.date("REPORT_DATE")
    for assay in ASSAYS.values():
        values: dict[str, object] = {
            "specimen": sample.id,
            "assay": assay,
            "panel": panel,
            "coverage": "panel" if panel in delivery.panels else "unknown",
            "genome_build": delivery.genome_build,
            "tmb": burden if assay == "mutation" else None,
            **day_columns("reported", reported),
        }
        yield Row("test", sample.person, f"{sample.id}|{assay}", values)
