"""How strong a biomarker is: tiers by published rules, each with the rule that fired."""
