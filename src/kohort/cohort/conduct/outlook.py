"""What is still open in a running cohort: what pending patients can change, and how likely it is to end with go.

Pending patients are taken to be evaluated in the order of enrolment, since all wait equally long for their
evaluation. A pending patient is decisive if there are responses of the other pending patients with which this one
patient's response changes the answer. The best and the worst case are those of all responses and of none.

Power is the probability that the cohort ends with go, if it goes on to n (or, closed, to all who are enrolled):
conditional at p1, predictive over the Beta posterior of the cohort's own patients under a flat prior. Under a
borrowing model the other cohorts stay as they are now.

    P = sum over y1, y2 of w(y1, y2) [ go early(s + y1) or ( go on(s + y1) and go(s + y1 + y2) ) ]

with y1 responders among those who complete stage 1, y2 among the rest, and w binomial or beta-binomial.

References:
    Lachin JM. Stat Med 2005;24:2747-2764 (conditional power).
    Lee JJ, Liu DD. Clin Trials 2008;5:93-106 (predictive probability of a single arm).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln, xlog1py, xlogy

from kohort.cohort.borrowing.data import FloatArray
from kohort.cohort.conduct.answers import Answer, Look
from kohort.cohort.conduct.judging import Standing
from kohort.cohort.conduct.readings import GroupReadings, group_readings, own_final, own_interim
from kohort.cohort.maths.binomial import tail
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import IntegrityError

__all__ = ["Future", "Outlook", "error_rates_as_conducted", "error_rates_of", "outlook_of"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may still come of a cohort.

    Attributes:
        best: the answer if every pending patient responds.
        worst: the answer if none does.
        decisive: for each pending patient, in the order of enrolment, whether the response can change the answer.
        conditional_power: probability to end with go at p1.
        predictive_power: probability to end with go, averaged over what is known of the rate.
    """

    best: Answer
    worst: Answer
    decisive: tuple[bool, ...]
    conditional_power: float
    predictive_power: float


