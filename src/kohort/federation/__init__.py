"""Federation: one analysis across sites. Sums are added, rows never travel, the gate lets numbers out."""

from kohort.federation.gate import Refused, Released, Shown, release
from kohort.federation.guards import GuardedSurvival, PrivacyCost, ShownCohort
from kohort.federation.in_process import CohortCounts, CohortSums, Pooled, pool

__all__ = [
    "CohortCounts",
    "CohortSums",
    "GuardedSurvival",
    "Pooled",
    "PrivacyCost",
    "Refused",
    "Released",
    "Shown",
    "ShownCohort",
    "pool",
    "release",
]
