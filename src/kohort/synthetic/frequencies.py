"""The published frequencies as arrays: tumours, survival, genes, alterations.

Everything here is read from the cited tables (`kohort.synthetic.cited`) once and is never changed. Axes: ``T``
tumour types in the order of ``tumours.tsv``, ``G`` genes in the order of ``genes.tsv``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.synthetic.cited import cited_table, pairs

__all__ = [
    "STAGES",
    "Alleles",
    "AlterationRates",
    "Fusions",
    "Genes",
    "Survival",
    "Tumours",
    "alleles",
    "copy_number_rates",
    "fusions",
    "genes",
    "mutation_rates",
    "survival",
    "tumours",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STAGES = ("localised", "regional", "distant")


@dataclass(frozen=True, slots=True)
class Tumours:
    """Tumour types of a referral population.

    Attributes:
        codes: OncoTree codes.
        index: OncoTree code -> place in ``codes``.
        icd10: ICD-10 codes.
        histology: ICD-O-3 morphology, ``8140/3``.
        sites: most common site of spread.
        weight: share of the population, sums to 1.
        country: ISO country code -> incidence relative to the Nordic mean.
        female: share of women.
        age: mean age at diagnosis, years.
        age_sd: its standard deviation, years.
        tmb: median mutations per megabase.
        msi: probability of high microsatellite instability.
    """

    codes: tuple[str, ...]
    index: Mapping[str, int]
    icd10: tuple[str, ...]
    histology: tuple[str, ...]
    sites: tuple[str, ...]
    weight: Floats
    country: Mapping[str, Floats]
    female: Floats
    age: Floats
    age_sd: Floats
    tmb: Floats
    msi: Floats


@functools.cache
def tumours() -> Tumours:
    """Tumour types with their share, sex, age, burden and instability."""
    rows = cited_table("tumours").rows
    codes = tuple(row["oncotree"] for row in rows)

    def numbers(column: str) -> Floats:
        return np.array([float(row[column]) for row in rows])

    weight = numbers("weight")
    return Tumours(
        codes=codes,
        index={code: place for place, code in enumerate(codes)},
        icd10=tuple(row["icd10"] for row in rows),
        histology=tuple(row["histology"] for row in rows),
        sites=tuple(row["site"] for row in rows),
        weight=weight / weight.sum(),
        country={country: numbers(country) for country in ("NO", "SE", "DK")},
        female=numbers("female"),
        age=numbers("age"),
        age_sd=numbers("age_sd"),
        tmb=numbers("tmb"),
        msi=numbers("msi") / 100,
    )


@dataclass(frozen=True, slots=True)
class Survival:
    """Stage at diagnosis and cancer-specific survival.

    Attributes:
        stage: (T, 3) probability of each of `STAGES`.
        five_year: (T, 3) relative survival after five years, 0 to 1.
        shape: (T,) Weibull shape.
    """

    stage: Floats
    five_year: Floats
    shape: Floats


@functools.cache
def survival() -> Survival:
    """Stage shares and five-year relative survival of each tumour type."""
    by_code = {row["oncotree"]: row for row in cited_table("survival").rows}
    rows = [by_code[code] for code in tumours().codes]
    stage = np.array([[float(row[name]) for name in STAGES] for row in rows])
    return Survival(
        stage=stage / stage.sum(axis=1, keepdims=True),
        five_year=np.array([[float(row[f"s_{name}"]) / 100 for name in STAGES] for row in rows]),
        shape=np.array([float(row["shape"]) for row in rows]),
    )


@dataclass(frozen=True, slots=True)
class Genes:
    """Genes that some panel reads, with their place on GRCh37.

    Attributes:
        symbols: HGNC symbols.
        index: symbol -> place in ``symbols``.
        chromosomes: 1-22 or X.
        start: first base of the coding transcripts.
        end: last base of the coding transcripts.
        exons: number of coding exons.
        residues: length of the protein.
        truncating: probability that a variant outside the hotspots cuts the protein short.
        panels: panel size as text (``"161"``, ``"500"``) -> (G,) truth, is the gene on it.
    """

    symbols: tuple[str, ...]
    index: Mapping[str, int]
    chromosomes: tuple[str, ...]
    start: Ints
    end: Ints
    exons: Ints
    residues: Ints
    truncating: Floats
    panels: Mapping[str, NDArray[np.bool_]]


@functools.cache
def genes() -> Genes:
    """All genes of the invented panels."""
    rows = cited_table("genes").rows
    symbols = tuple(row["symbol"] for row in rows)

    def integers(column: str) -> Ints:
        return np.array([int(row[column]) for row in rows], dtype=np.int64)

    panels = {size: np.array([size in row["panels"].split(",") for row in rows]) for size in ("161", "500")}
    return Genes(
        symbols=symbols,
        index={symbol: place for place, symbol in enumerate(symbols)},
        chromosomes=tuple(row["chromosome"] for row in rows),
        start=integers("start"),
        end=integers("end"),
        exons=integers("exons"),
        residues=integers("residues"),
        truncating=integers("truncating") / 100,
        panels=panels,
    )


@dataclass(frozen=True, slots=True)
class AlterationRates:
    """How often genes are altered, by tumour.

    Attributes:
        gene: (J,) places in `Genes`.
        column: gene symbol -> column of the rate arrays.
        up: (T, J) probability of a mutation, or of a high amplification.
        down: (T, J) probability of a deep deletion; zero for mutations.
    """

    gene: Ints
    column: Mapping[str, int]
    up: Floats
    down: Floats


def _rates(table: str, always: tuple[str, ...] = ()) -> AlterationRates:
    known, place = genes(), tumours().index
    cells = [(row["oncotree"], *pair) for row in cited_table(table).rows for pair in pairs(row["genes"])]
    symbols = sorted({symbol for _, symbol, _ in cells} | set(always))
    column = {symbol: number for number, symbol in enumerate(symbols)}
    rates = np.zeros((len(place), len(symbols)))
    for code, symbol, percent in cells:
        rates[place[code], column[symbol]] = percent / 100
    gene = np.array([known.index[symbol] for symbol in symbols], dtype=np.int64)
    return AlterationRates(gene, column, np.maximum(rates, 0), np.maximum(-rates, 0))


@functools.cache
def mutation_rates() -> AlterationRates:
    """Probability of a driver mutation by tumour and gene; PTCH1, only a cohort's biomarker, has a column too."""
    return _rates("mutations", always=("PTCH1",))


