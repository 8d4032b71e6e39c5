"""Who fits which trial or treatment cohort, why, why not, and which missing fact would decide.

Criteria are trees (`criteria`), evaluated over a whole population in three values (`evaluate`), explained for one
person (`explain`). Trials are read from files (`read_trials`) and matched with a site (`match`).
"""

from kohort.match import criteria
from kohort.match.ctml import read_clause
from kohort.match.evaluation import evaluate
from kohort.match.explanation import Reason, explain
from kohort.match.matches import Matches, match
from kohort.match.population import Population
from kohort.match.problems import Problem
from kohort.match.protocol import Arm, Design, TreatmentCohort, Trial
from kohort.match.reading import default_protocol, read_trials
from kohort.match.schema import json_schema
from kohort.match.truth import Truth

__all__ = [
    "Arm",
    "Design",
    "Matches",
    "Population",
    "Problem",
    "Reason",
    "TreatmentCohort",
    "Trial",
    "Truth",
    "criteria",
    "default_protocol",
    "evaluate",
    "explain",
    "json_schema",
    "match",
    "read_clause",
    "read_trials",
]
