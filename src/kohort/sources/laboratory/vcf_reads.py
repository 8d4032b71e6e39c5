"""Depth, share of variant reads and origin of each allele of a VCF: they have no agreed place.

Read, in this order: the INFO tags that PCGR asks for (TDP, TVAF); the FORMAT fields of the tumour's column that
callers of somatic variants write: ``AD`` and ``AF`` (Mutect2, DRAGEN, VarDict), ``FREQ`` and ``RD`` (VarScan), ``AO``
and ``RO`` (FreeBayes), ``AU/CU/GU/TU`` and ``TAR/TIR`` (Strelka), ``PR`` and ``SR`` (Manta).
"""

from __future__ import annotations

import polars as pl

from kohort.sources.laboratory.vcf_records import info
from kohort.sources.model import LINE, LineFinding

__all__ = ["cell", "origin", "with_reads"]

_NUMBER = pl.Float64()


def cell(frame: pl.DataFrame, sample: str, name: str) -> pl.Expr:
    """A FORMAT field of a sample as text; null where it is not given.

    Args:
        frame: records, with ``FORMAT`` and the sample's column.
        sample: the sample's column.
        name: id of the FORMAT field.
    """
    orders = frame["FORMAT"].unique().to_list() if "FORMAT" in frame.columns else []
    places = {order: order.split(":").index(name) for order in orders if name in order.split(":")}
    if not places:
        return pl.lit(None, dtype=pl.String)
    place = pl.col("FORMAT").replace_strict(places, default=None, return_dtype=pl.Int64)
    value = pl.col(sample).str.split(":").list.get(place, null_on_oob=True)
    return pl.when(~value.is_in([".", ""])).then(value)


def _numbers(text: pl.Expr) -> pl.Expr:
    return text.str.split(",").list.eval(pl.element().str.strip_suffix("%").cast(_NUMBER, strict=False))


def _of_allele(text: pl.Expr, extra: int = 0) -> pl.Expr:
    """The number of this allele in a list of one an allele, after ``extra`` others (1: the reference's)."""
    listed = _numbers(text)
    whole = listed.list.len() == pl.col("site_alleles") + extra
    return pl.when(whole).then(listed.list.get(pl.col("site_allele") + extra, null_on_oob=True))


def _counted(frame: pl.DataFrame, sample: str) -> tuple[pl.Expr, pl.Expr]:
    """Reads with the allele, and reads of all alleles, as far as the caller counts them."""
    depths, observed = cell(frame, sample, "AD"), cell(frame, sample, "AO")
    reference = cell(frame, sample, "RO").cast(_NUMBER, strict=False)
    varscan = cell(frame, sample, "RD").cast(_NUMBER, strict=False)
    lone = depths.cast(_NUMBER, strict=False)  # VarScan counts the reference apart
    bases, based = _strelka_bases(frame, sample)
    indel, bound = (_numbers(cell(frame, sample, name)).list.first() for name in ("TIR", "TAR"))
    altered = pl.coalesce(
        _of_allele(depths, 1), pl.when(varscan.is_not_null()).then(lone), _of_allele(observed), bases, indel
    )
    every = pl.coalesce(
        pl.when(_of_allele(depths, 1).is_not_null()).then(_numbers(depths).list.sum()),
        varscan + lone,
        reference + _numbers(observed).list.sum(),
        based,
        indel + bound,
    )
    return altered, every


def _strelka_bases(frame: pl.DataFrame, sample: str) -> tuple[pl.Expr, pl.Expr]:
    """Strelka counts each base: reads of the alternative base, and of it and the reference base."""
    counts = {base: _numbers(cell(frame, sample, f"{base}U")).list.first() for base in "ACGT"}

    def of(name: str) -> pl.Expr:
        return pl.coalesce(pl.when(pl.col(name).str.to_uppercase() == base).then(n) for base, n in counts.items())

    return of("alt"), of("alt") + of("REF")


def with_reads(frame: pl.DataFrame, sample: str | None, *, alone: bool) -> tuple[pl.DataFrame, list[LineFinding]]:
    """Alleles with ``vaf``, ``depth`` and ``reads`` (of structural variants alone).

    Args:
        frame: what `alleles` gave.
        sample: column of the tumour; None if there is none.
        alone: True if the file has no other sample, so that INFO DP is the tumour's depth.

    Returns:
        the frame, and a finding for each share that is none.
    """
    share, depth = _of_allele(info("TVAF")), _numbers(info("TDP")).list.first()
    vaf, every, support = [share], [depth], pl.lit(None, dtype=_NUMBER)
    if sample is not None:
        altered, counted = _counted(frame, sample)
        percent = _of_allele(cell(frame, sample, "FREQ")) / 100
        told = [_of_allele(cell(frame, sample, name)) for name in ("AF", "VAF", "FA")]
        vaf += [*told, percent, pl.when(counted > 0).then(altered / counted)]
        every += [cell(frame, sample, "DP").cast(_NUMBER, strict=False), counted]
        pairs = [_numbers(cell(frame, sample, name)).list.get(1, null_on_oob=True) for name in ("PR", "SR")]
        support = pl.when(pl.any_horizontal(pair.is_not_null() for pair in pairs)).then(pl.sum_horizontal(pairs))
    if alone:
        every.append(_numbers(info("DP")).list.first())
    made = frame.with_columns(
        pl.coalesce(vaf).alias("vaf"),
        pl.coalesce(every).alias("depth"),
        pl.when("structural").then(support).alias("reads"),
    )
    odd = ~pl.col("vaf").is_between(0, 1)
    message = "The share of variant reads is not between 0 and 1; the variant was kept without it. Correct it."
    findings = [
        LineFinding(line, "warning", "not_a_share", message, "INFO" if sample is None else "FORMAT", str(value))
        for line, value in made.filter(odd).select(LINE, "vaf").iter_rows()
    ]
    return made.with_columns(pl.when(~odd).then(pl.col("vaf")).alias("vaf")), findings


def origin(*, paired: bool) -> pl.Expr:
    """Somatic, germline or unknown, by the flags of callers.

    Args:
        paired: True if the caller compared the tumour with a normal sample: what it then reports is somatic.
    """
    flags = pl.concat_str(pl.lit(";"), pl.col("INFO"), pl.lit(";"))
    code = info("SS")  # VarScan: 1 germline, 2 somatic
    status = pl.coalesce(info("STATUS"), info("Somatic_status")).str.to_lowercase()  # VarDict
    inherited = (
        flags.str.contains("(?i);GERMLINE[;=]") | (code == "1") | status.str.contains("germline")
        | pl.col("FILTER").str.to_lowercase().str.split(";").list.contains("germline")
    )  # fmt: skip
    acquired = flags.str.contains(";SOMATIC[;=]") | (code == "2") | status.str.contains("somatic")
    return (
        pl.when(inherited).then(pl.lit("germline"))
        .when(acquired | pl.lit(paired)).then(pl.lit("somatic"))
        .otherwise(pl.lit("unknown"))
    )  # fmt: skip
