"""Biomarkers that no single gene carries, and germline findings."""
