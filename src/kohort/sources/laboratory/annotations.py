"""Annotations in the INFO column of a VCF, of VEP or SnpEff: one transcript chosen for each variant and gene.

VEP writes under ``CSQ`` or under ``ANN``, SnpEff under ``ANN``; which of the two it is and how the fields are named
stands in the header's Description, so the key decides nothing. The choice is the one that PCGR and cBioPortal's
importers make: the transcript that VEP picked, else MANE Select, else the canonical one, else the first of those
with the most severe consequence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from kohort.sources.laboratory.annotations_words import SEVERITY, most_severe, severity

__all__ = ["ANNOTATION_COLUMNS", "CHOICES", "Annotator", "annotators", "chosen", "split_annotations"]

_SNPEFF = (
    "Allele", "Annotation", "Annotation_Impact", "Gene_Name", "Gene_ID", "Feature_Type", "Feature_ID",
    "Transcript_BioType", "Rank", "HGVS.c", "HGVS.p", "cDNA.pos/cDNA.length", "CDS.pos/CDS.length",
    "AA.pos/AA.length", "Distance", "ERRORS/WARNINGS/INFO",
)  # fmt: skip
"""The sixteen fields of SnpEff (Variant annotations in VCF format, version 1.0, 2015)."""

_FORMAT = re.compile(r"(?:Format:|Functional annotations:)\s*[\"']?\s*(.+?)\s*[\"']?\s*$", re.IGNORECASE)
_NAMES = {
    "allele": ("allele",), "number": ("allelenum",), "consequence": ("consequence", "annotation"),
    "impact": ("impact", "annotationimpact"), "gene": ("symbol", "genename"), "feature": ("feature", "featureid"),
    "hgvs_c": ("hgvsc",), "hgvs_p": ("hgvsp",), "exon": ("exon",), "rank": ("rank",), "pick": ("pick",),
    "mane": ("maneselect", "mane"), "canonical": ("canonical",), "significance": ("clinsig",), "strand": ("strand",),
}  # fmt: skip
"""Columns here, and the fields (lower case, letters and digits alone) that fill them; the first that there is."""
_FREQUENCY = re.compile(r"gnomad.*af$|^maxaf$")

CHOICES = ("picked by VEP", "MANE Select", "canonical", "most severe consequence")
"""Why a transcript was chosen, in the order in which the reasons count."""

ANNOTATION_COLUMNS = (
    "gene", "partner", "hgvs_c", "hgvs_p", "transcript", "exon", "classification", "population_frequency",
    "significance", "whole", "strand", "choice", "alternatives",
)  # fmt: skip
"""Columns that `chosen` gives beside ``record`` and ``allele``."""


@dataclass(frozen=True, slots=True)
class Annotator:
    """Annotations in a VCF.

    Attributes:
        key: id of the INFO field.
        tool: ``VEP`` or ``SnpEff``.
        fields: names of the parts of one annotation, in order.
    """

    key: str
    tool: str
    fields: tuple[str, ...]

    def places(self) -> dict[str, int]:
        """Column to the place of its field, and each field of population frequency as ``frequency/<place>``."""
        plain = [re.sub("[^a-z0-9]", "", name.lower()) for name in self.fields]
        found = {}
        for column, names in _NAMES.items():
            place = next((plain.index(name) for name in names if name in plain), None)
            if place is not None:
                found[column] = place
        gnomad = [n for n, name in enumerate(plain) if name.startswith("gnomad") and _FREQUENCY.search(name)]
        highest = [n for n, name in enumerate(plain) if name == "maxaf"]
        return found | {f"frequency/{n}": n for n in gnomad or highest}


def annotators(info: Mapping[str, str]) -> tuple[Annotator, ...]:
    """Annotations that the header declares, those of VEP first.

    Args:
        info: id of each INFO field to its Description.
    """
    found = []
    for key, description in info.items():
        match = _FORMAT.search(description)
        names = tuple(name.strip(" '\"") for name in match.group(1).split("|")) if match else ()
        lower = {name.lower() for name in names}
        if {"consequence", "symbol"} <= lower and "allele" in lower:
            found.append(Annotator(key, "VEP", names))
        elif {"annotation", "gene_name"} <= lower:
            found.append(Annotator(key, "SnpEff", names))
        elif key == "ANN" and "functional annotation" in description.lower():
            found.append(Annotator(key, "SnpEff", _SNPEFF))
    return tuple(sorted(found, key=lambda each: each.tool != "VEP"))


def split_annotations(values: pl.Series, annotator: Annotator) -> pl.DataFrame:
    """Each annotation of each record.

    Args:
        values: the INFO field of each record; null where a record has none.
        annotator: how it is written.

    Returns:
        ``record`` (place in ``values``), ``order`` (place within the file), ``uneven`` (it has not as many fields as
        the header names) and the columns that the fields give, all text, null where empty. Only these fields are taken
        apart: an annotation may have over a hundred.
    """
    places = annotator.places()
    given = values.to_frame("value").with_row_index("record").filter(pl.col("value").is_not_null())
    parts = given.with_columns(pl.col("value").str.split(",")).explode("value")
    parts = parts.filter(pl.col("value").str.contains("|", literal=True))
    bars = pl.col("value").str.count_matches("|", literal=True)
    parts = parts.with_columns((bars + 1 != len(annotator.fields)).alias("uneven"))
    wanted = dict(sorted(places.items(), key=lambda item: item[1]))
    schema = [pl.Series(name, [], dtype=pl.String) for name in wanted]
    if not parts.height:
        return pl.DataFrame([*parts.select("record", "uneven"), pl.Series("order", [], dtype=pl.UInt32), *schema])
    text = parts["value"].str.join("\n")[0]
    scanned = pl.scan_csv(
        text.encode(), separator="|", has_header=False, quote_char=None, infer_schema=False,
        schema={f"f{n}": pl.String() for n in range(len(annotator.fields))}, truncate_ragged_lines=True,
        extra_columns="ignore", missing_columns="insert",
    )  # fmt: skip
    read = scanned.select(pl.col(f"f{place}").alias(name) for name, place in wanted.items()).collect()
    return pl.concat([parts.select("record", "uneven"), read], how="horizontal").with_row_index("order")


def chosen(parts: pl.DataFrame) -> pl.DataFrame:
    """One annotation for each variant and gene.

    Args:
        parts: what `split_annotations` gave, with ``site_allele`` (place of the allele, from 0, that it is about) and
            ``structural``.

    Returns:
        ``record``, ``site_allele`` and `ANNOTATION_COLUMNS`. A variant has a row for each gene in which it does more
        than lie near or between exons (a structural variant: for each gene it lies in), and otherwise one row: the
        annotation picked, or the most severe.
    """
    ranked = _ranked(_complete(parts))
    gene = ["record", "site_allele", "gene"]
    ranked = ranked.sort("record", "site_allele", "choice", "severity", "order")
    best = ranked.unique(gene, keep="first", maintain_order=True)
    counts = ranked.group_by(gene).agg(pl.len().alias("alternatives"))
    best = best.join(counts, on=gene, how="left", nulls_equal=True, maintain_order="left")
    inside = pl.col("structural") & (pl.col("severity") < SEVERITY["upstream_gene_variant"])
    kept = (pl.col("choice") == 0) | ~pl.col("modifier") | inside
    lone = ~kept.any().over("record", "site_allele")
    first = pl.col("severity").rank("ordinal").over("record", "site_allele") == 1
    return _described(best.filter(kept | (lone & first)))


def _complete(parts: pl.DataFrame) -> pl.DataFrame:
    """All columns of `_NAMES`, null where the annotations have no such field."""
    return parts.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in _NAMES if name not in parts.columns)


def _ranked(parts: pl.DataFrame) -> pl.DataFrame:
    """Severity, and the reason to choose each annotation, as its place in `CHOICES`."""
    words = parts["consequence"].drop_nulls().unique().to_list()
    worst = {word: most_severe(word) for word in words}
    ranks = {word: severity(word) for word in words}
    term = pl.col("consequence").replace_strict(worst, default=None, return_dtype=pl.String)
    rank = pl.col("consequence").replace_strict(ranks, default=len(SEVERITY), return_dtype=pl.Int32)
    between = term.str.starts_with("intergenic").fill_null(value=False)
    harmless = pl.coalesce(pl.col("impact") == "MODIFIER", rank >= SEVERITY["coding_sequence_variant"])
    choice = (
        pl.when(pl.col("pick") == "1").then(0)
        .when(pl.col("mane").is_not_null() & ~pl.col("mane").str.contains("(?i)plus_clinical")).then(1)
        .when(pl.col("canonical").is_in(["YES", "1"])).then(2)
        .otherwise(3)
    )  # fmt: skip
    return parts.with_columns(
        term.alias("classification"),
        rank.alias("severity"),
        pl.when(~between).then(pl.col("gene")).alias("gene"),
        harmless.alias("modifier"),
        choice.cast(pl.Int32).alias("choice"),
    )


def _described(best: pl.DataFrame) -> pl.DataFrame:
    """The chosen annotations in the columns of table ``variant``."""
    pair = pl.col("gene").str.split("&")
    joins = pl.col("classification").str.contains("fusion") & (pair.list.len() == 2)
    change = pl.col("hgvs_c")
    outside = pl.col("consequence").str.contains("intron|splice_acceptor|splice_donor")
    number = pl.coalesce(pl.col("exon"), pl.when(~outside).then(pl.col("rank")))
    return best.select(
        "record",
        "site_allele",
        pl.when(joins).then(pair.list.first()).otherwise(pl.col("gene")).alias("gene"),
        pl.when(joins).then(pair.list.last()).alias("partner"),
        (pl.col("consequence").str.contains("transcript_(?:ablation|amplification)")).alias("whole"),
        _bare(change).alias("hgvs_c"),
        _bare(pl.col("hgvs_p")).str.replace_all("%3D", "=", literal=True).alias("hgvs_p"),
        pl.coalesce(change.str.extract(r"^([^:]+):"), pl.col("feature")).alias("transcript"),
        number.str.extract(r"^(\d+)").cast(pl.Int32, strict=False).alias("exon"),
        "classification",
        _highest(best.columns).alias("population_frequency"),
        pl.col("significance").alias("significance"),
        pl.col("strand").cast(pl.Int32, strict=False),
        "choice",
        "alternatives",
    )


def _bare(change: pl.Expr) -> pl.Expr:
    """A change in HGVS without the sequence it is written on."""
    return change.str.replace(r"^[^:]+:", "")


def _highest(columns: list[str]) -> pl.Expr:
    """The highest of all frequencies; a field may hold several, joined by ``&``."""
    fields = [name for name in columns if name.startswith("frequency/")]
    if not fields:
        return pl.lit(None, dtype=pl.Float64)
    number = pl.element().str.extract(r"([0-9.eE+-]+)$").cast(pl.Float64, strict=False)
    return pl.max_horizontal(pl.col(name).str.split("&").list.eval(number).list.max() for name in fields)
