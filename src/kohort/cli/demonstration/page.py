"""From pooled sums to the values of the report; every number of patients has passed the gate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

from kohort import __version__, cohort
from kohort.cli.demonstration import cohort_rows, patient, pictures
from kohort.cli.demonstration.door import Door, as_count, by_site
from kohort.cli.demonstration.sites import DemoSite
from kohort.cli.demonstration.sums import SiteSums, SiteWork
from kohort.codes import oncotree
from kohort.cohort import EIGHT_PLUS_SIXTEEN
from kohort.evidence import SuppressedTable
from kohort.match import Trial
from kohort.profile import Pack
from kohort.store import Finding
from kohort.tables import CLINICAL, CONTROL
from kohort.web import ErrorRates, FindingRow, RateRow, ReportData, SiteSummary, Step

__all__ = ["report_data"]

_FUNNEL = (
    "patients", "tested", "with an alteration", "with a known biomarker", "eligible for a cohort",
    "treated with a cohort's drug",
)  # fmt: skip
_KEY_STEPS = {"patients", "tested", "eligible for a cohort"}
_WORST_FIRST = {"quarantined": 0, "warning": 1}


def report_data(
    made: Sequence[DemoSite],
    work: Mapping[str, SiteWork],
    trial: Trial,
    packs: Sequence[Pack],
    door: Door,
    as_of: date,
    *,
    is_synthetic: bool,
) -> ReportData:
    """Everything that the report shows.

    Args:
        made: the sites.
        work: what each site worked out, by its name.
        trial: the protocol.
        packs: the knowledge packs in use.
        door: the gate.
        as_of: day of matching.
        is_synthetic: nobody ever lived.
    """
    sums = {name: one.sums for name, one in work.items()}
    steps = {
        name: door.counts(f"Patients by site: {name}.", by_site({s: one.steps[name].n for s, one in sums.items()}))
        for name in (*_FUNNEL, "died")
    }
    return ReportData(
        title="From a hospital's files to a shared treatment cohort",
        subtitle=_subtitle(made, is_synthetic=is_synthetic),
        made_on=as_of.isoformat(),
        versions=_versions(made, trial, packs),
        is_synthetic=is_synthetic,
        sites=tuple(_site(one, sums[one.site.name], steps) for one in made),
        funnel=tuple(_step(name, steps[name], sums) for name in _FUNNEL),
        oncoprint=pictures.oncoprint(sums, door),
        tumour_counts=pictures.tumour_counts(sums, door),
        cohorts=cohort_rows.rows(trial, sums, door),
        error_rates=_error_rates(),
        survival=pictures.survival(sums, door),
        patient=patient.chosen(work, door.k),
        notes=_notes(trial, sums, door),
    )


def _subtitle(made: Sequence[DemoSite], *, is_synthetic: bool) -> str:
    who = "patients who never lived" if is_synthetic else "the patients of a study, divided"
    return f"{len(made)} sites with {who}: read, profiled, matched and pooled without moving a patient's row."


def _versions(made: Sequence[DemoSite], trial: Trial, packs: Sequence[Pack]) -> dict[str, str]:
    """What made the numbers: code, the files that were read (sum of their SHA-256), knowledge and protocol."""
    sums = "".join(sorted(file.sha256 for one in made for file in one.report.files))
    return {
        "data": f"files read, SHA-256 {hashlib.sha256(sums.encode()).hexdigest()[:16]}",
        "Kohort": __version__,
        "tables": f"{len(CLINICAL)} clinical and {len(CONTROL)} control tables",
        "OncoTree": oncotree.VERSION,
        "knowledge packs": ", ".join(f"{pack.name} {pack.version}" for pack in packs),
        "protocol": trial.id,
    }


def _site(one: DemoSite, sums: SiteSums, steps: Mapping[str, SuppressedTable | None]) -> SiteSummary:
    report, name = one.report, one.site.name
    findings = sorted(report.findings, key=lambda f: (_WORST_FIRST[f.severity], -f.count, f.file, f.rule))
    return SiteSummary(
        name=name,
        country="" if one.site.country == "ZZ" else one.site.country,
        files=len(report.files),
        lines=report.lines,
        accepted=report.accepted,
        quarantined=report.quarantined,
        patients=as_count(steps["patients"], name),
        tested=as_count(steps["tested"], name),
        variants=sums.rows["variant"],
        therapies=sums.rows["therapy"],
        deaths=as_count(steps["died"], name),
        findings=tuple(_finding(finding) for finding in findings),
    )


def _finding(finding: Finding) -> FindingRow:
    what, dot, remedy = finding.message.partition(". ")
    if not dot:
        what, dot, remedy = finding.message.partition("; ")
    return FindingRow(
        rule=finding.rule.replace("_", " "),
        severity="error" if finding.severity == "quarantined" else "warning",
        file=finding.file,
        line=finding.line or None,
        column=finding.column or "",
        count=finding.count,
        message=what.rstrip(".") + ".",
        remedy=remedy[:1].upper() + remedy[1:],
    )


def _step(name: str, table: SuppressedTable | None, sums: Mapping[str, SiteSums]) -> Step:
    return Step(
        label=name,
        by_site={site: as_count(table, site) for site in sums},
        total=as_count(table, "total"),
        is_key=name in _KEY_STEPS,
    )


def _error_rates() -> ErrorRates:
    design = EIGHT_PLUS_SIXTEEN
    rows = []
    for p in (0.1, 0.2, 0.3):
        found = design.operating_characteristics(p)
        rows.append(RateRow(p, float(found.success), float(found.early_stop), float(found.expected_n)))
    return ErrorRates(
        design="8 + 16",
        sentence=(
            f"Stop if at most {design.r1} of {design.n1} respond; positive if {design.r + 1} or more of {design.n} do. "
            f"Planned for response rates of {design.p0:.0%} (of no interest) and {design.p1:.0%} (of interest)."
        ),
        alpha=float(design.alpha),
        power=float(design.power),
        rows=tuple(rows),
    )


def _notes(trial: Trial, sums: Mapping[str, SiteSums], door: Door) -> tuple[str, ...]:
    left_out = sum(sum(one.left_out.values()) for one in sums.values())
    states = [cohort.state(counts) for counts in cohort.combine(one.cohorts for one in sums.values()).values()]
    notes = [
        f"Numbers of 1 to {door.k - 1} people are not shown, nor others from which they could be computed.",
        "Unknown is a value: who was not tested for a gene is neither eligible nor excluded, but unknown.",
        "Cohorts are filled from treatments and responses as they were recorded, looking back; nobody decided at the "
        "time to enrol these patients, and responses were not all judged by RECIST.",
        f"Survival starts at diagnosis and is told at times between which at least {door.k} people leave.",
        trial.note,
    ]
    if states:
        notes.append(cohort.multiplicity(states).sentence)
    if left_out >= door.k:
        notes.append(f"{left_out} patients without a usable time to death or last contact are not in the curves.")
    return tuple(note for note in notes if note)
