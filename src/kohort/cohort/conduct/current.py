"""Where every cohort of a programme stands, from the log: decisions, places, pending patients, powers, posteriors.

A cohort takes patients if it was opened (or patients show that it was), is neither paused nor closed, and its stage
has places. Equal cohorts are computed once, and the posteriors of a group in one call of its model.

The p value of a finished cohort is q(x, p0) in the order of stage, then count (Koyama & Chen), for the sizes that
were enrolled. If the look was passed against the rule, or by a boundary of the rule's own, no credit is given for
the look: P(X >= x) of one stage, which is never smaller.

References:
    Koyama T, Chen H. Stat Med 2008;27:3145-3154 (p value).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from kohort.cohort.conduct.answers import Answer, Look
from kohort.cohort.conduct.events import CohortEvent
from kohort.cohort.conduct.judging import Conduct, Standing
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.multiplicity import CohortTest, multiplicity_of
from kohort.cohort.conduct.outlook import Future, error_rates_as_conducted, outlook_of
from kohort.cohort.conduct.programme import Accrual, Cohort, Group, Programme
from kohort.cohort.conduct.readings import Reading, group_readings, own_final, own_interim
from kohort.cohort.conduct.states import Stage
from kohort.cohort.conduct.status import CohortStatus, PendingPatient, Places, ProgrammeState
from kohort.cohort.maths.binomial import tail, ways_after_stage_two, weighed_tail
from kohort.cohort.rules.rule import DecisionRule

__all__ = ["code_versions", "state_of"]

ErrorRates = Mapping[str, tuple[float, float]]


def state_of(
    programme: Programme,
    log: CohortLog | Iterable[CohortEvent],
    as_of: int | dt.datetime | None = None,
    *,
    error_rates: ErrorRates | None = None,
) -> ProgrammeState:
    """Where every cohort stands; see ``Programme.state``."""
    held = (log if isinstance(log, CohortLog) else CohortLog.of(log)).as_of(as_of)
    conduct = Conduct(programme).take_all(enumerate(held, start=1))
    given = error_rates or {}
    found = {
        status.cohort.id: status
        for group in programme.groups
        for status in _group_status(programme, group, conduct, given.get(group.rule.name))
    }
    cohorts = tuple(found[cohort.id] for cohort in programme.cohorts)
    return ProgrammeState(
        cohorts=cohorts,
        decisions=tuple(conduct.decisions),
        head=held.head,
        rules=dict(programme.hashes),
        versions=code_versions(),
        multiplicity=multiplicity_of(
            CohortTest(each.cohort.id, each.alpha, each.power, each.answer == Answer.GO, each.p_value)
            for each in cohorts
        ),
    )


@functools.cache
def code_versions() -> dict[str, str]:
    """Versions of what computes a state."""
    return {package: version(package) for package in ("kohort", "numpy", "scipy")}


def _group_status(
    programme: Programme, group: Group, conduct: Conduct, rates: tuple[float, float] | None
) -> list[CohortStatus]:
    standings = [conduct.standings[cohort] for cohort in group.cohorts]
    futures = [Future.of(standing) for standing in standings]
    counts = [(future.responders, future.evaluable) for future in futures]
    wanted = [(column, *asked) for column, future in enumerate(futures) for asked in sorted(future.questions)]
    readings = group_readings(group.rule, tuple(counts), tuple(wanted))
    means, probabilities = readings.now(counts)
    if group.rule.interim is not None or group.rule.final is not None:
        futures = [dataclasses.replace(future, readings=readings) for future in futures]
    return [
        _status(programme.cohorts_by_id[each.life.cohort], each, future, (mean, probability), rates)
        for each, future, mean, probability in zip(standings, futures, means, probabilities, strict=True)
    ]


def _status(
    cohort: Cohort,
    standing: Standing,
    future: Future,
    posterior: tuple[float, float],
    rates: tuple[float, float] | None,
) -> CohortStatus:
    look, answer = standing.stands
    places = _places(future)
    alpha, power = error_rates_as_conducted(future, rates)
    stage = _stage(look, answer, future, places)
    outlook = outlook_of(future)
    decision = standing.made[-1] if standing.made else None
    next_look = Look.INTERIM if future.to_look else Look.FINAL
    if stage is Stage.ENDED and decision is not None:
        next_look, now = look, Reading(answer, decision.reasons)
    else:
        now = _read_now(next_look, future)
    return CohortStatus(
        cohort=cohort,
        design=standing.rule.design,
        rule=standing.rule_hash,
        counts=standing.life.counts,
        stage=stage,
        look=look,
        answer=answer,
        decision=decision,
        places=Places(_open_places(stage, places, cohort, standing), *places, standing.life.sites),
        pending=_pending(standing, future, outlook.decisive),
        outlook=outlook,
        next_look=next_look,
        now=now,
        mean=posterior[0],
        prob_greater=posterior[1],
        alpha=alpha,
        power=power,
        p_value=_p_value(standing, look) if stage is Stage.ENDED else None,
    )


def _places(future: Future) -> tuple[int, int]:
    """Places left to n1 and to n: every evaluable or pending patient holds one."""
    taken, design = future.evaluable + future.pending, future.rule.design
    return max(design.n1 - taken, 0), max(design.n - taken, 0)


def _stage(look: Look, answer: Answer, future: Future, places: tuple[int, int]) -> Stage:
    waits = future.pending > 0
    if future.ending is not None or answer in (Answer.NO_GO, Answer.CONSIDER) or (future.is_closed and not waits):
        return Stage.ENDED
    if answer == Answer.GO and (look is Look.INTERIM or future.evaluable >= future.rule.design.n):
        return Stage.ENDED
    if answer == Answer.TOO_EARLY:
        return Stage.ONE if places[0] and not future.is_closed else Stage.ONE_FULL
    return Stage.TWO if places[1] and not future.is_closed else Stage.TWO_FULL


def _open_places(stage: Stage, places: tuple[int, int], cohort: Cohort, standing: Standing) -> int:
    if not standing.life.is_open:
        return 0
    if stage in (Stage.ONE, Stage.ONE_FULL):
        return places[1] if cohort.accrual == Accrual.GO_ON else places[0]
    return places[1] if stage is Stage.TWO else 0


def _read_now(look: Look, future: Future) -> Reading:
    rule, responders, evaluable = future.rule, future.responders, future.evaluable
    if future.readings is not None and (rule.interim if look is Look.INTERIM else rule.final) is not None:
        return future.readings.reading(look, future.column, responders, evaluable)
    if look is Look.INTERIM:
        return own_interim(rule.design, responders, evaluable)
    return own_final(rule.design, responders, evaluable, 0, closed=False, n1_actual=future.n1_actual)


def _pending(standing: Standing, future: Future, decisive: tuple[bool, ...]) -> tuple[PendingPatient, ...]:
    return tuple(
        PendingPatient(
            line=patient.line,
            site=patient.enrolment.site,
            on=patient.enrolment.on,
            place=future.evaluable + rank,
            is_confirmed=patient.is_confirmed,
            is_decisive=can_decide,
        )
        for rank, (patient, can_decide) in enumerate(zip(standing.life.pending, decisive, strict=True), start=1)
    )


def _p_value(standing: Standing, look: Look) -> float | None:
    rule, size = standing.rule, standing.looked_at
    responders, evaluable = standing.counted()
    if look is Look.INTERIM or evaluable <= size:
        at_look = standing.counted(size)
        return tail(*at_look, float(rule.design.p0)) if at_look[1] else None
    return _p_value_of_counts(rule, standing.counted(size)[0], size, responders, evaluable)


@functools.lru_cache(maxsize=4096)
def _p_value_of_counts(rule: DecisionRule, first: int, size: int, responders: int, evaluable: int) -> float:
    r1 = rule.design.r1 if rule.interim is None and first > rule.design.r1 else -1
    return weighed_tail(ways_after_stage_two(r1, size, evaluable), responders, float(rule.design.p0))
