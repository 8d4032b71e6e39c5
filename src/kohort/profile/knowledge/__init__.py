"""Knowledge packs: evidence with its source, version, licence and sum, and the readers of the formats it comes in."""
