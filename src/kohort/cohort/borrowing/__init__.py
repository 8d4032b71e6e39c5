"""Borrowing between cohorts: what the others' responders say about one cohort's response rate."""
