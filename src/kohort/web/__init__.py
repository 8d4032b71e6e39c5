"""Pages that show what the other rooms have worked out; no rule is applied here.

``render(data)`` makes the report of a run as one self-contained HTML page, ``write(data, path)`` saves it.
The data are plain values: ``ReportData`` and its parts. A number that must not be shown comes as ``"<5"`` or
``NOT_SHOWN``; numbers that would give it away are refused (``would_reveal`` asks beforehand).
"""

from kohort.web.cells import NOT_SHOWN, Count, would_reveal
from kohort.web.outcome_data import CohortRow, Curve, CurveSet, ErrorRates, Outcome, RateRow
from kohort.web.report import render, write
from kohort.web.report_data import (
    BiomarkerRow,
    CriterionLine,
    FindingRow,
    GeneRow,
    Oncoprint,
    OncoprintCell,
    PatientBiomarkers,
    ReportData,
    Severity,
    SiteSummary,
    Step,
    TumourCounts,
    TumourRow,
    VerdictExplanation,
)

__all__ = [
    "NOT_SHOWN",
    "BiomarkerRow",
    "CohortRow",
    "Count",
    "CriterionLine",
    "Curve",
    "CurveSet",
    "ErrorRates",
    "FindingRow",
    "GeneRow",
    "Oncoprint",
    "OncoprintCell",
    "Outcome",
    "PatientBiomarkers",
    "RateRow",
    "ReportData",
    "Severity",
    "SiteSummary",
    "Step",
    "TumourCounts",
    "TumourRow",
    "VerdictExplanation",
    "render",
    "would_reveal",
    "write",
]
