"""The rules of the linter, each in a sentence; reading a file has more."""

from __future__ import annotations

from kohort.errors import IntegrityError

__all__ = ["RULES", "known"]

RULES: dict[str, str] = {
    "alias-gene": "A gene is written by another or a former name; the approved symbol is suggested.",
    "always-true": "Every patient meets a criterion, once the facts are known.",
    "dead-alternative": "Nobody can use an alternative, given what is asked beside it.",
    "discordant-results": "Only a patient whose tests of mismatch repair disagree can meet an arm or alternative.",
    "disjoint-diagnoses": "Only a patient with two tumours can meet an arm or alternative.",
    "doubtful-residue": "A change that no evidence names is well known with a digit more, or of another gene.",
    "duplicate-arm": "Two arms of one level ask the same.",
    "duplicate-path": "An alternative is stated more than once.",
    "excludes-nobody": "At the site everybody of whom it is known meets a requirement.",
    "former-diagnosis": "An OncoTree code is of an earlier release.",
    "impossible-residue": "A protein does not have the residue at the place that a change names.",
    "incomplete-change": "A protein change names no residues, or not what is inserted.",
    "met-by-nobody": "At the site nobody is known to meet a requirement.",
    "never-decided": "Words or parts that were not understood keep anybody from being found eligible by machine.",
    "never-satisfied": "No patient can meet an arm.",
    "no-criteria": "An arm asks nothing.",
    "no-open-arm": "The trial takes no patients.",
    "only-words": "All that an arm asks is for people to judge, or was not understood.",
    "redundant-alternative": "An alternative adds nothing to the others.",
    "redundant-requirement": "A requirement adds nothing to the others.",
    "unanswerable": "The site's data answer a criterion for no patient.",
    "unknown-drug": "A drug is not in the table in use.",
    "unknown-drug-class": "A drug class is not in the table in use.",
    "unknown-gene": "A gene is not in the table in use.",
    "x-as-stop": "X at the end of a protein change is read as a stop; any residue may be meant.",
}
"""What each rule says."""


def known(rule: str) -> str:
    """The rule itself; IntegrityError if it is not explained here."""
    if rule not in RULES:
        raise IntegrityError(f"The rule {rule!r} of the linter is not explained.", remedy="Please report it.")
    return rule
