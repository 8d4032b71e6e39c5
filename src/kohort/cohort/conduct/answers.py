"""What a rule or a committee answers about a cohort."""

from __future__ import annotations

from enum import StrEnum

from kohort.cohort.designs.decisions import Verdict

__all__ = ["Answer", "Look", "answer_of_verdict"]


class Answer(StrEnum):
    """What is to be done with a cohort.

    After stage 1, no-go stops the cohort for futility, go ends it early as positive, and go on opens stage 2.
    At the end, go is positive and no-go is negative.
    """

    TOO_EARLY = "too early"
    GO_ON = "go on"
    GO = "go"
    CONSIDER = "consider"
    NO_GO = "no-go"


class Look(StrEnum):
    """Which boundary an answer was read from."""

    INTERIM = "interim"
    FINAL = "final"


_OF_VERDICT = {
    Verdict.TOO_EARLY: Answer.TOO_EARLY,
    Verdict.GO_ON: Answer.GO_ON,
    Verdict.STOP: Answer.NO_GO,
    Verdict.NEGATIVE: Answer.NO_GO,
    Verdict.POSITIVE: Answer.GO,
}


def answer_of_verdict(verdict: Verdict) -> Answer:
    """A design's verdict in the words of rules."""
    return _OF_VERDICT[verdict]
