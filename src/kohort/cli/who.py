"""Which patient a command is about: by pseudonym, or by the id at the source."""

from __future__ import annotations

from typing import Annotated

import typer

from kohort.errors import UserError
from kohort.store import Site

__all__ = ["PatientId", "Person", "the_patient"]

Person = Annotated[int | None, typer.Option(help="Pseudonym of the patient, as in the tables.")]
PatientId = Annotated[
    str | None, typer.Option("--patient", help="The patient's id at the source, in place of the pseudonym.")
]


def the_patient(site: Site, person: int | None, patient: str | None) -> int:
    """The pseudonym of the patient that a command names.

    Raises:
        UserError: neither or both were given.
        InputError: the site has no such patient.
    """
    if patient is not None and person is None:
        return site.pseudonym(patient)
    if person is not None and patient is None:
        return person
    raise UserError("Which patient?", remedy="Give --person (a pseudonym) or --patient (the id at the source).")
