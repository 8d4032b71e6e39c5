"""Kohort: an open platform for precision cancer medicine in small patient groups."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kohort import access, codes, cohort, evidence, federation, match, profile, sources, store, synthetic, tables
    from kohort.store import Site

__version__ = "0.1.0"

__all__ = [
    "Site",
    "__version__",
    "access",
    "codes",
    "cohort",
    "evidence",
    "federation",
    "match",
    "profile",
    "sources",
    "store",
    "synthetic",
    "tables",
]


def __getattr__(name: str) -> Any:
    """Rooms are loaded when they are first asked for, so that ``import kohort`` is quick."""
    if name == "Site":
        return import_module("kohort.store").Site
    if name in __all__:
        return import_module(f"kohort.{name}")
    raise AttributeError(f"module 'kohort' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names."""
    return __all__
