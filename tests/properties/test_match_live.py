"""Matching that stays up to date equals matching anew, after any sequence of changed patients and trials."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kohort.match import Arm, Population, Trial, match
from kohort.match.criteria import And, AtLeast, Criterion, Not, Or
from kohort.match.engine.live import Live
from kohort.match.engine.program import Program
from kohort.match.people.births import narrowest_birth
from kohort.tables import MemoryTables
from tests.properties.test_match_engine import AS_OF, PEOPLE, Tables, populations, trees

trial_trees = st.lists(trees, min_size=1, max_size=4)


def trial(parts: list[Criterion], name: str = "T") -> Trial:
    return Trial(name, "", tuple(Arm(f"A{i}", "", (), part) for i, part in enumerate(parts)))


def moved(given: Tables) -> Tables:
    """The same tables with other ids, so that the rows of two table sets never refer to each other."""
    links = ("id", "test", "therapy", "tumour")
    return {
        name: [{key: value + 5000 if key in links and value else value for key, value in row.items()} for row in rows]
        for name, rows in given.items()
    }


def rows_of(given: Tables, person: int) -> dict[str, list[dict[str, Any]]]:
    return {name: [row for row in rows if row.get("person") == person] for name, rows in given.items()}


def replaced(before: Tables, after: Tables, person: int) -> Tables:
    """The tables before, with one person's rows from the tables after; panels stay."""
    return {
        name: before.get(name, [])
        if name == "code"
        else [row for row in before.get(name, []) if row["person"] != person]
        + [row for row in after.get(name, []) if row["person"] == person]
        for name in {*before, *after}
    }


def verdicts(live: Live) -> dict[tuple[str, str, int], bool | None]:
    persons = live.persons.tolist()
    return {(*key, person): live.truth(*key).value(at) for key in live.arms for at, person in enumerate(persons)}


def anew(trials: list[Trial], given: Tables, *, closed: bool) -> dict[tuple[str, str, int], bool | None]:
    found = match(trials, MemoryTables(given), AS_OF, closed_world=closed)
    persons = found.population.persons.tolist()
    return {
        (one.trial.id, one.arm.id, person): one.truth.value(at)
        for one in found.arms
        for at, person in enumerate(persons)
    }


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(populations(), populations().map(moved), trial_trees, trial_trees, st.booleans())
def test_a_delta_equals_a_full_run(
    before: Tables, after: Tables, first: list[Criterion], second: list[Criterion], closed: bool
) -> None:
    """Each person in turn is replaced, then the trial, then one more person comes new: always as if matched anew."""
    live = Live([trial(first)], MemoryTables(before), AS_OF, closed_world=closed)
    now = before
    for person in PEOPLE:
        was = verdicts(live)
        now = replaced(now, after, person)
        told = live.put(rows_of(after, person))
        assert verdicts(live) == anew([trial(first)], now, closed=closed)
        changed = {key for key, value in verdicts(live).items() if was[key] is not value}
        assert {(row["trial"], row["arm"], row["person"]) for row in told.iter_rows(named=True)} == changed
    live.put_trial(trial(second))
    assert verdicts(live) == anew([trial(second)], now, closed=closed)
    live.put(rows_of(before, PEOPLE[0]))
    now = replaced(now, before, PEOPLE[0])
    live.put_trial(trial(first))
    assert verdicts(live) == anew([trial(first)], now, closed=closed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(populations(), trial_trees)
def test_a_new_patient_is_matched_as_the_population_would_be(given: Tables, parts: list[Criterion]) -> None:
    """Persons who come one after the other are judged as if they had been there from the start."""
    first = PEOPLE[0]
    alone = {
        name: rows if name == "code" else [r for r in rows if r["person"] == first] for name, rows in given.items()
    }
    live = Live([trial(parts)], MemoryTables(alone), AS_OF)
    for person in PEOPLE[1:]:
        told = live.put(rows_of(given, person))
        assert told["before"].null_count() == told.height == len(parts)
        assert live.patient(rows_of(given, person)) == {
            (row["trial"], row["arm"]): row["after"] for row in told.iter_rows(named=True)
        }
    assert verdicts(live) == anew([trial(parts)], given, closed=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trial_trees, st.data())
def test_compiled_trees_have_the_values_of_the_trees(parts: list[Criterion], data: st.DataObject) -> None:
    """All trees at once, in array operations, equal each tree by itself."""
    program = Program(parts)
    values = data.draw(
        st.lists(st.sampled_from([-1, 0, 1]), min_size=len(program.leaves), max_size=len(program.leaves))
    )
    known = dict(zip(program.leaves, values, strict=True))
    found = program.run(np.array(values, dtype=np.int8)).tolist()
    words = {True: 1, None: 0, False: -1}
    assert found == [words[_value(part, known)] for part in parts]


def _value(tree: Criterion, known: dict[Any, int]) -> bool | None:
    if not isinstance(tree, And | Or | Not | AtLeast):
        return {1: True, 0: None, -1: False}[known[tree]]
    values = [_value(part, known) for part in tree.parts]
    true, false = values.count(True), values.count(False)
    match tree:
        case And():
            return False if false else True if true == len(values) else None
        case Or():
            return True if true else False if false == len(values) else None
        case Not():
            return None if values[0] is None else not values[0]
        case AtLeast(n=n):
            return True if true >= n else False if len(values) - false < n else None
    raise AssertionError


person_rows = st.fixed_dictionaries(
    {
        "person": st.just(1), "id": st.just(7), "birth": st.none() | st.dates(date(1920, 1, 1), date(2010, 12, 31)),
        "birth_precision": st.sampled_from([None, 0, 1, 2, 3]), "birth_day": st.none() | st.integers(-30000, -1000),
    }
)  # fmt: skip
tumour_rows = st.fixed_dictionaries(
    {
        "person": st.just(1), "kind": st.sampled_from([None, "primary", "in_situ", "metastasis"]),
        "diagnosed": st.none() | st.dates(date(1990, 1, 1), date(2026, 1, 1)),
        "diagnosed_precision": st.sampled_from([None, 1, 2, 3]), "diagnosed_day": st.none() | st.integers(-300, 3000),
        "age_at_diagnosis": st.none() | st.integers(0, 100),
    }
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(person_rows, st.lists(tumour_rows, max_size=3))
def test_a_birth_from_plain_rows_is_that_from_frames(person: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """What is known of one birth is the same, worked out alone or among many."""
    tumours = [row | {"id": 20 + i} for i, row in enumerate(found)]
    population = Population.of(MemoryTables({"person": [person], "tumour": tumours}))
    one, many = narrowest_birth(person, tumours), population.births
    for ours, theirs in zip(one.interval(AS_OF), many.interval(AS_OF), strict=True):
        assert ours.tolist() == theirs.tolist(), (one, many)
