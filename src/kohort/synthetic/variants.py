"""Small variants as rows of a mutation annotation file: hotspots at their true place, all others invented.

An invented variant stands at a random base between the first and the last coding base of its gene on GRCh37, so gene,
chromosome and locus agree, but the base, the codon and the protein change are made up and mean nothing.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.synthetic.alterations import NO_HOTSPOT
from kohort.synthetic.frequencies import alleles, genes

__all__ = ["MUTATION_COLUMNS", "VariantPlaces", "draw_passengers", "variant_frame"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MUTATION_COLUMNS = (
    "Hugo_Symbol",
    "NCBI_Build",
    "Chromosome",
    "Start_Position",
    "End_Position",
    "Variant_Classification",
    "Variant_Type",
    "Reference_Allele",
    "Tumor_Seq_Allele2",
    "Tumor_Sample_Barcode",
    "HGVSp_Short",
    "t_depth",
    "t_vaf",
)
MISSENSE, NONSENSE, FRAME_DELETION, FRAME_INSERTION, SPLICE, IN_FRAME_DELETION = range(6)
CLASSES = (
    "Missense_Mutation",
    "Nonsense_Mutation",
    "Frame_Shift_Del",
    "Frame_Shift_Ins",
    "Splice_Site",
    "In_Frame_Del",
)
TYPES = ("SNP", "SNP", "DEL", "INS", "SNP", "DEL")
_TRUNCATING = np.cumsum([0.40, 0.28, 0.13, 0.19])  # of nonsense, deletion, insertion, splice site
_IN_FRAME_SHARE = 0.05
_BASES = pl.Series(["A", "C", "G", "T"])
_RESIDUES = pl.Series(list("ACDEFGHIKLMNPQRSTVWY"))
MEDIAN_DEPTH, BLANK_SHARE, MOST_PASSENGERS = 420.0, 0.04, 250


@dataclass(frozen=True, slots=True)
class VariantPlaces:
    """Variants before they are written out, one place each.

    Attributes:
        sample: place of the sample.
        gene: place in `Genes`.
        allele: place in `alleles`, or `NO_HOTSPOT`.
    """

    sample: Ints
    gene: Ints
    allele: Ints


def draw_passengers(rng: np.random.Generator, expected: Floats, readable: NDArray[np.bool_]) -> VariantPlaces:
    """Variants without meaning, at most one a gene and sample.

    Args:
        rng: random numbers.
        expected: (s,) expected number in each sample.
        readable: (G,) genes that the panel reads; longer proteins are hit more often.
    """
    number = np.minimum(rng.poisson(expected), MOST_PASSENGERS)
    sample = np.repeat(np.arange(len(expected)), number)
    weight = np.where(readable, genes().residues, 0).cumsum()
    gene = np.searchsorted(weight, rng.random(len(sample)) * weight[-1], side="right")
    keys = np.unique(sample * len(weight) + gene)
    return VariantPlaces(keys // len(weight), keys % len(weight), np.full(len(keys), NO_HOTSPOT))


def _classes(rng: np.random.Generator, gene: Ints) -> Ints:
    truncates = rng.random(len(gene)) < genes().truncating[gene]
    kind = NONSENSE + np.searchsorted(_TRUNCATING, rng.random(len(gene)), side="right")
    other = np.where(rng.random(len(gene)) < _IN_FRAME_SHARE, IN_FRAME_DELETION, MISSENSE)
    return np.where(truncates, np.minimum(kind, SPLICE), other)


def _letters(pool: pl.Series, places: Ints) -> pl.Series:
    return pool.gather(pl.Series(places, dtype=pl.UInt32))


def _other(rng: np.random.Generator, first: Ints, size: int) -> Ints:
    """A place among ``size`` that differs from the first."""
    return (first + rng.integers(1, size, len(first))) % size


def _invented(rng: np.random.Generator, gene: Ints) -> pl.DataFrame:
    """Invented variants of these genes, without sample, depth and VAF."""
    known, count = genes(), len(gene)
    kind = _classes(rng, gene)
    start = known.start[gene] + (rng.random(count) * (known.end[gene] - known.start[gene] - 3)).astype(np.int64)
    residue = 2 + (rng.random(count) * (known.residues[gene] - 3)).astype(np.int64)
    length = np.select([kind == FRAME_INSERTION, kind == IN_FRAME_DELETION], [2, 3], 1)
    exon = 1 + residue * known.exons[gene] // (known.residues[gene] + 1)
    base, amino = rng.integers(0, 4, count), rng.integers(0, 20, count)
    columns = {
        "gene": pl.Series(gene, dtype=pl.UInt32),
        "kind": pl.Series(kind, dtype=pl.UInt32),
        "Start_Position": pl.Series(start),
        "End_Position": pl.Series(start + length - 1),
        "residue": pl.Series(residue),
        "from": _letters(_RESIDUES, amino),
        "to": _letters(_RESIDUES, _other(rng, amino, 20)),
        "base": _letters(_BASES, base),
        "base_to": _letters(_BASES, _other(rng, base, 4)),
        "bases_more": _letters(_BASES, rng.integers(0, 4, count)) + _letters(_BASES, rng.integers(0, 4, count)),
        "frame": pl.Series(rng.integers(2, 60, count)),
        "Exon_Number": pl.Series(exon).cast(pl.String) + "/" + pl.Series(known.exons[gene]).cast(pl.String),
    }
    return pl.DataFrame(columns).select(*_invented_columns())


def _invented_columns() -> list[pl.Expr]:
    """How the parts of an invented variant become columns of the file."""
    known, kind = genes(), pl.col("kind")
    residue = pl.concat_str("from", "residue")
    protein = (
        pl.when(kind == MISSENSE)
        .then(pl.concat_str(residue, "to"))
        .when(kind == NONSENSE)
        .then(pl.concat_str(residue, pl.lit("*")))
        .when(kind.is_in([FRAME_DELETION, FRAME_INSERTION]))
        .then(pl.concat_str(residue, "to", pl.lit("fs*"), "frame"))
        .when(kind == SPLICE)
        .then(pl.concat_str(pl.lit("X"), "residue", pl.lit("_splice")))
        .otherwise(pl.concat_str(residue, pl.lit("del")))
    )
    deleted = pl.concat_str("base", "bases_more")

    def of_gene(values: tuple[str, ...]) -> pl.Expr:
        return pl.lit(pl.Series(values)).gather(pl.col("gene"))

    return [
        of_gene(known.symbols).alias("Hugo_Symbol"),
        of_gene(known.chromosomes).alias("Chromosome"),
        pl.col("Start_Position", "End_Position"),
        pl.lit(pl.Series(CLASSES)).gather(kind).alias("Variant_Classification"),
        pl.lit(pl.Series(TYPES)).gather(kind).alias("Variant_Type"),
        pl.when(kind == FRAME_INSERTION)
        .then(pl.lit("-"))
        .when(kind == IN_FRAME_DELETION)
        .then(deleted)
        .otherwise("base")
        .alias("Reference_Allele"),
        pl.when(kind.is_in([FRAME_DELETION, IN_FRAME_DELETION]))
        .then(pl.lit("-"))
        .otherwise("base_to")
        .alias("Tumor_Seq_Allele2"),
        pl.concat_str(pl.lit("p."), protein).alias("HGVSp_Short"),
        pl.col("Exon_Number"),
    ]


@functools.cache
def _hotspots() -> pl.DataFrame:
    """All hotspot variants in the order of `alleles`, in the columns of `_invented`."""
    known, where = alleles(), genes()
    lengths = np.array([len(reference) for reference in known.reference])
    types = ["DEL" if new == "-" else "DNP" if len(new) == 2 else "SNP" for new in known.alternative]
    return pl.DataFrame(
        {
            "Hugo_Symbol": [where.symbols[place] for place in known.gene],
            "Chromosome": [where.chromosomes[place] for place in known.gene],
            "Start_Position": known.position,
            "End_Position": known.position + lengths - 1,
            "Variant_Classification": known.classification,
            "Variant_Type": types,
            "Reference_Allele": known.reference,
            "Tumor_Seq_Allele2": known.alternative,
            "HGVSp_Short": known.protein,
            "Exon_Number": known.exon,
        }
    )


def variant_frame(rng: np.random.Generator, variants: VariantPlaces, purity: Floats) -> pl.DataFrame:
    """Rows of the mutation file in the order of ``variants``; the sample is a place, column ``sample``.

    Args:
        rng: random numbers.
        variants: what to write.
        purity: (s,) share of tumour cells in each sample; half of it is the expected VAF.

    Returns:
        `MUTATION_COLUMNS` and ``Exon_Number``; ``sample`` instead of ``Tumor_Sample_Barcode``.
    """
    hot = variants.allele != NO_HOTSPOT
    places = np.r_[np.flatnonzero(hot), np.flatnonzero(~hot)]
    parts = [_hotspots()[variants.allele[hot]], _invented(rng, variants.gene[~hot])]
    rows = pl.concat(parts, how="vertical_relaxed")[np.argsort(places)]
    count = len(places)
    depth = np.maximum(30, MEDIAN_DEPTH * np.exp(0.45 * rng.standard_normal(count))).astype(np.int64)
    vaf = np.clip(purity[variants.sample] / 2 * np.exp(0.35 * rng.standard_normal(count)), 0.02, 0.98)
    blank = pl.Series(rng.random(count) < BLANK_SHARE)
    return rows.with_columns(
        pl.lit("GRCh37").alias("NCBI_Build"),
        pl.Series("sample", variants.sample),
        pl.when(~blank).then(pl.Series(depth)).alias("t_depth"),
        pl.when(~blank).then(pl.Series(vaf).round(4)).alias("t_vaf"),
    )
