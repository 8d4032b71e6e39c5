"""Residues that proteins have by their reference sequences: a change that names another cannot be.

Known are the places in ``data/residues.tsv`` and the lengths in ``data/proteins.tsv``; where nothing is known,
nothing is said.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.own_data import own_table

__all__ = [
    "Place",
    "Residues",
    "known_residues",
    "protein_lengths",
    "residue_findings",
    "residue_remark",
    "stated_residues",
]


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a protein.

    Attributes:
        residues: the residue, one letter; two where two numberings are in use.
        substitutions: residues that evidence names in its stead.
        readings: variants of a site that say so; 0 if the table does.
    """

    residues: str
    substitutions: str = ""
    readings: int = 0


Residues = Mapping[str, Mapping[int, Place]]
"""What is known of proteins: gene to number to place."""


@functools.cache
def known_residues() -> Residues:
    """The places that the table of this package holds."""
    found: dict[str, dict[int, Place]] = {}
    for gene, number, residues, substitutions in own_table("residues.tsv"):
        found.setdefault(gene, {})[int(number)] = Place(residues, substitutions)
    return found


@functools.cache
def protein_lengths() -> Mapping[str, int]:
    """Residues of the longest known isoform, by gene."""
    return {gene: int(length) for gene, length in own_table("proteins.tsv")}


def stated_residues(change: Alteration) -> Iterator[tuple[int, str]]:
    """The residues that a change says the protein has, by number."""
    for number, residue in ((change.position, change.ref), (change.end, change.end_ref)):
        if number is not None and len(residue) == 1 and residue not in "X*":
            yield number, residue


def residue_findings(gene: str | None, change: Alteration) -> tuple[str, ...]:
    """What cannot be about a change of a gene: another residue than is known, or a place behind the end."""
    if gene is None or change.position is None:
        return ()
    places = known_residues().get(gene, {})
    wrong = [
        f"{gene} has {' or '.join(places[number].residues)} at residue {number}, not {residue}."
        for number, residue in stated_residues(change)
        if number in places and residue not in places[number].residues
    ]
    length = protein_lengths().get(gene)
    last = change.end or change.position
    behind = [f"{gene} ends at residue {length}."] if length and change.ref != "*" and last > length else []
    return (*wrong, *behind)


@functools.cache
def _places() -> pl.DataFrame:
    rows = [
        (gene, number, place.residues, " or ".join(place.residues))
        for gene, places in known_residues().items()
        for number, place in places.items()
    ]
    names = {"gene_symbol": pl.String, "position_residue": pl.Int32, "_has": pl.String, "_spelt": pl.String}
    return pl.DataFrame(rows, schema=names, orient="row")


def residue_remark(single: pl.DataFrame) -> pl.Series:
    """`residue_findings` of changes of one residue each, as one column; null where there are none.

    Args:
        single: ``gene_symbol``, ``position_residue``, ``ref_residue``, n rows.
    """
    gene, place, ref = (pl.col(name) for name in ("gene_symbol", "position_residue", "ref_residue"))
    lengths = protein_lengths()
    joined = single.select("gene_symbol", "position_residue", "ref_residue").join(
        _places(), on=["gene_symbol", "position_residue"], how="left", maintain_order="left"
    )
    length = gene.replace_strict(lengths, default=None, return_dtype=pl.Int32)
    return joined.select(
        pl.concat_str(
            pl.when(~pl.col("_has").str.contains(ref, literal=True)).then(
                pl.format("{} has {} at residue {}, not {}.", gene, "_spelt", place, ref)
            ),
            pl.when(place > length).then(pl.format("{} ends at residue {}.", gene, length)),
            separator=" ",
            ignore_nulls=True,
        ).replace("", None)
    ).to_series()
