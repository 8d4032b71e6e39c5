"""Treatments: standard regimens by tumour and line, treatment cohorts, and what makes a patient eligible."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kohort.synthetic.cited import cited_table
from kohort.synthetic.frequencies import tumours

__all__ = ["ADJUVANT", "COHORT", "Biomarker", "Regimen", "Regimens", "parse_biomarkers", "regimens"]

BiomarkerKind = Literal["mutation", "amplification", "deletion", "fusion", "msi", "tmb"]

ADJUVANT, COHORT = 0, 9


@dataclass(frozen=True, slots=True)
class Biomarker:
    """One alteration that a treatment asks for.

    Attributes:
        kind: what sort of alteration.
        gene: gene symbol, or ``five_prime::three_prime`` of a fusion; empty for MSI-H and TMB-H.
        change: protein change without ``p.``; empty for any mutation.
    """

    kind: BiomarkerKind
    gene: str = ""
    change: str = ""


def parse_biomarkers(text: str) -> tuple[Biomarker, ...]:
    """``"BRCA1 or BRAF:V600E or ERBB2:amplification or FGFR2::BICC1 or MSI-H"`` as alternatives; empty: none."""
    return tuple(_parse_one(part) for part in text.split(" or ")) if text else ()


def _parse_one(text: str) -> Biomarker:
    if text in {"MSI-H", "TMB-H"}:
        return Biomarker("msi" if text == "MSI-H" else "tmb")
    if "::" in text:
        return Biomarker("fusion", text)
    gene, _, change = text.partition(":")
    if change == "amplification":
        return Biomarker("amplification", gene)
    if change == "deletion":
        return Biomarker("deletion", gene)
    return Biomarker("mutation", gene, change)


@dataclass(frozen=True, slots=True)
class Regimen:
    """One or several drugs given together, for some tumours in some line.

    Attributes:
        drugs: international nonproprietary names.
        type: TREATMENT_TYPE as cBioPortal studies write it.
        line: `ADJUVANT`, 1 to 3 for advanced disease, or `COHORT`.
        tumours: places in `Tumours`.
        biomarkers: alternatives of which one must be there; empty: none needed.
        share: weight among the choices, or the probability given the biomarker.
        response: probability of complete response, partial response and stable disease.
    """

    drugs: tuple[str, ...]
    type: str
    line: int
    tumours: tuple[int, ...]
    biomarkers: tuple[Biomarker, ...]
    share: float
    response: tuple[float, float, float]

    def __post_init__(self) -> None:
        """Refuse response rates over 1."""
        if sum(self.response) > 1 + 1e-9:
            raise ValueError(f"{' + '.join(self.drugs)}: responses sum to more than 100 %")


@dataclass(frozen=True, slots=True)
class Regimens:
    """All regimens; the treatment cohorts come last.

    Attributes:
        all: (R,) regimens.
        cohorts: (C,) places of the treatment cohorts in ``all``.
        threshold: (R, 3) a response score above it is CR; CR or PR; CR, PR or SD. Standard normal scale.
        unconditional: (tumour, line) -> places and running shares of the regimens without a biomarker.
        conditional: places of the standard regimens with a biomarker.
    """

    all: tuple[Regimen, ...]
    cohorts: NDArray[np.int64]
    threshold: NDArray[np.float64]
    unconditional: Mapping[tuple[int, int], tuple[NDArray[np.int64], NDArray[np.float64]]]
    conditional: tuple[int, ...]


def _read(table: str) -> list[Regimen]:
    place = tumours().index
    return [
        Regimen(
            drugs=tuple(row["drugs"].split(" + ")),
            type=row["type"],
            line=COHORT if table == "cohorts" else ADJUVANT if row["line"] == "adjuvant" else int(row["line"]),
            tumours=tuple(place[code] for code in row["tumours"].split()),
            biomarkers=parse_biomarkers(row["biomarker"]),
            share=float(row["weight" if table == "cohorts" else "share"]) / 100,
            response=(float(row["cr"]) / 100, float(row["pr"]) / 100, float(row["sd"]) / 100),
        )
        for row in cited_table(table).rows
    ]


def _threshold(share: float) -> float:
    """The score that a share of people exceeds."""
    if share <= 0:
        return float("inf")
    return float("-inf") if share >= 1 else NormalDist().inv_cdf(1 - share)


@functools.cache
def regimens() -> Regimens:
    """Standard regimens and treatment cohorts of the cited tables."""
    standard, cohorts = _read("regimens"), _read("cohorts")
    choices: dict[tuple[int, int], list[int]] = {}
    for number, regimen in enumerate(standard):
        if not regimen.biomarkers:
            for tumour in regimen.tumours:
                choices.setdefault((tumour, regimen.line), []).append(number)

    def running(places: list[int]) -> NDArray[np.float64]:
        shares = np.array([standard[place].share for place in places]).cumsum()
        return shares / shares[-1]

    every = tuple(standard + cohorts)
    sums = [np.cumsum(regimen.response) for regimen in every]
    return Regimens(
        all=every,
        cohorts=np.arange(len(standard), len(every)),
        threshold=np.array([[_threshold(float(share)) for share in row] for row in sums]),
        unconditional={key: (np.array(places), running(places)) for key, places in choices.items()},
        conditional=tuple(number for number, regimen in enumerate(standard) if regimen.biomarkers),
    )
