"""Laboratory files in a folder: each file's layout is found by its content, and all are read with one sheet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kohort.errors import InputError
from kohort.sources.cbioportal.panels import PropertyFile, read_panels
from kohort.sources.laboratory.gistic import GISTIC, GISTIC_OTHER
from kohort.sources.laboratory.inpred import inpred_id
from kohort.sources.laboratory.maf import MAF
from kohort.sources.laboratory.model import Facts, LaboratoryFile, Layout, Sheet
from kohort.sources.laboratory.oncokb import (
    ONCOKB_ALTERATIONS,
    ONCOKB_COPY_NUMBERS,
    ONCOKB_FUSIONS,
    ONCOKB_STRUCTURAL,
)
from kohort.sources.laboratory.pcgr import PCGR_EXPRESSION, PCGR_FUSIONS, PCGR_SEGMENTS
from kohort.sources.laboratory.pcgr_tables import PCGR_COPY_NUMBERS, PCGR_FUSIONS_ANNOTATED, PCGR_VARIANTS
from kohort.sources.laboratory.samples import with_facts
from kohort.sources.laboratory.sheet import INPRED_METADATA, SAMPLE_SHEET, Told, told_by
from kohort.sources.laboratory.tso500 import TSO500
from kohort.sources.laboratory.tsoppi_summary import TSOPPI_SUMMARY
from kohort.sources.laboratory.tsoppi_variants import TSOPPI_VARIANTS
from kohort.sources.laboratory.vcf import VCF
from kohort.sources.lines import LineBlocks, encoding_of
from kohort.sources.model import LineFinding, Source, SourceFile

__all__ = ["LAYOUTS", "open_delivery", "recognises"]

LAYOUTS: tuple[Layout, ...] = (
    SAMPLE_SHEET, INPRED_METADATA, TSOPPI_VARIANTS, TSO500, TSOPPI_SUMMARY, PCGR_VARIANTS, MAF, VCF, PCGR_COPY_NUMBERS,
    GISTIC, GISTIC_OTHER, ONCOKB_COPY_NUMBERS, PCGR_SEGMENTS, PCGR_FUSIONS_ANNOTATED, PCGR_FUSIONS, ONCOKB_STRUCTURAL,
    ONCOKB_FUSIONS, ONCOKB_ALTERATIONS, PCGR_EXPRESSION,
)  # fmt: skip
"""All layouts, in the order in which files are read: of two files that state the same row, the first counts.

