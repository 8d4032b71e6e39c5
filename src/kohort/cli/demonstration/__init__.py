"""The whole way of the data, from raw files to a pooled two-stage cohort, on one machine."""