@dataclass(frozen=True, slots=True)
class Future:
    """A cohort, reduced to what its future depends on.

    Attributes:
        rule: its rule.
        responders: evaluable patients who responded.
        evaluable: evaluable patients.
        pending: patients not yet evaluable.
        looked_at: evaluable patients that the look is or was made on.
        at_look: what was decided at the look; None if it lies ahead.
        n1_actual: size of the look for the reading of the end; None: as planned.
        is_closed: True if nobody else will be enrolled.
        ending: the decision at the end, if it was written down.
        readings: boundaries of its group; None if its rule has none.
        column: its place in the group.
        is_overruled: True if the look was passed though the rule says stop.
    """

    rule: DecisionRule
    responders: int
    evaluable: int
    pending: int
    looked_at: int
    at_look: Answer | None
    n1_actual: int | None
    is_closed: bool
    ending: Answer | None
    readings: GroupReadings | None = None
    column: int = 0
    is_overruled: bool = False

    @classmethod
    def of(cls, standing: Standing) -> Future:
        """The future of a cohort as it stands."""
        life = standing.life
        responders, evaluable = standing.counted()
        at_look = life.look.decision if life.look is not None else None
        if at_look is None and evaluable >= standing.looked_at:
            at_look = standing.interim[1].answer
        return cls(
            rule=standing.rule,
            responders=responders,
            evaluable=evaluable,
            pending=len(life.pending),
            looked_at=standing.looked_at,
            at_look=at_look,
            n1_actual=standing.n1_actual,
            is_closed=life.is_closed,
            ending=None if life.ending is None else life.ending.decision,
            column=standing.column,
            is_overruled=at_look == Answer.GO_ON and standing.interim[1].answer == Answer.NO_GO,
        )

    @property
    def to_look(self) -> int:
        """Evaluable patients missing to the look; 0 if it was made."""
        return 0 if self.at_look is not None else max(self.looked_at - self.evaluable, 0)

    @property
    def last(self) -> int:
        """Evaluable patients at the end, if every pending patient is evaluated."""
        enrolled = self.evaluable + self.pending
        return enrolled if self.is_closed else max(enrolled, self.rule.design.n)

    @property
    def questions(self) -> set[tuple[int, int]]:
        """Counts on which boundaries will be asked: responders and evaluable patients."""
        asked: set[tuple[int, int]] = set()
        if self.rule.interim is not None and self.to_look:
            asked |= {(self.responders + y, self.looked_at) for y in range(self.to_look + 1)}
        if self.rule.final is not None:
            for size in (self.evaluable + self.pending, self.last):
                asked |= {(self.responders + y, size) for y in range(size - self.evaluable + 1)}
        return asked

    def interim(self, responders: int, evaluable: int) -> Answer:
        """What is answered at the look, with so many patients of stage 1."""
        if self.at_look is not None:
            return self.at_look
        if self.rule.interim is None:
            return own_interim(self.rule.design, responders, evaluable).answer
        if evaluable < self.looked_at:
            return Answer.TOO_EARLY
        return self._boundary(Look.INTERIM, responders, evaluable)

    def final(self, responders: int, evaluable: int) -> Answer:
        """What is answered at the end, with so many patients; too early if it is not the end yet."""
        design = self.rule.design
        if self.rule.final is not None:
            is_due = evaluable >= design.n or (self.is_closed and evaluable > self.looked_at)
            return self._boundary(Look.FINAL, responders, evaluable) if is_due else Answer.TOO_EARLY
        closed = self.is_closed and evaluable > max(self.looked_at, design.r1 + 1)
        if evaluable < self.looked_at and responders <= design.r and not closed:
            return Answer.TOO_EARLY
        return own_final(design, responders, evaluable, 0, closed=closed, n1_actual=self.n1_actual).answer

    def _boundary(self, look: Look, responders: int, evaluable: int) -> Answer:
        if self.readings is None:
            raise IntegrityError("Boundaries are read with those of the group.")
        return self.readings.answer(look, self.column, responders, evaluable)

    def answer(self, first: int, later: int) -> Answer:
        """The answer once all pending patients are evaluated.

        Args:
            first: responders among the pending patients who belong to stage 1.
            later: responders among the others.
        """
        if self.ending is not None:
            return self.ending
        of_stage_1 = min(self.pending, self.to_look)
        at_interim = self.interim(self.responders + first, self.evaluable + of_stage_1)
        if at_interim != Answer.GO_ON:
            return at_interim
        at_end = self.final(self.responders + first + later, self.evaluable + self.pending)
        return at_interim if at_end == Answer.TOO_EARLY else at_end

    def powers(self, *weights_of: Callable[[int, int], FloatArray]) -> list[float]:
        """Probabilities to end with go.

        Args:
            weights_of: each gives probabilities (m1 + 1, m2 + 1) of responders among the m1 patients to the look
                and the m2 later ones.
        """
        to_look, s = self.to_look, self.responders
        rest = self.last - self.evaluable - to_look
        if self.ending is not None or rest < 0:  # decided, or closed before the look
            return [float(self.ending == Answer.GO)] * len(weights_of)
        looks = [self.interim(s + y, self.evaluable + to_look) for y in range(to_look + 1)]
        ends = [Answer.GO_ON in looks and self.final(s + y, self.last) == Answer.GO for y in range(to_look + rest + 1)]
        wins = np.array([self._wins(look, ends[y : y + rest + 1]) for y, look in enumerate(looks)])
        return [min(float(weigh(to_look, rest)[wins].sum()), 1.0) for weigh in weights_of]

    @staticmethod
    def _wins(look: Answer, ends: list[bool]) -> list[bool]:
        """Whether the cohort ends with go, for each number of later responders."""
        return [look == Answer.GO or (look == Answer.GO_ON and end) for end in ends]


