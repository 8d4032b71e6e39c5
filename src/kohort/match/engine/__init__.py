"""From leaves to verdicts: bitmaps in three values, evaluated once, and kept up to date."""
