"""What all commands about cohorts share: their options, lists of numbers, pictures."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.output import errors
from kohort.cohort import TwoStageDesign
from kohort.cohort.borrowing.catalogue import NAMES
from kohort.errors import InputError, UserError

__all__ = [
    "EIGHT_AND_SIXTEEN", "P0", "P1", "Design", "Json", "Model", "Picture", "counts_file", "note", "numbers",
    "same_length", "stated_design", "whole", "whole_numbers",
]  # fmt: skip

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Picture = Annotated[Path | None, typer.Option(help="Also draw it: a file that ends in .svg or .png.")]
P0 = Annotated[float, typer.Option(help="Response rate of no interest.")]
P1 = Annotated[float, typer.Option(help="Response rate of interest.")]
Design = Annotated[
    str,
    typer.Option(
        help="Last counts that are not enough: r1/n1,r/n. 0/8,4/24 goes on with 1 of 8, succeeds with 5 of 24."
    ),
]
EIGHT_AND_SIXTEEN = "0/8,4/24"
Model = Annotated[str, typer.Option(help=f"How cohorts borrow from each other: {', '.join(NAMES)}.")]


def stated_design(text: str, p0: float, p1: float) -> TwoStageDesign:
    """The design written as ``r1/n1,r/n``.

    Raises:
        UserError: the text is written otherwise.
        StatisticsError: the sizes make no two-stage design.
    """
    found = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*,\s*(\d+)\s*/\s*(\d+)\s*", text)
    if found is None:
        raise UserError(f"--design {text!r} is no design.", remedy="Write it as r1/n1,r/n, for example 0/8,4/24.")
    r1, n1, r, n = (int(part) for part in found.groups())
    return TwoStageDesign(r1, n1, r, n, p0, p1)


def numbers(text: str, name: str) -> list[float]:
    """Numbers of an option, separated by commas.

    Raises:
        UserError: a part is no number.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--{name} {text!r} is no list of numbers.", remedy="Write it as 0.1,0.1,0.3.") from None


def whole_numbers(text: str, name: str) -> list[int]:
    """Counts of an option, separated by commas.

    Raises:
        UserError: a part is no whole number.
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--{name} {text!r} is no list of counts.", remedy="Write it as 8,0,1.") from None


def same_length(**lists: Sequence[object]) -> None:
    """Refuse lists of different lengths.

    Raises:
        UserError: they differ.
    """
    if len({len(values) for values in lists.values()}) > 1:
        told = ", ".join(f"--{name.replace('_', '-')} has {len(values)}" for name, values in lists.items())
        raise UserError(f"The lists are not of the same cohorts: {told}.", remedy="Give one number a cohort in each.")


def note(text: str) -> None:
    """A remark on standard error, where it does not disturb what is read by machines."""
    errors.print(text, soft_wrap=True, markup=False)


def counts_file(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV file that has these columns.

    Raises:
        InputError: no such file, or a column is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = list(reader)
            names = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise InputError("the file cannot be read.", path=path, remedy="Give a CSV file in UTF-8.") from wrong
    for column in columns:
        if column not in names:
            raise InputError("a column is missing.", path=path, column=column, remedy=f"Columns: {', '.join(columns)}.")
    return rows


def whole(row: Mapping[str, str], column: str, path: Path, line: int) -> int:
    """A count in a cell.

    Raises:
        InputError: the cell holds none.
    """
    text = (row[column] or "").strip()
    if not text.isdigit():
        raise InputError("a count is no whole number.", path=path, line=line, column=column, remedy="Write 0, 1, 2 ...")
    return int(text)
