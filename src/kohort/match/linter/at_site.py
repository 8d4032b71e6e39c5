"""Checks against a site: criteria that its data never answer, that exclude nobody, that nobody meets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from kohort.match.criteria.judged import FreeText, Unread
from kohort.match.criteria.logic import Criterion, Leaf, leaves
from kohort.match.engine.evaluation import evaluate, leaf_truth
from kohort.match.linter.findings import finding, listed, shortened
from kohort.match.people.population import Population
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Trial

__all__ = ["at_site"]

_BY_PEOPLE = (FreeText, Unread)
_LEAST_SHOWN = 5
"""Smaller numbers of patients are not told."""


def at_site(trial: Trial, population: Population, as_of: date | None) -> Iterator[Problem]:
    """``unanswerable`` of each arm; ``excludes-nobody`` and ``met-by-nobody`` of each requirement, told once.

    Args:
        trial: the trial.
        population: the site's patients.
        as_of: the day that ages are taken on; None leaves criteria that need one out.
    """
    if population.size == 0:
        return
    asked: dict[Criterion, list[Arm]] = defaultdict(list)
    for arm in trial.arms:
        criteria = trial.criteria_of(arm)
        answered = [leaf for leaf in dict.fromkeys(leaves(criteria)) if _is_for_tables(leaf, as_of)]
        silent = [leaf for leaf in answered if _is_silent(leaf, population, as_of)]
        yield from _unanswerable(trial, arm, silent)
        for part in dict.fromkeys(criteria.parts):
            if set(leaves(part)) <= set(answered) - set(silent):
                asked[part].append(arm)
    for part, arms in asked.items():
        yield from _one_sided(trial, arms, part, evaluate(part, population, as_of or date.min).counts)


def _is_silent(leaf: Leaf, population: Population, as_of: date | None) -> bool:
    return leaf_truth(leaf, population, as_of or date.min).counts[2] == population.size


def _is_for_tables(leaf: Leaf, as_of: date | None) -> bool:
    return not isinstance(leaf, _BY_PEOPLE) and (as_of is not None or not leaf.uses_as_of)


def _unanswerable(trial: Trial, arm: Arm, silent: list[Leaf]) -> Iterator[Problem]:
    """One finding for each kind of fact, with all it is lacking of."""
    subjects: dict[str, list[str]] = defaultdict(list)
    for leaf in silent:
        subjects[leaf.fact.kind].append(leaf.fact.subject)
    for kind, about in subjects.items():
        named = listed(filter(None, about))
        what = f"this site's data answer for no patient: {kind}{f' of {named}' if named else ''}."
        remedy = "Whoever depends on it stays unknown here; see which source could bring it in."
        yield finding("unanswerable", "warning", (trial, arm), what, remedy)


def _one_sided(trial: Trial, arms: list[Arm], part: Criterion, counts: tuple[int, int, int]) -> Iterator[Problem]:
    true, false, unknown = counts
    open_words = f"; for {_number(unknown)} it is unknown" if unknown else ""
    also = f" So also in {listed(arm.id for arm in arms[1:])}." if len(arms) > 1 else ""
    if true and not false:
        what = f"at this site {shortened(part)} excludes nobody (met by {_number(true)}{open_words}).{also}"
        yield finding("excludes-nobody", "note", (trial, arms[0]), what, "Check that it asks what is meant.")
    if false and not true:
        what = f"at this site nobody is known to meet {shortened(part)} ({_number(false)} do not{open_words}).{also}"
        yield finding("met-by-nobody", "warning", (trial, arms[0]), what, "Check its names and numbers.")


def _number(patients: int) -> str:
    return f"fewer than {_LEAST_SHOWN} patients" if patients < _LEAST_SHOWN else f"{patients:,} patients"
