"""National ids of the Nordic countries and the Netherlands: their form, and what may be read.

A well-formed id need not belong to anybody. What an id says about a person is read only where the rule of the
country allows it: a Norwegian D-number may carry the day of registration, so no birth date is taken from it.

Errors never repeat the number, and an id's ``repr`` hides it.
"""

from __future__ import annotations

from collections.abc import Callable

from kohort.codes._national_id import NationalId, Sex, Synthetic
from kohort.codes._norwegian_id import (
    IdSpan,
    check_norwegian,
    find_ids,
    is_norwegian,
    make_synthetic_norwegian,
    make_synthetic_norwegians,
    read_norwegian,
)
from kohort.codes._other_national_ids import (
    read_danish,
    read_dutch,
    read_finnish,
    read_icelandic,
    read_swedish,
)
from kohort.errors import UnknownNameError

__all__ = [
    "READERS",
    "IdSpan",
    "NationalId",
    "Sex",
    "Synthetic",
    "check_norwegian",
    "find_ids",
    "is_norwegian",
    "make_synthetic_norwegian",
    "make_synthetic_norwegians",
    "read",
    "read_danish",
    "read_dutch",
    "read_finnish",
    "read_icelandic",
    "read_norwegian",
    "read_swedish",
]

READERS: dict[str, Callable[[str], NationalId]] = {
    "DK": read_danish,
    "FI": read_finnish,
    "IS": read_icelandic,
    "NL": read_dutch,
    "NO": read_norwegian,
    "SE": read_swedish,
}
"""ISO 3166 country code to the reader of its ids, each with its strict defaults."""


def read(country: str, text: str) -> NationalId:
    """Read an id of a country with that country's strict defaults.

    Args:
        country: ISO 3166 code of two letters.
        text: the id as written.

    Raises:
        UnknownNameError: Kohort knows no ids of that country.
        ValueError: the text is no well-formed id of it.
    """
    reader = READERS.get(country.upper())
    if reader is None:
        raise UnknownNameError("country with national ids", country, READERS)
    return reader(text)
