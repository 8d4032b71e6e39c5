"""A block of patients: everything about them before a file is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.synthetic.alterations import Alterations, draw_alterations
from kohort.synthetic.course import Course, Lives, draw_course
from kohort.synthetic.frequencies import copy_number_rates, fusions, genes, mutation_rates
from kohort.synthetic.lifetimes import DAYS_A_YEAR
from kohort.synthetic.model import Hospital
from kohort.synthetic.population import ORDINARY, UNTESTED, People, draw_people
from kohort.synthetic.variants import VariantPlaces, draw_passengers

__all__ = ["LAST_FOLLOW_UP", "NOT_READ", "Block", "Calendar", "Identities", "Samples", "draw_block"]

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

FIRST_DIAGNOSIS = np.datetime64("2010-01-01", "D")
LAST_FOLLOW_UP = np.datetime64("2025-06-30", "D")
LEAST_FOLLOW_UP_DAYS = 90.0
SECOND_SAMPLE_SHARE = 0.06
REFERRED_METASTASIS_SHARE = 0.5
NOT_READ = -9  # copy number of a gene that the test does not read
PASSENGER_SHARE = 0.7  # of the burden: the rest stands for the driver mutations


class Identities(Protocol):
    """Gives out patient ids, each once."""

    def draw(self, born: NDArray[np.datetime64], female: Truths) -> tuple[pl.Series, NDArray[np.datetime64]]:
        """Ids for people of these birth days, and their birth days."""
        ...


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates of each patient.

    Attributes:
        born: (n,) day of birth.
        diagnosed: (n,) day of diagnosis.
        last_day: (n,) days from diagnosis to death or to the end of follow-up.
        dead: (n,) died within follow-up.
    """

    born: NDArray[np.datetime64]
    diagnosed: NDArray[np.datetime64]
    last_day: NDArray[np.float64]
    dead: Truths


@dataclass(frozen=True, slots=True)
class Samples:
    """Tumour samples; the first of each patient come first, in the patients' order.

    Attributes:
        ids: sample ids.
        patient: place of the patient.
        metastasis: taken from a metastasis.
        purity: share of tumour cells.
        panel: place in the hospital's panels, or `UNTESTED`.
        variants: what the tests found.
        copies: (s, K) copy number as far as read, else `NOT_READ`; columns of `copy_number_rates`.
        fused: (s, F) fusions found.
    """

    ids: pl.Series
    patient: Ints
    metastasis: Truths
    purity: NDArray[np.float64]
    panel: Ints
    variants: VariantPlaces
    copies: NDArray[np.int8]
    fused: Truths


@dataclass(frozen=True, slots=True)
class Block:
    """Some patients of one hospital."""

    ids: pl.Series
    people: People
    alterations: Alterations
    course: Course
    calendar: Calendar
    samples: Samples


def _draw_calendar(
    rng: np.random.Generator, people: People, lives: Lives, identities: Identities
) -> tuple[pl.Series, Calendar]:
    """Dates and ids together, because a Norwegian number carries the birth date."""
    period = float((LAST_FOLLOW_UP - FIRST_DIAGNOSIS).astype(np.int64))
    latest = np.maximum(period - np.maximum(LEAST_FOLLOW_UP_DAYS, lives.alive_until), 0.0)
    diagnosed = FIRST_DIAGNOSIS + (rng.random(len(people)) * latest).astype(np.int64)
    ids, born = identities.draw(diagnosed - (people.age * DAYS_A_YEAR).astype(np.int64), people.female)
    followed = (LAST_FOLLOW_UP - diagnosed).astype(np.float64)
    death = np.ceil(lives.death)
    return ids, Calendar(born, diagnosed, np.minimum(death, followed), death <= followed)