@functools.cache
def copy_number_rates() -> AlterationRates:
    """Probability of a high amplification and of a deep deletion by tumour and gene."""
    return _rates("copy_number")


@dataclass(frozen=True, slots=True)
class Fusions:
    """Driver fusions.

    Attributes:
        names: ``five_prime::three_prime``.
        index: name -> column of ``rate``.
        five: gene at the 5' end.
        five_chromosome: its chromosome.
        three: gene at the 3' end.
        three_chromosome: its chromosome.
        classes: cBioPortal class of the rearrangement.
        read_by: (F,) place in `Genes` of the partner that a panel must hold to see the fusion.
        rate: (T, F) probability.
    """

    names: tuple[str, ...]
    index: Mapping[str, int]
    five: tuple[str, ...]
    five_chromosome: tuple[str, ...]
    three: tuple[str, ...]
    three_chromosome: tuple[str, ...]
    classes: tuple[str, ...]
    read_by: Ints
    rate: Floats


@functools.cache
def fusions() -> Fusions:
    """Driver fusions with their probability by tumour."""
    rows, place, known = cited_table("fusions").rows, tumours().index, genes()
    rate = np.zeros((len(place), len(rows)))
    for number, row in enumerate(rows):
        for code, percent in pairs(row["tumours"]):
            rate[place[code], number] = percent / 100
    names = tuple(f"{row['five_prime']}::{row['three_prime']}" for row in rows)
    kinase = [row["five_prime"] if row["five_prime"].startswith("FGFR") else row["three_prime"] for row in rows]
    return Fusions(
        names=names,
        index={name: number for number, name in enumerate(names)},
        five=tuple(row["five_prime"] for row in rows),
        five_chromosome=tuple(row["five_chromosome"] for row in rows),
        three=tuple(row["three_prime"] for row in rows),
        three_chromosome=tuple(row["three_chromosome"] for row in rows),
        classes=tuple(row["class"] for row in rows),
        read_by=np.array([known.index[symbol] for symbol in kinase], dtype=np.int64),
        rate=rate,
    )


@dataclass(frozen=True, slots=True)
class Alleles:
    """Hotspot variants, and how often a gene's variant is one of them.

    Attributes:
        gene: (H,) places in `Genes`.
        protein: HGVS protein change, ``p.V600E``.
        position: (H,) first base on GRCh37.
        reference: base or bases on the forward strand.
        alternative: base or bases on the forward strand, ``-`` for a deletion.
        classification: MAF Variant_Classification.
        exon: ``15/18``, or empty where transcripts disagree.
        index: ``GENE:V600E`` -> place.
        cumulative: (T, J, K) running sum of shares for tumour, column of `mutation_rates`, choice.
        choice: (T, J, K) place of the hotspot that is the k-th choice.
    """

    gene: Ints
    protein: tuple[str, ...]
    position: Ints
    reference: tuple[str, ...]
    alternative: tuple[str, ...]
    classification: tuple[str, ...]
    exon: tuple[str, ...]
    index: Mapping[str, int]
    cumulative: Floats
    choice: Ints


def _shares(index: Mapping[str, int]) -> tuple[Floats, Ints]:
    """Running shares and hotspot places for each tumour and driver gene; a tumour's own row beats ``*``."""
    rows, rates, place = cited_table("hotspot_shares").rows, mutation_rates(), tumours().index
    width = max(len(row["proteins"].split()) for row in rows)
    shape = (len(place), len(rates.column), width)
    cumulative, choice = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for row in sorted(rows, key=lambda row: row["tumours"] != "*"):
        share = np.zeros(width)
        chosen = np.zeros(width, dtype=np.int64)
        for number, (protein, percent) in enumerate(pairs(row["proteins"])):
            share[number] = percent / 100
            chosen[number] = index[f"{row['gene']}:{protein}"]
        where = slice(None) if row["tumours"] == "*" else [place[code] for code in row["tumours"].split()]
        cumulative[where, rates.column[row["gene"]]] = share.cumsum()
        choice[where, rates.column[row["gene"]]] = chosen
    return cumulative, choice


@functools.cache
def alleles() -> Alleles:
    """Hotspot variants with their genomic place and their share of a gene's variants."""
    rows, known = cited_table("hotspots").rows, genes()
    index = {f"{row['gene']}:{row['protein'][2:]}": number for number, row in enumerate(rows)}
    cumulative, choice = _shares(index)
    return Alleles(
        gene=np.array([known.index[row["gene"]] for row in rows], dtype=np.int64),
        protein=tuple(row["protein"] for row in rows),
        position=np.array([int(row["position"]) for row in rows], dtype=np.int64),
        reference=tuple(row["reference"] for row in rows),
        alternative=tuple(row["alternative"] for row in rows),
        classification=tuple(row["classification"] for row in rows),
        exon=tuple(row["exon"] for row in rows),
        index=index,
        cumulative=cumulative,
        choice=choice,
    )
