"""Dividing one study folder into several by a clinical column, as if each part came from a hospital of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
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
    """Copy each line of a file to its part; lines before the data, and lines of nobody, to all or to the first."""
    key: int | None = None
    started = False
    name = entry.name.removesuffix(".gz")
    with ExitStack() as stack:
        files = [stack.enter_context((folder / name).open("wb")) for folder in folders]
        for block in LineBlocks(entry):
            for line in block.splitlines(keepends=True):
                if started:
                    cells = line.rstrip(b"\n").split(b"\t")
                    owner = (
                        cells[key].strip().decode("utf-8", "replace") if key is not None and key < len(cells) else ""
                    )
                    files[places.get(owner, 0)].write(line)
                    continue
                for file in files:
                    file.write(line)
                if line.strip() and not line.startswith(b"#"):
                    started = True
                    key = _key_column(entry, line)


def _key_column(entry: Path, header: bytes) -> int:
    names = [cell.strip().upper() for cell in header.decode("utf-8", "replace").rstrip("\n").split("\t")]
    for wanted in ("PATIENT_ID", *_SAMPLE_COLUMNS):
        if wanted in names:
            return names.index(wanted)
    raise InputError(
        "the file has no patient or sample column, so it cannot be divided.",
        path=entry,
        remedy="Leave it out, or give copy numbers in the long form (Hugo_Symbol, Sample_Id, Value).",
    )
