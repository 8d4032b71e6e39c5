"""Who fits which trial or treatment cohort, why, why not, and which missing fact would decide.

Criteria are trees (`criteria`), evaluated over a whole population in three values (`evaluate`), explained for one
person (`explain`). Trials are read from files (`read_trials`), checked (`lint`) and matched with a site (`match`), once
or kept up to date (`Live`). Beside the verdicts stand the answers: `near_misses`, `minimal_facts`, `ranking_of_facts`,
`plan_of_tests`, `feasibility`, `options`, and `snapshot` with `changes`.
"""

from kohort.match import criteria
from kohort.match.answers.capacity import Availability, Capacity
from kohort.match.answers.changes import Snapshot, changes, snapshot
from kohort.match.answers.explanation import Reason, explain
from kohort.match.answers.feasibility import Feasibility, feasibility
from kohort.match.answers.minimal import MinimalFacts, minimal_facts
from kohort.match.answers.missing import plan_of_tests, ranking_of_facts
from kohort.match.answers.near import near_misses
from kohort.match.answers.places import locate, located
from kohort.match.answers.ranking import Option, options
from kohort.match.engine.evaluation import evaluate
from kohort.match.engine.live import Live
from kohort.match.engine.truth import Truth
from kohort.match.linter import lint, lint_trials
from kohort.match.matches import Matches, match
from kohort.match.people.population import Population
from kohort.match.trials.ctml import read_clause
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Design, TreatmentCohort, Trial
from kohort.match.trials.reading import default_protocol, read_trials
from kohort.match.trials.schema import json_schema

__all__ = [
    "Arm",
    "Availability",
    "Capacity",
    "Design",
    "Feasibility",
    "Live",
    "Matches",
    "MinimalFacts",
    "Option",
    "Population",
    "Problem",
    "Reason",
    "Snapshot",
    "TreatmentCohort",
    "Trial",
    "Truth",
    "changes",
    "criteria",
    "default_protocol",
    "evaluate",
    "explain",
    "feasibility",
    "json_schema",
    "lint",
    "lint_trials",
    "locate",
    "located",
    "match",
    "minimal_facts",
    "near_misses",
    "options",
    "plan_of_tests",
    "ranking_of_facts",
    "read_clause",
    "read_trials",
    "snapshot",
]
