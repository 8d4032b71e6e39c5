"""Whose a sample is: by the sample sheet, else by an InPreD id, else the sample stands for its patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kohort.sources.laboratory.inpred import inpred_id
from kohort.sources.laboratory.model import Facts, Sheet

__all__ = ["Sample", "joined", "sample_of", "with_facts"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample and what is known of where it comes from.

    Attributes:
        id: the sample's id at the source.
        patient: the patient's id at the source.
        oncotree: diagnosis as written in the sheet, or the tissue that an InPreD id names.
        kind: primary, metastasis, recurrence, normal or unknown.
        kind_text: the kind in words.
        material: what was sampled, in words.
        assumed: True if nothing says whose the sample is, so that it stands for its patient.
    """

    id: str
    patient: str
    oncotree: str | None = None
    kind: str = "unknown"
    kind_text: str | None = None
    material: str | None = None
    assumed: bool = False

    @property
    def tumour(self) -> str | None:
        """Natural key of the tumour, as a cBioPortal study forms it; None for normal tissue."""
        return None if self.kind == "normal" else f"{self.patient}|primary|{self.oncotree or '?'}"


def sample_of(sample: str, sheet: Sheet) -> Sample:
    """What the sheet, or else the id itself, says of a sample."""
    told = inpred_id(sample)
    written = sheet.patients.get(sample) or (None if told is None else sheet.patients.get(told.patient))
    patient = written or (sample if told is None else told.patient)
    oncotree = sheet.tumours.get(sample)
    if told is None:
        return Sample(sample, patient, oncotree, assumed=written is None)
    return Sample(sample, patient, oncotree or told.tissue, told.kind, told.kind_text, told.material)


def joined(known: Facts, further: Facts) -> Facts:
    """Two files' facts on one sample; where they disagree the first counts."""
    return Facts(
        {**further.values, **known.values},
        known.assays | further.assays,
        {**further.specimen, **known.specimen},
        known.partner or further.partner,
        known.pair or further.pair,
    )


def with_facts(sheet: Sheet, facts: Mapping[str, Facts]) -> Sheet:
    """The sheet with further facts; what it knows already stays.

    A sample of which nothing says whose it is stands in the sheet by its pair, or else belongs to the patient and the
    tumour of its partner.
    """
    every = dict(sheet.facts)
    for sample, told in facts.items():
        every[sample] = joined(every[sample], told) if sample in every else told
    wider = replace(sheet, facts=every)
    for sample, told in every.items():
        if told.pair is not None and told.pair in wider.patients and sample_of(sample, wider).assumed:
            wider = _of_same_patient(wider, sample, told.pair)
    for sample, told in every.items():
        if told.partner is None:
            continue
        mine, other = sample_of(sample, wider), sample_of(told.partner, wider)
        if mine.assumed or (mine.patient == other.patient and told.partner not in wider.torn):
            wider = _of_same_patient(wider, sample, told.partner)
    return wider


def _of_same_patient(sheet: Sheet, sample: str, other: str) -> Sheet:
    """The sheet, in which a sample has the patient and, where it has none, the tumour of another."""
    if other in sheet.torn:
        return replace(sheet, torn=sheet.torn | {sample})
    patients = {**sheet.patients, sample: sample_of(other, sheet).patient}
    tumours = dict(sheet.tumours)
    if other in tumours:
        tumours.setdefault(sample, tumours[other])
    return replace(sheet, patients=patients, tumours=tumours)
