"""Rules fixed before the data: when a cohort is a go, a no-go, or something to consider."""
