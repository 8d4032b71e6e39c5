"""A decision rule as it is fixed before the first patient: design, model, boundaries."""

from __future__ import annotations

from dataclasses import dataclass

from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.rules.conditions import Boundary

__all__ = ["DecisionRule"]


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
            programme ("drug", "alteration", "tumour"); empty: all cohorts are one group.
    """

    name: str
    design: TwoStageDesign
    final: Boundary | None = None
    interim: Boundary | None = None
    model: BorrowingModel | None = None
    group: str = ""
