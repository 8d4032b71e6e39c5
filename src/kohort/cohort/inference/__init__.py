"""Estimates, p values and intervals after a cohort has ended."""
