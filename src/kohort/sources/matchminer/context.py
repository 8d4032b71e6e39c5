"""What the documents of one delivery need to know of each other: whose a sample is, and which genes were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kohort.codes import dates, oncotree
from kohort.errors import UserError
from kohort.sources.matchminer.documents import Document
from kohort.sources.matchminer.fields import Fields, RefusedError

__all__ = [
    "ASSAYS",
    "Delivery",
    "Person",
    "Sample",
    "birth_of",
    "gather",
    "known_diagnosis",
    "oncotree_code",
    "sample_in",
    "sample_of",
]

ASSAYS = {"MUTATION": "mutation", "CNV": "copy_number", "SV": "structural_variant"}
"""Variant categories and the assays that find them; one report of a sample covers all three."""

SEXES = {"male": "male", "m": "male", "female": "female", "f": "female"}
VITAL = {"alive": "alive", "living": "alive", "deceased": "deceased", "dead": "deceased"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample, its patient's id at the source, and the natural key of its tumour."""

    id: str
    person: str
    tumour: str


@dataclass(slots=True)
class Person:
    """What all clinical documents of a patient say together; the first word on each counts."""

    sex: str | None = None
    sex_text: str | None = None
    birth: dates.PartialDate | None = None
    deceased: bool | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The context of a delivery.

    Attributes:
        samples: samples by their id.
        by_id: sample ids by the ``_id`` of their clinical document.
        persons: what is known of each patient, by the id at the source.
        torn_persons: patients whose clinical documents disagree on birth or sex.
        torn_samples: samples that two patients claim, and clinical ids that two samples claim.
        panels: panel to its genes.
        genome_build: GRCh37, GRCh38 or None.
        digest: SHA-256 of all that this was read from.
    """

    samples: Mapping[str, Sample] = field(default_factory=dict)
    by_id: Mapping[str, str] = field(default_factory=dict)
    persons: Mapping[str, Person] = field(default_factory=dict)
    torn_persons: frozenset[str] = frozenset()
    torn_samples: frozenset[str] = frozenset()
    panels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    genome_build: str | None = None
    digest: str = ""


def gather(documents: Iterable[Document]) -> Delivery:
    """The samples and patients that clinical documents tell of."""
    samples: dict[str, Sample] = {}
    by_id: dict[str, str] = {}
    persons: dict[str, Person] = {}
    torn_persons: set[str] = set()
    torn: set[str] = set()
    for document in documents:
        if "SAMPLE_ID" not in document.values:
            continue
        fields = Fields(document)
        sample = sample_in(fields)
        if samples.setdefault(sample.id, sample).person != sample.person:
            torn.add(sample.id)
        clinical_id = document.values.get("_ID")
        if clinical_id is not None and by_id.setdefault(clinical_id, sample.id) != sample.id:
            torn.add(clinical_id)
        if not _agrees(persons.setdefault(sample.person, Person()), fields):
            torn_persons.add(sample.person)
    return Delivery(samples, by_id, persons, frozenset(torn_persons), frozenset(torn))


def sample_in(fields: Fields) -> Sample:
    """The sample of a clinical document; without an MRN it stands for its patient."""
    sample = fields.document.values["SAMPLE_ID"]
    person = fields.text("MRN") or sample
    text = fields.text("ONCOTREE_PRIMARY_DIAGNOSIS_NAME", "ONCOTREE_PRIMARY_DIAGNOSIS")
    diagnosis = oncotree_code(fields) or text or "?"
    return Sample(sample, person, f"{person}|primary|{diagnosis}")


def oncotree_code(fields: Fields) -> str | None:
    """The current OncoTree code of a diagnosis, from its name or else its code; None if the tree has neither."""
    names = ("ONCOTREE_PRIMARY_DIAGNOSIS_NAME", "ONCOTREE_PRIMARY_DIAGNOSIS")
    return next((code for name in names if (text := fields.text(name)) and (code := known_diagnosis(text))), None)


@lru_cache(maxsize=1 << 12)
def known_diagnosis(text: str) -> str | None:
    """The OncoTree code of a name or code; None if the tree has neither, or several types of that name.

    A name of an earlier release counts if one type of today means exactly the same.
    """
    try:
        return oncotree.find(text).code
    except UserError:  # no such name, or the name of several
        former = oncotree.former_name(text)
        return former.codes[0] if former is not None and len(former.codes) == 1 and not former.changed else None


def _agrees(person: Person, fields: Fields) -> bool:
    """Add what a clinical document says about its patient; False if it contradicts an earlier one."""
    sex = SEXES.get((fields.text("GENDER") or "").casefold())
    birth = birth_of(fields)
    dead = VITAL.get((fields.text("VITAL_STATUS") or "").casefold())
    agrees = sex is None or person.sex is None or sex == person.sex
    if birth is not None and person.birth is not None:
        earlier, now = str(person.birth), str(birth)
        agrees = agrees and (earlier.startswith(now) or now.startswith(earlier))
    if person.sex is None:
        person.sex, person.sex_text = sex, fields.text("GENDER") or person.sex_text
    if birth is not None and (person.birth is None or birth.precision > person.birth.precision):
        person.birth = birth
    if dead is not None:  # nobody comes back: an older report may still say alive
        person.deceased = bool(person.deceased) or dead == "deceased"
    return agrees


def birth_of(fields: Fields) -> dates.PartialDate | None:
    """The birth date, from BIRTH_DATE or else BIRTH_DATE_INT."""
    return fields.date("BIRTH_DATE") or fields.date("BIRTH_DATE_INT")


def sample_of(fields: Fields, delivery: Delivery) -> Sample:
    """The sample that a document names by CLINICAL_ID or SAMPLE_ID.

    Raises:
        RefusedError: it names none, one that no clinical document has, two, or one that is not to be trusted.
    """
    clinical_id, written = fields.text("CLINICAL_ID"), fields.text("SAMPLE_ID")
    if clinical_id is None and written is None:
        raise RefusedError("missing_id", "The document names no sample. Fill CLINICAL_ID or SAMPLE_ID.", "SAMPLE_ID")
    column = "SAMPLE_ID" if clinical_id is None else "CLINICAL_ID"
    if {clinical_id, written} & delivery.torn_samples:
        raise RefusedError("sample_in_quarantine", "Two clinical documents claim this id. Settle that first.", column)
    linked = None if clinical_id is None else delivery.by_id.get(clinical_id)
    if linked is not None and written is not None and linked != written:
        raise RefusedError("two_samples", "CLINICAL_ID and SAMPLE_ID name two samples. Correct one of them.", column)
    sample = delivery.samples.get(linked or written or "")
    if sample is None:
        raise RefusedError(
            "unknown_sample",
            "No clinical document has this sample, so its patient is not known. Ingest the folder that holds both, "
            "or correct the id.",
            column,
            clinical_id or written,
        )
    if sample.person in delivery.torn_persons:
        raise RefusedError("patient_in_quarantine", "Clinical documents of the patient disagree. Settle that first.")
    return sample
