"""Patterns of a knowledge pack, laid out for joins.

A pattern is an alteration in canonical text: one change, a codon, a class over an exon, a class over the gene, or
several of these joined by ``or`` and ``and``. Each becomes rows (option, part, kind of alteration that may match);
matching is then a join on gene and kind, and one comparison.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import polars as pl

from kohort.profile.alterations.alteration import PROTEIN_KINDS, TRUNCATING, Alteration
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.own_data import own_table

__all__ = ["MATCH_LEVELS", "exon_ranges", "is_matchable", "pattern_rows"]

MATCH_LEVELS = ("exact", "codon", "exon", "class", "gene")
"""How closely an alteration fits a pattern, closest first. A gene-level match never supports a level alone."""

_PATTERN_SCHEMA: dict[str, pl.DataType] = {
    "evidence_row": pl.UInt32(),
    "option": pl.UInt16(),
    "part": pl.UInt16(),
    "parts": pl.UInt16(),
    "gene_key": pl.String(),
    "kind": pl.String(),
    "match_level": pl.String(),
    "p_ref": pl.String(),
    "p_position": pl.Int32(),
    "p_end": pl.Int32(),
    "p_alt": pl.String(),
    "p_exon": pl.Int32(),
    "p_first": pl.Int32(),
    "p_last": pl.Int32(),
    "p_net": pl.Int8(),
    "p_partner": pl.String(),
}

_IN_PLACE = frozenset({"missense", "inframe deletion", "inframe insertion", "inframe delins", "duplication"})

_CLASSES: dict[str, tuple[str, frozenset[str]]] = {
    "truncating": ("class", TRUNCATING),
    "loss of function": ("class", TRUNCATING | {"deletion"}),
    "mutation": ("gene", PROTEIN_KINDS),
    "activating mutation": ("gene", _IN_PLACE),
    "loss": ("exact", frozenset({"loss", "deletion"})),
    "fusion": ("class", frozenset({"fusion"})),
}
"""Words of a whole gene, to match level and the kinds that fit."""

_EXON_CLASSES: dict[str, frozenset[str]] = {
    "inframe deletion": frozenset({"inframe deletion", "inframe delins"}),
    "inframe insertion": frozenset({"inframe insertion", "duplication", "inframe delins"}),
    "exon skipping": frozenset({"exon skipping", "splice"}),
    "mutation": PROTEIN_KINDS,
}
"""Words over an exon, to the kinds that fit; a delins fits by its net gain or loss of residues."""

_NAMED = frozenset({"internal tandem duplication", "kinase domain duplication", "variant III"})
"""Kinds that name one alteration of a gene, not a class."""

_NOT_MATCHED = frozenset(
    {"text", "wild type", "expression", "overexpression", "underexpression", "methylation", "copy neutral"}
)


@functools.cache
def exon_ranges() -> dict[tuple[str, int], tuple[tuple[int, int], ...]]:
    """First and last residue of exons by gene and exon number, for sources that give no exon.

    Numbered on the transcripts that reports use (RefSeq: EGFR NM_005228, ERBB2 NM_004448, KIT NM_000222,
    KRAS NM_004985, NRAS NM_002524, PDGFRA NM_006206; MET on both NM_000245 and NM_001127500).
    """
    ranges: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
    for gene, exon, first, last in own_table("exons.tsv"):
        ranges[gene, int(exon)] = (*ranges.get((gene, int(exon)), ()), (int(first), int(last)))
    return ranges


def is_matchable(pattern: Alteration) -> bool:
    """True if a patient's tables can show that a pattern holds; text, expression and wild type they cannot."""
    return all(is_matchable(part) for part in pattern.parts) and pattern.kind not in _NOT_MATCHED


def pattern_rows(evidence: pl.DataFrame) -> pl.DataFrame:
    """The patterns of an evidence frame as rows to join on ``gene_key`` and ``kind``.

    Args:
        evidence: columns ``evidence_row`` (its number), ``gene``, ``alteration``.
    """
    distinct = evidence.group_by("gene", "alteration").agg("evidence_row")
    rows = [(numbers, *row) for gene, text, numbers in distinct.iter_rows() for row in _options(normalise(text, gene))]
    schema = _PATTERN_SCHEMA | {"evidence_row": pl.List(pl.UInt32)}
    return pl.DataFrame(rows, schema=schema, orient="row").explode("evidence_row")


def _options(pattern: Alteration) -> Iterator[tuple[object, ...]]:
    """Rows of one pattern: its options, their parts, and the kinds that fit each part."""
    if not is_matchable(pattern):
        return
    for option, choice in enumerate(pattern.parts if pattern.kind == "alternatives" else (pattern,)):
        parts = choice.parts if choice.kind == "compound" else (choice,)
        for number, part in enumerate(parts):
            for row in _part_rows(part):
                yield (option, number, len(parts), *row)


def _part_rows(part: Alteration) -> Iterator[tuple[object, ...]]:
    """Rows of one part: gene, kind that fits, match level and what is compared."""
    gene = part.gene or ""
    if part.position is None and part.exon is not None:
        ranges = exon_ranges().get((gene, part.exon), ((None, None),))
        for kind in _EXON_CLASSES.get(part.kind, frozenset({part.kind})):
            net = {"inframe deletion": -1, "inframe insertion": 1}.get(part.kind) if kind == "inframe delins" else None
            for first, last in ranges:
                yield (gene, kind, "exon", None, None, None, None, part.exon, first, last, net, None)
    elif part.kind == "codon":
        for kind in _IN_PLACE:
            yield (gene, kind, "codon", None, None, None, None, None, part.position, part.position, None, None)
    elif part.position is not None:
        yield _exact(gene, part)
    else:
        level, kinds = _CLASSES.get(
            part.kind, ("class" if part.kind in PROTEIN_KINDS - _NAMED else "exact", {part.kind})
        )
        level = "exact" if part.partner is not None else level
        for kind in kinds:
            yield (gene, kind, level, None, None, None, None, None, None, None, None, part.partner)


def _exact(gene: str, part: Alteration) -> tuple[object, ...]:
    """One exact change; a frameshift is the same wherever it first stops, as callers differ in writing that."""
    alt = None if part.kind in {"frameshift", "splice", "stop lost"} else part.alt
    return (gene, part.kind, "exact", part.ref, part.position, part.end, alt, None, None, None, None, None)
