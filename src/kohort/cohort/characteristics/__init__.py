"""What a rule does over many possible truths: error rates, power, bias, sizes, exact where they can be."""
