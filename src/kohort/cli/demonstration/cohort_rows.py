"""Treatment cohorts over all sites, as the report shows them."""

from __future__ import annotations

from collections.abc import Mapping

from kohort import cohort
from kohort.cli.demonstration.door import Door, as_count
from kohort.cli.demonstration.sums import SiteSums
from kohort.cohort import CohortCounts, TwoStageDesign
from kohort.cohort.conduct.of_trials import design_of, words_of
from kohort.evidence import CountSums
from kohort.federation import ShownCohort
from kohort.match import TreatmentCohort, Trial
from kohort.web import NOT_SHOWN, CohortRow, Count, Outcome

__all__ = ["rows"]

_OUTCOMES: dict[str, Outcome] = {
    "too early": "recruiting", "go on": "continue", "stop for futility": "stopped", "positive": "positive",
    "negative": "negative",
}  # fmt: skip
_LABELS: dict[Outcome, str] = {
    "recruiting": "too early", "continue": "go on", "stopped": "stop", "positive": "positive", "negative": "negative",
}  # fmt: skip


def rows(trial: Trial, sums: Mapping[str, SiteSums], door: Door) -> tuple[CohortRow, ...]:
    """All cohorts of a protocol, those with most patients first."""
    pooled = cohort.combine(one.cohorts for one in sums.values())
    made = [_row(one, pooled.get(one.id, CohortCounts(one.id)), sums, door) for one in trial.cohorts]
    order = {one.id: -pooled.get(one.id, CohortCounts(one.id)).enrolled for one in trial.cohorts}
    return tuple(sorted(made, key=lambda row: (order[row.id], row.id)))


def _row(declared: TreatmentCohort, counts: CohortCounts, sums: Mapping[str, SiteSums], door: Door) -> CohortRow:
    plan = design_of(declared)
    now = cohort.state(counts, plan)
    parts = {site: one.cohorts.get(declared.id, CohortCounts(declared.id)) for site, one in sums.items()}
    shown = door.cohort(f"Counts of cohort {declared.id}.", parts)
    told = shown is not None and shown.evaluable is not None
    outcome = _OUTCOMES[now.verdict] if told else "recruiting"
    numbers = _numbers(shown, counts, door)
    fits = _fits(declared.id, sums, door)
    return CohortRow(
        id=declared.id,
        title=declared.title,
        tumour=words_of(declared, tumour=True),
        alteration=words_of(declared, tumour=False),
        drug=" + ".join(declared.drugs),
        by_site=_by_site(shown, parts),
        **numbers,
        stage=1 if counts.evaluable < plan.n1 or not told or outcome == "stopped" else 2,
        decision=outcome,
        decision_label=_LABELS[outcome],
        decision_sentence=_sentence(declared.id, plan, numbers, door),
        r1=plan.r1,
        n1=plan.n1,
        r=plan.r,
        n=plan.n,
        **fits,
        missing_fact=_fact(declared.id, sums),
    )


def _sentence(cohort_id: str, plan: TwoStageDesign, numbers: Mapping[str, Count], door: Door) -> str:
    """What the shown numbers mean; the full sentence of a state would tell numbers that did not pass the gate."""
    evaluable, responders, pending = (numbers[name] for name in ("evaluable", "responders", "pending"))
    if isinstance(evaluable, str) or isinstance(responders, str):
        return f"Too early: fewer than {door.k} patients can be told."
    waiting = pending if isinstance(pending, int) else 0
    told = CohortCounts(cohort_id, enrolled=evaluable + waiting, evaluable=evaluable, responders=responders)
    sentence = cohort.state(told, plan).decision.sentence
    return sentence if isinstance(pending, int) else f"{sentence} Some patients are not yet evaluable."


def _numbers(shown: ShownCohort | None, counts: CohortCounts, door: Door) -> dict[str, Count]:
    if shown is None:
        small: Count = door.hidden if counts.enrolled else 0
        return dict.fromkeys(("enrolled", "evaluable", "responders", "pending"), small)
    if shown.evaluable is None or shown.responders is None:
        return {
            "enrolled": shown.enrolled, "evaluable": door.hidden, "responders": NOT_SHOWN, "pending": NOT_SHOWN,
        }  # fmt: skip
    known: dict[str, Count] = {"evaluable": shown.evaluable, "responders": shown.responders}
    # the gate let enrolled and evaluable out, so their difference is out too; other small numbers are not
    if counts.pending in (0, shown.enrolled - shown.evaluable) or counts.pending >= door.k:
        return {**known, "enrolled": shown.enrolled, "pending": counts.pending}
    return {**known, "enrolled": NOT_SHOWN, "pending": door.hidden}


def _by_site(shown: ShownCohort | None, parts: Mapping[str, CohortCounts]) -> dict[str, Count]:
    if shown is None:
        enrolled = sum(part.enrolled for part in parts.values())
        return dict.fromkeys(parts, NOT_SHOWN if enrolled else 0)
    known = dict(shown.by_site)
    found = {site: known.get(site) for site in parts}
    return {site: NOT_SHOWN if part is None else part.enrolled for site, part in found.items()}


def _fits(cohort_id: str, sums: Mapping[str, SiteSums], door: Door) -> dict[str, Count]:
    """Who fits, for whom it is unknown, and who fails one criterion only."""
    found: dict[str, Count] = {}
    for name, field in (("eligible", "eligible"), ("unknown", "unknown"), ("near_misses", "near_miss")):
        numbers = {site: one.fits[cohort_id][name] for site, one in sums.items()}
        parts = {site: CountSums((), (((), n),) if n else ()) for site, n in numbers.items()}
        table = door.counts(f"Patients of cohort {cohort_id}: {name}.", parts)
        found[field] = door.hidden if table is None else as_count(table, "total")
    return found


def _fact(cohort_id: str, sums: Mapping[str, SiteSums]) -> str:
    """The missing fact that would settle most of the unknown."""
    total: dict[str, int] = {}
    for one in sums.values():
        for fact, settled in one.facts.get(cohort_id, {}).items():
            total[fact] = total.get(fact, 0) + settled
    return max(total, key=lambda fact: (total[fact], fact)) if total else ""
