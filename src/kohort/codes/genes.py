"""Gene symbols after HGNC (https://www.genenames.org, CC0): approved, earlier and other names.

The table in use is the complete pack if a site keeps one (``hgnc*`` in the folder that ``KOHORT_KNOWLEDGE``
names), else the starter table of cancer genes that travels with Kohort; ``table().source`` says which.

A name is read in the order approved symbol, previous symbol, alias. Within a step a name that several genes
share resolves to none of them: ``TRK`` is NTRK1 and TPM3, and guessing would make a wrong biomarker.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from kohort.codes import _data
from kohort.codes._data import Source
from kohort.errors import InputError

__all__ = [
    "Gene",
    "GeneTable",
    "Kind",
    "candidates",
    "read",
    "resolve",
    "resolve_series",
    "starter",
    "symbols",
    "table",
]

LICENCE = "CC0 1.0"

Kind = Literal["approved", "previous", "alias"]


@dataclass(frozen=True, slots=True)
class Gene:
    """One gene.

    Attributes:
        hgnc_id: e.g. ``HGNC:3236``.
        symbol: approved symbol, e.g. ``EGFR``.
    """

    hgnc_id: str
    symbol: str

    def __post_init__(self) -> None:
        """Refuse an id that is not HGNC's."""
        if not re.fullmatch(r"HGNC:\d+", self.hgnc_id):
            raise ValueError(f"{self.hgnc_id!r} is not an HGNC id")
        if not self.symbol:
            raise ValueError(f"{self.hgnc_id} has no symbol")


@dataclass(frozen=True)
class GeneTable:
    """Genes by their names; names are compared without regard to case.

    Attributes:
        source: where the names come from.
        approved: name to its gene.
        previous: name to the genes that were once called so.
        alias: name to the genes that are also called so.
    """

    source: Source
    approved: dict[str, Gene]
    previous: dict[str, tuple[Gene, ...]]
    alias: dict[str, tuple[Gene, ...]]

    @functools.cached_property
    def symbols(self) -> frozenset[str]:
        """All approved symbols."""
        return frozenset(gene.symbol for gene in self.approved.values())

    def match(self, name: str) -> tuple[Gene, Kind] | None:
        """The gene that ``name`` means and which kind of name it is; None if unknown or ambiguous."""
        key = name.strip().upper()
        if key in self.approved:
            return self.approved[key], "approved"
        if key in self.previous:
            genes = self.previous[key]
            return (genes[0], "previous") if len(genes) == 1 else None
        genes = self.alias.get(key, ())
        return (genes[0], "alias") if len(genes) == 1 else None

    def resolve(self, symbol: str) -> Gene | None:
        """The gene that ``symbol`` means, or None if it is unknown or ambiguous."""
        matched = self.match(symbol)
        return None if matched is None else matched[0]

    def candidates(self, symbol: str) -> tuple[Gene, ...]:
        """Every gene that is or was called ``symbol``: approved first, then previous names, then aliases."""
        key = symbol.strip().upper()
        first = (self.approved[key],) if key in self.approved else ()
        return tuple(dict.fromkeys((*first, *self.previous.get(key, ()), *self.alias.get(key, ()))))

    def resolve_series(self, names: pl.Series) -> pl.DataFrame:
        """Resolve a whole column; each distinct name is looked up once.

        Args:
            names: text, nulls allowed, n rows.

        Returns:
            n rows in the same order: ``symbol`` and ``hgnc_id`` (null where unknown or ambiguous) and
            ``matched`` (``approved``, ``previous`` or ``alias``).
        """
        distinct = names.drop_nulls().unique().to_list()
        matches = [self.match(name) for name in distinct]
        found = pl.DataFrame(
            {
                "name": distinct,
                "symbol": [m and m[0].symbol for m in matches],
                "hgnc_id": [m and m[0].hgnc_id for m in matches],
                "matched": [m and m[1] for m in matches],
            },
            schema=dict.fromkeys(("name", "symbol", "hgnc_id", "matched"), pl.String),
        )
        asked = names.cast(pl.String).alias("name").to_frame()
        return asked.join(found, on="name", how="left", maintain_order="left").drop("name")


Row = tuple[str, str, Iterable[str], Iterable[str]]


def _gene_table(source: Source, rows: Iterable[Row]) -> GeneTable:
    """A table from rows of id, symbol, previous names, aliases."""
    approved: dict[str, Gene] = {}
    previous: dict[str, tuple[Gene, ...]] = {}
    alias: dict[str, tuple[Gene, ...]] = {}
    for hgnc_id, symbol, earlier, other in rows:
        gene = Gene(hgnc_id, symbol)
        approved[symbol.upper()] = gene
        for names, known in ((earlier, previous), (other, alias)):
            for key in {name.strip().upper() for name in names} - {""}:
                known[key] = (*known.get(key, ()), gene)
    return GeneTable(source, approved, previous, alias)


def read(path: str | Path) -> GeneTable:
    """A table from a tab-separated HGNC file.

    Two layouts are read: HGNC's own ``hgnc_complete_set.txt`` (``prev_symbol``, ``alias_symbol``, names
    divided by ``|``) and one with ``previous_symbols``, ``alias_symbols``, names divided by a comma.

    Raises:
        InputError: the file cannot be read, or lacks a column or an id.
    """
    path = Path(path)
    source, content = _data.read_pack(path, "HGNC", path.stem, LICENCE)
    try:
        rows = csv.DictReader(content.decode("utf-8").splitlines(), delimiter="\t")
        own = "prev_symbol" in (rows.fieldnames or ())
        earlier, other = ("prev_symbol", "alias_symbol") if own else ("previous_symbols", "alias_symbols")
        divide = re.compile(r"\||, ")
        return _gene_table(
            source,
            ((r["hgnc_id"], r["symbol"], divide.split(r[earlier]), divide.split(r[other])) for r in rows),
        )
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise InputError(
            f"is not a table of HGNC genes ({error}).",
            path=path,
            remedy="Use hgnc_complete_set.txt from https://www.genenames.org/download.",
        ) from error


def starter() -> GeneTable:
    """The starter table of cancer genes that travels with Kohort."""
    source, rows = _data.package_table("genes.tsv", "HGNC")
    return _gene_table(
        source, ((r["hgnc_id"], r["symbol"], r["previous"].split("|"), r["alias"].split("|")) for r in rows)
    )


@functools.cache
def table() -> GeneTable:
    """The table in use: the site's pack if there is one, else the starter table."""
    path = _data.pack_path("hgnc*")
    return starter() if path is None else read(path)


def resolve(symbol: str) -> Gene | None:
    """The gene that ``symbol`` means, or None if it is unknown or ambiguous; see `GeneTable.match`."""
    return table().resolve(symbol)


def candidates(symbol: str) -> tuple[Gene, ...]:
    """Every gene that is or was called ``symbol``; see `GeneTable.candidates`."""
    return table().candidates(symbol)


def symbols() -> frozenset[str]:
    """All approved symbols of the table in use."""
    return table().symbols


def resolve_series(names: pl.Series) -> pl.DataFrame:
    """Resolve a whole column; see `GeneTable.resolve_series`."""
    return table().resolve_series(names)
