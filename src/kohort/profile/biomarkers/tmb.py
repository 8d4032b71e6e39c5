"""Tumour mutational burden: the panel's own value, the DRUP rule, and the bands of a report.

The DRUP rule is how the Dutch and Norwegian programmes count (van der Velden et al., Nature 2019, doi
10.1038/s41586-019-1600-x), computed here as InPreD's reports do: variants with a share of reads of 0.05 or more and a
depth of 50 or more that alter the protein, over the coding region that was read, rounded half to even. Below 1.14 Mb
the region is too small, and there is no value. Counted are the calls that the laboratory kept, and those that it
rescues: variants called pathogenic or likely pathogenic, and TERT.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kohort.tables import TableSet

__all__ = [
    "BANDS",
    "MINIMUM_DEPTH",
    "MINIMUM_REGION_MB",
    "MINIMUM_VAF",
    "TMB_HIGH_PER_MB",
    "TMB_SCHEMA",
    "UNRELIABLE",
    "Band",
    "DrupTmb",
    "counts_for_drup",
    "drup_tmb",
    "tmb_band",
    "tmb_table",
]

TMB_HIGH_PER_MB = 10.0
"""TMB from which a tumour counts as TMB-H: the threshold of the pembrolizumab label (KEYNOTE-158)."""

MINIMUM_VAF = 0.05
MINIMUM_DEPTH = 50
MINIMUM_REGION_MB = 1.14
"""Coding region in megabases below which the DRUP rule gives no value."""

_KEPT = ("LikSOM", "SOM", "LikGL", "incon", "include")
"""Judgements of a person by which a call is kept (InPreD's Class_judgement)."""
_EXCLUDED = ("exclude", "excluded")
_ADVICE = (
    "germline_population", "recurrent_germline", "recurrent_artifact", "LOW_TUMOR_DP", "LOW_TUMOR_VAF",
    "HIGH_TUMOR_VAF", "LOW_VAF_RATIO", "HET_VAF_RANGE", "NO_NORMAL_COVERAGE", "normal_origin",
)  # fmt: skip
"""Filters of TSOPPI, which advise the person who judges a call and decide nothing themselves."""
_PASSED = ("PASS", r"\.")
_SEPARATOR = r"[,;&|/=\s]"
_NOT_COUNTED = (
    "x:noncoding_variant", "synonymous_variant",
    "silent", "intron", "igr", "rna", "3'utr", "5'utr", "3'flank", "5'flank",
)  # fmt: skip
"""Coding status that takes a variant out: one such word in the list is enough. The second line is a MAF's words."""
_RESCUED = ("pathogenic", "likely_pathogenic")


@dataclass(frozen=True, slots=True)
class Band:
    """A band of TMB in both languages of a report.

    Attributes:
        english: in English.
        norwegian: in Norwegian.
        least: burden above which the band begins, per megabase; its upper end belongs to it.
    """

    english: str
    norwegian: str
    least: int


BANDS: tuple[Band, ...] = (Band("Low", "Lav", -1), Band("Intermediate", "Intermediær", 5), Band("High", "Høy", 20))
"""0 to 5 is low, above 5 to 20 intermediate, above 20 high."""

UNRELIABLE = Band("unreliable, not computed", "Upålitelig, ikke beregnet", -1)
"""What a report says where there is no value."""

TMB_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "tmb": pl.Float64(),
    "n": pl.Int64(),
    "region": pl.Float64(),
    "drup": pl.Int64(),
    "drup_text": pl.String(),
    "band": pl.String(),
    "band_no": pl.String(),
    "remark": pl.String(),
}
"""Columns of ``tmb_table``: ``tmb`` the panel's own, ``drup`` by the DRUP rule (both per megabase), ``drup_text`` as
``n/region``."""


@dataclass(frozen=True, slots=True)
class DrupTmb:
    """TMB of one sample by the DRUP rule.

    Attributes:
        n: variants counted.
        region_mb: coding region in megabases; None where it is not known.
    """

    n: int
    region_mb: float | None

    @property
    def per_mb(self) -> int | None:
        """Variants per megabase, rounded half to even; None if the region is not known or below 1.14 Mb."""
        if self.region_mb is None or self.region_mb < MINIMUM_REGION_MB:
            return None
        return round(self.n / self.region_mb)

    @property
    def text(self) -> str:
        """``n/region`` as reports show it; ``NA`` without a region."""
        return f"{self.n}/{self.region_mb}" if self.region_mb else "NA"


def drup_tmb(variants: pl.DataFrame, region_mb: float | None) -> DrupTmb:
    """TMB of one sample by the DRUP rule.

    Args:
        variants: the sample's small variants, columns of the table ``variant``: ``gene``, ``vaf``, ``depth``,
            ``classification`` (coding status), ``call_filter`` and ``significance``.
        region_mb: coding region in megabases.
    """
    return DrupTmb(int(variants.select(counts_for_drup().sum()).item()), region_mb)


