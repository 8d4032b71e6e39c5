"""`kohort synthetic ...`: patients who never lived."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.output import console, progress, show_json
from kohort.synthetic import write_hospitals

__all__ = ["app"]

app = typer.Typer(help="Patients who never lived, as the messy files that hospitals send.", no_args_is_help=True)


@app.command()
def write(
    folder: Annotated[Path, typer.Argument(help="Folder in which one study folder a hospital is made.")],
    patients: Annotated[int, typer.Option(help="Patients of all hospitals together.")] = 900,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Write three Nordic hospitals with invented patients, as cBioPortal study folders.

    Example: kohort synthetic write raw --patients 900 --seed 1
    """
    with progress("Writing", patients, quiet=json) as advance:
        written = write_hospitals(folder, patients, seed, progress=lambda count: advance("patients", count))
    if json:
        show_json([{"path": str(w.path), "patients": w.patients, "planted": dict(w.planted)} for w in written])
        return
    for study in written:
        faults = sum(study.planted.values())
        console.print(
            f"{study.hospital.name}: {study.patients:,} patients, {study.variants:,} variants, "
            f"{faults:,} planted faults, in {study.path}"
        )