def _find_variants(
    rng: np.random.Generator, hospital: Hospital, block: Alterations, patient: Ints, panel: Ints
) -> VariantPlaces:
    """What the tests read: drivers on the panel, and passengers by burden and size of the panel."""
    parts: list[VariantPlaces] = []
    gene = mutation_rates().gene[block.column]
    first_of = np.searchsorted(block.patient, patient)
    number = np.searchsorted(block.patient, patient, side="right") - first_of
    sample = np.repeat(np.arange(len(patient)), number)
    hit = np.repeat(first_of - np.r_[0, number.cumsum()[:-1]], number) + np.arange(number.sum())
    for place, use in enumerate(hospital.panels):
        readable = genes().panels[use.genes]
        seen = (panel[sample] == place) & readable[gene[hit]]
        parts.append(VariantPlaces(sample[seen], gene[hit[seen]], block.allele[hit[seen]]))
        expected = np.where(panel == place, block.burden[patient] * use.megabases * PASSENGER_SHARE, 0.0)
        parts.append(draw_passengers(rng, expected, readable))
    sample, gene, allele = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("sample", "gene", "allele")
    )
    # One variant a gene and sample. Of two the hotspot stays, so no biomarker is lost and no line is a copy.
    order = np.lexsort((-allele, gene, sample))
    sample, gene, allele = sample[order], gene[order], allele[order]
    first = np.r_[True, (sample[1:] != sample[:-1]) | (gene[1:] != gene[:-1])][: len(sample)]
    return VariantPlaces(sample[first], gene[first], allele[first])


def _mask_copies(hospital: Hospital, copies: NDArray[np.int8], panel: Ints) -> NDArray[np.int8]:
    """Copy number where a panel reads the gene, `NOT_READ` elsewhere."""
    read = np.zeros(copies.shape, dtype=bool)
    for place, use in enumerate(hospital.panels):
        if use.copy_number:
            read |= (panel == place)[:, None] & genes().panels[use.genes][copy_number_rates().gene]
    return np.where(read, copies, np.int8(NOT_READ))


def _mask_fusions(hospital: Hospital, fused: Truths, panel: Ints) -> Truths:
    """Fusions that a panel reads."""
    read = np.zeros(fused.shape, dtype=bool)
    for place, use in enumerate(hospital.panels):
        if use.copy_number:
            read |= (panel == place)[:, None] & genes().panels[use.genes][fusions().read_by]
    return fused & read


def _draw_samples(
    rng: np.random.Generator, hospital: Hospital, people: People, alterations: Alterations, first: int
) -> Samples:
    """One sample of each patient, a second of some; ``first`` is the number of the block's first patient."""
    count = len(people)
    again = np.flatnonzero((rng.random(count) < SECOND_SAMPLE_SHARE) & (people.panel != UNTESTED))
    patient = np.r_[np.arange(count), again]
    spread = (people.cohort != ORDINARY) & (rng.random(count) < REFERRED_METASTASIS_SHARE)
    panel = people.panel[patient]
    serial = pl.Series(first + patient + 1).cast(pl.String).str.zfill(8)
    letter = pl.Series(["A"] * count + ["B"] * len(again))
    return Samples(
        ids=f"{hospital.id_prefix}-S" + serial + letter,
        patient=patient,
        metastasis=np.r_[spread, np.ones(len(again), dtype=bool)],
        purity=np.clip(0.55 + 0.18 * rng.standard_normal(len(patient)), 0.1, 0.95).round(2),
        panel=panel,
        variants=_find_variants(rng, hospital, alterations, patient, panel),
        copies=_mask_copies(hospital, alterations.copies[patient], panel),
        fused=_mask_fusions(hospital, alterations.fused[patient], panel),
    )


def draw_block(rng: np.random.Generator, hospital: Hospital, count: int, first: int, identities: Identities) -> Block:
    """Draws ``count`` patients.

    Args:
        rng: random numbers of this block alone.
        hospital: their hospital.
        count: number of patients.
        first: how many patients the blocks before had.
        identities: the hospital's source of ids.
    """
    people = draw_people(rng, count, hospital)
    alterations = draw_alterations(rng, people)
    course = draw_course(rng, people, alterations)
    ids, calendar = _draw_calendar(rng, people, course.lives, identities)
    samples = _draw_samples(rng, hospital, people, alterations, first)
    return Block(ids, people, alterations, course, calendar, samples)
