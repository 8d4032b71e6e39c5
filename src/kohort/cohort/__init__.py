"""Treatment cohorts: designs, inference, borrowing, error rates, conduct, several countries. Counts only; no rows.

The rooms of this room, in the order of a trial's life:

* ``designs``: the rule and its exact error rates, found by search (``simon_two_stage``, ``single_stage``,
  ``fleming``, ``predictive_probability_search``, ``thall_simon``, ``bop2``, ``toxicity_boundary``).
* ``course``: a cohort under way: other sizes, pending patients, power, the delay until a response is known.
* ``inference``: estimates, p values and intervals after two stages (``two_stage_inference``).
* ``borrowing``: what other cohorts say about one (``BHM``, ``EXNEX``, ``MEM``, ``PowerPrior`` ...), without simulation.
* ``rules``: go, consider and no-go fixed before the first patient, hashed and signed (``DecisionRule``).
* ``characteristics``: what a rule does in many possible truths (``operating_characteristics``, ``calibrate``,
  ``sensitivity``).
* ``conduct``: events, logs, states, places, a whole ``Programme``, replay and corrections, multiplicity.
* ``countries``: sister cohorts pooled from counts, external controls, patients as their own control.

A shared cohort is read in three steps: a log of events at each site (``CohortEvent``), its counts (``summarise`` at
each site, ``combine`` over sites), and where it stands (``state``).
"""

from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.calibrated import CalibratedBHM
from kohort.cohort.borrowing.catalogue import standard_model, standard_models
from kohort.cohort.borrowing.exnex import EXNEX, Exchangeable
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.local_mem import LocalMEM
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.posterior import Posterior
from kohort.cohort.borrowing.power_prior import GlobalWeight, PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.borrowing.similarity import CPP, JSD, MML
from kohort.cohort.characteristics.calibration import Calibration, calibrate
from kohort.cohort.characteristics.operating import operating_characteristics
from kohort.cohort.characteristics.result import Characteristics
from kohort.cohort.characteristics.scenarios import Scenario
from kohort.cohort.characteristics.sensitivity import (
    Family,
    Sensitivity,
    TippingPoint,
    sensitivity,
    tipping_points,
    varied,
)
from kohort.cohort.conduct.answers import Answer
from kohort.cohort.conduct.capacity import CohortCapacity, availability_of
from kohort.cohort.conduct.counts import CohortCounts, combine
from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.cohort.conduct.lives import summarise
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.log_file import append_events, read_log
from kohort.cohort.conduct.multiplicity import CohortTest, Multiplicity, multiplicity, multiplicity_of, q_values
from kohort.cohort.conduct.of_trials import programme_of_trials
from kohort.cohort.conduct.programme import Accrual, Cohort, Programme
from kohort.cohort.conduct.records import enrolments_from_records
from kohort.cohort.conduct.replay import Correction, Replay, corrections, replay
from kohort.cohort.conduct.states import CohortState, Stage, state
from kohort.cohort.conduct.status import CohortStatus, ProgrammeState
from kohort.cohort.conduct.trial_records import NotEvaluable, enrolments_from_best_responses
from kohort.cohort.countries.between import BetaBinomial, LogitNormal
from kohort.cohort.countries.counts import CohortCount
from kohort.cohort.countries.external_controls import (
    ExternalControl,
    compare_with_control,
    error_at_control,
    map_prior,
    prior_data_conflict,
)
from kohort.cohort.countries.external_test import exact_control_test
from kohort.cohort.countries.heterogeneity import heterogeneity
from kohort.cohort.countries.log_rank_size import events_needed, patients_needed
from kohort.cohort.countries.merged_looks import merged_course, merged_look, passed_only_merged
from kohort.cohort.countries.one_sample_log_rank import one_sample_log_rank
from kohort.cohort.countries.pfs_models import fit_pfs_ratio
from kohort.cohort.countries.pfs_ratio import PfsRatio, pfs_ratio
from kohort.cohort.countries.pooling import LeftOut, PooledCohort, leave_one_country_out, pool_counts
from kohort.cohort.countries.reference_survival import ReferenceSurvival
from kohort.cohort.countries.small_counts import pool_with_withheld, withheld
from kohort.cohort.course.delay import delay_characteristics, pending_at_look
from kohort.cohort.course.evaluability import with_evaluability
from kohort.cohort.course.pending import pending_outlook
from kohort.cohort.course.prediction import (
    conditional_power,
    conditional_powers,
    predictive_probabilities,
    predictive_probability,
)
from kohort.cohort.course.sizes import conditional_error, redesign, redesign_second_stage
from kohort.cohort.designs.bop2 import bop2
from kohort.cohort.designs.bop2_toxicity import JointRates, bop2_efficacy_toxicity
from kohort.cohort.designs.decisions import Decision, Observed, Verdict
from kohort.cohort.designs.fleming import fleming
from kohort.cohort.designs.multi_stage import MultiStageDesign
from kohort.cohort.designs.predictive import (
    PredictiveRule,
    predictive_probability_design,
    predictive_probability_of_success,
)
from kohort.cohort.designs.predictive_search import PredictiveSearch, predictive_probability_search
from kohort.cohort.designs.search import simon_two_stage
from kohort.cohort.designs.single_stage import SingleStageDesign, single_stage
from kohort.cohort.designs.thall_simon import ThallSimonRule, thall_simon
from kohort.cohort.designs.toxicity import ToxicityBoundary, bayesian_toxicity_boundary, toxicity_boundary
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, OperatingCharacteristics, SizeRules, TwoStageDesign
from kohort.cohort.inference.accuracy import estimator_accuracy
from kohort.cohort.inference.intervals import Interval, coverage, least_coverage
from kohort.cohort.inference.overrun import overrun_inference
from kohort.cohort.inference.two_stage import TwoStageInference, outcome_tail, two_stage_inference, umvue
from kohort.cohort.maths.beta import Beta
from kohort.cohort.rules.conditions import Boundary, Call, MeanAbove, Probability, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.cohort.rules.signed import read_rule, sign, verify

