"""One alteration in any notation, and what it does to its gene."""
