"""Sample sheets: whose each sample is, of which tumour, read with which panel.

Two forms: ``samples.tsv`` (SAMPLE_ID, PATIENT_ID; perhaps ONCOTREE_CODE, PANEL, GENOME_BUILD) and InPreD's metadata
table, which names a patient by the beginning of the sample's id and, where the patient is in a study, by Study_id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kohort.codes import oncotree
from kohort.errors import UserError
from kohort.sources.laboratory.cells import build_of, cell, number
from kohort.sources.laboratory.headed import HeadedTable, header_in, read_table
from kohort.sources.laboratory.inpred import inpred_id
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.rows import Attribute, Found, frame_of_variants, mentioned, reading_of
from kohort.sources.laboratory.samples import sample_of
from kohort.sources.model import KEY, LINE, PERSON, LineFinding

__all__ = ["INPRED_METADATA", "SAMPLE_SHEET", "Told", "told_by"]

_SHEET = ("SAMPLE_ID", "PATIENT_ID", "ONCOTREE_CODE", "PANEL", "GENOME_BUILD")
_METADATA = ("SAMPLE_ID", "SEQUENCING_RUN_ID", "CREATE_REPORT")
_MATERIAL = "SAMPLE_MATERIAL_ID"
_OF_VARIANTS = frozenset(
    {"HUGO_SYMBOL", "GENE", "GENEA", "ALTERATION", "FUSION", "CHROMOSOME", "VALUE", "HIGHEST_LEVEL"}
)
"""Columns of tables that are no sample sheet, though they name samples and patients."""
_IN_TABLES = frozenset(
    {"SAMPLE_ID", "YEAR_OF_BIRTH", "YEAR_OF_DIAGNOSIS", "SEX", "STUDY_ID", "YEAR_OF_SAMPLE_COLLECTION",
     "TUMOR_CONTENT_PATHOLOGY", _MATERIAL}
)  # fmt: skip
"""Columns of the metadata that have a place in the tables; the others are kept as attributes of the sample."""
_SEXES = {"f": "female", "female": "female", "k": "female", "m": "male", "male": "male"}


@dataclass(slots=True)
class Told:
    """What one sheet says.

    Attributes:
        patients, tumours, panels, builds: sample id to what is said of it.
        torn: samples that two patients claim.
    """

    patients: dict[str, str] = field(default_factory=dict)
    tumours: dict[str, str] = field(default_factory=dict)
    panels: dict[str, str] = field(default_factory=dict)
    builds: dict[str, str] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)


def told_by(lines: Sequence[str]) -> Told | None:
    """What a sheet says of its samples; None if the lines are no sheet."""
    header = {name.upper() for name in header_in("\n".join(lines[:400]))}
    if not (header >= set(_SHEET[:2]) or header >= set(_METADATA)):
        return None
    table = _upper(lines)
    return _of_sheet(table) if header >= set(_SHEET[:2]) else _of_metadata(table)


def _upper(lines: Sequence[str]) -> HeadedTable:
    table = read_table(lines)
    rows = [(line, {name.upper(): text for name, text in row.items()}) for line, row in table.rows]
    return HeadedTable(table.remarks, [n.upper() for n in table.header], rows, table.findings, table.quarantined)


def _of_sheet(table: HeadedTable) -> Told:
    told = Told()
    for _, row in table.rows:
        sample, patient = cell(row, "SAMPLE_ID"), cell(row, "PATIENT_ID")
        if sample is None or patient is None:
            continue
        if told.patients.setdefault(sample, patient) != patient:
            told.torn.add(sample)
        for name, where in (("ONCOTREE_CODE", told.tumours), ("PANEL", told.panels), ("GENOME_BUILD", told.builds)):
            text = cell(row, name)
            text = build_of(text) if name == "GENOME_BUILD" else text
            if text is not None:
                where.setdefault(sample, text)
    return told


def _of_metadata(table: HeadedTable) -> Told:
    """InPreD's table: one study id on any sample of a patient names the patient; two name none of them."""
    samples = [(sample, row) for _, row in table.rows if (sample := cell(row, "SAMPLE_ID")) is not None]
    studies: dict[str, set[str]] = {}
    for sample, row in samples:
        if (study := cell(row, "STUDY_ID")) is not None:
            studies.setdefault(_own_patient(sample), set()).add(study)
    told = Told()
    for sample, row in samples:
        patient = _own_patient(sample)
        named = studies.get(patient, set())
        if named or inpred_id(sample) is not None:
            told.patients[sample] = next(iter(named)) if len(named) == 1 else patient
        code = _diagnosis(cell(row, "CLINICAL_DIAGNOSIS"))
        if code is not None:
            told.tumours.setdefault(sample, code)
    return told


