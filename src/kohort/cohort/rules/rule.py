"""A decision rule as it is fixed before the first patient: design, model, boundaries.

A rule has one text (canonical JSON, format ``kohort-rule/1``) and one hash, the SHA-256 of that text. The hash
stands on every state, decision and report that was made with the rule, and in the event that opened a cohort.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.rules.codec import canonical, decoded, encoded
from kohort.cohort.rules.conditions import Boundary
from kohort.cohort.rules.models import FAMILIES
from kohort.errors import InputError

__all__ = ["FORMAT", "DecisionRule"]

FORMAT: Final = "kohort-rule/1"
"""Name and version of the text of a rule."""


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """Go, consider and no-go for the cohorts of a programme, at the look after stage 1 and at the end.

    Attributes:
        name: what the rule is called.
        design: sizes and thresholds of both stages.
        final: the boundary at the end; None: the design's own (more than r of n).
        interim: the boundary after stage 1, where no-go stops the cohort and go ends it early as positive;
            None: the design's own (stop with r1 or fewer of n1).
        model: how cohorts borrow from each other; None: each on its own, with a flat prior.
        group: cohorts borrow from those of the same group only; the field that names the group in a
            programme ("drug", "alteration", "tumour", "group"); empty: all cohorts are one group.
    """

    name: str
    design: TwoStageDesign
    final: Boundary | None = None
    interim: Boundary | None = None
    model: BorrowingModel | None = None
    group: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 of the rule's text, 64 hexadecimal digits."""
        return sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The rule's one text; equal rules have equal texts.

        Raises:
            StatisticsError: a model with settings that cannot be written down.
        """
        return canonical({"format": FORMAT, "rule": encoded(self, type(self))})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The rule of a text, however that is spaced.

        Raises:
            InputError: no JSON, another format, or settings that are missing, unknown or of another type.
            StatisticsError: settings that make no rule.
        """
        try:
            content = json.loads(text)
        except ValueError as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else None
            raise InputError("A rule is written in JSON, and this is none.", line=line) from error
        written = content.get("format") if isinstance(content, dict) else None
        if written != FORMAT:
            raise InputError(
                f"The format {written!r} is not {FORMAT!r}.", remedy="Give a rule that this version of Kohort reads."
            )
        return decoded(content.get("rule"), cls, FAMILIES)