__all__ = [
    "BHM",
    "CPP",
    "EIGHT_PLUS_SIXTEEN",
    "EXNEX",
    "JSD",
    "MEM",
    "MML",
    "Accrual",
    "Answer",
    "Beta",
    "BetaBinomial",
    "BorrowingModel",
    "Boundary",
    "CalibratedBHM",
    "Calibration",
    "Call",
    "Characteristics",
    "Cohort",
    "CohortCapacity",
    "CohortCount",
    "CohortCounts",
    "CohortEvent",
    "CohortLog",
    "CohortState",
    "CohortStatus",
    "CohortTest",
    "Correction",
    "Decision",
    "DecisionRule",
    "EventKind",
    "Exchangeable",
    "ExternalControl",
    "Family",
    "Fujikawa",
    "GlobalWeight",
    "Interval",
    "JointRates",
    "LeftOut",
    "LocalMEM",
    "LogitNormal",
    "MeanAbove",
    "MultiStageDesign",
    "Multiplicity",
    "NotEvaluable",
    "Observed",
    "OperatingCharacteristics",
    "PfsRatio",
    "Pooled",
    "PooledCohort",
    "Posterior",
    "PowerPrior",
    "PredictiveRule",
    "PredictiveSearch",
    "Probability",
    "Programme",
    "ProgrammeState",
    "ReferenceSurvival",
    "Replay",
    "ResponderCount",
    "Scenario",
    "Sensitivity",
    "Separate",
    "SingleStageDesign",
    "SizeRules",
    "Stage",
    "ThallSimonRule",
    "TippingPoint",
    "ToxicityBoundary",
    "TwoStageDesign",
    "TwoStageInference",
    "Verdict",
    "append_events",
    "availability_of",
    "bayesian_toxicity_boundary",
    "bop2",
    "bop2_efficacy_toxicity",
    "calibrate",
    "combine",
    "compare_with_control",
    "conditional_error",
    "conditional_power",
    "conditional_powers",
    "corrections",
    "coverage",
    "delay_characteristics",
    "enrolments_from_best_responses",
    "enrolments_from_records",
    "error_at_control",
    "estimator_accuracy",
    "events_needed",
    "exact_control_test",
    "fit_pfs_ratio",
    "fleming",
    "heterogeneity",
    "least_coverage",
    "leave_one_country_out",
    "map_prior",
    "merged_course",
    "merged_look",
    "multiplicity",
    "multiplicity_of",
    "one_sample_log_rank",
    "operating_characteristics",
    "outcome_tail",
    "overrun_inference",
    "passed_only_merged",
    "patients_needed",
    "pending_at_look",
    "pending_outlook",
    "pfs_ratio",
    "pool_counts",
    "pool_with_withheld",
    "predictive_probabilities",
    "predictive_probability",
    "predictive_probability_design",
    "predictive_probability_of_success",
    "predictive_probability_search",
    "prior_data_conflict",
    "programme_of_trials",
    "q_values",
    "read_log",
    "read_rule",
    "redesign",
    "redesign_second_stage",
    "replay",
    "sensitivity",
    "sign",
    "simon_two_stage",
    "single_stage",
    "standard_model",
    "standard_models",
    "state",
    "summarise",
    "thall_simon",
    "tipping_points",
    "toxicity_boundary",
    "two_stage_inference",
    "umvue",
    "varied",
    "verify",
    "with_evaluability",
    "withheld",
]
