"""Treatment cohorts: designs, events, slots, go / no-go, inference. Counts only; no statistics need rows.

A cohort is read in three steps: a log of events at each site (``CohortEvent``, or
``enrolments_from_records`` for a look back), its counts (``summarise`` at each site, ``combine`` over
sites), and where it stands (``state``). Error rates are exact sums, never simulated.
"""

from kohort.cohort.beta import Beta
from kohort.cohort.decisions import Decision, Observed, Verdict
from kohort.cohort.designs import (
    EIGHT_PLUS_SIXTEEN,
    OperatingCharacteristics,
    SizeRules,
    TwoStageDesign,
    redesign,
)
from kohort.cohort.events import CohortCounts, CohortEvent, EventKind, combine, summarise
from kohort.cohort.inference import Interval, TwoStageInference, outcome_tail, two_stage_inference, umvue
from kohort.cohort.prediction import conditional_power, predictive_probability
from kohort.cohort.records import enrolments_from_records
from kohort.cohort.search import simon_two_stage
from kohort.cohort.states import CohortState, Multiplicity, Stage, multiplicity, state

__all__ = [
    "EIGHT_PLUS_SIXTEEN",
    "Beta",
    "CohortCounts",
    "CohortEvent",
    "CohortState",
    "Decision",
    "EventKind",
    "Interval",
    "Multiplicity",
    "Observed",
    "OperatingCharacteristics",
    "SizeRules",
    "Stage",
    "TwoStageDesign",
    "TwoStageInference",
    "Verdict",
    "combine",
    "conditional_power",
    "enrolments_from_records",
    "multiplicity",
    "outcome_tail",
    "predictive_probability",
    "redesign",
    "simon_two_stage",
    "state",
    "summarise",
    "two_stage_inference",
    "umvue",
]