Those that say the most of a variant stand first.
"""

_SHEETS = (SAMPLE_SHEET, INPRED_METADATA)
_PANEL = "data_gene_panel_"
"""Panel files in cBioPortal's form: which genes a panel covers."""
_SNIFFED = 1 << 16
_FACTS = 4 << 20
_STRANGER = LineFinding(
    0, "warning", "unrecognised_file", "The file has no layout of laboratory files read here; it was left unread."
)
_TWO_BUILDS = (
    "The delivery holds samples of GRCh37 and of GRCh38; each was kept with its own. Positions of the two cannot be "
    "compared: check that this is meant."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of a known layout."""

    path: Path
    layout: Layout
    encoding: str


def recognises(path: Path) -> bool:
    """True for a file of a layout that is read here, and for a folder that holds one (a sample sheet alone is none)."""
    if path.is_file():
        return _look(path, "utf-8") is not None
    found = (_look(entry, "utf-8") for entry in _listed(path, below=True))
    return any(file is not None and file.layout not in _SHEETS for file in found)


def open_delivery(path: Path, encoding: str = "utf-8") -> Source:
    """The files of a folder and those below it, in reading order; of a single file, that file beside its neighbours.

    Raises:
        InputError: nothing here has a layout that is read.
    """
    entries = _listed(path, below=True) if path.is_dir() else _listed(path.parent, below=False)
    if path.is_file() and path not in entries:
        entries = [*entries, path]
    panels = [entry for entry in entries if _is_panel(entry)]
    looked = {entry: _look(entry, encoding) for entry in entries if not _is_panel(entry)}
    found = sorted((file for file in looked.values() if file is not None), key=_place)
    wanted = [file for file in found if path.is_dir() or file.path == path]
    if not wanted and path not in panels:
        known = ", ".join(layout.title for layout in LAYOUTS)
        raise InputError("no layout of laboratory files fits.", path=path, remedy=f"Layouts that are read: {known}.")
    sheet, findings = _sheet(found, panels, encoding)
    files: list[SourceFile] = [LaboratoryFile(f.path, f.layout, sheet, f.encoding) for f in wanted]
    files += [PropertyFile(panel, encoding, panel=True) for panel in panels if path.is_dir() or panel == path]
    strangers = [entry for entry, file in looked.items() if file is None] if path.is_dir() else []
    read = {file.path for file in files}
    told = {file: noted for file, noted in findings.items() if file in read}
    return Source(files, {**told, **dict.fromkeys(strangers, (_STRANGER,))}, beside=True)


def _listed(folder: Path, *, below: bool) -> list[Path]:
    walked = folder.rglob("*") if below else folder.iterdir()
    hidden = (entry for entry in walked if not any(part.startswith(".") for part in entry.relative_to(folder).parts))
    return sorted(entry for entry in hidden if entry.is_file())


def _is_panel(path: Path) -> bool:
    return path.name.lower().startswith(_PANEL) and "matrix" not in path.name.lower()


def _place(file: _Found) -> tuple[int, Path]:
    return LAYOUTS.index(file.layout), file.path


def _look(path: Path, encoding: str) -> _Found | None:
    """The layout of a file by its beginning; None for a file of none."""
    text = next(iter(LineBlocks(path, encoding, _SNIFFED)), b"")[:_SNIFFED].decode("utf-8", "replace")
    layout = next((layout for layout in LAYOUTS if layout.recognises(path.name, text)), None)
    return None if layout is None else _Found(path, layout, _encoding(path, encoding))


def _encoding(path: Path, encoding: str) -> str:
    """The encoding of a file: as named, but ISO 8859-1 where its bytes are no UTF-8 (InPreD's forms come so)."""
    if encoding_of(b"", encoding)[0] != "utf-8":
        return encoding
    try:
        next(iter(LineBlocks(path, encoding, _FACTS)), b"").decode()
    except UnicodeDecodeError:
        return "iso-8859-1"
    return encoding


def _lines(file: _Found, most: int | None = None) -> list[str]:
    """Physical lines of a file; of a long one the first ``most`` bytes."""
    blocks: Iterator[bytes] = iter(LineBlocks(file.path, file.encoding, most or _FACTS))
    wanted = [next(blocks, b"")] if most is not None else list(blocks)
    return b"".join(wanted).decode("utf-8", "replace").split("\n")[:-1]


def _sheet(
    found: Sequence[_Found], panels: Sequence[Path], encoding: str
) -> tuple[Sheet, Mapping[Path, Sequence[LineFinding]]]:
    """What the files of a delivery tell of each other, and what is wrong with it as a whole."""
    told = _merged([file for file in found if file.layout in _SHEETS])
    patients = {**_inpred_patients(told), **told.patients}
    sheet = Sheet(
        patients, told.tumours, told.panels, read_panels(panels, encoding), builds=told.builds,
        torn=frozenset(told.torn),
    )  # fmt: skip
    findings: dict[Path, list[LineFinding]] = {}
    builds = set(told.builds.values())
    for file in found:
        if file.layout.facts is None:
            continue
        facts = file.layout.facts(_lines(file, _FACTS))
        if differing := _contradicted(sheet.facts, facts):
            message = (
                f"Another file of the delivery says otherwise of the same sample ({', '.join(differing)}); what the "
                "other says was taken. Settle which is right."
            )
            findings.setdefault(file.path, []).append(
                LineFinding(0, "warning", "files_disagree", message, differing[0])
            )
        sheet = with_facts(sheet, facts)
        builds |= {str(of.values["genome_build"]) for of in facts.values() if "genome_build" in of.values}
    if len(builds) > 1:
        mixed = LineFinding(0, "warning", "mixed_genome_builds", _TWO_BUILDS, "GENOME_BUILD")
        findings.setdefault(found[0].path, []).append(mixed)
    whole = replace(sheet, genome_build=next(iter(builds)) if len(builds) == 1 else None)
    return replace(whole, digest=_digest(whole)), findings


def _inpred_patients(told: Told) -> dict[str, str]:
    """InPreD patient to the patient of the sheet, from the samples that it names: the others are of the same."""
    named: dict[str, set[str]] = {}
    for sample, patient in told.patients.items():
        if (own := inpred_id(sample)) is not None:
            named.setdefault(own.patient, set()).update([patient], ["?"] if sample in told.torn else [])
    return {own: next(iter(others)) for own, others in named.items() if len(others) == 1}


def _merged(sheets: Sequence[_Found]) -> Told:
    """Several sheets as one: the first that names a sample counts; two sample sheets must name the same patient."""
    whole = Told()
    for file in sheets:
        told = told_by(_lines(file))
        if told is None:
            continue
        whole.torn |= told.torn
        if file.layout is SAMPLE_SHEET:
            whole.torn |= {sample for sample, own in told.patients.items() if whole.patients.get(sample, own) != own}
        for mine, theirs in (
            (whole.patients, told.patients), (whole.tumours, told.tumours), (whole.panels, told.panels),
            (whole.builds, told.builds),
        ):  # fmt: skip
            for sample, text in theirs.items():
                mine.setdefault(sample, text)
    return whole


def _contradicted(known: Mapping[str, Facts], further: Mapping[str, Facts]) -> list[str]:
    """Columns of which two files say different things for one sample."""
    return sorted(
        {
            name
            for sample, facts in further.items()
            if sample in known
            for name, value in facts.values.items()
            if known[sample].values.get(name, value) != value and not name.startswith("reported")
        }
    )


def _digest(sheet: Sheet) -> str:
    """SHA-256 over all that a sheet says."""
    facts = {
        name: (dict(told.values), sorted(told.assays), dict(told.specimen), told.partner, told.pair)
        for name, told in sheet.facts.items()
    }
    parts = (sheet.patients, sheet.tumours, sheet.panels, sheet.genes, sheet.builds, facts)
    text = "\n".join(repr(sorted((key, repr(value)) for key, value in part.items())) for part in parts)
    return hashlib.sha256(f"{text}\n{sheet.genome_build}\n{sorted(sheet.torn)}".encode()).hexdigest()
