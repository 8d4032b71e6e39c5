"""`kohort match ...`: who fits which trial or cohort, why, why not, and which missing fact would decide."""

from kohort.cli.matching.app import app
from kohort.cli.matching.common import parse_day

__all__ = ["app", "parse_day"]
