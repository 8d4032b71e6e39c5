"""Match clauses of CTML: nested lists under ``and`` and ``or``, with leaf nodes at their ends.

Items of a list are joined by the operator above it, those of ``match`` itself by AND; several keys in one item
are joined by AND. Any key that begins with ``and`` or ``or`` is that operator.
"""

from __future__ import annotations

from collections.abc import Mapping

from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.keys import NODES, node_of, operator_of
from kohort.match.trials.ctml.nodes import read_node
from kohort.match.trials.ctml.paths import has_path_bug
from kohort.match.trials.ctml.values import unread
from kohort.match.trials.ctml.views import NEVER, View, every, some
from kohort.match.trials.located import Located

__all__ = ["read_item", "read_match"]


def read_match(place: Located, findings: Findings) -> View | None:
    """A whole match clause; None if it holds nothing.

    Args:
        place: the value of ``match``.
        findings: receives what is wrong with it.
    """
    if place.value is None or place.value == []:
        return None
    items = _items(place, findings, rule="match-not-a-list")
    if has_path_bug(place):
        what = (
            "matchengine-V2 loses the later of two ORs here, because an alternative of the earlier holds an OR "
            "under an AND: it matches too many patients. Kohort reads the clause itself, in both views."
        )
        findings.add("note", "path-bug", place, what, "Put the simpler OR first.")
    return every([read_item(item, "match", findings) for item in items])


def _items(place: Located, findings: Findings, rule: str = "wrong-type") -> list[Located]:
    """The items below an operator; a single one without its list is taken as a list of one."""
    if isinstance(place.value, list):
        return place.value
    what = "this is no list of conditions."
    findings.add("warning", rule, place, what, "Begin each condition with a dash, or put it into brackets.")
    findings.stops(place, "a list of conditions is expected.")
    return [place] if isinstance(place.value, dict) else []


def read_item(place: Located, above: str, findings: Findings) -> View:
    """One item of a list: an operator with its list, a leaf node, or several of these.

    Args:
        place: the item.
        above: the operator that its list stands under: ``and``, ``or``, or ``match``.
        findings: receives what is wrong with it.
    """
    if not isinstance(place.value, dict):
        findings.stops(place, "a condition is no node.")
        why = "this condition is empty or no node."
        return View(unread("condition", place, why, rule="null-node", findings=findings), NEVER)
    if not place.value:
        findings.add("warning", "null-node", place, "this condition is empty: it asks nothing.", "Leave it out.")
        return every([])
    operators = [name for name in place.value if operator_of(name)]
    if len(place.value) > 1:
        _several(place, operators, above, findings)
    views = {name: _entry(name, value, findings) for name, value in place.value.items()}
    if above != "or" or len(operators) < 2:
        return every(list(views.values()))
    return _alternatives_of_the_engine(views, operators)


def _several(place: Located, operators: list[str], above: str, findings: Findings) -> None:
    """Several keys in one item are joined by AND; the engine does not always do so."""
    found: Mapping[str, Located] = place.mapping()
    what = f"this condition has {len(found)} keys; all of them have to hold."
    if above != "and" and operators and len(operators) < len(found):
        findings.stops(place, "an operator and other keys stand in one condition.")
    elif above == "or" and len(operators) > 1:
        what += " matchengine-V2 takes each of them as an alternative."
    findings.add("note", "several-keys", place, what, "Write each as a condition of its own.")


def _alternatives_of_the_engine(views: Mapping[str, View], operators: list[str]) -> View:
    """Below OR the engine makes an alternative of each operator in an item."""
    meant = every(list(views.values())).meant
    paths = some([views[name] for name in operators])
    return View(meant, paths.engine, paths.skips)


def _entry(name: str, value: Located, findings: Findings) -> View:
    operator = operator_of(name)
    if operator is not None:
        if not name.startswith(operator):
            findings.stops(value, f"{name!r} is neither an operator nor a node, because of its capitals.")
        return _operator(operator, value, findings)
    kind = NODES.get(name.lower())
    if kind is None:
        return _unknown(name, value, findings)
    if name != kind:
        findings.stops(value, f"{name!r} is no node; it is called {kind!r}.", f"Write {kind!r}.")
    return read_node(kind, value, findings)


def _operator(operator: str, place: Located, findings: Findings) -> View:
    items = _items(place, findings)
    if items:
        views = [read_item(item, operator, findings) for item in items]
        return every(views) if operator == "and" else some(views)
    if operator == "and":
        findings.add("warning", "empty-list", place, "this AND has no parts: it asks nothing.", "Leave it out.")
        return every([])
    why = "this OR has no parts, so nobody could meet it; matchengine-V2 reads it as no condition."
    found = unread("or", place, why, rule="empty-list", findings=findings, remedy="Write its parts, or leave it out.")
    return View.ignored(found)


def _unknown(name: str, place: Located, findings: Findings) -> View:
    home = node_of(name)
    findings.stops(place, f"{name!r} is no node.")
    if home is not None:
        why = f"the key {name!r} stands outside of any node."
        remedy = f"Move it into a {home} node."
        return View(unread(name, place, why, rule="bare-key", findings=findings, remedy=remedy), NEVER)
    why = f"there is no node {name!r}."
    remedy = "Use clinical, genomic or prior_treatments."
    return View(unread(name, place, why, rule="unknown-node", findings=findings, remedy=remedy), NEVER)
