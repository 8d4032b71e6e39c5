"""What a tumour carries, before any test has looked: driver mutations, copy number, fusions, burden, instability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kohort.synthetic.frequencies import alleles, copy_number_rates, fusions, mutation_rates, tumours
from kohort.synthetic.population import ORDINARY, People
from kohort.synthetic.regimens import Biomarker, regimens

__all__ = ["NO_HOTSPOT", "TMB_HIGH", "Alterations", "draw_alterations"]

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

NO_HOTSPOT = -1
TMB_HIGH = 16.0  # mutations per megabase: the cut-off of MyPathway (Friedman et al., Cancer Discov 2022)
MSI_MEDIAN_TMB = 35.0
SHALLOW_SHARE = 0.10
# Drivers that hardly ever stand together in one tumour (Sanchez-Vega et al., Cell 2018;173:321-337).
EXCLUSIVE = (("KRAS", "NRAS", "HRAS", "BRAF", "EGFR"), ("IDH1", "IDH2"), ("GNAQ", "GNA11"))


@dataclass(frozen=True, slots=True)
class Alterations:
    """A block of tumours.

    Attributes:
        burden: (n,) mutations per megabase.
        unstable: (n,) high microsatellite instability.
        patient: (m,) patient of each driver mutation, ascending.
        column: (m,) its column in `mutation_rates`.
        allele: (m,) its place in `alleles`, or `NO_HOTSPOT`.
        copies: (n, K) discrete copy number -2 to 2, columns of `copy_number_rates`.
        fused: (n, F) fusions, columns of `fusions`.
    """

    burden: NDArray[np.float64]
    unstable: Truths
    patient: Ints
    column: Ints
    allele: Ints
    copies: NDArray[np.int8]
    fused: Truths

    def has(self, biomarker: Biomarker) -> Truths:
        """(n,) which tumours carry the biomarker."""
        match biomarker.kind:
            case "msi":
                return self.unstable
            case "tmb":
                return self.burden >= TMB_HIGH
            case "fusion":
                return self.fused[:, fusions().index[biomarker.gene]]
            case "amplification":
                return self.copies[:, copy_number_rates().column[biomarker.gene]] == 2
            case "deletion":
                return self.copies[:, copy_number_rates().column[biomarker.gene]] == -2
        hit = self.column == mutation_rates().column[biomarker.gene]
        if biomarker.change:
            hit &= self.allele == alleles().index[f"{biomarker.gene}:{biomarker.change}"]
        found = np.zeros(len(self.burden), dtype=bool)
        found[self.patient[hit]] = True
        return found


def _required(people: People) -> list[tuple[Biomarker, Ints]]:
    """The biomarkers that referred patients must have, with the patients."""
    treatments = regimens()
    required = []
    for number in np.unique(people.cohort[people.cohort != ORDINARY]):
        biomarkers = treatments.all[treatments.cohorts[number]].biomarkers
        for choice, biomarker in enumerate(biomarkers):
            members = np.flatnonzero((people.cohort == number) & (people.alternative == choice))
            required.append((biomarker, members))
    return required


def _draw_copies(rng: np.random.Generator, people: People) -> NDArray[np.int8]:
    rates = copy_number_rates()
    chance = rng.random((len(people), len(rates.gene)))
    up, down = rates.up[people.tumour], rates.down[people.tumour]
    copies = np.zeros(chance.shape, dtype=np.int8)
    copies[chance > 1 - SHALLOW_SHARE] = 1
    copies[chance > 1 - SHALLOW_SHARE / 2] = -1
    copies[chance < up + down] = -2
    copies[chance < up] = 2
    return copies


def _draw_hits(rng: np.random.Generator, tumour: Ints) -> Truths:
    """(n, J) which genes are mutated; of each group in `EXCLUSIVE` at most one, with its own rate kept."""
    rates = mutation_rates()
    hit = rng.random((len(tumour), len(rates.gene))) < rates.up[tumour]
    for group in EXCLUSIVE:
        columns = [rates.column[symbol] for symbol in group]
        share = rates.up[tumour][:, columns]
        running = share.cumsum(axis=1)
        chance = rng.random((len(tumour), 1))
        hit[:, columns] = (chance < running) & (chance >= running - share)
    return hit


def _exclude(hit: Truths, gene: str, members: Ints) -> None:
    """Takes away what stands in one group with a gene that these patients have for certain."""
    column = mutation_rates().column
    for group in EXCLUSIVE:
        if gene in group:
            for other in group:
                hit[members, column[other]] = False


def _draw_hotspots(rng: np.random.Generator, tumour: Ints, column: Ints) -> Ints:
    """Which hotspot each driver mutation is, by the tumour's shares."""
    known = alleles()
    running = known.cumulative[tumour, column]
    choice = (rng.random(len(tumour))[:, None] >= running).sum(axis=1)
    inside = choice < running.shape[1]
    chosen = known.choice[tumour, column, np.minimum(choice, running.shape[1] - 1)]
    return np.where(inside, chosen, NO_HOTSPOT)


@dataclass
class _Draft:
    """Alterations while they are drawn."""

    hit: Truths
    copies: NDArray[np.int8]
    fused: Truths
    unstable: Truths
    needs_burden: Truths
    exact: list[tuple[int, int, Ints]]

    def require(self, biomarker: Biomarker, members: Ints) -> None:
        """Gives these patients the biomarker for certain."""
        match biomarker.kind:
            case "msi":
                self.unstable[members] = True
            case "tmb":
                self.needs_burden[members] = True
            case "fusion":
                self.fused[members, fusions().index[biomarker.gene]] = True
            case "amplification":
                self.copies[members, copy_number_rates().column[biomarker.gene]] = 2
            case "deletion":
                self.copies[members, copy_number_rates().column[biomarker.gene]] = -2
            case _:
                column = mutation_rates().column[biomarker.gene]
                _exclude(self.hit, biomarker.gene, members)
                self.hit[members, column] = True
                if biomarker.change:
                    allele = alleles().index[f"{biomarker.gene}:{biomarker.change}"]
                    self.exact.append((column, allele, members))


def draw_alterations(rng: np.random.Generator, people: People) -> Alterations:
    """Alterations by the cited frequencies; a referred patient has the biomarker of the cohort for certain."""
    known, count = tumours(), len(people)
    draft = _Draft(
        hit=_draw_hits(rng, people.tumour),
        copies=_draw_copies(rng, people),
        fused=rng.random((count, len(fusions().names))) < fusions().rate[people.tumour],
        unstable=rng.random(count) < known.msi[people.tumour],
        needs_burden=np.zeros(count, dtype=bool),
        exact=[],
    )
    spread = np.exp(0.7 * rng.standard_normal(count))
    raised = TMB_HIGH + rng.exponential(8.0, count)
    for biomarker, members in _required(people):
        draft.require(biomarker, members)
    burden = np.where(draft.unstable, MSI_MEDIAN_TMB, known.tmb[people.tumour]) * spread
    burden = np.where(draft.needs_burden, np.maximum(burden, raised), burden)
    patient, column = np.nonzero(draft.hit)
    allele = _draw_hotspots(rng, people.tumour[patient], column)
    for wanted, place, members in draft.exact:
        allele[(column == wanted) & np.isin(patient, members)] = place
    return Alterations(burden, draft.unstable, patient, column, allele, draft.copies, draft.fused)
