"""How time windows are decided: all pairs of two events of a person, compared in counted or calendar days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.windows import Event, Window
from kohort.match.engine.truth import Mask
from kohort.match.people.moments import Moments
from kohort.match.people.population import Population
from kohort.match.rules.course import statuses_of
from kohort.match.rules.rows import Evidence, Rows
from kohort.match.rules.treatment import given, of_modality

__all__ = ["RULES"]


@dataclass(frozen=True, slots=True, eq=False)
class _Events:
    """Rows of one table that are, or may be, an event.

    Attributes:
        table: name of the table.
        at: place of each row's person.
        id: id of each row.
        sure: False where the row may be another event.
        when: the day of each.
    """

    table: str
    at: NDArray[np.integer]
    id: NDArray[np.int64]
    sure: Mask
    when: Moments

    @classmethod
    def of(cls, table: str, frame: pl.DataFrame, day: Moments, is_event: Mask, sure: Mask | None = None) -> _Events:
        """Those rows of a frame that are, or may be, the event."""
        at, row_id = frame["at"].to_numpy()[is_event], frame["id"].to_numpy()[is_event]
        return cls(table, at, row_id, np.ones(len(at), np.bool_) if sure is None else sure[is_event], day[is_event])


def window(leaf: Window, population: Population, as_of: date) -> Evidence:
    """Pairs of events, judged by the days between them."""
    firsts, thens = list(_events(leaf.first, population)), list(_events(leaf.then, population))
    verdicts = {id(events): np.zeros((3, len(events.at)), dtype=np.bool_) for events in (*firsts, *thens)}
    for first in firsts:
        for then in thens:
            same = leaf.first == leaf.then and first.table == then.table
            left, right = _pairs(first, then, apart=same)
            true, false = leaf.days.decide(*first.when[left].days_to(then.when[right]))
            true &= first.sure[left] & then.sure[right]
            for events, side in ((first, left), (then, right)):
                for row, mask in enumerate((true, false, ~true & ~false)):
                    verdicts[id(events)][row, side[mask]] = True
    rows = []
    for events in (*firsts, *thens):
        true, false, unclear = verdicts[id(events)]
        rows.append(Rows(events.table, events.at, events.id, true, false & ~true & ~unclear, unclear & ~true))
    return Evidence(tuple(rows))


def _pairs(first: _Events, then: _Events, *, apart: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of all pairs of rows of one person; ``apart`` leaves out a row with itself."""
    left, right = (
        pl.DataFrame({"at": events.at, "id": events.id}).with_row_index(name)
        for events, name in ((first, "left"), (then, "right"))
    )
    pairs = left.join(right, on="at", how="inner", maintain_order="left_right")
    if apart:
        pairs = pairs.filter(pl.col("id") != pl.col("id_right"))
    return pairs["left"].cast(pl.Int64).to_numpy(), pairs["right"].cast(pl.Int64).to_numpy()


def _events(event: Event, population: Population) -> Iterator[_Events]:
    """All rows that are, or may be, an event."""
    match event.kind:
        case "diagnosis":
            kinds = population.coded(population.tumours, "kind")
            yield _of_tumours(population, ~kinds.among(("recurrence", "metastasis")))
        case "metastasis" | "recurrence":
            kinds = population.coded(population.tumours, "kind")
            yield _of_tumours(population, kinds.among((event.kind,)))
            yield _of_words(population, "metastatic" if event.kind == "metastasis" else "recurrent")
        case "progression":
            yield _of_words(population, "progression")
            yield from _of_table("response", "assessed", population, ("PD",))
        case "staging":
            stages = population.stages
            yield _Events.of(
                "stage", stages, _moments(stages, "assessed", population), np.ones(stages.height, np.bool_)
            )
        case "specimen":
            yield from _of_table("specimen", "collected", population, None)
        case "test report":
            yield from _of_table("test", "reported", population, None)
        case "surgery":
            yield from _of_therapies(Event("therapy start", modality="surgery"), population)
        case _:
            yield from _of_therapies(event, population)


def _moments(frame: pl.DataFrame, column: str, population: Population) -> Moments:
    return Moments.of(frame, column, population.origins)


def _of_tumours(population: Population, is_event: Mask) -> _Events:
    tumours = population.tumours
    return _Events.of("tumour", tumours, _moments(tumours, "diagnosed", population), is_event)


def _of_words(population: Population, status: str) -> _Events:
    """Findings whose words say that it happened."""
    found = population.described["status"]
    said = np.zeros(found.height, dtype=np.bool_)
    for column in ("code_code", "code_text", "value_code", "value_text"):
        said |= population.coded(found, column).judged(lambda text: status in statuses_of(text))[0]
    return _Events.of("finding", found, _moments(found, "found", population), said)


def _of_table(table: str, day: str, population: Population, wanted: tuple[str, ...] | None) -> Iterator[_Events]:
    """Rows of a table, of some categories only."""
    frame = population.dated[table]
    every = np.ones(frame.height, dtype=np.bool_)
    is_event = every if wanted is None else population.coded(frame, "category").among(wanted)
    yield _Events.of(table, frame, _moments(frame, day, population), is_event)


def _of_therapies(event: Event, population: Population) -> Iterator[_Events]:
    """Starts or stops of treatments, as items or courses say; what goes on has not stopped."""
    side = "stop" if event.kind == "therapy stop" else "start"
    for part in (of_modality(one, event.modality) for one in given(event, population)):
        goes_on = part.frame["ongoing"].fill_null(value=False).to_numpy()
        is_event = ~part.false & ~goes_on if side == "stop" else ~part.false
        yield _Events.of(part.table, part.frame, part.moments(side, population), is_event, part.true)


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {Window: window}
"""The rule for each kind of leaf of this module."""
