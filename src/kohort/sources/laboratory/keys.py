"""Natural keys of variants: the same for one variant whether a MAF, a VCF or a laboratory's table tells of it."""

from __future__ import annotations

import polars as pl

__all__ = ["maf_place", "variant_key"]

_NONE = "-"


def maf_place(position: int, ref: str, alt: str) -> tuple[int, int, str, str]:
    """First and last position, reference and alternative bases as a MAF writes them.

    A VCF puts the base before an insertion or deletion in front of both alleles; a MAF leaves out bases that both
    begin with, and writes ``-`` for none. The positions of an insertion are those of the bases beside it.
    """
    if ref == _NONE:
        return position, position + 1, ref, alt
    if ref != alt:
        while ref and alt and ref[0] == alt[0]:
            position, ref, alt = position + 1, ref[1:], alt[1:]
    if not ref:
        return position - 1, position, _NONE, alt
    return position, position + len(ref) - 1, ref, alt or _NONE


def variant_key(variants: pl.DataFrame, sample: str) -> pl.Expr:
    """Natural key: sample, place and bases; without a place sample, gene and change; of a copy number the gene.

    Of a copy number or rearrangement that names no gene it is the place.

    Args:
        variants: columns of table ``variant``; those left out are taken as null.
        sample: column with the sample.
    """
    gene, kind = _text(variants, "gene"), pl.col("class")
    change = _joined(gene, *(_text(variants, n) for n in ("hgvs_p", "hgvs_c", "classification")))
    ends = _joined(*(_text(variants, n) for n in ("partner", "classification", "position", "end_position")))
    unplaced = pl.when(_text(variants, "position") == "").then(_text(variants, "hgvs_p")).otherwise(pl.lit(""))
    at = _joined(*(_text(variants, n) for n in ("chromosome", "position", "end_position", "ref", "alt")))
    nameless = gene == ""  # a segment of copy numbers, a breakend between genes
    told = (
        pl.when(kind.is_in(["cnv", "sv"]) & nameless).then(_joined(kind, at, ends))
        .when(kind.is_in(["cnv", "not_assessed"])).then(_joined(gene, pl.lit("cnv")))
        .when(kind.is_in(["sv", "fusion"])).then(_joined(gene, ends, unplaced))
        .when(kind.is_in(["expression", "signature"])).then(_joined(gene, kind, change))
        .otherwise(pl.coalesce(_place(variants), _joined(at, change)))
    )  # fmt: skip
    return _joined(pl.col(sample), told)


def _text(variants: pl.DataFrame, name: str) -> pl.Expr:
    if name not in variants.columns:
        return pl.lit("")
    return pl.col(name).cast(pl.String).fill_null("")


def _joined(*parts: pl.Expr) -> pl.Expr:
    return pl.concat_str(parts, separator="|")


def _place(variants: pl.DataFrame) -> pl.Expr:
    """Chromosome, positions and bases in MAF form; null where one of them is missing."""
    nowhere = pl.lit(None, dtype=pl.String)
    if not {"chromosome", "position", "ref", "alt"} <= set(variants.columns):
        return nowhere
    ref, alt, start = pl.col("ref"), pl.col("alt"), pl.col("position")
    known = ref.is_not_null() & alt.is_not_null() & start.is_not_null()
    bases = ref.str.len_bytes()
    plain = (bases == alt.str.len_bytes()) & (ref.str.head(1) != alt.str.head(1)) & (ref != _NONE) & (alt != _NONE)
    here = pl.concat_str([start, ref, alt], separator="|")
    moved = nowhere
    odd = variants.filter(known & ~plain).select("position", "ref", "alt").unique()
    if odd.height:
        written = ["|".join(map(str, row)) for row in odd.iter_rows()]
        places = ["|".join(map(str, maf_place(*row))) for row in odd.iter_rows()]
        moved = here.replace_strict(written, places, default=None, return_dtype=pl.String)
    same = pl.concat_str([start, start + bases.cast(pl.Int64) - 1, ref, alt], separator="|")
    return pl.concat_str([pl.col("chromosome"), pl.when(plain).then(same).otherwise(moved)], separator="|")
