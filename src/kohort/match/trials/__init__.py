"""Trials and their arms, and the formats they are read from."""
