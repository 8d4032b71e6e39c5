"""What all profile commands share: their options, the packs they use, and the ledger entry of what they read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from kohort.cli.matching.common import record
from kohort.cli.output import errors
from kohort.errors import InputError, UserError
from kohort.profile import Pack, load_pack, starter_pack
from kohort.store import Site

__all__ = ["Json", "Knowledge", "Out", "SiteFolder", "chosen_packs", "library_of", "record", "write_table"]

SiteFolder = Annotated[Path, typer.Option(help="Folder of the site.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Out = Annotated[Path | None, typer.Option(help="File to write: .csv, .tsv or .parquet.")]
Knowledge = Annotated[
    list[Path] | None,
    typer.Option(
        "--knowledge",
        help="Pack: a folder, or a bare file such as CIViC's. Without it: the starter pack and the site's own.",
    ),
]


def library_of(site: Site) -> Path:
    """The folder of a site's own packs."""
    return site.path / "knowledge"


def chosen_packs(given: Sequence[Path] | None, site: Site | None = None) -> list[Pack]:
    """The packs to use: those given, or the starter pack and the packs of the site.

    A pack that cannot be used is named on standard error, and the rest goes on.

    Raises:
        UserError: no pack is left.
    """
    paths = list(given) if given else _own(site)
    packs = [] if given else [starter_pack()]
    for path in paths:
        try:
            packs.append(load_pack(path))
        except InputError as problem:
            errors.print(f"Left out: {problem.what} {problem.remedy}", soft_wrap=True, markup=False)
    if not packs:
        raise UserError("No knowledge pack can be used.", remedy="Mend the packs named above.")
    return packs


def _own(site: Site | None) -> list[Path]:
    """The packs in a site's folder of knowledge, by name."""
    if site is None or not library_of(site).is_dir():
        return []
    return sorted(folder.parent for folder in library_of(site).glob("*/manifest.toml"))


def write_table(frame: pl.DataFrame, out: Path) -> None:
    """Write a table as CSV, TSV or Parquet, by the file's ending; the same table gives the same bytes.

    Raises:
        UserError: the ending is none of these, or the folder is not there.
    """
    if not out.parent.is_dir():
        raise UserError(f"There is no folder {out.parent}.", remedy="Make it, or name another file.")
    match out.suffix.lower():
        case ".parquet":
            frame.write_parquet(out)
        case ".csv":
            frame.write_csv(out)
        case ".tsv":
            frame.write_csv(out, separator="\t")
        case ending:
            raise UserError(
                f"{ending or 'No ending'!r} is no format of a table.", remedy="End the name in .csv, .tsv or .parquet."
            )
