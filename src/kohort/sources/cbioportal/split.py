"""Dividing one study folder into several by a clinical column, as if each part came from a hospital of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kohort.errors import InputError, UnknownNameError
from kohort.sources.cbioportal.study import file_roles
from kohort.sources.delimited import DelimitedFile
from kohort.sources.lines import LineBlocks
from kohort.sources.model import LINE

__all__ = ["split_study"]

_SAMPLE_COLUMNS = ("TUMOR_SAMPLE_BARCODE", "SAMPLE_ID")


def split_study(study: Path, column: str, parts: int, out: Path) -> list[Path]:
    """Divide a study by the values of a clinical column.

    The values are dealt out, the commonest first, always to the part with the fewest samples so far, so that the
    parts are of about one size and the same study is always divided alike. Lines are copied byte by byte; lines that
    name nobody known go to the first part, so that none is lost.

    Args:
        study: the study folder.
        column: a column of the sample or patient file; names are compared without case.
        parts: number of parts, at least 1.
        out: new folder; the parts are written to ``part-1``, ``part-2`` ... in it.

    Returns:
        The folders of the parts.

    Raises:
        InputError: the folder is no study, or the column has fewer values than parts.
        UnknownNameError: neither file has the column.
    """
    roles = file_roles(study)
    places = _places(study, roles, column.upper(), parts)
    folders = [out / f"part-{number}" for number in range(1, parts + 1)]
    for folder in folders:
        folder.mkdir(parents=True)
    for entry, role in roles.items():
        if role in ("meta", "panel"):
            for folder in folders:
                shutil.copyfile(entry, folder / entry.name)
        else:
            _deal(entry, places, folders)
    return folders


def _places(study: Path, roles: dict[Path, str], column: str, parts: int) -> dict[str, int]:
    """Part of each patient id and each sample id."""
    sample = next((path for path, role in roles.items() if role == "sample"), None)
    if sample is None:
        raise InputError("the study folder has no clinical sample file.", path=study, remedy="Name another folder.")
    frame = _columns(sample)
    patient = next((path for path, role in roles.items() if role == "patient"), None)
    known = set(frame.columns)
    if column not in frame.columns and patient is not None:
        attributes = _columns(patient)
        known |= set(attributes.columns)
        if column in attributes.columns:
            frame = frame.join(
                attributes.select("PATIENT_ID", column).unique("PATIENT_ID"), on="PATIENT_ID", how="left"
            )
    if column not in frame.columns:
        raise UnknownNameError("clinical column", column, sorted(known))
    # a patient belongs to the hospital of the first of her samples
    homes = frame.group_by("PATIENT_ID", maintain_order=True).agg(pl.col(column).first().fill_null(""))
    sizes = homes.group_by(column).len().sort(["len", column], descending=[True, False])
    if sizes.height < parts:
        raise InputError(
            f"{column} has only {sizes.height} values.",
            path=study,
            remedy=f"Ask for --sites {sizes.height} or fewer.",
        )
    load = [0] * parts
    part_of: dict[str, int] = {}
    for value, size in sizes.iter_rows():
        part = load.index(min(load))
        part_of[value] = part
        load[part] += size
    patients = {name: part_of[value] for name, value in homes.iter_rows()}
    samples = {name: patients[owner] for name, owner in frame.select("SAMPLE_ID", "PATIENT_ID").iter_rows()}
    return {**samples, **patients}


def _columns(path: Path) -> pl.DataFrame:
    return pl.concat([chunk.frame.drop(LINE) for chunk in DelimitedFile(path).chunks()])


def _deal(entry: Path, places: dict[str, int], folders: Sequence[Path]) -> None:
    """Copy each line of a file to its part; lines before the data to all, lines of nobody to the first."""
    deal: Callable[[bytes], list[bytes]] | None = None
    with ExitStack() as stack:
        files = [stack.enter_context((folder / entry.name.removesuffix(".gz")).open("wb")) for folder in folders]
        for block in LineBlocks(entry):
            for line in block.splitlines(keepends=True):
                pieces = [line] * len(folders) if deal is None else deal(line)
                if deal is None and line.strip() and not line.startswith(b"#"):
                    deal = _dealer(entry, line, places, len(folders))
                    pieces = deal(line) if isinstance(deal, _Columns) else pieces
                for file, piece in zip(files, pieces, strict=True):
                    file.write(piece)


def _cells(line: bytes) -> list[bytes]:
    return line.rstrip(b"\n").split(b"\t")


def _dealer(entry: Path, header: bytes, places: dict[str, int], parts: int) -> _Lines | _Columns:
    """How the data of a file are dealt: by the patient or sample of a line, or by the samples of the columns."""
    names = [cell.strip().decode("utf-8", "replace") for cell in _cells(header)]
    upper = [name.upper() for name in names]
    for wanted in ("PATIENT_ID", *_SAMPLE_COLUMNS):
        if wanted in upper:
            return _Lines(upper.index(wanted), places, parts)
    owners = [places.get(name) for name in names]
    if all(owner is None for owner in owners):
        raise InputError(
            "the file names no patient or sample, so it cannot be divided.", path=entry, remedy="Leave it out."
        )
    return _Columns(owners, parts)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Each line goes to the part of the patient or sample in one of its columns."""

    column: int
    places: dict[str, int]
    parts: int

    def __call__(self, line: bytes) -> list[bytes]:
        cells = _cells(line)
        name = cells[self.column].strip().decode("utf-8", "replace") if self.column < len(cells) else ""
        part = self.places.get(name, 0)
        return [line if i == part else b"" for i in range(self.parts)]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Each part gets the columns of its own samples, and those that are no sample (a matrix of genes by samples)."""

    owners: list[int | None]
    parts: int

    def __call__(self, line: bytes) -> list[bytes]:
        cells = _cells(line)
        if len(cells) != len(self.owners):  # a faulty line stays whole, so that the fault is seen where it is read
            return [line, *[b""] * (self.parts - 1)]
        return [
            b"\t".join(cell for cell, owner in zip(cells, self.owners, strict=True) if owner in (None, i)) + b"\n"
            for i in range(self.parts)
        ]
