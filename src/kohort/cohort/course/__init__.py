"""A cohort under way: other sizes than planned, patients not yet evaluable, how likely it is to succeed."""
