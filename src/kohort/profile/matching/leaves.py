"""One alteration of a pattern as rows to join on: which kinds of alteration may fit, how closely, and what is compared.

Rules of comparison: ``place`` the same residues; ``codon`` a change over a residue; ``span`` a change within an exon or
a domain; ``whole`` any change of that kind, perhaps with a certain partner; ``text`` the same canonical text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.domains import domain_ranges
from kohort.profile.alterations.kinds import PROTEIN_KINDS, TRUNCATING
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.matching.numberings import other_places
from kohort.profile.matching.options import EQUIVALENT, EXACT, MATCH_LEVELS, Literal
from kohort.profile.own_data import own_table

__all__ = ["INFRAME", "LEAF_SCHEMA", "LeafRow", "exon_ranges", "leaf_rows"]

CODON, EXON, DOMAIN, CLASS, GENE = (MATCH_LEVELS.index(name) for name in ("codon", "exon", "domain", "class", "gene"))


class LeafRow(NamedTuple):
    """One kind of alteration that may fit, and what is compared.

    Attributes:
        gene_key: gene; empty for what is of the whole tumour.
        kind: kind of alteration that may fit.
        rule: how it is compared.
        level: place in ``MATCH_LEVELS`` that a fit has.
        p_text: canonical text that makes the fit exact.
        p_ref: first residue.
        p_position: first place.
        p_end: last place.
        p_alt: new residues; null where they do not count.
        p_exon: first exon.
        p_last_exon: last exon.
        p_first: first residue of the stretch.
        p_last: last residue of the stretch.
        p_net: sign of the residues gained; null where it does not count.
        p_partner: the other gene of a fusion.
        p_any_end: True if the last place does not count.
        p_strict: True if the residue must be named on both sides, as numbers alone would mislead.
    """

    gene_key: str
    kind: str
    rule: str
    level: int
    p_text: str | None = None
    p_ref: str | None = None
    p_position: int | None = None
    p_end: int | None = None
    p_alt: str | None = None
    p_exon: int | None = None
    p_last_exon: int | None = None
    p_first: int | None = None
    p_last: int | None = None
    p_net: int | None = None
    p_partner: str | None = None
    p_any_end: bool = False
    p_strict: bool = False


LEAF_SCHEMA: dict[str, type[pl.DataType]] = {
    "gene_key": pl.String,
    "kind": pl.String,
    "rule": pl.String,
    "level": pl.UInt8,
    "p_text": pl.String,
    "p_ref": pl.String,
    "p_position": pl.Int32,
    "p_end": pl.Int32,
    "p_alt": pl.String,
    "p_exon": pl.Int32,
    "p_last_exon": pl.Int32,
    "p_first": pl.Int32,
    "p_last": pl.Int32,
    "p_net": pl.Int32,
    "p_partner": pl.String,
    "p_any_end": pl.Boolean,
    "p_strict": pl.Boolean,
}
"""Types of a `LeafRow`."""

INFRAME = frozenset({"inframe deletion", "inframe insertion", "inframe delins", "duplication"})
"""Kinds whose result can be the same under another notation."""

_IN_PLACE = INFRAME | {"missense"}
_OVER_CODON = ("missense", "inframe deletion", "inframe delins", "codon")
_NAMED = frozenset({"internal tandem duplication", "kinase domain duplication", "variant III"})
_ANY_LENGTH = frozenset({"frameshift", "stop lost", "start lost"})
"""Kinds of which one place is one event, whatever residues and length are written behind it."""

_WITHIN: dict[str, dict[str, int | None]] = {
    "inframe deletion": {"inframe deletion": None, "inframe delins": -1},
    "inframe insertion": {"inframe insertion": None, "duplication": None, "inframe delins": 1},
    "duplication": {"duplication": None},
}
"""Kinds that fit a class of small changes, with the sign of the residues they must gain."""

_CLASSES: dict[str, tuple[tuple[int, frozenset[str]], ...]] = {
    "truncating": ((CLASS, TRUNCATING | {"truncating"}),),
    "loss of function": (
        (CLASS, TRUNCATING | {"truncating", "loss of function", "deletion", "biallelic inactivation"}),
    ),
    "mutation": (
        (GENE, PROTEIN_KINDS | {"mutation", "activating mutation", "truncating", "loss of function", "codon"}),
    ),
    "activating mutation": ((GENE, _IN_PLACE), (CLASS, frozenset({"activating mutation"}))),
    "loss": ((EXACT, frozenset({"loss", "deletion"})),),
    "biallelic inactivation": ((EXACT, frozenset({"biallelic inactivation"})), (CLASS, frozenset({"deletion"}))),
    "copy number variation": (
        (CLASS, frozenset({"copy number variation", "amplification", "gain", "loss", "deletion"})),
    ),
    "MSI": ((EXACT, frozenset({"MSI"})), (EQUIVALENT, frozenset({"dMMR"}))),
    "dMMR": ((EXACT, frozenset({"dMMR"})), (EQUIVALENT, frozenset({"MSI"}))),
    "fusion": ((CLASS, frozenset({"fusion"})),),
}
"""Words of a whole gene or tumour, to the kinds that fit and the level that they have."""


@functools.cache
def exon_ranges() -> dict[tuple[str, int], tuple[tuple[int, int], ...]]:
    """First and last residue of exons by gene and exon number, for sources that give no exon.

    Numbered on the transcripts that reports use; they stand in the head of ``data/exons.tsv``. MET has two.
    """
    ranges: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
    for gene, exon, first, last in own_table("exons.tsv"):
        ranges[gene, int(exon)] = (*ranges.get((gene, int(exon)), ()), (int(first), int(last)))
    return ranges


@functools.cache
def _same_events() -> dict[tuple[str, str], tuple[Alteration, ...]]:
    """Named events by gene and text, to the changes that are the same event under another notation."""
    found: dict[tuple[str, str], tuple[Alteration, ...]] = {}
    for gene, event, also, _ in own_table("same_events.tsv"):
        found[gene, event] = (*found.get((gene, event), ()), normalise(also, gene))
    return found


def leaf_rows(literal: Literal) -> list[LeafRow]:
    """The rows of one literal, none closer than its floor."""
    rows = [*_rows(literal.leaf), *_other_names(literal.leaf)]
    if literal.floor == EXACT:
        return rows
    return [row._replace(level=max(row.level, literal.floor), p_text=None) for row in rows if row.rule != "text"]


def _rows(leaf: Alteration) -> Iterator[LeafRow]:
    if leaf.detail or leaf.kind in {"phosphorylation", "exon loss", "polymorphism"}:
        yield LeafRow(leaf.gene or "", leaf.kind, "text", EXACT, p_text=leaf.text)
    elif leaf.kind == "codon":
        yield from _codon(leaf)
    elif leaf.position is not None:
        yield from _place(leaf)
    elif leaf.exon is not None or leaf.domain:
        yield from _span(leaf)
    else:
        yield from _whole(leaf)


def _codon(leaf: Alteration) -> Iterator[LeafRow]:
    """Any change over a residue, under each number that it has."""
    gene, place = leaf.gene or "", leaf.position
    assert place is not None  # noqa: S101 - the caller picks leaves by what they have
    for kind in _OVER_CODON:
        yield LeafRow(gene, kind, "codon", CODON, p_ref=leaf.ref, p_position=place)
        for other in other_places(gene, place) if leaf.ref else ():
            yield LeafRow(gene, kind, "codon", CODON, p_ref=leaf.ref, p_position=other, p_strict=True)


def _place(leaf: Alteration) -> Iterator[LeafRow]:
    """One change of certain residues, under each number that they have."""
    place = leaf.position
    assert place is not None  # noqa: S101 - the caller picks leaves by what they have
    row = LeafRow(
        leaf.gene or "", leaf.kind, "place", EXACT, p_text=leaf.text, p_ref=leaf.ref, p_position=place, p_end=leaf.end,
        p_alt=None if leaf.kind == "splice" else leaf.alt,
    )  # fmt: skip
    if leaf.kind in _ANY_LENGTH:
        said = leaf.kind == "start lost" or bool(leaf.alt) or leaf.length is not None
        row = row._replace(level=EQUIVALENT if said else EXACT, p_alt=None, p_any_end=True)
    elif leaf.kind == "nonsense":
        yield row._replace(level=EQUIVALENT, p_any_end=True)
    yield row
    for other in other_places(row.gene_key, place) if leaf.ref else ():
        end = None if leaf.end is None else leaf.end + other - place
        yield row._replace(level=EQUIVALENT, p_text=None, p_position=other, p_end=end, p_strict=True)


def _span(leaf: Alteration) -> Iterator[LeafRow]:
    """A class over exons or a domain; the very same words are the same event."""
    gene, level = leaf.gene or "", DOMAIN if leaf.domain else EXON
    row = LeafRow(gene, leaf.kind, "span", level, p_exon=leaf.exon, p_last_exon=leaf.last_exon or leaf.exon)
    if leaf.kind == "exon skipping":
        yield from _skipping(leaf, row)
        return
    for kind, net in _kinds_within(leaf.kind).items():
        for first, last in _stretches(leaf):
            yield row._replace(kind=kind, p_text=leaf.text, p_first=first, p_last=last, p_net=net)


def _stretches(leaf: Alteration) -> tuple[tuple[int | None, int | None], ...]:
    """Residues of the exons or the domain; unknown where no table has them."""
    gene = leaf.gene or ""
    if leaf.domain:
        return domain_ranges().get((gene, leaf.domain)) or ((None, None),)
    assert leaf.exon is not None  # noqa: S101 - the caller picks leaves by what they have
    exons = range(leaf.exon, (leaf.last_exon or leaf.exon) + 1)
    return tuple(stretch for exon in exons for stretch in exon_ranges().get((gene, exon), ())) or ((None, None),)


def _kinds_within(kind: str) -> dict[str, int | None]:
    if kind in _WITHIN:
        return _WITHIN[kind]
    return {each: None for _, kinds in _CLASSES.get(kind, ((EXON, frozenset({kind})),)) for each in kinds}


def _skipping(leaf: Alteration, row: LeafRow) -> Iterator[LeafRow]:
    """A skipped exon: reported as such, or by a splice-site change at the exon's edges, or by the loss of the exon.

    For MET exon 14: Frampton et al., Cancer Discov 2015, doi 10.1158/2159-8290.CD-15-0285.
    """
    yield row._replace(kind="exon skipping", rule="text", level=EXACT, p_text=leaf.text)
    if leaf.last_exon is not None:
        return
    yield row._replace(kind="exon loss", rule="text", level=EQUIVALENT, p_text=f"exon {leaf.exon} loss")
    for first, last in _stretches(leaf):
        yield row._replace(kind="splice", p_exon=None, p_last_exon=None, p_first=first, p_last=last)
        edges = {(None, None)} if first is None or last is None else {(first - 1, first + 1), (last - 1, last + 1)}
        for start, stop in sorted(edges, key=str):
            yield row._replace(kind="splice", level=EQUIVALENT, p_first=start, p_last=stop)
        if first is not None:
            yield row._replace(
                kind="inframe deletion", rule="place", level=EQUIVALENT, p_ref="", p_position=first, p_end=last
            )


def _whole(leaf: Alteration) -> Iterator[LeafRow]:
    """A word for the whole gene or tumour."""
    gene = leaf.gene or ""
    if leaf.partner is not None:
        for one, other in ((gene, leaf.partner), (leaf.partner, gene)):
            yield LeafRow(one, leaf.kind, "whole", EQUIVALENT, p_text=leaf.text, p_partner=other)
        return
    if leaf.kind in _WITHIN:
        for kind, net in _WITHIN[leaf.kind].items():
            yield LeafRow(gene, kind, "whole", CLASS, p_net=net)
        return
    named = leaf.kind not in PROTEIN_KINDS or leaf.kind in _NAMED
    default = ((CLASS, frozenset({leaf.kind})),)
    for level, kinds in _CLASSES.get(leaf.kind, default):
        for kind in kinds:
            yield LeafRow(gene, kind, "whole", level, p_text=leaf.text if leaf.kind not in _CLASSES and named else None)


def _other_names(leaf: Alteration) -> Iterator[LeafRow]:
    """Changes that are the same event as a named one of this gene (``data/same_events.tsv``)."""
    for other in _same_events().get((leaf.gene or "", leaf.text), ()):
        for row in _rows(other):
            yield row._replace(level=EQUIVALENT, p_text=None)
