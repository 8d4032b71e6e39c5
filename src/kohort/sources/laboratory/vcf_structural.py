"""Structural variants of a VCF: symbolic alleles and breakends, and the fusions that they make.

A breakend (VCF 4.x, section 5.4) says what is joined to what: ``T[2:29446394[`` keeps what lies left of the position
and joins it to what lies right of the other. A rearrangement has two such lines, one a side, each naming the other by
``MATEID``; they are one variant here. Where both sides lie in genes it is a fusion, whose 5' partner is the gene that
keeps its beginning, as far as the annotation says on which strands the genes lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from kohort.sources.laboratory.vcf_records import info

__all__ = ["structural_variants"]


@dataclass(frozen=True, slots=True)
class _Gene:
    """A gene that a structural variant touches; ``whole`` if all of it, so that nothing is joined in it."""

    symbol: str
    strand: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Event:
    """One structural variant, with the genes in which its own line lies and the columns of its row."""

    name: str
    mate: str | None
    alt: str
    genes: tuple[_Gene, ...]
    pair: tuple[str, str] | None
    values: Mapping[str, object] = field(default_factory=dict)


def structural_variants(called: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Rows of structural variants.

    Args:
        called: structural alleles, with all columns that a row takes from its line.
        told: chosen annotations (``record``, ``site_allele`` and more).

    Returns:
        ``class``, ``gene``, ``partner``, ``end_position``, ``classification``, ``transcript``, ``hgvs_c`` beside the
        columns of ``called``: one row for a fusion, otherwise one for each gene (without any gene, one).
    """
    events = _events(called, told.join(called, on=["record", "site_allele"], how="semi"))
    names = {event.name: place for place, event in enumerate(events) if event.name != "."}
    rows = []
    for place, event in enumerate(events):
        other = names.get(event.mate or "")
        if other is not None and other < place and events[other].mate == event.name:
            continue  # the line of the other side told of it
        mate = events[other] if other is not None and events[other].mate == event.name else None
        rows += [{**event.values, **row} for row in _rows(event, mate)]
    schema = {**called.schema, "class": pl.String(), "gene": pl.String(), "partner": pl.String()}
    schema |= {"end_position": pl.Int64(), "classification": pl.String(), "transcript": pl.String()}
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema, strict=False)


def _events(called: pl.DataFrame, told: pl.DataFrame) -> list[_Event]:
    annotated: dict[tuple[int, int], list[dict[str, object]]] = {}
    for row in told.iter_rows(named=True):
        annotated.setdefault((row["record"], row["site_allele"]), []).append(row)
    described = called.with_columns(
        info("END").cast(pl.Int64, strict=False).alias("_end"),
        info("SVTYPE").alias("_type"),
        pl.coalesce(info("MATEID"), info("PARID")).alias("_mate"),
    )
    return [
        _event(row, annotated.get((row["record"], row["site_allele"]), [])) for row in described.iter_rows(named=True)
    ]


def _event(row: dict[str, object], told: Sequence[Mapping[str, object]]) -> _Event:
    alt, start = str(row["alt"]), row["position"]
    end = row["_end"] if isinstance(row["_end"], int) and isinstance(start, int) and row["_end"] >= start else None
    symbol = alt.strip("<>").split(":")[0] if alt.startswith("<") else "BND"
    genes = tuple(
        _Gene(str(each["gene"]), each["strand"] if isinstance(each["strand"], int) else None, bool(each["whole"]))
        for each in told
        if each["gene"] is not None
    )
    joined = next(((str(e["gene"]), str(e["partner"])) for e in told if e["partner"] is not None), None)
    values = {name: value for name, value in row.items() if not name.startswith("_") or name in ("_line", "_sample")}
    values |= {"end_position": end, "classification": str(row["_type"] or symbol), "ref": None, "alt": None}
    values["transcript"] = told[0]["transcript"] if len(told) == 1 else None
    return _Event(str(row["ID"]), None if row["_mate"] is None else str(row["_mate"]), alt, genes, joined, values)


def _rows(event: _Event, mate: _Event | None) -> list[dict[str, object]]:
    pair = _partners(event, mate)
    if pair is not None:
        return [{"class": "fusion", "gene": pair[0], "partner": pair[1]}]
    genes = dict.fromkeys(gene.symbol for gene in (*event.genes, *(mate.genes if mate else ())))
    return [{"class": "sv", "gene": gene} for gene in genes] or [{"class": "sv", "gene": None}]


def _partners(event: _Event, mate: _Event | None) -> tuple[str, str] | None:
    """The two genes that are joined, 5' first where that is known; None if there are not exactly two."""
    told = event.pair or (mate.pair if mate else None)
    if told is not None:
        return told if told[0] != told[1] else None
    own = [gene for gene in event.genes if not gene.whole]
    far = [gene for gene in mate.genes if not gene.whole] if mate else []
    symbols = list(dict.fromkeys(gene.symbol for gene in (*own, *far)))
    if len(symbols) != 2:
        return None
    strand = own[0].strand if mate and len(own) == 1 else None
    keeps_left = event.alt[:1] not in "[]"
    if strand is not None and keeps_left != (strand > 0):
        symbols.reverse()
    return symbols[0], symbols[1]
