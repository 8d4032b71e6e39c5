"""The linter for trials: what is probably wrong with them, before anybody is matched.

Reading a file finds what cannot be read. The linter finds what can be read and is still wrong: names that do not
exist, residues that a protein does not have, arms that nobody can meet, criteria that say nothing, and, with a
site, criteria that its data can never answer. Its rules are the same for every format.
"""

from kohort.match.linter.rules import RULES
from kohort.match.linter.run import lint, lint_trials

__all__ = ["RULES", "lint", "lint_trials"]
