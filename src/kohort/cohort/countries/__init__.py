"""Sister cohorts in several countries, external controls, and patients as their own control."""
