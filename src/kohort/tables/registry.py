"""All standard tables by name."""

from __future__ import annotations

from kohort.errors import UnknownNameError
from kohort.tables.clinical import CLINICAL
from kohort.tables.control import CONTROL
from kohort.tables.model import Table

__all__ = ["TABLES", "table"]

TABLES: dict[str, Table] = {declared.name: declared for declared in CLINICAL + CONTROL}


def table(name: str) -> Table:
    """The declaration of table ``name``; UnknownNameError with near names if there is none."""
    try:
        return TABLES[name]
    except KeyError:
        raise UnknownNameError("table", name, TABLES) from None
