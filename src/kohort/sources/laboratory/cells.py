"""Cells of laboratory files: nothing recorded, numbers with decimal commas, chromosomes, quotes of a spreadsheet."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from kohort.sources.cbioportal.context import MISSING

__all__ = ["build_of", "cell", "cells", "chromosome", "number", "place", "row_of", "whole"]

_NOTHING = frozenset(MISSING)
_CHROMOSOMES = {"23": "X", "24": "Y", "25": "MT", "M": "MT", "x": "X", "y": "Y"}
_PLACE = re.compile(r"(?:chr)?([\dA-Za-z_.]+):(\d+)")
_BUILDS = {
    "37": "GRCh37", "grch37": "GRCh37", "hg19": "GRCh37", "b37": "GRCh37", "hs37d5": "GRCh37", "38": "GRCh38",
    "grch38": "GRCh38", "hg38": "GRCh38",
}  # fmt: skip


def cells(line: str) -> list[str]:
    """Cells of a tab-separated line, without outer blanks and without the quotes that a spreadsheet put around them."""
    if '"' not in line:
        return [text.strip() for text in line.split("\t")]
    return [_unquoted(text.strip()) for text in line.split("\t")]


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return text.replace('""', '"').strip()


def cell(row: Mapping[str, str], name: str) -> str | None:
    """A cell by the name of its column; None where nothing is recorded (``NA``, ``-``, ``.``, blank)."""
    text = row.get(name, "")
    return None if not text or text in _NOTHING else text


def number(text: str | None) -> float | None:
    """A finite number; a comma is a decimal sign, as a spreadsheet in Norwegian writes it. None if it is none."""
    if text is None:
        return None
    try:
        found = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def whole(text: str | None) -> int | None:
    """A whole number (``5.0`` is one); None if it is none."""
    found = number(text)
    return int(found) if found is not None and found == int(found) else None


def chromosome(text: str | None) -> str | None:
    """Chromosome without ``chr``, in the names of the assembly."""
    if text is None:
        return None
    short = text[3:] if text[:3].lower() == "chr" else text
    return _CHROMOSOMES.get(short, short)


def place(text: str | None) -> tuple[str | None, int | None]:
    """Chromosome and position of ``chr7:55087058``."""
    found = _PLACE.fullmatch(text or "")
    return (chromosome(found[1]), int(found[2])) if found else (None, None)


def build_of(text: str | None) -> str | None:
    """``GRCh37`` or ``GRCh38`` in any of their names; None for another."""
    return None if text is None else _BUILDS.get(text.strip().lower().split(".")[0].split("_")[0])


def row_of(header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """A line's cells by the names of their columns."""
    return dict(zip(header, values, strict=False))