@functools.lru_cache(maxsize=8192)
def outlook_of(future: Future) -> Outlook:
    """What may still come of a cohort."""
    of_stage_1 = min(future.pending, future.to_look)
    later = future.pending - of_stage_1
    answers = {
        (first, rest): future.answer(first, rest)
        for first, rest in itertools.product(range(of_stage_1 + 1), range(later + 1))
    }
    in_stage_1 = any(answers[y1, y2] != answers[y1 + 1, y2] for y1, y2 in answers if y1 < of_stage_1)
    in_later = any(answers[y1, y2] != answers[y1, y2 + 1] for y1, y2 in answers if y2 < later)
    a, b = future.responders + 1.0, future.evaluable - future.responders + 1.0
    conditional, predictive = future.powers(
        lambda first, rest: _binomials(first, rest, float(future.rule.design.p1)),
        lambda first, rest: _beta_binomials(first, rest, a, b),
    )
    return Outlook(
        best=answers[of_stage_1, later],
        worst=answers[0, 0],
        decisive=(in_stage_1,) * of_stage_1 + (in_later,) * later,
        conditional_power=conditional,
        predictive_power=predictive,
    )


@functools.lru_cache(maxsize=1024)
def error_rates_of(rule: DecisionRule) -> tuple[float, float]:
    """Alpha and power of a rule: the probability to end with go at p0 and at p1, before the first patient.

    Exact for rules whose cohorts are read on their own. Where cohorts borrow it depends on the rates of all of
    them, so those of the design are given; operating characteristics have the rest.
    """
    design = rule.design
    if (rule.interim is None and rule.final is None) or rule.model is not None:
        return design.alpha, design.power
    start = Future(rule, 0, 0, 0, design.n1, None, None, is_closed=False, ending=None)
    readings = group_readings(rule, ((0, 0),), tuple((0, *asked) for asked in sorted(start.questions)))
    rates = (float(design.p0), float(design.p1))
    alpha, power = dataclasses.replace(start, readings=readings).powers(
        *(functools.partial(_binomials, p=rate) for rate in rates)
    )
    return alpha, power


@functools.lru_cache(maxsize=4096)
def error_rates_as_conducted(future: Future, given: tuple[float, float] | None = None) -> tuple[float, float]:
    """Alpha and power of a cohort as it is conducted: with the sizes that the look and the end have or will have.

    A look that was passed against the rule stops nothing, so what is left is the threshold of the end alone. If one
    does so only after having seen the data, no number can say what else one would have done.

    Args:
        future: the cohort, with the counts that its sizes are read from.
        given: alpha and power of a rule that borrows; None: see ``error_rates_of``.
    """
    rule, design = future.rule, future.rule.design
    if given is not None or rule.interim is not None or rule.final is not None:
        return given or error_rates_of(rule)
    n1, n = future.n1_actual or design.n1, future.last
    if n <= n1:
        return design.alpha, design.power
    end = design.for_sizes(n1, n).strict
    if future.is_overruled:
        return tail(end.r + 1, end.n, float(end.p0)), tail(end.r + 1, end.n, float(end.p1))
    return end.alpha, end.power


def _choose(total: int, chosen: FloatArray) -> FloatArray:
    return gammaln(total + 1) - gammaln(chosen + 1) - gammaln(total - chosen + 1)


@functools.lru_cache(maxsize=4096)
def _binomials(first: int, rest: int, p: float) -> FloatArray:
    """(first + 1, rest + 1) probabilities of responders in two lots of patients at rate ``p``."""
    y1, y2 = np.arange(first + 1.0)[:, None], np.arange(rest + 1.0)[None]
    ways = _choose(first, y1) + _choose(rest, y2)
    return np.exp(ways + xlogy(y1 + y2, p) + xlog1py(first + rest - y1 - y2, -p))


@functools.lru_cache(maxsize=4096)
def _beta_binomials(first: int, rest: int, a: float, b: float) -> FloatArray:
    """The same, with the rate drawn from Beta(a, b)."""
    y1, y2 = np.arange(first + 1.0)[:, None], np.arange(rest + 1.0)[None]
    ways = _choose(first, y1) + _choose(rest, y2)
    return np.exp(ways + betaln(a + y1 + y2, b + first + rest - y1 - y2) - betaln(a, b))
