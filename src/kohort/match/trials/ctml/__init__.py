"""Trials in CTML, the Clinical Trial Markup Language of MatchMiner (JSON or YAML), with its dialects.

Each clause is read twice: as it is meant (`Arm.criteria`), and as matchengine-V2 in its shipped configuration
reads it (`Arm.matchengine`, where that differs). Three things of the engine are not in its view: its paths are
not lost (`has_path_bug` tells where they would be), reports of before December 2018 are not searched as free text,
and documents that say WILDTYPE are no alterations.
"""

from kohort.match.trials.ctml.paths import has_path_bug
from kohort.match.trials.ctml.trials import is_clause, is_ctml, read_clause, read_trial

__all__ = ["has_path_bug", "is_clause", "is_ctml", "read_clause", "read_trial"]
