"""Checks of logic: what no patient can meet, and what every patient meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kohort.match.criteria.judged import FreeText, Unread
from kohort.match.criteria.logic import And, AtLeast, Criterion, Leaf, Not, Or, leaves, requirements
from kohort.match.criteria.molecular import Mmr
from kohort.match.linter.findings import finding, listed, shortened
from kohort.match.linter.solver import Logic
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Trial

__all__ = ["contradictions"]

_BY_PEOPLE = (FreeText, Unread)


@dataclass(frozen=True, slots=True, eq=False)
class _Views:
    """One criterion under both readings of what a patient can have.

    Attributes:
        every: whatever patients there are, also those with several tumours.
        ordinary: patients with one tumour, whose results agree with each other.
    """

    every: Logic
    ordinary: Logic


def contradictions(trial: Trial, arm: Arm, logic: Logic) -> Iterator[Problem]:
    """What cannot, must or never can hold.

    Rules: ``never-satisfied``, ``dead-alternative``, ``disjoint-diagnoses``, ``discordant-results``, ``always-true``,
    ``only-words`` and ``never-decided``.

    Args:
        trial: the trial.
        arm: one of its arms.
        logic: of all that the arm asks.
    """
    asked = trial.criteria_of(arm)
    if not asked.parts:
        return
    views = _Views(logic, Logic([asked], ordinary=True))
    place = (trial, arm)
    yield from _always_true(asked, views.every, place)
    if views.every.can_hold(asked) is False:
        yield _never(_core(asked.parts, (), views.every), place)
        return
    if views.ordinary.can_hold(asked) is False:
        yield _unusual(_core(asked.parts, (), views.ordinary), "", place)
    else:
        yield from _dead_alternatives(asked.parts, (), views, place)
    yield from _by_people(asked, views.every, place)


def _core(parts: Sequence[Criterion], fixed: tuple[Criterion, ...], logic: Logic) -> list[Criterion]:
    """A smallest choice of the parts that cannot hold together (nor with what is fixed)."""
    core = list(parts)
    for part in parts:
        fewer = [one for one in core if one is not part]
        if logic.can_hold(*fixed, *fewer) is False:
            core = fewer
    return core


def _never(core: Sequence[Criterion], place: tuple[Trial, Arm]) -> Problem:
    words = [shortened(part) for part in core]
    if len(words) == 1:
        what, remedy = f"no patient can meet {words[0]}.", "Correct it."
    else:
        what = f"no patient can meet all of this together: {'; '.join(words)}."
        remedy = "Correct one of them, or join them with or."
    return finding("never-satisfied", "error", place, what, remedy)


def _unusual(core: Sequence[Criterion], where: str, place: tuple[Trial, Arm]) -> Problem:
    """What only a patient with two tumours, or with results that disagree, can meet."""
    asked = f"{where}{listed(map(shortened, core))}"
    if any(isinstance(leaf, Mmr) for part in core for leaf in leaves(part)):
        what = f"only a patient whose tests of mismatch repair disagree can meet {asked}."
        remedy = "MSI-H is read as deficient, MSS and MSI-L as proficient; correct one of them."
        return finding("discordant-results", "warning", place, what, remedy)
    what = f"only a patient with two tumours can meet {asked}."
    remedy = "Any tumour of a patient may meet a diagnosis; if one of several is meant, join them with or."
    return finding("disjoint-diagnoses", "warning", place, what, remedy)


def _dead_alternatives(
    parts: Sequence[Criterion], context: tuple[Criterion, ...], views: _Views, place: tuple[Trial, Arm]
) -> Iterator[Problem]:
    """Alternatives that nobody can use, given everything that is asked beside them."""
    for part in parts:
        if not isinstance(part, Or) or len(part.parts) < 2:
            continue
        beside = (*context, *(other for other in parts if other is not part))
        for alternative in part.parts:
            own = requirements(alternative)
            for logic, dead in ((views.every, True), (views.ordinary, False)):
                if logic.can_hold(*beside, *own) is False:
                    yield _dead(alternative, _core(beside, own, logic), place, dead=dead)
                    break
            else:
                yield from _dead_alternatives(own, beside, views, place)


def _dead(alternative: Criterion, against: Sequence[Criterion], place: tuple[Trial, Arm], *, dead: bool) -> Problem:
    words = shortened(alternative)
    if not dead:
        return _unusual((alternative, *against), "the alternative ", place)
    beside = f" beside {listed(map(shortened, against))}" if against else ""
    what = f"no patient can use the alternative {words}{beside}."
    return finding("dead-alternative", "warning", place, what, "Correct it, or take it out.")


def _always_true(asked: And, logic: Logic, place: tuple[Trial, Arm]) -> Iterator[Problem]:
    for part in asked.parts:
        for found in _tautologies(part, logic):
            what = f"every patient meets this, once the facts are known: {shortened(found)}."
            yield finding("always-true", "warning", place, what, "Take it out, or correct what it asks.")


def _tautologies(part: Criterion, logic: Logic) -> Iterator[Criterion]:
    """The greatest parts that hold for everybody."""
    if any(leaves(part)) and logic.is_always_true(part):
        yield _least(part, logic)
    elif not isinstance(part, Leaf):
        for inner in part.parts:
            yield from _tautologies(inner, logic)


def _least(part: Criterion, logic: Logic) -> Criterion:
    """Of alternatives, as few as hold for everybody."""
    needed = list(part.parts) if isinstance(part, Or) else []
    for alternative in tuple(needed):
        fewer = [one for one in needed if one is not alternative]
        needed = fewer if logic.is_always_true(Or(*fewer)) else needed
    return Or(*needed) if len(needed) > 1 else next(iter(needed), part)


def _by_people(asked: And, logic: Logic, place: tuple[Trial, Arm]) -> Iterator[Problem]:
    """Arms that no machine can decide, or never in a patient's favour."""
    every = list(leaves(asked))
    judged = [leaf for leaf in every if isinstance(leaf, _BY_PEOPLE)]
    if not judged:
        return
    words = listed(leaf.words for leaf in judged)
    if len(judged) == len(every):
        unread = all(isinstance(leaf, Unread) for leaf in every)
        what = "nothing that it asks was understood" if unread else "only people can judge what it asks"
        yield finding("only-words", "warning", place, f"{what}: {words}.", "Add criteria that the tables can answer.")
    elif logic.can_hold(_as_machines(asked, True)) is False:
        what = f"nobody is ever found eligible by machine, because it asks for {words}."
        remedy = "Conditions that are checked at enrolment can stand outside the criteria, under by_hand."
        if all(isinstance(leaf, Unread) for leaf in judged):
            remedy = "Correct what was not understood."
        yield finding("never-decided", "note", place, what, remedy)


def _as_machines(part: Criterion, sign: bool) -> Criterion:
    """The criterion with all that people judge taken as not met, whichever way it is asked."""
    if isinstance(part, Leaf):
        if isinstance(part, _BY_PEOPLE):
            return Or()
        return part if sign else Not(part)
    if isinstance(part, Not):
        return _as_machines(part.parts[0], not sign)
    parts = [_as_machines(inner, sign) for inner in part.parts]
    if isinstance(part, AtLeast):
        return AtLeast(part.n if sign else len(parts) - part.n + 1, *parts)
    return And(*parts) if isinstance(part, And) == sign else Or(*parts)