def _own_patient(sample: str) -> str:
    """The patient by the sample's id alone."""
    told = inpred_id(sample)
    return sample if told is None else told.patient


def _diagnosis(text: str | None) -> str | None:
    """The OncoTree code of a diagnosis in words or as a code; None if OncoTree has neither."""
    try:
        return None if text is None else oncotree.find(text).code
    except UserError:
        return None


def _read_sheet(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    table = _upper(lines)
    findings = list(table.findings)
    for line, row in table.rows:
        findings += _sheet_findings(row, line, sheet)
    return _reading(table, findings, sheet, frozenset({*_SHEET, "SEX"}))


def _sheet_findings(row: Mapping[str, str], line: int, sheet: Sheet) -> Iterable[LineFinding]:
    sample, patient = cell(row, "SAMPLE_ID"), cell(row, "PATIENT_ID")
    if sample is None or patient is None:
        message = "The line lacks SAMPLE_ID or PATIENT_ID. Fill both."
        yield LineFinding(line, "quarantined", "missing_id", message, "SAMPLE_ID")
    elif sample in sheet.torn:
        message = "Two patients claim this sample, so it and its findings were set aside. Keep the right line."
        yield LineFinding(line, "quarantined", "sample_of_two_patients", message, "PATIENT_ID")
    code, build = cell(row, "ONCOTREE_CODE"), cell(row, "GENOME_BUILD")
    if code is not None and code.upper() not in oncotree.all_codes():
        message = "The OncoTree code is not known; the line was kept with the code as text only. Correct the code."
        yield LineFinding(line, "warning", "unknown_oncotree_code", message, "ONCOTREE_CODE", code)
    if build is not None and build_of(build) is None:
        message = "The genome build is neither GRCh37 nor GRCh38; it was left out. Correct it."
        yield LineFinding(line, "warning", "unknown_genome_build", message, "GENOME_BUILD", build)


def _read_metadata(lines: Sequence[str], path: Path, sheet: Sheet) -> Reading:
    table = _upper(lines)
    findings = list(table.findings)
    studies: dict[str, str] = {}
    for line, row in table.rows:
        sample, study = cell(row, "SAMPLE_ID"), cell(row, "STUDY_ID")
        if sample is None:
            findings.append(LineFinding(line, "quarantined", "missing_id", "The line names no sample.", "SAMPLE_ID"))
        elif study is not None and studies.setdefault(_own_patient(sample), study) != study:
            message = "Samples of one patient have two study ids; neither was taken for the patient. Correct one."
            findings.append(LineFinding(line, "warning", "two_study_ids", message, "STUDY_ID", study))
        diagnosis = cell(row, "CLINICAL_DIAGNOSIS")
        if diagnosis is not None and _diagnosis(diagnosis) is None:
            message = "OncoTree has no tumour type of this name or code; it was kept as text. Write an OncoTree code."
            findings.append(LineFinding(line, "warning", "unknown_diagnosis", message, "CLINICAL_DIAGNOSIS"))
        for name in ("YEAR_OF_BIRTH", "YEAR_OF_DIAGNOSIS", "YEAR_OF_SAMPLE_COLLECTION"):
            if (text := cell(row, name)) is not None and _year(text) is None:
                message = f"{name} is no year; it was left out. Write four digits."
                findings.append(LineFinding(line, "warning", "impossible_date", message, name, text))
    if any(cell(row, _MATERIAL) is not None for _, row in table.rows):
        message = "The number of the block in the pathology system names a patient; it was not kept in the tables."
        findings.append(LineFinding(0, "warning", "identifier_left_out", message, _MATERIAL))
    return _reading(table, findings, sheet, _IN_TABLES)


def _attributes(row: Mapping[str, str], line: int, placed: frozenset[str]) -> list[Attribute]:
    sample = cell(row, "SAMPLE_ID") or ""
    others = ((name, cell(row, name)) for name in row if name not in placed)
    return [Attribute(sample, name, text, line) for name, text in others if text is not None]


def _reading(table: HeadedTable, findings: Sequence[LineFinding], sheet: Sheet, placed: frozenset[str]) -> Reading:
    """Persons, tumours and specimens that the sheet's lines name; columns that are not ``placed`` as attributes."""
    aside = {finding.line for finding in findings if finding.severity == "quarantined"}
    good = [(line, row) for line, row in table.rows if line not in aside]
    found = [attribute for line, row in good for attribute in _attributes(row, line, placed)]
    rest = reading_of(
        Found(frame_of_variants([]), attributes=found, findings=findings, quarantined=sorted(aside)), sheet
    )
    described = [_described(row, line, sheet) for line, row in good]
    names = ("person", "tumour", "specimen")
    people = [mentioned(name, [rows[name] for rows in described if name in rows]) for name in names]
    return Reading([*people, *rest.rows], [f for f in rest.findings if f.rule != "sample_as_patient"], rest.quarantined)


def _described(row: Mapping[str, str], line: int, sheet: Sheet) -> dict[str, dict[str, object]]:
    """Person, tumour and specimen of one line."""
    sample = sample_of(cell(row, "SAMPLE_ID") or "", sheet)
    code = sample.oncotree
    known = code is not None and code.upper() in oncotree.all_codes()
    sex = cell(row, "SEX")
    coded = _SEXES.get((sex or "").lower())
    person = {
        PERSON: sample.patient, KEY: sample.patient, LINE: line, "sex_system": "hl7" if coded else None,
        "sex_code": coded, "sex_text": sex, **_dated("birth", cell(row, "YEAR_OF_BIRTH")),
    }  # fmt: skip
    specimen = {
        PERSON: sample.patient, KEY: sample.id, LINE: line, "tumour": sample.tumour, "kind": sample.kind,
        "kind_text": sample.kind_text, "tissue_text": sample.material,
        "tumour_fraction": _share(cell(row, "TUMOR_CONTENT_PATHOLOGY")),
        **_dated("collected", cell(row, "YEAR_OF_SAMPLE_COLLECTION")),
    }  # fmt: skip
    if sample.tumour is None:
        return {"person": person, "specimen": specimen}
    tumour = {
        PERSON: sample.patient, KEY: sample.tumour, LINE: line, "kind": "primary",
        "oncotree_system": "oncotree" if known else None,
        "oncotree_code": code.upper() if known and code is not None else None,
        "oncotree_text": code, **_dated("diagnosed", cell(row, "YEAR_OF_DIAGNOSIS")),
    }  # fmt: skip
    return {"person": person, "tumour": tumour, "specimen": specimen}


def _year(text: str | None) -> int | None:
    found = number(text)
    return int(found) if found is not None and found == int(found) and 1900 <= found <= 2100 else None


def _dated(name: str, text: str | None) -> dict[str, object]:
    year = _year(text)
    return {name: None if year is None else date(year, 1, 1), f"{name}_precision": None if year is None else 1}


def _share(text: str | None) -> float | None:
    """A share of tumour cells: ``50``, ``50 %``, ``~50%`` or ``0.5``."""
    found = number((text or "").strip("~ %"))
    if found is None or not 0 <= found <= 100:
        return None
    return found / 100 if found > 1 else found


def _is_sheet(name: str, start: str) -> bool:
    header = {text.upper() for text in header_in(start)}
    return header >= set(_SHEET[:2]) and header.isdisjoint(_OF_VARIANTS)


def _is_metadata(name: str, start: str) -> bool:
    return {text.upper() for text in header_in(start)} >= set(_METADATA)


SAMPLE_SHEET = Layout("samples", "sample sheet", _is_sheet, _read_sheet, frozenset({"SAMPLE_ID", "PATIENT_ID"}))
INPRED_METADATA = Layout(
    "inpred_metadata", "InPreD metadata", _is_metadata, _read_metadata,
    frozenset({"SAMPLE_ID", "STUDY_ID", _MATERIAL}),
)  # fmt: skip