def counts_for_drup() -> pl.Expr:
    """True for variants that the DRUP rule counts, over the columns of ``drup_tmb``; never null.

    A share of reads, a depth or a coding status that is not given does not count.
    """
    harmless = "|".join((*_PASSED, *_KEPT, *_ADVICE))
    only_harmless = rf"(?i)^\s*(?:(?:{harmless})(?:{_SEPARATOR}+|$))*$"
    said = pl.col("call_filter").fill_null("")
    kept = ~_has("call_filter", _EXCLUDED) & (_has("call_filter", _KEPT) | said.str.contains(only_harmless))
    rescued = _has("significance", _RESCUED) | (pl.col("gene") == "TERT").fill_null(value=False)
    return (
        (pl.col("vaf") >= MINIMUM_VAF)
        & (pl.col("depth") >= MINIMUM_DEPTH)
        & pl.col("classification").is_not_null()
        & ~_has("classification", _NOT_COUNTED)
        & (kept | rescued)
    ).fill_null(value=False)


def _has(column: str, words: Sequence[str]) -> pl.Expr:
    """True if one of the words of a cell is among ``words``; a cell without a value has none."""
    either = "|".join(re.escape(word) for word in words)
    return pl.col(column).str.contains(rf"(?i)(?:^|{_SEPARATOR})(?:{either})(?:$|{_SEPARATOR})").fill_null(value=False)


def tmb_band(tmb: float | None) -> Band:
    """The band of a panel's own TMB (mutations per megabase), which is rounded to a whole number first."""
    if tmb is None:
        return UNRELIABLE
    return next(band for band in reversed(BANDS) if round(tmb) > band.least)


def tmb_table(tables: TableSet) -> pl.DataFrame:
    """TMB of every specimen that was tested for mutations, one row a specimen.

    The band is drawn from the panel's own value, as on InPreD's slide. Of several tests of a specimen the first with a
    value of its own stands, else the first with a region.

    Returns:
        columns of ``TMB_SCHEMA``, sorted by person and specimen.
    """
    tests = tables.frame("test", ["person", "specimen", "id", "assay", "tmb", "region"]).rename({"id": "test"})
    tests = tests.filter((pl.col("assay") == "mutation") | pl.col("tmb").is_not_null())
    chosen = tests.sort(
        "person", "specimen", pl.col("tmb").is_null(), pl.col("region").is_null(), "test", maintain_order=True
    ).unique(["person", "specimen"], keep="first", maintain_order=True)
    counted = chosen.join(_counts(tables), on=["person", "test"], how="left", maintain_order="left")
    normals = tables.frame("specimen", ["id", "matched_normal"]).rename({"id": "specimen"})
    counted = counted.join(normals, on="specimen", how="left", maintain_order="left").with_columns(
        pl.col("n").fill_null(0), pl.col("unread").fill_null(0)
    )
    wide_enough = pl.col("region") >= MINIMUM_REGION_MB
    drup = (pl.col("n") / pl.col("region")).round(mode="half_to_even")
    return counted.with_columns(
        pl.when(wide_enough).then(drup).alias("drup"),
        pl.when(pl.col("region") > 0)
        .then(pl.concat_str("n", pl.lit("/"), "region"))
        .otherwise(pl.lit("NA"))
        .alias("drup_text"),
        _banded([band.english for band in BANDS], UNRELIABLE.english).alias("band"),
        _banded([band.norwegian for band in BANDS], UNRELIABLE.norwegian).alias("band_no"),
        _remark().alias("remark"),
    ).select(pl.col(name).cast(kind) for name, kind in TMB_SCHEMA.items())


def _counts(tables: TableSet) -> pl.DataFrame:
    """Variants counted by test (``n``), and those whose coding status is not given (``unread``)."""
    columns = ["person", "test", "class", "gene", "vaf", "depth", "classification", "call_filter", "significance"]
    small = tables.frame("variant", columns).filter(pl.col("class").is_in(["snv", "indel"]))
    return small.group_by("person", "test").agg(
        counts_for_drup().sum().alias("n"), pl.col("classification").is_null().sum().alias("unread")
    )


def _banded(words: Sequence[str], none: str) -> pl.Expr:
    whole = pl.col("tmb").round(mode="half_to_even")
    banded = (
        pl.when(whole <= BANDS[1].least).then(pl.lit(words[0])).when(whole <= BANDS[2].least).then(pl.lit(words[1]))
    )
    return pl.when(whole.is_null()).then(pl.lit(none)).otherwise(banded.otherwise(pl.lit(words[2])))


def _remark() -> pl.Expr:
    """What to know of a value before it is used."""
    small = pl.concat_str(pl.lit("The coding region is below "), pl.lit(f"{MINIMUM_REGION_MB} Mb: no DRUP value."))
    return pl.concat_str(
        pl.when(pl.col("region").is_null() | (pl.col("region") == 0))
        .then(pl.lit("The size of the coding region is not known: no DRUP value."))
        .when(pl.col("region") < MINIMUM_REGION_MB)
        .then(small),
        pl.when(pl.col("unread") > 0).then(
            pl.concat_str("unread", pl.lit(" variants without a coding status were not counted."))
        ),
        pl.when(pl.col("matched_normal").not_()).then(
            pl.lit("Tumour without a normal sample: potentially overestimated.")
        ),
        pl.when(pl.col("matched_normal").is_null()).then(
            pl.lit("Whether a normal sample was read is not known; without one, potentially overestimated.")
        ),
        separator=" ",
        ignore_nulls=True,
    ).replace("", None)
