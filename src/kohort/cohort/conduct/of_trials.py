"""Programmes from trials as they are declared for matching: the same cohorts, designs and identifiers."""

from __future__ import annotations

from collections.abc import Iterable

from kohort.cohort.conduct.programme import Cohort, Programme
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import StatisticsError
from kohort.match import TreatmentCohort, Trial
from kohort.match.criteria import Diagnosis
from kohort.match.criteria.logic import Criterion, Leaf, requirements

__all__ = ["design_of", "programme_of_trials", "words_of"]


def design_of(declared: TreatmentCohort) -> TwoStageDesign:
    """The two-stage design of a declared cohort."""
    return TwoStageDesign(**{name: getattr(declared.design, name) for name in ("r1", "n1", "r", "n", "p0", "p1")})


def words_of(declared: TreatmentCohort, *, tumour: bool) -> str:
    """The criteria about the tumour type, or those about anything else, in words; "any" tumour if none is named."""
    chosen = [part.words for part in requirements(declared.criteria) if _is_diagnosis(part) == tumour]
    return "; ".join(chosen) or ("any" if tumour else "")


def _is_diagnosis(criterion: Criterion) -> bool:
    if isinstance(criterion, Leaf):
        return isinstance(criterion, Diagnosis)
    return all(_is_diagnosis(part) for part in criterion.parts)


def programme_of_trials(trials: Iterable[Trial], rule: DecisionRule | None = None) -> Programme:
    """The treatment cohorts of trials as one programme.

    Args:
        trials: trials with treatment cohorts; their other arms have no design and are left out.
        rule: the rule of all cohorts; None: each cohort's own design, without borrowing.

    Raises:
        StatisticsError: no cohort, two of one identifier, or a rule whose design is not that of a cohort.
    """
    rules: dict[TwoStageDesign, DecisionRule] = {}
    cohorts: list[Cohort] = []
    for trial in trials:
        for declared in trial.cohorts:
            design = design_of(declared)
            if rule is not None and rule.design != design:
                raise StatisticsError(
                    f"Cohort {declared.id} has the design {design}, the rule {rule.name!r} has {rule.design}.",
                    remedy="Give a rule with the design of the cohorts.",
                )
            chosen = rules.setdefault(design, rule or DecisionRule(name=_name(design), design=design))
            cohorts.append(
                Cohort(
                    id=declared.id,
                    rule=chosen.name,
                    tumour=words_of(declared, tumour=True),
                    alteration=words_of(declared, tumour=False),
                    drug=" + ".join(declared.drugs),
                )
            )
    if not cohorts:
        raise StatisticsError(
            "The trials have no treatment cohort with a two-stage design.",
            remedy="Declare cohorts with a design in Kohort's YAML (kohort match schema).",
        )
    return Programme(tuple(cohorts), tuple(rules.values()))


def _name(design: TwoStageDesign) -> str:
    return f"{design.r1}/{design.n1}, {design.r}/{design.n} at {design.p0:g} and {design.p1:g}"
