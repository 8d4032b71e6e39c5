"""Evidence: which treatments work for whom. Each analysis sums rows at a site and solves from the sums.

::

    sums   = survival_sums(time, event, group)       at each site; no row in it
    result = kaplan_meier([sums_a, sums_b])          one site or many: the same figures to the last bit

Counts: :func:`count_by` and :func:`count_table`, made fit to show by :func:`suppress`. Survival:
:func:`survival_sums`, then :func:`kaplan_meier` and :func:`log_rank`. From the standard tables to rows:
:func:`overall_survival`.
"""

from kohort.evidence.counts import CountSums, CountTable, count_by, count_table
from kohort.evidence.distributions import chi_square_tail
from kohort.evidence.forms import Sums, pooled
from kohort.evidence.log_rank import LogRank, log_rank
from kohort.evidence.outcomes import Outcomes, overall_survival
from kohort.evidence.suppression import SMALLEST_COUNT, SuppressedTable, suppress
from kohort.evidence.survival import (
    KaplanMeier,
    NoEventsWarning,
    RestrictedMean,
    SurvivalCurve,
    estimate,
    kaplan_meier,
)
from kohort.evidence.survival_sums import GroupSums, KaplanMeierSums, coarsen, survival_sums

__all__ = [
    "SMALLEST_COUNT",
    "CountSums",
    "CountTable",
    "GroupSums",
    "KaplanMeier",
    "KaplanMeierSums",
    "LogRank",
    "NoEventsWarning",
    "Outcomes",
    "RestrictedMean",
    "Sums",
    "SuppressedTable",
    "SurvivalCurve",
    "chi_square_tail",
    "coarsen",
    "count_by",
    "count_table",
    "estimate",
    "kaplan_meier",
    "log_rank",
    "overall_survival",
    "pooled",
    "suppress",
    "survival_sums",
]
