"""`kohort profile like`: the patients most like one of them, and what became of them."""

from __future__ import annotations

from typing import Annotated

import typer

from kohort.cli.output import console, show_json, table
from kohort.cli.profiles.common import Json, Out, SiteFolder, record, write_table
from kohort.cli.who import PatientId, Person, the_patient
from kohort.profile import patients_like
from kohort.store import Site

__all__ = ["like"]


def like(
    site: SiteFolder,
    person: Person = None,
    patient: PatientId = None,
    most: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    out: Out = None,
    json: Json = False,
) -> None:
    """Patients of this site by likeness of tumour, alterations (the rare ones weigh more) and drugs given.

    Example: kohort profile like --site oslo --patient P-17
    """
    opened = Site.open(site)
    who = the_patient(opened, person, patient)
    found = patients_like(opened, who, most=most)
    everybody = opened.tables.frame("person", ["person"])["person"].to_list()
    record(opened, everybody, "Search for patients like one patient of this site.")
    if out is not None:
        write_table(found, out)
    if json:
        show_json(found.to_dicts())
        return
    shown = table(f"{opened.name}: patients like this one", "Patient", "Likeness", "Tumour", "Alterations", "Therapy")
    for column in ("OncoTree", "Shared", "Drugs", "Best"):
        shown.add_column(column, overflow="fold")
    for row in found.iter_rows(named=True):
        parts = ("likeness", "tumour_likeness", "alteration_likeness", "therapy_likeness")
        numbers = ("?" if row[part] is None else f"{row[part]:.2f}" for part in parts)
        words = (row[name] or "" for name in ("tumour", "shared", "drugs", "best_response"))
        shown.add_row(str(row["person"]), *numbers, *words)
    console.print(shown)
    console.print("1 is alike, 0 unlike; ? is not known and adds nothing. The reading stands in the ledger.")
