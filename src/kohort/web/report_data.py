"""What the report of a run shows, as plain values. Every number is made elsewhere; ``web`` only shows.

``ReportData`` is the whole page; the other classes are its parts, in the order of the page. Those of cohorts and
survival are in ``outcome_data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Literal

from kohort.web.cells import Count, check_count, check_parts, is_hidden
from kohort.web.outcome_data import CohortRow, CurveSet, ErrorRates

__all__ = [
    "BiomarkerRow",
    "CriterionLine",
    "FindingRow",
    "GeneRow",
    "Oncoprint",
    "OncoprintCell",
    "PatientBiomarkers",
    "ReportData",
    "Severity",
    "SiteSummary",
    "Step",
    "TumourCounts",
    "TumourRow",
    "VerdictExplanation",
]

Severity = Literal["error", "warning", "note"]

MOST_KINDS = 6
"""Kinds of alteration that can be told apart by colour and pattern."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One kind of fault in one file, with the way to mend it.

    Attributes:
        rule: name of the rule, e.g. ``"unknown OncoTree code"``.
        severity: ``error`` lines were set aside, ``warning`` lines kept as written, a ``note`` is for information.
        file: name of the file as the site sent it.
        line: first physical line it was found on, from 1; None if it concerns the whole file.
        column: column's name; empty if it concerns the line.
        count: lines with this fault.
        message: what is wrong.
        remedy: what to do about it.
    """

    rule: str
    severity: Severity
    file: str
    line: int | None
    column: str
    count: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """One site: what it sent and what came of it.

    Attributes:
        name: the hospital's or registry's name; unique in a report.
        country: country in words or as a two-letter code; empty if it is not known.
        files: files read.
        lines: physical lines read.
        accepted: lines that became rows.
        quarantined: lines set aside with a rule and a reason.
        patients: patients.
        tested: patients with a molecular test.
        variants: variant rows.
        therapies: therapy rows.
        deaths: patients known to have died.
        findings: faults, most important first.
    """

    name: str
    country: str
    files: int
    lines: int
    accepted: int
    quarantined: int
    patients: Count
    tested: Count
    variants: Count
    therapies: Count
    deaths: Count
    findings: tuple[FindingRow, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an unnamed site and numbers that are none."""
        if not self.name.strip():
            raise ValueError("a site has a name")
        for name in ("files", "lines", "accepted", "quarantined"):
            if is_hidden(getattr(self, name)):
                raise ValueError(f"{name}: lines of files are never hidden")
        for name in (
            "files",
            "lines",
            "accepted",
            "quarantined",
            "patients",
            "tested",
            "variants",
            "therapies",
        ):
            check_count(getattr(self, name), name)
        check_count(self.deaths, "deaths")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from all patients to those treated in a cohort.

    Attributes:
        label: who is counted, e.g. ``"with a known biomarker"``.
        by_site: patients by the site's name; None where the site cannot say.
        total: patients over all sites.
        is_key: the summary at the top of the page names this step.
    """

    label: str
    by_site: Mapping[str, Count | None]
    total: Count
    is_key: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that are none, and a total that gives a site's hidden number away."""
        for count in (*self.by_site.values(), self.total):
            check_count(count, f"step {self.label!r}")
        check_parts(self.by_site.values(), self.total, f"Step {self.label!r}")


