"""Finding the files of a study folder and the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kohort.errors import InputError
from kohort.sources.cbioportal.clinical import PATIENT, SAMPLE
from kohort.sources.cbioportal.context import Study, read_study
from kohort.sources.cbioportal.mapping import Kind, TableFile
from kohort.sources.cbioportal.molecular import (
    COPY_NUMBER_LONG,
    COPY_NUMBER_MATRIX,
    COPY_NUMBER_RENAMED,
    MUTATIONS,
    STRUCTURAL_VARIANTS,
)
from kohort.sources.cbioportal.panels import PANEL_MATRIX, PropertyFile, properties, read_panels
from kohort.sources.cbioportal.timeline import TIMELINE
from kohort.sources.delimited import DelimitedFile
from kohort.sources.model import LineFinding, Source, SourceFile

__all__ = ["file_roles", "open_study", "recognises"]

_ORDER = ("meta", "patient", "sample", "panel", "matrix", "mutations", "cna", "sv", "timeline")
_BY_META = {
    ("CLINICAL", "PATIENT_ATTRIBUTES"): "patient",
    ("CLINICAL", "SAMPLE_ATTRIBUTES"): "sample",
    ("CLINICAL", "TIMELINE"): "timeline",
    ("MUTATION_EXTENDED", "MAF"): "mutations",
    ("COPY_NUMBER_ALTERATION", "DISCRETE"): "cna",
    ("COPY_NUMBER_ALTERATION", "DISCRETE_LONG"): "cna",
    ("STRUCTURAL_VARIANT", "SV"): "sv",
    ("GENE_PANEL_MATRIX", "GENE_PANEL_MATRIX"): "matrix",
}
_BY_NAME = (
    ("meta_", "meta"), ("data_clinical_patient", "patient"), ("data_clinical_sample", "sample"),
    ("data_gene_panel_matrix", "matrix"), ("data_gene_panel", "panel"), ("data_mutations", "mutations"),
    ("data_cna", "cna"), ("data_sv", "sv"), ("data_fusions", "sv"), ("data_structural_variants", "sv"),
    ("data_timeline", "timeline"),
)  # fmt: skip
_KINDS: dict[str, Kind] = {
    "patient": PATIENT, "sample": SAMPLE, "matrix": PANEL_MATRIX, "mutations": MUTATIONS, "sv": STRUCTURAL_VARIANTS,
    "timeline": TIMELINE,
}  # fmt: skip
_ENDINGS = (".txt", ".tsv", ".maf", ".gz", ".seg")


def recognises(path: Path) -> bool:
    """True for a folder (or a file of one) that is laid out as a cBioPortal study."""
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        return False
    roles = {_by_name(entry) for entry in folder.iterdir()}
    return bool(roles & {"sample", "patient", "mutations"}) and (path.is_dir() or _by_name(path) is not None)


def open_study(path: Path, encoding: str = "utf-8") -> Source:
    """The files of a study folder, in reading order; of a single file, that file read in its folder's context.

    Raises:
        InputError: the folder has no sample file, so nothing could be linked to a patient.
    """
    folder = path if path.is_dir() else path.parent
    entries = sorted(entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith("."))
    roles, strangers = _roles(entries, encoding)
    if "sample" not in roles.values():
        raise InputError(
            "the study folder has no clinical sample file, so samples cannot be linked to patients.",
            path=folder,
            remedy="Add data_clinical_sample.txt (columns PATIENT_ID, SAMPLE_ID).",
        )
    study = _study(folder, roles, encoding)
    wanted = [entry for entry in entries if entry in roles and (path.is_dir() or entry == path)]
    wanted.sort(key=lambda entry: (_ORDER.index(roles[entry]), entry.name))
    files = [_file(entry, roles[entry], study, encoding) for entry in wanted]
    return Source(files, dict.fromkeys(strangers, (_STRANGER,)) if path.is_dir() else {})


_STRANGER = LineFinding(
    0, "warning", "unrecognised_file",
    "The file is no part of a cBioPortal study that is read here; it was left unread.",
)  # fmt: skip


def file_roles(folder: Path, encoding: str = "utf-8") -> dict[Path, str]:
    """What each file of a study folder is: ``patient``, ``sample``, ``mutations`` ...; files of no role are left out.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder.", path=folder, remedy="Check the path.")
    return _roles(sorted(entry for entry in folder.iterdir() if entry.is_file()), encoding)[0]


def _roles(entries: Iterable[Path], encoding: str) -> tuple[dict[Path, str], list[Path]]:
    """What each file is, by the meta files first and by its name otherwise; and the files that are nothing known."""
    entries = list(entries)
    declared: dict[str, str] = {}
    for entry in entries:
        if _by_name(entry) == "meta":
            meta = properties(entry, encoding)
            sort = (meta.get("genetic_alteration_type", "").upper(), meta.get("datatype", "").upper())
            if "data_filename" in meta and sort in _BY_META:
                declared[meta["data_filename"]] = _BY_META[sort]
    roles: dict[Path, str] = {}
    strangers: list[Path] = []
    for entry in entries:
        role = declared.get(entry.name) or _by_name(entry)
        if role is not None:
            roles[entry] = role
        elif entry.name.lower().startswith("data_") or entry.suffix.lower() in _ENDINGS:
            strangers.append(entry)
    return roles, strangers


def _by_name(entry: Path) -> str | None:
    name = entry.name.lower()
    return next((role for start, role in _BY_NAME if name.startswith(start)), None)


def _study(folder: Path, roles: dict[Path, str], encoding: str) -> Study:
    def of(role: str) -> list[Path]:
        return [entry for entry, what in roles.items() if what == role]

    name = folder.name
    for entry in of("meta"):
        name = properties(entry, encoding).get("cancer_study_identifier", name)
    first = {role: of(role)[0] for role in ("patient", "sample", "matrix", "mutations") if of(role)}
    return read_study(name, first, read_panels(of("panel"), encoding), encoding)


def _file(entry: Path, role: str, study: Study, encoding: str) -> SourceFile:
    if role in ("meta", "panel"):
        return PropertyFile(entry, encoding, panel=role == "panel")
    if role == "cna":
        header: Sequence[str] = DelimitedFile(entry, encoding).header()
        long = (kind for kind in (COPY_NUMBER_LONG, COPY_NUMBER_RENAMED) if set(kind.required[1:]) <= set(header))
        kind = next(long, COPY_NUMBER_MATRIX)
        return TableFile(entry, kind, study, encoding)
    return TableFile(entry, _KINDS[role], study, encoding)
