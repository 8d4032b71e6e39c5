"""Where matchengine-V2 unfolds a clause into the wrong paths.

It joins nested ANDs, and lays the ORs of one AND end to end: each later OR is hung on the ends of the first one.
An alternative of the first that still waits for an OR of its own (because it is an AND that holds one) looks
like an end already; the OR hung on it then stands beside its own, as an alternative, and not behind it. The
same happens if the first OR has no alternatives: then nothing can be hung on it at all.
"""

from __future__ import annotations

from collections import deque

from kohort.match.trials.ctml.keys import operator_of
from kohort.match.trials.located import Located

__all__ = ["has_path_bug"]


def has_path_bug(match: Located) -> bool:
    """True if the engine's paths through a match clause are not those that the clause says."""
    groups = deque([_ors_of_the_clause(match)])
    while groups:
        ors = groups.popleft()
        if len(ors) > 1 and (not ors[0].value or any(map(_waits, ors[:-1]))):
            return True
        for operator, value in (entry for place in ors for entry in _alternatives(place)):
            groups.append([value] if operator == "or" else _ors(deque([(operator, value)])))
    return False


def _waits(place: Located) -> bool:
    """True if below this OR an AND holds an OR."""
    return any(
        _waits(value) if operator == "or" else bool(_ors(deque([(operator, value)])))
        for operator, value in _alternatives(place)
    )


def _ors_of_the_clause(match: Located) -> list[Located]:
    waiting: deque[tuple[str | None, Located]] = deque()
    for entries in map(_entries, _items(match)):
        if any(operator == "or" for operator, _ in entries):
            waiting.extendleft(entries)
        else:
            waiting.extend(entries)
    return _ors(waiting)


def _ors(waiting: deque[tuple[str | None, Located]]) -> list[Located]:
    """The ORs of one AND, nested ANDs included, in the order in which the engine takes them."""
    ors: list[Located] = []
    while waiting:
        operator, value = waiting.pop()
        if operator == "or":
            ors.append(value)
        elif operator == "and":
            for entry in _alternatives(value):
                (waiting.appendleft if entry[0] == "or" else waiting.append)(entry)
    return ors


def _alternatives(place: Located) -> list[tuple[str | None, Located]]:
    return [entry for item in _items(place) for entry in _entries(item)]


def _entries(place: Located) -> list[tuple[str | None, Located]]:
    found = place.value if isinstance(place.value, dict) else {}
    return [(operator_of(name), value) for name, value in found.items()]


def _items(place: Located) -> list[Located]:
    return place.value if isinstance(place.value, list) else []
