"""The life of cohorts: events, states, places, decisions under a rule fixed before, a whole programme."""
