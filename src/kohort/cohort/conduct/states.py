"""Where each cohort stands by its pooled counts: stage, places left, decision, unknowns.

How pooled counts decide. Who belongs to stage 1 depends on the order of patients, which counts of several
sites do not carry. So a state is a look made now, at the evaluable patients there are now:

* fewer than n1 evaluable: stage 1, unless r1 is exceeded already (then no further patient can stop it);
* n1 or more evaluable and r1 or fewer responders: the cohort stops. With more than n1 this is a look made
  late; its exact error rates are in the decision;
* more than r1 responders: stage 2, read against r of n.

A cohort that fills without anybody looking at n1 has the alpha of one stage (0.0851 instead of 0.0778 for
8 + 16). That is always so for patients read from records, and the sentence says it.

Where the log is at hand, ``kohort.cohort.conduct.judging`` makes the look on the first n1 in its order, with the
alpha of the plan. Both say the same, unless the first n1 had r1 responders or fewer and later ones responded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kohort.cohort.conduct.counts import CohortCounts
from kohort.cohort.designs.decisions import Decision, Verdict
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.maths.beta import Beta

__all__ = ["CohortState", "Stage", "state"]


class Stage(StrEnum):
    """Where a cohort stands."""

    ONE = "stage 1"
    ONE_FULL = "stage 1 full, waiting for evaluations"
    TWO = "stage 2"
    TWO_FULL = "stage 2 full, waiting for evaluations"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CohortState:
    """A cohort now.

    Attributes:
        cohort: identifier of the cohort.
        counts: the counts it was read from.
        design: the plan.
        stage: where it stands.
        decision: what the counts say, with best and worst case under pending patients.
        slots_stage_1: places left to n1, counting evaluable and pending patients as taken.
        slots_total: places left to n, counted alike.
        slots_open: places that may be filled now: those of the present stage, none after the end.
        posterior: Beta posterior of the response rate; None without a prior.
    """

    cohort: str
    counts: CohortCounts
    design: TwoStageDesign
    stage: Stage
    decision: Decision
    slots_stage_1: int
    slots_total: int
    slots_open: int
    posterior: Beta | None = None

    @property
    def verdict(self) -> Verdict:
        """What to do now: stage 2 with places left goes on, though it is too early to read its end."""
        goes_on = self.stage is Stage.TWO and self.decision.verdict is Verdict.TOO_EARLY
        return Verdict.GO_ON if goes_on else self.decision.verdict

    @property
    def unknown(self) -> int:
        """Patients not yet evaluable, on whom the decision may still hang."""
        return self.counts.pending

    @property
    def sentence(self) -> str:
        """All that a coordinator must know, in plain words."""
        return " ".join(part for part in (f"{self.stage.capitalize()}.", *self._parts()) if part)

    def _parts(self) -> Iterable[str]:
        counts = self.counts
        yield self.decision.sentence
        if self.slots_open:
            yield f"Places open now: {self.slots_open} (to {self.design.n}: {self.slots_total})."
        if counts.not_evaluable:
            yield f"Never evaluable: {counts.not_evaluable}."
        if counts.without_measurable_disease:
            yield (
                f"Treated around surgery, without measurable disease, and not counted: "
                f"{counts.without_measurable_disease} "
                f"({counts.responses_without_measurable_disease} with a recorded response)."
            )
        if counts.evaluable_setting_unknown:
            yield (
                f"Setting not recorded: {counts.evaluable_setting_unknown} evaluable "
                f"({counts.responders_setting_unknown} responders), some perhaps without measurable disease."
            )
        if counts.retrospective:
            yield (
                f"Read from recorded treatments: {counts.retrospective} of {counts.enrolled}. Nobody looked "
                f"after stage 1, so more than {self.design.r} of {self.design.n} has alpha "
                f"{self.design.alpha_without_look:.4f} instead of {self.design.alpha:.4f}."
            )


def state(
    counts: CohortCounts,
    design: TwoStageDesign = EIGHT_PLUS_SIXTEEN,
    *,
    prior: Beta | None = None,
    n1_actual: int | None = None,
) -> CohortState:
    """Where a cohort stands, from its counts at one site or over several; see the module for the rule.

    Args:
        counts: counts of the cohort.
        design: the plan.
        prior: prior of the response rate, for the posterior.
        n1_actual: evaluable patients when the look after stage 1 was made; None: as planned, or now.
    """
    decision = _decision(counts, design, n1_actual)
    taken = counts.evaluable + counts.pending
    slots_stage_1, slots_total = max(design.n1 - taken, 0), max(design.n - taken, 0)
    stage = _stage(decision, counts, slots_stage_1, slots_total, design)
    slots_open = {Stage.ONE: slots_stage_1, Stage.TWO: slots_total}.get(stage, 0)
    return CohortState(
        cohort=counts.cohort,
        counts=counts,
        design=design,
        stage=stage,
        decision=decision,
        slots_stage_1=slots_stage_1,
        slots_total=slots_total,
        slots_open=slots_open,
        posterior=None if prior is None else prior.updated(counts.responders, counts.evaluable),
    )


def _decision(counts: CohortCounts, design: TwoStageDesign, n1_actual: int | None) -> Decision:
    responders, evaluable, pending = counts.responders, counts.evaluable, counts.pending
    look_at = design.n1 if n1_actual is None else n1_actual
    has_passed = evaluable >= look_at and responders > design.r1
    if has_passed or responders > design.r or evaluable >= design.n:
        return design.decide_final(responders, evaluable, pending, n1_actual=n1_actual)
    looked = n1_actual is not None and evaluable >= n1_actual
    return design.decide_interim(responders, evaluable, pending, closed=looked)


def _stage(
    decision: Decision, counts: CohortCounts, slots_stage_1: int, slots_total: int, design: TwoStageDesign
) -> Stage:
    match decision.verdict:
        case Verdict.STOP | Verdict.NEGATIVE:
            return Stage.ENDED
        case Verdict.POSITIVE if counts.evaluable >= design.n:
            return Stage.ENDED
        case Verdict.TOO_EARLY if counts.responders <= design.r1:
            return Stage.ONE if slots_stage_1 else Stage.ONE_FULL
        case _:
            return Stage.TWO if slots_total else Stage.TWO_FULL