@dataclass(frozen=True, slots=True)
class OncoprintCell:
    """One gene in one group of tumours.

    Attributes:
        tested: patients of the group in whom the gene was tested.
        count: patients with an alteration of the gene.
        share: ``count / tested``, from 0 to 1; None if one of them is hidden.
        kinds: patients by kind of alteration, each patient once (by the weightiest); empty if not to be shown.
    """

    tested: Count
    count: Count
    share: float | None
    kinds: Mapping[str, Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse shares and parts that give a hidden number away."""
        for count in (self.tested, self.count, *self.kinds.values()):
            check_count(count, "oncoprint cell")
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError("oncoprint cell: a share lies between 0 and 1")
        if is_hidden(self.count) and (self.share is not None or self.kinds):
            raise ValueError("oncoprint cell: a hidden count has neither a share nor kinds")
        check_parts(self.kinds.values(), self.count, "Oncoprint cell")


@dataclass(frozen=True, slots=True)
class GeneRow:
    """One gene over the groups of tumours.

    Attributes:
        gene: approved symbol.
        cells: one for each group of ``Oncoprint.tumours``; None where nobody was tested for the gene.
    """

    gene: str
    cells: tuple[OncoprintCell | None, ...]


@dataclass(frozen=True, slots=True)
class Oncoprint:
    """Altered genes by tumour type, without any patient's row.

    Attributes:
        tumours: names of the groups, one column each.
        kinds: kinds of alteration in the order in which they are stacked; six at most.
        rows: genes, most often altered first.
    """

    tumours: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[GeneRow, ...]

    def __post_init__(self) -> None:
        """Refuse a ragged matrix and kinds that have no pattern."""
        if len(self.kinds) > MOST_KINDS:
            raise ValueError(f"an oncoprint shows {MOST_KINDS} kinds of alteration at most")
        for row in self.rows:
            if len(row.cells) != len(self.tumours):
                raise ValueError(f"gene {row.gene}: {len(row.cells)} cells for {len(self.tumours)} tumour types")
            kinds = set(chain.from_iterable(cell.kinds for cell in row.cells if cell))
            if kinds - set(self.kinds):
                raise ValueError(f"gene {row.gene}: a kind of alteration that is not in the list of kinds")


@dataclass(frozen=True, slots=True)
class TumourRow:
    """One tumour type: patients with each alteration.

    Attributes:
        tumour: name of the tumour type.
        patients: patients with this tumour type.
        cells: one for each of ``TumourCounts.alterations``; None where nobody was tested.
    """

    tumour: str
    patients: Count
    cells: tuple[Count | None, ...]


@dataclass(frozen=True, slots=True)
class TumourCounts:
    """Patients with chosen alterations, by tumour type.

    Attributes:
        alterations: gene and alteration, e.g. ``"BRAF V600E"``; one column each.
        rows: tumour types.
        total: the same over all tumour types; None to leave it out.
    """

    alterations: tuple[str, ...]
    rows: tuple[TumourRow, ...]
    total: TumourRow | None = None

    def __post_init__(self) -> None:
        """Refuse a ragged table, and totals that give a hidden cell away."""
        for row in (*self.rows, *([self.total] if self.total else [])):
            if len(row.cells) != len(self.alterations):
                raise ValueError(f"{row.tumour}: {len(row.cells)} cells for {len(self.alterations)} alterations")
            for count in (row.patients, *row.cells):
                check_count(count, row.tumour)
        if self.total:
            check_parts([row.patients for row in self.rows], self.total.patients, "Tumours: patients")
            for column, name in enumerate(self.alterations):
                parts = [row.cells[column] or 0 for row in self.rows]
                check_parts(parts, self.total.cells[column], f"Tumours: {name}")


@dataclass(frozen=True, slots=True)
class BiomarkerRow:
    """One alteration x one piece of evidence, with its source.

    Attributes:
        gene: approved symbol.
        alteration: normalised, e.g. ``"p.V600E"``.
        as_written: as it stands in the report.
        drug: drug or combination, in INN.
        direction: ``sensitive``, ``resistant`` or another word of the pack.
        level: level of evidence with its scale, e.g. ``"ESCAT I-A"``.
        tumour_relation: ``same tumour type``, ``other tumour type``, ``any``.
        jurisdiction: where it holds, e.g. ``"EU"``.
        source: pack and id of the statement.
        date: ISO date of the statement.
        tier: AMP/ASCO/CAP tier, e.g. ``"I-A"``; empty where there is none.
        rule: the rule that gave the tier, in words.
    """

    gene: str
    alteration: str
    as_written: str
    drug: str
    direction: str
    level: str
    tumour_relation: str
    jurisdiction: str
    source: str
    date: str
    tier: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion and what the patient's record says to it.

    Attributes:
        criterion: in words.
        value: True (holds), False (does not), None (unknown).
        sentence: why; for an unknown, the fact that would settle it.
    """

    criterion: str
    value: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class VerdictExplanation:
    """Why a patient fits a cohort, does not, or may.

    Attributes:
        cohort: id and title of the cohort.
        value: True (eligible), False (not eligible), None (unknown).
        sentence: the verdict in one sentence.
        lines: its criteria.
    """

    cohort: str
    value: bool | None
    sentence: str
    lines: tuple[CriterionLine, ...]


@dataclass(frozen=True, slots=True)
class PatientBiomarkers:
    """One patient's alterations with what is known of them.

    Attributes:
        label: pseudonym for people, e.g. ``"Patient A"``.
        tumour: tumour type in words.
        rows: biomarkers, strongest evidence first.
        explanation: one verdict, explained; None if no cohort concerns the patient.
    """

    label: str
    tumour: str
    rows: tuple[BiomarkerRow, ...]
    explanation: VerdictExplanation | None = None


@dataclass(frozen=True, slots=True)
class ReportData:
    """The whole report.

    Attributes:
        title: heading of the page.
        subtitle: one sentence under it: which data, split how.
        made_on: ISO date on which the report was made; given, so that the same data give the same page.
        versions: what made the numbers: code, tables, packs, protocol.
        is_synthetic: nobody in the report ever lived.
        sites: sites in the order of all tables.
        funnel: from all patients to those treated in a cohort.
        oncoprint: altered genes by tumour type; None to leave the section out.
        tumour_counts: patients with chosen alterations; None to leave it out.
        cohorts: treatment cohorts.
        error_rates: what the design of the cohorts promises; None to leave it out.
        survival: one picture of curves each.
        patient: one patient's biomarkers; None to leave it out.
        notes: limits of what is shown, one sentence or two each.
    """

    title: str
    subtitle: str
    made_on: str
    versions: Mapping[str, str]
    is_synthetic: bool
    sites: tuple[SiteSummary, ...]
    funnel: tuple[Step, ...]
    oncoprint: Oncoprint | None = None
    tumour_counts: TumourCounts | None = None
    cohorts: tuple[CohortRow, ...] = ()
    error_rates: ErrorRates | None = None
    survival: tuple[CurveSet, ...] = ()
    patient: PatientBiomarkers | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a report without sites or steps, names used twice, and numbers of sites not listed."""
        date.fromisoformat(self.made_on)
        if not self.sites or not self.funnel:
            raise ValueError("a report has at least one site and one step")
        names = [site.name for site in self.sites]
        ids = [cohort.id for cohort in self.cohorts]
        if len(set(names)) < len(names) or len(set(ids)) < len(ids):
            raise ValueError("a site's name and a cohort's id stand once in a report")
        used = set(chain.from_iterable(part.by_site for part in (*self.funnel, *self.cohorts)))
        if used - set(names):
            raise ValueError("a step or a cohort counts patients of a site that is not listed")
