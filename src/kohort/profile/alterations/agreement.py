"""Columns that describe one change twice: do they agree?

A row with ``Q212K`` in one column and ``Gln121Lys`` in another is told, and neither is picked. Two protein
notations must name one change. A coding and a protein change must meet in the codon (codon n holds bases 3n - 2 to
3n) and in the reading frame; the place of a gain or loss of bases may differ, as both notations shift it towards
their own end (HGVS 3' rule).
"""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.coding import ONE_BASE, PLACE_DIFFERS, contradiction, read_coding
from kohort.profile.alterations.normaliser import normalise

__all__ = ["agree", "coding_remarks"]

_SUBSTITUTION = r"^(?:[A-Za-z]{2,4}_?[0-9.]+(?:\([A-Za-z0-9-]+\))?:)?c\.([1-9][0-9]{0,5})[ACGT]>[ACGT]$"


def agree(one: str | None, other: str | None, gene: str | None = None) -> str | None:
    """None if two notations of one protein change agree, else the sentence that says how they differ.

    Args:
        one: e.g. ``Q212K``, of the column ``HGVSp_Short``.
        other: e.g. ``p.Gln212Lys``, of the column ``HGVSp``.
        gene: the gene, if known.

    A blank, or a text that cannot be read, contradicts nothing. Of a frameshift or a lost start one notation may say
    less than the other.
    """
    left, right = normalise(one, gene), normalise(other, gene)
    if "text" in {left.kind, right.kind} or left == right or _says_less(left, right) or _says_less(right, left):
        return None
    return f"Two columns disagree: one has {left.text}, the other {right.text}."


def _says_less(short: Alteration, long: Alteration) -> bool:
    """True if the two are one change, of which the first leaves something out."""
    if short.kind != long.kind or short.parts:
        return False
    same_place = short.position in {None, long.position} and short.end in {None, long.end}
    refs = short.ref in {"", long.ref} and short.end_ref in {"", long.end_ref}
    return same_place and refs and short.alt in {"", long.alt} and short.length in {None, long.length}


def coding_remarks(changes: pl.DataFrame) -> pl.Series:
    """`agree_with_coding` of n rows as one column; null where nothing contradicts.

    Args:
        changes: ``kind``, ``position_residue``, ``end_residue`` and ``hgvs_c``.
    """
    kind, place = pl.col("kind"), pl.col("position_residue")
    codon = (pl.col("hgvs_c").str.strip_chars().str.extract(_SUBSTITUTION).cast(pl.Int32) + 2) // 3
    simple = codon.is_not_null() & kind.is_in(list(ONE_BASE))
    wrong = pl.when(simple & (codon != place)).then(pl.format(PLACE_DIFFERS, codon, place))
    other = (~simple & place.is_not_null() & (pl.col("hgvs_c") != "")).fill_null(value=False)
    found = changes.select(wrong.alias("remark"), other.alias("other"))
    others = changes.filter(found["other"]).select("kind", "position_residue", "end_residue", "hgvs_c")
    read = [_of_row(*row) for row in others.iter_rows()]
    return found["remark"].scatter(found["other"].arg_true(), pl.Series(read, dtype=pl.String))


def _of_row(kind: str, position: int, end: int | None, coding: str) -> str | None:
    read = read_coding(coding)
    if read is None or read.place != "coding":
        return None
    return contradiction(kind, position, end or position, read)
