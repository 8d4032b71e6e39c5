"""A report of invented numbers: hospitals that do not exist, patients who never lived, curves by a formula."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from kohort.web import (
    BiomarkerRow,
    CohortRow,
    Count,
    CriterionLine,
    Curve,
    CurveSet,
    ErrorRates,
    FindingRow,
    GeneRow,
    Oncoprint,
    OncoprintCell,
    Outcome,
    PatientBiomarkers,
    RateRow,
    ReportData,
    SiteSummary,
    Step,
    TumourCounts,
    TumourRow,
    VerdictExplanation,
)

YEAR = 365.25
SITES = ("Fjordvik", "Storlund", "Havnby")
KINDS = ("missense", "truncating", "amplification", "deletion", "fusion")
TUMOURS = (
    "Non-small cell lung",
    "Colorectal",
    "Breast",
    "Melanoma",
    "Prostate",
    "Ovarian",
    "Pancreatic",
    "Bladder",
    "Glioma",
    "Cholangiocarcinoma",
)
TESTED = (812, 764, 705, 402, 377, 241, 236, 158, 131, 47)
SHARES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "TP53": ((0.51, 0.58, 0.34, 0.18, 0.23, 0.61, 0.60, 0.47, 0.30, 0.32), (0.64, 0.36)),
    "KRAS": ((0.29, 0.44, 0.02, 0.02, 0.01, 0.07, 0.59, 0.05, 0.01, 0.17), (0.96, 0, 0.04)),
    "PIK3CA": ((0.07, 0.17, 0.36, 0.03, 0.05, 0.12, 0.03, 0.21, 0.09, 0.06), (0.9, 0, 0.1)),
    "PTEN": ((0.03, 0.05, 0.07, 0.09, 0.21, 0.05, 0.02, 0.05, 0.28, 0.04), (0.2, 0.45, 0, 0.35)),
    "BRAF": ((0.04, 0.10, 0.01, 0.46, 0.02, 0.02, 0.01, 0.02, 0.05, 0.06), (0.9, 0, 0.03, 0, 0.07)),
    "EGFR": ((0.17, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01, 0.05, 0.31, 0.04), (0.7, 0, 0.3)),
    "ERBB2": ((0.04, 0.05, 0.14, 0.01, 0.01, 0.06, 0.03, 0.13, 0.01, 0.11), (0.2, 0, 0.8)),
    "BRCA2": ((0.03, 0.03, 0.05, 0.06, 0.10, 0.09, 0.04, 0.06, 0.01, 0.05), (0.1, 0.7, 0, 0.2)),
    "IDH1": ((0.01, 0.01, 0.00, 0.04, 0.01, 0.00, 0.00, 0.01, 0.42, 0.15), (1.0,)),
    "FGFR3": ((0.01, 0.01, 0.01, 0.01, 0.00, 0.01, 0.00, 0.16, 0.01, 0.02), (0.8, 0, 0.05, 0, 0.15)),
    "ALK": ((0.04, 0.01, 0.00, 0.01, 0.00, 0.00, 0.00, 0.00, 0.01, 0.00), (0.15, 0, 0, 0, 0.85)),
}


def _shown(number: int) -> Count:
    return "<5" if 0 < number < 5 else number


def _cell(tested: int, share: float, by_kind: tuple[float, ...]) -> OncoprintCell:
    count = round(tested * share)
    if 0 < count < 5:
        return OncoprintCell(tested, "<5", None)
    parts = [round(count * part) for part in by_kind]
    parts[parts.index(max(parts))] += count - sum(parts)
    is_open = not any(0 < part < 5 for part in parts)
    kinds = {kind: part for kind, part in zip(KINDS, parts, strict=False) if part} if is_open else {}
    return OncoprintCell(tested, count, count / tested, kinds)


def _oncoprint() -> Oncoprint:
    rows = []
    for gene, (shares, by_kind) in SHARES.items():
        cells = [_cell(n, share, by_kind) for n, share in zip(TESTED, shares, strict=True)]
        untested = {"FGFR3": (8,), "IDH1": (2, 5)}.get(gene, ())
        rows.append(GeneRow(gene, tuple(None if i in untested else cell for i, cell in enumerate(cells))))
    return Oncoprint(TUMOURS, KINDS, tuple(rows))


def _tumour_counts() -> TumourCounts:
    names = ("BRAF V600E", "KRAS G12C", "ERBB2 amplification", "EGFR exon 19 deletion", "ALK fusion")
    shares = {0: (0.02, 0.13, 0.03, 0.08, 0.04), 1: (0.085, 0.03, 0.04, 0, 0.002), 2: (0.003, 0, 0.12, 0, 0)}
    shares |= {3: (0.39, 0, 0, 0, 0.005), 8: (0.03, 0, 0.01, 0.004, 0), 9: (0.04, 0.02, 0.09, 0, 0)}
    rows = []
    for index, (tumour, tested) in enumerate(zip(TUMOURS, TESTED, strict=True)):
        counts = tuple(_shown(round(tested * share)) for share in shares.get(index, (0.004, 0.006, 0.02, 0, 0)))
        rows.append(TumourRow(tumour, tested + 90, (*counts[:4], None if index == 4 else counts[4])))
    return TumourCounts(names, tuple(rows))


def _sites() -> tuple[SiteSummary, ...]:
    findings = (
        FindingRow(
            "unknown OncoTree code",
            "warning",
            "data_clinical_sample.txt",
            218,
            "ONCOTREE_CODE",
            14,
            "The code is not in OncoTree 2025-10; the text was kept as written.",
            "Map it in site.toml, [codes.oncotree].",
        ),
        FindingRow(
            "number of fields",
            "error",
            "data_mutations.txt",
            10_452,
            "",
            3,
            "The line has 31 fields, the header has 32.",
            "Ask the laboratory to send the file again.",
        ),
        FindingRow(
            "date that does not exist",
            "error",
            "data_timeline_treatment.txt",
            77,
            "START_DATE",
            1,
            "The month has 30 days.",
            "Correct the date at the source and send the file again.",
        ),
        FindingRow(
            "file without a panel",
            "note",
            "data_gene_panel_matrix.txt",
            None,
            "",
            61,
            "No panel is named, so genes without a variant are unknown, not negative.",
            "",
        ),
    )
    return (
        SiteSummary("Fjordvik", "Norway", 11, 412_807, 412_790, 17, 2_140, 1_861, 38_204, 5_310, 902, findings),
        SiteSummary("Storlund", "Sweden", 11, 367_114, 367_031, 83, 1_905, 1_402, 31_877, 4_466, 811, findings[:2]),
        SiteSummary("Havnby", "Denmark", 9, 150_926, 150_921, 5, 873, 610, 12_460, 1_987, 340, findings[3:]),
    )


def _funnel() -> tuple[Step, ...]:
    rows: tuple[tuple[str, tuple[Count | None, ...], Count], ...] = (
        ("Patients", (2_140, 1_905, 873), 4_918),
        ("Tested", (1_861, 1_402, 610), 3_873),
        ("With an alteration", (1_610, 1_194, 522), 3_326),
        ("With a known biomarker", (812, 603, 248), 1_663),
        ("Eligible for a cohort", (236, 171, 70), 477),
        ("Recorded as treated in a cohort", (66, 47, 14), 127),
    )
    return tuple(
        Step(label, dict(zip(SITES, counts, strict=True)), total, is_key=label == "Eligible for a cohort")
        for label, counts, total in rows
    )


OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "recruiting": ("Recruiting", "Stage 1 is not full yet."),
    "continue": ("Go on", "At least 1 of the first 8 responded, so stage 2 is open."),
    "stopped": ("Stopped", "None of the first 8 responded."),
    "positive": ("Positive", "7 of 24 responded; more than 4 are needed."),
    "negative": ("Negative", "3 of 24 responded; more than 4 are needed."),
}
# Tumour; alteration; drug; evaluable, responders, pending; outcome; eligible, unknown, near misses; missing fact.
COHORTS: tuple[tuple[str, tuple[int, int, int], Outcome, tuple[Count, Count, Count], str], ...] = (
    (
        "Any solid tumour; BRAF V600E; dabrafenib + trametinib",
        (24, 7, 0),
        "positive",
        (31, 12, 9),
        "performance status",
    ),
    ("Colorectal; ERBB2 amplification; trastuzumab + pertuzumab", (17, 4, 3), "continue", (22, 41, 14), "RAS test"),
    ("Non-small cell lung; MET exon 14; capmatinib", (9, 2, 4), "continue", (11, 63, 7), "test of RNA"),
    ("Any solid tumour; BRCA2 loss; olaparib", (24, 3, 0), "negative", (44, 120, 26), "whether both copies are lost"),
    ("Prostate; PTEN loss; capivasertib", (8, 0, 0), "stopped", (18, 37, 5), "copy number test"),
    ("Bladder; FGFR3 mutation; erdafitinib", (5, 1, 2), "recruiting", (9, 15, "<5"), "line of therapy"),
    ("Pancreatic; KRAS G12C; sotorasib", (2, 0, 1), "recruiting", ("<5", 8, 6), ""),
    ("Any solid tumour; MSI-H; nivolumab", (0, 0, 0), "recruiting", (27, 214, 33), "MSI test"),
)


def _cohort(number: int) -> CohortRow:
    names, state, decision, candidates, fact = COHORTS[number - 1]
    tumour, alteration, drug = names.split("; ")
    evaluable, responders, pending = state
    enrolled = evaluable + pending
    first, second = enrolled // 2, enrolled // 3
    label, sentence = OUTCOMES[decision]
    return CohortRow(
        id=f"K{number:02}",
        title=f"{alteration}, {tumour.lower()}",
        tumour=tumour,
        alteration=alteration,
        drug=drug,
        by_site=dict(zip(SITES, (first, second, enrolled - first - second), strict=True)),
        enrolled=enrolled,
        evaluable=evaluable,
        responders=responders,
        pending=pending,
        stage=2 if evaluable > 8 else 1,
        decision=decision,
        decision_label=label,
        decision_sentence=sentence,
        r1=0,
        n1=8,
        r=4,
        n=24,
        eligible=candidates[0],
        unknown=candidates[1],
        near_miss=candidates[2],
        missing_fact=fact,
    )


def _cohorts() -> tuple[CohortRow, ...]:
    shown = tuple(_cohort(number) for number in range(1, len(COHORTS) + 1))
    hidden = replace(
        shown[6],
        id="K09",
        title="RET fusion, thyroid",
        tumour="Thyroid",
        alteration="RET fusion",
        drug="selpercatinib",
        by_site={"Fjordvik": "<5", "Storlund": 0, "Havnby": "<5"},
        enrolled="<5",
        evaluable="<5",
        responders="<5",
        pending="<5",
    )
    return (*shown, hidden)


def curve(label: str, half_life: float, n: int, years: int = 5, width: float = 0.05) -> Curve:
    """A curve that halves every ``half_life`` days, on a grid of 30 days."""
    days = tuple(float(day) for day in range(0, int(years * YEAR) + 1, 30))
    survival = tuple(0.5 ** (day / half_life) for day in days)
    spread = [width * math.sqrt(day / YEAR) for day in days]
    at_risk_times = tuple(year * YEAR for year in range(years + 1))
    months = 12 * half_life / YEAR
    left = [round(n * 0.5 ** (day / half_life) * 0.93 ** (day / YEAR)) for day in at_risk_times]
    return Curve(
        label=label,
        times_days=days,
        survival=survival,
        lower=tuple(max(0.0, s - w) for s, w in zip(survival, spread, strict=True)),
        upper=tuple(min(1.0, s + w) for s, w in zip(survival, spread, strict=True)),
        at_risk_times=at_risk_times,
        at_risk_numbers=tuple(_shown(number) for number in left),
        events=round(n * 0.6),
        n=n,
        median_text=f"{months:.1f} months ({0.9 * months:.1f} to {1.12 * months:.1f})",
    )


def _survival() -> tuple[CurveSet, ...]:
    note = (
        "Each site sums its patients on a common grid of 30 days before anything leaves it. "
        "Against exact days this moved the median by at most 9 days here."
    )
    by_tumour = (
        curve("Breast", 2_900, 705),
        curve("Colorectal", 1_250, 764),
        curve("Lung", 610, 812),
        curve("Pancreatic", 290, 236),
    )
    by_match = (curve("Matched drug", 900, 113, width=0.09), curve("No matched drug", 520, 364))
    return (
        CurveSet("Overall survival from diagnosis, by tumour type", by_tumour, note),
        CurveSet("Overall survival of eligible patients, with and without a matched drug", by_match, note),
    )


def _patient() -> PatientBiomarkers:
    pack, day = "Kohort starter pack", "2026-03-01"
    rows = (
        BiomarkerRow(
            "BRAF",
            "p.V600E",
            "Val600Glu",
            "dabrafenib + trametinib",
            "sensitive",
            "ESCAT I-B",
            "any solid tumour",
            "US",
            f"{pack} 0031",
            day,
        ),
        BiomarkerRow(
            "BRAF",
            "p.V600E",
            "Val600Glu",
            "encorafenib + cetuximab",
            "sensitive",
            "ESCAT I-A",
            "same tumour type",
            "EU, US",
            f"{pack} 0027",
            day,
        ),
        BiomarkerRow(
            "BRAF",
            "p.V600E",
            "Val600Glu",
            "cetuximab",
            "resistant",
            "CIViC B",
            "same tumour type",
            "–",
            "CIViC EID 1409",
            "2025-11-18",
        ),
        BiomarkerRow("TP53", "p.R175H", "p.R175H", "–", "no drug", "–", "any", "–", f"{pack} 0102", day),
    )
    lines = (
        CriterionLine("Solid tumour", True, "Colorectal adenocarcinoma is a solid tumour."),
        CriterionLine("BRAF V600E", True, "p.V600E was found by panel on the primary tumour."),
        CriterionLine("No earlier BRAF inhibitor", True, "None of the recorded drugs is one."),
        CriterionLine(
            "ECOG 0 to 2", None, "No performance status is recorded; one from the last visit would settle it."
        ),
        CriterionLine("Age 18 or more", True, "The patient was 61 years old on the day of the question."),
    )
    verdict = VerdictExplanation("K01 BRAF V600E", None, "Every criterion but one holds; one is unknown.", lines)
    return PatientBiomarkers("Patient A", "colorectal adenocarcinoma", rows, verdict)


def report(**changes: Any) -> ReportData:
    """The invented report, with parts replaced."""
    data = ReportData(
        title="Three hospitals, one question: who fits a cohort?",
        subtitle="Invented patients of invented Nordic hospitals, from raw files to pooled two-stage cohorts.",
        made_on="2026-03-02",
        versions={
            "Code": "kohort 0.1.0",
            "Tables": "standard tables 1",
            "Knowledge": "starter pack 2026-03-01 (128 statements), CIViC 2026-02-01",
            "Protocol": "nordic-demo 1, 9 cohorts, sha256 3f0c9a",
        },
        is_synthetic=True,
        sites=_sites(),
        funnel=_funnel(),
        oncoprint=_oncoprint(),
        tumour_counts=_tumour_counts(),
        cohorts=_cohorts(),
        error_rates=ErrorRates(
            "8 + 16",
            "Stop after 8 patients if none responds; call the drug positive if at least 5 of 24 respond.",
            0.0777555,
            0.8572128,
            (
                RateRow(0.1, 0.0777555, 0.4304672, 17.1125246),
                RateRow(0.2, 0.5062739, 0.1677722, 21.3156454),
                RateRow(0.3, 0.8572128, 0.0576480, 23.0776318),
            ),
        ),
        survival=_survival(),
        patient=_patient(),
        notes=(
            "Groups were not assigned by chance: curves with and without a drug must not be read as an effect.",
            "A gene that was not tested is unknown. Shares are of tested patients only.",
            "With nine cohorts that all do nothing, the chance of at least one positive is about one half.",
        ),
    )
    return replace(data, **changes)
