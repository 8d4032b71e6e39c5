"""`kohort cohort ...`: designs, decisions, programmes, borrowing, and cohorts of several countries."""

from kohort.cli.cohorts.app import app

__all__ = ["app"]
