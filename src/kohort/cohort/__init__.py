"""Treatment cohorts: designs, events, slots, go / no-go, inference. Counts only; no statistics need rows.

A cohort is read in three steps: a log of events at each site (``CohortEvent``, or
``enrolments_from_records`` for a look back), its counts (``summarise`` at each site, ``combine`` over
sites), and where it stands (``state``). Error rates are exact sums, never simulated.
"""

from kohort.cohort.conduct.events import CohortCounts, CohortEvent, EventKind, combine, summarise
from kohort.cohort.conduct.records import enrolments_from_records
from kohort.cohort.conduct.states import CohortState, Multiplicity, Stage, multiplicity, state
from kohort.cohort.course.prediction import conditional_power, predictive_probability
from kohort.cohort.designs.decisions import Decision, Observed, Verdict
from kohort.cohort.designs.search import simon_two_stage
from kohort.cohort.designs.two_stage import (
    EIGHT_PLUS_SIXTEEN,
    OperatingCharacteristics,
    SizeRules,
    TwoStageDesign,
    redesign,
)
from kohort.cohort.inference.two_stage import Interval, TwoStageInference, outcome_tail, two_stage_inference, umvue
from kohort.cohort.maths.beta import Beta

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
