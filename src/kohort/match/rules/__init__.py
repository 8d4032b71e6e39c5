"""How criteria are decided: which rows of the standard tables say yes, no, or leave it open."""
