"""A cohort under way: other sizes than planned, pending patients, late responses, how likely it is to succeed."""
