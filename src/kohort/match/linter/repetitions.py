"""Checks of logic: what is said twice, and what adds nothing to what is said beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations

from kohort.match.criteria.judged import Unread
from kohort.match.criteria.logic import And, AtLeast, Compound, Criterion, Leaf, Or, leaves
from kohort.match.linter.findings import finding, listed, shortened
from kohort.match.linter.solver import Logic
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Trial

__all__ = ["duplicate_arms", "normal_form", "repetitions"]


def normal_form(criterion: Criterion) -> Hashable:
    """Equal for criteria that say the same but for order, repetition and nesting."""
    if isinstance(criterion, Leaf):
        return criterion
    parts = [normal_form(part) for part in _flat(criterion)]
    if isinstance(criterion, AtLeast):
        return "at least", criterion.n, tuple(sorted(map(repr, parts)))
    distinct = frozenset(parts)
    if isinstance(criterion, (And, Or)) and len(distinct) == 1:
        return next(iter(distinct))
    return type(criterion).__name__, distinct


def repetitions(trial: Trial, arm: Arm, logic: Logic) -> Iterator[Problem]:
    """``duplicate-path``, ``redundant-alternative`` and ``redundant-requirement`` of one arm.

    Args:
        trial: the trial.
        arm: one of its arms.
        logic: of all that the arm asks.
    """
    asked = trial.criteria_of(arm)
    yield from _of(asked, logic, (trial, arm))


def _of(node: Criterion, logic: Logic, place: tuple[Trial, Arm]) -> Iterator[Problem]:
    if isinstance(node, Leaf) or logic.can_hold(node) is False:
        return
    parts = _flat(node)
    forms = list(map(normal_form, parts))
    distinct = dict(reversed(list(zip(forms, parts, strict=True))))
    kept = [part for part in parts if any(part is one for one in distinct.values())]
    repeated = [distinct[form] for form, times in Counter(forms).items() if times > 1]
    if isinstance(node, And):
        yield from _stated_again(repeated, place)
        yield from _requirements(kept, logic, place)
    elif isinstance(node, (Or, AtLeast)):
        for part in repeated:
            what = f"the alternative {shortened(part)} is stated more than once."
            yield finding("duplicate-path", "warning", place, what, "Keep one of them.")
        if isinstance(node, Or):
            yield from _alternatives(kept, logic, place)
    for part in kept:
        yield from _of(part, logic, place)


def _stated_again(repeated: Sequence[Criterion], place: tuple[Trial, Arm]) -> Iterator[Problem]:
    if repeated:
        what = f"this is asked more than once: {'; '.join(map(shortened, repeated))}."
        yield finding("redundant-requirement", "note", place, what, "Once is enough.")


def _requirements(parts: Sequence[Criterion], logic: Logic, place: tuple[Trial, Arm]) -> Iterator[Problem]:
    """Requirements that whoever meets the others meets anyway."""
    kept = list(parts)
    for part in reversed(parts):
        others = [other for other in kept if other is not part]
        needed = [] if logic.is_always_true(part) else _needed(others, lambda some, one=part: logic.implies(some, one))
        if needed:
            kept = others
            what = f"{shortened(part)} adds nothing: whoever meets {_words(needed, 'and')} meets it."
            yield finding("redundant-requirement", "note", place, what, "Take it out, or correct what it asks.")


def _alternatives(parts: Sequence[Criterion], logic: Logic, place: tuple[Trial, Arm]) -> Iterator[Problem]:
    """Alternatives that whoever uses them could do without: held by one other, else by several together."""
    if logic.is_always_true(Or(*parts)):
        return
    kept = list(parts)
    for together in (False, True):
        for part in reversed(parts):
            others = [other for other in kept if other is not part]
            wider = _wider(part, others, logic, together=together) if len(others) < len(kept) else []
            if not wider:
                continue
            kept = others
            what = f"the alternative {shortened(part)} adds nothing: whoever meets it meets {_words(wider, 'or')}."
            remedy = "Take it out; or, if only this one is meant, take the wider one out."
            yield finding("redundant-alternative", "warning", place, what, remedy)


def _wider(part: Criterion, others: Sequence[Criterion], logic: Logic, *, together: bool) -> Sequence[Criterion]:
    """One alternative that holds another one, or as few as do so together; none if none do."""
    if any(isinstance(leaf, Unread) for leaf in leaves(part)) or logic.can_hold(part) is not True:
        return []
    if together:
        return _needed(others, lambda some: logic.implies((part,), Or(*some)))
    about = logic.subjects(part)
    near = (other for other in others if about & logic.subjects(other))
    return next(([other] for other in near if logic.implies((part,), other)), [])


def _needed(others: Sequence[Criterion], enough: Callable[[Sequence[Criterion]], bool]) -> Sequence[Criterion]:
    """As few of the others as are enough; none if all together are not."""
    if not others or not enough(others):
        return []
    needed = list(others)
    for other in others:
        fewer = [one for one in needed if one is not other]
        needed = fewer if fewer and enough(fewer) else needed
    return needed


def _words(parts: Sequence[Criterion], join: str) -> str:
    return listed(map(shortened, parts), join)


def duplicate_arms(trial: Trial) -> Iterator[Problem]:
    """``duplicate-arm``: arms of one level that ask the same."""
    told: set[str] = set()
    for first, second in combinations(trial.arms, 2):
        if first.level != second.level or second.id in told or not _ask_the_same(trial, first, second):
            continue
        told.add(second.id)
        other_drugs = bool(first.drugs and second.drugs and set(first.drugs) != set(second.drugs))
        what = f"it asks the same as {first.id}" + (", for other drugs." if other_drugs else ".")
        remedy = "Check that both are meant to be open to the same patients."
        yield finding("duplicate-arm", "note" if other_drugs else "warning", (trial, second), what, remedy)


def _ask_the_same(trial: Trial, first: Arm, second: Arm) -> bool:
    one, two = trial.criteria_of(first), trial.criteria_of(second)
    if not one.parts or not two.parts:
        return False
    if normal_form(one) == normal_form(two):
        return True
    logic = Logic([one, two])
    return logic.subjects(one) == logic.subjects(two) and bool(logic.can_hold(one)) and logic.is_equal(one, two)


def _flat(node: Compound) -> list[Criterion]:
    """The parts, with those of nested nodes of the same sort in their place."""
    if not isinstance(node, (And, Or)):
        return list(node.parts)
    found: list[Criterion] = []
    for part in node.parts:
        found += _flat(part) if type(part) is type(node) and isinstance(part, Compound) else [part]
    return found
