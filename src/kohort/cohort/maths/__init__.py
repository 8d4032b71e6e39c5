"""Numbers that the room stands on: exact binomial sums, Beta distributions."""
