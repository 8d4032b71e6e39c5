"""Designs of a treatment cohort: the rule, its exact error rates, the search for the best one, the decision."""
